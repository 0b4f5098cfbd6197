//! What was scanned already: artifacts by their digest and by what they were scanned with, in one SQLite file.
//!
//! The cache is not evidence: whoever deletes it loses time only.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use thiserror::Error;

use crate::artifact::{ARTIFACT_FORM, Artifact};

/// The cache cannot be used.
#[derive(Debug, Error)]
#[error("the cache of scans: {0}")]
pub struct CacheError(#[from] rusqlite::Error);

/// Artifacts that were scanned with one engine.
#[derive(Debug)]
pub struct Cache {
    connection: Connection,
    engine: String,
}

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS scan (
        sha256 TEXT NOT NULL,
        engine TEXT NOT NULL,
        artifact TEXT NOT NULL,
        PRIMARY KEY (sha256, engine)
    ) WITHOUT ROWID;";

impl Cache {
    /// Opens or makes the cache.  `engine` names everything that a scan depends on besides the bytes: the program, the
    /// rules, the operating point.
    ///
    /// # Errors
    /// The file cannot be opened, or is no database.
    pub fn open(path: &Path, engine: &str) -> Result<Self, CacheError> {
        Self::prepare(Connection::open(path)?, engine)
    }

    /// A cache that forgets.
    ///
    /// # Errors
    /// There is no memory.
    pub fn in_memory(engine: &str) -> Result<Self, CacheError> {
        Self::prepare(Connection::open_in_memory()?, engine)
    }

    fn prepare(connection: Connection, engine: &str) -> Result<Self, CacheError> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection, engine: format!("{ARTIFACT_FORM}:{engine}") })
    }

    /// What a scan of these bytes gave, if the same engine made one.
    ///
    /// # Errors
    /// The file cannot be read.  A row that cannot be understood counts as none.
    pub fn find(&self, sha256: &str) -> Result<Option<Artifact>, CacheError> {
        let mut query =
            self.connection.prepare_cached("SELECT artifact FROM scan WHERE sha256 = ?1 AND engine = ?2")?;
        let text: Option<String> =
            query.query_row(params![sha256, self.engine], |row| row.get(0)).optional()?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Remembers scans, all or none.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remember<'a>(
        &mut self,
        artifacts: impl IntoIterator<Item = &'a Artifact>,
    ) -> Result<(), CacheError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT OR REPLACE INTO scan (sha256, engine, artifact) VALUES (?1, ?2, ?3)",
            )?;
            for artifact in artifacts {
                let text = serde_json::to_string(artifact).unwrap_or_default();
                insert.execute(params![artifact.sha256, self.engine, text])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::testing::artifact;

    #[test]
    fn what_was_scanned_is_found_by_the_same_engine_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scans.sqlite");
        let made = artifact("demo", "1.0");
        let mut cache = Cache::open(&path, "one").unwrap();
        assert_eq!(cache.find(&made.sha256).unwrap(), None);
        cache.remember([&made]).unwrap();
        drop(cache);
        assert_eq!(Cache::open(&path, "one").unwrap().find(&made.sha256).unwrap(), Some(made.clone()));
        assert_eq!(Cache::open(&path, "two").unwrap().find(&made.sha256).unwrap(), None);
    }

    #[test]
    fn a_damaged_row_is_scanned_again_and_a_damaged_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scans.sqlite");
        let cache = Cache::open(&path, "one").unwrap();
        let row = "INSERT INTO scan VALUES ('aa', ?1, '{')";
        cache.connection.execute(row, [&cache.engine]).unwrap();
        assert_eq!(cache.find("aa").unwrap(), None);
        let other = folder.path().join("other.sqlite");
        std::fs::write(&other, "no database at all, but longer than a header of one would be: 0123456789")
            .unwrap();
        assert!(Cache::open(&other, "one").unwrap_err().to_string().contains("cache of scans"));
    }
}
