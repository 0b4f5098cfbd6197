//! One project on an index: its files with their times, what was yanked, and whether the project is quarantined.
//!
//! Reads the simple page in JSON (PEP 691, 700, 740, 792) and the project JSON.  The two differ in what they can say:
//! the project JSON answers 404 for a quarantined project as for a removed one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};
use venin_package::parse_file_name;

use super::plain::{plain, problem, render_detail};
use super::{Connector, Description, Input, Request, Sink, SourceError, SourceProblem};
use crate::claim::{Claim, ClaimKind, Class, Digest, Interval, Moment, Subject, Surface};
use crate::http::{Fetch, FetchError, FetchRequest, Fetched};
use crate::index::HttpUrl;

const ID: &str = "index-project";
/// Largest page in bytes.
const MOST_BYTES: u64 = 64 << 20;
/// Most files of a project.
const MOST_FILES: usize = 200_000;
const JSON_PAGE: &str = "application/vnd.pypi.simple.v1+json";

/// Reads the page of one project, from an address or a file.
#[derive(Debug, Clone, Copy, Default)]
pub struct IndexProject;

/// What an index says of a project as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectState {
    /// It has a page, and no status that hides it.
    Listed,
    /// It has a page that says `quarantined` (PEP 792).
    Quarantined,
    /// It has no page.
    Absent,
}

impl Connector for IndexProject {
    fn describe(&self) -> Description {
        Description {
            id: ID,
            title: "Uploads, yanks and the status of one project on an index",
            input: "the address of a project's simple page or JSON, or a saved one",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let wrong =
            |what: &str, error: String| SourceError::Input { connector: ID, what: what.to_owned(), error };
        match request.input {
            Input::Path(path) => {
                let what = path.display().to_string();
                let bytes = std::fs::read(path).map_err(|error| wrong(&what, error.to_string()))?;
                let page = parse_project(&bytes, &what).map_err(|error| wrong(&what, error))?;
                give(&page, &what, request, sink)
            }
            Input::Url(url) => match collect_project(request, url, sink)? {
                ProjectState::Absent => {
                    Err(wrong(&url.to_string(), "the index has no such project".to_owned()))
                }
                ProjectState::Listed | ProjectState::Quarantined => Ok(()),
            },
        }
    }
}

/// Reads the page at an address and gives its claims to the sink; a project that is absent gives none.
///
/// # Errors
/// No answer, or one that is no project's page.
pub fn collect_project(
    request: &Request<'_>,
    url: &HttpUrl,
    sink: &mut dyn Sink,
) -> Result<ProjectState, SourceError> {
    let what = url.to_string();
    let wrong = |error: String| SourceError::Input { connector: ID, what: what.clone(), error };
    let answer = fetch_page(request.http, url)?;
    match answer.status {
        200 if answer.is_cut => return Err(wrong(format!("the page is larger than {MOST_BYTES} bytes"))),
        200 => {}
        404 | 410 => return Ok(ProjectState::Absent),
        status => return Err(wrong(format!("status {status}"))),
    }
    let page = parse_project(&answer.body, &what).map_err(wrong)?;
    give(&page, &what, request, sink)?;
    Ok(page.state())
}

/// What the page at an address says of the project as a whole; the text says why it cannot be told.
pub(super) fn look_at_project(http: &dyn Fetch, url: &HttpUrl) -> Result<(ProjectState, Digest), String> {
    let answer = fetch_page(http, url).map_err(|error| error.to_string())?;
    let evidence = Digest::of(&answer.body);
    match answer.status {
        200 => Ok((parse_project(&answer.body, &url.to_string())?.state(), evidence)),
        404 | 410 => Ok((ProjectState::Absent, evidence)),
        status => Err(format!("status {status}")),
    }
}

fn fetch_page(http: &dyn Fetch, url: &HttpUrl) -> Result<Fetched, FetchError> {
    let request = FetchRequest { most_bytes: MOST_BYTES, ..FetchRequest::get(url.clone()) };
    http.fetch(&request.with_header("accept", format!("{JSON_PAGE}, application/json;q=0.5")))
}

fn give(
    page: &ProjectPage,
    what: &str,
    request: &Request<'_>,
    sink: &mut dyn Sink,
) -> Result<(), SourceError> {
    let (claims, problems) = page.claims(what, request.source, request.now);
    problems.into_iter().for_each(|problem| sink.problem(problem));
    let is_new = |claim: &Claim| {
        request.since.is_none_or(|since| claim.happened.not_before.is_none_or(|moment| moment >= since))
    };
    claims.into_iter().filter(is_new).try_for_each(|claim| sink.claim(claim))
}

/// What a page says, in either form.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectPage {
    name: String,
    status: Option<String>,
    reason: Option<String>,
    files: Vec<Result<File, String>>,
}

