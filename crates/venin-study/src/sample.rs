//! An artifact with where it came from, and the data set that all of them are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use venin_intel::claim::Interval;
use venin_intel::known::Releases;

use venin_package::normalize_name;

use crate::artifact::Artifact;
use crate::history::History;

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

    /// Gives origins without a day the day on which the release was uploaded, else the day on which somebody first said
    /// that it is malicious, where these are known to the day.
    pub fn date_by(&mut self, history: &History) {
        let days = days_of(history);
        for sample in &mut self.samples {
            let project = sample.project();
            let Some(of_project) = days.get(project.as_str()) else { continue };
            let at = of_project.releases.position(sample.version());
            let Some(day) = at.and_then(|at| of_project.days.get(at)) else { continue };
            for origin in sample.origins.iter_mut().filter(|origin| origin.day.is_empty()) {
                origin.day.clone_from(day);
            }
        }
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

/// The days of a project's releases; versions count by their meaning.
#[derive(Debug, Default)]
struct Days {
    releases: Releases,
    /// By the release's position; empty where it is not known.
    days: Vec<String>,
}

/// The day of each release that is known to the day, by project.
fn days_of(history: &History) -> BTreeMap<&str, Days> {
    let known = |interval: &Interval| {
        let (from, to) = (interval.not_before?, interval.not_after?);
        (to.micros() - from.micros() <= DAY_MICROS)
            .then(|| to.to_string().chars().take(10).collect::<String>())
    };
    let mut projects: BTreeMap<&str, Days> = BTreeMap::new();
    for (project, release) in history.releases() {
        let dates = &release.dates;
        let told = [&dates.uploaded, &dates.reported, &dates.published];
        let Some(day) = told.into_iter().flatten().find_map(known) else { continue };
        let of_project = projects.entry(&project.name).or_default();
        let at = of_project.releases.insert(&release.version);
        if at >= of_project.days.len() {
            of_project.days.resize(at + 1, String::new());
        }
        if let Some(kept) = of_project.days.get_mut(at) {
            *kept = day;
        }
    }
    projects
}

/// A day in microseconds.
const DAY_MICROS: i64 = 86_400_000_000;

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
    fn an_artifact_has_the_day_of_its_release_where_that_is_known_to_the_day() {
        use venin_intel::claim::{Claim, ClaimKind, Class, Moment, Subject, Surface};
        let now = Moment::parse("2026-06-01T00:00:00Z").unwrap();
        let claim = |name: &str, kind: ClaimKind, happened: &str| Claim {
            subject: Subject::project(name).unwrap().with_version("1.0").unwrap(),
            surface: Surface::Advisory("feed".to_owned()),
            kind,
            happened: Interval::parse(happened).unwrap(),
            observed: now,
            source: "feed".to_owned(),
            source_ref: "1".to_owned(),
            evidence: None,
            class: Class::Malware,
            confidence: None,
            detail: String::new(),
        };
        let claims = [
            claim("a", ClaimKind::Reported, "2026-05-12"),
            claim("a", ClaimKind::Uploaded, "2026-05-10T03:00:00Z"),
            claim("b", ClaimKind::Reported, "2026-05-14"),
            claim("c", ClaimKind::Reported, "2026-05"),
        ];
        let history = History::of(claims, now);
        let found = ["a", "b", "c"].map(|name| (artifact(name, "1"), origin("x", SourceClass::Other)));
        let mut set = DataSet::of(found, Vec::new());
        set.date_by(&history);
        let days: Vec<&str> = set.samples().iter().map(|sample| sample.origins[0].day.as_str()).collect();
        assert_eq!(days, ["2026-05-10", "2026-05-14", ""]);
    }

    #[test]
    fn names_are_compared_as_indexes_do() {
        let sample = Sample { artifact: artifact("Fast__Api.X", "1"), origins: Vec::new() };
        assert_eq!(sample.project(), "fast-api-x");
    }
}
