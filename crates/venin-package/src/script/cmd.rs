//! The Windows command processor: batch files and command lines.
//!
//! Carets, quotes, `%NAME%` and `!NAME!` with substrings, `set`, `if`, `for`, groups, redirections.

use super::command::{Dialect, Redirect, RedirectKind, program_name};
use super::reader::{Draft, Frame, Reader};

/// Longest name between percent signs.
const MAX_NAME: usize = 64;
/// Deepest nesting of groups followed.
const MAX_NESTING: u16 = 16;

/// Reads a text and gives the commands whose output it prints.
pub(crate) fn read_cmd(reader: &mut Reader, chars: &[char], frame: &Frame) -> Vec<usize> {
    let mut batch = Batch { reader, chars, pos: 0, line: 1 + frame.lines_before, frame, nesting: 0 };
    let mut outputs = Vec::new();
    while batch.pos < batch.chars.len() {
        outputs.extend(batch.list());
        batch.bump();
    }
    outputs
}

struct Batch<'r> {
    reader: &'r mut Reader,
    chars: &'r [char],
    pos: usize,
    line: u32,
    frame: &'r Frame,
    nesting: u16,
}

impl Batch<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.pos).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.pos + ahead).copied()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += 1;
        self.line += u32::from(c == '\n');
        Some(c)
    }

    /// Reads commands up to a closing bracket, which stays, or to the end.
    fn list(&mut self) -> Vec<usize> {
        let mut outputs: Vec<usize> = Vec::new();
        let mut piped = None;
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\n' | '@' | ';' | ',' => {
                    self.bump();
                }
                '&' => {
                    self.bump();
                }
                '|' => {
                    self.bump();
                    piped = if self.peek() == Some('|') { None } else { outputs.pop() };
                    if self.peek() == Some('|') {
                        self.bump();
                    }
                }
                '(' => {
                    self.bump();
                    if self.nesting < MAX_NESTING {
                        self.nesting += 1;
                        outputs.extend(self.list());
                        self.nesting -= 1;
                        self.bump();
                    }
                }
                ')' => return outputs,
                ':' => self.skip_line(),
                _ => outputs.extend(self.simple(piped.take())),
            }
        }
        outputs
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.bump();
        }
    }

    fn simple(&mut self, piped_from: Option<usize>) -> Option<usize> {
        let mut draft = Draft { start: self.pos, line: self.line, piped_from, ..Draft::default() };
        loop {
            while self.peek().is_some_and(|c| matches!(c, ' ' | '\t')) {
                self.bump();
            }
            let Some(c) = self.peek() else { break };
            match c {
                '\n' | '&' | '|' => break,
                ')' if self.nesting > 0 => break,
                '(' if is_control(&draft) => {
                    if !self.for_set(&mut draft) {
                        break;
                    }
                }
                '<' | '>' => self.redirect(&mut draft),
                c if c.is_ascii_digit() && matches!(self.peek_at(1), Some('<' | '>')) => {
                    self.bump();
                    self.redirect(&mut draft);
                }
                _ => {
                    let before = self.pos;
                    let word = self.word(&mut draft);
                    if self.pos == before {
                        self.bump();
                    } else {
                        draft.words.push(word);
                    }
                }
            }
            match draft.words.first().map(String::as_str) {
                Some(first) if first.eq_ignore_ascii_case("rem") => {
                    self.skip_line();
                    return None;
                }
                Some(first) if first.eq_ignore_ascii_case("set") && draft.words.len() == 1 => {
                    return self.set(draft);
                }
                _ => {}
            }
        }
        drop_condition(&mut draft.words);
        let source = self.chars.get(draft.start..self.pos).unwrap_or(&[]);
        self.reader.finish(draft, Dialect::Cmd, self.frame, source)
    }

    /// `set NAME=value`, `set "NAME=value"`, `set /a` and `set /p`, which give nothing known.
    fn set(&mut self, mut draft: Draft) -> Option<usize> {
        let mut text = String::new();
        while let Some(c) = self.peek().filter(|c| !matches!(c, '\n' | '&' | '|')) {
            match c {
                '^' => {
                    self.bump();
                    text.extend(self.bump());
                }
                '%' | '!' => self.variable(c, &mut draft, &mut text),
                ')' if self.nesting > 0 => break,
                c => {
                    text.push(c);
                    self.bump();
                }
            }
        }
        let text = text.trim().trim_matches('"');
        if let Some((name, value)) = text.split_once('=')
            && !name.starts_with('/')
        {
            let sources = std::mem::take(&mut draft.substitutes);
            self.reader.assign(&name.trim().to_lowercase(), value.to_owned(), &sources);
        }
        None
    }

    fn word(&mut self, draft: &mut Draft) -> String {
        let mut word = String::new();
        let mut is_quoted = false;
        while let Some(c) = self.peek() {
            match c {
                // Interpreters take `\"` for a quote of their own command line; the shell itself does not.
                '\\' if self.peek_at(1) == Some('"') && is_quoted && runs_interpreter(draft) => {
                    self.bump();
                    word.extend(self.bump());
                }
                '"' => {
                    is_quoted = !is_quoted;
                    self.bump();
                }
                '\n' => break,
                ' ' | '\t' | '&' | '|' | '<' | '>' if !is_quoted => break,
                ')' if !is_quoted && self.nesting > 0 => break,
                '^' if !is_quoted => {
                    self.bump();
                    word.extend(self.bump().filter(|c| *c != '\n'));
                }
                '%' | '!' => self.variable(c, draft, &mut word),
                c => {
                    word.push(c);
                    self.bump();
                }
            }
        }
        word
    }

    /// `%NAME%` or `!NAME!`, with an optional `:~offset,length`; unknown names stay as written.
    fn variable(&mut self, mark: char, draft: &mut Draft, word: &mut String) {
        let rest = self.chars.get(self.pos + 1..).unwrap_or(&[]);
        let end =
            rest.iter().take(MAX_NAME).position(|c| *c == mark || *c == '\n' || (*c == ' ' && mark == '!'));
        let inner: Option<String> =
            end.filter(|at| *at > 0 && rest.get(*at) == Some(&mark)).map(|at| rest.iter().take(at).collect());
        let known = inner.as_ref().and_then(|inner| {
            let (name, range) = inner.split_once(":~").unwrap_or((inner, ""));
            let text = self.reader.expand(&name.to_lowercase(), draft)?;
            Some(substring(&text, range))
        });
        match (inner, known) {
            (Some(inner), Some(text)) => {
                word.push_str(&text);
                self.pos += inner.chars().count() + 2;
            }
            (Some(inner), None) if !inner.contains(' ') => {
                word.extend([mark].into_iter().chain(inner.chars()).chain([mark]));
                self.pos += inner.chars().count() + 2;
            }
            _ => {
                word.push(mark);
                self.bump();
            }
        }
    }

    fn redirect(&mut self, draft: &mut Draft) {
        let operator = self.bump();
        let is_double = self.peek() == operator;
        if is_double {
            self.bump();
        }
        if self.peek() == Some('&') {
            self.bump();
            self.bump();
            return;
        }
        while self.peek().is_some_and(|c| matches!(c, ' ' | '\t')) {
            self.bump();
        }
        let path = self.word(draft);
        let kind = match (operator, is_double) {
            (Some('<'), _) => RedirectKind::Read,
            (_, true) => RedirectKind::Append,
            _ => RedirectKind::Write,
        };
        if !path.is_empty() && !path.eq_ignore_ascii_case("nul") {
            draft.redirects.push(Redirect { path, kind });
        }
    }

    /// The set of a `for`; a command in single quotes is read, and its output is what the body works on.
    /// Answers false at a bracket that opens a body.
    fn for_set(&mut self, draft: &mut Draft) -> bool {
        let is_set = draft.words.last().is_some_and(|w| w.eq_ignore_ascii_case("in"));
        if !is_set {
            return false;
        }
        self.bump();
        let mut inner = String::new();
        let mut is_quoted = false;
        while let Some(c) = self.bump() {
            match c {
                '\'' | '`' => is_quoted = !is_quoted,
                ')' if !is_quoted => break,
                c => inner.push(c),
            }
        }
        let variable = draft.words.iter().find(|w| w.starts_with('%')).cloned();
        let frame = Frame { depth: self.frame.depth + 1, ..self.frame.clone() };
        let outputs = self.reader.read_text(&inner, Dialect::Cmd, &frame);
        draft.add_sources(&outputs);
        if let Some(name) = variable {
            let text = self.reader.placeholder(&outputs);
            self.reader.assign(name.trim_start_matches('%'), text, &outputs);
        }
        true
    }
}

