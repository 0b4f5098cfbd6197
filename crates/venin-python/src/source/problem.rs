//! What went wrong while one source was read.

use venin_model::GapKind;

/// A part of a source that was not, or not surely, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Why.
    pub kind: GapKind,
    /// Line in the decoded text, from 1.
    pub line: u32,
    /// What exactly, one sentence without a full stop.
    pub detail: String,
}

impl Problem {
    /// A problem at a line.
    #[must_use]
    pub fn new(kind: GapKind, line: u32, detail: impl Into<String>) -> Self {
        Self { kind, line, detail: detail.into() }
    }
}
