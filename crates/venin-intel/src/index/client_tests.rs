//! The client against a server on the loopback interface that behaves in every way a server can.

use std::time::Duration;

use super::*;
use crate::index::HttpUrl;
use venin_testkit::{Answer, TestServer};

const JSON: &str = "application/vnd.pypi.simple.v1+json";

#[derive(Default)]
struct Bytes {
    bytes: Vec<u8>,
    restarts: usize,
}

impl FileSink for Bytes {
    fn restart(&mut self, _size: u64) -> io::Result<()> {
        self.bytes.clear();
        self.restarts += 1;
        Ok(())
    }

    fn bytes(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }
}

fn client_of(base: &str) -> IndexClient {
    let settings = IndexSettings {
        url: HttpUrl::parse(&format!("{base}/simple")).unwrap(),
        source: "test".into(),
        others: Vec::new(),
        certificates: None,
        proxy: None,
    };
    let mut politeness = Politeness { backoff: Duration::from_millis(1), ..Politeness::of_installer() };
    politeness.timeouts.first_byte = Duration::from_millis(300);
    let http = PoliteClient::new(politeness).unwrap();
    IndexClient::new(settings, Limits { page: 4096, file: 4096 }, Arc::new(http))
}

fn fetch(path: &'static str, answer: Answer) -> Result<ProjectPage, FetchError> {
    let server = TestServer::start([(path, answer)]);
    client_of(&server.base).fetch_project("Six")
}

fn file(server: &TestServer, path: &str, sha256: Option<String>) -> IndexFile {
    let url = HttpUrl::parse(&format!("{}{path}", server.base)).unwrap();
    IndexFile { name: "six-1.tar.gz".into(), url, sha256, size: None, yanked: None }
}

#[test]
fn the_json_form_gives_files_with_digests_and_the_status() {
    let digest = "AB".repeat(32);
    let body = format!(
        "{{\"meta\":{{\"api-version\":\"1.4\"}},\"name\":\"six\",\"project-status\":{{\"status\":\"archived\",\"reason\":\"done\"}},\
         \"files\":[{{\"filename\":\"six-1.tar.gz\",\"url\":\"../../f/six-1.tar.gz\",\"hashes\":{{\"sha256\":\"{digest}\"}},\
         \"size\":12,\"yanked\":false}},{{\"filename\":\"six-2.tar.gz\",\"url\":\"/six-2.tar.gz\",\"yanked\":\"bad\"}},\
         {{\"filename\":\"../evil\",\"url\":\"file:///etc/passwd\"}}]}}"
    );
    let page = fetch("/simple/six/", Answer::ok(JSON, body)).unwrap();
    assert_eq!((page.status.as_deref(), page.status_reason.as_deref()), (Some("archived"), Some("done")));
    assert_eq!(page.files.len(), 2);
    assert_eq!(page.files[0].sha256, Some("ab".repeat(32)));
    assert!(page.files[0].url.to_string().ends_with("/f/six-1.tar.gz"));
    assert_eq!((page.files[0].size, page.files[1].yanked.as_deref()), (Some(12), Some("bad")));
}

#[test]
fn the_html_form_is_read_where_an_index_has_no_other() {
    let page = fetch("/simple/six/", Answer::ok("text/html; charset=utf-8", "<a href='six-1.tar.gz'>x</a>"))
        .unwrap();
    assert_eq!(page.files[0].name, "six-1.tar.gz");
}

#[test]
fn requests_say_who_asks_and_carry_credentials_to_the_index_only() {
    let redirect = Answer {
        status: 302,
        headers: vec![("location".into(), "/simple/six/2".into())],
        ..Answer::default()
    };
    let server = TestServer::start([
        ("/simple/six/", redirect),
        ("/simple/six/2", Answer::ok(JSON, "{\"files\":[]}")),
    ]);
    let client = client_of(&server.base.replace("http://", "http://bob:secret@"));
    client.fetch_project("six").unwrap();
    let requests = server.requests();
    assert!(
        requests[0].contains("authorization: basic ") && requests[0].contains("user-agent: venin/"),
        "{requests:?}"
    );
    assert!(!requests[1].contains("authorization"), "{requests:?}");
    assert!(!format!("{client:?}").contains("secret"));
}

#[test]
fn an_unknown_project_is_said_to_be_unknown() {
    let error = fetch("/elsewhere", Answer::default()).unwrap_err();
    assert!(matches!(error, FetchError::NoProject { .. }), "{error}");
    assert!(error.hint().contains("spelling"));
}

#[test]
fn nonsense_is_called_nonsense() {
    let answers = [
        Answer::ok(JSON, "{\"files\": 1}"),
        Answer::ok(JSON, "{\"files\": [{}]}"),
        Answer::ok("text/plain", "hello"),
        Answer::ok("text/html", "hello"),
        Answer::ok("application/octet-stream", vec![0, 1, 2]),
    ];
    for answer in answers {
        let error = fetch("/simple/six/", answer).unwrap_err();
        assert!(matches!(error, FetchError::Nonsense { .. }), "{error}");
    }
}

