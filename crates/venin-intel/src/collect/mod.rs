//! Getting the files of a release: from the index first, then from each mirror, in the order that the user gave, and
//! last from hosts of files where a digest or a claim tells the address.
//!
//! Mirrors keep what the index removed, which is how the study got most of its samples (paper, section III-A).  The
//! bytes are returned and never written here; nothing of them is unpacked or run.

mod address;
mod direct;
mod download;

pub use address::{AddressedFile, addressed_files};
pub use download::{Download, Place, download_release};
