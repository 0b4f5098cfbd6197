//! The tables of the store, and how an older file becomes a current one.

use rusqlite::Connection;

use super::StoreError;

/// The form of the file that this code writes; kept in SQLite's `user_version`.
const CURRENT: i64 = 1;
/// Marks the file as ours: SQLite's `application_id`, "VENI".
const APPLICATION: i64 = 0x5645_4E49;

/// What a new file holds.  Claims cannot be changed or deleted, not even by another program that forgets the rule.
const CREATE: &str = "
CREATE TABLE claims (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    name       TEXT NOT NULL,
    version    TEXT,
    file_name  TEXT,
    sha256     BLOB CHECK (sha256 IS NULL OR length(sha256) = 32),
    surface    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    not_before INTEGER,
    not_after  INTEGER,
    observed   INTEGER NOT NULL,
    collector  TEXT NOT NULL,
    source     TEXT NOT NULL,
    source_ref TEXT NOT NULL,
    evidence   BLOB CHECK (evidence IS NULL OR length(evidence) = 32),
    class      TEXT NOT NULL,
    confidence INTEGER,
    detail     TEXT NOT NULL
) STRICT;
CREATE INDEX claims_by_release ON claims (name, version);
CREATE INDEX claims_by_digest ON claims (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX claims_by_record ON claims (source, source_ref);
CREATE TRIGGER claims_are_never_changed BEFORE UPDATE ON claims
    BEGIN SELECT RAISE(ABORT, 'claims are append-only'); END;
CREATE TRIGGER claims_are_never_deleted BEFORE DELETE ON claims
    BEGIN SELECT RAISE(ABORT, 'claims are append-only'); END;

CREATE TABLE cursors (
    source TEXT NOT NULL,
    input  TEXT NOT NULL,
    cursor TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (source, input)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    run      INTEGER PRIMARY KEY AUTOINCREMENT,
    source   TEXT NOT NULL,
    input    TEXT NOT NULL,
    started  INTEGER NOT NULL,
    ended    INTEGER,
    found    INTEGER NOT NULL DEFAULT 0,
    added    INTEGER NOT NULL DEFAULT 0,
    problems INTEGER NOT NULL DEFAULT 0,
    outcome  TEXT NOT NULL DEFAULT 'running'
) STRICT;

CREATE TABLE tasks (
    name      TEXT NOT NULL,
    version   TEXT NOT NULL,
    stage     TEXT NOT NULL,
    attempts  INTEGER NOT NULL DEFAULT 0,
    not_until INTEGER NOT NULL DEFAULT 0,
    error     TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_by_stage ON tasks (stage, not_until);
";

/// Makes the tables of a new file; refuses a file of another program or of a later version.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i64 = transaction.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, version) {
        (0, 0) if tables == 0 => {
            transaction.execute_batch(CREATE)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", CURRENT)?;
        }
        (APPLICATION, CURRENT) => {}
        (APPLICATION, version) => return Err(StoreError::Version { found: version, known: CURRENT }),
        _ => return Err(StoreError::Foreign),
    }
    transaction.commit()?;
    Ok(())
}
