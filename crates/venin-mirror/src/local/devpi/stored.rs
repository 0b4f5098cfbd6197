//! The files of a devpi server that keeps them in its database: the table `files` holds path, size and bytes.
//!
//! Paths are those that the files would have in the server's folder (`+files/USER/INDEX/+f/...`).  The database is opened
//! for reading only, and the bytes are hashed and discarded.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, params};

use crate::local::tree::{Hashed, NotLookedAt, hash_reader, is_inside};

/// Most files that are looked at.
const MAX_FILES: usize = 4_000_000;
/// Largest file that is read, in bytes; SQLite allows no more than 2 GB.
const MAX_FILE: i64 = 1 << 30;

/// The files in a database.
#[derive(Debug)]
pub(in crate::local) struct StoredFiles {
    database: Connection,
    /// Bytes by path.
    sizes: BTreeMap<String, u64>,
    /// Whether some rows could not be looked at.
    is_incomplete: bool,
}

impl StoredFiles {
    /// Opens the database and lists its files.
    ///
    /// # Errors
    /// It cannot be read, or has no such table.
    pub(super) fn open(path: &Path, name: &str, gaps: &mut Vec<NotLookedAt>) -> Result<Self, String> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|database| {
            let listed = list(&database)?;
            Ok((database, listed))
        });
        let (database, (sizes, unread)) = opened.map_err(|error| error.to_string())?;
        if unread > 0 {
            let reason = format!("{unread} rows of its files have no path, or are too many");
            gaps.push(NotLookedAt { path: name.to_owned(), reason });
        }
        Ok(Self { database, sizes, is_incomplete: unread > 0 })
    }

    /// Whether some rows could not be looked at.
    pub(in crate::local) const fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    /// The size of a file, if there is one at this path.
    pub(in crate::local) fn size(&self, path: &str) -> Option<u64> {
        self.sizes.get(path).copied()
    }

    /// All files, by path, with their sizes.
    pub(in crate::local) fn files(&self) -> impl Iterator<Item = (&str, u64)> {
        self.sizes.iter().map(|(path, size)| (path.as_str(), *size))
    }

    /// Hashes a file.
    ///
    /// # Errors
    /// Why it cannot be read, one clause.
    pub(in crate::local) fn hash(&self, path: &str) -> Result<Hashed, String> {
        let read = self.database.query_row(
            "SELECT length(data), data FROM files WHERE path = ?1",
            params![path],
            |row| {
                if row.get::<_, i64>(0)? > MAX_FILE {
                    return Ok(Err(format!("larger than {} MiB", MAX_FILE >> 20)));
                }
                let bytes = row.get_ref(1)?.as_bytes();
                Ok(bytes
                    .map_err(|error| error.to_string())
                    .and_then(|bytes| hash_reader(bytes).map_err(|error| error.to_string())))
            },
        );
        read.map_err(|error| error.to_string())?
    }
}

/// Paths and sizes, and how many rows have neither.
fn list(database: &Connection) -> rusqlite::Result<(BTreeMap<String, u64>, usize)> {
    let mut statement = database.prepare("SELECT path, length(data) FROM files")?;
    let mut rows = statement.query([])?;
    let (mut sizes, mut unread) = (BTreeMap::new(), 0);
    while let Some(row) = rows.next()? {
        let size = row.get::<_, i64>(1).ok().and_then(|size| u64::try_from(size).ok());
        match (row.get::<_, String>(0), size) {
            (Ok(path), Some(size)) if is_inside(&path) && sizes.len() < MAX_FILES => {
                sizes.insert(path, size);
            }
            _ => unread += 1,
        }
    }
    Ok((sizes, unread))
}
