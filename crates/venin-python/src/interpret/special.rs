//! What special calls do that no other module is for: imports, roles of functions, getters.
//!
//! A handler gives `None` to be treated as an ordinary call.

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue;
use crate::value::{Instance, Kind, Object, Part, Partial, PartialText, Value};
use std::rc::Rc;

/// What a decorator made of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FunctionRole {
    Property,
    Static,
    Class,
    /// It chooses among others that are registered with it.
    Dispatch,
}

/// The name in a class's namespace under which the setter of a property is kept.
pub(super) fn setter_name(property: &str) -> String {
    format!("<setter {property}>")
}

impl Interpreter<'_> {
    /// Records a special call, with what its entry says, if the catalogue lists it.
    pub(super) fn record_special(
        &mut self,
        name: &str,
        arguments: &Arguments,
    ) -> Option<venin_model::EventId> {
        let entry = catalogue::find_call(name)?;
        Some(self.record_here(name, entry, &arguments.positional, &arguments.keywords, None))
    }

    /// The text of something from outside, as a format has it: unknown, but under its name.
    fn text_of_external(&self, value: &Value) -> Option<Value> {
        let Kind::External { name, .. } = value.kind else { return None };
        let parts = vec![Part::Hole(self.names.text(name))];
        let text = PartialText { parts, is_bytes: false };
        Some(Value::new(Kind::Partial(Rc::new(text))).with_origins(value.origins))
    }

    fn one_or_tuple(&mut self, values: Vec<Value>) -> Value {
        match <[Value; 1]>::try_from(values) {
            Ok([only]) => only,
            Err(several) => {
                let origins = self.origins_of(&several);
                self.heap.tuple(several).with_origins(origins)
            }
        }
    }

    pub(super) fn argument(&self, arguments: &Arguments, position: usize, keyword: &str) -> Option<Value> {
        arguments.positional.get(position).cloned().or_else(|| {
            arguments
                .keywords
                .iter()
                .find(|(k, _)| self.symbols.as_str(*k) == keyword)
                .map(|(_, v)| v.clone())
        })
    }
}

pub(super) fn import(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let module = me.argument(arguments, 0, "name")?;
    let package = me.argument(arguments, 1, "package");
    let taken = me.argument(arguments, 3, "fromlist");
    let takes_names = taken.is_some_and(|names| me.truth_of(&names) != Some(false));
    let values: Vec<Value> = me
        .alternatives(&module)
        .into_iter()
        .map(|one| match one.as_str() {
            Some(text) => {
                let text = absolute_name(text, package.as_ref().and_then(Value::as_str));
                // `__import__("a.b")` gives `a`; with a list of names to take, and as `import_module("a.b")`, `a.b`.
                let takes_leaf = name != "__import__" || takes_names;
                let dotted = if takes_leaf { &text } else { text.split('.').next().unwrap_or(&text) };
                if !takes_leaf {
                    me.import_by_name(&text);
                }
                me.import_by_name(dotted)
            }
            None => Value::unknown().with_origins(one.origins),
        })
        .collect();
    me.record_special(name, arguments);
    Some(me.join_values(values))
}

/// The whole name of a module that is named from a package: `.a` from `b` is `b.a`.
fn absolute_name(text: &str, package: Option<&str>) -> String {
    let rest = text.trim_start_matches('.');
    let n_dots = text.len() - rest.len();
    let Some(package) = package.filter(|_| n_dots > 0) else { return text.to_owned() };
    let mut base = package;
    for _ in 1..n_dots.min(16) {
        base = base.rsplit_once('.').map_or("", |(parent, _)| parent);
    }
    format!("{base}.{rest}")
}

pub(super) fn super_object(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    Some(me.external("super()"))
}

pub(super) fn first(_: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    arguments.positional.first().cloned()
}

/// `ctypes.c_char_p(text)` of a known text, which stays what it is.
pub(super) fn held_text(_: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    arguments.positional.first().filter(|value| matches!(value.kind, Kind::Str(_) | Kind::Bytes(_))).cloned()
}

pub(super) fn mark(me: &mut Interpreter<'_>, arguments: &Arguments, role: FunctionRole) -> Option<Value> {
    let value = arguments.positional.first()?;
    if let Kind::Function(id) = value.kind {
        me.functions.roles.insert(id, role);
    }
    Some(value.clone())
}

pub(super) fn mark_property(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    mark(me, arguments, FunctionRole::Property)
}

/// `@name.setter`: the property stays what it is, and the setter is kept beside it.
pub(super) fn keep_setter(
    me: &mut Interpreter<'_>,
    property: &Value,
    part: &str,
    arguments: &Arguments,
) -> Option<Value> {
    let Kind::Function(id) = property.kind else { return None };
    if part == "setter" {
        let name = me.symbols.intern("__name__");
        let name = me.get_attribute(&Value::new(Kind::Function(id)), name);
        let name = setter_name(name.as_str()?);
        let (name, scope) = (me.symbols.intern(&name), me.frame()?.scope);
        me.scope_set(scope, name, arguments.positional.first()?.clone());
        me.notes.n_setters += 1;
    }
    Some(property.clone())
}

