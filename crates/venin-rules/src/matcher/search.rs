//! Finds the events that a plan asks for, by backtracking within a counted budget.

use std::rc::Rc;

use venin_model::{Event, EventId, RootId};

use super::eval::{Bound, Context, Item, origins};
use super::plan::{Order, PlanStep, Select};
use super::pool::Pool;
use crate::pattern::{Distinct, Repeat, Subject};

/// Candidates that may be tried for one rule, and for one primary event of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    pub(super) rule: u32,
    pub(super) primary: u32,
}

impl Budget {
    pub(super) const DEFAULT: Self = Self { rule: 50_000, primary: 5_000 };
}

/// Most events kept of a repeated step.
const MOST_REPEATED: usize = 16;

/// For each step of a chain, the first and last event that order alone leaves possible.
type Windows = Option<Rc<[(u32, u32)]>>;

/// One search through one plan.
pub(super) struct Search<'a> {
    pool: &'a Pool<'a>,
    bindings: Vec<Bound>,
    chain_roots: Vec<Option<RootId>>,
    /// Of each chain, the windows in the root that was looked at last.
    windows: Vec<Option<(RootId, Windows)>>,
    left_of_rule: u32,
    left_of_primary: u32,
    budget: Budget,
    /// Whether some candidate was not tried because the budget ran out.
    pub(super) is_cut: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(pool: &'a Pool<'a>, budget: Budget) -> Self {
        let plan = pool.plan;
        Self {
            pool,
            bindings: vec![Bound::Unset; plan.steps.len()],
            chain_roots: vec![None; plan.chains.len()],
            windows: vec![None; plan.chains.len()],
            left_of_rule: budget.rule,
            left_of_primary: budget.primary,
            budget,
            is_cut: false,
        }
    }

    /// The first match, in order of preference, whose primary step takes this candidate.
    pub(super) fn match_primary(&mut self, candidate: u32) -> Option<Vec<Bound>> {
        let plan = self.pool.plan;
        self.bindings.fill(Bound::Unset);
        self.chain_roots.fill(None);
        self.left_of_primary = self.budget.primary;
        let step = plan.steps.get(plan.primary)?;
        let found = if let Some(repeat) = step.repeat {
            self.try_repeated(&plan.order, 0, plan.primary, repeat, self.pool.index.event(candidate)?.root)
        } else {
            self.try_candidate(&plan.order, 0, plan.primary, candidate)
        };
        found.then(|| std::mem::replace(&mut self.bindings, vec![Bound::Unset; plan.steps.len()]))
    }

    fn spend(&mut self) -> bool {
        if self.left_of_rule == 0 || self.left_of_primary == 0 {
            self.is_cut = true;
            return false;
        }
        self.left_of_rule -= 1;
        self.left_of_primary -= 1;
        true
    }

    /// Decides the steps from `at` on; leaves the bindings in place when it succeeds.
    fn extend(&mut self, order: &'a Order, at: usize) -> bool {
        let Some(index) = order.steps.get(at).copied() else { return self.is_accepted(order) };
        let Some(step) = self.pool.plan.steps.get(index) else { return false };
        if self.group_is_skipped(step) {
            return self.try_bound(order, at, index, Bound::Skipped);
        }
        if self.try_candidates(order, at, index, step) {
            return true;
        }
        step.group.is_some() && !self.group_is_taken(step) && self.try_bound(order, at, index, Bound::Skipped)
    }

    fn group_is_skipped(&self, step: &PlanStep) -> bool {
        self.group_members(step).any(|b| *b == Bound::Skipped)
    }

    fn group_is_taken(&self, step: &PlanStep) -> bool {
        self.group_members(step).any(Bound::is_matched)
    }

    fn group_members(&self, step: &PlanStep) -> impl Iterator<Item = &Bound> {
        let group = step.group;
        self.pool
            .plan
            .steps
            .iter()
            .zip(&self.bindings)
            .filter(move |(s, _)| group.is_some() && s.group == group)
            .map(|(_, b)| b)
    }

    /// Whether the finished assignment stands: no exclusion is found.
    fn is_accepted(&mut self, order: &'a Order) -> bool {
        let plan = self.pool.plan;
        if !std::ptr::eq(order, &raw const plan.order) {
            return true;
        }
        plan.unless.iter().all(|exclusion| !self.finds_exclusion(exclusion))
    }

    fn finds_exclusion(&mut self, order: &'a Order) -> bool {
        let plan = self.pool.plan;
        let chain = order.steps.first().and_then(|i| plan.steps.get(*i)).map_or(0, |s| s.chain);
        let mut roots: Vec<Option<RootId>> =
            self.chain_roots.iter().copied().filter(Option::is_some).collect();
        roots.sort_unstable();
        roots.dedup();
        if roots.is_empty() {
            roots.push(None);
        }
        roots.into_iter().any(|root| {
            self.set_root(chain, root);
            let found = self.extend(order, 0);
            for step in &order.steps {
                self.set(*step, Bound::Unset);
            }
            self.set_root(chain, None);
            found
        })
    }

    fn set(&mut self, step: usize, bound: Bound) {
        if let Some(slot) = self.bindings.get_mut(step) {
            *slot = bound;
        }
    }

    fn set_root(&mut self, chain: usize, root: Option<RootId>) {
        if let Some(slot) = self.chain_roots.get_mut(chain) {
            *slot = root;
        }
    }

    /// Binds a step, runs the tests that can now be decided, and goes on.
    fn try_bound(&mut self, order: &'a Order, at: usize, index: usize, bound: Bound) -> bool {
        self.set(index, bound);
        if self.holds_checks(order, at) && self.extend(order, at + 1) {
            return true;
        }
        self.set(index, Bound::Unset);
        false
    }

    fn holds_checks(&self, order: &Order, at: usize) -> bool {
        let (index, plan) = (self.pool.index, self.pool.plan);
        let context = Context { index, plan, bindings: &self.bindings };
        order.checks.get(at).is_none_or(|due| {
            due.iter().all(|i| match (plan.steps.get(*i), self.bindings.get(*i)) {
                (Some(step), Some(Bound::Fact(id))) => {
                    index.fact(*id).is_some_and(|f| context.holds_cross(step, Item::Fact(f)))
                }
                (Some(step), Some(bound)) => bound
                    .events()
                    .iter()
                    .all(|id| index.event(*id).is_some_and(|e| context.holds_cross(step, Item::Event(e)))),
                _ => true,
            })
        })
    }

    fn try_candidates(&mut self, order: &'a Order, at: usize, index: usize, step: &'a PlanStep) -> bool {
        if let Some(target) = step.choices.iter().find_map(|c| match c.selector {
            Select::Bound(target) => Some(target),
            Select::Plain(_) => None,
        }) {
            return self.try_named(order, at, index, target);
        }
        if step.is_fact {
            return self
                .pool
                .all(index)
                .iter()
                .any(|id| self.spend() && self.try_bound(order, at, index, Bound::Fact(*id)));
        }
        match self.chain_roots.get(step.chain).copied().flatten() {
            Some(root) => self.try_in_root(order, at, index, root),
            None => self.try_any_root(order, at, index),
        }
    }

    /// A step that selects by name takes what the named step was matched to, if its tests hold.
    fn try_named(&mut self, order: &'a Order, at: usize, index: usize, target: usize) -> bool {
        let Some(bound) = self.bindings.get(target).cloned().filter(Bound::is_matched) else { return false };
        let (pool, plan) = (self.pool, self.pool.plan);
        let Some(step) = plan.steps.get(index) else { return false };
        let context = Context { index: pool.index, plan, bindings: &self.bindings };
        let holds = match &bound {
            Bound::Fact(id) => pool.index.fact(*id).is_some_and(|f| context.holds_local(step, Item::Fact(f))),
            other => other
                .events()
                .iter()
                .any(|id| pool.index.event(*id).is_some_and(|e| context.holds_local(step, Item::Event(e)))),
        };
        holds && self.spend() && self.try_bound(order, at, index, bound)
    }

    /// The first decided step of a chain that may lie in any root: the primary's root first.
    fn try_any_root(&mut self, order: &'a Order, at: usize, index: usize) -> bool {
        let pool = self.pool;
        let near = self.chain_roots.iter().copied().flatten().next();
        let root_of = |id: &u32| pool.index.event(*id).map(|e| e.root);
        let all = pool.all(index);
        let here = all.iter().filter(|id| near.is_some() && root_of(id) == near);
        let elsewhere = all.iter().filter(|id| near.is_none() || root_of(id) != near);
        let repeat = pool.plan.steps.get(index).and_then(|s| s.repeat);
        let mut last = None;
        for id in here.chain(elsewhere) {
            let Some(root) = root_of(id) else { continue };
            let found = match repeat {
                Some(repeat) if last != Some(root) => self.try_repeated(order, at, index, repeat, root),
                Some(_) => false,
                None => self.try_candidate(order, at, index, *id),
            };
            last = Some(root);
            if found {
                return true;
            }
            if self.is_cut {
                return false;
            }
        }
        false
    }

    /// Tries one event for a step that opens its chain.
    fn try_candidate(&mut self, order: &'a Order, at: usize, index: usize, id: u32) -> bool {
        let plan = self.pool.plan;
        let Some(step) = plan.steps.get(index) else { return false };
        if step.is_fact {
            return self.spend() && self.try_bound(order, at, index, Bound::Fact(id));
        }
        let Some(root) = self.pool.index.event(id).map(|e| e.root) else { return false };
        if !self.spend() || !self.is_in_window(step.chain, index, root, id) || !self.is_carried(step, id) {
            return false;
        }
        self.set_root(step.chain, Some(root));
        let found = self.try_bound(order, at, index, Bound::One(id));
        if !found {
            self.set_root(step.chain, None);
        }
        found
    }

    /// Tries the events of the chain's root, the nearest to the neighbor that is already decided first.
    fn try_in_root(&mut self, order: &'a Order, at: usize, index: usize, root: RootId) -> bool {
        let pool = self.pool;
        let Some(step) = pool.plan.steps.get(index) else { return false };
        if let Some(repeat) = step.repeat {
            return self.try_repeated(order, at, index, repeat, root);
        }
        let list = pool.in_root(index, root);
        let bounds = self.bounds(index);
        let start = list.partition_point(|id| *id < bounds.low);
        let end = list.partition_point(|id| *id <= bounds.high);
        let mut range = list.get(start..end).unwrap_or_default();
        let asked = self.asked_for(step);
        let asked: Option<Vec<u32>> =
            asked.map(|ids| ids.into_iter().filter(|id| range.binary_search(id).is_ok()).collect());
        if let Some(ids) = &asked {
            range = ids;
        }
        let mut next = |id: u32| {
            if !self.spend() {
                return Some(false);
            }
            let is_free = bounds.is_inside(id) || !self.is_used(index, id);
            let fits = is_free && self.is_in_window(step.chain, index, root, id) && self.is_carried(step, id);
            (fits && self.try_bound(order, at, index, Bound::One(id))).then_some(true)
        };
        let found = if bounds.before.is_some() {
            range.iter().rev().find_map(|id| next(*id))
        } else {
            range.iter().find_map(|id| next(*id))
        };
        found == Some(true)
    }

    /// Collects enough events for a repeated step.
    fn try_repeated(
        &mut self,
        order: &'a Order,
        at: usize,
        index: usize,
        repeat: Repeat,
        root: RootId,
    ) -> bool {
        let pool = self.pool;
        let Some(step) = pool.plan.steps.get(index) else { return false };
        let bounds = self.bounds(index);
        let list = pool.in_root(index, root);
        let mut fitting: Vec<u32> =
            list.iter().copied().filter(|id| (bounds.low..=bounds.high).contains(id)).collect();
        fitting.retain(|id| self.spend() && !self.is_used(index, *id) && self.is_carried(step, *id));
        if bounds.before.is_some() {
            fitting.reverse();
        }
        let mut keys = Vec::new();
        // Only the first step of a chain may take more than it needs: it leaves room for none before it.
        let is_first = pool.plan.chain_of(index).start == index;
        let most = if is_first { MOST_REPEATED } else { repeat.least as usize };
        fitting.retain(|id| keys.len() < most && self.is_new(repeat, *id, &mut keys));
        if fitting.len() < repeat.least as usize {
            return false;
        }
        fitting.sort_unstable();
        let previous = self.chain_roots.get(step.chain).copied().flatten();
        self.set_root(step.chain, Some(root));
        let found = self.try_bound(order, at, index, Bound::Many(fitting));
        if !found {
            self.set_root(step.chain, previous);
        }
        found
    }

    fn is_new(&self, repeat: Repeat, id: u32, keys: &mut Vec<&'a str>) -> bool {
        let Some(event) = self.pool.index.event(id) else { return false };
        let key = match repeat.distinct {
            None => "",
            Some(Distinct::Name) => &*event.name,
            Some(Distinct::Role(role)) => match event.text(role) {
                Some(text) => text,
                None => return false,
            },
        };
        let is_new = repeat.distinct.is_none() || !keys.contains(&key);
        if is_new {
            keys.push(key);
        }
        is_new
    }

    /// Where a step may lie, given the neighbors that are decided.
    fn bounds(&self, index: usize) -> Bounds {
        let mut bounds = Bounds { low: 0, high: u32::MAX, after: None, before: None };
        for other in self.pool.plan.chain_of(index) {
            let events = self.bindings.get(other).map_or(&[][..], Bound::events);
            let (Some(first), Some(last)) = (events.first(), events.last()) else { continue };
            if other < index {
                bounds.low = self.pool.index.first_at_place(*last);
                bounds.after = Some(*last);
            } else if other > index && bounds.before.is_none() {
                bounds.high = self.pool.index.last_at_place(*first);
                bounds.before = Some(*first);
            }
        }
        bounds
    }

    /// The events that arguments decided by now ask for, ascending, if any do.
    fn asked_for(&self, step: &PlanStep) -> Option<Vec<u32>> {
        let (subject, by) = step.narrowed_by.first()?;
        let users = self.bindings.get(*by).map_or(&[][..], Bound::events);
        let user = users.first().and_then(|id| self.pool.index.event(*id)).filter(|_| users.len() == 1)?;
        let mut ids: Vec<u32> = origins(subject, user).flat_map(|o| o.events.iter().map(|e| e.0)).collect();
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    }

    fn is_used(&self, index: usize, id: u32) -> bool {
        self.pool.plan.chain_of(index).any(|i| self.bindings.get(i).is_some_and(|b| b.events().contains(&id)))
    }

    /// Whether every argument that must carry the step's result, and is known by now, carries this event's.
    fn is_carried(&self, step: &PlanStep, id: u32) -> bool {
        step.narrowed_by.iter().all(|(subject, by)| {
            let users = self.bindings.get(*by).map_or(&[][..], Bound::events);
            users.is_empty()
                || users
                    .iter()
                    .filter_map(|u| self.pool.index.event(*u))
                    .any(|user| carries(subject, user, id))
        })
    }

    fn is_in_window(&mut self, chain: usize, index: usize, root: RootId, id: u32) -> bool {
        let start = self.pool.plan.chains.get(chain).map_or(0, |c| c.start);
        let Some(windows) = self.windows(chain, root) else { return false };
        windows.get(index - start).is_none_or(|(first, last)| {
            (*first..=*last).contains(&id)
                || (self.pool.index.last_at_place(id) >= *first
                    && self.pool.index.first_at_place(id) <= *last)
        })
    }

    /// The windows of a chain in a root; `None` when the chain cannot lie there at all.
    fn windows(&mut self, chain: usize, root: RootId) -> Windows {
        if let Some(Some((known, windows))) = self.windows.get(chain)
            && *known == root
        {
            return windows.clone();
        }
        let windows: Windows = self.pool.find_windows(chain, root).map(Rc::from);
        if let Some(slot) = self.windows.get_mut(chain) {
            *slot = Some((root, windows.clone()));
        }
        windows
    }
}

/// Where a step may lie.
struct Bounds {
    /// First and last possible event, those at the same place as a neighbor included.
    low: u32,
    high: u32,
    /// The last event of the step before, and the first of the step behind.
    after: Option<u32>,
    before: Option<u32>,
}

impl Bounds {
    /// Whether the event lies between the neighbors, and so is none of them.
    fn is_inside(&self, id: u32) -> bool {
        self.after.is_none_or(|a| id > a) && self.before.is_none_or(|b| id < b)
    }
}

/// Whether an argument of the user carries the event.
fn carries(subject: &Subject, user: &Event, id: u32) -> bool {
    origins(subject, user).any(|o| o.comes_from(EventId(id)))
}
