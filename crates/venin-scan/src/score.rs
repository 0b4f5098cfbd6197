//! The verdict: evidence adds up in log-odds (design, section 6).
//!
//! The same chain of calls often matches several rules; what is already counted is counted once.  The score is
//! the prior plus the shares, summed in the order of the shares, so that a reader can add it up again.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use venin_model::{EventId, Finding, Persona, Trigger, Verdict};

use crate::result::Share;

/// Log-odds before any evidence: how much rarer malicious releases are among the new ones.
pub const PRIOR: f64 = -4.0;

/// Scores at and above which a persona says `malicious` and `suspicious`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// For `malicious`.
    pub malicious: f64,
    /// For `suspicious`.
    pub suspicious: f64,
}

/// The thresholds of a persona.
#[must_use]
pub const fn thresholds(persona: Persona) -> Thresholds {
    match persona {
        Persona::Registry => Thresholds { malicious: 1.0, suspicious: 0.0 },
        Persona::Team => Thresholds { malicious: 0.0, suspicious: -1.5 },
        Persona::Research => Thresholds { malicious: 0.0, suspicious: -3.5 },
    }
}

/// The score and what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Prior plus all shares.
    pub total: f64,
    /// What each finding adds, in the order of the findings.
    pub shares: Vec<Share>,
}

/// How much a finding's weight counts by what makes the code run.
const fn trigger_factor(trigger: Trigger) -> f64 {
    match trigger {
        Trigger::Install | Trigger::Build | Trigger::Startup | Trigger::Import => 1.0,
        Trigger::Entry => 0.85,
        Trigger::Run => 0.7,
        Trigger::Data => 0.8,
    }
}

/// Share of the weight that is left when all of the evidence was counted before.
const REPEATED: f64 = 0.25;

/// Adds the evidence up.  `findings` are taken in the order of their weight.
#[must_use]
pub fn add_up(findings: &[Finding]) -> Score {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    let effective = |i: &usize| findings.get(*i).map_or(0.0, |f| f.weight * trigger_factor(f.trigger));
    order.sort_by(|a, b| effective(b).total_cmp(&effective(a)).then(a.cmp(b)));
    let mut counted: FxHashSet<EventId> = FxHashSet::default();
    let mut rules: FxHashSet<Arc<str>> = FxHashSet::default();
    let mut shares: Vec<Option<Share>> = vec![None; findings.len()];
    for index in order {
        let Some(finding) = findings.get(index) else { continue };
        let events: Vec<EventId> = finding.evidence.iter().filter_map(|e| e.event).collect();
        let fresh = events.iter().filter(|e| !counted.contains(e)).count();
        let is_repeated_rule = !rules.insert(Arc::clone(&finding.rule));
        let (factor, reason) = match () {
            () if is_repeated_rule => (0.0, Some("the rule is counted once")),
            () if !events.is_empty() && fresh == 0 => (REPEATED, Some("its calls are counted in another finding")),
            () if finding.trigger == Trigger::Run || finding.trigger == Trigger::Entry => {
                (1.0, Some("nothing runs this code by itself"))
            }
            () => (1.0, None),
        };
        counted.extend(events);
        let log_odds = finding.weight * trigger_factor(finding.trigger) * factor;
        if let Some(slot) = shares.get_mut(index) {
            *slot = Some(Share { rule: Arc::clone(&finding.rule), log_odds, reason: reason.map(Arc::from) });
        }
    }
    let shares: Vec<Share> = shares.into_iter().flatten().collect();
    let total = shares.iter().fold(PRIOR, |sum, share| sum + share.log_odds);
    Score { total, shares }
}

/// The verdict at a persona.
#[must_use]
pub fn judge(score: f64, persona: Persona, is_complete: bool) -> Verdict {
    let limits = thresholds(persona);
    if score >= limits.malicious {
        Verdict::Malicious
    } else if score >= limits.suspicious {
        Verdict::Suspicious
    } else if is_complete {
        Verdict::Clean
    } else {
        Verdict::Incomplete
    }
}
