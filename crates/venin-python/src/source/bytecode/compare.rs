//! Bytecode beside the source it claims to come from: what it names that the source does not.
//!
//! The compiler folds constants and adds names of its own, so only what it cannot have made counts: names that
//! stand nowhere in the source, and texts with words that stand nowhere in it and were not folded from its texts.

use rustc_hash::FxHashSet;

use super::super::ir::{Code, Expr, Passing, Stmt};
use super::super::pyc::read_pyc;
use super::super::{Parsed, parse_source};
use super::parse_pyc;
use crate::value::Symbols;

/// Shortest text that counts.
const MIN_TEXT: usize = 6;
/// Shortest word of a text that counts.
const MIN_WORD: usize = 3;
/// Shortest literal that a longer one may have been folded from.
const MIN_PART: usize = 3;
/// Most differences that are told.
const MAX_TOLD: usize = 20;
/// Most texts of the source that one text is compared with.
const MAX_TEXTS: usize = 20_000;

/// Names that the lowering puts in for what instructions do.
const OWN_NAMES: [&str; 37] = [
    "*",
    "dictcomp",
    "genexpr",
    "listcomp",
    "setcomp",
    "lambda",
    "None",
    "__annotate__",
    "__annotations__",
    "__classdict__",
    "__classdictcell__",
    "__firstlineno__",
    "__module__",
    "__qualname__",
    "__static_attributes__",
    "__classcell__",
    "__doc__",
    "__anext__",
    "__class__",
    "__enter__",
    "__import__",
    "__name__",
    "__setitem__",
    "AssertionError",
    // Raised by an `__annotate__` that is asked for a format it does not have (PEP 649).
    "NotImplementedError",
    "add",
    "append",
    "exception",
    "exec",
    "isinstance",
    // Of the pieces of a long f-string.
    "join",
    "len",
    "locals",
    "print",
    "repr",
    "return",
    "tuple",
];

/// What comparing a compiled file with its source showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// It names nothing that the source does not.
    Same,
    /// It was not understood.
    Unreadable,
    /// It names these, at most twenty of them: names, and texts in quotes.
    Differs(Vec<String>),
}

/// Compares a compiled file with the source it lies beside.
///
/// Needs a large stack, as every reader of source does.
#[must_use]
pub fn compare_with_source(compiled: &[u8], source: &[u8]) -> Comparison {
    let mut symbols = Symbols::default();
    let bytecode = parse_pyc(compiled, &mut symbols);
    if !bytecode.problems.is_empty() {
        return Comparison::Unreadable;
    }
    let source = parse_source(source, &mut symbols);
    let differences = differences(&bytecode, &source, &symbols);
    if differences.is_empty() { Comparison::Same } else { Comparison::Differs(differences) }
}

/// Whether Python passes over a compiled file and compiles the source anew, because it was made of a source of another size.
///
/// That holds for a file in `__pycache__`, below which nothing is imported without its source (PEP 3147), and which is not
/// checked by a hash (PEP 552).
#[must_use]
pub fn is_outdated(path: &str, compiled: &[u8], source: &[u8]) -> bool {
    let is_cached = path.rsplit_once('/').is_some_and(|(folder, _)| folder.ends_with("__pycache__"));
    is_cached
        && read_pyc(compiled)
            .source_size
            .is_some_and(|size| u64::from(size) != source.len() as u64 & 0xffff_ffff)
}

fn differences(bytecode: &Parsed, source: &Parsed, symbols: &Symbols) -> Vec<String> {
    let words: FxHashSet<&str> = words_of(&source.code.text).collect();
    // A private name of a class carries the class.
    let plain = |name: &str| {
        name.strip_prefix('_')
            .and_then(|rest| rest.find("__").and_then(|at| rest.get(at..)))
            .map(str::to_owned)
    };
    let is_known =
        |name: &str| words.contains(name) || plain(name).is_some_and(|plain| words.contains(&*plain));
    let is_made = |name: &str| name.starts_with(['$', '.', '<', '?']) || OWN_NAMES.contains(&name);
    let mut out: Vec<String> = names_of(&bytecode.code, symbols)
        .into_iter()
        .filter(|name| !is_made(name) && !is_known(name))
        .collect();
    out.sort_unstable();
    let literals: Vec<String> = texts_of(&source.code).into_iter().take(MAX_TEXTS).collect();
    let is_novel = |text: &String| {
        text.chars().count() >= MIN_TEXT
            && words_of(text).any(|word| word.len() >= MIN_WORD && !is_known(word) && !is_made(word))
            && !literals.iter().any(|known| is_related(known, text))
    };
    let mut novel: Vec<String> = texts_of(&bytecode.code).into_iter().filter(is_novel).collect();
    novel.sort_unstable();
    novel.dedup();
    out.extend(novel.into_iter().map(|text| format!("'{}'", text.chars().take(60).collect::<String>())));
    out.truncate(MAX_TOLD);
    out
}

