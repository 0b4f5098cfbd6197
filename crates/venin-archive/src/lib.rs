//! Archive bytes in, members and anomalies out, under a counted budget.
//!
//! [`read_members`] finds the format by content (never by name), decodes every member once into a reused
//! buffer, hands it to a visitor and goes down into archives that are members themselves.  Whatever two
//! readers could see differently is an [`Anomaly`]; whatever nobody could look at is a [`venin_model::Gap`].
//! A zip is read both by its central directory and by its local headers, and the union is handed over.
//!
//! This crate never writes a member anywhere, never follows a link out of the archive, never trusts a size
//! that the archive declares, and never fails as a whole: damaged input yields what can be read of it.

mod anomaly;
mod budget;
mod codec;
mod entry;
mod format;
mod names;
mod path;
mod session;
mod stream;
mod tar;
mod zip;

pub use anomaly::{Anomaly, AnomalyKind};
pub use budget::{Budget, RATIO_FLOOR};
pub use entry::{Entry, EntryKind};
pub use format::{Format, detect_format};

use session::{Place, Session};
use venin_model::Gap;

/// What a reading came to, besides the members that the visitor saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The outermost format.
    pub format: Format,
    /// For a compressed stream, the format inside it: [`Format::Tar`], another archive, or
    /// [`Format::NotArchive`] for one compressed file.  `None` when the outermost format is not a stream.
    pub inner: Option<Format>,
    /// How the archive lies, in the order found; at most a few dozen of each kind.
    pub anomalies: Vec<Anomaly>,
    /// What was not looked at.
    pub gaps: Vec<Gap>,
    /// Members seen, directories, links and those of nested archives included.
    pub members: u64,
    /// Bytes unpacked, those of nested archives included.
    pub bytes: u64,
}

/// Reads an archive from memory and hands each member to `visit`.
///
/// `name` is only used to name the content of a compressed single file (`notes.txt.gz` holds `notes.txt`).
/// Bytes that are no archive give [`Format::NotArchive`], no member and no gap.  Peak memory besides `bytes`
/// is bounded by about twice [`Budget::member_bytes`] plus what xz streams may ask for (80 MiB, and 10 MiB for
/// each one inside another).
pub fn read_members(name: &str, bytes: &[u8], budget: &Budget, visit: &mut dyn FnMut(&Entry<'_>)) -> Reading {
    let format = detect_format(bytes);
    let mut session = Session::new(*budget, visit);
    let inner = session.read_archive(&Place::outermost(), name, bytes, format);
    session.finish(format, inner)
}
