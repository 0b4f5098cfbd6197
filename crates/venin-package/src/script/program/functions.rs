//! Where the functions of a source begin and end, and which of them something runs by itself.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::budget::Budget;
use super::lex::{Language, Token};

/// Most functions of one source.
const MAX_FUNCTIONS: usize = 20_000;
/// Most tokens between a function's name and its body, or between a declaration's edge and its mark.
const MAX_DECLARATION: usize = 1_000;
/// Words before a parenthesis that open a block and no function.
const CONTROL: [&str; 9] = ["if", "for", "while", "switch", "catch", "match", "return", "sizeof", "defined"];
/// Marks of what a loader runs, in the declaration of a function or beside its name in a table.
const LOADED: [&str; 5] = ["constructor", "Py_mod_exec", "pymodule", "ctor", "PYBIND11_MODULE"];
/// What starts a function that is named beside it.
const THREADS: [&str; 8] =
    ["pthread_create", "thread", "jthread", "async", "spawn", "CreateThread", "_beginthreadex", "call_once"];

/// What runs a part of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunBy {
    /// The build of the package.
    Build,
    /// The loader of the library, or the import of the extension module.
    Load,
    /// Whoever calls it.
    Caller,
}

/// A function and the tokens of its body.
#[derive(Debug, Clone)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) body: Range<usize>,
    pub(super) run_by: RunBy,
}

/// The functions of a source, in order, as far as the budget goes.
pub(super) fn functions(
    tokens: &[Token],
    language: Language,
    is_build_script: bool,
    budget: &Budget,
) -> Vec<Function> {
    let ends = block_ends(tokens);
    let mut found = match language {
        Language::C => c_functions(tokens, &ends),
        Language::Rust => rust_functions(tokens, &ends),
    };
    if found.len() > MAX_FUNCTIONS {
        found.truncate(MAX_FUNCTIONS);
        budget.take(usize::MAX);
    }
    // Bodies that nest are read again in each that holds them.
    found.retain(|function| budget.take(function.body.len()));
    let by_load = loaded_names(tokens, budget);
    for function in &mut found {
        let is_loaded = by_load.contains(&function.name)
            || function.name.starts_with("PyInit_")
            || matches!(function.name.as_str(), "DllMain" | "_init");
        if is_build_script && function.name == "main" {
            function.run_by = RunBy::Build;
        } else if is_loaded {
            function.run_by = RunBy::Load;
        }
    }
    spread(tokens, &mut found);
    found
}

/// What a function names that something runs is run by the same.
fn spread(tokens: &[Token], functions: &mut [Function]) {
    let by_name: FxHashMap<String, usize> =
        functions.iter().enumerate().map(|(at, function)| (function.name.clone(), at)).collect();
    let mut open: Vec<usize> = (0..functions.len())
        .filter(|at| functions.get(*at).is_some_and(|f| f.run_by != RunBy::Caller))
        .collect();
    while let Some(at) = open.pop() {
        let Some((body, run_by)) = functions.get(at).map(|f| (f.body.clone(), f.run_by)) else { continue };
        for next in called_in(tokens.get(body).unwrap_or_default(), &by_name) {
            if let Some(function) = functions.get_mut(next)
                && function.run_by == RunBy::Caller
            {
                function.run_by = run_by;
                open.push(next);
            }
        }
    }
}

/// The functions that a body calls or starts as threads; one that is only named, as in a table, waits for a caller.
fn called_in(body: &[Token], by_name: &FxHashMap<String, usize>) -> Vec<usize> {
    let mut called = Vec::new();
    let mut is_thread = false;
    for (at, token) in body.iter().enumerate() {
        is_thread = !token.is(';') && (is_thread || token.word().is_some_and(|w| THREADS.contains(&w)));
        let is_call = is_thread || body.get(at + 1).is_some_and(|next| next.is('('));
        called.extend(token.word().filter(|_| is_call).and_then(|word| by_name.get(word)));
    }
    called
}

