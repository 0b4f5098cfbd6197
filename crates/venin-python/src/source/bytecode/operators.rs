//! Operators and comparisons of instructions.

use super::super::ir::{BinaryOp, CompareOp, Expr, ExprId, Slice};
use super::arena::Note;
use super::body::{Body, Slot, positional};

impl Body<'_, '_, '_> {
    /// The two topmost values: the lower one first.
    pub(super) fn two(&mut self) -> (ExprId, ExprId) {
        let right = self.pop();
        (self.pop(), right)
    }

    pub(super) fn binary(&mut self, op: BinaryOp) {
        let (left, right) = self.two();
        self.push_expr(Expr::Binary { op, left, right });
    }

    pub(super) fn in_place(&mut self, op: BinaryOp) {
        let (left, right) = self.two();
        let id = self.low.expr(Expr::Binary { op, left, right });
        self.low.notes.insert(id, Note::InPlace { op, left, right });
        self.push(Slot::Expr(id));
    }

    /// `BINARY_OP`: thirteen operators, the same in place, and since 3.14 the subscript.
    pub(super) fn binary_numbered(&mut self, arg: u32) {
        const OPERATORS: [BinaryOp; 13] = [
            BinaryOp::Add,
            BinaryOp::BitAnd,
            BinaryOp::FloorDiv,
            BinaryOp::LShift,
            BinaryOp::MatMult,
            BinaryOp::Mult,
            BinaryOp::Mod,
            BinaryOp::BitOr,
            BinaryOp::Pow,
            BinaryOp::RShift,
            BinaryOp::Sub,
            BinaryOp::Div,
            BinaryOp::BitXor,
        ];
        if arg == 26 {
            let (value, index) = self.two();
            self.push_expr(Expr::Subscript { value, index });
            return;
        }
        match (OPERATORS.get(arg as usize), OPERATORS.get((arg as usize).wrapping_sub(13))) {
            (Some(op), _) => self.binary(*op),
            (None, Some(op)) => self.in_place(*op),
            (None, None) => {
                self.two();
                self.push(Slot::Opaque);
            }
        }
    }

    /// A slice; a constant `None` is a part that is left out.
    pub(super) fn slice(
        &mut self,
        lower: Option<ExprId>,
        upper: Option<ExprId>,
        step: Option<ExprId>,
    ) -> ExprId {
        let given =
            |me: &Self, part: Option<ExprId>| part.filter(|id| !matches!(me.low.get(*id), Expr::None));
        let (lower, upper, step) = (given(self, lower), given(self, upper), given(self, step));
        self.low.expr(Expr::Slice(Box::new(Slice { lower, upper, step })))
    }

    /// The slices of 2.7: bit 0 says that there is a start, bit 1 that there is an end.
    pub(super) fn old_slice(&mut self, kind: u8) -> Expr {
        let upper = (kind & 2 != 0).then(|| self.pop());
        let lower = (kind & 1 != 0).then(|| self.pop());
        let value = self.pop();
        let index = self.slice(lower, upper, None);
        Expr::Subscript { value, index }
    }

    pub(super) fn compare(&mut self, arg: u32) {
        const OLD: [CompareOp; 10] = [
            CompareOp::Lt,
            CompareOp::LtE,
            CompareOp::Eq,
            CompareOp::NotEq,
            CompareOp::Gt,
            CompareOp::GtE,
            CompareOp::In,
            CompareOp::NotIn,
            CompareOp::Is,
            CompareOp::IsNot,
        ];
        let index = match (self.low.at_least(3, 13), self.low.at_least(3, 12)) {
            (true, _) => arg >> 5,
            (_, true) => arg >> 4,
            _ => arg,
        };
        if index == 10 {
            self.match_exception();
            return;
        }
        self.compare_with(OLD.get(index as usize).copied().unwrap_or(CompareOp::Eq));
    }

    pub(super) fn compare_with(&mut self, op: CompareOp) {
        let (left, right) = self.two();
        self.push_expr(Expr::Compare { left, rest: [(op, right)].into() });
    }

    /// Whether the exception below matches the type on top; both are taken, the answer is pushed.
    pub(super) fn match_exception(&mut self) {
        let types = self.pop();
        self.pop_slot();
        let callee = self.low.name("isinstance");
        let exception = self.low.name("exception");
        let id = self.low.expr(Expr::Call { callee, args: positional(&[exception, types]) });
        self.low.notes.insert(id, Note::ExceptionMatch(types));
        self.push(Slot::Expr(id));
    }
}
