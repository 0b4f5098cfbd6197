//! What the instances and classes of the artifact have by name: attributes, inherited ones, bound methods.

use std::rc::Rc;

use super::Interpreter;
use super::special::FunctionRole;
use crate::value::{Kind, ObjId, Object, Step, Sym, Value};

/// Methods by which the items of a dictionary are read and changed.
const ITEM_METHODS: [&str; 14] = [
    "__contains__",
    "__delitem__",
    "__getitem__",
    "__setitem__",
    "clear",
    "copy",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];

/// Bases from outside that bring no attributes of their own.
const BARE_BASES: [&str; 5] =
    ["abc.ABC", "object", "typing.Generic", "typing.Protocol", "typing_extensions."];

impl Interpreter<'_> {
    pub(super) fn instance_attribute(&mut self, object: &Value, id: ObjId, name: Sym) -> Value {
        let Some(Object::Instance(instance)) = self.heap.get(id) else { return Value::unknown() };
        let class = instance.class;
        if self.symbols.find("__getattribute__").is_some() {
            let text = Value::str(self.symbols.text(name));
            self.run_hook(object, "__getattribute__", vec![text]);
        }
        let Some(Object::Instance(instance)) = self.heap.get(id) else { return Value::unknown() };
        if let Some(value) = instance.attributes.get(&name) {
            return value.clone();
        }
        if self.symbols.as_str(name) == "__class__" {
            return Value::new(Kind::Class(class));
        }
        if self.symbols.as_str(name) == "__dict__" {
            return self.dictionary_of(object, id);
        }
        if self.is_method_of_record(class, name) {
            return Value::new(Kind::Builtin(self.heap.insert(Object::Builtin(object.clone(), name))));
        }
        let held = self.class_attribute(class, name, 0);
        // A method of a dictionary that the class does not have itself.
        if matches!(held, None | Some(Value { kind: Kind::External { .. }, .. }))
            && ITEM_METHODS.contains(&self.symbols.as_str(name))
            && let Some(items) = self.items_of(object)
        {
            return self.get_attribute(&items, name);
        }
        if matches!(held, None | Some(Value { kind: Kind::External { .. }, .. }))
            && let Some(value) = self.looked_up(object, class, name)
        {
            return value;
        }
        match held {
            // An exception keeps what it is told, which a name outside the artifact would lose.
            Some(Value { kind: Kind::External { .. }, .. })
                if matches!(self.symbols.as_str(name), "add_note" | "with_traceback") =>
            {
                Value::new(Kind::Builtin(self.heap.insert(Object::Builtin(object.clone(), name))))
            }
            Some(value) => {
                let value = self.run_of_started(class, name, &value).unwrap_or(value);
                match self.read_descriptor(&value, object) {
                    Some(read) => read,
                    None => self.bind(object, value),
                }
            }
            // What a caller passed may hold anything.
            None => {
                self.note_asking_unknown(&self.symbols.text(name));
                let passed = Value::unknown().with_origins(object.origins);
                self.secret_within(&passed, &self.symbols.text(name)).unwrap_or(passed)
            }
        }
    }

    /// What the `__getattr__` of a class gives for an attribute that neither the object nor a class of the artifact has.
    fn looked_up(&mut self, object: &Value, class: ObjId, name: Sym) -> Option<Value> {
        if self.symbols.as_str(name) == "__getattribute__" {
            return Some(self.look_up_of(object));
        }
        let hook = self.symbols.find("__getattr__").filter(|hook| *hook != name)?;
        let hook = self.own_attribute(class, hook, 0)?;
        if self.own_attribute(class, name, 0).is_some() || self.is_running(&hook) {
            return None;
        }
        // Another base from outside may have the attribute; of a dictionary it is known that it has not.
        let is_bare = |base: &Rc<str>| BARE_BASES.iter().any(|bare| base.starts_with(bare));
        if self.items_of(object).is_none() && !self.external_bases(class).iter().all(is_bare) {
            return None;
        }
        let text = Value::str(self.symbols.text(name));
        match hook.kind {
            Kind::Function(_) => {
                let method = self.bind(object, hook);
                Some(self.call_value(&method, vec![text], Vec::new()))
            }
            Kind::External { .. } => Some(self.call_hook(&hook, object, vec![text])),
            _ => None,
        }
    }

    /// What `start` of a thread or process comes to, if its class is of the artifact: its own `run`.
    fn run_of_started(&mut self, class: ObjId, name: Sym, inherited: &Value) -> Option<Value> {
        if !matches!(inherited.kind, Kind::External { .. }) || self.symbols.as_str(name) != "start" {
            return None;
        }
        let run = self.symbols.intern("run");
        self.class_attribute(class, run, 0).filter(|method| matches!(method.kind, Kind::Function(_)))
    }

    /// What reading an attribute of a class gives.
    pub(super) fn attribute_of_class(&mut self, object: &Value, class: ObjId, name: Sym) -> Value {
        match self.symbols.as_str(name) {
            "__dict__" => return self.namespace_of_class(class),
            "__subclasses__" => {
                return Value::new(Kind::Builtin(self.heap.insert(Object::Builtin(object.clone(), name))));
            }
            _ => {}
        }
        let value = self.class_attribute(class, name, 0).or_else(|| self.metaclass_attribute(class, name));
        let Some(value) = value else {
            return match self.symbols.as_str(name) {
                "__new__" => self.external("object.__new__"),
                "__getattribute__" => self.external("object.__getattribute__"),
                // What makes an object of the class.
                "__call__" => object.clone(),
                _ => Value::unknown(),
            };
        };
        if let Kind::Function(id) = value.kind {
            let is_of_class = self.functions.roles.get(&id) == Some(&FunctionRole::Class);
            return if is_of_class { self.bind(object, value) } else { value };
        }
        self.read_descriptor(&value, &Value::none()).unwrap_or(value)
    }

    fn namespace_of_class(&mut self, class: ObjId) -> Value {
        match self.heap.get(class) {
            Some(Object::Class(definition)) => {
                let scope = definition.scope;
                self.scope_as_module(scope)
            }
            _ => Value::unknown(),
        }
    }

    /// What a function that a class holds gets as its first argument when it is called on an object; `None` for a static
    /// method.
    pub(super) fn receiver_for(&self, function: ObjId, object: &Value) -> Option<Value> {
        match (self.functions.roles.get(&function), &object.kind) {
            (Some(FunctionRole::Static), _) => None,
            (Some(FunctionRole::Class), Kind::Instance(id)) => Some(match self.heap.get(*id) {
                Some(Object::Instance(instance)) => Value::new(Kind::Class(instance.class)),
                _ => object.clone(),
            }),
            _ => Some(object.clone()),
        }
    }

    /// Binds what a class holds to an instance, or a method of the class to the class.
    pub(super) fn bind(&mut self, object: &Value, value: Value) -> Value {
        let Kind::Function(id) = value.kind else { return self.bind_method_of_type(object, value) };
        let Some(receiver) = self.receiver_for(id, object) else { return value };
        let method = Value::new(Kind::Method(self.heap.insert(Object::Method(receiver, id))));
        match self.functions.roles.get(&id) {
            Some(FunctionRole::Property) => self.call_value(&method, Vec::new(), Vec::new()),
            _ => method,
        }
    }

    /// An attribute of a class, its bases included.
    pub(super) fn class_attribute(&mut self, class: ObjId, name: Sym, depth: u8) -> Option<Value> {
        let Some(Object::Class(definition)) = self.heap.get(class) else { return None };
        let definition = Rc::clone(definition);
        if let Some(value) = self.scope_get(definition.scope, name) {
            return Some(value.clone());
        }
        if depth > 16 {
            return None;
        }
        match self.symbols.as_str(name) {
            "__name__" | "__qualname__" => return Some(Value::str(Rc::clone(&definition.name))),
            _ => {}
        }
        for base in &definition.bases {
            match base.kind {
                Kind::Class(id) if id != class => {
                    if let Some(value) = self.class_attribute(id, name, depth + 1) {
                        return Some(value);
                    }
                }
                Kind::External { name: base, .. } => {
                    let instance = self.extend_name(base, Step::Call)?;
                    let full = self.extend_name(instance, Step::Attribute(name))?;
                    return Some(Value::new(Kind::External { name: full, made_by: None }));
                }
                _ => {}
            }
        }
        None
    }

    /// What `super()` gives in the function in course, which its first parameter is bound for.
    pub(super) fn super_attribute(&mut self, name: Sym) -> Value {
        let Some(class) = self.frame().and_then(|frame| frame.class) else { return Value::unknown() };
        let Some(Object::Class(definition)) = self.heap.get(class) else { return Value::unknown() };
        let definition = Rc::clone(definition);
        let receiver = self.first_parameter().unwrap_or_else(Value::unknown);
        for base in &definition.bases {
            match base.kind {
                Kind::Class(id) if id != class => {
                    if let Some(value) = self.class_attribute(id, name, 0) {
                        return self.bind(&receiver, value);
                    }
                }
                Kind::External { .. } if self.symbols.as_str(name) == "__getattribute__" => {
                    return self.look_up_of(&receiver);
                }
                Kind::External { .. }
                    if ITEM_METHODS.contains(&self.symbols.as_str(name))
                        && let Some(items) = self.items_of(&receiver) =>
                {
                    return self.get_attribute(&items, name);
                }
                Kind::External { name: base, .. } => {
                    if let Some(full) = self
                        .extend_name(base, Step::Call)
                        .and_then(|b| self.extend_name(b, Step::Attribute(name)))
                    {
                        return Value::new(Kind::External { name: full, made_by: None });
                    }
                }
                _ => {}
            }
        }
        match self.symbols.as_str(name) {
            "__new__" => self.external("object.__new__"),
            "__getattribute__" => self.look_up_of(&receiver),
            _ => Value::unknown(),
        }
    }

    /// What the first parameter of the method in course holds.
    pub(super) fn first_parameter(&self) -> Option<Value> {
        let frame = self.frame()?;
        let (unit, index) = frame.function?;
        let definition = self.modules.units.get(unit as usize)?.code.functions.get(index.0 as usize)?;
        self.scope_get(frame.scope, definition.params.first()?.name).cloned()
    }
}
