//! Operators: arithmetic and what it means for texts, paths and objects.

use std::rc::Rc;

use super::Interpreter;
use crate::fold;
use crate::source::ir::{BinaryOp, Code, Expr, ExprId, UnaryOp};
use crate::value::{Kind, Value};

impl Interpreter<'_> {
    pub(super) fn eval_unary(&mut self, code: &Rc<Code>, op: UnaryOp, operand: ExprId) -> Value {
        let operand = self.eval(code, operand);
        if let Some(value) = self.unary_method(op, &operand) {
            return value;
        }
        let folded = self.with_fold(|cx| fold::fold_unary(cx, op, &operand));
        folded.unwrap_or_else(|| Value::unknown().with_origins(operand.origins))
    }

    /// Evaluates a chain of the same kind of binary operator from its left end, without recursing into it.
    pub(super) fn eval_binary_chain(&mut self, code: &Rc<Code>, id: ExprId) -> Value {
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
        if let Some(one) = self.one_in_operation(op, left, right) {
            return self.binary_at(code, site, op, &one, right);
        }
        if op == BinaryOp::Div
            && let Some(path) = self.join_path_object(code, code.span(site), left, right)
        {
            return path;
        }
        if op == BinaryOp::Div && is_url(left) {
            let slash = self.binary(BinaryOp::Add, left, &Value::str("/"));
            return self.binary(BinaryOp::Add, &slash, right);
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
        let folded = self.with_fold(|cx| fold::fold_binary(cx, op, l, r));
        // How often a text is repeated does not become a part of it.
        if let Some(text) = [left, right].into_iter().find(|v| op == BinaryOp::Mult && is_textual(v)) {
            return folded.unwrap_or_else(Value::unknown).with_origins(text.origins);
        }
        if let Some(value) = folded {
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
}

const fn is_textual(value: &Value) -> bool {
    matches!(value.kind, Kind::Str(_) | Kind::Bytes(_) | Kind::Partial(_))
}

/// Whether a text begins as a URL does: the objects that URLs are, and that `/` makes longer, are held as their text.
fn is_url(value: &Value) -> bool {
    let begins = |text: &str| text.starts_with("http://") || text.starts_with("https://");
    value.known_start().is_some_and(begins)
}
