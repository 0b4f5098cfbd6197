//! Layers: constants that are executed are read as source again, one layer deeper.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use venin_model::{Action, CallClass, Family};

use super::{Flow, Frame, Interpreter, Unit};
use crate::source;
use crate::source::ir::Stmt;
use crate::value::{Kind, Object, OriginSet, ScopeId, Value};

/// Longest text that is read as a layer, in bytes.
const MAX_LAYER: usize = 16 << 20;
/// How often one text is entered: a loop that executes the same line again shows nothing new.
const MAX_REPEATS: u32 = 3;

impl Interpreter<'_> {
    /// Runs what `exec`, `eval` or a code object was given.  Gives the value of the last expression.
    pub(super) fn run_code_value(&mut self, source: &Value, namespace: Option<&Value>) -> Value {
        let mut results = Vec::new();
        for one in self.alternatives(source) {
            let inner = match one.kind {
                Kind::CodeObject(id) => match self.heap.get(id) {
                    Some(Object::CodeObject(inner)) => {
                        let origins = one.origins;
                        let inner = inner.clone();
                        let origins = self.origins.union(inner.origins, origins);
                        inner.with_origins(origins)
                    }
                    _ => continue,
                },
                _ => one,
            };
            let text: Rc<str> = match &inner.kind {
                Kind::Str(text) => text.shared(),
                Kind::Bytes(bytes) => Rc::from(String::from_utf8_lossy(bytes)),
                Kind::ByteArray(id) => match self.heap.get(*id) {
                    Some(Object::Bytes(bytes)) => Rc::from(String::from_utf8_lossy(bytes)),
                    _ => continue,
                },
                Kind::CodeObject(_) => {
                    results.push(
                        self.nested(|me| me.run_code_value(&inner, namespace)).unwrap_or_else(Value::unknown),
                    );
                    continue;
                }
                _ => continue,
            };
            results.push(self.run_layer(&text, inner.origins, namespace));
        }
        if results.is_empty() {
            Value::unknown().with_origins(source.origins)
        } else {
            self.join_values(results)
        }
    }

    /// Reads a text as source and runs it where the call stands.
    pub(super) fn run_layer(
        &mut self,
        text: &Rc<str>,
        origins: OriginSet,
        namespace: Option<&Value>,
    ) -> Value {
        let unknown = Value::unknown().with_origins(origins);
        let Some(unit) = self.units.get(self.unit_index() as usize) else { return unknown };
        let (member, layer) = (Arc::clone(&unit.member), unit.layer + 1);
        let (outer, before) = (unit.outer, Rc::clone(&unit.decoding));
        if layer > self.limits.layers || text.len() > MAX_LAYER || text.trim().is_empty() {
            if text.len() > MAX_LAYER {
                let detail = format!("a decoded layer of {} bytes is more than is read", text.len());
                self.gap(venin_model::GapKind::AnalysisBudget, Some(member), detail);
            } else if layer > self.limits.layers {
                self.gap(
                    venin_model::GapKind::AnalysisBudget,
                    Some(member),
                    format!("more than {} layers", self.limits.layers),
                );
            }
            return unknown;
        }
        let seen = self.layers_seen.entry(Rc::clone(text)).or_insert(0);
        *seen += 1;
        if *seen > MAX_REPEATS {
            return unknown;
        }
        let first_time = *seen == 1;
        let outer = outer.or_else(|| {
            let site = self.site.as_ref()?;
            Some(site.code.position(site.span.start))
        });
        let parsed = source::parse_text(text, &mut self.symbols);
        self.note_layer_gap(&member, &parsed);
        let decoding = self.decoding_chain(&before, origins);
        let code = parsed.code;
        let unit = self.units.len() as u32;
        self.units.push(Unit { code: Rc::clone(&code), member, layer, outer, decoding });
        if first_time {
            self.n_layers += 1;
        }
        let Some(frame) = self.frame() else { return unknown };
        let (mut scope, mut globals, package) = (frame.scope, frame.globals, Rc::clone(&frame.package));
        if let Some(namespace) = namespace.and_then(|n| self.namespace_scope(n)) {
            (scope, globals) = (namespace, namespace);
        }
        self.packages_of_units.insert(unit, Rc::clone(&package));
        let mut frame = Frame::of_module(unit, scope, package);
        frame.globals = globals;
        self.frames.push(frame);
        let value = match code.body.as_ref() {
            [only] => match code.stmts.get(only.0 as usize) {
                Some((Stmt::Expr(expr), _)) => self.eval(&code, *expr),
                _ => {
                    let _: Flow = self.exec_block(&code, &code.body);
                    Value::none()
                }
            },
            _ => {
                let _: Flow = self.exec_block(&code, &code.body);
                Value::none()
            }
        };
        self.frames.pop();
        value
    }

    /// The scope of a namespace passed to `exec`: a module-like value, or a dictionary whose names it copies.
    fn namespace_scope(&mut self, namespace: &Value) -> Option<ScopeId> {
        match namespace.kind {
            Kind::Module(id) => self.module_scope(id),
            Kind::Dict(id) => {
                let entries: Vec<(Value, Value)> = self.heap.dict_entries(id).cloned().collect();
                let mut names = FxHashMap::default();
                for (key, value) in entries {
                    if let Some(key) = key.as_str() {
                        names.insert(self.symbols.intern(key), value);
                    }
                }
                Some(self.heap.insert(Object::Scope { names, parent: None }))
            }
            _ => None,
        }
    }

    /// The decodings that a text went through, by the events in its origins.
    fn decoding_chain(&self, before: &Rc<[Arc<str>]>, origins: OriginSet) -> Rc<[Arc<str>]> {
        let events = self.origins.export(origins).events;
        let mut chain: Vec<Arc<str>> = before.to_vec();
        for event in events {
            if let Some(event) = self.events.get(event.0 as usize) {
                let is_new = chain.last() != Some(&event.name);
                let is_decoding = event.class.family == Family::Ce
                    || event.class == CallClass::new(Family::Cc, Action::Deserialize);
                if is_decoding && is_new && chain.len() < 64 {
                    chain.push(Arc::clone(&event.name));
                }
            }
        }
        chain.into()
    }
}

impl Frame {
    /// The frame of a module body or a layer.
    pub(super) fn of_module(unit: u32, scope: ScopeId, package: Rc<str>) -> Self {
        Self {
            unit,
            scope,
            globals: scope,
            package,
            function: None,
            qualified: None,
            class: None,
            globals_declared: Rc::from([]),
            nonlocals_declared: Rc::from([]),
            returns: Vec::new(),
            yields: Vec::new(),
        }
    }
}
