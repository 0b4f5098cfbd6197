//! One step, done so that it can be taken back, and so that an interruption at any point leaves either the old state or
//! the new one, or something that [`recover`] can tell apart.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use venin_intel::claim::Digest;

use super::cuts::without;
use super::journal::{Journal, mode_of, set_mode, sync_folder, write_whole};
use super::plan::{Action, Step};
use crate::local::hash_file;

/// Asked before every change; an error stops the work at that point, as a crash would.
pub(super) type Gate<'a> = &'a dyn Fn(&str) -> Result<(), Interrupted>;

/// The work was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interrupted;

/// How a step ended.
#[derive(Debug)]
pub(super) enum StepEnd {
    /// It is done.
    Done,
    /// Nothing was changed, because something is not as the plan says.
    Skipped(String),
}

/// Why a step has no end.
#[derive(Debug)]
pub(super) enum StepError {
    /// The work was stopped.
    Interrupted,
    /// The file system refused.
    Io(io::Error),
}

impl From<io::Error> for StepError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Interrupted> for StepError {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// What a path holds, without following a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// A file with this digest.
    File(Digest),
    /// A symbolic link with this text.
    Link(PathBuf),
    /// Nothing.
    Nothing,
    /// A folder or a device.
    Else,
}

/// Looks at a path without following a link.
pub(super) fn content_of(path: &Path) -> io::Result<Content> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Content::Nothing);
        }
        Err(error) => return Err(error),
    };
    if metadata.is_symlink() {
        fs::read_link(path).map(Content::Link)
    } else if metadata.is_file() {
        hash_file(path).map(|hashed| Content::File(hashed.sha256))
    } else {
        Ok(Content::Else)
    }
}

/// What a step expects at its path.
pub(super) fn expected(action: &Action) -> Content {
    let file = |digest: &str| digest.parse().map_or(Content::Else, Content::File);
    match action {
        Action::DeleteFile { sha256, .. } | Action::DeletePage { sha256 } => file(sha256),
        Action::DeleteLink { target } => Content::Link(PathBuf::from(target)),
        Action::RewritePage { before, .. } => file(before),
    }
}

/// Where a step works, and where it keeps what it takes away.
pub(super) struct Place {
    /// The path of the step.
    pub(super) path: PathBuf,
    /// What it takes away.
    pub(super) kept: PathBuf,
}

