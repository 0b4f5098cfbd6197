//! Politeness on a clock of its own and servers of its own; then the network, on the loopback interface.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use venin_testkit::{Answer, TestServer};

use super::super::body::{Wanted, hand_over};
use super::super::settings::Timeouts;
use super::super::{Change, fetch_if_changed};
use super::*;
use crate::claim::Moment;

/// Time that passes only when somebody waits.
#[derive(Default)]
struct TestClock(Mutex<Duration>);

impl Clock for TestClock {
    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }
    fn wall(&self) -> Moment {
        let start = Moment::parse("2026-11-21T10:00:00Z").unwrap();
        Moment::from_micros(start.micros() + i64::try_from(self.elapsed().as_micros()).unwrap())
    }
    fn sleep(&self, span: Duration) {
        *self.0.lock().unwrap() += span;
    }
    fn random(&self) -> u64 {
        0
    }
}

/// Gives its answers in order, the last one for ever, and writes down what it was asked and when.
struct Script {
    clock: Arc<TestClock>,
    answers: Mutex<VecDeque<Result<Fetched, FetchError>>>,
    log: Arc<Mutex<Vec<(u64, Hop)>>>,
}

impl Transport for Script {
    fn send_into(&self, hop: &Hop, body: &mut dyn BodySink) -> Result<Fetched, FetchError> {
        let now = u64::try_from(self.clock.elapsed().as_millis()).unwrap();
        self.log.lock().unwrap().push((now, hop.clone()));
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() };
        let mut answer = answer?;
        hand_over(&mut answer, body).unwrap();
        Ok(answer)
    }
}

struct Bench {
    client: PoliteClient,
    log: Arc<Mutex<Vec<(u64, Hop)>>>,
}

impl Bench {
    fn new(answers: Vec<Result<Fetched, FetchError>>) -> Self {
        let (clock, log) = (Arc::<TestClock>::default(), Arc::default());
        let script =
            Script { clock: Arc::clone(&clock), answers: Mutex::new(answers.into()), log: Arc::clone(&log) };
        Self { client: PoliteClient::with_parts(Politeness::default(), Box::new(script), clock), log }
    }

    fn get(&self, url: &str) -> Result<Fetched, FetchError> {
        self.client.fetch(&get(url))
    }

    /// When each request was sent, in milliseconds.
    fn times(&self) -> Vec<u64> {
        self.log.lock().unwrap().iter().map(|(at, _)| *at).collect()
    }

    fn last_hop(&self) -> Hop {
        self.log.lock().unwrap().last().unwrap().1.clone()
    }
}

fn get(url: &str) -> FetchRequest {
    FetchRequest::get(HttpUrl::parse(url).unwrap())
}

fn answer(status: u16, headers: &[(&str, &str)]) -> Result<Fetched, FetchError> {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Ok(Fetched { status, headers, body: b"body".to_vec(), is_cut: false })
}

fn broken() -> Result<Fetched, FetchError> {
    Err(FetchError::BrokenOff { url: "x".into(), detail: "y".into() })
}

#[test]
fn one_host_is_asked_once_a_second_and_two_hosts_do_not_wait_for_each_other() {
    let bench = Bench::new(vec![answer(200, &[])]);
    for url in ["https://a.example/1", "https://b.example/1", "https://a.example/2", "https://a.example/3"] {
        bench.get(url).unwrap();
    }
    assert_eq!(bench.times(), [0, 0, 1000, 2000]);
    assert_eq!(bench.client.counts().waited, Duration::from_secs(2));
}

#[test]
fn what_may_pass_is_tried_again_with_doubling_pauses_and_then_given_as_it_is() {
    let bench = Bench::new(vec![answer(503, &[])]);
    assert_eq!(bench.get("http://127.0.0.1/").unwrap().status, 503);
    assert_eq!(bench.times(), [0, 250, 750, 1750]);
    let counts = bench.client.counts();
    assert_eq!((counts.requests, counts.retries, counts.refusals[&503]), (4, 3, 1));
}

