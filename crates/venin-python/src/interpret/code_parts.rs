//! Code objects that are put together from parts, taken apart, or put into a function.
//!
//! Where the instructions and names are known the result is a code object like one that was unmarshalled; where they
//! are not, it carries the origins of its parts.  Instructions that stand in the source as bytes count as decoded: they
//! are code that nobody can read there.

use std::rc::Rc;

use venin_model::OriginKind;

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue;
use crate::source::bytecode::{CodeParts, Layout, Written};
use crate::source::ir::{Code, Span};
use crate::source::marshal::{self, read_marshal};
use crate::value::{Kind, Object, OriginSet, Sym, Value};

/// Most values inside each other that are written as constants.
const MAX_DEPTH: u8 = 40;
/// Fewest instruction bytes that do more than return something: shorter ones are how a signature is probed.
const MIN_CODE: usize = 16;

/// `types.CodeType(…)`: the signature of each version is told by where the instructions stand.
pub(super) fn make_code(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let event = me.record_special(name, arguments);
    let positional = &arguments.positional;
    let is_code = |n: usize| positional.get(n).is_some_and(|v| matches!(v.kind, Kind::Bytes(_)));
    let layout = match (is_code(4), is_code(5), is_code(6)) {
        (_, _, true) if matches!(positional.get(12).map(|v| &v.kind), Some(Kind::Str(_))) => Layout::Flat,
        (_, _, true) => Layout::Ten,
        (_, true, _) => Layout::Seven,
        // Of instructions that are not known, the number of parts tells where they stand.
        _ => match positional.len() {
            15 => Layout::Seven,
            16 => Layout::Ten,
            18.. => Layout::Flat,
            _ => Layout::Two,
        },
    };
    let built = me.assemble(layout, positional).map(|parts| parts.render(layout));
    // Instructions, constants, names and variables are what runs; the name of the file behind them is not.
    let at = instructions_at(layout);
    let run = positional.get(at..positional.len().min(at + 4)).unwrap_or_default();
    let origins = me.origins_of_parts(run.first(), run);
    let origins = event.map_or(origins, |event| me.origins.with_event(origins, event));
    Some(me.code_of_parts(built, origins))
}

/// `code.replace(…)` of a code object that is not known.
pub(super) fn replace_unknown(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    Some(me.replace_parts(None, arguments))
}

const fn instructions_at(layout: Layout) -> usize {
    match layout {
        Layout::Two => 4,
        Layout::Seven => 5,
        Layout::Ten | Layout::Flat => 6,
    }
}

