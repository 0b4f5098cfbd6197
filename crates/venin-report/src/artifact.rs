//! The report on one artifact.

use serde::{Deserialize, Serialize};
use venin_model::{Behavior, Confidence, GapKind, Severity, Technique, Trigger, Vector, Verdict};
use venin_scan::ArtifactKind;

/// The version of every shape in this crate.  A change that could break a reader makes it `venin.report/2`.
pub const SCHEMA: &str = "venin.report/1";

/// What is known of one artifact after its scan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArtifactReport {
    /// [`SCHEMA`].
    pub schema: String,
    /// The target as the user named it, or the path below a directory that the user named.
    pub target: String,
    /// The project's name as its metadata states it.
    pub name: Option<String>,
    /// The version as its metadata states it.
    pub version: Option<String>,
    /// The file's or tree's name.
    pub file: String,
    /// SHA-256 in hexadecimal; of a tree, over its sorted paths and digests; `None` when nothing could be read.
    pub sha256: Option<String>,
    /// Size of the file in bytes.
    pub size: u64,
    /// What it is, by its content; `None` when nobody found out.
    pub kind: Option<ArtifactKind>,
    /// The verdict at the persona in force.
    pub verdict: Verdict,
    /// The score in log-odds.
    pub score: f64,
    /// Whether everything was looked at.
    pub complete: bool,
    /// What it does, in one sentence; empty when nothing was found.
    pub summary: String,
    /// Behaviors, in the study's order.
    pub behaviors: Vec<Behavior>,
    /// The study's attack vectors.
    pub vectors: Vec<Vector>,
    /// Triggers of the findings, the earliest first.
    pub triggers: Vec<Trigger>,
    /// Anti-detection techniques.
    pub techniques: Vec<Technique>,
    /// What happens at each trigger in the study's notation, the earliest trigger first.
    #[serde(default)]
    pub sequence: Vec<SequenceReport>,
    /// The findings, the most important first.
    pub findings: Vec<FindingReport>,
    /// Findings that the user's configuration suppresses, each with the reason; they count in no verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressed: Vec<SuppressedFinding>,
    /// Indicators of compromise.
    pub indicators: IndicatorReport,
    /// How much was looked at, and what was not.
    pub coverage: CoverageReport,
    /// How the score came about.
    pub explanation: Explanation,
    /// Whether the scan ran isolated; filled by the program that ran it.
    pub isolated: Isolation,
    /// What it cost; filled by the program that ran it.
    pub timings: Timings,
    /// What the artifact holds; only where two versions are to be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents: Option<ContentsReport>,
    /// What its code is like; only where a study of many is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<AttributesReport>,
}

/// What happens at one trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceReport {
    /// What makes it run.
    pub trigger: Trigger,
    /// The classes in the study's notation: `S -> Cf.read -> Cn.send -> E`.
    pub notation: String,
    /// The same, with the calls.
    pub steps: Vec<StepReport>,
    /// How many further steps were left out.
    pub omitted: u32,
}

/// One step of a sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepReport {
    /// The class of the call: `Cn.send`.
    pub class: String,
    /// The call's qualified name.
    pub call: String,
    /// The member in which it stands.
    pub member: String,
    /// Its line; of a decoded layer, the line of the call that executes it.
    pub line: u32,
    /// Whether a finding rests on it.
    pub cited: bool,
}

/// A finding that the user's configuration suppresses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuppressedFinding {
    /// The finding.
    pub finding: FindingReport,
    /// Why, in the user's words.
    pub reason: String,
    /// The suppression: file and line.
    pub source: String,
}

/// What an artifact holds, for a comparison of two versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentsReport {
    /// Members, those of nested archives included.
    pub members: Vec<MemberReport>,
    /// Requirements with their scope.
    pub dependencies: Vec<String>,
    /// Entry points.
    pub entry_points: Vec<String>,
    /// Calls by trigger, class, name and member.
    pub calls: Vec<CallReport>,
    /// Whether a list was longer than is kept.
    pub cut: bool,
}

