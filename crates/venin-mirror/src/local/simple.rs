//! A plain tree: `simple/NAME/index.html` with files beside or elsewhere, `NAME/FILE`, or files alone.

use venin_package::parse_file_name;

use super::Layout;
use super::pages::PageForm;
use super::shape::{Folders, Shape, known_names};
use super::tree::{Kind, NotLookedAt, Tree, join};
use crate::known::KnownSet;

/// The pages that a project's folder may have.
const PAGES: &[(&str, PageForm)] = &[
    ("index.html", PageForm::SimpleHtml),
    ("index.v1_html", PageForm::SimpleHtml),
    ("index.v1_json", PageForm::SimpleJson),
    ("index.json", PageForm::SimpleJson),
];

/// How many entries of the root are looked at to tell a mirror from any other folder.
const SAMPLE: usize = 1000;

/// Whether there are simple pages, or distribution files, at the root or one folder below.
pub(super) fn is_simple(tree: &Tree) -> bool {
    let mut gaps = Vec::new();
    if tree.kind("simple") == Kind::Folder {
        return true;
    }
    tree.names("", &mut gaps).into_iter().take(SAMPLE).any(|name| {
        if parse_file_name(&name).is_some() {
            return true;
        }
        let is_file = |file: &str| matches!(tree.kind(&join(&name, file)), Kind::File { .. });
        tree.kind(&name) == Kind::Folder
            && (PAGES.iter().any(|(page, _)| is_file(page))
                || tree
                    .names(&name, &mut gaps)
                    .iter()
                    .take(SAMPLE)
                    .any(|file| parse_file_name(file).is_some()))
    })
}

/// Where the pages of the known names lie.
pub(super) fn read_shape(tree: &Tree, known: &KnownSet, gaps: &mut Vec<NotLookedAt>) -> Shape {
    let mut shape = Shape::new(Layout::Simple, "", vec![String::new()], Folders::Listed);
    let mut folders = known_names(tree, "", known, gaps);
    folders.extend(known_names(tree, "simple", known, gaps));
    for (name, folder) in folders {
        if tree.kind(&folder) == Kind::Folder {
            add_folder_pages(tree, &mut shape, &name, &folder, gaps);
        }
    }
    shape
}

/// Takes in the pages of a project's folder.
pub(super) fn add_folder_pages(
    tree: &Tree,
    shape: &mut Shape,
    name: &str,
    folder: &str,
    gaps: &mut Vec<NotLookedAt>,
) {
    for (file, form) in PAGES {
        shape.add_page(tree, name, join(folder, file), *form, gaps);
    }
}
