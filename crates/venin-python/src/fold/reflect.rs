//! What builtins print as and are called, which is a source of letters for hidden names.

use super::args::{Args, type_name};
use super::{Flow, FoldContext, Row};
use crate::value::{Kind, Value};

pub(super) const TABLE: &[Row] = &[("isinstance", Flow::Shallow, isinstance)];

const FUNCTIONS: &[&str] = &[
    "abs",
    "all",
    "any",
    "ascii",
    "bin",
    "breakpoint",
    "callable",
    "chr",
    "compile",
    "delattr",
    "dir",
    "divmod",
    "eval",
    "exec",
    "format",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "hex",
    "id",
    "input",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "locals",
    "max",
    "min",
    "next",
    "oct",
    "ord",
    "pow",
    "print",
    "repr",
    "round",
    "setattr",
    "sorted",
    "sum",
    "vars",
    "__import__",
    "__build_class__",
];

const CLASSES: &[&str] = &[
    "bool",
    "bytearray",
    "bytes",
    "classmethod",
    "complex",
    "dict",
    "enumerate",
    "filter",
    "float",
    "frozenset",
    "int",
    "list",
    "map",
    "memoryview",
    "object",
    "property",
    "range",
    "reversed",
    "set",
    "slice",
    "staticmethod",
    "str",
    "super",
    "tuple",
    "type",
    "zip",
    "Exception",
    "BaseException",
    "ValueError",
    "TypeError",
    "KeyError",
    "IndexError",
    "NameError",
    "OSError",
    "RuntimeError",
    "StopIteration",
];

/// Whether a name is that of a builtin class.
pub fn is_builtin_class(name: &str) -> bool {
    CLASSES.contains(&name)
}

/// `repr` of a builtin by its name.
pub(super) fn repr_of_name(name: &str) -> Option<String> {
    let name = name.strip_prefix("builtins.").unwrap_or(name);
    if FUNCTIONS.contains(&name) {
        return Some(format!("<built-in function {name}>"));
    }
    if CLASSES.contains(&name) {
        return Some(format!("<class '{name}'>"));
    }
    // `open` is a function of another module, which its repr shows.
    (name == "open").then(|| "<built-in function open>".to_owned())
}

/// `__name__`, `__qualname__` and `__module__` of a builtin.
pub(super) fn attribute(name: &str) -> Option<Value> {
    let (base, attribute) = name.rsplit_once('.')?;
    let base = base.strip_prefix("builtins.").unwrap_or(base);
    let is_known = FUNCTIONS.contains(&base) || CLASSES.contains(&base);
    match attribute {
        "__name__" | "__qualname__" if is_known => Some(Value::str(base)),
        "__module__" if is_known => Some(Value::str("builtins")),
        _ => None,
    }
}

/// Whether a type's name is that of a value, or of a type it is derived from.
fn is_of(value: &Value, class: &str) -> Option<bool> {
    let own = type_name(value)?;
    let class = class.strip_prefix("builtins.").unwrap_or(class);
    CLASSES.contains(&class).then(|| class == "object" || class == own || (own == "bool" && class == "int"))
}

fn isinstance(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value, classes] = args.exactly()?;
    let classes = match classes.kind {
        Kind::Tuple(id) => cx.heap.elements(id).to_vec(),
        _ => vec![classes.clone()],
    };
    let mut found = false;
    for class in &classes {
        let Kind::External { name, made_by: None } = class.kind else { return None };
        found |= is_of(value, &cx.names.text(name))?;
    }
    Some(Value::bool(found))
}
