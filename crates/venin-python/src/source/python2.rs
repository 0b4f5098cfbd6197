//! Python 2 as edits that make it Python 3.
//!
//! The parser knows only Python 3.  Where it complains, statements of Python 2 are rewritten so that they
//! mean the same: `print x` and `exec code in scope` become calls, `10L` loses its suffix, and so on.  The
//! edits are kept small, and spans are mapped back through them.  Text that is neither is left alone.

use super::edit::Edit;
use super::scan::{Kind, Scanner, Token};

/// Most tokens looked at for the parameters of a lambda.
const MAX_PARAMETERS: usize = 200;

/// How a text is rewritten.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The edits, in no order.
    pub(super) edits: Vec<Edit>,
    /// How many of the rewritten places only Python 2 takes.
    pub(super) marks: u32,
}

/// The edits of a text the parser complains about.
pub(super) fn edits(text: &str) -> Reading {
    let mut rewriter = Rewriter { text, reading: Reading::default(), wrapped: Vec::new() };
    let mut line: Vec<Token> = Vec::new();
    for token in Scanner::new(text) {
        if token.kind == Kind::Newline {
            rewriter.line(&line);
            line.clear();
        } else {
            line.push(token);
        }
    }
    rewriter.finish()
}

struct Rewriter<'t> {
    text: &'t str,
    reading: Reading,
    /// Edits of `print (a) % b`, which Python 3 takes too, and otherwise.
    wrapped: Vec<Edit>,
}

