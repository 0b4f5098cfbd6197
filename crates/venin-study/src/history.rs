//! What others say and saw of releases, as far as a study counts it: the event store, read once.

use std::collections::BTreeMap;

use venin_intel::claim::{Claim, Moment};
use venin_intel::store::{Store, StoreError};

/// The claims of projects that somebody accuses, by project.
#[derive(Debug, Clone, Default)]
pub struct History {
    projects: BTreeMap<String, Vec<Claim>>,
    claims: u64,
    newest: Option<Moment>,
    in_the_future: u64,
}

/// Claims dated so much later than the reader's clock are wrong.
const TOLERANCE_MICROS: i64 = 86_400_000_000;

impl History {
    /// Reads a store.  Claims that happened, or were learned, more than a day after `now` are counted and left out.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn read(store: &Store, now: Moment) -> Result<Self, StoreError> {
        let mut history = Self::default();
        let limit = now.micros().saturating_add(TOLERANCE_MICROS);
        store.visit_by_project(|_, claim| {
            history.claims += 1;
            let begun = claim.happened.not_before.or(claim.happened.not_after);
            if begun.is_some_and(|at| at.micros() > limit) || claim.observed.micros() > limit {
                history.in_the_future += 1;
                return;
            }
            history.newest = history.newest.max(Some(claim.observed));
            history.projects.entry(claim.subject.name().to_owned()).or_default().push(claim);
        })?;
        history.projects.retain(|_, claims| claims.iter().any(|claim| claim.kind.accuses()));
        Ok(history)
    }

    /// The claims by project, in order of name.
    pub fn projects(&self) -> impl Iterator<Item = (&str, &[Claim])> {
        self.projects.iter().map(|(name, claims)| (name.as_str(), claims.as_slice()))
    }

    /// How many claims were read.
    #[must_use]
    pub const fn claims(&self) -> u64 {
        self.claims
    }

    /// When the newest claim was learned.
    #[must_use]
    pub const fn newest(&self) -> Option<Moment> {
        self.newest
    }

    /// How many claims were left out because they lie in the future.
    #[must_use]
    pub const fn in_the_future(&self) -> u64 {
        self.in_the_future
    }
}
