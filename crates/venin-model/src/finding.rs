//! Findings: rules that matched, with their evidence.

use std::sync::Arc;

use crate::{Behavior, EventId, Site, Technique, Trigger, spelled_enum};

spelled_enum! {
    /// How bad the thing is if the finding is right, the least first.
    pub enum Severity {
        /// Worth knowing.
        Info = "info",
        /// Unusual.
        Low = "low",
        /// Dangerous in the wrong hands.
        Medium = "medium",
        /// Harmful.
        High = "high",
        /// Harm is done as soon as it runs.
        Critical = "critical",
    }
}

spelled_enum! {
    /// How sure the rule is, the least first.
    pub enum Confidence {
        /// A hint.
        Low = "low",
        /// More likely than not.
        Medium = "medium",
        /// Hardly anything harmless looks like it.
        High = "high",
    }
}

/// One step of a matched pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The step in the study's notation with the call that took it: `Cn.fetch requests.get`, or the kind of a fact.
    pub step: Arc<str>,
    /// The event; `None` for a fact.
    pub event: Option<EventId>,
    /// Where.
    pub site: Option<Site>,
    /// What was seen, for a reader: arguments as far as known, secrets masked.
    pub detail: Arc<str>,
}

/// A rule that matched.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's id.
    pub rule: Arc<str>,
    /// The rule's title.
    pub title: Arc<str>,
    /// The behavior it speaks for.
    pub behavior: Option<Behavior>,
    /// The technique it speaks for.
    pub technique: Option<Technique>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Its share of the score in log-odds, before chains are shared out (design, section 6).
    pub weight: f64,
    /// One sentence about this match.
    pub message: Arc<str>,
    /// The primary place: the line a reviewer would point at.
    pub site: Option<Site>,
    /// The decodings that revealed the primary place's layer and then the decisive argument, outermost first and by
    /// qualified name: `base64.b64decode`, `zlib.decompress`.  Repetitions are kept.
    pub decoding: Vec<Arc<str>>,
    /// What makes it run.
    pub trigger: Trigger,
    /// Where the decisive argument came from, for a reader: `network (requests.get, line 12)`.
    pub origins: Vec<Arc<str>>,
    /// MITRE ATT&CK technique ids.
    pub attack: Vec<Arc<str>>,
    /// The matched steps in order.
    pub evidence: Vec<Evidence>,
    /// How many further matches of the same rule were folded into this one.
    pub further: u32,
}
