//! The list of all projects on an index (PEP 691), compared with the last look.
//!
//! A name that leaves the list was removed or quarantined; the project's page tells which.  It happened between the two
//! looks, and nothing more is known.  A quarantined project stays on watch: the list cannot tell when it is removed or
//! cleared.  A name whose page cannot be judged stays in the list, and is looked at the next time.

mod names;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;

pub use names::{ListDifference, NameList, diff_lists, parse_list};

use super::index_project::{ProjectState, look_at_project};
use super::plain::{problem, render_detail};
use super::snapshot::Snapshots;
use super::{Connector, Description, Input, Request, Sink, SourceError};
use crate::claim::{Claim, ClaimKind, Class, Digest, Interval, Moment, Subject, Surface};
use crate::http::{Change, FetchRequest, Validator, fetch_if_changed};
use crate::index::HttpUrl;

const ID: &str = "index-list";
/// Largest list in bytes: 700,000 names have some 40 MB.
const MOST_BYTES: u64 = 512 << 20;
/// So many names may leave between two looks whatever the size of the list ...
const BELIEVED_LOSS: usize = 1000;
/// ... or this part of it; more is a broken answer.
const BELIEVED_PART: usize = 50;
/// Most pages that one look asks for; the names left over are asked for by the next.
const MOST_PAGES: usize = 2000;

/// Compares the list of projects with the last look.
pub struct IndexList {
    snapshots: Box<dyn Snapshots>,
}

/// Where the last look ended; the cursor as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// The digest of the list that was kept.
    list: String,
    /// When it was seen.
    looked: String,
    /// The serial of the index at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    serial: Option<u64>,
    #[serde(default)]
    marks: Validator,
}

/// The last look.
struct Past {
    digest: Digest,
    looked: Moment,
    names: NameList,
}

impl IndexList {
    /// Keeps what it saw in these snapshots.
    #[must_use]
    pub fn new(snapshots: Box<dyn Snapshots>) -> Self {
        Self { snapshots }
    }

    /// The last look, if there was one and its list is still there.
    fn read_past(&self, cursor: &Cursor) -> Result<Option<Past>, SourceError> {
        let (Ok(digest), Ok(looked)) = (cursor.list.parse::<Digest>(), Moment::parse(&cursor.looked)) else {
            return Ok(None);
        };
        let bytes = self.snapshots.load(digest).map_err(SourceError::Store)?;
        let names = bytes.and_then(|bytes| NameList::from_snapshot(&bytes));
        Ok(names.map(|names| Past { digest, looked, names }))
    }

    /// Keeps the list, and only then moves the cursor to it.
    fn advance(
        &self,
        mut names: NameList,
        cursor: Cursor,
        past: Option<&Past>,
        sink: &mut dyn Sink,
    ) -> Result<(), SourceError> {
        names.sort();
        let digest = self.snapshots.keep(&names.to_snapshot()).map_err(SourceError::Store)?;
        let text = serde_json::to_string(&Cursor { list: digest.to_string(), ..cursor });
        sink.advance(&text.map_err(|error| SourceError::Store(error.to_string()))?)?;
        if let Some(past) = past.filter(|past| past.digest != digest) {
            self.snapshots.forget(past.digest);
        }
        Ok(())
    }
}

