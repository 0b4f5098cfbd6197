//! Callbacks: what a call outside the artifact is known to run.

use venin_model::{Action, EventId, Role};

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue::CallEntry;
use crate::source::ir::{Expr, Span, Stmt};
use crate::value::{Kind, ObjId, Object, Sym, Value};

/// The mark of a call whose callback runs long after it.
const LATER: &str = "later";

impl Interpreter<'_> {
    /// Runs what the recorded call at this site is known to run; gives what the call gives, where that is what its callback gives.
    pub(super) fn run_callbacks_here(
        &mut self,
        entry: &CallEntry,
        event: EventId,
        arguments: &Arguments,
    ) -> Option<Value> {
        if entry.invokes.is_empty() {
            return None;
        }
        let results = self.run_callbacks(entry, &arguments.positional, &arguments.keywords);
        self.outcome_of_call(entry, event, arguments, results)
    }

    /// Runs what a call is known to run: its callbacks, a `setup()`'s command classes.  Gives what each of them gave.
    pub(super) fn run_callbacks(
        &mut self,
        entry: &CallEntry,
        positional: &[Value],
        keywords: &[(Sym, Value)],
    ) -> Vec<Value> {
        let given = self.callback_arguments(entry, keywords);
        let mut results = Vec::new();
        for what in entry.invokes {
            if *what == "setup-commands" {
                self.run_setup_commands(keywords);
                continue;
            }
            let role = Role::parse(what);
            let position: Option<usize> = what.parse().ok();
            let mut callbacks: Vec<(Value, Arguments)> = positional
                .iter()
                .enumerate()
                .filter(|(n, _)| {
                    position == Some(*n) || (role.is_some() && entry.args.get(*n).copied() == role)
                })
                .map(|(n, v)| (v.clone(), self.arguments_behind(entry, positional, n, &given)))
                .collect();
            for (name, value) in keywords {
                let keyword = self.symbols.as_str(*name);
                if keyword == *what || (role.is_some() && Some(entry.keyword_role(keyword)) == role) {
                    callbacks.push((value.clone(), given.clone()));
                }
            }
            for (callback, passed) in callbacks {
                results.push(self.run_handed_over(entry, &callback, &passed));
            }
        }
        results
    }

    /// Notes that nobody gets what a callback gives, or the call that it is nothing but: a thread throws it away.
    fn note_answer_dropped(&mut self, callback: &Value) {
        let own = match callback.kind {
            Kind::Function(id) => self.only_call_of(id),
            _ => None,
        };
        let here = || Some((self.unit_index(), self.place.site.as_ref()?.span));
        self.place.unused = own.or_else(here);
    }

    /// The call that a lambda consists of.
    fn only_call_of(&self, function: ObjId) -> Option<(u32, Span)> {
        let Some(Object::Function(function)) = self.heap.get(function) else { return None };
        let code = &function.code;
        let body = &code.functions.get(function.index.0 as usize)?.body;
        let [only] = &**body else { return None };
        match code.stmts.get(only.0 as usize)? {
            (Stmt::Return(Some(value)), _) if matches!(code.expr(*value), Expr::Call { .. }) => {
                Some((function.unit, code.span(*value)))
            }
            _ => None,
        }
    }

    /// Runs one callback of a call; gives what it gave.
    fn run_handed_over(&mut self, entry: &CallEntry, callback: &Value, passed: &Arguments) -> Value {
        let mut given = Vec::new();
        for one in self.alternatives(callback) {
            if let Some(result) = self.awaited_of_call(entry, &one) {
                given.push(result);
            } else if self.is_callable(&one)
                || matches!(one.kind, Kind::External { .. } | Kind::Builtin(_) | Kind::Instance(_))
            {
                if entry.class.action == Action::Thread {
                    self.note_answer_dropped(&one);
                }
                given.push(self.call(&one, passed.clone()));
            }
            if entry.invokes.contains(&LATER) {
                self.remember_late(&one, passed);
            }
            if let Kind::Class(class) = one.kind
                && entry.class.family == venin_model::Family::Cr
            {
                // A server makes an object of the class for every request, and calls these.
                self.run_methods(class, &["setup", "handle"]);
            }
        }
        self.join_values(given)
    }
}
