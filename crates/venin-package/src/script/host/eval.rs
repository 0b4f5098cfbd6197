//! The scanner: one pass over the tokens, with what is known of variables.

use rustc_hash::FxHashMap;

use super::calls::classify;
use super::fold::{Value, fold_function, fold_method};
use super::lex::{Lexeme, Token, read_tokens};
use super::{Language, Step};

/// Most evaluation steps of one text.
const MAX_STEPS: usize = 6_000_000;
/// Bytes made or read that count as one step.
const BYTES_PER_STEP: usize = 16;
/// How deep expressions are evaluated.
const MAX_DEPTH: u32 = 12;
/// Most arguments or elements of one list.
const MAX_ITEMS: usize = 20_000;
/// Most operations of one text.
const MAX_FOUND: usize = 2_000;

pub(super) struct Scanner {
    tokens: Vec<Token>,
    language: Language,
    variables: FxHashMap<String, Value>,
    /// Whether the text names what only programs of the host use.
    is_host: bool,
    found: Vec<Step>,
    /// Evaluation steps so far, those of texts that were read before with the same budget among them.
    pub(super) steps: usize,
    /// Whether a budget ended the reading.
    pub(super) is_cut: bool,
}

/// The arguments of a call and where it ends.
struct Arguments {
    values: Vec<Value>,
    next: usize,
}

impl Scanner {
    /// A scanner of a text; `steps` of its budget are spent already.
    pub(super) fn new(text: &str, language: Language, steps: usize) -> Self {
        let (tokens, is_cut) = read_tokens(text, language);
        let is_host = language == Language::VbScript
            || tokens.iter().any(|t| match &t.lexeme {
                Lexeme::Word(word) => word == "WScript",
                Lexeme::Text(text) => {
                    let lower = text.to_ascii_lowercase();
                    lower.ends_with("child_process")
                        || matches!(lower.as_str(), "wscript.shell" | "adodb.stream" | "shell.application")
                }
                _ => false,
            });
        Self { tokens, language, variables: FxHashMap::default(), is_host, found: Vec::new(), steps, is_cut }
    }

    /// Visits every token once; gives the calls of the host in the order of the text.
    pub(super) fn run(&mut self) -> Vec<Step> {
        let mut at = 0;
        while at < self.tokens.len() {
            if self.steps >= MAX_STEPS || self.found.len() >= MAX_FOUND {
                self.is_cut = true;
                break;
            }
            self.visit(at);
            at += 1;
        }
        std::mem::take(&mut self.found)
    }

    fn lexeme(&self, at: usize) -> Option<&Lexeme> {
        self.tokens.get(at).map(|t| &t.lexeme)
    }

    fn is_sign(&self, at: usize, sign: char) -> bool {
        self.lexeme(at) == Some(&Lexeme::Sign(sign))
    }

