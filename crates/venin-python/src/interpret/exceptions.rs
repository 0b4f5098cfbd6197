//! Exceptions: what they were raised with, and who catches them.
//!
//! Control goes on as if anything may be raised anywhere; only the values are followed.  What a `try` saw raised is what its
//! handlers get, and what none of them takes is left to the `try` around it.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Interpreter;
use super::function::Arguments;
use super::handlers::Handler;
use crate::value::{Class, Instance, Kind, ObjId, Object, OriginSet, Sym, Value};

/// Most exceptions that one `try` is told of.
const MOST_RAISED: usize = 16;

/// The exceptions in course.
#[derive(Debug, Default)]
pub(super) struct Exceptions {
    /// What each `try` in course saw raised, innermost last.
    pub(super) raised: Vec<Vec<Value>>,
    /// What the handlers in course were given, innermost last.
    pub(super) caught: Vec<Value>,
}

/// Builtin exceptions, each with those that are of its kind.
const KINDS: [(&str, &[&str]); 7] = [
    ("ArithmeticError", &["FloatingPointError", "OverflowError", "ZeroDivisionError"]),
    ("ImportError", &["ModuleNotFoundError"]),
    ("LookupError", &["IndexError", "KeyError"]),
    (
        "OSError",
        &["ConnectionError", "FileExistsError", "FileNotFoundError", "PermissionError", "TimeoutError"],
    ),
    ("IOError", &["FileExistsError", "FileNotFoundError", "OSError", "PermissionError"]),
    ("RuntimeError", &["NotImplementedError", "RecursionError"]),
    ("ValueError", &["UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError"]),
];
/// What catches every exception.
const ANY: [&str; 2] = ["BaseException", "Exception"];

/// How the interpreter takes a call of a name: that of an exception, or of its constructor.
pub(super) fn handler_of(name: &str) -> Option<Handler> {
    if let Some(class) = name.strip_suffix("().__init__").or_else(|| name.strip_suffix(".__init__")) {
        return is_exception(class).then_some(set_arguments);
    }
    is_exception(name).then_some(make_exception)
}

/// Whether a name is that of a builtin exception.
fn is_exception(name: &str) -> bool {
    let is_like = ["Error", "Exception", "Group", "Iteration", "Interrupt", "Warning", "Exit"];
    super::builtins::is_builtin(name)
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && is_like.iter().any(|end| name.ends_with(end))
}

/// `ValueError(a, b)` where somebody may catch it: an object with these arguments.
pub(super) fn make_exception(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    // What is raised where nobody catches it may still be thrown into a generator.
    if me.exceptions.raised.is_empty() && me.symbols.find("throw").is_none() {
        return None;
    }
    me.record_special(name, arguments);
    let base = me.external(name);
    let scope = me.new_scope(None);
    let class = Class { name: Rc::from(name), bases: vec![base], metaclass: None, scope };
    let class = me.heap.insert(Object::Class(Rc::new(class)));
    let attributes = me.attributes_of_exception(name, arguments);
    let values: Vec<&Value> = attributes.values().collect();
    let origins = me.origins_of(values);
    let instance = me.heap.insert(Object::Instance(Instance { class, attributes }));
    Some(Value::new(Kind::Instance(instance)).with_origins(origins))
}

/// `super().__init__(a, b)`, `Exception.__init__(self, a, b)` in an exception of the artifact.
fn set_arguments(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let by_super = name.contains("()");
    let (receiver, passed) = if by_super {
        (me.first_parameter()?, arguments.positional.as_slice())
    } else {
        let (receiver, passed) = arguments.positional.split_first()?;
        (receiver.clone(), passed)
    };
    let Kind::Instance(id) = receiver.kind else { return None };
    let origins = me.origins_of(passed);
    let passed = me.heap.tuple(passed.to_vec()).with_origins(origins);
    let name = me.symbols.intern("args");
    me.slot_set(id, name, passed);
    Some(Value::none())
}

/// `sys.exception()`: what is being handled.
pub(super) fn handled(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    me.exceptions.caught.last().cloned()
}

