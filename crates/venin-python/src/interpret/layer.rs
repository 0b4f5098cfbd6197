//! Layers: constants that are executed are read as source again, one layer deeper.

use std::rc::Rc;
use std::sync::Arc;

use venin_model::{MOST_DECODINGS, OriginKind, trace_decodings};

use super::call_signatures::CallSignature;
use super::modules::Unit;
use super::{Flow, Frame, Interpreter};
use crate::source;
use crate::source::ir::Stmt;
use crate::value::{Kind, Object, OriginSet, ScopeId, Value};

/// Longest text that is read as a layer, in bytes.
const MAX_LAYER: usize = 16 << 20;
/// How often one text is entered: a loop that executes the same line again shows nothing new.
const MAX_REPEATS: u32 = 3;
/// Longest text that is entered as often at each of the places that execute it, in bytes: `eval("name")`.
const SHORT: usize = 64;

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
                // The `str` of Python 2 holds bytes.
                Kind::Str(text) if is_binary(text.as_str()) => {
                    let text = text.shared();
                    let bytes: Rc<[u8]> = text.chars().map(|c| c as u32 as u8).collect();
                    match self.run_marshalled(&bytes, inner.origins, namespace) {
                        Some(result) => {
                            results.push(result);
                            continue;
                        }
                        None => text,
                    }
                }
                Kind::Str(text) => text.shared(),
                Kind::Bytes(bytes) => match self.run_marshalled(bytes, inner.origins, namespace) {
                    Some(result) => {
                        results.push(result);
                        continue;
                    }
                    None => Rc::from(String::from_utf8_lossy(bytes)),
                },
                Kind::ByteArray(id) => match self.heap.get(*id) {
                    Some(Object::Bytes(bytes)) => Rc::from(String::from_utf8_lossy(bytes)),
                    _ => continue,
                },
                Kind::Function(_) => {
                    results.push(self.call_value(&inner, Vec::new(), Vec::new()));
                    continue;
                }
                Kind::CodeObject(_) => {
                    results.push(self.nested(Value::unknown, |me| me.run_code_value(&inner, namespace)));
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
        let is_empty = text.trim().is_empty();
        if is_empty || !self.may_enter_layer(text.len()) {
            return Value::unknown().with_origins(origins);
        }
        let Some(first_time) = self.count_entry(text) else { return Value::unknown().with_origins(origins) };
        let parsed = source::parse_text(text, &mut self.symbols);
        self.enter_layer(parsed, first_time, origins, namespace)
    }

    /// Reads a text as the program of another interpreter: it shares no name with whoever starts it.
    pub(super) fn run_program(&mut self, text: &Rc<str>, origins: OriginSet) {
        let namespace = self.program_namespace();
        self.run_layer(text, origins, Some(&namespace));
    }

    /// The names that a program of its own begins with.
    pub(super) fn program_namespace(&mut self) -> Value {
        let name = (Value::str("__name__"), Value::str("__main__"));
        self.heap.dict(vec![name])
    }

    /// Reads bytes as a marshalled code object and runs it where the call stands; `None` if they are none.
    fn run_marshalled(
        &mut self,
        bytes: &Rc<[u8]>,
        origins: OriginSet,
        namespace: Option<&Value>,
    ) -> Option<Value> {
        let is_code = matches!(bytes.first(), Some(b'c' | 0xe3));
        if !is_code || std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) {
            return None;
        }
        let unknown = Value::unknown().with_origins(origins);
        if !self.may_enter_layer(bytes.len()) {
            return Some(unknown);
        }
        let parsed = source::bytecode::parse_marshalled(bytes, &mut self.symbols)?;
        // Layers are told apart by their text; that of code objects is their rendering.
        let text = Rc::clone(&parsed.code.text);
        match self.count_entry(&text) {
            Some(first_time) => Some(self.enter_layer(parsed, first_time, origins, namespace)),
            None => Some(unknown),
        }
    }

    /// Whether the budgets allow one more layer of a size.
    fn may_enter_layer(&mut self, size: usize) -> bool {
        let Some(unit) = self.modules.units.get(self.unit_index() as usize) else { return false };
        let (member, layer) = (Arc::clone(&unit.member), unit.layer + 1);
        let detail = if size > MAX_LAYER {
            format!("a decoded layer of {size} bytes is more than is read")
        } else if layer > self.limits.layers {
            format!("more than {} layers", self.limits.layers)
        } else {
            return true;
        };
        self.gap(venin_model::GapKind::AnalysisBudget, Some(member), detail);
        false
    }

    /// Counts the entry of a layer; gives whether it is the first, or `None` if there were enough.
    fn count_entry(&mut self, text: &Rc<str>) -> Option<bool> {
        // What little text means depends on the names around it.  Layers that execute each other have no place of their own:
        // there is no end to them.
        let unit = self.unit_index();
        let is_in_source = self.modules.units.get(unit as usize).is_some_and(|unit| unit.layer == 0);
        let site = self.place.site.as_ref().filter(|_| is_in_source && text.len() <= SHORT);
        let place = site.map(|site| (unit, site.span));
        let seen = self.written.layers_seen.entry((Rc::clone(text), place)).or_insert(0);
        *seen += 1;
        (*seen <= MAX_REPEATS).then_some(*seen == 1)
    }

    /// Runs a layer that was read.
    fn enter_layer(
        &mut self,
        parsed: source::Parsed,
        first_time: bool,
        origins: OriginSet,
        namespace: Option<&Value>,
    ) -> Value {
        let unknown = Value::unknown().with_origins(origins);
        let Some(unit) = self.modules.units.get(self.unit_index() as usize) else { return unknown };
        let (member, layer) = (Arc::clone(&unit.member), unit.layer + 1);
        let (outer, before) = (unit.outer, Rc::clone(&unit.decoding));
        let outer = outer.or_else(|| {
            let site = self.place.site.as_ref()?;
            let (line, column) = site.code.position(site.span.start);
            Some((site.code.source_line(line), column))
        });
        self.note_layer_gap(&member, &parsed);
        let decoding = self.decoding_chain(&before, origins);
        let code = parsed.code;
        let unit = self.modules.units.len() as u32;
        self.modules.units.push(Unit { code: Rc::clone(&code), member, layer, outer, decoding });
        if first_time {
            self.report.n_layers += 1;
        }
        let Some(frame) = self.frame() else { return unknown };
        let (mut scope, mut globals, package) = (frame.scope, frame.globals, Rc::clone(&frame.package));
        if let Some(namespace) = namespace.and_then(|n| self.namespace_scope(n)) {
            (scope, globals) = (namespace, namespace);
        }
        self.modules.packages_of_units.insert(unit, Rc::clone(&package));
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
        if let Some(&Value { kind: Kind::Dict(namespace), .. }) = namespace {
            self.leave_names_in(namespace, scope);
        }
        value
    }

    /// The scope of a namespace passed to `exec`: a module-like value, or a dictionary whose names it copies.
    pub(super) fn namespace_scope(&mut self, namespace: &Value) -> Option<ScopeId> {
        match namespace.kind {
            Kind::Module(id) => self.module_scope(id),
            Kind::Dict(id) => Some(self.scope_of_dictionary(id, None)),
            _ => None,
        }
    }

    /// The decodings that a text went through, by the events in its origins.
    fn decoding_chain(&self, before: &Rc<[Arc<str>]>, origins: OriginSet) -> Rc<[Arc<str>]> {
        let mut chain: Vec<Arc<str>> = before.to_vec();
        chain.extend(trace_decodings(&self.origins.export(origins), |id| self.log.events.get(id.0 as usize)));
        // What a loop of the source decodes goes through no call that has a name.
        if chain.len() == before.len() && self.origins.kinds(origins).contains(OriginKind::Decoded) {
            chain.push(Arc::from("computation"));
        }
        chain.truncate(MOST_DECODINGS);
        chain.into()
    }
}

/// Whether a text begins like a marshalled code object with a character for each byte.
fn is_binary(text: &str) -> bool {
    text.starts_with(['c', '\u{e3}']) && text.contains('\0') && text.chars().all(|c| (c as u32) < 256)
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
            given: CallSignature::default(),
            changes: 0,
            activation: 0,
            qualified: None,
            class: None,
            globals_declared: Rc::from([]),
            nonlocals_declared: Rc::from([]),
            returns: Vec::new(),
            yields: Vec::new(),
            open_loops: 0,
            has_open_yields: false,
        }
    }

    /// The same frame with nothing returned yet.
    pub(super) fn emptied(&self) -> Self {
        Self {
            unit: self.unit,
            scope: self.scope,
            globals: self.globals,
            package: Rc::clone(&self.package),
            function: self.function,
            given: self.given,
            changes: self.changes,
            activation: self.activation,
            qualified: self.qualified.clone(),
            class: self.class,
            globals_declared: Rc::clone(&self.globals_declared),
            nonlocals_declared: Rc::clone(&self.nonlocals_declared),
            returns: Vec::new(),
            yields: Vec::new(),
            open_loops: 0,
            has_open_yields: false,
        }
    }
}
