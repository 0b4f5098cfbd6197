//! What a value does when it is called: the function runs, the class makes an object, a name outside is recorded.
//!
//! Every kind of value has its step here; what the steps do stands in the modules that they call.

use std::rc::Rc;

use super::function::Arguments;
use super::{Interpreter, secrets, special};
use crate::value::{Kind, ObjId, Object, OriginSet, Partial, Sym, Value};

/// Most values that are called in the place of one that may be any of them.
const MOST_CALLED: usize = 8;

impl Interpreter<'_> {
    /// Calls a value at the site in force.
    pub(super) fn call_value(
        &mut self,
        callee: &Value,
        positional: Vec<Value>,
        keywords: Vec<(Sym, Value)>,
    ) -> Value {
        self.call(callee, Arguments { positional, keywords })
    }

    pub(super) const fn is_callable(&self, value: &Value) -> bool {
        matches!(value.kind, Kind::Function(_) | Kind::Method(_) | Kind::Class(_) | Kind::CodeObject(_))
    }

    /// Calls a value.
    pub(super) fn call(&mut self, callee: &Value, arguments: Arguments) -> Value {
        if !self.step() {
            return Value::unknown();
        }
        self.nested(Value::unknown, |me| me.dispatch(callee, arguments))
    }

    fn dispatch(&mut self, callee: &Value, arguments: Arguments) -> Value {
        match callee.kind {
            Kind::External { name, made_by } => self.call_external(callee, name, made_by, &arguments),
            Kind::Function(id) => self.call_function(id, None, arguments),
            Kind::Method(id) => self.call_bound(id, arguments),
            Kind::Class(id) => self.instantiate(id, &arguments),
            Kind::Instance(_) => self.call_instance(callee, arguments),
            Kind::Builtin(id) => self.call_builtin(id, arguments),
            Kind::CodeObject(_) => self.run_code_value(callee, None),
            Kind::Choice(id) => self.call_each(id, &arguments),
            _ if secrets::is_login(callee) => callee.clone(),
            _ => self.unknown_result(callee, &arguments),
        }
    }

    /// Calls a function on the object that it is bound to.
    fn call_bound(&mut self, method: ObjId, arguments: Arguments) -> Value {
        match self.heap.get(method) {
            Some(Object::Method(receiver, function)) => {
                let (receiver, function) = (receiver.clone(), *function);
                self.call_function(function, Some(receiver), arguments)
            }
            _ => Value::unknown(),
        }
    }

    /// Calls an object of the artifact, whose class says what that does.
    fn call_instance(&mut self, object: &Value, arguments: Arguments) -> Value {
        let name = self.symbols.intern("__call__");
        let method = self.get_attribute(object, name);
        if self.is_callable(&method) {
            return self.call(&method, arguments);
        }
        match self.own_method(object, "__call__") {
            Some(hook) => self.call(&hook, arguments),
            None => self.unknown_result(object, &arguments),
        }
    }

    /// Calls what the interpreter itself made to be called.
    fn call_builtin(&mut self, id: ObjId, arguments: Arguments) -> Value {
        match self.heap.get(id) {
            Some(Object::Builtin(receiver, name)) => {
                let (receiver, name) = (receiver.clone(), *name);
                self.call_of_builtin(&receiver, name, &arguments)
            }
            Some(Object::Partial(partial)) => {
                let partial = (**partial).clone();
                self.call_partial(partial, arguments)
            }
            Some(Object::AttributeGetter(name)) => {
                let name = self.symbols.intern(&Rc::clone(name));
                match arguments.positional.first() {
                    Some(object) => self.get_attribute(&object.clone(), name),
                    None => Value::unknown(),
                }
            }
            Some(Object::MethodCaller(caller)) => {
                let caller = (**caller).clone();
                self.call_method_caller(caller, &arguments)
            }
            _ => Value::unknown(),
        }
    }

    /// Calls a method that no class of the artifact defines, by the receiver.
    fn call_of_builtin(&mut self, receiver: &Value, name: Sym, arguments: &Arguments) -> Value {
        match receiver.kind {
            Kind::CodeObject(_) if self.symbols.as_str(name) == "replace" => {
                return self.replace_parts(Some(receiver), arguments);
            }
            Kind::Function(_) => return self.call_of_function_object(receiver, name, arguments),
            Kind::Instance(_) => return self.call_of_record(receiver, name, arguments),
            Kind::Module(id) => return self.call_of_namespace(id, name, arguments),
            Kind::Class(class) => {
                let subclasses = self.subclasses_of(class);
                return self.heap.list(subclasses);
            }
            Kind::Builtin(_) => {
                let value = self.call_of_match(receiver, name, arguments);
                if let Some(value) = value.or_else(|| self.call_of_future(receiver, name, arguments)) {
                    return value;
                }
            }
            _ => {}
        }
        self.call_method(receiver, name, arguments)
    }

    /// Calls what decorators of libraries add to a function: the command, the registry, the setter of a property.
    fn call_of_function_object(&mut self, function: &Value, name: Sym, arguments: &Arguments) -> Value {
        let part = self.symbols.text(name);
        match &*part {
            "main" => self.call(function, Arguments::default()),
            "register" => special::register(self, function, arguments),
            _ => special::keep_setter(self, function, &part, arguments).unwrap_or_else(Value::unknown),
        }
    }

    /// Calls what `functools.partial` made: the arguments of the call follow those that it holds.
    fn call_partial(&mut self, partial: Partial, arguments: Arguments) -> Value {
        let Partial { callee, mut positional, mut keywords } = partial;
        positional.extend(arguments.positional);
        keywords.retain(|(name, _)| !arguments.keywords.iter().any(|(k, _)| k == name));
        keywords.extend(arguments.keywords);
        self.call(&callee, Arguments { positional, keywords })
    }

    /// Calls what `operator.methodcaller` made: the method it names, of the first argument.
    fn call_method_caller(&mut self, caller: Partial, arguments: &Arguments) -> Value {
        let Partial { callee: name, positional, keywords } = caller;
        let Some(object) = arguments.positional.first() else { return Value::unknown() };
        let name = self.symbols.intern(name.as_str().unwrap_or(""));
        let method = self.get_attribute(object, name);
        self.call(&method, Arguments { positional, keywords })
    }

    /// Calls every value that one may be, and gives what any of them gives.
    fn call_each(&mut self, choice: ObjId, arguments: &Arguments) -> Value {
        let callees: Vec<Value> = self.heap.elements(choice).iter().take(MOST_CALLED).cloned().collect();
        let values = callees.iter().map(|callee| self.call(callee, arguments.clone())).collect();
        self.join_values(values)
    }

    /// What comes back from a call nobody knows: it may carry anything that went in.
    fn unknown_result(&mut self, callee: &Value, arguments: &Arguments) -> Value {
        self.counts.impure += 1;
        let origins = self.call_origins(callee, arguments);
        Value::unknown().with_origins(origins)
    }

    pub(super) fn call_origins(&mut self, callee: &Value, arguments: &Arguments) -> OriginSet {
        let mut origins = callee.origins;
        for value in arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, v)| v)) {
            let deep = self.deep_origins(value);
            origins = self.origins.union(origins, deep);
        }
        origins
    }
}
