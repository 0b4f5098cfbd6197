//! From arguments to targets, one at a time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use venin_package::{normalize_name, parse_requirement};
use venin_report::Problem;

use super::directory::{DirectoryWalk, has_archive_suffix};
use super::load::is_python_name;
use super::release::{Asked, resolve_release};
use super::requirements::{Entry, beside, parse_requirements};
use super::stdin_paths::PathReader;
use super::{FileTarget, Note, Resolved, Target, TargetArgs, problem};
use crate::index::{IndexClient, Limits, Surroundings, find_index};

/// Deepest chain of requirements files that include each other.
const MAX_INCLUDES: usize = 16;
/// Largest requirements file read, in bytes.
const MAX_REQUIREMENTS: u64 = 16 << 20;

/// Resolves what the user named; see the module's description.
pub(crate) fn resolve_targets(args: TargetArgs) -> Targets {
    Targets::new(args, Surroundings::of_process())
}

/// The targets of a command line, in its order; lazy.
#[derive(Debug)]
pub(crate) struct Targets {
    args: TargetArgs,
    around: Surroundings,
    steps: VecDeque<Step>,
    client: Option<Result<Arc<IndexClient>, Problem>>,
    /// Files of releases already given, so that a release that is asked for twice is scanned once.
    given: BTreeSet<String>,
}

/// What is yet to be done.
#[derive(Debug)]
enum Step {
    /// An argument, or a line of a requirements file: a path, a requirement or `-`.
    Argument(OsString),
    /// Something that must be a path.
    Path(PathBuf),
    Stdin(PathReader),
    Walk(Box<DirectoryWalk>),
    RequirementsFile(PathBuf),
    Release(Asked),
    Ready(Resolved),
}

impl Targets {
    fn new(mut args: TargetArgs, around: Surroundings) -> Self {
        let arguments = std::mem::take(&mut args.targets).into_iter().map(Step::Argument);
        let files = std::mem::take(&mut args.requirement_files).into_iter().map(Step::RequirementsFile);
        let steps = arguments.chain(files).collect();
        Self { args, around, steps, client: None, given: BTreeSet::new() }
    }

    /// Puts steps before all others, in their order.
    fn push_front(&mut self, steps: impl IntoIterator<Item = Step, IntoIter: DoubleEndedIterator>) {
        for step in steps.into_iter().rev() {
            self.steps.push_front(step);
        }
    }

    /// Does one step; what it leads to is put in front of the others.
    fn take_step(&mut self, step: Step) -> Option<Resolved> {
        match step {
            Step::Ready(Resolved::Target(Target::Release(release))) => {
                let is_new = self.given.insert(release.file.url.to_string());
                is_new.then_some(Resolved::Target(Target::Release(release)))
            }
            Step::Ready(resolved) => Some(resolved),
            Step::Argument(argument) => {
                let next = interpret_argument(&argument);
                self.push_front([next]);
                None
            }
            Step::Path(path) => {
                let next = open_path(path);
                self.push_front([next]);
                None
            }
            Step::Stdin(reader) => self.read_stdin(reader),
            Step::Walk(mut walk) => {
                let resolved = walk.next()?;
                self.push_front([Step::Walk(walk)]);
                Some(resolved)
            }
            Step::RequirementsFile(path) => {
                let steps = self.read_requirements(&path);
                self.push_front(steps);
                None
            }
            Step::Release(asked) => {
                let resolved = self.find_release(&asked);
                self.push_front(resolved);
                None
            }
        }
    }

    fn read_stdin(&mut self, mut reader: PathReader) -> Option<Resolved> {
        match reader.next_path() {
            Ok(Some(path)) => {
                self.push_front([Step::Path(path), Step::Stdin(reader)]);
                None
            }
            Ok(None) => None,
            Err(error) => Some(Resolved::Problem(problem("-", format!("standard input cannot be read: {error}"), ""))),
        }
    }

    fn find_release(&mut self, asked: &Asked) -> Vec<Step> {
        let resolved = match self.connect() {
            Ok(client) => resolve_release(asked, self.args.choice, &client),
            Err(problem) => vec![Resolved::Problem(Problem { target: asked.label.clone(), ..problem })],
        };
        resolved.into_iter().map(Step::Ready).collect()
    }

