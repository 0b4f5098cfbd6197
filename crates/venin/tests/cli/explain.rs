//! `venin explain`.

use serde_json::Value;

use crate::{run, venin};

/// A folder with the demo's report, and the id of its first finding.
fn report() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    run(&mut venin(&["scan", "--demo", "--format", "json", "--output", path.to_str().unwrap()]));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let id = report["artifacts"][0]["findings"][0]["id"].as_str().unwrap().to_owned();
    (folder, id)
}

#[test]
fn a_rule_is_told_in_short() {
    let run = run(&mut venin(&["explain", "archive-sent"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    for heading in
        ["what it detects", "why it matters", "what looks alike and is harmless", "what it does not see"]
    {
        assert!(run.stdout.contains(&format!("\n{heading}\n  ")), "{}", run.stdout);
    }
    assert!(!run.stdout.contains("```") && !run.stdout.contains("import "), "{}", run.stdout);
}

#[test]
fn a_finding_is_told_with_its_rule_and_what_would_make_it_harmless() {
    let (folder, id) = report();
    let run = run(venin(&["explain", &id, "--report", "report.json"]).current_dir(folder.path()));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains(&format!("= id: {id}")), "{}", run.stdout);
    assert!(run.stdout.contains("= step: "), "{}", run.stdout);
    assert!(run.stdout.contains("\nit would be harmless if\n  - "), "{}", run.stdout);
}

#[test]
fn the_first_digits_and_json_lines_are_enough() {
    let (folder, id) = report();
    let lines = run(&mut venin(&["scan", "--demo", "--format", "jsonl"])).stdout;
    std::fs::write(folder.path().join("lines.jsonl"), lines).unwrap();
    let words = ["explain", &id[..8], "--report", "lines.jsonl", "--format", "json"];
    let run = run(venin(&words).current_dir(folder.path()));
    let shapes: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(shapes[0]["finding"]["id"], id.as_str());
    assert!(!shapes[0]["benign_if"].as_array().unwrap().is_empty());
}

#[test]
fn what_cannot_be_explained_is_an_error_with_the_next_step() {
    let (folder, id) = report();
    let fails = |words: &[&str], message: &str, hint: &str| {
        let run = run(venin(words).current_dir(folder.path()));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains(message) && run.stderr.contains(hint), "{}", run.stderr);
    };
    fails(&["explain", &id], "no report is named", "--report");
    fails(&["explain", "archive-snt"], "there is no rule", "did you mean `archive-sent`?");
    fails(&["explain", "ffffffffffff", "--report", "report.json"], "has no finding", "findings[].id");
    fails(&["explain", &id, "--report", "missing.json"], "no such file", "--format json");
    std::fs::write(folder.path().join("bad.json"), "{\"a\": 1}").unwrap();
    fails(&["explain", &id, "--report", "bad.json"], "no report of this program", "--format json");
}
