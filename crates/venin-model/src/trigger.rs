//! What makes code run.

use crate::spelled_enum;

spelled_enum! {
    /// What makes a piece of code run, the earliest first.
    pub enum Trigger {
        /// `setup.py` and its command classes.
        Install = "install",
        /// A build backend that lies in the tree (PEP 517).
        Build = "build",
        /// Every interpreter start: `.pth`, sitecustomize, usercustomize.
        Startup = "startup",
        /// The import of a top-level package reaches it.
        Import = "import",
        /// A console script, a plugin entry point or `__main__`.
        Entry = "entry",
        /// A function body that nothing above calls.
        Run = "run",
        /// Not Python, or nothing runs it.
        Data = "data",
    }
}

spelled_enum! {
    /// The study's attack vectors (paper section 1.7).
    pub enum Vector {
        /// Install and build.
        Install = "install",
        /// Import and startup.
        Import = "import",
        /// Run and entry.
        Run = "run",
    }
}

impl Trigger {
    /// The study's vector for this trigger; none for data.
    #[must_use]
    pub const fn vector(self) -> Option<Vector> {
        match self {
            Self::Install | Self::Build => Some(Vector::Install),
            Self::Startup | Self::Import => Some(Vector::Import),
            Self::Entry | Self::Run => Some(Vector::Run),
            Self::Data => None,
        }
    }

    /// Whether the code runs without the user calling anything of the package.
    #[must_use]
    pub const fn is_automatic(self) -> bool {
        matches!(self, Self::Install | Self::Build | Self::Startup | Self::Import)
    }
}

/// A set of triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Triggers(u8);

impl Triggers {
    /// The set with no trigger.
    pub const NONE: Self = Self(0);

    /// Adds one.
    pub fn insert(&mut self, trigger: Trigger) {
        self.0 |= 1 << trigger as u8;
    }

    /// Whether the set holds it.
    #[must_use]
    pub const fn contains(self, trigger: Trigger) -> bool {
        self.0 & (1 << trigger as u8) != 0
    }

    /// The members, the earliest first.
    pub fn iter(self) -> impl Iterator<Item = Trigger> {
        Trigger::ALL.iter().copied().filter(move |t| self.contains(*t))
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The earliest member.
    #[must_use]
    pub fn first(self) -> Option<Trigger> {
        self.iter().next()
    }
}

impl FromIterator<Trigger> for Triggers {
    fn from_iter<I: IntoIterator<Item = Trigger>>(iter: I) -> Self {
        let mut set = Self::NONE;
        for trigger in iter {
            set.insert(trigger);
        }
        set
    }
}
