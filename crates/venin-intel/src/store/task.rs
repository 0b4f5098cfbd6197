//! The work list of the collection: which release is at which stage, so that a killed run goes on where it was.

use rusqlite::{TransactionBehavior, params};

use super::{Store, StoreError};
use crate::claim::{Moment, Subject};

venin_model::spelled_enum! {
    /// The stages of the study's collection (paper, section III-A).
    pub enum Stage {
        /// Claimed by a source; its files are to be got.
        Download = "download",
        /// Its files were got and are to be scanned.
        Verify = "verify",
        /// All is done.
        Done = "done",
        /// Nobody serves it any more; tried again when a new surface is known.
        Missing = "missing",
    }
}

/// A release on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The release.
    pub subject: Subject,
    /// Its stage.
    pub stage: Stage,
    /// How often the stage was tried.
    pub attempts: u32,
    /// Why the last attempt failed; empty after none.
    pub error: String,
}

/// How many releases are at which stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// To be got.
    pub download: u64,
    /// To be scanned.
    pub verify: u64,
    /// Done.
    pub done: u64,
    /// Not served by anybody.
    pub missing: u64,
}

impl Store {
    /// Puts every release that a source accuses on the work list, unless it is there; gives how many are new.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn plan_tasks(&mut self) -> Result<u64, StoreError> {
        let added = self.connection.execute(
            "INSERT INTO tasks (name, version, stage) \
             SELECT DISTINCT name, version, 'download' FROM claims \
             WHERE version IS NOT NULL AND kind IN ('reported', 'advisory-published', 'advisory-modified') \
             ON CONFLICT (name, version) DO NOTHING",
            [],
        )?;
        Ok(added as u64)
    }

    /// The next releases at a stage whose time has come, in the order of their names.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_tasks(&self, stage: Stage, now: Moment, most: usize) -> Result<Vec<Task>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, version, attempts, error FROM tasks WHERE stage = ?1 AND not_until <= ?2 \
             ORDER BY name, version LIMIT ?3",
        )?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![stage.as_str(), now.micros(), most])?;
        let mut tasks = Vec::new();
        while let Some(row) = rows.next()? {
            let (name, version): (String, String) = (row.get(0)?, row.get(1)?);
            let Ok(subject) = Subject::project(&name).and_then(|s| s.with_version(&version)) else {
                continue;
            };
            tasks.push(Task { subject, stage, attempts: row.get(2)?, error: row.get(3)? });
        }
        Ok(tasks)
    }

    /// Moves a release to a stage, together with the claims that say why.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn move_task(
        &mut self,
        subject: &Subject,
        stage: Stage,
        claims: &[crate::claim::Claim],
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut statement = transaction.prepare_cached(super::row::INSERT)?;
            for claim in claims {
                super::row::insert_claim(&mut statement, claim)?;
            }
        }
        transaction.execute(
            "UPDATE tasks SET stage = ?3, attempts = 0, error = '', not_until = 0 WHERE name = ?1 AND version = ?2",
            params![subject.name(), subject.version().unwrap_or_default(), stage.as_str()],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Notes that an attempt failed, and from when on it is tried again.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn delay_task(
        &mut self,
        subject: &Subject,
        error: &str,
        not_until: Moment,
    ) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE tasks SET attempts = attempts + 1, error = ?3, not_until = ?4 WHERE name = ?1 AND version = ?2",
            params![subject.name(), subject.version().unwrap_or_default(), error, not_until.micros()],
        )?;
        Ok(())
    }

    /// Puts the releases that nobody served back on the list: a new surface is known.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn retry_missing(&mut self) -> Result<u64, StoreError> {
        let text = "UPDATE tasks SET stage = 'download', attempts = 0, not_until = 0 WHERE stage = 'missing'";
        Ok(self.connection.execute(text, [])? as u64)
    }

    /// Puts the releases that nobody served back on the list of which a file was learned of since.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn retry_learned(&mut self) -> Result<u64, StoreError> {
        let text = "UPDATE tasks SET stage = 'download', attempts = 0, not_until = 0 WHERE stage = 'missing' \
             AND EXISTS (SELECT 1 FROM claims AS file \
             WHERE file.name = tasks.name AND file.version = tasks.version AND file.file_name IS NOT NULL \
             AND file.kind IN ('uploaded', 'reported', 'advisory-published', 'advisory-modified', 'file-seen') \
             AND file.seq > (SELECT max(seq) FROM claims AS look \
             WHERE look.name = tasks.name AND look.version = tasks.version AND look.kind = 'not-found'))";
        Ok(self.connection.execute(text, [])? as u64)
    }

    /// How many releases are at which stage.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn task_counts(&self) -> Result<TaskCounts, StoreError> {
        let mut counts = TaskCounts::default();
        let mut statement =
            self.connection.prepare_cached("SELECT stage, count(*) FROM tasks GROUP BY stage")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (stage, count): (String, i64) = (row.get(0)?, row.get(1)?);
            let count = u64::try_from(count).unwrap_or_default();
            match Stage::parse(&stage) {
                Some(Stage::Download) => counts.download = count,
                Some(Stage::Verify) => counts.verify = count,
                Some(Stage::Done) => counts.done = count,
                Some(Stage::Missing) => counts.missing = count,
                None => {}
            }
        }
        Ok(counts)
    }
}
