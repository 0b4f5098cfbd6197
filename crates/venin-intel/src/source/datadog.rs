//! The data set of human-triaged packages: its manifest and the names of its encrypted samples.
//!
//! `manifest.json` maps a name to `null` (the whole project is malicious) or to the versions of a real project that
//! were poisoned.  A sample lies at `samples/pypi/{malicious_intent,compromised_lib}/NAME/VERSION/` and is called
//! `DATE-NAME-vVERSION.zip`, with the date of discovery; older copies have no folders.  The zips are never opened.

use std::fmt;
use std::path::Path;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;

use super::detail::Detail;
use super::documents::{Found, Wanted, has_extension, read_documents};
use super::dump::conclude;
use super::osv::is_ahead;
use super::sample::{Sample, SampleSource, TakeSample};
use super::tree::Tree;
use super::{Connector, Description, Input, Request, Sink, SourceError, SourceProblem};
use crate::claim::{Claim, ClaimKind, Class, Interval, Moment, Subject, Surface};

/// The connector for the data set.
pub struct Datadog;

const ID: &str = "datadog";

impl Connector for Datadog {
    fn describe(&self) -> Description {
        Description {
            id: ID,
            title: "A data set of human-triaged packages: manifest and encrypted samples",
            input: "manifest.json, a directory or git repository of the data set, or the manifest's address",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let (source, now) = (request.source, request.now);
        let tree = match request.input {
            Input::Path(path) if path.is_dir() => Tree::open(path, ID)?,
            _ => return collect_manifest(request, sink),
        };
        let what = "the tree".to_owned();
        let listed = tree.list(&is_own_folder);
        let (leaves, problems) = listed.map_err(|error| SourceError::Input { connector: ID, what, error })?;
        problems.into_iter().for_each(|problem| sink.problem(problem));
        let mut buffer = Vec::new();
        for leaf in &leaves {
            if is_manifest(&leaf.path) {
                match tree.read(leaf, &mut buffer) {
                    Ok(bytes) => give(parse_manifest(bytes, &leaf.path, source, now), sink)?,
                    Err(error) => sink.problem(SourceProblem { what: leaf.path.clone(), error }),
                }
            } else if has_extension(&leaf.path, &["zip"]) && is_own_folder(&leaf.path) {
                match parse_sample_path(&leaf.path) {
                    Ok(found) => give((found.claim(source, now).into_iter().collect(), Vec::new()), sink)?,
                    Err(error) => sink.problem(SourceProblem { what: leaf.path.clone(), error }),
                }
            }
        }
        Ok(())
    }
}

type Given = (Vec<Claim>, Vec<SourceProblem>);

fn collect_manifest(request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
    let everything = |_: &str| true;
    let wanted = Wanted { connector: ID, file: &everything, folder: &everything };
    let read = read_documents(request, &wanted, &mut |found| match found {
        Found::Document(what, bytes) => give(parse_manifest(bytes, what, request.source, request.now), sink),
        Found::Problem(problem) => {
            sink.problem(problem);
            Ok(())
        }
    })?;
    conclude(request, read, None, sink)
}

fn give((claims, problems): Given, sink: &mut dyn Sink) -> Result<(), SourceError> {
    problems.into_iter().for_each(|problem| sink.problem(problem));
    claims.into_iter().try_for_each(|claim| sink.claim(claim))
}

/// Folders of other ecosystems lie beside ours below `samples`.
fn is_own_folder(path: &str) -> bool {
    let mut parts = path.split('/').skip_while(|part| *part != "samples").skip(1);
    parts.next().is_none_or(|ecosystem| ecosystem == "pypi")
}

fn is_manifest(path: &str) -> bool {
    path.rsplit('/').next() == Some("manifest.json") && is_own_folder(path)
}

/// Claims of a manifest, sorted by name.  The manifest has no dates.
#[must_use]
pub fn parse_manifest(bytes: &[u8], what: &str, source: &str, now: Moment) -> Given {
    let (mut claims, mut problems) = (Vec::new(), Vec::new());
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let entries = reader.deserialize_map(Entries).and_then(|entries| reader.end().map(|()| entries));
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(SourceProblem { what: what.to_owned(), error: error.to_string() });
            return (claims, problems);
        }
    };
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, versions) in entries {
        let subjects =
            Subject::project(&name).map_err(|error| error.to_string()).and_then(|project| match versions {
                Value::Null => Ok(vec![(project, Class::Malware)]),
                Value::Array(versions) => poisoned(&project, &versions),
                _ => Err(format!("`{}` is neither null nor a list of versions", project.name())),
            });
        match subjects {
            Ok(subjects) => claims.extend(subjects.into_iter().map(|(subject, class)| {
                let scope = if subject.version().is_none() { "project" } else { "" };
                let detail = Detail::default().with("scope", scope);
                report(subject, class, Interval::UNKNOWN, "manifest.json", &detail, source, now)
            })),
            Err(error) => problems.push(SourceProblem { what: what.to_owned(), error }),
        }
    }
    (claims, problems)
}

