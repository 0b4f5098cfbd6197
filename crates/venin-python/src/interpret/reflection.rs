//! Reflection: attributes and names that are asked for by text, the names of an object, namespaces as dictionaries.
//!
//! Of a name that is known in part, everything callable is taken that it may be.

use super::Interpreter;
use super::function::Arguments;
use super::reached::{is_builtin_function, of_namespace};
use super::special::FunctionRole;
use crate::value::{Kind, ObjId, Object, OriginSet, Part, ScopeId, Sym, Value};

/// Letters that must be known of a name for it to be looked for by its beginning or end.
const FEWEST_LETTERS: usize = 3;
/// Most members that a name known in part may be.
const MOST_MATCHES: usize = 8;
/// Most names of an object that are listed.
const MOST_NAMES: usize = 200;
/// Most bases whose names are listed.
const MOST_BASES: usize = 16;
/// Most subclasses that a class knows.
const MOST_SUBCLASSES: usize = 16;
/// The name in a class's namespace under which its subclasses are kept; no identifier is spelt so.
const SUBCLASSES: &str = "<subclasses>";

pub(super) fn get_attribute(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let object = arguments.positional.first()?.clone();
    let attribute = arguments.positional.get(1)?.clone();
    let values: Vec<Value> = me
        .alternatives(&attribute)
        .into_iter()
        .filter_map(|one| match one.as_str() {
            Some(text) => {
                let name = me.symbols.intern(text);
                Some(me.loaded(&object, name))
            }
            None => me.attribute_by_part(&object, &one),
        })
        .collect();
    if attribute.origins != OriginSet::LITERAL || values.is_empty() {
        let before = me.counts.impure;
        me.record_special(name, arguments);
        if !values.is_empty() {
            // A loop that looks through names which are known goes on computing.
            me.counts.impure = before;
        }
    }
    if values.is_empty() {
        return Some(Value::unknown().with_origins(object.origins));
    }
    Some(me.join_values(values))
}

pub(super) fn set_attribute(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [object, name, value] = arguments.positional.get(..3)? else { return None };
    let sym = me.symbols.intern(name.as_str()?);
    let site = me.place.site.clone()?;
    me.set_attribute(&site.code, site.span, object, sym, value.clone());
    Some(Value::none())
}

pub(super) fn globals(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    let scope = me.frame()?.globals;
    Some(me.scope_as_module(scope))
}

/// `locals()`; of a function, they carry what its names hold.
pub(super) fn locals(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    let frame = me.frame()?;
    let (scope, is_function) = (frame.scope, frame.function.is_some());
    let origins = if is_function { me.origins_of_scope(scope) } else { OriginSet::EMPTY };
    Some(me.scope_as_module(scope).with_origins(origins))
}

pub(super) fn vars(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    match arguments.positional.first() {
        None => locals(me, name, arguments),
        Some(value) => {
            let dict = me.symbols.intern("__dict__");
            Some(me.get_attribute(value, dict))
        }
    }
}

pub(super) fn type_of(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [value] = arguments.positional.as_slice() else { return me.make_class(arguments, None) };
    match value.kind {
        Kind::Instance(id) => match me.heap.get(id) {
            Some(Object::Instance(instance)) => Some(Value::new(Kind::Class(instance.class))),
            _ => None,
        },
        Kind::External { name, .. } if is_builtin_function(&me.names.text(name)) => {
            Some(me.external("types.BuiltinFunctionType"))
        }
        // `type(lambda: 0)` is a way to the function type that names nothing.
        Kind::Function(_) => Some(me.external("types.FunctionType")),
        Kind::CodeObject(_) => Some(me.external("types.CodeType")),
        Kind::External { name, .. } if &*me.names.text(name) == "types.CodeType()" => {
            Some(me.external("types.CodeType"))
        }
        Kind::Str(_) => Some(me.external("str")),
        Kind::Bytes(_) => Some(me.external("bytes")),
        Kind::Int(_) => Some(me.external("int")),
        _ => None,
    }
}

/// `dir(object)` of something of the artifact.
pub(super) fn directory(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let object = arguments.positional.first()?;
    if let Some(names) = me.names_of_builtins(object) {
        return Some(me.heap.list(names));
    }
    let names = me.names_within(object)?;
    let names = names.into_iter().map(|name| Value::str(me.symbols.text(name))).collect();
    Some(me.heap.list(names))
}

