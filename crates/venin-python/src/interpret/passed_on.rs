//! What a call passes on to the function that it runs: threads, timers, executors, schedulers.
//!
//! How the arguments of the function stand among those of the call is data (`invokes` in `data/calls`).

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue::CallEntry;
use crate::value::{Kind, Sym, Value};
use venin_model::Role;

/// Most arguments that are passed on.
const MOST_PASSED: usize = 100;
/// Most elements of a sequence that a function is run over.
const MOST_ELEMENTS: usize = 1000;

/// How the arguments of a callback stand behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passing {
    /// As they are, with the keywords that the call itself does not know: `submit(function, a, key=b)`.
    Rest,
    /// In a sequence, and their keywords in a dictionary: `Timer(seconds, function, args, kwargs)`.
    Packed,
    /// In sequences, one element of each for a call: `map(function, a, b)`.
    Each,
    /// In a sequence of tuples, one for a call: `starmap(function, pairs)`.
    Tuples,
    /// Nothing is said of it.
    Guessed,
}

impl Passing {
    fn of(entry: &CallEntry) -> Self {
        let marks =
            [("rest", Self::Rest), ("packed", Self::Packed), ("each", Self::Each), ("tuples", Self::Tuples)];
        let found = marks.iter().find(|(mark, _)| entry.invokes.contains(mark));
        found.map_or(Self::Guessed, |(_, passing)| *passing)
    }
}

impl Interpreter<'_> {
    /// What a callback is called with that stands at a position: what stands behind it, as the entry says.
    pub(super) fn arguments_behind(
        &mut self,
        entry: &CallEntry,
        positional: &[Value],
        position: usize,
        given: &Arguments,
    ) -> Arguments {
        let rest = positional.get(position + 1..).unwrap_or(&[]);
        let keywords = given.keywords.clone();
        match Passing::of(entry) {
            _ if rest.is_empty() => given.clone(),
            Passing::Rest => Arguments { positional: rest.to_vec(), keywords },
            Passing::Packed => self.packed_behind(entry, positional, position, given),
            Passing::Each => {
                let elements = rest.iter().map(|value| self.any_element(value)).collect();
                Arguments { positional: elements, keywords }
            }
            Passing::Tuples => {
                let tuples = rest.first().and_then(|value| self.iterate(value, MOST_ELEMENTS));
                Arguments { positional: self.columns_of(&tuples.unwrap_or_default()), keywords }
            }
            Passing::Guessed => self.guessed_behind(entry, rest, position, given),
        }
    }

    /// The data behind a callback when its signature is not described: a tuple of arguments or an iterable of them, and the
    /// arguments themselves elsewhere.
    fn guessed_behind(
        &mut self,
        entry: &CallEntry,
        rest: &[Value],
        position: usize,
        given: &Arguments,
    ) -> Arguments {
        let is_data = entry.args.get(position + 1).copied().unwrap_or(Role::Data) == Role::Data;
        if !given.positional.is_empty() || !is_data {
            return given.clone();
        }
        let spread = |value: &Value| matches!(value.kind, Kind::List(_) | Kind::Tuple(_) | Kind::Range(..));
        let positional = match rest {
            [tuple] if matches!(tuple.kind, Kind::Tuple(_)) => {
                self.iterate(tuple, MOST_PASSED).unwrap_or_default()
            }
            _ if rest.iter().all(spread) => rest.iter().map(|v| self.any_element(v)).collect(),
            _ => rest.to_vec(),
        };
        Arguments { positional, keywords: given.keywords.clone() }
    }

    /// The sequence of arguments and the dictionary of keywords that stand in the first two places for data behind a callback.
    fn packed_behind(
        &mut self,
        entry: &CallEntry,
        positional: &[Value],
        position: usize,
        given: &Arguments,
    ) -> Arguments {
        let mut out = given.clone();
        let is_data = |n: &usize| *n > position && entry.args.get(*n) == Some(&Role::Data);
        let mut places = (0..positional.len()).filter(is_data);
        if let Some(packed) = places.next().and_then(|at| positional.get(at)) {
            out.positional = self.unpacked(packed);
        }
        if let Some(named) = places.next().and_then(|at| positional.get(at)) {
            self.spread_keywords(named, &mut out);
        }
        out
    }

    /// The arguments that a sequence holds; of one that is not known, something of it.
    fn unpacked(&mut self, packed: &Value) -> Vec<Value> {
        match self.iterate(packed, MOST_PASSED) {
            Some(items) => items,
            None => vec![self.element_of(packed)],
        }
    }

    /// The arguments that the keywords of a call pass on: in `args=` and `kwargs=` of a thread or timer, or as they are.
    pub(super) fn callback_arguments(&mut self, entry: &CallEntry, keywords: &[(Sym, Value)]) -> Arguments {
        let mut out = Arguments::default();
        if Passing::of(entry) == Passing::Rest {
            let is_own = |name: Sym| entry.keywords.iter().any(|(own, _)| *own == self.symbols.as_str(name));
            out.keywords = keywords.iter().filter(|(name, _)| !is_own(*name)).cloned().collect();
            return out;
        }
        for (name, value) in keywords {
            match self.symbols.as_str(*name) {
                "args" | "argument" => out.positional = self.unpacked(value),
                "kwargs" | "kwds" => self.spread_keywords(value, &mut out),
                _ => {}
            }
        }
        out
    }

    /// One of the elements of a sequence.
    fn any_element(&mut self, value: &Value) -> Value {
        match self.iterate(value, MOST_ELEMENTS) {
            Some(items) => self.join_values(items),
            None => self.element_of(value),
        }
    }

    /// For each place in some tuples what stands there in one of them.
    fn columns_of(&mut self, tuples: &[Value]) -> Vec<Value> {
        let mut columns: Vec<Vec<Value>> = Vec::new();
        for tuple in tuples.iter().take(MOST_PASSED) {
            for (at, item) in self.unpacked(tuple).into_iter().enumerate() {
                match columns.get_mut(at) {
                    Some(column) => column.push(item),
                    None => columns.push(vec![item]),
                }
            }
        }
        columns.into_iter().map(|column| self.join_values(column)).collect()
    }
}
