//! What is known of the expressions of a source: literals, texts under a name, and what is put together of them.

use rustc_hash::FxHashMap;

use super::brackets::{closing, split};
use super::budget::Budget;
use super::lex::{Token, TokenKind};

/// Most texts that are kept under names.
const MAX_NAMES: usize = 5_000;
/// Longest text that is put together, in bytes.
const MAX_TEXT: usize = 64 << 10;
/// Most macros that stand in one another.
const MAX_MACROS: usize = 8;
/// Most tokens of the arguments of one call.
const MAX_ARGUMENTS: usize = 20_000;
/// What stands for a part that is not known.
pub(super) const HOLE: &str = "⟨?⟩";

/// The texts that a source gives names: constants, arrays of words, buffers that are formatted.
#[derive(Debug)]
pub(super) struct Names<'b> {
    texts: FxHashMap<String, Vec<String>>,
    budget: &'b Budget,
}

impl<'b> Names<'b> {
    /// Reads what the source names anywhere; a later value of a name takes the place of an earlier one.
    pub(super) fn of(tokens: &[Token], budget: &'b Budget) -> Self {
        let mut names = Self { texts: FxHashMap::default(), budget };
        for at in 0..tokens.len() {
            names.note_assignment(tokens, at);
            names.note_copy(tokens, at);
        }
        budget.refill_bytes();
        names
    }

    /// A copy of the words under a name, within the budget: many names may hold the same long texts.
    pub(super) fn copied_words(&self, name: &str) -> Option<Vec<String>> {
        let words = self.words(name)?;
        self.budget.take_bytes(words.iter().map(String::len).sum()).then(|| words.to_vec())
    }

    /// The words under a name.
    pub(super) fn words(&self, name: &str) -> Option<&[String]> {
        self.texts.get(name).map(Vec::as_slice)
    }

