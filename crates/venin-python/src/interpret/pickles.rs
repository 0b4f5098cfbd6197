//! Pickles: what unpickling calls is run like any other layer.
//!
//! The bytes are those of a constant, or of a member that the code reads.  Members that no code reads are looked at
//! last, as data.

use std::rc::Rc;
use std::sync::Arc;

use venin_model::{EventId, Family, MemberPath, OriginKind, Role, Trigger};
use venin_package::parse_pickle;

use super::call::CallSite;
use super::function::Arguments;
use super::modules::Unit;
use super::{Flow, Frame, Interpreter};
use crate::source;
use crate::source::ir::FunctionIdx;
use crate::value::{Kind, Object, OriginSet, Value};

/// The decoding that reveals the calls of a pickle.
const UNPICKLING: &str = "pickle.loads";
/// Most reductions that are called.
const MOST_REDUCTIONS: usize = 64;
/// Longest constant that is read, in bytes.
const MAX_PICKLE: usize = 64 << 20;

/// `pickle.loads(data)`, `joblib.load(path)` and the like.
pub(super) fn unpickle(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let entry = crate::catalogue::find_call(name)?;
    let event = me.record_here(name, entry, &arguments.positional, &arguments.keywords, None);
    let data = me
        .argument(arguments, 0, "data")
        .or_else(|| me.argument(arguments, 0, "file"))
        .unwrap_or_else(Value::unknown);
    let mut origins = OriginSet::EMPTY;
    for one in me.alternatives(&data).iter().take(4) {
        let of_data = if takes_path(name) { me.origins_behind_path(one) } else { one.origins };
        origins = me.origins.union(origins, of_data);
        let own = me.origins.with_event(one.origins, event);
        match me.constant_bytes(one) {
            Some(bytes) if bytes.len() <= MAX_PICKLE => {
                let program: Rc<str> = Rc::from(parse_pickle(&bytes).source);
                me.run_layer(&program, own, None);
            }
            _ => {
                if let Some(program) = me.shipped_pickle(one).or_else(|| me.pickle_in_open(one)) {
                    me.run_layer(&program, own, None);
                }
            }
        }
    }
    let unpickled = me.names.intern(&format!("{name}()"));
    Some(me.event_result(Kind::External { name: unpickled, made_by: Some(event) }, event, entry, origins))
}

/// Whether a reader of pickles is given a path rather than data, as a rule.
fn takes_path(name: &str) -> bool {
    matches!(name, "torch.load" | "joblib.load" | "pandas.read_pickle" | "shelve.open")
}

