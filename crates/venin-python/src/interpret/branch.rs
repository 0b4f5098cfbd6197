//! Branches: `if` and `try`.
//!
//! A test that folds decides; the branch it rules out is still looked at once, as code that nothing runs.
//! A test that does not fold takes every branch, and the values they leave behind are joined.

use std::rc::Rc;

use rustc_hash::FxHashSet;
use venin_model::{Condition, Trigger};

use super::scope::Written;
use super::{Flow, Interpreter};
use crate::source::ir::{Block, Code, ExprId, Stmt, StmtId, Try};
use crate::value::{ScopeId, Sym, Value};

/// Most conditions that are kept of one test.
const MAX_CONDITIONS: usize = 4;

/// The branches that are taken, and those that were looked at.
#[derive(Debug, Default)]
pub(super) struct Branches {
    /// What must hold for the code in course to run.
    pub(super) conditions: Vec<Condition>,
    /// Names and constants that the test being evaluated looks at.
    pub(super) tested: Option<Vec<Condition>>,
    /// `if` statements whose dead branch was looked at.
    pub(super) dead: FxHashSet<(u32, u32)>,
    /// Branches inside loops that were taken after all.
    pub(super) live: FxHashSet<(u32, u32)>,
}

/// What several branches left in one slot.
struct Joined {
    slot: (ScopeId, Sym),
    /// How many of the branches that wrote it go on after the join.
    n_seen: usize,
    values: Vec<Value>,
}

/// Leaves out the names that only lead to the one behind them: `datetime.date` before `datetime.date.today()`.
fn leave_out_steps(conditions: &mut Vec<Condition>) {
    let is_step = |pair: &[Condition]| match pair {
        [one, next] => one.value.is_none() && next.subject.starts_with(&*one.subject),
        _ => false,
    };
    let mut steps: Vec<bool> = conditions.windows(2).map(is_step).collect();
    steps.push(false);
    let mut is_step = steps.into_iter();
    conditions.retain(|_| !is_step.next().unwrap_or(false));
}

/// Whether every other branch of an `if` with an `else` ends by raising something.
fn is_the_only_one_that_goes_on(code: &Code, branches: &[(Option<ExprId>, Block)], at: usize) -> bool {
    let raises = |body: &Block| {
        let last = body.last().and_then(|id| code.stmts.get(id.0 as usize));
        matches!(last, Some((Stmt::Raise(_), _)))
    };
    let is_total = branches.last().is_some_and(|(test, _)| test.is_none());
    is_total && branches.iter().enumerate().all(|(n, (_, body))| raises(body) != (n == at))
}

/// Whether what is tested is what a user answered.
fn asks_the_user(subject: &str) -> bool {
    const ASKING: [&str; 6] =
        ["input(", "confirm(", "Confirm.ask", "messagebox.ask", "MessageBox", "prompt("];
    ASKING.iter().any(|name| subject.contains(name))
}

