//! Calls of names outside the artifact: recorded if the catalogue lists them, folded if that is possible.

use std::borrow::Cow;
use std::rc::Rc;

use venin_model::{Action, EventId, Family, OriginKind, Role};

use super::Interpreter;
use super::conversions::Asked;
use super::function::Arguments;
use super::known::KnownName;
use crate::catalogue::CallEntry;
use crate::fold;
use crate::value::{Kind, NameId, OriginSet, Step, Sym, Symbols, Value};

/// The methods of path objects.
const PATH_METHOD: &str = "pathlib.Path().";

/// A call of a name outside the artifact.
#[derive(Clone, Copy)]
struct External<'c> {
    callee: &'c Value,
    name: NameId,
    /// The text of the name.
    text: &'c str,
    /// The event that made the object whose method is called.
    made_by: Option<EventId>,
    arguments: &'c Arguments,
}

impl Interpreter<'_> {
    pub(super) fn call_external(
        &mut self,
        callee: &Value,
        name: NameId,
        made_by: Option<EventId>,
        arguments: &Arguments,
    ) -> Value {
        let text = self.names.text(name);
        let known = self.known_name(name);
        let asked = match known.asks {
            Some(asks) => match self.ask_objects(asks, arguments) {
                Asked::Answered(value) => return value,
                Asked::GoesOn(arguments) => arguments,
            },
            None => Cow::Borrowed(arguments),
        };
        let asked = self.with_items(asked);
        let own = self.without_own_login(&asked);
        let called = External { callee, name, text: &text, made_by, arguments: &own };
        if let Some(value) = self.interpret_external(&called, &known) {
            return value;
        }
        let folded = self
            .known_content(&text, made_by, &own)
            .or_else(|| if known.folds.of_made { self.fold_made_object(&text, made_by, &own) } else { None })
            .or_else(|| if known.folds.as_call { self.fold_external(&text, &own) } else { None });
        match (known.call, folded) {
            (Some(entry), folded) => self.record_external(&called, entry, folded),
            (None, Some(value)) => self.computed_by_external(&called, value),
            (None, None) => self.unknown_of_external(&called),
        }
    }

    /// Gives what the interpreter itself knows of a call: futures, callbacks, handlers, paths.
    fn interpret_external(&mut self, called: &External<'_>, known: &KnownName) -> Option<Value> {
        let External { callee, text, made_by, arguments, .. } = *called;
        if !self.made.outcomes.is_empty()
            && let Some(value) = self.ask_future(text, made_by, callee, arguments)
        {
            return Some(value);
        }
        self.note_setup_call(text, arguments);
        if let Some(entry) = known.callback {
            self.run_given(entry, arguments);
        }
        if !self.pending.waiting.is_empty() {
            self.run_waiting(text, arguments);
        }
        if let Some(handler) = known.handler
            && let Some(value) = handler(self, text, arguments)
        {
            return Some(value);
        }
        let method = text.strip_prefix(PATH_METHOD)?;
        self.path_method(method, callee, made_by, arguments)
    }

    /// Records a call that the catalogue lists, runs its callbacks, and gives what it gives.
    fn record_external(
        &mut self,
        called: &External<'_>,
        entry: &'static CallEntry,
        folded: Option<Value>,
    ) -> Value {
        let External { callee, name, text, made_by, arguments } = *called;
        let receiver = made_by.is_some().then_some(callee);
        let event = self.record_here(text, entry, &arguments.positional, &arguments.keywords, receiver);
        if let Some(outcome) = self.run_callbacks_here(entry, event, arguments) {
            return outcome;
        }
        self.remember_maker(event, text, made_by, arguments);
        self.read_input(event, entry, made_by, arguments);
        let reads = entry.class.action == Action::Read;
        // What a path is made of says nothing about what stands in the file.
        let receiver = if reads && text.starts_with(PATH_METHOD) { OriginSet::EMPTY } else { callee.origins };
        let is_known = folded.is_some();
        let mut result = self.folded_result(folded, event, entry, arguments, receiver);
        if !is_known && text.starts_with("urllib.parse.unquote") {
            result.origins = self.origins_unquoted(result.origins, callee, arguments);
        }
        let result = match result.kind {
            // Each part of what is read out of a file comes from that reading.
            Kind::List(_) | Kind::Dict(_) if reads => {
                let origins = result.origins;
                self.with_fold(|cx| cx.stamp(result, origins))
            }
            Kind::Unknown => self.external_result(name, Some(event), result.origins),
            _ => result,
        };
        self.or_default(text, result, arguments)
    }

    /// The origins of a text without its quotes: addresses and paths are unquoted wherever there are any, so this is a decoding
    /// only where the text is known, or was decoded before.
    fn origins_unquoted(&mut self, origins: OriginSet, callee: &Value, arguments: &Arguments) -> OriginSet {
        let given = self.call_origins(callee, arguments);
        if self.origins.kinds(given).contains(OriginKind::Decoded) {
            return origins;
        }
        self.origins.without_kind(origins, OriginKind::Decoded)
    }

    /// What a call that is not recorded computes.
    fn computed_by_external(&mut self, called: &External<'_>, value: Value) -> Value {
        // What a parser gives comes from what it has read.
        if called.text.starts_with("configparser.") {
            let origins = self.origins.union(value.origins, called.callee.origins);
            return value.with_origins(origins);
        }
        value
    }

    /// What comes of a call that is neither recorded nor computed.
    fn unknown_of_external(&mut self, called: &External<'_>) -> Value {
        let External { callee, name, text, made_by, arguments } = *called;
        self.counts.impure += 1;
        let origins = match text {
            // A yes or no, or a number of things, says nothing of the contents that were asked.
            "bool" | "callable" | "len" | "isinstance" | "issubclass" | "hasattr" => OriginSet::EMPTY,
            _ => self.call_origins(callee, arguments),
        };
        let origins = self.origins_of_digits(text, arguments, origins);
        self.external_result(name, made_by, origins)
    }

    /// A variable of the environment is also what the program takes for it where nobody set it.
    fn or_default(&mut self, text: &str, variable: Value, arguments: &Arguments) -> Value {
        if !matches!(text, "os.getenv" | "os.environ.get" | "os.environ.setdefault" | "os.environ.pop") {
            return variable;
        }
        match arguments.positional.get(1) {
            Some(default) if matches!(&default.kind, Kind::Str(s) if !s.is_empty()) => {
                let default = default.clone();
                self.join_values(vec![default, variable])
            }
            _ => variable,
        }
    }

    fn external_result(&mut self, name: NameId, made_by: Option<EventId>, origins: OriginSet) -> Value {
        let origins = self.origins_beyond(name, origins);
        match self.extend_name(name, Step::Call) {
            Some(name) => Value::new(Kind::External { name, made_by }).with_origins(origins),
            None => Value::unknown().with_origins(origins),
        }
    }

    /// A method of something that a recorded call made, such as a cipher with its key: decryption folds.
    fn fold_made_object(
        &mut self,
        text: &str,
        made_by: Option<EventId>,
        arguments: &Arguments,
    ) -> Option<Value> {
        let made_by = made_by.filter(|e| self.made.makers.contains_key(e))?;
        let makers = std::mem::take(&mut self.made.makers);
        let folded = self.with_fold(|cx| {
            fold::fold_made(cx, &makers, text, made_by, &arguments.positional, &arguments.keywords)
        });
        self.made.makers = makers;
        folded
    }

    fn remember_maker(
        &mut self,
        event: EventId,
        text: &str,
        receiver: Option<EventId>,
        arguments: &Arguments,
    ) {
        if self.made.makers.len() < 10_000 && !text.ends_with(".update") {
            let maker = fold::Maker {
                name: Rc::from(text),
                args: Rc::from(arguments.positional.as_slice()),
                keywords: Rc::from(arguments.keywords.as_slice()),
                receiver,
            };
            self.made.makers.insert(event, maker);
        }
    }

    fn fold_external(&mut self, text: &str, arguments: &Arguments) -> Option<Value> {
        // These take an iterator as it is: `zip(*[iter(s)] * 2)` reads one iterator twice.
        let keeps_iterators = matches!(text, "zip" | "enumerate") || text.starts_with("itertools.");
        let arguments = if keeps_iterators { Cow::Borrowed(arguments) } else { self.materialized(arguments) };
        if text == "len" && arguments.positional.iter().any(|value| self.is_open_and_empty(value)) {
            return None;
        }
        let positional: Cow<'_, [Value]> = if text.contains("path.") {
            arguments.positional.iter().map(|a| self.as_text(a)).collect()
        } else {
            Cow::Borrowed(&arguments.positional)
        };
        if let Some(at) = positional.iter().position(|value| matches!(value.kind, Kind::Choice(_))) {
            let mut all = positional.to_vec();
            let alternatives = self.alternatives(positional.get(at)?);
            let mut values = Vec::with_capacity(alternatives.len());
            // What is not computed of an alternative still comes of it.
            let mut origins = OriginSet::EMPTY;
            for one in alternatives {
                let before = one.origins;
                *all.get_mut(at)? = one;
                match self.with_fold(|cx| fold::fold_call(cx, text, &all, &arguments.keywords)) {
                    Some(value) => values.push(value),
                    None => origins = self.origins.union(origins, before),
                }
            }
            if values.is_empty() {
                return None;
            }
            let value = self.join_values(values);
            let origins = self.origins.union(value.origins, origins);
            return Some(value.with_origins(origins));
        }
        self.with_fold(|cx| fold::fold_call(cx, text, &positional, &arguments.keywords))
    }

    /// The result of a recorded call: the folded value or nothing known, with the origins the call gives it.
    pub(super) fn folded_result(
        &mut self,
        folded: Option<Value>,
        event: EventId,
        entry: &CallEntry,
        arguments: &Arguments,
        receiver: OriginSet,
    ) -> Value {
        // What an encoder or decoder gives back still carries what went in; a download does not carry its URL.
        let passes_through = matches!(entry.class.family, Family::Ce | Family::Compile | Family::Cx)
            || entry.class.action == Action::Any
            || is_read_of_memory(entry, arguments, &self.symbols)
            || self.reads_stream(entry, arguments);
        // Nobody reads the host name, the key or the file out of a digest or a signature.
        let is_digest = entry.class.action == Action::Hash;
        let mut origins = if is_digest {
            OriginSet::EMPTY
        } else if passes_through {
            let nothing = Value::unknown().with_origins(receiver);
            self.call_origins(&nothing, &without_headers(entry, arguments, &self.symbols))
        } else if entry.result_origin().is_none() || entry.class.action == Action::Read {
            // What is read from an open file has the origins of what it was opened over.
            receiver
        } else {
            OriginSet::EMPTY
        };
        if let Some(value) = &folded {
            origins = self.origins.union(origins, value.origins);
        }
        let kind = folded.map_or(Kind::Unknown, |v| v.kind);
        self.event_result(kind, event, entry, origins)
    }

    /// A value that is the result of an event.
    pub(super) fn event_result(
        &mut self,
        kind: Kind,
        event: EventId,
        entry: &CallEntry,
        origins: OriginSet,
    ) -> Value {
        let mut origins = self.origins.with_event(origins, event);
        if let Some(of) = entry.result_origin() {
            origins = self.origins.with_kind(origins, of);
            // A decoder that is given a path reads the file.
            if of == OriginKind::Decoded && entry.args.first() == Some(&Role::Path) {
                origins = self.origins.with_kind(origins, OriginKind::File);
            }
        }
        let kind = match kind {
            Kind::External { name, .. } => Kind::External { name, made_by: Some(event) },
            other => other,
        };
        Value::new(kind).with_origins(origins)
    }
}

/// Whether a file is opened over data in memory: `GzipFile(fileobj=…)`.
fn is_read_of_memory(entry: &CallEntry, arguments: &Arguments, symbols: &Symbols) -> bool {
    let is_data = |name: Sym| entry.keyword_role(symbols.as_str(name)) == Role::Data;
    entry.class.action == Action::Read && arguments.keywords.iter().any(|(k, _)| is_data(*k))
}

/// The arguments but for headers: a token in a header authorizes a request and is none of the data that it carries.
fn without_headers(entry: &CallEntry, arguments: &Arguments, symbols: &Symbols) -> Arguments {
    let is_header = |role: Role| role == Role::Header;
    let positional = arguments.positional.iter().enumerate();
    let kept = positional.filter(|(n, _)| !entry.args.get(*n).copied().is_some_and(is_header));
    let keywords =
        arguments.keywords.iter().filter(|(k, _)| !is_header(entry.keyword_role(symbols.as_str(*k))));
    Arguments { positional: kept.map(|(_, v)| v.clone()).collect(), keywords: keywords.cloned().collect() }
}
