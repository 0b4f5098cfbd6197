//! PowerShell: statements, pipelines, assignments, blocks.
//!
//! Values (strings, groups, method calls) are read in `powershell_value`.  Blocks are flattened: the body of an
//! `if` or of a function follows in place, since it may run.

use super::command::{Dialect, Redirect, RedirectKind};
use super::powershell_value::fold_operators;
use super::reader::{Draft, Frame, Reader};
use crate::path::lists;

/// Deepest nesting of groups and blocks followed; deeper brackets are skipped.
pub(crate) const MAX_NESTING: u16 = 16;

/// Reads a text and gives the commands whose output it prints.
pub(crate) fn read_powershell(reader: &mut Reader, chars: &[char], frame: &Frame) -> Vec<usize> {
    let mut shell = PowerShell { reader, chars, pos: 0, line: 1 + frame.lines_before, frame, nesting: 0 };
    shell.list(None).outputs
}

/// What a statement gives: the commands whose output it is, or a literal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub outputs: Vec<usize>,
    pub literal: Option<String>,
}

/// The reader of one text.
pub(crate) struct PowerShell<'r> {
    pub(crate) reader: &'r mut Reader,
    pub(crate) chars: &'r [char],
    pub(crate) pos: usize,
    pub(crate) line: u32,
    pub(crate) frame: &'r Frame,
    pub(crate) nesting: u16,
}

