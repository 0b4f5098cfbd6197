//! What an instruction does to the stack.

use std::rc::Rc;

use super::super::ir::{CompareOp, Expr, ExprId, Stmt, UnaryOp};
use super::arena::{Note, Owner};
use super::body::{Body, Slot, positional};
use super::decode::Instr;
use super::opcode::{Op, Place};

/// Deepest expression that is copied as it is.
const MAX_SHARED: u16 = 5;
/// Highest index that `ROT_N`, `COPY` and `SWAP` are taken serious with.
const MAX_REACH: usize = 1_000;

impl Body<'_, '_, '_> {
    /// Executes an instruction; jumps are the business of the blocks.
    pub(super) fn execute(&mut self, instr: &Instr) {
        match instr.op {
            Op::Load(_)
            | Op::LoadTwo
            | Op::LoadClear
            | Op::LoadFromDict(_)
            | Op::LoadClosure
            | Op::LoadConst
            | Op::LoadSmallInt
            | Op::LoadCommon
            | Op::LoadAssertion
            | Op::LoadBuildClass
            | Op::LoadLocals
            | Op::LoadAttribute
            | Op::LoadMethod
            | Op::LoadSuper
            | Op::LoadSpecial => self.load(instr),
            Op::Pop
            | Op::PopIter
            | Op::PushNull
            | Op::Rotate(_)
            | Op::RotateN
            | Op::Duplicate(_)
            | Op::DuplicateX
            | Op::Copy
            | Op::Swap => self.shuffle(instr),
            Op::Unary(_)
            | Op::Convert
            | Op::Binary(_)
            | Op::Inplace(_)
            | Op::BinaryNumbered
            | Op::Subscript
            | Op::BinarySlice
            | Op::OldSlice(_)
            | Op::Compare
            | Op::Is
            | Op::Contains => self.compute(instr),
            Op::Store(_)
            | Op::StoreLoad
            | Op::StoreTwo
            | Op::StoreAttribute
            | Op::StoreSubscript
            | Op::StoreSlice
            | Op::OldStoreSlice(_)
            | Op::Delete(_)
            | Op::DeleteAttribute
            | Op::DeleteSubscript
            | Op::OldDeleteSlice(_)
            | Op::Unpack
            | Op::UnpackEx
            | Op::StoreAnnotation
            | Op::ImportName
            | Op::ImportFrom
            | Op::ImportStar => self.bind(instr),
            Op::Build(_)
            | Op::Add(_)
            | Op::ListToTuple
            | Op::FormatValue
            | Op::FormatSimple
            | Op::FormatWithSpec
            | Op::ConvertValue
            | Op::BuildTemplate
            | Op::BuildInterpolation => self.display(instr),
            Op::Call(_)
            | Op::KeywordNames
            | Op::Intrinsic1
            | Op::Intrinsic2
            | Op::MakeFunction
            | Op::MakeClosure
            | Op::SetFunctionAttribute
            | Op::BuildClass
            | Op::PrintExpression
            | Op::PrintItem
            | Op::PrintItemTo
            | Op::PrintNewlineTo
            | Op::Exec => self.call(instr),
            _ => self.control(instr),
        }
    }

    fn load(&mut self, instr: &Instr) {
        match instr.op {
            Op::Load(place) => self.load_variable(place, instr.arg),
            Op::LoadTwo => {
                let (first, second) = self.pair(instr.arg);
                self.load_variable(Place::Fast, first);
                self.load_variable(Place::Fast, second);
            }
            Op::LoadFromDict(place) => {
                self.pop_slot();
                self.load_variable(place, instr.arg);
            }
            Op::LoadClear | Op::LoadClosure => self.push(Slot::Opaque),
            Op::LoadConst => self.load_constant(instr.arg),
            Op::LoadSmallInt => self.push_expr(Expr::Int(i64::from(instr.arg))),
            Op::LoadCommon => {
                const COMMON: [&str; 5] = ["AssertionError", "NotImplementedError", "tuple", "all", "any"];
                let name = COMMON.get(instr.arg as usize).copied().unwrap_or("?");
                let id = self.low.name(name);
                if instr.arg == 0 {
                    self.low.notes.insert(id, Note::AssertionError);
                }
                self.push(Slot::Expr(id));
            }
            Op::LoadAssertion => {
                let id = self.low.name("AssertionError");
                self.low.notes.insert(id, Note::AssertionError);
                self.push(Slot::Expr(id));
            }
            Op::LoadBuildClass => self.push(Slot::BuildClass),
            Op::LoadLocals if self.owner == Owner::Module || self.low.version.major > 2 => {
                let callee = self.low.name("locals");
                self.push_expr(Expr::Call { callee, args: Box::default() });
            }
            Op::LoadAttribute => {
                // Since 3.12 the lowest bit says that a method is wanted, and two slots.
                let is_split = self.low.at_least(3, 12);
                let name = if is_split { instr.arg >> 1 } else { instr.arg };
                self.load_attribute(
                    name,
                    if is_split && instr_bit(instr.arg) { Wanted::Method } else { Wanted::Value },
                );
            }
            Op::LoadMethod => self.load_attribute(instr.arg, Wanted::Method),
            Op::LoadSuper => self.load_super(instr.arg),
            Op::LoadSpecial => self.load_special(instr.arg),
            _ => self.push(Slot::Opaque),
        }
    }

    /// Two variables in one argument.
    pub(super) const fn pair(&self, arg: u32) -> (u32, u32) {
        (arg >> 4, arg & 15)
    }

    fn load_variable(&mut self, place: Place, index: u32) {
        if place == Place::Global && self.low.at_least(3, 11) {
            // The lowest bit asks for a null as well.
            let wants_null = instr_bit(index);
            let name = self.name_at(index >> 1);
            let id = self.low.expr(Expr::Name(name));
            if wants_null && !self.low.at_least(3, 13) {
                self.push(Slot::Null);
            }
            self.push(Slot::Expr(id));
            if wants_null && self.low.at_least(3, 13) {
                self.push(Slot::Null);
            }
            return;
        }
        let name = self.variable(place, index);
        // In Python 2 these are names.
        let constant = match self.low.text(name) {
            "True" if self.low.version.major == 2 => Some(true),
            "False" if self.low.version.major == 2 => Some(false),
            _ => None,
        };
        if let Some(value) = constant {
            self.push_expr(Expr::Bool(value));
            return;
        }
        let id = self.low.expr(Expr::Name(name));
        let is_assertion = !self.low.at_least(3, 9) && self.low.text(name) == "AssertionError";
        if is_assertion && place == Place::Global {
            self.low.notes.insert(id, Note::AssertionError);
        }
        self.push(Slot::Expr(id));
    }

    pub(super) fn load_constant(&mut self, index: u32) {
        let Some(id) = self.consts.get(index as usize).copied() else {
            self.push(Slot::Opaque);
            return;
        };
        if self.low.code_object(id).is_some() {
            self.push(Slot::Code(id));
        } else {
            let constant = self.low.constant(id);
            self.push(Slot::Expr(constant));
        }
    }

    fn load_attribute(&mut self, name: u32, wanted: Wanted) {
        let object = self.pop_slot();
        if let Slot::Import(import) | Slot::Imported(import, _) = &object
            && !import.has_names
        {
            self.push(object.clone());
            return;
        }
        let value = self.as_expr(&object);
        let name = self.name_at(name);
        self.push_attribute(value, name, wanted);
    }

    /// An attribute; for a method a null stands above it since 3.13 and below it before.
    fn push_attribute(&mut self, value: ExprId, name: crate::value::Sym, wanted: Wanted) {
        let is_above = self.low.at_least(3, 13);
        if wanted == Wanted::Method && !is_above {
            self.push(Slot::Null);
        }
        self.push_expr(Expr::Attribute { value, name });
        if wanted == Wanted::Method && is_above {
            self.push(Slot::Null);
        }
    }

    /// `super().name`: below it lie `super`, the class and the object; bit 1 says that both were stated.
    fn load_super(&mut self, arg: u32) {
        let stated = arg & 2 != 0;
        let values = self.pop_many(3);
        let [callee, class, object] = values.try_into().unwrap_or([ExprId(0); 3]);
        let args = if stated { positional(&[class, object]) } else { Box::default() };
        let value = self.low.expr(Expr::Call { callee, args });
        let name = self.name_at(arg >> 2);
        self.push_attribute(value, name, if instr_bit(arg) { Wanted::Method } else { Wanted::Value });
    }

    /// `__enter__`, `__exit__` and their asynchronous forms, for `with` (3.14).
    fn load_special(&mut self, which: u32) {
        let object = self.pop();
        if which.is_multiple_of(2) {
            let name = self.low.sym("__enter__");
            let callee = self.low.expr(Expr::Attribute { value: object, name });
            self.low.notes.insert(callee, Note::Enter(object));
            self.push(Slot::Expr(callee));
        } else {
            self.push(Slot::Opaque);
        }
        self.push(Slot::Null);
    }

    fn shuffle(&mut self, instr: &Instr) {
        let arg = (instr.arg as usize).min(MAX_REACH);
        match instr.op {
            Op::Pop => self.discard(),
            Op::PopIter => drop(self.pop_slot()),
            Op::PushNull => self.push(Slot::Null),
            Op::Rotate(count) => self.rotate(usize::from(count)),
            Op::RotateN => self.rotate(arg),
            Op::Duplicate(count) => self.duplicate(usize::from(count)),
            Op::DuplicateX => self.duplicate(arg.min(5)),
            Op::Copy => {
                self.share(arg);
                let slot = self.peek(arg);
                self.push(slot);
            }
            _ => {
                let top = self.stack.len().wrapping_sub(1);
                let other = self.stack.len().wrapping_sub(arg);
                if top < self.stack.len() && other < self.stack.len() {
                    self.stack.swap(top, other);
                }
            }
        }
    }

    pub(super) fn rotate(&mut self, count: usize) {
        while self.stack.len() < count {
            self.stack.insert(0, Slot::Opaque);
        }
        let at = self.stack.len() - count;
        if let Some(top) = self.stack.get_mut(at..) {
            top.rotate_right(usize::from(count > 0));
        }
    }

    pub(super) fn duplicate(&mut self, count: usize) {
        for below in (1..=count).rev() {
            self.share(below);
        }
        for _ in 0..count {
            let slot = self.peek(count);
            self.push(slot);
        }
    }

    /// A large expression that is to stand in two places goes through a variable: else copies of copies grow.
    fn share(&mut self, below: usize) {
        let Slot::Expr(id) = self.peek(below) else { return };
        if self.low.depth(id) <= MAX_SHARED || self.low.notes.contains_key(&id) {
            return;
        }
        let variable = self.spill(id);
        let at = self.stack.len().saturating_sub(below);
        if let Some(slot) = self.stack.get_mut(at) {
            *slot = Slot::Expr(variable);
        }
    }

    /// `POP_TOP`: an expression statement, if the value was not used and does something.
    pub(super) fn discard(&mut self) {
        let Slot::Expr(id) = self.pop_slot() else { return };
        if let Some(Note::Binding(_)) = self.low.notes.get(&id) {
            return;
        }
        if !self.low.is_used(id) && self.has_effect(id) {
            self.low.mark_used(id);
            self.emit(Stmt::Expr(id));
        }
    }

    /// Whether evaluating an expression could do anything.
    pub(super) fn has_effect(&self, id: ExprId) -> bool {
        let mut open = vec![id];
        for _ in 0..500 {
            let Some(next) = open.pop() else { return false };
            match self.low.get(next) {
                Expr::Call { .. }
                | Expr::Yield(_)
                | Expr::YieldFrom(_)
                | Expr::Await(_)
                | Expr::Walrus { .. }
                | Expr::Attribute { .. }
                | Expr::Subscript { .. }
                | Expr::Comprehension(_) => return true,
                expr => open.extend(super::arena::children(expr)),
            }
        }
        true
    }

    fn compute(&mut self, instr: &Instr) {
        match instr.op {
            Op::Unary(op) => {
                let operand = self.pop();
                let expr =
                    if op == UnaryOp::Not { self.negated(operand) } else { Expr::Unary { op, operand } };
                self.push_expr(expr);
            }
            Op::Convert => {
                let value = self.pop();
                let callee = self.low.name("repr");
                self.push_expr(Expr::Call { callee, args: positional(&[value]) });
            }
            Op::Binary(op) => self.binary(op),
            Op::Inplace(op) => self.in_place(op),
            Op::BinaryNumbered => self.binary_numbered(instr.arg),
            Op::Subscript => {
                let (value, index) = self.two();
                self.push_expr(Expr::Subscript { value, index });
            }
            Op::BinarySlice => {
                let upper = self.pop();
                let lower = self.pop();
                let index = self.slice(Some(lower), Some(upper), None);
                let value = self.pop();
                self.push_expr(Expr::Subscript { value, index });
            }
            Op::OldSlice(kind) => {
                let expr = self.old_slice(kind);
                self.push_expr(expr);
            }
            Op::Compare => self.compare(instr.arg),
            Op::Is => {
                let op = if instr.arg == 0 { CompareOp::Is } else { CompareOp::IsNot };
                self.compare_with(op);
            }
            _ => {
                let op = if instr.arg == 0 { CompareOp::In } else { CompareOp::NotIn };
                self.compare_with(op);
            }
        }
    }

    /// The name of a variable.
    pub(super) fn variable(&mut self, place: Place, index: u32) -> crate::value::Sym {
        let index = index as usize;
        let found = match place {
            Place::Name | Place::Global => self.names.get(index),
            Place::Fast => self.locals.get(index),
            Place::Deref => self.cells.get(index),
        };
        let text = found.and_then(|id| self.low.marshal.text(*id)).unwrap_or("?");
        let text: Rc<str> = Rc::from(text);
        self.low.sym(&text)
    }
}

/// The lowest bit of an argument.
const fn instr_bit(arg: u32) -> bool {
    arg & 1 != 0
}

/// What an attribute is loaded for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Its value.
    Value,
    /// A call: two slots.
    Method,
}
