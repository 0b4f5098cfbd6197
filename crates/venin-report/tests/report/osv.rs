//! OSV records and notices: what leaves the house about a malicious release.

use serde_json::Value;
use sha2::{Digest, Sha256};
use venin_report::{OsvOrigin, Tool, render_notice, render_osv};
use venin_scan::Scan;

use crate::samples;

const TIME: &str = "2026-01-02T03:04:05Z";

fn tool() -> Tool {
    Tool { name: "venin".to_owned(), version: "0.1.0".to_owned(), rules: 1 }
}

fn osv(scan: &Scan) -> Result<Option<String>, String> {
    render_osv(&samples::report(scan), OsvOrigin { tool: &tool(), time: TIME })
}

#[test]
fn a_record_has_what_the_collection_asks_for_and_nothing_that_it_gives_itself() {
    let mut scan = samples::malicious();
    scan.name = Some("Greet_ings.Pkg".to_owned());
    let line = osv(&scan).unwrap().unwrap();
    assert_eq!(line.matches('\n').count(), 1);
    let record: Value = serde_json::from_str(&line).unwrap();
    assert!(record.get("id").is_none() && record.get("summary").is_none());
    assert_eq!(record["schema_version"], "1.7.0");
    assert_eq!(record["affected"].as_array().unwrap().len(), 1);
    assert_eq!(
        record["affected"][0]["package"],
        serde_json::json!({"ecosystem": "PyPI", "name": "greet-ings-pkg"})
    );
    assert_eq!(record["affected"][0]["versions"], serde_json::json!(["1.0.2"]));
    assert_eq!(record["credits"][0]["type"], "TOOL");
    assert_eq!(record["database_specific"]["iocs"]["domains"][0], "cdn.invalid");
    insta::assert_snapshot!(serde_json::to_string_pretty(&record).unwrap());
}

#[test]
fn the_origin_holds_the_digest_of_the_record_without_origins() {
    let line = osv(&samples::malicious()).unwrap().unwrap();
    let start = line.find(",\"malicious-packages-origins\"").unwrap();
    let bare = format!("{}}}}}", &line[..start]);
    let digest: String = Sha256::digest(bare.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    let record: Value = serde_json::from_str(&line).unwrap();
    let origin = &record["database_specific"]["malicious-packages-origins"][0];
    assert_eq!(origin["sha256"], digest);
    assert_eq!(
        (&origin["source"], &origin["import_time"], &origin["modified_time"]),
        (&Value::from("venin"), &Value::from(TIME), &Value::from(TIME))
    );
    assert_eq!(origin["versions"], record["affected"][0]["versions"]);
}

#[test]
fn what_is_not_malicious_gets_neither_record_nor_notice() {
    for scan in [samples::benign(), samples::incomplete()] {
        assert_eq!(osv(&scan), Ok(None));
        assert_eq!(render_notice(&samples::report(&scan), &tool()), None);
    }
}

#[test]
fn a_release_that_states_no_name_or_version_is_not_given_one() {
    let mut scan = samples::malicious();
    scan.version = None;
    assert!(osv(&scan).unwrap_err().contains("no version"));
    scan.name = None;
    assert!(osv(&scan).unwrap_err().contains("no project name"));
}

#[test]
fn a_notice_tells_file_line_reason_and_indicators() {
    insta::assert_snapshot!(render_notice(&samples::report(&samples::malicious()), &tool()).unwrap());
}

#[test]
fn hostile_text_leaves_the_house_harmless() {
    let is_bad = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'));
    let line = osv(&samples::hostile()).unwrap().unwrap();
    assert!(!line.contains(is_bad));
    let record: Value = serde_json::from_str(&line).unwrap();
    assert!(!record["details"].as_str().unwrap().contains("]("));
    assert!(!render_notice(&samples::report(&samples::hostile()), &tool()).unwrap().contains(is_bad));
}
