//! The user's configuration and what it may and may not do.

use serde_json::Value;

use crate::{Run, run, venin};

/// A setup script that decodes and executes a harmless word.
const BAD: &str = "import os\nexec(__import__('base64').b64decode('cHJpbnQoImhpIik='))\n";

fn folder(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    std::fs::write(folder.path().join("in/setup.py"), BAD).unwrap();
    std::fs::write(folder.path().join("venin.toml"), config).unwrap();
    folder
}

fn scan(folder: &tempfile::TempDir, words: &[&str]) -> Run {
    run(venin(&["scan"]).args(words).current_dir(folder.path()))
}

fn json(folder: &tempfile::TempDir, words: &[&str]) -> (Run, Value) {
    let run = scan(folder, &[words, &["--format", "json"]].concat());
    let value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    (run, value)
}

#[test]
fn the_option_wins_over_the_environment_and_that_over_the_file() {
    let folder = folder("persona = \"registry\"\n");
    assert_eq!(json(&folder, &["in/setup.py"]).1["persona"], "registry");
    assert_eq!(json(&folder, &["in/setup.py", "--persona", "team"]).1["persona"], "team");
    assert_eq!(json(&folder, &["in/setup.py", "--no-config"]).1["persona"], "team");
    let mut command = venin(&["scan", "in/setup.py", "--format", "json"]);
    let run = run(command.current_dir(folder.path()).env("VENIN_PERSONA", "research"));
    assert_eq!(serde_json::from_str::<Value>(&run.stdout).unwrap()["persona"], "research");
}

