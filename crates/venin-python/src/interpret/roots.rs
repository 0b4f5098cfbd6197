//! Roots: where execution starts, in which order, and what is left for "run".

use rustc_hash::FxHashSet;
use venin_model::{RootId, Trigger};

use super::Interpreter;
use super::function::Arguments;
use super::function_runs::FunctionRuns;
use crate::source::ir::FunctionIdx;
use crate::value::{HeapEnds, Kind, ObjId, Object, ScopeId, Sym, Value};

/// How many budgets of a root the body of one function gets when its calls are not followed.
const OWN_BODY_SHARE: u64 = 5;

impl Interpreter<'_> {
    /// Runs all roots: those that something runs by itself first, then every module and function that is left.
    pub(super) fn run_roots(&mut self) {
        self.index_packages();
        let project = self.project;
        for root in &project.roots {
            if !self.modules.states.contains_key(&root.file) && !self.has_room_for(root.file) {
                self.end_batch();
            }
            self.begin_root(root.trigger, self.limits.steps);
            let module = self.run_as_module(root.file);
            if let Some(object) = &root.object {
                self.call_entry(&module, object);
            }
            self.run_deferred();
            self.finish_root();
        }
        for file in 0..project.files.len() {
            if !self.modules.files_read.contains(&file) {
                if !self.has_room_for(file) {
                    self.end_batch();
                }
                self.collect_garbage();
                self.begin_root(Trigger::Run, self.limits.steps_of_run_root);
                self.run_as_module(file);
                self.run_deferred();
                self.finish_root();
            }
        }
        self.run_uncalled();
        self.read_pickles();
        self.read_scripts();
    }

    fn index_packages(&mut self) {
        let project = self.project;
        for dotted in project.modules.keys() {
            let mut at = dotted.as_str();
            while let Some((parent, _)) = at.rsplit_once('.') {
                self.modules.packages.insert(parent.to_owned());
                at = parent;
            }
        }
        for (dotted, file) in &project.modules {
            self.modules.names.insert(*file, dotted.clone());
        }
    }

    pub(super) fn begin_root(&mut self, trigger: Trigger, steps: u64) {
        self.reopen_flags();
        self.root = RootId(self.root.0 + 1);
        self.trigger = trigger;
        self.budget.begin_root(steps, &self.limits);
        self.heap.set_ends(HeapEnds::default());
        self.log.begin_root();
        self.pending.begin_root();
        self.branches.conditions.clear();
        self.writes.journals.clear();
        self.exceptions.raised.clear();
        self.exceptions.caught.clear();
        self.frames.clear();
        self.loops.depth = 0;
        self.place.site = None;
    }

    pub(super) fn run_as_module(&mut self, file: usize) -> Value {
        // A script that is run has the name `__main__`; so has a `setup.py`.
        let dotted = self.modules.names.get(&file).cloned();
        let is_script = dotted.is_none() || self.trigger == Trigger::Install;
        match dotted {
            Some(dotted) if !is_script => match self.import_internal(&dotted) {
                Some(module) => module,
                None => self.run_module(file, &dotted),
            },
            _ => self.run_module(file, "__main__"),
        }
    }

    /// Calls the object of an entry point: `main`, `Class.method`, every function whose name begins so (`pytest_*`), or
    /// every class (`*`).
    fn call_entry(&mut self, module: &Value, object: &str) {
        if let Some(prefix) = object.strip_suffix('*') {
            self.call_all(module, prefix);
            return;
        }
        let mut value = module.clone();
        for part in object.split('.') {
            let name = self.symbols.intern(part);
            value = self.get_attribute(&value, name);
        }
        match value.kind {
            Kind::Class(class) => self.run_methods(class, &["initialize_options", "finalize_options", "run"]),
            _ => {
                self.call(&value, Arguments::default());
            }
        }
    }

    /// Calls what a tool looks for in a module by itself.
    fn call_all(&mut self, module: &Value, prefix: &str) {
        let Kind::Module(id) = module.kind else { return };
        let Some(scope) = self.module_scope(id) else { return };
        let Some(Object::Scope { names, .. }) = self.heap.get(scope) else { return };
        let mut held: Vec<_> = names.iter().map(|(name, value)| (*name, value.clone())).collect();
        held.sort_by_key(|(name, _)| *name);
        for (name, value) in held {
            match value.kind {
                Kind::Class(class) if prefix.is_empty() => self.run_methods(class, &[]),
                Kind::Function(_) if !prefix.is_empty() && self.symbols.as_str(name).starts_with(prefix) => {
                    self.call(&value, Arguments::default());
                }
                _ => {}
            }
        }
    }

    /// Runs every function and class that nothing has run, each as a root of its own.
    pub(super) fn run_uncalled(&mut self) {
        let mut classes = FxHashSet::default();
        // Running a function defines those nested in it, so the queue grows while it is worked off.
        while let Some(id) = self.pending.uncalled.front().copied() {
            self.collect_garbage();
            let Some(Object::Function(function)) = self.heap.get(id) else {
                self.pending.uncalled.pop_front();
                continue;
            };
            let (key, class) = ((function.unit, function.index), function.class);
            let is_cut = self.functions.ran.get(&key).map(|runs| runs.is_cut);
            if is_cut != Some(false) && self.budget.steps < self.limits.steps {
                if is_cut.is_none() {
                    let class = class.filter(|c| classes.insert(*c));
                    let fresh = self.never_run(id, class);
                    self.run_uncalled_function(id, class, self.limits.steps_of_run_root);
                    self.run_with_passed(id, class, &fresh);
                    self.run_with_secrets(id, class);
                }
                // What was run to the end of somebody else's budget is run again, for itself.
                let is_cut = self.functions.ran.get(&key).is_some_and(|runs| runs.is_cut);
                if is_cut || self.is_root_spent() {
                    self.run_own_body(id, key);
                }
            }
            self.pending.uncalled.pop_front();
        }
        self.run_wrapped();
    }

    /// Looks at the body of a function alone: too much hangs on it, and what it calls is run on its own.  A loop over a
    /// long text that decodes it is let run to its end.
    fn run_own_body(&mut self, id: ObjId, key: (u32, FunctionIdx)) {
        self.functions.follows_calls = false;
        self.functions.ran.remove(&key);
        let usual = self.limits.steps_of_run_root;
        let extra = usual.saturating_mul(OWN_BODY_SHARE - 1).min(self.budget.steps_to_spare);
        let before = self.budget.steps;
        self.run_uncalled_function(id, None, usual + extra);
        let taken = (self.budget.steps - before).saturating_sub(usual);
        self.budget.steps_to_spare = self.budget.steps_to_spare.saturating_sub(taken);
        self.functions.follows_calls = true;
        let has_events = self.functions.ran.get(&key).is_some_and(|runs| runs.has_events);
        if self.is_root_spent() && has_events {
            self.budget.is_root_cut = true;
        }
    }

    /// Runs one function, or all methods of its class, as a root.
    fn run_uncalled_function(&mut self, id: ObjId, class: Option<ObjId>, steps: u64) {
        let trigger = if self.is_setup_command(id) { Trigger::Install } else { Trigger::Run };
        self.begin_root(trigger, steps);
        if let Some(class) = class {
            self.run_methods(class, &[]);
        }
        let was_run = self.function_key(id).is_some_and(|key| self.functions.ran.contains_key(&key));
        if !was_run || !self.functions.follows_calls {
            self.call_function(id, None, Arguments::default());
        }
        self.finish_root();
    }

    /// Whether a function is a method of a command class in a setup script.  What registers it may be out of sight, and a
    /// setup script has commands for no other purpose.
    fn is_setup_command(&mut self, id: ObjId) -> bool {
        let Some(Object::Function(function)) = self.heap.get(id) else { return false };
        let (unit, Some(class)) = (function.unit, function.class) else { return false };
        let is_script = self.is_setup_script(unit) && !self.setup.is_of_developers(class);
        let Some(Object::Class(class)) = self.heap.get(class).filter(|_| is_script) else { return false };
        class.bases.iter().any(|base| match base.kind {
            Kind::External { name, .. } => {
                let text = self.names.text(name);
                matches!(&*text, "setuptools.Command" | "distutils.cmd.Command" | "distutils.core.Command")
                    || text.starts_with("setuptools.command.")
                    || text.starts_with("distutils.command.")
            }
            _ => false,
        })
    }

    /// The functions among a function, or the methods of its class, that nothing has run.
    fn never_run(&self, id: ObjId, class: Option<ObjId>) -> Vec<ObjId> {
        let ids = class.map_or_else(|| vec![id], |class| self.methods_of(class));
        let has_run =
            |id: &ObjId| self.function_key(*id).is_some_and(|key| self.functions.ran.contains_key(&key));
        ids.into_iter().filter(|id| !has_run(id)).collect()
    }

    /// Runs a function, or the methods of its class, once more with something in the place of each `None` that a caller may
    /// leave out: the body often begins by turning away whoever passed nothing.
    ///
    /// What something ran by itself and led to events is understood well enough.
    fn run_with_passed(&mut self, id: ObjId, class: Option<ObjId>, fresh: &[ObjId]) {
        let ids = class.map_or_else(|| vec![id], |class| self.methods_of(class));
        let steps = self.limits.steps_of_run_root;
        for id in ids {
            let Some(key) = self.function_key(id) else { continue };
            let is_open = |runs: &FunctionRuns| !runs.is_cut && (fresh.contains(&id) || !runs.has_events);
            let is_open = self.functions.ran.get(&key).is_some_and(is_open);
            let passed = self.passed_for_none(id);
            if !is_open || passed.is_empty() || self.budget.steps >= self.limits.steps {
                continue;
            }
            self.begin_root(Trigger::Run, steps);
            self.functions.ran.remove(&key);
            let is_static =
                matches!(self.functions.roles.get(&id), Some(super::special::FunctionRole::Static));
            let receiver = class.filter(|_| !is_static);
            let object = receiver.map(|class| self.instantiate(class, &Arguments::default()));
            let receiver = object.and_then(|object| self.receiver_for(id, &object));
            self.call_function(id, receiver, Arguments { positional: Vec::new(), keywords: passed });
        }
    }

    /// Runs a function, or the methods of its class on an object that was made so, once more with the secrets that a caller may
    /// leave out.
    fn run_with_secrets(&mut self, id: ObjId, class: Option<ObjId>) {
        let init = self.symbols.intern("__init__");
        let made_by = match class.and_then(|class| self.class_attribute(class, init, 0)) {
            Some(Value { kind: Kind::Function(init), .. }) => self.secrets_left_out(init),
            _ => class.map_or_else(Vec::new, |class| self.secret_fields_left_out(class)),
        };
        let ids =
            class.filter(|_| !made_by.is_empty()).map_or_else(|| vec![id], |class| self.methods_of(class));
        let calls: Vec<(ObjId, Vec<(Sym, Value)>)> =
            ids.into_iter().map(|id| (id, self.secrets_left_out(id))).collect();
        let is_idle = made_by.is_empty() && calls.iter().all(|(_, passed)| passed.is_empty());
        if is_idle || self.budget.steps >= self.limits.steps {
            return;
        }
        self.begin_root(Trigger::Run, self.limits.steps_of_run_root);
        let made_by = Arguments { positional: Vec::new(), keywords: made_by };
        let object = class.map(|class| self.instantiate(class, &made_by));
        for (id, keywords) in calls {
            let receiver = object.as_ref().and_then(|object| self.receiver_for(id, object));
            self.call_function(id, receiver, Arguments { positional: Vec::new(), keywords });
        }
        self.finish_root();
    }

    /// Whether the root in course used its whole budget while the analysis has some left.
    const fn is_root_spent(&self) -> bool {
        self.budget.are_steps_spent() && self.budget.steps < self.limits.steps
    }

    /// Frees what nothing reaches any more.  Only between two roots: nothing is in course then.
    pub(super) fn collect_garbage(&mut self) {
        if !self.heap.is_worth_collecting() {
            return;
        }
        self.functions.ran.values_mut().for_each(FunctionRuns::forget_calls);
        self.writes.forget_rewritten();
        let mut roots: Vec<ObjId> = self.pending.objects().collect();
        roots.extend(self.modules.states.values().map(|m| m.object));
        roots.extend(self.functions.roles.keys().copied());
        roots.extend(self.functions.ran.values().filter_map(|r| r.result.as_ref()?.kind.object()));
        roots.extend(self.setup.objects());
        roots.extend(self.written.objects());
        roots.extend(self.made.objects());
        roots.extend(self.notes.objects());
        self.heap.collect(roots);
        let heap = &self.heap;
        self.notes.retain_held(heap);
        let is_scope = |scope: &ScopeId| matches!(heap.get(*scope), Some(Object::Scope { .. }));
        self.modules.star_imports.retain(|scope, _| is_scope(scope));
    }

    /// Unit and index of a function object.
    pub(super) fn function_key(&self, id: ObjId) -> Option<(u32, FunctionIdx)> {
        match self.heap.get(id) {
            Some(Object::Function(function)) => Some((function.unit, function.index)),
            _ => None,
        }
    }
}
