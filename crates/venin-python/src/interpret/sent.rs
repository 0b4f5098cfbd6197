//! What is sent into a generator: `generator.send(value)` gives its `yield` that value.
//!
//! A generator is run as a whole when it is made; for each value that is sent it is run once more.

use super::Interpreter;
use super::function::Arguments;
use crate::source::ir::FunctionIdx;
use crate::value::{Kind, ObjId, Value};

/// Most generators that are remembered.
const MOST_KEPT: usize = 10_000;

/// Generators that something may be sent into, and what is being sent.
#[derive(Debug, Default)]
pub(super) struct Generators {
    made: rustc_hash::FxHashMap<ObjId, Made>,
    /// The function that a value is being sent into, and the value.
    sending: Option<((u32, FunctionIdx), Value)>,
}

/// How a generator was made.
#[derive(Debug, Clone)]
struct Made {
    function: ObjId,
    receiver: Option<Value>,
    arguments: Arguments,
}

impl Generators {
    /// Forgets all of them: their objects may go away.
    pub(super) fn clear(&mut self) {
        self.made.clear();
    }
}

impl Interpreter<'_> {
    /// Whether something may be sent into a generator of the artifact.
    pub(super) fn may_send(&self) -> bool {
        self.symbols.find("send").is_some() && self.notes.generators.made.len() < MOST_KEPT
    }

    /// Remembers how a generator was made.
    pub(super) fn note_generator(
        &mut self,
        made: &Value,
        function: ObjId,
        receiver: Option<Value>,
        arguments: Arguments,
    ) {
        if let Kind::Iter(id) = made.kind {
            self.notes.generators.made.insert(id, Made { function, receiver, arguments });
        }
    }

    /// `generator.send(value)`: what it yields then is any of what it yields.
    pub(super) fn send_into(
        &mut self,
        generator: &Value,
        method: &str,
        arguments: &Arguments,
    ) -> Option<Value> {
        let (Kind::Iter(generator), "send") = (&generator.kind, method) else { return None };
        let made = self.notes.generators.made.get(generator)?.clone();
        let sent = arguments.positional.first()?.clone();
        let key = self.function_key(made.function)?;
        if matches!(sent.kind, Kind::None) || self.notes.generators.sending.is_some() {
            return None;
        }
        self.notes.generators.sending = Some((key, sent));
        let yielded = self.run_again(made.function, made.receiver, made.arguments);
        self.notes.generators.sending = None;
        let element = self.element_of(&yielded);
        Some(Value::unknown().with_origins(element.origins))
    }

    /// What a `yield` gives in the function in course.
    pub(super) fn received(&self) -> Value {
        match (&self.notes.generators.sending, self.frame()) {
            (Some((into, value)), Some(frame)) if frame.function == Some(*into) => value.clone(),
            _ => Value::unknown(),
        }
    }
}