#[test]
fn a_suppressed_finding_leaves_the_verdict_and_stays_in_the_report() {
    let folder = folder(
        "fail-on = \"suspicious\"\npersona = \"research\"\n[[suppress]]\npath = \"setup.py\"\nreason = \"ours\"\n",
    );
    assert_eq!(scan(&folder, &["in/setup.py", "--no-config", "--persona", "research"]).code, 1);
    let (run, report) = json(&folder, &["in/setup.py"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let artifact = &report["artifacts"][0];
    let placed = artifact["findings"].as_array().unwrap().iter().filter(|f| f.get("member").is_some());
    assert_eq!(placed.count(), 0);
    assert_eq!(artifact["suppressed"][0]["reason"], "ours");
    assert_eq!(artifact["suppressed"][0]["source"], "venin.toml:3");
    assert_eq!(
        report["summary"]["suppressed"].as_u64().unwrap(),
        artifact["suppressed"].as_array().unwrap().len() as u64
    );
    assert_eq!(report["suppressions"][0]["state"], "used");
    let text = scan(&folder, &["in/setup.py"]).stdout;
    assert!(text.contains("\nsuppressed\n  ") && text.contains("ours (venin.toml:3)"), "{text}");
    let schema = serde_json::from_str(include_str!("../../../../docs/report.schema.json")).unwrap();
    assert!(jsonschema::draft202012::new(&schema).unwrap().is_valid(&report));
}

#[test]
fn a_suppression_that_is_over_or_fits_nothing_is_told() {
    let folder = folder(
        "[[suppress]]\npath = \"setup.py\"\nreason = \"old\"\nexpires = \"2020-01-01\"\n\
         [[suppress]]\npath = \"other.py\"\nreason = \"gone\"\n",
    );
    let (run, report) = json(&folder, &["in/setup.py"]);
    assert!(run.stderr.contains("venin.toml:1: the suppression expired after 2020-01-01"), "{}", run.stderr);
    assert!(run.stderr.contains("venin.toml:5: the suppression fits no finding"), "{}", run.stderr);
    assert_eq!(report["summary"]["suppressed"], 0);
    assert_eq!(report["suppressions"][0]["state"], "expired");
    assert_eq!(report["suppressions"][1]["state"], "unmatched");
}

#[test]
fn a_rule_that_is_off_does_not_count_and_says_so() {
    let folder = folder("");
    let (_, before) = json(&folder, &["in/setup.py"]);
    let rule = before["artifacts"][0]["findings"][0]["rule"].as_str().unwrap().to_owned();
    std::fs::write(folder.path().join("venin.toml"), format!("[rules]\noff = [\"{rule}\", \"no-such\"]\n"))
        .unwrap();
    let (run, after) = json(&folder, &["in/setup.py"]);
    let artifact = &after["artifacts"][0];
    assert!(artifact["findings"].as_array().unwrap().iter().all(|f| f["rule"] != rule.as_str()));
    assert_eq!(artifact["suppressed"][0]["reason"], "the rule is switched off");
    assert!(artifact["score"].as_f64() < before["artifacts"][0]["score"].as_f64());
    assert!(run.stderr.contains("venin.toml:1: there is no rule `no-such`"), "{}", run.stderr);
}

#[test]
fn a_configuration_inside_of_what_is_scanned_is_not_read() {
    let folder = folder("[[suppress]]\npath = \"**\"\nreason = \"trust me\"\n");
    for words in [&["."][..], &["../"]] {
        let inner = folder.path().join("in");
        std::fs::copy(folder.path().join("venin.toml"), inner.join("venin.toml")).unwrap();
        let run = run(venin(&["scan", "--format", "json"]).args(words).current_dir(inner));
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["summary"]["suppressed"], 0, "{words:?}");
        assert!(run.stderr.contains("venin.toml is not read: it lies in what is scanned"), "{}", run.stderr);
    }
    let (_, named) = json(&folder, &[".", "--config", "venin.toml"]);
    assert!(named["summary"]["suppressed"].as_u64().unwrap() > 0);
}

#[test]
fn a_project_file_without_our_table_is_silent_and_one_with_it_is_read() {
    let folder = folder("");
    std::fs::remove_file(folder.path().join("venin.toml")).unwrap();
    std::fs::write(folder.path().join("pyproject.toml"), "[project]\nname = \"x\"\n").unwrap();
    assert_eq!(scan(&folder, &["in/setup.py"]).stderr, "");
    assert_eq!(scan(&folder, &["."]).stderr, "");
    std::fs::write(folder.path().join("pyproject.toml"), "[tool.venin]\npersona = \"research\"\n").unwrap();
    assert_eq!(json(&folder, &["in/setup.py"]).1["persona"], "research");
}

#[test]
fn a_wrong_configuration_stops_the_run_with_file_line_and_key() {
    let folder = folder("\n[[suppress]]\nrule = \"a\"\n");
    let run = scan(&folder, &["in/setup.py"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr.starts_with("error: venin.toml:2: [[suppress]]: a suppression needs a reason\nhint: "),
        "{}",
        run.stderr
    );
    std::fs::write(folder.path().join("venin.toml"), "fail_on = \"never\"\n").unwrap();
    let run = scan(&folder, &["in/setup.py"]);
    assert!(run.stderr.starts_with("error: venin.toml:1: fail_on: unknown field"), "{}", run.stderr);
}

#[test]
fn an_internal_name_is_not_asked_of_an_index_that_nobody_chose() {
    let folder = folder("internal-names = [\"acme-*\"]\n");
    let mut command = venin(&["scan", "acme_billing==1.0"]);
    let command = command.current_dir(folder.path()).env("PIP_INDEX_URL", "http://192.0.2.1:9/simple");
    let run = run(command);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("acme-billing is an internal name"), "{}", run.stderr);
}

#[test]
fn a_requirements_file_cannot_bring_the_configuration_of_what_is_scanned_into_force() {
    let folder = folder("[[suppress]]\npath = \"**\"\nreason = \"trust me\"\n");
    std::fs::write(folder.path().join("requirements.txt"), ".\n").unwrap();
    let run = scan(&folder, &["-r", "requirements.txt"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.contains("lies in what is scanned"), "{}", run.stderr);
}

#[test]
fn sarif_says_that_findings_are_suppressed() {
    let folder = folder("[[suppress]]\npath = \"setup.py\"\nreason = \"ours\"\n");
    let run = scan(&folder, &["in/setup.py", "--format", "sarif"]);
    assert!(run.stdout.contains("the user's configuration suppresses"), "{}", run.stdout);
}
