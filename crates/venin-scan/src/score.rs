//! The verdict: evidence adds up in log-odds (design, section 6).
//!
//! The same chain of calls often matches several rules; what is already counted is counted less.  The score is
//! the prior plus the shares, summed in the order of the shares, so that a reader can add it up again.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use venin_model::{Confidence, EventId, Finding, Persona, Technique, Verdict};

use crate::aside::is_aside;
use crate::result::Share;
use crate::weights::{self, PRIOR, rule_weight};
use crate::yara;

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
        Persona::Registry => {
            Thresholds { malicious: weights::REGISTRY_MALICIOUS, suspicious: weights::REGISTRY_SUSPICIOUS }
        }
        Persona::Team => {
            Thresholds { malicious: weights::TEAM_MALICIOUS, suspicious: weights::TEAM_SUSPICIOUS }
        }
        Persona::Research => {
            Thresholds { malicious: weights::RESEARCH_MALICIOUS, suspicious: weights::RESEARCH_SUSPICIOUS }
        }
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

/// Share of a finding when its calls are counted in a heavier one: all of them, or, in code that somebody must call, most.
const REPEATED: f64 = 0.5;
/// Share of a finding in code that somebody must call when its calls are counted in several heavier ones.
const REPEATED_OFTEN: f64 = 0.25;
/// Source files up to which code that must be called counts fully.
const SMALL: f64 = 20.0;
/// Share of a finding in the tests, examples, documents and tools of a source distribution, which are not installed.
const ASIDE: f64 = 0.5;
/// Least share of a finding in code that must be called, however large the artifact.
const LEAST: f64 = 0.25;

/// How much a finding counts in code that somebody must call, by the number of source files.
///
/// The chance that something somewhere looks like something grows with the amount of code, while what an attacker
/// adds to it must still be run.  Code that runs by itself is not affected.
/// What hardly anything harmless looks like is found by chance more seldom, and is diluted half as much on this scale.
#[must_use]
pub fn dilution(source_files: u64, confidence: Confidence) -> f64 {
    let diluted = (SMALL / (source_files as f64).max(SMALL)).sqrt().max(LEAST);
    if confidence == Confidence::High { diluted.sqrt() } else { diluted }
}

/// Whether a finding is in a test, example or tool that nothing runs by itself.
fn stands_aside(finding: &Finding) -> bool {
    !finding.trigger.is_automatic() && finding.site.as_ref().is_some_and(|site| is_aside(&site.member))
}

/// Adds the evidence up, the heaviest findings first.
#[must_use]
pub fn add_up(findings: &[Finding], source_files: u64) -> Score {
    let weigh = |finding: &Finding| {
        let weight = rule_weight(&finding.rule, finding.weight);
        // A match of a user's own rule says nothing of what runs it.
        if yara::is_own_finding(finding) {
            return weight.automatic;
        }
        if finding.trigger.is_automatic() {
            weight.automatic
        } else {
            let aside = if stands_aside(finding) { ASIDE } else { 1.0 };
            weight.called * dilution(source_files, finding.confidence) * aside
        }
    };
    let mut order: Vec<(usize, f64)> = findings.iter().map(weigh).enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut counted: FxHashMap<EventId, u32> = FxHashMap::default();
    let mut rules: FxHashSet<Arc<str>> = FxHashSet::default();
    let mut has_yara = false;
    let mut shares: Vec<Option<Share>> = vec![None; findings.len()];
    for (index, weight) in order {
        let Some(finding) = findings.get(index) else { continue };
        let events: Vec<EventId> = finding.evidence.iter().filter_map(|e| e.event).collect();
        let repeated = repeated_share(finding, &events, &counted);
        let is_yara = yara::is_own_finding(finding);
        let is_same_yara = is_yara && std::mem::replace(&mut has_yara, true);
        let is_same_rule = !rules.insert(Arc::clone(&finding.rule));
        events.into_iter().for_each(|event| *counted.entry(event).or_default() += 1);
        let (factor, reason) = if is_same_rule {
            (0.0, Some("the rule is counted once"))
        } else if let Some(share) = repeated {
            (share, Some("its calls are counted in another finding"))
        } else if is_same_yara {
            (0.0, Some("YARA matches are counted once"))
        } else if stands_aside(finding) && !is_yara {
            (1.0, Some("it is a test, an example or a tool, which nothing runs by itself"))
        } else if !finding.trigger.is_automatic() && !is_yara {
            (1.0, Some("nothing runs this code by itself"))
        } else {
            (1.0, None)
        };
        let share = Share {
            rule: Arc::clone(&finding.rule),
            log_odds: weight * factor,
            reason: reason.map(Arc::from),
        };
        if let Some(slot) = shares.get_mut(index) {
            *slot = Some(share);
        }
    }
    let shares: Vec<Share> = shares.into_iter().flatten().collect();
    let total = shares.iter().fold(PRIOR, |sum, share| sum + share.log_odds);
    Score { total, shares }
}

/// The share of a finding whose calls are counted already.
///
/// One chain of calls that somebody must set off matches many rules, each with a call more or less.  Code that runs by
/// itself has few such chains, and each of its calls is a step that nobody asked for.
fn repeated_share(finding: &Finding, events: &[EventId], counted: &FxHashMap<EventId, u32>) -> Option<f64> {
    let times: Vec<u32> = events.iter().filter_map(|event| counted.get(event).copied()).collect();
    if events.is_empty() || times.is_empty() {
        return None;
    }
    if finding.trigger.is_automatic() {
        return (times.len() == events.len()).then_some(REPEATED);
    }
    let is_most = times.len() * 2 > events.len();
    let share = if times.iter().all(|n| *n > 1) { REPEATED_OFTEN } else { REPEATED };
    is_most.then_some(share)
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

/// The verdict that the kind of the evidence allows: names and metadata alone are never `malicious`.
///
/// However many of them come together, all they say is what a release calls itself.
#[must_use]
pub fn bound_by_evidence(verdict: Verdict, findings: &[Finding]) -> Verdict {
    let is_more = |f: &Finding| f.technique != Some(Technique::Impersonation) || f.behavior.is_some();
    if verdict == Verdict::Malicious && !findings.iter().any(is_more) { Verdict::Suspicious } else { verdict }
}