impl Interpreter<'_> {
    pub(super) fn exec_if(
        &mut self,
        code: &Rc<Code>,
        id: StmtId,
        branches: &[(Option<ExprId>, Block)],
    ) -> Flow {
        let mut taken: Vec<(Flow, Written)> = Vec::new();
        let mut is_total = false;
        for (position, (test, body)) in branches.iter().enumerate() {
            let (truth, conditions) = match test {
                None => (Some(true), Vec::new()),
                Some(test) => self.eval_test(code, *test),
            };
            match truth {
                Some(false) => {
                    let guard = test.is_some_and(|t| self.is_main_guard(code, t));
                    self.look_at_dead_branch(code, id, body, guard);
                }
                Some(true) if taken.is_empty() => {
                    for (_, rest) in branches.iter().skip(position + 1) {
                        self.look_at_dead_branch(code, id, rest, false);
                    }
                    self.note_live_branch(id, body);
                    return self.exec_block(code, body);
                }
                known if is_the_only_one_that_goes_on(code, branches, position) => {
                    // All others raise, so what is behind the test has gone through this one.
                    let n_others = if known.is_none() { branches.len() } else { 0 };
                    for (test, body) in branches.iter().take(n_others).skip(position + 1) {
                        let conditions = test.map(|test| self.eval_test(code, test).1).unwrap_or_default();
                        taken.push(self.take_branch(code, body, conditions));
                    }
                    self.join_branches(taken, false);
                    return self.go_through(code, body, conditions);
                }
                None if test.is_some_and(|test| self.asks_for_developer(code, test)) => {
                    taken.push(self.take_branch_of_developer(code, body, conditions));
                }
                None if branches.len() == 1 => return self.take_only_branch(code, body, conditions),
                known => {
                    taken.push(self.take_branch(code, body, conditions));
                    if known == Some(true) {
                        is_total = true;
                        break;
                    }
                }
            }
        }
        self.join_branches(taken, is_total)
    }

    /// Takes the branch of an `if` without others, which may be taken or not.
    fn take_only_branch(&mut self, code: &Rc<Code>, body: &[StmtId], conditions: Vec<Condition>) -> Flow {
        let before = self.branches.conditions.len();
        self.branches.conditions.extend(conditions);
        let branch = self.in_branch(|me| me.exec_block(code, body));
        let mut conditions = self.branches.conditions.split_off(before);
        let leaves = branch.0 != Flow::Next;
        let flow = self.join_branches(vec![branch], false);
        if leaves {
            conditions.retain(|condition| asks_the_user(&condition.subject));
            self.come_past(conditions);
        }
        flow
    }

    /// Notes that a branch which leaves the block asked the user: what follows is only run by whom it let pass.  Other tests say
    /// what has to be missing, which is no condition of what follows.
    fn come_past(&mut self, conditions: Vec<Condition>) {
        const MOST: usize = 64;
        if self.branches.conditions.len() < MOST {
            self.branches.conditions.extend(conditions);
        }
    }

    /// Notes that a branch inside a loop is taken after all.
    pub(super) fn note_live_branch(&mut self, id: StmtId, body: &Block) {
        let first = body.first().map_or(id.0, |s| s.0);
        if self.loops.depth > 0 && self.branches.live.insert((self.unit_index(), first)) {
            self.loops.lessons.branches += 1;
        }
    }

    /// Evaluates a test; gives its truth and what it looks at.
    fn eval_test(&mut self, code: &Rc<Code>, test: ExprId) -> (Option<bool>, Vec<Condition>) {
        let outer = self.branches.tested.replace(Vec::new());
        let value = self.eval(code, test);
        let mut conditions = std::mem::replace(&mut self.branches.tested, outer).unwrap_or_default();
        conditions.dedup();
        leave_out_steps(&mut conditions);
        conditions.truncate(MAX_CONDITIONS);
        let truth = self.truth_of(&value);
        if truth.is_none() {
            self.counts.impure += 1;
        }
        (truth, conditions)
    }

    pub(super) fn take_branch(
        &mut self,
        code: &Rc<Code>,
        body: &[StmtId],
        conditions: Vec<Condition>,
    ) -> (Flow, Written) {
        let before = self.branches.conditions.len();
        self.branches.conditions.extend(conditions);
        let result = self.in_branch(|me| me.exec_block(code, body));
        self.branches.conditions.truncate(before);
        result
    }

    /// Runs a branch that is taken for sure, under its conditions.
    fn go_through(&mut self, code: &Rc<Code>, body: &[StmtId], conditions: Vec<Condition>) -> Flow {
        let before = self.branches.conditions.len();
        self.branches.conditions.extend(conditions);
        let flow = self.exec_block(code, body);
        self.branches.conditions.truncate(before);
        flow
    }

    /// Joins what the branches wrote with what was there before (unless one of them is taken for sure).
    pub(super) fn join_branches(&mut self, mut taken: Vec<(Flow, Written)>, is_total: bool) -> Flow {
        let first = taken.first().map(|(flow, _)| *flow);
        let leaves_all = taken.iter().all(|(flow, _)| *flow != Flow::Next);
        let leaves_some = taken.iter().any(|(flow, _)| *flow != Flow::Next);
        match taken.as_mut_slice() {
            [] => {}
            [(flow, written)] => {
                let (flow, written) = (*flow, std::mem::take(written));
                self.join_branch(flow, written, is_total);
            }
            _ => self.join_several(taken, is_total),
        }
        match first {
            Some(first) if is_total && leaves_all => first,
            _ => {
                self.counts.impure += u64::from(leaves_some);
                Flow::Next
            }
        }
    }

    /// Whether what a branch wrote before it raised or returned is not seen after it.  An object outlives the call.
    fn is_left_behind(&self, flow: Flow, slot: (ScopeId, Sym)) -> bool {
        match flow {
            Flow::Return => !self.is_attribute_slot(slot.0),
            other => other == Flow::Raise,
        }
    }

    /// Joins what the only branch wrote with what was there before.
    fn join_branch(&mut self, flow: Flow, written: Written, is_total: bool) {
        for (slot, value) in written {
            let is_seen = !self.is_left_behind(flow, slot);
            let new = value.filter(|_| is_seen);
            let old = if is_total && is_seen { None } else { self.slot_get(slot.0, slot.1).cloned() };
            let value = match (new, old) {
                (Some(new), Some(old)) => self.join_slot_pair(slot.0, new, old),
                (Some(one), None) | (None, Some(one)) => self.join_slot(slot.0, vec![one]),
                (None, None) => continue,
            };
            self.slot_set(slot.0, slot.1, value);
        }
    }

    fn join_several(&mut self, taken: Vec<(Flow, Written)>, is_total: bool) {
        let n_taken = taken.len();
        let mut places = std::mem::take(&mut self.writes.slots_joined);
        let mut joined: Vec<Joined> = Vec::new();
        for (flow, written) in taken {
            for (slot, value) in written {
                let at = *places.entry(slot).or_insert(joined.len());
                if at == joined.len() {
                    joined.push(Joined { slot, n_seen: 0, values: Vec::new() });
                }
                let is_seen = !self.is_left_behind(flow, slot);
                if let Some(place) = joined.get_mut(at)
                    && is_seen
                {
                    place.n_seen += 1;
                    place.values.extend(value);
                }
            }
        }
        if places.capacity() <= 4096 {
            places.clear();
            self.writes.slots_joined = places;
        }
        for Joined { slot, n_seen, mut values } in joined {
            if !is_total || n_seen < n_taken {
                let old = self.slot_get(slot.0, slot.1).cloned();
                if let (Some(old), [_]) = (&old, values.as_slice())
                    && let Some(new) = values.pop()
                {
                    let value = self.join_slot_pair(slot.0, new, old.clone());
                    self.slot_set(slot.0, slot.1, value);
                    continue;
                }
                values.extend(old);
            }
            if !values.is_empty() {
                let value = self.join_slot(slot.0, values);
                self.slot_set(slot.0, slot.1, value);
            }
        }
    }

    /// Looks at a branch that its test rules out: folding may be wrong, and an analyst would want to know.
    pub(super) fn look_at_dead_branch(
        &mut self,
        code: &Rc<Code>,
        id: StmtId,
        body: &Block,
        is_main_guard: bool,
    ) {
        let first = body.first().map_or(id.0, |s| s.0);
        if !self.branches.dead.insert((self.unit_index(), first)) {
            return;
        }
        let trigger = self.trigger;
        let of_branch = match trigger {
            // A build tool runs its script as a program, and what the script imports as modules, as it does what lies in a package.
            Trigger::Build if is_main_guard && self.frames.len() == 1 && !self.is_in_package() => {
                Trigger::Build
            }
            _ if is_main_guard => Trigger::Entry,
            _ => Trigger::Run,
        };
        if self.put_branch_off(code, body, of_branch) {
            return;
        }
        self.trigger = of_branch;
        let _ = self.in_branch(|me| me.exec_block(code, body));
        self.trigger = trigger;
    }

    fn is_in_package(&self) -> bool {
        self.frame().is_some_and(|frame| !frame.package.is_empty())
    }

    fn is_main_guard(&self, code: &Code, test: ExprId) -> bool {
        let span = code.span(test);
        code.text
            .get(span.start as usize..(span.end as usize).min(span.start as usize + 80))
            .is_some_and(|t| t.contains("__name__") && t.contains("__main__"))
    }

    pub(super) fn exec_try(&mut self, code: &Rc<Code>, protected: &Try) -> Flow {
        let Try { body, handlers, orelse, finally } = protected;
        self.exceptions.raised.push(Vec::new());
        let flow = self.exec_block(code, body);
        let raised = self.exceptions.raised.pop().unwrap_or_default();
        let mut left = raised.clone();
        let mut taken = Vec::new();
        for handler in handlers {
            let condition = Condition { subject: "exception".into(), value: None };
            self.branches.conditions.push(condition);
            let result = self.in_branch(|me| {
                let types = handler.types.map(|types| me.eval(code, types));
                let caught = me.caught_by(types.as_ref(), &raised, &mut left);
                let caught = caught.unwrap_or_else(Value::unknown);
                if let Some(name) = handler.name {
                    me.assign_name(name, caught.clone());
                }
                me.exceptions.caught.push(caught);
                let flow = me.exec_block(code, &handler.body);
                me.exceptions.caught.pop();
                flow
            });
            self.branches.conditions.pop();
            taken.push(result);
        }
        if let Some(around) = self.exceptions.raised.last_mut() {
            around.extend(left);
        }
        let caught = !handlers.is_empty();
        self.join_branches(taken, false);
        let mut result = match flow {
            Flow::Next => self.exec_block(code, orelse),
            Flow::Raise if caught => Flow::Next,
            other => other,
        };
        let last = self.exec_block(code, finally);
        if last != Flow::Next {
            result = last;
        }
        result
    }
}
