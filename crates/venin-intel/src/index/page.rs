//! The page of a project, whatever form the index gave it in.

use super::url::HttpUrl;
use super::{html, json};
use crate::http::FetchError;

/// The page of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectPage {
    /// The project's name as indexes compare it.
    pub name: String,
    /// The files, in the order of the page.
    pub files: Vec<IndexFile>,
    /// The project's status, if the index says one (PEP 792): `active`, `archived`, `quarantined`, `deprecated`.
    pub status: Option<String>,
    /// Why.
    pub status_reason: Option<String>,
}

/// One file of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexFile {
    /// Its name, without any path.
    pub name: String,
    /// Where it is.
    pub url: HttpUrl,
    /// Its SHA-256 in lower-case hexadecimal, if the index gives one.
    pub sha256: Option<String>,
    /// Its size in bytes, if the index gives one.
    pub size: Option<u64>,
    /// Why it was yanked (PEP 592); empty when nobody said.
    pub yanked: Option<String>,
}

impl IndexFile {
    /// A file of a page at `base`.  `None` when its URL is none that we follow.
    pub(super) fn new(base: &HttpUrl, reference: &str, name: Option<&str>) -> Option<Self> {
        let url = base.join(reference)?;
        let is_name = |name: &&str| !name.is_empty() && !name.contains(['/', '\\']);
        let name = name.map(str::trim).filter(is_name).map_or_else(|| url.file_name(), ToOwned::to_owned);
        if name.is_empty() {
            return None;
        }
        Some(Self { name, url, sha256: None, size: None, yanked: None })
    }
}

/// Reads a page by its media type, or by its first character where the type says nothing.
///
/// # Errors
/// [`FetchError::Nonsense`].
pub fn parse_page(
    name: &str,
    url: &HttpUrl,
    media_type: &str,
    bytes: &[u8],
) -> Result<ProjectPage, FetchError> {
    let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
    let is_json = media_type.contains("json") || (!media_type.contains("html") && first == Some(&b'{'));
    let is_html = media_type.contains("html") || first == Some(&b'<');
    let parsed = match (is_json, is_html) {
        (true, _) => json::parse_json(name, url, bytes),
        (false, true) => html::parse_html(name, url, &String::from_utf8_lossy(bytes)),
        (false, false) => Err(format!("neither JSON nor HTML but `{}`", shorten(media_type))),
    };
    parsed.map_err(|detail| FetchError::Nonsense { url: url.to_string(), detail })
}

fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

/// A digest in the form we keep: 64 lower-case hexadecimal digits.
pub fn parse_sha256(text: &str) -> Option<String> {
    let text = text.trim();
    (text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| text.to_ascii_lowercase())
}
