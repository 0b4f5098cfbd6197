//! Questions to a mirror over HTTP: one project's page, one file, and the controls that tell whether to believe the
//! answers.
//!
//! A probe never leaves the mirror: a redirect to another host is an observation and not followed.  Bodies of files are
//! hashed and dropped, never unpacked.  Politeness (rate, identification, patience) is that of the [`Fetch`] given.
//!
//! [`Fetch`]: venin_intel::http::Fetch

mod ask;
mod control;
mod file;
mod page;
mod target;

pub use control::{ControlReading, Controls, probe_controls};
pub use file::{Address, AddressOrigin, Checking, FileProbe, Proof, probe_file};
pub use page::{PageProbe, PageSeen, probe_page};
pub use target::{FileScheme, Habits, MirrorTarget};
