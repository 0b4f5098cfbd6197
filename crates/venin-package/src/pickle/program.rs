//! The calls of a pickle as a Python text.

use std::fmt::Write;

use rustc_hash::{FxHashMap, FxHashSet};

use super::machine::Machine;
use super::node::{Call, Node, NodeId};

/// Longest text, in bytes.
const MAX_SOURCE: usize = 8 << 20;
/// Most calls of one name: a thousand more of the same show nothing new.
const MAX_OF_A_NAME: u32 = 64;
/// Containers in containers that are written out.
const MAX_DEPTH: u32 = 24;
/// Elements of a container that are written out.
const MAX_ELEMENTS: usize = 20_000;

/// Constructors that do no more than make a value.  What they make is not followed.
const PLAIN: &[(&str, &str)] = &[
    ("builtins", "bytearray complex dict frozenset int float list object range set slice str tuple"),
    (
        "__builtin__",
        "bytearray complex dict frozenset int float list long object set slice str tuple unicode xrange",
    ),
    ("collections", "Counter OrderedDict defaultdict deque"),
    ("copyreg", "_reconstructor __newobj__ __newobj_ex__"),
    ("copy_reg", "_reconstructor __newobj__"),
    ("datetime", "date datetime time timedelta timezone"),
    ("decimal", "Decimal"),
    ("fractions", "Fraction"),
    ("uuid", "UUID"),
    ("pathlib", "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath"),
    ("numpy", "dtype ndarray"),
    ("numpy.core.multiarray", "_reconstruct scalar"),
    ("numpy._core.multiarray", "_reconstruct scalar"),
    ("numpy.core.numeric", "_frombuffer"),
    ("numpy._core.numeric", "_frombuffer"),
    ("torch._utils", "_rebuild_tensor _rebuild_tensor_v2 _rebuild_parameter _rebuild_parameter_with_state"),
    ("torch", "Size device"),
];

/// The text and what it names.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) source: String,
    pub(super) imports: Vec<String>,
    pub(super) calls: Vec<String>,
    pub(super) is_cut: bool,
}

/// Writes the calls that the machine noted, in order.
pub(super) fn write_program(machine: &Machine<'_>) -> Program {
    let mut program = Program::default();
    let mut seen = FxHashSet::default();
    for id in &machine.globals {
        let name = dotted(machine.node(*id));
        if seen.insert(name.clone()) {
            program.imports.push(name);
        }
    }
    let mut writer =
        Writer { machine, program, modules: FxHashSet::default(), counts: FxHashMap::default(), budget: 0 };
    for (index, call) in machine.calls.iter().enumerate() {
        writer.write_call(index, call);
    }
    writer.program
}

struct Writer<'m, 'a> {
    machine: &'m Machine<'a>,
    program: Program,
    modules: FxHashSet<&'m str>,
    /// How often each callee was written; results of calls share the place of a nameless one.
    counts: FxHashMap<String, u32>,
    budget: usize,
}

