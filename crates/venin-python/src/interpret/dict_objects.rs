//! Objects of the artifact's own classes that are dictionaries: `class Context(dict)`.
//!
//! What is put into such an object lies in a dictionary beside its attributes.  Methods of the class itself come first.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::Interpreter;
use super::function::Arguments;
use crate::fold;
use crate::value::{Kind, ObjId, Object, Sym, Value};

/// The attribute that holds the dictionary; no program can spell it.
const ITEMS: &str = "<items>";
/// Classes outside the artifact whose objects are dictionaries.
const DICTIONARIES: [&str; 4] =
    ["collections.OrderedDict", "collections.UserDict", "collections.defaultdict", "dict"];

impl Interpreter<'_> {
    /// Gives a new object of a dictionary's class the items that it is made with.
    pub(super) fn start_items(
        &mut self,
        class: ObjId,
        arguments: &Arguments,
        attributes: &mut FxHashMap<Sym, Value>,
    ) {
        if !self.external_bases(class).iter().any(|base| DICTIONARIES.contains(&&**base)) {
            return;
        }
        let made =
            self.with_fold(|cx| fold::fold_call(cx, "dict", &arguments.positional, &arguments.keywords));
        let items = made.unwrap_or_else(|| self.heap.dict(Vec::new()));
        attributes.insert(self.symbols.intern(ITEMS), items);
    }

    /// The dictionary of an object, with what it holds told by its origins.
    pub(super) fn items_of(&mut self, object: &Value) -> Option<Value> {
        let Kind::Instance(id) = object.kind else { return None };
        let name = self.symbols.find(ITEMS)?;
        let Some(Object::Instance(instance)) = self.heap.get(id) else { return None };
        let items = instance.attributes.get(&name)?.clone();
        let origins = self.origins.union(items.origins, object.origins);
        Some(items.with_origins(origins))
    }

    /// The arguments of a call outside the artifact, with the dictionaries of such objects in their place.
    pub(super) fn with_items<'a>(&mut self, arguments: Cow<'a, Arguments>) -> Cow<'a, Arguments> {
        let is_object = |value: &Value| matches!(value.kind, Kind::Instance(_));
        let mut values = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, value)| value));
        if self.symbols.find(ITEMS).is_none() || !values.any(is_object) {
            return arguments;
        }
        let mut own = arguments.into_owned();
        let keywords = own.keywords.iter_mut().map(|(_, value)| value);
        for value in own.positional.iter_mut().chain(keywords) {
            if let Some(items) = self.items_of(value) {
                *value = items;
            }
        }
        Cow::Owned(own)
    }
}