    /// The client, made when the first requirement needs it; that is when the user hears of indexes left out.
    fn connect(&mut self) -> Result<Arc<IndexClient>, Problem> {
        if let Some(client) = &self.client {
            return client.clone();
        }
        let client = find_index(&self.args.index, &self.around).and_then(|settings| {
            let made = IndexClient::new(settings, Limits::default());
            made.map(Arc::new).map_err(|error| error.into_problem("the package index"))
        });
        let others = client.as_ref().map_or(&[][..], |client| client.settings().others.as_slice());
        let note = |other: &String| {
            let text = format!("also configured, but not asked: {other}");
            Step::Ready(Resolved::Note(Note { target: "the package index".to_owned(), text }))
        };
        let notes: Vec<Step> = others.iter().map(note).collect();
        self.push_front(notes);
        self.client = Some(client.clone());
        client
    }

    /// The steps that a requirements file asks for; constraints hold for all of them.
    fn read_requirements(&mut self, path: &Path) -> Vec<Step> {
        let mut reading = Reading::default();
        reading.read_file(path, 0);
        let Reading { mut steps, constraints, sources, .. } = reading;
        for step in &mut steps {
            if let Step::Release(asked) = step {
                asked.constraint = constraint_of(asked, &constraints);
            }
        }
        let told: Vec<Step> = sources.into_iter().filter_map(|source| self.judge_source(source)).collect();
        told.into_iter().chain(steps).collect()
    }

    /// A place that a requirements file names is fine when it is the index in use; when the user chose an index it
    /// is worth a note; else the releases would come from somewhere else than those that get installed.
    fn judge_source(&mut self, source: Source) -> Option<Step> {
        let in_use = self.connect().ok().map(|client| client.settings().url.to_string());
        let is_in_use = in_use.is_some_and(|url| url.trim_end_matches('/') == source.value.trim_end_matches('/'));
        if is_in_use {
            return None;
        }
        let text = format!("`{} {}` is not followed", source.option, source.value).replace(" `", "`");
        Some(Step::Ready(if self.args.index.index_url.is_some() {
            Resolved::Note(Note { target: source.place, text })
        } else {
            let hint = "pass --index-url to say which index is meant";
            Resolved::Problem(problem(&source.place, text, hint))
        }))
    }
}

impl Iterator for Targets {
    type Item = Resolved;

    fn next(&mut self) -> Option<Resolved> {
        loop {
            let step = self.steps.pop_front()?;
            if let Some(resolved) = self.take_step(step) {
                return Some(resolved);
            }
        }
    }
}

/// A path if it exists or looks like one, else a requirement.
fn interpret_argument(argument: &OsStr) -> Step {
    if argument == "-" {
        return Step::Stdin(PathReader::of_stdin());
    }
    let path = PathBuf::from(argument);
    let text = match argument.to_str() {
        Some(text) if path.symlink_metadata().is_err() && !looks_like_path(text) => text.trim().to_owned(),
        _ => return Step::Path(path),
    };
    Step::Release(Asked { label: text.clone(), text, ..Asked::default() })
}

fn looks_like_path(text: &str) -> bool {
    let has_separator = (text.contains('/') || text.contains(std::path::MAIN_SEPARATOR)) && !text.contains("://");
    has_separator || text.starts_with(['.', '~']) || has_archive_suffix(text) || is_python_name(text)
}

/// What lies at a path.
fn open_path(path: PathBuf) -> Step {
    let label = path.display().to_string();
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => Step::Walk(Box::new(DirectoryWalk::new(path, label))),
        Ok(_) => Step::Ready(Resolved::Target(Target::File(FileTarget { label, path }))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let hint = if label.starts_with('~') {
                "the shell expands ~ only at the start of a word"
            } else {
                "check the path; a release is named NAME or NAME==VERSION"
            };
            Step::Ready(Resolved::Problem(problem(&label, "no such file or directory", hint)))
        }
        Err(error) => Step::Ready(Resolved::Problem(problem(&label, format!("cannot be read: {error}"), ""))),
    }
}

/// An option of a requirements file that names a place.
struct Source {
    place: String,
    option: String,
    value: String,
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
            Entry::Source { option, value } => self.sources.push(Source { place: place.to_owned(), option, value }),
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
        if let Some(requirement) = parse_requirement(text).filter(|r| !r.name.is_empty() && !r.specifier.is_empty()) {
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

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