impl Interpreter<'_> {
    /// The origins of what stands in a file that is named: that the path was decoded says nothing of it.
    fn origins_behind_path(&mut self, path: &Value) -> OriginSet {
        let is_open = matches!(path.kind, Kind::External { name, .. } if &*self.names.text(name) == "open()");
        if is_open || self.is_buffer(path) {
            return path.origins;
        }
        let events = &self.log.events;
        let is_decoding =
            |id: EventId| events.get(id.0 as usize).is_some_and(|event| event.class.family == Family::Ce);
        let told = self.origins.without_events(path.origins, is_decoding);
        self.origins.without_kind(told, OriginKind::Decoded)
    }

    /// The bytes of a constant.
    fn constant_bytes(&self, value: &Value) -> Option<Rc<[u8]>> {
        match &value.kind {
            Kind::Bytes(bytes) => Some(Rc::clone(bytes)),
            Kind::ByteArray(id) => match self.heap.get(*id) {
                Some(Object::Bytes(bytes)) => Some(Rc::from(bytes.as_slice())),
                _ => None,
            },
            // A path is no pickle; the text of a file is, in protocol 0.
            Kind::Str(text) if text.as_str().contains('\n') => Some(Rc::from(text.as_str().as_bytes())),
            _ => None,
        }
    }

    /// The calls of the pickled member that a value names, opens or was read from.
    fn shipped_pickle(&mut self, value: &Value) -> Option<Rc<str>> {
        if self.project.pickles.is_empty() {
            return None;
        }
        let made_by = match value.kind {
            Kind::External { made_by, .. } => made_by,
            _ => None,
        };
        let mut paths: Vec<Arc<str>> = self.render(value).map(|t| t.text).into_iter().collect();
        for id in self.origins.export(value.origins).events.into_iter().chain(made_by) {
            if let Some(event) = self.log.events.get(id.0 as usize).filter(|e| e.class.family == Family::Cf) {
                paths.extend(event.text(Role::Path).map(Arc::from));
            }
        }
        let project = self.project;
        paths.iter().find_map(|path| {
            let wanted = super::files::tail_of_path(path)?;
            let shipped = project.pickles.iter().find(|(p, _)| super::files::is_tail(p, &wanted))?;
            Some(Rc::from(String::from_utf8_lossy(shipped.1)))
        })
    }

    /// The calls of the pickle that an open file goes on with, where code has read what stands before it.
    fn pickle_in_open(&self, file: &Value) -> Option<Rc<str>> {
        let rest = self.rest_of_open(file)?;
        let source = parse_pickle(rest.as_bytes()?).source;
        (!source.is_empty()).then(|| Rc::from(source))
    }

    /// Runs the calls of every pickled member, as data.
    pub(super) fn read_pickles(&mut self) {
        let project = self.project;
        for (path, program) in &project.pickles {
            self.begin_root(Trigger::Data, self.limits.steps_of_run_root);
            self.run_pickled_member(path, &String::from_utf8_lossy(program));
        }
    }

    /// Calls what a `__reduce__` of the artifact gives: who unpickles its objects runs that.
    pub(super) fn run_reductions(&mut self) {
        let mut found: Vec<(u32, FunctionIdx, Value)> = Vec::new();
        for ((unit, index), runs) in &self.functions.ran {
            let Some(code) = self.modules.units.get(*unit as usize).map(|u| &u.code) else { continue };
            let Some(function) = code.functions.get(index.0 as usize) else { continue };
            let name = function.qualified.rsplit('.').next().unwrap_or("");
            if let ("__reduce__" | "__reduce_ex__", Some(result)) = (name, &runs.result) {
                found.push((*unit, *index, result.clone()));
            }
        }
        found.sort_by_key(|(unit, index, _)| (*unit, index.0));
        for (unit, index, result) in found.into_iter().take(MOST_REDUCTIONS) {
            self.run_reduction(unit, index, &result);
        }
    }

    /// Calls a callable from outside the artifact that stands first in a reduction, with the arguments that stand second.
    fn run_reduction(&mut self, unit: u32, index: FunctionIdx, result: &Value) {
        let Some(code) = self.modules.units.get(unit as usize).map(|u| Rc::clone(&u.code)) else { return };
        let Some(function) = code.functions.get(index.0 as usize) else { return };
        let Some(span) = function.body.last().and_then(|s| code.stmts.get(s.0 as usize)).map(|(_, s)| *s)
        else {
            return;
        };
        for one in self.alternatives(result) {
            let Kind::Tuple(id) = one.kind else { continue };
            let [callee, passed, ..] = self.heap.elements(id) else { continue };
            let (callee, passed) = (callee.clone(), passed.clone());
            if !matches!(callee.kind, Kind::External { .. }) {
                continue;
            }
            let positional = self.iterate(&passed, 100).unwrap_or_default();
            self.begin_root(Trigger::Run, self.limits.steps_of_run_root);
            let (scope, package) = (self.new_scope(None), self.package_of_unit(unit));
            let mut frame = Frame::of_module(unit, scope, package);
            frame.qualified = Some(Arc::clone(&function.qualified));
            self.frames.push(frame);
            self.place.site = Some(CallSite { code: Rc::clone(&code), span });
            self.call_value(&callee, positional, Vec::new());
            self.frames.pop();
        }
    }

    fn run_pickled_member(&mut self, path: &MemberPath, program: &str) {
        let parsed = source::parse_text(program, &mut self.symbols);
        let code = parsed.code;
        let unit = self.modules.units.len() as u32;
        self.modules.units.push(Unit {
            code: Rc::clone(&code),
            member: Arc::clone(path),
            layer: 1,
            outer: Some((1, 1)),
            decoding: Rc::from([Arc::from(UNPICKLING)]),
        });
        self.report.n_layers += 1;
        let package: Rc<str> = Rc::from("");
        self.modules.packages_of_units.insert(unit, Rc::clone(&package));
        let scope = self.new_scope(None);
        self.frames.push(Frame::of_module(unit, scope, package));
        let _: Flow = self.exec_block(&code, &code.body);
        self.frames.pop();
    }
}
