//! Callbacks: what a call outside the artifact is known to run.

use std::rc::Rc;

use venin_model::{Role, Trigger};

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue::CallEntry;
use crate::source::ir::Code;
use crate::value::{Kind, ObjId, Sym, Value};

/// The mark of a call whose callback runs long after it.
const LATER: &str = "later";

impl Interpreter<'_> {
    pub(super) fn run_callbacks_here(&mut self, entry: &CallEntry, arguments: &Arguments) {
        if entry.invokes.is_empty() {
            return;
        }
        let Some(site) = self.site.clone() else { return };
        self.run_callbacks(&site.code, entry, &arguments.positional, &arguments.keywords);
    }

    /// Runs what a call is known to run: its callbacks, a `setup()`'s command classes.
    pub(super) fn run_callbacks(
        &mut self,
        _code: &Rc<Code>,
        entry: &CallEntry,
        positional: &[Value],
        keywords: &[(Sym, Value)],
    ) {
        let given = self.callback_arguments(keywords);
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
                for one in self.alternatives(&callback) {
                    if self.is_callable(&one)
                        || matches!(one.kind, Kind::External { .. } | Kind::Builtin(_) | Kind::Instance(_))
                    {
                        self.call(&one, passed.clone());
                    }
                    if entry.invokes.contains(&LATER) {
                        self.remember_late(&one, &passed);
                    }
                    if let Kind::Class(class) = one.kind
                        && entry.class.family == venin_model::Family::Cr
                    {
                        // A server makes an object of the class for every request, and calls these.
                        self.run_methods(class, &["setup", "handle"]);
                    }
                }
            }
        }
    }

    /// What a callback is called with that stands at a position: the data behind it, which is a tuple of arguments in the
    /// signature of threads and timers, an iterable of them in that of `map`, and the arguments themselves elsewhere.
    fn arguments_behind(
        &mut self,
        entry: &CallEntry,
        positional: &[Value],
        position: usize,
        given: &Arguments,
    ) -> Arguments {
        let rest = positional.get(position + 1..).unwrap_or(&[]);
        let is_data = |n: usize| entry.args.get(n).copied().unwrap_or(Role::Data) == Role::Data;
        if !given.positional.is_empty() || rest.is_empty() || !is_data(position + 1) {
            return given.clone();
        }
        let spread = |value: &Value| matches!(value.kind, Kind::List(_) | Kind::Tuple(_) | Kind::Range(..));
        let positional = match rest {
            [tuple] if matches!(tuple.kind, Kind::Tuple(_)) => self.iterate(tuple, 100).unwrap_or_default(),
            _ if rest.iter().all(spread) => rest.iter().map(|v| self.any_element(v)).collect(),
            _ => rest.to_vec(),
        };
        Arguments { positional, keywords: given.keywords.clone() }
    }

    /// One of the elements of a sequence.
    fn any_element(&mut self, value: &Value) -> Value {
        let items = self.iterate(value, 1000).unwrap_or_default();
        self.join_values(items)
    }

    /// The arguments that `args=` and `kwargs=` of a thread or timer pass on.
    fn callback_arguments(&mut self, keywords: &[(Sym, Value)]) -> Arguments {
        let mut out = Arguments::default();
        for (name, value) in keywords {
            match self.symbols.as_str(*name) {
                "args" => out.positional = self.iterate(value, 100).unwrap_or_default(),
                "kwargs" => {
                    let value = value.clone();
                    self.spread_keywords(&value, &mut out);
                }
                _ => {}
            }
        }
        out
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
        let Some(unit) = self.units.get(self.unit_index() as usize) else { return true };
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
