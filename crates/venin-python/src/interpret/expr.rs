//! Expressions: which is evaluated how.
//!
//! Operators, tests, displays, texts, calls and comprehensions have modules of their own.

use std::rc::Rc;

use super::Interpreter;
use crate::fold::FoldContext;
use crate::source::ir::{Code, Expr, ExprId, Slice};
use crate::value::{Kind, Object, OriginSet, Sym, Value};

/// Most elements that `yield from` takes of what it is given.
const MAX_YIELDED: usize = 100_000;

impl Interpreter<'_> {
    /// Runs a fold with the parts of the interpreter it may touch.
    pub(super) fn with_fold<T>(&mut self, run: impl FnOnce(&mut FoldContext<'_>) -> T) -> T {
        let mut cx = FoldContext {
            heap: &mut self.heap,
            origins: &mut self.origins,
            symbols: &mut self.symbols,
            names: &self.names,
        };
        run(&mut cx)
    }

    /// Evaluates an expression.
    pub(super) fn eval(&mut self, code: &Rc<Code>, id: ExprId) -> Value {
        if !self.step() {
            return Value::unknown();
        }
        self.nested(Value::unknown, |me| me.eval_expr(code, id))
    }

    fn eval_expr(&mut self, code: &Rc<Code>, id: ExprId) -> Value {
        let literal = |kind| Value::new(kind).with_origins(OriginSet::LITERAL);
        match code.expr(id) {
            Expr::None => Value::none(),
            Expr::Ellipsis => Value::new(Kind::Ellipsis),
            Expr::Bool(b) => Value::bool(*b),
            Expr::Int(i) => literal(Kind::Int(*i)),
            Expr::BigInt(b) => Value::big((**b).clone()).with_origins(OriginSet::LITERAL),
            Expr::Float(f) => literal(Kind::Float(*f)),
            Expr::Str(s) => literal(Kind::Str(Rc::clone(s).into())),
            Expr::Bytes(b) => literal(Kind::Bytes(Rc::clone(b))),
            Expr::Complex | Expr::Invalid => Value::unknown(),
            Expr::Name(name) => self.eval_name(*name),
            Expr::Attribute { value, name } => {
                let object = self.eval(code, *value);
                self.load_attribute(code, code.span(id), &object, *name)
            }
            Expr::Subscript { value, index } => self.eval_subscript(code, id, *value, *index),
            Expr::Slice(slice) => self.eval_slice(code, slice),
            Expr::Call { callee, args } => self.eval_call(code, id, *callee, args),
            Expr::Binary { .. } => self.eval_binary_chain(code, id),
            Expr::Unary { op, operand } => self.eval_unary(code, *op, *operand),
            Expr::BoolOp { op, values } => self.eval_bool_op(code, *op, values),
            Expr::Compare { left, rest } => self.eval_compare(code, *left, rest),
            Expr::IfElse { test, body, orelse } => self.eval_if_else(code, *test, *body, *orelse),
            Expr::Lambda(index) => self.make_function(code, *index),
            Expr::Tuple(items) => self.eval_tuple(code, items),
            Expr::List(items) => self.eval_list(code, items),
            Expr::Set(items) => self.eval_set(code, items),
            Expr::Dict(entries) => self.eval_dict(code, entries),
            Expr::Comprehension(comprehension) => self.eval_comprehension(code, comprehension),
            Expr::Joined(pieces) => self.eval_joined(code, pieces),
            Expr::Starred(inner) => self.eval(code, *inner),
            Expr::Await(inner) => self.eval_await(code, *inner),
            Expr::Yield(value) => self.eval_yield(code, *value),
            Expr::YieldFrom(inner) => self.eval_yield_from(code, *inner),
            Expr::Walrus { target, value } => {
                let value = self.eval(code, *value);
                self.assign_name(*target, value.clone());
                value
            }
        }
    }

    fn eval_slice(&mut self, code: &Rc<Code>, slice: &Slice) -> Value {
        let mut parts = Vec::with_capacity(3);
        for part in [slice.lower, slice.upper, slice.step] {
            let bound = part.map_or_else(Value::none, |p| self.eval(code, p));
            parts.push(self.index_of(&bound).unwrap_or(bound));
        }
        Value::new(Kind::Slice(self.heap.insert(Object::List(parts))))
    }

    fn eval_await(&mut self, code: &Rc<Code>, inner: ExprId) -> Value {
        let value = self.eval(code, inner);
        if let Kind::Instance(_) = value.kind {
            self.call_protocol(&value, "__await__", Vec::new());
        }
        let may_be_future = !self.made.outcomes.is_empty() || matches!(value.kind, Kind::Builtin(_));
        if may_be_future { self.awaited(&value) } else { value }
    }

    fn eval_yield(&mut self, code: &Rc<Code>, value: Option<ExprId>) -> Value {
        let value = value.map_or_else(Value::none, |v| self.eval(code, v));
        self.push_yield(value);
        self.received()
    }

    fn eval_yield_from(&mut self, code: &Rc<Code>, inner: ExprId) -> Value {
        let inner = self.eval(code, inner);
        let returned = match inner.kind {
            Kind::Iter(_) => self.returned_by(&inner).unwrap_or_else(Value::unknown),
            // Before there was `await`, this was how something was waited for.
            Kind::External { .. } | Kind::Unknown => self.awaited(&inner),
            _ => Value::unknown(),
        };
        match self.iterate(&inner, MAX_YIELDED) {
            Some(items) => items.into_iter().for_each(|v| self.push_yield(v)),
            None => {
                let element = self.element_of(&inner);
                self.push_yield(element);
            }
        }
        returned
    }

    fn push_yield(&mut self, value: Value) {
        self.note_yield(&value);
        if self.heap.spend(32)
            && let Some(frame) = self.frames.last_mut()
            && frame.yields.len() < super::loops::MAX_YIELDS
        {
            frame.has_open_yields |= frame.open_loops > 0;
            frame.yields.push(value);
        }
    }

    fn eval_name(&mut self, name: Sym) -> Value {
        let Some((_, held)) = self.find_name(name) else { return self.eval_unbound(name) };
        let value = held.clone();
        if self.branches.tested.is_some() {
            self.note_tested(&value, None);
        }
        value
    }

    /// What a name stands for that no scope binds: it comes by `import *`, or is a builtin.
    fn eval_unbound(&mut self, name: Sym) -> Value {
        let text = self.symbols.text(name);
        if let Some(value) = self.star_imported(&text) {
            return value;
        }
        if let Some(value) = self.notes.builtins_set.get(&name) {
            return value.clone();
        }
        match self.name_of_class(name) {
            Some(value) if !super::builtins::is_builtin(&text) => value,
            _ => self.builtin_symbol(name),
        }
    }

    /// A name of the class whose method runs.  Python would not find it; whoever wrote it that way mends it in the next
    /// release.
    fn name_of_class(&self, name: Sym) -> Option<Value> {
        let class = self.frame().and_then(|f| f.class)?;
        match self.heap.get(class) {
            Some(Object::Class(class)) => self.scope_get(class.scope, name).cloned(),
            _ => None,
        }
    }

    fn eval_subscript(&mut self, code: &Rc<Code>, id: ExprId, value: ExprId, index: ExprId) -> Value {
        let split = self.long_split(code, value);
        let (container, index) = match split {
            Some(split) => {
                let index = self.eval(code, index);
                if let Some(word) = self.word_at(&split, &index) {
                    return word;
                }
                (self.eval(code, value), index)
            }
            None => (self.eval(code, value), self.eval(code, index)),
        };
        if !matches!(container.kind, Kind::Choice(_)) {
            let value = self.subscript(code, code.span(id), &container, &index);
            // A choice is joined anew, as any other would be.
            return if matches!(value.kind, Kind::Choice(_)) { self.join_values(vec![value]) } else { value };
        }
        let values: Vec<Value> = self
            .alternatives(&container)
            .iter()
            .map(|c| self.subscript(code, code.span(id), c, &index))
            .collect();
        self.join_values(values)
    }
}
