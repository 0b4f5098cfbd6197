//! `README.md` keeps its word: every command in it is run, and what it shows is what the program prints.
//!
//! `UPDATE_DOCS=1 cargo test -p venin --test readme` writes the shown output anew.  Nothing here reaches a network:
//! the package index is a server on the loopback interface.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod fixtures;
mod index;
mod picture;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fixtures::Desk;
use serde_json::Value;

/// The first command of the README, up to its targets.
const FRESH_CLONE: &str = "cargo run --release --";
/// The second command of the README.
const CHECKS: &str = "cargo xtask ci";

/// A file of the workspace.
fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(workspace(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A command line of the README.
struct Line {
    command: String,
    /// What the comment behind it says (`# exit 1: ...`); without a word about it, 0.
    exit: i32,
}

/// The lines that begin with `$ ` in blocks fenced as `console`.
fn command_lines() -> Vec<Line> {
    let text = read("README.md");
    let blocks = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).map(|line| parse_line(line.strip_prefix("$ ").unwrap())).collect()
}

fn parse_line(line: &str) -> Line {
    let (command, comment) = line.split_once(" # ").unwrap_or((line, ""));
    let code = comment.strip_prefix("exit ").map(|rest| rest.split(':').next().unwrap());
    Line { command: command.trim().to_owned(), exit: code.map_or(0, |code| code.parse().unwrap()) }
}

/// What of the environment would change an output or a route.
const PERSONAL: [&str; 9] = [
    "COLUMNS",
    "NO_COLOR",
    "CLICOLOR_FORCE",
    "TERM",
    "PIP_PROXY",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// A program with an environment that does not depend on who runs the tests.
fn program(path: &str, args: &[&str]) -> Command {
    let mut command = Command::new(path);
    for name in PERSONAL {
        command.env_remove(name);
    }
    command.args(args);
    command
}

/// Runs a command line as a shell would, with this build in place of the release build.
fn run(command: &str, desk: &Desk) -> Output {
    let command = command.replace(FRESH_CLONE, "venin");
    program("sh", &["-c", &command]).envs(desk.environment()).current_dir(desk.folder()).output().unwrap()
}

#[test]
fn every_command_gives_the_exit_code_that_the_page_states() {
    let desk = Desk::new();
    let lines = command_lines();
    assert!(lines.len() >= 15, "the page has lost its commands");
    for line in lines.iter().filter(|line| line.command != CHECKS) {
        assert!(line.command.contains("venin ") || line.command.starts_with(FRESH_CLONE), "{}", line.command);
        let output = run(&line.command, &desk);
        let talk = format!(
            "$ {}\n{}{}",
            line.command,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.status.code(), Some(line.exit), "{talk}");
        assert!(!talk.contains("error: "), "{talk}");
        // A command that scans looks at something: the summary of text, or a report.
        let is_scan = line.command.contains(" scan ") && !line.command.contains("--format");
        assert!(!is_scan || talk.contains("\nscanned "), "{talk}");
    }
    let sarif: Value =
        serde_json::from_slice(&std::fs::read(desk.folder().join("venin.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn the_first_command_scans_the_sdist_and_the_wheel_of_the_release() {
    let lines = command_lines();
    assert_eq!(lines[0].command, "cargo run --release -- scan six==1.17.0");
    let output = run(&lines[0].command, &Desk::new());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("six-1.17.0.tar.gz") && text.contains("six-1.17.0-py2.py3-none-any.whl"), "{text}");
    assert!(text.ends_with("scanned 2 artifacts: 2 clean\n"), "{text}");
}

#[test]
fn the_first_command_builds_the_program() {
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    assert_eq!(workspace["workspace"]["default-members"].as_array().unwrap(), &["crates/venin".into()]);
}

#[test]
fn the_second_command_is_what_continuous_integration_runs() {
    assert_eq!(command_lines()[1].command, CHECKS);
    let script = read(".ci/run");
    let commands: Vec<&str> =
        script.lines().filter(|line| line.contains("cargo") && !line.starts_with('#')).collect();
    assert_eq!(commands, [format!("exec {CHECKS}")]);
    let config: toml::Table = read(".cargo/config.toml").parse().unwrap();
    assert!(config["alias"]["xtask"].as_str().unwrap().contains("--package xtask"));
}

#[test]
fn the_page_names_the_rust_that_the_workspace_needs() {
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    let version = workspace["workspace"]["package"]["rust-version"].as_str().unwrap();
    assert!(read("README.md").contains(&format!("Rust {version} ")), "Rust {version}");
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let page = read("README.md");
    let help = program(env!("CARGO_BIN_EXE_venin"), &["scan", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for code in 0..=3 {
        let row = page.lines().find_map(|line| line.strip_prefix(&format!("| {code} | "))).unwrap();
        let meaning = row.trim_end_matches(" |");
        let said = help.lines().find_map(|line| line.strip_prefix(&format!("  {code}  "))).unwrap();
        assert_eq!(said.replace(" (see --fail-on)", ""), meaning);
    }
}

#[test]
fn every_link_leads_to_a_file() {
    let page = read("README.md");
    let targets: Vec<&str> = page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(targets.len() >= 9);
    for target in targets {
        assert!(workspace(target).is_file(), "{target}");
    }
}

#[test]
fn a_yara_match_is_malicious_only_through_a_page() {
    let desk = Desk::new();
    assert!(read("README.md").contains(fixtures::YARA_PATTERN));
    let scan =
        |more: &str| run(&format!("venin scan loader.py --yara loaders.yar {more}"), &desk).status.code();
    assert_eq!(scan(""), Some(0));
    assert_eq!(scan("--fail-on suspicious"), Some(1));
    assert_eq!(scan("--rules yara-rules"), Some(1));
}

#[test]
fn the_pattern_shown_is_one_that_the_program_accepts() {
    let page = read("README.md");
    let pattern = page.split("```pattern\n").nth(1).unwrap().split("```").next().unwrap();
    let desk = Desk::new();
    desk.write("shown/my-dropper.md", fixtures::dropper_page(pattern));
    let output = run("venin rules test shown", &desk);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
