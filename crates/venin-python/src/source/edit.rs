//! Edits that make a text parse, and the way back from offsets in the edited text.

use std::borrow::Cow;

/// A replacement of a byte range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    start: u32,
    end: u32,
    text: Cow<'static, str>,
}

impl Edit {
    /// Replaces `start..end`, which must lie on character boundaries, by `text`.
    pub(super) fn new(start: u32, end: u32, text: impl Into<Cow<'static, str>>) -> Self {
        Self { start, end, text: text.into() }
    }

    /// Inserts `text` at `at`.
    pub(super) fn insert(at: u32, text: &'static str) -> Self {
        Self::new(at, at, text)
    }

    /// Whether the edit shares or borders on a byte with one of `others`, which are in order and apart.
    pub(super) fn touches_any(&self, others: &[Self]) -> bool {
        let after = others.partition_point(|other| other.start <= self.end);
        after.checked_sub(1).and_then(|at| others.get(at)).is_some_and(|other| other.end >= self.start)
    }
}

/// Maps offsets of an edited text to the original.
#[derive(Debug, Default)]
pub(super) struct SpanMap {
    base: u32,
    /// Start and end in the edited text, and the start and end they stand for; sorted.
    steps: Vec<[u32; 4]>,
}

impl SpanMap {
    /// A map for an unedited piece of a text that begins at `base`.
    pub(super) fn shifted(base: u32) -> Self {
        Self { base, steps: Vec::new() }
    }

    /// The original offset.
    pub(super) fn original(&self, offset: u32) -> u32 {
        let after = self.steps.partition_point(|step| step[0] <= offset);
        let Some([start, end, from, to]) = after.checked_sub(1).and_then(|at| self.steps.get(at)).copied()
        else {
            return self.base + offset;
        };
        let original = if offset >= end {
            to + (offset - end)
        } else if offset == start {
            from
        } else {
            to
        };
        self.base + original
    }
}

/// Applies edits to a piece of a text that begins at `base`.  Edits may come in any order; of two that
/// overlap, the later one in the text is left out, as is one that is not within the piece.
pub(super) fn apply(piece: &str, base: u32, mut edits: Vec<Edit>) -> (String, SpanMap) {
    edits.sort_by_key(|edit| (edit.start, edit.end));
    let mut text = String::with_capacity(piece.len() + edits.len() * 4);
    let mut map = SpanMap::shifted(base);
    let mut done = 0;
    for edit in edits {
        let Some(before) = piece.get(done as usize..edit.start as usize) else { continue };
        if !piece.is_char_boundary(edit.end as usize) {
            continue;
        }
        text.push_str(before);
        let start = text.len() as u32;
        text.push_str(&edit.text);
        map.steps.push([start, text.len() as u32, edit.start, edit.end]);
        done = edit.end;
    }
    text.push_str(piece.get(done as usize..).unwrap_or_default());
    (text, map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_find_their_way_back_through_edits() {
        let edits = vec![Edit::insert(12, ")"), Edit::new(5, 6, "(")];
        let (text, map) = apply("print 'abcd'; y", 0, edits);
        assert_eq!(text, "print('abcd'); y");
        let (text, map2) = apply("print 'abcd'; y", 100, vec![Edit::insert(6, "("), Edit::insert(12, ")")]);
        assert_eq!(text, "print ('abcd'); y");
        let quote = text.find('\'').unwrap_or(0) as u32;
        assert_eq!(map2.original(quote), 106);
        assert_eq!(map2.original(text.find('y').unwrap_or(0) as u32), 114);
        assert_eq!(map.original(0), 0);
    }

    #[test]
    fn edits_that_overlap_or_leave_the_piece_are_left_out() {
        let edits = vec![Edit::new(0, 4, "x"), Edit::new(2, 3, "y"), Edit::new(90, 99, "z")];
        assert_eq!(apply("abcdef", 0, edits).0, "xef");
    }
}
