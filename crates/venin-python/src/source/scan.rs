//! A cheap scanner over Python text: where tokens, brackets, strings and logical lines are.
//!
//! It exists beside the parser's own lexer because it must say how deep a text nests *before* anything
//! recursive sees it, and because it takes Python 2.  It never allocates per token and never fails: broken
//! strings end with their line, broken brackets at the next definition.

use memchr::memchr2;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier or keyword.
    Name,
    /// A number with whatever suffix.
    Number,
    /// A string with its prefix, or the end of an interpolated string.
    Text,
    /// The prefix and opening quotes of an interpolated string.
    TextStart,
    /// `(`, `[`, `{`, or the start of a replacement field.
    Open,
    /// `)`, `]`, `}`, or the end of a replacement field.
    Close,
    /// `,`.
    Comma,
    /// `;`.
    Semicolon,
    /// `:`.
    Colon,
    /// Any other operator, and stray characters.
    Op,
    /// The end of a logical line; empty at the end of the text.
    Newline,
}

/// A token, with byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// First byte.
    pub(super) start: u32,
    /// One past the last byte.
    pub(super) end: u32,
}

/// What the scanner is inside of, below ordinary code.
#[derive(Debug, Clone, Copy)]
enum Mode {
    /// The text of an interpolated string.
    Literal(Quotes),
    /// The format specification of a replacement field.
    Spec(Quotes),
    /// A replacement field; the bracket depth at which its `}` closes it.
    Field(Quotes, u32),
}

/// Which literal part of an interpolated string is scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Body,
    Spec,
}

#[derive(Debug, Clone, Copy)]
struct Quotes {
    quote: u8,
    is_triple: bool,
}

/// Most nested interpolated strings that are followed; deeper ones are taken for operators and names.
const MAX_MODES: usize = 10_000;
/// A run of blanks before code that is longer pushes the code out of an editor's sight.
const OUT_OF_SIGHT: usize = 150;

/// So many lines above are looked at for the bracket that a line is aligned with.
const ALIGNED_LINES: usize = 64;

/// The scanner; an iterator over tokens.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    depth: u32,
    modes: Vec<Mode>,
    line_has_tokens: bool,
    hidden: Option<u32>,
    has_unclosed: bool,
}

