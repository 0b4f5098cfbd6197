//! Splits a page into headings and fenced blocks.
//!
//! Only the part of Markdown that pages need: ATX headings, and fences as CommonMark defines them, so that a block
//! which shows a fence is opened with a longer one.

use crate::error::{Defect, Problem};

/// A piece of a page, with its byte offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) offset: usize,
    pub(super) content: Content<'a>,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content<'a> {
    /// `## Title`, with the number of signs.
    Heading(usize, &'a str),
    /// A line of prose that is not blank.
    Prose,
    /// A fenced block.
    Block(Block<'a>),
}

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block<'a> {
    /// What follows the opening fence, trimmed.
    pub(super) info: &'a str,
    /// The lines between the fences, line breaks included.
    pub(super) text: &'a str,
    /// Byte offset of the text.
    pub(super) text_offset: usize,
}

/// Reads all pieces of a text that begins at byte `base` of the page.
pub(super) fn parse_pieces(text: &str, base: usize) -> Result<Vec<Piece<'_>>, Defect> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(line) = next_line(text, at) {
        let offset = base + at;
        at += line.len();
        if let Some(fence) = opening_fence(line) {
            let (block, after) = parse_block(text, at, &fence).ok_or_else(|| {
                Defect::new(offset, Problem::UnclosedBlock)
                    .hint(format!("close it with `{}` on a line of its own", fence.signs))
            })?;
            let block = Block { info: fence.info, text: block, text_offset: base + at };
            pieces.push(Piece { offset, content: Content::Block(block) });
            at = after;
        } else if let Some(heading) = parse_heading(line) {
            pieces.push(Piece { offset, content: heading });
        } else if !line.trim().is_empty() {
            pieces.push(Piece { offset, content: Content::Prose });
        }
    }
    Ok(pieces)
}

fn next_line(text: &str, at: usize) -> Option<&str> {
    text.get(at..).and_then(|rest| rest.split_inclusive('\n').next())
}

struct Fence<'a> {
    signs: &'a str,
    info: &'a str,
}

fn opening_fence(line: &str) -> Option<Fence<'_>> {
    let trimmed = line.trim();
    let sign = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = trimmed.chars().take_while(|c| *c == sign).count();
    let (signs, info) = trimmed.split_at_checked(length)?;
    let is_inline = sign == '`' && info.contains('`');
    (length >= 3 && !is_inline).then(|| Fence { signs, info: info.trim() })
}

/// The text of the block and the offset after its closing fence.
fn parse_block<'a>(text: &'a str, start: usize, fence: &Fence<'_>) -> Option<(&'a str, usize)> {
    let mut at = start;
    while let Some(line) = next_line(text, at) {
        let closes = line
            .trim()
            .strip_prefix(fence.signs)
            .is_some_and(|rest| rest.chars().all(|c| fence.signs.starts_with(c)));
        if closes {
            return Some((text.get(start..at)?, at + line.len()));
        }
        at += line.len();
    }
    None
}

fn parse_heading(line: &str) -> Option<Content<'_>> {
    let line = line.trim_end();
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let title = line.get(level..)?.strip_prefix(' ')?;
    (1..=6).contains(&level).then(|| Content::Heading(level, title.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_fence_holds_a_shorter_one() {
        let text = "## A\n````python file=x.py\n```\nx\n```\n````\nprose\n";
        let pieces = parse_pieces(text, 0).unwrap();
        let contents: Vec<_> = pieces.into_iter().map(|p| p.content).collect();
        assert_eq!(contents.len(), 3);
        assert_eq!(contents[0], Content::Heading(2, "A"));
        assert!(
            matches!(&contents[1], Content::Block(b) if b.text == "```\nx\n```\n" && b.info == "python file=x.py")
        );
    }

    #[test]
    fn headings_inside_blocks_are_text_and_an_open_block_is_an_error() {
        let pieces = parse_pieces("~~~\n# x\n~~~\n", 0).unwrap();
        assert_eq!(pieces.len(), 1);
        assert_eq!(parse_pieces("a\n```x\n", 10).unwrap_err().offset, 12);
    }
}
