//! Statements.

use std::rc::Rc;

use super::protocol::has_protocol;
use super::{Flow, Interpreter};
use crate::fold;
use crate::source::ir::{BinaryOp, Code, Expr, ExprId, Stmt, StmtId};
use crate::value::{Kind, Object, OriginSet, Value};

impl Interpreter<'_> {
    /// Runs statements in order until one of them leaves the block.
    pub(super) fn exec_block(&mut self, code: &Rc<Code>, block: &[StmtId]) -> Flow {
        // What had to hold to come past a statement of the block holds to its end.
        let n_conditions = self.branches.conditions.len();
        let flow = self.exec_statements(code, block);
        self.branches.conditions.truncate(n_conditions);
        flow
    }

    fn exec_statements(&mut self, code: &Rc<Code>, block: &[StmtId]) -> Flow {
        for id in block {
            if !self.step() {
                return Flow::Return;
            }
            let ends = self.take_share();
            let flow = self.nested(|| Flow::Next, |me| me.exec_stmt(code, *id));
            if !self.end_share(ends, code, *id) && flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }

    fn exec_stmt(&mut self, code: &Rc<Code>, id: StmtId) -> Flow {
        let Some((stmt, _)) = code.stmts.get(id.0 as usize) else { return Flow::Next };
        self.place.statement = Some((self.unit_index(), id));
        match stmt {
            Stmt::Expr(value) => {
                let awaited = if let Expr::Await(inner) = code.expr(*value) { inner } else { value };
                self.place.discarded = Some(*awaited);
                self.eval(code, *value);
                self.place.discarded = None;
            }
            Stmt::Assign { targets, value } => {
                let value = self.eval(code, *value);
                for target in targets {
                    self.assign(code, *target, value.clone());
                }
            }
            Stmt::AugAssign { target, op, value } => self.exec_augmented(code, *target, *op, *value),
            Stmt::If(branches) => return self.exec_if(code, id, branches),
            Stmt::While(repeated) => return self.exec_while(code, repeated),
            Stmt::For(repeated) => return self.exec_for(code, repeated),
            Stmt::Try(protected) => return self.exec_try(code, protected),
            Stmt::With(managed) => return self.exec_with(code, managed),
            Stmt::Function(index) => self.exec_function_def(code, *index),
            Stmt::Class(index) => self.exec_class_def(code, *index),
            Stmt::Return(value) => {
                let value = value.map_or_else(Value::none, |v| self.eval(code, v));
                self.note_return(code, &value);
                if let Some(frame) = self.frames.last_mut() {
                    frame.returns.push(value);
                }
                return Flow::Return;
            }
            Stmt::Raise(value) => {
                let value = value.map(|value| self.eval(code, value));
                self.note_raised(value);
                return Flow::Raise;
            }
            Stmt::Import(aliases) => self.exec_import(aliases),
            Stmt::ImportFrom(import) => self.exec_import_from(import),
            Stmt::Delete(targets) => self.exec_delete(code, targets),
            Stmt::Assert { test, message } => {
                self.eval(code, *test);
                if let Some(message) = message {
                    self.eval(code, *message);
                }
            }
            Stmt::Match { subject, cases } => return self.exec_match(code, *subject, cases),
            Stmt::Break => return Flow::Break,
            Stmt::Continue => return Flow::Continue,
            Stmt::Pass => {}
        }
        Flow::Next
    }

    /// Assigns a value to a target: a name, an attribute, an item, or a sequence of targets.
    pub(super) fn assign(&mut self, code: &Rc<Code>, target: ExprId, value: Value) {
        match code.expr(target) {
            Expr::Name(name) => {
                if self.loops.depth > 0 {
                    self.note_growth(*name, &value);
                }
                self.assign_name(*name, value);
            }
            Expr::Attribute { value: object, name } => {
                let object = self.eval(code, *object);
                self.set_attribute(code, code.span(target), &object, *name, value);
            }
            Expr::Subscript { value: holder, index } => {
                let container = self.eval(code, *holder);
                let index = self.eval(code, *index);
                if matches!(container.kind, Kind::External { .. }) {
                    self.fill(code, *holder, value.origins);
                }
                self.set_item(code, code.span(target), &container, &index, value);
            }
            Expr::Tuple(targets) | Expr::List(targets) => self.unpack(code, targets, &value),
            Expr::Starred(inner) => self.assign(code, *inner, value),
            _ => {}
        }
    }

    fn unpack(&mut self, code: &Rc<Code>, targets: &[ExprId], value: &Value) {
        let items = self.iterate(value, 10_000);
        let starred = targets.iter().position(|t| matches!(code.expr(*t), Expr::Starred(_)));
        for (at, target) in targets.iter().enumerate() {
            let item = match (&items, starred) {
                (Some(items), Some(star)) if at == star => {
                    let end = items.len().saturating_sub(targets.len() - star - 1);
                    let middle = items.get(star..end.max(star)).unwrap_or(&[]).to_vec();
                    self.heap.list(middle)
                }
                (Some(items), Some(star)) if at > star => {
                    let back = targets.len() - at;
                    items
                        .len()
                        .checked_sub(back)
                        .and_then(|i| items.get(i))
                        .cloned()
                        .unwrap_or_else(Value::unknown)
                }
                (Some(items), _) => items.get(at).cloned().unwrap_or_else(Value::unknown),
                (None, _) => self.element_of(value),
            };
            self.assign(code, *target, item);
        }
    }

    fn exec_augmented(&mut self, code: &Rc<Code>, target: ExprId, op: BinaryOp, value: ExprId) {
        let left = self.eval(code, target);
        let right = self.eval(code, value);
        // `list += items` changes the list in place; so do the other containers.
        let is_container =
            matches!(left.kind, Kind::List(_) | Kind::ByteArray(_) | Kind::Set(_) | Kind::Dict(_));
        if is_container && self.with_fold(|cx| fold::fold_in_place(cx, op, &left, &right)).is_some() {
            self.note_elements(&left, std::slice::from_ref(&right));
            return;
        }
        if let Kind::External { name, .. } = left.kind
            && &*self.names.text(name) == "sys.path"
        {
            return self.note_searched(&right);
        }
        let result = match self.in_place_method(op, &left, &right) {
            Some(result) => result,
            None => self.binary(op, &left, &right),
        };
        self.assign(code, target, result);
    }

    fn exec_delete(&mut self, code: &Rc<Code>, targets: &[ExprId]) {
        for target in targets {
            match code.expr(*target) {
                Expr::Name(name) => {
                    if let Some(scope) = self.frame().map(|f| f.scope) {
                        self.scope_remove(scope, *name);
                    }
                }
                Expr::Subscript { value, index } => {
                    let container = self.eval(code, *value);
                    let index = self.eval(code, *index);
                    if self.answer_of(&container, &["__delitem__"], std::slice::from_ref(&index)).is_none() {
                        self.with_fold(|cx| fold::fold_delete(cx, &container, &index));
                    }
                }
                Expr::Attribute { value, name } => {
                    let object = self.eval(code, *value);
                    if has_protocol(&object) {
                        let name = Value::str(self.symbols.text(*name));
                        self.run_hook(&object, "__delattr__", vec![name]);
                    }
                }
                Expr::Tuple(inner) | Expr::List(inner) => self.exec_delete(code, inner),
                _ => {}
            }
        }
    }

    /// The elements of a value that can be iterated concretely; a generator or iterator is used up.
    pub(super) fn iterate(&mut self, value: &Value, limit: usize) -> Option<Vec<Value>> {
        if let Kind::Iter(id) = value.kind
            && let Some(Object::Iter(items, at)) = self.heap.get_mut(id)
        {
            let rest: Vec<Value> = items.get(*at..).unwrap_or(&[]).to_vec();
            if rest.len() > limit {
                return None;
            }
            *at = items.len();
            return Some(rest);
        }
        match value.kind {
            Kind::Instance(_) | Kind::Class(_) => self.iterate_object(value, limit),
            Kind::External { name, .. } => {
                let name = self.names.text(name);
                self.listing_of_builtins(&name).or_else(|| self.lines_of_open(value))
            }
            _ => self.with_fold(|cx| fold::iterate(cx, value, limit)),
        }
    }

    /// What an element of a value is when the value cannot be iterated.
    pub(super) fn element_of(&mut self, value: &Value) -> Value {
        match &value.kind {
            Kind::External { name, made_by } => {
                let step = crate::value::Step::Item;
                match self.extend_name(*name, step) {
                    Some(name) => {
                        let element = Value::new(Kind::External { name, made_by: *made_by });
                        self.one_name(value, element.with_origins(value.origins))
                    }
                    None => Value::unknown().with_origins(value.origins),
                }
            }
            Kind::List(id) | Kind::Tuple(id) | Kind::Set(id) | Kind::Choice(id) => {
                let items = self.heap.elements(*id).iter().take(8).cloned().collect();
                self.join_values(items)
            }
            Kind::Instance(_) | Kind::Class(_) => self.element_of_object(value),
            _ => Value::unknown().with_origins(value.origins),
        }
    }

    /// The union of the origins of several values.
    pub(super) fn origins_of<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) -> OriginSet {
        values.into_iter().fold(OriginSet::EMPTY, |a, v| self.origins.union(a, v.origins))
    }

    /// The origins of a value and of what it holds: a dictionary carries what was put into it later.
    pub(super) fn deep_origins(&mut self, value: &Value) -> OriginSet {
        if !holds_values(value) {
            return value.origins;
        }
        let mut sets = Vec::new();
        self.collect_origins(value, 3, &mut 400, &mut sets);
        sets.into_iter().fold(OriginSet::EMPTY, |a, b| self.origins.union(a, b))
    }

    fn collect_origins(&self, value: &Value, depth: u8, budget: &mut u32, out: &mut Vec<OriginSet>) {
        if out.last() != Some(&value.origins) {
            out.push(value.origins);
        }
        if depth == 0 || *budget == 0 {
            return;
        }
        let mut visit = |inner: &Value| {
            *budget = budget.saturating_sub(1);
            self.collect_origins(inner, depth - 1, budget, out);
        };
        match value.kind {
            Kind::List(id) | Kind::Tuple(id) | Kind::Set(id) | Kind::Choice(id) => {
                self.heap.elements(id).iter().take(100).for_each(&mut visit);
            }
            Kind::Dict(id) => self.heap.dict_entries(id).take(100).for_each(|(_, v)| visit(v)),
            Kind::Instance(id) => {
                if let Some(Object::Instance(instance)) = self.heap.get(id) {
                    let mut attributes: Vec<_> = instance.attributes.iter().collect();
                    attributes.sort_by_key(|(name, _)| **name);
                    attributes.iter().take(50).for_each(|(_, v)| visit(v));
                }
            }
            Kind::Iter(id) => {
                if let Some(Object::Iter(items, _)) = self.heap.get(id) {
                    items.iter().take(100).for_each(visit);
                }
            }
            _ => {}
        }
    }
}

/// Whether there may be values in a value, which have origins of their own.
const fn holds_values(value: &Value) -> bool {
    matches!(
        value.kind,
        Kind::List(_)
            | Kind::Tuple(_)
            | Kind::Set(_)
            | Kind::Choice(_)
            | Kind::Dict(_)
            | Kind::Instance(_)
            | Kind::Iter(_)
    )
}