#[test]
fn a_page_beyond_the_limit_is_not_read() {
    let error = fetch("/simple/six/", Answer::ok(JSON, vec![b' '; 5000])).unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { limit: 4096, .. }), "{error}");
}

#[test]
fn a_failure_that_passes_is_waited_for_and_one_that_stays_is_told() {
    let answer = Answer { failures: 2, ..Answer::ok(JSON, "{\"files\":[]}") };
    assert!(fetch("/simple/six/", answer.clone()).is_ok());
    let error = fetch("/simple/six/", Answer { failures: 9, ..answer }).unwrap_err();
    assert!(matches!(error, FetchError::Status { status: 503, .. }), "{error}");
}

#[test]
fn a_silent_server_is_not_waited_for_forever() {
    let answer = Answer { delay: Duration::from_secs(5), ..Answer::ok(JSON, "{\"files\":[]}") };
    let error = fetch("/simple/six/", answer).unwrap_err();
    assert!(matches!(error, FetchError::BrokenOff { .. }), "{error}");
}

#[test]
fn a_refused_connection_is_told_once_and_not_tried_at_length_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = client_of(&base);
    for _ in 0..2 {
        let error = client.fetch_project("six").unwrap_err();
        assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    }
}

#[test]
fn a_file_arrives_with_its_digest_checked() {
    let server = TestServer::start([("/f", Answer::ok("application/gzip", "hello"))]);
    let client = client_of(&server.base);
    let good = crate::claim::Digest::of(b"hello").to_string();
    let mut sink = Bytes::default();
    assert_eq!(client.fetch_file(&file(&server, "/f", Some(good.clone())), &[], &mut sink).unwrap(), good);
    assert_eq!(sink.bytes, b"hello");
    assert!(server.requests()[0].contains("accept-encoding: identity"));
    for (announced, demanded) in [(Some("0".repeat(64)), vec![]), (None, vec!["1".repeat(64)])] {
        let error = client.fetch_file(&file(&server, "/f", announced), &demanded, &mut sink).unwrap_err();
        assert!(matches!(error, FetchError::Digest { .. }), "{error}");
    }
}

#[test]
fn a_truncated_file_is_tried_again_and_then_given_up() {
    let answer = Answer { announced: Some(100), ..Answer::ok("application/gzip", "hello") };
    let server = TestServer::start([("/f", answer)]);
    let mut sink = Bytes::default();
    let error = client_of(&server.base).fetch_file(&file(&server, "/f", None), &[], &mut sink).unwrap_err();
    assert!(matches!(error, FetchError::BrokenOff { .. }), "{error}");
    assert_eq!(sink.restarts, 3);
}

#[test]
fn a_file_beyond_the_limit_is_not_taken_in() {
    let server = TestServer::start([("/f", Answer::ok("application/gzip", vec![0; 5000]))]);
    let mut sink = Bytes::default();
    let error = client_of(&server.base).fetch_file(&file(&server, "/f", None), &[], &mut sink).unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { .. }), "{error}");
    assert!(sink.bytes.is_empty());
}

#[test]
fn credentials_are_in_no_message_and_go_to_no_other_host() {
    let other = TestServer::start([("/f", Answer::ok("application/gzip", "hello"))]);
    let to = |target: &str| Answer { status: 302, ..Answer::default() }.with_header("location", target);
    let server = TestServer::start([
        ("/f", to(&format!("{}/f", other.base))),
        ("/simple/gone/", to("ftp://x.example/")),
    ]);
    let client = client_of(&server.base.replace("http://", "http://bob:secret@"));
    let mut sink = Bytes::default();
    let url = client.settings().url.join("/f").unwrap();
    let file = IndexFile { name: "six-1.tar.gz".into(), url, sha256: None, size: None, yanked: None };
    client.fetch_file(&file, &[], &mut sink).unwrap();
    assert!(server.requests()[0].contains("authorization: basic "), "{:?}", server.requests());
    assert!(!other.requests()[0].contains("authorization"), "{:?}", other.requests());
    for name in ["gone", "absent"] {
        let error = client.fetch_project(name).unwrap_err();
        assert!(!format!("{error} {error:?} {}", error.hint()).contains("secret"), "{error:?}");
    }
}

#[test]
fn a_file_without_encryption_of_an_index_with_it_is_not_asked_for() {
    let server = TestServer::start([("/f", Answer::ok("application/gzip", "hello"))]);
    let client = client_of(&server.base.replace("http://", "https://"));
    let error = client.fetch_file(&file(&server, "/f", None), &[], &mut Bytes::default()).unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error}");
    assert!(server.requests().is_empty());
}