#[derive(Debug, Clone, PartialEq)]
struct File {
    subject: Subject,
    uploaded: Option<Moment>,
    size: Option<u64>,
    /// BLAKE2b-256 in hexadecimal: the file's address on most mirrors.
    blake2: Option<String>,
    yanked: Option<String>,
    provenance: Option<String>,
}

impl ProjectPage {
    /// What the page says of the project as a whole.
    #[must_use]
    pub fn state(&self) -> ProjectState {
        match self.status.as_deref() {
            Some("quarantined") => ProjectState::Quarantined,
            _ => ProjectState::Listed,
        }
    }

    /// The claims of the page, in its order, and what could not be read.
    #[must_use]
    pub fn claims(&self, what: &str, source: &str, now: Moment) -> (Vec<Claim>, Vec<SourceProblem>) {
        let mut claims = Vec::new();
        let mut problems = Vec::new();
        let base = |subject: &Subject, kind, happened| Claim {
            subject: subject.clone(),
            surface: Surface::Index,
            kind,
            happened,
            observed: now,
            source: source.to_owned(),
            source_ref: what.to_owned(),
            evidence: None,
            class: Class::Unknown,
            confidence: None,
            detail: String::new(),
        };
        let hidden = Subject::project(&self.name).ok().filter(|_| self.state() == ProjectState::Quarantined);
        if let Some(subject) = hidden {
            // The page does not say since when; whoever looks often knows more.
            let detail = render_detail(BTreeMap::from([("reason", json!(self.reason))]));
            claims.push(Claim { detail, ..base(&subject, ClaimKind::Quarantined, Interval::UNKNOWN) });
        }
        for file in &self.files {
            let file = match file {
                Ok(file) => file,
                Err(error) => {
                    problems.push(problem(what, error));
                    continue;
                }
            };
            if let Some(uploaded) = file.uploaded.filter(|uploaded| *uploaded <= now) {
                let said = [
                    ("blake2b-256", json!(file.blake2)),
                    ("size", json!(file.size)),
                    ("provenance", json!(file.provenance)),
                ];
                let detail = render_detail(BTreeMap::from(said));
                let claim = base(&file.subject, ClaimKind::Uploaded, Interval::at(uploaded));
                claims.push(Claim { detail, ..claim });
            } else if file.uploaded.is_some() {
                problems.push(problem(&file.subject.to_string(), "its time of upload lies in the future"));
            }
            if let Some(reason) = &file.yanked {
                let reason = (!reason.is_empty()).then(|| plain(reason));
                let detail = render_detail(BTreeMap::from([("reason", json!(reason))]));
                let happened = Interval { not_before: file.uploaded, not_after: None };
                claims.push(Claim { detail, ..base(&file.subject, ClaimKind::Yanked, happened) });
            }
        }
        (claims, problems)
    }
}

#[derive(Deserialize)]
struct SimplePage {
    #[serde(default)]
    name: Option<String>,
    files: Vec<Value>,
    #[serde(default, rename = "project-status")]
    status: Option<Value>,
}

#[derive(Deserialize)]
struct SimpleFile {
    filename: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    hashes: BTreeMap<String, Value>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default, rename = "upload-time")]
    uploaded: Option<String>,
    #[serde(default)]
    yanked: Value,
    #[serde(default)]
    provenance: Option<String>,
}

#[derive(Deserialize)]
struct ProjectJson {
    info: Info,
    #[serde(default)]
    releases: BTreeMap<String, Vec<Value>>,
    #[serde(default)]
    urls: Vec<Value>,
}

#[derive(Deserialize)]
struct Info {
    name: String,
    #[serde(default)]
    version: Option<String>,
}

#[derive(Deserialize)]
struct JsonFile {
    filename: String,
    #[serde(default)]
    digests: BTreeMap<String, Value>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    upload_time_iso_8601: Option<String>,
    #[serde(default)]
    yanked: bool,
    #[serde(default)]
    yanked_reason: Option<String>,
}