/// A member and its digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MemberReport {
    /// The path.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A call that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallReport {
    /// What makes it run.
    pub trigger: Trigger,
    /// Its class: `Cn.send`.
    pub class: String,
    /// Its qualified name.
    pub call: String,
    /// The member in which it stands.
    pub member: String,
    /// Its first line there.
    pub line: u32,
    /// The source line, trimmed and shortened.
    pub snippet: String,
    /// How often it stands there.
    pub count: u64,
}

/// What an artifact's code is like, measured for a study of many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributesReport {
    /// Python source files that were read.
    pub python_files: u64,
    /// Their physical lines.
    pub python_lines: u64,
    /// The most folders, the file itself counted, on the way to a Python file.
    pub depth: u32,
    /// Python files in which lines of findings lie, by path.
    pub malicious_files: Vec<MaliciousFileReport>,
    /// The conditions under which calls of the behavior sequence happen, sorted: `sys.platform=win32`.
    pub conditions: Vec<String>,
    /// The calls of the behavior sequence, the earliest trigger first.
    pub calls: Vec<CallTokensReport>,
    /// How many further calls were left out.
    pub omitted_calls: u64,
    /// SHA-256 of the normal form of all Python sources: without comments, indentation and empty lines.
    pub normal_sha256: Option<String>,
    /// TLSH of the normal form of the files with malicious lines, of all sources where there are none.
    pub tlsh: Option<String>,
}

/// A Python file in which lines of findings lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaliciousFileReport {
    /// Its path.
    pub path: String,
    /// Folders on the way, the file itself counted.
    pub depth: u32,
    /// Physical lines.
    pub lines: u64,
    /// Different physical lines that evidence of findings with a behavior covers.
    pub malicious_lines: u64,
    /// Lines from the first of these to the last.
    pub extent: u64,
}

/// A call as tokens for a comparison of sequences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallTokensReport {
    /// What makes it run.
    pub trigger: Trigger,
    /// Its class: `Cn.send`.
    pub class: String,
    /// Its qualified name.
    pub call: String,
    /// Its parameters, each by its role and where it came from: `url:literal`.
    pub parameters: Vec<String>,
    /// Whether a finding rests on it.
    pub cited: bool,
}

/// A place in a member, or in a layer decoded from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The member, `/`-separated; a member of a nested archive is written `outer.zip!inner.py`.
    pub member: String,
    /// First line, from 1; of a decoded layer, the line of the call that executes it.
    pub line: u32,
    /// First column in characters, from 1.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Last column (exclusive) in characters; 0 when not known.
    pub end_column: u32,
    /// 0 for the member's own text, n for what n decodings revealed.
    pub layer: u16,
    /// The line inside the layer's text, from 1.
    pub layer_line: u32,
    /// The source line, trimmed, or the part of it around the place.
    pub snippet: String,
    /// Where in the snippet the place begins, in characters from 0.
    pub mark_start: u32,
    /// How many characters of the snippet it takes.
    pub mark_length: u32,
}

/// A rule that matched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingReport {
    /// A short name of this finding, the same with every scan of the artifact.
    #[serde(default)]
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// The behavior it speaks for.
    pub behavior: Option<Behavior>,
    /// The technique it speaks for.
    pub technique: Option<Technique>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// The rule's weight in log-odds, before chains are shared out.
    pub weight: f64,
    /// One sentence about this match.
    pub message: String,
    /// Where; a finding about the whole artifact has no place.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// The decodings that revealed the layer and then the decisive argument, outermost first: `base64.b64decode`,
    /// `zlib.decompress`.  Repetitions are kept.
    pub decoding: Vec<String>,
    /// What makes it run.
    pub trigger: Trigger,
    /// Where the decisive argument came from: `network (requests.get, line 12)`.
    pub origins: Vec<String>,
    /// MITRE ATT&CK technique ids.
    pub attack: Vec<String>,
    /// The matched steps in order.
    pub evidence: Vec<EvidenceReport>,
    /// How many further matches of the same rule were folded into this one.
    pub further: u32,
}

