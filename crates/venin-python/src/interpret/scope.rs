//! Scopes: where names are read and written, and how a branch's writes are taken back.
//!
//! The attributes of an instance are written and taken back like the names of a scope: a slot is a name in either.

use std::rc::Rc;

use super::Interpreter;
use crate::value::{Kind, ObjId, Object, ScopeId, Sym, Value};

/// What one branch wrote, by slot.
pub(super) type Written = Vec<((ScopeId, Sym), Option<Value>)>;

/// Adds a write to a journal.  A loop writes the same names a million times, of which only the first old value counts.
fn note_write(journal: &mut Vec<(ScopeId, Sym, Option<Value>)>, write: (ScopeId, Sym, Option<Value>)) {
    const WORTH_COMPACTING: usize = 4096;
    if journal.len() >= WORTH_COMPACTING && journal.len() == journal.capacity() {
        let mut seen = rustc_hash::FxHashSet::default();
        journal.retain(|(scope, name, _)| seen.insert((*scope, *name)));
    }
    journal.push(write);
}

/// Whether two texts are the same, of long ones by length and ends: a loop that builds a megabyte compares it at each
/// round.
fn is_same_text(a: &[u8], b: &[u8]) -> bool {
    const LONG: usize = 4096;
    const END: usize = 256;
    if a.len() != b.len() || a.len() < LONG {
        return a == b;
    }
    std::ptr::eq(a, b) || a.get(..END) == b.get(..END) && a.get(a.len() - END..) == b.get(b.len() - END..)
}

