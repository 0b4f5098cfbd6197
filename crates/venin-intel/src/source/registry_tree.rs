//! A registry of samples laid out as `NAME/VERSION/ARCHIVE`: a directory, a work tree or a bare repository.
//!
//! Everything in it is somebody's sample of a malicious package; the tree says no more than that.  A repository's
//! history says since when: between the commit before and the commit with which a path first appeared.  Archives are
//! read as bytes for their digest, and never unpacked.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use venin_package::parse_file_name;

use super::sample::{Sample, SampleSource, TakeSample};
use super::tree::{Leaf, Tree};
use super::{Connector, Description, Input, Request, Sink, SourceError, SourceProblem};
use crate::claim::{Claim, ClaimKind, Class, Digest, Interval, Subject, Surface};

/// Whether archives are read for their digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digests {
    /// Every archive is read.
    Read,
    /// Only the tree is listed.
    LeaveOut,
}

/// The connector for a tree of samples.
pub struct RegistryTree {
    /// Whether archives are read for their digests.
    pub digests: Digests,
}

const ID: &str = "registry-tree";

/// Suffixes of distribution files.
const SUFFIXES: &[&str] =
    &[".tar.gz", ".whl", ".zip", ".egg", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar", ".exe"];

impl Connector for RegistryTree {
    fn describe(&self) -> Description {
        Description {
            id: ID,
            title: "A tree of samples laid out as name, version, archive",
            input: "a directory, or a git repository with or without a work tree",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let Input::Path(path) = request.input else {
            let what = "an address".to_owned();
            return Err(SourceError::Input {
                connector: ID,
                what,
                error: "a directory is needed".to_owned(),
            });
        };
        let tree = Tree::open(path, ID)?;
        let (leaves, problems) = list(&tree, path)?;
        problems.into_iter().for_each(|problem| sink.problem(problem));
        let dates = match &tree {
            Tree::Repository(repository) => repository.date_paths(),
            Tree::Directory(_) => HashMap::new(),
        };
        let mut buffer = Vec::new();
        let mut unpacked = BTreeSet::new();
        for leaf in &leaves {
            let subject = match parse_place(&leaf.path) {
                Place::Archive(subject) => *subject,
                Place::Other => continue,
                Place::Unpacked(folder) => {
                    unpacked.insert(folder.to_owned());
                    continue;
                }
                Place::Wrong(error) => {
                    sink.problem(SourceProblem { what: leaf.path.clone(), error });
                    continue;
                }
            };
            let subject = match self.digests {
                Digests::LeaveOut => subject,
                Digests::Read => match tree.read(leaf, &mut buffer) {
                    Ok(bytes) => subject.with_sha256(Digest::of(bytes)),
                    Err(error) => {
                        sink.problem(SourceProblem { what: leaf.path.clone(), error });
                        subject
                    }
                },
            };
            let happened = dates.get(&leaf.path).copied().unwrap_or(Interval::UNKNOWN);
            sink.claim(make_claim(subject, &leaf.path, happened, request))?;
        }
        for what in unpacked {
            sink.problem(SourceProblem { what, error: "an unpacked tree and no archive".to_owned() });
        }
        match &tree {
            Tree::Repository(repository) => sink.advance(&repository.head()),
            Tree::Directory(_) => Ok(()),
        }
    }
}

fn list(tree: &Tree, path: &Path) -> Result<(Vec<Leaf>, Vec<SourceProblem>), SourceError> {
    let what = path.display().to_string();
    tree.list(&|_| true).map_err(|error| SourceError::Input { connector: ID, what, error })
}

fn make_claim(subject: Subject, path: &str, happened: Interval, request: &Request<'_>) -> Claim {
    Claim {
        subject,
        surface: Surface::Advisory(request.source.to_owned()),
        kind: ClaimKind::Reported,
        happened,
        observed: request.now,
        source: request.source.to_owned(),
        source_ref: path.chars().take(512).collect(),
        evidence: None,
        class: Class::Malware,
        confidence: None,
        detail: String::new(),
    }
}

/// What a path of the tree is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place<'a> {
    /// An archive of this release.
    Archive(Box<Subject>),
    /// A file of an unpacked release, with its folder.
    Unpacked(&'a str),
    /// A file beside the tree: a readme, a list.
    Other,
    /// A name, version or file name that cannot be.
    Wrong(String),
}

/// Reads `NAME/VERSION/ARCHIVE`; in `NAME/ARCHIVE` the archive's name tells the version.
#[must_use]
pub fn parse_place(path: &str) -> Place<'_> {
    let parts: Vec<&str> = path.split('/').collect();
    let (name, version, file) = match parts.as_slice() {
        [_] | [] => return Place::Other,
        [name, file] => {
            let Some(version) = parse_file_name(file).map(|parsed| parsed.version) else {
                return Place::Other;
            };
            (*name, version, *file)
        }
        [name, version, file] => (*name, (*version).to_owned(), *file),
        [name, version, ..] => {
            let end = name.len() + 1 + version.len();
            return if name.starts_with('.') {
                Place::Other
            } else {
                Place::Unpacked(path.get(..end).unwrap_or(path))
            };
        }
    };
    let lower = file.to_ascii_lowercase();
    if name.starts_with('.') || !SUFFIXES.iter().any(|suffix| lower.ends_with(suffix)) {
        return Place::Other;
    }
    let subject = Subject::project(name)
        .and_then(|project| project.with_version(&version))
        .and_then(|release| release.with_file(file));
    subject.map_or_else(|error| Place::Wrong(error.to_string()), |subject| Place::Archive(Box::new(subject)))
}

impl SampleSource for RegistryTree {
    fn read_samples(
        &self,
        input: &Path,
        is_wanted: &dyn Fn(&Subject, &str) -> bool,
        take: &mut TakeSample<'_>,
    ) -> Result<Vec<SourceProblem>, SourceError> {
        let tree = Tree::open(input, ID)?;
        let (leaves, mut problems) = list(&tree, input)?;
        let mut buffer = Vec::new();
        for leaf in &leaves {
            let Place::Archive(subject) = parse_place(&leaf.path) else { continue };
            if !is_wanted(&subject, &leaf.path) {
                continue;
            }
            match tree.read(leaf, &mut buffer) {
                Ok(mut bytes) => take(Sample {
                    subject: subject.with_sha256(Digest::of(bytes)),
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
    use crate::source::collected::collect;

    fn shown(path: &str) -> String {
        match parse_place(path) {
            Place::Archive(subject) => subject.to_string(),
            Place::Unpacked(folder) => format!("unpacked {folder}"),
            Place::Other => "other".to_owned(),
            Place::Wrong(_) => "wrong".to_owned(),
        }
    }

    fn fixture() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/samples.git")
    }

    #[test]
    fn a_bare_repository_gives_digests_and_since_when() {
        let collected = collect(&RegistryTree { digests: Digests::Read }, &fixture()).unwrap();
        assert_eq!(collected.problems, []);
        assert_eq!(
            collected.lines(),
            [
                "reported demo==1.0 (demo-1.0.tar.gz) by 2026-01-01T00:00:00Z malware",
                "reported demo==1.1 (demo-1.1.tar.gz) 2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z malware",
                "reported other==2.0 (other-2.0-py3-none-any.whl) 2026-02-01T00:00:00Z to 2026-03-01T00:00:00Z malware",
            ]
        );
        // The second archive lies in the pack as a difference from the first.
        let digest = "e1edde986d22507b3ab1e68fddee6bbc49371bb80a78e089d207fe4d2e4cc97f";
        assert_eq!(collected.claims[1].subject.sha256(), digest.parse().ok());
        assert_eq!(collected.cursor.as_deref(), Some("0c0d378bf318ba4af7091988a7f03cbe6463054e"));
    }

    #[test]
    fn samples_are_handed_over_with_the_digest_of_their_bytes() {
        let mut seen = Vec::new();
        let source = RegistryTree { digests: Digests::LeaveOut };
        let problems =
            source.read_samples(&fixture(), &|_, place| place.starts_with("demo/"), &mut |sample| {
                let mut bytes = Vec::new();
                sample.bytes.read_to_end(&mut bytes).unwrap();
                assert_eq!(sample.subject.sha256(), Some(Digest::of(&bytes)));
                assert_eq!(sample.size, bytes.len() as u64);
                seen.push(sample.place);
                Ok(())
            });
        assert_eq!(problems.unwrap(), []);
        assert_eq!(seen, ["demo/1.0/demo-1.0.tar.gz", "demo/1.1/demo-1.1.tar.gz"]);
    }

    #[test]
    fn a_directory_gives_the_same_without_dates() {
        let folder = tempfile::tempdir().unwrap();
        for (place, text) in
            [("b/2/b-2.zip", "b"), ("a/1/a-1.zip", "a"), ("a/1/a-1/setup.py", "x"), ("list.csv", "")]
        {
            let path = folder.path().join(place);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let collected = collect(&RegistryTree { digests: Digests::LeaveOut }, folder.path()).unwrap();
        assert_eq!(
            collected.lines(),
            ["reported a==1 (a-1.zip) unknown malware", "reported b==2 (b-2.zip) unknown malware"]
        );
        assert_eq!(collected.problems.len(), 1);
        assert_eq!(collected.problems[0].what, "a/1");
    }

    #[test]
    fn a_path_names_project_version_and_archive() {
        assert_eq!(shown("Demo_A/1.0/Demo_A-1.0.tar.gz"), "demo-a==1.0 (Demo_A-1.0.tar.gz)");
        assert_eq!(shown("demo/demo-2.1.3-py3-none-any.whl"), "demo==2.1.3 (demo-2.1.3-py3-none-any.whl)");
    }

    #[test]
    fn what_is_no_archive_is_told_apart() {
        assert_eq!(shown("README.md"), "other");
        assert_eq!(shown("demo/1.0/setup.py"), "other");
        assert_eq!(shown(".github/1.0/a-1.0.tar.gz"), "other");
        assert_eq!(shown("demo/1.0/demo-1.0/setup.py"), "unpacked demo/1.0");
        assert_eq!(shown("d\u{1b}emo/1.0/a-1.0.tar.gz"), "wrong");
        assert_eq!(shown("demo/1 0/a-1.0.tar.gz"), "wrong");
        assert_eq!(shown("../../a-1.0.tar.gz"), "other");
    }
}
