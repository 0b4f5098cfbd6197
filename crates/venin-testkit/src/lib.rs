//! Servers on the loopback interface for the tests of other crates.
//!
//! Never part of the program, and never listens anywhere but on the loopback interface.

#![expect(clippy::unwrap_used, reason = "a test server that cannot start fails the test")]

mod canned;

pub use canned::{Answer, TestServer};