/// Reads a simple page or a project JSON.
///
/// # Errors
/// What is wrong with the page as a whole, one sentence.
pub fn parse_project(bytes: &[u8], url: &str) -> Result<ProjectPage, String> {
    if let Ok(page) = serde_json::from_slice::<SimplePage>(bytes) {
        let name = page.name.or_else(|| name_in(url)).ok_or("the page does not say whose it is")?;
        let said = |field: &str| page.status.as_ref()?.get(field)?.as_str().map(plain);
        let status = said("status").or_else(|| page.status.as_ref()?.as_str().map(plain));
        let files = page.files.into_iter().take(MOST_FILES).map(|file| simple_file(&name, file)).collect();
        return Ok(ProjectPage { reason: said("reason"), status, files, name });
    }
    let page: ProjectJson = serde_json::from_slice(bytes)
        .map_err(|error| format!("neither a simple page nor a project in JSON: {error}"))?;
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    let current = page.info.version.map(|version| (version, page.urls));
    for (version, entries) in page.releases.into_iter().chain(current) {
        for entry in entries.into_iter().take(MOST_FILES) {
            let file = json_file(&page.info.name, &version, entry);
            let is_new = file.as_ref().map_or(true, |file| seen.insert(file.subject.clone()));
            if is_new && files.len() < MOST_FILES {
                files.push(file);
            }
        }
    }
    Ok(ProjectPage { name: page.info.name, status: None, reason: None, files })
}

/// The last segment of the page's address.
fn name_in(url: &str) -> Option<String> {
    let name = url.split('?').next()?.trim_end_matches('/').rsplit('/').next()?;
    Subject::project(name).ok().map(|subject| subject.name().to_owned())
}

fn simple_file(project: &str, value: Value) -> Result<File, String> {
    let file: SimpleFile = serde_json::from_value(value).map_err(|error| format!("no file: {error}"))?;
    let version = version_of(project, &file.filename);
    let yanked = match file.yanked {
        Value::Bool(true) => Some(String::new()),
        Value::String(reason) => Some(reason),
        _ => None,
    };
    Ok(File {
        subject: subject_of(project, version.as_deref(), &file.filename, &file.hashes)?,
        uploaded: file.uploaded.as_deref().map(parse_time).transpose()?,
        size: file.size,
        blake2: blake2_of_path(&file.url),
        yanked,
        provenance: file.provenance.as_deref().and_then(HttpUrl::parse).map(|url| url.to_string()),
    })
}

fn json_file(project: &str, version: &str, value: Value) -> Result<File, String> {
    let file: JsonFile = serde_json::from_value(value).map_err(|error| format!("no file: {error}"))?;
    Ok(File {
        subject: subject_of(project, Some(version), &file.filename, &file.digests)?,
        uploaded: file.upload_time_iso_8601.as_deref().map(parse_time).transpose()?,
        size: file.size,
        blake2: file.digests.get("blake2b_256").and_then(Value::as_str).filter(|d| is_hex(d, 64)).map(plain),
        yanked: file.yanked.then(|| file.yanked_reason.unwrap_or_default()),
        provenance: None,
    })
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The digest in an address that ends in `ab/cd/REST/FILE`.
fn blake2_of_path(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let mut folders = path.rsplit('/').skip(1);
    let (rest, second, first) = (folders.next()?, folders.next()?, folders.next()?);
    (is_hex(first, 2) && is_hex(second, 2) && is_hex(rest, 60))
        .then(|| format!("{first}{second}{rest}").to_ascii_lowercase())
}

fn parse_time(text: &str) -> Result<Moment, String> {
    Moment::parse(text).map_err(|error| error.to_string())
}

fn subject_of(
    project: &str,
    version: Option<&str>,
    file_name: &str,
    digests: &BTreeMap<String, Value>,
) -> Result<Subject, String> {
    let mut subject = Subject::project(project).map_err(|error| error.to_string())?;
    if let Some(version) = version {
        subject = subject.with_version(version).map_err(|error| error.to_string())?;
    }
    subject = subject.with_file(file_name).map_err(|error| error.to_string())?;
    match digests.get("sha256").and_then(Value::as_str) {
        Some(digest) => Ok(subject.with_sha256(digest.parse().map_err(|e| format!("{e}"))?)),
        None => Ok(subject),
    }
}

/// The version in a file's name.  In old source names only the project's own name tells where it begins.
fn version_of(project: &str, file_name: &str) -> Option<String> {
    let flat = |text: &str| text.to_ascii_lowercase().replace(['_', '.'], "-");
    let stem = file_name
        .get(project.len()..)
        .filter(|_| file_name.get(..project.len()).is_some_and(|start| flat(start) == flat(project)));
    let is_wheel = file_name.ends_with(".whl") || file_name.ends_with(".egg");
    if let Some(rest) = stem.and_then(|stem| stem.strip_prefix('-')).filter(|_| !is_wheel) {
        let suffix = [".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz", ".tar"]
            .iter()
            .find_map(|s| rest.strip_suffix(s));
        if let Some(version) = suffix {
            return Some(version.to_owned());
        }
    }
    parse_file_name(file_name).map(|name| name.version)
}

#[cfg(test)]
#[path = "index_project_tests.rs"]
mod tests;
