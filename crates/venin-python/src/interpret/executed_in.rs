//! The namespaces that `exec` and `eval` are given: what the code that is executed there finds, and what it leaves there.

use rustc_hash::FxHashMap;

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, ObjId, Object, ScopeId, Sym, Value};

/// Most names that executed code leaves in a dictionary.
const MOST_LEFT: usize = 1_000;

impl Interpreter<'_> {
    /// Runs code in the namespaces that the call names.
    pub(super) fn run_code_in(&mut self, source: &Value, arguments: &Arguments) -> Value {
        let globals = self.argument(arguments, 1, "globals");
        let locals = self.argument(arguments, 2, "locals");
        let Some(Value { kind: Kind::Dict(locals), .. }) = locals else {
            return self.run_code_value(source, globals.as_ref());
        };
        let parent = globals.as_ref().and_then(|globals| self.namespace_scope(globals));
        let parent = parent.or_else(|| self.frame().map(|frame| frame.globals));
        let scope = self.scope_of_dictionary(locals, parent);
        let namespace = self.scope_as_module(scope);
        let value = self.run_code_value(source, Some(&namespace));
        self.leave_names_in(locals, scope);
        value
    }

    /// A scope with the names that a dictionary has.
    pub(super) fn scope_of_dictionary(&mut self, dictionary: ObjId, parent: Option<ScopeId>) -> ScopeId {
        let entries: Vec<(Value, Value)> = self.heap.dict_entries(dictionary).cloned().collect();
        let mut names = FxHashMap::default();
        for (key, value) in entries {
            if let Some(key) = key.as_str() {
                names.insert(self.symbols.intern(key), value);
            }
        }
        self.heap.insert(Object::Scope { names, parent, is_held: true })
    }

    /// Puts the names of a scope into the dictionary that it was made of.
    pub(super) fn leave_names_in(&mut self, dictionary: ObjId, scope: ScopeId) {
        let Some(Object::Scope { names, .. }) = self.heap.get(scope) else { return };
        let mut left: Vec<(Sym, Value)> = names.iter().map(|(name, value)| (*name, value.clone())).collect();
        left.sort_by_key(|(name, _)| *name);
        self.counts.changes += 1;
        for (name, value) in left.into_iter().take(MOST_LEFT) {
            let name = Value::str(self.symbols.text(name));
            self.heap.dict_set(dictionary, name, value);
        }
    }
}
