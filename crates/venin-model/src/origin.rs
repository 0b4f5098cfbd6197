//! Where a value came from.

use crate::{EventId, spelled_enum};

spelled_enum! {
    /// A kind of origin (design, section 4).
    pub enum OriginKind {
        /// Written in the source.
        Literal = "literal",
        /// The result of decoding, decrypting or decompressing.
        Decoded = "decoded",
        /// Came over the network.
        Network = "network",
        /// Read from a file.
        File = "file",
        /// An environment variable.
        Env = "env",
        /// Host, user or platform information.
        Host = "host",
        /// Output of a process.
        Process = "process",
        /// Typed or captured from the user: keyboard, clipboard, screen.
        User = "user",
        /// A parameter of a function nobody in the artifact calls, or a command-line argument.
        Argument = "argument",
        /// What a caller passes under the name of a secret: a password, a key, a token.
        Secret = "secret",
    }
}

/// A set of origin kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct OriginKinds(u16);

impl OriginKinds {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// A set of one.
    #[must_use]
    pub const fn of(kind: OriginKind) -> Self {
        Self(1 << kind as u16)
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set without one kind.
    #[must_use]
    pub const fn without(self, kind: OriginKind) -> Self {
        Self(self.0 & !(1 << kind as u16))
    }

    /// Whether the set holds the kind.
    #[must_use]
    pub const fn contains(self, kind: OriginKind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members in declaration order.
    pub fn iter(self) -> impl Iterator<Item = OriginKind> {
        OriginKind::ALL.iter().copied().filter(move |k| self.contains(*k))
    }
}

/// Where a value came from: kinds, and the events whose results flowed into it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origins {
    /// The kinds.
    pub kinds: OriginKinds,
    /// The events, ascending, at most a few dozen (the analyser caps the set).
    pub events: Vec<EventId>,
}

impl Origins {
    /// Whether the value carries the result of this event.
    #[must_use]
    pub fn comes_from(&self, event: EventId) -> bool {
        self.events.binary_search(&event).is_ok()
    }
}
