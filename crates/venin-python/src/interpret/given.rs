//! What a library passes to a callback, of what it was given itself: an element, a part of a text, a record of a message.
//!
//! How it is made of the arguments stands in `data/calls/callbacks.toml`.  Where nothing is known of it, nothing is passed,
//! and the parameter holds what any caller may pass.

use venin_model::{Action, Event, EventId, Family, OriginKind};

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue::CallbackEntry;
use crate::fold;
use crate::value::{Kind, OriginSet, Value};

/// Most elements or parts of which one is passed.
const MOST_PARTS: usize = 8;

/// The arguments of the two calls that a callback has to do with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    /// Those of the call that was given the callback.
    pub(super) own: &'a Arguments,
    /// Those of the call that runs it: the same one, or a later one.
    pub(super) running: &'a Arguments,
}

impl Interpreter<'_> {
    /// The arguments of a callback, as its entry says.
    pub(super) fn arguments_passed(&mut self, entry: &CallbackEntry, given: Given<'_>) -> Arguments {
        let mut positional = Vec::with_capacity(entry.passes.len());
        for what in entry.passes {
            match self.one_passed(entry, what, given) {
                Some(value) => positional.push(value),
                None => break,
            }
        }
        Arguments { positional, keywords: Vec::new() }
    }

    fn one_passed(&mut self, entry: &CallbackEntry, what: &str, given: Given<'_>) -> Option<Value> {
        let (how, of) = what.split_once(' ').unwrap_or(("all", what));
        match what {
            "?" => return Some(Value::unknown()),
            "network" => return Some(self.unknown_of(OriginKind::Network)),
            "received" => return Some(self.received_by(entry)),
            "object" => return Some(self.object_of(entry)),
            "query" => return Some(self.value_in_query(given.running)),
            _ => {}
        }
        let position = of.parse().unwrap_or(usize::MAX);
        let value = self.argument(given.running, position, of);
        match how {
            "all" => value,
            "own" => self.argument(given.own, position, of),
            "of" => Some(Value::unknown().with_origins(value?.origins)),
            "each" => self.one_element(&value?),
            "option" => self.option_read(given, value),
            "command" => {
                let whole = value?;
                let rest = whole.as_str().and_then(|line| line.trim_start().split_once(' '));
                let rest = rest.map(|(_, rest)| Value::str(rest).with_origins(whole.origins));
                Some(self.join_values(std::iter::once(whole).chain(rest).collect()))
            }
            "markup" => Some(self.text_in_markup(&value?)),
            "json" => {
                let text = value?;
                let read =
                    self.with_fold(|cx| fold::fold_call(cx, "json.loads", std::slice::from_ref(&text), &[]));
                Some(read.unwrap_or_else(|| Value::unknown().with_origins(text.origins)))
            }
            "record" => self.record_of_message(&value?, given.running),
            _ => None,
        }
    }

    fn unknown_of(&mut self, kind: OriginKind) -> Value {
        Value::unknown().with_origins(self.origins.with_kind(OriginSet::EMPTY, kind))
    }

    /// What comes in over the connection of the object that runs the callback.
    fn received_by(&mut self, entry: &CallbackEntry) -> Value {
        let message = self.unknown_of(OriginKind::Network);
        match self.connection_of(object_in(entry)) {
            Some(connection) => {
                let origins = self.origins.with_event(message.origins, connection);
                message.with_origins(origins)
            }
            None => message,
        }
    }

    /// The object that runs the callback, with the connection that it is or opened.
    fn object_of(&mut self, entry: &CallbackEntry) -> Value {
        let made_by = self.connection_of(object_in(entry));
        let name = self.names.intern(object_in(entry));
        Value::new(Kind::External { name, made_by })
    }

    /// The last connection that an object opened in this root; where the object is the connection, the last that was opened.
    fn connection_of(&self, object: &str) -> Option<EventId> {
        let here = |event: &&Event| event.root == self.root && event.class.family == Family::Cr;
        let is_own =
            |event: &&Event| event.name.strip_prefix(object).is_some_and(|rest| rest.starts_with('.'));
        let opens = |event: &&Event| event.class.action == Action::Connect;
        let mut last = self.log.events.iter().rev().filter(here);
        let own = last.clone().find(is_own).or_else(|| last.find(opens));
        own.map(|event| event.id)
    }

    /// One of the elements of a sequence.
    fn one_element(&mut self, sequence: &Value) -> Option<Value> {
        match sequence.kind {
            // An iterator is still to be read by the call itself.
            Kind::Iter(_) => Some(Value::unknown().with_origins(sequence.origins)),
            _ => match self.iterate(sequence, 1000) {
                Some(items) if items.is_empty() => None,
                Some(mut items) => {
                    items.truncate(MOST_PARTS);
                    Some(self.join_values(items))
                }
                None => Some(self.element_of(sequence)),
            },
        }
    }

    /// The value of an option of a command line: its default, or a word of the line that is read.
    fn option_read(&mut self, given: Given<'_>, line: Option<Value>) -> Option<Value> {
        let default = self.argument(given.own, usize::MAX, "default");
        let word = line.and_then(|line| self.one_element(&line));
        let values: Vec<Value> = default.into_iter().chain(word).collect();
        (!values.is_empty()).then(|| self.join_values(values))
    }

    /// What a function in a query is called with: a parameter or a text of the query, or else what the database holds.
    fn value_in_query(&mut self, running: &Arguments) -> Value {
        let mut values = Vec::new();
        if let Some(parameters) = running.positional.get(1) {
            values.extend(self.one_element(&parameters.clone()));
        }
        if let Some(query) = running.positional.first().and_then(Value::as_str) {
            let quoted = query.split('\'').skip(1).step_by(2).filter(|text| !text.is_empty());
            let origins = OriginSet::LITERAL;
            values.extend(quoted.take(MOST_PARTS).map(|text| Value::str(text).with_origins(origins)));
        }
        if values.is_empty() {
            return self.unknown_of(OriginKind::File);
        }
        self.join_values(values)
    }

    /// The text between the tags of a text with markup.
    fn text_in_markup(&mut self, markup: &Value) -> Value {
        let text = match &markup.kind {
            Kind::Str(text) => text.shared(),
            Kind::Bytes(bytes) => String::from_utf8_lossy(bytes).into(),
            _ => return Value::unknown().with_origins(markup.origins),
        };
        let parts = text.split('<').enumerate().map(|(n, part)| match part.split_once('>') {
            Some((_, behind)) if n > 0 => behind,
            _ => part,
        });
        let parts = parts.filter(|part| !part.trim().is_empty()).take(MOST_PARTS);
        let parts: Vec<Value> = parts.map(|part| Value::str(part).with_origins(markup.origins)).collect();
        if parts.is_empty() {
            return Value::unknown().with_origins(markup.origins);
        }
        self.join_values(parts)
    }

    /// A record of a logged message.
    fn record_of_message(&mut self, message: &Value, running: &Arguments) -> Option<Value> {
        let rest = running.positional.get(1..).unwrap_or_default().to_vec();
        let origins = self.origins_of(running.positional.iter());
        let filled = if rest.is_empty() { message.clone() } else { Value::unknown().with_origins(origins) };
        let callee = self.external("weakref.ref()");
        let get = self.held_call(callee, vec![filled]);
        let arguments = self.heap.tuple(rest);
        let fields = [
            ("msg", message.clone()),
            ("message", message.clone()),
            ("args", arguments),
            ("getMessage", get),
        ];
        let fields = fields.map(|(name, value)| (self.symbols.intern(name), value)).to_vec();
        Some(self.object_with("LogRecord", fields).with_origins(origins))
    }
}

/// The name of the object whose call runs the callback.
fn object_in(entry: &CallbackEntry) -> &'static str {
    let running = entry.when.first().or(entry.again.first());
    running.and_then(|name| name.rsplit_once('.')).map_or("", |(object, _)| object)
}
