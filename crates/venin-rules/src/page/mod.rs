//! Rule pages: front matter, prose, patterns and examples in one Markdown file.
//!
//! The format is described in `docs/rules.md`.  Reading a page runs nothing; the examples are programs for the
//! scanner's tests to look at.

mod archive;
mod case;
mod example;
mod fences;
mod front;

use std::sync::Arc;

pub use self::case::{Case, parse_cases};
pub use self::example::{DEFAULT_FILE, Example, ExampleFile, ExampleKind, Expectation};
use self::fences::{Content, Piece};
pub use self::front::RuleMeta;
use crate::error::{Defect, PageError, Problem};
use crate::pattern::{Pattern, parse_pattern};

/// A rule page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Where it was read from.
    pub path: Arc<str>,
    /// What the rule says of itself.
    pub rule: RuleMeta,
    /// Its patterns; a match of any of them is a match of the rule.
    pub patterns: Vec<Pattern>,
    /// Byte offsets of the patterns' sources in the page.
    pub(crate) pattern_offsets: Vec<usize>,
    pub(crate) message_offset: usize,
    body_offset: usize,
    text: Arc<str>,
}

/// Reads the front matter and the patterns of a page.  Its examples wait for [`Page::parse_examples`].
///
/// # Errors
/// The first thing that is wrong, with line, column and a hint.
pub fn parse_page(path: &str, text: &str) -> Result<Page, PageError> {
    let shared_path: Arc<str> = Arc::from(path);
    read_page(&shared_path, text).map_err(|d| d.locate(&shared_path, text, 0))
}

fn read_page(path: &Arc<str>, text: &str) -> Result<Page, Defect> {
    let front = front::parse_front_matter(path, text)?;
    let body = text.get(front.body_offset..).unwrap_or_default();
    let mut patterns = Vec::new();
    let mut pattern_offsets = Vec::new();
    for piece in fences::parse_pieces(body, front.body_offset)? {
        let Content::Block(block) = piece.content else { continue };
        if block.info != "pattern" {
            continue;
        }
        let pattern = parse_pattern(block.text).map_err(|mut d| {
            d.offset += block.text_offset;
            d
        })?;
        patterns.push(pattern);
        pattern_offsets.push(block.text_offset);
    }
    if patterns.is_empty() {
        return Err(Defect::new(front.body_offset, Problem::NoPattern).hint("open a block with ```pattern"));
    }
    Ok(Page {
        path: Arc::clone(path),
        rule: front.rule,
        patterns,
        pattern_offsets,
        message_offset: front.message_offset,
        body_offset: front.body_offset,
        text: Arc::from(text),
    })
}

impl Page {
    /// Sections that every page has, beside those of the examples.
    pub const SECTIONS: &'static [&'static str] = &["What it detects", "Why it matters"];

    /// The page's text without the front matter, as Markdown.
    #[must_use]
    pub fn body(&self) -> &str {
        self.text.get(self.body_offset..).unwrap_or_default()
    }

    /// Reads the examples, and checks what only the whole page shows: its sections, and the rules of examples.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse_examples(&self) -> Result<Vec<Example>, PageError> {
        let read = || {
            let pieces = fences::parse_pieces(self.body(), self.body_offset)?;
            self.check_sections(&pieces)?;
            example::parse_examples(&self.rule.id, &pieces, &self.text)
        };
        read().map_err(|d| d.locate(&self.path, &self.text, 0))
    }

    fn check_sections(&self, pieces: &[Piece<'_>]) -> Result<(), Defect> {
        for wanted in Self::SECTIONS {
            let at = pieces.iter().position(
                |p| matches!(p.content, Content::Heading(2, title) if title.eq_ignore_ascii_case(wanted)),
            );
            let next = at.and_then(|i| pieces.get(i + 1));
            match next {
                None => return Err(Defect::new(self.body_offset, Problem::NoSection(wanted))),
                Some(piece) if !matches!(piece.content, Content::Prose) => {
                    return Err(Defect::new(piece.offset, Problem::NoSection(wanted))
                        .hint("the section begins with a sentence"));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Moves a defect of one of the page's patterns to its place in the page.
    pub(crate) fn locate_in_pattern(&self, pattern: usize, defect: Defect) -> PageError {
        let base = self.pattern_offsets.get(pattern).copied().unwrap_or(self.body_offset);
        defect.locate(&self.path, &self.text, base)
    }

    /// Turns a defect of the message into an error.
    pub(crate) fn locate_in_message(&self, why: String) -> PageError {
        Defect::new(self.message_offset, Problem::Message(why)).locate(&self.path, &self.text, 0)
    }
}
