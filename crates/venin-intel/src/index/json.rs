//! The JSON form of a project's page (PEP 691, 700, 792).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::page::{IndexFile, ProjectPage, parse_sha256};
use super::url::HttpUrl;

#[derive(Deserialize)]
struct Page {
    files: Vec<File>,
    #[serde(default, rename = "project-status")]
    status: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
struct File {
    url: String,
    #[serde(default)]
    filename: Option<String>,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    yanked: Option<Yanked>,
}

/// A flag, or the reason.
#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked {
    Flag(bool),
    Reason(String),
}

/// Reads a page; files whose URL we do not follow are left out.
///
/// # Errors
/// What is wrong with it, one sentence.
pub(super) fn parse_json(name: &str, url: &HttpUrl, bytes: &[u8]) -> Result<ProjectPage, String> {
    let page: Page =
        serde_json::from_slice(bytes).map_err(|error| format!("no project page in JSON: {error}"))?;
    let (status, status_reason) = page.status.map_or((None, None), |status| (status.status, status.reason));
    let files = page.files.into_iter().filter_map(|file| file_of(url, file)).collect();
    Ok(ProjectPage { name: name.to_owned(), files, status, status_reason })
}

fn file_of(base: &HttpUrl, file: File) -> Option<IndexFile> {
    let mut found = IndexFile::new(base, &file.url, file.filename.as_deref())?;
    found.sha256 = file.hashes.get("sha256").and_then(|digest| parse_sha256(digest));
    found.size = file.size;
    found.yanked = match file.yanked {
        Some(Yanked::Flag(true)) => Some(String::new()),
        Some(Yanked::Reason(reason)) => Some(reason),
        Some(Yanked::Flag(false)) | None => None,
    };
    Some(found)
}
