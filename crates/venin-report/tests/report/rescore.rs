//! Suppression: what it takes out of the verdict, and what it may not touch.

use venin_model::{Behavior, Persona, Verdict};
use venin_report::suppress_findings;

use crate::samples;

#[test]
fn without_a_suppressed_finding_the_report_stays_as_it_is() {
    let before = samples::report(&samples::malicious());
    let mut after = before.clone();
    suppress_findings(&mut after, Persona::Team, &mut |_| None);
    assert_eq!(after, before);
}

#[test]
fn a_suppressed_finding_counts_no_more_and_is_kept_with_its_reason() {
    let before = samples::report(&samples::malicious());
    let mut after = before.clone();
    let excuse = || Some(("ours".to_owned(), "venin.toml:1".to_owned()));
    suppress_findings(&mut after, Persona::Team, &mut |f| {
        (f.behavior == Some(Behavior::CommandExecution)).then(excuse).flatten()
    });
    assert_eq!(after.behaviors, [Behavior::InformationStealing]);
    assert_eq!(after.findings.len() + after.suppressed.len(), before.findings.len());
    assert_eq!(after.explanation.shares.len(), after.findings.len());
    let sum =
        after.explanation.shares.iter().fold(after.explanation.prior, |sum, share| sum + share.log_odds);
    assert!((sum - after.score).abs() < 0.01, "{sum} {}", after.score);
    assert_eq!(after.suppressed[0].reason, "ours");
    assert!(!after.summary.contains("downloads"), "{}", after.summary);
}

#[test]
fn with_everything_suppressed_a_gap_still_keeps_it_from_clean() {
    let mut report = samples::report(&samples::malicious());
    report.complete = false;
    suppress_findings(&mut report, Persona::Team, &mut |_| Some((String::new(), String::new())));
    assert_eq!(report.verdict, Verdict::Incomplete);
}
