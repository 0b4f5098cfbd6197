//! What is looked for: known malicious files, releases and projects.
//!
//! Matching follows the certainty of what is known: the digest first, the file's name second, name and version third,
//! and the bare name last, which only counts where a source says that every version is malicious.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;

use pep440_rs::Version;
use venin_intel::claim::{Class, Digest, Subject};
use venin_intel::known::VersionRange;
use venin_package::{normalize_name, parse_file_name};

pub use venin_intel::claim::Blake2;

/// One thing that is known to be malicious.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// A file, a release (no file name) or a project (no version either: every version).
    pub subject: Subject,
    /// The file's BLAKE2b-256, if known: its address on bandersnatch mirrors.
    pub blake2: Option<Blake2>,
    /// The file's size in bytes, if known.
    pub size: Option<u64>,
    /// What it is taken for.
    pub class: Class,
    /// The versions that are meant, where a project is accused by ranges; empty otherwise.
    pub ranges: BTreeSet<VersionRange>,
}

impl KnownFile {
    /// Of a subject alone.
    #[must_use]
    pub const fn new(subject: Subject, class: Class) -> Self {
        Self { subject, blake2: None, size: None, class, ranges: BTreeSet::new() }
    }

    /// The versions of a project that lie in these ranges.
    #[must_use]
    pub const fn in_ranges(project: Subject, ranges: BTreeSet<VersionRange>, class: Class) -> Self {
        Self { subject: project, blake2: None, size: None, class, ranges }
    }

    /// Whether a version lies in one of the ranges; one that is no version (PEP 440) lies in none.
    #[must_use]
    pub fn holds_version(&self, version: &str) -> bool {
        let VersionKey::Version(version) = VersionKey::new(version) else { return false };
        self.ranges.iter().any(|range| range.contains(&version))
    }

    /// The subject of a finding of this: as precise as the name of the file that was found allows.
    #[must_use]
    pub(crate) fn subject_of_file(&self, file_name: &str) -> Subject {
        let subject = self.subject.clone();
        if self.reach() == Reach::File {
            return subject;
        }
        let version = parse_file_name(file_name).map(|parsed| parsed.version);
        let subject = match (subject.version(), version) {
            (None, Some(version)) => subject.clone().with_version(&version).unwrap_or(subject),
            _ => subject,
        };
        subject.clone().with_file(file_name).unwrap_or(subject)
    }

    /// How much of a project is known to be malicious.
    #[must_use]
    pub fn reach(&self) -> Reach {
        let subject = &self.subject;
        if subject.file_name().is_some() || subject.sha256().is_some() || self.blake2.is_some() {
            Reach::File
        } else if subject.version().is_some() {
            Reach::Release
        } else if !self.ranges.is_empty() {
            Reach::Range
        } else {
            Reach::Project
        }
    }
}

venin_model::spelled_enum! {
    /// How much of a project is known to be malicious.
    pub enum Reach {
        /// One file.
        File = "file",
        /// Every file of a release.
        Release = "release",
        /// Every file of the versions that lie in a range; only a page tells which there are.
        Range = "range",
        /// Every file of a project.
        Project = "project",
    }
}

venin_model::spelled_enum! {
    /// Why a file that was found counts as one that is known; the first is the strongest.
    pub enum MatchedBy {
        /// The SHA-256 is the known one.
        Sha256 = "sha256",
        /// The BLAKE2b-256 is the known one.
        Blake2 = "blake2b-256",
        /// The file's name is the known one, and no digest says otherwise.
        FileName = "file-name",
        /// It belongs to a release that is known as a whole.
        Release = "release",
        /// Its version lies in a range that is known as a whole.
        Range = "range",
        /// It belongs to a project that is known as a whole.
        Project = "project",
        /// The file's name is the known one, but its digest is another.
        OtherBytes = "other-bytes",
    }
}

