//! Words, texts and marks of C, C++ and Rust sources, without their comments.
//!
//! A tolerant scanner: what it does not know is a mark.  Preprocessor lines are kept only where they name a text.

/// Longest text that is kept of one literal, in bytes.
const MAX_LITERAL: usize = 64 << 10;

/// The language of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// C and C++, Objective-C too.
    C,
    /// Rust.
    Rust,
}

/// A token with the offset at which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) offset: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name, keyword or number.
    Word(String),
    /// A text literal, decoded.
    Text(String),
    /// Any other character.
    Mark(char),
}

impl Token {
    /// Whether it is this mark.
    pub(super) fn is(&self, mark: char) -> bool {
        self.kind == TokenKind::Mark(mark)
    }

    /// The word, if it is one.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Splits a source into tokens.
pub(super) fn tokens(text: &str, language: Language) -> Vec<Token> {
    Lexer { text, at: 0, language, is_line_start: true, out: Vec::new() }.read()
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    language: Language,
    /// Whether nothing but white space stood on the line as yet.
    is_line_start: bool,
    out: Vec<Token>,
}

impl<'t> Lexer<'t> {
    fn read(mut self) -> Vec<Token> {
        while self.at < self.text.len() {
            self.step();
        }
        self.out
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn push(&mut self, offset: usize, kind: TokenKind) {
        self.out.push(Token { kind, offset });
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        if first.is_whitespace() {
            self.at += first.len_utf8();
            self.is_line_start |= first == '\n';
            return;
        }
        let is_line_start = std::mem::take(&mut self.is_line_start);
        if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            self.is_line_start = is_line_start;
            self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if first == '#' && self.language == Language::C && is_line_start {
            self.read_directive();
            self.is_line_start = true;
        } else if let Some(hashes) = self.raw_start() {
            self.read_raw(hashes);
        } else if first == '"' {
            self.read_text();
        } else if first == '\'' {
            self.read_character();
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or("").to_owned();
            // `L"wide"`, `u8"text"`, `b"bytes"`: the prefix says nothing of the text.
            let is_prefix = rest.get(end..).is_some_and(|r| r.starts_with('"'))
                && matches!(word.as_str(), "L" | "u" | "U" | "u8" | "b" | "c");
            if !is_prefix {
                self.push(self.at, TokenKind::Word(word));
            }
            self.at += end;
        } else {
            self.push(self.at, TokenKind::Mark(first));
            self.at += first.len_utf8();
        }
    }

    /// `#define NAME "text"` is kept as `NAME = "text" ;`, other directives are left out.
    fn read_directive(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let mut end = 0;
        loop {
            let line = rest.get(end..).and_then(|r| r.find('\n')).map_or(rest.len(), |n| end + n);
            let is_continued =
                rest.get(..line).is_some_and(|l| l.strip_suffix('\r').unwrap_or(l).ends_with('\\'));
            end = (line + 1).min(rest.len());
            if !is_continued || end >= rest.len() {
                break;
            }
        }
        let line = rest.get(..end).unwrap_or("").replace("\\\n", " ").replace("\\\r\n", " ");
        // A directive is one line, and holds no other.
        let line = line.replace(['\r', '\n'], " ");
        let body = line.trim_start_matches('#').trim_start();
        if let Some(definition) = body.strip_prefix("define") {
            let inner = Lexer {
                text: definition,
                at: 0,
                language: Language::C,
                is_line_start: false,
                out: Vec::new(),
            };
            let inner = inner.read();
            if let [name, value @ ..] = inner.as_slice()
                && name.word().is_some()
                && value.first().is_some_and(|t| t.text().is_some())
            {
                let named = std::iter::once(name.kind.clone()).chain([TokenKind::Mark('=')]);
                let value = value.iter().map(|token| token.kind.clone());
                for kind in named.chain(value).chain([TokenKind::Mark(';')]) {
                    self.push(start, kind);
                }
            }
        }
        self.at += end.max(1);
    }

    /// The number of characters before the quote of a raw text, and none for other tokens.
    fn raw_start(&self) -> Option<usize> {
        let rest = self.rest();
        match self.language {
            Language::C => {
                ["R\"", "LR\"", "u8R\"", "uR\""].iter().find(|p| rest.starts_with(**p)).map(|p| p.len() - 1)
            }
            Language::Rust => {
                let body = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('r')?;
                let quote = body.find(|c: char| c != '#')?;
                let is_raw = body.get(quote..)?.starts_with('"');
                is_raw.then_some(rest.len() - body.len() + quote)
            }
        }
    }

    fn read_raw(&mut self, before_quote: usize) {
        let start = self.at;
        let rest = self.rest();
        let body = rest.get(before_quote + 1..).unwrap_or("");
        let (opening, closing) = match self.language {
            Language::C => {
                let open = body.char_indices().take(17).find(|(_, c)| *c == '(').map(|(at, _)| at);
                let delimiter = open.and_then(|at| body.get(..at)).unwrap_or("");
                (open.map_or(0, |at| at + 1), format!("){delimiter}\""))
            }
            Language::Rust => {
                let hashes = rest.get(..before_quote).unwrap_or("").matches('#').count();
                (0, format!("\"{}", "#".repeat(hashes)))
            }
        };
        let body = body.get(opening..).unwrap_or("");
        let end = body.find(&closing).unwrap_or(body.len());
        self.push(start, TokenKind::Text(cut(body.get(..end).unwrap_or(""))));
        self.at = (start + before_quote + 1 + opening + end + closing.len()).min(self.text.len());
    }

    fn read_text(&mut self) {
        let start = self.at;
        let mut chars = self.rest().char_indices().skip(1).peekable();
        let mut text = String::new();
        let mut end = self.rest().len();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    end = at + 1;
                    break;
                }
                '\\' => text.extend(read_escape(&mut chars)),
                other => text.push(other),
            }
        }
        self.push(start, TokenKind::Text(cut(&text)));
        self.at += end;
    }

    /// A character, or a lifetime of Rust, of which neither says anything.
    fn read_character(&mut self) {
        let rest = self.rest();
        let body = rest.get(1..).unwrap_or("");
        let end = if let Some(escaped) = body.strip_prefix('\\') {
            let skip = escaped.chars().next().map_or(0, char::len_utf8);
            escaped.get(skip..).and_then(|r| r.find('\'')).map(|at| 1 + 1 + skip + at + 1)
        } else {
            let skip = body.chars().next().map_or(0, char::len_utf8);
            body.get(skip..).filter(|r| r.starts_with('\'')).map(|_| 1 + skip + 1)
        };
        self.at += end.unwrap_or(1);
    }
}

