//! What devpi's database says that the pages of its indexes list.
//!
//! `kv` says in which change a key was written last, `changelog` holds the changes.  The database is opened for reading
//! only; what cannot be read is a gap.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use venin_intel::claim::Digest;
use venin_package::normalize_name;

use super::dump::{DumpValue, parse_dump};
use crate::known::KnownSet;
use crate::local::pages::Listed;
use crate::local::shape::Listing;
use crate::local::tree::{NotLookedAt, is_inside};

/// Largest change that is read, in bytes.
const MAX_CHANGE: i64 = 256 << 20;

/// The listings of the known names, over all indexes of the server.
///
/// # Errors
/// The database cannot be read at all.
pub(super) fn read_listings(
    path: &Path,
    known: &KnownSet,
    gaps: &mut Vec<NotLookedAt>,
) -> Result<Vec<Listing>, String> {
    read_all(path, known, gaps).map_err(|error| error.to_string())
}

fn read_all(path: &Path, known: &KnownSet, gaps: &mut Vec<NotLookedAt>) -> rusqlite::Result<Vec<Listing>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(path, flags)?;
    let mut keys =
        database.prepare("SELECT key, serial FROM kv WHERE keyname = 'PROJSIMPLELINKS' ORDER BY key")?;
    let mut change = database.prepare("SELECT length(data), data FROM changelog WHERE serial = ?")?;
    let mut rows = keys.query([])?;
    let mut listings = Vec::new();
    while let Some(row) = rows.next()? {
        // A key that is no text is none of devpi's.
        let Ok(key) = row.get::<_, String>(0) else { continue };
        let serial: i64 = row.get(1)?;
        let Some(project) = project_of(&key).filter(|project| known.has_name(project)) else { continue };
        let read = change.query_row([serial], |row| {
            let length: i64 = row.get(0)?;
            if length > MAX_CHANGE { Ok(None) } else { row.get::<_, Vec<u8>>(1).map(Some) }
        });
        let listed = match read {
            Ok(Some(data)) => parse_dump(&data).and_then(|change| listed_of(&change, &key)),
            Ok(None) => Err(format!("a change larger than {} MiB", MAX_CHANGE >> 20)),
            Err(error) => Err(error.to_string()),
        };
        match listed {
            Ok(listed) => listings.push(Listing { project, path: key, listed: Some(listed) }),
            Err(reason) => {
                gaps.push(NotLookedAt { path: key.clone(), reason });
                listings.push(Listing { project, path: key, listed: None });
            }
        }
    }
    Ok(listings)
}

/// The normalized name in `USER/INDEX/PROJECT/.simple`.
fn project_of(key: &str) -> Option<String> {
    let mut parts = key.split('/');
    let project = parts.nth(2)?;
    (parts.next() == Some(".simple")).then(|| normalize_name(project))
}

/// The files in a change: `({key: (kind, serial before, {"links": [(file key, address, ...)]})}, ...)`.
fn listed_of(change: &DumpValue, key: &str) -> Result<Vec<Listed>, String> {
    let value = change.items().first().and_then(|changes| changes.get(key)).and_then(|c| c.items().get(2));
    let value = value.ok_or("its change does not hold it")?;
    let Some(links) = value.get("links") else {
        // A key that was deleted has no value.
        return Ok(Vec::new());
    };
    Ok(links.items().iter().filter_map(listed_of_link).collect())
}

fn listed_of_link(link: &DumpValue) -> Option<Listed> {
    let stored = link.items().get(1).and_then(DumpValue::text).unwrap_or_default();
    let key = link.items().first().and_then(DumpValue::text)?;
    // Mirrors keep the address in the second place, indexes that take uploads the path with the digest.
    let (path, fragment) = stored.split_once('#').unwrap_or((stored, ""));
    let file_name =
        path.rsplit('/').next().filter(|name| !name.is_empty()).or_else(|| key.rsplit('/').next())?;
    let digest = fragment.strip_prefix("sha256=").and_then(|digest| digest.parse::<Digest>().ok());
    let path = [path, key].into_iter().find(|path| path.contains("/+f/") && is_inside(path));
    Some(Listed {
        file_name: file_name.to_owned(),
        path: path.map(|path| format!("+files/{path}")),
        sha256: digest,
        blake2: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_read_from_the_key() {
        assert_eq!(project_of("root/mirror/A_b/.simple").as_deref(), Some("a-b"));
        for key in ["root/mirror/a/.versions", "root/.config", "", "a/b/c"] {
            assert_eq!(project_of(key), None, "{key}");
        }
    }

    #[test]
    fn a_file_that_is_no_database_is_a_gap_and_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".sqlite");
        std::fs::write(&path, "no database").unwrap();
        assert!(read_listings(&path, &KnownSet::default(), &mut Vec::new()).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"no database");
    }
}
