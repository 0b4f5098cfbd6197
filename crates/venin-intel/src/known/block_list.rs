//! The complete block list: all that is known, in one file with a digest, and the difference between two of them.
//!
//! The study asks registries to publish one (paper, section VI).  JSON lines: a head with the digest of the entries,
//! then one line a project, in the order of the names, so that equal knowledge gives equal bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Accusation, AccusedFile, Known, KnownProject};
use crate::claim::{Blake2, Class, Digest, Moment, Subject};

/// The form of the file.
const FORM: &str = "venin-block-list/2";
/// Forms that are read: the first one had no `files`.
const READ_FORMS: &[&str] = &["venin-block-list/1", FORM];
/// The form of a difference.
const DELTA_FORM: &str = "venin-block-list-delta/2";
/// Forms of a difference that are read.
const READ_DELTA_FORMS: &[&str] = &["venin-block-list-delta/1", DELTA_FORM];
/// Longest line read, in bytes.
const MOST_LINE: usize = 16 << 20;

/// One project of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockEntry {
    /// The normalized name.
    pub name: String,
    /// Whether every version is accused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_versions: bool,
    /// The accused versions, as their sources write them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub versions: BTreeSet<String>,
    /// The accused ranges of versions, as version specifiers (PEP 440): `>=1.2,<1.4`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ranges: BTreeSet<String>,
    /// The accused files: SHA-256 in hexadecimal.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sha256: BTreeSet<String>,
    /// The files of what is accused, as far as they are known by name.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub files: BTreeSet<BlockFile>,
    /// From when on the name belongs to somebody else, whose uploads are not meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reused_since: Option<String>,
    /// Who says so.
    pub reasons: Vec<Reason>,
}

/// A file of an accused release.
///
/// Where a page lists it no more, it can still be asked for: by its name beside the page, by its SHA-256 on a devpi
/// server, by its BLAKE2b-256 on a file host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockFile {
    /// Its name.
    pub name: String,
    /// The version, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its SHA-256 in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Its BLAKE2b-256 in hexadecimal.
    #[serde(default, rename = "blake2b-256", skip_serializing_if = "Option::is_none")]
    pub blake2: Option<String>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// Who accuses a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The source.
    pub source: String,
    /// Its record.
    pub record: String,
    /// What kind of unwanted release it is.
    pub class: String,
    /// When it was said first, as exactly as is known.
    pub since: String,
}

/// A whole list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockList {
    /// When it was made; not part of the digest.
    pub made: Option<String>,
    /// The entries by name.
    pub entries: BTreeMap<String, BlockEntry>,
}

/// What one list has that an earlier one had not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delta {
    /// The form of the file.
    form: String,
    /// The digest of the earlier list.
    pub from: String,
    /// The digest of the later one.
    pub to: String,
    /// Entries that are new or changed.
    pub set: Vec<BlockEntry>,
    /// Names that are accused no longer.
    pub remove: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    form: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made: Option<String>,
    projects: u64,
    sha256: String,
}

/// Why a list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BlockListError {
    /// It is no block list of this form.
    #[error("no block list: {0}")]
    Form(String),
    /// A line cannot be read.
    #[error("line {line} of the block list cannot be read: {error}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// Why.
        error: String,
    },
    /// The entries are not those that the head announces: cut, or changed on the way.
    #[error("the block list has the SHA-256 {found}, but its head announces {announced}")]
    Digest {
        /// What the head says.
        announced: String,
        /// What the entries have.
        found: String,
    },
    /// A difference is between two other lists.
    #[error("the difference begins at the list {from}, but this one is {this}")]
    OtherList {
        /// Where the difference begins.
        from: String,
        /// The list at hand.
        this: String,
    },
}

impl BlockList {
    /// The list of all that is known.
    #[must_use]
    pub fn of(known: &Known, made: Option<Moment>) -> Self {
        let accused = known.projects().filter(|project| project.is_accused());
        let entries = accused.map(|project| (project.name.clone(), entry_of(project))).collect();
        Self { made: made.map(|moment| moment.to_string()), entries }
    }

    /// The same list with the files of what it accuses; a file of a project that is not on it is passed over.
    #[must_use]
    pub fn with_files(mut self, files: &[AccusedFile]) -> Self {
        for file in files {
            let entry = self.entries.get_mut(file.subject.name());
            if let Some((entry, file)) = entry.zip(BlockFile::of(file)) {
                entry.files.insert(file);
            }
        }
        self
    }

