//! Callbacks of calls that are no events: `re.sub(pattern, function, text)`, `logger.addHandler(handler)`.
//!
//! Which calls run what they are given is data (`data/calls/callbacks.toml`).  What is run gets what
//! the library passes of what it was given itself ([`super::given`]).

use venin_model::Family;

use super::Interpreter;
use super::function::Arguments;
use super::given::Given;
use super::occasions::Occasion;
use crate::catalogue::CallbackEntry;
use crate::value::{Kind, NameId, ObjId, Object, Value};

/// Most functions of a container, or methods of a class, that one call runs.
const MAX_RUN: usize = 32;
/// Most callbacks that wait for another call.
const MAX_WAITING: usize = 256;
/// Most classes that are looked through for methods.
const MAX_CLASSES: usize = 16;

/// Calls that make an object again from what it was reduced to.
const UNPICKLING: &[&str] = &[
    "pickle.loads",
    "pickle.load",
    "pickle._loads",
    "pickle._load",
    "cloudpickle.loads",
    "cloudpickle.load",
    "dill.loads",
    "dill.load",
    "joblib.load",
    "torch.load",
];

/// Something that another call will run.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    callback: Value,
    /// The arguments of the call that was given it; what unpickling calls is called with them.
    arguments: Arguments,
    /// How it is run; without an entry, unpickling calls it.
    entry: Option<&'static CallbackEntry>,
    /// What it was given under.
    occasion: Occasion,
    /// Whether the body of a module gave it.
    is_of_module: bool,
}

/// What a callback is called with.
#[derive(Debug)]
struct Passed {
    /// A function of the artifact.
    to_own: Arguments,
    /// A function from outside it.
    to_others: Arguments,
}

/// What is passed, as far as an entry says; a function from outside gets a datum of the call instead where it does not.
fn or_datum(passed: Arguments, entry: &CallbackEntry, own: &Arguments) -> Passed {
    let datum = || own.positional.iter().find(|value| value.is_scalar()).cloned();
    let to_others = if entry.passes.is_empty() {
        Arguments { positional: datum().into_iter().collect(), keywords: Vec::new() }
    } else {
        passed.clone()
    };
    Passed { to_own: passed, to_others }
}

impl Waiting {
    /// Whether a call in another root may run it.
    pub(super) fn outlasts_root(&self) -> bool {
        self.is_of_module && self.entry.is_some_and(|entry| !entry.when.is_empty())
    }

    /// The objects of the artifact that it needs.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjId> {
        let passed = self.arguments.positional.iter();
        let passed = passed.chain(self.arguments.keywords.iter().map(|(_, value)| value));
        std::iter::once(&self.callback).chain(passed).filter_map(|value| value.kind.object())
    }

    fn is_due(&self, name: &str) -> bool {
        match self.entry {
            Some(entry) => entry.when.contains(&name) || entry.again.contains(&name),
            None => UNPICKLING.contains(&name),
        }
    }
}