/// `inspect.getmembers(object, predicate)`.
pub(super) fn members(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let object = arguments.positional.first()?;
    let predicate = match arguments.positional.get(1).map(|predicate| &predicate.kind) {
        Some(Kind::External { name, .. }) => Some(me.names.text(*name)),
        _ => None,
    };
    if me.names_of_builtins(object).is_some() {
        return of_namespace(me, "items", arguments);
    }
    let mut pairs = Vec::new();
    for name in me.names_within(object)? {
        let value = me.get_attribute(object, name);
        let is_asked_for = match predicate.as_deref() {
            Some("inspect.isclass") => matches!(value.kind, Kind::Class(_)),
            Some("inspect.ismethod" | "inspect.isfunction" | "inspect.isroutine" | "callable") => {
                matches!(value.kind, Kind::Function(_) | Kind::Method(_))
            }
            _ => true,
        };
        if is_asked_for {
            let name = Value::str(me.symbols.text(name));
            pairs.push(me.heap.tuple(vec![name, value]));
        }
    }
    Some(me.heap.list(pairs))
}

impl Interpreter<'_> {
    /// The names of an object, class or module of the artifact in order, those that Python itself gives left out.
    fn names_within(&self, object: &Value) -> Option<Vec<Sym>> {
        let mut names: Vec<Sym> = Vec::new();
        let class = match object.kind {
            Kind::Instance(id) => match self.heap.get(id) {
                Some(Object::Instance(instance)) => {
                    names.extend(instance.attributes.keys());
                    Some(instance.class)
                }
                _ => None,
            },
            Kind::Class(id) => Some(id),
            Kind::Module(id) => {
                names.extend(self.names_of_scope(self.module_scope(id)?));
                None
            }
            _ => return None,
        };
        for class in class.map(|class| self.line_of(class)).unwrap_or_default() {
            if let Some(Object::Class(definition)) = self.heap.get(class) {
                names.extend(self.names_of_scope(definition.scope));
            }
        }
        names.retain(|name| !self.symbols.as_str(*name).starts_with("__"));
        names.retain(|name| !self.symbols.as_str(*name).starts_with('<'));
        names.sort_unstable();
        names.dedup();
        names.truncate(MOST_NAMES);
        Some(names)
    }

    fn names_of_scope(&self, scope: ScopeId) -> impl Iterator<Item = Sym> {
        let names = match self.heap.get(scope) {
            Some(Object::Scope { names, .. }) => Some(names.keys().copied()),
            _ => None,
        };
        names.into_iter().flatten()
    }

    /// A class and its bases in the artifact.
    fn line_of(&self, class: ObjId) -> Vec<ObjId> {
        let mut line = vec![class];
        let mut at = 0;
        while let Some(class) = line.get(at).copied() {
            at += 1;
            let Some(Object::Class(definition)) = self.heap.get(class) else { continue };
            let bases = definition.bases.iter().filter_map(|base| match base.kind {
                Kind::Class(id) => Some(id),
                _ => None,
            });
            let new: Vec<ObjId> = bases.filter(|base| !line.contains(base)).collect();
            line.extend(new.into_iter().take(MOST_BASES.saturating_sub(at)));
        }
        line
    }

    /// What `getattr(object, "on_" + kind)` may give: the functions and classes whose name begins and ends as the text does;
    /// `None` if too little of it is known or nothing is named so.
    pub(super) fn attribute_by_part(&mut self, object: &Value, name: &Value) -> Option<Value> {
        let Kind::Partial(text) = &name.kind else { return None };
        let known = |part: Option<&Part>| match part {
            Some(Part::Known(text)) => text.to_string(),
            _ => String::new(),
        };
        let (start, end) = (known(text.parts.first()), known(text.parts.last()));
        if start.chars().count().max(end.chars().count()) < FEWEST_LETTERS {
            return None;
        }
        let is_match = |name: &str| {
            name.len() > start.len() + end.len() && name.starts_with(&start) && name.ends_with(&end)
        };
        let mut names = self.names_within(object)?;
        names.retain(|name| is_match(self.symbols.as_str(*name)));
        let mut found = Vec::new();
        for name in names {
            if found.len() < MOST_MATCHES && self.holds_callable(object, name) {
                found.push(self.get_attribute(object, name));
            }
        }
        (!found.is_empty()).then(|| self.join_values(found))
    }

    /// Whether something that can be called stands under a name; what reading a property would give is not asked for.
    fn holds_callable(&mut self, object: &Value, name: Sym) -> bool {
        let held = match object.kind {
            Kind::Module(id) => self.module_scope(id).and_then(|scope| self.scope_get(scope, name).cloned()),
            Kind::Class(class) => self.class_attribute(class, name, 0),
            Kind::Instance(id) => match self.heap.get(id) {
                Some(Object::Instance(instance)) => match instance.attributes.get(&name).cloned() {
                    Some(value) => Some(value),
                    None => {
                        let class = instance.class;
                        self.class_attribute(class, name, 0)
                    }
                },
                _ => None,
            },
            _ => None,
        };
        held.is_some_and(|held| match held.kind {
            Kind::Function(id) => self.functions.roles.get(&id) != Some(&FunctionRole::Property),
            _ => self.is_callable(&held),
        })
    }

    /// What a method of `globals()`, or of the namespace of a class, gives.
    pub(super) fn call_of_namespace(&mut self, module: ObjId, name: Sym, arguments: &Arguments) -> Value {
        let namespace = Value::new(Kind::Module(module));
        let method = self.symbols.text(name);
        match (&*method, arguments.positional.as_slice()) {
            ("get" | "pop" | "setdefault" | "__getitem__", [key, rest @ ..]) => {
                if let Some(text) = key.as_str() {
                    let name = self.symbols.intern(text);
                    let held =
                        self.module_scope(module).and_then(|scope| self.scope_get(scope, name).cloned());
                    return held.or_else(|| rest.first().cloned()).unwrap_or_else(Value::none);
                }
                self.attribute_by_part(&namespace, key).unwrap_or_else(Value::unknown)
            }
            ("keys", _) => directory(self, "dir", &passing(namespace)).unwrap_or_else(Value::unknown),
            ("items", _) => members(self, "members", &passing(namespace)).unwrap_or_else(Value::unknown),
            ("values", _) => {
                let names = self.names_within(&namespace).unwrap_or_default();
                let values = names.into_iter().map(|name| self.get_attribute(&namespace, name)).collect();
                self.heap.list(values)
            }
            ("copy", _) => namespace,
            ("update", [Value { kind: Kind::Dict(id), .. }]) => {
                let entries: Vec<(Value, Value)> = self.heap.dict_entries(*id).cloned().collect();
                self.update_namespace(module, entries)
            }
            ("update", []) => {
                let given = arguments.keywords.iter();
                let entries =
                    given.map(|(name, value)| (Value::str(self.symbols.text(*name)), value.clone()));
                let entries = entries.collect();
                self.update_namespace(module, entries)
            }
            _ => Value::unknown(),
        }
    }

    /// The names of a namespace as the entries of a dictionary.
    pub(super) fn entries_of_namespace(&self, module: ObjId) -> Vec<(Value, Value)> {
        let scope = self.module_scope(module);
        let Some(Object::Scope { names, .. }) = scope.and_then(|scope| self.heap.get(scope)) else {
            return Vec::new();
        };
        let mut held: Vec<(Sym, &Value)> = names.iter().map(|(name, value)| (*name, value)).collect();
        held.sort_by_key(|(name, _)| *name);
        held.truncate(MOST_NAMES);
        held.into_iter().map(|(name, value)| (Value::str(self.symbols.text(name)), value.clone())).collect()
    }

    fn update_namespace(&mut self, module: ObjId, entries: Vec<(Value, Value)>) -> Value {
        self.counts.changes += 1;
        if let Some(scope) = self.module_scope(module) {
            for (name, value) in entries {
                let Some(name) = name.as_str() else { continue };
                let name = self.symbols.intern(name);
                self.scope_set(scope, name, value);
            }
        }
        Value::none()
    }

    /// Whether a dictionary has a method of this name that is followed on a namespace, too.
    pub(super) fn is_method_of_namespace(&self, name: Sym) -> bool {
        matches!(
            self.symbols.as_str(name),
            "get" | "pop" | "setdefault" | "__getitem__" | "keys" | "items" | "values" | "copy" | "update"
        )
    }

    /// Tells the bases of a class of it, if something asks classes for their subclasses.
    pub(super) fn note_subclass(&mut self, class: ObjId) {
        if self.symbols.find("__subclasses__").is_none() {
            return;
        }
        let Some(Object::Class(definition)) = self.heap.get(class) else { return };
        let bases: Vec<ObjId> = definition
            .bases
            .iter()
            .filter_map(|base| if let Kind::Class(id) = base.kind { Some(id) } else { None })
            .collect();
        let kept = self.symbols.intern(SUBCLASSES);
        for base in bases {
            let Some(Object::Class(definition)) = self.heap.get(base) else { continue };
            let scope = definition.scope;
            let mut known = self.subclasses_of(base);
            if known.len() < MOST_SUBCLASSES {
                known.push(Value::new(Kind::Class(class)));
                let known = self.heap.list(known);
                self.scope_set(scope, kept, known);
            }
        }
    }

    /// The subclasses of a class, as far as they are known.
    pub(super) fn subclasses_of(&self, class: ObjId) -> Vec<Value> {
        let Some(Object::Class(definition)) = self.heap.get(class) else { return Vec::new() };
        let kept = self.symbols.find(SUBCLASSES).and_then(|kept| self.scope_get(definition.scope, kept));
        match kept.map(|kept| &kept.kind) {
            Some(Kind::List(id)) => self.heap.elements(*id).to_vec(),
            _ => Vec::new(),
        }
    }
}

fn passing(value: Value) -> Arguments {
    Arguments { positional: vec![value], keywords: Vec::new() }
}
