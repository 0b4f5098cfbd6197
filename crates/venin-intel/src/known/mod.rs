//! Which releases are known to be malicious now, derived from all claims.
//!
//! A record that its source took back accuses nobody any more; it stays in the store as a tombstone.  A name that
//! somebody else registered since is not condemned by what its first owner did: only the bytes are.
//!
//! Nothing is decided here about what code does: this is what others say.

mod block_list;
mod files;
mod fold;
mod matching;
mod range;
mod releases;

use std::collections::{BTreeMap, BTreeSet};

use crate::claim::{Class, Digest, Interval, Moment};
use crate::store::{Store, StoreError};

pub use block_list::{BlockEntry, BlockFile, BlockList, BlockListError, Delta, Reason};
pub use files::{AccusedFile, AccusedFiles};
pub use fold::fold_project;
pub use matching::{Candidate, Match, Strength};
pub use range::{RangeEnd, VersionRange};
pub use releases::Releases;

/// What one record of one source says of a project, and still says.
#[derive(Debug, Clone, PartialEq)]
pub struct Accusation {
    /// Who says so.
    pub source: String,
    /// The record.
    pub source_ref: String,
    /// What kind of unwanted release it is.
    pub class: Class,
    /// When it was said first.
    pub happened: Interval,
    /// How sure the source is, in hundredths.
    pub confidence: Option<u8>,
    /// The versions that it names.
    pub versions: BTreeSet<String>,
    /// The ranges of versions that it names.
    pub ranges: BTreeSet<VersionRange>,
    /// Whether it speaks of the project as a whole.
    pub is_whole_project: bool,
    /// The files that it names, by digest.
    pub digests: BTreeSet<Digest>,
}

/// What is known of one project.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownProject {
    /// The normalized name.
    pub name: String,
    /// What stands, in the order in which it was learned.
    pub accusations: Vec<Accusation>,
    /// Records that were taken back: source and record.
    pub withdrawn: Vec<(String, String)>,
    /// From when on the name belongs to somebody else.
    pub reused_since: Option<Moment>,
}

impl KnownProject {
    /// Whether anybody still accuses it.
    #[must_use]
    pub fn is_accused(&self) -> bool {
        !self.accusations.is_empty()
    }
}

/// All that is known, for look-ups.
#[derive(Debug, Clone, Default)]
pub struct Known {
    projects: BTreeMap<String, KnownProject>,
    /// The project of each accused file.
    digests: BTreeMap<Digest, BTreeSet<String>>,
}

impl Known {
    /// Derives all that is known from the claims of a store.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn derive(store: &Store) -> Result<Self, StoreError> {
        let mut known = Self::default();
        let mut of_project = Vec::new();
        store.visit_by_project(|_, claim| {
            let is_next = of_project
                .last()
                .is_some_and(|last: &crate::claim::Claim| last.subject.name() != claim.subject.name());
            if is_next {
                known.take(fold_project(&of_project));
                of_project.clear();
            }
            of_project.push(claim);
        })?;
        known.take(fold_project(&of_project));
        Ok(known)
    }

    fn take(&mut self, project: Option<KnownProject>) {
        let Some(project) = project else { return };
        for digest in project.accusations.iter().flat_map(|accusation| &accusation.digests) {
            self.digests.entry(*digest).or_default().insert(project.name.clone());
        }
        self.projects.insert(project.name.clone(), project);
    }

    /// What is known of a project, by its normalized name.
    #[must_use]
    pub fn project(&self, name: &str) -> Option<&KnownProject> {
        self.projects.get(name)
    }

    /// All projects of which anything is known, in the order of their names.
    pub fn projects(&self) -> impl Iterator<Item = &KnownProject> {
        self.projects.values()
    }
}

impl FromIterator<KnownProject> for Known {
    fn from_iter<T: IntoIterator<Item = KnownProject>>(projects: T) -> Self {
        let mut known = Self::default();
        projects.into_iter().for_each(|project| known.take(Some(project)));
        known
    }
}

#[cfg(test)]
mod tests;
