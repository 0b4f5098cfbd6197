//! What is remembered of the functions of the artifact: which were defined, which ran, and what came of it.
//!
//! A call is remembered only if it leaves nothing behind; what decides that stands here, not where functions run.

use rustc_hash::{FxHashMap, FxHashSet};
use venin_model::Trigger;

use super::call_signatures::CallSignature;
use super::function::Arguments;
use super::special::FunctionRole;
use super::{Frame, Interpreter};
use crate::source::ir::FunctionIdx;
use crate::value::{Kind, ObjId, Object, OriginSet, Value};

/// Texts that a helper decodes for a program outside of loops, at most.
const MOST_DECODED: u32 = 400;

/// Runs of a function without events whose result may hang on what it is given.
const GETTER_RUNS: u32 = 3;
/// Steps of such a function, at most.
const GETTER_STEPS: u64 = 200;

/// Runs of a function that makes closures or objects of what it is given.
const MAKER_RUNS: u32 = 12;

/// Runs of a function that is given something else each time, and the steps of all of them.
const VARIED_RUNS: usize = 400;
const VARIED_STEPS: u64 = 200_000;
/// Steps from which a run is not repeated for what it is given.
const LONG: u64 = 5_000;
/// Runs in course of a function that is given something else to call in each.
const VARIED_DEPTH: usize = 8;
/// Calls of a function whose results are kept.
const MOST_RESULTS: usize = 128;

/// What is remembered of a function after its first runs.
#[derive(Debug, Clone, Default)]
pub(super) struct FunctionRuns {
    pub(super) runs: u32,
    /// Runs of it in code that runs by itself.
    pub(super) unasked_runs: u32,
    /// Whether a run of it recorded events (its own or of what it calls).
    pub(super) has_events: bool,
    /// Steps of the longest run.
    pub(super) steps: u64,
    /// Whether the budget ended in every run of it.
    pub(super) is_cut: bool,
    /// Runs in a row in which no event showed anything new.
    idle_runs: u32,
    /// Whether a run of it wrote something that outlives it.
    pub(super) has_changes: bool,
    /// How much had changed at its last run, if a run of it read a name outside of it that functions write.
    changes_seen: Option<u64>,
    /// The class of the object or class that it was called on at last.
    pub(super) receiver: Option<ObjId>,
    /// The position of the argument that it gave back as it was.
    pub(super) passes_on: Option<usize>,
    pub(super) result: Option<Value>,
    /// Steps of the shortest run, and of all.
    least_steps: u64,
    all_steps: u64,
    /// What came of calls, by the digest of what they were given.
    results: FxHashMap<u64, Value>,
    /// The digests of what could be called among it.
    named: FxHashSet<u64>,
}

impl FunctionRuns {
    /// Before the first run; whether the budget ended in it is known already.
    pub(super) fn begun(is_cut: bool) -> Self {
        Self { is_cut, ..Self::default() }
    }

    /// Notes whether events showed anything new in the last run.
    pub(super) const fn note_shown(&mut self, has_shown: bool) {
        self.idle_runs = if has_shown { 0 } else { self.idle_runs + 1 };
    }

    /// Notes one more run.
    pub(super) fn note_run(&mut self, steps: u64, result: &Value) {
        self.least_steps = if self.runs == 0 { steps } else { self.least_steps.min(steps) };
        self.all_steps += steps;
        self.steps = self.steps.max(steps);
        self.runs += 1;
        self.result = Some(result.clone());
    }

    /// Notes how much has changed by now, if the last run or one before read what functions write, that often.
    pub(super) fn note_changes_seen(&mut self, reads: u64, changes: u64) {
        if reads > 0 || self.changes_seen.is_some() {
            self.changes_seen = Some(changes);
        }
    }

    /// Notes what came of a call.
    pub(super) fn note_call(&mut self, signature: CallSignature, result: &Value) {
        if self.least_steps >= LONG {
            return;
        }
        self.named.extend(signature.named.filter(|_| self.named.len() < VARIED_RUNS));
        if self.results.len() < MOST_RESULTS {
            self.results.insert(signature.whole, result.clone());
        }
    }

