//! From arguments to targets, one at a time.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use venin_report::Problem;

use super::directory::{DirectoryWalk, has_archive_suffix};
use super::load::is_python_name;
use super::release::{Asked, parse_asked, resolve_release};
use super::requirement_files::{Source, read_requirement_file};
use super::stdin_paths::PathReader;
use super::{FileTarget, Note, Resolved, Target, TargetArgs, index_problem, problem};
use crate::config::{holds_working_directory, is_internal};
use crate::index::{IndexClient, IndexSettings, Limits, Surroundings, find_index};

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
pub(super) enum Step {
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
                let is_new = self.given.insert(format!("{} {}", release.file.url, release.hashes.join(" ")));
                is_new.then_some(Resolved::Target(Target::Release(release)))
            }
            Step::Ready(resolved) => Some(resolved),
            Step::Argument(argument) => {
                let next = interpret_argument(&argument);
                self.push_front([next]);
                None
            }
            Step::Path(path) => {
                let next = self.refuse_configured(&path).unwrap_or_else(|| open_path(path));
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
            Err(error) => {
                Some(Resolved::Problem(problem("-", format!("standard input cannot be read: {error}"), "")))
            }
        }
    }

    fn find_release(&mut self, asked: &Asked) -> Vec<Step> {
        if let Some(problem) = self.refuse_internal(asked) {
            return vec![Step::Ready(Resolved::Problem(problem))];
        }
        let resolved = match self.connect() {
            Ok(client) => resolve_release(asked, self.args.choice, &client),
            Err(problem) => vec![Resolved::Problem(Problem { target: asked.label.clone(), ..problem })],
        };
        resolved.into_iter().map(Step::Ready).collect()
    }

    /// A requirements file can name the working directory, whose configuration would then judge itself.
    fn refuse_configured(&self, path: &Path) -> Option<Step> {
        let is_refused = self.args.is_configured_here && holds_working_directory(path.as_os_str());
        let error = "the configuration in the working directory lies in what is scanned";
        let hint = "name it with --config if it is yours, or pass --no-config";
        let label = path.display().to_string();
        is_refused.then(|| Step::Ready(Resolved::Problem(problem(&label, error, hint))))
    }

    /// An internal name asked of a public index tells the public that the name is free to take.
    fn refuse_internal(&self, asked: &Asked) -> Option<Problem> {
        let (name, _) = parse_asked(asked).ok()?;
        let is_refused =
            is_internal(&self.args.internal_names, &name) && !self.args.index.is_chosen(&self.around);
        let hint = "name your index with --index-url, VENIN_INDEX_URL or index-url in the configuration";
        let error = format!("{name} is an internal name, and no index is named for it");
        is_refused.then(|| problem(&asked.label, error, hint))
    }

    /// The client, made when the first requirement needs it; that is when the user hears of indexes left out.
    fn connect(&mut self) -> Result<Arc<IndexClient>, Problem> {
        if let Some(client) = &self.client {
            return client.clone();
        }
        let client = find_index(&self.args.index, &self.around).and_then(|settings| {
            let made = IndexClient::connect(settings, Limits::default());
            made.map(Arc::new).map_err(|error| index_problem("the package index", &error))
        });
        let texts = client.as_ref().map(|client| self.describe_choice(client.settings())).unwrap_or_default();
        let note = |text| Step::Ready(Resolved::Note(Note { target: "the package index".to_owned(), text }));
        self.push_front(texts.into_iter().map(note).collect::<Vec<_>>());
        self.client = Some(client.clone());
        client
    }

    /// What the user may not expect of the choice: that the current directory made it, and who is not asked.
    fn describe_choice(&self, settings: &IndexSettings) -> Vec<String> {
        let is_here =
            self.around.current_and_above().any(|d| Path::new(&settings.source).parent() == Some(d));
        let here = is_here.then(|| format!("{} because {} says so", settings.url, settings.source));
        let others = settings.others.iter().map(|other| format!("also configured, but not asked: {other}"));
        here.into_iter().chain(others).collect()
    }

    /// The steps that a requirements file asks for; constraints hold for all of them.
    fn read_requirements(&mut self, path: &Path) -> Vec<Step> {
        let (steps, sources) = read_requirement_file(path);
        let told: Vec<Step> = sources.into_iter().filter_map(|source| self.judge_source(source)).collect();
        told.into_iter().chain(steps).collect()
    }

    /// A place that a requirements file names is fine when it is the index in use; when the user chose an index it
    /// is worth a note; else the releases would come from somewhere else than those that get installed.
    fn judge_source(&mut self, source: Source) -> Option<Step> {
        let in_use = self.connect().ok().map(|client| client.settings().url.to_string());
        let is_in_use =
            in_use.is_some_and(|url| url.trim_end_matches('/') == source.value.trim_end_matches('/'));
        if is_in_use {
            return None;
        }
        let text = format!("`{} {}` is not followed", source.option, source.value).replace(" `", "`");
        Some(Step::Ready(if self.args.index.index_url.is_some() || self.args.index.configured.is_some() {
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

pub(super) fn looks_like_path(text: &str) -> bool {
    let has_separator =
        (text.contains('/') || text.contains(std::path::MAIN_SEPARATOR)) && !text.contains("://");
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

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
