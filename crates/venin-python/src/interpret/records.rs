//! Records: classes that are nothing but their fields, which their constructor takes in order.
//!
//! A field that nobody gives holds what a caller outside the artifact would pass.  What a validator would make of it is not
//! known here.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Interpreter;
use super::function::Arguments;
use crate::fold;
use crate::value::{Class, Instance, Kind, ObjId, Object, Partial, Sym, Value};

/// The name in a class's namespace under which the names of its fields are kept; no identifier is spelt so.
const FIELDS: &str = "<fields>";
/// The name in a class's namespace under which what checks its fields is kept, with the names of the fields before it.
const VALIDATORS: &str = "<validators>";
/// The callee of what stands in a namespace for a default that is made anew for each object.
const FACTORY: &str = "<factory>";
/// Most fields of a record.
const MOST_FIELDS: usize = 100;
/// Most functions that check the fields of one record.
const MOST_VALIDATORS: usize = 16;
/// Most bases whose fields are looked for.
const MOST_BASES: usize = 16;

/// Decorators that make a class a record.
const DECORATORS: [&str; 11] = [
    "attr.attrs",
    "attr.dataclass",
    "attr.define",
    "attr.frozen",
    "attr.mutable",
    "attr.s",
    "attrs.define",
    "attrs.frozen",
    "attrs.mutable",
    "dataclasses.dataclass",
    "pydantic.dataclasses.dataclass",
];
/// Bases that make a class a record.
const BASES: [&str; 6] = [
    "msgspec.Struct",
    "pydantic.BaseModel",
    "pydantic.BaseSettings",
    "pydantic_settings.BaseSettings",
    "sqlmodel.SQLModel",
    "typing.NamedTuple",
];
/// What describes a field, with or without its default.
const DESCRIPTIONS: [&str; 7] = [
    "attr.attrib()",
    "attr.field()",
    "attr.ib()",
    "attrs.field()",
    "dataclasses.field()",
    "pydantic.Field()",
    "pydantic.PrivateAttr()",
];

/// `dataclasses.field(default=…)` and its like: the default that it names, or what makes one.
pub(super) fn describe_field(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let by_name = |name: &str| {
        let given = arguments.keywords.iter().find(|(keyword, _)| me.symbols.as_str(*keyword) == name);
        given.map(|(_, value)| value.clone())
    };
    if let Some(factory) = by_name("default_factory").or_else(|| by_name("factory")) {
        return Some(made_by(me, factory));
    }
    let first = || arguments.positional.first().filter(|_| name != "dataclasses.field").cloned();
    by_name("default").or_else(first).filter(|default| !matches!(default.kind, Kind::Ellipsis))
}

/// `attr.Factory(make)`.
pub(super) fn default_factory(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let factory = arguments.positional.first()?.clone();
    Some(made_by(me, factory))
}

fn made_by(me: &mut Interpreter<'_>, factory: Value) -> Value {
    let callee = me.external(FACTORY);
    let origins = factory.origins;
    let default = Partial { callee, positional: vec![factory], keywords: Vec::new() };
    Value::new(Kind::Builtin(me.heap.insert(Object::Partial(Box::new(default))))).with_origins(origins)
}

/// `collections.namedtuple(name, names)`, `typing.NamedTuple(name, pairs)`, `dataclasses.make_dataclass(name, fields)`.
pub(super) fn make_record(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let name: Rc<str> = Rc::from(me.argument(arguments, 0, "typename")?.as_str().unwrap_or("?"));
    let listed = me.argument(arguments, 1, "field_names")?;
    let fields: Vec<Rc<str>> = match listed.as_str() {
        Some(text) => text.replace(',', " ").split_whitespace().map(Rc::from).collect(),
        None => {
            me.iterate(&listed, MOST_FIELDS)?.iter().filter_map(|field| me.name_of_field(field)).collect()
        }
    };
    let scope = me.new_scope(None);
    me.hold_scope(scope);
    let class = Class { name, bases: vec![me.external("tuple")], scope, metaclass: None };
    let class = me.heap.insert(Object::Class(Rc::new(class)));
    let defaults = me.argument(arguments, 2, "defaults").and_then(|all| me.iterate(&all, MOST_FIELDS));
    for (name, default) in fields.iter().rev().zip(defaults.unwrap_or_default().into_iter().rev()) {
        let name = me.symbols.intern(name);
        me.scope_set(scope, name, default);
    }
    me.keep_fields(scope, fields);
    Some(Value::new(Kind::Class(class)))
}

/// `@validator("field")`: the function runs when an object of the class in course is made.
pub(super) fn keep_validator(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let Kind::Function(_) = arguments.positional.last()?.kind else { return None };
    let scope = me.frame().filter(|frame| frame.class.is_some() && frame.function.is_none())?.scope;
    let kept = me.symbols.intern(VALIDATORS);
    let known = me.scope_get(scope, kept).cloned();
    let mut all = known.and_then(|known| me.iterate(&known, MOST_VALIDATORS)).unwrap_or_default();
    if all.len() < MOST_VALIDATORS {
        all.push(me.heap.tuple(arguments.positional.clone()));
    }
    let all = me.heap.list(all);
    me.scope_set(scope, kept, all);
    None
}

