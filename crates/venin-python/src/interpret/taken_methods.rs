//! Methods of objects from outside that are taken first and called later: `put = mail.set_content`, then `put(text)`.
//!
//! Where the call stands, nothing names the object ([`super::fill`] goes by its name).  The method still says which call made
//! its object, and so the names in sight are asked which of them hold what that call made.

use super::Interpreter;
use super::fill::{is_filling, is_made_alike, is_reading};
use super::function::Arguments;
use crate::value::{Kind, ObjId, Object, OriginSet, ScopeId, Sym, Value};

/// Most calls in course whose names are looked at.
const MOST_FRAMES: usize = 8;
/// Most names that hold the object.
const MOST_NAMES: usize = 16;

/// A method that changes the object from outside that it was taken from.
pub(super) struct Taken {
    object: Value,
    does: Effect,
}

#[derive(PartialEq, Eq)]
enum Effect {
    /// It puts what it is given into its object.
    Fills,
    /// It reads something into its object.
    Reads,
}

impl Interpreter<'_> {
    /// What a value that is called was taken from, if it is a method that changes an object from outside.
    pub(super) fn method_taken(&mut self, callee: &Value) -> Option<Taken> {
        let (Kind::External { .. } | Kind::Choice(_)) = callee.kind else { return None };
        let callee = match callee.kind {
            Kind::Choice(id) => {
                let mut methods =
                    self.heap.elements(id).iter().filter(|v| matches!(v.kind, Kind::External { .. }));
                methods.next().filter(|_| methods.next().is_none())?.clone()
            }
            _ => callee.clone(),
        };
        let Kind::External { name, made_by } = callee.kind else { return None };
        let text = self.names.text(name);
        let (object, method) = text.rsplit_once('.')?;
        if !object.ends_with("()") {
            return None;
        }
        let does = match method {
            _ if is_reading(method) => Effect::Reads,
            _ if is_filling(method) => Effect::Fills,
            _ => return None,
        };
        let object = Kind::External { name: self.names.intern(object), made_by };
        Some(Taken { object: Value::new(object).with_origins(callee.origins), does })
    }

    /// What a call of such a method puts into its object.
    pub(super) fn note_put_in(&mut self, taken: &Taken, arguments: &Arguments) {
        if taken.does == Effect::Fills {
            let origins = self.origins_given(arguments);
            self.fill_in_sight(&taken.object, origins);
            self.fill_wrapped(&taken.object, origins);
        }
    }

    /// What it reads into its object, or packs by its path into the buffer that its object was opened on.
    pub(super) fn note_read_by(&mut self, taken: &Taken, result: &Value) {
        if taken.does == Effect::Reads {
            self.fill_in_sight(&taken.object, result.origins);
        } else if !self.origins.is_plain(result.origins) {
            let origins = self.origins.with_kind(result.origins, venin_model::OriginKind::File);
            self.fill_wrapped(&taken.object, origins);
        }
    }

    /// The origins of what a call is given.
    pub(super) fn origins_given(&mut self, arguments: &Arguments) -> OriginSet {
        self.origins_of(arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, v)| v)))
    }

    /// Puts origins into an object, under every name in sight that holds it.
    fn fill_in_sight(&mut self, object: &Value, origins: OriginSet) {
        if origins == OriginSet::EMPTY || self.origins.is_plain(origins) {
            return;
        }
        for (holder, name) in self.slots_of(object) {
            let Some(held) = self.slot_get(holder, name).cloned() else { continue };
            if let Some(filled) = self.filled(&held, origins) {
                self.slot_set(holder, name, filled);
            }
        }
    }

    /// The names in sight that hold an object, and the attributes of what the other names hold.
    fn slots_of(&mut self, object: &Value) -> Vec<(ObjId, Sym)> {
        let mut scopes: Vec<ScopeId> = Vec::new();
        for frame in self.frames.iter().rev().take(MOST_FRAMES) {
            scopes.extend([frame.scope, frame.globals]);
        }
        scopes.sort_unstable();
        scopes.dedup();
        let mut found = Vec::new();
        let mut looked_at = 0;
        for scope in scopes {
            let Some(Object::Scope { names, .. }) = self.heap.get(scope) else { continue };
            looked_at += names.len();
            for (name, value) in names {
                if self.may_be(value, object) {
                    found.push((scope, *name));
                }
                let Kind::Instance(id) = value.kind else { continue };
                let Some(Object::Instance(instance)) = self.heap.get(id) else { continue };
                let held = instance.attributes.iter().filter(|(_, held)| self.may_be(held, object));
                found.extend(held.map(|(name, _)| (id, *name)));
            }
        }
        // Looking at names is work as reading a text is.
        let is_within = self.heap.work(looked_at * 16);
        found.sort_unstable();
        found.dedup();
        found.truncate(if is_within { MOST_NAMES } else { 0 });
        found
    }

    fn may_be(&self, held: &Value, object: &Value) -> bool {
        match held.kind {
            Kind::Choice(id) => self.heap.elements(id).iter().any(|one| is_made_alike(one, object)),
            _ => is_made_alike(held, object),
        }
    }
}