impl Interpreter<'_> {
    /// The parts that the constructor was given, in the order of its signature.
    fn assemble(&self, layout: Layout, given: &[Value]) -> Option<CodeParts> {
        let code = instructions_at(layout);
        let number = |n: usize| given.get(n).and_then(Value::as_int).and_then(|n| u32::try_from(n).ok());
        let mut parts = CodeParts { arg_count: number(0).unwrap_or(0), ..CodeParts::default() };
        match layout {
            Layout::Two => {}
            Layout::Seven => parts.keyword_only_count = number(1).unwrap_or(0),
            Layout::Ten | Layout::Flat => {
                parts.positional_only_count = number(1).unwrap_or(0);
                parts.keyword_only_count = number(2).unwrap_or(0);
            }
        }
        parts.flags = number(code - 1).unwrap_or(0);
        parts.code = self.written_bytes(given.get(code)?)?;
        parts.consts = self.written(given.get(code + 1)?)?;
        parts.names = self.written_names(given.get(code + 2)?)?;
        parts.varnames = self.written_names(given.get(code + 3)?)?;
        parts.name = given.get(code + 5).and_then(|v| self.written(v)).unwrap_or(parts.name);
        // Behind the names: the qualified name, the first line, the tables, free variables and cells.
        let (line, tables) = if layout == Layout::Flat { (code + 7, 2) } else { (code + 6, 1) };
        parts.first_line = number(line).and_then(|n| i32::try_from(n).ok()).unwrap_or(1);
        let table = |n: usize| given.get(n).and_then(|v| self.written_bytes(v));
        parts.lines = table(line + 1).unwrap_or(parts.lines);
        if tables == 2 {
            parts.exceptions = table(line + 2).unwrap_or(parts.exceptions);
        }
        self.add_cells(layout, &mut parts, given, code + 3, line + 1 + tables);
        Some(parts)
    }

    /// Free variables and cells; since 3.11 they stand behind the local variables.
    fn add_cells(&self, layout: Layout, parts: &mut CodeParts, given: &[Value], locals: usize, free: usize) {
        const LOCAL: u8 = 0x20;
        const CELL: u8 = 0x40;
        const FREE: u8 = 0x80;
        let names = |n: usize| match given.get(n).map(|v| &v.kind) {
            Some(Kind::Tuple(id) | Kind::List(id)) => self.heap.elements(*id).to_vec(),
            _ => Vec::new(),
        };
        if layout != Layout::Flat {
            let written = |n: usize| given.get(n).and_then(|v| self.written_names(v));
            parts.free_or_kinds = written(free).unwrap_or_else(|| parts.free_or_kinds.clone());
            parts.cellvars = written(free + 1).unwrap_or_else(|| parts.cellvars.clone());
            return;
        }
        let (mut all, mut kinds) = (Vec::new(), Vec::new());
        for (at, kind) in [(locals, LOCAL), (free + 1, CELL), (free, FREE)] {
            let group = names(at);
            kinds.resize(kinds.len() + group.len(), kind);
            all.extend(group);
        }
        let mut varnames = Written::default();
        varnames.tuple(all.len());
        for name in &all {
            self.write_value(name, &mut varnames, 0);
        }
        let mut written_kinds = Written::default();
        written_kinds.data(&kinds);
        (parts.varnames, parts.free_or_kinds) = (varnames, written_kinds);
    }

    /// `code.replace(co_code=…, co_consts=…)`, of a known code object or of one that is not.
    pub(super) fn replace_parts(&mut self, base: Option<&Value>, arguments: &Arguments) -> Value {
        let event = self.record_special("types.CodeType().replace", arguments);
        let given = |name: &str| {
            let found = arguments.keywords.iter().find(|(k, _)| self.symbols.as_str(*k) == name);
            found.map(|(_, v)| v.clone())
        };
        let instructions = given("co_code");
        let others = [given("co_consts"), given("co_names"), given("co_varnames")];
        let mut all: Vec<Value> = base.into_iter().chain(&instructions).cloned().collect();
        all.extend(others.iter().flatten().cloned());
        let known = base.and_then(|base| self.marshalled_bytes(base));
        if known.is_none() && instructions.is_none() {
            // Another name or constants for code that is no bytecode here: what runs is still the code.
            return base.cloned().unwrap_or_else(|| {
                let origins = self.origins_of(&all);
                self.code_of_parts(None, origins)
            });
        }
        let start = known.and_then(|bytes| CodeParts::of_marshalled(&bytes));
        let (mut parts, layout) = match start {
            Some((parts, layout)) => (parts, Some(layout)),
            None => (CodeParts::default(), None),
        };
        let is_known = self.replace_in(&mut parts, instructions.as_ref(), &others);
        let layout = layout.unwrap_or_else(|| parts.find_layout());
        let built = is_known.map(|()| parts.render(layout));
        let origins = self.origins_of_parts(instructions.as_ref(), &all);
        let origins = event.map_or(origins, |event| self.origins.with_event(origins, event));
        self.code_of_parts(built, origins)
    }

    /// Puts the parts in that were given; `None` if one that must be known is not.
    fn replace_in(
        &self,
        parts: &mut CodeParts,
        instructions: Option<&Value>,
        [consts, names, varnames]: &[Option<Value>; 3],
    ) -> Option<()> {
        if let Some(instructions) = instructions {
            parts.code = self.written_bytes(instructions)?;
        }
        if let Some(consts) = consts {
            parts.consts = self.written(consts)?;
        }
        if let Some(names) = names {
            parts.names = self.written_names(names)?;
        }
        if let Some(varnames) = varnames {
            parts.varnames = self.written_names(varnames)?;
        }
        Some(())
    }

    /// Origins of a code object: those of its parts, and decoded if its instructions are bytes in the source.
    fn origins_of_parts(&mut self, instructions: Option<&Value>, parts: &[Value]) -> OriginSet {
        let mut origins = OriginSet::EMPTY;
        for part in parts {
            let deep = self.deep_origins(part);
            origins = self.origins.union(origins, deep);
        }
        let is_constant = instructions.and_then(|v| self.byte_string(v)).is_some_and(|b| b.len() >= MIN_CODE);
        if is_constant { self.origins.with_kind(origins, OriginKind::Decoded) } else { origins }
    }

    fn code_of_parts(&mut self, built: Option<Vec<u8>>, origins: OriginSet) -> Value {
        let inner = match built {
            Some(bytes) if self.heap.spend(bytes.len()) => Value::bytes(bytes),
            _ => Value::unknown(),
        };
        let object = self.heap.insert(Object::CodeObject(inner.with_origins(origins)));
        Value::new(Kind::CodeObject(object)).with_origins(origins)
    }

    /// The marshalled bytes that a code object was made from.
    fn marshalled_bytes(&self, code: &Value) -> Option<Rc<[u8]>> {
        let Kind::CodeObject(id) = code.kind else { return None };
        match self.heap.get(id)? {
            Object::CodeObject(Value { kind: Kind::Bytes(bytes), .. }) => Some(Rc::clone(bytes)),
            Object::CodeObject(inner @ Value { kind: Kind::CodeObject(_), .. }) => match inner.kind {
                // Code made of a code object is the same code; more than once inside each other is nobody's.
                Kind::CodeObject(inner) => match self.heap.get(inner)? {
                    Object::CodeObject(Value { kind: Kind::Bytes(bytes), .. }) => Some(Rc::clone(bytes)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// The bytes of a value; the `str` of Python 2 holds bytes too.
    fn byte_string(&self, value: &Value) -> Option<Vec<u8>> {
        match &value.kind {
            Kind::Bytes(bytes) => Some(bytes.to_vec()),
            Kind::ByteArray(id) => match self.heap.get(*id)? {
                Object::Bytes(bytes) => Some(bytes.clone()),
                _ => None,
            },
            Kind::Str(text) => text.as_str().chars().map(|c| u8::try_from(u32::from(c)).ok()).collect(),
            _ => None,
        }
    }

    fn written_bytes(&self, value: &Value) -> Option<Written> {
        let bytes = self.byte_string(value)?;
        let mut out = Written::default();
        out.data(&bytes);
        Some(out)
    }

    /// A tuple of which every element must be a known name.
    fn written_names(&self, value: &Value) -> Option<Written> {
        let (Kind::Tuple(id) | Kind::List(id)) = value.kind else { return None };
        let items = self.heap.elements(id);
        items.iter().all(|v| matches!(v.kind, Kind::Str(_) | Kind::Bytes(_))).then_some(())?;
        self.written(value)
    }

    fn written(&self, value: &Value) -> Option<Written> {
        let mut out = Written::default();
        self.write_value(value, &mut out, 0);
        (!out.is_full()).then_some(out)
    }

    /// Writes a constant; what is not known is written as `None`.
    fn write_value(&self, value: &Value, out: &mut Written, depth: u8) {
        if depth > MAX_DEPTH || out.is_full() {
            out.none();
            return;
        }
        match &value.kind {
            Kind::Bool(value) => out.bool(*value),
            Kind::Int(value) => out.int(*value),
            Kind::Big(value) => out.big(value),
            Kind::Float(value) => out.float(*value),
            Kind::Str(text) => out.text(text.as_str()),
            Kind::Bytes(bytes) => out.data(bytes),
            Kind::Tuple(id) | Kind::List(id) | Kind::Set(id) => {
                let items = self.heap.elements(*id);
                match value.kind {
                    Kind::Set(_) => out.set(items.len()),
                    _ => out.tuple(items.len()),
                }
                for item in items {
                    self.write_value(item, out, depth + 1);
                }
            }
            Kind::CodeObject(_) => {
                let inner = self.marshalled_bytes(value).map(|bytes| read_marshal(&bytes, None));
                if inner.and_then(|inner| out.object(&inner, marshal::ObjectId(0))).is_none() {
                    out.none();
                }
            }
            _ => out.none(),
        }
    }

    /// `code.co_consts` and the like of a code object whose bytes are known.
    pub(super) fn code_attribute(&mut self, object: &Value, name: Sym) -> Option<Value> {
        let name = self.symbols.text(name);
        if !name.starts_with("co_") {
            return None;
        }
        let bytes = self.marshalled_bytes(object)?;
        if !self.heap.work(bytes.len()) {
            return None;
        }
        let read = read_marshal(&bytes, None);
        let marshal::Object::Code(code) = read.root() else { return None };
        let value = match &*name {
            "co_code" => self.unmarshalled(&read, code.code, 0),
            "co_consts" => self.unmarshalled(&read, code.consts, 0),
            "co_names" => self.unmarshalled(&read, code.names, 0),
            "co_varnames" if code.exceptions.is_none() => self.unmarshalled(&read, code.varnames, 0),
            "co_name" => self.unmarshalled(&read, code.name, 0),
            "co_filename" => self.unmarshalled(&read, code.filename, 0),
            "co_lnotab" | "co_linetable" => self.unmarshalled(&read, code.lines, 0),
            "co_exceptiontable" => self.unmarshalled(&read, code.exceptions?, 0),
            "co_argcount" => Value::int(i64::from(code.arg_count)),
            "co_posonlyargcount" => Value::int(i64::from(code.positional_only_count)),
            "co_kwonlyargcount" => Value::int(i64::from(code.keyword_only_count)),
            "co_flags" => Value::int(i64::from(code.flags)),
            "co_firstlineno" => Value::int(i64::from(code.first_line)),
            _ => return None,
        };
        Some(value.with_origins(object.origins))
    }

    /// A value that was read from marshalled data.
    fn unmarshalled(&mut self, read: &marshal::Marshal, id: marshal::ObjectId, depth: u8) -> Value {
        if depth > MAX_DEPTH || !self.heap.spend(32) {
            return Value::unknown();
        }
        match read.get(id) {
            marshal::Object::None => Value::none(),
            marshal::Object::Bool(value) => Value::bool(*value),
            marshal::Object::Int(value) => Value::int(*value),
            marshal::Object::BigInt(value) => Value::big((**value).clone()),
            marshal::Object::Float(value) => Value::new(Kind::Float(*value)),
            marshal::Object::Str(text) => Value::str(Rc::clone(text)),
            marshal::Object::Bytes(bytes) => Value::new(Kind::Bytes(Rc::clone(bytes))),
            marshal::Object::Tuple(ids) => {
                let items = ids.iter().map(|id| self.unmarshalled(read, *id, depth + 1)).collect();
                self.heap.tuple(items)
            }
            marshal::Object::Code(_) => {
                let mut out = Written::default();
                let built = out.object(read, id).map(|()| out.into_bytes());
                self.code_of_parts(built, OriginSet::EMPTY)
            }
            _ => Value::unknown(),
        }
    }

    /// `function.__code__ = code`: what calls the function runs the code.
    pub(super) fn replace_function_code(&mut self, code: &Rc<Code>, span: Span, value: &Value) {
        let Kind::CodeObject(_) = value.kind else { return };
        let name = "types.FunctionType";
        if let Some(entry) = catalogue::find_call(name) {
            self.record(code, span, name, entry, std::slice::from_ref(value), &[], None);
        }
        self.run_code_value(value, None);
    }
}
