//! Findings that the user has judged: taken out of the verdict, never out of the report.

use std::collections::BTreeMap;

use venin_model::Persona;
use venin_report::{ArtifactReport, FindingReport, SuppressionReport, SuppressionState, suppress_findings};

use super::FileConfig;
use super::file::Suppression;
use super::glob::matches_path;

/// The suppressions of a run, with how often each was used.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    config: FileConfig,
    today: String,
    used: BTreeMap<usize, u64>,
}

impl Judge {
    /// A judge who knows the day (`2026-12-31`).
    pub(crate) fn new(config: FileConfig, today: String) -> Self {
        Self { config, today, used: BTreeMap::new() }
    }

    /// Takes what the user has judged out of an artifact's verdict.
    pub(crate) fn apply(&mut self, artifact: &mut ArtifactReport, persona: Persona) {
        let sha256 = artifact.sha256.clone();
        suppress_findings(artifact, persona, &mut |finding| self.excuse(finding, sha256.as_deref()));
    }

    fn excuse(&mut self, finding: &FindingReport, sha256: Option<&str>) -> Option<(String, String)> {
        let FileConfig { rules_on, rules_off, suppressions, path, rules_line, .. } = &self.config;
        let is_off =
            rules_off.contains(&finding.rule) || (!rules_on.is_empty() && !rules_on.contains(&finding.rule));
        if is_off {
            let source = format!("{}:{rules_line}", path.display());
            return Some(("the rule is switched off".to_owned(), source));
        }
        let fits = |s: &Suppression| !self.is_expired(s) && covers(s, finding, sha256);
        let (at, suppression) = suppressions.iter().enumerate().find(|(_, s)| fits(s))?;
        let excuse = (suppression.reason.clone(), suppression.source.clone());
        *self.used.entry(at).or_default() += 1;
        Some(excuse)
    }

    fn is_expired(&self, suppression: &Suppression) -> bool {
        suppression.expires.as_deref().is_some_and(|last| last < self.today.as_str())
    }

    /// Each suppression with what became of it.
    pub(crate) fn account(&self) -> Vec<SuppressionReport> {
        let account = |(at, suppression): (usize, &Suppression)| {
            let findings = self.used.get(&at).copied().unwrap_or(0);
            SuppressionReport {
                source: suppression.source.clone(),
                reason: suppression.reason.clone(),
                expires: suppression.expires.clone(),
                findings,
                state: match findings {
                    _ if self.is_expired(suppression) => SuppressionState::Expired,
                    0 => SuppressionState::Unmatched,
                    _ => SuppressionState::Used,
                },
            }
        };
        self.config.suppressions.iter().enumerate().map(account).collect()
    }
}

/// Whether all that a suppression names fits the finding.
fn covers(suppression: &Suppression, finding: &FindingReport, sha256: Option<&str>) -> bool {
    let member = finding.place.as_ref().map(|place| place.member.as_str());
    suppression.rule.as_deref().is_none_or(|rule| rule == finding.rule)
        && suppression.sha256.as_deref().is_none_or(|wanted| Some(wanted) == sha256)
        && suppression
            .path
            .as_deref()
            .is_none_or(|glob| member.is_some_and(|member| matches_path(glob, member)))
}