/// `dataclasses.replace(object, name=value)`: a copy with other fields.
pub(super) fn replace_fields(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let Kind::Instance(id) = arguments.positional.first()?.kind else { return None };
    me.replaced(id, arguments)
}

impl Interpreter<'_> {
    fn name_of_field(&self, field: &Value) -> Option<Rc<str>> {
        match field.kind {
            Kind::Tuple(id) | Kind::List(id) => self.heap.elements(id).first()?.as_str().map(Rc::from),
            _ => field.as_str().map(Rc::from),
        }
    }

    fn keep_fields(&mut self, scope: ObjId, fields: Vec<Rc<str>>) {
        for field in &fields {
            self.symbols.intern(field);
        }
        let fields = fields.into_iter().take(MOST_FIELDS).map(Value::str).collect();
        let (name, fields) = (self.symbols.intern(FIELDS), self.heap.tuple(fields));
        self.scope_set(scope, name, fields);
    }

    /// Keeps the fields that a class body lists, if its bases or decorators make the class a record.
    pub(super) fn keep_fields_of(&mut self, class: ObjId, fields: &[Sym], decorators: &[Value]) {
        let is_known = |value: &Value, known: &[&str]| match value.kind {
            Kind::External { name, .. } => known.contains(&self.names.text(name).trim_end_matches("()")),
            _ => false,
        };
        let is_decorated = decorators.iter().any(|decorator| is_known(decorator, &DECORATORS));
        if !is_decorated && !self.external_bases(class).iter().any(|base| BASES.contains(&&**base)) {
            return;
        }
        let Some(Object::Class(definition)) = self.heap.get(class) else { return };
        let scope = definition.scope;
        let names = fields.iter().map(|field| self.symbols.text(*field)).collect();
        self.keep_fields(scope, names);
    }

    /// The names of the fields of a record with their defaults, those of its bases first; `None` for any other class.
    pub(super) fn fields_of(&self, class: ObjId) -> Option<Vec<(Sym, Option<Value>)>> {
        let kept = self.symbols.find(FIELDS)?;
        let mut lines: Vec<(ObjId, &Value)> = Vec::new();
        let mut open = vec![class];
        while let Some(at) = open.pop() {
            let Some(Object::Class(definition)) = self.heap.get(at) else { continue };
            if let Some(fields) = self.scope_get(definition.scope, kept) {
                lines.push((definition.scope, fields));
            }
            if lines.len() < MOST_BASES {
                open.extend(definition.bases.iter().filter_map(|base| match base.kind {
                    Kind::Class(id) if id != at => Some(id),
                    _ => None,
                }));
            }
        }
        if lines.is_empty() {
            return None;
        }
        let mut fields: Vec<(Sym, Option<Value>)> = Vec::new();
        for (scope, line) in lines.iter().rev() {
            let Kind::Tuple(names) = line.kind else { continue };
            for name in self.heap.elements(names) {
                let Some(name) = name.as_str().and_then(|name| self.symbols.find(name)) else { continue };
                let default = self.scope_get(*scope, name).cloned();
                match fields.iter_mut().find(|(known, _)| *known == name) {
                    Some(field) => field.1 = default.or(field.1.take()),
                    None => fields.push((name, default)),
                }
            }
        }
        fields.truncate(MOST_FIELDS);
        Some(fields)
    }

    /// The attributes that the constructor of a record sets; none for any other class.
    pub(super) fn fields_given(&mut self, class: ObjId, arguments: &Arguments) -> FxHashMap<Sym, Value> {
        let mut given = FxHashMap::default();
        let Some(fields) = self.fields_of(class) else { return given };
        if self.class_hook(class, "__init__").is_some() || self.class_hook(class, "__new__").is_some() {
            return given;
        }
        let maker = self.maker_of(class);
        for (at, (name, default)) in fields.into_iter().enumerate() {
            let by_keyword = || arguments.keywords.iter().find(|(k, _)| *k == name).map(|(_, value)| value);
            let value = match arguments.positional.get(at).or_else(by_keyword) {
                Some(value) => value.clone(),
                None => match self.spread_argument(&arguments.keywords) {
                    Some(spread) => spread,
                    None => match default.and_then(|default| self.default_of(&default)) {
                        Some(default) => default,
                        None => self.passed_argument(name, &maker),
                    },
                },
            };
            given.insert(name, value);
        }
        self.run_validators(class, &given);
        given
    }

    /// Runs what checks the fields of a record, each with the first field that it is for.
    fn run_validators(&mut self, class: ObjId, given: &FxHashMap<Sym, Value>) {
        let Some(kept) = self.symbols.find(VALIDATORS) else { return };
        let Some(validators) = self.class_attribute(class, kept, 0) else { return };
        for validator in self.iterate(&validators, MOST_VALIDATORS).unwrap_or_default() {
            let parts = self.iterate(&validator, MOST_FIELDS).unwrap_or_default();
            let Some((Value { kind: Kind::Function(function), .. }, names)) = parts.split_last() else {
                continue;
            };
            let name = names.first().and_then(|name| self.symbols.find(name.as_str()?));
            let value = name.and_then(|name| given.get(&name).cloned()).unwrap_or_else(Value::unknown);
            let arguments = Arguments { positional: vec![value], keywords: Vec::new() };
            self.call_function(*function, Some(Value::new(Kind::Class(class))), arguments);
        }
    }

    /// The fields of a record whose default is nothing and whose name tells a secret, as one who gives them does.
    pub(super) fn secret_fields_left_out(&mut self, class: ObjId) -> Vec<(Sym, Value)> {
        let Some(fields) = self.fields_of(class) else { return Vec::new() };
        let maker = self.maker_of(class);
        let is_left_out = |name: Sym, default: &Option<Value>| {
            default.as_ref().is_some_and(|default| self.is_secret_left_out(name, &maker, default))
        };
        let names: Vec<Sym> = fields
            .iter()
            .filter(|(name, default)| is_left_out(*name, default))
            .map(|(name, _)| *name)
            .collect();
        names.into_iter().map(|name| (name, self.passed_argument(name, &maker))).collect()
    }

    /// The qualified name of the constructor that a record is given.
    fn maker_of(&self, class: ObjId) -> String {
        match self.heap.get(class) {
            Some(Object::Class(definition)) => format!("{}.__init__", definition.name),
            _ => String::new(),
        }
    }

    /// What a default gives for a new object; `None` where what stands there only describes the field.
    fn default_of(&mut self, default: &Value) -> Option<Value> {
        match default.kind {
            Kind::External { name, .. } if DESCRIPTIONS.contains(&&*self.names.text(name)) => None,
            Kind::Builtin(_) => match self.factory_of(default) {
                Some(factory) => Some(self.call_value(&factory, Vec::new(), Vec::new())),
                None => Some(default.clone()),
            },
            _ => Some(default.clone()),
        }
    }

    fn factory_of(&self, default: &Value) -> Option<Value> {
        let Kind::Builtin(id) = default.kind else { return None };
        let Some(Object::Partial(partial)) = self.heap.get(id) else { return None };
        let Kind::External { name, .. } = partial.callee.kind else { return None };
        (&*self.names.text(name) == FACTORY).then(|| partial.positional.first().cloned()).flatten()
    }

    fn replaced(&mut self, record: ObjId, arguments: &Arguments) -> Option<Value> {
        let Some(Object::Instance(instance)) = self.heap.get(record) else { return None };
        let mut instance: Instance = instance.clone();
        instance.attributes.extend(arguments.keywords.iter().cloned());
        let copy = self.heap.insert(Object::Instance(instance));
        Some(Value::new(Kind::Instance(copy)))
    }

    /// What a record holds in the order of its fields, where it is a tuple, too.
    pub(super) fn elements_of_record(&self, record: &Value) -> Option<Vec<Value>> {
        let Kind::Instance(id) = record.kind else { return None };
        self.symbols.find(FIELDS)?;
        let Some(Object::Instance(instance)) = self.heap.get(id) else { return None };
        let is_tuple = |base: &Rc<str>| matches!(&**base, "tuple" | "typing.NamedTuple");
        if !self.external_bases(instance.class).iter().any(is_tuple) {
            return None;
        }
        let fields = self.fields_of(instance.class)?;
        fields.iter().map(|(name, _)| instance.attributes.get(name).cloned()).collect()
    }

    /// An item or a slice of a record that is a tuple, too.
    pub(super) fn item_of_record(&mut self, record: &Value, index: &Value) -> Option<Value> {
        let elements = self.elements_of_record(record)?;
        let tuple = self.heap.tuple(elements);
        self.with_fold(|cx| fold::fold_subscript(cx, &tuple, index))
    }

    /// What a method that records bring gives: a dictionary of the fields, a copy with others.
    pub(super) fn call_of_record(&mut self, record: &Value, name: Sym, arguments: &Arguments) -> Value {
        let Kind::Instance(id) = record.kind else { return Value::unknown() };
        match self.symbols.as_str(name) {
            "_asdict" | "dict" | "model_dump" => self.attributes_of(record, id),
            name @ ("add_note" | "with_traceback") => {
                let name = name.to_owned();
                self.call_of_exception(record, &name, arguments)
            }
            "_replace" => self.replaced(id, arguments).unwrap_or_else(Value::unknown),
            _ => {
                let origins = self.deep_origins(record);
                Value::unknown().with_origins(origins)
            }
        }
    }

    /// Whether an instance is a record that has a method of this name by being one.
    pub(super) fn is_method_of_record(&self, class: ObjId, name: Sym) -> bool {
        const METHODS: [&str; 6] = ["_asdict", "_replace", "dict", "json", "model_dump", "model_dump_json"];
        METHODS.contains(&self.symbols.as_str(name)) && self.fields_of(class).is_some()
    }
}