#[test]
fn what_does_not_pass_is_not_tried_again() {
    for status in [400, 401, 403, 404, 410, 451, 501] {
        let bench = Bench::new(vec![answer(status, &[])]);
        assert_eq!(bench.get("https://a.example/").unwrap().status, status);
        assert_eq!(bench.times().len(), 1);
    }
    let tls = FetchError::Tls { url: "x".into(), detail: "y".into() };
    let bench = Bench::new(vec![Err(tls.clone())]);
    assert_eq!(bench.get("https://a.example/"), Err(tls));
    assert_eq!((bench.times().len(), bench.client.counts().failures["not trusted"]), (1, 1));
}

#[test]
fn a_broken_connection_is_tried_again() {
    let bench = Bench::new(vec![broken(), broken(), answer(200, &[])]);
    assert_eq!(bench.get("http://127.0.0.1/").unwrap().status, 200);
    assert!(bench.client.counts().failures.is_empty());
}

#[test]
fn a_demand_to_wait_holds_for_every_request_to_the_host() {
    for demand in ["7", "Sat, 21 Nov 2026 10:00:07 GMT"] {
        let bench = Bench::new(vec![answer(429, &[("retry-after", demand)]), answer(200, &[])]);
        bench.get("https://a.example/").unwrap();
        bench.get("https://b.example/").unwrap();
        assert_eq!(bench.times(), [0, 7000, 7000]);
    }
}

#[test]
fn a_demand_beyond_all_patience_ends_the_requests_to_the_host_without_asking_again() {
    let bench = Bench::new(vec![answer(429, &[("retry-after", "3600")]), answer(200, &[])]);
    assert_eq!(bench.get("https://a.example/").unwrap().status, 429);
    let error = bench.get("https://a.example/other").unwrap_err();
    assert!(matches!(&error, FetchError::Postponed { detail, .. } if detail == "3600 s"), "{error}");
    assert_eq!(bench.get("https://b.example/").unwrap().status, 200);
    assert_eq!(bench.times(), [0, 0]);
}

#[test]
fn a_host_that_cannot_be_reached_is_tried_at_length_only_once() {
    let error = FetchError::Unreachable { url: "x".into(), detail: "y".into() };
    let bench = Bench::new(vec![Err(error)]);
    for expected in [4, 5] {
        bench.get("https://a.example/").unwrap_err();
        assert_eq!(bench.times().len(), expected);
    }
}

#[test]
fn a_redirect_never_leaves_encryption_nor_takes_credentials_to_another_host() {
    let to = |target: &str| Bench::new(vec![answer(302, &[("location", target)]), answer(200, &[])]);
    let request =
        get("https://bob:secret@a.example/").with_header("cookie", "x").with_header("range", "bytes=0-1");
    let bench = to("http://a.example/2");
    assert!(matches!(bench.client.fetch(&request), Err(FetchError::Tls { .. })));
    for target in
        ["https://b.example/2", "//b.example/2", "https://eve:pw@b.example/2", "https://a.example:444/2"]
    {
        let bench = to(target);
        bench.client.fetch(&request).unwrap();
        let hop = bench.last_hop();
        assert_eq!(hop.url.authorization(), None, "{target}");
        assert_eq!(hop.headers, [("range", "bytes=0-1".to_owned())]);
    }
    let bench = to("/2");
    bench.client.fetch(&request).unwrap();
    assert!(bench.last_hop().url.authorization().is_some());
    assert_eq!((bench.last_hop().headers.len(), bench.client.counts().redirects), (2, 1));
}

#[test]
fn credentials_can_be_kept_to_the_first_address() {
    let bench = Bench::new(vec![answer(302, &[("location", "/2")]), answer(200, &[])]);
    let request = FetchRequest { redirects: Redirects::FollowBare, ..get("https://bob:secret@a.example/1") };
    bench.client.fetch(&request).unwrap();
    let log = bench.log.lock().unwrap();
    let sent: Vec<bool> = log.iter().map(|(_, hop)| hop.url.authorization().is_some()).collect();
    assert_eq!(sent, [true, false]);
}

