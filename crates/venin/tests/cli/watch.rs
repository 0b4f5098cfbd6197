//! `venin watch`: uploads followed by serial or by feed, scanned, told, and taken up again after a restart.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use venin_testkit::{Fault, Index, On, Upload};

use crate::collect::{at, delays, kill_after, known, malicious};
use crate::{Run, run};

/// A webhook on the loopback interface: what it was sent, and the status that it answers with.
struct Webhook {
    url: String,
    sent: Arc<Mutex<Vec<String>>>,
    status: Arc<Mutex<u16>>,
}

impl Webhook {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sent, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(204)));
        let (kept, answer) = (Arc::clone(&sent), Arc::clone(&status));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(&stream);
                let mut length = 0;
                let mut line = String::new();
                while reader.read_line(&mut line).unwrap_or(0) > 2 {
                    if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let status = *answer.lock().unwrap();
                if status < 300 {
                    kept.lock().unwrap().push(String::from_utf8(body).unwrap());
                }
                let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                (&stream).write_all(head.as_bytes()).unwrap();
            }
        });
        Self { url, sent, status }
    }
}

fn watch(folder: &Path, words: &[&str]) -> Run {
    let words: Vec<&str> = ["watch", "--once"].iter().chain(words).copied().collect();
    run(&mut at(folder, &words))
}

fn lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_upload_is_scanned_once_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let (index, hook) = (Index::start(), Webhook::start());
    index.set_time("2026-05-01T00:00:00Z");
    index.upload(Upload::wheel("early", "1"));
    let (simple, log) = (index.simple_url(), index.xmlrpc_url());
    let words = ["--index-url", &simple, "--changelog", &log, "--webhook", &hook.url];
    let first = watch(folder.path(), &words);
    assert_eq!((first.code, lines(&first).len()), (0, 1), "{}{}", first.stdout, first.stderr);
    index.upload(malicious("bad-name", "1.0"));
    index.upload(Upload::wheel("harmless", "2"));
    let second = watch(folder.path(), &words);
    let told = lines(&second);
    assert_eq!((second.code, told.len()), (0, 3), "{}{}", second.stdout, second.stderr);
    let bad = told.iter().find(|line| line["name"] == "bad-name").unwrap();
    assert_eq!((&bad["verdict"], &bad["version"]), (&"malicious".into(), &"1.0".into()));
    let round = &told[2];
    assert_eq!(
        (&round["kind"], &round["malicious"], &round["behind"]["releases"]),
        (&"round".into(), &1.into(), &0.into())
    );
    assert_eq!(round["cursor"], index.last_serial().to_string());
    assert_eq!(round["notified"], 1);
    let sent = hook.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 1);
    assert_eq!(serde_json::from_str::<Value>(&sent[0]).unwrap(), *bad);
    assert_eq!(lines(&watch(folder.path(), &words)).len(), 1, "nothing is scanned twice");
    let explained = run(&mut at(folder.path(), &["explain", "bad-name==1.0"])).stdout;
    assert!(explained.contains("malicious"), "{explained}");
}

#[test]
fn what_could_not_be_scanned_or_delivered_comes_in_a_later_round() {
    let folder = tempfile::tempdir().unwrap();
    let (index, hook) = (Index::start(), Webhook::start());
    index.upload(malicious("bad-name", "1.0"));
    index.upload(malicious("worse", "1.0"));
    index.fault(On::Under("/simple/".to_owned()), Fault::Status(404));
    *hook.status.lock().unwrap() = 403;
    let (simple, log) = (index.simple_url(), index.xmlrpc_url());
    let words =
        ["--index-url", &simple, "--changelog", &log, "--from", "0", "--webhook", &hook.url, "--most", "1"];
    let failed = watch(folder.path(), &words);
    let round = lines(&failed).pop().unwrap();
    assert_eq!((failed.code, &round["failed"], &round["behind"]["releases"]), (3, &1.into(), &2.into()));
    index.clear_faults();
    let next = watch(folder.path(), &words);
    let round = lines(&next).pop().unwrap();
    assert_eq!(
        (&round["scanned"], &round["notified"], &round["behind"]["notices"]),
        (&1.into(), &0.into(), &1.into())
    );
    *hook.status.lock().unwrap() = 200;
    let words: Vec<&str> = ["watch", "--once"].iter().chain(&words).copied().collect();
    let later = run(at(folder.path(), &words).env("SOURCE_DATE_EPOCH", "1780000600"));
    let round = lines(&later).pop().unwrap();
    assert_eq!(
        (&round["scanned"], &round["notified"], &round["behind"]["releases"]),
        (&1.into(), &2.into(), &0.into())
    );
    assert_eq!(hook.sent.lock().unwrap().len(), 2);
}

#[test]
fn feeds_are_followed_where_there_is_no_changelog() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::start();
    index.set_time("2026-05-01T00:00:00Z");
    index.upload(malicious("bad-name", "1.0"));
    let (simple, new, updates) = (
        index.simple_url(),
        format!("{}/rss/packages.xml", index.base()),
        format!("{}/rss/updates.xml", index.base()),
    );
    let words = ["--index-url", &simple, "--feed", &new, "--feed", &updates];
    let first = watch(folder.path(), &words);
    let told = lines(&first);
    assert_eq!((first.code, told.len()), (0, 2), "{}{}", first.stdout, first.stderr);
    assert_eq!(told[0]["verdict"], "malicious");
    assert_eq!(lines(&watch(folder.path(), &words)).len(), 1);
    index.fault(On::All, Fault::Status(500));
    let down = watch(folder.path(), &["--index-url", &simple, "--feed", &updates]);
    assert_eq!((down.code, lines(&down)[0]["error"].is_string()), (2, true), "{}", down.stdout);
}

#[test]
fn a_killed_watch_scans_what_is_left_and_keeps_every_verdict_once() {
    let (killed, undisturbed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let index = Index::start();
    (0..6).for_each(|n| drop(index.upload(malicious(&format!("bad-{n}"), "1"))));
    let (simple, log) = (index.simple_url(), index.xmlrpc_url());
    let words = ["watch", "--once", "--index-url", &simple, "--changelog", &log, "--from", "0"];
    for delay in delays(1_500).take(20) {
        kill_after(&at(killed.path(), &words), &words, killed.path(), delay);
    }
    for folder in [&killed, &undisturbed] {
        let last = run(&mut at(folder.path(), &words));
        assert_eq!(lines(&last).pop().unwrap()["behind"]["releases"], 0, "{}", last.stderr);
    }
    assert_eq!(known(killed.path()), known(undisturbed.path()));
}

#[cfg(unix)]
#[test]
fn a_request_to_end_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::start();
    let (simple, log) = (index.simple_url(), index.xmlrpc_url());
    let command = at(folder.path(), &[]);
    let mut child = std::process::Command::new(command.get_program())
        .args(["watch", "--index-url", &simple, "--changelog", &log, "--interval", "600"])
        .current_dir(folder.path())
        .envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("\"round\""), "{line}");
    let killed = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