/// A file that was found or listed somewhere.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The project on whose page it stands, if any; else what the file's name says.
    pub project: Option<&'a str>,
    /// Its name.
    pub file_name: &'a str,
    /// Its SHA-256, computed or announced.
    pub sha256: Option<Digest>,
    /// Its BLAKE2b-256, computed or taken from its address.
    pub blake2: Option<Blake2>,
}

/// A known file that a candidate is.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    /// What is known.
    pub known: &'a KnownFile,
    /// Why it counts.
    pub by: MatchedBy,
}

/// A version that compares by its meaning where it has one (PEP 440), else by its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum VersionKey {
    Version(Version),
    Text(String),
}

impl VersionKey {
    pub(crate) fn new(text: &str) -> Self {
        // A file's name may spell the dashes of a version as underscores.
        Version::from_str(&text.replace('_', "-"))
            .map_or_else(|_| Self::Text(text.to_ascii_lowercase()), Self::Version)
    }
}

/// Whether two spellings name the same version.
#[must_use]
pub fn is_same_version(left: &str, right: &str) -> bool {
    VersionKey::new(left) == VersionKey::new(right)
}

/// Everything that is looked for, by each of its names.
#[derive(Debug, Default)]
pub struct KnownSet {
    files: Vec<KnownFile>,
    by_sha256: HashMap<Digest, usize>,
    by_blake2: HashMap<Blake2, usize>,
    by_file: HashMap<String, Vec<usize>>,
    by_release: HashMap<(String, VersionKey), usize>,
    by_range: HashMap<String, usize>,
    by_project: HashMap<String, usize>,
    by_name: BTreeMap<String, Vec<usize>>,
    by_size: HashMap<u64, Vec<usize>>,
}

impl KnownSet {
    /// Sorts and indexes what is known; the same subject twice counts once, and keeps the address and size of both.
    #[must_use]
    pub fn new(files: impl IntoIterator<Item = KnownFile>) -> Self {
        let mut files: Vec<KnownFile> = files.into_iter().collect();
        let is_range = |file: &KnownFile| file.reach() == Reach::Range;
        files.sort_by(|a, b| {
            let by_subject = a.subject.cmp(&b.subject).then(is_range(a).cmp(&is_range(b)));
            by_subject.then(b.blake2.cmp(&a.blake2))
        });
        files.dedup_by(|other, kept| {
            let is_same = other.subject == kept.subject
                && is_range(other) == is_range(kept)
                && (other.blake2.is_none() || kept.blake2.is_none() || other.blake2 == kept.blake2);
            if is_same {
                kept.blake2 = kept.blake2.or(other.blake2);
                kept.size = kept.size.or(other.size);
                kept.ranges.append(&mut other.ranges);
            }
            is_same
        });
        let mut set = Self { files, ..Self::default() };
        for (at, known) in set.files.iter().enumerate() {
            let name = known.subject.name().to_owned();
            set.by_name.entry(name.clone()).or_default().push(at);
            if let Some(sha256) = known.subject.sha256() {
                set.by_sha256.entry(sha256).or_insert(at);
            }
            if let Some(blake2) = known.blake2 {
                set.by_blake2.entry(blake2).or_insert(at);
            }
            if let Some(file) = known.subject.file_name() {
                set.by_file.entry(file.to_owned()).or_default().push(at);
            }
            if let Some(size) = known.size.filter(|_| known.reach() == Reach::File) {
                set.by_size.entry(size).or_default().push(at);
            }
            match (known.reach(), known.subject.version()) {
                (Reach::Release, Some(version)) => {
                    set.by_release.entry((name, VersionKey::new(version))).or_insert(at);
                }
                (Reach::Range, _) => {
                    set.by_range.entry(name).or_insert(at);
                }
                (Reach::Project, _) => {
                    set.by_project.entry(name).or_insert(at);
                }
                _ => {}
            }
        }
        set
    }

    /// All that is known, sorted.
    #[must_use]
    pub fn files(&self) -> &[KnownFile] {
        &self.files
    }

