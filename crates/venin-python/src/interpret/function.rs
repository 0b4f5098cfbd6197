//! Functions of the artifact: definition and call.
//!
//! Parameters stand in [`super::parameters`], and whether a call is run or remembered in [`super::function_runs`].

use std::rc::Rc;
use std::sync::Arc;

use super::call_signatures::CallSignature;
use super::function_runs::{FunctionRuns, identities_of, position_of};
use super::{Flow, Frame, Interpreter};
use crate::source::ir::{Code, FunctionDef, FunctionIdx};
use crate::value::{Function, Kind, ObjId, Object, ScopeId, Sym, Value};

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
        if !self.functions.ran.contains_key(&key) && self.functions.defined.insert(key) {
            self.pending.uncalled.push_back(id);
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
        let origins = self.origins_given(&arguments);
        let signature = self.signature_of(&function, &receiver, &arguments);
        if !self.functions.follows_calls && !self.frames.is_empty() {
            return Value::unknown().with_origins(origins);
        }
        let is_of_object = matches!(receiver, Some(Value { kind: Kind::Instance(_), .. }));
        let class = self.class_of_receiver(&receiver);
        let is_open = is_of_object && self.may_differ(key)
            || self.is_new_to(key, class)
            || self.may_depend(key, &arguments)
            || self.is_given_anew(key, signature);
        if !is_open && let Some(result) = self.remembered(key, &arguments, signature, origins) {
            if self.is_given_up(key, &arguments) {
                self.tell_given_up(function.unit, &definition.qualified);
            }
            return result;
        }
        if self.is_going_round(key, signature)
            || self.frames.len() as u32 >= self.limits.call_depth && !self.is_concrete_call(&arguments)
        {
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
        let result = self.run_function(&function, definition, scope, signature);
        if let Some((receiver, arguments)) = kept {
            self.note_generator(&result, id, receiver, arguments);
        }
        if let Some(runs) = self.functions.ran.get_mut(&key) {
            runs.receiver = class;
            runs.passes_on = position_of(&given, &result).or(runs.passes_on);
            runs.note_call(signature, &result);
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
        self.run_function(&function, definition, scope, CallSignature::default())
    }

    fn run_function(
        &mut self,
        function: &Rc<Function>,
        definition: &FunctionDef,
        scope: ScopeId,
        given: CallSignature,
    ) -> Value {
        let key = (function.unit, function.index);
        let globals = self.globals_of(function.scope);
        let package = self.package_of_unit(function.unit);
        let recordings_before = self.counts.recordings;
        let changes_before = self.counts.changes;
        let reads_before = self.writes.rewritten_reads();
        let cuts_before = self.budget.cuts;
        let steps_before = self.budget.steps;
        let lessons_before = self.loops.lessons;
        self.counts.activations += 1;
        self.frames.push(Frame {
            unit: function.unit,
            scope,
            globals,
            package,
            function: Some(key),
            given,
            changes: self.changes_so_far(),
            activation: self.counts.activations,
            qualified: Some(Arc::clone(&definition.qualified)),
            class: function.class,
            globals_declared: Rc::clone(&definition.globals),
            nonlocals_declared: Rc::clone(&definition.nonlocals),
            returns: Vec::new(),
            yields: Vec::new(),
            open_loops: 0,
            has_open_yields: false,
        });
        let conditions = self.branches.conditions.len();
        let written_before = self.journal_len();
        let flow = self.exec_block(&function.code, &definition.body);
        self.forget_writes(scope, written_before);
        self.branches.conditions.truncate(conditions);
        let Some(frame) = self.frames.pop() else { return Value::unknown() };
        let has_events = self.counts.recordings != recordings_before;
        let result = if definition.is_generator {
            let origins = self.origins_of(&frame.yields);
            let iterator = self.heap.insert(Object::Iter(frame.yields, 0));
            if frame.has_open_yields {
                self.notes.open_generators.insert(iterator);
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
        let steps = self.budget.steps - steps_before;
        let has_shown = self.loops.lessons != lessons_before;
        let is_cut = self.budget.are_steps_spent() || self.budget.cuts != cuts_before;
        let runs = self.functions.ran.entry(key).or_insert_with(|| FunctionRuns::begun(is_cut));
        runs.has_changes |= self.counts.changes != changes_before;
        runs.note_changes_seen(self.writes.rewritten_reads() - reads_before, self.counts.changes);
        runs.is_cut &= is_cut;
        runs.unasked_runs += u32::from(self.trigger.is_automatic());
        runs.has_events |= has_events;
        runs.note_shown(has_shown);
        runs.note_run(steps, &result);
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
