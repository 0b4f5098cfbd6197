//! What comes of functions that others run: results of workers, tasks and gathered coroutines.
//!
//! A coroutine is run where it is called, and its value is what it returns.  A future is known by the call that made it: what
//! the function gave is kept under the event of that call, and is given to whoever asks the future, waits for it or is called
//! when it is done.

use venin_model::EventId;

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue::CallEntry;
use crate::value::{Kind, OriginSet, Value};

/// Most futures whose results are kept.
const MOST_KEPT: usize = 10_000;

/// What a future is asked for its result by.
const ASKED: [&str; 3] = ["result", "get", "__await__"];

/// `as_completed(futures)`, `wrap_future(future)`: who is given futures gives them back.
pub(super) fn same_futures(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    me.record_special(name, arguments);
    arguments.positional.first().cloned()
}

/// `concurrent.futures.wait(futures)`: those that are done, and those that are not.
pub(super) fn wait_for_futures(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    me.record_special(name, arguments);
    let done = me.argument(arguments, 0, "fs")?;
    let pending = me.heap.list(Vec::new());
    Some(me.heap.tuple(vec![done, pending]))
}

impl Interpreter<'_> {
    /// What comes of a call that runs functions: `None` where it gives something of its own, a future included.
    pub(super) fn outcome_of_call(
        &mut self,
        entry: &CallEntry,
        event: EventId,
        arguments: &Arguments,
        results: Vec<Value>,
    ) -> Option<Value> {
        let has = |mark: &str| entry.invokes.contains(&mark);
        let (gives, promises) = (has("gives"), has("promises"));
        if !gives && !promises || results.is_empty() {
            return None;
        }
        let outcome = if has("all") {
            let origins = self.origins_of(&results);
            self.heap.list(results).with_origins(origins)
        } else {
            let first = results.into_iter().next()?;
            let is_sequence = has("each") || has("tuples");
            let origins = first.origins;
            if is_sequence { self.heap.list(vec![first]).with_origins(origins) } else { first }
        };
        // What is not known at all may still carry what went in.
        if matches!(outcome.kind, Kind::Unknown) && outcome.origins == OriginSet::EMPTY {
            return None;
        }
        if gives {
            let origins = self.origins.with_event(outcome.origins, event);
            return Some(outcome.with_origins(origins));
        }
        self.run_with_outcome(arguments, &outcome);
        self.keep_outcome(event, outcome);
        None
    }

    /// Runs what a worker is given to run with the result: `apply_async(function, callback=…)`.
    fn run_with_outcome(&mut self, arguments: &Arguments, outcome: &Value) {
        let given = arguments.keywords.iter().find(|(name, _)| self.symbols.as_str(*name) == "callback");
        if let Some((_, callback)) = given {
            self.call_value(&callback.clone(), vec![outcome.clone()], Vec::new());
        }
    }

    fn keep_outcome(&mut self, event: EventId, outcome: Value) {
        let outcome = match self.made.outcomes.remove(&event) {
            Some(before) => self.join_values(vec![before, outcome]),
            None => outcome,
        };
        if self.made.outcomes.len() < MOST_KEPT {
            self.made.outcomes.insert(event, outcome);
        }
    }

    /// What a coroutine that a call is given comes to; `None` if the call takes functions.
    pub(super) fn awaited_of_call(&mut self, entry: &CallEntry, given: &Value) -> Option<Value> {
        if !entry.invokes.contains(&"coroutine") {
            return None;
        }
        match given.kind {
            Kind::Function(_) | Kind::Method(_) | Kind::Class(_) | Kind::Builtin(_) => None,
            _ => Some(self.awaited(given)),
        }
    }

    /// What waiting for a value gives: the result of a future, and of a coroutine the value itself.
    pub(super) fn awaited(&mut self, value: &Value) -> Value {
        match self.outcome_of(value).or_else(|| self.result_of_future(value)) {
            Some(outcome) => outcome,
            None => value.clone(),
        }
    }

    /// The result of a future.
    fn outcome_of(&self, future: &Value) -> Option<Value> {
        let Kind::External { name, made_by: Some(event) } = future.kind else { return None };
        let outcome = self.made.outcomes.get(&event)?;
        let maker = self.log.events.get(event.0 as usize)?;
        let text = self.names.text(name);
        (text.strip_suffix("()")? == &*maker.name).then(|| outcome.clone())
    }

    /// What a method of a future gives: its result, or what it calls with itself when it is done.
    pub(super) fn ask_future(
        &mut self,
        text: &str,
        made_by: Option<EventId>,
        receiver: &Value,
        arguments: &Arguments,
    ) -> Option<Value> {
        let event = made_by.filter(|event| self.made.outcomes.contains_key(event))?;
        let (made, method) = text.rsplit_once('.')?;
        let maker = self.log.events.get(event.0 as usize)?;
        if made.strip_suffix("()")? != &*maker.name {
            return None;
        }
        if ASKED.contains(&method) {
            return self.made.outcomes.get(&event).cloned();
        }
        if matches!(method, "add_done_callback" | "link" | "rawlink" | "link_value") {
            let name = self.names.intern(made);
            let future = Value::new(Kind::External { name, made_by }).with_origins(receiver.origins);
            let callback = arguments.positional.first()?.clone();
            self.call_value(&callback, vec![future], Vec::new());
            return Some(Value::none());
        }
        None
    }
}