#[test]
fn redirects_in_a_circle_or_without_end_or_to_nowhere_are_nonsense() {
    let circle = Bench::new(vec![answer(301, &[("location", "/b")]), answer(301, &[("location", "/a")])]);
    let error = circle.get("http://127.0.0.1/a").unwrap_err();
    assert_eq!(error.to_string(), "http://127.0.0.1/a answers nonsense: it redirects in a circle");
    let chain = (0..9).map(|n| answer(302, &[("location", &format!("/{n}"))])).collect();
    let bench = Bench::new(chain);
    assert!(matches!(bench.get("http://127.0.0.1/"), Err(FetchError::Nonsense { .. })));
    assert_eq!(bench.times().len(), 6);
    for target in ["ftp://a.example/", "javascript:x", "https://"] {
        let bench = Bench::new(vec![answer(302, &[("location", target)])]);
        assert!(matches!(bench.get("http://127.0.0.1/"), Err(FetchError::Nonsense { .. })), "{target}");
    }
}

#[test]
fn a_redirect_is_shown_where_that_is_asked_for() {
    let bench = Bench::new(vec![answer(302, &[("location", "https://b.example/")])]);
    let request = FetchRequest { redirects: Redirects::Show, ..get("https://a.example/") };
    assert_eq!(bench.client.fetch(&request).unwrap().status, 302);
}

#[test]
fn what_was_sent_is_not_sent_to_another_host() {
    let bench = Bench::new(vec![answer(307, &[("location", "https://b.example/")])]);
    let request = FetchRequest { method: Method::Post, body: b"call".to_vec(), ..get("https://a.example/") };
    assert!(matches!(bench.client.fetch(&request), Err(FetchError::Nonsense { .. })));
    let bench = Bench::new(vec![answer(303, &[("location", "https://b.example/")]), answer(200, &[])]);
    bench.client.fetch(&request).unwrap();
    assert_eq!((bench.last_hop().method, bench.last_hop().body.len()), (Method::Get, 0));
}

/// Counts how many requests are under way at once.
struct Crowd {
    now: AtomicUsize,
    most: Arc<AtomicUsize>,
}

impl Transport for Crowd {
    fn send_into(&self, _hop: &Hop, _body: &mut dyn BodySink) -> Result<Fetched, FetchError> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        for _ in 0..200 {
            std::thread::yield_now();
        }
        self.now.fetch_sub(1, Ordering::SeqCst);
        answer(200, &[])
    }
}

#[test]
fn never_more_requests_are_under_way_than_allowed() {
    let most_with = |settings: Politeness, url: fn(usize) -> String| {
        let most = Arc::<AtomicUsize>::default();
        let crowd = Crowd { now: AtomicUsize::new(0), most: Arc::clone(&most) };
        let client = PoliteClient::with_parts(settings, Box::new(crowd), Arc::<TestClock>::default());
        std::thread::scope(|scope| {
            for n in 0..16 {
                let client = &client;
                scope.spawn(move || client.fetch(&get(&url(n))).unwrap());
            }
        });
        assert_eq!(client.counts().requests, 16);
        most.load(Ordering::SeqCst)
    };
    let settings = Politeness { most_per_host: 2, most_in_all: 3, ..Politeness::default() };
    assert!(most_with(settings.clone(), |_| "http://127.0.0.1/".into()) <= 2);
    assert!(most_with(settings, |n| format!("http://127.0.0.{}/", n + 1)) <= 3);
}

// The network.

fn client() -> PoliteClient {
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        first_byte: Duration::from_millis(300),
        silence: Duration::from_millis(300),
        whole: Duration::from_secs(2),
    };
    let backoff = Duration::from_millis(1);
    let contact = Some("ops@lab.example".into());
    PoliteClient::new(Politeness { timeouts, backoff, contact, attempts: 2, ..Politeness::default() })
        .unwrap()
}

fn ask(answer: Answer) -> (Result<Fetched, FetchError>, Counts) {
    let server = TestServer::start([("/x", answer)]);
    let client = client();
    (client.fetch(&FetchRequest { most_bytes: 1000, ..get(&format!("{}/x", server.base)) }), client.counts())
}

