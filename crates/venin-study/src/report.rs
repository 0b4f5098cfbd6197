//! The whole of a study: what went in, chapters, portrait, mitigations.

use serde::{Deserialize, Serialize};

use crate::chart::Chart;
use crate::sample::Unreadable;
use crate::sentence::Sentence;
use crate::table::{Row, Table};

/// The version of [`StudyReport`].  A change that could break a reader makes it `venin.study/2`.
pub const STUDY_SCHEMA: &str = "venin.study/1";

/// A study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StudyReport {
    /// [`STUDY_SCHEMA`].
    pub schema: String,
    /// The program's version.
    pub version: String,
    /// What went in.
    pub scope: Scope,
    /// The life cycle at a glance (paper figure 4).
    pub portrait: Vec<PortraitBox>,
    /// The chapters.
    pub chapters: Vec<Chapter>,
    /// What to do, and with which command.
    pub mitigations: Vec<Mitigation>,
    /// The artifacts that rows point to by position.
    pub artifacts: Vec<ArtifactLine>,
    /// What belongs to the data set and could not be scanned.
    pub unreadable: Vec<Unreadable>,
    /// What a reader must know of the data as a whole: what is missing, what was left out.
    pub notes: Vec<Sentence>,
}

/// What went into a study.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Files that came in, copies counted.
    pub files: u64,
    /// Different artifacts by SHA-256.
    pub artifacts: u64,
    /// Different projects.
    pub projects: u64,
    /// Different releases.
    pub releases: u64,
    /// Things that could not be scanned.
    pub unreadable: u64,
    /// Claims that were read; 0 without an event store.
    pub claims: u64,
    /// The last day that the data know of; empty when it has no dates.
    pub newest: String,
}

/// A chapter: one question, its tables and charts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    /// Its name in links.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// The paper's question that it answers: `RQ1`; empty for what the paper does not ask.
    pub question: String,
    /// What it says, in sentences drawn from its tables.
    pub text: Vec<Sentence>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The charts; each names one of the tables.
    pub charts: Vec<Chart>,
}

/// A box of the portrait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortraitBox {
    /// The party: contributor, platform, end user; empty for what goes across all.
    pub party: String,
    /// The stage.
    pub stage: String,
    /// What stands in it.
    pub features: Vec<Feature>,
}

/// A number of the portrait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// What.
    pub label: String,
    /// The number with its unit, or `not known`.
    pub value: Sentence,
}

/// What somebody can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mitigation {
    /// Who: users, registry, mirrors, researchers.
    pub party: String,
    /// What.
    pub action: String,
    /// Why: the number that supports it, and from which on it is proposed.
    pub reason: Sentence,
    /// The command that takes it.
    pub command: String,
}

/// One artifact, as rows point to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactLine {
    /// The project.
    pub project: String,
    /// The version.
    pub version: String,
    /// The file's name.
    pub file: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// The verdict.
    pub verdict: String,
}

impl Chapter {
    /// A chapter with nothing in it.
    #[must_use]
    pub fn new(id: &str, title: &str, question: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            question: question.to_owned(),
            text: Vec::new(),
            tables: Vec::new(),
            charts: Vec::new(),
        }
    }
}

impl StudyReport {
    /// All tables with their chapters, in order.
    pub fn tables(&self) -> impl Iterator<Item = (&Chapter, &Table)> {
        self.chapters.iter().flat_map(|chapter| chapter.tables.iter().map(move |table| (chapter, table)))
    }

    /// The numbers of the artifacts behind a row, from 1.
    pub fn behind<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = u32> + 'a {
        let all = self.artifacts.len();
        row.behind.iter().filter(move |at| (**at as usize) < all).map(|at| at.saturating_add(1))
    }

    /// A table by its id.
    #[must_use]
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables().map(|(_, table)| table).find(|table| table.id == id)
    }
}
