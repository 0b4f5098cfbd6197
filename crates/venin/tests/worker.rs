//! The worker as a whole program: what it can reach, and what happens when it dies.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

const VENIN: &str = env!("CARGO_BIN_EXE_venin");

#[test]
fn a_worker_can_reach_nothing() {
    let output = Command::new(VENIN).args(["worker", "--self-test"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value = serde_json::from_str(&text).unwrap();
    for attempt in report["attempts"].as_array().unwrap() {
        assert_eq!(attempt["is_possible"], false, "{text}");
    }
    assert!(output.status.success(), "{text}");
    let raised = report["barriers"]["raised"].to_string();
    assert!(raised.contains("seccomp") && raised.contains("limits"), "{text}");
}

#[test]
fn a_worker_without_a_parent_ends_quietly() {
    let output = Command::new(VENIN).arg("worker").stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_worker_that_is_killed_leaves_an_incomplete_report_and_the_run_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let pipe = root.path().join("slow.py");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let other = root.path().join("other.py");
    fs::write(&other, "x = 1\n").unwrap();
    let mut command = Command::new(VENIN);
    command.args(["scan", "--format", "jsonl", "--jobs", "1"]).arg(&pipe).arg(&other);
    let parent = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // Opening the pipe for writing waits until the parent reads it, so the worker is there by then.
    let mut writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    kill_children(&parent);
    std::thread::sleep(Duration::from_millis(100));
    // The parent may have closed its end by now.
    let _ = writer.write_all(&[b'#'; 1 << 20]);
    drop(writer);
    let output = parent.wait_with_output().unwrap();
    let lines: Vec<Value> =
        output.stdout.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let of = |path: &Path| lines.iter().find(|l| l["target"] == path.to_string_lossy().as_ref()).unwrap();
    assert_eq!(of(&pipe)["verdict"], "incomplete");
    assert!(
        of(&pipe)["coverage"]["gaps"][0]["detail"].as_str().unwrap().contains("signal 9"),
        "{}",
        of(&pipe)
    );
    assert_eq!(of(&other)["verdict"], "clean");
    assert_eq!(of(&other)["isolated"]["isolated"], true, "{}", of(&other)["isolated"]);
    assert_eq!(output.status.code(), Some(3));
}

/// Ends every child of a process, as the system does when memory runs out.
fn kill_children(parent: &Child) {
    for task in fs::read_dir(format!("/proc/{}/task", parent.id())).unwrap() {
        let children = fs::read_to_string(task.unwrap().path().join("children")).unwrap();
        for child in children.split_whitespace() {
            assert!(Command::new("kill").args(["-9", child]).status().unwrap().success());
        }
    }
}
