//! Getting the files of a release: from the index first, then from each mirror, in the order that the user gave.
//!
//! Mirrors keep what the index removed, which is how the study got most of its samples (paper, section III-A).  The
//! bytes are returned and never written here; nothing of them is unpacked or run.

mod download;

pub use download::{Download, Place, download_release};
