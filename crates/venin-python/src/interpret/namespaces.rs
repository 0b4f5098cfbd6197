//! Names outside the artifact that are reached past the dot: through the dictionary that holds them, through the method that
//! looks attributes up, and as methods of a builtin type that are given their object.

use super::Interpreter;
use super::function::Arguments;
use super::handlers::Handler;
use super::reflection::get_attribute;
use crate::value::{Kind, NameId, OriginSet, Sym, Value};

/// Builtin types whose methods a class may take over.
const TYPES: [&str; 9] =
    ["bytearray", "bytes", "collections.OrderedDict", "dict", "frozenset", "list", "set", "str", "tuple"];
/// What of them is bound to no object, or finds attributes itself.
const UNBOUND: [&str; 8] = [
    "__getattribute__",
    "__new__",
    "__setattr__",
    "__subclasses__",
    "from_bytes",
    "fromhex",
    "fromkeys",
    "maketrans",
];
/// The dictionary of something, and the method that gives its attributes.
const DICTIONARY: &str = ".__dict__";
const LOOK_UP: &str = ".__getattribute__";

/// How the interpreter takes a call of a name that ends in one of these ways.
pub(super) fn handler_of(name: &str) -> Option<Handler> {
    if name.ends_with(LOOK_UP) {
        return Some(look_up);
    }
    let (holder, method) = name.rsplit_once('.')?;
    if holder.ends_with(DICTIONARY) && matches!(method, "__getitem__" | "copy" | "get" | "pop" | "setdefault")
    {
        return Some(of_dictionary);
    }
    (TYPES.contains(&holder) && method.starts_with("__") && is_method_of_type(name)).then_some(of_type)
}

/// Whether a name is that of a method of a builtin type, which wants its object first: `dict.get`.
pub(super) fn is_method_of_type(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(holder, method)| {
        let is_name = method.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        is_name && TYPES.contains(&holder) && !UNBOUND.contains(&method)
    })
}

/// `module.__getattribute__(name)`, `type(object).__getattribute__(object, name)`.
fn look_up(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let arguments = match arguments.positional.as_slice() {
        [_, _] => arguments.clone(),
        [name_asked_for] => {
            let object = me.external(name.strip_suffix(LOOK_UP)?);
            Arguments { positional: vec![object, name_asked_for.clone()], keywords: Vec::new() }
        }
        _ => return None,
    };
    get_attribute(me, "getattr", &arguments)
}

/// `module.__dict__.get(name)`.
fn of_dictionary(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let (dictionary, method) = name.rsplit_once('.')?;
    if method == "copy" {
        return Some(me.external(dictionary));
    }
    let asked = arguments.positional.first()?.as_str()?.to_owned();
    let object = me.external(dictionary.strip_suffix(DICTIONARY)?);
    let asked = me.symbols.intern(&asked);
    Some(me.loaded(&object, asked))
}

/// `dict.__getitem__(object, key)`: the method of the object, a builtin container.
fn of_type(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let (_, method) = name.rsplit_once('.')?;
    let (object, passed) = arguments.positional.split_first()?;
    let site = me.place.site.clone()?;
    match (method, passed) {
        ("__getitem__", [key]) => Some(me.subscript(&site.code, site.span, object, key)),
        ("__setitem__", [key, value]) => {
            // It passes by the method of the same name that the object's own class has, which is often what calls it.
            let items = me.items_of(object);
            let place = items.as_ref().unwrap_or(object);
            if !matches!(place.kind, Kind::Instance(_)) {
                me.set_item(&site.code, site.span, place, key, value.clone());
            }
            Some(Value::none())
        }
        _ if matches!(object.kind, Kind::Dict(_) | Kind::List(_) | Kind::Tuple(_) | Kind::Str(_)) => {
            let method = me.symbols.intern(method);
            let passed = Arguments { positional: passed.to_vec(), keywords: arguments.keywords.clone() };
            Some(me.call_method(object, method, &passed))
        }
        _ => None,
    }
}

/// `dict(namespace)`: a dictionary of the names, each with its value.
pub(super) fn dictionary_of_names(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [namespace] = arguments.positional.as_slice() else { return None };
    match namespace.kind {
        Kind::External { name, .. } if me.names.text(name).ends_with(DICTIONARY) => Some(namespace.clone()),
        Kind::Module(module) if arguments.keywords.is_empty() => {
            let entries = me.entries_of_namespace(module);
            Some(me.heap.dict(entries).with_origins(namespace.origins))
        }
        _ => None,
    }
}

impl Interpreter<'_> {
    /// What reading an attribute gives where the call in course does it, with the event that this may be.
    pub(super) fn loaded(&mut self, object: &Value, name: Sym) -> Value {
        match self.place.site.clone() {
            Some(site) if matches!(object.kind, Kind::External { .. }) => {
                self.load_attribute(&site.code, site.span, object, name)
            }
            _ => self.get_attribute(object, name),
        }
    }

    /// What reading a class's attribute from an object gives where the class has taken over a method of a builtin type.
    pub(super) fn bind_method_of_type(&mut self, object: &Value, value: Value) -> Value {
        match value.kind {
            Kind::External { name, made_by: None } if self.known_name(name).is_method_of_type => {
                self.held_call(value, vec![object.clone()])
            }
            _ => value,
        }
    }

    /// The method that looks up the attributes of an object.
    pub(super) fn look_up_of(&mut self, object: &Value) -> Value {
        let callee = self.external("getattr");
        self.held_call(callee, vec![object.clone()]).with_origins(OriginSet::EMPTY)
    }

    /// The object behind the dictionary that a name stands for: `os.__dict__`.
    pub(super) fn holder_of_dictionary(&mut self, name: NameId) -> Option<Value> {
        let text = self.names.text(name);
        let holder = text.strip_suffix(DICTIONARY)?;
        (holder != "builtins").then(|| self.external(holder))
    }
}
