//! The releases of one project by the meaning of their versions, and which of them an accusation names.
//!
//! Every version is read once, so that a project of thousands of releases, accused one by one, stays cheap.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;

use pep440_rs::Version;

use super::Accusation;

/// Longest text that is read as a version, in bytes.
const MAX_VERSION: usize = 512;

/// The releases of one project, each once however its version is spelled.
#[derive(Debug, Clone, Default)]
pub struct Releases {
    /// Each release as it was first spelled.
    texts: Vec<String>,
    by_text: HashMap<String, usize>,
    by_version: BTreeMap<Version, usize>,
}

impl Releases {
    /// Adds a version unless it is there in any spelling; gives its position.
    pub fn insert(&mut self, text: &str) -> usize {
        if let Some(at) = self.by_text.get(text) {
            return *at;
        }
        let next = self.texts.len();
        let at = parse_version(text).map_or(next, |version| *self.by_version.entry(version).or_insert(next));
        if at == next {
            self.texts.push(text.to_owned());
        }
        self.by_text.insert(text.to_owned(), at);
        at
    }

    /// The position of a version in any spelling.
    #[must_use]
    pub fn position(&self, text: &str) -> Option<usize> {
        let by_meaning = || parse_version(text).and_then(|version| self.by_version.get(&version));
        self.by_text.get(text).or_else(by_meaning).copied()
    }

    /// The versions as they were first spelled, by position.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

impl Accusation {
    /// The positions of the releases that it names: by version, by range, or all of them.
    #[must_use]
    pub fn accused_among(&self, releases: &Releases) -> BTreeSet<usize> {
        if self.is_whole_project {
            return (0..releases.texts.len()).collect();
        }
        let named = self.versions.iter().filter_map(|version| releases.position(version));
        let mut accused: BTreeSet<usize> = named.collect();
        for range in &self.ranges {
            let inside = releases.by_version.iter().filter(|(version, _)| range.contains(version));
            accused.extend(inside.map(|(_, at)| *at));
        }
        accused
    }
}

fn parse_version(text: &str) -> Option<Version> {
    // A file's name may spell the dashes of a version as underscores.
    if text.len() > MAX_VERSION { None } else { Version::from_str(&text.trim().replace('_', "-")).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{Class, Interval};
    use crate::known::{RangeEnd, VersionRange};

    #[test]
    fn a_release_counts_once_however_it_is_spelled() {
        let mut releases = Releases::default();
        let places: Vec<usize> =
            ["1.0", "1", "2.0", "odd version", "1.0.0"].map(|v| releases.insert(v)).into();
        assert_eq!(places, [0, 0, 1, 2, 0]);
        assert_eq!(releases.position("2"), Some(1));
        assert_eq!((releases.position("3"), releases.texts().len()), (None, 3));
    }

    #[test]
    fn an_accusation_names_releases_by_version_by_range_or_all() {
        let mut releases = Releases::default();
        for version in ["1.0", "1.5", "2.0", "odd"] {
            releases.insert(version);
        }
        let mut accusation = Accusation {
            source: "s".to_owned(),
            source_ref: "r".to_owned(),
            class: Class::Malware,
            happened: Interval::UNKNOWN,
            confidence: None,
            versions: BTreeSet::from(["2".to_owned(), "9".to_owned()]),
            ranges: BTreeSet::new(),
            is_whole_project: false,
            digests: BTreeSet::new(),
        };
        let named = |accusation: &Accusation| -> Vec<usize> {
            accusation.accused_among(&releases).into_iter().collect()
        };
        assert_eq!(named(&accusation), [2]);
        let end = RangeEnd::Before(Version::from_str("1.5").unwrap());
        accusation.ranges.insert(VersionRange { introduced: None, end });
        assert_eq!(named(&accusation), [0, 2]);
        accusation.is_whole_project = true;
        assert_eq!(named(&accusation), [0, 1, 2, 3]);
    }
}
