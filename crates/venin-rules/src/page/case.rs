//! Collections of cases: small releases written as blocks of a page, with a line that says what a scan must give.
//!
//! A rule page shows what one rule sees; a collection shows whole releases and leaves open which rules speak.

use super::example::{Example, ExampleFile, ExampleKind, add_block};
use super::fences::{Content, parse_pieces};
use crate::error::{Defect, PageError, Problem};

/// A small release and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The heading.
    pub title: String,
    /// The prose below it, line by line; its first line usually holds the attributes.
    pub prose: Vec<String>,
    /// The files of the release; at least one.
    pub files: Vec<ExampleFile>,
    /// Line of the heading, from 1.
    pub line: u32,
}

/// Reads a collection: every heading of the second level is a case, and all blocks below it are its files, written as in
/// the examples of rule pages.
///
/// # Errors
/// The first thing that is wrong, such as a block of an unknown language or a case without files.
pub fn parse_cases(path: &str, text: &str) -> Result<Vec<Case>, PageError> {
    read_cases(text).map_err(|d| d.locate(&std::sync::Arc::from(path), text, 0))
}

fn read_cases(text: &str) -> Result<Vec<Case>, Defect> {
    let mut cases: Vec<Case> = Vec::new();
    let mut offsets = Vec::new();
    for piece in parse_pieces(text, 0)? {
        match &piece.content {
            Content::Heading(2, title) => {
                let line = crate::error::line_and_column(text, piece.offset).0;
                offsets.push(piece.offset);
                cases.push(Case { title: (*title).to_owned(), prose: Vec::new(), files: Vec::new(), line });
            }
            Content::Heading(..) => {}
            Content::Prose => {
                let line = text.get(piece.offset..).and_then(|rest| rest.lines().next()).unwrap_or_default();
                if let Some(case) = cases.last_mut() {
                    case.prose.push(line.trim().to_owned());
                }
            }
            Content::Block(block) => {
                let Some(case) = cases.last_mut() else { continue };
                let mut example = Example {
                    kind: ExampleKind::Positive,
                    title: String::new(),
                    files: std::mem::take(&mut case.files),
                    expected: Vec::new(),
                    missed: Vec::new(),
                    line: case.line,
                };
                add_block(&mut example, block)
                    .map_err(|d| Defect { offset: d.offset.max(piece.offset), ..d })?;
                case.files = example.files;
            }
        }
    }
    match cases.iter().zip(&offsets).find(|(case, _)| case.files.is_empty()) {
        Some((_, offset)) => Err(Defect::new(*offset, Problem::Example("a case without a block".to_owned()))),
        None => Ok(cases),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_a_heading_with_prose_and_all_blocks_below_it() {
        let text = "# Title\nintro\n\n## one\n\n- verdict: clean\n\nwhy\n\n```python file=a.py\nx = 1\n```\n\n\
                    ```text file=b.txt\nhello\n```\n\n## two\n\n```python\ny = 2\n```\n";
        let cases = parse_cases("corpus.md", text).unwrap();
        let titles: Vec<_> = cases.iter().map(|c| (c.title.as_str(), c.line, c.files.len())).collect();
        assert_eq!(titles, [("one", 4, 2), ("two", 18, 1)]);
        assert_eq!(cases[0].prose, ["- verdict: clean", "why"]);
        assert_eq!(cases[0].files[1].bytes, b"hello\n");
    }

    #[test]
    fn a_case_without_a_block_is_an_error_at_its_heading() {
        assert_eq!(parse_cases("corpus.md", "\n## empty\nprose\n").unwrap_err().line, 2);
    }
}
