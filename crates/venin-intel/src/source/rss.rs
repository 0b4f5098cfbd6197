//! The release feeds of an index: new projects, new releases, the releases of one project.
//!
//! A feed shows the newest few dozen entries and is cached for hours, so it misses bursts; whoever needs all of them
//! follows the changelog.

use super::feed::{Entry, parse_feed};
use super::plain::{plain, problem};
use super::{Connector, Description, Input, Request, Sink, SourceError, SourceProblem};
use crate::claim::{Claim, ClaimKind, Class, Digest, Interval, Moment, Subject, Surface};
use crate::http::{Change, FetchRequest, Validator, fetch_if_changed};

const ID: &str = "release-feed";
/// Largest feed in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// Reads a release feed from an address or a file.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReleaseFeed;

impl Connector for ReleaseFeed {
    fn describe(&self) -> Description {
        Description {
            id: ID,
            title: "New projects and releases from the RSS feeds of an index",
            input: "the address of a feed, or a saved one",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let input =
            |what: &str, error: String| SourceError::Input { connector: ID, what: what.to_owned(), error };
        let (bytes, what, cursor) = match request.input {
            Input::Path(path) => {
                let what = path.display().to_string();
                let bytes = std::fs::read(path).map_err(|error| input(&what, error.to_string()))?;
                (bytes, what, None)
            }
            Input::Url(url) => {
                let what = url.to_string();
                let known = request.cursor.and_then(|cursor| serde_json::from_str::<Validator>(cursor).ok());
                let ask = FetchRequest { most_bytes: MOST_BYTES, ..FetchRequest::get(url.clone()) };
                let Change::Answer(answer, validator) = fetch_if_changed(request.http, ask, known.as_ref())?
                else {
                    return Ok(());
                };
                if answer.status != 200 {
                    return Err(input(&what, format!("status {}", answer.status)));
                }
                (answer.body, what, serde_json::to_string(&validator).ok())
            }
        };
        let (claims, problems) =
            parse_release_feed(&bytes, request.source, request.now).map_err(|error| input(&what, error))?;
        problems.into_iter().for_each(|problem| sink.problem(problem));
        let is_new =
            |claim: &Claim| request.since.is_none_or(|since| claim.happened.not_after >= Some(since));
        for claim in claims.into_iter().filter(is_new) {
            sink.claim(claim)?;
        }
        cursor.map_or(Ok(()), |cursor| sink.advance(&cursor))
    }
}

/// Reads a release feed: a new project is `index-seen`, a release is `uploaded`, each at the second the feed says.
///
/// # Errors
/// It is no feed.
pub fn parse_release_feed(
    bytes: &[u8],
    source: &str,
    now: Moment,
) -> Result<(Vec<Claim>, Vec<SourceProblem>), String> {
    let (entries, errors) = parse_feed(bytes)?;
    let mut problems: Vec<SourceProblem> = errors.iter().map(|error| problem("the feed", error)).collect();
    let mut claims = Vec::new();
    for entry in &entries {
        match subject_of(entry) {
            Ok(subject) => {
                let is_release = subject.version().is_some();
                let record = format!("{}\n{}", entry.title, entry.link);
                claims.push(Claim {
                    kind: if is_release { ClaimKind::Uploaded } else { ClaimKind::IndexSeen },
                    subject,
                    surface: Surface::Index,
                    happened: entry.date.unwrap_or(Interval::UNKNOWN),
                    observed: now,
                    source: source.to_owned(),
                    source_ref: plain(&entry.link),
                    // Of the entry and not of the feed, which differs from day to day.
                    evidence: Some(Digest::of(record.as_bytes())),
                    class: Class::Unknown,
                    confidence: None,
                    detail: String::new(),
                });
            }
            Err(error) => problems.push(problem(&entry.title, error)),
        }
    }
    Ok((claims, problems))
}

/// The link tells the name as the index writes it (`/project/NAME/` or `/project/NAME/VERSION/`), else the title does
/// (`NAME added to ...`, `NAME VERSION`).
fn subject_of(entry: &Entry) -> Result<Subject, String> {
    let path = entry.link.split(['?', '#']).next().unwrap_or_default();
    let mut parts =
        path.split('/').skip_while(|part| *part != "project").skip(1).filter(|part| !part.is_empty());
    let (name, version) = match parts.next() {
        Some(name) => (name, parts.next().map(decode_plus)),
        None => match entry.title.split_once(' ') {
            Some((name, rest)) if rest.starts_with("added to ") => (name, None),
            Some((name, version)) => (name, Some(version.to_owned())),
            None => return Err("the entry names no project".to_owned()),
        },
    };
    let subject = Subject::project(name).map_err(|error| error.to_string())?;
    match version {
        Some(version) => subject.with_version(&version).map_err(|error| error.to_string()),
        None => Ok(subject),
    }
}

/// Epochs and local versions have `!` and `+`, which some write encoded.
fn decode_plus(version: &str) -> String {
    version.replace("%2B", "+").replace("%2b", "+").replace("%21", "!")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(items: &str) -> (Vec<Claim>, Vec<SourceProblem>) {
        let xml = format!("<rss version=\"2.0\"><channel><title>x</title>{items}</channel></rss>");
        parse_release_feed(xml.as_bytes(), "feed", Moment::from_seconds(9)).unwrap()
    }

    fn item(title: &str, link: &str) -> String {
        format!(
            "<item><title>{title}</title><link>{link}</link><description>s</description>\
             <pubDate>Tue, 12 May 2026 10:00:01 GMT</pubDate></item>"
        )
    }

    #[test]
    fn the_three_feeds_of_an_index_give_projects_and_releases() {
        let items = [
            item("Foo_Bar added to the index", "https://index.example/project/foo-bar/"),
            item("Foo_Bar 1.0+local", "https://index.example/project/foo-bar/1.0%2Blocal/"),
            item("1.1", "https://index.example/project/foo-bar/1.1/"),
            item("Foo_Bar 1.2", ""),
        ];
        let (claims, problems) = claims(&items.concat());
        let said: Vec<String> = claims.iter().map(|c| format!("{} {}", c.kind, c.subject)).collect();
        let expected = [
            "index-seen foo-bar",
            "uploaded foo-bar==1.0+local",
            "uploaded foo-bar==1.1",
            "uploaded foo-bar==1.2",
        ];
        assert_eq!((said.as_slice(), problems.len()), (&expected.map(str::to_owned)[..], 0));
        assert_eq!(claims[0].happened.to_string(), "2026-05-12T10:00:01Z");
        assert!(claims.iter().all(|c| c.class == Class::Unknown));
    }

    #[test]
    fn hostile_names_are_problems_and_the_rest_is_read() {
        let items = [
            item("x", "https://index.example/project/..%2fetc/"),
            item("\u{1b}[31m 1.0", ""),
            item("lonely", ""),
            item("good 1", "https://index.example/project/good/1/"),
        ];
        // A raw escape character is no XML 1.0, but feeds have it.
        let (claims, problems) = claims(&items.concat());
        assert_eq!((claims.len(), problems.len()), (1, 3));
        assert!(problems.iter().all(|p| !p.what.contains('\u{1b}')));
    }
}