impl Place {
    /// The place of a step.  `Err` says why its folder is not inside the tree.
    pub(super) fn of(root: &Path, journal: &Journal, at: usize, step: &Step) -> Result<Self, String> {
        let path = root.join(&step.path);
        let folder = path.parent().unwrap_or(root);
        let kept = journal.kept(at);
        match fs::canonicalize(folder) {
            Ok(real) if real.starts_with(root) => Ok(Self { path, kept }),
            Ok(_) => Err("a link leads out of the tree".to_owned()),
            // Interrupted after the move: the folder was empty, and an earlier step of it has taken it away.
            Err(_) if kept.symlink_metadata().is_ok() => Ok(Self { path, kept }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err("it is not there".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn new_page(&self) -> PathBuf {
        self.kept.with_extension("new")
    }

    /// Returns when both folders are on disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        for folder in [self.path.parent(), self.kept.parent()].into_iter().flatten() {
            sync_folder(folder)?;
        }
        Ok(())
    }
}

/// Says why the content is not the expected one.
pub(super) fn difference(found: &Content) -> String {
    match found {
        Content::Nothing => "it is not there any more".to_owned(),
        Content::Else => "it is neither a file nor a link".to_owned(),
        Content::File(_) | Content::Link(_) => "it has changed since the plan was made".to_owned(),
    }
}

/// Does a step whose `begin` is in the journal.
pub(super) fn perform(place: &Place, step: &Step, gate: Gate<'_>) -> Result<StepEnd, StepError> {
    let found = content_of(&place.path)?;
    if found != expected(&step.action) {
        return Ok(StepEnd::Skipped(difference(&found)));
    }
    match &step.action {
        Action::RewritePage { after, cuts, .. } => rewrite(place, step, after, cuts, gate),
        _ => take_away(place, step, gate),
    }
}

/// Moves the path away in one operation, and looks again at what was moved.
fn take_away(place: &Place, step: &Step, gate: Gate<'_>) -> Result<StepEnd, StepError> {
    gate("move")?;
    fs::rename(&place.path, &place.kept)?;
    gate("sync")?;
    place.sync()?;
    settle(place, step, gate)
}

/// What lies in the kept folder must be what was to go; anything else goes back where it was.
fn settle(place: &Place, step: &Step, gate: Gate<'_>) -> Result<StepEnd, StepError> {
    let kept = content_of(&place.kept)?;
    if kept == expected(&step.action) {
        return Ok(StepEnd::Done);
    }
    if content_of(&place.path)? == Content::Nothing {
        gate("move back")?;
        fs::rename(&place.kept, &place.path)?;
        place.sync()?;
    }
    Ok(StepEnd::Skipped(difference(&kept)))
}

/// Writes the new page beside, keeps the old one under a second name, and puts the new one in its place at once.
fn rewrite(
    place: &Place,
    step: &Step,
    after: &str,
    cuts: &[[u64; 2]],
    gate: Gate<'_>,
) -> Result<StepEnd, StepError> {
    let bytes = fs::read(&place.path)?;
    let spans: Option<Vec<(usize, usize)>> = cuts
        .iter()
        .map(|[start, end]| Some((usize::try_from(*start).ok()?, usize::try_from(*end).ok()?)))
        .collect();
    let new = spans.and_then(|spans| without(&bytes, &spans));
    let Some(new) = new.filter(|new| Digest::of(new).to_string() == *after) else {
        return Ok(StepEnd::Skipped("the cuts do not give the page that the plan promises".to_owned()));
    };
    gate("write")?;
    write_whole(&place.new_page(), &new)?;
    set_mode(&place.new_page(), mode_of(&place.path)?)?;
    gate("keep")?;
    keep_copy(place)?;
    gate("sync")?;
    place.sync()?;
    if content_of(&place.kept)? != expected(&step.action) {
        fs::remove_file(&place.kept)?;
        fs::remove_file(place.new_page())?;
        return Ok(StepEnd::Skipped("it has changed since the plan was made".to_owned()));
    }
    gate("replace")?;
    fs::rename(place.new_page(), &place.path)?;
    gate("sync")?;
    place.sync()?;
    Ok(StepEnd::Done)
}

/// Keeps the old page under a second name, or as a copy where the file system has no second names.
fn keep_copy(place: &Place) -> io::Result<()> {
    if place.kept.exists() {
        fs::remove_file(&place.kept)?;
    }
    if fs::hard_link(&place.path, &place.kept).is_err() {
        let part = place.kept.with_extension("part");
        fs::copy(&place.path, &part)?;
        OpenOptions::new().read(true).open(&part)?.sync_all()?;
        fs::rename(&part, &place.kept)?;
    }
    Ok(())
}

/// Ends a step that was interrupted: finishes what is half done, or begins again.
pub(super) fn recover(place: &Place, step: &Step, gate: Gate<'_>) -> Result<StepEnd, StepError> {
    let kept = content_of(&place.kept)?;
    if kept == Content::Nothing {
        return perform(place, step, gate);
    }
    let Action::RewritePage { after, .. } = &step.action else {
        return settle(place, step, gate);
    };
    let is_new = matches!(content_of(&place.path)?, Content::File(digest) if digest.to_string() == *after);
    if is_new && kept == expected(&step.action) {
        place.sync()?;
        return Ok(StepEnd::Done);
    }
    gate("drop copy")?;
    fs::remove_file(&place.kept)?;
    perform(place, step, gate)
}

/// Takes a step back: `Skipped` when something else has taken its place.
pub(super) fn take_back(place: &Place, step: &Step, gate: Gate<'_>) -> Result<StepEnd, StepError> {
    let (kept, found) = (content_of(&place.kept)?, content_of(&place.path)?);
    let old = expected(&step.action);
    if kept == Content::Nothing {
        let text = "what it took away is not there any more";
        return Ok(if found == old { StepEnd::Done } else { StepEnd::Skipped(text.to_owned()) });
    }
    let is_ours = match &step.action {
        Action::RewritePage { after, .. } => {
            matches!(&found, Content::File(digest) if digest.to_string() == *after)
        }
        _ => false,
    };
    if found == old {
        // Interrupted after it was put back, or put back by somebody else: the copy is not needed.
        gate("drop copy")?;
        fs::remove_file(&place.kept)?;
    } else if found == Content::Nothing || is_ours {
        gate("put back")?;
        fs::rename(&place.kept, &place.path)?;
    } else {
        return Ok(StepEnd::Skipped("something else has taken its place".to_owned()));
    }
    gate("sync")?;
    place.sync()?;
    Ok(StepEnd::Done)
}
