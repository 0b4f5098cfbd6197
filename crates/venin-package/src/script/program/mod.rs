//! Sources in C, C++ and Rust: what the code of an extension module starts, when it is loaded or built.
//!
//! Most of such a source computes; only the calls that start programs or run Python are read, with the texts that
//! the same source names.  A tolerant scanner, no compiler: no types, no macros with arguments, no other files.

mod brackets;
mod budget;
mod c_calls;
mod functions;
mod lex;
mod rust_calls;
mod values;

use venin_model::{Action, CallClass, Family, Gap, GapKind, Role};

use super::command_lines::CommandLines;
use super::lines::LineStarts;
use super::operation::Operation;
use crate::path::{base_name, extension};
use budget::Budget;
pub use functions::RunBy;
use lex::{Language, Token};
use values::Names;

/// Most calls that are read of one source.
const MAX_CALLS: usize = 500;
/// Longest source that is read, in bytes.
const MAX_SOURCE: usize = 2 << 20;
/// Most bytes of white space between the name of a function and the parenthesis of its call.
const MAX_SPACE: usize = 16;
/// A part of a source that one thing runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramPart {
    /// What runs it.
    pub run_by: RunBy,
    /// What it does, in order.
    pub operations: Vec<Operation>,
}

/// What a source does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProgramReading {
    /// Its parts in the order in which they stand.
    pub parts: Vec<ProgramPart>,
    /// What was not read.
    pub gaps: Vec<Gap>,
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
    match language_of(path) {
        Some(Language::C) => c_calls::STARTS.iter().any(|name| is_called(bytes, name)),
        Some(Language::Rust) => memchr::memmem::find(bytes, b"Command").is_some(),
        None => false,
    }
}

/// Whether a name stands before a parenthesis.
fn is_called(bytes: &[u8], name: &str) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    // The texts of a long source, which tools write, hold many words before parentheses.
    let space = if bytes.len() <= MAX_SOURCE { MAX_SPACE } else { 1 };
    memchr::memmem::find_iter(bytes, name.as_bytes()).any(|at| {
        let is_start = at.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(|b| !is_name(b));
        let mut behind = bytes.get(at + name.len()..).unwrap_or_default().iter().take(space);
        is_start && behind.find(|b| !b.is_ascii_whitespace()) == Some(&b'(')
    })
}

/// Reads a source; `None` for other members.
///
/// Of a source that is too long, starts too much or nests too deep, the first part is read, and a gap says so.
#[must_use]
pub fn read_program_source(path: &str, text: &str) -> Option<ProgramReading> {
    let language = language_of(path)?;
    if !is_program_source(path, text.as_bytes()) {
        return None;
    }
    let read = text.get(..text.floor_char_boundary(MAX_SOURCE)).unwrap_or(text);
    let tokens = lex::tokens(read, language);
    // Comments and texts may name a call, too.
    if read.len() == text.len()
        && !tokens.iter().enumerate().any(|(at, token)| starts(&tokens, at, token, language))
    {
        return Some(ProgramReading::default());
    }
    let budget = Budget::of(tokens.len());
    let mut parts = Vec::new();
    let is_whole = read_parts(path, read, &tokens, language, &budget, &mut parts);
    let mut gaps = Vec::new();
    if !is_whole || budget.is_cut() || read.len() < text.len() {
        let detail = "the source is longer, starts more or nests deeper than is read";
        gaps.push(Gap::of_member(path.into(), GapKind::AnalysisBudget, detail));
    }
    Some(ProgramReading { parts, gaps })
}

/// Whether a token is the name of a call that starts something.
fn starts(tokens: &[Token], at: usize, token: &Token, language: Language) -> bool {
    token.word().is_some_and(|word| match language {
        Language::C => c_calls::STARTS.contains(&word) && tokens.get(at + 1).is_some_and(|next| next.is('(')),
        Language::Rust => word == "Command",
    })
}

/// Reads the functions of a source, and says whether all their calls and command lines were read.
fn read_parts(
    path: &str,
    text: &str,
    tokens: &[Token],
    language: Language,
    budget: &Budget,
    parts: &mut Vec<ProgramPart>,
) -> bool {
    let names = Names::of(tokens, budget);
    let is_build_script = language == Language::Rust && is_build_script(path, text);
    let lines = LineStarts::of(text);
    let mut commands = CommandLines::new();
    let mut n_calls = 0;
    for function in functions::functions(tokens, language, is_build_script, budget) {
        let mut calls = match language {
            Language::C => c_calls::calls(tokens, &function, &names),
            Language::Rust => rust_calls::calls(tokens, &function, &names, budget),
        };
        let is_whole = n_calls + calls.len() <= MAX_CALLS;
        calls.truncate(MAX_CALLS - n_calls);
        n_calls += calls.len();
        if !calls.is_empty() {
            let operations = operations(text, &lines, calls, &mut commands);
            parts.push(ProgramPart { run_by: function.run_by, operations });
        }
        if !is_whole {
            return false;
        }
    }
    !commands.is_cut
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
fn operations(
    text: &str,
    lines: &LineStarts,
    calls: Vec<Call>,
    commands: &mut CommandLines,
) -> Vec<Operation> {
    let mut out: Vec<Operation> = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    for call in calls {
        let at = out.len();
        places.push(at);
        let inputs: Vec<usize> = call.inputs.iter().filter_map(|n| places.get(*n).copied()).collect();
        let operation = operation(text, lines, call, inputs);
        let inner = match operation.argument(Role::Command).filter(|_| operation.class.family == Family::Cs) {
            Some(command) => commands.read(command),
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

fn operation(text: &str, lines: &LineStarts, call: Call, inputs: Vec<usize>) -> Operation {
    let (line, start) = lines.line_of(call.offset);
    let snippet = text.get(start..).unwrap_or("").chars().take_while(|c| *c != '\n').take(240).collect();
    Operation {
        name: call.name,
        class: CallClass::new(call.class.0, call.class.1),
        arguments: call.arguments,
        inputs,
        line: line as u32,
        snippet,
        command: 0,
    }
}

#[cfg(test)]
mod tests;
