//! Matches compiled rules against the events and facts of one artifact.
//!
//! Rules whose classes or facts do not occur are passed over by a look-up; for the others, every event that the
//! primary step takes is tried once.  What is tried is counted, so hostile code cannot make matching slow, and two
//! runs agree.

mod address;
mod answers;
mod describe;
mod eval;
mod fold;
mod index;
pub(crate) mod plan;
mod pool;
mod same_path;
mod search;
mod started;

use std::sync::Arc;

use venin_model::Finding;

pub(crate) use answers::Memories;
pub(crate) use describe::{Message, parse_message};
pub use describe::{evidence_of_fact, mask_secrets};
pub use index::Observations;

use self::fold::Folded;
use self::index::Index;
use self::pool::Pool;
use self::search::{Budget, Search};
use crate::rule_set::{Rule, RuleSet};

/// What the rules found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matches {
    /// The findings, in the order of the rules and then of triggers and places.
    pub findings: Vec<Finding>,
    /// Ids of the rules whose budget ran out before everything was tried.
    pub unfinished: Vec<Arc<str>>,
}

/// The findings of all rules; see [`match_all`] for the rules that did not get to their end.
#[must_use]
pub fn match_rules(rules: &RuleSet, observations: &Observations<'_>) -> Vec<Finding> {
    match_all(rules, observations).findings
}

/// Matches all rules against one artifact.
#[must_use]
pub fn match_all(rules: &RuleSet, observations: &Observations<'_>) -> Matches {
    let index = Index::new(observations, rules.memories().take());
    let mut matches = Matches::default();
    for rule in rules.compiled() {
        let is_cut = match_rule(rule, &index, &mut matches.findings);
        if is_cut {
            matches.unfinished.push(Arc::clone(&rule.page.rule.id));
        }
    }
    rules.memories().give_back(index.answers.into_memory());
    matches
}

/// Adds the findings of one rule; returns whether its budget ran out.
fn match_rule(rule: &Rule, index: &Index<'_>, findings: &mut Vec<Finding>) -> bool {
    let mut folded = Folded::default();
    let mut is_cut = false;
    for plan in &rule.plans {
        let pool = Pool::new(index, plan);
        if !pool.is_possible() {
            continue;
        }
        let mut search = Search::new(&pool, Budget::DEFAULT);
        let mut last_root = None;
        let primary = plan.steps.get(plan.primary);
        for candidate in pool.all(plan.primary) {
            // A repeated primary step takes all it can of a root at once.
            let root = index.event(*candidate).map(|e| e.root);
            if primary.is_some_and(|s| s.repeat.is_some()) && last_root.is_some() && root == last_root {
                continue;
            }
            last_root = root;
            if let Some(bindings) = search.match_primary(*candidate) {
                folded.add(index, plan, bindings);
            }
        }
        is_cut |= search.is_cut;
    }
    findings.extend(folded.into_findings(rule, index));
    is_cut
}
