//! What tells two calls of one function apart: what they are given, as far as it can change what comes of them.
//!
//! A signature is a digest, and two calls of one signature are taken for the same call.  Of a container, what it holds
//! counts beside which one it is: a call may put something into it.  Nothing here decides whether a call is run; that
//! stands in [`super::function_runs`].

use std::hash::{Hash as _, Hasher as _};

use rustc_hash::{FxHashMap, FxHasher};

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Function, Kind, ObjId, Object, Part, Sym, Value};

/// Elements of a container that count.
const ELEMENTS: usize = 8;
/// Names of a closure and attributes of an object that count.
const SLOTS: usize = 16;
/// Containers in containers that count.
const DEPTH: u32 = 3;
/// Characters at each end of a text that count beside its length.
const ENDS: usize = 64;

/// The digest of what one call of a function is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct CallSignature {
    /// Of the receiver and all arguments.
    pub(super) whole: u64,
    /// Of what among them can be called or is known by its name: functions, classes, methods, `os.system`.  `None` where
    /// there is nothing of the kind.
    pub(super) named: Option<u64>,
}

impl Interpreter<'_> {
    /// The signature of a call of a function.
    pub(super) fn signature_of(
        &self,
        function: &Function,
        receiver: &Option<Value>,
        arguments: &Arguments,
    ) -> CallSignature {
        let (mut whole, mut named, mut is_named) = (FxHasher::default(), FxHasher::default(), false);
        if let Some(receiver) = receiver {
            self.digest(receiver, DEPTH, &mut whole);
        }
        for (held, held_named) in [self.digest_closure(function), self.digest_fields(receiver)] {
            held.hash(&mut whole);
            held_named.hash(&mut named);
            is_named |= held_named != 0;
        }
        let by_keyword = arguments.keywords.iter().map(|(name, value)| (Some(*name), value));
        let by_position = arguments.positional.iter().map(|value| (None, value));
        for (name, value) in by_position.chain(by_keyword) {
            name.hash(&mut whole);
            self.digest(value, DEPTH, &mut whole);
            is_named |= self.digest_named(value, DEPTH, &mut named);
        }
        CallSignature { whole: whole.finish(), named: is_named.then(|| named.finish()) }
    }

    /// Digests of the names that a closure takes from the functions around it, zero for a function of a module.
    fn digest_closure(&self, function: &Function) -> (u64, u64) {
        let mut scope = function.scope;
        let mut digests = (0_u64, 0_u64);
        for _ in 0..DEPTH {
            let Some(Object::Scope { names, parent: Some(parent), .. }) = self.heap.get(scope) else { break };
            let (all, named) = self.digest_slots(names);
            digests = (digests.0.wrapping_add(all), digests.1.wrapping_add(named));
            scope = *parent;
        }
        digests
    }

    /// Digests of the attributes of the object that a method is called on.
    fn digest_fields(&self, receiver: &Option<Value>) -> (u64, u64) {
        match receiver.as_ref().and_then(|receiver| self.heap.get(receiver.kind.object()?)) {
            Some(Object::Instance(instance)) => self.digest_slots(&instance.attributes),
            _ => (0, 0),
        }
    }

    /// Digests of named slots, of all that they hold and of what can be called or is known by its name, whatever their order.
    fn digest_slots(&self, slots: &FxHashMap<Sym, Value>) -> (u64, u64) {
        slots.iter().take(SLOTS).fold((0, 0), |(all, all_named), (name, value)| {
            let mut one = FxHasher::default();
            name.hash(&mut one);
            let mut one_named = one.clone();
            self.digest(value, 1, &mut one);
            let is_named = self.digest_named(value, 1, &mut one_named);
            let one_named = if is_named { one_named.finish() | 1 } else { 0 };
            (one.finish().wrapping_add(all), one_named.wrapping_add(all_named))
        })
    }

    /// Adds what can be called or is known by its name, also in a container of arguments; tells whether there was any.
    fn digest_named(&self, value: &Value, depth: u32, into: &mut FxHasher) -> bool {
        match value.kind {
            Kind::Function(_)
            | Kind::Class(_)
            | Kind::Method(_)
            | Kind::Builtin(_)
            | Kind::Module(_)
            | Kind::CodeObject(_)
            | Kind::External { made_by: None, .. } => {
                self.digest(value, depth, into);
                true
            }
            Kind::Tuple(id) | Kind::List(id) | Kind::Choice(id) if depth > 0 => {
                let elements = self.heap.elements(id).iter().take(ELEMENTS);
                elements.filter(|element| self.digest_named(element, depth - 1, into)).count() > 0
            }
            _ => false,
        }
    }

    fn digest(&self, value: &Value, depth: u32, into: &mut FxHasher) {
        std::mem::discriminant(&value.kind).hash(into);
        value.origins.hash(into);
        match &value.kind {
            Kind::Unknown | Kind::None | Kind::Ellipsis => {}
            Kind::Bool(flag) => flag.hash(into),
            Kind::Int(number) => number.hash(into),
            Kind::Big(number) => number.hash(into),
            Kind::Float(number) => number.to_bits().hash(into),
            Kind::Str(text) => digest_ends(text.as_str().as_bytes(), into),
            Kind::Bytes(bytes) => digest_ends(bytes, into),
            Kind::Partial(text) => {
                for part in text.parts.iter().take(ELEMENTS) {
                    let (Part::Known(text) | Part::Hole(text)) = part;
                    digest_ends(text.as_bytes(), into);
                }
            }
            Kind::Range(start, stop, step) => (start, stop, step).hash(into),
            Kind::External { name, made_by } => (name, made_by).hash(into),
            Kind::Tuple(id) | Kind::Choice(id) | Kind::Slice(id) => self.digest_elements(*id, depth, into),
            Kind::List(id) | Kind::Set(id) | Kind::Dict(id) | Kind::ByteArray(id) | Kind::Iter(id) => {
                id.hash(into);
                self.digest_elements(*id, depth, into);
            }
            Kind::Method(id) | Kind::Builtin(id) => self.digest_bound(*id, depth, into),
            Kind::Module(id)
            | Kind::Function(id)
            | Kind::Class(id)
            | Kind::Instance(id)
            | Kind::CodeObject(id) => id.hash(into),
        }
    }

    /// A method is made anew at each attribute access; what it is bound to, and which one it is, say that it is the same.
    fn digest_bound(&self, id: ObjId, depth: u32, into: &mut FxHasher) {
        match self.heap.get(id) {
            Some(Object::Method(receiver, function)) if depth > 0 => {
                function.hash(into);
                self.digest(receiver, depth - 1, into);
            }
            Some(Object::Builtin(receiver, name)) if depth > 0 => {
                name.hash(into);
                self.digest(receiver, depth - 1, into);
            }
            _ => id.hash(into),
        }
    }

    fn digest_elements(&self, id: ObjId, depth: u32, into: &mut FxHasher) {
        if depth == 0 {
            return id.hash(into);
        }
        match self.heap.get(id) {
            Some(Object::List(elements)) => {
                elements.len().hash(into);
                elements.iter().take(ELEMENTS).for_each(|element| self.digest(element, depth - 1, into));
            }
            Some(Object::Dict { entries, .. }) => {
                entries.len().hash(into);
                for (key, element) in entries.iter().flatten().take(ELEMENTS) {
                    self.digest(key, depth - 1, into);
                    self.digest(element, depth - 1, into);
                }
            }
            Some(Object::Iter(elements, at)) => (elements.len(), at).hash(into),
            Some(Object::Bytes(bytes)) => digest_ends(bytes, into),
            _ => id.hash(into),
        }
    }
}

fn digest_ends(text: &[u8], into: &mut FxHasher) {
    text.len().hash(into);
    text.get(..ENDS.min(text.len())).hash(into);
    text.get(text.len().saturating_sub(ENDS)..).hash(into);
}