impl<'t> Scanner<'t> {
    /// A scanner at the start of a text.
    pub(super) fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        Self {
            bytes,
            at: 0,
            depth: 0,
            modes: Vec::new(),
            line_has_tokens: false,
            hidden: None,
            has_unclosed: false,
        }
    }

    /// Offset of the first code so far that stands behind more than 150 blanks.
    pub(super) fn hidden_code(&self) -> Option<u32> {
        self.hidden
    }

    /// Whether a string so far was ended by the end of its line or of the text.
    pub(super) fn has_unclosed_text(&self) -> bool {
        self.has_unclosed
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn token(&mut self, kind: Kind, start: usize) -> Option<Token> {
        self.line_has_tokens = kind != Kind::Newline;
        Some(Token { kind, start: start as u32, end: self.at as u32 })
    }

    /// Skips blanks, joined lines and stray NULs.
    fn skip_blanks(&mut self) {
        let start = self.at;
        loop {
            match self.peek(0) {
                b' ' | b'\t' | 0x0c => self.at += 1,
                0 if self.at < self.bytes.len() => self.at += 1,
                b'\\' if matches!(self.peek(1), b'\n' | b'\r') => {
                    self.at += 2 + usize::from(self.peek(1) == b'\r' && self.peek(2) == b'\n');
                }
                _ => break,
            }
        }
        if self.at - start > OUT_OF_SIGHT && self.hidden.is_none() {
            self.note_hidden(start);
        }
    }

    fn note_hidden(&mut self, start: usize) {
        let run = self.bytes.get(start..self.at).unwrap_or_default();
        let last_line =
            memchr::memrchr2(b'\n', b'\r', run).map_or(run, |at| run.get(at..).unwrap_or_default());
        if last_line.len() > OUT_OF_SIGHT
            && !matches!(self.peek(0), b'\n' | b'\r' | b'#' | 0)
            && !self.only_closes_brackets()
            && !self.stands_below_its_bracket()
        {
            self.hidden = Some(self.at as u32);
        }
    }

    /// Whether nothing but closing brackets and commas follows on the line, as where the last columns of a table of
    /// calls are empty: that does nothing by itself.
    fn only_closes_brackets(&self) -> bool {
        let rest = self.rest();
        let closing = rest.iter().position(|b| !matches!(b, b' ' | b'\t' | b')' | b']' | b'}' | b','));
        closing.is_none_or(|at| matches!(rest.get(at), Some(b'\n' | b'\r' | b'#')))
    }

    /// Whether the code here goes on, on a line of its own, right behind the bracket of a line above, as PEP 8 has it
    /// ("aligned with opening delimiter"): whoever wrote that far to the right is read as far to the right.
    fn stands_below_its_bracket(&self) -> bool {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let column = self.at - line_start;
        let is_blank = |line: &[u8]| line.iter().all(|b| matches!(b, b' ' | b'\t'));
        if self.depth == 0 || column == 0 || !before.get(line_start..).is_some_and(is_blank) {
            return false;
        }
        let above = before.get(..line_start.saturating_sub(1)).unwrap_or_default();
        above
            .rsplit(|&b| b == b'\n')
            .take(ALIGNED_LINES)
            .find(|line| line.get(..column).is_none_or(|start| !is_blank(start)))
            .and_then(|line| line.get(column - 1))
            .is_some_and(|b| matches!(b, b'(' | b'[' | b'{'))
    }

    /// Takes a line end; gives a token if it ends a logical line.
    fn line_end(&mut self) -> Option<Token> {
        let start = self.at;
        self.at += 1 + usize::from(self.peek(0) == b'\r' && self.peek(1) == b'\n');
        if self.depth > 0 && self.starts_definition() {
            self.depth = 0;
            self.modes.clear();
        }
        if self.depth == 0 && self.line_has_tokens { self.token(Kind::Newline, start) } else { None }
    }

    /// Whether a line starts here that cannot stand inside brackets.
    fn starts_definition(&self) -> bool {
        let rest = self.rest();
        [&b"def "[..], b"class ", b"import "].iter().any(|word| rest.starts_with(word))
    }

    fn name(&mut self) -> Option<Token> {
        let start = self.at;
        let len = self.rest().iter().position(|b| CLASS[usize::from(*b)] & NAME == 0);
        self.at = len.map_or(self.bytes.len(), |len| start + len);
        if matches!(self.peek(0), b'"' | b'\'') && self.at - start <= 2 {
            let mut has_fields = false;
            for byte in self.bytes.get(start..self.at).unwrap_or_default() {
                match byte.to_ascii_lowercase() {
                    b'f' | b't' => has_fields = true,
                    b'r' | b'b' | b'u' => {}
                    _ => return self.token(Kind::Name, start),
                }
            }
            return if has_fields { self.text_start(start) } else { self.text(start) };
        }
        self.token(Kind::Name, start)
    }

    fn number(&mut self) -> Option<Token> {
        let start = self.at;
        let is_hex = self.peek(0) == b'0' && matches!(self.peek(1), b'x' | b'X');
        loop {
            let byte = self.peek(0);
            let is_exponent = matches!(byte, b'e' | b'E') && !is_hex;
            if CLASS[usize::from(byte)] & NAME == 0 && byte != b'.' {
                break;
            }
            self.at += 1;
            if is_exponent && matches!(self.peek(0), b'+' | b'-') && self.peek(1).is_ascii_digit() {
                self.at += 1;
            }
        }
        self.token(Kind::Number, start)
    }

    fn quotes(&mut self) -> Quotes {
        let quote = self.peek(0);
        let is_triple = self.peek(1) == quote && self.peek(2) == quote;
        self.at += if is_triple { 3 } else { 1 };
        Quotes { quote, is_triple }
    }

    /// Takes a string without fields whose prefix began at `start`.
    fn text(&mut self, start: usize) -> Option<Token> {
        let Quotes { quote, is_triple } = self.quotes();
        loop {
            let rest = self.rest();
            let next = if is_triple {
                memchr2(quote, b'\\', rest)
            } else {
                rest.iter().position(|b| *b == quote || CLASS[usize::from(*b)] & STOP != 0)
            };
            let Some(next) = next else {
                self.at = self.bytes.len();
                self.has_unclosed = true;
                break;
            };
            self.at += next;
            match self.peek(0) {
                b'\\' => self.skip_escape(),
                byte if byte == quote && (!is_triple || self.closes_triple(quote)) => {
                    self.at += if is_triple { 3 } else { 1 };
                    break;
                }
                byte if byte == quote => self.at += 1,
                _ => {
                    self.has_unclosed = true;
                    break;
                }
            }
        }
        self.token(Kind::Text, start)
    }

    fn closes_triple(&self, quote: u8) -> bool {
        self.peek(1) == quote && self.peek(2) == quote
    }

    fn skip_escape(&mut self) {
        let taken = 2 + usize::from(self.peek(1) == b'\r' && self.peek(2) == b'\n');
        self.at = (self.at + taken).min(self.bytes.len());
    }

    fn text_start(&mut self, start: usize) -> Option<Token> {
        if self.modes.len() >= MAX_MODES {
            return self.text(start);
        }
        let quotes = self.quotes();
        self.modes.push(Mode::Literal(quotes));
        self.token(Kind::TextStart, start)
    }

    /// Goes on in the literal part of an interpolated string, up to its end or the next field.
    fn literal(&mut self, quotes: Quotes, part: Part) -> Option<Token> {
        loop {
            let is_stop = |b: &u8| *b == quotes.quote || matches!(*b, b'\\' | b'\n' | b'{' | b'}');
            let Some(next) = self.rest().iter().position(is_stop) else {
                self.at = self.bytes.len();
                self.has_unclosed = true;
                self.modes.clear();
                return self.token(Kind::Text, self.at);
            };
            self.at += next;
            let start = self.at;
            match self.peek(0) {
                b'\\' if !matches!(self.peek(1), b'{' | b'}') => self.skip_escape(),
                b'{' if self.peek(1) == b'{' && part == Part::Body => self.at += 2,
                b'{' => {
                    self.at += 1;
                    self.depth += 1;
                    self.modes.push(Mode::Field(quotes, self.depth));
                    return self.token(Kind::Open, start);
                }
                b'}' if part == Part::Spec => {
                    self.modes.pop();
                    return None;
                }
                b'\n' if !quotes.is_triple => {
                    self.leave_text();
                    self.has_unclosed = true;
                    return self.token(Kind::Text, start);
                }
                byte if byte == quotes.quote && (!quotes.is_triple || self.closes_triple(byte)) => {
                    self.at += if quotes.is_triple { 3 } else { 1 };
                    self.leave_text();
                    return self.token(Kind::Text, start);
                }
                _ => self.at += 1,
            }
        }
    }

    /// Leaves the innermost interpolated string with its open fields.
    fn leave_text(&mut self) {
        while let Some(mode) = self.modes.pop() {
            match mode {
                Mode::Literal(_) => break,
                Mode::Field(_, depth) => self.depth = depth.saturating_sub(1),
                Mode::Spec(_) => {}
            }
        }
    }

    fn open(&mut self) -> Option<Token> {
        self.at += 1;
        self.depth += 1;
        self.token(Kind::Open, self.at - 1)
    }

    fn close(&mut self) -> Option<Token> {
        let byte = self.peek(0);
        self.at += 1;
        if let Some(Mode::Field(_, depth)) = self.modes.last().copied() {
            if byte == b'}' && self.depth <= depth {
                self.modes.pop();
            } else if self.depth <= depth {
                // A stray bracket must not close the field.
                return self.token(Kind::Op, self.at - 1);
            }
        }
        self.depth = self.depth.saturating_sub(1);
        self.token(Kind::Close, self.at - 1)
    }

    fn colon(&mut self) -> Option<Token> {
        let start = self.at;
        self.at += 1;
        if let Some(Mode::Field(quotes, depth)) = self.modes.last().copied()
            && depth == self.depth
        {
            self.modes.push(Mode::Spec(quotes));
            return self.token(Kind::Colon, start);
        }
        if self.peek(0) == b'=' {
            self.at += 1;
            return self.token(Kind::Op, start);
        }
        self.token(Kind::Colon, start)
    }

    fn operator(&mut self) -> Option<Token> {
        let start = self.at;
        let (first, second) = (self.peek(0), self.peek(1));
        self.at += 1;
        let is_pair = match (first, second) {
            (b'*', b'*') | (b'/', b'/') | (b'<', b'<') | (b'>', b'>') | (b'<', b'>') | (b'-', b'>') => true,
            (_, b'=') => b"*/<>=!+-%&|^@".contains(&first),
            _ => false,
        };
        if is_pair {
            self.at += 1;
            if self.peek(0) == b'=' && matches!(second, b'*' | b'/' | b'<' | b'>') && first == second {
                self.at += 1;
            }
        }
        self.token(Kind::Op, start)
    }

    fn simple(&mut self, kind: Kind) -> Option<Token> {
        self.at += 1;
        self.token(kind, self.at - 1)
    }
}

