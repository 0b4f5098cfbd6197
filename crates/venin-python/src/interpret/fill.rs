//! Objects from outside the artifact that are filled before they are used: forms, mails, sessions, archives.
//!
//! `form.add_field("f", data)` says nothing about `form` to a reader of values, which never change here; so the name
//! that holds the object is bound anew, to the same object with the origins of what was put into it.

use std::rc::Rc;

use super::Interpreter;
use super::function::Arguments;
use crate::source::ir::{Code, Expr, ExprId};
use crate::value::{Kind, Object, OriginSet, ScopeId, Sym, Value};

/// How methods are called that put their arguments into their object.
const FILLING: &[&str] = &[
    "add", "append", "attach", "extend", "feed", "field", "header", "insert", "load", "push", "put", "set",
    "update", "write",
];

/// How methods are called that read something into their object.
const READING: &[&str] = &["read", "load", "parse", "open", "fetch"];

impl Interpreter<'_> {
    /// What a method call puts into its object, if the object is from outside and the method is of that sort.
    pub(super) fn note_filled(
        &mut self,
        code: &Rc<Code>,
        receiver: ExprId,
        object: &Value,
        method: Sym,
        arguments: &Arguments,
    ) {
        let method = self.symbols.as_str(method);
        if !matches!(object.kind, Kind::External { .. }) || !FILLING.iter().any(|f| method.starts_with(f)) {
            return;
        }
        let values = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, v)| v));
        let given: Vec<OriginSet> = values.map(|v| v.origins).collect();
        let origins = given.into_iter().fold(OriginSet::EMPTY, |all, one| self.origins.union(all, one));
        self.fill(code, receiver, origins);
    }

    /// An archive that is written into a buffer fills the buffer: `tarfile.open(fileobj=buffer).add(path)`.
    fn fill_sink(&mut self, object: &Value, origins: OriginSet) {
        let Kind::External { made_by: Some(event), .. } = object.kind else { return };
        let Some(maker) = self.makers.get(&event) else { return };
        let given = maker.args.iter().chain(maker.keywords.iter().map(|(_, v)| v));
        let is_buffer = |v: &&Value| match v.kind {
            Kind::External { name, .. } => &*self.names.text(name) == "io.BytesIO()",
            _ => false,
        };
        let Some(buffer) = given.into_iter().find(is_buffer).cloned() else { return };
        let Some(scope) = self.frame().map(|f| f.scope) else { return };
        if origins == OriginSet::EMPTY || self.origins.is_plain(origins) {
            return;
        }
        // What is packed by its path is the content of a file.
        let origins = self.origins.with_kind(origins, venin_model::OriginKind::File);
        for name in self.names_of(scope, &buffer) {
            self.fill_name(name, origins);
        }
    }

    /// The names of a scope that hold an object of the same call.
    fn names_of(&self, scope: ScopeId, object: &Value) -> Vec<Sym> {
        let Kind::External { name: wanted, .. } = object.kind else { return Vec::new() };
        let Some(Object::Scope { names, .. }) = self.heap.get(scope) else { return Vec::new() };
        let is_same = |v: &Value| matches!(v.kind, Kind::External { name, .. } if name == wanted);
        let mut found: Vec<Sym> = names.iter().filter(|(_, v)| is_same(v)).map(|(n, _)| *n).collect();
        found.sort_unstable();
        found
    }

    /// What a method such as `config.read(path)` reads into its object, or an archive that is written into a buffer puts there.
    pub(super) fn note_read_in(
        &mut self,
        code: &Rc<Code>,
        receiver: ExprId,
        object: &Value,
        method: Sym,
        result: &Value,
    ) {
        let method = self.symbols.as_str(method);
        let fills = FILLING.iter().any(|f| method.starts_with(f));
        let reads = READING.iter().any(|r| method.starts_with(r));
        if fills {
            self.fill_sink(object, result.origins);
        }
        if reads && matches!(object.kind, Kind::External { .. }) {
            self.fill(code, receiver, result.origins);
        }
    }

    /// Puts origins into the object that an expression names.
    pub(super) fn fill(&mut self, code: &Rc<Code>, receiver: ExprId, origins: OriginSet) {
        if origins == OriginSet::EMPTY || self.origins.is_plain(origins) {
            return;
        }
        match code.expr(receiver) {
            Expr::Name(name) => self.fill_name(*name, origins),
            Expr::Attribute { value, name } => {
                let object = self.eval(code, *value);
                match object.kind {
                    Kind::External { .. } => self.fill(code, *value, origins),
                    Kind::Instance(_) => {
                        let held = self.get_attribute(&object, *name);
                        if let Some(filled) = self.filled(&held, origins) {
                            self.set_attribute(code, code.span(receiver), &object, *name, filled);
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn fill_name(&mut self, name: Sym, origins: OriginSet) {
        let Some((scope, held)) = self.find_name(name) else { return };
        if let Some(filled) = self.filled(&held, origins) {
            self.scope_set(scope, name, filled);
        }
    }

    /// An object made by a call, with more origins; `None` for modules, classes and what belongs to the artifact.
    fn filled(&mut self, held: &Value, origins: OriginSet) -> Option<Value> {
        let Kind::External { name, .. } = held.kind else { return None };
        if !self.names.text(name).contains("()") {
            return None;
        }
        let all = self.origins.union(held.origins, origins);
        (all != held.origins).then(|| held.clone().with_origins(all))
    }
}