impl<'t> Rewriter<'t> {
    fn word(&self, token: Token) -> &'t str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    fn edit(&mut self, edit: Edit) {
        self.reading.edits.push(edit);
    }

    /// An edit of something that Python 3 does not take.
    fn mark(&mut self, edit: Edit) {
        self.reading.marks += 1;
        self.edit(edit);
    }

    fn finish(mut self) -> Reading {
        if self.reading.marks > 0 {
            let wrapped = std::mem::take(&mut self.wrapped);
            self.reading.edits.extend(wrapped);
        }
        if self.has_mixed_indents() {
            self.expand_tabs();
        }
        self.reading
    }

    /// Rewrites a logical line: its tokens, and the statements it is made of.
    fn line(&mut self, line: &[Token]) {
        self.tokens(line);
        let mut start = 0;
        let (mut depth, mut lambdas) = (0_u32, 0_u32);
        for (at, token) in line.iter().enumerate() {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Name if depth == 0 && self.word(*token) == "lambda" => lambdas += 1,
                Kind::Colon if depth == 0 && lambdas > 0 => lambdas -= 1,
                Kind::Colon | Kind::Semicolon if depth == 0 => {
                    self.statement(line.get(start..at).unwrap_or_default());
                    start = at + 1;
                    lambdas = 0;
                }
                _ => {}
            }
        }
        self.statement(line.get(start..).unwrap_or_default());
    }

    fn statement(&mut self, statement: &[Token]) {
        let Some((first, rest)) = statement.split_first() else { return };
        match (self.word(*first), rest) {
            ("print", [next, ..]) if self.begins_operand(*next, rest) => self.print(rest),
            ("exec", [next, ..]) if self.begins_operand(*next, rest) => self.exec(rest),
            ("raise", _) => self.raise(rest),
            ("def", [name, ..]) if name.kind == Kind::Name => self.parameters(rest),
            _ => {}
        }
    }

    /// Whether what follows `print` or `exec` is its operand, and not the rest of an expression.
    fn begins_operand(&self, next: Token, rest: &[Token]) -> bool {
        let word = self.word(next);
        match next.kind {
            Kind::Number | Kind::Text | Kind::TextStart => true,
            Kind::Open => word == "{" || word == "[" || (word == "(" && closing(rest) + 1 < rest.len()),
            Kind::Name if word == "not" => rest.get(1).is_none_or(|second| self.word(*second) != "in"),
            Kind::Name => {
                !matches!(word, "in" | "is" | "and" | "or" | "if" | "else" | "for" | "as" | "import")
            }
            Kind::Op => matches!(word, ">>" | "`" | "-" | "~"),
            Kind::Close | Kind::Comma | Kind::Semicolon | Kind::Colon | Kind::Newline => false,
        }
    }

    /// `print >>file, a, b` or `print a, b`.
    fn print(&mut self, rest: &[Token]) {
        match rest {
            [chevron, target, ..] if self.word(*chevron) == ">>" => {
                self.mark(Edit::new(chevron.start, chevron.end, "(file="));
                self.edit(Edit::insert(end_of(rest, *target), ")"));
            }
            [first, ..] => self.wrap(*first, end_of(rest, *first)),
            [] => {}
        }
    }

    /// `exec code` or `exec code in globals, locals`.
    fn exec(&mut self, rest: &[Token]) {
        let Some(first) = rest.first() else { return };
        if let Some(at) = at_top_level(rest, |token| token.kind == Kind::Name && self.word(*token) == "in") {
            let separator = Edit::new(at.start, at.end, ",");
            if self.word(*first) == "(" { self.wrapped.push(separator) } else { self.edit(separator) }
        }
        self.wrap(*first, end_of(rest, *first));
    }

    /// Puts an operand into parentheses.
    fn wrap(&mut self, first: Token, end: u32) {
        let pair = [Edit::insert(first.start, "("), Edit::insert(end, ")")];
        // What may be a call or an expression of Python 3 proves nothing.
        if matches!(self.word(first), "(" | "-" | "~") {
            self.wrapped.extend(pair);
        } else {
            self.reading.marks += 1;
            self.reading.edits.extend(pair);
        }
    }

    /// `raise type, value, traceback`.
    fn raise(&mut self, rest: &[Token]) {
        let Some(first) = rest.first() else { return };
        if at_top_level(rest, |token| token.kind == Kind::Comma).is_some() {
            self.mark(Edit::insert(first.start, "("));
            self.edit(Edit::insert(end_of(rest, *first), ")"));
        }
    }

    /// `def f(a, (b, c)):` — the inner parentheses go, so that all names are bound.
    fn parameters(&mut self, rest: &[Token]) {
        let mut depth = 0_u32;
        let mut opened = Vec::new();
        let mut before = Kind::Name;
        for token in rest {
            match token.kind {
                Kind::Open => {
                    depth += 1;
                    let is_tuple = depth >= 2 && matches!(before, Kind::Open | Kind::Comma);
                    let is_parameter = depth <= 2 || opened.last() == Some(&true);
                    opened.push(is_tuple && is_parameter && self.word(*token) == "(");
                    if opened.last() == Some(&true) {
                        self.mark(Edit::new(token.start, token.end, ""));
                    }
                }
                Kind::Close => {
                    depth = depth.saturating_sub(1);
                    if opened.pop() == Some(true) {
                        self.edit(Edit::new(token.start, token.end, ""));
                    }
                }
                _ => {}
            }
            before = token.kind;
        }
    }

    /// Rewrites what Python 2 spells differently wherever it stands.
    fn tokens(&mut self, line: &[Token]) {
        let mut is_quoted = false;
        let is_paired = line.iter().filter(|token| self.word(**token) == "`").count() % 2 == 0;
        for (at, token) in line.iter().enumerate() {
            let word = self.word(*token);
            match token.kind {
                Kind::Number => self.number(*token, word),
                Kind::Text if word.get(..2).is_some_and(|p| p.eq_ignore_ascii_case("ur")) => {
                    self.mark(Edit::new(token.start, token.start + 1, ""));
                }
                Kind::Op if word == "<>" => self.mark(Edit::new(token.start, token.end, "!=")),
                Kind::Op if word == "`" && is_paired => {
                    self.mark(Edit::new(token.start, token.end, if is_quoted { ")" } else { "repr(" }));
                    is_quoted = !is_quoted;
                }
                Kind::Name if matches!(word, "async" | "await") && self.is_plain_name(line, at) => {
                    self.edit(Edit::insert(token.end, "_"));
                }
                Kind::Name if word == "lambda" => self.lambda(line.get(at + 1..).unwrap_or_default()),
                _ => {}
            }
        }
    }

    /// `10L` and `0777`.
    fn number(&mut self, token: Token, word: &str) {
        let digits = word.trim_end_matches(['l', 'L']);
        if digits.len() + 1 == word.len() {
            self.mark(Edit::new(token.end - 1, token.end, ""));
        }
        let is_octal =
            digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
        if is_octal && digits.bytes().any(|b| b != b'0') {
            let is_valid = digits.bytes().all(|b| b < b'8');
            if is_valid {
                self.mark(Edit::insert(token.start + 1, "o"));
            } else {
                self.edit(Edit::new(token.start, token.start + 1, ""));
            }
        }
    }

    /// `lambda (a, b): …` — as with parameters of functions.
    fn lambda(&mut self, rest: &[Token]) {
        let rest = rest.get(..rest.len().min(MAX_PARAMETERS)).unwrap_or_default();
        let Some(first) = rest.first().filter(|first| self.word(**first) == "(") else { return };
        let end = closing(rest);
        if let (Some(last), Some(Kind::Colon | Kind::Comma)) =
            (rest.get(end), rest.get(end + 1).map(|t| t.kind))
        {
            self.mark(Edit::new(first.start, first.end, ""));
            self.edit(Edit::new(last.start, last.end, ""));
        }
    }

    /// Whether `async` or `await` is a name here, as it was before Python 3.7.
    fn is_plain_name(&self, line: &[Token], at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| line.get(at));
        if before.is_some_and(|token| matches!(self.word(*token), "." | "def" | "import" | "as")) {
            return true;
        }
        match line.get(at + 1) {
            None => true,
            Some(next) => match next.kind {
                Kind::Op => !matches!(self.word(*next), "-" | "+" | "~" | "*"),
                Kind::Close | Kind::Comma | Kind::Colon | Kind::Semicolon => true,
                Kind::Open => self.word(line.get(at).copied().unwrap_or(*next)) == "async",
                _ => false,
            },
        }
    }

    /// Whether some logical lines are indented by tabs and others by blanks.
    fn has_mixed_indents(&self) -> bool {
        let (mut tabs, mut blanks) = (false, false);
        for (start, end) in indents(self.text) {
            let indent = self.text.get(start as usize..end as usize).unwrap_or_default();
            tabs |= indent.contains('\t');
            blanks |= indent.contains(' ');
        }
        tabs && blanks
    }

    /// Python 2 lets a tab reach to the next multiple of eight.
    fn expand_tabs(&mut self) {
        for (start, end) in indents(self.text) {
            let indent = self.text.get(start as usize..end as usize).unwrap_or_default();
            if indent.contains('\t') {
                let width =
                    indent.bytes().fold(0, |width, b| if b == b'\t' { width / 8 * 8 + 8 } else { width + 1 });
                self.edit(Edit::new(start, end, " ".repeat(width)));
            }
        }
    }
}

