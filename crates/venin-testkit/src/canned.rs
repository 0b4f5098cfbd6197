//! A server on the loopback interface that answers with what a test tells it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is answered for one path.
#[derive(Clone, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers besides the length.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The length announced, if it is not the true one.
    pub announced: Option<usize>,
    /// Silence before the answer.
    pub delay: Duration,
    /// How many requests are answered with 503 first.
    pub failures: usize,
    /// These bytes instead of an answer made of the rest.
    pub raw: Option<Vec<u8>>,
    /// Silence before every byte of the body.
    pub drip: Duration,
    /// The entity tag; whoever names it (RFC 9110, 13.1.2) gets 304 and no body.
    pub etag: Option<String>,
}

impl Answer {
    /// Status 200 with a body of this media type.
    pub fn ok(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        Self { status: 200, headers, body: body.into(), ..Self::default() }
    }

    /// The same with an entity tag, in its quotes.
    pub fn with_etag(mut self, etag: &str) -> Self {
        self.etag = Some(etag.to_owned());
        self.with_header("etag", etag)
    }

    /// Exactly these bytes, and then the end of the connection.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { raw: Some(bytes.into()), ..Self::default() }
    }

    /// The same with another header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Answer {
    /// Whether the head of a request names the entity tag.
    fn is_named_in(&self, head: &str) -> bool {
        let head = head.to_ascii_lowercase();
        let of_line = |line: &str| line.strip_prefix("if-none-match:").map(|value| value.trim().to_owned());
        let named = head.lines().find_map(of_line);
        self.etag.as_ref().is_some_and(|etag| named.as_deref() == Some(&etag.to_ascii_lowercase()))
    }
}

/// The server; ends with the test.
pub struct TestServer {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl TestServer {
    /// Answers these paths; anything else is 404.
    pub fn start(answers: impl IntoIterator<Item = (&'static str, Answer)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let answers: BTreeMap<String, Answer> =
            answers.into_iter().map(|(path, a)| (path.to_owned(), a)).collect();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answers, seen) = (Arc::new(Mutex::new(answers)), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, seen) = (Arc::clone(&answers), Arc::clone(&seen));
                std::thread::spawn(move || answer(&stream, &answers, &seen));
            }
        });
        Self { base, requests }
    }

    /// The heads of the requests so far, in lower case.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn answer(
    stream: &TcpStream,
    answers: &Mutex<BTreeMap<String, Answer>>,
    seen: &Mutex<Vec<String>>,
) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head).ok()? > 2 {}
    let path = head.split(' ').nth(1)?.to_owned();
    seen.lock().unwrap().push(head.to_ascii_lowercase());
    let answer = {
        let mut answers = answers.lock().unwrap();
        match answers.get_mut(&path) {
            Some(answer) if answer.failures > 0 => {
                answer.failures -= 1;
                Answer { status: 503, ..Answer::default() }
            }
            Some(answer) => answer.clone(),
            None => Answer { status: 404, ..Answer::default() },
        }
    };
    let answer = if answer.is_named_in(&head) { Answer { status: 304, ..Answer::default() } } else { answer };
    std::thread::sleep(answer.delay);
    if let Some(bytes) = &answer.raw {
        return (&mut &*stream).write_all(bytes).ok();
    }
    let length = answer.announced.unwrap_or(answer.body.len());
    let mut head =
        format!("HTTP/1.1 {} X\r\ncontent-length: {length}\r\nconnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut writer = stream;
    writer.write_all(head.as_bytes()).ok()?;
    writer.write_all(b"\r\n").ok()?;
    if answer.drip.is_zero() {
        return writer.write_all(&answer.body).ok();
    }
    for byte in &answer.body {
        std::thread::sleep(answer.drip);
        writer.write_all(&[*byte]).ok()?;
    }
    Some(())
}
