//! A study as files: the page in a real browser, JSON against its schema, and the list of files.

#![expect(clippy::unwrap_used, reason = "a browser that does not answer fails the test")]

mod browser;
mod files;
mod page;
mod sample;
mod schema;
