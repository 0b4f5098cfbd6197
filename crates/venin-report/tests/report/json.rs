//! JSON and JSON lines, against the published schema.

use serde_json::Value;
use venin_model::{Behavior, GapKind, Technique, Trigger, Verdict};
use venin_report::{ArtifactReport, RunReport, render_json, render_json_line};

use crate::samples;

const SCHEMA: &str = include_str!("../../../../docs/report.schema.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn assert_valid(json: &str) {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let value: Value = serde_json::from_str(json).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn the_schema_is_a_valid_schema() {
    assert!(jsonschema::meta::is_valid(&schema()));
}

#[test]
fn a_run_fits_the_schema() {
    assert_valid(&render_json(&samples::run()));
}

#[test]
fn every_line_fits_the_schema() {
    for artifact in &samples::run().artifacts {
        let line = render_json_line(artifact);
        assert_eq!(line.matches('\n').count(), 1);
        assert_valid(&line);
    }
    assert_valid(&render_json_line(&ArtifactReport::unscanned("a.whl", 0, GapKind::Crash, "signal 9")));
}

#[test]
fn a_missing_field_does_not_fit_the_schema() {
    let mut value: Value = serde_json::from_str(&render_json(&samples::run())).unwrap();
    value["artifacts"][1]["findings"][0].as_object_mut().unwrap().remove("line");
    assert!(!jsonschema::draft202012::new(&schema()).unwrap().is_valid(&value));
}

#[test]
fn the_schema_knows_the_whole_vocabulary() {
    let schema = schema();
    let listed = |path: &str| -> Vec<String> {
        let values = schema.pointer(path).and_then(Value::as_array).unwrap();
        values.iter().filter_map(|v| v.as_str().map(ToOwned::to_owned)).collect()
    };
    let spelled = |all: Vec<&str>| all.into_iter().map(ToOwned::to_owned).collect::<Vec<_>>();
    assert_eq!(listed("/$defs/behavior/enum"), spelled(Behavior::ALL.iter().map(|b| b.as_str()).collect()));
    assert_eq!(listed("/$defs/technique/enum"), spelled(Technique::ALL.iter().map(|t| t.as_str()).collect()));
    assert_eq!(listed("/$defs/trigger/enum"), spelled(Trigger::ALL.iter().map(|t| t.as_str()).collect()));
    assert_eq!(
        listed("/$defs/artifact/properties/verdict/enum"),
        spelled(Verdict::ALL.iter().map(|v| v.as_str()).collect())
    );
    assert_eq!(
        listed("/$defs/gap/properties/kind/enum"),
        spelled(GapKind::ALL.iter().map(|k| k.as_str()).collect())
    );
}

#[test]
fn a_report_reads_back_what_it_wrote() {
    let run = samples::run();
    assert_eq!(serde_json::from_str::<RunReport>(&render_json(&run)).unwrap(), run);
    for artifact in &run.artifacts {
        assert_eq!(&serde_json::from_str::<ArtifactReport>(&render_json_line(artifact)).unwrap(), artifact);
    }
}

#[test]
fn json_holds_no_character_that_a_terminal_obeys() {
    let json = render_json(&samples::run());
    assert!(!json.contains(|c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'))));
}

#[test]
fn json_of_a_malicious_artifact() {
    let value: Value =
        serde_json::from_str(&render_json_line(&samples::report(&samples::malicious()))).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
}

#[test]
fn json_lines_of_a_benign_and_an_incomplete_artifact() {
    let lines =
        [samples::benign(), samples::incomplete()].map(|scan| render_json_line(&samples::report(&scan)));
    insta::assert_snapshot!(lines.concat());
}
