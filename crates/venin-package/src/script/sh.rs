//! POSIX shells: lists, pipelines, groups, redirections, here-documents.
//!
//! Words are read in `sh_word`, and the labels of `case` in `sh_case`.  Control flow is flattened: both branches of an `if` and the body of a loop follow
//! each other, since any of them may run.

use super::command::{Dialect, Redirect, RedirectKind};
use super::reader::{Draft, Frame, Reader};
use super::wrapper::is_variable_name;

/// Deepest nesting of groups and substitutions followed; deeper brackets are skipped.
const MAX_NESTING: u16 = 16;

/// Reads a text and gives the commands whose output it prints.
pub(crate) fn read_sh(reader: &mut Reader, chars: &[char], frame: &Frame) -> Vec<usize> {
    let mut shell = Shell {
        reader,
        chars,
        pos: 0,
        line: 1 + frame.lines_before,
        frame,
        nesting: 0,
        open_cases: 0,
        function: None,
        here_documents: Vec::new(),
        unclosed_holes: Vec::new(),
    };
    let mut outputs = Vec::new();
    while shell.pos < shell.chars.len() {
        outputs.extend(shell.list(None));
        // An unmatched bracket ends a list early; whatever follows is read all the same.
        shell.bump();
    }
    outputs
}

/// A here-document whose body has not come yet.
struct HereDocument {
    delimiter: String,
    is_indented: bool,
    command: usize,
}

/// The reader of one text.
pub(crate) struct Shell<'r> {
    pub(crate) reader: &'r mut Reader,
    pub(crate) chars: &'r [char],
    pub(crate) pos: usize,
    pub(crate) line: u32,
    pub(crate) frame: &'r Frame,
    pub(crate) nesting: u16,
    /// How many `case` are in course.
    pub(super) open_cases: u32,
    /// The function whose body comes next.
    function: Option<String>,
    here_documents: Vec<HereDocument>,
    /// Places of the line where a hole begins that does not end on it, ascending.
    pub(crate) unclosed_holes: Vec<usize>,
}

