//! Findings of two artifacts side by side.
//!
//! Lines move from version to version, so a finding is known again by its rule, trigger, member, source line and the
//! steps with what they were called with.  A known finding whose arguments changed is a new one: the address in a
//! line is all that a take-over need change.

use std::collections::BTreeMap;

use super::members::Paths;
use super::shapes::GrownRule;
use crate::artifact::{ArtifactReport, FindingReport};

/// Both sides compared.
pub(super) struct Compared {
    pub(super) added: Vec<FindingReport>,
    pub(super) removed: Vec<FindingReport>,
    pub(super) kept: u64,
    pub(super) grown: Vec<GrownRule>,
}

/// Compares the findings of two artifacts.
pub(super) fn compare_findings(
    old: &ArtifactReport,
    old_paths: &Paths,
    new: &ArtifactReport,
    new_paths: &Paths,
) -> Compared {
    let mut left: Vec<(&FindingReport, Identity)> =
        old.findings.iter().map(|finding| (finding, Identity::of(finding, old_paths))).collect();
    let mut unknown: Vec<(&FindingReport, Identity)> = Vec::new();
    for finding in &new.findings {
        let wanted = Identity::of(finding, new_paths);
        match left.iter().position(|(_, known)| *known == wanted) {
            Some(at) => drop(left.remove(at)),
            None => unknown.push((finding, wanted)),
        }
    }
    // What is left may have moved to another member.
    let mut added = Vec::new();
    for (finding, wanted) in unknown {
        match left.iter().position(|(_, known)| finding.place.is_some() && known.deed == wanted.deed) {
            Some(at) => drop(left.remove(at)),
            None => added.push(finding.clone()),
        }
    }
    Compared {
        kept: (new.findings.len() - added.len()) as u64,
        grown: find_grown(&old.findings, &new.findings),
        removed: left.into_iter().map(|(finding, _)| finding.clone()).collect(),
        added,
    }
}

/// What a finding is, wherever its line went.  One about the whole artifact is its rule.
#[derive(PartialEq, Eq)]
struct Identity {
    member: String,
    deed: String,
}

impl Identity {
    fn of(finding: &FindingReport, paths: &Paths) -> Self {
        match &finding.place {
            None => Self { member: String::new(), deed: format!("{} {}", finding.rule, finding.trigger) },
            Some(place) => Self { member: paths.common(&place.member), deed: deed(finding) },
        }
    }
}

/// What a finding says is done, without where.
fn deed(finding: &FindingReport) -> String {
    let snippet = finding.place.as_ref().map_or("", |place| place.snippet.as_str());
    let layer = finding.place.as_ref().map_or(0, |place| place.layer);
    let steps: Vec<(&str, &str)> =
        finding.evidence.iter().map(|e| (e.step.as_str(), e.detail.as_str())).collect();
    format!("{:?}", (&finding.rule, finding.trigger, layer, snippet, steps))
}

/// A rule shows few of its places; more of them than before may hide among the folded ones.
fn find_grown(old: &[FindingReport], new: &[FindingReport]) -> Vec<GrownRule> {
    let before = count_places(old);
    let grown = count_places(new).into_iter().filter_map(|(rule, new)| {
        let old = before.get(rule).copied().unwrap_or(0);
        (new > old).then(|| GrownRule { rule: rule.to_owned(), old, new })
    });
    grown.collect()
}

fn count_places(findings: &[FindingReport]) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.rule.as_str()).or_default() += 1 + u64::from(finding.further);
    }
    counts
}
