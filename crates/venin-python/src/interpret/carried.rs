//! Objects that are nothing but what they hold: namespaces, the attributes of an object, the fields of a record.
//!
//! What is given back is a copy: who changes it does not change the object.

use std::rc::Rc;

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Class, Instance, Kind, ObjId, Object, OriginSet, ScopeId, Sym, Value};

/// Most names of a scope or attributes of an object that are looked at.
const MOST_NAMES: usize = 100;

/// `types.SimpleNamespace(name=value)`: an object with these attributes.
pub(super) fn namespace(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let leaf = name.rsplit('.').next().unwrap_or(name);
    let object = me.object_with(leaf, arguments.keywords.clone());
    let values: Vec<&Value> =
        arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, v)| v)).collect();
    let origins = me.origins_of(values);
    Some(object.with_origins(origins))
}

/// `dataclasses.asdict(object)`.
pub(super) fn fields(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let value = arguments.positional.first()?;
    let Kind::Instance(id) = value.kind else { return None };
    let fields = me.attributes_of(value, id);
    let is_by_name = name.ends_with("asdict");
    Some(if is_by_name { fields } else { Value::unknown().with_origins(fields.origins) })
}

impl Interpreter<'_> {
    /// An object of a class without methods, with these attributes.
    pub(super) fn object_with(&mut self, class: &str, attributes: Vec<(Sym, Value)>) -> Value {
        let scope = self.new_scope(None);
        let class = Class { name: Rc::from(class), bases: Vec::new(), metaclass: None, scope };
        let class = self.heap.insert(Object::Class(Rc::new(class)));
        let attributes = attributes.into_iter().collect();
        Value::new(Kind::Instance(self.heap.insert(Object::Instance(Instance { class, attributes }))))
    }

    /// What `object.__dict__` holds, by name.
    pub(super) fn attributes_of(&mut self, object: &Value, id: ObjId) -> Value {
        let Some(Object::Instance(instance)) = self.heap.get(id) else { return Value::unknown() };
        let mut held: Vec<(Sym, Value)> = instance.attributes.iter().map(|(n, v)| (*n, v.clone())).collect();
        held.sort_by_key(|(name, _)| *name);
        held.truncate(MOST_NAMES);
        let origins = self.deep_origins(object);
        if held.is_empty() {
            return Value::unknown().with_origins(origins);
        }
        let entries =
            held.into_iter().map(|(name, value)| (Value::str(self.symbols.text(name)), value)).collect();
        self.heap.dict(entries).with_origins(origins)
    }

    /// The origins of what the names of a scope hold.
    pub(super) fn origins_of_scope(&mut self, scope: ScopeId) -> OriginSet {
        let Some(Object::Scope { names, .. }) = self.heap.get(scope) else { return OriginSet::EMPTY };
        let mut held: Vec<(Sym, Value)> = names.iter().map(|(n, v)| (*n, v.clone())).collect();
        held.sort_by_key(|(name, _)| *name);
        let values: Vec<Value> = held.into_iter().take(MOST_NAMES).map(|(_, value)| value).collect();
        values.iter().fold(OriginSet::EMPTY, |all, value| {
            let deep = self.deep_origins(value);
            self.origins.union(all, deep)
        })
    }
}
