//! Imports: modules of the artifact are run, all others become qualified names.

use std::rc::Rc;
use std::sync::Arc;

use venin_model::{Fact, GapKind, Site};

use super::call::CallSite;
use super::function_parts::documentation;
use super::instructions::find_instruction;
use super::modules::{ModuleState, Unit};
use super::standard_modules::is_standard_module;
use super::{Frame, Interpreter};
use crate::catalogue::is_module;
use crate::project::SourceKind;
use crate::source::ir::{Alias, ImportFrom, Span};
use crate::source::{self, Parsed};
use crate::value::{Kind, Object, Value};

impl Interpreter<'_> {
    pub(super) fn exec_import(&mut self, aliases: &[Alias]) {
        for alias in aliases {
            let dotted = Rc::clone(&alias.name);
            let leaf = self.import_by_name(&dotted);
            match alias.bound {
                Some(name) => self.assign_name(name, leaf),
                None => {
                    let head = dotted.split('.').next().unwrap_or(&dotted).to_owned();
                    let value = if head.len() == dotted.len() { leaf } else { self.import_by_name(&head) };
                    let name = self.symbols.intern(&head);
                    self.assign_name(name, value);
                }
            }
        }
    }

    pub(super) fn exec_import_from(&mut self, import: &ImportFrom) {
        let ImportFrom { module, level, names } = import;
        let base = self.absolute_module(module, *level);
        let source = match self.import_internal(&base) {
            Some(module) => module,
            None if *level > 0 => Value::unknown(),
            None => self.external(&base),
        };
        for alias in names {
            if &*alias.name == "*" {
                self.import_star(&source, &base);
                continue;
            }
            let sym = self.symbols.intern(&alias.name);
            let value = match source.kind {
                Kind::Unknown => {
                    let full = format!("{base}.{}", alias.name);
                    self.import_internal(&full).unwrap_or_else(Value::unknown)
                }
                _ => self.get_attribute(&source, sym),
            };
            self.assign_name(alias.bound.unwrap_or(sym), value);
        }
    }

    /// The dotted name that a relative import means.
    fn absolute_module(&self, module: &str, level: u32) -> String {
        if level == 0 {
            return module.to_owned();
        }
        let package = self.frame().map_or("", |f| &f.package);
        let mut parts: Vec<&str> = package.split('.').filter(|p| !p.is_empty()).collect();
        for _ in 1..level {
            parts.pop();
        }
        parts.extend(module.split('.').filter(|p| !p.is_empty()));
        parts.join(".")
    }

    fn import_star(&mut self, source: &Value, base: &str) {
        match source.kind {
            Kind::Module(id) => {
                let Some(scope) = self.module_scope(id) else { return };
                let Some(Object::Scope { names, .. }) = self.heap.get(scope) else { return };
                let mut all: Vec<_> = names.iter().map(|(k, v)| (*k, v.clone())).collect();
                all.sort_by_key(|(k, _)| *k);
                let listed = self.names_listed(scope);
                for (name, value) in all {
                    if listed.contains(&name) || !self.symbols.as_str(name).starts_with('_') {
                        self.assign_name(name, value);
                    }
                }
            }
            _ => {
                if let Some(globals) = self.frame().map(|f| f.globals) {
                    self.modules.star_imports.entry(globals).or_default().push(Rc::from(base));
                }
            }
        }
    }

    /// The names that a module's `__all__` lists.
    fn names_listed(&mut self, scope: crate::value::ScopeId) -> Vec<crate::value::Sym> {
        let all = self.symbols.intern("__all__");
        let Some(value) = self.scope_get(scope, all).cloned() else { return Vec::new() };
        let items = self.iterate(&value, 1000).unwrap_or_default();
        items.iter().filter_map(Value::as_str).map(|name| self.symbols.intern(name)).collect()
    }

    /// A module by its dotted name, of the artifact or outside it.
    pub(super) fn import_by_name(&mut self, dotted: &str) -> Value {
        if let Some(module) = self.import_internal(dotted) {
            return module;
        }
        // Python 2 looks beside the importing module, and so does a script that is started in its folder.
        let package = self.frame().map(|f| Rc::clone(&f.package)).unwrap_or_else(|| Rc::from(""));
        if !package.is_empty()
            && !is_from_outside(dotted)
            && let Some(module) = self.import_internal(&format!("{package}.{dotted}"))
        {
            return module;
        }
        self.external(dotted)
    }

    /// A module of the artifact, run if it was not yet.  Importing `a.b` runs `a` first.
    pub(super) fn import_internal(&mut self, dotted: &str) -> Option<Value> {
        let project = self.project;
        let file = match project.modules.get(dotted) {
            Some(file) => *file,
            None => return self.namespace_package(dotted).or_else(|| self.import_written(dotted)),
        };
        if let Some((parent, _)) = dotted.rsplit_once('.')
            && self.modules.object_of(file, self.trigger).is_none()
        {
            self.import_internal(parent);
        }
        Some(self.run_module(file, dotted))
    }

    /// A folder of modules without a module of its own.
    fn namespace_package(&mut self, dotted: &str) -> Option<Value> {
        if !self.modules.packages.contains(dotted) {
            return None;
        }
        let scope = self.new_scope(None);
        let module = self.heap.insert(Object::Module(Rc::from(dotted), scope));
        Some(Value::new(Kind::Module(module)))
    }

    /// Runs a module of the artifact unless it is running or has run.
    pub(super) fn run_module(&mut self, file: usize, dotted: &str) -> Value {
        if let Some(object) = self.modules.object_of(file, self.trigger) {
            return Value::new(Kind::Module(object));
        }
        let scope = self.new_scope(None);
        let object = self.heap.insert(Object::Module(Rc::from(dotted), scope));
        let state = ModuleState { object, is_started: true, is_through: false, trigger: self.trigger };
        self.modules.states.insert(file, state);
        let value = Value::new(Kind::Module(object));
        if !self.has_room_for(file) && !self.frames.is_empty() {
            self.defer(file);
            return value;
        }
        let Some(unit) = self.load_unit(file) else { return value };
        let path = self.project.files.get(file).map(|f| Arc::clone(&f.path)).unwrap_or_else(|| Arc::from(""));
        let is_package = path.rsplit('/').next().is_some_and(|name| name.starts_with("__init__."));
        let package: Rc<str> = match dotted.rsplit_once('.') {
            _ if is_package => Rc::from(dotted),
            Some((package, _)) => Rc::from(package),
            None => Rc::from(""),
        };
        for (name, text) in [("__name__", dotted), ("__file__", &*path), ("__package__", &*package)] {
            let name = self.symbols.intern(name);
            self.scope_set(scope, name, Value::str(text));
        }
        if let Some(text) = self.docstring_of(unit) {
            let name = self.symbols.intern("__doc__");
            self.scope_set(scope, name, text);
        }
        match self.source_by_own_codec(file) {
            Some(source) => self.run_unit_as(unit, scope, package, &source, &value),
            None => self.run_unit(unit, scope, package),
        }
        if let Some(state) = self.modules.states.get_mut(&file) {
            state.is_through = true;
        }
        value
    }

    /// Runs what the artifact's own codec makes of a file, in the place of the file.
    fn run_unit_as(
        &mut self,
        unit: u32,
        scope: crate::value::ScopeId,
        package: Rc<str>,
        source: &Value,
        module: &Value,
    ) {
        let Some(code) = self.modules.units.get(unit as usize).map(|u| Rc::clone(&u.code)) else { return };
        self.modules.packages_of_units.insert(unit, Rc::clone(&package));
        self.frames.push(Frame::of_module(unit, scope, package));
        let journals = std::mem::take(&mut self.writes.journals);
        let conditions = std::mem::take(&mut self.branches.conditions);
        let site = CallSite { code, span: Span { start: 0, end: 0 } };
        self.at_site(site, |me| me.run_loaded_code(source, module));
        self.writes.journals = journals;
        self.branches.conditions = conditions;
        self.frames.pop();
    }

    /// The text that a module begins with.
    fn docstring_of(&self, unit: u32) -> Option<Value> {
        let code = &self.modules.units.get(unit as usize)?.code;
        code.documentation(&code.body).map(documentation)
    }

    fn run_unit(&mut self, unit: u32, scope: crate::value::ScopeId, package: Rc<str>) {
        let Some(code) = self.modules.units.get(unit as usize).map(|u| Rc::clone(&u.code)) else { return };
        self.modules.packages_of_units.insert(unit, Rc::clone(&package));
        self.frames.push(Frame::of_module(unit, scope, package));
        // A module that is imported inside a branch runs for good: its names do not go away with the branch.
        let journals = std::mem::take(&mut self.writes.journals);
        let conditions = std::mem::take(&mut self.branches.conditions);
        self.exec_block(&code, &code.body);
        self.writes.journals = journals;
        self.branches.conditions = conditions;
        self.frames.pop();
    }

    /// Parses a file of the artifact.
    fn load_unit(&mut self, file: usize) -> Option<u32> {
        if let Some(unit) = self.modules.file_units.get(&file) {
            return Some(*unit);
        }
        let source = self.project.files.get(file)?;
        let (member, bytes, kind) = (Arc::clone(&source.path), source.bytes, source.kind);
        let parsed = match (kind, &source.text) {
            (SourceKind::Python, Some(text)) => source::parse_shared(text, &mut self.symbols),
            (SourceKind::Python, None) => source::parse_source(bytes, &mut self.symbols),
            (SourceKind::Notebook, _) => source::parse_notebook(bytes, &mut self.symbols),
            (SourceKind::Pth, _) => source::parse_pth(bytes, &mut self.symbols),
            (SourceKind::Bytecode, _) => source::bytecode::parse_pyc(bytes, &mut self.symbols),
        };
        self.note_lowered(&parsed.code);
        if self.modules.files_read.insert(file) {
            self.report.bystanders.note(&member, &parsed.code);
            self.note_problems(&member, &parsed);
        }
        let unit = self.modules.units.len() as u32;
        self.modules.units.push(Unit {
            code: parsed.code,
            member,
            layer: 0,
            outer: None,
            decoding: Rc::from([]),
        });
        self.modules.file_units.insert(file, unit);
        Some(unit)
    }

    fn note_problems(&mut self, member: &Arc<str>, parsed: &Parsed) {
        for problem in parsed.problems.iter().take(20) {
            // A syntax error costs only the lines around it, which the parser names; the rest is read.
            let detail = format!("line {}: {}", problem.line, problem.detail);
            self.gap(problem.kind, Some(Arc::clone(member)), detail);
        }
        self.note_traits(member, parsed);
    }

    fn note_traits(&mut self, member: &Arc<str>, parsed: &Parsed) {
        let traits = &parsed.traits;
        let mut add = |kind: &str, line: u32, message: String, detail: (&str, String)| {
            let text = parsed.code.line_text(line);
            let site = Site::of_line(Arc::clone(member), line, text);
            self.report.facts.push(Fact::new(kind, message).at(site).with(detail.0, detail.1));
        };
        if let Some(line) = traits.hidden_line {
            add(
                "source.hidden-line",
                line,
                "code stands far to the right of its line".into(),
                ("line", line.to_string()),
            );
        }
        if traits.bidi_or_invisible > 0 {
            let n = traits.bidi_or_invisible;
            add(
                "source.invisible-characters",
                1,
                format!("{n} invisible or direction-changing characters"),
                ("count", n.to_string()),
            );
        }
        if traits.non_ascii_identifiers > 0 {
            let n = traits.non_ascii_identifiers;
            add(
                "source.non-ascii-identifiers",
                1,
                format!("{n} identifiers are not ASCII"),
                ("count", n.to_string()),
            );
        }
        if traits.has_nul {
            add("source.nul", 1, "the source holds NUL bytes".into(), ("encoding", traits.encoding.clone()));
        }
        if let Some(line) = find_instruction(&parsed.code) {
            add(
                "source.instructs-model",
                line,
                "a text tells a language model to take secrets and to hide it from its user".into(),
                ("line", line.to_string()),
            );
        }
        if traits.longest_line > 5_000 {
            let n = traits.longest_line;
            add("source.long-line", 1, format!("a line of {n} characters"), ("length", n.to_string()));
        }
    }

    pub(super) fn package_of_unit(&self, unit: u32) -> Rc<str> {
        self.modules.packages_of_units.get(&unit).cloned().unwrap_or_else(|| Rc::from(""))
    }

    /// A gap for a layer that could not be read.
    pub(super) fn note_layer_gap(&mut self, member: &Arc<str>, parsed: &Parsed) {
        if let Some(problem) = parsed.problems.iter().find(|p| is_told(p.kind)) {
            self.gap(
                problem.kind,
                Some(Arc::clone(member)),
                format!("in a decoded layer: {}", problem.detail),
            );
        }
    }
}

/// Whether a problem of a layer is told: syntax errors of what may be no source at all are not.
const fn is_told(kind: GapKind) -> bool {
    matches!(kind, GapKind::Nesting | GapKind::Unsupported | GapKind::AnalysisBudget)
}

/// Whether a module is known to come from outside: `import io` in a package that has an `io.py` of its own means Python's.
fn is_from_outside(dotted: &str) -> bool {
    let head = dotted.split('.').next().unwrap_or(dotted);
    is_standard_module(head) || is_module(head)
}