    /// A text that goes into another one, or a hole when the budget has no room for it.
    fn paid<'t>(&self, text: &'t str) -> &'t str {
        if self.budget.take_bytes(text.len()) { text } else { HOLE }
    }

    fn put(&mut self, name: &str, words: Vec<String>) {
        if words.iter().any(|word| is_known(word)) && self.texts.len() < MAX_NAMES {
            self.texts.insert(name.to_owned(), words);
        }
    }

    /// `name = "text"`, `name[] = {"a", "b"}`, `const NAME: &str = "text"`.
    fn note_assignment(&mut self, tokens: &[Token], equals: usize) {
        let is_mark = |at: usize| tokens.get(at).is_some_and(|t| t.is('='));
        if !is_mark(equals) || is_mark(equals + 1) || self.budget.is_spent() {
            return;
        }
        let before = tokens.get(equals.saturating_sub(12)..equals).unwrap_or_default();
        let edge = before.iter().rposition(|t| t.is(';') || t.is('{') || t.is('}')).map_or(0, |n| n + 1);
        let declared = before.get(edge..).unwrap_or_default();
        // The type stands before the name in C, and behind a colon in Rust.
        let typed = declared.iter().position(|t| t.is(':') || t.is('['));
        let head = declared.get(..typed.unwrap_or(declared.len())).unwrap_or_default();
        let Some(name) = head.iter().rev().find_map(Token::word) else { return };
        let behind = tokens.get(equals + 1..).unwrap_or_default();
        let behind = behind.get(..behind.len().min(4_000)).unwrap_or_default();
        let end = behind.iter().position(|t| t.is(';')).unwrap_or(behind.len());
        let value = behind.get(..end).filter(|_| self.budget.take(end)).unwrap_or_default();
        let words = match value {
            [open, inner @ .., close] if open.is('{') && close.is('}') => self.list(inner),
            [and, open, inner @ .., close] if and.is('&') && open.is('[') && close.is(']') => {
                self.list(inner)
            }
            [open, inner @ .., close] if open.is('[') && close.is(']') => self.list(inner),
            _ => vec![self.text_of(value)],
        };
        self.put(name, words);
    }

    /// `snprintf(name, n, "…", …)`, `strcpy(name, "…")`, `strcat(name, "…")`.
    fn note_copy(&mut self, tokens: &[Token], at: usize) {
        let Some(function) = tokens.get(at).and_then(Token::word) else { return };
        let skipped = match function {
            "snprintf" | "_snprintf" | "sprintf" | "swprintf" | "strcpy" | "strcat" | "strncpy"
            | "strncat" | "strlcpy" | "strlcat" | "asprintf" => 1,
            _ => return,
        };
        let arguments = self.arguments_at(tokens, at + 1);
        let Some(name) = arguments.first().and_then(|a| a.iter().rev().find_map(Token::word)) else { return };
        let values = arguments.get(skipped..).unwrap_or_default();
        let format = values.iter().position(|a| is_known(&self.text_of(a)));
        let Some((format, rest)) = format.and_then(|n| Some((values.get(n)?, values.get(n + 1..)?))) else {
            return;
        };
        let rest: Vec<String> = rest.iter().map(|a| self.text_of(a)).collect();
        let text = if function.ends_with("printf") || function == "swprintf" {
            fill_percent(&self.text_of(format), &rest)
        } else {
            self.text_of(format)
        };
        let text = match self.words(name) {
            Some([before]) if function.contains("cat") => {
                // What stands in a buffer is copied each time that something is added to it.
                if !self.budget.take_bytes(before.len()) {
                    return;
                }
                format!("{before}{text}")
            }
            _ => text,
        };
        self.put(name, vec![cut(text)]);
    }

    /// The elements of a list.
    pub(super) fn list(&self, tokens: &[Token]) -> Vec<String> {
        let parts = split(tokens).into_iter().filter(|part| !part.is_empty());
        let is_end =
            |part: &[Token]| matches!(part, [only] if matches!(only.word(), Some("NULL" | "nullptr" | "0")));
        parts.filter(|part| !is_end(part)).take(64).map(|part| self.text_of(part)).collect()
    }

    /// The text of an expression, with holes.
    pub(super) fn text_of(&self, tokens: &[Token]) -> String {
        self.text_within(tokens, MAX_MACROS)
    }

    /// The text of an expression in which so many macros may nest.
    fn text_within(&self, tokens: &[Token], macros: usize) -> String {
        if !self.budget.take(tokens.len()) {
            return HOLE.to_owned();
        }
        if let Some(text) = macros.checked_sub(1).and_then(|inner| self.macro_text(tokens, inner)) {
            return text;
        }
        let mut text = String::new();
        let mut depth = 0_usize;
        for (at, token) in tokens.iter().enumerate() {
            match &token.kind {
                TokenKind::Text(part) => text.push_str(self.paid(beginning(part))),
                TokenKind::Mark('(' | '[') => depth += 1,
                TokenKind::Mark(')' | ']') => depth = depth.saturating_sub(1),
                TokenKind::Word(word) => {
                    let is_method = at > 0 && tokens.get(at - 1).is_some_and(|t| t.is('.') || t.is(':'));
                    match self.words(word) {
                        Some([only]) if !is_method => text.push_str(self.paid(only)),
                        _ if is_neutral(word) || is_method || depth > 1 => {}
                        _ => text.push_str(HOLE),
                    }
                }
                TokenKind::Mark(_) => {}
            }
            if text.len() > MAX_TEXT {
                break;
            }
        }
        if text.is_empty() { HOLE.to_owned() } else { cut(text) }
    }

    /// `format!("…{}…", a)`, `concat!("a", "b")`.
    fn macro_text(&self, tokens: &[Token], macros: usize) -> Option<String> {
        let at = tokens.iter().position(|t| matches!(t.word(), Some("format" | "concat")))?;
        if !tokens.get(at + 1).is_some_and(|t| t.is('!')) {
            return None;
        }
        let arguments = self.arguments_at(tokens, at + 2);
        let texts: Vec<String> = arguments.iter().map(|a| self.text_within(a, macros)).collect();
        if tokens.get(at)?.word() == Some("concat") {
            return Some(cut(texts.concat()));
        }
        let (format, rest) = texts.split_first()?;
        Some(cut(self.fill_braces(format, rest)))
    }

    /// The expressions between the parentheses that open at `open`.
    pub(super) fn arguments_at<'t>(&self, tokens: &'t [Token], open: usize) -> Vec<&'t [Token]> {
        self.inside(tokens, open).map(split).unwrap_or_default()
    }

    /// What stands between a bracket and the one that closes it, if that is not too far.
    pub(super) fn inside<'t>(&self, tokens: &'t [Token], open: usize) -> Option<&'t [Token]> {
        if self.budget.is_spent() {
            return None;
        }
        let tokens = tokens.get(..tokens.len().min(open.saturating_add(MAX_ARGUMENTS)))?;
        let end = closing(tokens, open);
        let looks = end.unwrap_or(tokens.len()).saturating_sub(open);
        if !self.budget.take(looks) {
            return None;
        }
        tokens.get(open + 1..end?)
    }

    fn fill_braces(&self, format: &str, rest: &[String]) -> String {
        let mut out = String::new();
        let mut rest = rest.iter();
        let mut open = format;
        while let Some((before, behind)) = open.split_once('{').filter(|_| out.len() <= MAX_TEXT) {
            out.push_str(before);
            let Some((inner, after)) = behind.split_once('}') else { break };
            let name = inner.split(':').next().unwrap_or("");
            let part = if name.is_empty() { rest.next().map(String::as_str) } else { None };
            let named = self.words(name).and_then(|words| words.first()).map(String::as_str);
            out.push_str(part.or(named).map_or(HOLE, |text| self.paid(text)));
            open = after;
        }
        out.push_str(open);
        out
    }
}

/// Whether there is more in a text than holes.
fn is_known(text: &str) -> bool {
    !text.replace(HOLE, "").is_empty()
}

/// Words that say nothing of a text: conversions, casts, prefixes of names.
fn is_neutral(word: &str) -> bool {
    matches!(
        word,
        "const"
            | "char"
            | "void"
            | "std"
            | "string"
            | "String"
            | "from"
            | "to_string"
            | "to_owned"
            | "c_str"
            | "into"
            | "str"
            | "TEXT"
            | "_T"
            | "LPCSTR"
            | "wchar_t"
            | "unsigned"
            | "static"
            | "mut"
            | "vec"
    )
}

/// A format of C with what it is given; numbers that are not known are holes.
fn fill_percent(format: &str, given: &[String]) -> String {
    let mut out = String::new();
    let mut given = given.iter();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if chars.peek() == Some(&'%') {
            chars.next();
            out.push('%');
            continue;
        }
        while chars.next().is_some_and(|c| !c.is_ascii_alphabetic() || matches!(c, 'l' | 'h' | 'z')) {}
        out.push_str(given.next().map_or(HOLE, String::as_str));
    }
    out
}

fn cut(mut text: String) -> String {
    text.truncate(beginning(&text).len());
    text
}

/// As much of a text as is kept.
fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or(text)
}
