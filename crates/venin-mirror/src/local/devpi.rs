//! A devpi server's folder.

use super::Layout;
use super::shape::{Folders, Shape};
use super::tree::{Kind, NotLookedAt, Tree};

pub(super) fn is_devpi(tree: &Tree) -> bool {
    matches!(tree.kind(".serverversion"), Kind::File { .. }) || tree.kind("+files") == Kind::Folder
}

pub(super) fn read_shape(_tree: &Tree, gaps: &mut Vec<NotLookedAt>) -> Shape {
    gaps.push(NotLookedAt {
        path: ".sqlite".to_owned(),
        reason: "index entries lie in a database".to_owned(),
    });
    Shape::new(Layout::Devpi, "", vec!["+files".to_owned()], Folders::NotRead)
}
