//! A package index: what it says of a project, and the bytes of its files.
//!
//! ```text
//! let client = IndexClient::connect(settings, Limits::default())?;
//! let page = client.fetch_project("six")?;
//! let release = select_release(&page, &wanted)?;
//! client.fetch_file(&release.files[0], &mut sink)?;
//! ```
//!
//! No host is compiled in: which index it is, the program finds out from its user's configuration.
//! The page of a project is read in its JSON form (PEP 691, 700, 792) and, where an index has none, in its HTML form
//! (PEP 503, 592).
//!
//! Credentials in the URL are sent to the index's own host and nowhere else, and masked wherever they are shown.
//! This module never runs pip, uv or Python, and never contacts an address that a package names.

mod client;
mod html;
mod json;
mod page;
mod select;
mod settings;
mod url;

pub use client::{ACCEPT_PAGE, FileSink, IndexClient, Limits};
pub use html::tag_end;
pub use page::{IndexFile, ProjectPage, parse_page, parse_sha256};
pub use select::{FileChoice, Wanted, select_release};
pub use settings::IndexSettings;
pub use url::{HttpUrl, encode_path, mask_credentials};