/// `sys.exc_info()`.
pub(super) fn handled_with_class(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    let caught = me.exceptions.caught.last().cloned()?;
    let class = me.symbols.intern("__class__");
    let class = me.get_attribute(&caught, class);
    Some(me.heap.tuple(vec![class, caught, Value::unknown()]))
}

/// `traceback.format_exc()`: a text that shows what the exception was raised with.
pub(super) fn handled_as_text(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    let caught = me.exceptions.caught.last().cloned()?;
    let origins = me.deep_origins(&caught);
    Some(Value::unknown().with_origins(origins))
}

impl Interpreter<'_> {
    /// What an exception of a kind is known by: its arguments, and the names that some of them have.
    fn attributes_of_exception(&mut self, name: &str, arguments: &Arguments) -> FxHashMap<Sym, Value> {
        let named: &[&str] = match name {
            "StopIteration" | "StopAsyncIteration" => &["value"],
            "SystemExit" => &["code"],
            "ExceptionGroup" | "BaseExceptionGroup" => &["message", "exceptions"],
            "OSError" | "IOError" | "FileNotFoundError" | "PermissionError" => {
                &["errno", "strerror", "filename"]
            }
            "UnicodeDecodeError" | "UnicodeEncodeError" => &["encoding", "object", "start", "end", "reason"],
            "ImportError" | "ModuleNotFoundError" => &["msg"],
            _ => &[],
        };
        let mut attributes: FxHashMap<Sym, Value> = arguments.keywords.iter().cloned().collect();
        for (name, value) in named.iter().zip(&arguments.positional) {
            attributes.insert(self.symbols.intern(name), value.clone());
        }
        let origins = self.origins_of(&arguments.positional);
        let passed = self.heap.tuple(arguments.positional.clone()).with_origins(origins);
        attributes.insert(self.symbols.intern("args"), passed);
        attributes
    }

    /// The arguments that an exception of the artifact keeps, whatever its constructor does with them.
    pub(super) fn keep_arguments(
        &mut self,
        class: ObjId,
        arguments: &Arguments,
        attributes: &mut FxHashMap<Sym, Value>,
    ) {
        let bases = self.external_bases(class);
        if let Some(base) = bases.iter().find(|base| is_exception(base)) {
            attributes.extend(self.attributes_of_exception(base, arguments));
        }
    }

    /// Notes that a value is raised; none of its own stands for what is being handled.
    pub(super) fn note_raised(&mut self, value: Option<Value>) {
        let handled = self.exceptions.caught.last().cloned();
        let Some(raised) = value.or_else(|| handled.clone()) else { return };
        if self.exceptions.raised.is_empty() {
            return;
        }
        self.counts.changes += 1;
        let raised = match raised.kind {
            Kind::Class(class) => self.instantiate(class, &Arguments::default()),
            _ => raised,
        };
        let raised = self.raised_as_it_is(raised, handled);
        if let Some(seen) = self.exceptions.raised.last_mut().filter(|seen| seen.len() < MOST_RAISED) {
            seen.push(raised);
        }
    }

    /// An exception with the attributes that it has now: a branch that raises is taken back with what it wrote.
    fn raised_as_it_is(&mut self, raised: Value, handled: Option<Value>) -> Value {
        let Kind::Instance(id) = raised.kind else { return raised };
        let Some(Object::Instance(instance)) = self.heap.get(id) else { return raised };
        let mut instance = instance.clone();
        if let Some(handled) = handled.filter(|handled| handled.kind.object() != Some(id)) {
            for name in ["__context__", "__cause__"] {
                instance.attributes.insert(self.symbols.intern(name), handled.clone());
            }
        }
        Value { kind: Kind::Instance(self.heap.insert(Object::Instance(instance))), origins: raised.origins }
    }

    /// What a handler gets of what was raised: those that it may catch, which are taken out of `left`.
    pub(super) fn caught_by(
        &mut self,
        types: Option<&Value>,
        raised: &[Value],
        left: &mut Vec<Value>,
    ) -> Option<Value> {
        let caught: Vec<Value> =
            raised.iter().filter(|value| self.may_catch(types, value)).cloned().collect();
        left.retain(|value| !self.may_catch(types, value));
        (!caught.is_empty()).then(|| self.join_values(caught))
    }

    /// Whether a handler of some types may catch a value.
    fn may_catch(&self, types: Option<&Value>, raised: &Value) -> bool {
        let Some(types) = types else { return true };
        match types.kind {
            Kind::Tuple(id) | Kind::Choice(id) | Kind::List(id) => {
                self.heap.elements(id).iter().take(MOST_RAISED).any(|one| self.is_of_type(one, raised))
            }
            _ => self.is_of_type(types, raised),
        }
    }

    fn is_of_type(&self, class: &Value, raised: &Value) -> bool {
        let (own, bases) = match raised.kind {
            Kind::Instance(id) => match self.heap.get(id) {
                Some(Object::Instance(instance)) => {
                    (Some(instance.class), self.external_bases(instance.class))
                }
                _ => return true,
            },
            Kind::External { name, .. } => {
                let text = self.names.text(name);
                (None, vec![Rc::from(text.trim_end_matches("()"))])
            }
            _ => return true,
        };
        // `except*` takes out of a group what it holds of any kind.
        if bases.iter().any(|base| base.ends_with("ExceptionGroup")) {
            return true;
        }
        match class.kind {
            Kind::Class(class) => own.is_some_and(|own| self.derives_from(own, class)),
            Kind::External { name, .. } => {
                let text = self.names.text(name);
                ANY.contains(&&*text) || bases.iter().any(|base| is_kind_of(base, &text))
            }
            _ => true,
        }
    }

    pub(super) fn derives_from(&self, class: ObjId, base: ObjId) -> bool {
        let mut open = vec![class];
        for _ in 0..MOST_RAISED {
            let Some(at) = open.pop() else { return false };
            if at == base {
                return true;
            }
            if let Some(Object::Class(definition)) = self.heap.get(at) {
                open.extend(definition.bases.iter().filter_map(|value| match value.kind {
                    Kind::Class(id) => Some(id),
                    _ => None,
                }));
            }
        }
        false
    }

    /// What `str(exception)` gives, of one that has no text of its own: its only argument.
    pub(super) fn text_of_exception(&mut self, value: &Value) -> Option<Value> {
        let Kind::Instance(id) = value.kind else { return None };
        let name = self.symbols.find("args")?;
        let Some(Object::Instance(instance)) = self.heap.get(id) else { return None };
        let (class, passed) = (instance.class, instance.attributes.get(&name)?.clone());
        if !self.external_bases(class).iter().any(|base| is_exception(base)) {
            return None;
        }
        let Kind::Tuple(passed) = passed.kind else { return None };
        match self.heap.elements(passed) {
            [only] if matches!(only.kind, Kind::Str(_) | Kind::Partial(_)) => Some(only.clone()),
            _ => {
                let origins = self.deep_origins(value);
                Some(Value::unknown().with_origins(origins))
            }
        }
    }

    /// A method that every exception has: `add_note(text)`, `with_traceback(trace)`.
    pub(super) fn call_of_exception(
        &mut self,
        exception: &Value,
        name: &str,
        arguments: &Arguments,
    ) -> Value {
        let Kind::Instance(id) = exception.kind else { return Value::unknown() };
        if name == "with_traceback" {
            return exception.clone();
        }
        let slot = self.symbols.intern("__notes__");
        let mut notes = match self.slot_get(id, slot).map(|notes| notes.kind.clone()) {
            Some(Kind::List(notes)) => self.heap.elements(notes).to_vec(),
            _ => Vec::new(),
        };
        notes.extend(arguments.positional.first().cloned());
        let origins: OriginSet = self.origins_of(&notes);
        let notes = self.heap.list(notes).with_origins(origins);
        self.slot_set(id, slot, notes);
        Value::none()
    }
}

/// Whether one builtin exception is of the kind of another.
fn is_kind_of(name: &str, kind: &str) -> bool {
    name == kind || KINDS.iter().any(|(above, below)| *above == kind && below.contains(&name))
}
