//! Classes of the artifact.

use std::rc::Rc;
use std::sync::Arc;

use super::call_signatures::CallSignature;
use super::function::Arguments;
use super::function_parts::documentation;
use super::{Frame, Interpreter};
use crate::source::ir::{ClassDef, ClassIdx, Code, Passing};
use crate::value::{Class, Instance, Kind, ObjId, Object, ScopeId, Sym, Value};

impl Interpreter<'_> {
    pub(super) fn exec_class_def(&mut self, code: &Rc<Code>, index: ClassIdx) {
        let Some(definition) = code.classes.get(index.0 as usize) else { return };
        let mut bases = Vec::new();
        let mut metaclass = None;
        let mut keywords = Vec::new();
        for base in &definition.bases {
            let value = self.eval(code, base.value);
            match base.passing {
                Passing::Keyword(name) if self.symbols.as_str(name) == "metaclass" => metaclass = Some(value),
                Passing::Positional => bases.push(value),
                Passing::Keyword(name) => keywords.push((name, value)),
                _ => {}
            }
        }
        let name = self.symbols.text(definition.name);
        let metaclass = self.metaclass_for(metaclass.as_ref(), &name, &bases);
        self.prepare_class(metaclass, &name, &bases);
        let Some(frame) = self.frame() else { return };
        let (unit, outer, globals) = (frame.unit, frame.scope, frame.globals);
        let package = Rc::clone(&frame.package);
        let scope = self.new_scope(Some(outer));
        self.hold_scope(scope);
        self.set_texts_of_class(code, definition, scope);
        let class = Class { name: Rc::clone(&name), bases, scope, metaclass };
        let id = self.heap.insert(Object::Class(Rc::new(class)));
        self.frames.push(Frame {
            unit,
            scope,
            globals,
            package,
            function: None,
            given: CallSignature::default(),
            changes: 0,
            activation: 0,
            qualified: Some(Arc::from(&*name)),
            class: Some(id),
            globals_declared: Rc::clone(&definition.globals),
            nonlocals_declared: Rc::clone(&definition.nonlocals),
            returns: Vec::new(),
            yields: Vec::new(),
            open_loops: 0,
            has_open_yields: false,
        });
        self.exec_block(code, &definition.body);
        self.frames.pop();
        let mut value = Value::new(Kind::Class(id));
        self.set_names(id);
        self.run_class_hooks(id, metaclass, &name, &keywords);
        self.make_members(id);
        self.note_subclass(id);
        let mut decorators = Vec::with_capacity(definition.decorators.len());
        for decorator in definition.decorators.iter().rev() {
            let decorator_value = self.eval(code, *decorator);
            value = self.decorate(code, code.span(*decorator), &decorator_value, value);
            decorators.push(decorator_value);
        }
        self.keep_fields_of(id, &definition.fields, &decorators);
        self.assign_name(definition.name, value);
    }

    /// The documentation of a class and the annotations that are kept, if anything asks for them.
    fn set_texts_of_class(&mut self, code: &Code, definition: &ClassDef, scope: ScopeId) {
        let is_asked_for = ["__doc__", "doctest", "getdoc"].iter().any(|n| self.symbols.find(n).is_some());
        if is_asked_for && let Some(text) = code.documentation(&definition.body) {
            let name = self.symbols.intern("__doc__");
            self.scope_set(scope, name, documentation(text));
        }
        if let Some(annotations) = self.annotations_of(&definition.hints) {
            let name = self.symbols.intern("__annotations__");
            self.scope_set(scope, name, annotations);
        }
    }

    /// What defining a class runs: `__init_subclass__` of a base, `__new__`/`__init__` of a metaclass.
    pub(super) fn run_class_hooks(
        &mut self,
        class: ObjId,
        metaclass: Option<ObjId>,
        name: &Rc<str>,
        keywords: &[(Sym, Value)],
    ) {
        if let Some(meta) = metaclass {
            for hook in ["__new__", "__init__"] {
                let sym = self.symbols.intern(hook);
                if let Some(Value { kind: Kind::Function(id), .. }) = self.class_attribute(meta, sym, 0) {
                    let positional = vec![
                        Value::new(Kind::Class(meta)),
                        Value::str(Rc::clone(name)),
                        Value::unknown(),
                        Value::unknown(),
                    ];
                    self.call_function(id, None, Arguments { positional, keywords: keywords.to_vec() });
                }
            }
        }
        let Some(Object::Class(definition)) = self.heap.get(class) else { return };
        let definition = Rc::clone(definition);
        let hook = self.symbols.intern("__init_subclass__");
        for base in &definition.bases {
            if let Kind::Class(base) = base.kind
                && let Some(Value { kind: Kind::Function(id), .. }) = self.class_attribute(base, hook, 0)
            {
                let arguments = Arguments { positional: Vec::new(), keywords: keywords.to_vec() };
                self.call_function(id, Some(Value::new(Kind::Class(class))), arguments);
            }
        }
    }

    /// Makes an instance and runs its constructor.
    pub(super) fn instantiate(&mut self, class: ObjId, arguments: &Arguments) -> Value {
        if let Some(member) = self.member_of_value(class, arguments) {
            return member;
        }
        self.run_metaclass_call(class, arguments);
        let mut attributes = self.fields_given(class, arguments);
        if !self.exceptions.raised.is_empty() {
            self.keep_arguments(class, arguments, &mut attributes);
        }
        self.start_items(class, arguments, &mut attributes);
        let instance = Instance { class, attributes };
        let value = Value::new(Kind::Instance(self.heap.insert(Object::Instance(instance))));
        for hook in ["__new__", "__init__", "__post_init__", "__attrs_post_init__", "model_post_init"] {
            let Some(sym) = self.symbols.find(hook) else { continue };
            if let Some(Value { kind: Kind::Function(id), .. }) = self.class_attribute(class, sym, 0) {
                let receiver = if hook == "__new__" { Value::new(Kind::Class(class)) } else { value.clone() };
                let arguments = if hook.ends_with("post_init__") || hook == "model_post_init" {
                    Arguments::default()
                } else {
                    arguments.clone()
                };
                self.call_function(id, Some(receiver), arguments);
            }
        }
        self.await_end_of(&value);
        if arguments.positional.len() == 3
            && self.external_bases(class).iter().any(|base| &**base == "type")
            && let Some(made) = self.make_class(arguments, Some(class))
        {
            return made;
        }
        let origins = {
            let values: Vec<&Value> =
                arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, v)| v)).collect();
            self.origins_of(values)
        };
        value.with_origins(origins)
    }

    /// The methods of a class in definition order, those of its bases in the artifact not included.
    pub(super) fn methods_of(&self, class: ObjId) -> Vec<ObjId> {
        let Some(Object::Class(definition)) = self.heap.get(class) else { return Vec::new() };
        let Some(Object::Scope { names, .. }) = self.heap.get(definition.scope) else { return Vec::new() };
        let mut methods: Vec<ObjId> = names
            .values()
            .filter_map(|v| if let Kind::Function(id) = v.kind { Some(id) } else { None })
            .collect();
        methods.sort_unstable();
        methods
    }

    /// Runs a class's methods on a fresh instance, those named first before the others.
    pub(super) fn run_methods(&mut self, class: ObjId, first: &[&str]) {
        let instance = self.instantiate(class, &Arguments::default());
        let mut done = Vec::new();
        for name in first {
            let sym = self.symbols.intern(name);
            if let Some(Value { kind: Kind::Function(id), .. }) = self.class_attribute(class, sym, 0) {
                let receiver = self.receiver_for(id, &instance);
                self.call_function(id, receiver, Arguments::default());
                done.push(id);
            }
        }
        for id in self.methods_of(class) {
            let is_called = self.function_key(id).is_some_and(|key| self.functions.ran.contains_key(&key));
            if !done.contains(&id) && !is_called {
                let receiver = self.receiver_for(id, &instance);
                self.call_function(id, receiver, Arguments::default());
            }
        }
    }
}
