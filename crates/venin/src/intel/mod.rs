//! Where what others say is kept, and how it is asked: the seam between claims and commands.
//!
//! What a scan finds and what others claim meet here and nowhere below (design, invariant 6).

mod archives;
mod place;
mod release_report;
mod verify;

pub(crate) use archives::{list_archives, subject_of};
pub(crate) use place::{has_store, locate_store, locate_vault, now, open_store, parse_release, read_store};
pub(crate) use release_report::report_release;
pub(crate) use verify::{archived_claim, is_archived, sample_target, scanned_claims};
