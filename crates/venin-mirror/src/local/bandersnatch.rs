//! The tree that bandersnatch makes: `web/simple/NAME/` with pages in two forms, `web/json/NAME` and
//! `web/pypi/NAME/json` with the project's JSON, `web/packages/ab/cd/REST/FILE` with the files.
//!
//! Variants: pages below their first letter (`hash-index`), pages kept in versions with links to the newest
//! (`keep_index_versions`), folders under names that are not normalized (older releases), and the web folder itself as
//! the root.

use super::pages::PageForm;
use super::shape::{Folders, Shape, known_names};
use super::tree::{Kind, NotLookedAt, Tree, join};
use super::{Layout, simple};
use crate::known::KnownSet;

/// The folder that addresses begin at: `web`, or the root itself.
pub(super) fn web_folder(tree: &Tree) -> Option<&'static str> {
    ["web", ""].into_iter().find(|web| {
        let is_folder = |name: &str| tree.kind(&join(web, name)) == Kind::Folder;
        is_folder("packages") && (is_folder("simple") || is_folder("json"))
    })
}

/// Where the pages of the known names lie.
pub(super) fn read_shape(tree: &Tree, known: &KnownSet, gaps: &mut Vec<NotLookedAt>) -> Shape {
    let web = web_folder(tree).unwrap_or_default();
    let mut shape = Shape::new(Layout::Bandersnatch, web, vec![join(web, "packages")], Folders::Silent);
    let simple_root = join(web, "simple");
    let mut folders = known_names(tree, &simple_root, known, gaps);
    for name in tree.names(&simple_root, &mut Vec::new()) {
        if name.chars().count() == 1 && tree.kind(&join(&simple_root, &name)) == Kind::Folder {
            folders.extend(known_names(tree, &join(&simple_root, &name), known, gaps));
        }
    }
    for (name, folder) in folders {
        simple::add_folder_pages(tree, &mut shape, &name, &folder, gaps);
        let versions = join(&folder, "versions");
        if tree.kind(&versions) == Kind::Folder {
            for file in tree.names(&versions, gaps) {
                let form = if file.ends_with("json") { PageForm::SimpleJson } else { PageForm::SimpleHtml };
                shape.add_page(tree, &name, join(&versions, &file), form, gaps);
            }
        }
    }
    for (name, path) in known_names(tree, &join(web, "json"), known, gaps) {
        shape.add_page(tree, &name, path, PageForm::ProjectJson, gaps);
    }
    for (name, folder) in known_names(tree, &join(web, "pypi"), known, gaps) {
        shape.add_page(tree, &name, join(&folder, "json"), PageForm::ProjectJson, gaps);
    }
    shape
}
