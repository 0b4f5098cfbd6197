//! The audit of a mirror's tree on disk, without a network.
//!
//! A tree of bandersnatch, a plain simple tree and a devpi server's folder are told apart by what lies in them.  Files
//! are identified by their digests; what could not be read is reported as not looked at, never as clean.
//!
//! Nothing is changed here; [`crate::clean`] makes the plan of what to delete.

mod bandersnatch;
mod devpi;
mod finding;
mod pages;
mod search;
mod shape;
mod simple;
mod tree;

use std::io;
use std::path::Path;

pub use devpi::{DumpValue, parse_dump};
pub use finding::{LocalAudit, LocalFinding, StaleEntry, StaleFile};
pub use pages::{Listed, PageContent, PageForm, parse_listing};
pub use tree::{Hashed, Kind, NotLookedAt, Tree, hash_file, is_inside, join};

use crate::known::KnownSet;

/// The folder in which cleaning keeps what it took away; audits do not enter it.
pub const KEPT_FOLDER: &str = ".venin-clean";

venin_model::spelled_enum! {
    /// How a tree is laid out.
    pub enum Layout {
        /// `web/simple`, `web/packages`, `web/json`, as bandersnatch makes them.
        Bandersnatch = "bandersnatch",
        /// A devpi server's folder.
        Devpi = "devpi",
        /// Pages and files beside each other, or files alone.
        Simple = "simple",
    }
}

venin_model::spelled_enum! {
    /// Which files of a tree are hashed.
    pub enum Depth {
        /// Those at known addresses and those that pages list; the folders of files are not walked.
        Addresses = "addresses",
        /// Also those whose name or size is known, wherever they lie.
        Names = "names",
        /// All of them: finds known bytes under any name.
        Everything = "everything",
    }
}

/// What a tree is, if it is a mirror at all.
#[must_use]
pub fn detect_layout(tree: &Tree) -> Option<Layout> {
    if devpi::is_devpi(tree) {
        Some(Layout::Devpi)
    } else if bandersnatch::web_folder(tree).is_some() {
        Some(Layout::Bandersnatch)
    } else if simple::is_simple(tree) {
        Some(Layout::Simple)
    } else {
        None
    }
}

/// Looks for everything that is known in the tree below a folder.
///
/// # Errors
/// The folder cannot be entered, or nothing in it looks like a mirror.
pub fn audit_tree(root: &Path, known: &KnownSet, depth: Depth) -> io::Result<LocalAudit> {
    let tree = Tree::open(root)?;
    let Some(layout) = detect_layout(&tree) else {
        let text =
            "no mirror: neither a tree of bandersnatch or devpi nor simple pages or distribution files";
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    };
    let mut gaps = Vec::new();
    let shape = match layout {
        Layout::Bandersnatch => bandersnatch::read_shape(&tree, known, &mut gaps),
        Layout::Simple => simple::read_shape(&tree, known, &mut gaps),
        Layout::Devpi => devpi::read_shape(&tree, known, &mut gaps),
    };
    Ok(search::audit_shape(&tree, &shape, known, depth, gaps))
}
