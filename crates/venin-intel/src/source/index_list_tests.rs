//! Two looks at a list, with everything that may have happened in between.

use std::sync::{Arc, Mutex};

use super::*;
use crate::http::{Fetch, FetchError, Fetched};
use crate::source::{MemorySnapshots, SourceProblem};

/// An index whose list and pages a test sets.
#[derive(Default)]
struct Index {
    names: Vec<&'static str>,
    quarantined: Vec<&'static str>,
    failing: Vec<&'static str>,
    /// An answer instead of the list.
    list: Option<Fetched>,
    asked: Mutex<Vec<String>>,
}

impl Fetch for Index {
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let url = request.url.to_string();
        self.asked.lock().unwrap().push(url.clone());
        let of = |status, body: String| Ok(Fetched { status, body: body.into_bytes(), ..Fetched::default() });
        let name = url.trim_end_matches('/').rsplit('/').next().unwrap();
        if name == "simple" {
            return match &self.list {
                Some(answer) => Ok(answer.clone()),
                None => of(200, list(&self.names)),
            };
        }
        if self.failing.contains(&name) {
            return Err(FetchError::BrokenOff { url, detail: "silence".into() });
        }
        let page = |status: &str| {
            format!("{{\"name\":\"{name}\",\"files\":[],\"project-status\":{{\"status\":\"{status}\"}}}}")
        };
        match (self.quarantined.contains(&name), self.names.contains(&name)) {
            (true, _) => of(200, page("quarantined")),
            (_, true) => of(200, page("active")),
            _ => of(404, String::new()),
        }
    }
}

fn list(names: &[&str]) -> String {
    let projects: Vec<String> =
        names.iter().map(|name| format!("{{\"_last-serial\":5,\"name\":\"{name}\"}}")).collect();
    format!(
        "{{\"meta\":{{\"_last-serial\":99,\"api-version\":\"1.4\"}},\"projects\":[{}]}}",
        projects.join(",")
    )
}

#[derive(Default)]
struct Taken {
    said: Vec<String>,
    problems: Vec<SourceProblem>,
    cursor: Option<String>,
}

impl Sink for Taken {
    fn claim(&mut self, claim: Claim) -> Result<(), SourceError> {
        self.said.push(format!("{} {} {}", claim.kind, claim.subject, claim.happened));
        Ok(())
    }
    fn problem(&mut self, problem: SourceProblem) {
        self.problems.push(problem);
    }
    fn advance(&mut self, cursor: &str) -> Result<(), SourceError> {
        self.cursor = Some(cursor.to_owned());
        Ok(())
    }
}

/// Looks again and again, an hour apart.
struct Looks {
    connector: IndexList,
    kept: Arc<MemorySnapshots>,
    cursor: Option<String>,
    hour: i64,
}

struct Shared(Arc<MemorySnapshots>);

impl Snapshots for Shared {
    fn load(&self, digest: Digest) -> Result<Option<Vec<u8>>, String> {
        self.0.load(digest)
    }
    fn keep(&self, bytes: &[u8]) -> Result<Digest, String> {
        self.0.keep(bytes)
    }
    fn forget(&self, digest: Digest) {
        self.0.forget(digest);
    }
}

impl Looks {
    fn new() -> Self {
        let kept = Arc::<MemorySnapshots>::default();
        Self { connector: IndexList::new(Box::new(Shared(Arc::clone(&kept)))), kept, cursor: None, hour: 0 }
    }

    fn look(&mut self, index: &Index) -> (Result<(), SourceError>, Taken) {
        self.hour += 1;
        let input = Input::Url(HttpUrl::parse("https://index.example/simple/").unwrap());
        let now = Moment::from_seconds(self.hour * 3600);
        let cursor = self.cursor.as_deref();
        let request = Request { input: &input, source: "index", since: None, cursor, now, http: index };
        let mut taken = Taken::default();
        let result = self.connector.collect(&request, &mut taken);
        self.cursor = taken.cursor.clone().or(self.cursor.take());
        (result, taken)
    }
}

const FIRST_HOUR: &str = "1970-01-01T01:00:00Z to 1970-01-01T02:00:00Z";

#[test]
fn what_leaves_the_list_was_removed_or_quarantined_between_the_two_looks() {
    let mut looks = Looks::new();
    let names = vec!["aa", "bb", "cc", "dd"];
    let (_, first) = looks.look(&Index { names, ..Index::default() });
    assert!(first.said.is_empty() && first.cursor.unwrap().contains("\"serial\":99"));
    let (_, second) = looks.look(&Index {
        names: vec!["aa", "ee"],
        quarantined: vec!["cc"],
        failing: vec!["dd"],
        ..Index::default()
    });
    let expected =
        ["project-removed bb", "quarantined cc", "index-seen ee"].map(|said| format!("{said} {FIRST_HOUR}"));
    assert_eq!((second.said.as_slice(), second.problems.len()), (&expected[..], 1));

    // What could not be judged is looked at again, what is quarantined stays on watch.
    let (_, third) = looks.look(&Index { names: vec!["aa", "ee"], ..Index::default() });
    let hour = "1970-01-01T02:00:00Z to 1970-01-01T03:00:00Z";
    assert_eq!(third.said, [format!("project-removed cc {hour}"), format!("project-removed dd {hour}")]);
    let (_, fourth) = looks.look(&Index { names: vec!["aa", "ee"], ..Index::default() });
    assert!(fourth.said.is_empty());
}

