//! Honest releases that look like attacks: a scan must stay silent on them.
//!
//! The cases are ours, written after what real projects do.  They are below `tests/corpus/benign`; its README says how
//! many were flagged when they were first scanned.  `expected:` asserts a known false alarm, with its reason, so that a
//! fix shows.

mod corpus_format;

use corpus_format::{CorpusCase, read_corpus, scan_corpus};
use venin_model::{Persona, Verdict};
use venin_scan::{Scan, judge};

/// The least number of cases that the corpus holds.
const LEAST: usize = 150;
/// Cases that are suspicious as yet, each with its reason.
const SUSPICIOUS: usize = 7;
/// Cases that are called malicious as yet, each with its reason: known false alarms.
const FALSE_ALARMS: usize = 7;

#[test]
fn honest_software_stays_silent() {
    let scans = scan_corpus(read_corpus("benign"));
    let wrong: Vec<String> = scans.iter().filter_map(describe_wrong).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), scans.len(), wrong.join("\n"));
}

#[test]
fn the_corpus_is_large_and_every_case_says_what_it_is() {
    let cases = read_corpus("benign");
    assert!(cases.len() >= LEAST, "{} cases", cases.len());
    for case in &cases {
        for key in ["trigger", "looks like", "benign because"] {
            assert!(case.attribute(key).is_some_and(|v| !v.is_empty()), "{} lacks `{key}`", case.place());
        }
        assert!(!case.files.is_empty(), "{} has no files", case.place());
        assert_eq!(
            case.attribute("expected").is_some(),
            case.attribute("reason").is_some(),
            "{}: an exception has a reason",
            case.place()
        );
    }
    let count = |expected| cases.iter().filter(|c| c.attribute("expected") == Some(expected)).count();
    assert!(count("suspicious") <= SUSPICIOUS, "{} may be suspicious", count("suspicious"));
    assert!(count("malicious") <= FALSE_ALARMS, "{} are false alarms", count("malicious"));
}

/// What is wrong with the verdicts of a case, with the findings that made them; nothing if they are right.
fn describe_wrong((case, scan): &(CorpusCase, Scan)) -> Option<String> {
    let at_registry = judge(scan.score, Persona::Registry, scan.coverage.is_complete());
    let expected = case.attribute("expected").unwrap_or(Verdict::Clean.as_str());
    let is_false_alarm = at_registry == Verdict::Malicious && expected != Verdict::Malicious.as_str();
    let is_wrong = scan.verdict.as_str() != expected || is_false_alarm;
    is_wrong.then(|| {
        let shares = scan.findings.iter().zip(&scan.shares).map(|(finding, share)| {
            let site = finding.site.as_ref().map(|s| format!(" {}:{}", s.member, s.line)).unwrap_or_default();
            format!("    {:+.2} {}{site}: {}\n", share.log_odds, finding.rule, finding.message)
        });
        let shares: String = shares.collect();
        format!("{}: {} ({:.2})\n{shares}", case.place(), scan.verdict, scan.score)
    })
}