/// The indents of logical lines that have one.
fn indents(text: &str) -> impl Iterator<Item = (u32, u32)> {
    let mut is_first = true;
    let bytes = text.as_bytes();
    Scanner::new(text).filter_map(move |token| {
        let begins_line = std::mem::replace(&mut is_first, token.kind == Kind::Newline);
        if !begins_line {
            return None;
        }
        let before = bytes.get(..token.start as usize)?;
        let width = before.iter().rev().take_while(|b| matches!(**b, b' ' | b'\t')).count();
        let start = before.len() - width;
        let is_at_line_start = start == 0 || matches!(before.get(start - 1), Some(b'\n' | b'\r'));
        (width > 0 && is_at_line_start).then_some((start as u32, token.start))
    })
}

/// Index of the bracket that closes the first token.
fn closing(tokens: &[Token]) -> usize {
    let mut depth = 0_u32;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

/// The first token outside brackets that is looked for.
fn at_top_level(tokens: &[Token], is_wanted: impl Fn(&Token) -> bool) -> Option<Token> {
    let mut depth = 0_u32;
    tokens.iter().copied().find(|token| {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && is_wanted(token)
    })
}

fn end_of(tokens: &[Token], first: Token) -> u32 {
    tokens.last().map_or(first.end, |last| last.end)
}

#[cfg(test)]
mod tests {
    use super::super::edit::apply;
    use super::*;

    fn rewritten(text: &str) -> String {
        apply(text, 0, edits(text).edits).0
    }

    #[test]
    fn statements_of_python_2_become_calls() {
        let cases = [
            ("print 'a' % b\n", "print ('a' % b)\n"),
            ("print\nprint x,\n", "print\nprint (x,)\n"),
            ("print >>f, x\n", "print (file=f, x)\n"),
            ("print 'a'; print('b')\n", "print ('a'); print('b')\n"),
            ("if x: print y\n", "if x: print (y)\n"),
            ("if lambda: x: print y\n", "if lambda: x: print (y)\n"),
            ("exec code\n", "exec (code)\n"),
            ("exec code in ns, loc\n", "exec (code , ns, loc)\n"),
            ("exec 'a' + b in ns\n", "exec ('a' + b , ns)\n"),
            ("exec (code) in ns; x = 1L\n", "exec ((code) , ns); x = 1\n"),
            ("exec (code).decode('hex')\nprint 1\n", "exec ((code).decode('hex'))\nprint (1)\n"),
            ("raise E, 'm', tb\n", "raise (E, 'm', tb)\n"),
            ("def f(a, (b, c), d=(1, 2)): pass\n", "def f(a, b, c, d=(1, 2)): pass\n"),
            ("x = lambda (a, b): a\n", "x = lambda a, b: a\n"),
            ("x = `a + b`\n", "x = repr(a + b)\n"),
            ("if a <> 0777L: pass\n", "if a != 0o777: pass\n"),
            ("x = ur'a'\n", "x = r'a'\n"),
            ("f(async=True)\n", "f(async_=True)\n"),
        ];
        for (before, after) in cases {
            assert_eq!(rewritten(before), after);
        }
    }

    #[test]
    fn what_python_3_takes_stays() {
        let cases = ["print(x)\n", "print = 1\n", "f(print)\n", "print, exec\n", "x = print if y else z\n"];
        for text in cases {
            assert_eq!(rewritten(text), text);
        }
        assert_eq!(rewritten("print(x) % y\n"), "print(x) % y\n");
    }

    #[test]
    fn tabs_among_blanks_reach_to_multiples_of_eight() {
        assert_eq!(rewritten("if a:\n    b\n\tc\n"), "if a:\n    b\n        c\n");
        assert_eq!(rewritten("if a:\n\tb\n\tc\n"), "if a:\n\tb\n\tc\n");
    }
}
