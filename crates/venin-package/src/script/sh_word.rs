//! Words of POSIX shells: quotes, variables, substitutions.

use super::command::Dialect;
use super::decode::decode_escapes;
use super::reader::{Draft, Frame};
use super::sh::{FIELD_BREAK, Shell};

/// Deepest substitution followed.
const MAX_NESTING: u16 = 16;

/// Whether a word is inside double quotes, where the text of variables is not split.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Plain,
    Double,
}

impl Shell<'_> {
    /// Reads one word.  White space that unquoted variables bring in shows as [`FIELD_BREAK`].  What it takes from other commands goes to the draft's substitutes.
    pub(crate) fn word(&mut self, draft: &mut Draft) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\n' | ';' | '|' | ')' => break,
                '&' | '(' => break,
                '<' | '>' if self.peek_at(1) == Some('(') && word.is_empty() => {
                    self.bump();
                    self.bump();
                    word.push_str(&self.substitution(draft));
                }
                '<' | '>' => break,
                '\\' => {
                    self.bump();
                    word.extend(self.bump().filter(|c| *c != '\n'));
                }
                '\'' => self.single_quoted(&mut word),
                '"' => self.double_quoted(draft, &mut word),
                '`' => word.push_str(&self.backticks(draft)),
                '$' => self.dollar(Quoting::Plain, draft, &mut word),
                '⟨' => self.hole(&mut word),
                c => {
                    word.push(c);
                    self.bump();
                }
            }
        }
        word
    }

    /// What stands for an unknown part of the command, as one piece: the brackets in `⟨open().read()⟩` group nothing.
    fn hole(&mut self, word: &mut String) {
        let length = self.hole_length().unwrap_or(1);
        word.extend((0..length).filter_map(|_| self.bump()));
    }

    /// The length of the hole that opens here, if it closes on the same line.  Signs that were found to stay open are
    /// not looked at again, so that many of them cost no more than the line is long.
    fn hole_length(&mut self) -> Option<usize> {
        if self.unclosed_holes.binary_search(&self.pos).is_ok() {
            return None;
        }
        let mut opened = Vec::new();
        let rest = self.chars.get(self.pos..).unwrap_or(&[]).iter().enumerate();
        for (at, c) in rest.take_while(|(_, c)| **c != '\n') {
            match c {
                '⟨' => opened.push(self.pos + at),
                '⟩' => {
                    opened.pop();
                }
                _ => continue,
            }
            if opened.is_empty() {
                return Some(at + 1);
            }
        }
        self.unclosed_holes = opened;
        None
    }

    fn single_quoted(&mut self, word: &mut String) {
        self.bump();
        while let Some(c) = self.bump().filter(|c| *c != '\'') {
            word.push(c);
        }
    }

    fn double_quoted(&mut self, draft: &mut Draft, word: &mut String) {
        self.bump();
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.bump();
                    return;
                }
                '\\' => {
                    self.bump();
                    match self.bump() {
                        Some(c @ ('$' | '`' | '"' | '\\')) => word.push(c),
                        Some('\n') | None => {}
                        Some(c) => word.extend(['\\', c]),
                    }
                }
                '`' => word.push_str(&self.backticks(draft)),
                '$' => self.dollar(Quoting::Double, draft, word),
                c => {
                    word.push(c);
                    self.bump();
                }
            }
        }
    }

    /// Everything that starts with a dollar sign.
    fn dollar(&mut self, quoting: Quoting, draft: &mut Draft, word: &mut String) {
        self.bump();
        match self.peek() {
            Some('(') if self.peek_at(1) == Some('(') => {
                self.skip_arithmetic();
                word.push_str("⟨arithmetic⟩");
            }
            Some('(') => {
                self.bump();
                let text = self.substitution(draft);
                push_value(&text, quoting, word);
            }
            Some('{') => {
                let text = self.braced(draft);
                push_value(&text, quoting, word);
            }
            Some('\'') if quoting == Quoting::Plain => {
                let mut quoted = String::new();
                self.ansi_quoted(&mut quoted);
                word.push_str(&decode_escapes(&quoted));
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let mut name = String::new();
                while let Some(c) = self.peek().filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    name.push(c);
                    self.bump();
                }
                match self.reader.expand(&name, draft) {
                    Some(text) => push_value(&text, quoting, word),
                    None => word.extend(['$'].into_iter().chain(name.chars())),
                }
            }
            _ => word.push('$'),
        }
    }

    /// `$'...'` with its escapes still in it.
    fn ansi_quoted(&mut self, quoted: &mut String) {
        self.bump();
        while let Some(c) = self.bump().filter(|c| *c != '\'') {
            quoted.push(c);
            if c == '\\' {
                quoted.extend(self.bump());
            }
        }
    }

    /// The inside of `$(`, `<(` or `>(`, whose opening is consumed.
    fn substitution(&mut self, draft: &mut Draft) -> String {
        if self.nesting >= MAX_NESTING {
            self.reader.is_cut = true;
            return "⟨⟩".to_owned();
        }
        self.nesting += 1;
        let outputs = self.list(Some(')'));
        self.nesting -= 1;
        draft.add_sources(&outputs);
        self.reader.value_of(&outputs)
    }

    /// Text between backticks; a backslash protects a backtick inside.
    fn backticks(&mut self, draft: &mut Draft) -> String {
        self.bump();
        let lines_before = self.line.saturating_sub(1);
        let mut inner = String::new();
        while let Some(c) = self.bump().filter(|c| *c != '`') {
            match (c, self.peek()) {
                ('\\', Some(next @ ('`' | '$' | '\\'))) => {
                    self.bump();
                    inner.push(next);
                }
                _ => inner.push(c),
            }
        }
        let frame = Frame { depth: self.frame.depth + 1, lines_before, ..self.frame.clone() };
        let outputs = self.reader.read_text(&inner, Dialect::Sh, &frame);
        draft.add_sources(&outputs);
        self.reader.value_of(&outputs)
    }

    fn skip_arithmetic(&mut self) {
        let mut open = 0u32;
        while let Some(c) = self.bump() {
            match c {
                '(' => open += 1,
                ')' => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }

    /// `${NAME}`, `${NAME:-default}`, `${NAME:offset:length}`; other operators leave the variable's text as it is.
    fn braced(&mut self, draft: &mut Draft) -> String {
        const MAX_NAME: usize = 512;
        self.bump();
        let mut inner = String::new();
        let mut open = 1u32;
        while let Some(c) = self.bump() {
            match c {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            if open == 0 || inner.len() > MAX_NAME {
                break;
            }
            inner.push(c);
        }
        let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
        let (name, operator) = inner.split_at_checked(end).unwrap_or((&inner, ""));
        let known = self.reader.expand(name, draft);
        match (known, operator.strip_prefix(":-")) {
            (Some(text), _) => match operator.strip_prefix(':') {
                Some(range) => slice(&text, range).unwrap_or(text),
                None => text,
            },
            (None, Some(default)) => default.to_owned(),
            (None, None) => format!("${{{inner}}}"),
        }
    }
}

/// Adds the text of a variable or substitution; outside quotes its white space separates words.
fn push_value(text: &str, quoting: Quoting, word: &mut String) {
    let separate = |c: char| if c.is_whitespace() && quoting == Quoting::Plain { FIELD_BREAK } else { c };
    word.extend(text.chars().map(separate));
}

/// `offset:length` or `offset`, both from 0.
fn slice(text: &str, range: &str) -> Option<String> {
    let (offset, length) = range.split_once(':').unwrap_or((range, ""));
    let offset: usize = offset.trim().parse().ok()?;
    let length: usize = if length.is_empty() { usize::MAX } else { length.trim().parse().ok()? };
    Some(text.chars().skip(offset).take(length).collect())
}
