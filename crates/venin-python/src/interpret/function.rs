//! Functions of the artifact: definition, call, and what is remembered of a call.

use std::rc::Rc;
use std::sync::Arc;

use venin_model::Trigger;

use super::{Flow, Frame, FunctionRuns, Interpreter};
use crate::source::ir::{Code, FunctionDef, FunctionIdx, Param, ParamKind};
use crate::value::{Function, Kind, ObjId, Object, OriginSet, ScopeId, Sym, Value};

/// Arguments of a call, evaluated.
#[derive(Debug, Clone, Default)]
pub(super) struct Arguments {
    /// By position.
    pub(super) positional: Vec<Value>,
    /// By keyword.
    pub(super) keywords: Vec<(Sym, Value)>,
}

impl Interpreter<'_> {
    /// Makes a function object in the current scope.
    pub(super) fn make_function(&mut self, code: &Rc<Code>, index: FunctionIdx) -> Value {
        let Some(definition) = code.functions.get(index.0 as usize) else { return Value::unknown() };
        let defaults: Vec<Option<Value>> =
            definition.params.iter().map(|p| p.default.map(|d| self.eval(code, d))).collect();
        let scope = self.closure_scope();
        self.hold_scope(scope);
        let Some(frame) = self.frame() else { return Value::unknown() };
        let function = Function {
            unit: frame.unit,
            code: Rc::clone(code),
            index,
            scope,
            defaults: defaults.into(),
            class: frame.class,
        };
        let key = (function.unit, function.index);
        let id = self.heap.insert(Object::Function(Rc::new(function)));
        if !self.ran.contains_key(&key) && self.defined.insert(key) {
            self.uncalled.push_back(id);
        }
        Value::new(Kind::Function(id))
    }

    /// The scope a function closes over: a class body's names are not seen from its methods.
    fn closure_scope(&self) -> ScopeId {
        let Some(frame) = self.frame() else { return ObjId(0) };
        let is_class_body = frame.class.is_some_and(|c| match self.heap.get(c) {
            Some(Object::Class(class)) => class.scope == frame.scope,
            _ => false,
        });
        match (is_class_body, self.heap.get(frame.scope)) {
            (true, Some(Object::Scope { parent: Some(parent), .. })) => *parent,
            _ => frame.scope,
        }
    }

    pub(super) fn exec_function_def(&mut self, code: &Rc<Code>, index: FunctionIdx) {
        let Some(definition) = code.functions.get(index.0 as usize) else { return };
        let mut value = self.make_function(code, index);
        for decorator in definition.decorators.iter().rev() {
            let decorator_value = self.eval(code, *decorator);
            value = self.decorate(code, code.span(*decorator), &decorator_value, value);
        }
        self.assign_name(definition.name, value);
    }

    /// Calls a function of the artifact.
    pub(super) fn call_function(
        &mut self,
        id: ObjId,
        receiver: Option<Value>,
        arguments: Arguments,
    ) -> Value {
        let Some(Object::Function(function)) = self.heap.get(id) else { return Value::unknown() };
        let function = Rc::clone(function);
        let key = (function.unit, function.index);
        let Some(definition) = function.code.functions.get(function.index.0 as usize) else {
            return Value::unknown();
        };
        let origins = self.argument_origins(&receiver, &arguments);
        if !self.follows_calls && !self.frames.is_empty() {
            return Value::unknown().with_origins(origins);
        }
        let is_of_object = matches!(receiver, Some(Value { kind: Kind::Instance(_), .. }));
        let class = self.class_of_receiver(&receiver);
        let is_open = is_of_object && self.may_differ(key) || self.is_new_to(key, class);
        if !is_open && let Some(result) = self.remembered(key, &arguments, origins) {
            return result;
        }
        if self.frames.len() as u32 >= self.limits.call_depth && !self.is_concrete_call(&arguments) {
            return Value::unknown().with_origins(origins);
        }
        if self.frames.len() > 400 || self.frames.iter().filter(|f| f.function == Some(key)).count() > 120 {
            return Value::unknown().with_origins(origins);
        }
        let scope = self.new_scope(Some(function.scope));
        let given = identities_of(&arguments);
        let kept =
            (definition.is_generator && self.may_send()).then(|| (receiver.clone(), arguments.clone()));
        self.bind_parameters(definition, &function, scope, receiver, arguments);
        let result = self.run_function(&function, definition, scope, key);
        if let Some((receiver, arguments)) = kept {
            self.note_generator(&result, id, receiver, arguments);
        }
        if let Some(runs) = self.ran.get_mut(&key) {
            runs.receiver = class;
            runs.passes_on = position_of(&given, &result).or(runs.passes_on);
        }
        result
    }

    /// Runs a function whatever is remembered of it.
    pub(super) fn run_again(&mut self, id: ObjId, receiver: Option<Value>, arguments: Arguments) -> Value {
        let Some(Object::Function(function)) = self.heap.get(id) else { return Value::unknown() };
        let function = Rc::clone(function);
        let key = (function.unit, function.index);
        let Some(definition) = function.code.functions.get(function.index.0 as usize) else {
            return Value::unknown();
        };
        if self.frames.len() as u32 >= self.limits.call_depth
            || self.frames.iter().any(|f| f.function == Some(key))
        {
            return Value::unknown();
        }
        let scope = self.new_scope(Some(function.scope));
        self.bind_parameters(definition, &function, scope, receiver, arguments);
        self.run_function(&function, definition, scope, key)
    }

    fn argument_origins(&mut self, receiver: &Option<Value>, arguments: &Arguments) -> OriginSet {
        let _ = receiver;
        self.origins_of(arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, v)| v)))
    }

    fn class_of_receiver(&self, receiver: &Option<Value>) -> Option<ObjId> {
        match receiver.as_ref()?.kind {
            Kind::Class(id) => Some(id),
            Kind::Instance(id) => match self.heap.get(id) {
                Some(Object::Instance(instance)) => Some(instance.class),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a short method was run for another class at last: what it calls by way of its receiver may be another method now.
    fn is_new_to(&self, key: (u32, FunctionIdx), class: Option<ObjId>) -> bool {
        const MOST_RUNS: u32 = 8;
        class.is_some()
            && self.trigger.is_automatic()
            && self.ran.get(&key).is_some_and(|runs| {
                let is_short = runs.steps < 500 && runs.runs < MOST_RUNS;
                is_short && !runs.has_events && runs.receiver != class
            })
            && !self.frames.iter().any(|frame| frame.function == Some(key))
    }

    /// Whether every argument is known, so that the call may be a computation worth following to its end.
    fn is_concrete_call(&self, arguments: &Arguments) -> bool {
        let known = |v: &Value| {
            v.is_scalar()
                || matches!(
                    v.kind,
                    Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_) | Kind::Function(_) | Kind::ByteArray(_)
                )
                || self.is_match(v)
        };
        !arguments.positional.is_empty() && arguments.positional.iter().all(known)
    }

    /// Whether a method may give another constant for another object, or for the same one after it changed: a machine whose
    /// every step is one call.
    fn may_differ(&self, key: (u32, FunctionIdx)) -> bool {
        let is_active = self.frames.iter().any(|f| f.function == Some(key));
        !is_active
            && self.ran.get(&key).is_some_and(|runs| {
                let is_text = matches!(
                    runs.result,
                    Some(Value { kind: Kind::Str(_) | Kind::Bytes(_) | Kind::Partial(_), .. })
                );
                let is_turning = self.loop_depth > 0 && runs.runs < 400 && runs.steps < 500;
                !runs.has_events && (is_text && runs.runs < 24 && runs.steps < 5_000 || is_turning)
            })
    }

    /// The result of a function that was run often enough to know it: nothing in it is an event and the arguments
    /// decide nothing.
    fn remembered(
        &mut self,
        key: (u32, FunctionIdx),
        arguments: &Arguments,
        origins: OriginSet,
    ) -> Option<Value> {
        let is_active = self.frames.iter().any(|f| f.function == Some(key));
        let is_concrete = self.is_concrete_call(arguments);
        let runs = self.ran.get(&key)?;
        let is_known = if runs.has_events {
            let most = if self.trigger == Trigger::Run { 4 } else { 24 };
            // A helper that decodes one character and prints a dot is asked for the next one.
            let is_decoding = is_concrete
                && self.loop_depth > 0
                && runs.steps < 500
                && runs.result.as_ref().is_some_and(Value::is_datum);
            !is_decoding && runs.runs >= most || (runs.runs >= 3 && runs.steps > 20_000)
        } else {
            runs.runs >= 1 && !is_concrete || runs.steps > 200_000 && runs.runs >= 8
        };
        if !is_known && (is_concrete || !is_active) {
            return None;
        }
        // What gives back what it is given gives back this argument, and no other that it was given before.
        if let Some(argument) = runs.passes_on.and_then(|at| arguments.positional.get(at)) {
            return Some(argument.clone());
        }
        if !is_active && runs.is_worth_running_again(self.trigger) {
            return None;
        }
        let result = runs.result.clone().unwrap_or_else(Value::unknown);
        let merged = self.origins.union(result.origins, origins);
        Some(match result.kind {
            // A constant that does not depend on the arguments stays; what does would be another one now.
            Kind::Function(_)
            | Kind::Class(_)
            | Kind::Module(_)
            | Kind::Instance(_)
            | Kind::External { .. } => result.with_origins(merged),
            _ if arguments.positional.is_empty() && arguments.keywords.is_empty() => result,
            _ => Value::unknown().with_origins(merged),
        })
    }

    fn bind_parameters(
        &mut self,
        definition: &FunctionDef,
        function: &Function,
        scope: ScopeId,
        receiver: Option<Value>,
        arguments: Arguments,
    ) {
        let mut positional =
            receiver.into_iter().chain(arguments.positional).collect::<std::collections::VecDeque<_>>();
        let mut keywords = arguments.keywords;
        for (n, param) in definition.params.iter().enumerate() {
            let value = match param.kind {
                ParamKind::Star => {
                    let rest: Vec<Value> = positional.drain(..).collect();
                    let origins = if rest.is_empty() { self.rest_origins() } else { self.origins_of(&rest) };
                    self.heap.tuple(rest).with_origins(origins)
                }
                ParamKind::DoubleStar => {
                    let rest = std::mem::take(&mut keywords);
                    let origins = if rest.is_empty() { self.rest_origins() } else { OriginSet::EMPTY };
                    let items =
                        rest.into_iter().map(|(k, v)| (Value::str(self.symbols.text(k)), v)).collect();
                    let rest = self.heap.dict(items);
                    let origins = self.origins.union(rest.origins, origins);
                    let rest = rest.with_origins(origins);
                    self.keep_open(&rest);
                    rest
                }
                _ => {
                    let by_keyword = keywords.iter().position(|(k, _)| *k == param.name);
                    match by_keyword {
                        Some(at) => keywords.swap_remove(at).1,
                        None => match (param.kind == ParamKind::Positional)
                            .then(|| positional.pop_front())
                            .flatten()
                        {
                            Some(value) => value,
                            None => {
                                let default = function.defaults.get(n).cloned().flatten();
                                self.missing_argument(param, default, definition, function.scope)
                            }
                        },
                    }
                }
            };
            self.raw_bind(scope, param.name, value);
        }
    }

    /// Where the rest of the arguments comes from when none is known: a caller outside the artifact may pass any.
    fn rest_origins(&mut self) -> OriginSet {
        if !self.frames.is_empty() {
            return OriginSet::EMPTY;
        }
        self.origins.with_kind(OriginSet::EMPTY, venin_model::OriginKind::Argument)
    }

    /// A parameter nobody passed: its default, or what a caller outside the artifact would pass.
    fn missing_argument(
        &mut self,
        param: &Param,
        default: Option<Value>,
        definition: &FunctionDef,
        scope: ScopeId,
    ) -> Value {
        if let Some(default) = default {
            return default;
        }
        let passed = self.passed_argument(param.name, &definition.qualified);
        match param.annotation {
            Some(class) if self.frames.is_empty() => self.passed_object(class, scope, passed),
            _ => passed,
        }
    }

    /// An object of the class of the artifact that a parameter is annotated with, if it is, with the origins of what is passed.
    fn passed_object(&mut self, class: Sym, scope: ScopeId, passed: Value) -> Value {
        let globals = self.globals_of(scope);
        let held = self.scope_get(scope, class).or_else(|| self.scope_get(globals, class));
        match held.map(|value| &value.kind) {
            // An object that takes another one of its kind is passed one that nobody made.
            Some(&Kind::Class(class)) if self.class_passed.is_none() => {
                self.class_passed = Some(class);
                let object = self.instantiate(class, &Arguments::default());
                self.class_passed = None;
                object.with_origins(passed.origins)
            }
            _ => passed,
        }
    }

    /// What a caller outside the artifact would pass in the place of each default that is `None`, and of each
    /// empty text that stands for a secret.
    pub(super) fn passed_for_none(&mut self, id: ObjId) -> Vec<(Sym, Value)> {
        let Some(Object::Function(function)) = self.heap.get(id) else { return Vec::new() };
        let function = Rc::clone(function);
        let Some(definition) = function.code.functions.get(function.index.0 as usize) else {
            return Vec::new();
        };
        let with_defaults = definition.params.iter().zip(function.defaults.iter());
        let qualified = definition.qualified.clone();
        let left_out = with_defaults.filter(|(param, default)| {
            default.as_ref().is_some_and(|value| {
                matches!(value.kind, Kind::None) || self.is_secret_left_out(param.name, &qualified, value)
            })
        });
        let names: Vec<Sym> = left_out.map(|(param, _)| param.name).collect();
        names.into_iter().map(|name| (name, self.passed_argument(name, &qualified))).collect()
    }

    /// The secrets that a caller of a function may leave out, as one who passes them does.
    pub(super) fn secrets_left_out(&mut self, id: ObjId) -> Vec<(Sym, Value)> {
        let mut passed = self.passed_for_none(id);
        passed
            .retain(|(_, value)| self.origins.kinds(value.origins).contains(venin_model::OriginKind::Secret));
        passed
    }

    fn raw_bind(&mut self, scope: ScopeId, name: Sym, value: Value) {
        if let Some(Object::Scope { names, .. }) = self.heap.get_mut(scope) {
            names.insert(name, value);
        }
    }

    fn run_function(
        &mut self,
        function: &Rc<Function>,
        definition: &FunctionDef,
        scope: ScopeId,
        key: (u32, FunctionIdx),
    ) -> Value {
        let globals = self.globals_of(function.scope);
        let package = self.package_of_unit(function.unit);
        let recordings_before = self.recordings;
        let changes_before = self.changes;
        let cuts_before = self.cuts;
        let steps_before = self.steps;
        self.frames.push(Frame {
            unit: function.unit,
            scope,
            globals,
            package,
            function: Some(key),
            qualified: Some(Arc::clone(&definition.qualified)),
            class: function.class,
            globals_declared: Rc::clone(&definition.globals),
            nonlocals_declared: Rc::clone(&definition.nonlocals),
            returns: Vec::new(),
            yields: Vec::new(),
            open_loops: 0,
            has_open_yields: false,
        });
        let conditions = self.conditions.len();
        let written_before = self.journal_len();
        let flow = self.exec_block(&function.code, &definition.body);
        self.forget_writes(scope, written_before);
        self.conditions.truncate(conditions);
        let Some(frame) = self.frames.pop() else { return Value::unknown() };
        let has_events = self.recordings != recordings_before;
        let result = if definition.is_generator {
            let origins = self.origins_of(&frame.yields);
            let iterator = self.heap.insert(Object::Iter(frame.yields, 0));
            if frame.has_open_yields {
                self.open_generators.insert(iterator);
            }
            Value::new(Kind::Iter(iterator)).with_origins(origins)
        } else {
            let mut returns = frame.returns;
            // Falling off the end returns None, which only matters when nothing else is returned.
            if returns.is_empty() && flow != Flow::Raise {
                returns.push(Value::none());
            }
            self.join_values(returns)
        };
        let steps = self.steps - steps_before;
        let is_cut = self.steps >= self.steps_end || self.cuts != cuts_before;
        let runs = self.ran.entry(key).or_insert(FunctionRuns {
            runs: 0,
            has_events: false,
            steps: 0,
            is_cut,
            has_changes: false,
            receiver: None,
            passes_on: None,
            result: None,
        });
        runs.has_changes |= self.changes != changes_before;
        runs.runs += 1;
        runs.is_cut &= is_cut;
        runs.has_events |= has_events;
        runs.steps = runs.steps.max(steps);
        runs.result = Some(result.clone());
        result
    }

    /// The outermost scope of a chain: the module's.
    pub(super) fn globals_of(&self, scope: ScopeId) -> ScopeId {
        let mut at = scope;
        for _ in 0..64 {
            match self.heap.get(at) {
                Some(Object::Scope { parent: Some(parent), .. }) => at = *parent,
                _ => break,
            }
        }
        at
    }
}

impl FunctionRuns {
    /// Whether one more run may leave something else behind: the function changes what outlives it, and is short.  Of code that
    /// somebody must call there is much more, and less hangs on it.
    const fn is_worth_running_again(&self, trigger: Trigger) -> bool {
        let most = match (self.steps, trigger.is_automatic()) {
            (..500, true) => 16,
            (500..5_000, true) => 3,
            (..500, false) => 2,
            _ => 1,
        };
        self.has_changes && self.runs < most
    }
}

/// The arguments by position that are functions, classes or objects: what a decorator may give back as it is.
fn identities_of(arguments: &Arguments) -> Vec<(usize, ObjId)> {
    let identity = |(at, value): (usize, &Value)| match value.kind {
        Kind::Function(id) | Kind::Class(id) | Kind::Instance(id) | Kind::Method(id) => Some((at, id)),
        _ => None,
    };
    arguments.positional.iter().enumerate().filter_map(identity).collect()
}

/// The position of the argument that is a result.
fn position_of(given: &[(usize, ObjId)], result: &Value) -> Option<usize> {
    let (Kind::Function(id) | Kind::Class(id) | Kind::Instance(id) | Kind::Method(id)) = result.kind else {
        return None;
    };
    given.iter().find(|(_, argument)| *argument == id).map(|(at, _)| *at)
}
