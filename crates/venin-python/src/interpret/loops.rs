//! Loops and comprehensions.
//!
//! A loop over known values that computes without leaving the artifact runs as Python would run it, under a
//! budget of iterations.  Any other loop runs as long as its rounds show something new ([`super::rounds`]).

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::rounds::{Drive, IMPURE_ROUNDS};
use super::{Flow, Interpreter};
use crate::source::ir::{Clause, Code, Comprehension, ComprehensionKind, ExprId, For, StmtId, While};
use crate::value::{Kind, Object, Sym, Value};

/// Longest known sequence that is iterated at all.
const MAX_ITEMS: usize = 1_000_000;

/// Most counters of which a late round knows nothing.
const MAX_COUNTERS: usize = 16;

/// Most values that a generator is run for.
pub(super) const MAX_YIELDS: usize = 1 << 16;

impl Interpreter<'_> {
    /// Takes one iteration off the budget.
    fn iteration(&mut self) -> bool {
        self.budget.iterations += 1;
        // A generator that counts without end is asked for a few values; nobody waits for its last one.
        let is_full = self.frame().is_some_and(|frame| frame.yields.len() >= MAX_YIELDS);
        !is_full && self.budget.iterations < self.budget.iterations_left.end && self.step()
    }

    pub(super) fn exec_for(&mut self, code: &Rc<Code>, repeated: &For) -> Flow {
        let For { target, iter, ref body, ref orelse } = *repeated;
        let iter = self.eval(code, iter);
        let is_open = self.is_open_generator(&iter);
        let flow = match self.iterate(&iter, MAX_ITEMS) {
            Some(items) if is_open => {
                let element = self.join_values(items);
                self.repeat(|me| {
                    me.assign(code, target, element.clone());
                    me.exec_block(code, body)
                })
            }
            Some(items) => self.for_each(code, target, items, body),
            None => {
                let element = self.element_of(&iter);
                self.repeat(|me| {
                    me.assign(code, target, element.clone());
                    me.exec_block(code, body)
                })
            }
        };
        match flow {
            Flow::Next => self.exec_block(code, orelse),
            Flow::Break => Flow::Next,
            other => other,
        }
    }

    fn for_each(&mut self, code: &Rc<Code>, target: ExprId, items: Vec<Value>, body: &[StmtId]) -> Flow {
        let mut rounds = self.begin_rounds(Drive::Elements);
        let mut result = Flow::Next;
        for item in items {
            if !self.iteration() || !self.is_round_worthwhile(&mut rounds) {
                break;
            }
            self.assign(code, target, item);
            match self.exec_block(code, body) {
                Flow::Next | Flow::Continue => {}
                Flow::Break => {
                    result = Flow::Break;
                    break;
                }
                other => {
                    result = other;
                    break;
                }
            }
        }
        self.end_rounds(&rounds);
        result
    }

    /// Runs a loop body whose number of rounds is not known: twice if it is an outer loop, so that what one round
    /// leaves behind is seen by the next.
    fn repeat(&mut self, mut run: impl FnMut(&mut Self) -> Flow) -> Flow {
        self.counts.impure += 1;
        let rounds = if self.loops.depth < 2 { 2 } else { 1 };
        let counters = self.counters();
        self.loops.depth += 1;
        self.note_open_loops(1);
        let mut result = Flow::Next;
        let mut ends = false;
        for _ in 0..rounds {
            match run(self) {
                Flow::Return => {
                    result = Flow::Return;
                    ends = true;
                    break;
                }
                Flow::Raise | Flow::Break => {
                    ends = true;
                    break;
                }
                Flow::Next | Flow::Continue => {}
            }
        }
        if !ends && rounds > 1 {
            self.run_a_late_round(&counters, &mut run);
        }
        self.note_open_loops(-1);
        self.loops.depth -= 1;
        // A body that returns may also not have run at all.
        if result == Flow::Return { Flow::Next } else { result }
    }

    /// Runs one more round with nothing known of the numbers that the rounds before counted: what a loop does at every
    /// eighth bit, it does in none of the first two.  What the numbers are behind the loop stays as it was.
    fn run_a_late_round(&mut self, before: &FxHashMap<Sym, i64>, run: &mut impl FnMut(&mut Self) -> Flow) {
        let Some(scope) = self.frame().map(|frame| frame.scope) else { return };
        let is_counted = |(name, count): &(Sym, i64)| before.get(name).is_some_and(|n| n != count);
        let counted: Vec<(Sym, i64)> = self.counters().into_iter().filter(is_counted).collect();
        let mut kept = Vec::new();
        for (name, _) in counted.into_iter().take(MAX_COUNTERS) {
            let Some(value) = self.scope_get(scope, name).cloned() else { continue };
            self.scope_set(scope, name, Value::unknown().with_origins(value.origins));
            kept.push((name, value));
        }
        if kept.is_empty() {
            return;
        }
        let _ = run(self);
        for (name, value) in kept {
            self.scope_set(scope, name, value);
        }
    }

    /// The names in the scope in force that hold a number.
    fn counters(&self) -> FxHashMap<Sym, i64> {
        let scope = self.frame().map(|frame| frame.scope);
        let Some(Object::Scope { names, .. }) = scope.and_then(|scope| self.heap.get(scope)) else {
            return FxHashMap::default();
        };
        let numbers = names.iter().filter_map(|(name, value)| match &value.kind {
            Kind::Int(number) => Some((*name, *number)),
            _ => None,
        });
        numbers.collect()
    }

    /// Notes that a loop begins or ends of which nobody knows how often it runs.
    fn note_open_loops(&mut self, change: i32) {
        if let Some(frame) = self.frames.last_mut() {
            frame.open_loops = frame.open_loops.saturating_add_signed(change);
        }
    }

    /// Whether an iterator is that of a generator that may give more than was seen.
    fn is_open_generator(&self, iterator: &Value) -> bool {
        matches!(iterator.kind, Kind::Iter(id) if self.notes.open_generators.contains(&id))
    }

    pub(super) fn exec_while(&mut self, code: &Rc<Code>, repeated: &While) -> Flow {
        let While { test, ref body, ref orelse } = *repeated;
        let mut rounds = self.begin_rounds(Drive::Test);
        let result = loop {
            let value = self.eval(code, test);
            let truth = self.truth_of(&value);
            match truth {
                Some(false) => break Flow::Next,
                Some(true) if self.is_round_worthwhile(&mut rounds) && self.iteration() => {}
                Some(true) => break Flow::Break,
                None => {
                    break self.repeat(|me| me.exec_block(code, body));
                }
            }
            match self.exec_block(code, body) {
                Flow::Next | Flow::Continue => {}
                other => break other,
            }
        };
        self.end_rounds(&rounds);
        match result {
            Flow::Next => self.exec_block(code, orelse),
            Flow::Break => Flow::Next,
            other => other,
        }
    }

    pub(super) fn eval_comprehension(&mut self, code: &Rc<Code>, comprehension: &Comprehension) -> Value {
        let Comprehension { kind, element, value, ref clauses } = *comprehension;
        let Some(scope) = self.frame().map(|f| f.scope) else { return Value::unknown() };
        let inner = self.new_scope(Some(scope));
        if let Some(frame) = self.frames.last_mut() {
            frame.scope = inner;
        }
        let written_before = self.journal_len();
        let mut out = Collected { elements: Vec::new(), is_complete: true };
        self.run_clause(
            code,
            clauses,
            0,
            &mut |me, out| {
                let key = me.eval(code, element);
                let value = value.map(|v| me.eval(code, v));
                out.elements.push((key, value));
            },
            &mut out,
        );
        if let Some(frame) = self.frames.last_mut() {
            frame.scope = scope;
        }
        self.forget_writes(inner, written_before);
        self.build(kind, out)
    }

    fn build(&mut self, kind: ComprehensionKind, out: Collected) -> Value {
        let origins = {
            let values: Vec<&Value> =
                out.elements.iter().flat_map(|(k, v)| std::iter::once(k).chain(v.as_ref())).collect();
            self.origins_of(values)
        };
        if !self.heap.spend(out.elements.len() * 48) {
            return Value::unknown().with_origins(origins);
        }
        if kind == ComprehensionKind::Dict {
            let items =
                out.elements.into_iter().map(|(k, v)| (k, v.unwrap_or_else(Value::unknown))).collect();
            return self.heap.dict(items).with_origins(origins);
        }
        let items: Vec<Value> = out.elements.into_iter().map(|(k, _)| k).collect();
        if !out.is_complete {
            // The number and order of elements are not known, their origins are, and what an object among them is.
            let element = self.join_values(items);
            return match element.kind {
                Kind::External { .. } | Kind::Instance(_) | Kind::Tuple(_)
                    if kind != ComprehensionKind::Set =>
                {
                    self.open_iterator(vec![element])
                }
                _ => Value::unknown().with_origins(origins),
            };
        }
        let made = match kind {
            ComprehensionKind::List => self.heap.list(items),
            ComprehensionKind::Set => self.heap.set(items),
            _ => Value::new(Kind::Iter(self.heap.insert(Object::Iter(items, 0)))),
        };
        made.with_origins(origins)
    }

    fn run_clause(
        &mut self,
        code: &Rc<Code>,
        clauses: &[Clause],
        depth: usize,
        emit: &mut dyn FnMut(&mut Self, &mut Collected),
        out: &mut Collected,
    ) {
        let Some(clause) = clauses.get(depth) else {
            emit(self, out);
            return;
        };
        let iter = self.eval(code, clause.iter);
        out.is_complete &= !self.is_open_generator(&iter);
        let items = match self.iterate(&iter, MAX_ITEMS) {
            Some(items) => items,
            None => {
                out.is_complete = false;
                vec![self.element_of(&iter)]
            }
        };
        let before = self.counts.impure;
        for (n, item) in items.into_iter().enumerate() {
            let is_decoding = || out.elements.last().is_some_and(|(element, _)| element.is_datum());
            let goes_on = self.counts.impure == before || n < IMPURE_ROUNDS || is_decoding();
            if !self.iteration() || !goes_on {
                out.is_complete = false;
                break;
            }
            let item = self.allowed_variable(code, clause, item);
            self.assign(code, clause.target, item);
            let mut keep = true;
            for test in &clause.ifs {
                let value = self.eval(code, *test);
                match self.truth_of(&value) {
                    Some(truth) => keep &= truth,
                    None => out.is_complete = false,
                }
            }
            if keep {
                self.run_clause(code, clauses, depth + 1, emit, out);
            }
        }
    }
}

/// What a comprehension has collected.
struct Collected {
    elements: Vec<(Value, Option<Value>)>,
    /// Whether every element is there, in order.
    is_complete: bool,
}
