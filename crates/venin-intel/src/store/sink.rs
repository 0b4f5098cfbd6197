//! Where connectors put what they find.

use super::append::{Appended, Position};
use super::{RunCounts, Store};
use crate::claim::{Claim, Moment};
use crate::source::{Sink, SourceError, SourceProblem};

/// Claims that are kept before they are written together.
const BATCH: usize = 4_096;

/// Writes a source's claims to the store, in batches, and its cursor with them.
pub struct StoreSink<'a> {
    store: &'a mut Store,
    source: &'a str,
    input: &'a str,
    now: Moment,
    waiting: Vec<Claim>,
    appended: Appended,
    problems: u64,
    tell: &'a mut dyn FnMut(&SourceProblem),
}

impl<'a> StoreSink<'a> {
    /// A sink for one run over one input; `tell` hears of each problem as it comes.
    pub fn new(
        store: &'a mut Store,
        source: &'a str,
        input: &'a str,
        now: Moment,
        tell: &'a mut dyn FnMut(&SourceProblem),
    ) -> Self {
        let waiting = Vec::with_capacity(BATCH);
        Self { store, source, input, now, waiting, appended: Appended::default(), problems: 0, tell }
    }

    /// Writes what waits and gives the counts of the run.
    ///
    /// # Errors
    /// [`SourceError::Store`].
    pub fn finish(mut self) -> Result<RunCounts, SourceError> {
        self.write(None)?;
        let found = self.appended.added + self.appended.known;
        Ok(RunCounts { found, added: self.appended.added, problems: self.problems })
    }

    fn write(&mut self, cursor: Option<&str>) -> Result<(), SourceError> {
        let position =
            cursor.map(|cursor| Position { source: self.source, input: self.input, cursor, at: self.now });
        let appended = self
            .store
            .append_at(&self.waiting, position.as_ref())
            .map_err(|error| SourceError::Store(error.to_string()))?;
        self.appended += appended;
        self.waiting.clear();
        Ok(())
    }
}

impl Sink for StoreSink<'_> {
    fn claim(&mut self, claim: Claim) -> Result<(), SourceError> {
        self.waiting.push(claim);
        if self.waiting.len() >= BATCH { self.write(None) } else { Ok(()) }
    }

    fn problem(&mut self, problem: SourceProblem) {
        self.problems += 1;
        (self.tell)(&problem);
    }

    fn advance(&mut self, cursor: &str) -> Result<(), SourceError> {
        self.write(Some(cursor))
    }
}
