//! Builtins that are reached past their names: by what they belong to, by the builtins of a frame, by a listing of them.

use super::Interpreter;
use super::builtins::{builtin_names, is_builtin};
use super::function::Arguments;
use crate::fold;
use crate::value::{Kind, Object, Partial, Value};

/// The module of the builtins, its namespace, and every object of the process.
const BUILTINS: &str = "builtins";
const NAMESPACE: &str = "builtins.__dict__";
const EVERYTHING: &str = "gc.get_objects()";

/// Names that only Python 2 has.
const OF_PYTHON_2: [&str; 10] = [
    "basestring",
    "execfile",
    "file",
    "long",
    "raw_input",
    "reduce",
    "reload",
    "unichr",
    "unicode",
    "xrange",
];

/// `functools.lru_cache(function)`, `functools.wraps(other)(function)`: the function, however it is kept.
pub(super) fn as_given(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    arguments.positional.first().filter(|value| me.can_be_called(value)).cloned()
}

/// `unittest.mock.Mock(side_effect=function)`.
pub(super) fn side_effect(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let given = |(name, _): &&(_, _)| matches!(me.symbols.as_str(*name), "side_effect" | "wraps");
    let (_, effect) = arguments.keywords.iter().find(given)?;
    me.can_be_called(effect).then(|| effect.clone())
}

/// `type(exec).__call__(exec, text)`: the first argument is called with the others.
pub(super) fn call_first(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (callee, rest) = arguments.positional.split_first()?;
    me.can_be_called(callee).then(|| me.call_value(callee, rest.to_vec(), arguments.keywords.clone()))
}

/// `types.MethodType(function, receiver)`.
pub(super) fn bound_method(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [function, receiver] = arguments.positional.as_slice() else { return None };
    match function.kind {
        Kind::Function(id) => {
            Some(Value::new(Kind::Method(me.heap.insert(Object::Method(receiver.clone(), id)))))
        }
        _ if me.can_be_called(function) => Some(me.held_call(function.clone(), vec![receiver.clone()])),
        _ => None,
    }
}

/// A method of the namespace of the builtins as a dictionary.
pub(super) fn of_namespace(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    match name.rsplit('.').next()? {
        "copy" => Some(me.external(NAMESPACE)),
        "keys" => {
            let names = listed_names().map(Value::str).collect();
            Some(me.heap.list(names))
        }
        "values" => {
            let values = me.all_builtins();
            Some(me.heap.list(values))
        }
        "items" => {
            let entries = me.entries_of_builtins();
            let pairs = entries.into_iter().map(|(name, value)| me.heap.tuple(vec![name, value])).collect();
            Some(me.heap.list(pairs))
        }
        _ => match arguments.positional.first()?.as_str() {
            Some(name) if is_builtin(name) => Some(me.external(name)),
            _ => arguments.positional.get(1).cloned(),
        },
    }
}

/// Whether a name is that of a builtin function.
pub(super) fn is_builtin_function(name: &str) -> bool {
    let is_lower = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || name == "__import__");
    is_lower && is_builtin(name) && !fold::is_builtin_class(name) && name != "file"
}

impl Interpreter<'_> {
    /// Whether a value is a function or class, of the artifact or of a known name outside it.
    fn can_be_called(&self, value: &Value) -> bool {
        self.is_callable(value) || matches!(value.kind, Kind::External { .. } | Kind::Builtin(_))
    }

    /// A callable with its first arguments given.
    pub(super) fn held_call(&mut self, callee: Value, positional: Vec<Value>) -> Value {
        let held = Partial { callee, positional, keywords: Vec::new() };
        Value::new(Kind::Builtin(self.heap.insert(Object::Partial(Box::new(held)))))
    }

    /// An attribute by which something outside the artifact leads to the builtins, or tells that it is one of them.
    pub(super) fn way_to_builtins(&mut self, base: &str, attribute: &str) -> Option<Value> {
        match attribute {
            "f_builtins" | "__builtins__" => Some(self.external(BUILTINS)),
            "__self__" if is_builtin_function(base) => Some(self.external(BUILTINS)),
            // Of most builtins these are known anyway.
            "__module__" if is_builtin(base) => Some(Value::str(BUILTINS)),
            "__name__" | "__qualname__" if is_builtin(base) => Some(Value::str(base)),
            _ => None,
        }
    }

    /// An attribute of the module of the builtins: a builtin, or the module's own namespace.
    pub(super) fn builtin_attribute(&mut self, attribute: &str) -> Value {
        match attribute {
            "__dict__" => self.external(NAMESPACE),
            "__getattribute__" => {
                let (callee, module) = (self.external("getattr"), self.external(BUILTINS));
                self.held_call(callee, vec![module])
            }
            _ => self.put_among_builtins(attribute).unwrap_or_else(|| self.external(attribute)),
        }
    }

    /// What the program has put among the builtins under a name.
    fn put_among_builtins(&self, name: &str) -> Option<Value> {
        self.notes.builtins_set.get(&self.symbols.find(name)?).cloned()
    }

    /// What iterating something outside the artifact gives that holds the builtins.
    pub(super) fn listing_of_builtins(&mut self, name: &str) -> Option<Vec<Value>> {
        match name {
            BUILTINS | NAMESPACE => Some(listed_names().map(Value::str).collect()),
            EVERYTHING => Some(self.all_builtins()),
            _ => None,
        }
    }

    fn all_builtins(&mut self) -> Vec<Value> {
        listed_names().map(|name| self.external(name)).collect()
    }

    fn entries_of_builtins(&mut self) -> Vec<(Value, Value)> {
        listed_names().map(|name| (Value::str(name), self.external(name))).collect()
    }

    /// The entries of `**mapping` in a dictionary, where the mapping is none of the artifact.
    pub(super) fn spread_entries(&mut self, mapping: Value) -> Vec<(Value, Value)> {
        match mapping.kind {
            Kind::External { name, .. } if &*self.names.text(name) == NAMESPACE => self.entries_of_builtins(),
            _ => vec![(Value::unknown(), mapping)],
        }
    }

    /// The names that `dir(builtins)` and `inspect.getmembers(builtins)` list.
    pub(super) fn names_of_builtins(&self, object: &Value) -> Option<Vec<Value>> {
        let Kind::External { name, .. } = object.kind else { return None };
        (&*self.names.text(name) == BUILTINS).then(|| listed_names().map(Value::str).collect())
    }
}

/// The names of the builtins of Python 3.
fn listed_names() -> impl Iterator<Item = &'static str> {
    builtin_names().iter().copied().filter(|name| !OF_PYTHON_2.contains(name))
}
