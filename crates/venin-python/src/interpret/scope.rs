//! Scopes: where names are read and written, and how a branch's writes are taken back.
//!
//! The attributes of an instance are written and taken back like the names of a scope: a slot is a name in either.

use std::cell::Cell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use venin_model::Trigger;

use super::Interpreter;
use crate::value::{Kind, ObjId, Object, OriginSet, ScopeId, Sym, Value};

/// What one branch wrote, by slot.
pub(super) type Written = Vec<((ScopeId, Sym), Option<Value>)>;

/// Adds a write to a journal.  A loop writes the same names a million times, of which only the first old value counts.
fn note_write(journal: &mut Vec<(ScopeId, Sym, Option<Value>)>, write: (ScopeId, Sym, Option<Value>)) {
    const WORTH_COMPACTING: usize = 4096;
    if journal.len() >= WORTH_COMPACTING && journal.len() == journal.capacity() {
        let mut seen = FxHashSet::default();
        journal.retain(|(scope, name, _)| seen.insert((*scope, *name)));
    }
    journal.push(write);
}

/// Whether nothing at all is known of a value, so that it adds nothing to others.
fn is_void(value: &Value) -> bool {
    matches!(value.kind, Kind::Unknown) && value.origins == OriginSet::EMPTY
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

/// The writes to names that branches take back or join.
#[derive(Debug, Default)]
pub(super) struct Writes {
    /// Undo logs of the branches being taken, innermost last.
    pub(super) journals: Vec<Vec<(ScopeId, Sym, Option<Value>)>>,
    /// Empty tables that taking branches back and joining them fills and empties again.
    pub(super) slots_seen: FxHashSet<(ScopeId, Sym)>,
    pub(super) slots_joined: FxHashMap<(ScopeId, Sym), usize>,
    /// Names that functions write in scopes around them, and how often one was read from within a function.
    rewritten: FxHashSet<(ScopeId, Sym)>,
    /// Containers into which functions put something.
    refilled: FxHashSet<ObjId>,
    rewritten_reads: Cell<u64>,
    /// Flags and counts that functions which somebody may call set in this root, with what they were before.
    flags: Vec<(ScopeId, Sym, Value)>,
}

impl Writes {
    /// How often a name was read that functions write from within others: the count only grows.
    pub(super) fn rewritten_reads(&self) -> u64 {
        self.rewritten_reads.get()
    }

    /// Forgets the names of scopes that are no more.
    pub(super) fn forget_rewritten(&mut self) {
        self.rewritten.clear();
        self.refilled.clear();
        self.flags.clear();
    }

    /// Notes that a name was read from a scope around the one in force.
    fn note_read(&self, scope: ScopeId, name: Sym, value: &Value) {
        let is_rewritten = !self.rewritten.is_empty() && self.rewritten.contains(&(scope, name));
        let is_refilled =
            || !self.refilled.is_empty() && value.kind.object().is_some_and(|id| self.refilled.contains(&id));
        if is_rewritten || is_refilled() {
            self.rewritten_reads.set(self.rewritten_reads.get() + 1);
        }
    }
}

impl Interpreter<'_> {
    pub(super) fn new_scope(&mut self, parent: Option<ScopeId>) -> ScopeId {
        self.heap.insert(Object::Scope { names: FxHashMap::default(), parent, is_held: false })
    }

    /// Notes that something outlives the block of a scope and refers to it, and so to those around it.
    pub(super) fn hold_scope(&mut self, scope: ScopeId) {
        let mut at = Some(scope);
        while let Some(Object::Scope { parent, is_held: is_held @ false, .. }) =
            at.and_then(|scope| self.heap.get_mut(scope))
        {
            *is_held = true;
            at = *parent;
        }
    }

    /// The length of the journal in course, for [`Interpreter::forget_writes`].
    pub(super) fn journal_len(&self) -> usize {
        self.writes.journals.last().map_or(0, Vec::len)
    }

    /// Forgets what was written to a scope since the journal had a length, when the scope ends and nothing refers to it: no
    /// branch can see it any more.
    pub(super) fn forget_writes(&mut self, scope: ScopeId, since: usize) {
        if let Some(journal) = self.writes.journals.last_mut()
            && journal.len() > since
            && matches!(self.heap.get(scope), Some(Object::Scope { is_held: false, .. }))
        {
            // A scope is made when the journal has that length, so no write of it stands before; compacting may move one
            // there, and then it stays.  What stands before is long, and is not looked at.
            let mut kept = since;
            for at in since..journal.len() {
                if journal.get(at).is_some_and(|(holder, _, _)| *holder != scope) {
                    journal.swap(kept, at);
                    kept += 1;
                }
            }
            journal.truncate(kept);
        }
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
        if let Some(journal) = self.writes.journals.last_mut() {
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
        if let Some(journal) = self.writes.journals.last_mut() {
            note_write(journal, (holder, name, old));
        }
    }

    /// Whether the slots of an object are the attributes of an instance.
    pub(super) fn is_attribute_slot(&self, holder: ObjId) -> bool {
        matches!(self.heap.get(holder), Some(Object::Instance(_)))
    }

    /// Puts back what a slot held before a branch wrote it; gives what the branch left in it.
    fn slot_restore(&mut self, holder: ObjId, name: Sym, old: Option<Value>) -> Option<Value> {
        let names = match self.heap.get_mut(holder) {
            Some(Object::Scope { names, .. }) => names,
            Some(Object::Instance(instance)) => &mut instance.attributes,
            _ => return None,
        };
        match old {
            Some(value) => names.insert(name, value),
            None => names.remove(&name),
        }
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
            if let (Some(journal), Some(_)) = (self.writes.journals.last_mut(), &old) {
                note_write(journal, (scope, name, old));
            }
        }
    }

    /// Looks a name up from the current scope outwards.  Class scopes are not seen from the functions in them.
    pub(super) fn lookup(&self, name: Sym) -> Option<Value> {
        self.find_name(name).map(|(_, value)| value.clone())
    }

    /// The scope in which a name is bound, seen from the current one, and its value.
    pub(super) fn find_name(&self, name: Sym) -> Option<(ScopeId, &Value)> {
        let own = self.frame().map(|f| f.scope)?;
        let mut scope = own;
        for _ in 0..64 {
            if let Some(value) = self.scope_get(scope, name) {
                if scope != own {
                    self.writes.note_read(scope, name, value);
                }
                return Some((scope, value));
            }
            scope = self.scope_parent(scope)?;
        }
        None
    }

    /// Assigns a name as Python would: to the current scope, unless it is declared global or nonlocal.
    pub(super) fn assign_name(&mut self, name: Sym, value: Value) {
        let Some(frame) = self.frame() else { return };
        let own = frame.scope;
        let mut target = own;
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
        if target == own {
            self.scope_set(target, name, value);
        } else {
            self.scope_rewrite(target, name, value);
        }
    }

    /// Notes that something is put into a container; from a function, what reads it from elsewhere finds something else now.
    pub(super) fn note_refilled(&mut self, container: ObjId) {
        if self.frame().is_some_and(|frame| frame.function.is_some()) {
            self.writes.refilled.insert(container);
        }
    }

    /// Writes a name of a scope from within another one: functions that read it read something else from now on.
    pub(super) fn scope_rewrite(&mut self, scope: ScopeId, name: Sym, value: Value) {
        self.counts.changes += 1;
        self.writes.rewritten.insert((scope, name));
        if self.trigger == Trigger::Run
            && let Some(old) = self.scope_get(scope, name).filter(|old| is_mark(old) && is_mark(&value))
            && !self.writes.flags.iter().any(|(of, flag, _)| (*of, *flag) == (scope, name))
        {
            self.writes.flags.push((scope, name, old.clone()));
        }
        self.scope_set(scope, name, value);
    }

    /// Leaves it open whether the flags were set that the functions of the last root set: nobody has to have called them when
    /// somebody calls the next one.
    pub(super) fn reopen_flags(&mut self) {
        for (scope, name, old) in std::mem::take(&mut self.writes.flags) {
            if let Some(new) = self.scope_get(scope, name).cloned() {
                let either = self.join_values(vec![old, new]);
                self.scope_set(scope, name, either);
            }
        }
    }

    /// Runs a branch and takes its writes back; gives what it wrote last to each name.
    pub(super) fn in_branch<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> (T, Written) {
        self.writes.journals.push(Vec::new());
        let result = run(self);
        let journal = self.writes.journals.pop().unwrap_or_default();
        (result, self.take_back(journal))
    }

    /// Takes the writes of a journal back; gives what was written last to each slot, in the order of the first writes.
    fn take_back(&mut self, journal: Vec<(ScopeId, Sym, Option<Value>)>) -> Written {
        const FEW: usize = 8;
        let is_short = journal.len() <= FEW;
        let mut written: Written = Vec::with_capacity(journal.len().min(256));
        let mut seen = std::mem::take(&mut self.writes.slots_seen);
        for (holder, name, old) in journal {
            let slot = (holder, name);
            let is_first =
                if is_short { !written.iter().any(|(known, _)| *known == slot) } else { seen.insert(slot) };
            // The first write of a slot knows what it held before the branch.
            if is_first {
                let last = self.slot_restore(holder, name, old);
                written.push((slot, last));
            }
        }
        // Clearing a large table takes its whole size in time at each small branch.
        if seen.capacity() <= 4096 {
            seen.clear();
            self.writes.slots_seen = seen;
        }
        written
    }

    /// One value for what a branch left in a slot and what was there before it.
    pub(super) fn join_slot_pair(&mut self, holder: ObjId, new: Value, old: Value) -> Value {
        let is_open = |v: &Value| matches!(v.kind, Kind::Unknown | Kind::None);
        if matches!(new.kind, Kind::Choice(_)) || matches!(old.kind, Kind::Choice(_)) {
            return self.join_slot(holder, vec![new, old]);
        }
        if is_undecided(&new, &old) {
            return Value::unknown().with_origins(self.origins.union(new.origins, old.origins));
        }
        if is_open(&new) != is_open(&old) && self.is_attribute_slot(holder) {
            let origins = self.origins.union(new.origins, old.origins);
            let filled = if is_open(&new) { old } else { new };
            return filled.with_origins(origins);
        }
        self.join_two(new, old)
    }

    /// One value that stands for several.
    pub(super) fn join_values(&mut self, values: Vec<Value>) -> Value {
        const MAX_CHOICES: usize = 8;
        if let [value] = values.as_slice()
            && !matches!(value.kind, Kind::Choice(_))
        {
            return values.into_iter().next().unwrap_or_else(Value::unknown);
        }
        let values = match <[Value; 2]>::try_from(values) {
            Ok([a, b]) if !matches!(a.kind, Kind::Choice(_)) && !matches!(b.kind, Kind::Choice(_)) => {
                return self.join_two(a, b);
            }
            Ok(pair) => Vec::from(pair),
            Err(values) => values,
        };
        let mut flat: Vec<Value> = Vec::with_capacity(values.len() + MAX_CHOICES);
        let known = values.iter().find(|v| matches!(v.kind, Kind::Choice(_))).cloned();
        for value in values {
            match value.kind {
                Kind::Choice(id) => flat.extend_from_slice(self.heap.elements(id)),
                _ => flat.push(value),
            }
        }
        let origins = flat.iter().fold(OriginSet::EMPTY, |a, v| self.origins.union(a, v.origins));
        let mut distinct: Vec<Value> = Vec::with_capacity(flat.len().min(MAX_CHOICES + 1));
        let mut is_open = false;
        for value in flat {
            if is_void(&value) {
                is_open = true;
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
            1 if is_open && distinct.iter().all(is_flag) => Value::unknown().with_origins(origins),
            1 => distinct.pop().unwrap_or_else(Value::unknown),
            n if n <= MAX_CHOICES => {
                // In a loop the same join is made at every round: a choice that has it all already serves again.
                if let Some(known) = known.filter(|known| self.n_alternatives(known) == n) {
                    return known.with_origins(origins);
                }
                Value::new(Kind::Choice(self.heap.insert(Object::List(distinct)))).with_origins(origins)
            }
            _ => Value::unknown().with_origins(origins),
        }
    }

    /// One value that stands for two, of which none is a choice.
    fn join_two(&mut self, a: Value, b: Value) -> Value {
        if is_undecided(&a, &b) {
            return Value::unknown().with_origins(self.origins.union(a.origins, b.origins));
        }
        if is_void(&a) {
            return b;
        }
        if is_void(&b) || Self::is_same(&a, &b) {
            return a;
        }
        let origins = self.origins.union(a.origins, b.origins);
        Value::new(Kind::Choice(self.heap.insert(Object::List(vec![a, b])))).with_origins(origins)
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

    fn n_alternatives(&self, value: &Value) -> usize {
        match value.kind {
            Kind::Choice(id) => self.heap.elements(id).len(),
            _ => 1,
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

/// Whether a value says nothing but yes or no, so that it only decides which branch is taken.
const fn is_flag(value: &Value) -> bool {
    matches!(value.kind, Kind::Bool(_) | Kind::None)
}

/// Whether two values are a flag that is set here and unknown there: it decides nothing, and code behind it is not dead.
fn is_undecided(a: &Value, b: &Value) -> bool {
    is_void(a) && is_flag(b) || is_void(b) && is_flag(a)
}

/// Whether a value tells whether, or how often, something was done.
const fn is_mark(value: &Value) -> bool {
    matches!(value.kind, Kind::Bool(_) | Kind::Int(_))
}
