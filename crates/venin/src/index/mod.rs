//! The user's own package index: which one it is, what it says of a project, and the bytes of its files.
//!
//! ```text
//! let settings = find_index(&IndexOptions::default(), &Surroundings::of_process())?;
//! let client = IndexClient::new(settings, Limits::default())?;
//! let page = client.fetch_project("six")?;
//! let release = select_release(&page, &wanted)?;
//! client.fetch_file(&release.files[0], &mut sink)?;
//! ```
//!
//! No host is compiled in.  The index is, in this order: the option, `VENIN_INDEX_URL`, uv's and pip's environment,
//! uv's and pip's configuration files, and what the installed pip names as its default, read from its source text.
//! The page of a project is read in its JSON form (PEP 691, 700, 792) and, where an index has none, in its HTML form
//! (PEP 503, 592).
//!
//! Credentials in the URL are sent to the index's own host and nowhere else, and masked wherever they are shown.
//! This module never runs pip, uv or Python, and never contacts an address that a package names.

mod client;
mod configured;
mod error;
mod html;
mod ini;
mod installed_pip;
mod json;
mod page;
mod pip_config;
mod select;
mod settings;
#[cfg(test)]
mod test_server;
mod url;
mod uv_config;

pub(crate) use client::{FileSink, IndexClient, Limits};
pub(crate) use configured::{IndexOptions, find_index};
pub(crate) use error::IndexError;
pub(crate) use page::{IndexFile, parse_sha256};
pub(crate) use select::{FileChoice, Wanted, select_release};
pub(crate) use settings::{IndexSettings, Surroundings};
#[cfg(test)]
pub(crate) use test_server::{Answer, TestServer};
pub(crate) use url::mask_credentials;
