//! Displays: containers that are written out with their elements.

use std::rc::Rc;

use super::Interpreter;
use crate::source::ir::{Code, Expr, ExprId};
use crate::value::{Kind, OriginSet, Value};

/// Most elements that `*items` spreads out.
const MAX_SPREAD: usize = 100_000;

impl Interpreter<'_> {
    pub(super) fn eval_tuple(&mut self, code: &Rc<Code>, items: &[ExprId]) -> Value {
        let items = self.eval_items(code, items);
        let origins = self.origins_of(&items);
        self.heap.tuple(items).with_origins(origins)
    }

    pub(super) fn eval_list(&mut self, code: &Rc<Code>, items: &[ExprId]) -> Value {
        let items = self.eval_items(code, items);
        let origins = self.origins_of(&items);
        self.heap.list(items).with_origins(origins)
    }

    pub(super) fn eval_set(&mut self, code: &Rc<Code>, items: &[ExprId]) -> Value {
        let items = self.eval_items(code, items);
        items.iter().for_each(|item| self.hash_key(item));
        let origins = self.origins_of(&items);
        self.heap.set(items).with_origins(origins)
    }

    /// The elements of a display, with `*items` spread out.
    pub(super) fn eval_items(&mut self, code: &Rc<Code>, items: &[ExprId]) -> Vec<Value> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let value = self.eval(code, *item);
            if let Expr::Starred(_) = code.expr(*item) {
                match self.iterate(&value, MAX_SPREAD) {
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

    pub(super) fn eval_dict(&mut self, code: &Rc<Code>, entries: &[(Option<ExprId>, ExprId)]) -> Value {
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
}
