//! Where evidence lies.

use std::sync::Arc;

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
    /// The source line (of the layer), trimmed and at most 240 characters.
    pub snippet: Arc<str>,
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
        }
    }
}
