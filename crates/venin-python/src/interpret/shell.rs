//! Command lines and scripts: what a shell is given is read into events too.

use std::rc::Rc;
use std::sync::Arc;

use venin_model::{Argument, CallClass, Event, EventId, Family, MemberPath, OriginKind, Role, Site, Trigger};
use venin_package::{
    Dialect, Operation, ProgramPart, RunBy, parse_command_line, parse_script, read_operations,
    read_program_source,
};

use super::Interpreter;
use super::event_arguments::known;
use super::function::Arguments;
use crate::catalogue;
use crate::value::{Kind, OriginSet, Value};

/// Longest command line that is read, in bytes.
const MAX_COMMAND: usize = 1 << 20;

/// How a program is named that was looked up, with its name and a closing mark behind it.
const LOOKED_UP: &str = "⟨shutil.which(";

/// `shutil.which(name)`: whether there is one nobody knows, but its name is.
pub(super) fn which(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let program = me.argument(arguments, 0, "cmd")?;
    let is_plain = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || "_-.+".contains(c));
    let name = format!("shutil.which({})", program.as_str().filter(is_plain)?);
    Some(me.external(&name))
}

/// A command with the names of programs in the place of their look-up.
pub(super) fn with_programs_named(command: Arc<str>) -> Arc<str> {
    if !command.contains(LOOKED_UP) {
        return command;
    }
    let mut parts = command.split(LOOKED_UP);
    let mut named = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (program, rest) = part.split_once(")⟩").unwrap_or((part, ""));
        named.push_str(program);
        named.push_str(rest);
    }
    Arc::from(named)
}