#[test]
fn the_server_learns_who_asks_and_gets_the_credentials_of_its_address() {
    let server = TestServer::start([("/x", Answer::ok("text/plain", "hello"))]);
    let base = server.base.replace("http://", "http://bob:secret@");
    let fetched = client().fetch(&get(&format!("{base}/x")).with_header("accept", "text/plain")).unwrap();
    assert_eq!((fetched.status, fetched.body.as_slice(), fetched.is_cut), (200, &b"hello"[..], false));
    assert_eq!(fetched.header("content-type"), Some("text/plain"));
    let head = &server.requests()[0];
    for part in ["(+ops@lab.example)", "authorization: basic ", "accept: text/plain"] {
        assert!(head.contains(part), "{head}");
    }
}

#[test]
fn a_body_is_cut_at_the_limit_however_small_it_came() {
    let (answer, counts) = ask(Answer::ok("text/plain", vec![b'a'; 5000]));
    let answer = answer.unwrap();
    assert_eq!((answer.body.len(), answer.is_cut, counts.cut), (1000, true, 1));
    let (answer, _) = ask(Answer::ok("text/plain", vec![b'a'; 1000]));
    assert!(!answer.unwrap().is_cut);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&vec![0; 50 << 20]).unwrap();
    let bomb = Answer::ok("text/plain", gzip.finish().unwrap()).with_header("content-encoding", "gzip");
    let answer = ask(bomb).0.unwrap();
    assert_eq!((answer.body.len(), answer.is_cut), (1000, true));
}

#[test]
fn a_body_that_ends_early_is_broken_off_after_another_attempt() {
    let short = Answer { announced: Some(100), ..Answer::ok("text/plain", "hello") };
    let chunk = Answer::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nhello");
    for answer in [short, chunk, Answer::raw("HTTP/1.1 200 OK\r\nconte"), Answer::raw("")] {
        let (answer, counts) = ask(answer);
        assert!(matches!(answer, Err(FetchError::BrokenOff { .. })), "{answer:?}");
        assert_eq!((counts.requests, counts.failures["broken off"]), (2, 1));
    }
}

#[test]
fn what_is_no_http_is_nonsense_at_once() {
    let gzip = Answer::ok("text/plain", "no gzip at all").with_header("content-encoding", "gzip");
    let length = Answer::raw("HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\nhello");
    let chunk = Answer::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello");
    let head = Answer::raw(format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "a".repeat(100_000)));
    for answer in [gzip, length, chunk, head, Answer::raw("SSH-2.0-server\r\n\r\n")] {
        let (answer, counts) = ask(answer);
        assert!(matches!(answer, Err(FetchError::Nonsense { .. })), "{answer:?}");
        assert_eq!(counts.requests, 1);
    }
}

#[test]
fn a_server_that_is_silent_or_drips_is_not_waited_for_forever() {
    let late = Answer { delay: Duration::from_secs(20), ..Answer::ok("text/plain", "hello") };
    let drip = Answer { drip: Duration::from_millis(50), ..Answer::ok("text/plain", vec![b'a'; 900]) };
    for answer in [late, drip] {
        let answer = ask(answer).0;
        assert!(matches!(answer, Err(FetchError::BrokenOff { .. })), "{answer:?}");
    }
}

#[test]
fn a_server_without_tls_and_one_that_is_not_there_are_told_apart() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        }
    });
    let error = client().fetch(&get(&base)).unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let error = client().fetch(&get(&base)).unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error:?}");
}

#[test]
fn an_unchanged_resource_is_not_sent_again() {
    let first = Answer::ok("text/plain", "hello").with_header("etag", "\"1\"");
    let second = Answer { status: 304, ..Answer::default() };
    let server = TestServer::start([("/first", first), ("/second", second)]);
    let client = client();
    let request = |path: &str| get(&format!("{}{path}", server.base));
    let Change::Answer(fetched, validator) = fetch_if_changed(&client, request("/first"), None).unwrap()
    else {
        panic!("nothing was known before")
    };
    assert_eq!(fetched.body, b"hello");
    assert_eq!(fetch_if_changed(&client, request("/second"), Some(&validator)).unwrap(), Change::Unchanged);
    assert!(server.requests()[1].contains("if-none-match: \"1\""));
    assert_eq!(client.counts().unchanged, 1);
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<(String, u16, Digest)>>>);

