//! The names of one archive: duplicates, case collisions, and paths through links.
//!
//! Only hashes are kept, so that a million long names cost a few dozen bytes each.  A forged collision gives a
//! false report about the archive that forged it, nothing else.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::anomaly::AnomalyKind;

/// Names seen so far in one archive.
#[derive(Debug, Default)]
pub(crate) struct NameIndex {
    /// Content digest by name.
    files: HashMap<u64, u64>,
    /// Name by name in lower case.
    folded: HashMap<u64, u64>,
    /// Symbolic links, by name.
    links: HashSet<u64>,
}

fn hash_of<T: Hash + ?Sized>(value: &T) -> u64 {
    // With its default keys this hasher gives the same result in every run.
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// One hash for each folder of a path, the outermost first, in one pass over it.
fn folder_hashes(path: &str) -> impl Iterator<Item = u64> {
    let folders = path.rsplit_once('/').map(|(folders, _)| folders.split('/'));
    let mut hasher = DefaultHasher::new();
    folders.into_iter().flatten().map(move |segment| {
        segment.hash(&mut hasher);
        hasher.finish()
    })
}

impl NameIndex {
    /// Adds a file or link and reports what clashes with an earlier one.
    pub(crate) fn add_file(&mut self, path: &str, content: &[u8]) -> Option<(AnomalyKind, &'static str)> {
        let name = hash_of(path);
        let digest = u64::from(crc32fast::hash(content)) << 32 ^ content.len() as u64;
        match self.files.entry(name) {
            Slot::Occupied(seen) if *seen.get() == digest => {
                return Some((AnomalyKind::RepeatedMember, "the same name and content appear before"));
            }
            Slot::Occupied(_) => {
                return Some((AnomalyKind::DuplicateName, "the same name appears before with other content"));
            }
            Slot::Vacant(slot) => slot.insert(digest),
        };
        let folded = hash_of(&path.to_lowercase());
        match self.folded.entry(folded) {
            Slot::Occupied(seen) if *seen.get() != name => {
                Some((AnomalyKind::CaseCollision, "a name before differs only in case"))
            }
            Slot::Occupied(_) => None,
            Slot::Vacant(slot) => {
                slot.insert(name);
                None
            }
        }
    }

    /// Notes a symbolic link, so that paths through it are found.
    pub(crate) fn add_link(&mut self, path: &str) {
        if let Some(hash) = folder_hashes(&format!("{path}/")).last() {
            self.links.insert(hash);
        }
    }

    /// Whether a folder of the path is a link of the archive.
    pub(crate) fn goes_through_link(&self, path: &str) -> bool {
        !self.links.is_empty() && folder_hashes(path).any(|folder| self.links.contains(&folder))
    }

    /// Whether a file of this name was seen.
    pub(crate) fn has_file(&self, path: &str) -> bool {
        self.files.contains_key(&hash_of(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_is_a_duplicate_only_with_other_content() {
        let mut names = NameIndex::default();
        assert_eq!(names.add_file("a.py", b"1"), None);
        assert_eq!(names.add_file("a.py", b"1").map(|a| a.0), Some(AnomalyKind::RepeatedMember));
        assert_eq!(names.add_file("a.py", b"2").map(|a| a.0), Some(AnomalyKind::DuplicateName));
        assert_eq!(names.add_file("A.py", b"1").map(|a| a.0), Some(AnomalyKind::CaseCollision));
    }

    #[test]
    fn a_path_through_a_link_is_found() {
        let mut names = NameIndex::default();
        names.add_link("a/link");
        assert!(names.goes_through_link("a/link/b.py"));
        assert!(!names.goes_through_link("a/links/b.py"));
        assert!(!names.goes_through_link("a/link"));
    }
}
