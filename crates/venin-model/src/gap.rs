//! Gaps: what was not looked at, and why.

use std::sync::Arc;

use crate::{MemberPath, spelled_enum};

spelled_enum! {
    /// Why something was not (wholly) looked at.
    pub enum GapKind {
        /// A budget of the archive reader ran out: bytes, members, ratio, depth.
        ArchiveBudget = "archive budget",
        /// The archive or a member of it cannot be read: truncated, damaged, encrypted, unknown compression.
        Unreadable = "unreadable",
        /// The text's encoding is not known or its bytes do not fit it.
        Encoding = "encoding",
        /// The parser gave up on part of the file.
        Syntax = "syntax",
        /// The text nests deeper than the analyser follows.
        Nesting = "nesting",
        /// The analyser's step budget ran out.
        AnalysisBudget = "analysis budget",
        /// A format nobody reads yet.
        Unsupported = "unsupported format",
        /// The worker died, or a defect of the scanner was caught.
        Crash = "scanner failure",
        /// An input could not be opened or fetched.
        Input = "input",
    }
}

impl GapKind {
    /// Whether the gap keeps an artifact from being called clean.  A part that could not be read at all does;
    /// a member in a format that is only data does not.
    #[must_use]
    pub const fn is_incomplete(self) -> bool {
        !matches!(self, Self::Unsupported)
    }
}

/// Something that was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gap {
    /// The member, or `None` for the artifact.
    pub member: Option<MemberPath>,
    /// Why.
    pub kind: GapKind,
    /// What exactly, one sentence without a full stop: ``declared 120 bytes, found 4,096``.
    pub detail: Arc<str>,
}

impl Gap {
    /// A gap in one member.
    #[must_use]
    pub fn of_member(member: MemberPath, kind: GapKind, detail: impl Into<Arc<str>>) -> Self {
        Self { member: Some(member), kind, detail: detail.into() }
    }

    /// A gap of the whole artifact.
    #[must_use]
    pub fn of_artifact(kind: GapKind, detail: impl Into<Arc<str>>) -> Self {
        Self { member: None, kind, detail: detail.into() }
    }
}
