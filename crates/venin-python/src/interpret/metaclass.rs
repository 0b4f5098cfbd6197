//! Classes as objects: metaclasses, enumerations, classes made by a call of `type`.

use std::rc::Rc;

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Class, Kind, ObjId, Object, Sym, Value};

/// Most bases that are followed.
const MAX_BASES: usize = 64;

impl Interpreter<'_> {
    /// The metaclass of a class statement: the one it names, or that of a base.  A function in its place is called.
    pub(super) fn metaclass_for(
        &mut self,
        named: Option<&Value>,
        name: &Rc<str>,
        bases: &[Value],
    ) -> Option<ObjId> {
        match named {
            Some(&Value { kind: Kind::Class(meta), .. }) => Some(meta),
            Some(callee) if self.is_callable(callee) => {
                let bases = self.heap.tuple(bases.to_vec());
                self.call_value(
                    callee,
                    vec![Value::str(Rc::clone(name)), bases, Value::unknown()],
                    Vec::new(),
                );
                None
            }
            _ => bases.iter().find_map(|base| match base.kind {
                Kind::Class(id) => self.metaclass_of(id),
                _ => None,
            }),
        }
    }

    /// What a class statement runs before its body: `__mro_entries__` of bases that are no classes, `__prepare__`.
    pub(super) fn prepare_class(&mut self, metaclass: Option<ObjId>, name: &Rc<str>, bases: &[Value]) {
        if !bases.iter().any(|base| matches!(base.kind, Kind::Instance(_))) && metaclass.is_none() {
            return;
        }
        let tuple = self.heap.tuple(bases.to_vec());
        for base in bases {
            if let Kind::Instance(_) = base.kind {
                self.call_protocol(base, "__mro_entries__", vec![tuple.clone()]);
            }
        }
        if let Some(meta) = metaclass {
            self.run_class_hook(meta, "__prepare__", vec![Value::str(Rc::clone(name)), tuple]);
        }
    }

    /// Calls a hook that a class itself is the receiver of.
    pub(super) fn run_class_hook(
        &mut self,
        class: ObjId,
        name: &str,
        positional: Vec<Value>,
    ) -> Option<Value> {
        let hook = self.class_hook(class, name)?;
        Some(self.call_hook(&hook, &Value::new(Kind::Class(class)), positional))
    }

    /// The names of the bases outside the artifact, of a class and of its bases in the artifact.
    pub(super) fn external_bases(&self, class: ObjId) -> Vec<Rc<str>> {
        let mut names = Vec::new();
        let mut open = vec![class];
        let mut seen = 0;
        while let Some(at) = open.pop() {
            seen += 1;
            let Some(Object::Class(definition)) = self.heap.get(at) else { continue };
            for base in &definition.bases {
                match base.kind {
                    Kind::External { name, .. } => names.push(self.names.text(name)),
                    Kind::Class(id) if seen < MAX_BASES => open.push(id),
                    _ => {}
                }
            }
        }
        names
    }

    /// What calling a class runs before anything of the class itself: `__call__` of its metaclass, and the look-up of an
    /// enumeration for a value that it does not have.
    pub(super) fn run_metaclass_call(&mut self, class: ObjId, arguments: &Arguments) {
        if self.metaclass_of(class).is_some() {
            self.run_hook(&Value::new(Kind::Class(class)), "__call__", arguments.positional.clone());
        }
        if !arguments.positional.is_empty()
            && let Some(hook) = self.class_hook(class, "_missing_")
            && self.is_enumeration(class)
        {
            self.call_hook(&hook, &Value::new(Kind::Class(class)), arguments.positional.clone());
        }
    }

    /// `type(name, bases, namespace)`, or the same call of a metaclass.
    pub(super) fn make_class(&mut self, arguments: &Arguments, metaclass: Option<ObjId>) -> Option<Value> {
        let [name, bases, namespace] = arguments.positional.as_slice() else { return None };
        let name: Rc<str> = Rc::from(name.as_str().unwrap_or("?"));
        let bases = self.iterate(bases, MAX_BASES).unwrap_or_default();
        let entries: Vec<(Value, Value)> = match namespace.kind {
            Kind::Dict(id) => self.heap.dict_entries(id).cloned().collect(),
            _ => Vec::new(),
        };
        let metaclass = metaclass.or_else(|| self.metaclass_for(None, &name, &bases));
        let scope = self.new_scope(None);
        self.hold_scope(scope);
        for (key, value) in entries {
            if let Some(key) = key.as_str() {
                let key = self.symbols.intern(key);
                self.scope_set(scope, key, value);
            }
        }
        let class = Class { name: Rc::clone(&name), bases, scope, metaclass };
        let id = self.heap.insert(Object::Class(Rc::new(class)));
        self.set_names(id);
        self.run_class_hooks(id, None, &name, &arguments.keywords);
        Some(Value::new(Kind::Class(id)))
    }

    /// An attribute that a class has by its metaclass.
    pub(super) fn metaclass_attribute(&mut self, class: ObjId, name: Sym) -> Option<Value> {
        let meta = self.metaclass_of(class)?;
        let receiver = Value::new(Kind::Class(class));
        let text = self.symbols.text(name);
        if let Some(attribute) = self.class_hook(meta, &text) {
            return Some(self.bind(&receiver, attribute));
        }
        let hook = self.class_hook(meta, "__getattr__")?;
        if self.is_running(&hook) {
            return None;
        }
        Some(self.call_hook(&hook, &receiver, vec![Value::str(text)]))
    }

    /// Whether something is an instance or a subclass, as the classes themselves see it.
    pub(super) fn ask_kinship(&mut self, classes: &Value, hook: &str, subject: &Value) {
        let classes = match classes.kind {
            Kind::Tuple(id) => self.heap.elements(id).iter().take(MAX_BASES).cloned().collect(),
            _ => vec![classes.clone()],
        };
        for one in classes {
            let Kind::Class(class) = one.kind else { continue };
            self.run_hook(&one, hook, vec![subject.clone()]);
            self.run_class_hook(class, "__subclasshook__", vec![subject.clone()]);
        }
    }
}
