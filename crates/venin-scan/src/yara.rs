//! Matches of a user's YARA rules as findings of their own.
//!
//! A match that the finding of a page has for evidence is told there, and only there.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use venin_model::{Confidence, Evidence, Fact, Finding, Severity, Site, Trigger};
use venin_rules::evidence_of_fact;

/// What the id of such a finding's rule begins with; no page's id has a colon.
const PREFIX: &str = "yara:";
/// What all such findings of an artifact add in log-odds.
const WEIGHT: f64 = 2.0;
/// Most findings of one YARA rule; the rest is counted.
const MOST_FINDINGS: usize = 5;

/// Whether a finding is a YARA match that no page speaks of.
pub(crate) fn is_own_finding(finding: &Finding) -> bool {
    finding.rule.starts_with(PREFIX)
}

/// A finding for each member and YARA rule that matches it, where none of `findings` has the match for evidence.
pub(crate) fn findings_of_matches(facts: &[Fact], findings: &[Finding]) -> Vec<Finding> {
    let matches: Vec<&Fact> = facts.iter().filter(|f| &*f.kind == "yara.match").collect();
    if matches.is_empty() {
        return Vec::new();
    }
    let told: FxHashSet<(Option<&Site>, &str)> =
        findings.iter().flat_map(|f| &f.evidence).filter_map(place_of_match).collect();
    let mut of_rules: BTreeMap<(Option<&str>, Option<&str>), Vec<Finding>> = BTreeMap::new();
    for fact in matches {
        let evidence = evidence_of_fact(fact);
        if !place_of_match(&evidence).is_some_and(|place| told.contains(&place)) {
            let rule = (fact.detail("namespace"), fact.detail("rule"));
            of_rules.entry(rule).or_default().push(finding_of_match(fact, evidence));
        }
    }
    of_rules.into_values().flat_map(fold_findings).collect()
}

fn place_of_match(evidence: &Evidence) -> Option<(Option<&Site>, &str)> {
    (&*evidence.step == "yara.match").then_some((evidence.site.as_ref(), &*evidence.detail))
}

fn finding_of_match(fact: &Fact, evidence: Evidence) -> Finding {
    let rule = fact.detail("rule").unwrap_or_default();
    let title = match fact.detail("description").map(str::trim) {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => format!("The YARA rule `{rule}` matches"),
    };
    Finding {
        rule: Arc::from(format!("{PREFIX}{rule}")),
        title: Arc::from(title),
        behavior: None,
        technique: None,
        severity: fact.detail("severity").and_then(Severity::parse).unwrap_or(Severity::Medium),
        confidence: Confidence::Medium,
        weight: WEIGHT,
        message: Arc::clone(&fact.message),
        site: fact.site.clone(),
        decoding: Vec::new(),
        trigger: Trigger::Data,
        origins: Vec::new(),
        attack: Vec::new(),
        evidence: vec![evidence],
        further: 0,
    }
}

fn fold_findings(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| a.site.cmp(&b.site));
    // An archive that lies may hold two contents under one path.
    findings.dedup_by(|later, earlier| later.site == earlier.site);
    let further = findings.len().saturating_sub(MOST_FINDINGS);
    findings.truncate(MOST_FINDINGS);
    if let Some(first) = findings.first_mut() {
        first.further = u32::try_from(further).unwrap_or(u32::MAX);
    }
    findings
}
