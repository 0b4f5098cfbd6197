//! The whole program, run as a user runs it.  Nothing here reaches a network.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod collect;
mod config;
mod diff;
mod docs;
mod errors;
mod explain;
mod formats;
#[path = "../readme/index.rs"]
mod index;
mod pages;
mod resume;
mod rules;
#[path = "../schema_files/mod.rs"]
mod schema_files;
mod schemas;
mod study;
mod targets;
mod vault;
mod watch;

use assert_cmd::Command;

/// The program, with an environment that does not depend on who runs the tests.
fn venin(words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("venin").unwrap();
    for name in [
        "COLUMNS",
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "TERM",
        "VENIN_INDEX_URL",
        "VENIN_PERSONA",
        "VENIN_FAIL_ON",
        "VENIN_CONFIG",
        "VENIN_STORE",
        "VENIN_VAULT",
        "VENIN_CONTACT",
        "VENIN_WEBHOOK",
        "XDG_DATA_HOME",
    ] {
        command.env_remove(name);
    }
    command.args(words);
    command
}

/// What a run printed, and its exit code.
struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

fn run(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with a harmless module, `good.py`, and an archive that ends too early, `half.zip`.
fn samples() -> tempfile::TempDir {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.py"), "def double(x):\n    return 2 * x\n").unwrap();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("pkg/__init__.py", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&b"answer = 42\n".repeat(200)).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    std::fs::write(folder.path().join("half.zip"), &bytes[..bytes.len() / 2]).unwrap();
    folder
}
