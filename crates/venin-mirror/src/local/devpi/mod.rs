//! The folder of a devpi server: files in `+files`, everything else in a database, which is read and never written.
//!
//! Files lie at `+files/USER/INDEX/+f/abc/DIGITS/FILE`, after the first 3 and the next 13 digits of their SHA-256.  What
//! the pages list is kept in the database by key (`USER/INDEX/PROJECT/.simple`) in devpi's own serial form.

mod database;
mod dump;

pub use dump::{DumpValue, parse_dump};

use super::Layout;
use super::shape::{Folders, Shape};
use super::tree::{Kind, NotLookedAt, Tree};
use crate::known::KnownSet;

/// The database of current servers.
const DATABASE: &str = ".sqlite";

/// Whether the folder is that of a devpi server.
pub(super) fn is_devpi(tree: &Tree) -> bool {
    let is_file = |path: &str| matches!(tree.kind(path), Kind::File { .. });
    is_file(".serverversion") || (tree.kind("+files") == Kind::Folder && is_file(DATABASE))
}

/// Where files lie, and what the database says that pages list.
pub(super) fn read_shape(tree: &Tree, known: &KnownSet, gaps: &mut Vec<NotLookedAt>) -> Shape {
    let mut shape = Shape::new(Layout::Devpi, "", vec!["+files".to_owned()], Folders::Silent);
    if tree.kind("+files") != Kind::Folder {
        shape.file_roots.clear();
        let reason =
            "there is no folder of files: this server keeps them in its database, which is not searched";
        gaps.push(NotLookedAt { path: "+files".to_owned(), reason: reason.to_owned() });
    }
    let read = match tree.kind(DATABASE) {
        Kind::File { link: None, .. } => database::read_listings(&tree.root().join(DATABASE), known, gaps),
        _ => Err("not found; only the database of the standard storage is read".to_owned()),
    };
    match read {
        Ok(listings) => shape.listings = listings,
        Err(reason) => {
            shape.folders = Folders::NotRead;
            gaps.push(NotLookedAt { path: DATABASE.to_owned(), reason });
        }
    }
    shape
}
