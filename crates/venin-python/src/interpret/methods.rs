//! Methods of constants, containers and partly known texts: recorded if the catalogue lists them, folded if that is
//! possible.
//!
//! Methods of the artifact's own objects are functions and are not called here.

use std::borrow::Cow;

use super::Interpreter;
use super::container_changes::changes_receiver;
use super::function::Arguments;
use super::known::KnownMethod;
use super::protocol::has_protocol;
use crate::fold;
use crate::value::{Kind, Sym, Value};

impl Interpreter<'_> {
    /// Calls a method of a constant, a container or a partly known text.
    pub(super) fn call_method(&mut self, receiver: &Value, name: Sym, arguments: &Arguments) -> Value {
        let text = self.symbols.text(name);
        if let Some(filled) = self.substitute(receiver, &text, arguments) {
            return filled;
        }
        if changes_receiver(&text) {
            self.counts.changes += 1;
            self.note_elements(receiver, &arguments.positional);
            self.change_object(receiver, &text, arguments);
        }
        if let Some(yielded) = self.send_into(receiver, &text, arguments) {
            return yielded;
        }
        let listed = self.listed_for_method(&text, arguments);
        let arguments = self.materialized(&listed);
        if let ("sort", Kind::List(id), false) = (&*text, &receiver.kind, arguments.keywords.is_empty()) {
            return self.sort_in_place(receiver, *id, arguments.into_owned());
        }
        if arguments.positional.iter().any(has_protocol) {
            self.ask_in_method(receiver, &text, &arguments);
        }
        let positional = self.texts_for_method(receiver, &text, &arguments);
        if let Some(entry) = self.entry_asked_for(receiver, &text, &positional) {
            return entry;
        }
        let folded = self
            .with_fold(|cx| fold::fold_method(cx, receiver, &text, &positional, &arguments.keywords))
            .or_else(|| self.replace_by_hole(receiver, &text, &positional))
            .or_else(|| self.by_own_codec(receiver, &text, &positional));
        self.result_of_method(receiver, name, folded, &arguments)
    }

    /// What a method gives: the event, if the catalogue lists it, what was folded, or nothing known.
    fn result_of_method(
        &mut self,
        receiver: &Value,
        name: Sym,
        folded: Option<Value>,
        arguments: &Arguments,
    ) -> Value {
        let KnownMethod { qualified, call, callback } = self.known_method(type_name(&receiver.kind), name);
        if let Some(entry) = callback {
            self.run_given(entry, arguments);
        }
        // Bytes of a text become that text: nothing was hidden.
        let call = call.filter(|_| &*qualified != "str.decode" || !self.is_plain_charset(arguments));
        match (call, folded) {
            (Some(entry), folded) => {
                let mut all = vec![receiver.clone()];
                all.extend(arguments.positional.iter().cloned());
                let event = self.record_here(&qualified, entry, &all, &arguments.keywords, None);
                self.folded_result(folded, event, entry, arguments, receiver.origins)
            }
            (None, Some(value)) => value,
            (None, None) => self.unknown_of_method(receiver, name, arguments),
        }
    }

    /// What comes of a method that folding gave up on.
    fn unknown_of_method(&mut self, receiver: &Value, name: Sym, arguments: &Arguments) -> Value {
        let text = self.symbols.text(name);
        if let Some(value) = self.mutate_unknown(receiver, &text, arguments) {
            return value;
        }
        let mut origins = receiver.origins;
        for value in &arguments.positional {
            origins = self.origins.union(origins, value.origins);
        }
        Value::unknown().with_origins(origins)
    }

    /// The arguments by position; text methods keep what is known of theirs.
    fn texts_for_method<'a>(
        &mut self,
        receiver: &Value,
        method: &str,
        arguments: &'a Arguments,
    ) -> Cow<'a, [Value]> {
        match (&receiver.kind, method) {
            (Kind::Str(_) | Kind::Partial(_) | Kind::Bytes(_), "format" | "join" | "replace") => {
                arguments.positional.iter().map(|a| self.as_text_deep(a)).collect()
            }
            _ => Cow::Borrowed(&arguments.positional),
        }
    }

    /// What a mapping gives for a key that it does not hold as far as is known: a secret, what the rest of the arguments
    /// brings, or any of the entries.
    fn entry_asked_for(&mut self, receiver: &Value, method: &str, arguments: &[Value]) -> Option<Value> {
        if !matches!(method, "get" | "pop") {
            return None;
        }
        if let Some(secret) = self.secret_asked_for(receiver, arguments) {
            return Some(secret);
        }
        if let Some(passed) = self.passed_in_rest(receiver, arguments) {
            return Some(passed);
        }
        let (Kind::Dict(id), "get", Some(key)) = (&receiver.kind, method, arguments.first()) else {
            return None;
        };
        if !self.is_open_key(*id, key) {
            return None;
        }
        let value = self.any_entry(*id, receiver.origins);
        let other = arguments.get(1).cloned().into_iter();
        Some(self.join_values(std::iter::once(value).chain(other).collect()))
    }

    /// What `arguments.get("password")` gives: a secret that the caller may have passed.
    pub(super) fn secret_asked_for(&mut self, receiver: &Value, arguments: &[Value]) -> Option<Value> {
        let name = arguments.first()?.as_str()?;
        let is_missing = match receiver.kind {
            Kind::Dict(id) => self.heap.dict_get(id, &self.heap.key_of(arguments.first()?)?).is_none(),
            _ => true,
        };
        is_missing.then(|| self.secret_item(receiver, name)).flatten()
    }

    /// Whether the arguments of `str.decode` name a charset that only spells text, or none.
    fn is_plain_charset(&self, arguments: &Arguments) -> bool {
        let by_name = || arguments.keywords.iter().find(|(name, _)| self.symbols.as_str(*name) == "encoding");
        match arguments.positional.first().or_else(|| by_name().map(|(_, value)| value)) {
            Some(charset) => charset.as_str().is_some_and(fold::is_plain_charset),
            None => true,
        }
    }

    /// `"_APPDATA/x".replace("_APPDATA", os.getenv("APPDATA"))`: known text with a hole in it.
    fn replace_by_hole(&mut self, receiver: &Value, method: &str, arguments: &[Value]) -> Option<Value> {
        let ("replace", [from, to, ..]) = (method, arguments) else { return None };
        let (text, from) = (receiver.as_str()?, from.as_str()?);
        if from.is_empty() || !matches!(to.kind, Kind::Partial(_)) || !self.heap.spend(text.len()) {
            return None;
        }
        let pieces: Vec<Value> = text.split(from).map(Value::str).collect();
        let mut joined = Vec::with_capacity(pieces.len() * 2);
        for piece in pieces {
            if !joined.is_empty() {
                joined.push(to.clone());
            }
            joined.push(piece.with_origins(receiver.origins));
        }
        Some(self.with_fold(|cx| fold::join_text(cx, &joined)))
    }

    /// A value as text, with the external elements of a list turned into holes.
    fn as_text_deep(&mut self, value: &Value) -> Value {
        match value.kind {
            Kind::List(id) => {
                let items: Vec<Value> = self.heap.elements(id).to_vec();
                if items.iter().all(|v| !matches!(v.kind, Kind::External { .. } | Kind::Unknown)) {
                    return value.clone();
                }
                let items = items.iter().map(|v| self.as_text(v)).collect();
                self.heap.list(items).with_origins(value.origins)
            }
            _ => self.as_text(value),
        }
    }

    /// Arguments with iterators replaced by lists of what they hold.
    pub(super) fn materialized<'a>(&mut self, arguments: &'a Arguments) -> Cow<'a, Arguments> {
        if !arguments.positional.iter().any(|value| matches!(value.kind, Kind::Iter(_))) {
            return Cow::Borrowed(arguments);
        }
        let mut out = arguments.clone();
        for value in &mut out.positional {
            if let Kind::Iter(_) = value.kind
                && let Some(items) = self.iterate(value, 2_000_000)
            {
                let origins = self.origins_of(&items);
                let origins = self.origins.union(origins, value.origins);
                *value = self.heap.list(items).with_origins(origins);
            }
        }
        Cow::Owned(out)
    }
}

/// Whether methods of a value are called here.
pub(super) const fn is_constant_receiver(value: &Value) -> bool {
    matches!(
        value.kind,
        Kind::Str(_)
            | Kind::Bytes(_)
            | Kind::Partial(_)
            | Kind::List(_)
            | Kind::Tuple(_)
            | Kind::Set(_)
            | Kind::Dict(_)
            | Kind::ByteArray(_)
            | Kind::Int(_)
            | Kind::Big(_)
            | Kind::Range(..)
            | Kind::Iter(_)
    )
}

/// The name under which the catalogue lists the methods of a type.
const fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Str(_) | Kind::Partial(_) => "str",
        Kind::Bytes(_) => "bytes",
        Kind::ByteArray(_) => "bytearray",
        Kind::List(_) => "list",
        Kind::Tuple(_) => "tuple",
        Kind::Dict(_) => "dict",
        Kind::Set(_) => "set",
        Kind::Int(_) | Kind::Big(_) => "int",
        _ => "object",
    }
}
