//! Truth: what a test asks of a value, and what `and`, `or`, comparisons and conditional expressions make of the answer.
//!
//! An object of the artifact is asked by its own methods, for what they do; what they answer decides nothing here, because
//! the state of an object is seldom known to the last attribute.  A truth that is not known is never guessed: what both
//! sides give is joined.

use std::rc::Rc;

use venin_model::Condition;

use super::Interpreter;
use crate::fold;
use crate::source::ir::{BoolOp, Code, CompareOp, ExprId};
use crate::value::{Kind, Value};

impl Interpreter<'_> {
    /// Whether a value is true, if that is known.
    pub(super) fn truth_of(&mut self, value: &Value) -> Option<bool> {
        match value.kind {
            Kind::Instance(_) => {
                self.ask_truth(value);
                None
            }
            Kind::Class(_) => {
                self.ask_truth(value);
                Some(true)
            }
            Kind::Tuple(_) | Kind::Dict(_) if self.is_open_and_empty(value) => None,
            _ => self.with_fold(|cx| fold::fold_truth(cx, value)),
        }
    }

    /// Runs `__bool__` of an object, or else `__len__`.
    pub(super) fn ask_truth(&mut self, value: &Value) {
        if self.call_protocol(value, "__bool__", Vec::new()).is_none()
            && self.call_protocol(value, "__nonzero__", Vec::new()).is_none()
        {
            self.call_protocol(value, "__len__", Vec::new());
        }
    }

    pub(super) fn eval_bool_op(&mut self, code: &Rc<Code>, op: BoolOp, values: &[ExprId]) -> Value {
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
                    self.counts.impure += u64::from(values.len() > 1);
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

    pub(super) fn eval_compare(
        &mut self,
        code: &Rc<Code>,
        left: ExprId,
        rest: &[(CompareOp, ExprId)],
    ) -> Value {
        let mut left = self.eval(code, left);
        let mut truth = Some(true);
        for (op, right) in rest {
            let right = self.eval(code, *right);
            if self.branches.tested.is_some() {
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
        if let Some(tested) = &mut self.branches.tested {
            // A comparison says more than the mere name that its evaluation noted before.
            let bare = tested.iter().position(|c| c.value.is_none() && *c.subject == *subject);
            let subject = bare.map_or_else(|| (&*subject).into(), |at| tested.remove(at).subject);
            let condition = Condition { subject, value };
            if tested.len() < 8 && !tested.contains(&condition) {
                tested.push(condition);
            }
        }
    }

    pub(super) fn eval_if_else(
        &mut self,
        code: &Rc<Code>,
        test: ExprId,
        body: ExprId,
        orelse: ExprId,
    ) -> Value {
        let test = self.eval(code, test);
        match self.truth_of(&test) {
            Some(true) => self.eval(code, body),
            Some(false) => self.eval(code, orelse),
            None => {
                self.counts.impure += 1;
                let values = vec![self.eval(code, body), self.eval(code, orelse)];
                self.join_values(values)
            }
        }
    }
}
