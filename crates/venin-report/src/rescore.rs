//! Adding a report up again when some of its findings are not to count.
//!
//! The arithmetic is the scanner's own ([`venin_scan::add_up`], [`venin_scan::judge`]); this module only gives it a
//! report's findings back in the form that it reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use venin_model::{
    Behavior, CallClass, EventId, Evidence, Finding, Persona, Site, Technique, Triggers, Vector,
};
use venin_scan::{PRIOR, Score, add_up, judge};

use crate::artifact::{ArtifactReport, EvidenceReport, FindingReport, ShareReport, SuppressedFinding};
use crate::sentence::compose_summary;

/// Moves findings for which `excuse` has a reason to the suppressed ones, and adds the rest up again.
///
/// `excuse` gives the reason and the place of the suppression.  Without a suppressed finding the report stays as it is.
/// Indicators stay: they say what the artifact holds, not what is held against it.
pub fn suppress_findings(
    artifact: &mut ArtifactReport,
    persona: Persona,
    excuse: &mut dyn FnMut(&FindingReport) -> Option<(String, String)>,
) {
    let mut kept = Vec::with_capacity(artifact.findings.len());
    for finding in std::mem::take(&mut artifact.findings) {
        match excuse(&finding) {
            Some((reason, source)) => {
                artifact.suppressed.push(SuppressedFinding { finding, reason, source });
            }
            None => kept.push(finding),
        }
    }
    artifact.findings = kept;
    if !artifact.suppressed.is_empty() {
        rescore(artifact, persona);
    }
}

/// Derives all that a report says of its findings from the findings that it has now.
fn rescore(artifact: &mut ArtifactReport, persona: Persona) {
    let findings = &artifact.findings;
    let score = score_findings(findings, artifact.coverage.python);
    let triggers: Triggers = findings.iter().map(|f| f.trigger).collect();
    artifact.behaviors =
        Behavior::ALL.iter().copied().filter(|b| findings.iter().any(|f| f.behavior == Some(*b))).collect();
    artifact.techniques =
        Technique::ALL.iter().copied().filter(|t| findings.iter().any(|f| f.technique == Some(*t))).collect();
    artifact.vectors =
        Vector::ALL.iter().copied().filter(|v| triggers.iter().any(|t| t.vector() == Some(*v))).collect();
    artifact.triggers = triggers.iter().collect();
    artifact.summary = compose_summary(findings);
    artifact.score = score.total;
    artifact.verdict = judge(score.total, persona, artifact.complete);
    artifact.explanation.prior = PRIOR;
    artifact.explanation.shares = score
        .shares
        .iter()
        .map(|share| ShareReport {
            rule: share.rule.to_string(),
            log_odds: share.log_odds,
            reason: share.reason.as_ref().map(ToString::to_string),
        })
        .collect();
}

/// The score of these findings in an artifact with so many source files.
pub(crate) fn score_findings(findings: &[FindingReport], source_files: u64) -> Score {
    let mut events = EventNames::default();
    let findings: Vec<Finding> =
        findings.iter().map(|finding| restore_finding(finding, &mut events)).collect();
    add_up(&findings, source_files)
}

/// Numbers for events by what a report says of them: the same step at the same place is the same event.
#[derive(Default)]
struct EventNames(BTreeMap<String, u32>);

impl EventNames {
    /// `None` for a fact, which is no call.
    fn number(&mut self, evidence: &EvidenceReport) -> Option<EventId> {
        let class = evidence.step.split_whitespace().next()?;
        CallClass::parse(class).ok()?;
        let place = evidence.place.as_ref();
        let place =
            place.map(|p| (&p.member, p.line, p.column, p.end_line, p.end_column, p.layer, p.layer_line));
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        Some(EventId(*self.0.entry(format!("{} {place:?}", evidence.step)).or_insert(next)))
    }
}

/// A finding as far as the score reads it.
fn restore_finding(finding: &FindingReport, events: &mut EventNames) -> Finding {
    let evidence = finding.evidence.iter().map(|evidence| Evidence {
        step: Arc::from(evidence.step.as_str()),
        event: events.number(evidence),
        site: None,
        detail: Arc::from(""),
    });
    Finding {
        rule: Arc::from(finding.rule.as_str()),
        title: Arc::from(""),
        behavior: finding.behavior,
        technique: finding.technique,
        severity: finding.severity,
        confidence: finding.confidence,
        weight: finding.weight,
        message: Arc::from(""),
        site: finding.place.as_ref().map(|place| Site::whole(Arc::from(place.member.as_str()))),
        trigger: finding.trigger,
        origins: Vec::new(),
        attack: Vec::new(),
        decoding: Vec::new(),
        evidence: evidence.collect(),
        further: finding.further,
    }
}
