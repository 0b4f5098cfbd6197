//! What a study keeps of one scanned artifact.

use serde::{Deserialize, Serialize};
use venin_model::{Behavior, Technique, Trigger, Vector, Verdict};
use venin_report::{ArtifactReport, AttributesReport, FindingReport};

/// Most findings that are kept, the most important first.
const MAX_FINDINGS: usize = 64;
/// Most gaps that are kept.
const MAX_GAPS: usize = 8;
/// Most hosts that are kept.
const MAX_HOSTS: usize = 16;

/// The version of [`Artifact`] as it is stored; a change makes everything be scanned again.
pub const ARTIFACT_FORM: u32 = 1;

/// One scanned artifact, in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// The project's name as its metadata states it.
    pub name: Option<String>,
    /// The version as its metadata states it.
    pub version: Option<String>,
    /// The file's name.
    pub file: String,
    /// What it is: `sdist`, `wheel`, `egg`, `archive`, `file` or `tree`; empty when nobody found out.
    pub kind: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The score in log-odds.
    pub score: f64,
    /// Behaviors by their spelling, in the study's order.
    pub behaviors: Vec<String>,
    /// The study's vectors of findings with a behavior, by their spelling.
    pub vectors: Vec<String>,
    /// Triggers of findings with a behavior, by their spelling, the earliest first.
    pub triggers: Vec<String>,
    /// Techniques by their spelling.
    pub techniques: Vec<String>,
    /// The findings, the most important first.
    pub findings: Vec<KeptFinding>,
    /// How many further findings there were.
    pub omitted_findings: u64,
    /// Hosts and addresses in evidence, sorted.
    pub hosts: Vec<String>,
    /// What the code is like.
    pub attributes: AttributesReport,
    /// What was not looked at: kind and detail.
    pub gaps: Vec<String>,
}

/// One finding, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFinding {
    /// The rule.
    pub rule: String,
    /// The behavior, by its spelling.
    pub behavior: Option<String>,
    /// The technique, by its spelling.
    pub technique: Option<String>,
    /// The trigger, by its spelling.
    pub trigger: String,
    /// The member; empty for a finding about the whole artifact.
    pub member: String,
    /// The line, from 1; 0 for a finding about the whole artifact.
    pub line: u32,
}

impl Artifact {
    /// What a report says, in short.  `None` for what could not be read at all: it has no digest.
    #[must_use]
    pub fn of(report: &ArtifactReport) -> Option<Self> {
        let spoken: Vec<&FindingReport> = report.findings.iter().filter(|f| f.behavior.is_some()).collect();
        let has_trigger = |trigger: &Trigger| spoken.iter().any(|finding| finding.trigger == *trigger);
        let triggers: Vec<Trigger> = Trigger::ALL.iter().copied().filter(has_trigger).collect();
        let has_vector = |vector: &Vector| triggers.iter().any(|trigger| trigger.vector() == Some(*vector));
        let mut hosts: Vec<String> =
            report.indicators.hosts.iter().chain(&report.indicators.ips).take(MAX_HOSTS).cloned().collect();
        hosts.sort_unstable();
        let gaps = report.coverage.gaps.iter().filter(|gap| gap.kind.is_incomplete());
        Some(Self {
            sha256: report.sha256.clone()?,
            name: report.name.clone(),
            version: report.version.clone(),
            file: report.file.clone(),
            kind: report.kind.map(|kind| kind.to_string()).unwrap_or_default(),
            verdict: report.verdict,
            score: report.score,
            behaviors: spell(&report.behaviors, Behavior::as_str),
            vectors: Vector::ALL.iter().filter(|v| has_vector(v)).map(ToString::to_string).collect(),
            triggers: spell(&triggers, Trigger::as_str),
            techniques: spell(&report.techniques, Technique::as_str),
            findings: report.findings.iter().take(MAX_FINDINGS).map(KeptFinding::of).collect(),
            omitted_findings: report.findings.len().saturating_sub(MAX_FINDINGS) as u64,
            hosts,
            attributes: report.attributes.clone().unwrap_or_default(),
            gaps: gaps.take(MAX_GAPS).map(|gap| format!("{}: {}", gap.kind, gap.detail)).collect(),
        })
    }

    /// Malicious lines over all Python files: the study's LOM.
    #[must_use]
    pub fn malicious_lines(&self) -> u64 {
        self.attributes.malicious_files.iter().map(|file| file.malicious_lines).sum()
    }

    /// Lines from the first malicious one to the last, summed over files.
    #[must_use]
    pub fn malicious_extent(&self) -> u64 {
        self.attributes.malicious_files.iter().map(|file| file.extent).sum()
    }

    /// LOM over LOC, from 0 to 1 (paper section 1.4); `None` without Python lines.
    #[must_use]
    pub fn density(&self) -> Option<f64> {
        let lines = self.attributes.python_lines;
        (lines > 0).then(|| self.malicious_lines() as f64 / lines as f64)
    }
}

fn spell<T: Copy>(values: &[T], spelling: fn(T) -> &'static str) -> Vec<String> {
    values.iter().map(|value| spelling(*value).to_owned()).collect()
}

impl KeptFinding {
    fn of(finding: &FindingReport) -> Self {
        let place = finding.place.as_ref();
        Self {
            rule: finding.rule.clone(),
            behavior: finding.behavior.map(|behavior| behavior.to_string()),
            technique: finding.technique.map(|technique| technique.to_string()),
            trigger: finding.trigger.to_string(),
            member: place.map(|place| place.member.clone()).unwrap_or_default(),
            line: place.map_or(0, |place| place.line),
        }
    }
}
