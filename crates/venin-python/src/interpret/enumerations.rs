//! Enumerations: their members, and the ways to one of them.
//!
//! A member is an object where the enumeration has methods of its own; elsewhere it is its value, which more can be computed
//! with.

use super::Interpreter;
use super::function::Arguments;
use crate::source::ir::CompareOp;
use crate::value::{Instance, Kind, ObjId, Object, Sym, Value};

/// Most members of an enumeration that its own constructor is run for.
const MAX_BUILT: usize = 8;
/// Most members of an enumeration.
const MAX_MEMBERS: usize = 64;
/// The name in a class's namespace under which the names of its members are kept; no identifier is spelt so.
const MEMBERS: &str = "<members>";

impl Interpreter<'_> {
    pub(super) fn is_enumeration(&self, class: ObjId) -> bool {
        const ENUMERATIONS: [&str; 6] =
            ["enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag", "enum.ReprEnum"];
        self.external_bases(class).iter().any(|base| ENUMERATIONS.contains(&&**base))
    }

    /// The members of an enumeration are made when its body is through.
    pub(super) fn make_members(&mut self, class: ObjId) {
        if !self.is_enumeration(class) {
            return;
        }
        let Some(Object::Class(definition)) = self.heap.get(class) else { return };
        let scope = definition.scope;
        let names = self.names_of_members(scope);
        let listed = names.iter().map(|name| Value::str(self.symbols.text(*name))).collect();
        let (kept, listed) = (self.symbols.intern(MEMBERS), self.heap.tuple(listed));
        self.scope_set(scope, kept, listed);
        let is_plain = self.external_bases(class).iter().all(|base| &**base == "enum.Enum");
        let is_object = is_plain && !self.methods_of(class).is_empty();
        for (at, name) in names.into_iter().enumerate() {
            let Some(value) = self.scope_get(scope, name).cloned() else { continue };
            let mut receiver = Value::new(Kind::Class(class));
            if is_object {
                receiver = self.member(class, name, &value);
                self.scope_set(scope, name, receiver.clone());
            }
            if at < MAX_BUILT {
                self.build_member(class, &receiver, value);
            }
        }
    }

    fn names_of_members(&self, scope: ObjId) -> Vec<Sym> {
        let Some(Object::Scope { names, .. }) = self.heap.get(scope) else { return Vec::new() };
        let is_member = |name: Sym, value: &Value| {
            !self.symbols.as_str(name).starts_with(['_', '<']) && !matches!(value.kind, Kind::Function(_))
        };
        let mut members: Vec<Sym> =
            names.iter().filter(|(name, value)| is_member(**name, value)).map(|(name, _)| *name).collect();
        members.sort_unstable();
        members.truncate(MAX_MEMBERS);
        members
    }

    fn member(&mut self, class: ObjId, name: Sym, value: &Value) -> Value {
        let text = Value::str(self.symbols.text(name));
        let names = [("value", value), ("_value_", value), ("name", &text), ("_name_", &text)];
        let attributes =
            names.into_iter().map(|(name, held)| (self.symbols.intern(name), held.clone())).collect();
        let member = self.heap.insert(Object::Instance(Instance { class, attributes }));
        Value::new(Kind::Instance(member)).with_origins(value.origins)
    }

    /// Runs what the class has for the making of a member.
    fn build_member(&mut self, class: ObjId, member: &Value, value: Value) {
        let hooks = ["__new__", "__init__", "_generate_next_value_"];
        let hooks: Vec<Value> = hooks.iter().filter_map(|hook| self.class_hook(class, hook)).collect();
        if hooks.is_empty() {
            return;
        }
        let positional = match value.kind {
            Kind::Tuple(id) => self.heap.elements(id).to_vec(),
            _ => vec![value],
        };
        for hook in &hooks {
            self.call_hook(hook, member, positional.clone());
        }
    }

    /// The members of an enumeration in order; `None` for any other class.
    pub(super) fn members_of(&self, class: ObjId) -> Option<Vec<Value>> {
        let kept = self.symbols.find(MEMBERS)?;
        let Some(Object::Class(definition)) = self.heap.get(class) else { return None };
        let Kind::Tuple(names) = self.scope_get(definition.scope, kept)?.kind else { return None };
        let names = self.heap.elements(names).iter().filter_map(|name| self.symbols.find(name.as_str()?));
        Some(names.filter_map(|name| self.scope_get(definition.scope, name).cloned()).collect())
    }

    /// What `Enumeration["NAME"]` gives.
    pub(super) fn member_named(&mut self, class: ObjId, name: &Value) -> Option<Value> {
        let members = self.members_of(class)?;
        let Some(name) = name.as_str() else { return Some(self.join_values(members)) };
        let name = self.symbols.find(name)?;
        self.class_attribute(class, name, 0)
    }

    /// What `Enumeration(value)` gives: the member of this value, or any if the value is not known.
    pub(super) fn member_of_value(&mut self, class: ObjId, arguments: &Arguments) -> Option<Value> {
        let [asked] = arguments.positional.as_slice() else { return None };
        let members = self.members_of(class).filter(|members| !members.is_empty())?;
        if !asked.is_scalar() {
            let member = self.join_values(members);
            let origins = self.origins.union(member.origins, asked.origins);
            return Some(member.with_origins(origins));
        }
        let value_name = self.symbols.intern("value");
        members.into_iter().find(|member| {
            let value = match member.kind {
                Kind::Instance(_) => self.get_attribute(member, value_name),
                _ => member.clone(),
            };
            let is_same = self.with_fold(|cx| crate::fold::fold_compare(cx, CompareOp::Eq, &value, asked));
            is_same == Some(true)
        })
    }
}
