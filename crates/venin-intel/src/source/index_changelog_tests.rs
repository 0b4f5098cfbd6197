//! Answers in the form in which the interface gives them, and in forms in which it should not.

use std::sync::Mutex;

use super::*;
use crate::http::{Fetch, FetchError, Fetched};
use crate::source::SourceProblem;

fn row(name: &str, version: Option<&str>, action: &str, serial: u64) -> String {
    let version = version.map_or("<nil/>".to_owned(), |version| format!("<string>{version}</string>"));
    format!(
        "<value><array><data>\n<value><string>{name}</string></value>\n<value>{version}</value>\n\
         <value><int>1778544000</int></value>\n<value><string>{action}</string></value>\n\
         <value><int>{serial}</int></value>\n</data></array></value>\n"
    )
}

fn answer(rows: &[String]) -> String {
    format!(
        "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>\n{}</data></array></value>\n\
         </param>\n</params>\n</methodResponse>\n",
        rows.concat()
    )
}

fn serial(number: u64) -> String {
    format!(
        "<?xml version='1.0'?><methodResponse><params><param><value><int>{number}</int></value></param></params></methodResponse>"
    )
}

#[derive(Default)]
struct Server {
    answers: Mutex<Vec<String>>,
    asked: Mutex<Vec<String>>,
}

impl Fetch for Server {
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        assert_eq!(request.method, Method::Post);
        self.asked.lock().unwrap().push(String::from_utf8(request.body.clone()).unwrap());
        let mut answers = self.answers.lock().unwrap();
        let body = if answers.is_empty() { answer(&[]) } else { answers.remove(0) };
        Ok(Fetched { status: 200, body: body.into_bytes(), ..Fetched::default() })
    }
}

#[derive(Default)]
struct Taken {
    claims: Vec<Claim>,
    problems: Vec<SourceProblem>,
    cursors: Vec<String>,
}

impl Sink for Taken {
    fn claim(&mut self, claim: Claim) -> Result<(), SourceError> {
        self.claims.push(claim);
        Ok(())
    }
    fn problem(&mut self, problem: SourceProblem) {
        self.problems.push(problem);
    }
    fn advance(&mut self, cursor: &str) -> Result<(), SourceError> {
        self.cursors.push(cursor.to_owned());
        Ok(())
    }
}

fn collect(
    scope: Scope,
    cursor: Option<&str>,
    answers: Vec<String>,
) -> (Result<(), SourceError>, Taken, Vec<String>) {
    let server = Server { answers: Mutex::new(answers), ..Server::default() };
    let input = Input::Url(HttpUrl::parse("https://index.example/rpc").unwrap());
    let now = Moment::from_seconds(1_778_550_000);
    let request = Request { input: &input, source: "index", since: None, cursor, now, http: &server };
    let mut taken = Taken::default();
    let result = IndexChangelog { scope }.collect(&request, &mut taken);
    (result, taken, server.asked.into_inner().unwrap())
}

#[test]
fn every_takedown_is_told_to_the_second_with_its_serial() {
    let rows = [
        row("Demo_Tool", None, "project quarantined", 11),
        row("Demo_Tool", None, "project quarantine cleared", 12),
        row("demo-tool", Some("1.0"), "release quarantined", 13),
        row("demo-tool", Some("1.0"), "release quarantine cleared", 14),
        row("demo-tool", Some("1.0"), "remove release", 15),
        row("demo-tool", Some("1.0"), "remove file demo_tool-1.0.tar.gz", 16),
        row("demo-tool", Some("1.1"), "yank release", 17),
        row("demo-tool", Some("1.1"), "unyank release", 18),
        row("demo-tool", None, "remove project", 19),
        row("other", Some("1"), "new release", 20),
        row("other", Some("1"), "add py3 file other-1-py3-none-any.whl", 21),
        row("other", None, "create", 22),
        row("other", None, "add Owner bob", 23),
        row("other", None, "remove Maintainer eve", 24),
    ];
    let (result, taken, asked) = collect(Scope::Takedowns, Some("10"), vec![answer(&rows)]);
    result.unwrap();
    let said: Vec<String> =
        taken.claims.iter().map(|c| format!("{} {} {}", c.source_ref, c.kind, c.subject)).collect();
    let expected = [
        "11 quarantined demo-tool",
        "12 quarantine-cleared demo-tool",
        "13 quarantined demo-tool==1.0",
        "14 quarantine-cleared demo-tool==1.0",
        "15 release-removed demo-tool==1.0",
        "16 file-removed demo-tool==1.0 (demo_tool-1.0.tar.gz)",
        "17 yanked demo-tool==1.1",
        "18 unyanked demo-tool==1.1",
        "19 project-removed demo-tool",
    ];
    assert_eq!(said, expected);
    assert_eq!(taken.claims[0].happened.to_string(), "2026-05-12T00:00:00Z");
    assert_eq!((taken.cursors.as_slice(), taken.problems.len()), (&["24".to_owned()][..], 0));
    assert!(
        asked[0].contains("<methodName>changelog_since_serial</methodName>")
            && asked[0].contains("<int>10</int>")
    );

    let (_, taken, _) = collect(Scope::Everything, Some("10"), vec![answer(&rows)]);
    let uploads: Vec<String> =
        taken.claims.iter().skip(9).map(|c| format!("{} {}", c.kind, c.subject)).collect();
    let expected = ["uploaded other==1", "uploaded other==1 (other-1-py3-none-any.whl)", "index-seen other"];
    assert_eq!(uploads, expected);
}

