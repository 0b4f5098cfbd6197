//! Where the bytes of a target go: into a worker's pipe or into memory.

use std::io;

use serde::{Deserialize, Serialize};
use venin_model::Gap;

/// What is about to be scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subject {
    /// The file's or tree's name.
    pub(crate) name: String,
    /// One file or many.
    pub(crate) shape: Shape,
    /// Bytes to expect, 0 when nobody knows; a hint, not a promise.
    pub(crate) size: u64,
}

/// One file or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Shape {
    /// The bytes belong to one file; there are no members.
    File,
    /// Every member is announced before its bytes.
    Tree,
}

/// Takes in a target, piece by piece.
///
/// An error means that the taker is gone (a worker died); it says nothing about the target.
pub(crate) trait Intake {
    /// Starts a target.  What an earlier `begin` started and nobody ended is forgotten, so a broken download can
    /// begin again.
    fn begin(&mut self, subject: &Subject) -> io::Result<()>;

    /// Starts the next member of a tree, with the number of bytes to expect.
    fn member(&mut self, path: &str, size: u64) -> io::Result<()>;

    /// More bytes of the file or of the member that was started last.
    fn bytes(&mut self, chunk: &[u8]) -> io::Result<()>;

    /// Something of this target that will not come.
    fn gap(&mut self, gap: Gap) -> io::Result<()>;
}
