//! Variables of a context (`contextvars`): what is set in one function is got in another.
//!
//! There is one context, and what was set first stays: tokens and copies of contexts are not followed.

use rustc_hash::FxHashMap;

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Class, Instance, Kind, Object, Partial, Value};

/// `contextvars.ContextVar(name, default=…)`.
pub(super) fn context_var(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let held = me.heap.dict(Vec::new());
    let key = Value::str("value");
    let default = me.argument(arguments, 1, "default");
    let asked = std::iter::once(key.clone()).chain(default).collect();
    let methods = [("set", "setdefault", vec![key]), ("get", "get", asked)];
    let mut attributes = FxHashMap::default();
    for (name, method, positional) in methods {
        let method = me.symbols.intern(method);
        let callee = Value::new(Kind::Builtin(me.heap.insert(Object::Builtin(held.clone(), method))));
        let partial = Partial { callee, positional, keywords: Vec::new() };
        let partial = me.heap.insert(Object::Partial(Box::new(partial)));
        attributes.insert(me.symbols.intern(name), Value::new(Kind::Builtin(partial)));
    }
    let scope = me.new_scope(None);
    let class = Class { name: "ContextVar".into(), bases: Vec::new(), metaclass: None, scope };
    let class = me.heap.insert(Object::Class(std::rc::Rc::new(class)));
    Some(Value::new(Kind::Instance(me.heap.insert(Object::Instance(Instance { class, attributes })))))
}