impl Interpreter<'_> {
    /// Runs what a call is given, as its entry says.
    pub(super) fn run_given(&mut self, entry: &'static CallbackEntry, arguments: &Arguments) {
        for what in entry.runs {
            let position = what.parse().unwrap_or(usize::MAX);
            let Some(callback) = self.argument(arguments, position, what) else { continue };
            if entry.when.is_empty() {
                let running = if entry.again.is_empty() { arguments } else { &Arguments::default() };
                let passed = self.arguments_passed(entry, Given { own: arguments, running });
                let passed = or_datum(passed, entry, arguments);
                self.run_callback(&callback, entry, &passed, 0);
            }
            let is_awaited = !entry.when.is_empty() || !entry.again.is_empty();
            if is_awaited && self.pending.waiting.len() < MAX_WAITING {
                self.pending.waiting.push(Waiting {
                    callback,
                    arguments: arguments.clone(),
                    entry: Some(entry),
                    occasion: self.occasion(),
                    is_of_module: self.frame().is_none_or(|frame| frame.function.is_none()),
                });
            }
        }
        if let Some(base) = entry.subclasses {
            for class in self.classes_in_course(base) {
                let instance = self.instantiate(class, &Arguments::default());
                self.run_matching_methods(&instance, entry.methods, &Arguments::default());
            }
        }
    }

    /// What a method from outside the artifact runs of the object that it is called on: of an instance of an own class, or of
    /// the one whose method calls `super()`.
    pub(super) fn run_of_receiver(&mut self, receiver: &Value, name: NameId, arguments: &Arguments) {
        let entry = self.known_name(name).callback.filter(|entry| entry.runs.contains(&"receiver"));
        let Some(entry) = entry else { return };
        let receiver = match receiver.kind {
            Kind::External { name, .. } if &*self.names.text(name) == "super()" => self.receiver_in_course(),
            _ => Some(receiver.clone()),
        };
        if let Some(receiver) = receiver {
            let passed = self.arguments_passed(entry, Given { own: arguments, running: arguments });
            self.run_matching_methods(&receiver, entry.methods, &passed);
        }
    }

    /// The object whose method is in execution.
    fn receiver_in_course(&self) -> Option<Value> {
        self.frame().filter(|frame| frame.class.is_some())?;
        self.first_parameter()
    }

    /// Keeps what an object was reduced to until something is unpickled.
    pub(super) fn wait_for_unpickling(&mut self, (callback, arguments): (Value, Arguments)) {
        if self.pending.waiting.len() < MAX_WAITING {
            let occasion = self.occasion();
            self.pending.waiting.push(Waiting {
                callback,
                arguments,
                entry: None,
                occasion,
                is_of_module: false,
            });
        }
    }

    /// Runs what waits for a call of this name.  What is run at every such call waits on once all that is due is run.
    pub(super) fn run_waiting(&mut self, name: &str, running: &Arguments) {
        // Most calls run nothing, and what a module registered waits for long.
        if !self.pending.waiting.iter().any(|waiting| waiting.is_due(name)) {
            return;
        }
        let (due, left) = std::mem::take(&mut self.pending.waiting).into_iter().partition(|w| w.is_due(name));
        self.pending.waiting = left;
        let due: Vec<Waiting> = due;
        for waiting in &due {
            self.on_occasion(&waiting.occasion, |me| match waiting.entry {
                Some(entry) => {
                    let passed = me.arguments_passed(entry, Given { own: &waiting.arguments, running });
                    let passed = or_datum(passed, entry, &waiting.arguments);
                    me.run_callback(&waiting.callback, entry, &passed, 0);
                }
                None => {
                    me.call(&waiting.callback, waiting.arguments.clone());
                }
            });
        }
        let is_kept = |waiting: &Waiting| waiting.entry.is_some_and(|entry| !entry.again.is_empty());
        self.pending.waiting.extend(due.into_iter().filter(is_kept));
    }

    fn run_callback(&mut self, callback: &Value, entry: &'static CallbackEntry, passed: &Passed, depth: u8) {
        for one in self.alternatives(callback).into_iter().take(MAX_RUN) {
            match one.kind {
                Kind::Function(_) | Kind::Method(_) => {
                    self.call(&one, passed.to_own.clone());
                }
                Kind::Builtin(id) if matches!(self.heap.get(id), Some(Object::Partial(_))) => {
                    self.call(&one, passed.to_own.clone());
                }
                Kind::External { name, .. } if self.runs_programs(name) => {
                    self.call(&one, passed.to_others.clone());
                }
                Kind::Class(class) => {
                    let instance = self.instantiate(class, &Arguments::default());
                    self.run_matching_methods(&instance, entry.methods, &passed.to_own);
                }
                Kind::Instance(_) if entry.methods.is_empty() => {
                    self.call_protocol(&one, "__call__", passed.to_own.positional.clone());
                }
                Kind::Instance(_) => self.run_matching_methods(&one, entry.methods, &passed.to_own),
                Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_) if depth < 2 => {
                    for callback in self.held_by(&one) {
                        self.run_callback(&callback, entry, passed, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a call of a name starts programs or executes code.
    fn runs_programs(&mut self, name: NameId) -> bool {
        let call = self.known_name(name).call;
        call.is_some_and(|entry| matches!(entry.class.family, Family::Cs | Family::Cc))
    }

    fn held_by(&self, container: &Value) -> Vec<Value> {
        match container.kind {
            Kind::List(id) | Kind::Tuple(id) => {
                self.heap.elements(id).iter().take(MAX_RUN).cloned().collect()
            }
            Kind::Dict(id) => self.heap.dict_entries(id).take(MAX_RUN).map(|(_, v)| v.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// Runs the methods of an instance whose names match one of some patterns, those of its bases in the artifact too.
    fn run_matching_methods(&mut self, instance: &Value, patterns: &[&str], passed: &Arguments) {
        let Kind::Instance(id) = instance.kind else { return };
        let Some(Object::Instance(object)) = self.heap.get(id) else { return };
        for method in self.matching_methods(object.class, patterns) {
            if self.is_running(&Value::new(Kind::Function(method))) {
                continue;
            }
            let receiver = self.receiver_for(method, instance);
            self.call_function(method, receiver, passed.clone());
        }
    }

    fn matching_methods(&self, class: ObjId, patterns: &[&str]) -> Vec<ObjId> {
        let mut found = Vec::new();
        let mut open = vec![class];
        let mut seen = 0;
        while let Some(at) = open.pop() {
            seen += 1;
            let Some(Object::Class(definition)) = self.heap.get(at) else { continue };
            if let Some(Object::Scope { names, .. }) = self.heap.get(definition.scope) {
                found.extend(names.iter().filter_map(|(name, value)| match value.kind {
                    Kind::Function(id) if matches_any(self.symbols.as_str(*name), patterns) => Some(id),
                    _ => None,
                }));
            }
            if seen < MAX_CLASSES {
                open.extend(definition.bases.iter().filter_map(|b| match b.kind {
                    Kind::Class(id) => Some(id),
                    _ => None,
                }));
            }
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(MAX_RUN);
        found
    }

    /// The classes of the module in course that derive from one outside the artifact.
    fn classes_in_course(&self, base: &str) -> Vec<ObjId> {
        let Some(globals) = self.frame().map(|f| f.globals) else { return Vec::new() };
        let Some(Object::Scope { names, .. }) = self.heap.get(globals) else { return Vec::new() };
        let classes =
            names.values().filter_map(|v| if let Kind::Class(id) = v.kind { Some(id) } else { None });
        let mut found: Vec<ObjId> =
            classes.filter(|id| self.external_bases(*id).iter().any(|name| &**name == base)).collect();
        found.sort_unstable();
        found.dedup();
        found.truncate(MAX_CLASSES);
        found
    }
}

/// Whether a name is one of some patterns, of which `*` at the end stands for any rest.
fn matches_any(name: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}
