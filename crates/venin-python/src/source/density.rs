//! A second look at how deep a large text nests, with the parser's own lexer.
//!
//! [`shape`](super::shape) scans text its own way.  Where the two disagree about what is inside a string, a
//! text could nest deeper than it seems.  In a small text that does no harm, whatever it holds; a large one
//! that is dense enough to do harm is lexed once more before it is parsed.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

use super::scan::Scanner;

/// Levels the parser may recurse in any text: 220 MB of its stack.
const SAFE_NESTED: usize = 100_000;
/// Links the parser's tree may have in any text: 125 MB of stack when it is dropped.
const SAFE_LINKS: usize = 1_000_000;

/// Whether a text may make the parser recurse deeper than is safe.
pub(super) fn is_too_deep(text: &str) -> bool {
    if text.len() <= SAFE_NESTED {
        return false;
    }
    let (nested, links) = count(text.as_bytes());
    let words = ["not", "lambda", "await", "yield"];
    let words = words.map(|word| memchr::memmem::find_iter(text.as_bytes(), word).count());
    if nested + words.iter().sum::<usize>() <= SAFE_NESTED && links <= SAFE_LINKS {
        return false;
    }
    is_deep_to_lexer(text)
}

/// Bytes that may nest and bytes that may link.
fn count(bytes: &[u8]) -> (usize, usize) {
    let nests = |b: u8| matches!(b, b'(' | b'[' | b'{' | b'-' | b'+' | b'~' | b'*');
    let links = |b: u8| b.is_ascii_punctuation() & (b != b',') & (b != b'_') & (b != b'#');
    // Counters as wide as what they count let several bytes be looked at together.
    bytes.chunks(usize::from(u8::MAX)).fold((0, 0), |(nested, linked), chunk| {
        let nesting: u8 = chunk.iter().map(|b| u8::from(nests(*b))).sum();
        let linking: u8 = chunk.iter().map(|b| u8::from(links(*b))).sum();
        (nested + usize::from(nesting), linked + usize::from(linking))
    })
}

/// What is open at a token.
#[derive(Debug, Default)]
struct Open {
    brackets: usize,
    /// Prefix operators side by side.
    prefixes: usize,
    /// `**` since the last comma, and lambdas since the last line.
    words: usize,
    lambdas: usize,
    links: usize,
}

impl Open {
    fn is_too_much(&self) -> bool {
        self.brackets + self.prefixes + self.words + self.lambdas > SAFE_NESTED || self.links > SAFE_LINKS
    }
}

/// Walks the lexer's tokens.
fn is_deep_to_lexer(text: &str) -> bool {
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut open = Open::default();
    let mut has_unknown = false;
    loop {
        let kind = lexer.next_token();
        let prefixes = std::mem::take(&mut open.prefixes);
        match kind {
            TokenKind::EndOfFile => break,
            TokenKind::NonLogicalNewline | TokenKind::Comment => open.prefixes = prefixes,
            TokenKind::Newline | TokenKind::Semi => {
                open = Open { brackets: open.brackets, ..Open::default() }
            }
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                open.brackets += 1;
                open.links += 1;
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                open.brackets = open.brackets.saturating_sub(1);
            }
            TokenKind::Comma => (open.words, open.links) = (0, open.brackets),
            TokenKind::Lambda => open.lambdas += 1,
            TokenKind::DoubleStar => open.words += 1,
            TokenKind::Unknown => has_unknown = true,
            TokenKind::Not | TokenKind::Await | TokenKind::Yield | TokenKind::Star | TokenKind::Tilde => {
                open.prefixes = prefixes + 1;
            }
            TokenKind::Plus | TokenKind::Minus => {
                open.prefixes = prefixes + 1;
                open.links += 1;
            }
            kind => open.links += usize::from(kind.is_operator()),
        }
        if open.is_too_much() {
            return true;
        }
    }
    // After an error the parser lexes the rest of a line anew.
    let mut scanner = Scanner::new(text);
    scanner.by_ref().for_each(drop);
    (has_unknown || scanner.has_unclosed_text())
        && text.lines().any(|line| count(line.as_bytes()).0 > SAFE_NESTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_tables_pass_and_deep_texts_do_not() {
        assert!(!is_too_deep(&"(".repeat(90_000)));
        assert!(is_too_deep(&"(".repeat(110_000)));
        assert!(is_too_deep(&format!("x = {}1", "-".repeat(110_000))));
        assert!(is_too_deep(&format!("x = {}1", "not ".repeat(110_000))));
        assert!(is_too_deep(&format!("x = a{}", ".b".repeat(1_100_000))));
        assert!(!is_too_deep(&format!("x = [{}]", "(1, -2.5), ".repeat(200_000))));
        assert!(!is_too_deep(&"x.y(-1)[z]\n".repeat(200_000)));
        assert!(!is_too_deep(&format!("x = '{}'", "(".repeat(300_000))));
        assert!(is_too_deep(&format!("f'{{'{}", "(".repeat(110_000))));
    }
}