    fn word(&self, at: usize) -> Option<&str> {
        match self.lexeme(at)? {
            Lexeme::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Names of VBScript ignore case.
    fn key(&self, word: &str) -> String {
        match self.language {
            Language::JavaScript => word.to_owned(),
            Language::VbScript => word.to_ascii_lowercase(),
        }
    }

    fn visit(&mut self, at: usize) {
        let Some(word) = self.word(at).map(str::to_owned) else {
            if self.is_sign(at, '{') {
                self.destructure(at);
            }
            return;
        };
        if at > 0 && self.is_sign(at - 1, '.') {
            return;
        }
        if word == "import" {
            self.import(at);
        }
        if self.is_assignment(at) {
            let key = self.key(&word);
            let (value, _) = self.expression(at + 2, 0);
            self.variables.insert(key, value);
        } else {
            self.chain(at, 0, true);
        }
    }

    /// `name = value`, and no comparison.
    fn is_assignment(&self, at: usize) -> bool {
        self.is_sign(at + 1, '=') && !self.is_sign(at + 2, '=')
    }

    /// `{ exec, spawn: start } = require("child_process")`.
    fn destructure(&mut self, at: usize) {
        const MAX_NAMES: usize = 60;
        let Some(end) = (at..at + 3 * MAX_NAMES).find(|i| self.is_sign(*i, '}')) else { return };
        if !self.is_assignment(end) {
            return;
        }
        if let (Value::Name(module), _) = self.expression(end + 2, 0) {
            self.bind_names(at + 1, end, &module);
        }
    }

    /// Names between braces, with `:` or `as` before another name of the same thing.
    fn bind_names(&mut self, from: usize, to: usize, module: &str) {
        let mut at = from;
        while at < to {
            let Some(name) = self.word(at).map(str::to_owned) else {
                at += 1;
                continue;
            };
            let is_renamed = self.is_sign(at + 1, ':') || self.word(at + 1) == Some("as");
            let own = match self.word(at + 2) {
                Some(own) if is_renamed => own.to_owned(),
                _ => name.clone(),
            };
            self.variables.insert(own, Value::name(format!("{module}.{name}")));
            at += if is_renamed { 3 } else { 1 };
        }
    }

    /// `import * as cp from "child_process"`, `import { exec } from "node:child_process"`.
    fn import(&mut self, at: usize) {
        const MAX_TOKENS: usize = 200;
        let from = (at + 1..at + MAX_TOKENS).find(|i| self.word(*i) == Some("from"));
        let Some(from) = from else { return };
        let Some(Lexeme::Text(module)) = self.lexeme(from + 1) else { return };
        let module = module.trim_start_matches("node:").to_owned();
        match self.lexeme(at + 1) {
            Some(Lexeme::Sign('{')) => self.bind_names(at + 2, from, &module),
            _ => {
                if let Some(name) = self.word(from - 1).map(str::to_owned) {
                    self.variables.insert(name, Value::name(module));
                }
            }
        }
    }

    /// An expression with `+` (in VBScript also `&`); gives its value and the place behind it.
    fn expression(&mut self, at: usize, depth: u32) -> (Value, usize) {
        let (mut value, mut next) = self.term(at, depth);
        loop {
            let is_plus =
                self.is_sign(next, '+') || (self.language == Language::VbScript && self.is_sign(next, '&'));
            // A line of VBScript goes on behind `_`, one of JavaScript at an operator.
            let skipped = self.skip_lines(next);
            let goes_on = self.language == Language::JavaScript && self.is_sign(skipped, '+');
            if !(is_plus || goes_on) || self.is_sign(skipped + 1, '+') {
                return (value, next);
            }
            let (more, behind) = self.term(self.skip_lines(skipped + 1), depth);
            value = value.plus(&more);
            self.steps += 1;
            self.charge(value.weight());
            next = behind;
            if self.steps >= MAX_STEPS {
                return (value, next);
            }
        }
    }

    fn skip_lines(&self, at: usize) -> usize {
        let is_blank =
            |i: &usize| matches!(self.lexeme(*i), Some(Lexeme::Line)) || self.word(*i) == Some("_");
        at + (at..).take_while(is_blank).count()
    }

    /// One operand with its calls, members and indices.
    fn term(&mut self, at: usize, depth: u32) -> (Value, usize) {
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps >= MAX_STEPS {
            return (Value::Unknown, at + 1);
        }
        let at = self.skip_lines(at);
        match self.lexeme(at) {
            Some(Lexeme::Text(text)) => {
                let value = Value::Text(text.as_str().into(), false);
                self.charge(value.weight());
                self.postfix(value, at + 1, depth, false)
            }
            Some(Lexeme::Number(n)) => (Value::Number(*n), at + 1),
            Some(Lexeme::Sign('[')) => {
                let list = self.arguments(at, ']', depth);
                self.postfix(Value::list(list.values), list.next, depth, false)
            }
            Some(Lexeme::Sign('(')) => {
                let (value, next) = self.expression(at + 1, depth + 1);
                let next = if self.is_sign(next, ')') { next + 1 } else { self.matching(at, ')') };
                self.postfix(value, next, depth, false)
            }
            Some(Lexeme::Sign('{')) => (self.object(at, depth), self.matching(at, '}')),
            Some(Lexeme::Word(_)) => self.chain(at, depth, false),
            _ => (Value::Unknown, at + 1),
        }
    }

    /// A name with what follows it.  Calls are noted if `is_noting`.
    fn chain(&mut self, at: usize, depth: u32, is_noting: bool) -> (Value, usize) {
        let Some(word) = self.word(at).map(str::to_owned) else { return (Value::Unknown, at + 1) };
        match word.as_str() {
            "new" | "await" | "void" | "typeof" | "return" | "Call" | "call" if !is_noting => {
                return self.term(at + 1, depth + 1);
            }
            "new" | "await" | "void" | "return" | "Set" | "set" | "var" | "let" | "const" | "function" => {
                return (Value::Unknown, at + 1);
            }
            _ => {}
        }
        let value = self.variables.get(&self.key(&word)).cloned().filter(|v| *v != Value::Unknown);
        self.postfix(value.unwrap_or_else(|| Value::name(word)), at + 1, depth, is_noting)
    }

    fn postfix(&mut self, value: Value, at: usize, depth: u32, is_noting: bool) -> (Value, usize) {
        let (mut value, mut at) = (value, at);
        // A method of a constant, until it is called.
        let mut method: Option<String> = None;
        for _ in 0..64 {
            match self.lexeme(at) {
                Some(Lexeme::Sign('?')) if self.is_sign(at + 1, '.') => at += 1,
                Some(Lexeme::Sign('.')) => {
                    let Some(name) = self.word(at + 1).map(str::to_owned) else { break };
                    (value, method) = member(value, &name);
                    at += 2;
                }
                Some(Lexeme::Sign('[')) if method.is_none() => {
                    let (index, next) = self.expression(at + 1, depth + 1);
                    self.charge(index.weight());
                    (value, method) = item(&value, &index);
                    at = if self.is_sign(next, ']') { next + 1 } else { self.matching(at, ']') };
                }
                Some(Lexeme::Sign('(')) => {
                    let arguments = self.arguments(at, ')', depth);
                    let next = arguments.next;
                    value = self.call(&value, method.take(), &arguments, at, is_noting);
                    at = next;
                }
                _ if depth == 0 && self.is_bare_call(&value, at) => {
                    let arguments = self.bare_arguments(at, depth);
                    let next = arguments.next;
                    return (self.call(&value, method.take(), &arguments, at, is_noting), next);
                }
                _ => break,
            }
        }
        (value, at)
    }

    /// `shell.Run "command", 0` without parentheses, as statements of VBScript are.
    ///
    /// Such a call is a whole statement: none stands in another, and nothing follows one.  Calls that are taken for
    /// arguments of each other would be read again from each name.
    fn is_bare_call(&self, value: &Value, at: usize) -> bool {
        self.language == Language::VbScript
            && matches!(value, Value::Name(name) if name.contains('.') || is_basic_statement(name))
            && matches!(self.lexeme(at), Some(Lexeme::Text(_) | Lexeme::Word(_) | Lexeme::Number(_)))
    }

    fn bare_arguments(&mut self, at: usize, depth: u32) -> Arguments {
        let mut values = Vec::new();
        let mut next = at;
        while values.len() < 16 {
            let (value, behind) = self.expression(next, depth + 1);
            values.push(value);
            next = behind;
            if !self.is_sign(next, ',') {
                break;
            }
            next += 1;
        }
        Arguments { values, next }
    }

    /// Values between brackets, separated by commas.
    fn arguments(&mut self, open: usize, close: char, depth: u32) -> Arguments {
        let mut values = Vec::new();
        let mut at = open + 1;
        while values.len() < MAX_ITEMS && self.steps < MAX_STEPS {
            at = self.skip_lines(at);
            if at >= self.tokens.len() || self.is_sign(at, close) {
                return Arguments { values, next: at + 1 };
            }
            let (value, next) = self.expression(at, depth + 1);
            let next = self.skip_lines(next);
            if self.is_sign(next, ',') || self.is_sign(next, close) {
                values.push(value);
                at = next;
            } else {
                // An operator or a function body: nothing is known of this one.
                values.push(Value::Unknown);
                at = self.end_of_item(at);
            }
            at += usize::from(self.is_sign(at, ','));
        }
        Arguments { values, next: self.matching(open, close) }
    }

    /// The comma or bracket that ends an item.
    fn end_of_item(&mut self, from: usize) -> usize {
        let mut depth = 0_u32;
        let mut at = from;
        while let Some(lexeme) = self.lexeme(at) {
            match lexeme {
                Lexeme::Sign('(' | '[' | '{') => depth += 1,
                Lexeme::Sign(')' | ']' | '}') if depth == 0 => break,
                Lexeme::Sign(')' | ']' | '}') => depth -= 1,
                Lexeme::Sign(',') if depth == 0 => break,
                _ => {}
            }
            at += 1;
        }
        self.steps += at - from;
        at
    }

    /// Behind the bracket that closes the one at `open`.
    fn matching(&mut self, open: usize, close: char) -> usize {
        let mut at = open + 1;
        loop {
            at = self.end_of_item(at);
            if at >= self.tokens.len()
                || self.is_sign(at, close)
                || !self.is_sign(at, ',')
                || self.steps >= MAX_STEPS
            {
                return at + 1;
            }
            at += 1;
        }
    }

    /// The entries of an object literal that are texts.
    fn object(&mut self, open: usize, depth: u32) -> Value {
        const MAX_ENTRIES: usize = 40;
        let mut entries = Vec::new();
        let mut at = open + 1;
        while entries.len() < MAX_ENTRIES && self.steps < MAX_STEPS {
            at = self.skip_lines(at);
            let key = match self.lexeme(at) {
                Some(Lexeme::Word(word)) => word.clone(),
                Some(Lexeme::Text(text)) => text.clone(),
                _ => break,
            };
            if self.is_sign(at + 1, ':') {
                let (value, _) = self.expression(at + 2, depth + 1);
                if let Some(text) = value.text() {
                    self.charge(text.len());
                    entries.push((key, text.to_string()));
                }
            }
            at = self.end_of_item(at);
            if !self.is_sign(at, ',') {
                break;
            }
            at += 1;
        }
        Value::Object(entries.into())
    }

    fn call(
        &mut self,
        callee: &Value,
        method: Option<String>,
        arguments: &Arguments,
        at: usize,
        is_noting: bool,
    ) -> Value {
        // What is read costs, too: a decoding that fails makes nothing.
        self.charge(callee.weight() + arguments.values.iter().map(Value::weight).sum::<usize>());
        if self.steps >= MAX_STEPS {
            return Value::Unknown;
        }
        if let Some(method) = method {
            let made = fold_method(callee, &method, &arguments.values).unwrap_or(Value::Unknown);
            self.charge(made.weight());
            return made;
        }
        let Value::Name(name) = callee else { return Value::Unknown };
        if is_noting {
            self.note(name, arguments, at);
        }
        match name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase().as_str() {
            "require" => match arguments.values.first().and_then(Value::text) {
                Some(module) => {
                    let module = module.trim_start_matches("node:").to_owned();
                    self.is_host |= module == "child_process";
                    Value::name(module)
                }
                None => Value::Unknown,
            },
            "createobject" | "activexobject" => match arguments.values.first().and_then(Value::text) {
                Some(class) => Value::name(class.to_ascii_lowercase()),
                None => Value::Unknown,
            },
            _ => {
                let made = fold_function(name, &arguments.values)
                    .unwrap_or_else(|| Value::name(format!("{}()", name.trim_end_matches("()"))));
                self.charge(made.weight());
                made
            }
        }
    }

    /// Counts bytes that were made or read as steps.
    fn charge(&mut self, bytes: usize) {
        self.steps += bytes / BYTES_PER_STEP;
    }

    fn note(&mut self, name: &str, arguments: &Arguments, at: usize) {
        let Some(mut step) = classify(name, &arguments.values, self.language, self.is_host) else { return };
        let offset = |at: usize| self.tokens.get(at).map(|t| t.offset);
        step.offset = offset(at).unwrap_or(0);
        step.end = offset(arguments.next.saturating_sub(1)).unwrap_or(step.offset);
        self.found.push(step);
    }
}

fn is_basic_statement(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "execute" | "executeglobal")
}

/// `value.name`: a longer name, or a method of a constant.
fn member(value: Value, name: &str) -> (Value, Option<String>) {
    match value {
        Value::Name(own) if own.len() < 200 => match own.as_str() {
            "window" | "globalThis" | "global" | "self" | "WSH" => (Value::name(name.to_owned()), None),
            _ => (Value::name(format!("{own}.{name}")), None),
        },
        Value::Name(_) | Value::Unknown => (Value::Unknown, None),
        constant => (constant, Some(name.to_owned())),
    }
}

/// `value[index]`: an element, or a member by its text.
fn item(value: &Value, index: &Value) -> (Value, Option<String>) {
    match (value, index) {
        (Value::List(items, _), Value::Number(n)) if *n >= 0.0 => {
            (items.get(*n as usize).cloned().unwrap_or(Value::Unknown), None)
        }
        (Value::Name(_) | Value::Text(..), Value::Text(name, _)) => member(value.clone(), name),
        _ => (Value::Unknown, None),
    }
}
