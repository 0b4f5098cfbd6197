//! An artifact with where it came from, and the data set that all of them are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::artifact::Artifact;

venin_model::spelled_enum! {
    /// The study's seven classes of sources (paper section 1.2).
    pub enum SourceClass {
        /// Data sets that came with a paper.
        Paper = "paper",
        /// Sites that host code.
        CodeHosting = "code hosting",
        /// The index, its mirrors and the analysts that watch them.
        OfficialRepository = "official repository",
        /// Questions and answers, forums.
        Conversation = "it conversation",
        /// Open databases of advisories and samples.
        OpenDatabase = "open database",
        /// Tools for attacks.
        AttackTool = "attack tool",
        /// Anything else.
        Other = "other",
    }
}

impl SourceClass {
    /// The class of a source by its id, unless the user says otherwise.
    #[must_use]
    pub fn of_source(source: &str) -> Self {
        match source {
            "osv" | "ghsa" | "pypa" | "datadog" => Self::OpenDatabase,
            "index" | "mirror" | "index-changelog" | "index-list" | "index-project" | "rss" => {
                Self::OfficialRepository
            }
            "registry-tree" => Self::Paper,
            _ => Self::Other,
        }
    }
}

/// Where an artifact came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// The source's id.
    pub source: String,
    /// Its class, by its spelling.
    pub class: String,
    /// Where the source has it.
    pub place: String,
    /// The release that the source gives it for: `name` and `version`, either may be empty.
    pub project: String,
    /// The version.
    pub version: String,
    /// The day on which the source had it: `2026-01-02`; empty when not known.
    pub day: String,
}

/// An artifact with all of its origins.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What its scan says.
    pub artifact: Artifact,
    /// Where it came from, sorted; never empty.
    pub origins: Vec<Origin>,
}

impl Sample {
    /// The project's name in its normal form (PEP 503): as the first origin has it, else as the metadata states it.
    #[must_use]
    pub fn project(&self) -> String {
        let stated = self.artifact.name.as_deref().unwrap_or_default();
        let given = self.origins.iter().map(|o| o.project.as_str()).find(|p| !p.is_empty()).unwrap_or(stated);
        normalize_name(given)
    }

    /// The version: as the first origin has it, else as the metadata states it; empty when nobody knows.
    #[must_use]
    pub fn version(&self) -> &str {
        let stated = self.artifact.version.as_deref().unwrap_or_default();
        self.origins.iter().map(|o| o.version.as_str()).find(|v| !v.is_empty()).unwrap_or(stated)
    }
}

/// PEP 503: lower case, runs of `-`, `_` and `.` as one `-`.
fn normalize_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            other => out.extend(other.to_lowercase()),
        }
    }
    out
}

/// Something that belongs to the data set and could not be scanned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unreadable {
    /// What.
    pub target: String,
    /// Why.
    pub error: String,
}

/// All samples, each digest once, sorted by project, version, file and digest.
#[derive(Debug, Clone, Default)]
pub struct DataSet {
    samples: Vec<Sample>,
    unreadable: Vec<Unreadable>,
    /// How many files came in, copies counted.
    files: u64,
}

impl DataSet {
    /// Joins artifacts with their origins; the same digest from two places is one sample with two origins.
    #[must_use]
    pub fn of(found: impl IntoIterator<Item = (Artifact, Origin)>, unreadable: Vec<Unreadable>) -> Self {
        let mut by_digest: BTreeMap<String, Sample> = BTreeMap::new();
        let mut files = 0;
        for (artifact, origin) in found {
            files += 1;
            let entry = by_digest.entry(artifact.sha256.clone());
            entry.or_insert_with(|| Sample { artifact, origins: Vec::new() }).origins.push(origin);
        }
        Self::of_samples(by_digest.into_values(), unreadable, files)
    }

    /// The same of samples with different digests; `files` is how many files they are, copies counted.
    #[must_use]
    pub fn of_samples(
        samples: impl IntoIterator<Item = Sample>,
        mut unreadable: Vec<Unreadable>,
        files: u64,
    ) -> Self {
        let mut samples: Vec<Sample> = samples.into_iter().collect();
        for sample in &mut samples {
            sample.origins.sort();
            sample.origins.dedup();
        }
        samples.sort_by_cached_key(|sample| {
            let artifact = &sample.artifact;
            (sample.project(), sample.version().to_owned(), artifact.file.clone(), artifact.sha256.clone())
        });
        unreadable.sort();
        Self { samples, unreadable, files }
    }

    /// The samples.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// What could not be scanned.
    #[must_use]
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    /// How many files came in, copies counted, those that could not be scanned not.
    #[must_use]
    pub const fn files(&self) -> u64 {
        self.files
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use venin_model::Verdict;
    use venin_report::AttributesReport;

    /// An artifact of a release, with a digest of its own.
    pub(crate) fn artifact(name: &str, version: &str) -> Artifact {
        Artifact {
            sha256: format!(
                "{:0>64}",
                format!("{name}{version}").bytes().fold(String::new(), |s, b| format!("{s}{b:x}"))
            ),
            name: Some(name.to_owned()),
            version: Some(version.to_owned()),
            file: format!("{name}-{version}.tar.gz"),
            size: 1000,
            kind: "sdist".to_owned(),
            verdict: Verdict::Malicious,
            score: 3.0,
            behaviors: Vec::new(),
            vectors: Vec::new(),
            triggers: Vec::new(),
            techniques: Vec::new(),
            findings: Vec::new(),
            omitted_findings: 0,
            hosts: Vec::new(),
            attributes: AttributesReport::default(),
            members: 1,
            gaps: Vec::new(),
        }
    }

    /// An origin without a date.
    pub(crate) fn origin(source: &str, class: SourceClass) -> Origin {
        Origin {
            source: source.to_owned(),
            class: class.to_string(),
            place: "a/b".to_owned(),
            project: String::new(),
            version: String::new(),
            day: String::new(),
        }
    }

    #[test]
    fn a_copy_is_one_sample_with_two_origins() {
        let found = [
            (artifact("b", "1"), origin("tree", SourceClass::Paper)),
            (artifact("B", "1"), origin("x", SourceClass::Other)),
            (artifact("b", "1"), origin("osv", SourceClass::OpenDatabase)),
        ];
        let set = DataSet::of(found, Vec::new());
        assert_eq!((set.samples().len(), set.files()), (2, 3));
        let origins: Vec<usize> = set.samples().iter().map(|s| s.origins.len()).collect();
        assert_eq!(origins.iter().sum::<usize>(), 3);
    }

    #[test]
    fn names_are_compared_as_indexes_do() {
        let sample = Sample { artifact: artifact("Fast__Api.X", "1"), origins: Vec::new() };
        assert_eq!(sample.project(), "fast-api-x");
    }
}