    /// Forgets what came of single calls: their digests name objects that are no more.
    pub(super) fn forget_calls(&mut self) {
        self.results.clear();
        self.named.clear();
    }

    /// Whether one more run for something that was never given before is within bounds.
    ///
    /// What reads a name that functions write was given something new when anything changed, and an iterator is used up by
    /// whoever got it.
    fn can_vary(&self, signature: CallSignature, trigger: Trigger, changes: u64) -> bool {
        let is_new_name = signature.named.is_some_and(|named| !self.named.contains(&named));
        // Of code that somebody must call there is much more, and less hangs on it.
        let (most, most_steps) = match (self.least_steps, trigger.is_automatic()) {
            (..500, true) if is_new_name => (VARIED_RUNS, VARIED_STEPS),
            (500..LONG, true) if is_new_name => (64, VARIED_STEPS),
            (..200, true) => (64, VARIED_STEPS),
            (200..1_000, true) => (12, VARIED_STEPS),
            (..500, false) if is_new_name => (32, VARIED_STEPS / 20),
            (..100, false) => (8, VARIED_STEPS / 100),
            _ => (0, 0),
        };
        let is_used_up = |result: &Value| matches!(result.kind, Kind::Iter(_));
        let is_new = is_new_name
            || self.changes_seen.is_some_and(|seen| seen != changes)
            || self.results.get(&signature.whole).is_none_or(is_used_up);
        is_new && (self.runs as usize) < most && self.all_steps < most_steps
    }

    /// Whether it computes for so long, again and again, that it is not run any more.
    const fn is_long_computation(&self) -> bool {
        self.steps > 200_000 && self.runs >= 8
    }

    /// Whether one more run may leave something else behind: the function changes what outlives it, and is short.  Of code that
    /// somebody must call there is much more, and less hangs on it.
    const fn is_worth_running_again(&self, trigger: Trigger) -> bool {
        let most = match (self.steps, trigger.is_automatic()) {
            (..500, true) => 16,
            (500..5_000, true) => 3,
            (..500, false) => 2,
            _ => 1,
        };
        self.has_changes && self.runs < most
    }
}

/// The functions of the artifact, by unit and index.
#[derive(Debug)]
pub(super) struct Functions {
    /// Functions that were run.
    pub(super) ran: FxHashMap<(u32, FunctionIdx), FunctionRuns>,
    /// Functions that were defined.
    pub(super) defined: FxHashSet<(u32, FunctionIdx)>,
    /// Functions whose computations were told to be not followed any more.
    given_up: FxHashSet<(u32, FunctionIdx)>,
    /// Functions with a meaning of their own.
    pub(super) roles: FxHashMap<ObjId, FunctionRole>,
    /// The class of which an object is being made for a parameter that nobody passes.
    pub(super) class_passed: Option<ObjId>,
    /// Whether calls inside the artifact are followed.
    pub(super) follows_calls: bool,
}

impl Default for Functions {
    fn default() -> Self {
        Self {
            ran: FxHashMap::default(),
            defined: FxHashSet::default(),
            given_up: FxHashSet::default(),
            roles: FxHashMap::default(),
            class_passed: None,
            follows_calls: true,
        }
    }
}

impl Functions {
    /// Forgets the functions of the batch.
    pub(super) fn end_batch(&mut self) {
        self.ran.clear();
        self.defined.clear();
        self.given_up.clear();
        self.roles.clear();
    }
}

