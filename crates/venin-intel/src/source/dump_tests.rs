//! Dumps of a server on the loopback interface.

use venin_testkit::{Answer, TestServer};

use super::*;
use crate::http::{PoliteClient, Politeness};
use crate::source::collected::{Collected, NOW};
use crate::source::table::Table;
use crate::source::{Connector, Input};

const ROWS: &str = "name,version\nbad,1\nworse,2\n";

/// A sink that is interrupted after so many claims.
struct Impatient(Collected, usize);

impl Sink for Impatient {
    fn claim(&mut self, claim: crate::claim::Claim) -> Result<(), SourceError> {
        if self.0.claims.len() == self.1 {
            return Err(SourceError::Interrupted);
        }
        self.0.claim(claim)
    }

    fn problem(&mut self, problem: crate::source::SourceProblem) {
        self.0.problem(problem);
    }

    fn unchanged(&mut self) {
        self.0.unchanged();
    }

    fn advance(&mut self, cursor: &str) -> Result<(), SourceError> {
        self.0.advance(cursor)
    }
}

fn server() -> TestServer {
    let marked = Answer::ok("text/csv", ROWS).with_etag("\"one\"");
    TestServer::start([
        ("/marked.csv", marked.with_header("last-modified", "Sat, 21 Nov 2026 10:02:00 GMT")),
        ("/plain.csv", Answer::ok("text/csv", ROWS)),
        ("/odd.csv", Answer { status: 304, ..Answer::default() }),
    ])
}

fn take(
    server: &TestServer,
    path: &str,
    cursor: Option<&str>,
    since: Option<Moment>,
    most: usize,
) -> (Result<(), SourceError>, Collected) {
    let http = PoliteClient::new(Politeness::default()).unwrap();
    let input = Input::Url(HttpUrl::parse(&format!("{}{path}", server.base)).unwrap());
    let mut sink = Impatient(Collected::default(), most);
    let request = Request { input: &input, source: "s", since, cursor, now: NOW, http: &http };
    (Table.collect(&request, &mut sink), sink.0)
}

#[test]
fn a_dump_that_was_wholly_imported_is_not_sent_again() {
    let server = server();
    let (result, first) = take(&server, "/marked.csv", None, None, 9);
    result.unwrap();
    let cursor = first.cursor.unwrap();
    assert_eq!((first.claims.len(), first.is_unchanged), (2, false));
    let (result, second) = take(&server, "/marked.csv", Some(&cursor), None, 9);
    result.unwrap();
    assert_eq!((second.claims.len(), second.is_unchanged, second.cursor), (0, true, Some(cursor)));
    let requests = server.requests();
    assert!(!requests[0].contains("if-none-match") && requests[1].contains("if-none-match: \"one\""));
    assert!(requests[1].contains("if-modified-since: sat, 21 nov 2026"), "{requests:?}");
}

#[test]
fn a_dump_that_was_imported_in_part_is_asked_for_again() {
    let server = server();
    let (result, half) = take(&server, "/marked.csv", None, None, 1);
    assert!(matches!(result, Err(SourceError::Interrupted)));
    assert_eq!((half.claims.len(), half.cursor), (1, None));
    let since = Some(Moment::from_seconds(1));
    let (result, newer) = take(&server, "/marked.csv", None, since, 9);
    result.unwrap();
    assert_eq!(newer.cursor, None, "from a date on is not everything");
}

#[test]
fn a_server_without_marks_is_always_asked_in_full_and_one_that_claims_too_much_is_not_believed() {
    let server = server();
    let (result, plain) = take(&server, "/plain.csv", None, None, 9);
    result.unwrap();
    assert_eq!((plain.claims.len(), plain.cursor), (2, None));
    let (result, _) = take(&server, "/odd.csv", None, None, 9);
    assert!(result.unwrap_err().to_string().contains("the server answered 304"));
}

#[test]
fn a_cursor_is_a_moment_or_both_or_nothing() {
    let moment = Reached::parse(Some("2026-05-12T00:00:00Z"));
    assert!(moment.newest().is_some() && moment.marks == Validator::default());
    let both = Reached::parse(Some(r#"{"newest":"2026-05-12T00:00:00Z","marks":{"etag":"\"1\""}}"#));
    assert_eq!((both.newest(), both.marks.etag.as_deref()), (moment.newest(), Some("\"1\"")));
    for text in ["", "x", "[]", "{\"marks\":7}", "7"] {
        assert_eq!(Reached::parse(Some(text)), Reached::default(), "{text}");
    }
}
