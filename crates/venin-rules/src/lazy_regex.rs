//! Regular expressions that are compiled when they are first needed.
//!
//! Most rules never get as far as their expressions, because no call of their classes occurs; compiling them all
//! would cost more than a scan.  `\w`, `\d`, `\s` and `\b` know ASCII only: paths, URLs and commands need no more,
//! and the Unicode classes take most of the time to compile and to match.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// A regular expression, compiled at first use.
#[derive(Debug)]
pub(crate) struct LazyRegex {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

/// Upper bound of a compiled expression in bytes.
const SIZE_LIMIT: usize = 4 << 20;

impl LazyRegex {
    pub(crate) fn new(source: String) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    /// Compiles the expression now.
    ///
    /// # Errors
    /// The last line of the compiler's message, which names the cause.
    pub(crate) fn check(&self) -> Result<(), String> {
        match build(&self.source) {
            Ok(_) => Ok(()),
            Err(error) => {
                let text = error.to_string();
                Err(text
                    .lines()
                    .last()
                    .unwrap_or("it does not compile")
                    .trim_start_matches("error: ")
                    .to_owned())
            }
        }
    }

    /// Whether the expression is found in the text, or in the text with `/` for every backslash.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        let Some(regex) = self.compiled.get_or_init(|| build(&self.source).ok()) else { return false };
        regex.is_match(text) || matches!(with_slashes(text), Cow::Owned(slashed) if regex.is_match(&slashed))
    }
}

fn build(source: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&with_ascii_classes(source)).size_limit(SIZE_LIMIT).build()
}

/// The expression with classes of ASCII characters in place of the Unicode ones.
fn with_ascii_classes(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 32);
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            // A class inside of a class is taken in, so these stand in both places.
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('W') => out.push_str("[^0-9A-Za-z_]"),
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('s') => out.push_str("[\\t\\n\\v\\f\\r ]"),
            Some('S') => out.push_str("[^\\t\\n\\v\\f\\r ]"),
            Some('b') if !chars.as_str().starts_with('{') => out.push_str("(?-u:\\b)"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

/// The text with `/` for every run of backslashes.
pub(crate) fn with_slashes(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut after_backslash = false;
    for c in text.chars() {
        if c != '\\' {
            out.push(c);
        } else if !after_backslash {
            out.push('/');
        }
        after_backslash = c == '\\';
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_rule_matches_both_separators() {
        let regex = LazyRegex::new("(?i)/startup/".to_owned());
        assert!(regex.is_match("C:\\Users\\x\\Startup\\a.bat"));
        assert!(regex.is_match("C:\\\\Users\\\\x\\\\Startup\\\\a.bat"));
        assert!(regex.is_match("/x/startup/a"));
        assert!(!regex.is_match("startup"));
    }

    #[test]
    fn classes_are_those_of_ascii_wherever_they_stand() {
        let finds = |source: &str, text: &str| LazyRegex::new(source.to_owned()).is_match(text);
        assert!(finds(r"^[\w.-]+\s\d\b", "a_b-c 1"));
        assert!(finds(r"^[^\s/]+$", "ab") && !finds(r"^[^\s/]+$", "a b"));
        assert!(finds(r"\\w", "C:\\w") && !finds(r"\d", "٣"));
        assert!(finds(r"(?-u:\b)ab\b", "⟨x⟩ab⟨y⟩"));
        assert!(finds(r"[\S]\D\W", "ab "));
    }

    #[test]
    fn a_broken_expression_matches_nothing_and_says_why() {
        let regex = LazyRegex::new("a(".to_owned());
        assert!(!regex.is_match("a("));
        assert_eq!(regex.check(), Err("unclosed group".to_owned()));
    }
}