#[test]
fn a_cleared_quarantine_is_told_when_the_name_is_back() {
    let mut looks = Looks::new();
    let all = || Index { names: vec!["aa", "bb"], ..Index::default() };
    let _ = looks.look(&all());
    let _ = looks.look(&Index { names: vec!["aa"], quarantined: vec!["bb"], ..Index::default() });
    let (_, same) = looks.look(&Index { names: vec!["aa"], quarantined: vec!["bb"], ..Index::default() });
    assert!(same.said.is_empty());
    let (_, back) = looks.look(&all());
    assert_eq!(back.said, ["quarantine-cleared bb 1970-01-01T03:00:00Z to 1970-01-01T04:00:00Z"]);
    assert!(looks.look(&all()).1.said.is_empty());
}

#[test]
fn a_list_that_cannot_be_believed_changes_nothing() {
    let names: Vec<String> = (0..3000).map(|n| format!("name-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let whole = list(&names);
    let of = |body: &str| Some(Fetched { status: 200, body: body.as_bytes().to_vec(), ..Fetched::default() });
    let mut looks = Looks::new();
    looks.look(&Index { list: of(&whole), ..Index::default() }).0.unwrap();
    let cursor = looks.cursor.clone();
    let cut =
        Some(Fetched { status: 200, body: whole.clone().into_bytes(), is_cut: true, ..Fetched::default() });
    let broken = [
        of(&list(&names[..1000])),
        of(&whole[..whole.len() - 2]),
        of("{\"projects\":[]}"),
        of("{\"projects\":7}"),
        of("{\"meta\":{}}"),
        of("<html></html>"),
        of(&format!("{whole}{whole}")),
        cut,
        Some(Fetched { status: 503, ..Fetched::default() }),
    ];
    for list in broken {
        let index = Index { list, ..Index::default() };
        let (result, taken) = looks.look(&index);
        assert!(result.is_err() && taken.said.is_empty() && taken.cursor.is_none());
        assert_eq!(index.asked.lock().unwrap().len(), 1);
    }
    assert_eq!(looks.cursor, cursor);
}

#[test]
fn an_unchanged_list_only_moves_the_time_of_the_look() {
    let mut looks = Looks::new();
    let mut first = Fetched { status: 200, body: list(&["aa", "bb"]).into_bytes(), ..Fetched::default() };
    first.headers.push(("etag".into(), "\"1\"".into()));
    let _ = looks.look(&Index { list: Some(first), ..Index::default() });
    let unchanged = Fetched { status: 304, ..Fetched::default() };
    let (result, taken) = looks.look(&Index { list: Some(unchanged), ..Index::default() });
    result.unwrap();
    assert!(taken.said.is_empty());
    let (_, third) = looks.look(&Index { names: vec!["aa"], ..Index::default() });
    assert_eq!(third.said, ["project-removed bb 1970-01-01T02:00:00Z to 1970-01-01T03:00:00Z"]);
}

#[test]
fn a_lost_snapshot_starts_again_and_claims_nothing() {
    let mut looks = Looks::new();
    let _ = looks.look(&Index { names: vec!["aa", "bb"], ..Index::default() });
    let cursor: Cursor = serde_json::from_str(looks.cursor.as_deref().unwrap()).unwrap();
    looks.kept.forget(cursor.list.parse().unwrap());
    let (result, taken) = looks.look(&Index { names: vec!["aa"], ..Index::default() });
    assert!(result.is_ok() && taken.said.is_empty());
}

#[test]
fn hostile_names_are_counted_and_left_out() {
    let body = "{\"projects\":[{\"name\":\"..\"},{\"name\":\"a\\u001b\"},{\"name\":\"Good_One\"},{\"name\":\"good.one\"}]}";
    let (names, _, errors) = parse_list(body.as_bytes()).unwrap();
    assert_eq!((names.iter().collect::<Vec<_>>(), errors.len()), (vec!["good-one"], 2));
}

#[test]
fn lists_of_many_names_are_compared_and_kept_in_little_room() {
    let make = |from: usize| {
        let mut text = String::from("{\"projects\":[");
        for n in from..from + 70_000 {
            text.push_str(&format!(
                "{}{{\"_last-serial\":{n},\"name\":\"project-{n}\"}}",
                if n == from { "" } else { "," }
            ));
        }
        text + "]}"
    };
    let (old, new) = (make(0), make(3));
    let (old, ..) = parse_list(old.as_bytes()).unwrap();
    let (new, ..) = parse_list(new.as_bytes()).unwrap();
    let difference = diff_lists(&old, &new);
    assert_eq!((difference.left.len(), difference.came.len()), (3, 3));
    let snapshot = new.to_snapshot();
    assert!(snapshot.len() < 14 * 70_000);
    assert_eq!(NameList::from_snapshot(&snapshot).unwrap().len(), 70_000);
}
