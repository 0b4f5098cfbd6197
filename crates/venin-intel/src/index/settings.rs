//! The index to talk to, and how.

use std::path::PathBuf;

use super::url::HttpUrl;

/// The index to talk to, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSettings {
    /// The base URL of the index; the page of a project is one level below.
    pub url: HttpUrl,
    /// Who says so: `--index-url`, `PIP_INDEX_URL`, the path of a configuration file.
    pub source: String,
    /// Further indexes that the user's installer would ask and we do not, without credentials.
    pub others: Vec<String>,
    /// A file of PEM certificates to trust instead of those of the system.
    pub certificates: Option<PathBuf>,
    /// A proxy to use instead of the one in the environment.
    pub proxy: Option<String>,
}
