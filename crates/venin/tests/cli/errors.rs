//! Exit codes, and what is said when something is wrong.

use crate::{run, samples, venin};

#[test]
fn an_unknown_option_is_one_error_with_hints() {
    let run = run(&mut venin(&["scan", "--frmat", "json", "x"]));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(run.stderr, @r"
    error: unexpected argument '--frmat' found
    hint: a similar argument exists: '--format'
    hint: `venin scan --help` lists what can be said
    ");
}

#[test]
fn a_missing_path_is_an_error_with_a_hint_and_the_others_are_scanned() {
    let folder = samples();
    let run = run(venin(&["scan", "missing/a.whl", "good.py"]).current_dir(folder.path()));
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: missing/a.whl: "), "{}", run.stderr);
    assert!(run.stderr.contains("\nhint: "), "{}", run.stderr);
    assert!(run.stdout.contains("clean       good.py"), "{}", run.stdout);
    assert!(
        run.stdout.ends_with("scanned 1 artifact: 1 clean; 1 target could not be scanned\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_finding_outweighs_a_missing_path() {
    let folder = samples();
    let bad = "import os\nexec(__import__('base64').b64decode('cHJpbnQoImhpIik='))\n";
    std::fs::write(folder.path().join("setup.py"), bad).unwrap();
    let args = ["scan", "setup.py", "missing.whl", "--persona", "research"];
    assert_eq!(run(venin(&args).current_dir(folder.path())).code, 1);
}

#[test]
fn nothing_to_scan_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(venin(&["scan", "."]).current_dir(folder.path()));
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
}

#[test]
fn a_harmless_file_exits_with_0() {
    let folder = samples();
    let run = run(venin(&["scan", "good.py"]).current_dir(folder.path()));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
}

#[test]
fn what_was_not_wholly_looked_at_exits_with_3() {
    let folder = samples();
    let run = run(venin(&["scan", "half.zip"]).current_dir(folder.path()));
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("incomplete  half.zip"), "{}", run.stdout);
    assert!(run.stdout.contains("not looked at"), "{}", run.stdout);
}

#[test]
fn fail_on_never_gives_0_whatever_was_found() {
    let folder = samples();
    assert_eq!(run(&mut venin(&["scan", "--demo", "--fail-on", "never"])).code, 0);
    assert_eq!(run(venin(&["scan", "half.zip", "--fail-on", "never"]).current_dir(folder.path())).code, 0);
}

#[test]
fn the_demo_exits_with_1() {
    let run = run(&mut venin(&["scan", "--demo"]));
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
}

#[test]
fn an_output_that_cannot_be_written_is_known_at_once() {
    let folder = samples();
    let run = run(venin(&["scan", "good.py", "-o", "no/such/folder.json"]).current_dir(folder.path()));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr
            .starts_with("error: cannot write `no/such/folder.json`: no such file or directory\nhint: ")
    );
}

#[test]
fn a_requirement_without_an_index_says_how_to_name_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = venin(&["scan", "greetings==1.0", "--index-url", "nonsense"]);
    let run = run(command.current_dir(folder.path()).env("HOME", folder.path()));
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("nonsense") && run.stderr.contains("hint: "), "{}", run.stderr);
}

#[test]
fn rules_that_are_wrong_stop_the_run() {
    let folder = samples();
    std::fs::create_dir(folder.path().join("rules")).unwrap();
    std::fs::write(folder.path().join("rules/my-rule.md"), "no front matter\n").unwrap();
    let run = run(venin(&["scan", "good.py", "--rules", "rules"]).current_dir(folder.path()));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.starts_with("error: my-rule.md:1:1: "), "{}", run.stderr);
}

#[test]
fn yara_that_is_wrong_stops_the_run() {
    let folder = samples();
    std::fs::write(folder.path().join("a.yar"), "rule {").unwrap();
    let run = run(venin(&["scan", "good.py", "--yara", "a.yar"]).current_dir(folder.path()));
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: a.yar: "), "{}", run.stderr);
}
