//! Articles of research blogs: the packages that they accuse, with the place that says so.
//!
//! An article is prose.  What is drawn from it is a claim with a confidence, the quoted place and its digest; the page
//! itself is not kept.  Where the words around a name leave a doubt (it may be imitated, used, or of another
//! ecosystem), nothing is claimed: a release that is accused by mistake does more harm than one that is missed here,
//! for other sources have it too.
//!
//! Nothing that a page says is executed, and no indicator is ever contacted.

mod context;
mod extract;
mod html;
mod indicators;
mod listing;
mod names;
mod sentence;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

pub use indicators::{Indicator, IndicatorKind};
pub use listing::{Listed, Listing, parse_listing};

use super::plain::{plain, problem, render_detail};
use super::{Connector, Description, Input, Request, Sink, SourceError};
use crate::claim::{Claim, ClaimKind, Class, Digest, Interval, Moment, Subject, Surface};
use crate::http::{Change, FetchRequest, Validator, fetch_if_changed};
use crate::index::HttpUrl;

const ID: &str = "articles";
/// Largest page in bytes.
const MOST_BYTES: u64 = 16 << 20;
/// Most articles of one run.
const MOST_ARTICLES: usize = 300;
/// Most pages of a list in one run.
const MOST_PAGES: usize = 20;
/// Most addresses that a cursor remembers.
const MOST_SEEN: usize = 2000;
/// Most indicators of the article that go along with each of its claims.
const MOST_ATTACHED: usize = 40;

venin_model::spelled_enum! {
    /// Where in an article a package is named.
    pub enum Place {
        /// A row of a table with a column for packages.
        Table = "table",
        /// An item of a list of packages.
        List = "list",
        /// A block that holds names and nothing else.
        Code = "code",
        /// A sentence.
        Sentence = "sentence",
        /// An install command.
        Command = "command",
    }
}

impl Place {
    /// How sure such a place is, in hundredths.
    #[must_use]
    pub const fn confidence(self) -> u8 {
        match self {
            Self::Table => 90,
            Self::List => 85,
            Self::Code => 75,
            Self::Sentence => 70,
            Self::Command => 50,
        }
    }
}

/// A package that an article accuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPackage {
    /// The normalized name.
    pub name: String,
    /// The versions that are accused; all of them when empty.
    pub versions: Vec<String>,
    /// What kind of unwanted release the article takes it for.
    pub class: Class,
    /// Where it is named.
    pub place: Place,
    /// The words around the name.
    pub quote: String,
    /// The digest of the sentence, item, row or line.
    pub quote_sha256: Digest,
    /// The indicators of the same row.
    pub indicators: Vec<Indicator>,
}

/// What an article says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Its title.
    pub title: String,
    /// When it was published, where the page says so.
    pub date: Option<Interval>,
    /// The packages that it accuses, by name.
    pub packages: Vec<NamedPackage>,
    /// The indicators that it gives.
    pub indicators: Vec<Indicator>,
}

/// Reads an article; anything is one, most say nothing.
#[must_use]
pub fn parse_article(bytes: &[u8]) -> Article {
    extract::read_article(&html::parse_html(bytes))
}

impl Article {
    /// The claims of the article, by name and version; `date` is that of the list, for pages without one.
    #[must_use]
    pub fn claims(&self, url: &str, date: Option<Interval>, source: &str, now: Moment) -> Vec<Claim> {
        // A date in the future is a mistake of the page, and says nothing.
        let is_past = |date: &Interval| date.not_before <= Some(now);
        let happened = self.date.or(date).filter(is_past).unwrap_or(Interval::UNKNOWN);
        let mut claims = Vec::new();
        for package in &self.packages {
            let Ok(project) = Subject::project(&package.name) else { continue };
            let versions = package.versions.iter().map(|version| project.clone().with_version(version).ok());
            let subjects = if package.versions.is_empty() { vec![Some(project)] } else { versions.collect() };
            for subject in subjects.into_iter().flatten() {
                claims.push(Claim {
                    subject,
                    surface: Surface::Advisory(source.to_owned()),
                    kind: ClaimKind::Reported,
                    happened,
                    observed: now,
                    source: source.to_owned(),
                    source_ref: url.to_owned(),
                    evidence: Some(package.quote_sha256),
                    class: package.class,
                    confidence: Some(package.place.confidence()),
                    detail: self.render_package(package),
                });
            }
        }
        claims
    }

    fn render_package(&self, package: &NamedPackage) -> String {
        let own = if package.indicators.is_empty() { &self.indicators } else { &package.indicators };
        let mut by_kind: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for indicator in own.iter().take(MOST_ATTACHED) {
            by_kind.entry(indicator.kind.as_str()).or_default().push(&indicator.value);
        }
        let indicators = if by_kind.is_empty() { json!(null) } else { json!(by_kind) };
        render_detail(BTreeMap::from([
            ("indicators", indicators),
            ("place", json!(package.place.as_str())),
            ("quote", json!(package.quote)),
            ("title", json!(plain(&self.title))),
        ]))
    }
}

/// Reads articles: from a feed, from a page that lists them, or saved ones.
#[derive(Debug, Clone, Copy, Default)]
pub struct Articles;

/// Which articles were read; the cursor as JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Cursor {
    /// Short digests of addresses, the last read first.
    #[serde(default)]
    seen: Vec<String>,
    /// The marks of the list, once all its articles were read.
    #[serde(default)]
    marks: Validator,
}

impl Cursor {
    fn key(url: &HttpUrl) -> String {
        Digest::of(url.request_url().as_bytes()).to_string().chars().take(16).collect()
    }

    fn has(&self, url: &HttpUrl) -> bool {
        let key = Self::key(url);
        self.seen.contains(&key)
    }

