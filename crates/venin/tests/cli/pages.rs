//! Help, completions and manual pages.

use crate::{run, venin};

#[test]
fn without_a_command_help_is_talk_and_the_exit_code_2() {
    let run = run(&mut venin(&[]));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("Usage: venin"));
}

#[test]
fn help_and_version_are_data() {
    let help = run(&mut venin(&["--help"]));
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    assert!(!help.stdout.contains("worker"), "the worker is nobody's business");
    let version = run(&mut venin(&["--version"]));
    assert_eq!(version.stdout, format!("venin {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_shell_gets_a_script() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = run(&mut venin(&["completions", shell]));
        assert_eq!(run.code, 0);
        assert!(run.stdout.contains("fail-on"), "{shell}");
    }
}

#[test]
fn manual_pages_go_to_standard_output_or_a_folder() {
    let page = run(&mut venin(&["man"]));
    assert!(page.stdout.contains(".TH venin 1"));
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(venin(&["man", "pages"]).current_dir(folder.path())).code, 0);
    let scan = std::fs::read_to_string(folder.path().join("pages/venin-scan.1")).unwrap();
    assert!(scan.contains("Exit codes"));
    assert!(!folder.path().join("pages/venin-worker.1").exists());
}
