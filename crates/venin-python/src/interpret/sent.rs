//! What goes into and comes out of a generator besides what it yields: `generator.send(value)` gives its `yield` that value,
//! `generator.throw(exception)` raises there, and what it returns is the value of `yield from` and of the exception at its end.
//!
//! A generator is run as a whole when it is made; for each value that is sent it is run once more, and goes on from where it
//! was.

use super::Interpreter;
use super::exceptions::make_exception;
use super::function::Arguments;
use crate::source::ir::{Code, DELEGATION, FunctionIdx};
use crate::value::{Kind, ObjId, Object, OriginSet, Value};

/// Most generators that are remembered.
const MOST_KEPT: usize = 10_000;
/// Words without which nobody asks a generator for more than what it yields.
const WAYS_TO_ASK: [&str; 4] = ["send", "throw", "StopIteration", DELEGATION];

/// Generators that something may be sent into, and what is being sent.
#[derive(Debug, Default)]
pub(super) struct Generators {
    made: rustc_hash::FxHashMap<ObjId, Made>,
    /// What the last run of a generator's function returned.
    returned: rustc_hash::FxHashMap<(u32, FunctionIdx), Value>,
    /// The function that is resumed, and with what.
    resumed: Option<((u32, FunctionIdx), Resumed)>,
}

/// How a generator was made, and what it returned.
#[derive(Debug, Clone)]
struct Made {
    function: ObjId,
    receiver: Option<Value>,
    arguments: Arguments,
    returned: Option<Value>,
}

/// What a `yield` gives or raises.
#[derive(Debug, Clone)]
enum Resumed {
    With(Value),
    Raising(Value),
}

impl Generators {
    /// Forgets all of them: their objects may go away.
    pub(super) fn clear(&mut self) {
        self.made.clear();
        self.returned.clear();
    }
}

impl Interpreter<'_> {
    /// Whether something may be sent into a generator of the artifact, or what it returned be asked for.
    pub(super) fn may_send(&self) -> bool {
        self.notes.generators.made.len() < MOST_KEPT
            && WAYS_TO_ASK.iter().any(|way| self.symbols.find(way).is_some())
    }

    /// Remembers how a generator was made.
    pub(super) fn note_generator(
        &mut self,
        made: &Value,
        function: ObjId,
        receiver: Option<Value>,
        arguments: Arguments,
    ) {
        let returned = self.take_returned(function);
        if let Kind::Iter(id) = made.kind {
            self.notes.generators.made.insert(id, Made { function, receiver, arguments, returned });
        }
    }

    /// Notes what the function in course returns, if it is a generator.
    pub(super) fn note_return(&mut self, code: &Code, value: &Value) {
        let Some(key @ (_, index)) = self.frame().and_then(|frame| frame.function) else { return };
        let is_generator = code.functions.get(index.0 as usize).is_some_and(|f| f.is_generator);
        if !is_generator || matches!(value.kind, Kind::None) || !self.may_send() {
            return;
        }
        let value = match self.notes.generators.returned.remove(&key) {
            Some(before) => self.join_values(vec![before, value.clone()]),
            None => value.clone(),
        };
        self.notes.generators.returned.insert(key, value);
    }

    fn take_returned(&mut self, function: ObjId) -> Option<Value> {
        let key = self.function_key(function)?;
        self.notes.generators.returned.remove(&key)
    }

    /// What a generator returned, which is the value of delegating to it.
    pub(super) fn returned_by(&self, generator: &Value) -> Option<Value> {
        let Kind::Iter(id) = generator.kind else { return None };
        self.notes.generators.made.get(&id)?.returned.clone()
    }

    /// Notes the exception that asking a generator for more than it yields raises.
    pub(super) fn end_generator(&mut self, generator: ObjId) {
        if self.exceptions.raised.is_empty() {
            return;
        }
        let made = self.notes.generators.made.get(&generator);
        let Some(returned) = made.and_then(|made| made.returned.clone()) else { return };
        let arguments = Arguments { positional: vec![returned], keywords: Vec::new() };
        if let Some(end) = make_exception(self, "StopIteration", &arguments) {
            self.note_raised(Some(end));
        }
    }

    /// `generator.send(value)`, `generator.throw(exception)`: what it yields next.
    pub(super) fn send_into(
        &mut self,
        generator: &Value,
        method: &str,
        arguments: &Arguments,
    ) -> Option<Value> {
        let (&Kind::Iter(generator), "send" | "throw") = (&generator.kind, method) else { return None };
        let given = arguments.positional.first()?.clone();
        if matches!(given.kind, Kind::None) {
            return Some(self.next_of(generator)?.unwrap_or_else(Value::unknown));
        }
        let made = self.notes.generators.made.get(&generator)?.clone();
        let key = self.function_key(made.function)?;
        if self.notes.generators.resumed.is_some() {
            return None;
        }
        let resumed = if method == "send" { Resumed::With(given) } else { Resumed::Raising(given) };
        self.notes.generators.resumed = Some((key, resumed));
        let yielded = self.run_again(made.function, made.receiver, made.arguments);
        self.notes.generators.resumed = None;
        self.go_on_with(generator, made.function, &yielded);
        match self.next_of(generator)? {
            Some(value) => Some(value),
            None => {
                self.end_generator(generator);
                let element = self.element_of(&yielded);
                Some(Value::unknown().with_origins(element.origins))
            }
        }
    }

    /// Lets a generator yield what its last run did, from where it is.
    fn go_on_with(&mut self, generator: ObjId, function: ObjId, yielded: &Value) {
        let returned = self.take_returned(function);
        if let Some(made) = self.notes.generators.made.get_mut(&generator) {
            made.returned = returned.or(made.returned.take());
        }
        let Kind::Iter(again) = yielded.kind else { return };
        let Some(Object::Iter(items, _)) = self.heap.get(again) else { return };
        let items = items.clone();
        if self.heap.spend(items.len() * 32)
            && let Some(Object::Iter(held, _)) = self.heap.get_mut(generator)
        {
            *held = items;
        }
    }

    /// Takes the next element of an iterator; `None` in it at the end.
    pub(super) fn next_of(&mut self, iterator: ObjId) -> Option<Option<Value>> {
        let Some(Object::Iter(items, at)) = self.heap.get_mut(iterator) else { return None };
        self.counts.changes += 1;
        let item = items.get(*at).cloned();
        *at += 1;
        Some(item)
    }

    /// What a `yield` gives in the function in course.
    pub(super) fn received(&mut self) -> Value {
        let resumed = match (&self.notes.generators.resumed, self.frame()) {
            (Some((into, resumed)), Some(frame)) if frame.function == Some(*into) => resumed.clone(),
            _ => return Value::unknown(),
        };
        match resumed {
            Resumed::With(value) => value,
            Resumed::Raising(exception) => {
                let origins: OriginSet = exception.origins;
                self.note_raised(Some(exception));
                Value::unknown().with_origins(origins)
            }
        }
    }
}
