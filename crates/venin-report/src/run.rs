//! The report on one run over many targets.

use serde::{Deserialize, Serialize};
use venin_model::{Persona, Verdict};

use crate::artifact::{ArtifactReport, SCHEMA};

/// What one run says about all its targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// [`SCHEMA`].
    pub schema: String,
    /// Who says it.
    pub tool: Tool,
    /// The operating point of the verdicts.
    pub persona: Persona,
    /// The artifacts, in the order of the targets.
    pub artifacts: Vec<ArtifactReport>,
    /// Targets that could not be turned into an artifact.
    pub problems: Vec<Problem>,
    /// How many of each.
    pub summary: Summary,
    /// What the user's configuration suppresses, and what became of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressions: Vec<SuppressionReport>,
}

/// A suppression of the user's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionReport {
    /// File and line.
    pub source: String,
    /// Why, in the user's words.
    pub reason: String,
    /// The last day on which it holds: `2026-12-31`.
    pub expires: Option<String>,
    /// How many findings it suppresses.
    pub findings: u64,
    /// What became of it.
    pub state: SuppressionState,
}

/// What became of a suppression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SuppressionState {
    /// It suppresses findings.
    Used,
    /// No finding fits it.
    Unmatched,
    /// Its last day is over; it suppresses nothing.
    Expired,
}

impl RunReport {
    /// A report on these artifacts and problems, with the summary counted.
    #[must_use]
    pub fn new(tool: Tool, persona: Persona, artifacts: Vec<ArtifactReport>, problems: Vec<Problem>) -> Self {
        let mut summary = Summary { problems: problems.len() as u64, ..Summary::default() };
        for artifact in &artifacts {
            summary.count(artifact);
        }
        let suppressions = Vec::new();
        Self { schema: SCHEMA.to_owned(), tool, persona, artifacts, problems, summary, suppressions }
    }
}

/// The program and the rules it used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// The program's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How many rules were in force.
    pub rules: u64,
}

/// A target that could not be turned into an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The target as the user named it.
    pub target: String,
    /// What failed, lower case and without a full stop.
    pub error: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How many artifacts have which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// All artifacts.
    pub artifacts: u64,
    /// Verdict `malicious`.
    pub malicious: u64,
    /// Verdict `suspicious`.
    pub suspicious: u64,
    /// Verdict `incomplete`.
    pub incomplete: u64,
    /// Verdict `clean`.
    pub clean: u64,
    /// Artifacts with gaps, whatever their verdict.
    pub not_wholly_scanned: u64,
    /// Targets that could not be turned into an artifact.
    pub problems: u64,
    /// Findings that the user's configuration suppresses, in all artifacts.
    #[serde(default)]
    pub suppressed: u64,
}

impl Summary {
    /// Counts one artifact.
    pub fn count(&mut self, artifact: &ArtifactReport) {
        self.artifacts += 1;
        self.suppressed += artifact.suppressed.len() as u64;
        self.not_wholly_scanned += u64::from(!artifact.complete);
        match artifact.verdict {
            Verdict::Malicious => self.malicious += 1,
            Verdict::Suspicious => self.suspicious += 1,
            Verdict::Incomplete => self.incomplete += 1,
            Verdict::Clean => self.clean += 1,
        }
    }
}
