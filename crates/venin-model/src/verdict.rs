//! Verdicts and the operating points they are read at.

use crate::spelled_enum;

spelled_enum! {
    /// What we say of an artifact, the least worrying first.
    pub enum Verdict {
        /// Everything was looked at and nothing reaches the threshold.
        Clean = "clean",
        /// Nothing reaches the threshold, but not everything was looked at.
        Incomplete = "incomplete",
        /// Some evidence, not enough to be sure.
        Suspicious = "suspicious",
        /// Malicious beyond the persona's threshold.
        Malicious = "malicious",
    }
}

spelled_enum! {
    /// An operating point on the score (design, section 6).
    pub enum Persona {
        /// Registries and mirrors: at most one false alarm in a thousand projects.
        Registry = "registry",
        /// Teams and their CI: at most one in a hundred.  The default.
        Team = "team",
        /// Researchers: everything.
        Research = "research",
    }
}