    fn add(&mut self, url: &HttpUrl) {
        self.seen.insert(0, Self::key(url));
        self.seen.truncate(MOST_SEEN);
    }

    fn give(&self, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let text = serde_json::to_string(self).map_err(|error| SourceError::Store(error.to_string()))?;
        sink.advance(&text)
    }
}

impl Connector for Articles {
    fn describe(&self) -> Description {
        Description {
            id: ID,
            title: "Packages accused by the articles of a research blog",
            input: "the address of a feed or of a page that lists articles, or saved articles",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        match request.input {
            Input::Path(path) => collect_saved(path, request, sink),
            Input::Url(url) => collect_list(url, request, sink),
        }
    }
}

/// Reads saved pages: one file, or all `.html` and `.htm` of a directory.
fn collect_saved(path: &Path, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
    let wrong = |error: std::io::Error| wrong(&path.display().to_string(), error.to_string());
    let mut files: Vec<PathBuf> = vec![path.to_owned()];
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(wrong)?;
        files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "html" || end == "htm"));
        files.sort();
    }
    for file in files {
        match std::fs::read(&file) {
            Ok(bytes) => {
                let page = html::parse_html(&bytes);
                let own = page.canonical.as_deref().and_then(HttpUrl::parse).map(|url| url.to_string());
                let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
                let what = own.or(name).unwrap_or_default();
                let article = extract::read_article(&page);
                give(&article, &plain(&what), None, request, sink)?;
            }
            Err(error) => sink.problem(problem(&file.display().to_string(), error)),
        }
    }
    Ok(())
}

/// Reads the articles of a list that were not read before, page by page until one page has nothing new.
fn collect_list(url: &HttpUrl, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
    let mut cursor: Cursor =
        request.cursor.and_then(|cursor| serde_json::from_str(cursor).ok()).unwrap_or_default();
    let known = Some(&cursor.marks).filter(|marks| **marks != Validator::default());
    let Change::Answer(answer, marks) = fetch_if_changed(request.http, page_request(url), known)? else {
        return Ok(());
    };
    if answer.status != 200 {
        return Err(wrong(&url.to_string(), format!("status {}", answer.status)));
    }
    let mut listing = parse_listing(url, &answer.body);
    if listing.articles.is_empty() && listing.problems.is_empty() {
        give(&parse_article(&answer.body), &url.to_string(), None, request, sink)?;
    }
    let mut left = MOST_ARTICLES;
    let mut is_complete = true;
    let mut pages = BTreeSet::from([url.request_url()]);
    loop {
        listing.problems.iter().for_each(|error| sink.problem(problem(&url.to_string(), error)));
        let is_old = listing.articles.iter().any(|listed| cursor.has(&listed.url));
        for listed in listing.articles.iter().filter(|listed| is_wanted(listed, request)) {
            if cursor.has(&listed.url) {
                continue;
            }
            if left == 0 {
                sink.problem(problem(&url.to_string(), format!("more than {MOST_ARTICLES} new articles")));
                return cursor.give(sink);
            }
            left -= 1;
            if collect_article(listed, request, sink)? {
                cursor.add(&listed.url);
                cursor.give(sink)?;
            } else {
                is_complete = false;
            }
        }
        let next = listing
            .next
            .filter(|next| !is_old && pages.len() < MOST_PAGES && pages.insert(next.request_url()));
        let Some(next) = next else { break };
        let answer = request.http.fetch(&page_request(&next))?;
        if answer.status != 200 {
            sink.problem(problem(&next.to_string(), format!("status {}", answer.status)));
            is_complete = false;
            break;
        }
        listing = parse_listing(&next, &answer.body);
    }
    cursor.marks = if is_complete { marks } else { Validator::default() };
    cursor.give(sink)
}

/// Whether the list does not say that the article is too old.
fn is_wanted(listed: &Listed, request: &Request<'_>) -> bool {
    let date = listed.date.and_then(|date| date.not_after);
    match (request.since, date) {
        (Some(since), Some(date)) => date >= since,
        _ => true,
    }
}

/// Reads one article; whether it is done with, or must be tried again another time.
fn collect_article(listed: &Listed, request: &Request<'_>, sink: &mut dyn Sink) -> Result<bool, SourceError> {
    let what = listed.url.to_string();
    match request.http.fetch(&page_request(&listed.url)) {
        Ok(answer) if answer.status == 200 => {
            if answer.is_cut {
                sink.problem(problem(&what, format!("only the first {MOST_BYTES} bytes were read")));
            }
            give(&parse_article(&answer.body), &what, listed.date, request, sink)?;
            Ok(true)
        }
        Ok(answer) => {
            sink.problem(problem(&what, format!("status {}", answer.status)));
            Ok(matches!(answer.status, 403 | 404 | 410 | 451))
        }
        Err(error) => {
            sink.problem(problem(&what, error));
            Ok(false)
        }
    }
}

fn give(
    article: &Article,
    url: &str,
    date: Option<Interval>,
    request: &Request<'_>,
    sink: &mut dyn Sink,
) -> Result<(), SourceError> {
    article.claims(url, date, request.source, request.now).into_iter().try_for_each(|claim| sink.claim(claim))
}

fn page_request(url: &HttpUrl) -> FetchRequest {
    let request = FetchRequest { most_bytes: MOST_BYTES, ..FetchRequest::get(url.clone()) };
    request
        .with_header("accept", "text/html, application/rss+xml, application/atom+xml, application/xml;q=0.9")
}

fn wrong(what: &str, error: String) -> SourceError {
    SourceError::Input { connector: ID, what: what.to_owned(), error }
}

#[cfg(test)]
#[path = "articles_tests.rs"]
mod tests;