/// One step of a matched pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceReport {
    /// The step in the study's notation with the call that took it: `Cn.fetch requests.get`.
    pub step: String,
    /// What was seen: arguments as far as known, secrets masked.
    pub detail: String,
    /// Where.
    #[serde(flatten)]
    pub place: Option<Place>,
}

/// Indicators of compromise, each list sorted and without duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorReport {
    /// URLs.
    pub urls: Vec<String>,
    /// Host names.
    pub hosts: Vec<String>,
    /// IP addresses.
    pub ips: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Wallet addresses.
    pub wallets: Vec<String>,
    /// Tokens and keys, masked but for their first four characters.
    pub tokens: Vec<String>,
}

/// How much was looked at, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageReport {
    /// Members seen, those of nested archives included.
    pub members: u64,
    /// Their size in bytes once unpacked.
    pub bytes: u64,
    /// Python sources, notebooks and layers that were interpreted.
    pub python: u64,
    /// Layers that decoding revealed.
    pub layers: u64,
    /// Whether everything was looked at.
    pub complete: bool,
    /// What was not looked at.
    pub gaps: Vec<GapReport>,
}

/// Something that was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapReport {
    /// The member, or `None` for the artifact.
    pub member: Option<String>,
    /// Why.
    pub kind: GapKind,
    /// What exactly.
    pub detail: String,
}

/// How the score came about: the prior and the shares add up to it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The score before any evidence, in log-odds.
    pub prior: f64,
    /// What each finding adds.
    pub shares: Vec<ShareReport>,
}

/// One finding's share of the score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShareReport {
    /// The rule.
    pub rule: String,
    /// Log-odds that it adds.
    pub log_odds: f64,
    /// Why it is less than the rule's weight, if it is.
    pub reason: Option<String>,
}

/// Whether the scan ran where it could do no harm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Isolation {
    /// Whether every barrier that the platform offers was in force.
    pub isolated: bool,
    /// What was in force: `landlock+seccomp+limits`.
    pub how: Option<String>,
    /// Why something was not.
    pub reason: Option<String>,
}

/// What a scan cost.  All zero until the program that ran the scan fills it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Wall-clock milliseconds.
    pub wall_ms: f64,
    /// CPU milliseconds; `None` where the platform does not tell.
    pub cpu_ms: Option<f64>,
}

impl ArtifactReport {
    /// The path or name under which a reader finds the artifact: the target, unless that is a requirement or a
    /// directory and the artifact one of its files.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        let is_path = self.kind == Some(ArtifactKind::Tree) || self.target.ends_with(&self.file);
        if is_path { &self.target } else { &self.file }
    }

    /// The report on an artifact that could not be scanned: `incomplete`, with one gap that says why.
    ///
    /// For a worker that died, ran out of time or answered nonsense: the artifact is never lost.
    #[must_use]
    pub fn unscanned(target: &str, size: u64, kind: GapKind, detail: &str) -> Self {
        let file = target.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(target);
        let gap = GapReport { member: None, kind, detail: detail.to_owned() };
        Self {
            schema: SCHEMA.to_owned(),
            target: target.to_owned(),
            name: None,
            version: None,
            file: file.to_owned(),
            sha256: None,
            size,
            kind: None,
            verdict: Verdict::Incomplete,
            score: 0.0,
            complete: false,
            summary: String::new(),
            behaviors: Vec::new(),
            vectors: Vec::new(),
            triggers: Vec::new(),
            techniques: Vec::new(),
            sequence: Vec::new(),
            findings: Vec::new(),
            suppressed: Vec::new(),
            indicators: IndicatorReport::default(),
            coverage: CoverageReport { gaps: vec![gap], ..CoverageReport::default() },
            explanation: Explanation::default(),
            isolated: Isolation::default(),
            timings: Timings::default(),
            contents: None,
            attributes: None,
        }
    }
}
