//! Callbacks that run long after they were handed over: threads, timers, what runs when the interpreter ends.
//!
//! When they are handed over, the lists and queues they work on are still empty.  They are run once more when the root is
//! through that started them, and again when everything else is, with what was left there by then.

use super::Interpreter;
use super::call::CallSite;
use super::function::Arguments;
use super::occasions::Occasion;
use crate::source::ir::FunctionIdx;
use crate::value::{Kind, ObjId, Object, Value};
use venin_model::{RootId, Trigger};

/// Most callbacks that are run again.
const MOST_CALLBACKS: usize = 32;
/// Longest run of a callback that is repeated in its root, in steps.
const MOST_STEPS: u64 = 100_000;

/// A callback that runs later, with its arguments and the call that it was handed to.
#[derive(Debug, Clone)]
struct LateCallback {
    callback: Value,
    arguments: Arguments,
    site: Option<CallSite>,
    /// What the call ran under.
    occasion: Occasion,
    root: RootId,
    /// How many changes there were when it was run the last time.
    changes: u64,
}

/// The callbacks that run later, each once.
#[derive(Debug, Default)]
pub(super) struct LateCallbacks {
    callbacks: Vec<LateCallback>,
}

impl LateCallbacks {
    /// The objects that the callbacks need.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjId> {
        self.callbacks.iter().flat_map(|late| {
            let passed = late.arguments.positional.iter();
            let passed = passed.chain(late.arguments.keywords.iter().map(|(_, value)| value));
            std::iter::once(&late.callback).chain(passed).filter_map(|value| value.kind.object())
        })
    }
}

impl Interpreter<'_> {
    /// Remembers a callback that will run when callers have done something.  Of several times that it is handed over, the one
    /// counts that makes it run soonest.
    pub(super) fn remember_late(&mut self, callback: &Value, arguments: &Arguments) {
        let late = LateCallback {
            callback: callback.clone(),
            arguments: arguments.clone(),
            site: self.place.site.clone(),
            occasion: self.occasion(),
            root: self.root,
            changes: self.counts.changes,
        };
        let is_own = matches!(callback.kind, Kind::Function(_) | Kind::Method(_));
        let known = &mut self.pending.late.callbacks;
        if let Some(known) = known.iter_mut().find(|l| l.callback.kind.object() == callback.kind.object()) {
            if late.occasion.is_before(&known.occasion) {
                *known = late;
            } else {
                known.occasion.take_in(&late.occasion);
            }
        } else if is_own && known.len() < MOST_CALLBACKS {
            known.push(late);
        }
    }

    /// Runs the callbacks that the root in course started, with what it left behind since.
    pub(super) fn run_late_of_root(&mut self) {
        let is_due = |late: &&LateCallback| {
            late.root == self.root && late.changes != self.counts.changes && !self.is_long(&late.callback)
        };
        let due: Vec<LateCallback> = self.pending.late.callbacks.iter().filter(is_due).cloned().collect();
        for late in due {
            self.forget_run(&late.callback);
            let before = std::mem::replace(&mut self.place.site, late.site);
            self.on_occasion(&late.occasion, |me| me.call(&late.callback, late.arguments));
            self.place.site = before;
        }
        let (root, changes) = (self.root, self.counts.changes);
        self.pending
            .late
            .callbacks
            .iter_mut()
            .filter(|late| late.root == root)
            .for_each(|late| late.changes = changes);
    }

    /// Runs the late callbacks with what is there by now.
    pub(super) fn run_late_callbacks(&mut self) {
        let callbacks = std::mem::take(&mut self.pending.late.callbacks);
        for late in callbacks {
            if self.budget.steps >= self.limits.steps {
                return;
            }
            if late.changes == self.counts.changes {
                continue;
            }
            self.forget_run(&late.callback);
            self.begin_root(Trigger::Run, self.limits.steps_of_run_root);
            self.place.site = late.site;
            self.on_occasion(&late.occasion, |me| me.call(&late.callback, late.arguments));
            self.finish_root();
        }
        self.pending.late = LateCallbacks::default();
    }

    /// Whether the first run of a callback took too long for another one in the same root.
    fn is_long(&self, callback: &Value) -> bool {
        let runs = self.key_of_callback(callback).and_then(|key| self.functions.ran.get(&key));
        runs.is_some_and(|runs| runs.steps > MOST_STEPS)
    }

    /// Forgets what is remembered of a callback's first run: it is what the callback did with nothing.
    fn forget_run(&mut self, callback: &Value) {
        if let Some(key) = self.key_of_callback(callback) {
            self.functions.ran.remove(&key);
        }
    }

    fn key_of_callback(&self, callback: &Value) -> Option<(u32, FunctionIdx)> {
        match callback.kind {
            Kind::Function(id) => self.function_key(id),
            Kind::Method(id) => match self.heap.get(id) {
                Some(Object::Method(_, function)) => self.function_key(*function),
                _ => None,
            },
            _ => None,
        }
    }
}
