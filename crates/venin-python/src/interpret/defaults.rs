//! Dictionaries that make what they do not have: `collections.defaultdict(list)`.
//!
//! Those that count are left alone: a number under every key tells nothing.

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, ObjId, Value};

/// What may stand in for a container that is made for each key.
const CONTAINERS: [&str; 5] = ["collections.OrderedDict", "collections.deque", "dict", "list", "set"];

/// `collections.defaultdict(factory, entries)`.
pub(super) fn default_dict(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (factory, rest) = arguments.positional.split_first()?;
    let is_followed = match factory.kind {
        Kind::External { name, .. } => CONTAINERS.contains(&&*me.names.text(name)),
        _ => me.is_callable(factory),
    };
    if !is_followed {
        return None;
    }
    let dict = me.external("dict");
    let made = me.call_value(&dict, rest.to_vec(), arguments.keywords.clone());
    let Kind::Dict(id) = made.kind else { return None };
    me.notes.default_factories.insert(id, factory.clone());
    Some(made)
}

/// `collections.ChainMap(first, second)`: what both hold, the first before the second.
pub(super) fn chain_map(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for map in arguments.positional.iter().rev() {
        let Kind::Dict(id) = map.kind else { return None };
        entries.extend(me.heap.dict_entries(id).cloned());
    }
    if !me.heap.spend(entries.len().saturating_mul(64)) {
        return None;
    }
    let origins = me.origins_of(&arguments.positional);
    Some(me.heap.dict(entries).with_origins(origins))
}

/// `weakref.WeakValueDictionary(entries)` and its like: a dictionary while its objects live.
pub(super) fn weak_dict(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let dict = me.external("dict");
    let made = me.call_value(&dict, arguments.positional.clone(), arguments.keywords.clone());
    matches!(made.kind, Kind::Dict(_)).then_some(made)
}

impl Interpreter<'_> {
    /// What such a dictionary makes for a key that it does not have.  A key that is not known is taken for a new one only while
    /// there is none.
    pub(super) fn default_item(&mut self, dict: ObjId, key: &Value) -> Option<Value> {
        let factory = self.notes.default_factories.get(&dict)?.clone();
        let is_missing = match self.heap.key_of(key) {
            Some(known) => self.heap.dict_get(dict, &known).is_none(),
            None => self.heap.dict_entries(dict).next().is_none(),
        };
        if !is_missing {
            return None;
        }
        let made = self.call_value(&factory, Vec::new(), Vec::new());
        self.counts.changes += 1;
        self.heap.dict_set(dict, key.clone(), made.clone());
        Some(made)
    }
}