impl Iterator for Scanner<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            match self.modes.last().copied() {
                Some(Mode::Literal(quotes)) => return self.literal(quotes, Part::Body),
                Some(Mode::Spec(quotes)) => {
                    if let Some(token) = self.literal(quotes, Part::Spec) {
                        return Some(token);
                    }
                    continue;
                }
                Some(Mode::Field(..)) | None => {}
            }
            self.skip_blanks();
            let byte = self.peek(0);
            let class = CLASS[usize::from(byte)];
            if class & (NAME | DIGIT) == NAME {
                return self.name();
            }
            match byte {
                b'0'..=b'9' => return self.number(),
                b'.' if self.peek(1).is_ascii_digit() => return self.number(),
                b'\n' | b'\r' => {
                    if let Some(token) = self.line_end() {
                        return Some(token);
                    }
                }
                b'#' => {
                    let rest = self.rest();
                    self.at += memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                }
                b'"' | b'\'' => return self.text(self.at),
                b'(' | b'[' | b'{' => return self.open(),
                b')' | b']' | b'}' => return self.close(),
                b',' => return self.simple(Kind::Comma),
                b';' => return self.simple(Kind::Semicolon),
                b':' => return self.colon(),
                0 if self.at >= self.bytes.len() => {
                    return if self.line_has_tokens { self.token(Kind::Newline, self.at) } else { None };
                }
                _ => return self.operator(),
            }
        }
    }
}