impl Connector for IndexList {
    fn describe(&self) -> Description {
        Description {
            id: ID,
            title: "Projects that left the list of an index since the last look",
            input: "the address of the simple index",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let wrong =
            |what: &str, error: String| SourceError::Input { connector: ID, what: what.to_owned(), error };
        let Input::Url(url) = request.input else {
            return Err(wrong("a path", "the list is read from an index only".to_owned()));
        };
        let what = url.to_string();
        let cursor: Option<Cursor> = request.cursor.and_then(|cursor| serde_json::from_str(cursor).ok());
        let past = cursor.as_ref().map_or(Ok(None), |cursor| self.read_past(cursor))?;
        let marks = past.as_ref().and(cursor.as_ref()).map(|cursor| &cursor.marks);
        let looked = request.now.to_string();
        let ask = FetchRequest { most_bytes: MOST_BYTES, ..FetchRequest::get(url.clone()) };
        let ask = ask.with_header("accept", "application/vnd.pypi.simple.v1+json");
        let (answer, marks) = match (fetch_if_changed(request.http, ask, marks)?, cursor) {
            (Change::Answer(answer, marks), _) => (answer, marks),
            (Change::Unchanged, Some(cursor)) => {
                let text = serde_json::to_string(&Cursor { looked, ..cursor });
                return sink.advance(&text.map_err(|error| SourceError::Store(error.to_string()))?);
            }
            (Change::Unchanged, None) => return Ok(()),
        };
        match (answer.status, answer.is_cut) {
            (200, false) => {}
            (200, true) => return Err(wrong(&what, format!("the list is larger than {MOST_BYTES} bytes"))),
            (status, _) => return Err(wrong(&what, format!("status {status}"))),
        }
        let (mut names, serial, bad) = parse_list(&answer.body).map_err(|error| wrong(&what, error))?;
        let evidence = Digest::of(&answer.body);
        drop(answer);
        bad.iter().for_each(|error| sink.problem(problem(&what, error)));
        if let Some(past) = &past {
            let difference = diff_lists(&past.names, &names);
            let bound = BELIEVED_LOSS.max(past.names.len() / BELIEVED_PART);
            if difference.left.len() > bound {
                let (lost, all) = (difference.left.len(), past.names.len());
                return Err(wrong(&what, format!("{lost} of {all} names are gone, which is not believed")));
            }
            let look = Look { request, url, past, evidence };
            look.tell(&difference, &mut names, sink)?;
        }
        let cursor = Cursor { list: String::new(), looked, serial, marks };
        self.advance(names, cursor, past.as_ref(), sink)
    }
}

/// One look, with all that its claims have in common.
struct Look<'a> {
    request: &'a Request<'a>,
    url: &'a HttpUrl,
    past: &'a Past,
    evidence: Digest,
}

impl Look<'_> {
    /// Tells what became of every name that left or was on watch, and of those that came.
    fn tell(
        &self,
        difference: &ListDifference,
        names: &mut NameList,
        sink: &mut dyn Sink,
    ) -> Result<(), SourceError> {
        let came: BTreeSet<&str> = difference.came.iter().map(String::as_str).collect();
        for name in self.past.names.watched() {
            if names.contains(name) {
                sink.claim(self.claim(name, ClaimKind::QuarantineCleared, self.evidence)?)?;
                continue;
            }
            match self.look_at(name, sink) {
                Some((ProjectState::Absent, _)) => {
                    sink.claim(self.claim(name, ClaimKind::ProjectRemoved, self.evidence)?)?;
                }
                Some((ProjectState::Listed, page)) => {
                    sink.claim(self.claim(name, ClaimKind::QuarantineCleared, page)?)?;
                }
                Some((ProjectState::Quarantined, _)) | None => names.watch(name),
            }
        }
        let mut later = 0;
        for (asked, name) in difference.left.iter().enumerate() {
            if asked >= MOST_PAGES {
                names.keep(name);
                later += 1;
                continue;
            }
            match self.look_at(name, sink) {
                Some((ProjectState::Quarantined, page)) => {
                    sink.claim(self.claim(name, ClaimKind::Quarantined, page)?)?;
                    names.watch(name);
                }
                Some((ProjectState::Absent, _)) => {
                    sink.claim(self.claim(name, ClaimKind::ProjectRemoved, self.evidence)?)?;
                }
                // It has a page again, or could not be judged: the next look finds it missing again, or not.
                Some((ProjectState::Listed, _)) | None => names.keep(name),
            }
        }
        if later > 0 {
            sink.problem(problem(
                &self.url.to_string(),
                format!("{later} names that left wait for the next look"),
            ));
        }
        for name in came.iter().filter(|name| !self.past.names.is_watched(name)) {
            sink.claim(self.claim(name, ClaimKind::IndexSeen, self.evidence)?)?;
        }
        Ok(())
    }

    fn look_at(&self, name: &str, sink: &mut dyn Sink) -> Option<(ProjectState, Digest)> {
        match look_at_project(self.request.http, &self.url.directory(name)) {
            Ok(state) => Some(state),
            Err(error) => {
                sink.problem(problem(name, error));
                None
            }
        }
    }

    fn claim(&self, name: &str, kind: ClaimKind, evidence: Digest) -> Result<Claim, SourceError> {
        let wrong = |error| SourceError::Input { connector: ID, what: self.url.to_string(), error };
        let subject = Subject::project(name).map_err(|error| wrong(error.to_string()))?;
        Ok(Claim {
            subject,
            surface: Surface::Index,
            kind,
            happened: Interval::between(self.past.looked, self.request.now),
            observed: self.request.now,
            source: self.request.source.to_owned(),
            source_ref: self.url.to_string(),
            evidence: Some(evidence),
            class: Class::Unknown,
            confidence: None,
            detail: render_detail(BTreeMap::from([("seen-by", json!("difference of two lists"))])),
        })
    }
}

#[cfg(test)]
#[path = "index_list_tests.rs"]
mod tests;