pub(super) fn mark_static(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    mark(me, arguments, FunctionRole::Static)
}

pub(super) fn mark_class_method(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    mark(me, arguments, FunctionRole::Class)
}

pub(super) fn mark_dispatch(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    mark(me, arguments, FunctionRole::Dispatch)
}

/// `@generic.register(type)`: the name of the generic function stands for any that is registered with it.
pub(super) fn register(me: &mut Interpreter<'_>, generic: &Value, arguments: &Arguments) -> Value {
    let registered = arguments.positional.iter().find(|value| matches!(value.kind, Kind::Function(_)));
    let Some(registered) = registered.cloned() else {
        // It was given the type alone, and what it gives back is given the function.
        let name = me.symbols.intern("register");
        return Value::new(Kind::Builtin(me.heap.insert(Object::Builtin(generic.clone(), name))));
    };
    let name = me.symbols.intern("__name__");
    let name = me.get_attribute(generic, name);
    let (Some(name), Some(frame)) = (name.as_str(), me.frame()) else { return registered };
    let (scope, name) = (frame.scope, me.symbols.intern(name));
    if let Some(before) = me.scope_get(scope, name).cloned() {
        let any = me.join_values(vec![before, registered.clone()]);
        me.scope_set(scope, name, any);
    }
    registered
}

/// `str(object)` of a path or of a class of the artifact.
pub(super) fn instance_text(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let value = arguments.positional.first()?;
    me.text_of_path(value)
        .or_else(|| me.text_of_instance(value))
        .or_else(|| me.text_of_exception(value))
        .or_else(|| me.text_of_external(value))
}

pub(super) fn attribute_getter(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    if arguments.positional.len() > 1 || arguments.positional.first()?.as_str()?.contains('.') {
        return Some(path_getter(me, name, arguments));
    }
    let name = arguments.positional.first()?.as_str()?.to_owned();
    let swapped = me.heap.insert(Object::AttributeGetter(Rc::from(name)));
    Some(Value::new(Kind::Builtin(swapped)))
}

pub(super) fn method_caller(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (callee, passed) = arguments.positional.split_first()?;
    let (positional, keywords) = (passed.to_vec(), arguments.keywords.clone());
    let caller = Partial { callee: callee.clone(), positional, keywords };
    Some(Value::new(Kind::Builtin(me.heap.insert(Object::MethodCaller(Box::new(caller))))))
}

/// `object.__new__(cls)`: an object that no constructor was run for.
pub(super) fn new_object(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let Kind::Class(class) = arguments.positional.first()?.kind else { return None };
    let instance = Instance { class, attributes: rustc_hash::FxHashMap::default() };
    Some(Value::new(Kind::Instance(me.heap.insert(Object::Instance(instance)))))
}

/// `attrgetter("a.b", "c")`: a call with the names first and the object last.
pub(super) fn path_getter(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Value {
    let callee = me.external(&format!("{name}()"));
    let getter = Partial { callee, positional: arguments.positional.clone(), keywords: Vec::new() };
    Value::new(Kind::Builtin(me.heap.insert(Object::Partial(Box::new(getter)))))
}

/// `operator.itemgetter(key)`, `weakref.ref(object)`: a call with what it was made with first.
pub(super) fn held(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    arguments.positional.first()?;
    if let Some(entry) = catalogue::find_call(name) {
        me.record_special(name, arguments);
        me.run_callbacks(entry, &arguments.positional, &arguments.keywords);
    }
    Some(path_getter(me, name, arguments))
}

/// What a getter of items gives: the item, or a tuple of them.
pub(super) fn items_by_key(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (object, keys) = arguments.positional.split_last()?;
    let site = me.place.site.clone()?;
    let items = keys.iter().take(16).map(|key| me.subscript(&site.code, site.span, object, key)).collect();
    Some(me.one_or_tuple(items))
}

/// What such a getter gives: the attribute at the end of the path, or a tuple of them.
pub(super) fn attributes_by_path(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (object, names) = arguments.positional.split_last()?;
    let mut found = Vec::with_capacity(names.len());
    for path in names.iter().take(16) {
        let mut value = object.clone();
        for name in path.as_str()?.split('.').take(16) {
            let name = me.symbols.intern(name);
            value = me.get_attribute(&value, name);
        }
        found.push(value);
    }
    Some(me.one_or_tuple(found))
}

/// `sys.modules.get(name)`: what `sys.modules[name]` gives.
pub(super) fn loaded_module(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let name = arguments.positional.first()?.as_str()?.to_owned();
    Some(me.import_by_name(&name))
}