#[test]
fn the_run_goes_on_from_batch_to_batch_and_the_first_starts_now() {
    let batch = |n| answer(&[row("a1", None, "remove project", n)]);
    let (result, taken, asked) = collect(Scope::Takedowns, Some("5"), vec![batch(7), batch(9)]);
    result.unwrap();
    assert_eq!((taken.cursors, asked.len()), (vec!["7".to_owned(), "9".to_owned()], 3));

    let (result, taken, asked) = collect(Scope::Takedowns, None, vec![serial(77)]);
    result.unwrap();
    assert_eq!((taken.cursors, asked.len()), (vec!["77".to_owned()], 1));
    assert!(asked[0].contains("changelog_last_serial"));
}

#[test]
fn the_same_row_is_the_same_claim_in_whatever_answer_it_comes() {
    let one = row("a1", None, "remove project", 7);
    let (_, first, _) = collect(Scope::Takedowns, Some("5"), vec![answer(std::slice::from_ref(&one))]);
    let two = answer(&[one, row("b1", None, "remove project", 8)]);
    let (_, second, _) = collect(Scope::Takedowns, Some("6"), vec![two]);
    assert_eq!(first.claims[0].id(), second.claims[0].id());
}

#[test]
fn a_fault_is_told_in_the_words_of_the_server() {
    let fault = "<?xml version='1.0'?><methodResponse><fault><value><struct><member><name>faultCode</name>\
                 <value><int>-32500</int></value></member><member><name>faultString</name><value><string>\
                 HTTPTooManyRequests: The action could not be performed because there were too many requests\
                 </string></value></member></struct></value></fault></methodResponse>";
    let (result, taken, _) = collect(Scope::Takedowns, Some("5"), vec![fault.into()]);
    let error = result.unwrap_err().to_string();
    assert!(error.contains("-32500") && error.contains("too many requests"), "{error}");
    assert!(taken.cursors.is_empty());
}

#[test]
fn an_answer_that_is_cut_or_does_not_move_ends_the_run_and_not_the_cursor() {
    let whole = answer(&[row("a1", None, "remove project", 7)]);
    let cut = whole[..whole.len() - 40].to_owned();
    for broken in [cut, "<html><body>busy</body></html>".into(), String::new(), "{}".into()] {
        let (result, taken, _) = collect(Scope::Takedowns, Some("5"), vec![broken]);
        assert!(result.is_err() && taken.cursors.is_empty() && taken.claims.is_empty());
    }
    let (result, taken, _) = collect(Scope::Takedowns, Some("7"), vec![whole]);
    assert!(result.unwrap_err().to_string().contains("do not rise") && taken.cursors.is_empty());
}

#[test]
fn hostile_rows_are_problems_and_the_rest_is_read() {
    let long = "x".repeat(10 << 20);
    let rows = [
        row("../../etc", None, "remove project", 7),
        row("a&#27;[31m", None, "remove project", 8),
        row(&long, None, "remove project", 9),
        row("a1", Some("1/../2"), "remove release", 10),
        row("a1", Some("1"), "remove file ../../x", 11),
        row("a1", None, "ascend to heaven", 12),
        "<value><array><data><value><string>short</string></value></data></array></value>".into(),
        "<value><array><data><value><struct><member><name>a</name><value>b</value></member></struct></value></data></array></value>".into(),
        row("good", None, "remove project", 13),
    ];
    let (result, taken, _) = collect(Scope::Takedowns, Some("5"), vec![answer(&rows)]);
    result.unwrap();
    assert_eq!((taken.claims.len(), taken.cursors.as_slice()), (1, &["13".to_owned()][..]));
    assert_eq!(taken.problems.len(), 8, "{:#?}", taken.problems);
    assert!(taken.problems.iter().all(|p| p.error.len() < 600 && !p.error.contains('\u{1b}')));
}
