//! A package index on the loopback interface with one release, in the JSON form (PEP 691).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

const JSON: &str = "application/vnd.pypi.simple.v1+json";

/// What is answered: path to media type and body; anything else is 404.
type Answers = BTreeMap<String, (&'static str, Vec<u8>)>;

/// Serves the files of `project` until the test ends; gives the index's base URL.
pub(crate) fn serve(project: &str, files: &[(&str, Vec<u8>)]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let entry =
        |(name, _): &(&str, _)| format!(r#"{{"filename":"{name}","url":"/files/{name}","hashes":{{}}}}"#);
    let entries: Vec<String> = files.iter().map(entry).collect();
    let page =
        format!(r#"{{"meta":{{"api-version":"1.0"}},"name":"{project}","files":[{}]}}"#, entries.join(","));
    let mut answers = Answers::from([(format!("/simple/{project}/"), (JSON, page.into_bytes()))]);
    for (name, bytes) in files {
        answers.insert(format!("/files/{name}"), ("application/octet-stream", bytes.clone()));
    }
    let answers = Arc::new(answers);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = Arc::clone(&answers);
            std::thread::spawn(move || answer(&stream, &answers));
        }
    });
    format!("{base}/simple")
}

fn answer(mut stream: &TcpStream, answers: &Answers) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head).ok()? > 2 {}
    let path = head.split(' ').nth(1)?;
    let (status, kind, body) = match answers.get(path) {
        Some((kind, body)) => (200, *kind, body.as_slice()),
        None => (404, "text/plain", &b"none"[..]),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()
}