impl Interpreter<'_> {
    /// Reads the command of a recorded call.
    pub(super) fn read_command(&mut self, event: EventId, command: &Value) {
        for one in self.alternatives(command).iter().take(4) {
            if let Kind::List(id) | Kind::Tuple(id) = one.kind {
                let words: Vec<Value> = self.heap.elements(id).to_vec();
                if self.run_inline_code(&words) {
                    continue;
                }
                self.run_own_module(&words);
            }
            if let Some(text) = self.command_text(one) {
                self.read_command_text(event, &text, one.origins);
            }
        }
    }

    /// A command as one line: a list of words is quoted so that a reader finds the same words again.
    pub(super) fn command_text(&self, command: &Value) -> Option<String> {
        let (Kind::List(id) | Kind::Tuple(id)) = command.kind else {
            return self.full_text(command).map(|text| with_programs_named(Arc::from(text)).to_string());
        };
        let words: Vec<String> = self
            .heap
            .elements(id)
            .iter()
            .take(200)
            .map(|w| self.full_text(w).unwrap_or_else(|| "⟨?⟩".to_owned()))
            .map(|word| quote(&with_programs_named(Arc::from(word))))
            .collect();
        Some(words.join(" "))
    }

    /// The whole text of a value, which what events keep is cut from.
    fn full_text(&self, value: &Value) -> Option<String> {
        match &value.kind {
            Kind::Str(text) if text.as_str().len() <= MAX_COMMAND => Some(text.as_str().to_owned()),
            Kind::Str(_) => None,
            _ => self.render(value).map(|t| t.text.to_string()),
        }
    }

    fn read_command_text(&mut self, event: EventId, text: &str, origins: OriginSet) {
        self.run_written_files(event, text);
        let operations = read_operations(&parse_command_line(text, Dialect::Guess));
        let Some(outer) = self.log.events.get(event.0 as usize) else { return };
        let (site, decoding, class) = (outer.site.clone(), outer.decoding.clone(), outer.class);
        // A single unknown program is what the call itself already says.
        if let [only] = operations.as_slice()
            && (only.class == CallClass::new(Family::Cs, class.action)
                || only.class.family == Family::Cs && only.class.action == venin_model::Action::Spawn)
        {
            return;
        }
        let origins = self.origins.with_event(origins, event);
        self.record_operations(&operations, origins, &|_| site.clone(), &decoding);
    }

    /// Records the operations of a command line or script.
    pub(super) fn record_operations(
        &mut self,
        operations: &[Operation],
        origins: OriginSet,
        site_of: &dyn Fn(&Operation) -> Site,
        decoding: &[Arc<str>],
    ) {
        let mut results: Vec<OriginSet> = Vec::with_capacity(operations.len());
        for operation in operations {
            let flows: Vec<OriginSet> =
                operation.inputs.iter().filter_map(|i| results.get(*i).copied()).collect();
            let input = flows.into_iter().fold(origins, |a, b| self.origins.union(a, b));
            let id = self.push_operation(operation, input, site_of(operation), decoding);
            let mut result = match operation.class.family {
                // Shell data flows on: what is fetched, written or decoded carries what went in.
                Family::Cf | Family::Ce | Family::Cs => input,
                _ => origins,
            };
            if let Some(id) = id {
                result = self.origins.with_event(result, id);
            }
            if let Some(kind) = result_kind(operation) {
                result = self.origins.with_kind(result, kind);
            }
            results.push(result);
            let is_foreign = ["js:", "vbs:"].iter().any(|language| operation.name.starts_with(language));
            if operation.class.family == Family::Cc
                && !is_foreign
                && let Some((_, code)) = operation.arguments.iter().find(|(r, _)| *r == Role::Code)
            {
                let code: Rc<str> = Rc::from(code.as_str());
                self.run_program(&code, input);
            }
        }
    }

    fn push_operation(
        &mut self,
        operation: &Operation,
        input: OriginSet,
        site: Site,
        decoding: &[Arc<str>],
    ) -> Option<EventId> {
        if self.log.events.len() >= self.limits.events {
            self.log.is_full = true;
            return None;
        }
        self.counts.recordings += 1;
        let id = EventId(self.log.events.len() as u32);
        let origins = self.origins.export(input);
        let arguments = operation
            .arguments
            .iter()
            .map(|(role, text)| Argument {
                role: *role,
                keyword: None,
                value: Some(known(text, !text.contains('⟨'), text.chars().count() as u64)),
                origins: origins.clone(),
            })
            .collect();
        self.log.events.push(Event {
            id,
            root: self.root,
            trigger: self.trigger,
            name: Arc::from(operation.name.as_str()),
            class: operation.class,
            arguments,
            input: origins,
            site,
            decoding: decoding.to_vec(),
            conditions: self.branches.conditions.iter().rev().take(8).rev().cloned().collect(),
            function: self.frame().and_then(|f| f.qualified.clone()),
            is_unused: false,
        });
        Some(id)
    }

    /// `[sys.executable, "-c", code]` runs `code` in another interpreter.
    fn run_inline_code(&mut self, words: &[Value]) -> bool {
        let Some(at) = words.iter().position(|w| w.as_str() == Some("-c")) else { return false };
        let Some(code) = words.get(at + 1) else { return false };
        let is_python = self.starts_python(words);
        if let (true, Kind::Str(text)) = (is_python, &code.kind) {
            let text: Rc<str> = text.shared();
            self.run_program(&text, code.origins);
        }
        is_python
    }

    /// `[sys.executable, "-m", module]` and `[sys.executable, path]` run a module of the artifact in another interpreter.
    fn run_own_module(&mut self, words: &[Value]) {
        if !self.starts_python(words) {
            return;
        }
        let file = match words.iter().position(|w| w.as_str() == Some("-m")) {
            Some(at) => {
                let dotted = words.get(at + 1).and_then(Value::as_str);
                let file = dotted.and_then(|dotted| self.project.modules.get(dotted).copied());
                if let (None, Some(dotted)) = (file, dotted.map(str::to_owned)) {
                    self.run_written_by_name(&dotted);
                }
                file
            }
            None => words.iter().skip(1).find_map(|word| self.source_member(word)),
        };
        if let Some(file) = file {
            let dotted = self.modules.names.get(&file).cloned().unwrap_or_else(|| "__main__".to_owned());
            self.run_module(file, &dotted);
        }
    }

    /// Whether the first word of a command is an interpreter of Python.
    fn starts_python(&self, words: &[Value]) -> bool {
        let first =
            words.first().and_then(|w| self.render(w)).map(|t| t.text.to_lowercase()).unwrap_or_default();
        first.contains("python") || first.contains("sys.executable")
    }

    /// Reads the artifact's own shell, batch and PowerShell members, and its sources in other languages.
    pub(super) fn read_scripts(&mut self) {
        let project = self.project;
        for (path, bytes) in &project.scripts {
            let text = String::from_utf8_lossy(bytes);
            if let Some(reading) = read_program_source(path, &text) {
                self.report.gaps.extend(reading.gaps);
                self.read_program(path, &reading.parts);
                continue;
            }
            let Some(reading) = parse_script(path, &text) else { continue };
            self.report.gaps.extend(reading.gaps);
            self.record_member(path, Trigger::Data, &reading.operations);
        }
    }

    /// What the code of an extension module starts: when it is loaded, when it is built, or when it is called.
    fn read_program(&mut self, path: &MemberPath, parts: &[ProgramPart]) {
        for part in parts {
            let trigger = match part.run_by {
                RunBy::Build => Trigger::Build,
                RunBy::Load => Trigger::Import,
                RunBy::Caller => Trigger::Run,
            };
            self.record_member(path, trigger, &part.operations);
        }
    }

    /// Records what a member does, as a root of its own.
    fn record_member(&mut self, path: &MemberPath, trigger: Trigger, operations: &[Operation]) {
        self.begin_root(trigger, self.limits.steps_of_run_root);
        let path: MemberPath = Arc::clone(path);
        let site =
            |operation: &Operation| Site::of_line(Arc::clone(&path), operation.line, &operation.snippet);
        self.record_operations(operations, OriginSet::LITERAL, &site, &[]);
    }
}

/// The origin of what an operation gives, by the catalogue or by its class.
fn result_kind(operation: &Operation) -> Option<OriginKind> {
    if let Some(entry) = catalogue::find_call(&operation.name) {
        return entry.result_origin();
    }
    match (operation.class.family, operation.class.action) {
        (Family::Cn, venin_model::Action::Fetch) => Some(OriginKind::Network),
        (Family::Ch, venin_model::Action::Env) => Some(OriginKind::Env),
        (Family::Ch, _) => Some(OriginKind::Host),
        (Family::Ce, venin_model::Action::Decode) => Some(OriginKind::Decoded),
        _ => None,
    }
}

/// A word quoted for a shell if it needs it.
fn quote(word: &str) -> String {
    let is_plain =
        !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "_-./:=@%+,⟨⟩[]\\~".contains(c));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
