//! Attributes that the program puts on what has none of its own here: functions, and modules and objects from outside the
//! artifact.
//!
//! They are names of scopes, so that branches take them back and join them as they do any other name.  A name from outside
//! that means something to the catalogue or to the interpreter keeps its meaning, whatever is put there.

use rustc_hash::FxHashMap;

use super::{Interpreter, handlers};
use crate::catalogue;
use crate::value::{Heap, Kind, NameId, ObjId, Object, ScopeId, Sym, Value};

/// Most functions and names that are remembered.
const MOST_KEPT: usize = 10_000;
/// Names whose assignment changes what the whole process does, which nothing here follows.
const OF_PROCESS: [&str; 6] =
    ["sys.argv", "sys.modules", "sys.path", "sys.stderr", "sys.stdin", "sys.stdout"];

/// Where the attributes are that were put on something.
#[derive(Debug, Default)]
pub(super) struct PutAttributes {
    of_functions: FxHashMap<ObjId, ScopeId>,
    /// Names from outside that were assigned, each with its slot in the one scope of all of them.
    outside: FxHashMap<NameId, Sym>,
    scope_outside: Option<ScopeId>,
}

impl PutAttributes {
    /// The scopes, which nothing else refers to.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjId> {
        self.of_functions.values().copied().chain(self.scope_outside)
    }

    /// Forgets functions that were collected: their place is given to something else.
    pub(super) fn retain_held(&mut self, heap: &Heap) {
        self.of_functions.retain(|function, _| matches!(heap.get(*function), Some(Object::Function(_))));
    }
}

impl Interpreter<'_> {
    /// `function.name = value`.
    pub(super) fn put_on_function(&mut self, function: ObjId, name: Sym, value: Value) {
        self.counts.changes += 1;
        if let Some(scope) = self.scope_of_function(function) {
            self.scope_set(scope, name, value);
        }
    }

    /// What was put on a function under a name.
    pub(super) fn put_there(&self, function: ObjId, name: Sym) -> Option<Value> {
        let scope = self.notes.put.of_functions.get(&function)?;
        self.scope_get(*scope, name).cloned()
    }

    /// `function.__dict__`.
    pub(super) fn namespace_of_function(&mut self, function: ObjId) -> Value {
        match self.scope_of_function(function) {
            Some(scope) => self.scope_as_module(scope),
            None => Value::unknown(),
        }
    }

    fn scope_of_function(&mut self, function: ObjId) -> Option<ScopeId> {
        if let Some(scope) = self.notes.put.of_functions.get(&function) {
            return Some(*scope);
        }
        if self.notes.put.of_functions.len() >= MOST_KEPT {
            return None;
        }
        let scope = self.new_scope(None);
        self.hold_scope(scope);
        self.notes.put.of_functions.insert(function, scope);
        Some(scope)
    }

    /// `module.name = value` of something outside the artifact.
    pub(super) fn put_outside(&mut self, name: NameId, value: &Value) {
        let text = self.names.text(name);
        if self.notes.put.outside.len() >= MOST_KEPT || self.has_meaning(name, &text) {
            return;
        }
        self.counts.changes += 1;
        let scope = match self.notes.put.scope_outside {
            Some(scope) => scope,
            None => {
                let scope = self.new_scope(None);
                self.hold_scope(scope);
                *self.notes.put.scope_outside.insert(scope)
            }
        };
        let slot = self.symbols.intern(&text);
        self.notes.put.outside.insert(name, slot);
        // Objects that calls give have the name of the call, all of them the same.
        let before = self.scope_get(scope, slot).filter(|_| text.contains('(')).cloned();
        let value = match before {
            Some(before) => self.join_values(vec![before, value.clone()]),
            None => value.clone(),
        };
        self.scope_set(scope, slot, value);
    }

    /// What was put under a name outside the artifact.
    pub(super) fn put_under(&self, name: NameId) -> Option<Value> {
        let slot = self.notes.put.outside.get(&name)?;
        let held = self.scope_get(self.notes.put.scope_outside?, *slot)?;
        // A name says more than nothing at all.
        (!matches!(held.kind, Kind::Unknown) || held.origins != crate::value::OriginSet::EMPTY)
            .then(|| held.clone())
    }

    /// Whether the catalogue or the interpreter knows a name, or one that begins with it.
    fn has_meaning(&mut self, name: NameId, text: &str) -> bool {
        let known = self.known_name(name);
        known.is_known()
            || OF_PROCESS.contains(&text)
            || catalogue::find_store(text).is_some()
            || catalogue::leads_on(text)
            || handlers::leads_on(text)
    }
}
