//! Each format, and where it goes.

use std::process::Stdio;

use serde_json::Value;

use crate::{run, samples, venin};

#[test]
fn text_has_a_headline_for_each_artifact_and_a_summary() {
    let run = run(&mut venin(&["scan", "--demo"]));
    let heads: Vec<&str> = run.stdout.lines().filter(|line| line.contains("  score ")).collect();
    assert!(heads[0].starts_with("malicious "), "{}", run.stdout);
    assert!(heads[1].starts_with("clean "), "{}", run.stdout);
    assert!(run.stdout.ends_with("scanned 2 artifacts: 1 malicious, 1 clean\n"), "{}", run.stdout);
}

#[test]
fn color_is_given_when_asked_for_and_only_then() {
    assert!(!run(&mut venin(&["scan", "--demo"])).stdout.contains('\x1b'));
    assert!(!run(&mut venin(&["scan", "--demo", "--color", "never"])).stdout.contains('\x1b'));
    assert!(run(&mut venin(&["scan", "--demo", "--color", "always"])).stdout.contains('\x1b'));
}

#[test]
fn quiet_leaves_out_what_is_clean() {
    let run = run(&mut venin(&["scan", "--demo", "--quiet"]));
    assert!(!run.stdout.contains("demo_benign"));
    assert_eq!(run.stderr, "");
}

#[test]
fn explain_shows_a_sum() {
    let run = run(&mut venin(&["scan", "--demo", "--explain"]));
    assert_eq!(run.stdout.matches("how the score adds up").count(), 2);
}

#[test]
fn json_is_one_document() {
    let run = run(&mut venin(&["scan", "--demo", "--format", "json"]));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["schema"], "venin.report/1");
    assert_eq!(report["persona"], "team");
    assert_eq!(report["artifacts"].as_array().unwrap().len(), 2);
    assert_eq!(report["summary"]["malicious"], 1);
    assert!(report["tool"]["rules"].as_u64().unwrap() >= 40);
}

#[test]
fn json_lists_problems_beside_artifacts() {
    let folder = samples();
    let run = run(venin(&["scan", "missing.whl", "good.py", "--format", "json"]).current_dir(folder.path()));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["problems"][0]["target"], "missing.whl");
    assert_eq!(report["artifacts"][0]["target"], "good.py");
    assert_eq!(run.code, 2);
}

#[test]
fn json_lines_are_one_artifact_each() {
    let run = run(&mut venin(&["scan", "--demo", "--format", "jsonl"]));
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["verdict"], "malicious");
    assert_eq!(lines[0]["schema"], "venin.report/1");
}

#[test]
fn what_the_program_prints_fits_the_published_schema() {
    let schema = serde_json::from_str(include_str!("../../../../docs/report.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let folder = samples();
    let json =
        run(venin(&["scan", ".", "missing.whl", "--format", "json"]).current_dir(folder.path())).stdout;
    let lines = run(&mut venin(&["scan", "--demo", "--format", "jsonl"])).stdout;
    for text in lines.lines().chain([json.as_str()]) {
        let value: Value = serde_json::from_str(text).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|e| format!("{e} at {}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn sarif_has_a_run() {
    let run = run(&mut venin(&["scan", "--demo", "--format", "sarif"]));
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"][0]["tool"]["driver"]["name"], "venin");
}

#[test]
fn a_report_goes_to_a_file_and_then_not_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    let run = run(&mut venin(&["scan", "--demo", "--format", "json", "--output", path.to_str().unwrap()]));
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(report["summary"]["artifacts"], 2);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for words in
        [&["scan", "--demo", "--verbose"][..], &["rules", "list"], &["completions", "bash"], &["--help"]]
    {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("venin"));
        let mut child = command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
        assert!(output.status.code().is_some_and(|code| code < 2), "{words:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_hostile_file_name_is_shown_and_not_obeyed() {
    let folder = samples();
    let name = "a\x1b[2J\u{202e}.py";
    std::fs::copy(folder.path().join("good.py"), folder.path().join(name)).unwrap();
    let run = run(venin(&["scan", name, "b\x1b[2J.py"]).current_dir(folder.path()));
    assert!(run.stdout.contains("a\\x1b[2J\\u{202e}.py"), "{}", run.stdout);
    assert!(run.stderr.contains("b\\x1b[2J.py"), "{}", run.stderr);
    assert!(!(run.stdout + &run.stderr).contains(['\x1b', '\u{202e}']));
}

#[test]
fn osv_is_a_record_for_each_malicious_artifact() {
    let mut command = venin(&["scan", "--demo", "--format", "osv"]);
    let run = run(command.env("SOURCE_DATE_EPOCH", "1767323045"));
    assert_eq!((run.code, run.stdout.lines().count()), (1, 1), "{}", run.stderr);
    let record: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(record["affected"][0]["package"]["name"], "demo-malicious");
    assert_eq!(record["modified"], "2026-01-02T03:04:05Z");
    assert!(record.get("id").is_none());
}

#[test]
fn a_notice_names_file_and_line() {
    let run = run(&mut venin(&["scan", "--demo", "--format", "report"]));
    assert!(run.stdout.starts_with("Package:  demo_malicious\n"), "{}", run.stdout);
    assert!(run.stdout.contains("\nLocation: demo_malicious-1.0.0/"), "{}", run.stdout);
    assert!(!run.stdout.contains("demo_benign"));
}

#[test]
fn json_tells_the_sequence_and_names_findings() {
    let run = run(&mut venin(&["scan", "--demo", "--format", "json"]));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let bad = &report["artifacts"][0];
    assert!(bad["sequence"][0]["notation"].as_str().unwrap().starts_with("S -> "));
    assert_eq!(bad["findings"][0]["id"].as_str().unwrap().len(), 12);
    assert!(!bad["findings"][0]["attack"].as_array().unwrap().is_empty());
    assert!(bad.get("contents").is_none());
}
