//! Which events each step of a plan could take, before steps are looked at together.

use std::cell::OnceCell;

use venin_model::RootId;

use super::eval::{Context, Item};
use super::index::Index;
use super::plan::{Plan, PlanStep, Select};

/// The candidates of every step, found when first asked for.
pub(super) struct Pool<'a> {
    pub(super) index: &'a Index<'a>,
    pub(super) plan: &'a Plan,
    lists: Vec<OnceCell<Vec<u32>>>,
}

impl<'a> Pool<'a> {
    pub(super) fn new(index: &'a Index<'a>, plan: &'a Plan) -> Self {
        Self { index, plan, lists: plan.steps.iter().map(|_| OnceCell::new()).collect() }
    }

    /// Whether every required step has a candidate: the selectors first, because that is cheap.
    pub(super) fn is_possible(&self) -> bool {
        let required = || {
            self.plan
                .order
                .steps
                .iter()
                .filter_map(|i| Some((*i, self.plan.steps.get(*i)?)))
                .filter(|(_, s)| s.group.is_none())
        };
        let has_any = |step: &PlanStep| {
            step.choices.iter().any(|c| match &c.selector {
                Select::Plain(selector) => self.index.has_any(selector),
                Select::Bound(_) => true,
            })
        };
        let is_bound = |step: &PlanStep| step.choices.iter().any(|c| matches!(c.selector, Select::Bound(_)));
        required().all(|(_, step)| has_any(step))
            && required().all(|(i, step)| is_bound(step) || !self.all(i).is_empty())
    }

    /// All candidates of a step that hold by themselves, by root and then in order.
    pub(super) fn all(&self, step: usize) -> &[u32] {
        self.lists.get(step).map_or(&[], |cell| cell.get_or_init(|| self.collect(step)))
    }

    fn collect(&self, index: usize) -> Vec<u32> {
        let Some(step) = self.plan.steps.get(index) else { return Vec::new() };
        let context = Context { index: self.index, plan: self.plan, bindings: &[] };
        let mut found: Vec<u32> = Vec::new();
        for choice in &step.choices {
            if let Select::Plain(selector) = &choice.selector {
                found.extend(self.index.select(selector));
            }
        }
        if step.choices.len() > 1 {
            found.sort_unstable();
            found.dedup();
        }
        if step.is_fact {
            found.retain(|id| self.index.fact(*id).is_some_and(|f| context.holds_local(step, Item::Fact(f))));
        } else {
            found.retain(|id| {
                self.index.event(*id).is_some_and(|e| context.holds_local(step, Item::Event(e)))
            });
            found.sort_by_key(|id| (self.index.event(*id).map(|e| e.root), *id));
        }
        found
    }

    /// The candidates in one root.
    pub(super) fn in_root(&self, step: usize, root: RootId) -> &[u32] {
        let all = self.all(step);
        let root_of = |id: &u32| self.index.event(*id).map_or(root, |e| e.root);
        let start = all.partition_point(|id| root_of(id) < root);
        let end = all.partition_point(|id| root_of(id) <= root);
        all.get(start..end).unwrap_or_default()
    }

    /// For each step of a chain, the first and last event that order alone leaves possible in a root; `None` when
    /// the chain cannot lie there at all.
    pub(super) fn find_windows(&self, chain: usize, root: RootId) -> Option<Vec<(u32, u32)>> {
        let (index, plan) = (self.index, self.plan);
        let range = plan.chains.get(chain)?.clone();
        let is_required = |step: &usize| plan.steps.get(*step).is_some_and(|s| s.group.is_none());
        let mut windows = vec![(0, u32::MAX); range.len()];
        let mut earliest = 0;
        for step in range.clone().filter(is_required) {
            let list = self.in_root(step, root);
            let floor = index.first_at_place(earliest);
            let first = *list.get(list.partition_point(|id| *id < floor))?;
            windows.get_mut(step - range.start)?.0 = first;
            earliest = earliest.max(first);
        }
        let mut latest = u32::MAX;
        for step in range.clone().rev().filter(is_required) {
            let list = self.in_root(step, root);
            let limit = if latest == u32::MAX { latest } else { index.last_at_place(latest) };
            let last = *list.get(list.partition_point(|id| *id <= limit).checked_sub(1)?)?;
            windows.get_mut(step - range.start)?.1 = last;
            latest = latest.min(last);
        }
        Some(windows)
    }
}
