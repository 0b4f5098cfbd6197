//! The arguments of an event: what a report shows of what a call was given, by role.

use std::sync::Arc;

use venin_model::{Argument, CallClass, KnownText, Role};

use super::Interpreter;
use super::record::MAX_ARGUMENTS;
use super::shell::with_programs_named;
use crate::catalogue::CallEntry;
use crate::value::{Kind, Sym, Value};

/// Most values that are shown of an argument which may be any of them.
const MOST_ALTERNATIVES: usize = 4;

impl Interpreter<'_> {
    pub(super) fn event_arguments(
        &mut self,
        entry: &CallEntry,
        positional: &[Value],
        keywords: &[(Sym, Value)],
    ) -> Vec<Argument> {
        let mut out = Vec::new();
        for (n, value) in positional.iter().enumerate().take(MAX_ARGUMENTS) {
            let role = entry.args.get(n).copied().unwrap_or(Role::Other);
            self.push_argument(&mut out, role, None, value);
        }
        for (name, value) in keywords.iter().take(MAX_ARGUMENTS) {
            let text = self.symbols.text(*name);
            let role = entry.keyword_role(&text);
            let keyword: Arc<str> = Arc::from(&*text);
            self.push_argument(&mut out, role, Some(&keyword), value);
        }
        out
    }

    fn push_argument(
        &mut self,
        out: &mut Vec<Argument>,
        role: Role,
        keyword: Option<&Arc<str>>,
        value: &Value,
    ) {
        // An address for a socket is a pair: host and port are arguments of their own.
        if let (Role::Host, Kind::Tuple(pair)) = (role, &value.kind) {
            let pair: Vec<Value> = self.heap.elements(*pair).iter().take(2).cloned().collect();
            for (part, role) in pair.iter().zip([Role::Host, Role::Port]) {
                self.push_argument(out, role, keyword, part);
            }
            return;
        }
        // What is opened in memory has no path.
        let role = if role == Role::Path && self.is_buffer(value) { Role::Data } else { role };
        let alternatives = self.alternatives_in_role(value, role);
        for one in alternatives.iter().take(MOST_ALTERNATIVES) {
            let mut known = self.render_in_role(one, role);
            if let (Role::Command, Some(known)) = (role, &mut known) {
                known.text = with_programs_named(Arc::clone(&known.text));
            }
            let origins = self.deep_origins(one);
            let origins =
                if alternatives.len() > 1 { origins } else { self.origins.union(origins, value.origins) };
            out.push(Argument {
                role,
                keyword: keyword.cloned(),
                value: known,
                origins: self.origins.export(origins),
            });
        }
    }

    /// The alternatives of an argument.  A command in words has those of the first word that has several.
    pub(super) fn alternatives_in_role(&mut self, value: &Value, role: Role) -> Vec<Value> {
        let (Role::Command, Kind::List(id) | Kind::Tuple(id)) = (role, &value.kind) else {
            return self.alternatives(value);
        };
        let words = self.heap.elements(*id).to_vec();
        let Some(at) = words.iter().position(|w| matches!(w.kind, Kind::Choice(_))) else {
            return vec![value.clone()];
        };
        let choices = words.get(at).map(|w| self.alternatives(w)).unwrap_or_default();
        let mut lists = Vec::new();
        for choice in choices.into_iter().take(MOST_ALTERNATIVES) {
            let mut command = words.clone();
            if let Some(word) = command.get_mut(at) {
                *word = choice;
            }
            lists.push(self.heap.list(command));
        }
        lists
    }

    /// The arguments of the call that made the receiver: `open(path).write(data)` writes to `path`.
    pub(super) fn inherited_arguments(&self, receiver: &Value, own: &[Argument]) -> Vec<Argument> {
        let Kind::External { made_by: Some(maker), .. } = receiver.kind else { return Vec::new() };
        let Some(maker) = self.log.events.get(maker.0 as usize) else { return Vec::new() };
        maker
            .arguments
            .iter()
            .filter(|a| a.role != Role::Other && a.role != Role::Data && a.role != Role::Mode)
            .filter(|a| !own.iter().any(|o| o.role == a.role && o.value.is_some()))
            .cloned()
            .collect()
    }

    /// The class of a call, refined by its options: `shell=True`, a file mode.
    pub(super) fn refined_class(
        &self,
        entry: &CallEntry,
        positional: &[Value],
        keywords: &[(Sym, Value)],
    ) -> CallClass {
        for (keyword, wanted, class) in entry.options {
            let by_keyword =
                keywords.iter().find(|(k, _)| self.symbols.as_str(*k) == *keyword).map(|(_, v)| v);
            let role = Role::parse(keyword);
            let by_position = || {
                let at = entry.args.iter().position(|r| Some(*r) == role)?;
                positional.get(at)
            };
            let Some(value) = by_keyword.or_else(by_position) else { continue };
            let is_match = match (wanted, &value.kind) {
                (None, _) => true,
                (Some(wanted), Kind::Str(text)) => text.as_str().contains(wanted),
                (Some(wanted), Kind::Bool(b)) => *wanted == if *b { "True" } else { "False" },
                (Some(wanted), Kind::Int(i)) => *wanted == i.to_string(),
                (Some(_), _) => false,
            };
            if is_match {
                return *class;
            }
        }
        entry.class
    }

    pub(super) fn value_in_role(
        &self,
        role: Role,
        positional: &[Value],
        keywords: &[(Sym, Value)],
        entry: &CallEntry,
    ) -> Option<Value> {
        let by_position = entry.args.iter().position(|r| *r == role).and_then(|n| positional.get(n));
        let by_keyword = || {
            keywords.iter().find(|(k, _)| entry.keyword_role(self.symbols.as_str(*k)) == role).map(|(_, v)| v)
        };
        by_position.or_else(by_keyword).cloned()
    }
}

/// A known text cut to the length that is kept.
pub(super) fn known(text: &str, is_complete: bool, size: u64) -> KnownText {
    // A character takes a byte at least and one of ASCII no more, so most texts need not be counted.
    let first_beyond = match text.as_bytes().get(..KnownText::MAX) {
        Some(start) if start.is_ascii() && start.len() < text.len() => Some(KnownText::MAX),
        Some(_) => text.char_indices().nth(KnownText::MAX).map(|(at, _)| at),
        None => None,
    };
    match first_beyond {
        Some(at) => KnownText { text: Arc::from(text.get(..at).unwrap_or("")), is_complete: false, size },
        None => KnownText { text: Arc::from(text), is_complete, size },
    }
}