fn poisoned(project: &Subject, versions: &[Value]) -> Result<Vec<(Subject, Class)>, String> {
    let subject = |version: &Value| {
        let text = version.as_str().ok_or_else(|| format!("a version of `{}` is no text", project.name()))?;
        let subject = project.clone().with_version(text).map_err(|error| error.to_string())?;
        Ok((subject, Class::Compromised))
    };
    versions.iter().map(subject).collect()
}

/// What the path of a sample says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamplePath {
    /// The release.
    pub subject: Subject,
    /// The day of discovery.
    pub found: Interval,
    /// By its folder.
    pub class: Class,
    /// The path itself.
    pub path: String,
}

impl SamplePath {
    fn claim(&self, source: &str, now: Moment) -> Option<Claim> {
        let is_future = self.found.not_before.is_some_and(|start| is_ahead(start, now));
        let found = if is_future { Interval::UNKNOWN } else { self.found };
        let detail = Detail::default().with("sample", self.path.as_str());
        let name = self.path.rsplit('/').next()?;
        Some(report(self.subject.clone(), self.class, found, name, &detail, source, now))
    }
}

/// Reads `.../NAME/VERSION/DATE-NAME-vVERSION.zip`, or the file's name alone.
///
/// # Errors
/// The name is not of this form, in words.
pub fn parse_sample_path(path: &str) -> Result<SamplePath, String> {
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let (version_folder, name_folder) = (parts.next(), parts.next());
    let stem = file.strip_suffix(".zip").ok_or("not a zip")?;
    let date = stem.get(..10).ok_or("no date in front")?;
    let found = Interval::parse(date).map_err(|error| error.to_string())?;
    let rest = stem.get(10..).and_then(|rest| rest.strip_prefix('-')).ok_or("no name after the date")?;
    let folders = name_folder.zip(version_folder).filter(|(name, version)| {
        rest.strip_prefix(*name).and_then(|rest| rest.strip_prefix("-v")) == Some(*version)
    });
    let (name, version) = folders.or_else(|| rest.rsplit_once("-v")).ok_or("no version after the name")?;
    let subject = Subject::project(name).and_then(|project| project.with_version(version));
    let is_poisoned = path.split('/').any(|part| part == "compromised_lib");
    Ok(SamplePath {
        subject: subject.map_err(|error| error.to_string())?,
        found,
        class: if is_poisoned { Class::Compromised } else { Class::Malware },
        path: path.to_owned(),
    })
}

fn report(
    subject: Subject,
    class: Class,
    happened: Interval,
    source_ref: &str,
    detail: &Detail,
    source: &str,
    now: Moment,
) -> Claim {
    Claim {
        subject,
        surface: Surface::Advisory(source.to_owned()),
        kind: ClaimKind::Reported,
        happened,
        observed: now,
        source: source.to_owned(),
        source_ref: source_ref.to_owned(),
        evidence: None,
        class,
        confidence: None,
        detail: detail.render(),
    }
}

/// Keeps every entry of an object, doubles too.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object from names to null or a list of versions")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