impl Interpreter<'_> {
    pub(super) fn class_of_receiver(&self, receiver: &Option<Value>) -> Option<ObjId> {
        match receiver.as_ref()?.kind {
            Kind::Class(id) => Some(id),
            Kind::Instance(id) => match self.heap.get(id) {
                Some(Object::Instance(instance)) => Some(instance.class),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a short method was run for another class at last: what it calls by way of its receiver may be another method now.
    pub(super) fn is_new_to(&self, key: (u32, FunctionIdx), class: Option<ObjId>) -> bool {
        const MOST_RUNS: u32 = 8;
        class.is_some()
            && self.trigger.is_automatic()
            && self.functions.ran.get(&key).is_some_and(|runs| {
                let is_short = runs.steps < 500 && runs.runs < MOST_RUNS;
                is_short && !runs.has_events && runs.receiver != class
            })
            && !self.frames.iter().any(|frame| frame.function == Some(key))
    }

    /// Whether every argument is known, so that the call may be a computation worth following to its end.
    pub(super) fn is_concrete_call(&self, arguments: &Arguments) -> bool {
        let known = |v: &Value| {
            v.is_scalar()
                || matches!(
                    v.kind,
                    Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_) | Kind::Function(_) | Kind::ByteArray(_)
                )
                || self.is_match(v)
        };
        !arguments.positional.is_empty() && arguments.positional.iter().all(known)
    }

    /// Whether a method may give another constant for another object, or for the same one after it changed: a machine whose
    /// every step is one call.
    pub(super) fn may_differ(&self, key: (u32, FunctionIdx)) -> bool {
        let is_active = self.frames.iter().any(|f| f.function == Some(key));
        !is_active
            && self.functions.ran.get(&key).is_some_and(|runs| {
                let most = runs.result.as_ref().map_or(0, most_runs_for);
                let is_turning = self.loops.depth > 0 && runs.runs < 400 && runs.steps < 500;
                let is_getter = runs.runs < GETTER_RUNS && runs.steps < GETTER_STEPS;
                !runs.has_events && (runs.runs < most && runs.steps < 5_000 || is_turning || is_getter)
            })
    }

    /// Whether a short function may give something else for other arguments, of which nothing is known but their origins.
    pub(super) fn may_depend(&self, key: (u32, FunctionIdx), arguments: &Arguments) -> bool {
        let has_arguments = !arguments.positional.is_empty() || !arguments.keywords.is_empty();
        has_arguments
            && self.functions.ran.get(&key).is_some_and(|runs| {
                let most = runs.result.as_ref().map_or(0, most_runs_of_maker);
                !runs.has_events && runs.runs < most && runs.steps < GETTER_STEPS
            })
            && !self.frames.iter().any(|frame| frame.function == Some(key))
    }

    /// Whether a function is given something that it was never given before: what it does with it is not known.
    ///
    /// In the middle of its own run, only with something else to call: a wrapper of calls may wrap what calls it.
    pub(super) fn is_given_anew(&self, key: (u32, FunctionIdx), signature: CallSignature) -> bool {
        let Some(runs) = self.functions.ran.get(&key) else { return false };
        if !runs.can_vary(signature, self.trigger, self.counts.changes) {
            return false;
        }
        let mut active = self.frames.iter().filter(|f| f.function == Some(key)).peekable();
        active.peek().is_none()
            || signature.named.is_some() && {
                let given: Vec<_> = active.map(|frame| frame.given.named).collect();
                given.len() < VARIED_DEPTH && !given.contains(&signature.named)
            }
    }

    /// Whether a recursion with known arguments is not followed any further, which was not told before.
    pub(super) fn is_given_up(&mut self, key: (u32, FunctionIdx), arguments: &Arguments) -> bool {
        let is_long = |runs: &FunctionRuns| !runs.has_events && runs.is_long_computation();
        self.trigger.is_automatic()
            && self.functions.ran.get(&key).is_some_and(is_long)
            && self.is_concrete_call(arguments)
            && self.frames.iter().any(|frame| frame.function == Some(key))
            && self.functions.given_up.insert(key)
    }

    /// How much was changed so far, in a count that only grows.
    pub(super) const fn changes_so_far(&self) -> u64 {
        self.counts.changes + self.heap.drawn
    }

    /// Whether a call is in course twice, one within the other, and nothing has changed since the first of them began: once more
    /// would only show the same.
    ///
    /// Twice, so that what the inner one gives back has been to wherever the outer one takes it.
    pub(super) fn is_going_round(&self, key: (u32, FunctionIdx), signature: CallSignature) -> bool {
        let is_same = |frame: &&Frame| frame.function == Some(key) && frame.given.whole == signature.whole;
        let first = self.frames.iter().rev().filter(is_same).nth(1);
        first.is_some_and(|frame| frame.changes == self.changes_so_far())
    }

    /// The result of a function that was run often enough to know it: nothing in it is an event and the arguments
    /// decide nothing.
    pub(super) fn remembered(
        &mut self,
        key: (u32, FunctionIdx),
        arguments: &Arguments,
        signature: CallSignature,
        origins: OriginSet,
    ) -> Option<Value> {
        let is_active = self.frames.iter().any(|f| f.function == Some(key));
        let is_concrete = self.is_concrete_call(arguments);
        let runs = self.functions.ran.get(&key)?;
        // What it did in a branch that nothing takes is not what it does here.
        if runs.unasked_runs == 0 && self.trigger.is_automatic() && !is_active {
            return None;
        }
        let is_known = if runs.has_events {
            let (most, most_idle) = if self.trigger == Trigger::Run { (4, 1) } else { (24, 3) };
            // A helper that decodes one character and prints a dot is asked for the next one, and so is one that decodes each
            // text of a program where it stands.
            let is_decoding = is_concrete
                && (self.loops.depth > 0 || runs.runs < MOST_DECODED)
                && runs.steps < 500
                && runs.result.as_ref().is_some_and(Value::is_datum);
            !is_decoding && (runs.runs >= most || runs.idle_runs >= most_idle)
                || (runs.runs >= 3 && runs.steps > 20_000)
        } else {
            runs.runs >= 1 && !is_concrete || runs.is_long_computation()
        };
        if !is_known && (is_concrete || !is_active) {
            return None;
        }
        // What gives back what it is given gives back this argument, and no other that it was given before.
        if let Some(argument) = runs.passes_on.and_then(|at| arguments.positional.get(at)) {
            return Some(argument.clone());
        }
        if !is_active && runs.is_worth_running_again(self.trigger) {
            return None;
        }
        let same = runs.results.get(&signature.whole);
        let is_same_call = same.is_some();
        let result = same.or(runs.result.as_ref()).cloned().unwrap_or_else(Value::unknown);
        let merged = self.origins.union(result.origins, origins);
        Some(match result.kind {
            // A constant that does not depend on the arguments stays; what does would be another one now.
            Kind::Function(_)
            | Kind::Class(_)
            | Kind::Module(_)
            | Kind::Instance(_)
            | Kind::External { .. } => result.with_origins(merged),
            _ if arguments.positional.is_empty() && arguments.keywords.is_empty() => result,
            // Another call may put something else into a container that it is given.
            _ if is_same_call && result.kind.object().is_none() => result.with_origins(merged),
            _ => Value::unknown().with_origins(merged),
        })
    }
}

/// How often a short method is run for what it gives of other objects: texts, and what is put together of their fields.
const fn most_runs_for(result: &Value) -> u32 {
    match result.kind {
        Kind::Str(_) | Kind::Bytes(_) | Kind::Partial(_) => 24,
        Kind::Dict(_) | Kind::List(_) | Kind::Tuple(_) => 8,
        _ => 0,
    }
}

/// How often a short function is run for what it makes of other arguments: a closure or an object holds them.
const fn most_runs_of_maker(result: &Value) -> u32 {
    match result.kind {
        Kind::Function(_) | Kind::Instance(_) | Kind::Class(_) | Kind::Method(_) => MAKER_RUNS,
        _ if most_runs_for(result) > 0 => GETTER_RUNS,
        _ => 0,
    }
}

/// The arguments by position that are functions, classes or objects: what a decorator may give back as it is.
pub(super) fn identities_of(arguments: &Arguments) -> Vec<(usize, ObjId)> {
    let identity = |(at, value): (usize, &Value)| match value.kind {
        Kind::Function(id) | Kind::Class(id) | Kind::Instance(id) | Kind::Method(id) => Some((at, id)),
        _ => None,
    };
    arguments.positional.iter().enumerate().filter_map(identity).collect()
}

/// The position of the argument that is a result.
pub(super) fn position_of(given: &[(usize, ObjId)], result: &Value) -> Option<usize> {
    let (Kind::Function(id) | Kind::Class(id) | Kind::Instance(id) | Kind::Method(id)) = result.kind else {
        return None;
    };
    given.iter().find(|(_, argument)| *argument == id).map(|(at, _)| *at)
}
