//! What was found of one known file on one mirror.

use venin_intel::claim::{Class, Digest, Moment, Subject};

use crate::probe::Proof;
use crate::verdict::{ControlSeen, FileSeen, IndexSeen, Observations, Verdict, match_verdict};

/// What was found of one known file on one mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The mirror's identifier.
    pub mirror: String,
    /// The file; where a whole release or project is known, each listed file of it is a finding.
    pub subject: Subject,
    /// What it is taken for.
    pub class: Class,
    /// The verdict.
    pub verdict: Verdict,
    /// What the page said.
    pub index: IndexSeen,
    /// What the file's address said.
    pub file: FileSeen,
    /// What ties a served file to the known one.
    pub proof: Option<Proof>,
    /// The digest of the bytes served, where all of them were fetched.
    pub sha256: Option<Digest>,
    /// The page's address, without credentials.
    pub page_url: String,
    /// The file's address, without credentials; empty when none is known.
    pub file_url: String,
    /// The host that the mirror sends its users to.
    pub redirect: Option<String>,
    /// The project's status (PEP 792) as the mirror forwards it.
    pub project_status: Option<String>,
    /// The serial of the page.
    pub serial: Option<u64>,
    /// Why nothing can be said.
    pub reason: Option<String>,
    /// SHA-256 of the page's bytes.
    pub evidence: Option<Digest>,
    /// When it was seen.
    pub observed: Moment,
}

impl Finding {
    /// The same finding, with the verdict that the controls leave it.
    #[must_use]
    pub fn judged(mut self, control: ControlSeen) -> Self {
        self.verdict = match_verdict(Observations { control, index: self.index, file: self.file });
        self
    }

    /// Whether the mirror forwards the quarantine of the project.
    #[must_use]
    pub fn forwards_quarantine(&self) -> bool {
        self.project_status.as_deref() == Some("quarantined")
    }
}
