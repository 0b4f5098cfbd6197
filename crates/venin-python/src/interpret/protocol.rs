//! Methods that Python calls by itself: operators, conversions, descriptors, the end of a block or of an object.
//!
//! Only methods of the artifact's own classes are run; what a base outside the artifact would do is not known here.

use super::function::Arguments;
use super::{Frame, Interpreter};
use crate::source::ir::{BinaryOp, Block, Code, CompareOp, UnaryOp};
use crate::value::{Kind, ObjId, Object, Sym, Value};

use std::rc::Rc;

/// Most objects whose end one root waits for.
const MAX_FINALIZERS: usize = 64;
/// Most branches that are put off.
const MAX_PUT_OFF: usize = 2_000;
/// Steps that the branches put off get at least.
const STEPS_PUT_OFF: u64 = 2_000;

/// A branch that its test ruled out inside a loop, with the frame it stands in: looked at once the root is through, so that
/// what it does to lists and objects cannot disturb a computation in course.
#[derive(Debug)]
pub(super) struct PutOff {
    frame: Frame,
    code: Rc<Code>,
    body: Block,
    trigger: venin_model::Trigger,
}

impl Interpreter<'_> {
    /// A method that the class of an instance, or one of its bases in the artifact, defines.
    pub(super) fn own_method(&mut self, value: &Value, name: &str) -> Option<ObjId> {
        let class = match value.kind {
            Kind::Instance(id) => match self.heap.get(id) {
                Some(Object::Instance(instance)) => instance.class,
                _ => return None,
            },
            Kind::Class(id) => id,
            _ => return None,
        };
        let name = self.symbols.intern(name);
        match self.class_attribute(class, name, 0) {
            Some(Value { kind: Kind::Function(id), .. }) => Some(id),
            _ => None,
        }
    }

    /// Calls a method of the artifact's own by its protocol name; `None` when there is no such method.
    pub(super) fn call_protocol(
        &mut self,
        receiver: &Value,
        name: &str,
        positional: Vec<Value>,
    ) -> Option<Value> {
        let id = self.own_method(receiver, name)?;
        let arguments = Arguments { positional, keywords: Vec::new() };
        Some(self.call_function(id, Some(receiver.clone()), arguments))
    }

    /// `left op right` by a method of either.
    pub(super) fn operator_method(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
        let name = operator_name(op);
        if let Kind::Instance(_) = left.kind
            && let Some(value) = self.call_protocol(left, &format!("__{name}__"), vec![right.clone()])
        {
            return Some(value);
        }
        match right.kind {
            Kind::Instance(_) => self.call_protocol(right, &format!("__r{name}__"), vec![left.clone()]),
            _ => None,
        }
    }

    /// `op value` by a method of the value.
    pub(super) fn unary_method(&mut self, op: UnaryOp, value: &Value) -> Option<Value> {
        let Kind::Instance(_) = value.kind else { return None };
        let name = match op {
            UnaryOp::Invert => "__invert__",
            UnaryOp::Plus => "__pos__",
            UnaryOp::Minus => "__neg__",
            UnaryOp::Not => "__bool__",
        };
        self.call_protocol(value, name, Vec::new())
    }

    /// `left op right` by a comparison method.
    pub(super) fn comparison_method(&mut self, op: CompareOp, left: &Value, right: &Value) -> Option<Value> {
        let (receiver, other, name) = match op {
            CompareOp::Eq => (left, right, "__eq__"),
            CompareOp::NotEq => (left, right, "__ne__"),
            CompareOp::Lt => (left, right, "__lt__"),
            CompareOp::LtE => (left, right, "__le__"),
            CompareOp::Gt => (left, right, "__gt__"),
            CompareOp::GtE => (left, right, "__ge__"),
            CompareOp::In | CompareOp::NotIn => (right, left, "__contains__"),
            CompareOp::Is | CompareOp::IsNot => return None,
        };
        match receiver.kind {
            Kind::Instance(_) => self.call_protocol(receiver, name, vec![other.clone()]),
            _ => None,
        }
    }

    /// An instance as text, by its own methods.
    pub(super) fn text_of_instance(&mut self, value: &Value) -> Option<Value> {
        let Kind::Instance(_) = value.kind else { return None };
        self.call_protocol(value, "__str__", Vec::new())
            .or_else(|| self.call_protocol(value, "__repr__", Vec::new()))
    }

    /// Tells the objects of a class body their names, as Python does when the body is through.
    pub(super) fn set_names(&mut self, class: ObjId) {
        let Some(Object::Class(definition)) = self.heap.get(class) else { return };
        let Some(Object::Scope { names, .. }) = self.heap.get(definition.scope) else { return };
        let mut held: Vec<(Sym, Value)> = names
            .iter()
            .filter(|(_, v)| matches!(v.kind, Kind::Instance(_)))
            .map(|(n, v)| (*n, v.clone()))
            .collect();
        held.sort_by_key(|(name, _)| *name);
        for (name, value) in held {
            let text = Value::str(self.symbols.text(name));
            self.call_protocol(&value, "__set_name__", vec![Value::new(Kind::Class(class)), text]);
        }
    }

    /// What reading a class attribute gives that is a descriptor of the artifact.
    pub(super) fn read_descriptor(&mut self, descriptor: &Value, receiver: &Value) -> Option<Value> {
        let Kind::Instance(_) = descriptor.kind else { return None };
        self.call_protocol(descriptor, "__get__", vec![receiver.clone(), Value::unknown()])
    }

    /// Remembers an object whose class wants to know of its end.
    pub(super) fn await_end_of(&mut self, value: &Value) {
        if self.finalizers.len() < MAX_FINALIZERS && self.own_method(value, "__del__").is_some() {
            self.finalizers.push(value.clone());
        }
    }

    /// Ends a root: its objects go away, and the branches that were put off are looked at.
    pub(super) fn finish_root(&mut self) {
        for value in std::mem::take(&mut self.finalizers) {
            self.call_protocol(&value, "__del__", Vec::new());
        }
        let trigger = self.trigger;
        let put_off = std::mem::take(&mut self.put_off);
        if !put_off.is_empty() {
            self.steps_end = self.limits.steps.min(self.steps_end.max(self.steps + STEPS_PUT_OFF));
        }
        for PutOff { frame, code, body, trigger } in put_off {
            let first = body.first().map_or(u32::MAX, |s| s.0);
            if self.live_branches.contains(&(frame.unit, first)) {
                continue;
            }
            self.trigger = trigger;
            self.frames.push(frame);
            let _ = self.in_branch(|me| me.exec_block(&code, &body));
            self.frames.pop();
        }
        self.trigger = trigger;
    }

    /// Puts a branch off to the end of the root; false when it is to be looked at now.
    pub(super) fn put_branch_off(
        &mut self,
        code: &Rc<Code>,
        body: &Block,
        trigger: venin_model::Trigger,
    ) -> bool {
        if self.loop_depth == 0 || self.put_off.len() >= MAX_PUT_OFF {
            return false;
        }
        let Some(frame) = self.frames.last().map(Frame::emptied) else { return false };
        self.hold_scope(frame.scope);
        self.put_off.push(PutOff { frame, code: Rc::clone(code), body: body.clone(), trigger });
        true
    }
}

const fn operator_name(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "add",
        BinaryOp::Sub => "sub",
        BinaryOp::Mult => "mul",
        BinaryOp::MatMult => "matmul",
        BinaryOp::Div => "truediv",
        BinaryOp::FloorDiv => "floordiv",
        BinaryOp::Mod => "mod",
        BinaryOp::Pow => "pow",
        BinaryOp::LShift => "lshift",
        BinaryOp::RShift => "rshift",
        BinaryOp::BitOr => "or",
        BinaryOp::BitXor => "xor",
        BinaryOp::BitAnd => "and",
    }
}
