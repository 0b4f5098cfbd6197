//! Objects from outside the artifact that are filled before they are used: forms, mails, sessions, archives.
//!
//! `form.add_field("f", data)` says nothing about `form` to a reader of values, which never change here; so the name
//! that holds the object is bound anew, to the same object with the origins of what was put into it.

use std::rc::Rc;

use super::Interpreter;
use super::function::Arguments;
use crate::source::ir::{Arg, Code, Expr, ExprId, Passing};
use crate::value::{Kind, Object, OriginSet, Sym, Value};

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
        if !matches!(object.kind, Kind::External { .. }) || !is_filling(method) {
            return;
        }
        let origins = self.origins_given(arguments);
        self.fill(code, receiver, origins);
        self.fill_wrapped(object, origins);
    }

    /// What a call puts into a buffer that it is given: `picture.save(buffer)`, `json.dump(found, buffer)`.
    pub(super) fn note_buffers(
        &mut self,
        code: &Rc<Code>,
        args: &[Arg],
        receiver: &Value,
        arguments: &Arguments,
    ) {
        if !arguments.positional.iter().any(|value| self.is_buffer(value)) {
            return;
        }
        let mut origins = receiver.origins;
        for value in &arguments.positional {
            origins = self.origins.union(origins, value.origins);
        }
        for (arg, value) in args.iter().zip(&arguments.positional) {
            if self.is_buffer(value) && arg.passing == Passing::Positional {
                self.fill(code, arg.value, origins);
            }
        }
    }

    /// A file object in memory.
    pub(super) fn is_buffer(&self, value: &Value) -> bool {
        let Kind::External { name, .. } = value.kind else { return false };
        matches!(
            &*self.names.text(name),
            "io.BytesIO()" | "io.StringIO()" | "tempfile.SpooledTemporaryFile()"
        )
    }

    /// Puts origins into the buffer that an archive was opened on: what is packed is in the buffer, too.
    pub(super) fn fill_wrapped(&mut self, object: &Value, origins: OriginSet) {
        let Kind::External { made_by: Some(maker), .. } = object.kind else { return };
        let Some(maker) = self.made.makers.get(&maker) else { return };
        let given = maker.args.iter().chain(maker.keywords.iter().map(|(_, value)| value));
        let buffers: Vec<Value> = given.filter(|value| self.is_buffer(value)).cloned().collect();
        let names: Vec<Sym> = buffers.iter().flat_map(|buffer| self.names_of(buffer)).collect();
        for name in names {
            self.fill_name(name, origins);
        }
    }

    /// The names in the scope in course that hold an object made by the same call.
    fn names_of(&self, object: &Value) -> Vec<Sym> {
        let Some(scope) = self.frame().map(|frame| frame.scope) else { return Vec::new() };
        let Some(Object::Scope { names, .. }) = self.heap.get(scope) else { return Vec::new() };
        let held = names.iter().filter(|(_, value)| is_made_alike(value, object));
        let mut found: Vec<Sym> = held.map(|(name, _)| *name).collect();
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
        if !matches!(object.kind, Kind::External { .. }) {
            return;
        }
        if is_reading(method) {
            self.fill(code, receiver, result.origins);
        } else if is_filling(method) && !self.origins.is_plain(result.origins) {
            // What is packed by its path is the content of a file.
            let origins = self.origins.with_kind(result.origins, venin_model::OriginKind::File);
            self.fill_wrapped(object, origins);
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
        let held = held.clone();
        if let Some(filled) = self.filled(&held, origins) {
            self.scope_set(scope, name, filled);
        }
    }

    /// An object made by a call, with more origins; `None` for modules, classes and what belongs to the artifact.
    pub(super) fn filled(&mut self, held: &Value, origins: OriginSet) -> Option<Value> {
        if let Kind::Choice(id) = held.kind {
            return self.filled_among(id, held.origins, origins);
        }
        let Kind::External { name, .. } = held.kind else { return None };
        if !self.names.text(name).contains("()") {
            return None;
        }
        let all = self.origins.union(held.origins, origins);
        (all != held.origins).then(|| held.clone().with_origins(all))
    }
}

/// Whether a method puts what it is given into its object, by its name.
pub(super) fn is_filling(method: &str) -> bool {
    FILLING.iter().any(|filling| method.starts_with(filling))
}

/// Whether a method reads something into its object, by its name.
pub(super) fn is_reading(method: &str) -> bool {
    READING.iter().any(|reading| method.starts_with(reading))
}

/// Whether two objects from outside were made by the same call.
pub(super) fn is_made_alike(a: &Value, b: &Value) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::External { name: x, made_by: p }, Kind::External { name: y, made_by: q }) => x == y && p == q,
        _ => false,
    }
}
