//! Folds the matches of one rule: one finding a place, few findings a rule.

use std::cmp::Reverse;

use venin_model::{Finding, Site, Trigger};

use super::describe;
use super::eval::Bound;
use super::index::Index;
use super::plan::Plan;
use crate::rule_set::Rule;

/// Most findings that one rule gives for an artifact; the rest is counted.
pub(crate) const MOST_FINDINGS: usize = 5;

/// One match of a rule.
pub(super) struct Match<'a> {
    pub(super) plan: &'a Plan,
    pub(super) bindings: Vec<Bound>,
    pub(super) site: Option<&'a Site>,
    pub(super) trigger: Trigger,
    rank: Rank,
}

/// The better match has the lesser rank: earlier trigger, more optional steps, shorter stretch.
type Rank = (Trigger, Reverse<usize>, u32);

/// The matches of one rule, the best for each place.
#[derive(Default)]
pub(super) struct Folded<'a> {
    matches: Vec<Match<'a>>,
}

impl<'a> Folded<'a> {
    pub(super) fn add(&mut self, index: &Index<'a>, plan: &'a Plan, bindings: Vec<Bound>) {
        let primary = bindings.get(plan.primary);
        let event = primary.and_then(|b| b.events().first()).and_then(|id| index.event(*id));
        let fact = match primary {
            Some(Bound::Fact(id)) => index.fact(*id),
            _ => None,
        };
        let site = event.map(|e| &e.site).or_else(|| fact.and_then(|f| f.site.as_ref()));
        let trigger = event.map_or(Trigger::Data, |e| e.trigger);
        let matched = bindings.iter().filter(|b| b.is_matched()).count();
        let events = || bindings.iter().flat_map(|b| b.events().iter().copied());
        let span = events().max().unwrap_or(0) - events().min().unwrap_or(0);
        let rank = (trigger, Reverse(matched), span);
        let new = Match { plan, bindings, site, trigger, rank };
        self.matches.push(new);
    }

    /// The findings, the best first by trigger and then by place.
    pub(super) fn into_findings(mut self, rule: &Rule, index: &Index<'_>) -> Vec<Finding> {
        self.matches
            .sort_by(|a, b| place_of(a.site).cmp(&place_of(b.site)).then_with(|| a.rank.cmp(&b.rank)));
        self.matches.dedup_by(|later, earlier| place_of(later.site) == place_of(earlier.site));
        self.matches
            .sort_by(|a, b| a.trigger.cmp(&b.trigger).then_with(|| place_of(a.site).cmp(&place_of(b.site))));
        let further = self.matches.len().saturating_sub(MOST_FINDINGS);
        let mut findings: Vec<Finding> = self
            .matches
            .iter()
            .take(MOST_FINDINGS)
            .map(|m| describe::render_finding(rule, m, index))
            .collect();
        if let Some(first) = findings.first_mut() {
            first.further = u32::try_from(further).unwrap_or(u32::MAX);
        }
        findings
    }
}

type Place<'a> = Option<(&'a str, u32, u32, u16, u32)>;

fn place_of(site: Option<&Site>) -> Place<'_> {
    site.map(|s| (&*s.member, s.line, s.column, s.layer, s.layer_line))
}
