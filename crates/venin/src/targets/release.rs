//! Requirements: from a name on the command line to files on the user's index.

use std::io;
use std::sync::Arc;

use venin_package::parse_requirement;
use venin_report::Problem;

pub(crate) use crate::index::FileChoice;
use crate::index::{FileSink, IndexClient, IndexFile, Wanted, select_release};

use super::{Intake, Note, Resolved, SendError, Shape, Subject, Target, index_problem, problem};

/// A file of a release on the user's index.
#[derive(Debug)]
pub(crate) struct ReleaseTarget {
    /// The requirement as the user wrote it.
    pub(crate) label: String,
    /// The file.
    pub(super) file: IndexFile,
    /// Digests of which the requirement demands one.
    pub(super) hashes: Vec<String>,
    /// Whence it comes.
    pub(super) client: Arc<IndexClient>,
}

impl ReleaseTarget {
    /// Downloads the file into `intake`, its digest checked at the end.
    ///
    /// # Errors
    /// [`SendError`].
    pub(super) fn send_to(&self, intake: &mut dyn Intake) -> Result<(), SendError> {
        let mut sink = IntakeSink { name: &self.file.name, intake, failure: None };
        let fetched = self.client.fetch_file(&self.file, &self.hashes, &mut sink);
        match (fetched, sink.failure) {
            (Ok(_digest), _) => Ok(()),
            (Err(_), Some(error)) => Err(SendError::Intake(error)),
            (Err(error), None) => Err(SendError::Input(index_problem(&self.label, &error))),
        }
    }
}

/// A download that goes straight to a worker.
struct IntakeSink<'a> {
    name: &'a str,
    intake: &'a mut dyn Intake,
    /// Why the worker takes nothing more in.
    failure: Option<io::Error>,
}

impl IntakeSink<'_> {
    /// Keeps the worker's own error: what comes back from the client is its text only.
    fn keep(&mut self, result: io::Result<()>) -> io::Result<()> {
        result.map_err(|error| {
            let told = io::Error::new(error.kind(), error.to_string());
            self.failure = Some(error);
            told
        })
    }
}

impl FileSink for IntakeSink<'_> {
    fn restart(&mut self, size: u64) -> io::Result<()> {
        let begun = self.intake.begin(&Subject { name: self.name.to_owned(), shape: Shape::File, size });
        self.keep(begun)
    }

    fn bytes(&mut self, chunk: &[u8]) -> io::Result<()> {
        let taken = self.intake.bytes(chunk);
        self.keep(taken)
    }
}

/// A requirement to look up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// As the user wrote it.
    pub(super) text: String,
    /// What problems and reports call it: the text, or the requirements file and line with it.
    pub(super) label: String,
    /// Digests of which every file must have one.
    pub(super) hashes: Vec<String>,
    /// A specifier of a constraints file that holds as well.
    pub(super) constraint: String,
}

/// Reads the requirement without asking any index: its project, its whole specifier.
///
/// # Errors
/// It is no requirement, or one that names a place instead of a release.
pub(super) fn parse_asked(asked: &Asked) -> Result<(String, String), Problem> {
    let requirement = parse_requirement(&asked.text).filter(|r| !r.name.is_empty() || r.url.is_some());
    let Some(requirement) = requirement else {
        let hint = "a requirement looks like NAME, NAME==VERSION or NAME[EXTRA]>=VERSION";
        return Err(problem(&asked.label, "neither an existing path nor a requirement", hint));
    };
    if requirement.url.is_some() {
        let hint = "download the file and scan its path";
        return Err(problem(&asked.label, "direct references are not followed", hint));
    }
    let parts = [requirement.specifier.as_str(), asked.constraint.as_str()];
    let specifier = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",");
    Ok((requirement.normalized_name(), specifier))
}

/// Looks a release up that an index named: its files, with what the user should know.
pub(crate) fn resolve_upload(
    name: &str,
    version: Option<&str>,
    choice: FileChoice,
    client: &Arc<IndexClient>,
) -> Vec<Resolved> {
    let text = version.map_or_else(|| name.to_owned(), |version| format!("{name}=={version}"));
    resolve_release(&Asked { label: text.clone(), text, ..Asked::default() }, choice, client)
}

/// Looks a requirement up and gives the files to scan, with what the user should know.
pub(super) fn resolve_release(asked: &Asked, choice: FileChoice, client: &Arc<IndexClient>) -> Vec<Resolved> {
    match look_up(asked, choice, client) {
        Ok(resolved) => resolved,
        Err(problem) => vec![Resolved::Problem(problem)],
    }
}

fn look_up(asked: &Asked, choice: FileChoice, client: &Arc<IndexClient>) -> Result<Vec<Resolved>, Problem> {
    let (name, specifier) = parse_asked(asked)?;
    let page = client.fetch_project(&name).map_err(|error| index_problem(&asked.label, &error))?;
    let mut resolved = Vec::new();
    let mut tell = |text: String| resolved.push(Resolved::Note(Note { target: asked.label.clone(), text }));
    match page.status.as_deref() {
        Some("quarantined") if page.files.is_empty() => {
            let reason = page.status_reason.as_deref().map_or(String::new(), |reason| format!(": {reason}"));
            let error = format!("the index has quarantined {name} and gives no files{reason}");
            return Err(problem(&asked.label, error, "do not install it; the index suspects malware"));
        }
        Some(status) if status != "active" => tell(format!("the index calls {name} {status}")),
        _ => {}
    }
    let wanted = Wanted { specifier, hashes: asked.hashes.clone(), choice };
    let hint = "check the version and the index (--index-url)";
    let release = select_release(&page, &wanted).map_err(|error| problem(&asked.label, error, hint))?;
    if let Some(reason) = &release.yanked {
        let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        tell(format!("{name} {} is yanked{reason}", release.version));
    }
    if release.left_out > 0 {
        tell(format!("{} further files of {name} {} are not scanned", release.left_out, release.version));
    }
    for file in &release.files {
        if file.sha256.is_none() && asked.hashes.is_empty() {
            tell(format!("the index gives no SHA-256 of {}", file.name));
        }
    }
    resolved.extend(release.files.into_iter().map(|file| {
        let (label, hashes, client) = (asked.label.clone(), asked.hashes.clone(), Arc::clone(client));
        Resolved::Target(Target::Release(ReleaseTarget { label, file, hashes, client }))
    }));
    Ok(resolved)
}
