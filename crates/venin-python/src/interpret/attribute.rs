//! Attributes and items: how one value is reached from another.

use std::rc::Rc;

use super::call::CallSite;
use super::function::Arguments;
use super::{Interpreter, special};
use crate::catalogue;
use crate::fold;
use crate::source::ir::{Code, Span};
use crate::value::{Kind, NameId, ObjId, Object, OriginSet, Step, Sym, Value};

impl Interpreter<'_> {
    /// The qualified name one step on, in its canonical spelling.
    pub(super) fn extend_name(&mut self, base: NameId, step: Step) -> Option<NameId> {
        self.names.extend(base, step, &self.symbols, |text| catalogue::resolve_alias(text).map(str::to_owned))
    }

    /// A name outside the artifact.
    pub(super) fn external(&mut self, text: &str) -> Value {
        let text = catalogue::resolve_alias(text).unwrap_or(text);
        Value::new(Kind::External { name: self.names.intern(text), made_by: None })
    }

    /// What a name means that no scope binds.
    pub(super) fn builtin_name(&mut self, text: &str) -> Value {
        match text {
            "__name__" => Value::str("__main__"),
            "__builtins__" | "__builtin__" => self.external("builtins"),
            _ if super::builtins::is_builtin(text) => self.external(text),
            // A module whose import was forgotten: this release fails there, and the next one is mended.
            _ if catalogue::is_module(text) => self.external(text),
            _ => Value::unknown(),
        }
    }

    /// A name that a star import of a module outside the artifact may have bound.
    pub(super) fn star_imported(&mut self, text: &str) -> Option<Value> {
        let frame = self.frame()?;
        let modules = self.modules.star_imports.get(&frame.globals)?.clone();
        modules.iter().find_map(|module| {
            let full = format!("{module}.{text}");
            let canonical = catalogue::resolve_alias(&full).unwrap_or(&full);
            let known =
                catalogue::find_call(canonical).is_some() || catalogue::find_load(canonical).is_some();
            (known || fold::is_foldable(canonical)).then(|| self.external(canonical))
        })
    }

    /// Reads an attribute in source: an event if the catalogue says that reading it is one.
    pub(super) fn load_attribute(&mut self, code: &Rc<Code>, span: Span, object: &Value, name: Sym) -> Value {
        let text = self.symbols.text(name);
        if let Some(part) = self.part_of_path(code, span, object, &text) {
            return part;
        }
        let value = self.get_attribute(object, name);
        if let Kind::External { name, made_by } = value.kind {
            if self.branches.tested.is_some() && made_by.is_none() {
                self.note_tested(&value, None);
            }
            if let Some(entry) = self.known_name(name).load {
                let text = self.names.text(name);
                let event = self.record(code, span, &text, entry, &[], &[], None);
                // What was reached from a call carries what the call gave.
                let origins = if made_by.is_some() { value.origins } else { OriginSet::EMPTY };
                return self.event_result(value.kind, event, entry, origins);
            }
        }
        value
    }

    /// The value of an attribute.
    pub(super) fn get_attribute(&mut self, object: &Value, name: Sym) -> Value {
        self.nested(Value::unknown, |me| me.attribute_of(object, name))
    }

    fn attribute_of(&mut self, object: &Value, name: Sym) -> Value {
        match object.kind {
            Kind::External { name: base, made_by } => self.external_attribute(object, base, made_by, name),
            Kind::Module(id) => self.module_attribute(id, name),
            Kind::Instance(id) => self.instance_attribute(object, id, name),
            Kind::Class(id) => self.attribute_of_class(object, id, name),
            Kind::Choice(id) => {
                if let Some(one) = self.one_with(object, name) {
                    return self.get_attribute(&one, name);
                }
                let values =
                    self.heap.elements(id).to_vec().iter().map(|v| self.get_attribute(v, name)).collect();
                self.join_values(values)
            }
            Kind::Function(id) => self.function_attribute(object, id, name),
            Kind::Method(_) | Kind::Builtin(_) if self.symbols.as_str(name) == "__call__" => object.clone(),
            Kind::Method(id) => match self.heap.get(id) {
                Some(Object::Method(_, function)) => {
                    let function = Value::new(Kind::Function(*function));
                    self.get_attribute(&function, name)
                }
                _ => Value::unknown(),
            },
            Kind::Unknown => self.unknown_attribute(object, name),
            _ => self.constant_attribute(object, name),
        }
    }

    fn external_attribute(
        &mut self,
        object: &Value,
        base: NameId,
        made_by: Option<venin_model::EventId>,
        name: Sym,
    ) -> Value {
        let base_text = self.names.text(base);
        if &*base_text == "builtins" {
            let text = self.symbols.text(name);
            return self.builtin_attribute(&text);
        }
        if let (Some(event), "name", "open()" | "tempfile.TemporaryDirectory()") =
            (made_by, self.symbols.as_str(name), &*base_text)
            && let Some(path) = self.path_of_open_file(event)
        {
            return path;
        }
        if &*base_text == "super()" {
            return self.super_attribute(name);
        }
        match self.symbols.as_str(name) {
            "__func__" | "__wrapped__" | "__call__" => return object.clone(),
            "__getattribute__" if made_by.is_some() => return self.look_up_of(object),
            "f_builtins" | "__builtins__" | "__self__" | "__module__" | "__name__" | "__qualname__" => {
                if let Some(value) = self.way_to_builtins(&base_text, &self.symbols.text(name)) {
                    return value;
                }
            }
            _ => {}
        }
        if let Some(password) = self.password_of_address(object, &base_text, name) {
            return password;
        }
        self.note_setup_name(&base_text, name);
        match self.extend_name(base, Step::Attribute(name)) {
            Some(full) => {
                if let Some(put) = self.put_under(full) {
                    return put;
                }
                if self.is_frozen_mark(full) {
                    return Value::bool(false);
                }
                if made_by.is_none()
                    && self.known_name(full).is_constant
                    && let Some(value) = fold::fold_attribute(&self.names.text(full))
                {
                    return value;
                }
                let origins = self.origins_beyond(full, object.origins);
                Value::new(Kind::External { name: full, made_by }).with_origins(origins)
            }
            None => Value::unknown().with_origins(object.origins),
        }
    }

    fn module_attribute(&mut self, id: ObjId, name: Sym) -> Value {
        let Some(Object::Module(dotted, scope)) = self.heap.get(id) else { return Value::unknown() };
        let (dotted, scope) = (Rc::clone(dotted), *scope);
        if dotted.is_empty() && self.is_method_of_namespace(name) {
            let namespace = Value::new(Kind::Module(id));
            return Value::new(Kind::Builtin(self.heap.insert(Object::Builtin(namespace, name))));
        }
        if let Some(value) = self.scope_get(scope, name) {
            return value.clone();
        }
        let text = self.symbols.text(name);
        if &*text == "__dict__" {
            return self.scope_as_module(scope);
        }
        let full = if dotted.is_empty() { text.to_string() } else { format!("{dotted}.{text}") };
        self.import_internal(&full)
            .or_else(|| self.asked_of_module(scope, text))
            .unwrap_or_else(Value::unknown)
    }

    /// What the `__getattr__` of a module gives for a name that it does not have.
    fn asked_of_module(&mut self, scope: crate::value::ScopeId, name: Rc<str>) -> Option<Value> {
        let hook = self.symbols.find("__getattr__").filter(|_| !name.starts_with("__"))?;
        let hook = self.scope_get(scope, hook)?.clone();
        if !matches!(hook.kind, Kind::Function(_)) || self.is_running(&hook) {
            return None;
        }
        Some(self.call_value(&hook, vec![Value::str(name)], Vec::new()))
    }

    fn function_attribute(&mut self, object: &Value, id: ObjId, name: Sym) -> Value {
        let Some(Object::Function(function)) = self.heap.get(id) else { return Value::unknown() };
        let function = Rc::clone(function);
        if let Some(put) = self.put_there(id, name) {
            return put;
        }
        match self.symbols.as_str(name) {
            "__dict__" => self.namespace_of_function(id),
            "__globals__" | "func_globals" => {
                let unit_globals = self.frame().map(|f| f.globals);
                unit_globals.map_or_else(Value::unknown, |scope| self.scope_as_module(scope))
            }
            "__call__" | "value" | "callback" => object.clone(),
            "__builtins__" => self.external("builtins"),
            "__code__" | "func_code" => {
                Value::new(Kind::CodeObject(self.heap.insert(Object::CodeObject(object.clone()))))
            }
            "register" if self.functions.roles.get(&id) == Some(&special::FunctionRole::Dispatch) => {
                Value::new(Kind::Builtin(self.heap.insert(Object::Builtin(object.clone(), name))))
            }
            // A command of a command line.
            "main" => Value::new(Kind::Builtin(self.heap.insert(Object::Builtin(object.clone(), name)))),
            "setter" | "deleter"
                if self.functions.roles.get(&id) == Some(&special::FunctionRole::Property) =>
            {
                Value::new(Kind::Builtin(self.heap.insert(Object::Builtin(object.clone(), name))))
            }
            "__doc__" => self.documentation_of(&function).unwrap_or_else(Value::none),
            "__name__" | "__qualname__" => {
                let name = function.code.functions.get(function.index.0 as usize).map(|f| f.name);
                name.map_or_else(Value::unknown, |n| Value::str(self.symbols.text(n)))
            }
            part => {
                let part = part.to_owned();
                self.part_of_function(&function, &part).unwrap_or_else(Value::unknown)
            }
        }
    }

    /// A method of something unknown.  The name alone is kept, so that `x.__subclasses__()` is still seen.
    fn unknown_attribute(&mut self, object: &Value, name: Sym) -> Value {
        let text = self.symbols.text(name);
        self.note_asking_unknown(&text);
        if let Some(secret) = self.secret_within(object, &text) {
            return secret;
        }
        let known = self.known_method("?", name);
        if known.call.is_some() {
            return self.external(&known.qualified).with_origins(object.origins);
        }
        Value::unknown().with_origins(object.origins)
    }

    fn constant_attribute(&mut self, object: &Value, name: Sym) -> Value {
        if let Kind::CodeObject(id) = object.kind
            && let Some(Object::CodeObject(Value { kind: Kind::Function(_), .. })) = self.heap.get(id)
            && self.symbols.as_str(name) != "replace"
        {
            if self.symbols.as_str(name) == "co_consts"
                && let Some(constants) = self.constants_of_code(id)
            {
                return constants;
            }
            // The parts of code that stands in the source are nothing that anybody computes with.
            let text = format!("types.CodeType().{}", self.symbols.as_str(name));
            return self.external(&text);
        }
        if let Some(value) = self.code_attribute(object, name) {
            return value;
        }
        match self.symbols.as_str(name) {
            // A member of an enumeration without methods is its value.
            "value" | "_value_" => object.clone(),
            "__class__" | "__subclasses__" | "__bases__" | "__mro__" | "__base__" => {
                let text = format!("object.{}", self.symbols.as_str(name));
                self.external(&text)
            }
            _ => {
                let receiver = Object::Builtin(object.clone(), name);
                Value::new(Kind::Builtin(self.heap.insert(receiver))).with_origins(object.origins)
            }
        }
    }

    /// Assigns an attribute.
    pub(super) fn set_attribute(
        &mut self,
        code: &Rc<Code>,
        span: Span,
        object: &Value,
        name: Sym,
        value: Value,
    ) {
        match object.kind {
            Kind::Choice(_) => {
                if let Some(one) = self.one_with_attributes(object) {
                    self.set_attribute(code, span, &one, name, value);
                }
            }
            Kind::Instance(id) => {
                self.counts.changes += 1;
                self.run_setters(object, name, &value);
                if self.symbols.as_str(name) == "__dict__" {
                    return self.replace_dictionary(id, &value);
                }
                let value = match self.slot_get(id, name).cloned() {
                    // An attribute that is not known from one place may be known from another.
                    Some(old)
                        if matches!(value.kind, Kind::Unknown | Kind::None)
                            && !matches!(old.kind, Kind::Unknown | Kind::None) =>
                    {
                        let origins = self.origins.union(old.origins, value.origins);
                        old.with_origins(origins)
                    }
                    _ => value,
                };
                self.slot_set(id, name, value);
            }
            Kind::Module(id) => {
                self.counts.changes += 1;
                if let Some(scope) = self.module_scope(id) {
                    self.scope_set(scope, name, value);
                }
            }
            Kind::Class(id) => {
                self.counts.changes += 1;
                if let Some(Object::Class(class)) = self.heap.get(id) {
                    let scope = class.scope;
                    self.scope_set(scope, name, value);
                }
            }
            Kind::Function(_) if matches!(self.symbols.as_str(name), "__code__" | "func_code") => {
                self.replace_function_code(code, span, &value);
            }
            Kind::Function(id) => self.put_on_function(id, name, value),
            Kind::External { name: base, made_by } => {
                let Some(full) = self.extend_name(base, Step::Attribute(name)) else { return };
                self.run_stored(code, span, full, vec![value.clone(), object.clone()]);
                if made_by.is_some() && self.store_of_made(code, span, object, full, &value) {
                    return;
                }
                self.put_outside(full, &value);
                self.store_external(code, span, full, &[], value);
            }
            _ => {}
        }
    }

    /// What assigning an attribute of an instance runs: `__setattr__`, a property's setter, a descriptor's `__set__`.
    fn run_setters(&mut self, object: &Value, name: Sym, value: &Value) {
        if self.symbols.find("__setattr__").is_some() {
            let text = Value::str(self.symbols.text(name));
            self.run_hook(object, "__setattr__", vec![text, value.clone()]);
        }
        if self.notes.n_setters == 0 && self.symbols.find("__set__").is_none() {
            return;
        }
        let Kind::Instance(id) = object.kind else { return };
        let Some(Object::Instance(instance)) = self.heap.get(id) else { return };
        let class = instance.class;
        let Some(descriptor) = self.class_hook(class, &self.symbols.text(name)) else { return };
        if let Kind::Instance(_) = descriptor.kind {
            self.run_hook(&descriptor, "__set__", vec![object.clone(), value.clone()]);
        }
        if self.notes.n_setters > 0
            && let Some(setter) = self.class_hook(class, &special::setter_name(&self.symbols.text(name)))
            && !self.is_running(&setter)
        {
            self.call_hook(&setter, object, vec![value.clone()]);
        }
    }

    /// Assigns to an attribute of what a recorded call made; false if the catalogue does not list it.
    fn store_of_made(
        &mut self,
        code: &Rc<Code>,
        span: Span,
        object: &Value,
        name: NameId,
        value: &Value,
    ) -> bool {
        let text = self.names.text(name);
        let Some(entry) = catalogue::find_store(&text) else { return false };
        self.record(code, span, &text, entry, std::slice::from_ref(value), &[], Some(object));
        self.run_callbacks(entry, std::slice::from_ref(value), &[]);
        true
    }

    /// Runs what assigning to a name makes run.  Its arguments are the value and the object whose attribute is assigned.
    pub(super) fn run_stored(&mut self, code: &Rc<Code>, span: Span, name: NameId, positional: Vec<Value>) {
        if let Some(entry) = catalogue::find_stored_callback(&self.names.text(name)) {
            let site = CallSite { code: Rc::clone(code), span };
            let given = Arguments { positional, keywords: Vec::new() };
            self.at_site(site, |me| me.run_given(entry, &given));
        }
    }

    /// Assigns to a name outside the artifact: an event if the catalogue lists it.
    pub(super) fn store_external(
        &mut self,
        code: &Rc<Code>,
        span: Span,
        name: NameId,
        index: &[Value],
        value: Value,
    ) {
        let text = self.names.text(name);
        self.note_setup_store(&text);
        if self.note_builtin_set(&text, &value)
            && let Some(entry) = catalogue::find_store("?.executor")
        {
            let target = Value::str(&*text);
            self.record(code, span, "?.executor", entry, &[target, value.clone()], &[], None);
        }
        if matches!(&*text, "sys.path" | "sys.path[]") {
            self.note_searched(&value);
        }
        let mut args = index.to_vec();
        args.push(value.clone());
        if let Some(entry) = catalogue::find_store(&text) {
            self.record(code, span, &text, entry, &args, &[], None);
            self.run_callbacks(entry, &args, &[]);
        } else if self.is_callable(&value) && catalogue::find_call(&text).is_some() {
            // Putting another function in the place of a well-known one.
            if let Some(entry) = catalogue::find_store("?.patch") {
                let target = Value::str(&*text);
                self.record(code, span, "?.patch", entry, &[target, value], &[], None);
            }
        }
    }

    /// Notes a name that the code adds to the built-in functions, `setattr(builtins, "_", exec)`; tells whether it stands for
    /// what executes text.
    fn note_builtin_set(&mut self, full: &str, value: &Value) -> bool {
        let Some(name) = full.strip_prefix("builtins.") else { return false };
        if name.contains(['.', '(', '[']) || super::builtins::is_builtin(name) {
            return false;
        }
        let name = self.symbols.intern(name);
        self.notes.builtins_set.insert(name, value.clone());
        let Kind::External { name, .. } = value.kind else { return false };
        matches!(&*self.names.text(name), "exec" | "eval" | "compile")
    }

    /// A scope as a module-like value, for `globals()` and `locals()`.
    pub(super) fn scope_as_module(&mut self, scope: crate::value::ScopeId) -> Value {
        self.hold_scope(scope);
        Value::new(Kind::Module(self.heap.insert(Object::Module(Rc::from(""), scope))))
    }
}
