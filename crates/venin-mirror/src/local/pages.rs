//! What the pages of a tree list: simple pages in HTML and JSON, and the project JSON of bandersnatch.

use std::collections::HashSet;

use serde_json::Value;
use venin_intel::claim::Digest;
use venin_intel::index::{HttpUrl, encode_path, parse_page};

use crate::known::Blake2;

venin_model::spelled_enum! {
    /// The form of a page.
    pub enum PageForm {
        /// A simple page in HTML (PEP 503).
        SimpleHtml = "simple-html",
        /// A simple page in JSON (PEP 691).
        SimpleJson = "simple-json",
        /// The JSON of a project, as bandersnatch keeps it: `releases` and `urls`.
        ProjectJson = "project-json",
        /// An entry in the database of a devpi server.
        Database = "database",
    }
}

/// A file that a page lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listed {
    /// Its name.
    pub file_name: String,
    /// The path that the entry leads to, from the root of the web folder; `None` when it leads elsewhere.
    pub path: Option<String>,
    /// Its SHA-256, if announced.
    pub sha256: Option<Digest>,
    /// Its BLAKE2b-256, announced or taken from the address.
    pub blake2: Option<Blake2>,
}

/// What a page says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageContent {
    /// The files, in the order of the page, without repetition.
    pub listed: Vec<Listed>,
    /// The project's status (PEP 792), if the page says one.
    pub status: Option<String>,
}

/// The host that stands for the tree itself while addresses are resolved.
const TREE: &str = "http://tree.invalid";

/// Reads a page that lies at `path` below the web folder.
///
/// # Errors
/// What is wrong with it, one clause.
pub fn parse_listing(form: PageForm, path: &str, name: &str, bytes: &[u8]) -> Result<PageContent, String> {
    match form {
        PageForm::SimpleHtml => parse_simple(path, name, "text/html", bytes),
        PageForm::SimpleJson => parse_simple(path, name, "application/json", bytes),
        PageForm::ProjectJson => parse_project(bytes),
        PageForm::Database => Err("a database is no page".to_owned()),
    }
}

fn parse_simple(path: &str, name: &str, media_type: &str, bytes: &[u8]) -> Result<PageContent, String> {
    let base = HttpUrl::parse(&format!("{TREE}/{}", encode_path(path))).ok_or("no address for the page")?;
    let page = parse_page(name, &base, media_type, bytes).map_err(|error| error.to_string())?;
    let files = page.files.into_iter().map(|file| {
        let url = file.url.request_url();
        let blake2 = Blake2::of_path(url.split('?').next().unwrap_or_default());
        let sha256 = file.sha256.and_then(|digest| digest.parse().ok());
        Listed { file_name: file.name, path: path_of_url(&url), sha256, blake2 }
    });
    Ok(PageContent { listed: without_repetition(files), status: page.status })
}

fn parse_project(bytes: &[u8]) -> Result<PageContent, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| format!("no JSON: {error}"))?;
    let releases = value.get("releases").and_then(Value::as_object);
    let of_releases = releases.into_iter().flat_map(|all| all.values()).filter_map(Value::as_array).flatten();
    let of_urls = value.get("urls").and_then(Value::as_array).into_iter().flatten();
    let files = of_releases.chain(of_urls).filter_map(listed_of_json);
    Ok(PageContent { listed: without_repetition(files), status: None })
}

/// One file of the project JSON.
fn listed_of_json(file: &Value) -> Option<Listed> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let digest = |name: &str| text(file.get("digests").and_then(|digests| digests.get(name)));
    let url = text(file.get("url")).unwrap_or_default();
    let of_url = || url.rsplit('/').next().map(str::to_owned);
    let file_name = text(file.get("filename")).or_else(of_url).filter(|name| !name.is_empty())?;
    Some(Listed {
        file_name,
        path: path_of_url(&url),
        sha256: digest("sha256").and_then(|digest| digest.parse().ok()),
        blake2: digest("blake2b_256")
            .and_then(|digest| Blake2::parse(&digest))
            .or_else(|| Blake2::of_path(&url)),
    })
}

/// The files in their order, each once.
fn without_repetition(files: impl Iterator<Item = Listed>) -> Vec<Listed> {
    let mut seen = HashSet::new();
    files.filter(|file| seen.insert(file.clone())).collect()
}

/// The path of an address below the web folder.
///
/// An address on another host counts too when its path begins with `packages/`: tools rewrite the host of such
/// addresses, and the file lies at the path all the same.
fn path_of_url(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let path = decode(path.split(['?', '#']).next()?)?;
    let is_ours = host == "tree.invalid" || path.starts_with("packages/");
    (is_ours && super::tree::is_inside(&path)).then_some(path)
}

/// Percent-decoding; `None` when the bytes are no UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let pair = after.get(..2).filter(|_| *first == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simple_page_names_paths_in_the_tree() {
        let page = format!(
            "<a href=\"../../packages/aa/bb/{}/x%2B-1.zip#sha256={}\">x</a><a href=\"https://other.example/x.zip\">y</a>\
             <a href=\"../../../../../etc/passwd\">z</a>",
            "c".repeat(60),
            "ab".repeat(32)
        );
        let content =
            parse_listing(PageForm::SimpleHtml, "simple/x/index.html", "x", page.as_bytes()).unwrap();
        assert_eq!(
            content.listed[0].path.as_deref(),
            Some(format!("packages/aa/bb/{}/x+-1.zip", "c".repeat(60)).as_str())
        );
        assert!(content.listed[0].sha256.is_some() && content.listed[0].blake2.is_some());
        assert_eq!(content.listed[1].path, None);
        assert_eq!(content.listed[2].path.as_deref(), Some("etc/passwd"));
    }

    #[test]
    fn project_json_lists_a_file_once() {
        let file = r#"{"filename":"x-1.zip","url":"https://files.example/packages/a/x-1.zip","digests":{}}"#;
        let json = format!(r#"{{"releases":{{"1":[{file}],"2":[]}},"urls":[{file}]}}"#);
        let content = parse_listing(PageForm::ProjectJson, "json/x", "x", json.as_bytes()).unwrap();
        assert_eq!(content.listed.len(), 1);
        assert_eq!(content.listed[0].path.as_deref(), Some("packages/a/x-1.zip"));
    }

    #[test]
    fn hostile_pages_are_an_error_or_empty_and_never_a_panic() {
        let deep = "[".repeat(100_000);
        for bytes in [&b"\xff\xfe"[..], b"{", b"", b"{\"releases\":[1],\"urls\":{}}", deep.as_bytes()] {
            for form in PageForm::ALL {
                let _ = parse_listing(*form, "simple/x/index.html", "x", bytes);
            }
        }
    }
}
