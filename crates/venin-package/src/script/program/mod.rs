//! Sources in C, C++ and Rust: what the code of an extension module starts, when it is loaded or built.
//!
//! Most of such a source computes; only the calls that start programs or run Python are read, with the texts that
//! the same source names.  A tolerant scanner, no compiler: no types, no macros with arguments, no other files.

mod c_calls;
mod functions;
mod lex;
mod rust_calls;
mod values;

use venin_model::{Action, CallClass, Family, Role};

use super::operation::{Operation, read_operations};
use super::{Dialect, parse_command_line};
use crate::path::{base_name, extension};
pub use functions::RunBy;
use lex::{Language, Token};
use values::Names;

/// Most calls that are read of one source.
const MAX_CALLS: usize = 500;
/// Longest source that is read, in bytes.
const MAX_SOURCE: usize = 2 << 20;
/// Words of which one stands in every source that starts a program or runs Python.
const STARTS: [&str; 9] = [
    "system",
    "popen",
    "exec",
    "posix_spawn",
    "WinExec",
    "ShellExecute",
    "CreateProcess",
    "PyRun_",
    "URLDownload",
];

/// A part of a source that one thing runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramPart {
    /// What runs it.
    pub run_by: RunBy,
    /// What it does, in order.
    pub operations: Vec<Operation>,
}

/// A call of a source, before it becomes an [`Operation`].
#[derive(Debug, Clone)]
struct Call {
    name: String,
    class: (Family, Action),
    arguments: Vec<(Role, String)>,
    offset: usize,
    /// Calls of the same function whose result goes in.
    inputs: Vec<usize>,
}

impl Call {
    fn new(name: String, class: (Family, Action), token: Option<&Token>) -> Self {
        let offset = token.map_or(0, |token| token.offset);
        Self { name, class, arguments: Vec::new(), offset, inputs: Vec::new() }
    }

    fn with(mut self, role: Role, text: String) -> Self {
        self.arguments.push((role, text));
        self
    }
}

/// Whether a member is a source in C, C++ or Rust that may start something.
#[must_use]
pub fn is_program_source(path: &str, bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    bytes.len() <= MAX_SOURCE
        && match language_of(path) {
            Some(Language::C) => STARTS.iter().any(|word| has(word)),
            Some(Language::Rust) => has("Command"),
            None => false,
        }
}

/// Reads a source; `None` for other members.
#[must_use]
pub fn read_program_source(path: &str, text: &str) -> Option<Vec<ProgramPart>> {
    let language = language_of(path)?;
    if !is_program_source(path, text.as_bytes()) {
        return None;
    }
    let tokens = lex::tokens(text, language);
    let names = Names::of(&tokens);
    let is_build_script = language == Language::Rust && is_build_script(path, text);
    let mut parts = Vec::new();
    let mut n_calls = 0;
    for function in functions::functions(&tokens, language, is_build_script) {
        let calls = match language {
            Language::C => c_calls::calls(&tokens, &function, &names),
            Language::Rust => rust_calls::calls(&tokens, &function, &names),
        };
        n_calls += calls.len();
        if n_calls > MAX_CALLS {
            break;
        }
        if !calls.is_empty() {
            parts.push(ProgramPart { run_by: function.run_by, operations: operations(text, calls) });
        }
    }
    Some(parts)
}

fn language_of(path: &str) -> Option<Language> {
    match extension(path).to_ascii_lowercase().as_str() {
        "c" | "cc" | "cpp" | "cxx" | "c++" | "h" | "hh" | "hpp" | "hxx" | "m" | "mm" => Some(Language::C),
        "rs" => Some(Language::Rust),
        _ => None,
    }
}

/// A build script has the name that Cargo looks for, or it talks to Cargo.
fn is_build_script(path: &str, text: &str) -> bool {
    base_name(path) == "build.rs"
        || ["cargo:rerun-if", "cargo:rustc-", "cargo::"].iter().any(|w| text.contains(w))
}

/// The operations of the calls of one function, and of the command lines in them.
fn operations(text: &str, calls: Vec<Call>) -> Vec<Operation> {
    let mut out: Vec<Operation> = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    for call in calls {
        let at = out.len();
        places.push(at);
        let inputs: Vec<usize> = call.inputs.iter().filter_map(|n| places.get(*n).copied()).collect();
        let operation = operation(text, call, inputs);
        let inner = match operation.argument(Role::Command).filter(|_| operation.class.family == Family::Cs) {
            Some(command) => read_operations(&parse_command_line(command, Dialect::Guess)),
            None => Vec::new(),
        };
        let (line, snippet, flows) = (operation.line, operation.snippet.clone(), operation.inputs.clone());
        out.push(operation);
        for mut one in inner {
            // What goes into the command goes into what it starts.
            let own = one.inputs.iter().map(|n| n + at + 1);
            one.inputs = own.chain(flows.iter().copied()).collect();
            one.inputs.sort_unstable();
            one.inputs.dedup();
            (one.line, one.snippet) = (line, snippet.clone());
            out.push(one);
        }
    }
    out
}

fn operation(text: &str, call: Call, inputs: Vec<usize>) -> Operation {
    let before = text.get(..text.floor_char_boundary(call.offset)).unwrap_or("");
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() as u32 + 1;
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    let snippet = text.get(start..).unwrap_or("").chars().take_while(|c| *c != '\n').take(240).collect();
    Operation {
        name: call.name,
        class: CallClass::new(call.class.0, call.class.1),
        arguments: call.arguments,
        inputs,
        line,
        snippet,
        command: 0,
    }
}

#[cfg(test)]
mod tests;
