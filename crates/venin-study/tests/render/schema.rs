//! JSON against the published schema.

use serde_json::Value;
use venin_study::render::render_study_json;
use venin_study::report::StudyReport;
use venin_study::table::Unit;

use crate::sample;

const SCHEMA: &str = include_str!("../../../../docs/study.schema.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

#[test]
fn the_schema_is_a_valid_schema() {
    assert!(jsonschema::meta::is_valid(&schema()));
}

#[test]
fn a_study_fits_the_schema_and_reads_back() {
    let study = sample::study();
    let text = render_study_json(&study);
    let value: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let back: StudyReport = serde_json::from_str(&text).unwrap();
    assert_eq!(back, study);
    assert!(!text.contains('\u{202e}') && !text.contains("\\u0000\\u0000"));
}

#[test]
fn what_is_missing_or_unknown_does_not_fit() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let value: Value = serde_json::from_str(&render_study_json(&sample::study())).unwrap();
    for field in
        ["schema", "scope", "portrait", "chapters", "mitigations", "artifacts", "unreadable", "notes"]
    {
        let mut lacking = value.clone();
        lacking.as_object_mut().unwrap().remove(field);
        assert!(!validator.is_valid(&lacking), "{field}");
    }
    let mut odd = value.clone();
    odd["chapters"][0]["charts"][0]["kind"] = "pie".into();
    assert!(!validator.is_valid(&odd));
    let mut odd = value;
    odd["chapters"][0]["tables"][0]["columns"][0]["unit"] = "ells".into();
    assert!(!validator.is_valid(&odd));
}

#[test]
fn the_schema_knows_every_unit() {
    let schema = schema();
    let listed = schema.pointer("/$defs/unit/enum").and_then(Value::as_array).unwrap().clone();
    let spelled: Vec<Value> = Unit::ALL.iter().map(|unit| Value::from(unit.as_str())).collect();
    assert_eq!(listed, spelled);
}
