//! Callbacks: what a call outside the artifact is known to run.

use venin_model::{EventId, Role, Trigger};

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue::CallEntry;
use crate::value::{Kind, ObjId, Sym, Value};

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

    /// Runs one callback of a call; gives what it gave.
    fn run_handed_over(&mut self, entry: &CallEntry, callback: &Value, passed: &Arguments) -> Value {
        let mut given = Vec::new();
        for one in self.alternatives(callback) {
            if let Some(result) = self.awaited_of_call(entry, &one) {
                given.push(result);
            } else if self.is_callable(&one)
                || matches!(one.kind, Kind::External { .. } | Kind::Builtin(_) | Kind::Instance(_))
            {
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

    /// Runs the command classes that `setup(cmdclass={…})` registers.
    fn run_setup_commands(&mut self, keywords: &[(Sym, Value)]) {
        let commands: Vec<Value> = keywords
            .iter()
            .filter(|(name, _)| self.symbols.as_str(*name) == "cmdclass")
            .map(|(_, v)| v.clone())
            .collect();
        let classes = keywords.iter().filter(|(name, _)| self.symbols.as_str(*name) == "distclass");
        let classes: Vec<ObjId> =
            classes.filter_map(|(_, v)| if let Kind::Class(id) = v.kind { Some(id) } else { None }).collect();
        for class in classes {
            self.run_methods(class, &["parse_command_line", "run_commands"]);
        }
        for value in commands {
            for one in self.alternatives(&value) {
                let Kind::Dict(id) = one.kind else { continue };
                let entries: Vec<(Value, Value)> = self.heap.dict_entries(id).cloned().collect();
                for (name, class) in entries {
                    self.run_setup_command(&name, &class);
                }
            }
        }
    }

    /// Runs one command of a setup script: as what the installation does if pip comes to it.
    fn run_setup_command(&mut self, name: &Value, class: &Value) {
        let is_reached = name.as_str().is_none_or(|name| is_run_by_pip(name) || self.is_run_by_others(name));
        let trigger = self.trigger;
        if !is_reached {
            self.trigger = Trigger::Run;
        }
        if let Kind::Class(class) = class.kind {
            self.run_methods(class, &["initialize_options", "finalize_options", "run"]);
        } else if self.is_callable(class) {
            self.call(class, Arguments::default());
        }
        self.trigger = trigger;
    }

    /// Whether the script may have a command run by another one, or names it in the arguments that it sets itself.
    fn is_run_by_others(&mut self, name: &str) -> bool {
        let Some(unit) = self.modules.units.get(self.unit_index() as usize) else { return true };
        let text = &*unit.code.text;
        if !self.heap.work(text.len()) {
            return true;
        }
        let others =
            ["run_command", "sub_commands", "script_args", "sys.argv", "get_finalized_command", "aliases"];
        text.matches(name).count() > 1 && others.iter().any(|other| text.contains(other))
    }
}

/// Whether pip comes to a command of a setup script: when it builds a wheel, installs without one, or asks for metadata.
fn is_run_by_pip(name: &str) -> bool {
    const FIRST: [&str; 4] = ["install", "build", "bdist", "develop"];
    const WHOLE: [&str; 5] = ["egg_info", "dist_info", "editable_wheel", "sdist", "clean"];
    FIRST.iter().any(|first| name.starts_with(first)) || WHOLE.contains(&name)
}
