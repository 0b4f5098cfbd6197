//! Where the pages and the files of a tree lie: what the layouts have in common.

use std::collections::BTreeMap;

use venin_package::normalize_name;

use super::devpi::StoredFiles;
use super::pages::{Listed, PageForm};
use super::tree::{Kind, NotLookedAt, Tree, join};
use super::{KEPT_FOLDER, Layout};
use crate::known::KnownSet;

/// A page that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageAt {
    /// Its path, as users of the mirror ask for it.
    pub(super) path: String,
    /// Its form.
    pub(super) form: PageForm,
    /// The path of the file that it is a symbolic link to.
    pub(super) link: Option<String>,
}

/// Where things lie.
#[derive(Debug)]
pub(super) struct Shape {
    /// How the tree is laid out.
    pub(super) layout: Layout,
    /// The folder that addresses begin at; empty for the root.
    pub(super) web: String,
    /// Pages of the known names.
    pub(super) pages: BTreeMap<String, Vec<PageAt>>,
    /// What a database says that pages list.
    pub(super) listings: Vec<Listing>,
    /// Files in a database.
    pub(super) stored: Stored,
    /// Folders with files.
    pub(super) file_roots: Vec<String>,
    /// Whether a folder without a page of its own is listed by the server.
    pub(super) folders: Folders,
}

/// A page that exists in a database only.
#[derive(Debug)]
pub(super) struct Listing {
    /// The normalized name.
    pub(super) project: String,
    /// Its key in the database.
    pub(super) path: String,
    /// The files; `None` when they could not be read.
    pub(super) listed: Option<Vec<Listed>>,
}

/// Whether a database holds files.
#[derive(Debug)]
pub(super) enum Stored {
    /// None does.
    Nowhere,
    /// One does, and could not be read.
    Unread,
    /// These.
    Files(StoredFiles),
}

/// What a server makes of a folder without a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folders {
    /// It lists the files.
    Listed,
    /// Nothing: only pages list files.
    Silent,
    /// Entries lie in a database that is not read.
    NotRead,
}

/// Folders that no walk enters.
pub(super) const SKIPPED: &[&str] = &[KEPT_FOLDER];

impl Shape {
    pub(super) fn new(layout: Layout, web: &str, file_roots: Vec<String>, folders: Folders) -> Self {
        let (pages, listings) = (BTreeMap::new(), Vec::new());
        Self { layout, web: web.to_owned(), pages, listings, stored: Stored::Nowhere, file_roots, folders }
    }

    /// Whether there are files that no walk can see.
    pub(super) fn has_unseen_files(&self) -> bool {
        match &self.stored {
            Stored::Nowhere => self.file_roots.is_empty(),
            Stored::Unread => true,
            Stored::Files(stored) => stored.is_incomplete(),
        }
    }

    /// Takes in a page if it exists; one that cannot be looked at is a gap.
    pub(super) fn add_page(
        &mut self,
        tree: &Tree,
        name: &str,
        path: String,
        form: PageForm,
        gaps: &mut Vec<NotLookedAt>,
    ) {
        match tree.kind(&path) {
            Kind::File { link, .. } => {
                self.pages.entry(name.to_owned()).or_default().push(PageAt { path, form, link });
            }
            Kind::Refused(reason) => gaps.push(NotLookedAt { path, reason }),
            Kind::Folder | Kind::Missing => {}
        }
    }
}

/// The folders or files right below `folder` whose normalized names are known, with those names.
pub(super) fn known_names(
    tree: &Tree,
    folder: &str,
    known: &KnownSet,
    gaps: &mut Vec<NotLookedAt>,
) -> Vec<(String, String)> {
    let below = tree.names(folder, gaps).into_iter();
    below
        .map(|name| (normalize_name(&name), name))
        .filter(|(normal, _)| known.has_name(normal))
        .map(|(normal, name)| (normal, join(folder, &name)))
        .collect()
}
