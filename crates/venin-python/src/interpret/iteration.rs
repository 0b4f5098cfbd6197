//! Iteration over objects of the artifact: `__iter__` and `__next__`, or `__getitem__` with rising indexes.
//!
//! An iterator whose end only an exception tells is asked for one element; how many there are is not known.

use super::Interpreter;
use crate::value::{Kind, Object, Value};

impl Interpreter<'_> {
    /// The elements of an object, if its `__iter__` gives something whose elements are known.
    pub(super) fn iterate_object(&mut self, value: &Value, limit: usize) -> Option<Vec<Value>> {
        let Some(iterator) = self.iterator_of_object(value) else {
            return match value.kind {
                Kind::Class(class) => self.members_of(class),
                _ => self.elements_of_record(value),
            };
        };
        if !matches!(iterator.kind, Kind::Instance(_)) {
            return self.iterate(&iterator, limit);
        }
        None
    }

    /// What `iter(object)` gives.
    pub(super) fn iterator_of_object(&mut self, value: &Value) -> Option<Value> {
        self.call_protocol(value, "__iter__", Vec::new())
            .or_else(|| self.call_protocol(value, "__aiter__", Vec::new()))
    }

    /// One element of an object that is iterated.
    pub(super) fn element_of_object(&mut self, value: &Value) -> Value {
        let unknown = Value::unknown().with_origins(value.origins);
        let iterator = match self.iterator_of_object(value) {
            Some(iterator) if matches!(iterator.kind, Kind::Instance(_)) => iterator,
            Some(Value { kind: Kind::Unknown, .. }) => return unknown,
            Some(iterator) => return self.element_of(&iterator),
            None if self.has_foreign_base(value) => return unknown,
            // Before there was `__iter__`, sequences were iterated by their indexes.
            None => {
                let item = self.call_protocol(value, "__getitem__", vec![Value::int(0)]);
                return item.unwrap_or(unknown);
            }
        };
        self.call_protocol(&iterator, "__next__", Vec::new())
            .or_else(|| self.call_protocol(&iterator, "__anext__", Vec::new()))
            .unwrap_or(unknown)
    }

    /// Whether the class of an instance has a base outside the artifact, which may iterate in its own way.
    fn has_foreign_base(&self, value: &Value) -> bool {
        let Kind::Instance(id) = value.kind else { return false };
        let Some(Object::Instance(instance)) = self.heap.get(id) else { return false };
        self.external_bases(instance.class).iter().any(|base| &**base != "object")
    }

    /// An object as a list of its elements, where they are known; asked for one element otherwise.
    pub(super) fn listed(&mut self, value: &Value) -> Option<Value> {
        match self.iterate_object(value, 100_000) {
            Some(items) => {
                let origins = self.origins_of(&items);
                Some(self.heap.list(items).with_origins(origins))
            }
            None => {
                self.element_of_object(value);
                None
            }
        }
    }
}
