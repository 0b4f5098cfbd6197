//! Attacks of our own, all inert: what the scanner says of each, by mechanism, trigger and behavior.
//!
//! The cases are in `tests/corpus/malicious`, a file a mechanism; its `README.md` tells how many were caught at first sight.
//! `verdict: missed` asserts a miss, with its reason, so that a fix shows.

mod corpus_format;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use corpus_format::{CorpusCase, read_corpus, scan_corpus};
use venin_model::{Trigger, Verdict};
use venin_scan::Scan;

/// What the corpus calls the outcome of a scan.
const fn outcome(scan: &Scan) -> &'static str {
    match scan.verdict {
        Verdict::Malicious => "malicious",
        Verdict::Suspicious => "suspicious",
        Verdict::Incomplete => "incomplete",
        Verdict::Clean => "missed",
    }
}

/// The trigger of the most important finding about code.
fn main_trigger(scan: &Scan) -> Option<Trigger> {
    scan.findings.iter().map(|f| f.trigger).find(|t| *t != Trigger::Data)
}

/// What does not come out as the case says.
fn disagreements(case: &CorpusCase, scan: &Scan) -> Vec<String> {
    let mut wrong = Vec::new();
    let expected = case.attribute("verdict").unwrap_or_default();
    if expected != outcome(scan) {
        wrong.push(format!("is {} and not {expected}", outcome(scan)));
    }
    if matches!(outcome(scan), "missed" | "incomplete") {
        if case.attribute("reason").is_none() {
            wrong.push("gives no reason for the miss".to_owned());
        }
        return wrong;
    }
    let trigger = case.attribute("trigger").unwrap_or_default();
    match main_trigger(scan) {
        Some(main) if main.as_str() != trigger => wrong.push(format!("runs at {main} and not {trigger}")),
        None if trigger != "data" => wrong.push(format!("has no finding at {trigger}")),
        _ => {}
    }
    let behavior = case.attribute("behavior").unwrap_or_default();
    let is_found = scan.behaviors.iter().any(|b| b.as_str() == behavior)
        || scan.techniques.iter().any(|t| t.as_str() == behavior);
    if !is_found {
        wrong.push(format!("shows no {behavior}"));
    }
    wrong
}

fn rules_of(scan: &Scan) -> String {
    scan.findings.iter().map(|f| format!("{}@{}", f.rule, f.trigger)).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_attack_comes_out_as_the_corpus_says() {
    let mut failures = String::new();
    let mut count = 0;
    for (case, scan) in scan_corpus(read_corpus("malicious")) {
        let wrong = disagreements(&case, &scan);
        if !wrong.is_empty() {
            count += 1;
            let rules = rules_of(&scan);
            let _ = writeln!(failures, "{}: {} [{:.1}: {rules}]", case.place(), wrong.join("; "), scan.score);
        }
    }
    assert!(failures.is_empty(), "{count} cases do not come out:\n{failures}");
}

#[test]
fn the_corpus_covers_mechanisms_triggers_and_behaviors() {
    let cases = read_corpus("malicious");
    let mut table: BTreeMap<(String, String, String), [usize; 4]> = BTreeMap::new();
    let verdicts = ["malicious", "suspicious", "incomplete", "missed"];
    for case in &cases {
        let value = |key| case.attribute(key).unwrap_or_default().to_owned();
        let row = table.entry((case.group.clone(), value("trigger"), value("behavior"))).or_default();
        let verdict = value("verdict");
        let column = verdicts.iter().position(|v| *v == verdict);
        assert!(column.is_some(), "{}: no verdict `{verdict}`", case.place());
        row[column.unwrap_or_default()] += 1;
        assert!(Trigger::ALL.iter().any(|t| t.as_str() == value("trigger")), "{}", case.place());
    }
    println!("{:22} {:8} {:28} {}", "mechanism", "trigger", "behavior", verdicts.join(" "));
    for ((group, trigger, behavior), counts) in &table {
        println!("{group:22} {trigger:8} {behavior:28} {counts:?}");
    }
    assert!(cases.len() >= 150, "{} cases", cases.len());
}