impl<'r> Shell<'r> {
    pub(crate) fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.pos + ahead).copied()
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += 1;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    pub(crate) fn source(&self, start: usize) -> &'r [char] {
        self.chars.get(start..self.pos.min(self.chars.len())).unwrap_or(&[])
    }

    /// Reads commands up to an unmatched closing bracket (which stays), or to the end.  `close` is the bracket of
    /// the group, which is consumed.
    pub(crate) fn list(&mut self, close: Option<char>) -> Vec<usize> {
        let mut outputs: Vec<usize> = Vec::new();
        let mut piped: Vec<usize> = Vec::new();
        let mut last: Vec<usize> = Vec::new();
        while let Some(c) = self.peek() {
            match c {
                c if Some(c) == close => {
                    self.bump();
                    return outputs;
                }
                ' ' | '\t' => self.skip(1),
                '\n' => self.end_line(),
                ';' if self.next_branch() => {}
                ';' => self.skip(1),
                '#' => self.skip_comment(),
                '&' if self.peek_at(1) == Some('&') => self.skip(2),
                '&' if self.peek_at(1) != Some('>') => {
                    self.mark_background(outputs.last().copied());
                    self.skip(1);
                }
                '|' if self.peek_at(1) == Some('|') => self.skip(2),
                '|' => {
                    self.skip(1 + usize::from(self.peek_at(1) == Some('&')));
                    outputs.truncate(outputs.len() - last.len().min(outputs.len()));
                    piped = std::mem::take(&mut last);
                }
                '(' if self.nesting < MAX_NESTING => {
                    last = self.group(')');
                    outputs.extend(&last);
                }
                '{' if self.nesting < MAX_NESTING && self.peek_at(1).is_none_or(char::is_whitespace) => {
                    last = self.group('}');
                    outputs.extend(&last);
                }
                '(' => self.skip(1),
                ')' => return outputs,
                _ => {
                    last = self.simple(&std::mem::take(&mut piped)).into_iter().collect();
                    outputs.extend(&last);
                }
            }
        }
        outputs
    }

    /// A group, or the body of the function that was just named, which prints nothing until it is called.
    fn group(&mut self, close: char) -> Vec<usize> {
        self.skip(1);
        let function = self.function.take();
        self.nesting += 1;
        let inner = self.list(Some(close));
        self.nesting -= 1;
        match function {
            Some(name) => {
                self.reader.define(&name, &inner);
                Vec::new()
            }
            None => inner,
        }
    }

    pub(super) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.bump();
        }
    }

    pub(super) fn skip_comment(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.bump();
        }
    }

    fn mark_background(&mut self, command: Option<usize>) {
        if let Some(command) = command.and_then(|at| self.reader.commands.get_mut(at)) {
            command.placement = super::Placement::Background;
        }
    }

    /// Reads one simple command.  Answers its index, or whose output an assignment holds (nothing is printed then).
    fn simple(&mut self, piped: &[usize]) -> Option<usize> {
        let mut draft = Draft { start: self.pos, line: self.line, ..Draft::default() };
        if let Some((last, others)) = piped.split_last() {
            draft.piped_from = Some(*last);
            draft.add_sources(others);
        }
        let mut documents = Vec::new();
        loop {
            self.skip_blanks();
            let Some(c) = self.peek() else { break };
            match c {
                '\n' | ';' | '|' => break,
                '&' if self.peek_at(1) != Some('>') => break,
                ')' => break,
                '(' if self.peek_at(1) == Some(')') => {
                    // `name()` starts a function.
                    self.skip(2);
                    let name = draft.words.pop();
                    self.announce(name);
                    draft.words.clear();
                }
                '(' => break,
                '#' => self.skip_comment(),
                '<' | '>' | '&' if !self.is_process_substitution() => {
                    self.redirect(&mut draft, &mut documents);
                }
                c if c.is_ascii_digit() && matches!(self.peek_at(1), Some('<' | '>')) => {
                    self.bump();
                    self.redirect(&mut draft, &mut documents);
                }
                _ => self.take_word(&mut draft),
            }
            if self.function.is_some() {
                break;
            }
        }
        let source = self.source(draft.start);
        let index = self.reader.finish(draft, Dialect::Sh, self.frame, source);
        if let Some(command) = index {
            let own = documents.into_iter().map(|(delimiter, is_indented)| HereDocument {
                delimiter,
                is_indented,
                command,
            });
            self.here_documents.extend(own);
        }
        index
    }

    /// A word in a place where the shell does not split.
    fn plain_word(&mut self, draft: &mut Draft) -> String {
        self.word(draft).replace(FIELD_BREAK, " ")
    }

    /// A function's name: its body is the next group.
    fn announce(&mut self, name: Option<String>) {
        if let Some(name) = name {
            self.reader.define(&name, &[]);
            self.function = Some(name);
        }
    }

    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => self.skip(1),
                Some('\\') if self.peek_at(1) == Some('\n') => self.skip(2),
                _ => return,
            }
        }
    }

    fn is_process_substitution(&self) -> bool {
        self.peek_at(1) == Some('(') && matches!(self.peek(), Some('<' | '>'))
    }

    /// Reads a word and files it: assignment, keyword, or word of the command.
    fn take_word(&mut self, draft: &mut Draft) {
        let before = self.pos;
        let sources_before = draft.substitutes.len();
        let word = self.word(draft);
        if self.pos == before {
            self.bump();
            return;
        }
        if !draft.words.is_empty() {
            draft.words.extend(split_fields(&word));
            return;
        }
        let raw = self.source(before);
        if let Some((name, value)) = split_assignment(raw, &word) {
            let sources = draft.substitutes.get(sources_before..).unwrap_or(&[]).to_vec();
            let value = match self.peek() {
                Some('(') if value.is_empty() => self.array(draft),
                _ => value.replace(FIELD_BREAK, " "),
            };
            self.reader.assign(&name, value.clone(), &sources);
            draft.assignments.push((name, value));
        } else {
            let mut fields = split_fields(&word).into_iter();
            if let Some(first) = fields.next() {
                self.take_first_word(first, draft);
            }
            draft.words.extend(fields);
        }
    }

    /// The words of `name=(one two)`, which are values and no commands.
    fn array(&mut self, draft: &mut Draft) -> String {
        self.skip(1);
        let mut words = Vec::new();
        while let Some(c) = self.peek() {
            let before = self.pos;
            match c {
                ')' => {
                    self.skip(1);
                    break;
                }
                '#' => self.skip_comment(),
                c if c.is_whitespace() => self.skip(1),
                _ => words.push(self.plain_word(draft)),
            }
            if self.pos == before {
                self.bump();
            }
        }
        words.join(" ")
    }

    fn take_first_word(&mut self, word: String, draft: &mut Draft) {
        match word.as_str() {
            "if" | "then" | "elif" | "else" | "fi" | "do" | "done" | "while" | "until" | "!" | "{" | "}"
            | "time" => {}
            "function" => {
                self.skip_blanks();
                let name = self.plain_word(draft);
                self.skip_blanks();
                if self.peek() == Some('(') && self.peek_at(1) == Some(')') {
                    self.skip(2);
                }
                self.announce(Some(name));
            }
            "for" | "select" => self.loop_header(draft),
            "case" => {
                self.case_header();
                // The command is the first one of the first branch.
                (draft.start, draft.line) = (self.pos, self.line);
            }
            "esac" => self.open_cases = self.open_cases.saturating_sub(1),
            "export" | "local" | "readonly" | "declare" | "typeset" => {}
            _ => draft.words.push(word),
        }
    }

    /// `for name in words`: the variable holds the first word from here on.
    fn loop_header(&mut self, draft: &mut Draft) {
        self.skip_blanks();
        let name = self.plain_word(draft);
        self.skip_blanks();
        let mut words = Vec::new();
        while self.peek().is_some_and(|c| !matches!(c, ';' | '\n' | '&' | '|' | ')' | '(' | '<' | '>')) {
            words.extend(split_fields(&self.word(draft)));
            self.skip_blanks();
        }
        if let Some(first) = words.get(1) {
            let sources = draft.substitutes.clone();
            self.reader.assign(&name, first.clone(), &sources);
        }
    }

    fn redirect(&mut self, draft: &mut Draft, documents: &mut Vec<(String, bool)>) {
        let mut operator = String::new();
        while operator.len() < 3
            && let Some(c) = self.peek().filter(|c| matches!(c, '<' | '>' | '&'))
        {
            operator.push(c);
            self.bump();
        }
        if operator.starts_with('>') && self.peek() == Some('|') {
            self.bump();
        }
        let is_indented = operator == "<<" && self.peek() == Some('-');
        if is_indented {
            self.bump();
        }
        self.skip_blanks();
        let target = self.plain_word(draft);
        let kind = match operator.as_str() {
            "<<<" => {
                draft.input_text = Some(target);
                return;
            }
            "<<" => {
                documents.push((target, is_indented));
                return;
            }
            "<" => RedirectKind::Read,
            "<>" => RedirectKind::ReadWrite,
            ">>" | "&>>" => RedirectKind::Append,
            // `2>&1` and `>&-` copy or close a descriptor.
            ">&" | "<&" if target.chars().all(|c| c.is_ascii_digit() || c == '-') => return,
            _ => RedirectKind::Write,
        };
        if !target.is_empty() {
            draft.redirects.push(Redirect { path: target, kind });
        }
    }

    /// Consumes a line feed and the bodies of the here-documents that the line announced.
    pub(super) fn end_line(&mut self) {
        self.bump();
        for document in std::mem::take(&mut self.here_documents) {
            let body = self.here_document_body(&document);
            if let Some(command) = self.reader.commands.get_mut(document.command) {
                command.input_text = Some(body);
            }
            self.reader.read_nested(document.command, self.frame);
        }
    }

    fn here_document_body(&mut self, document: &HereDocument) -> String {
        let mut body = String::new();
        while self.peek().is_some() {
            let start = self.pos;
            self.skip_comment();
            let line: String = self.source(start).iter().collect();
            self.bump();
            let compared = if document.is_indented { line.trim_start_matches('\t') } else { &line };
            if compared == document.delimiter {
                break;
            }
            body.push_str(&line);
            body.push('\n');
        }
        body
    }
}

/// Stands for white space that an unquoted variable brought in, at which its text falls into words.  A character of
/// the private use area, which no command line needs.
pub(crate) const FIELD_BREAK: char = '\u{e000}';

/// The words that an unquoted word falls into; a word without breaks stays one, even when it is empty.
fn split_fields(word: &str) -> Vec<String> {
    if !word.contains(FIELD_BREAK) {
        return vec![word.to_owned()];
    }
    word.split(FIELD_BREAK).filter(|field| !field.is_empty()).map(str::to_owned).collect()
}

/// `NAME=value`, where the name and the sign stand unquoted in the source.
fn split_assignment(raw: &[char], word: &str) -> Option<(String, String)> {
    let at = raw.iter().position(|c| *c == '=')?;
    let name: String = raw.get(..at)?.iter().collect();
    let (_, value) = word.split_once('=')?;
    let plain = name.strip_suffix('+').unwrap_or(&name);
    is_variable_name(plain).then(|| (plain.to_owned(), value.to_owned()))
}
