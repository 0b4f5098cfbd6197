//! Items: what `container[index]` gives, and what assigning it changes.

use std::rc::Rc;

use super::Interpreter;
use super::protocol::has_protocol;
use crate::catalogue;
use crate::fold;
use crate::source::ir::{Code, Span};
use crate::value::{Kind, NameId, ObjId, OriginSet, Step, Value};

impl Interpreter<'_> {
    /// Reads an item.
    pub(super) fn subscript(
        &mut self,
        code: &Rc<Code>,
        span: Span,
        container: &Value,
        index: &Value,
    ) -> Value {
        let found = self.item(code, span, container, index);
        self.one_variable(container, Some(index), found)
    }

    fn item(&mut self, code: &Rc<Code>, span: Span, container: &Value, index: &Value) -> Value {
        if let Kind::Dict(id) = container.kind
            && !self.notes.default_factories.is_empty()
            && let Some(made) = self.default_item(id, index)
        {
            return made;
        }
        match container.kind {
            Kind::External { name, made_by } => {
                if let Some(section) = self.item_of_parser(container, index) {
                    return section;
                }
                self.external_item(code, span, container, name, made_by, index)
            }
            Kind::Module(id) => match index.as_str() {
                Some(text) => {
                    let text = text.to_owned();
                    self.namespace_item(id, &text)
                }
                None => self.attribute_by_part(container, index).unwrap_or_else(Value::unknown),
            },
            Kind::Instance(_) => {
                let found = self
                    .answer_of(container, &["__getitem__", "__missing__"], std::slice::from_ref(index))
                    .or_else(|| self.item_of_record(container, index))
                    .or_else(|| {
                        let items = self.items_of(container)?;
                        self.with_fold(|cx| fold::fold_subscript(cx, &items, index))
                    });
                found.unwrap_or_else(|| Value::unknown().with_origins(container.origins))
            }
            Kind::Class(id) => self
                .answer_of(container, &["__getitem__"], std::slice::from_ref(index))
                .or_else(|| self.member_named(id, index))
                .or_else(|| self.run_class_hook(id, "__class_getitem__", vec![index.clone()]))
                .unwrap_or_else(Value::unknown),
            Kind::Builtin(_) if let Some(group) = self.group_of_match(container, index) => group,
            _ if has_protocol(index) => self.item_by_object(container, index),
            Kind::Dict(id) if self.is_open_key(id, index) => self.any_entry(id, container.origins),
            _ => {
                if let Some(value) = self.with_fold(|cx| fold::fold_subscript(cx, container, index)) {
                    return value;
                }
                if let Some(secret) = index.as_str().and_then(|name| self.secret_item(container, name)) {
                    return secret;
                }
                let element = self.element_of(container);
                let origins = self.origins.union(element.origins, container.origins);
                element.with_origins(origins)
            }
        }
    }

    /// An item that an object names: by its hash in a dictionary, by the index it stands for elsewhere.
    fn item_by_object(&mut self, container: &Value, index: &Value) -> Value {
        if let Kind::Dict(_) = container.kind {
            self.compare_with_elements(index, container);
        }
        let index = match container.kind {
            Kind::Dict(id) if self.is_open_key(id, index) => return self.any_entry(id, container.origins),
            Kind::Dict(_) => index.clone(),
            _ => self.index_of(index).unwrap_or_else(|| index.clone()),
        };
        if let Some(value) = self.with_fold(|cx| fold::fold_subscript(cx, container, &index)) {
            return value;
        }
        let element = self.element_of(container);
        let origins = self.origins.union(element.origins, container.origins);
        element.with_origins(origins)
    }

    /// Whether a key is not known before the program runs, so that it may be any: `table[sys.platform]`.
    pub(super) fn is_open_key(&self, dict: ObjId, index: &Value) -> bool {
        match self.heap.key_of(index) {
            None => true,
            Some(key) => {
                matches!(index.kind, Kind::External { .. }) && self.heap.dict_get(dict, &key).is_none()
            }
        }
    }

    /// What a dictionary gives for a key that is not known: one of its values.
    pub(super) fn any_entry(&mut self, dict: ObjId, origins: OriginSet) -> Value {
        let values: Vec<Value> = self.heap.dict_entries(dict).take(8).map(|(_, v)| v.clone()).collect();
        if values.is_empty() {
            return Value::unknown().with_origins(origins);
        }
        let value = self.join_values(values);
        let all = self.origins.union(value.origins, origins);
        value.with_origins(all)
    }

    /// A name of a module's namespace, as `globals()[name]` reads it.
    pub(super) fn namespace_item(&mut self, module: ObjId, text: &str) -> Value {
        let name = self.symbols.intern(text);
        match self.module_scope(module).and_then(|s| self.scope_get(s, name)) {
            Some(value) => value.clone(),
            None => self.builtin_name(text),
        }
    }

    fn external_item(
        &mut self,
        code: &Rc<Code>,
        span: Span,
        container: &Value,
        name: NameId,
        made_by: Option<venin_model::EventId>,
        index: &Value,
    ) -> Value {
        let text = self.names.text(name);
        if let Some(key) = index.as_str() {
            let key = key.to_owned();
            if &*text == "builtins" {
                return self.external(&key);
            }
            if &*text == "sys.modules" {
                return self.import_by_name(&key);
            }
            if text.ends_with(".__globals__")
                && let Some(value) = self.name_of_foreign_globals(&key)
            {
                return value;
            }
            if text.ends_with(".__dict__") || text.starts_with("vars(") {
                let sym = self.symbols.intern(&key);
                let base = text.trim_end_matches(".__dict__").to_owned();
                let base = self.external(&base);
                return self.load_attribute(code, span, &base, sym);
            }
            if &*text == "os.environ"
                && let Some(value) = self.written.variables.get(&key)
            {
                return value.clone();
            }
        }
        if let Kind::Slice(_) = index.kind
            && self.names.text(name).ends_with("()")
        {
            // A part of what a call gave has the same elements.
            return container.clone();
        }
        let Some(item) = self.extend_name(name, Step::Item) else {
            return Value::unknown().with_origins(container.origins);
        };
        let known = self.known_name(item);
        match known.load.or(known.call) {
            Some(entry) => {
                let item_text = self.names.text(item);
                let event =
                    self.record(code, span, &item_text, entry, std::slice::from_ref(index), &[], None);
                self.event_result(
                    Kind::External { name: item, made_by: Some(event) },
                    event,
                    entry,
                    OriginSet::EMPTY,
                )
            }
            None => Value::new(Kind::External { name: item, made_by }).with_origins(container.origins),
        }
    }

    /// A name in the globals of some function of the standard library: which module it is does not matter as long as the
    /// name alone tells what is meant.
    fn name_of_foreign_globals(&mut self, key: &str) -> Option<Value> {
        if key == "__builtins__" || catalogue::is_module(key) {
            return Some(self.builtin_name(key));
        }
        let full = ["os", "subprocess"].map(|module| format!("{module}.{key}"));
        full.iter().find(|name| catalogue::find_call(name).is_some()).map(|name| self.external(name))
    }

    /// Assigns an item.
    pub(super) fn set_item(
        &mut self,
        code: &Rc<Code>,
        span: Span,
        container: &Value,
        index: &Value,
        value: Value,
    ) {
        if let Kind::Choice(_) = container.kind {
            if let Some(one) = self.one_with_items(container) {
                self.set_item(code, span, &one, index, value);
            }
            return;
        }
        self.counts.changes += 1;
        self.note_item(container, index, &value);
        if let Kind::Dict(dict) = container.kind {
            self.note_refilled(dict);
            self.hash_key(index);
            if self.is_of_object(dict) {
                self.put_into_object(dict, index, &value);
            }
        }
        match container.kind {
            Kind::Instance(_) | Kind::Class(_) => {
                let items = self.items_of(container);
                let own = self.call_protocol(container, "__setitem__", vec![index.clone(), value.clone()]);
                if let (Some(items), None) = (items, own) {
                    self.with_fold(|cx| fold::fold_store(cx, &items, index, &value));
                }
            }
            Kind::Dict(_) | Kind::List(_) | Kind::ByteArray(_)
                if self.with_fold(|cx| fold::fold_store(cx, container, index, &value)).is_none() =>
            {
                self.counts.impure += 1;
            }
            Kind::Module(id) => {
                if let (Some(scope), Some(text)) = (self.module_scope(id), index.as_str()) {
                    let name = self.symbols.intern(text);
                    self.scope_rewrite(scope, name, value);
                }
            }
            Kind::External { name, .. } => {
                if self.set_item_of_parser(container, index, &value) {
                    return;
                }
                if &*self.names.text(name) == "os.environ"
                    && let Some(key) = index.as_str()
                {
                    self.written.variables.insert(key.to_owned(), value.clone());
                }
                if let ("builtins" | "builtins.__dict__", Some(key)) =
                    (&*self.names.text(name), index.as_str())
                {
                    let (key, builtins) = (self.symbols.intern(key), self.names.intern("builtins"));
                    if let Some(full) = self.extend_name(builtins, Step::Attribute(key)) {
                        self.run_stored(code, span, full, vec![value.clone()]);
                        return self.store_external(code, span, full, &[], value);
                    }
                }
                if let Some(key) = index.as_str()
                    && let Some(holder) = self.holder_of_dictionary(name)
                {
                    let key = self.symbols.intern(key);
                    return self.set_attribute(code, span, &holder, key, value);
                }
                if let Some(item) = self.extend_name(name, Step::Item) {
                    self.run_stored(code, span, item, vec![value.clone()]);
                    self.store_external(code, span, item, std::slice::from_ref(index), value);
                }
            }
            _ => {}
        }
    }
}