impl SampleSource for Datadog {
    fn read_samples(
        &self,
        input: &Path,
        is_wanted: &dyn Fn(&Subject, &str) -> bool,
        take: &mut TakeSample<'_>,
    ) -> Result<Vec<SourceProblem>, SourceError> {
        let tree = Tree::open(input, ID)?;
        let listed = tree.list(&is_own_folder);
        let what = input.display().to_string();
        let (leaves, mut problems) =
            listed.map_err(|error| SourceError::Input { connector: ID, what, error })?;
        let mut buffer = Vec::new();
        for leaf in leaves.iter().filter(|leaf| has_extension(&leaf.path, &["zip"])) {
            let Ok(sample) = parse_sample_path(&leaf.path) else { continue };
            if !is_wanted(&sample.subject, &leaf.path) {
                continue;
            }
            match tree.read(leaf, &mut buffer) {
                Ok(mut bytes) => take(Sample {
                    subject: sample.subject,
                    place: leaf.path.clone(),
                    size: bytes.len() as u64,
                    bytes: &mut bytes,
                })?,
                Err(error) => problems.push(SourceProblem { what: leaf.path.clone(), error }),
            }
        }
        Ok(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_seconds(1_800_000_000);

    #[test]
    fn a_name_without_versions_is_wholly_malicious_and_one_with_versions_was_poisoned() {
        let text = br#"{"demo-b": ["1.0", "1.1"], "Demo_A": null}"#;
        let (claims, problems) = parse_manifest(text, "manifest.json", ID, NOW);
        assert_eq!(problems, []);
        let said: Vec<_> = claims.iter().map(|c| (c.subject.to_string(), c.class, &*c.detail)).collect();
        assert_eq!(
            said,
            [
                ("demo-a".to_owned(), Class::Malware, r#"{"scope":"project"}"#),
                ("demo-b==1.0".to_owned(), Class::Compromised, ""),
                ("demo-b==1.1".to_owned(), Class::Compromised, ""),
            ]
        );
    }

    #[test]
    fn entries_that_do_not_fit_are_problems_and_the_rest_is_kept() {
        let text = br#"{"../etc": null, "a": 7, "b": [7], "c": ["1 0"], "d": null, "d": ["1"]}"#;
        let (claims, problems) = parse_manifest(text, "manifest.json", ID, NOW);
        assert_eq!((claims.len(), problems.len()), (2, 4));
        for text in [&b""[..], b"[]", b"{\"a\":", b"{}{}", b"\xff"] {
            assert_eq!(parse_manifest(text, "m", ID, NOW).1.len(), 1);
        }
    }

    #[test]
    fn the_path_of_a_sample_tells_release_day_and_class() {
        let path = "samples/pypi/compromised_lib/elementary-v/0.23.3/2026-04-24-elementary-v-v0.23.3.zip";
        let sample = parse_sample_path(path).unwrap();
        assert_eq!(sample.subject.to_string(), "elementary-v==0.23.3");
        assert_eq!((sample.found.to_string().as_str(), sample.class), ("2026-04-24", Class::Compromised));
        let old = parse_sample_path("samples/pypi/2023-03-20-demo-v1.0.0.zip").unwrap();
        assert_eq!((old.subject.to_string().as_str(), old.class), ("demo==1.0.0", Class::Malware));
    }

    #[test]
    fn a_tree_gives_its_manifest_and_its_samples_of_our_ecosystem() {
        let folder = tempfile::tempdir().unwrap();
        for (place, text) in [
            ("samples/pypi/manifest.json", r#"{"demo": null}"#),
            ("samples/npm/manifest.json", r#"{"other": null}"#),
            ("samples/pypi/malicious_intent/demo/1.0/2026-02-03-demo-v1.0.zip", "inert"),
            ("samples/npm/malicious_intent/other/1.0/2026-02-03-other-v1.0.zip", "inert"),
            ("samples/pypi/malicious_intent/odd.zip", "inert"),
        ] {
            let path = folder.path().join(place);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let collected = crate::source::collected::collect(&Datadog, folder.path()).unwrap();
        assert_eq!(
            collected.lines(),
            ["reported demo==1.0 2026-02-03 malware", "reported demo unknown malware"]
        );
        assert_eq!(collected.problems.len(), 1);
        let mut places = Vec::new();
        let read = Datadog.read_samples(folder.path(), &|_, _| true, &mut |sample| {
            places.push(sample.place);
            Ok(())
        });
        assert_eq!(read.unwrap(), []);
        assert_eq!(places.len(), 1);
    }

    #[test]
    fn other_paths_are_refused_in_words() {
        for path in
            ["a.zip", "2026-02-30-a-v1.zip", "2026-02-20-a.zip", "2026-02-20-v1.zip", "ä2026-02-2ä.zip", "x"]
        {
            assert!(parse_sample_path(path).is_err(), "{path}");
        }
    }

    #[test]
    fn other_ecosystems_below_samples_are_left_alone() {
        assert!(is_own_folder("samples/pypi/malicious_intent") && is_own_folder("samples"));
        assert!(!is_own_folder("samples/npm"));
    }
}
