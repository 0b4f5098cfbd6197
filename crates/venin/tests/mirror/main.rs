//! `venin mirror`, run as an operator runs it, against mirrors that real tools keep and mirrors that misbehave.
//!
//! Everything is on the loopback interface; what is called malicious is an empty package of our own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod faults;
mod guide;
mod lists;
mod resume;
#[path = "../schema_files/mod.rs"]
mod schema_files;
mod schemas;
mod tools;
mod world;

use assert_cmd::Command;
use serde_json::Value;

/// What a run printed, and its exit code.
#[derive(Debug)]
struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

/// The program in a folder, with a store in it and nothing else of whoever runs the tests.
fn venin(folder: &std::path::Path, words: &[&str]) -> Run {
    let mut command = Command::cargo_bin("venin").unwrap();
    for name in ["COLUMNS", "NO_COLOR", "VENIN_CONFIG", "VENIN_CONTACT", "XDG_DATA_HOME", "SOURCE_DATE_EPOCH"]
    {
        command.env_remove(name);
    }
    command.env("VENIN_STORE", folder.join("claims.sqlite3")).env("VENIN_VAULT", folder.join("vault"));
    let output = command.current_dir(folder).args(words).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// `name verdict` of everything that an audit lists, for its first mirror.
fn rows(report: &Value) -> Vec<String> {
    let rows = report["mirrors"][0]["rows"].as_array().unwrap();
    let text =
        |row: &Value| format!("{} {}", row["name"].as_str().unwrap(), row["verdict"].as_str().unwrap());
    rows.iter().map(text).collect()
}
