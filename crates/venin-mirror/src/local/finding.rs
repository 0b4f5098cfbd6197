//! What an audit of a tree found.

use venin_intel::claim::{Class, Digest, Subject};

use super::Layout;
use super::pages::PageForm;
use super::tree::NotLookedAt;
use crate::known::{Blake2, MatchedBy};
use crate::verdict::{FileSeen, IndexSeen, Verdict};

/// A file in the tree that is a known one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleFile {
    /// Relative to the root.
    pub path: String,
    /// Of its bytes.
    pub sha256: Digest,
    /// Of its bytes.
    pub blake2: Blake2,
    /// Bytes.
    pub size: u64,
    /// Why it counts as known.
    pub by: MatchedBy,
    /// Whether its bytes lie in the server's database, under this path.
    pub in_database: bool,
    /// Where it leads, if it is a symbolic link.
    pub link: Option<String>,
    /// Files that belong to it and go with it: `FILE.metadata` (PEP 658), `FILE.asc`, `FILE.provenance`.
    pub companions: Vec<String>,
}

/// A page in the tree that lists a known file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleEntry {
    /// The page, relative to the root.
    pub page: String,
    /// Its form.
    pub form: PageForm,
    /// The page that it is a symbolic link to.
    pub link: Option<String>,
    /// The file's name as it is listed.
    pub file_name: String,
    /// The digest as it is announced.
    pub sha256: Option<Digest>,
    /// The path that it leads to, relative to the root; `None` when it leads elsewhere.
    pub target: Option<String>,
    /// Why it counts as known.
    pub by: MatchedBy,
}

/// What was found of one known file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFinding {
    /// The file; where a whole release or project is known, each of its files is a finding.
    pub subject: Subject,
    /// What it is taken for.
    pub class: Class,
    /// The verdict.
    pub verdict: Verdict,
    /// What the pages say.
    pub index: IndexSeen,
    /// What the files say.
    pub file: FileSeen,
    /// The files.
    pub files: Vec<StaleFile>,
    /// The entries on pages.
    pub entries: Vec<StaleEntry>,
    /// The project's status (PEP 792) where a page forwards it.
    pub status: Option<String>,
}

/// The audit of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAudit {
    /// How the tree is laid out.
    pub layout: Layout,
    /// The folder that addresses begin at, relative to the root; empty for the root.
    pub web: String,
    /// One a known file, sorted by subject.
    pub findings: Vec<LocalFinding>,
    /// What was not looked at.
    pub gaps: Vec<NotLookedAt>,
    /// Files seen in the folders of files.
    pub files_seen: u64,
    /// Files hashed.
    pub files_hashed: u64,
    /// Every page of the known names that was read, with its project: also those that list nothing stale.
    pub pages: Vec<(String, String)>,
}

impl LocalAudit {
    /// The findings with something to clean.
    pub fn stale(&self) -> impl Iterator<Item = &LocalFinding> {
        self.findings.iter().filter(|finding| finding.verdict.is_stale())
    }
}
