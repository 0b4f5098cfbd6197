//! Instructions that leave a block, raise or handle.

use super::super::ir::{DELEGATION, Expr, Stmt};
use super::arena::Note;
use super::body::{Body, Slot, positional};
use super::decode::Instr;
use super::opcode::Op;

impl Body<'_, '_, '_> {
    pub(super) fn control(&mut self, instr: &Instr) {
        match instr.op {
            Op::GetYieldFrom => {
                let value = self.pop();
                self.low.sym(DELEGATION);
                self.push_expr(Expr::YieldFrom(value));
            }
            Op::GetAwaitable => {
                let value = self.pop();
                self.push_expr(Expr::Await(value));
            }
            Op::GetAnext => {
                let slot = self.peek(1);
                let value = self.as_expr(&slot);
                let name = self.low.sym("__anext__");
                let callee = self.low.expr(Expr::Attribute { value, name });
                let call = self.low.expr(Expr::Call { callee, args: Box::default() });
                self.push_expr(Expr::Await(call));
            }
            Op::Yield => {
                let value = self.pop();
                self.push_expr(Expr::Yield(Some(value)));
            }
            // What was awaited lies below the value that is sent.
            Op::YieldFrom => drop(self.pop_slot()),
            Op::Send => {
                self.pop_slot();
                if self.low.at_least(3, 12) {
                    let awaited = self.peek(1);
                    self.push(awaited);
                }
            }
            Op::EndSend => {
                let value = self.pop_slot();
                self.pop_slot();
                self.push(value);
            }
            Op::ReturnGenerator => self.push(Slot::Opaque),
            Op::Return => {
                let value = self.pop_slot();
                self.emit_return(&value);
            }
            Op::ReturnConst => {
                self.load_constant(instr.arg);
                let value = self.pop_slot();
                self.emit_return(&value);
            }
            Op::Raise => self.raise(instr.arg),
            Op::EndFor => {
                self.pop_slot();
                if !self.low.at_least(3, 13) {
                    self.pop_slot();
                }
            }
            Op::GetLen => {
                let slot = self.peek(1);
                let value = self.as_expr(&slot);
                let callee = self.low.name("len");
                self.push_expr(Expr::Call { callee, args: positional(&[value]) });
            }
            Op::MatchKind => self.push_expr(Expr::Invalid),
            Op::MatchKeys | Op::CopyDictWithoutKeys => self.push_expr(Expr::Invalid),
            Op::MatchClass => {
                self.pop_many(3);
                self.push_expr(Expr::Invalid);
            }
            _ => self.handling(instr),
        }
    }

    fn emit_return(&mut self, value: &Slot) {
        if let Slot::Opaque | Slot::Null = value {
            self.emit(Stmt::Return(None));
        } else {
            let value = self.as_expr(value);
            self.low.mark_used(value);
            self.emit(Stmt::Return(Some(value)));
        }
    }

    fn raise(&mut self, arg: u32) {
        let mut values = self.pop_many(arg.min(3) as usize).into_iter();
        let raised = values.next();
        // A cause, or in Python 2 the value and the traceback.
        for other in values.collect::<Vec<_>>() {
            if self.has_effect(other) {
                self.emit(Stmt::Expr(other));
            }
        }
        self.emit(Stmt::Raise(raised));
    }

    /// Instructions of `try` and `with`.
    pub(super) fn handling(&mut self, instr: &Instr) {
        match instr.op {
            Op::SetupWith | Op::BeforeWith => {
                let context = self.pop();
                let name = self.low.sym("__enter__");
                let callee = self.low.expr(Expr::Attribute { value: context, name });
                self.low.notes.insert(callee, Note::Enter(context));
                let entered = self.low.expr(Expr::Call { callee, args: Box::default() });
                self.low.notes.insert(entered, Note::Enter(context));
                self.push(Slot::Opaque);
                self.push(Slot::Expr(entered));
            }
            Op::PushExceptionInfo => {
                self.pop_slot();
                self.push(Slot::Opaque);
                self.push(Slot::Exception);
            }
            Op::CheckExceptionMatch => {
                let types = self.pop_slot();
                let exception = self.peek(1);
                self.push(exception);
                self.push(types);
                self.match_exception();
            }
            Op::CheckGroupMatch => {
                self.pop_slot();
                self.push(Slot::Exception);
            }
            Op::PopExcept => {
                let count = if self.low.at_least(3, 11) { 1 } else { 3 };
                for _ in 0..count {
                    self.pop_slot();
                }
            }
            Op::WithExceptStart => self.push_expr(Expr::Invalid),
            Op::BeginFinally => self.push(Slot::Opaque),
            // With an argument, the value of a `return` stays on top.
            Op::PopFinally if instr.arg == 0 => drop(self.pop_slot()),
            Op::PopFinally => {
                let value = self.pop_slot();
                self.pop_slot();
                self.push(value);
            }
            Op::EndFinally => drop(self.pop_slot()),
            Op::WithCleanup => {
                self.pop_slot();
                self.pop_slot();
                let count = if self.low.version.major == 2 { 1 } else { 3 };
                (0..count).for_each(|_| self.push(Slot::Opaque));
            }
            Op::WithCleanupFinish => {
                self.pop_slot();
                self.pop_slot();
            }
            Op::EndAsyncFor => {
                self.pop_slot();
                self.pop_slot();
            }
            Op::PrintNewline => {}
            _ => {}
        }
    }
}