    /// The normalized names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Whether anything is known under this normalized name.
    #[must_use]
    pub fn has_name(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// What is known under a normalized name.
    pub fn of_name(&self, name: &str) -> impl Iterator<Item = &KnownFile> {
        self.by_name.get(name).into_iter().flatten().filter_map(|at| self.files.get(*at))
    }

    /// What is known by this digest.
    #[must_use]
    pub fn of_sha256(&self, sha256: Digest) -> Option<&KnownFile> {
        self.by_sha256.get(&sha256).and_then(|at| self.files.get(*at))
    }

    /// What is known by this file name, in any project.
    pub fn of_file_name(&self, file_name: &str) -> impl Iterator<Item = &KnownFile> {
        self.by_file.get(file_name).into_iter().flatten().filter_map(|at| self.files.get(*at))
    }

    /// The release that is known as a whole, if it is.
    #[must_use]
    pub fn of_release(&self, name: &str, version: &str) -> Option<&KnownFile> {
        let key = (name.to_owned(), VersionKey::new(version));
        self.by_release.get(&key).and_then(|at| self.files.get(*at))
    }

    /// The ranges that the version lies in, if it does.
    #[must_use]
    pub fn of_range(&self, name: &str, version: &str) -> Option<&KnownFile> {
        let known = self.by_range.get(name).and_then(|at| self.files.get(*at));
        known.filter(|known| known.holds_version(version))
    }

    /// The project that is known as a whole, if it is.
    #[must_use]
    pub fn of_project(&self, name: &str) -> Option<&KnownFile> {
        self.by_project.get(name).and_then(|at| self.files.get(*at))
    }

    /// Whether a file of this name or size is worth hashing.
    #[must_use]
    pub fn may_be_known(&self, file_name: &str, size: u64) -> bool {
        if self.by_file.contains_key(file_name) || self.by_size.contains_key(&size) {
            return true;
        }
        let Some(parsed) = parse_file_name(file_name) else { return false };
        let name = normalize_name(&parsed.name);
        // A file known by its digest alone may have any name of its project.
        self.of_project(&name).is_some()
            || self.of_release(&name, &parsed.version).is_some()
            || self.of_range(&name, &parsed.version).is_some()
            || self.of_name(&name).any(|known| known.reach() == Reach::File && is_nameless(known))
    }

    /// The strongest reason why a candidate is a known file, if there is one.
    #[must_use]
    pub fn match_file(&self, candidate: &Candidate<'_>) -> Option<Match<'_>> {
        let found = |at: &usize, by| self.files.get(*at).map(|known| Match { known, by });
        if let Some(at) = candidate.sha256.and_then(|digest| self.by_sha256.get(&digest)) {
            return found(at, MatchedBy::Sha256);
        }
        if let Some(at) = candidate.blake2.and_then(|digest| self.by_blake2.get(&digest)) {
            return found(at, MatchedBy::Blake2);
        }
        let parsed = parse_file_name(candidate.file_name);
        let name = candidate.project.map(normalize_name);
        let name = name.or_else(|| parsed.as_ref().map(|parsed| normalize_name(&parsed.name)))?;
        let named: Vec<&KnownFile> =
            self.of_file_name(candidate.file_name).filter(|known| known.subject.name() == name).collect();
        if let Some(known) = named.iter().find(|known| !contradicts(known, candidate)) {
            return Some(Match { known, by: MatchedBy::FileName });
        }
        let release = parsed.as_ref().and_then(|parsed| self.of_release(&name, &parsed.version));
        if let Some(known) = release {
            return Some(Match { known, by: MatchedBy::Release });
        }
        if let Some(known) = parsed.as_ref().and_then(|parsed| self.of_range(&name, &parsed.version)) {
            return Some(Match { known, by: MatchedBy::Range });
        }
        if let Some(known) = self.of_project(&name) {
            return Some(Match { known, by: MatchedBy::Project });
        }
        named.first().map(|known| Match { known, by: MatchedBy::OtherBytes })
    }
}

fn is_nameless(known: &KnownFile) -> bool {
    known.subject.file_name().is_none()
}

/// Whether a digest of the candidate is not the known one.
fn contradicts(known: &KnownFile, candidate: &Candidate<'_>) -> bool {
    let is_other_sha256 =
        matches!((known.subject.sha256(), candidate.sha256), (Some(one), Some(other)) if one != other);
    is_other_sha256 || matches!((known.blake2, candidate.blake2), (Some(one), Some(other)) if one != other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(name: &str) -> Subject {
        Subject::project(name).unwrap()
    }

    fn set() -> KnownSet {
        let file = project("One").with_version("1.0").unwrap().with_file("one-1.0.tar.gz").unwrap();
        KnownSet::new([
            KnownFile::new(file.with_sha256(Digest::of(b"one")), Class::Malware),
            KnownFile::new(project("two").with_version("2.0").unwrap(), Class::Malware),
            KnownFile::new(project("three"), Class::Malware),
        ])
    }

    fn matched(file_name: &str, sha256: Option<Digest>) -> Option<MatchedBy> {
        let candidate = Candidate { project: None, file_name, sha256, blake2: None };
        set().match_file(&candidate).map(|found| found.by)
    }

    #[test]
    fn the_digest_counts_before_every_name() {
        assert_eq!(matched("renamed-9.tar.gz", Some(Digest::of(b"one"))), Some(MatchedBy::Sha256));
        assert_eq!(matched("one-1.0.tar.gz", None), Some(MatchedBy::FileName));
        assert_eq!(matched("one-1.0.tar.gz", Some(Digest::of(b"x"))), Some(MatchedBy::OtherBytes));
        assert_eq!(matched("one-1.0-py3-none-any.whl", None), None);
    }

    #[test]
    fn versions_are_compared_by_meaning_and_a_bare_name_only_when_every_version_is_meant() {
        assert_eq!(matched("two-2.tar.gz", None), Some(MatchedBy::Release));
        assert_eq!(matched("two-2.1.tar.gz", None), None);
        assert_eq!(matched("Three-7.tar.gz", None), Some(MatchedBy::Project));
        assert_eq!(matched("four-7.tar.gz", None), None);
    }

    #[test]
    fn a_range_means_the_versions_that_lie_in_it_and_ranges_of_many_records_are_one() {
        let range = |text: &str| {
            KnownFile::in_ranges(project("Five"), [text.parse().unwrap()].into(), Class::Malware)
        };
        let whole = KnownFile::new(project("six"), Class::Malware);
        let set = KnownSet::new([range(">=1.2,<1.4"), whole, range("<=0.5")]);
        let matched = |file_name| {
            let candidate = Candidate { project: None, file_name, sha256: None, blake2: None };
            set.match_file(&candidate).map(|found| found.by)
        };
        for file in ["five-1.2.tar.gz", "five-1.3.9-py3-none-any.whl", "Five-0.5.zip"] {
            assert_eq!(matched(file), Some(MatchedBy::Range), "{file}");
            assert!(set.may_be_known(file, 1));
        }
        for file in ["five-1.4.tar.gz", "five-0.6.zip", "five-what.tar.gz", "other-1.2.zip"] {
            assert_eq!(matched(file), None, "{file}");
        }
        assert_eq!((set.files().len(), matched("six-9.zip")), (2, Some(MatchedBy::Project)));
    }

    #[test]
    fn the_same_subject_twice_counts_once_and_keeps_its_address() {
        let known = KnownFile::new(project("a").with_file("a-1.zip").unwrap(), Class::Malware);
        let addressed = KnownFile { blake2: Blake2::parse(&"0".repeat(64)), size: Some(3), ..known.clone() };
        let set = KnownSet::new([known, addressed.clone()]);
        assert_eq!(set.files(), [addressed]);
        assert!(set.may_be_known("other.bin", 3) && !set.may_be_known("other.bin", 4));
    }
}
