//! The log of runs: which source was read when, and what came of it.

use rusqlite::params;

use super::{Store, StoreError};
use crate::claim::Moment;

venin_model::spelled_enum! {
    /// How a run ended.
    pub enum Outcome {
        /// It still goes on, or was killed.
        Running = "running",
        /// To the end of its input.
        Complete = "complete",
        /// The user ended it.
        Interrupted = "interrupted",
        /// Its input could not be read.
        Failed = "failed",
    }
}

/// What a run found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Claims.
    pub found: u64,
    /// Claims that were not known.
    pub added: u64,
    /// Records, pages and files that could not be read.
    pub problems: u64,
}

/// The last run over one input of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRun {
    /// The source.
    pub source: String,
    /// Its input.
    pub input: String,
    /// When it began.
    pub started: Moment,
    /// What it found.
    pub counts: RunCounts,
    /// How it ended, as [`Outcome`] spells it.
    pub outcome: String,
}

impl Store {
    /// Notes that a run begins; gives its number.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_run(&mut self, source: &str, input: &str, at: Moment) -> Result<i64, StoreError> {
        self.connection.execute(
            "INSERT INTO runs (source, input, started) VALUES (?1, ?2, ?3)",
            params![source, input, at.micros()],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Notes how a run ended.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_run(
        &mut self,
        run: i64,
        at: Moment,
        counts: RunCounts,
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.connection.execute(
            "UPDATE runs SET ended = ?2, found = ?3, added = ?4, problems = ?5, outcome = ?6 WHERE run = ?1",
            params![
                run,
                at.micros(),
                signed(counts.found),
                signed(counts.added),
                signed(counts.problems),
                outcome.as_str()
            ],
        )?;
        Ok(())
    }

    /// The last run of each source and input.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_runs(&self) -> Result<Vec<LastRun>, StoreError> {
        let unsigned = |count: i64| u64::try_from(count).unwrap_or_default();
        let mut statement = self.connection.prepare_cached(
            "SELECT source, input, started, found, added, problems, outcome FROM runs \
             WHERE run IN (SELECT max(run) FROM runs GROUP BY source, input) ORDER BY source, input",
        )?;
        let mut rows = statement.query([])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            let counts = RunCounts {
                found: unsigned(row.get(3)?),
                added: unsigned(row.get(4)?),
                problems: unsigned(row.get(5)?),
            };
            runs.push(LastRun {
                source: row.get(0)?,
                input: row.get(1)?,
                started: Moment::from_micros(row.get(2)?),
                counts,
                outcome: row.get(6)?,
            });
        }
        Ok(runs)
    }
}
