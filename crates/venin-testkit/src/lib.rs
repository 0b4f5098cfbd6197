//! Servers on the loopback interface for the tests of other crates, and the real tools that are pointed at them.
//!
//! [`TestServer`] answers what a test tells it.  [`Index`] is a package index with releases, removals, quarantine and
//! faults that installers and mirrors take for a real one.  [`tools`] holds those installers and mirrors.
//!
//! Never part of the program, and never listens anywhere but on the loopback interface.

#![expect(clippy::unwrap_used, reason = "a test server that cannot start fails the test")]

mod canned;
mod http;
pub mod index;
pub mod tools;

pub use canned::{Answer, TestServer};
pub use http::{Fetched, fetch, get};
pub use index::{Fault, Index, On, Request, Upload, Uploaded};
