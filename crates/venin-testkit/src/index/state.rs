//! What the index knows: projects, the changelog and the files that are stored.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pep440_rs::Version;
use serde_json::Value;

/// The clock of an index that was just started.
const BEGINNING: &str = "2026-01-01T00:00:00Z";

/// One row of the changelog, as `changelog_since_serial` gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// The project as its owner writes it.
    pub name: String,
    /// The release, if the act was on one.
    pub version: Option<String>,
    /// When, to the second.
    pub time: Timestamp,
    /// What happened: `new release`, `add py3 file F`, `remove project`, `project quarantined`, ...
    pub action: String,
    /// The row's number.
    pub serial: u64,
}

pub(super) struct State {
    pub(super) base: String,
    pub(super) file_base: String,
    pub(super) now: Timestamp,
    pub(super) journal: Vec<JournalRow>,
    /// By normalized name.
    pub(super) projects: BTreeMap<String, Project>,
    /// What the file host holds, by path with the leading slash; nothing leaves it with the index entry.
    pub(super) stored: BTreeMap<String, Stored>,
}

/// PEP 792.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Active,
    Archived,
    Quarantined,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Quarantined => "quarantined",
        }
    }
}

pub(super) struct Project {
    pub(super) name: String,
    pub(super) created: Timestamp,
    pub(super) last_serial: u64,
    pub(super) status: Status,
    pub(super) releases: Vec<Release>,
}

pub(super) struct Release {
    pub(super) version: String,
    pub(super) created: Timestamp,
    pub(super) summary: String,
    pub(super) requires_python: Option<String>,
    pub(super) requires_dist: Vec<String>,
    /// The reason, which may be empty.
    pub(super) yanked: Option<String>,
    pub(super) status: Status,
    pub(super) files: Vec<File>,
}

pub(super) struct File {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) sha256: String,
    pub(super) md5: String,
    pub(super) blake2b: String,
    pub(super) size: usize,
    pub(super) uploaded: Timestamp,
    pub(super) metadata_sha256: Option<String>,
    pub(super) provenance: Option<Value>,
}

/// A file of the file host.
pub(super) struct Stored {
    pub(super) bytes: Vec<u8>,
    pub(super) since: Timestamp,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            base: String::new(),
            file_base: String::new(),
            now: BEGINNING.parse().unwrap(),
            journal: Vec::new(),
            projects: BTreeMap::new(),
            stored: BTreeMap::new(),
        }
    }

    pub(super) fn last_serial(&self) -> u64 {
        self.journal.last().map_or(0, |row| row.serial)
    }

    /// Writes a row and gives the project its serial.
    pub(super) fn record(&mut self, name: &str, version: Option<&str>, action: &str) {
        let serial = self.last_serial() + 1;
        let project = self.projects.get_mut(&normalize(name));
        let name = project.as_ref().map_or(name, |project| &project.name).to_owned();
        if let Some(project) = project {
            project.last_serial = serial;
        }
        let version = version.map(str::to_owned);
        self.journal.push(JournalRow { name, version, time: self.now, action: action.to_owned(), serial });
    }

    pub(super) fn project(&mut self, name: &str) -> &mut Project {
        let found = self.projects.get_mut(&normalize(name));
        assert!(found.is_some(), "the index has no project `{name}`");
        found.unwrap()
    }

    pub(super) fn release(&mut self, name: &str, version: &str) -> &mut Release {
        let found = self.project(name).releases.iter_mut().find(|release| release.version == version);
        assert!(found.is_some(), "the index has no release `{name} {version}`");
        found.unwrap()
    }

    /// The project by a normalized name, unless it is in quarantine.
    pub(super) fn open_project(&self, normalized: &str) -> Option<&Project> {
        self.projects.get(normalized).filter(|project| project.status != Status::Quarantined)
    }
}

impl Project {
    /// The releases that pages show, oldest version first.
    pub(super) fn open_releases(&self) -> Vec<&Release> {
        let mut releases: Vec<&Release> = Vec::new();
        if self.status != Status::Quarantined {
            releases.extend(self.releases.iter().filter(|release| release.status != Status::Quarantined));
        }
        releases.sort_by_cached_key(|release| (release.version.parse::<Version>().ok(), &release.version));
        releases
    }
}

/// PEP 503: lower case, and one hyphen for each run of `-`, `_` and `.`.
pub(super) fn normalize(name: &str) -> String {
    let mut normalized = String::new();
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if normalized.ends_with('-') => {}
            '-' | '_' | '.' => normalized.push('-'),
            _ => normalized.push(letter.to_ascii_lowercase()),
        }
    }
    normalized
}