impl PowerShell<'_> {
    pub(crate) fn peek(&self) -> Option<char> {
        self.chars.get(self.pos).copied()
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.pos + ahead).copied()
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += 1;
        self.line += u32::from(c == '\n');
        Some(c)
    }

    pub(crate) fn skip_blanks(&mut self) {
        loop {
            match (self.peek(), self.peek_at(1)) {
                (Some(' ' | '\t'), _) => {
                    self.bump();
                }
                (Some('`'), Some('\n')) => {
                    self.bump();
                    self.bump();
                }
                _ => return,
            }
        }
    }

    /// Reads statements up to the closing bracket of a group, which is consumed, or to the end.
    pub(crate) fn list(&mut self, close: Option<char>) -> Outcome {
        let mut outcome = Outcome::default();
        let mut statements = 0;
        while let Some(c) = self.peek() {
            match c {
                c if Some(c) == close => {
                    self.bump();
                    break;
                }
                '#' => self.skip_comment(),
                '<' if self.peek_at(1) == Some('#') => self.skip_block_comment(),
                '{' if self.nesting < MAX_NESTING => {
                    self.bump();
                    self.nesting += 1;
                    outcome.outputs.extend(self.list(Some('}')).outputs);
                    self.nesting -= 1;
                }
                ' ' | '\t' | '\n' | ';' | ',' | '{' | '}' | ')' | '|' => {
                    self.bump();
                }
                _ => {
                    let before = self.pos;
                    let one = self.statement();
                    statements += 1;
                    outcome.outputs.extend(one.outputs);
                    outcome.literal = one.literal.filter(|_| statements == 1);
                    if self.pos == before {
                        self.bump();
                    }
                }
            }
        }
        outcome
    }

    fn skip_comment(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.bump();
        }
    }

    fn skip_block_comment(&mut self) {
        while let Some(c) = self.bump() {
            if c == '#' && self.peek() == Some('>') {
                self.bump();
                return;
            }
        }
    }

    /// A pipeline.
    pub(crate) fn statement(&mut self) -> Outcome {
        let mut outcome = self.simple(None);
        loop {
            self.skip_blanks();
            if self.peek() != Some('|') || self.peek_at(1) == Some('|') {
                return outcome;
            }
            self.bump();
            while self.peek().is_some_and(char::is_whitespace) {
                self.bump();
            }
            outcome = self.simple(Some(outcome));
        }
    }

    /// One command or expression.
    fn simple(&mut self, piped: Option<Outcome>) -> Outcome {
        let mut draft = Draft { start: self.pos, line: self.line, ..Draft::default() };
        self.take_pipe(piped, &mut draft);
        let is_call = self.call_operator();
        self.skip_blanks();
        let before = self.pos;
        let first = self.token(&mut draft);
        if self.pos == before {
            self.bump();
            return Outcome::default();
        }
        if self.assignment_operator() {
            while self.peek().is_some_and(char::is_whitespace) {
                self.bump();
            }
            let value = self.statement();
            // A property or the entry of a hash table: what it holds goes on with the table.
            let Some(name) = &first.variable else { return Outcome { literal: None, ..value } };
            let text = value.literal.clone().unwrap_or_else(|| self.reader.placeholder(&value.outputs));
            self.reader.assign(name, text, &value.outputs);
            return Outcome::default();
        }
        if is_keyword(&first.text) && !first.is_value {
            if first.text.eq_ignore_ascii_case("function") {
                self.function();
                return Outcome::default();
            }
            return Outcome { outputs: draft.substitutes, literal: None };
        }
        let is_operand = is_operand(&first.text);
        draft.words.push(first.text);
        self.rest(&mut draft);
        let is_expression = (first.is_value || is_operand) && !is_call;
        if is_expression {
            let literal = fold_operators(&draft.words).filter(|text| !text.contains('⟨'));
            let mut outputs = draft.substitutes;
            outputs.extend(draft.piped_from);
            return Outcome { outputs, literal };
        }
        let source = self.chars.get(draft.start..self.pos).unwrap_or(&[]);
        let index = self.reader.finish(draft, Dialect::PowerShell, self.frame, source);
        Outcome { outputs: index.into_iter().collect(), literal: None }
    }

    /// The name, parameters and body of a function; what its body prints, a call prints.
    fn function(&mut self) {
        self.skip_blanks();
        let mut ignored = Draft::default();
        let name = self.token(&mut ignored).text;
        self.skip_blanks();
        if self.peek() == Some('(') {
            self.token(&mut ignored);
        }
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
        self.reader.define(&name, &[]);
        if self.peek() == Some('{') && self.nesting < MAX_NESTING {
            self.bump();
            self.nesting += 1;
            let outputs = self.list(Some('}')).outputs;
            self.nesting -= 1;
            self.reader.define(&name, &outputs);
        }
    }

    /// What is piped in: the last command, and the others as parts; a literal becomes a command that prints it.
    fn take_pipe(&mut self, piped: Option<Outcome>, draft: &mut Draft) {
        let Some(mut piped) = piped else { return };
        if let Some(text) = piped.literal.filter(|_| piped.outputs.is_empty()) {
            let source: Vec<char> = text.chars().take(240).collect();
            let words = vec!["write-output".to_owned(), text];
            let literal = Draft { words, start: draft.start, line: draft.line, ..Draft::default() };
            piped.outputs.extend(self.reader.finish(literal, Dialect::PowerShell, self.frame, &source));
        }
        draft.piped_from = piped.outputs.pop();
        draft.add_sources(&piped.outputs);
    }

    /// `& value` and `. value` run what the value names.
    fn call_operator(&mut self) -> bool {
        let is_call = match (self.peek(), self.peek_at(1)) {
            (Some('&'), _) => true,
            (Some('.'), Some(next)) => matches!(next, ' ' | '(' | '"' | '\'' | '$'),
            _ => false,
        };
        if is_call {
            self.bump();
        }
        is_call
    }

    fn assignment_operator(&mut self) -> bool {
        self.skip_blanks();
        match (self.peek(), self.peek_at(1)) {
            (Some('='), Some('=')) => false,
            (Some('='), _) => {
                self.bump();
                true
            }
            (Some('+'), Some('=')) => {
                self.bump();
                self.bump();
                true
            }
            _ => false,
        }
    }

    /// The words behind the first, up to the end of the command.
    fn rest(&mut self, draft: &mut Draft) {
        loop {
            self.skip_blanks();
            while self.peek() == Some(',') {
                self.bump();
                while self.peek().is_some_and(char::is_whitespace) {
                    self.bump();
                }
            }
            let Some(c) = self.peek() else { return };
            match c {
                '\n' | ';' | '|' | ')' | '}' => return,
                '&' if self.peek_at(1) == Some('&') => {
                    self.bump();
                    self.bump();
                    return;
                }
                '>' => self.redirect(draft),
                _ => {
                    let before = self.pos;
                    let token = self.token(draft);
                    if self.pos == before {
                        self.bump();
                    } else {
                        draft.words.push(token.text);
                    }
                }
            }
        }
    }

    fn redirect(&mut self, draft: &mut Draft) {
        self.bump();
        let kind = if self.peek() == Some('>') { RedirectKind::Append } else { RedirectKind::Write };
        while self.peek() == Some('>') {
            self.bump();
        }
        if self.peek() == Some('&') {
            self.bump();
            self.bump();
            return;
        }
        self.skip_blanks();
        let target = self.token(draft).text;
        if !target.is_empty() && !target.eq_ignore_ascii_case("$null") {
            draft.redirects.push(Redirect { path: target, kind });
        }
    }
}

/// A number or an operator, which starts an expression.
fn is_operand(word: &str) -> bool {
    word.starts_with(['-', '!']) || word.chars().all(|c| c.is_ascii_digit() || c == '.')
}

fn is_keyword(word: &str) -> bool {
    const KEYWORDS: &str = "if elseif else while for foreach do until switch try catch finally function filter param return \
        throw begin process end in break continue exit class using";
    lists(KEYWORDS, &word.to_ascii_lowercase())
}