impl<'m> Writer<'m, '_> {
    fn write_call(&mut self, index: usize, call: &Call) {
        let callee = self.machine.node(call.callee);
        let name = match callee {
            Node::Global(module, name) if is_plain(module, name) => return,
            Node::Global(..) => dotted(callee),
            Node::Result(of) if call.method.is_some() && !self.is_written(*of) => return,
            _ => String::new(),
        };
        let count = self.counts.entry(name.clone()).or_insert(0);
        *count += 1;
        if *count > MAX_OF_A_NAME {
            return;
        }
        if self.program.source.len() >= MAX_SOURCE {
            self.program.is_cut = true;
            return;
        }
        if *count == 1 && !name.is_empty() && call.method.is_none() {
            self.program.calls.push(name);
        }
        self.budget = MAX_SOURCE - self.program.source.len();
        let callee = self.expression(call.callee, 0);
        let arguments: Vec<String> = call.arguments.iter().map(|a| self.expression(*a, 0)).collect();
        let method = call.method.map(|m| format!(".{m}")).unwrap_or_default();
        let arguments = arguments.join(", ");
        let _ = writeln!(self.program.source, "_{index} = {callee}{method}({arguments})");
    }

    /// Whether the result of a call has a name in the text.
    fn is_written(&self, index: usize) -> bool {
        let callee = self.machine.calls.get(index).map(|c| self.machine.node(c.callee));
        !matches!(callee, Some(Node::Global(module, name)) if is_plain(module, name))
    }

    /// A value as Python writes it.  What is not known is a name that nothing defines.
    fn expression(&mut self, id: NodeId, depth: u32) -> String {
        const UNKNOWN: &str = "unknown";
        if depth > MAX_DEPTH || self.budget == 0 {
            self.program.is_cut |= self.budget == 0;
            return UNKNOWN.to_owned();
        }
        let text = match self.machine.node(id) {
            Node::None => "None".to_owned(),
            Node::Bool(true) => "True".to_owned(),
            Node::Bool(false) => "False".to_owned(),
            Node::Number(number) => number.clone(),
            Node::Text(text) => quote_text(text),
            Node::Bytes(bytes) => quote_bytes(bytes),
            Node::OwnBytes(bytes) => quote_bytes(bytes),
            Node::Tuple(items) => match items.as_slice() {
                [only] => format!("({},)", self.expression(*only, depth + 1)),
                items => format!("({})", self.elements(items, depth)),
            },
            Node::List(items) => format!("[{}]", self.elements(items, depth)),
            Node::Set(items) => format!("set([{}])", self.elements(items, depth)),
            Node::Dict(items) => self.dictionary(items, depth),
            Node::Global(module, name) => self.global(module, name),
            Node::Result(index) if self.is_written(*index) => format!("_{index}"),
            Node::Result(index) => self.plain_value(*index, depth),
            Node::Wrapper | Node::Unknown => UNKNOWN.to_owned(),
        };
        self.budget = self.budget.saturating_sub(text.len());
        text
    }

    /// What a plain constructor of one argument makes is that argument as far as a reader cares.
    fn plain_value(&mut self, index: usize, depth: u32) -> String {
        let call = self.machine.calls.get(index).filter(|c| c.arguments.len() == 1);
        match call.map(|c| (self.machine.node(c.callee), c.arguments.clone())) {
            Some((Node::Global(module, name), arguments))
                if matches!(module.as_str(), "builtins" | "__builtin__") =>
            {
                format!("{name}({})", self.elements(&arguments, depth))
            }
            _ => "unknown".to_owned(),
        }
    }

    fn elements(&mut self, items: &[NodeId], depth: u32) -> String {
        let parts: Vec<String> =
            items.iter().take(MAX_ELEMENTS).map(|i| self.expression(*i, depth + 1)).collect();
        parts.join(", ")
    }

    fn dictionary(&mut self, items: &[NodeId], depth: u32) -> String {
        let pairs: Vec<String> = items
            .chunks_exact(2)
            .take(MAX_ELEMENTS)
            .filter_map(|pair| {
                let [key, value] = pair else { return None };
                Some(format!("{}: {}", self.expression(*key, depth + 1), self.expression(*value, depth + 1)))
            })
            .collect();
        format!("{{{}}}", pairs.join(", "))
    }

    /// An imported object.  Names that are no identifiers are looked up as the unpickler does.
    fn global(&mut self, module: &'m str, name: &'m str) -> String {
        if !module.split('.').chain(name.split('.')).all(is_identifier) {
            return format!("getattr(__import__({}), {})", quote_text(module), quote_text(name));
        }
        if matches!(module, "builtins" | "__builtin__") {
            return name.to_owned();
        }
        if self.modules.insert(module) {
            let _ = writeln!(self.program.source, "import {module}");
        }
        format!("{module}.{name}")
    }
}

fn dotted(node: &Node<'_>) -> String {
    match node {
        Node::Global(module, name) => format!("{module}.{name}"),
        _ => String::new(),
    }
}

fn is_plain(module: &str, name: &str) -> bool {
    PLAIN.iter().any(|(m, names)| *m == module && names.split(' ').any(|n| n == name))
}

fn is_identifier(text: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else",
        "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "None", "True", "False",
    ];
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    starts && chars.all(|c| c.is_ascii_alphanumeric() || c == '_') && !KEYWORDS.contains(&text)
}

fn quote_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            ' '..='~' => out.push(c),
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('\'');
    out
}

fn quote_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 3);
    out.push_str("b'");
    for byte in bytes.iter().take(MAX_SOURCE / 4) {
        match byte {
            b'\'' | b'\\' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            b' '..=b'~' => out.push(char::from(*byte)),
            byte => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('\'');
    out
}
