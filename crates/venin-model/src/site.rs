//! Where evidence lies.

use std::sync::Arc;

use crate::Snippet;

/// The path of a member inside its artifact, `/`-separated.  A member of a nested archive is written
/// `outer.zip!inner.py`.
pub type MemberPath = Arc<str>;

/// A place in a member, or in a layer decoded from it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// The member.
    pub member: MemberPath,
    /// First line, from 1, in the member as it is stored.  For a decoded layer: the line of the call that
    /// executes the layer.
    pub line: u32,
    /// First column, in characters from 1.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Last column (exclusive), in characters from 1; 0 when not known.
    pub end_column: u32,
    /// 0 for the member's own text, n for what n decodings revealed.
    pub layer: u16,
    /// The line inside the layer's text, from 1; equal to `line` in layer 0.
    pub layer_line: u32,
    /// The source line (of the layer) or the part of it around the place, trimmed and at most [`Snippet::MAX`]
    /// characters.
    pub snippet: Arc<str>,
    /// Where in the snippet the place begins, in characters from 0.
    pub mark_start: u32,
    /// How many characters of the snippet the place takes; 0 when there is no snippet.
    pub mark_length: u32,
}

impl Site {
    /// The place "this member as a whole".
    #[must_use]
    pub fn whole(member: MemberPath) -> Self {
        Self {
            member,
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 0,
            layer: 0,
            layer_line: 1,
            snippet: Arc::from(""),
            mark_start: 0,
            mark_length: 0,
        }
    }

    /// A line of a member as a whole; `text` is what stands there.
    #[must_use]
    pub fn of_line(member: MemberPath, line: u32, text: &str) -> Self {
        let line = line.max(1);
        let site = Self { line, end_line: line, layer_line: line, ..Self::whole(member) };
        site.with_snippet(Snippet::of_line(text))
    }

    /// The same, shown by this snippet.
    #[must_use]
    pub fn with_snippet(self, snippet: Snippet) -> Self {
        let Snippet { text, mark_start, mark_length } = snippet;
        Self { snippet: text, mark_start, mark_length, ..self }
    }
}