const NAME: u8 = 1;
const DIGIT: u8 = 2;
const STOP: u8 = 4;

/// Classes of bytes: part of a name, digit, stops the scan of a one-line string.
static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        if b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80 {
            table[byte] |= NAME;
        }
        if b.is_ascii_digit() {
            table[byte] |= DIGIT;
        }
        if b == b'\\' || b == b'\n' || b == b'\r' {
            table[byte] |= STOP;
        }
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let kinds = Scanner::new(text).map(|t| match t.kind {
            Kind::Newline => "NL".to_owned(),
            _ => text.get(t.start as usize..t.end as usize).unwrap_or("?").to_owned(),
        });
        kinds.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tokens_are_found_through_strings_and_joined_lines() {
        let cases = [
            ("x = 1e+5-0xE+1 # c\n", "x = 1e+5 - 0xE + 1 NL"),
            ("a = 'it\\'s' \"#\"\n", "a = 'it\\'s' \"#\" NL"),
            ("a = '''x\n'y''' ; b", "a = '''x\n'y''' ; b NL"),
            ("f(\n  1,\n)\ng()", "f ( 1 , ) NL g ( ) NL"),
            ("a \\\n  = b\n", "a = b NL"),
            ("print >>f, 10L\n", "print >> f , 10L NL"),
            ("a <> b **= c //= d <<= e\n", "a <> b **= c //= d <<= e NL"),
            ("x = 'unterminated\ny\n", "x = 'unterminated NL y NL"),
            ("f(\ndef g(): pass\n", "f ( NL def g ( ) : pass NL"),
            ("rb'x' Rb\"y\" ur'z' q'w'\n", "rb'x' Rb\"y\" ur'z' q 'w' NL"),
        ];
        for (text, tokens) in cases {
            assert_eq!(shown(text), tokens, "{text}");
        }
    }

    #[test]
    fn fields_of_interpolated_strings_are_code() {
        let cases = [
            ("f'a{b}c' d\n", "f' { b } ' d NL"),
            ("f'{{x}}' d\n", "f' ' d NL"),
            ("f'{a!r:>{w}}' d\n", "f' { a ! r : { w } } ' d NL"),
            ("f'{x[\"k\"]}' d\n", "f' { x [ \"k\" ] } ' d NL"),
            ("f'{x['k']}' d\n", "f' { x [ 'k' ] } ' d NL"),
            ("f'{a:%H:%M}' d\n", "f' { a : } ' d NL"),
            ("f'{(lambda: 1)()}' d\n", "f' { ( lambda : 1 ) ( ) } ' d NL"),
            ("f'{broken\nimport x\n", "f' { broken NL import x NL"),
            ("f'{a\n+b}' (c\n)\n", "f' { a + b } ' ( c ) NL"),
            ("f'''{a\n+b}''' d\n", "f''' { a + b } ''' d NL"),
            ("f'{f'{x}'}' d\n", "f' { f' { x } ' } ' d NL"),
        ];
        for (text, tokens) in cases {
            assert_eq!(shown(text), tokens, "{text}");
        }
    }

    #[test]
    fn code_behind_a_long_run_of_blanks_is_hidden_and_a_comment_is_not() {
        let blanks = " ".repeat(200);
        let hidden = |text: String| {
            let mut scanner = Scanner::new(&text);
            scanner.by_ref().count();
            scanner.hidden_code().is_some()
        };
        assert!(hidden(format!("x = 1;{blanks}import os\n")));
        assert!(!hidden(format!("x = 1{blanks}# note\n")));
        assert!(!hidden(format!("x = 1{blanks}\ny = 2\n")));
        assert!(!hidden(format!("x = '{blanks}y'\n")));
    }

    #[test]
    fn brackets_that_close_behind_a_long_run_of_blanks_hide_nothing() {
        let blanks = " ".repeat(200);
        let hidden = |text: String| {
            let mut scanner = Scanner::new(&text);
            scanner.by_ref().count();
            scanner.hidden_code().is_some()
        };
        assert!(!hidden(format!("x = [\n f(a=1, {blanks})),\n]\n")));
        assert!(!hidden(format!("x = [\n f(a=1, {blanks}) ]  # note\n")));
        assert!(hidden(format!("x = [\n f(a=1, {blanks}), g()]\n")));
        assert!(hidden(format!("x = f(1{blanks}); g()\n")));
    }

    #[test]
    fn an_argument_right_below_its_bracket_is_not_hidden_however_long_the_line_above_is() {
        let hidden = |text: String| {
            let mut scanner = Scanner::new(&text);
            scanner.by_ref().count();
            scanner.hidden_code().is_some()
        };
        let start = format!("x = '{}'.format(", "y".repeat(180));
        let blanks = " ".repeat(start.len());
        assert!(!hidden(format!("{start}a=1,\n{blanks}b=2,\n{blanks}c=3)\n")));
        assert!(hidden(format!("{start}a=1,\n {blanks}b=2)\n")), "not aligned");
        assert!(hidden(format!("x = '{}'\n{blanks}import os\n", "y".repeat(180))), "no bracket is open");
        assert!(hidden(format!("f(1,\n{blanks}g())\n")), "nothing above is that long");
        assert!(hidden(format!("{start}1);{blanks}import os\n")));
    }
}
