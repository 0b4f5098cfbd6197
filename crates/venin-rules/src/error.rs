//! What can be wrong with a rule page, a list or the kinds, and where.

use std::sync::Arc;

use thiserror::Error;

/// A defect of a page, a list or the kinds file, with its place and, where one is known, a way out.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{path}:{line}:{column}: {problem}{}", .hint.as_ref().map(|h| format!("\n  hint: {h}")).unwrap_or_default())]
pub struct PageError {
    /// The file, as it was named to the reader.
    pub path: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub problem: Problem,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What is wrong with a page.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The page does not begin with `+++`.
    #[error("the page does not begin with a `+++` line")]
    NoFrontMatter,
    /// The second `+++` is missing.
    #[error("the front matter is not closed by a second `+++` line")]
    UnclosedFrontMatter,
    /// The front matter is not what a page needs.
    #[error("front matter: {0}")]
    FrontMatter(String),
    /// A value is not one of those there are.
    #[error("`{key}` has no value `{value}`")]
    UnknownValue {
        /// The key.
        key: &'static str,
        /// The value as written.
        value: String,
    },
    /// A value breaks a rule of its own.
    #[error("`{key}` {rule}")]
    BadValue {
        /// The key.
        key: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// The id is not the name of the file.
    #[error("the id `{id}` is not the name of the file, `{file}`")]
    IdIsNotFileName {
        /// The id.
        id: String,
        /// The file's stem.
        file: String,
    },
    /// Neither a behavior nor a technique.
    #[error("the page names neither a behavior nor a technique")]
    NoBehavior,
    /// A section is missing.
    #[error("the page has no section `## {0}`")]
    NoSection(&'static str),
    /// A fence is not closed.
    #[error("the block is not closed")]
    UnclosedBlock,
    /// There is no pattern block.
    #[error("the page has no `pattern` block")]
    NoPattern,
    /// A character begins no token.
    #[error("`{0}` begins nothing here")]
    StrayCharacter(char),
    /// A quoted thing is not closed.
    #[error("the {0} is not closed")]
    Unclosed(&'static str),
    /// Another token was needed.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What was needed.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A word of a closed vocabulary is not known.
    #[error("there is no {what} `{word}`")]
    UnknownWord {
        /// The vocabulary.
        what: &'static str,
        /// The word.
        word: String,
    },
    /// A step's name is not given before it is used.
    #[error("no earlier step is named `{0}`")]
    UnknownName(String),
    /// A step's name cannot be used.
    #[error("a step cannot be named `{name}`: {reason}")]
    BadName {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// A regular expression does not compile.
    #[error("regular expression: {0}")]
    Regex(String),
    /// A glob cannot be read.
    #[error("glob: {0}")]
    Glob(&'static str),
    /// Well formed, but it makes no sense.
    #[error("{0}")]
    Senseless(&'static str),
    /// Larger than any page should be.
    #[error("too many {what}: at most {most}")]
    TooMany {
        /// What.
        what: &'static str,
        /// How many may be.
        most: usize,
    },
    /// A placeholder of the message names nothing.
    #[error("`message`: {0}")]
    Message(String),
    /// The primary step is no required step of a pattern.
    #[error("no required step of this pattern is named `{0}`, as `primary` says")]
    NoPrimary(String),
    /// An example breaks the rules of examples.
    #[error("example: {0}")]
    Example(String),
    /// Two files give the same thing.
    #[error("`{0}` is defined twice")]
    Duplicate(String),
    /// A list's line has no comment.
    #[error("the entry has no comment: write ` # ` and say what it is")]
    NoComment,
}

/// A problem at a byte offset of some text; becomes a [`PageError`] once the page is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Defect {
    /// Byte offset in the text that was read.
    pub offset: usize,
    /// What is wrong.
    pub problem: Problem,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Defect {
    pub(crate) fn new(offset: usize, problem: Problem) -> Self {
        Self { offset, problem, hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With the nearest of the known words as a hint, if one is near, else all of them if they are few.
    pub(crate) fn suggest<'a>(mut self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let nearest = known.iter().map(|k| (edit_distance(word, k), *k)).min();
        self.hint = match nearest {
            Some((distance, near)) if distance <= 1 + word.chars().count() / 4 => {
                Some(format!("did you mean `{near}`?"))
            }
            Some(_) if known.len() <= 40 => Some(format!("there are: {}", known.join(", "))),
            _ => None,
        };
        self
    }

    /// The error for a text that begins at `base` in the page.
    pub(crate) fn locate(self, path: &Arc<str>, page: &str, base: usize) -> PageError {
        let (line, column) = line_and_column(page, base.saturating_add(self.offset));
        PageError { path: Arc::clone(path), line, column, problem: self.problem, hint: self.hint }
    }
}

/// Line and column, both from 1, of a byte offset.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (u32, u32) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or_default();
    let line = before.bytes().filter(|b| *b == b'\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
    (count(line), count(column))
}

/// Levenshtein distance over at most 40 characters of each.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(40).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(40).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            let cost = usize::from(x.to_lowercase().ne(y.to_lowercase()));
            left = (diagonal + cost).min(left + 1).min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        assert_eq!(line_and_column("a\n⟨b⟩c", 0), (1, 1));
        assert_eq!(line_and_column("a\n⟨b⟩c", 9), (2, 4));
        assert_eq!(line_and_column("a", 99), (1, 2));
    }

    #[test]
    fn near_words_are_suggested() {
        assert_eq!(edit_distance("fetsh", "fetch"), 1);
        assert_eq!(edit_distance("", "abc"), 3);
        let defect = Defect::new(0, Problem::NoPattern).suggest("messanger", ["messenger", "paste"]);
        assert_eq!(defect.hint.as_deref(), Some("did you mean `messenger`?"));
    }
}
