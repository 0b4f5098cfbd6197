//! The event store: every claim, append-only, in one SQLite file that any tool can open.
//!
//! A claim is a row and is never changed.  It has two times: when it happened (an interval) and when it was learned.
//! The same claim is taken in once, however often it is collected.  What is true now is derived from the rows
//! ([`crate::known`], [`crate::lifecycle`]) and can be derived again.
//!
//! Nothing of a run is lost or doubled when the program is killed: claims and the cursor that stands behind them are
//! written in one transaction.

mod append;
mod query;
mod row;
mod run;
mod schema;
mod sink;
mod task;
mod upload;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use thiserror::Error;

pub use append::Appended;
pub use query::{Counts, Selection};
pub use run::{LastRun, Outcome, RunCounts};
pub use sink::StoreSink;
pub use task::{Stage, Task, TaskCounts};
pub use upload::{Backlog, Notice, Upload, UploadForm};

/// How long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why the store cannot be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// SQLite says so: damaged, read-only, full, locked for too long.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    /// The file is a database of another program.
    #[error("the file is a database, but not an event store")]
    Foreign,
    /// The file was written by a later version of the program.
    #[error("the event store has the form {found}, but this program knows {known}: use a newer one")]
    Version {
        /// The form of the file.
        found: i64,
        /// The latest that this program knows.
        known: i64,
    },
    /// A row that nobody could have written by these rules.
    #[error("row {seq} of the event store is damaged: {error}")]
    Damaged {
        /// Its number.
        seq: i64,
        /// What is wrong.
        error: String,
    },
}

/// An open event store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the store of this path, or makes an empty one.
    ///
    /// # Errors
    /// The file cannot be opened, or is no event store of this version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        Self::prepared(connection)
    }

    /// Opens a store that is there already, to read only.
    ///
    /// # Errors
    /// There is none, or it is no event store of this version.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        // Read-write without creation: a reader of a WAL file may have to make its shared memory.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        let store = Self::prepared(connection)?;
        store.connection.pragma_update(None, "query_only", true)?;
        Ok(store)
    }

    /// A store that lasts as long as the value.
    ///
    /// # Errors
    /// SQLite has no memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepared(Connection::open_in_memory()?)
    }

    fn prepared(mut connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A killed process loses nothing so; only a power cut may take the last transactions.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // Names and details come from strangers: no function of SQLite that reaches outside is allowed in the schema.
        connection.pragma_update(None, "trusted_schema", false)?;
        schema::prepare(&mut connection)?;
        Ok(Self { connection })
    }
}

#[cfg(test)]
mod tests;
