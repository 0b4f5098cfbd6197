//! Methods that Python calls by itself: operators, conversions, descriptors, the end of a block or of an object.
//!
//! Only methods of the artifact's own classes are run; what a base outside the artifact would do is not known here.

use super::call::CallSite;
use super::function::Arguments;
use super::{Frame, Interpreter};
use crate::source::ir::{BinaryOp, Block, Code, CompareOp, UnaryOp};
use crate::value::{Kind, ObjId, Object, Share, Sym, Value};

use std::rc::Rc;

/// Most objects whose end one root waits for.
const MAX_FINALIZERS: usize = 64;
/// Most elements of a sequence that are looked at for a comparison of their own.
const MAX_COMPARED: usize = 64;
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
    /// What answers for a value by a protocol name: an attribute of its class or of one of the bases in the artifact.  A
    /// class is itself the instance of its metaclass.
    pub(super) fn own_method(&mut self, value: &Value, name: &str) -> Option<Value> {
        let class = match value.kind {
            Kind::Instance(id) => match self.heap.get(id) {
                Some(Object::Instance(instance)) => instance.class,
                _ => return None,
            },
            Kind::Class(id) => self.metaclass_of(id)?,
            _ => return None,
        };
        self.class_hook(class, name)
    }

    /// What a class of the artifact, or one of its bases there, has under a protocol name, if that can be called.
    pub(super) fn class_hook(&mut self, class: ObjId, name: &str) -> Option<Value> {
        // A name that no text of the artifact has is not looked for.
        let name = self.symbols.find(name)?;
        self.own_attribute(class, name, 0).filter(|hook| {
            self.is_callable(hook)
                || matches!(hook.kind, Kind::External { .. } | Kind::Builtin(_) | Kind::Instance(_))
        })
    }

    pub(super) fn own_attribute(&self, class: ObjId, name: Sym, depth: u8) -> Option<Value> {
        let Some(Object::Class(definition)) = self.heap.get(class) else { return None };
        if let Some(value) = self.scope_get(definition.scope, name) {
            return Some(value.clone());
        }
        if depth > 16 {
            return None;
        }
        definition.bases.iter().find_map(|base| match base.kind {
            Kind::Class(id) if id != class => self.own_attribute(id, name, depth + 1),
            _ => None,
        })
    }

    /// The metaclass of a class, if that is of the artifact, too.
    pub(super) fn metaclass_of(&self, class: ObjId) -> Option<ObjId> {
        match self.heap.get(class) {
            Some(Object::Class(definition)) => definition.metaclass,
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
        let hook = self.own_method(receiver, name)?;
        Some(self.call_hook(&hook, receiver, positional))
    }

    /// Calls what a class holds under a protocol name.  A function of the artifact is bound to the receiver; anything else
    /// is called as it stands.
    pub(super) fn call_hook(&mut self, hook: &Value, receiver: &Value, positional: Vec<Value>) -> Value {
        let mut arguments = Arguments { positional, keywords: Vec::new() };
        if let Kind::External { name, made_by: None } = hook.kind
            && self.known_name(name).is_method_of_type
        {
            arguments.positional.insert(0, receiver.clone());
        }
        match hook.kind {
            Kind::Function(id) => {
                let receiver = self.receiver_for(id, receiver);
                self.call_function(id, receiver, arguments)
            }
            _ => match self.site_of_statement() {
                Some(site) => self.at_site(site, |me| me.call(hook, arguments)),
                None => self.call(hook, arguments),
            },
        }
    }

    /// The statement in course as the place of a call that is written nowhere.
    pub(super) fn site_of_statement(&self) -> Option<CallSite> {
        let (unit, statement) = self.place.statement?;
        let code = &self.modules.units.get(unit as usize).filter(|_| unit == self.unit_index())?.code;
        let (_, span) = code.stmts.get(statement.0 as usize)?;
        Some(CallSite { code: Rc::clone(code), span: *span })
    }

    /// The same by the first of several methods that there is.
    pub(super) fn answer_of(&mut self, value: &Value, methods: &[&str], passed: &[Value]) -> Option<Value> {
        if !matches!(value.kind, Kind::Instance(_) | Kind::Class(_)) {
            return None;
        }
        methods.iter().find_map(|name| self.call_protocol(value, name, passed.to_vec()))
    }

    /// Runs a method for what it does, unless it is running already.
    pub(super) fn run_hook(&mut self, receiver: &Value, name: &str, positional: Vec<Value>) {
        let Some(hook) = self.own_method(receiver, name) else { return };
        if !self.is_running(&hook) {
            self.call_hook(&hook, receiver, positional);
        }
    }

    /// Whether a function is in execution.
    pub(super) fn is_running(&self, function: &Value) -> bool {
        let Kind::Function(id) = function.kind else { return false };
        self.function_key(id).is_some_and(|key| self.frames.iter().any(|f| f.function == Some(key)))
    }

    /// `left op right` by a method of either.
    pub(super) fn operator_method(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
        if !has_protocol(left) && !has_protocol(right) {
            return None;
        }
        let name = operator_name(op);
        self.call_protocol(left, &format!("__{name}__"), vec![right.clone()])
            .or_else(|| self.call_protocol(right, &format!("__r{name}__"), vec![left.clone()]))
    }

    /// `target op= value` by a method of the target.
    pub(super) fn in_place_method(&mut self, op: BinaryOp, target: &Value, value: &Value) -> Option<Value> {
        if !has_protocol(target) {
            return None;
        }
        self.call_protocol(target, &format!("__i{}__", operator_name(op)), vec![value.clone()])
    }

    /// `op value` by a method of the value.
    pub(super) fn unary_method(&mut self, op: UnaryOp, value: &Value) -> Option<Value> {
        let name = match op {
            _ if !has_protocol(value) => return None,
            UnaryOp::Invert => "__invert__",
            UnaryOp::Plus => "__pos__",
            UnaryOp::Minus => "__neg__",
            UnaryOp::Not => {
                self.ask_truth(value);
                return None;
            }
        };
        self.call_protocol(value, name, Vec::new())
    }

    /// `left op right` by a comparison method of either.
    pub(super) fn comparison_method(&mut self, op: CompareOp, left: &Value, right: &Value) -> Option<Value> {
        let (name, reflected) = match op {
            CompareOp::Eq => ("__eq__", "__eq__"),
            CompareOp::NotEq => ("__ne__", "__ne__"),
            CompareOp::Lt => ("__lt__", "__gt__"),
            CompareOp::LtE => ("__le__", "__ge__"),
            CompareOp::Gt => ("__gt__", "__lt__"),
            CompareOp::GtE => ("__ge__", "__le__"),
            CompareOp::In | CompareOp::NotIn => return self.membership_method(left, right),
            CompareOp::Is | CompareOp::IsNot => return None,
        };
        if !has_protocol(left) && !has_protocol(right) {
            return None;
        }
        let answer = self
            .call_protocol(left, name, vec![right.clone()])
            .or_else(|| self.call_protocol(right, reflected, vec![left.clone()]));
        if answer.is_none() && op == CompareOp::NotEq {
            self.call_protocol(left, "__eq__", vec![right.clone()]);
        }
        answer
    }

    /// `item in container` by a method of the container, or by the comparisons with its elements.
    fn membership_method(&mut self, item: &Value, container: &Value) -> Option<Value> {
        if has_protocol(container) {
            let answer = self.call_protocol(container, "__contains__", vec![item.clone()]);
            return answer.or_else(|| self.listed(container).map(|_| Value::unknown()));
        }
        self.compare_with_elements(item, container);
        None
    }

    /// Looking an object up in a container: `__hash__` where it has a table, and `__eq__`.
    pub(super) fn compare_with_elements(&mut self, item: &Value, container: &Value) {
        let elements = match container.kind {
            Kind::List(id) | Kind::Tuple(id) => self.heap.elements(id),
            Kind::Set(_) | Kind::Dict(_) if has_protocol(item) => {
                self.hash_key(item);
                self.call_protocol(item, "__eq__", vec![Value::unknown()]);
                return;
            }
            _ => return,
        };
        let compared = elements.iter().take(MAX_COMPARED).find(|e| has_protocol(e));
        let compared = compared.or_else(|| elements.first().filter(|_| has_protocol(item))).cloned();
        if let Some(element) = compared {
            self.comparison_method(CompareOp::Eq, &element, item);
        }
    }

    /// The hash that a dictionary or set takes of its key.
    pub(super) fn hash_key(&mut self, key: &Value) {
        if has_protocol(key) {
            self.call_protocol(key, "__hash__", Vec::new());
        }
    }

    /// An object that stands for an index.
    pub(super) fn index_of(&mut self, index: &Value) -> Option<Value> {
        self.answer_of(index, &["__index__"], &[])
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
        if self.pending.finalizers.len() < MAX_FINALIZERS && self.own_method(value, "__del__").is_some() {
            let occasion = self.occasion();
            self.pending.finalizers.push((value.clone(), occasion));
        }
    }

    /// Ends a root: its objects go away, and the branches that were put off are looked at.
    pub(super) fn finish_root(&mut self) {
        self.run_opened();
        self.run_late_of_root();
        self.run_takers();
        for (value, occasion) in std::mem::take(&mut self.pending.finalizers) {
            self.on_occasion(&occasion, |me| me.call_protocol(&value, "__del__", Vec::new()));
        }
        let trigger = self.trigger;
        let put_off = std::mem::take(&mut self.pending.put_off);
        if !put_off.is_empty() {
            let end = self.budget.steps_left.end.max(self.budget.steps + STEPS_PUT_OFF);
            self.budget.steps_left = Share::new(self.limits.steps.min(end), STEPS_PUT_OFF);
        }
        for PutOff { frame, code, body, trigger } in put_off {
            let first = body.first().map_or(u32::MAX, |s| s.0);
            if self.branches.live.contains(&(frame.unit, first)) {
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
        if self.loops.depth == 0 || self.pending.put_off.len() >= MAX_PUT_OFF {
            return false;
        }
        let Some(frame) = self.frames.last().map(Frame::emptied) else { return false };
        self.hold_scope(frame.scope);
        self.pending.put_off.push(PutOff { frame, code: Rc::clone(code), body: body.clone(), trigger });
        true
    }
}

/// Whether methods of the artifact's own can stand behind a value.
pub(super) const fn has_protocol(value: &Value) -> bool {
    matches!(value.kind, Kind::Instance(_) | Kind::Class(_))
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
