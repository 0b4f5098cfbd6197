//! Requirements files with all that they include, as steps of the resolution.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use venin_package::{normalize_name, parse_requirement};

use super::release::Asked;
use super::requirements::{Entry, beside, parse_requirements};
use super::resolve::{Step, looks_like_path};
use super::{Note, Resolved, problem};

/// Deepest chain of requirements files that include each other.
const MAX_INCLUDES: usize = 16;
/// Largest requirements file read, in bytes.
const MAX_REQUIREMENTS: u64 = 16 << 20;

/// Reads a requirements file and what it includes: the steps in the order of the lines, constraints applied, and the
/// places that it names.
pub(super) fn read_requirement_file(path: &Path) -> (Vec<Step>, Vec<Source>) {
    let mut reading = Reading::default();
    reading.read_file(path, 0);
    let Reading { mut steps, constraints, sources, .. } = reading;
    for step in &mut steps {
        if let Step::Release(asked) = step {
            asked.constraint = constraint_of(asked, &constraints);
        }
    }
    (steps, sources)
}

/// An option of a requirements file that names a place.
pub(super) struct Source {
    /// The file and line.
    pub(super) place: String,
    /// The option's name.
    pub(super) option: String,
    /// Its value, without credentials.
    pub(super) value: String,
}

/// Requirements files being read, with all that they include.
#[derive(Default)]
struct Reading {
    steps: Vec<Step>,
    /// Specifiers of constraints by normalized name.
    constraints: BTreeMap<String, Vec<String>>,
    sources: Vec<Source>,
    seen: BTreeSet<PathBuf>,
    /// Whether the lines only constrain what other files ask for.
    is_constraining: bool,
}

impl Reading {
    fn read_file(&mut self, path: &Path, depth: usize) {
        let identity = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(identity) {
            return;
        }
        let label = path.display().to_string();
        if depth > MAX_INCLUDES {
            self.refuse(&label, "requirements files include each other too deeply", "");
            return;
        }
        match read_requirements_text(path) {
            Ok(text) => {
                for line in parse_requirements(&text) {
                    self.read_entry(path, &format!("{label}:{}", line.number), line.entry, depth);
                }
            }
            Err(error) => self.refuse(&label, &error, "check the path of the requirements file"),
        }
    }

    fn refuse(&mut self, target: &str, error: &str, hint: &str) {
        self.steps.push(Step::Ready(Resolved::Problem(problem(target, error, hint))));
    }

    fn read_entry(&mut self, file: &Path, place: &str, entry: Entry, depth: usize) {
        match entry {
            Entry::Include(path) => self.read_file(&beside(file, &path), depth + 1),
            Entry::Constraint(path) => {
                let was_constraining = std::mem::replace(&mut self.is_constraining, true);
                self.read_file(&beside(file, &path), depth + 1);
                self.is_constraining = was_constraining;
            }
            Entry::Source { option, value } => {
                self.sources.push(Source { place: place.to_owned(), option, value });
            }
            Entry::Unknown(option) => {
                self.refuse(place, &format!("unknown option `{option}`"), "the line was passed over");
            }
            Entry::Editable(path) => self.add_path(file, path.split('[').next().unwrap_or_default(), place),
            Entry::Requirement { text, hashes, has_other_hashes } if !self.is_constraining => {
                if has_other_hashes {
                    let text = "only SHA-256 digests are checked".to_owned();
                    self.steps.push(Step::Ready(Resolved::Note(Note { target: place.to_owned(), text })));
                }
                self.add_requirement(file, text, hashes, place);
            }
            Entry::Requirement { text, .. } => self.add_constraint(&text),
        }
    }

    fn add_requirement(&mut self, file: &Path, text: String, hashes: Vec<String>, place: &str) {
        if looks_like_path(&text) && !text.contains(" @ ") {
            self.add_path(file, text.split(" ;").next().unwrap_or_default().trim(), place);
        } else {
            self.steps.push(Step::Release(Asked { label: text.clone(), text, hashes, ..Asked::default() }));
        }
    }

    /// A path is meant below the current directory, as installers take it, or else beside the file.
    fn add_path(&mut self, file: &Path, path: &str, place: &str) {
        if path.contains("://") {
            self.refuse(place, "direct references are not followed", "download the file and scan its path");
            return;
        }
        let here = PathBuf::from(path);
        let path = if here.exists() { here } else { beside(file, &here) };
        self.steps.push(Step::Path(path));
    }

    fn add_constraint(&mut self, text: &str) {
        if let Some(requirement) =
            parse_requirement(text).filter(|r| !r.name.is_empty() && !r.specifier.is_empty())
        {
            self.constraints.entry(requirement.normalized_name()).or_default().push(requirement.specifier);
        }
    }
}

fn read_requirements_text(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let metadata = path.metadata().map_err(unreadable)?;
    if metadata.len() > MAX_REQUIREMENTS {
        return Err(format!("is larger than {MAX_REQUIREMENTS} bytes"));
    }
    Ok(String::from_utf8_lossy(&std::fs::read(path).map_err(unreadable)?).into_owned())
}

fn constraint_of(asked: &Asked, constraints: &BTreeMap<String, Vec<String>>) -> String {
    let name = parse_requirement(&asked.text).map(|r| normalize_name(&r.name)).unwrap_or_default();
    constraints.get(&name).map(|specifiers| specifiers.join(",")).unwrap_or_default()
}
