//! Wrappers: what a decorator puts in the place of a function is run with what that function would be passed.
//!
//! A wrapper takes `*args`, which tell nothing.  The function that it stands for has parameters, and of what a caller passes the
//! name is all that tells a secret ([`super::secrets`]).  Nothing is run here that has no such parameter.

use std::rc::Rc;

use venin_model::{OriginKind, Trigger};

use super::Interpreter;
use super::function::Arguments;
use crate::source::ir::ParamKind;
use crate::value::{Function, Kind, ObjId, Object, Value};

/// Most wrappers of one artifact that are run so.
const MOST: usize = 32;

/// A wrapper and the function that it stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wrapped {
    pub(super) wrapper: ObjId,
    pub(super) function: ObjId,
}

impl Interpreter<'_> {
    /// Notes that a decorator gave a function for another one, where the other one is passed a secret.
    pub(super) fn note_wrapped(&mut self, function: &Value, wrapper: &Value) {
        let (Kind::Function(function), Kind::Function(wrapper)) = (&function.kind, &wrapper.kind) else {
            return;
        };
        let (function, wrapper) = (*function, *wrapper);
        if function == wrapper || self.pending.wrapped.len() >= MOST || !self.takes_any_number(wrapper) {
            return;
        }
        let passed = self.passed_by_position(function);
        let is_secret = |value: &Value| self.origins.kinds(value.origins).contains(OriginKind::Secret);
        if passed.iter().any(is_secret) {
            self.pending.wrapped.push(Wrapped { wrapper, function });
        }
    }

    /// Runs the wrappers, each as a root of its own.
    pub(super) fn run_wrapped(&mut self) {
        for Wrapped { wrapper, function } in std::mem::take(&mut self.pending.wrapped) {
            if self.budget.steps >= self.limits.steps {
                return;
            }
            self.begin_root(Trigger::Run, self.limits.steps_of_run_root);
            if let Some(key) = self.function_key(wrapper) {
                self.functions.ran.remove(&key);
            }
            let positional = self.passed_by_position(function);
            self.call_function(wrapper, None, Arguments { positional, keywords: Vec::new() });
            self.finish_root();
        }
    }

    /// What a caller outside the artifact would pass for each parameter of a function.
    fn passed_by_position(&mut self, id: ObjId) -> Vec<Value> {
        let Some(function) = self.function_at(id) else { return Vec::new() };
        let Some(definition) = function.code.functions.get(function.index.0 as usize) else {
            return Vec::new();
        };
        let by_position = definition.params.iter().filter(|param| param.kind == ParamKind::Positional);
        by_position.map(|param| self.passed_argument(param.name, &definition.qualified)).collect()
    }

    fn takes_any_number(&self, id: ObjId) -> bool {
        let Some(function) = self.function_at(id) else { return false };
        let definition = function.code.functions.get(function.index.0 as usize);
        definition
            .is_some_and(|definition| definition.params.iter().any(|param| param.kind == ParamKind::Star))
    }

    fn function_at(&self, id: ObjId) -> Option<Rc<Function>> {
        match self.heap.get(id) {
            Some(Object::Function(function)) => Some(Rc::clone(function)),
            _ => None,
        }
    }
}
