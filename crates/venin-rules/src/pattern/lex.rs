//! Tokens of a pattern.

use crate::error::{Defect, Problem};

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    /// An identifier; dashes may stand inside.
    Word(&'a str),
    /// A number without sign or exponent.
    Number(f64),
    /// A string, escapes read.
    Text(String),
    /// A regular expression with `\/` read as `/`, and its flags.
    Regex(String, &'a str),
    /// What stands between backticks.
    Call(&'a str),
    /// The kind glob of `fact(...)`.
    Fact(&'a str),
    /// The name after `@`.
    List(&'a str),
    /// Punctuation.
    Sign(&'static str),
    /// The end of the source.
    End,
}

impl Token<'_> {
    /// For an error message.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Number(number) => format!("`{number}`"),
            Self::Text(_) => "a string".to_owned(),
            Self::Regex(..) => "a regular expression".to_owned(),
            Self::Call(glob) => format!("`` `{glob}` ``"),
            Self::Fact(kind) => format!("`fact({kind})`"),
            Self::List(name) => format!("`@{name}`"),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end of the pattern".to_owned(),
        }
    }
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: &[&str] =
    &["->", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", "|", "&", ",", ":", ".", "~", "=", "<", ">"];

/// Reads all tokens with their byte offsets; the last is [`Token::End`].
pub(super) fn parse_tokens(source: &str) -> Result<Vec<(usize, Token<'_>)>, Defect> {
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank();
        let offset = lexer.at;
        let token = lexer.parse_token()?;
        let is_end = token == Token::End;
        tokens.push((offset, token));
        if is_end {
            return Ok(tokens);
        }
        if tokens.len() > MAX_TOKENS {
            return Err(Defect::new(
                offset,
                Problem::TooMany { what: "tokens in a pattern", most: MAX_TOKENS },
            ));
        }
    }
}

const MAX_TOKENS: usize = 4_000;

struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn parse_token(&mut self) -> Result<Token<'a>, Defect> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        match first {
            '"' => self.parse_text(),
            '/' => self.parse_regex(),
            '`' => self.parse_call(),
            '@' => self.parse_list(),
            '0'..='9' => self.parse_number(),
            c if c.is_ascii_alphabetic() || c == '_' => self.parse_word(),
            c => match SIGNS.iter().find(|s| rest.starts_with(**s)) {
                Some(sign) => {
                    self.at += sign.len();
                    Ok(Token::Sign(sign))
                }
                None => Err(Defect::new(self.at, Problem::StrayCharacter(c)).hint(hint_for(c))),
            },
        }
    }

    fn take_word(&mut self) -> &'a str {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        let mut end = 0;
        while let Some(byte) = bytes.get(end) {
            // A dash belongs to the word only when more of the word follows: `Cr->Cr` is no word.
            let is_inner_dash = *byte == b'-' && end > 0 && bytes.get(end + 1).is_some_and(is_part);
            if !is_part(byte) && !is_inner_dash {
                break;
            }
            end += 1;
        }
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn parse_word(&mut self) -> Result<Token<'a>, Defect> {
        let word = self.take_word();
        if word != "fact" {
            return Ok(Token::Word(word));
        }
        let start = self.at;
        let open = self.rest().trim_start();
        let Some(inside) = open.strip_prefix('(') else {
            return Err(Defect::new(
                start,
                Problem::Unexpected { expected: "`(` and the kind of a fact", found: start_of(open) },
            )
            .hint("write `fact(archive.duplicate-name)`"));
        };
        let Some((kind, tail)) = inside.split_once(')') else {
            return Err(Defect::new(start, Problem::Unclosed("parenthesis of the fact")));
        };
        self.at = self.source.len() - tail.len();
        Ok(Token::Fact(kind.trim()))
    }

    fn parse_number(&mut self) -> Result<Token<'a>, Defect> {
        let rest = self.rest();
        let mut length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let fraction = rest.get(length..).and_then(|r| r.strip_prefix('.')).unwrap_or_default();
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            length += 1 + digits;
        }
        let text = rest.get(..length).unwrap_or_default();
        let number = text.parse::<f64>().ok().filter(|_| length <= 15);
        let number = number.ok_or_else(|| {
            Defect::new(
                self.at,
                Problem::Unexpected { expected: "a number of at most 15 digits", found: text.to_owned() },
            )
        })?;
        self.at += length;
        Ok(Token::Number(number))
    }

    fn parse_text(&mut self) -> Result<Token<'a>, Defect> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at = start + at + 1;
                    return Ok(Token::Text(text));
                }
                '\\' => text.push(match chars.next() {
                    Some((_, 'n')) => '\n',
                    Some((_, 't')) => '\t',
                    Some((_, 'r')) => '\r',
                    Some((_, c @ ('"' | '\\'))) => c,
                    _ => {
                        let found = "another character".to_owned();
                        let expected = "one of \\\" \\\\ \\n \\t \\r";
                        return Err(Defect::new(start + at, Problem::Unexpected { expected, found }));
                    }
                }),
                c => text.push(c),
            }
        }
        Err(Defect::new(start, Problem::Unclosed("string")).hint("close it with `\"`"))
    }

    fn parse_regex(&mut self) -> Result<Token<'a>, Defect> {
        let start = self.at;
        let rest = self.rest();
        let mut source = String::new();
        let mut chars = rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '/' => {
                    let tail = rest.get(at + 1..).unwrap_or_default();
                    let length = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
                    self.at = start + at + 1 + length;
                    return Ok(Token::Regex(source, tail.get(..length).unwrap_or_default()));
                }
                '\n' => break,
                '\\' => match chars.next() {
                    Some((_, '/')) => source.push('/'),
                    Some((_, c)) if c != '\n' => source.extend(['\\', c]),
                    _ => break,
                },
                c => source.push(c),
            }
        }
        Err(Defect::new(start, Problem::Unclosed("regular expression"))
            .hint("close it with `/` on the same line; write `\\/` for a slash inside"))
    }

    fn parse_call(&mut self) -> Result<Token<'a>, Defect> {
        let inside = self.rest().get(1..).unwrap_or_default();
        match inside.split_once('`') {
            Some((glob, _)) if !glob.contains('\n') => {
                self.at += glob.len() + 2;
                Ok(Token::Call(glob))
            }
            _ => {
                Err(Defect::new(self.at, Problem::Unclosed("qualified name"))
                    .hint("close it with a backtick"))
            }
        }
    }

    fn parse_list(&mut self) -> Result<Token<'a>, Defect> {
        let start = self.at;
        self.at += 1;
        let name = self.take_word();
        if name.is_empty() {
            let found = start_of(self.rest());
            return Err(Defect::new(
                start,
                Problem::Unexpected { expected: "the name of a list after `@`", found },
            ));
        }
        Ok(Token::List(name))
    }
}

fn start_of(text: &str) -> String {
    text.chars().next().map_or_else(|| "the end of the pattern".to_owned(), |c| format!("`{c}`"))
}

fn hint_for(c: char) -> &'static str {
    match c {
        '\'' => "strings stand in double quotes",
        '-' => "the arrow is `->`",
        '*' => "a glob stands in backticks: `os.*`",
        '→' => "write `->`",
        '!' => "negation is `not`",
        ';' => "tests are joined by `,` or `or`",
        _ => "see docs/pattern-language.md for the grammar",
    }
}
