//! What goes into a scan and what comes out of it.

use std::sync::Arc;

use crate::attributes::Attributes;
use venin_model::{
    Behavior, CallClass, Finding, Gap, Site, Technique, Trigger, Triggers, Vector, Verdict, spelled_enum,
};

spelled_enum! {
    /// What an artifact turned out to be, by its content.
    pub enum ArtifactKind {
        /// A source distribution.
        Sdist = "sdist",
        /// A wheel.
        Wheel = "wheel",
        /// An egg.
        Egg = "egg",
        /// An archive that is none of these.
        Archive = "archive",
        /// One file.
        File = "file",
        /// A directory tree.
        Tree = "tree",
    }
}

/// One file of a directory tree.
#[derive(Debug, Clone)]
pub struct TreeMember {
    /// `/`-separated path below the tree's root.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What to scan.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// One file, whose kind is found by its content.
    File {
        /// The file's name, for the report and for `.py`/`.pth` and the like, which have no magic.
        name: &'a str,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// A directory tree that belongs together (an unpacked project, one installed distribution).
    Tree {
        /// The name of the tree, for the report.
        name: &'a str,
        /// Its files.
        members: &'a [TreeMember],
    },
}

/// Indicators of compromise found in evidence, each list sorted and without duplicates.  Tokens are masked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Indicators {
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Members seen in the archive, those of nested archives included.
    pub members: u64,
    /// Their size in bytes once unpacked.
    pub bytes: u64,
    /// Python sources, notebooks and layers that were interpreted.
    pub python: u64,
    /// Layers that decoding revealed.
    pub layers: u64,
    /// What was not looked at.
    pub gaps: Vec<Gap>,
}

impl Coverage {
    /// Whether everything was looked at.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.gaps.iter().any(|g| g.kind.is_incomplete())
    }
}

/// One finding's share of the score; the shares and the prior add up to the score exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The rule.
    pub rule: Arc<str>,
    /// Log-odds that it adds.
    pub log_odds: f64,
    /// Why it is less than the rule's weight, if it is.
    pub reason: Option<Arc<str>>,
}

/// One step of a behavior sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceStep {
    /// The class of the call.
    pub class: CallClass,
    /// The call's qualified name.
    pub name: Arc<str>,
    /// Where it stands, the first time.
    pub site: Site,
    /// Whether a finding rests on it.
    pub is_cited: bool,
}

/// What happens at one trigger, in order, with repetitions told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// What makes it run.
    pub trigger: Trigger,
    /// The steps, at most a few; never empty.
    pub steps: Vec<SequenceStep>,
    /// How many further steps were left out.
    pub omitted: u32,
}

/// A member and its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberDigest {
    /// Path; a member of a nested archive is written `outer.zip!inner.py`.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A call that the analysis reached, with how often it stands in its member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSeen {
    /// What makes it run.
    pub trigger: Trigger,
    /// Its class.
    pub class: CallClass,
    /// Its qualified name.
    pub name: Arc<str>,
    /// Where it stands, the first time.
    pub site: Site,
    /// How often.
    pub count: u64,
}

/// What an artifact holds, for a comparison of two versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Members in artifact order, those of nested archives included.
    pub members: Vec<MemberDigest>,
    /// Requirements as written with their scope, sorted: `requests>=2 (runtime)`.
    pub dependencies: Vec<String>,
    /// Entry points, sorted: `console_scripts: demo = demo.cli:main`.
    pub entry_points: Vec<String>,
    /// Calls by trigger, class, name and member.
    pub calls: Vec<CallSeen>,
    /// Whether a list was longer than is kept.
    pub is_cut: bool,
}

spelled_enum! {
    /// What a scan lists beside its findings.
    pub enum Listing {
        /// Nothing: the usual scan.
        None = "none",
        /// What the artifact holds, for a comparison.
        Full = "full",
        /// What its code is like, for a study of many.
        Attributes = "attributes",
    }
}

/// The result of scanning one artifact.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// The project's name as its metadata states it.
    pub name: Option<String>,
    /// The version as the metadata states it.
    pub version: Option<String>,
    /// The file's or tree's name.
    pub file: String,
    /// SHA-256 of the file in hexadecimal; of a tree, over its sorted paths and digests.
    pub sha256: String,
    /// Size of the file in bytes.
    pub size: u64,
    /// What it is.
    pub kind: ArtifactKind,
    /// The verdict at the persona in force.
    pub verdict: Verdict,
    /// The score in log-odds.
    pub score: f64,
    /// The score before any evidence.
    pub prior: f64,
    /// What each finding adds.
    pub shares: Vec<Share>,
    /// Behaviors, in the study's order.
    pub behaviors: Vec<Behavior>,
    /// The study's vectors.
    pub vectors: Vec<Vector>,
    /// Triggers of the findings.
    pub triggers: Triggers,
    /// Techniques.
    pub techniques: Vec<Technique>,
    /// The findings, the most important first.
    pub findings: Vec<Finding>,
    /// What happens at each trigger, the earliest trigger first.
    pub sequences: Vec<Sequence>,
    /// Indicators.
    pub indicators: Indicators,
    /// Coverage.
    pub coverage: Coverage,
    /// What the artifact holds, if that was asked for.
    pub contents: Option<Contents>,
    /// What its code is like, if that was asked for.
    pub attributes: Option<Attributes>,
}
