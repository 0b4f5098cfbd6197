//! Tokens of JavaScript and VBScript, as far as calls and constants need them.

use super::Language;

/// Most tokens of one text.
const MAX_TOKENS: usize = 1_500_000;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexeme {
    Word(String),
    Text(String),
    Number(f64),
    Sign(char),
    /// `=>`
    Arrow,
    /// The end of a line, which ends a statement in VBScript.
    Line,
}

/// A token and its byte offset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) lexeme: Lexeme,
    pub(super) offset: usize,
}

/// Reads a text into tokens; the second value says whether it was cut.
pub(super) fn read_tokens(text: &str, language: Language) -> (Vec<Token>, bool) {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), language };
    while lexer.tokens.len() < MAX_TOKENS {
        if lexer.next().is_none() {
            return (lexer.tokens, false);
        }
    }
    (lexer.tokens, true)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    language: Language,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn push(&mut self, lexeme: Lexeme, offset: usize) {
        self.tokens.push(Token { lexeme, offset });
    }

    /// Reads one token, comment or blank; `None` at the end.
    fn next(&mut self) -> Option<()> {
        let offset = self.at;
        let first = self.rest().chars().next()?;
        let is_basic = self.language == Language::VbScript;
        match first {
            '\n' => {
                self.at += 1;
                self.push(Lexeme::Line, offset);
            }
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '\'' if is_basic => self.skip_line(),
            '"' if is_basic => self.basic_text(offset),
            '/' if !is_basic && self.rest().starts_with("//") => self.skip_line(),
            '/' if !is_basic && self.rest().starts_with("/*") => {
                let end =
                    self.rest().get(2..).and_then(|r| r.find("*/")).map_or(self.rest().len(), |e| e + 4);
                self.at += end;
            }
            '/' if !is_basic && self.begins_expression() => self.skip_regex(),
            '"' | '\'' | '`' => self.script_text(first, offset),
            '&' if is_basic && self.rest().get(1..2).is_some_and(|c| c.eq_ignore_ascii_case("h")) => {
                self.basic_hex(offset);
            }
            c if c.is_ascii_digit() => self.number(offset),
            c if is_word(c) => {
                let word: String = self.rest().chars().take_while(|c| is_word(*c)).collect();
                self.at += word.len();
                self.push(Lexeme::Word(word), offset);
            }
            '=' if self.rest().starts_with("=>") => {
                self.at += 2;
                self.push(Lexeme::Arrow, offset);
            }
            c => {
                self.at += c.len_utf8();
                self.push(Lexeme::Sign(c), offset);
            }
        }
        Some(())
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    /// Whether a slash begins a regular expression: not behind a value.
    fn begins_expression(&self) -> bool {
        match self.tokens.last().map(|t| &t.lexeme) {
            Some(Lexeme::Text(_) | Lexeme::Number(_) | Lexeme::Sign(')' | ']' | '}')) => false,
            Some(Lexeme::Word(word)) => matches!(word.as_str(), "return" | "typeof" | "case" | "in" | "of"),
            _ => true,
        }
    }

    fn skip_regex(&mut self) {
        let mut in_class = false;
        let mut is_escaped = false;
        let mut length = 0;
        for c in self.rest().chars().skip(1) {
            length += c.len_utf8();
            match c {
                '\n' => break,
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => break,
                _ => {}
            }
        }
        self.at += 1 + length;
    }

    fn basic_text(&mut self, offset: usize) {
        let mut out = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let end = rest.find(['"', '\n']).unwrap_or(rest.len());
            out.push_str(rest.get(..end).unwrap_or(""));
            self.at += end;
            if self.rest().starts_with("\"\"") {
                out.push('"');
                self.at += 2;
                continue;
            }
            self.at += usize::from(self.rest().starts_with('"'));
            break;
        }
        self.push(Lexeme::Text(out), offset);
    }

    /// A quoted text; what a template fills in is a hole.
    fn script_text(&mut self, quote: char, offset: usize) {
        let mut out = String::new();
        self.at += 1;
        while let Some(c) = self.rest().chars().next() {
            self.at += c.len_utf8();
            match c {
                c if c == quote => break,
                '\n' if quote != '`' => break,
                '\\' => self.at += push_escape(self.rest(), &mut out),
                '$' if quote == '`' && self.rest().starts_with('{') => {
                    let end = self.rest().find('}').map_or(self.rest().len(), |e| e + 1);
                    let hole = self.rest().get(1..end.saturating_sub(1)).unwrap_or("").trim();
                    out.push_str(&format!("⟨{hole}⟩"));
                    self.at += end;
                }
                c => out.push(c),
            }
        }
        self.push(Lexeme::Text(out), offset);
    }

    fn number(&mut self, offset: usize) {
        let text: String =
            self.rest().chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_')).collect();
        self.at += text.len();
        let plain = text.replace('_', "").to_ascii_lowercase();
        let value = match plain.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok().map(|n| n as f64),
            None => plain.parse().ok(),
        };
        self.push(Lexeme::Number(value.unwrap_or(f64::NAN)), offset);
    }

    /// `&H68`.
    fn basic_hex(&mut self, offset: usize) {
        let digits: String = self.rest().chars().skip(2).take_while(char::is_ascii_hexdigit).collect();
        self.at += 2 + digits.len();
        self.at += usize::from(self.rest().starts_with('&'));
        let value = u32::from_str_radix(&digits, 16).map_or(f64::NAN, f64::from);
        self.push(Lexeme::Number(value), offset);
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// Adds what the text behind a backslash stands for; gives how many bytes of it were used.
fn push_escape(tail: &str, out: &mut String) -> usize {
    let Some(first) = tail.chars().next() else { return 0 };
    let (start, digits) = match first {
        'x' => (1, tail.get(1..3)),
        'u' if tail.starts_with("u{") => (2, tail.get(2..).and_then(braced_digits)),
        'u' => (1, tail.get(1..5)),
        _ => (0, None),
    };
    if let Some(digits) = digits
        && let Some(c) = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
    {
        out.push(c);
        return start + digits.len() + usize::from(start == 2);
    }
    match first {
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' => out.push('\r'),
        '0' => out.push('\0'),
        '\n' => {}
        c => out.push(c),
    }
    first.len_utf8()
}

/// What stands before a brace that is near.  Only so much is looked at: a text may hold many braces that never close.
fn braced_digits(tail: &str) -> Option<&str> {
    const MAX_DIGITS: usize = 8;
    let end = tail.bytes().take(MAX_DIGITS + 1).position(|b| b == b'}').unwrap_or(tail.len());
    tail.get(..end).filter(|digits| digits.len() <= MAX_DIGITS)
}
