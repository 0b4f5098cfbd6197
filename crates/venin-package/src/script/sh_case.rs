//! `case` in POSIX shells: patterns are no commands, and the commands of every branch are read.
//!
//! A label stands behind `in` and behind what ends a branch, and nowhere else: so the bracket that ends a group or a
//! substitution is never taken for that of a label.  What stands there and is no label after all is read as a command,
//! since nothing may be lost in silence.

use super::command::Dialect;
use super::reader::Draft;
use super::sh::Shell;

impl Shell<'_> {
    /// Reads on behind the keyword: `word in`, and the first label.
    pub(super) fn case_header(&mut self) {
        self.skip_blanks();
        // What the word takes from other commands flows into no command of a branch.
        self.word(&mut Draft::default());
        self.skip_lines();
        if self.is_at_keyword("in") {
            self.skip("in".len());
            self.open_cases += 1;
            self.case_label();
        }
    }

    /// Reads the end of a branch and the next label; false where neither stands.
    pub(super) fn next_branch(&mut self) -> bool {
        const ENDS: [&[char]; 3] = [&[';', ';', '&'], &[';', ';'], &[';', '&']];
        let rest = self.chars.get(self.pos..).unwrap_or(&[]);
        let end = ENDS.into_iter().find(|end| rest.starts_with(end));
        let Some(end) = end.filter(|_| self.open_cases > 0) else { return false };
        self.skip(end.len());
        self.case_label();
        true
    }

    /// Reads a label, `pattern | pattern )`, unless the `case` ends here.
    fn case_label(&mut self) {
        self.skip_lines();
        if self.is_at_keyword("esac") {
            return;
        }
        let mut draft = Draft { start: self.pos, line: self.line, ..Draft::default() };
        if self.peek() == Some('(') {
            self.skip(1);
        }
        // Brackets within a pattern: `@(a|b)`.
        let mut open = 0_u32;
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(')') if open == 0 => return self.skip(1),
                Some(c @ ('(' | ')' | '|')) => {
                    open = open.saturating_add(u32::from(c == '(')).saturating_sub(u32::from(c == ')'));
                    self.skip(1);
                }
                None | Some('\n' | ';' | '&' | '<' | '>') => break,
                Some(_) => {
                    let word = self.word(&mut draft);
                    draft.words.push(word);
                }
            }
        }
        let source = self.source(draft.start);
        self.reader.finish(draft, Dialect::Sh, self.frame, source);
    }

    fn is_at_keyword(&self, keyword: &str) -> bool {
        let length = keyword.len();
        let is_end =
            |c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')' | '<' | '>' | '`');
        keyword.chars().enumerate().all(|(at, c)| self.peek_at(at) == Some(c))
            && self.peek_at(length).is_none_or(is_end)
    }

    /// Skips blanks, line feeds and comments.
    fn skip_lines(&mut self) {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some('\n') => self.end_line(),
                Some('#') => self.skip_comment(),
                _ => return,
            }
        }
    }
}