fn cut(text: &str) -> String {
    text.get(..text.floor_char_boundary(MAX_LITERAL)).unwrap_or("").to_owned()
}

/// The character that an escape stands for; none for a line that goes on.
fn read_escape(chars: &mut std::iter::Peekable<impl Iterator<Item = (usize, char)>>) -> Option<char> {
    let (_, kind) = chars.next()?;
    let mut digits = |most: usize, radix: u32, first: u32| {
        let mut number = first;
        let mut taken = 0;
        while taken < most
            && let Some(digit) = chars.peek().and_then(|(_, c)| c.to_digit(radix))
        {
            number = number.wrapping_mul(radix).wrapping_add(digit);
            chars.next();
            taken += 1;
        }
        char::from_u32(number)
    };
    match kind {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        '\n' => None,
        'x' => digits(2, 16, 0),
        'u' => digits(4, 16, 0),
        '0'..='7' => digits(2, 8, kind.to_digit(8).unwrap_or(0)),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, language: Language) -> Vec<String> {
        let show = |token: Token| match token.kind {
            TokenKind::Word(word) => word,
            TokenKind::Text(text) => format!("<{text}>"),
            TokenKind::Mark(mark) => mark.to_string(),
        };
        tokens(text, language).into_iter().map(show).collect()
    }

    #[test]
    fn comments_and_directives_say_nothing_and_texts_are_decoded() {
        let source =
            "#include <a.h>\n#define RUN \"a\" \\\n \"b\"\n/* x */ f(\"\\x41\\n\\101\", 'c', L\"w\"); // y";
        assert_eq!(shown(source, Language::C).join(" "), "RUN = <a> <b> ; f ( <A\nA> , , <w> ) ;");
    }

    #[test]
    fn raw_texts_and_lifetimes_are_told_apart() {
        let source = "fn f<'a>(x: &'a str) { g(r#\"say \"it\"\"#, b\"x\", 'c', '\\n') }";
        let shown = shown(source, Language::Rust).join(" ");
        assert!(shown.contains("<say \"it\"> , <x> , , )"), "{shown}");
        assert_eq!(self::shown("R\"py(print(1))py\"", Language::C), ["<print(1)>"]);
    }

    #[test]
    fn a_directive_holds_no_directive() {
        let source = "#define A \\\r\r\n".repeat(20_000);
        assert!(tokens(&source, Language::C).is_empty());
    }

    #[test]
    fn what_is_not_closed_ends_with_the_source() {
        for source in [
            "\"abc",
            "/* abc",
            "'",
            "#define A \"x\\",
            "R\"(",
            "r##\"",
            "\"\\",
            "#define#define#",
            "R\"éé",
            "R\"\u{1F600}x",
        ] {
            tokens(source, Language::C);
            tokens(source, Language::Rust);
        }
    }
}