/// `name ( … ) words {`.
fn c_functions(tokens: &[Token], ends: &[usize]) -> Vec<Function> {
    let mut found = Vec::new();
    let mut opened: Vec<usize> = Vec::new();
    // The parenthesis that was closed last, since which nothing but words stood.
    let mut closed: Option<usize> = None;
    for (at, token) in tokens.iter().enumerate() {
        if token.is('(') {
            opened.push(at);
        } else if token.is(')') {
            closed = opened.pop().or(closed);
        } else if token.is('{') {
            let name = closed.take().and_then(|open| open.checked_sub(1)).and_then(|n| tokens.get(n)?.word());
            if let Some(name) = name.filter(|name| !CONTROL.contains(name)) {
                // `PYBIND11_MODULE(name, m) { … }` is a function that the import runs.
                let run_by = if LOADED.contains(&name) { RunBy::Load } else { RunBy::Caller };
                found.push(Function { name: name.to_owned(), body: at..end_of(ends, at), run_by });
            }
        } else if token.is(';') || token.is('}') || token.is('=') || token.is(',') {
            closed = None;
            if token.is(';') {
                opened.clear();
            }
        }
    }
    found
}

/// `fn name … {`.
fn rust_functions(tokens: &[Token], ends: &[usize]) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let name = tokens.get(at + 1).and_then(Token::word).filter(|_| token.word() == Some("fn"));
        let Some(name) = name else { continue };
        let rest = window(tokens, at);
        let Some(brace) = rest.iter().position(|t| t.is('{') || t.is(';')).map(|n| at + n) else { continue };
        if tokens.get(brace).is_some_and(|t| t.is('{')) {
            let body = brace..end_of(ends, brace);
            found.push(Function { name: name.to_owned(), body, run_by: RunBy::Caller });
        }
    }
    found
}

/// For each token that opens a block, what stands behind the brace that closes it.
fn block_ends(tokens: &[Token]) -> Vec<usize> {
    let mut ends = vec![tokens.len(); tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.is('{') {
            open.push(at);
        } else if token.is('}')
            && let Some(end) = open.pop().and_then(|start: usize| ends.get_mut(start))
        {
            *end = at + 1;
        }
    }
    ends
}

fn end_of(ends: &[usize], open: usize) -> usize {
    ends.get(open).copied().unwrap_or(open)
}

/// The next tokens, as many as a declaration may have.
fn window(tokens: &[Token], at: usize) -> &[Token] {
    tokens.get(at..tokens.len().min(at + MAX_DECLARATION)).unwrap_or_default()
}

/// The names in the declarations and tables that say what a loader runs.
fn loaded_names(tokens: &[Token], budget: &Budget) -> FxHashSet<String> {
    let mut names = FxHashSet::default();
    for (at, token) in tokens.iter().enumerate() {
        let is_section = token.text().is_some_and(|t| t.contains("init_array") || t.contains("CRT$X"));
        if !is_section && !token.word().is_some_and(|word| LOADED.contains(&word)) {
            continue;
        }
        let is_edge = |t: &Token| t.is(';') || t.is('}') || t.is('{');
        let first = at.saturating_sub(MAX_DECLARATION);
        let before = tokens.get(first..at).unwrap_or_default();
        let start = first + before.iter().rposition(is_edge).map_or(0, |n| n + 1);
        // A table of pointers stands in braces behind the name of its section.
        let is_end = |t: &Token| t.is(';') || t.is('}') || (t.is('{') && !is_section);
        let behind = window(tokens, at);
        let end = at + behind.iter().position(is_end).unwrap_or(behind.len());
        if !budget.take(end - start) {
            break;
        }
        let statement = tokens.get(start..end).unwrap_or_default();
        names.extend(statement.iter().filter_map(Token::word).map(str::to_owned));
    }
    names
}
