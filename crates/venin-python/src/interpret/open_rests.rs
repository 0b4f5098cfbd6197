//! `*args` and `**kw` of a function that nobody in the artifact calls: whoever calls it may pass anything there.
//!
//! They hold what the code itself puts in; of the rest it is not known whether it is there.

use venin_model::OriginKind;

use super::Interpreter;
use crate::source::ir::CompareOp;
use crate::value::{Kind, Value};

/// Most dictionaries that are kept as open.
const MOST_OPEN: usize = 100_000;

impl Interpreter<'_> {
    /// Remembers that a `**kw` that was bound may hold more than is known.
    pub(super) fn keep_open(&mut self, rest: &Value) {
        if let Kind::Dict(id) = rest.kind
            && self.is_of_caller(rest)
            && self.notes.open_rests.len() < MOST_OPEN
        {
            self.notes.open_rests.insert(id);
        }
    }

    fn is_of_caller(&self, value: &Value) -> bool {
        self.origins.kinds(value.origins).contains(OriginKind::Argument)
    }

    /// Whether nothing is known to be in the rest of the arguments, and anything may be.
    pub(super) fn is_open_and_empty(&self, value: &Value) -> bool {
        match value.kind {
            Kind::Tuple(id) => self.heap.elements(id).is_empty() && self.is_of_caller(value),
            Kind::Dict(id) => {
                (self.is_of_object(id) || self.notes.open_rests.contains(&id) && self.is_of_caller(value))
                    && self.heap.dict_entries(id).next().is_none()
            }
            _ => false,
        }
    }

    /// Whether a key of such a dictionary is one that nothing put in.
    fn is_open_to(&self, container: &Value, key: &Value) -> bool {
        let Kind::Dict(id) = container.kind else { return false };
        (self.is_of_object(id) || self.notes.open_rests.contains(&id) && self.is_of_caller(container))
            && self.heap.key_of(key).is_some_and(|key| self.heap.dict_get(id, &key).is_none())
    }

    /// What `kw.get(key)` and `kw.pop(key)` give that may have been passed.  What stands in for it in the source is what a
    /// default of a parameter is.
    pub(super) fn passed_in_rest(&self, receiver: &Value, arguments: &[Value]) -> Option<Value> {
        let (key, default) = arguments.split_first()?;
        let is_without_default = default.iter().all(|value| matches!(value.kind, Kind::None));
        (is_without_default && self.is_open_to(receiver, key))
            .then(|| Value::unknown().with_origins(receiver.origins))
    }

    /// Whether a comparison asks if such a key was passed.
    pub(super) fn asks_open_rest(&self, op: CompareOp, left: &Value, right: &Value) -> bool {
        matches!(op, CompareOp::In | CompareOp::NotIn)
            && (self.is_open_to(right, left) || self.is_open_and_empty(right))
    }
}
