//! SARIF, against the subset of the standard that we write and what code scanning services require.

use serde_json::Value;
use venin_report::{RuleHelp, render_sarif};

use crate::samples;

fn help() -> Vec<RuleHelp> {
    vec![RuleHelp {
        id: "download-then-run".to_owned(),
        markdown: "A file comes over the network and is started.\n".to_owned(),
    }]
}

#[test]
fn a_run_fits_the_subset() {
    let schema: Value = serde_json::from_str(include_str!("sarif.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let value: Value = serde_json::from_str(&render_sarif(&samples::run(), &help())).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn each_result_points_at_its_rule_and_has_a_fingerprint_of_its_own() {
    let value: Value = serde_json::from_str(&render_sarif(&samples::run(), &help())).unwrap();
    let run = &value["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    let mut fingerprints = Vec::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        fingerprints.push(result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap());
    }
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), results.len());
    assert_eq!(results.len(), 5);
}

#[test]
fn hostile_text_makes_no_link_and_no_control_character() {
    let sarif = render_sarif(&samples::run(), &help());
    assert!(!sarif.contains("]("));
    assert!(!sarif.contains(|c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'))));
}

#[test]
fn sarif_of_a_run() {
    insta::assert_snapshot!(render_sarif(&samples::run(), &help()));
}

#[test]
fn every_technique_of_a_result_is_in_the_taxonomy() {
    let value: Value = serde_json::from_str(&render_sarif(&samples::run(), &help())).unwrap();
    let run = &value["runs"][0];
    let taxonomy = &run["taxonomies"][0];
    let known: Vec<&Value> = taxonomy["taxa"].as_array().unwrap().iter().map(|taxon| &taxon["id"]).collect();
    let results = run["results"].as_array().unwrap();
    let cited: Vec<&Value> = results.iter().filter_map(|r| r["taxa"].as_array()).flatten().collect();
    assert!(!cited.is_empty());
    for taxon in cited {
        assert_eq!(taxon["toolComponent"]["name"], taxonomy["name"]);
        assert!(known.contains(&&taxon["id"]), "{taxon}");
    }
}
