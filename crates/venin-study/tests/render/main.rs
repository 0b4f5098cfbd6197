//! A study as files: the page in a real browser, JSON against its schema, and the list of files.

mod browser;
mod files;
mod page;
mod sample;
mod schema;
