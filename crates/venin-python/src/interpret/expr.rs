//! Expressions.

use std::rc::Rc;

use venin_model::Condition;

use super::Interpreter;
use crate::fold::{self, FoldContext};
use crate::source::ir::{BinaryOp, BoolOp, Code, CompareOp, Expr, ExprId, Piece};
use crate::value::{Kind, Object, OriginSet, Part, PartialText, Sym, Value};

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
        self.nested(|me| me.eval_expr(code, id)).unwrap_or_else(Value::unknown)
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
            Expr::Slice { lower, upper, step } => {
                let mut parts = Vec::with_capacity(3);
                for part in [lower, upper, step] {
                    let bound = part.map_or_else(Value::none, |p| self.eval(code, p));
                    parts.push(self.index_of(&bound).unwrap_or(bound));
                }
                Value::new(Kind::Slice(self.heap.insert(Object::List(parts))))
            }
            Expr::Call { callee, args } => self.eval_call(code, id, *callee, args),
            Expr::Binary { .. } => self.eval_binary_chain(code, id),
            Expr::Unary { op, operand } => {
                let operand = self.eval(code, *operand);
                if let Some(value) = self.unary_method(*op, &operand) {
                    return value;
                }
                let folded = self.with_fold(|cx| fold::fold_unary(cx, *op, &operand));
                folded.unwrap_or_else(|| Value::unknown().with_origins(operand.origins))
            }
            Expr::BoolOp { op, values } => self.eval_bool_op(code, *op, values),
            Expr::Compare { left, rest } => self.eval_compare(code, *left, rest),
            Expr::IfElse { test, body, orelse } => self.eval_if_else(code, *test, *body, *orelse),
            Expr::Lambda(index) => self.make_function(code, *index),
            Expr::Tuple(items) => {
                let items = self.eval_items(code, items);
                let origins = self.origins_of(&items);
                self.heap.tuple(items).with_origins(origins)
            }
            Expr::List(items) => {
                let items = self.eval_items(code, items);
                let origins = self.origins_of(&items);
                self.heap.list(items).with_origins(origins)
            }
            Expr::Set(items) => {
                let items = self.eval_items(code, items);
                items.iter().for_each(|item| self.hash_key(item));
                let origins = self.origins_of(&items);
                Value::new(Kind::Set(self.heap.insert(Object::List(items)))).with_origins(origins)
            }
            Expr::Dict(entries) => self.eval_dict(code, entries),
            Expr::Comprehension { kind, element, value, clauses } => {
                self.eval_comprehension(code, *kind, *element, *value, clauses)
            }
            Expr::Joined(pieces) => self.eval_joined(code, pieces),
            Expr::Starred(inner) => self.eval(code, *inner),
            Expr::Await(inner) => {
                let value = self.eval(code, *inner);
                if let Kind::Instance(_) = value.kind {
                    self.call_protocol(&value, "__await__", Vec::new());
                }
                if self.outcomes.is_empty() { value } else { self.awaited(&value) }
            }
            Expr::Yield(value) => {
                let value = value.map_or_else(Value::none, |v| self.eval(code, v));
                self.push_yield(value);
                self.received()
            }
            Expr::YieldFrom(inner) => {
                let inner = self.eval(code, *inner);
                match self.iterate(&inner, 100_000) {
                    Some(items) => items.into_iter().for_each(|v| self.push_yield(v)),
                    None => {
                        let element = self.element_of(&inner);
                        self.push_yield(element);
                    }
                }
                Value::unknown()
            }
            Expr::Walrus { target, value } => {
                let value = self.eval(code, *value);
                self.assign_name(*target, value.clone());
                value
            }
        }
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
        if let Some(value) = self.lookup(name) {
            if self.tested.is_some() {
                self.note_tested(&value, None);
            }
            return value;
        }
        let text = self.symbols.text(name);
        if let Some(value) = self.star_imported(&text) {
            return value;
        }
        if let Some(value) = self.builtins_set.get(&name) {
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

    /// The elements of a display, with `*items` spread out.
    pub(super) fn eval_items(&mut self, code: &Rc<Code>, items: &[ExprId]) -> Vec<Value> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let value = self.eval(code, *item);
            if let Expr::Starred(_) = code.expr(*item) {
                match self.iterate(&value, 100_000) {
                    Some(inner) => out.extend(inner),
                    None => out.push(self.element_of(&value)),
                }
            } else {
                out.push(value);
            }
        }
        if !self.heap.spend(out.len() * 32) {
            out.clear();
        }
        out
    }

    fn eval_dict(&mut self, code: &Rc<Code>, entries: &[(Option<ExprId>, ExprId)]) -> Value {
        let mut items = Vec::with_capacity(entries.len());
        let mut origins = OriginSet::EMPTY;
        for (key, value) in entries {
            let value_of = self.eval(code, *value);
            origins = self.origins.union(origins, value_of.origins);
            match (key, &value_of.kind) {
                (Some(key), _) => {
                    let key = self.eval(code, *key);
                    self.hash_key(&key);
                    items.push((key, value_of));
                }
                (None, Kind::Dict(id)) => {
                    items.extend(self.heap.dict_entries(*id).cloned().collect::<Vec<_>>());
                }
                (None, _) => items.extend(self.spread_entries(value_of)),
            }
        }
        if !self.heap.spend(items.len() * 64) {
            return Value::unknown().with_origins(origins);
        }
        self.heap.dict(items).with_origins(origins)
    }

    /// Evaluates a chain of the same kind of binary operator from its left end, without recursing into it.
    fn eval_binary_chain(&mut self, code: &Rc<Code>, id: ExprId) -> Value {
        let mut spine = Vec::new();
        let mut at = id;
        while let Expr::Binary { op, left, right } = code.expr(at) {
            spine.push((*op, *right, at));
            at = *left;
            if !self.step() {
                return Value::unknown();
            }
        }
        let mut left = self.eval(code, at);
        for (op, right, site) in spine.into_iter().rev() {
            let right = self.eval(code, right);
            left = self.binary_at(code, site, op, &left, &right);
        }
        left
    }

    fn binary_at(
        &mut self,
        code: &Rc<Code>,
        site: ExprId,
        op: BinaryOp,
        left: &Value,
        right: &Value,
    ) -> Value {
        if op == BinaryOp::Div
            && let Some(path) = self.join_path_object(code, code.span(site), left, right)
        {
            return path;
        }
        self.binary(op, left, right)
    }

    /// A binary operation on two values.
    pub(super) fn binary(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Value {
        if let Kind::Choice(_) = left.kind {
            let values = self.alternatives(left).iter().map(|l| self.binary(op, l, right)).collect();
            return self.join_texts(values);
        }
        if let Kind::Choice(_) = right.kind {
            let values = self.alternatives(right).iter().map(|r| self.binary(op, left, r)).collect();
            return self.join_texts(values);
        }
        if let Some(value) = self.operator_method(op, left, right) {
            return value;
        }
        // Only these two make text of text; a name in arithmetic stays a name.
        let (makes_left, makes_right) = match op {
            BinaryOp::Add => (is_textual(right), is_textual(left) || is_textual(right)),
            BinaryOp::Mod => (false, is_textual(left)),
            _ => (false, false),
        };
        let left_text = makes_left.then(|| self.as_text(left));
        let right_text = makes_right.then(|| match op {
            BinaryOp::Mod => {
                let right = self.percent_operand(left, right);
                self.as_text(&right)
            }
            _ => self.as_text(right),
        });
        let (l, r) = (left_text.as_ref().unwrap_or(left), right_text.as_ref().unwrap_or(right));
        if let Some(value) = self.with_fold(|cx| fold::fold_binary(cx, op, l, r)) {
            return value;
        }
        let origins = self.origins.union(left.origins, right.origins);
        let origins = self.origins_of_bits(op, left, right, origins);
        Value::unknown().with_origins(origins)
    }

    /// One value for several; of more texts than a choice holds, one that shows where its parts come from.
    fn join_texts(&mut self, values: Vec<Value>) -> Value {
        let flat: Vec<Value> = values.iter().flat_map(|v| self.alternatives(v)).collect();
        let joined = self.join_values(values);
        if !matches!(joined.kind, Kind::Unknown) {
            return joined;
        }
        let shown = flat.iter().find(|v| matches!(v.kind, Kind::Partial(_)));
        match shown.or_else(|| flat.iter().find(|v| matches!(v.kind, Kind::Str(_)))) {
            Some(text) => text.clone().with_origins(joined.origins),
            None => joined,
        }
    }

    /// A value as it stands in a text: an external name or an unknown becomes a named hole.
    pub(super) fn as_text(&mut self, value: &Value) -> Value {
        if let Some(path) = self.text_of_path(value) {
            return path;
        }
        match &value.kind {
            Kind::External { .. } | Kind::Unknown => {
                let name = self.hole_name(value);
                let text = PartialText { parts: vec![Part::Hole(name)], is_bytes: false };
                Value::new(Kind::Partial(Rc::new(text))).with_origins(value.origins)
            }
            Kind::Tuple(id) => {
                let items: Vec<Value> = self.heap.elements(*id).to_vec();
                if items.iter().all(|v| !matches!(v.kind, Kind::External { .. })) {
                    return value.clone();
                }
                let items = items.iter().map(|v| self.as_text(v)).collect();
                self.heap.tuple(items).with_origins(value.origins)
            }
            // `get("A") or get("B")`: each of the two keeps the key that it was asked for.
            Kind::Choice(id) => {
                let items: Vec<Value> = self.heap.elements(*id).to_vec();
                if items.iter().all(|v| !matches!(v.kind, Kind::External { .. })) {
                    return value.clone();
                }
                let items = items.iter().map(|v| self.as_text(v)).collect();
                self.join_values(items).with_origins(value.origins)
            }
            _ => value.clone(),
        }
    }

    fn eval_bool_op(&mut self, code: &Rc<Code>, op: BoolOp, values: &[ExprId]) -> Value {
        let mut open = Vec::new();
        for id in values {
            let value = self.eval(code, *id);
            let truth = self.truth_of(&value);
            match (op, truth) {
                (BoolOp::And, Some(false)) | (BoolOp::Or, Some(true)) => {
                    open.push(value);
                    return self.join_values(open);
                }
                (BoolOp::And, Some(true)) | (BoolOp::Or, Some(false)) => {
                    if id == values.last().unwrap_or(id) {
                        open.push(value);
                    }
                }
                (_, None) => {
                    self.impure += u64::from(values.len() > 1);
                    open.push(value);
                }
            }
        }
        if op == BoolOp::And && open.len() > 1 {
            // `unknown and unknown` is not known either; as a test it must not fold.
            let origins = self.origins_of(&open);
            return match open.pop() {
                Some(last) if !last.is_scalar() => last.with_origins(origins),
                _ => Value::unknown().with_origins(origins),
            };
        }
        self.join_values(open)
    }

    fn eval_compare(&mut self, code: &Rc<Code>, left: ExprId, rest: &[(CompareOp, ExprId)]) -> Value {
        let mut left = self.eval(code, left);
        let mut truth = Some(true);
        for (op, right) in rest {
            let right = self.eval(code, *right);
            if self.tested.is_some() {
                self.note_tested(&left, Some(&right));
                self.note_tested(&right, Some(&left));
            }
            let one = match self.comparison_method(*op, &left, &right) {
                Some(value) => self.truth_of(&value),
                None if self.asks_open_rest(*op, &left, &right) => None,
                None => self.with_fold(|cx| fold::fold_compare(cx, *op, &left, &right)),
            };
            truth = match (truth, one) {
                (Some(a), Some(b)) => Some(a && b),
                (Some(false), _) | (_, Some(false)) => Some(false),
                _ => None,
            };
            left = right;
        }
        truth.map_or_else(Value::unknown, Value::bool)
    }

    /// Remembers that the test in course looks at a name.
    pub(super) fn note_tested(&mut self, subject: &Value, other: Option<&Value>) {
        let Kind::External { name, .. } = subject.kind else { return };
        let subject = self.names.text(name);
        // A module by itself is only the way to what is tested.
        if other.is_none() && !subject.contains(['.', '(']) {
            return;
        }
        let value = other.and_then(|v| self.render(v)).map(|t| t.text);
        if let Some(tested) = &mut self.tested {
            // A comparison says more than the mere name that its evaluation noted before.
            let bare = tested.iter().position(|c| c.value.is_none() && *c.subject == *subject);
            let subject = bare.map_or_else(|| (&*subject).into(), |at| tested.remove(at).subject);
            let condition = Condition { subject, value };
            if tested.len() < 8 && !tested.contains(&condition) {
                tested.push(condition);
            }
        }
    }

    fn eval_if_else(&mut self, code: &Rc<Code>, test: ExprId, body: ExprId, orelse: ExprId) -> Value {
        let test = self.eval(code, test);
        match self.truth_of(&test) {
            Some(true) => self.eval(code, body),
            Some(false) => self.eval(code, orelse),
            None => {
                self.impure += 1;
                let values = vec![self.eval(code, body), self.eval(code, orelse)];
                self.join_values(values)
            }
        }
    }

    fn eval_joined(&mut self, code: &Rc<Code>, pieces: &[Piece]) -> Value {
        let mut values = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Literal(text) => {
                    values.push(Value::str(Rc::clone(text)).with_origins(OriginSet::LITERAL));
                }
                Piece::Value { value, conversion, spec } => {
                    let value = self.eval(code, *value);
                    let spec = spec.map(|s| self.eval(code, s));
                    let spec = spec.as_ref().and_then(Value::as_str).unwrap_or("").to_owned();
                    if let Some(text) = self.format_of_instance(&value, *conversion, &spec) {
                        let folded = self.with_fold(|cx| fold::fold_format(cx, &text, None, ""));
                        values.push(folded.unwrap_or_else(|| self.as_hole(&text)));
                        continue;
                    }
                    let value = match value.kind {
                        Kind::Choice(id) => self.heap.elements(id).first().cloned().unwrap_or(value),
                        _ => value,
                    };
                    let folded = self.with_fold(|cx| fold::fold_format(cx, &value, *conversion, &spec));
                    let text = folded.unwrap_or_else(|| self.as_hole(&value));
                    values.push(text);
                }
            }
        }
        self.with_fold(|cx| fold::join_text(cx, &values))
    }

    /// A value as one named hole.
    fn as_hole(&mut self, value: &Value) -> Value {
        let name = self.hole_name(value);
        let text = PartialText { parts: vec![Part::Hole(name)], is_bytes: false };
        Value::new(Kind::Partial(Rc::new(text))).with_origins(value.origins)
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

const fn is_textual(value: &Value) -> bool {
    matches!(value.kind, Kind::Str(_) | Kind::Bytes(_) | Kind::Partial(_))
}
