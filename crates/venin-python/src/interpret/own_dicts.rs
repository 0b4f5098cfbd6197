//! The dictionary of an object: what is put into `object.__dict__` or `vars(object)` becomes an attribute of the object.
//!
//! The dictionary holds what was known of the object when it was asked for; of what else there is in it nothing is known.

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, ObjId, Value};

/// Most dictionaries whose object is remembered.
const MOST_KEPT: usize = 10_000;
/// Most entries that are put into an object at once.
const MOST_ENTRIES: usize = 200;

impl Interpreter<'_> {
    /// `object.__dict__`, as a dictionary that knows its object.
    pub(super) fn dictionary_of(&mut self, object: &Value, instance: ObjId) -> Value {
        let mut held = self.attributes_of(object, instance);
        if matches!(held.kind, Kind::Unknown) {
            held = self.heap.dict(Vec::new()).with_origins(held.origins);
        }
        if let Kind::Dict(dict) = held.kind
            && self.notes.own_dicts.len() < MOST_KEPT
        {
            self.notes.own_dicts.insert(dict, instance);
        }
        held
    }

    /// Whether more may be in a dictionary because it is that of an object.
    pub(super) fn is_of_object(&self, dict: ObjId) -> bool {
        !self.notes.own_dicts.is_empty() && self.notes.own_dicts.contains_key(&dict)
    }

    /// `object.__dict__[name] = value`.
    pub(super) fn put_into_object(&mut self, dict: ObjId, name: &Value, value: &Value) {
        if let Some(instance) = self.notes.own_dicts.get(&dict).copied()
            && let Some(name) = name.as_str()
        {
            let name = self.symbols.intern(name);
            self.slot_set(instance, name, value.clone());
        }
    }

    /// `object.__dict__.update(entries, name=value)`, `object.__dict__.setdefault(name, value)`.
    pub(super) fn change_object(&mut self, receiver: &Value, method: &str, arguments: &Arguments) {
        let Kind::Dict(dict) = receiver.kind else { return };
        if !self.is_of_object(dict) {
            return;
        }
        match (method, arguments.positional.as_slice()) {
            ("setdefault", [name, value]) => self.put_into_object(dict, name, value),
            ("update", given) => {
                for entries in given {
                    self.put_entries(dict, entries);
                }
                for (name, value) in &arguments.keywords {
                    let name = Value::str(self.symbols.text(*name));
                    self.put_into_object(dict, &name, value);
                }
            }
            _ => {}
        }
    }

    /// `object.__dict__ = entries`.
    pub(super) fn replace_dictionary(&mut self, instance: ObjId, entries: &Value) {
        let Kind::Dict(dict) = entries.kind else { return };
        if self.notes.own_dicts.len() < MOST_KEPT {
            self.notes.own_dicts.insert(dict, instance);
            self.put_entries(dict, entries);
        }
    }

    fn put_entries(&mut self, dict: ObjId, entries: &Value) {
        let Kind::Dict(id) = entries.kind else { return };
        let entries: Vec<(Value, Value)> = self.heap.dict_entries(id).take(MOST_ENTRIES).cloned().collect();
        for (name, value) in entries {
            self.put_into_object(dict, &name, &value);
        }
    }
}