fn runs_interpreter(draft: &Draft) -> bool {
    draft.words.iter().take(8).any(|w| {
        matches!(
            program_name(w).as_str(),
            "powershell" | "pwsh" | "python" | "cmd" | "mshta" | "wmic" | "schtasks"
        )
    })
}

fn is_control(draft: &Draft) -> bool {
    let first = draft.words.first().map(|w| w.to_ascii_lowercase());
    matches!(first.as_deref(), Some("if" | "for" | "else" | "do"))
}

/// Takes `if [not] ...` and `for ... do` off the front, as well as `else`.
fn drop_condition(words: &mut Vec<String>) {
    const MAX_ROUNDS: usize = 8;
    for _ in 0..MAX_ROUNDS {
        let lower = |at: usize| words.get(at).map(|w| w.to_ascii_lowercase()).unwrap_or_default();
        let skip = match lower(0).as_str() {
            "else" => 1,
            "for" => match words.iter().position(|w| w.eq_ignore_ascii_case("do")) {
                Some(at) => at + 1,
                None => words.len(),
            },
            "if" => {
                let mut at = 1;
                while matches!(lower(at).as_str(), "not" | "/i") {
                    at += 1;
                }
                match lower(at).as_str() {
                    "exist" | "defined" | "errorlevel" => at + 2,
                    word if word.contains("==") => at + 1,
                    _ if lower(at + 1).starts_with("==") => at + 2 + usize::from(lower(at + 1) == "=="),
                    _ => at + 3,
                }
            }
            _ => return,
        };
        words.drain(..skip.min(words.len()));
    }
}

/// `offset,length`; a negative offset counts from the end.
fn substring(text: &str, range: &str) -> String {
    let (offset, length) = range.split_once(',').unwrap_or((range, ""));
    let total = text.chars().count();
    let offset: i64 = offset.trim().parse().unwrap_or(0);
    let start =
        if offset < 0 { total.saturating_sub(offset.unsigned_abs() as usize) } else { offset as usize };
    let length: i64 = length.trim().parse().unwrap_or(i64::MAX);
    let rest = total.saturating_sub(start);
    let count =
        if length < 0 { rest.saturating_sub(length.unsigned_abs() as usize) } else { length as usize };
    text.chars().skip(start).take(count).collect()
}