impl Recorder for Kept {
    fn record(&self, url: &HttpUrl, answer: &Fetched, sha256: Digest) {
        self.0.lock().unwrap().push((url.to_string(), answer.status, sha256));
    }
}

#[test]
fn every_answer_can_be_kept_as_evidence() {
    let server = TestServer::start([("/x", Answer::ok("text/plain", "hello"))]);
    let kept = Kept::default();
    let client = client().with_recorder(Box::new(kept.clone()));
    for path in ["/x", "/nowhere"] {
        client.fetch(&get(&format!("{}{path}", server.base))).unwrap();
    }
    let kept = kept.0.lock().unwrap();
    assert_eq!(kept[0], (format!("{}/x", server.base), 200, Digest::of(b"hello")));
    assert_eq!(kept[1].1, 404);
}

/// Takes a body in and writes down what happened; gives up after so many bytes.
#[derive(Default)]
struct Taker {
    begun: Vec<u16>,
    bytes: Vec<u8>,
    most: Option<usize>,
}

impl BodySink for Taker {
    fn begin(&mut self, answer: &Fetched) -> Result<Wanted, String> {
        self.begun.push(answer.status);
        self.bytes.clear();
        Ok(if answer.status == 200 { Wanted::Body } else { Wanted::Nothing })
    }

    fn bytes(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.bytes.extend_from_slice(chunk);
        if self.most.is_some_and(|most| self.bytes.len() > most) {
            Err("it is full".to_owned())
        } else {
            Ok(())
        }
    }
}

#[test]
fn a_body_is_passed_on_as_it_comes_and_begins_anew_after_every_redirect_and_failure() {
    let to = Answer { status: 302, ..Answer::default() }.with_header("location", "/x");
    let answer = Answer { failures: 1, ..Answer::ok("text/plain", vec![b'a'; 200_000]) };
    let server = TestServer::start([("/from", to), ("/x", answer)]);
    let (client, mut taker) = (client(), Taker::default());
    let request = get(&format!("{}/from", server.base));
    let answer = client.fetch_into(&request, &mut taker).unwrap();
    assert_eq!((answer.status, answer.body.len(), answer.is_cut), (200, 0, false));
    assert_eq!((taker.begun.as_slice(), taker.bytes.len()), (&[302, 503, 200][..], 200_000));
    assert_eq!(client.counts().bytes, 200_000);
    let cut = client.fetch_into(&FetchRequest { most_bytes: 70_000, ..request }, &mut taker).unwrap();
    assert_eq!((cut.is_cut, taker.bytes.len()), (true, 70_000));
}

#[test]
fn a_sink_that_is_full_ends_the_request_without_another_attempt() {
    let server = TestServer::start([("/x", Answer::ok("text/plain", vec![b'a'; 200_000]))]);
    let (client, mut taker) = (client(), Taker { most: Some(10), ..Taker::default() });
    let error = client.fetch_into(&get(&format!("{}/x", server.base)), &mut taker).unwrap_err();
    assert!(matches!(&error, FetchError::NotTaken { detail, .. } if detail == "it is full"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn what_is_sent_along_arrives_as_it_is() {
    let server = TestServer::start([("/rpc", Answer::ok("text/xml", "<a/>"))]);
    let request = FetchRequest {
        method: Method::Post,
        body: b"<call/>".to_vec(),
        ..get(&format!("{}/rpc", server.base))
    };
    let fetched = client().fetch(&request.with_header("content-type", "text/xml")).unwrap();
    assert_eq!(fetched.body, b"<a/>");
    let head = &server.requests()[0];
    for part in ["post /rpc", "content-length: 7", "content-type: text/xml"] {
        assert!(head.contains(part), "{head}");
    }
    let head = FetchRequest { method: Method::Head, ..get(&format!("{}/rpc", server.base)) };
    assert_eq!(client().fetch(&head).unwrap().status, 200);
}
