//! The folder of a devpi server: files in `+files`, everything else in a database, which is read and never written.  With
//! the storage that keeps the files in the database too, they are read there; of any other storage the audit says that it
//! did not look.
//!
//! Files lie at `+files/USER/INDEX/+f/abc/DIGITS/FILE`, after the first 3 and the next 13 digits of their SHA-256.  What
//! the pages list is kept in the database by key (`USER/INDEX/PROJECT/.simple`) in devpi's own serial form.

mod database;
mod dump;
mod stored;

pub use dump::{DumpValue, parse_dump};

use super::Layout;
use super::shape::{Folders, Shape, Stored};
use super::tree::{Kind, NotLookedAt, Tree};
use crate::known::KnownSet;

pub(super) use stored::StoredFiles;

/// The database of the storage that keeps files in the file system.
const DATABASE: &str = ".sqlite";
/// The database of the storage `sqlite_db_files`, which keeps files too.
const DATABASE_WITH_FILES: &str = ".sqlite_db";

/// Whether the folder is that of a devpi server.
pub(super) fn is_devpi(tree: &Tree) -> bool {
    let is_file = |path: &str| matches!(tree.kind(path), Kind::File { .. });
    is_file(".serverversion")
        || is_file(DATABASE_WITH_FILES)
        || (tree.kind("+files") == Kind::Folder && is_file(DATABASE))
}

/// Where files lie, and what the database says that pages list.
pub(super) fn read_shape(tree: &Tree, known: &KnownSet, gaps: &mut Vec<NotLookedAt>) -> Shape {
    let mut shape = Shape::new(Layout::Devpi, "", vec!["+files".to_owned()], Folders::Silent);
    shape.stored = open_stored(tree, gaps);
    if tree.kind("+files") != Kind::Folder {
        shape.file_roots.clear();
        if matches!(shape.stored, Stored::Nowhere) {
            let reason = "there is no folder of files and no database that holds them: files kept in a database server \
                          or by another storage were not looked at";
            gaps.push(NotLookedAt { path: "+files".to_owned(), reason: reason.to_owned() });
        }
    }
    let is_there = |name: &&str| matches!(tree.kind(name), Kind::File { link: None, .. });
    let databases: Vec<&str> = [DATABASE, DATABASE_WITH_FILES].into_iter().filter(is_there).collect();
    if databases.is_empty() {
        shape.folders = Folders::NotRead;
        let reason = "not found: what the pages list was not looked at; only the databases of devpi's own storages in \
                      SQLite are read";
        gaps.push(NotLookedAt { path: DATABASE.to_owned(), reason: reason.to_owned() });
    }
    for name in databases {
        match database::read_listings(&tree.root().join(name), known, gaps) {
            Ok(listings) => shape.listings.extend(listings),
            Err(reason) => {
                shape.folders = Folders::NotRead;
                gaps.push(NotLookedAt { path: name.to_owned(), reason });
            }
        }
    }
    shape
}

/// The files in the database, where the server keeps them there.
fn open_stored(tree: &Tree, gaps: &mut Vec<NotLookedAt>) -> Stored {
    let name = DATABASE_WITH_FILES;
    let opened = match tree.kind(name) {
        Kind::Missing => return Stored::Nowhere,
        Kind::File { link: None, .. } => StoredFiles::open(&tree.root().join(name), name, gaps),
        _ => Err("no plain file".to_owned()),
    };
    match opened {
        Ok(files) => Stored::Files(files),
        Err(error) => {
            let reason = format!("the files in this database were not looked at: {error}");
            gaps.push(NotLookedAt { path: name.to_owned(), reason });
            Stored::Unread
        }
    }
}

#[cfg(test)]
mod tests;
