//! What an index page, a file and the control probes say together about one known file.
//!
//! | verdict | index | file |
//! |---|---|---|
//! | live | lists it | served |
//! | orphan file | does not | served |
//! | ghost index | lists it | not served |
//! | redirecting | either | leads to another host |
//! | tampered | any | served, other bytes |
//! | clean | does not | not served |
//! | unknown | the control probes failed, or one half could not be seen | |
//!
//! A mirror that is down, or that answers everything alike, is unknown: never clean, never dirty.

venin_model::spelled_enum! {
    /// What can be said of one known file on one mirror.
    pub enum Verdict {
        /// Installable by name.
        Live = "live",
        /// Installable by its address, as lock files have it.
        OrphanFile = "orphan-file",
        /// Listed, but not there: broken installs, a tool that does not clean up.
        GhostIndex = "ghost-index",
        /// The mirror sends its users to another host.
        Redirecting = "redirecting",
        /// Other bytes under the file's name.
        Tampered = "tampered",
        /// Neither listed nor served.
        Clean = "clean",
        /// Not to be counted.
        Unknown = "unknown",
    }
}

impl Verdict {
    /// Whether the mirror itself still has something of the file: bytes or an entry.
    #[must_use]
    pub const fn is_stale(self) -> bool {
        matches!(self, Self::Live | Self::OrphanFile | Self::GhostIndex | Self::Tampered)
    }

    /// What it means for those who install from the mirror.
    #[must_use]
    pub const fn risk(self) -> &'static str {
        match self {
            Self::Live => "installable by name",
            Self::OrphanFile => "installable by address and from lock files",
            Self::GhostIndex => "installs break; the mirror's tool does not clean up",
            Self::Redirecting => "as safe as the host it leads to",
            Self::Tampered => "other bytes than known under this name: look at it now",
            Self::Clean => "none",
            Self::Unknown => "not known",
        }
    }
}

venin_model::spelled_enum! {
    /// What the control probes said.
    pub enum ControlSeen {
        /// The known-good project was there, the absent name was not.
        Well = "well",
        /// The mirror is down or answers everything alike.
        Failed = "failed",
    }
}

venin_model::spelled_enum! {
    /// What the index page said of the file.
    pub enum IndexSeen {
        /// Listed, with the known digest or with none.
        Listed = "listed",
        /// Listed with another digest.
        ListedOther = "listed-other",
        /// No page, or a page that does not list it.
        Absent = "absent",
        /// The page is on another host.
        Elsewhere = "elsewhere",
        /// No answer that says anything.
        Unknown = "unknown",
    }
}

venin_model::spelled_enum! {
    /// What the file's address said.
    pub enum FileSeen {
        /// Served, and its bytes are the known ones.
        Same = "same",
        /// Served; the bytes were not compared.
        Served = "served",
        /// Served, and its bytes are others.
        Other = "other",
        /// Not served.
        Absent = "absent",
        /// The address leads to another host.
        Elsewhere = "elsewhere",
        /// No answer that says anything, or a web page instead of a file.
        Unknown = "unknown",
        /// No address is known to ask for.
        NoAddress = "no-address",
    }
}

/// Everything that was seen of one known file on one mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observations {
    /// The control probes before and after.
    pub control: ControlSeen,
    /// The index page.
    pub index: IndexSeen,
    /// The file.
    pub file: FileSeen,
}

/// The verdict on what was seen.
///
/// A file that is served counts as an orphan even where the page could not be read: that much is proven.
#[must_use]
pub const fn match_verdict(seen: Observations) -> Verdict {
    use {FileSeen as F, IndexSeen as I};
    if matches!(seen.control, ControlSeen::Failed) {
        return Verdict::Unknown;
    }
    match (seen.index, seen.file) {
        (_, F::Other) | (I::ListedOther, F::Served) => Verdict::Tampered,
        (I::Listed, F::Same | F::Served) => Verdict::Live,
        (_, F::Same | F::Served) => Verdict::OrphanFile,
        (_, F::Elsewhere) | (I::Elsewhere, _) => Verdict::Redirecting,
        (I::Listed | I::ListedOther, F::Absent) => Verdict::GhostIndex,
        (I::Absent, F::Absent) => Verdict::Clean,
        (I::Unknown, F::Absent) | (_, F::Unknown | F::NoAddress) => Verdict::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: what the index said; columns: what the file's address said, in declaration order.
    #[rustfmt::skip]
    const TABLE: &[(IndexSeen, [Verdict; 7])] = {
        use Verdict::{Clean, GhostIndex, Live, OrphanFile, Redirecting, Tampered, Unknown};
        &[
            // same, served, other, absent, elsewhere, unknown, no address
            (IndexSeen::Listed,      [Live, Live, Tampered, GhostIndex, Redirecting, Unknown, Unknown]),
            (IndexSeen::ListedOther, [OrphanFile, Tampered, Tampered, GhostIndex, Redirecting, Unknown, Unknown]),
            (IndexSeen::Absent,      [OrphanFile, OrphanFile, Tampered, Clean, Redirecting, Unknown, Unknown]),
            (IndexSeen::Elsewhere,   [OrphanFile, OrphanFile, Tampered, Redirecting, Redirecting, Redirecting, Redirecting]),
            (IndexSeen::Unknown,     [OrphanFile, OrphanFile, Tampered, Unknown, Redirecting, Unknown, Unknown]),
        ]
    };

    #[test]
    fn every_combination_has_the_verdict_of_the_table() {
        assert_eq!(TABLE.len(), IndexSeen::ALL.len());
        for (index, verdicts) in TABLE {
            for (file, verdict) in FileSeen::ALL.iter().zip(verdicts) {
                let seen = Observations { control: ControlSeen::Well, index: *index, file: *file };
                assert_eq!(match_verdict(seen), *verdict, "{index} {file}");
            }
        }
    }

    #[test]
    fn nothing_is_clean_or_dirty_where_the_controls_failed() {
        for index in IndexSeen::ALL {
            for file in FileSeen::ALL {
                let seen = Observations { control: ControlSeen::Failed, index: *index, file: *file };
                assert_eq!(match_verdict(seen), Verdict::Unknown);
            }
        }
    }
}
