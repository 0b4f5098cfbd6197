//! What is said about the difference of two artifacts: the shapes of `venin.diff/1`.

use serde::Serialize;
use venin_model::{Persona, Trigger, Verdict};

use crate::artifact::{ArtifactReport, CallReport, Explanation, FindingReport, MemberReport};
use crate::run::{Problem, Tool};

/// The version of the shapes of a difference.
pub const DIFF_SCHEMA: &str = "venin.diff/1";

/// One run of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiffRun {
    /// [`DIFF_SCHEMA`].
    pub schema: String,
    /// Who says it.
    pub tool: Tool,
    /// The operating point of the verdicts.
    pub persona: Persona,
    /// A difference for each pair of artifacts.
    pub diffs: Vec<DiffReport>,
    /// Targets that could not be turned into an artifact.
    pub problems: Vec<Problem>,
}

/// The difference of two artifacts, and a verdict on it alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiffReport {
    /// The old artifact.
    pub old: SideReport,
    /// The new artifact.
    pub new: SideReport,
    /// The verdict on what is new.
    pub verdict: Verdict,
    /// The score of what is new, in log-odds.
    pub score: f64,
    /// Whether all of both artifacts was looked at and listed.
    pub complete: bool,
    /// What the new findings do, in one sentence; empty when nothing is new.
    pub summary: String,
    /// Findings that the old artifact does not have, the most important first.
    pub new_findings: Vec<FindingReport>,
    /// Findings that the new artifact no longer has.
    pub removed_findings: Vec<FindingReport>,
    /// How many findings both have; they count nothing.
    pub kept_findings: u64,
    /// Rules with more places than before, the folded ones counted.
    pub grown_rules: Vec<GrownRule>,
    /// Behaviors.
    pub behaviors: Change,
    /// Triggers of findings.
    pub triggers: Change,
    /// Techniques.
    pub techniques: Change,
    /// Call classes by trigger: `import: Cn.send`.
    pub capabilities: Change,
    /// Calls that the member did not make at this trigger before.
    pub new_calls: Vec<CallReport>,
    /// URLs, hosts, addresses and other indicators: `url: https://...`.
    pub indicators: Change,
    /// Members.
    pub members: MemberChange,
    /// Requirements with their scope.
    pub dependencies: Change,
    /// Entry points.
    pub entry_points: Change,
    /// How the score came about.
    pub explanation: Explanation,
}

/// One of the two artifacts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideReport {
    /// The target as the user named it.
    pub target: String,
    /// The project's name.
    pub name: Option<String>,
    /// The version.
    pub version: Option<String>,
    /// The file's or tree's name.
    pub file: String,
    /// SHA-256.
    pub sha256: Option<String>,
    /// The verdict on the whole artifact.
    pub verdict: Verdict,
    /// Its score.
    pub score: f64,
}

impl From<&ArtifactReport> for SideReport {
    fn from(artifact: &ArtifactReport) -> Self {
        Self {
            target: artifact.target.clone(),
            name: artifact.name.clone(),
            version: artifact.version.clone(),
            file: artifact.file.clone(),
            sha256: artifact.sha256.clone(),
            verdict: artifact.verdict,
            score: artifact.score,
        }
    }
}

/// A rule with more places than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrownRule {
    /// The rule.
    pub rule: String,
    /// Its places in the old artifact.
    pub old: u64,
    /// Its places in the new artifact.
    pub new: u64,
}

/// What came and what went, each sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Only in the new artifact.
    pub added: Vec<String>,
    /// Only in the old artifact.
    pub removed: Vec<String>,
}

/// What became of the members.  Paths are without what changes with every version: the top folder of a source
/// distribution and the version in `NAME-VERSION.dist-info`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MemberChange {
    /// Only in the new artifact; those that run by themselves first.
    pub added: Vec<MemberReport>,
    /// Only in the old artifact.
    pub removed: Vec<MemberReport>,
    /// In both, with other bytes; those that run by themselves first.
    pub changed: Vec<ChangedMember>,
    /// How many are the same.
    pub unchanged: u64,
}

/// A member with other bytes than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedMember {
    /// The path.
    pub path: String,
    /// The old size in bytes.
    pub old_size: u64,
    /// The new size in bytes.
    pub new_size: u64,
    /// The old SHA-256.
    pub old_sha256: String,
    /// The new SHA-256.
    pub new_sha256: String,
}

/// The spelling of a capability.
pub(super) fn capability(trigger: Trigger, class: &str) -> String {
    format!("{trigger}: {class}")
}