impl Interpreter<'_> {
    pub(super) fn new_scope(&mut self, parent: Option<ScopeId>) -> ScopeId {
        self.heap.insert(Object::Scope { names: rustc_hash::FxHashMap::default(), parent })
    }

    /// The value of a name in one scope.
    pub(super) fn scope_get(&self, scope: ScopeId, name: Sym) -> Option<&Value> {
        match self.heap.get(scope) {
            Some(Object::Scope { names, .. }) => names.get(&name),
            _ => None,
        }
    }

    fn scope_parent(&self, scope: ScopeId) -> Option<ScopeId> {
        match self.heap.get(scope) {
            Some(Object::Scope { parent, .. }) => *parent,
            _ => None,
        }
    }

    /// Writes a name in one scope, remembering the old value for the branch in course.
    pub(super) fn scope_set(&mut self, scope: ScopeId, name: Sym, value: Value) {
        let old = match self.heap.get_mut(scope) {
            Some(Object::Scope { names, .. }) => names.insert(name, value),
            _ => return,
        };
        if let Some(journal) = self.journals.last_mut() {
            note_write(journal, (scope, name, old));
        }
    }

    /// The value of a slot: a name of a scope or an attribute of an instance.
    pub(super) fn slot_get(&self, holder: ObjId, name: Sym) -> Option<&Value> {
        match self.heap.get(holder) {
            Some(Object::Instance(instance)) => instance.attributes.get(&name),
            _ => self.scope_get(holder, name),
        }
    }

    /// Writes a slot, remembering the old value for the branch in course.
    pub(super) fn slot_set(&mut self, holder: ObjId, name: Sym, value: Value) {
        let Some(Object::Instance(instance)) = self.heap.get_mut(holder) else {
            return self.scope_set(holder, name, value);
        };
        let old = instance.attributes.insert(name, value);
        if let Some(journal) = self.journals.last_mut() {
            note_write(journal, (holder, name, old));
        }
    }

    /// Whether the slots of an object are the attributes of an instance.
    pub(super) fn is_attribute_slot(&self, holder: ObjId) -> bool {
        matches!(self.heap.get(holder), Some(Object::Instance(_)))
    }

    /// Puts back what a slot held before a branch wrote it.
    fn slot_restore(&mut self, holder: ObjId, name: Sym, old: Option<Value>) {
        let names = match self.heap.get_mut(holder) {
            Some(Object::Scope { names, .. }) => names,
            Some(Object::Instance(instance)) => &mut instance.attributes,
            _ => return,
        };
        match old {
            Some(value) => names.insert(name, value),
            None => names.remove(&name),
        };
    }

    /// One value for what several branches left in a slot.
    ///
    /// An attribute that one branch leaves open or empties is the one that another branch fills.
    pub(super) fn join_slot(&mut self, holder: ObjId, values: Vec<Value>) -> Value {
        let is_open = |v: &Value| matches!(v.kind, Kind::Unknown | Kind::None);
        if !self.is_attribute_slot(holder) || values.iter().all(is_open) || !values.iter().any(is_open) {
            return self.join_values(values);
        }
        let origins = self.origins_of(&values);
        let filled = values.into_iter().filter(|v| !is_open(v)).collect();
        let joined = self.join_values(filled);
        let origins = self.origins.union(joined.origins, origins);
        joined.with_origins(origins)
    }

    pub(super) fn scope_remove(&mut self, scope: ScopeId, name: Sym) {
        if let Some(Object::Scope { names, .. }) = self.heap.get_mut(scope) {
            let old = names.remove(&name);
            if let (Some(journal), Some(_)) = (self.journals.last_mut(), &old) {
                note_write(journal, (scope, name, old));
            }
        }
    }

    /// Looks a name up from the current scope outwards.  Class scopes are not seen from the functions in them.
    pub(super) fn lookup(&self, name: Sym) -> Option<Value> {
        self.find_name(name).map(|(_, value)| value)
    }

    /// The scope in which a name is bound, seen from the current one, and its value.
    pub(super) fn find_name(&self, name: Sym) -> Option<(ScopeId, Value)> {
        let mut scope = self.frame().map(|f| f.scope)?;
        for _ in 0..64 {
            if let Some(value) = self.scope_get(scope, name) {
                return Some((scope, value.clone()));
            }
            scope = self.scope_parent(scope)?;
        }
        None
    }

    /// Assigns a name as Python would: to the current scope, unless it is declared global or nonlocal.
    pub(super) fn assign_name(&mut self, name: Sym, value: Value) {
        let Some(frame) = self.frame() else { return };
        let mut target = frame.scope;
        if frame.globals_declared.contains(&name) {
            target = frame.globals;
        } else if frame.nonlocals_declared.contains(&name) {
            let mut scope = self.scope_parent(target);
            for _ in 0..64 {
                let Some(candidate) = scope else { break };
                if self.scope_get(candidate, name).is_some() {
                    target = candidate;
                    break;
                }
                scope = self.scope_parent(candidate);
            }
        }
        self.scope_set(target, name, value);
    }

    /// Runs a branch and takes its writes back; gives what it wrote last to each name.
    pub(super) fn in_branch<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> (T, Written) {
        self.journals.push(Vec::new());
        let result = run(self);
        let journal = self.journals.pop().unwrap_or_default();
        let mut written: Written = Vec::new();
        let mut seen = rustc_hash::FxHashSet::default();
        for (scope, name, _) in &journal {
            if seen.insert((*scope, *name)) {
                written.push(((*scope, *name), self.slot_get(*scope, *name).cloned()));
            }
        }
        for (holder, name, old) in journal.into_iter().rev() {
            self.slot_restore(holder, name, old);
        }
        (result, written)
    }

    /// One value that stands for several.
    pub(super) fn join_values(&mut self, values: Vec<Value>) -> Value {
        const MAX_CHOICES: usize = 8;
        if let [value] = values.as_slice()
            && !matches!(value.kind, Kind::Choice(_))
        {
            return values.into_iter().next().unwrap_or_else(Value::unknown);
        }
        let mut flat: Vec<Value> = Vec::new();
        let known = values.iter().find(|v| matches!(v.kind, Kind::Choice(_))).cloned();
        for value in values {
            match value.kind {
                Kind::Choice(id) => flat.extend(self.heap.elements(id).to_vec()),
                _ => flat.push(value),
            }
        }
        let origins =
            flat.iter().fold(crate::value::OriginSet::EMPTY, |a, v| self.origins.union(a, v.origins));
        let mut distinct: Vec<Value> = Vec::new();
        for value in flat {
            if matches!(value.kind, Kind::Unknown) && value.origins == crate::value::OriginSet::EMPTY {
                continue;
            }
            if !distinct.iter().any(|d| Self::is_same(d, &value)) {
                distinct.push(value);
            }
            // The elements of a list of a hundred thousand are not compared with each other.
            if distinct.len() > MAX_CHOICES {
                break;
            }
        }
        match distinct.len() {
            0 => Value::unknown().with_origins(origins),
            1 => distinct.pop().unwrap_or_else(Value::unknown),
            n if n <= MAX_CHOICES => {
                // In a loop the same join is made at every round: a choice that has it all already serves again.
                if let Some(known) = known.filter(|known| self.alternatives(known).len() == n) {
                    return known.with_origins(origins);
                }
                Value::new(Kind::Choice(self.heap.insert(Object::List(distinct)))).with_origins(origins)
            }
            _ => Value::unknown().with_origins(origins),
        }
    }

    /// Whether two values are plainly the same.
    fn is_same(a: &Value, b: &Value) -> bool {
        match (&a.kind, &b.kind) {
            (Kind::Unknown, Kind::Unknown) => true,
            (Kind::External { name: x, made_by: p }, Kind::External { name: y, made_by: q }) => {
                x == y && p == q
            }
            (Kind::List(x), Kind::List(y))
            | (Kind::Tuple(x), Kind::Tuple(y))
            | (Kind::Dict(x), Kind::Dict(y))
            | (Kind::Function(x), Kind::Function(y))
            | (Kind::Class(x), Kind::Class(y))
            | (Kind::Module(x), Kind::Module(y))
            | (Kind::Instance(x), Kind::Instance(y)) => x == y,
            (Kind::Partial(x), Kind::Partial(y)) => Rc::ptr_eq(x, y) || x == y,
            (Kind::None, Kind::None) => true,
            (Kind::Bool(x), Kind::Bool(y)) => x == y,
            (Kind::Int(x), Kind::Int(y)) => x == y,
            (Kind::Float(x), Kind::Float(y)) => x.to_bits() == y.to_bits(),
            (Kind::Str(x), Kind::Str(y)) => is_same_text(x.as_str().as_bytes(), y.as_str().as_bytes()),
            (Kind::Bytes(x), Kind::Bytes(y)) => is_same_text(x, y),
            (Kind::Big(x), Kind::Big(y)) => x == y,
            _ => false,
        }
    }

    /// The alternatives of a value: itself, or the members of a choice.
    pub(super) fn alternatives(&self, value: &Value) -> Vec<Value> {
        match value.kind {
            Kind::Choice(id) => self.heap.elements(id).to_vec(),
            _ => vec![value.clone()],
        }
    }

    /// The scope of a module object.
    pub(super) fn module_scope(&self, module: ObjId) -> Option<ScopeId> {
        match self.heap.get(module) {
            Some(Object::Module(_, scope)) => Some(*scope),
            _ => None,
        }
    }
}
