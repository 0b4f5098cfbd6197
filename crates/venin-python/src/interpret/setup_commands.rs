//! The commands that a setup script registers: `setup(cmdclass={…})`.
//!
//! Those that pip and `build` come to run with the script, and so does one whose name is not known.  One under another
//! name runs with it if something that runs by itself asks for it; otherwise it is what a developer types.

use std::rc::Rc;

use venin_model::Trigger;
use venin_package::is_run_by_builds;

use super::Interpreter;
use super::function::Arguments;
use super::setup_script::MOST_KEPT;
use crate::value::{Kind, ObjId, Object, Sym, Value};

/// What a command calls to have another one made or run, by its name.
pub(super) const ASKING: &[&str] = &[
    "ensure_finalized",
    "get_command_class",
    "get_command_obj",
    "get_finalized_command",
    "reinitialize_command",
    "run_command",
    "set_undefined_options",
];
/// Keywords of `setup` that say which commands run, and the one under which others arrive whose names are not known.
const OPENING: &[&str] = &["script_args", "options", "command_options", "**"];
/// What a list of commands below one gives.
const LISTED: &str = "get_sub_commands()";
/// Most commands below one.
const MOST_BELOW: usize = 100;

impl Interpreter<'_> {
    /// Runs the commands that `setup(…)` registers.
    pub(super) fn run_setup_commands(&mut self, keywords: &[(Sym, Value)]) {
        let mut passed: Vec<(Value, Value)> = Vec::new();
        let mut opens = false;
        for (name, value) in keywords {
            match self.symbols.as_str(*name) {
                "cmdclass" => passed.extend(self.entries_of(value)),
                "distclass" => {
                    opens |= !self.is_plain_distribution(value);
                    if let Kind::Class(class) = value.kind {
                        self.run_methods(class, &["parse_command_line", "run_commands"]);
                    }
                }
                other if OPENING.contains(&other) && self.may_name_commands(value) => opens = true,
                _ => {}
            }
        }
        if self.trigger.is_automatic() && (opens || self.has_other_names_for_commands()) {
            self.open_setup();
        }
        let (own, others): (Vec<_>, Vec<_>) = passed.into_iter().partition(|(name, _)| is_of_own_name(name));
        let room = MOST_KEPT.saturating_sub(self.setup.commands.len());
        let own = own.into_iter().filter_map(|(name, command)| Some((Rc::from(name.as_str()?), command)));
        let (kept, left): (Vec<_>, Vec<_>) = own.enumerate().partition(|(at, _)| *at < room);
        self.setup.commands.extend(kept.into_iter().map(|(_, command)| command));
        let left = left.into_iter().map(|(_, (_, command))| command);
        for command in others.into_iter().map(|(_, command)| command).chain(left) {
            self.run_setup_command(&command);
        }
        self.run_commands_of_developers();
    }

    /// The entries of a dictionary of commands.
    fn entries_of(&self, commands: &Value) -> Vec<(Value, Value)> {
        let dict = |one: &Value| if let Kind::Dict(id) = one.kind { Some(id) } else { None };
        let dicts: Vec<ObjId> = self.alternatives(commands).iter().filter_map(dict).collect();
        dicts.into_iter().flat_map(|id| self.heap.dict_entries(id).cloned()).collect()
    }

    /// Whether a class of distributions leaves to the library which commands run.
    fn is_plain_distribution(&self, class: &Value) -> bool {
        let id = match class.kind {
            Kind::Class(id) => id,
            Kind::External { .. } => return true,
            _ => return false,
        };
        let Some(Object::Class(definition)) = self.heap.get(id) else { return false };
        let is_outside = |base: &Value| matches!(base.kind, Kind::External { .. });
        let Some(Object::Scope { names, .. }) = self.heap.get(definition.scope) else { return false };
        let is_plain = |name: &Sym| {
            let name = self.symbols.as_str(*name);
            matches!(name, "has_ext_modules" | "is_pure" | "__doc__" | "__module__" | "__qualname__")
        };
        definition.bases.iter().all(is_outside) && names.keys().all(is_plain)
    }

    /// Whether an argument of `setup` may say which commands run: options of single commands do not.
    fn may_name_commands(&self, value: &Value) -> bool {
        let Kind::Dict(id) = value.kind else { return !matches!(value.kind, Kind::None) };
        self.heap
            .dict_entries(id)
            .any(|(key, _)| key.as_str().is_none_or(|key| matches!(key, "aliases" | "global")))
    }

    /// Runs a command.
    fn run_setup_command(&mut self, command: &Value) {
        if let Kind::Class(class) = command.kind {
            self.run_methods(class, &["initialize_options", "finalize_options", "run"]);
            self.run_commands_below(class);
        } else if self.is_callable(command) {
            self.call(command, Arguments::default());
        }
    }

    /// Runs the commands that a class names as those below it.
    fn run_commands_below(&mut self, class: ObjId) {
        let Some(name) = self.symbols.find("sub_commands") else { return };
        let Some(listed) = self.class_attribute(class, name, 0) else { return };
        if matches!(listed.kind, Kind::External { .. }) || !self.trigger.is_automatic() {
            return;
        }
        let Some(items) = self.iterate(&listed, MOST_BELOW) else { return self.open_setup() };
        for item in items {
            let name = match item.kind {
                Kind::Tuple(id) | Kind::List(id) => self.heap.elements(id).first().cloned(),
                _ => None,
            };
            self.run_command_named(name.as_ref());
        }
    }

    /// Runs the command that a call of `run_command` or the like asks for.
    pub(super) fn run_asked_command(&mut self, text: &str, arguments: &Arguments) {
        if self.setup.commands.is_empty() {
            return;
        }
        let method = text.rsplit('.').next().unwrap_or(text);
        if ASKING.contains(&method) {
            let command = arguments.positional.first().or_else(|| arguments.keywords.first().map(|(_, v)| v));
            let command = command.cloned();
            self.run_command_named(command.as_ref());
        }
    }

    /// Runs a command by its name; every one that is registered, if the name is not known.
    fn run_command_named(&mut self, name: Option<&Value>) {
        if let Some(Value { kind: Kind::External { name, .. }, .. }) = name
            && self.names.text(*name).contains(LISTED)
        {
            return;
        }
        let names: Vec<Value> = name.map(|name| self.alternatives(name)).unwrap_or_default();
        let texts: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        if texts.len() < names.len() || names.is_empty() {
            return self.run_own_commands(None);
        }
        for name in texts {
            self.run_own_commands(Some(name));
        }
    }

    /// Runs commands under words of developers as what something runs by itself, each once.
    pub(super) fn run_own_commands(&mut self, named: Option<&str>) {
        let is_asked = |(name, _): &(Rc<str>, Value)| named.is_none_or(|named| named == &**name);
        let (asked, left) = std::mem::take(&mut self.setup.commands).into_iter().partition(is_asked);
        self.setup.commands = left;
        let asked: Vec<(Rc<str>, Value)> = asked;
        for (_, command) in asked {
            if let Kind::Class(class) = command.kind {
                self.setup.of_developers.remove(&class);
            }
            self.run_setup_command(&command);
        }
    }

    /// Runs the commands that nothing has asked for as what developers run.  They are kept: something may ask for them yet.
    fn run_commands_of_developers(&mut self) {
        if self.setup.is_open && self.trigger.is_automatic() {
            return self.run_own_commands(None);
        }
        let commands = self.setup.commands.clone();
        let trigger = std::mem::replace(&mut self.trigger, Trigger::Run);
        for (_, command) in commands {
            if let Kind::Class(class) = command.kind
                && matches!(self.heap.get(class), Some(Object::Class(_)))
            {
                self.setup.of_developers.insert(class);
            }
            self.run_setup_command(&command);
        }
        self.trigger = trigger;
    }
}

/// Whether a command has a name that no installation and no build comes to by itself.
fn is_of_own_name(name: &Value) -> bool {
    name.as_str().is_some_and(|name| !is_run_by_builds(name))
}
