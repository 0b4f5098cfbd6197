//! Servers on the loopback interface for the tests of other crates, and the real tools that are pointed at them.
//!
//! [`TestServer`] answers what a test tells it.  [`Index`] is a package index with releases, removals, quarantine and
//! faults that installers and mirrors take for a real one.  [`TreeServer`] serves a mirror's folder.  [`tools`] holds
//! those installers and mirrors.
//!
//! Never part of the program, and never listens anywhere but on the loopback interface.

#![expect(clippy::unwrap_used, reason = "a test server that cannot start fails the test")]

mod canned;
mod conversation;
mod fault;
mod file_answer;
mod http;
pub mod index;
mod negotiate;
pub mod tools;
mod tree;

pub use canned::{Answer, TestServer};
pub use conversation::Request;
pub use fault::{Fault, On};
pub use http::{Fetched, fetch, get};
pub use index::{Index, Upload, Uploaded};
pub use tree::TreeServer;