    /// The digest of the entries.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.render_entries().as_bytes())
    }

    /// The file.
    #[must_use]
    pub fn render(&self) -> String {
        let entries = self.render_entries();
        let head = Head {
            form: FORM.to_owned(),
            made: self.made.clone(),
            projects: self.entries.len() as u64,
            sha256: Digest::of(entries.as_bytes()).to_string(),
        };
        format!("{}\n{entries}", serde_json::to_string(&head).unwrap_or_default())
    }

    fn render_entries(&self) -> String {
        let mut text = String::new();
        for entry in self.entries.values() {
            let _ = writeln!(text, "{}", serde_json::to_string(entry).unwrap_or_default());
        }
        text
    }

    /// Reads a file and checks its digest.
    ///
    /// # Errors
    /// [`BlockListError`].
    pub fn parse(text: &str) -> Result<Self, BlockListError> {
        let mut lines = text.lines().enumerate();
        let (_, head) = lines.next().ok_or_else(|| BlockListError::Form("it is empty".to_owned()))?;
        let head: Head =
            serde_json::from_str(head).map_err(|error| BlockListError::Form(error.to_string()))?;
        if !READ_FORMS.contains(&head.form.as_str()) {
            return Err(BlockListError::Form(format!("its form is `{}`", head.form.escape_debug())));
        }
        let mut list = Self { made: head.made, entries: BTreeMap::new() };
        for (at, line) in lines {
            let wrong = |error: String| BlockListError::Line { line: at + 1, error };
            if line.len() > MOST_LINE {
                return Err(wrong("it is too long".to_owned()));
            }
            let entry: BlockEntry = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
            list.entries.insert(entry.name.clone(), entry);
        }
        let found = list.digest().to_string();
        if found != head.sha256 {
            return Err(BlockListError::Digest { announced: head.sha256, found });
        }
        Ok(list)
    }

    /// What this list has that an earlier one had not.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Delta {
        let is_new = |entry: &&BlockEntry| earlier.entries.get(&entry.name) != Some(entry);
        let is_gone = |name: &&String| !self.entries.contains_key(*name);
        Delta {
            form: DELTA_FORM.to_owned(),
            from: earlier.digest().to_string(),
            to: self.digest().to_string(),
            set: self.entries.values().filter(is_new).cloned().collect(),
            remove: earlier.entries.keys().filter(is_gone).cloned().collect(),
        }
    }

    /// The later list of a difference.
    ///
    /// # Errors
    /// The difference does not begin here, or does not end where it says.
    pub fn apply(&self, delta: &Delta) -> Result<Self, BlockListError> {
        let this = self.digest().to_string();
        if delta.from != this {
            return Err(BlockListError::OtherList { from: delta.from.clone(), this });
        }
        let mut later = self.clone();
        later.made = None;
        for name in &delta.remove {
            later.entries.remove(name);
        }
        for entry in &delta.set {
            later.entries.insert(entry.name.clone(), entry.clone());
        }
        let found = later.digest().to_string();
        if found != delta.to {
            return Err(BlockListError::Digest { announced: delta.to.clone(), found });
        }
        Ok(later)
    }
}

impl Delta {
    /// The file: one JSON object.
    #[must_use]
    pub fn render(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It is no difference of this form.
    pub fn parse(text: &str) -> Result<Self, BlockListError> {
        let delta: Self =
            serde_json::from_str(text).map_err(|error| BlockListError::Form(error.to_string()))?;
        if READ_DELTA_FORMS.contains(&delta.form.as_str()) {
            Ok(delta)
        } else {
            Err(BlockListError::Form(format!("its form is `{}`", delta.form.escape_debug())))
        }
    }
}

impl BlockEntry {
    /// The files of the entry that can be: of a name that belongs to somebody else now, only the accused bytes.
    pub fn accused_files(&self) -> impl Iterator<Item = AccusedFile> {
        let class = self.class();
        let is_meant = |file: &&BlockFile| {
            self.reused_since.is_none()
                || file.sha256.as_ref().is_some_and(|sha256| self.sha256.contains(sha256))
        };
        self.files.iter().filter(is_meant).filter_map(move |file| file.read(&self.name, class))
    }

    /// What it is taken for.
    #[must_use]
    pub fn class(&self) -> Class {
        self.reasons.iter().find_map(|reason| Class::parse(&reason.class)).unwrap_or(Class::Unknown)
    }
}

impl BlockFile {
    fn of(file: &AccusedFile) -> Option<Self> {
        Some(Self {
            name: file.subject.file_name()?.to_owned(),
            version: file.subject.version().map(str::to_owned),
            sha256: file.subject.sha256().map(|digest| digest.to_string()),
            blake2: file.blake2.map(|digest| digest.to_string()),
            size: file.size,
        })
    }

    /// The file that is meant; `None` where a field cannot be, for a list is somebody else's text.
    fn read(&self, project: &str, class: Class) -> Option<AccusedFile> {
        let mut subject = Subject::project(project).ok()?.with_file(&self.name).ok()?;
        if let Some(version) = &self.version {
            subject = subject.with_version(version).ok()?;
        }
        if let Some(sha256) = &self.sha256 {
            subject = subject.with_sha256(sha256.parse().ok()?);
        }
        Some(AccusedFile {
            subject,
            blake2: self.blake2.as_deref().and_then(Blake2::parse),
            size: self.size,
            class,
        })
    }
}

fn entry_of(project: &KnownProject) -> BlockEntry {
    let mut entry = BlockEntry {
        name: project.name.clone(),
        all_versions: project.accusations.iter().any(|accusation| accusation.is_whole_project),
        versions: BTreeSet::new(),
        ranges: BTreeSet::new(),
        sha256: BTreeSet::new(),
        files: BTreeSet::new(),
        reused_since: project.reused_since.map(|moment| moment.to_string()),
        reasons: project.accusations.iter().map(reason_of).collect(),
    };
    for accusation in &project.accusations {
        entry.versions.extend(accusation.versions.iter().cloned());
        entry.ranges.extend(accusation.ranges.iter().map(ToString::to_string));
        entry.sha256.extend(accusation.digests.iter().map(ToString::to_string));
    }
    entry.reasons.sort_unstable();
    entry
}

fn reason_of(accusation: &Accusation) -> Reason {
    Reason {
        source: accusation.source.clone(),
        record: accusation.source_ref.clone(),
        class: accusation.class.as_str().to_owned(),
        since: accusation.happened.to_string(),
    }
}
