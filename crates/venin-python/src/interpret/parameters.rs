//! Parameters of functions: which argument each of them gets, and what a caller outside the artifact would pass.

use std::rc::Rc;

use super::Interpreter;
use super::function::Arguments;
use crate::source::ir::{FunctionDef, Param, ParamKind};
use crate::value::{Function, Kind, ObjId, Object, OriginSet, ScopeId, Sym, Value};

impl Interpreter<'_> {
    pub(super) fn bind_parameters(
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
                            None => match self.spread_argument(&keywords) {
                                Some(spread) => spread,
                                None => {
                                    let default = function.defaults.get(n).cloned().flatten();
                                    self.missing_argument(param, default, definition, function.scope)
                                }
                            },
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
            Some(&Kind::Class(class)) if self.functions.class_passed.is_none() => {
                self.functions.class_passed = Some(class);
                let object = self.instantiate(class, &Arguments::default());
                self.functions.class_passed = None;
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
}
