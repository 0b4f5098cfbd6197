//! What the tables say of a name, looked up once for each name that occurs: a loop asks for the same few names at every
//! round.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::conversions::{self, Asks};
use super::{Interpreter, handlers, namespaces};
use crate::catalogue::{self, CallEntry, CallbackEntry};
use crate::fold;
use crate::value::{NameId, Sym, Value};

/// What the tables say of a qualified name outside the artifact.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownName {
    /// How the interpreter itself takes a call of it.
    pub(super) handler: Option<handlers::Handler>,
    /// The catalogue's entry of its call.
    pub(super) call: Option<&'static CallEntry>,
    /// The catalogue's entry of its being read.
    pub(super) load: Option<&'static CallEntry>,
    /// What it runs of what it is given, without being an event.
    pub(super) callback: Option<&'static CallbackEntry>,
    /// What it asks of the artifact's own objects.
    pub(super) asks: Option<Asks>,
    /// Whether and how a call of it can be folded.
    pub(super) folds: Folds,
    /// Whether it is a constant of a well-known module.
    pub(super) is_constant: bool,
    /// Whether it is a method of a builtin type, which wants its object first.
    pub(super) is_method_of_type: bool,
}

/// How a call can be folded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folds {
    /// With its own arguments.
    pub(super) as_call: bool,
    /// As a method of something that a call made, with what that call was given.
    pub(super) of_made: bool,
}

impl KnownName {
    /// Whether anything is known of it.
    pub(super) const fn is_known(&self) -> bool {
        self.handler.is_some()
            || self.call.is_some()
            || self.load.is_some()
            || self.callback.is_some()
            || self.folds.as_call
            || self.is_constant
    }
}

/// What the tables say of a method of a constant or container.
#[derive(Debug, Clone)]
pub(super) struct KnownMethod {
    /// Its name under its type: `str.join`.
    pub(super) qualified: Rc<str>,
    /// The catalogue's entry of its call.
    pub(super) call: Option<&'static CallEntry>,
    /// What it runs of what it is given, without being an event.
    pub(super) callback: Option<&'static CallbackEntry>,
}

/// The look-ups made so far.
#[derive(Debug, Default)]
pub(super) struct Known {
    names: Vec<Option<KnownName>>,
    methods: FxHashMap<(&'static str, Sym), KnownMethod>,
    builtins: FxHashMap<Sym, Value>,
}

impl Interpreter<'_> {
    /// What is known of a name.
    pub(super) fn known_name(&mut self, name: NameId) -> KnownName {
        let at = name.0 as usize;
        if let Some(Some(known)) = self.known.names.get(at) {
            return *known;
        }
        let text = self.names.text(name);
        let call = catalogue::find_call(&text);
        let known = KnownName {
            handler: handlers::find(&text),
            call,
            callback: catalogue::find_callback(&text),
            asks: conversions::find_asked(&text, call),
            load: catalogue::find_load(&text),
            folds: Folds { as_call: fold::is_foldable(&text), of_made: fold::is_method_of_made(&text) },
            is_constant: fold::fold_attribute(&text).is_some(),
            is_method_of_type: namespaces::is_method_of_type(&text),
        };
        if self.known.names.len() <= at {
            self.known.names.resize(at + 1, None);
        }
        if let Some(slot) = self.known.names.get_mut(at) {
            *slot = Some(known);
        }
        known
    }

    /// What is known of a method of a type.
    pub(super) fn known_method(&mut self, type_name: &'static str, method: Sym) -> KnownMethod {
        let symbols = &self.symbols;
        let known = self.known.methods.entry((type_name, method)).or_insert_with(|| {
            let qualified: Rc<str> = Rc::from(format!("{type_name}.{}", symbols.as_str(method)));
            let call = catalogue::find_call(&qualified);
            let callback = catalogue::find_callback(&qualified);
            KnownMethod { qualified, call, callback }
        });
        known.clone()
    }

    /// What a symbol means that no scope binds.
    pub(super) fn builtin_symbol(&mut self, name: Sym) -> Value {
        if let Some(value) = self.known.builtins.get(&name) {
            return value.clone();
        }
        let text = self.symbols.text(name);
        let value = self.builtin_name(&text);
        self.known.builtins.insert(name, value.clone());
        value
    }
}
