//! What the visitor is given for each member.

use sha2::{Digest, Sha256};

/// What a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A file with content.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink {
        /// Where it points, as written, control characters escaped.
        target: String,
    },
    /// A second name of another member.
    Hardlink {
        /// The other member as written, control characters escaped.
        target: String,
    },
    /// A character or block device.
    Device,
    /// A pipe or something else that no package needs.
    Other,
}

/// One member, valid during the visit only.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Its path: `/`-separated, without empty, `.` and resolvable `..` segments, control characters escaped,
    /// the archives around it before a `!` each: `outer.zip!inner.py`.
    pub path: &'a str,
    /// Its content up to [`crate::Budget::member_bytes`].  A link in a tar whose target is a file of the same
    /// archive carries the content of that file.
    pub bytes: &'a [u8],
    /// Its size in bytes: counted when the content is whole, as declared otherwise.
    pub size: u64,
    /// Whether `bytes` is all of it.
    pub is_whole: bool,
    /// What it is.
    pub kind: EntryKind,
    /// Unix permission and type bits, where the archive has them.
    pub mode: Option<u32>,
    /// 0 for a member of the outermost archive, 1 for a member of an archive in it, and so on.
    pub depth: u8,
}

impl Entry<'_> {
    /// The SHA-256 of the content, computed on each call; `None` when the content is not whole.
    #[must_use]
    pub fn sha256(&self) -> Option<[u8; 32]> {
        self.is_whole.then(|| Sha256::digest(self.bytes).into())
    }
}
