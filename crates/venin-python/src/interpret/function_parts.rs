//! Parts of a function of the artifact that hold constants: its defaults, annotations, closure and code.

use std::rc::Rc;

use super::Interpreter;
use crate::source::ir::{Expr, FunctionDef, ParamKind};
use crate::value::{Function, Kind, ObjId, Object, OriginSet, ScopeId, Sym, Value};

/// Most constants or names of one function that are looked at.
const MOST_PARTS: usize = 200;
/// Most expressions of a module that are looked through for those of one function.
const MOST_SEARCHED: usize = 100_000;
/// Most scopes around a function.
const MOST_SCOPES: usize = 16;

impl Interpreter<'_> {
    /// A part of a function by the name of its attribute.
    pub(super) fn part_of_function(&mut self, function: &Rc<Function>, name: &str) -> Option<Value> {
        let code = Rc::clone(&function.code);
        let definition = code.functions.get(function.index.0 as usize)?;
        match name {
            "__defaults__" | "func_defaults" => {
                let defaults = self.defaults_of(function, definition, ParamKind::Positional);
                let values = defaults.into_iter().map(|(_, value)| value).collect();
                Some(self.tuple_of(values))
            }
            "__kwdefaults__" => {
                let defaults = self.defaults_of(function, definition, ParamKind::Keyword);
                let entries = defaults.into_iter().map(|(n, v)| (Value::str(self.symbols.text(n)), v));
                let entries = entries.collect();
                Some(self.heap.dict(entries))
            }
            "__annotations__" => self.annotations_of(&definition.hints),
            "__closure__" | "func_closure" => {
                let cells = self.cells_of(function, definition);
                Some(self.tuple_of(cells))
            }
            _ => None,
        }
    }

    /// The annotations that are kept, by name.
    pub(super) fn annotations_of(&mut self, hints: &[(Sym, Rc<str>)]) -> Option<Value> {
        let hint = |text: &Rc<str>| Value::str(Rc::clone(text)).with_origins(OriginSet::LITERAL);
        let entries: Vec<(Value, Value)> =
            hints.iter().map(|(name, text)| (Value::str(self.symbols.text(*name)), hint(text))).collect();
        (!entries.is_empty()).then(|| self.heap.dict(entries).with_origins(OriginSet::LITERAL))
    }

    /// `function.__code__.co_consts`: what its documentation is, and its constants in order.
    pub(super) fn constants_of_code(&mut self, code: ObjId) -> Option<Value> {
        let Object::CodeObject(Value { kind: Kind::Function(id), .. }) = self.heap.get(code)? else {
            return None;
        };
        let Object::Function(function) = self.heap.get(*id)? else { return None };
        let function = Rc::clone(function);
        let definition = function.code.functions.get(function.index.0 as usize)?;
        let mut constants: Vec<Value> = Vec::new();
        let is_lambda = self.symbols.as_str(definition.name) == "<lambda>";
        for expr in expressions_of(&function, definition) {
            let constant = match expr {
                Expr::Str(text) => Value::str(Rc::clone(text)),
                Expr::Bytes(bytes) => Value::new(Kind::Bytes(Rc::clone(bytes))),
                Expr::Int(number) => Value::int(*number),
                _ => continue,
            };
            if constants.is_empty() && !is_lambda {
                let has_documentation = self.documentation_of(&function).is_some();
                constants.extend((!has_documentation).then(Value::none));
            }
            constants.push(constant.with_origins(OriginSet::LITERAL));
        }
        Some(self.tuple_of(constants))
    }

    /// The text that a function begins with.
    pub(super) fn documentation_of(&self, function: &Function) -> Option<Value> {
        let definition = function.code.functions.get(function.index.0 as usize)?;
        function.code.documentation(&definition.body).map(documentation)
    }

    fn tuple_of(&mut self, values: Vec<Value>) -> Value {
        let origins = self.origins_of(&values);
        self.heap.tuple(values).with_origins(origins)
    }

    fn defaults_of(
        &self,
        function: &Function,
        definition: &FunctionDef,
        kind: ParamKind,
    ) -> Vec<(Sym, Value)> {
        let with_defaults = definition.params.iter().zip(function.defaults.iter());
        let of_kind = with_defaults.filter(|(param, _)| param.kind == kind);
        of_kind.filter_map(|(param, default)| Some((param.name, default.clone()?))).collect()
    }

    /// The cells of a closure: one for each name of the functions around it, in the order of the names.
    fn cells_of(&mut self, function: &Function, definition: &FunctionDef) -> Vec<Value> {
        let mut names: Vec<Sym> = expressions_of(function, definition)
            .filter_map(|expr| if let Expr::Name(name) = expr { Some(*name) } else { None })
            .filter(|name| definition.params.iter().all(|param| param.name != *name))
            .collect();
        names.sort_by_key(|name| self.symbols.text(*name));
        names.dedup();
        let held: Vec<Value> =
            names.iter().filter_map(|name| self.closed_over(function.scope, *name)).collect();
        let contents = self.symbols.intern("cell_contents");
        held.into_iter().map(|value| self.object_with("cell", vec![(contents, value)])).collect()
    }

    /// What a name holds in the functions around one: the scope of the module is none of them.
    fn closed_over(&self, scope: ScopeId, name: Sym) -> Option<Value> {
        let mut at = scope;
        for _ in 0..MOST_SCOPES {
            let Some(Object::Scope { names, parent: Some(parent), .. }) = self.heap.get(at) else { break };
            if let Some(value) = names.get(&name) {
                return Some(value.clone());
            }
            at = *parent;
        }
        None
    }
}

/// The text of a documentation as a value.
pub(super) fn documentation(text: &Rc<str>) -> Value {
    Value::str(Rc::clone(text)).with_origins(OriginSet::LITERAL)
}

/// The expressions within a function, in the order in which they were read.
fn expressions_of<'a>(
    function: &'a Function,
    definition: &FunctionDef,
) -> impl Iterator<Item = &'a Expr> + use<'a> {
    let within = definition.span;
    let all = function.code.exprs.iter().take(MOST_SEARCHED);
    all.filter(move |(_, span)| within.start <= span.start && span.end <= within.end)
        .map(|(expr, _)| expr)
        .take(MOST_PARTS)
}