/// The names and other words of a text, those of comments and literals too.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Whether one text may have been folded from another.
fn is_related(known: &str, text: &str) -> bool {
    let is_part = known.chars().count() >= MIN_PART && text.contains(known);
    let is_repeated = !known.is_empty() && text.len() > known.len() && text.replace(known, "").is_empty();
    is_part || is_repeated || known.contains(text)
}

/// All names that code uses.
fn names_of(code: &Code, symbols: &Symbols) -> FxHashSet<String> {
    let mut out: FxHashSet<String> = FxHashSet::default();
    let mut dotted =
        |name: &str| out.extend(name.split('.').filter(|part| !part.is_empty()).map(str::to_owned));
    for (stmt, _) in &code.stmts {
        match stmt {
            Stmt::Import(aliases) => aliases.iter().for_each(|alias| dotted(&alias.name)),
            Stmt::ImportFrom(import) => {
                dotted(&import.module);
                import.names.iter().for_each(|alias| dotted(&alias.name));
            }
            _ => {}
        }
    }
    let mut syms = Vec::new();
    for (expr, _) in &code.exprs {
        match expr {
            Expr::Name(name) | Expr::Attribute { name, .. } | Expr::Walrus { target: name, .. } => {
                syms.push(*name);
            }
            Expr::Call { args, .. } => syms.extend(args.iter().filter_map(|arg| match arg.passing {
                Passing::Keyword(name) => Some(name),
                _ => None,
            })),
            _ => {}
        }
    }
    for (stmt, _) in &code.stmts {
        match stmt {
            Stmt::Import(aliases) => syms.extend(aliases.iter().filter_map(|alias| alias.bound)),
            Stmt::ImportFrom(import) => syms.extend(import.names.iter().filter_map(|alias| alias.bound)),
            Stmt::Try(protected) => {
                syms.extend(protected.handlers.iter().filter_map(|handler| handler.name));
            }
            Stmt::Match { cases, .. } => {
                syms.extend(cases.iter().flat_map(|case| case.captures.iter().map(|(name, _)| *name)));
            }
            _ => {}
        }
    }
    for function in &code.functions {
        syms.push(function.name);
        syms.extend(function.params.iter().map(|param| param.name));
    }
    syms.extend(code.classes.iter().map(|class| class.name));
    syms.extend(code.classes.iter().flat_map(|class| &class.bases).filter_map(|arg| match arg.passing {
        Passing::Keyword(name) => Some(name),
        _ => None,
    }));
    out.extend(syms.into_iter().map(|name| symbols.as_str(name).to_owned()));
    out
}

/// Bytes as text: what Python 2 keeps of a text is the bytes of its source, mostly UTF-8.
fn text_of_bytes(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

/// A text of Python 2, whose characters are bytes, as its source has it.
fn text_as_written(text: &str) -> String {
    let bytes: Option<Vec<u8>> =
        text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>();
    match bytes {
        Some(bytes) if !text.is_ascii() => text_of_bytes(&bytes),
        _ => text.to_owned(),
    }
}

/// All texts and bytes of code, and the names that it may make texts of.
fn texts_of(code: &Code) -> Vec<String> {
    let mut out = Vec::new();
    for (expr, _) in &code.exprs {
        match expr {
            Expr::Str(text) => out.push(text_as_written(text)),
            Expr::Bytes(bytes) => out.push(text_of_bytes(bytes)),
            Expr::Joined(pieces) => out.extend(pieces.iter().filter_map(|piece| match piece {
                super::super::ir::Piece::Literal(text) => Some(text.to_string()),
                super::super::ir::Piece::Value { .. } => None,
            })),
            _ => {}
        }
    }
    out
}
