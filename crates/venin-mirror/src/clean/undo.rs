//! Taking a plan back: everything that was moved away goes where it was, as long as nothing else is there now.

use std::fs;
use std::path::{Path, PathBuf};

use super::apply::{CleanError, Outcome, io_error};
use super::journal::{Journal, Record, State, plan_folder, set_mode, sync_folder};
use super::plan::{Plan, WrongPlan};
use super::step::{Gate, Interrupted, Place, StepEnd, StepError, take_back};
use crate::local::{KEPT_FOLDER, Tree, is_inside};

/// The plans that were applied to the tree below a folder, wholly or in part.
#[must_use]
pub fn applied_plans(root: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(root.join(KEPT_FOLDER)) else { return Vec::new() };
    let mut ids: Vec<String> =
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    ids.sort();
    ids
}

/// Deletes what a plan keeps, for good: afterwards it cannot be taken back.
///
/// # Errors
/// No plan of this name was applied, or another process works on it.
pub fn purge(id: &str, root: &Path) -> Result<(), CleanError> {
    let tree = Tree::open(root).map_err(io_error("the tree cannot be opened"))?;
    let folder = folder_of(&tree, id)?;
    let journal = Journal::read(folder.clone()).map_err(io_error("the journal cannot be opened"))?;
    fs::remove_dir_all(&folder).map_err(io_error("what is kept cannot be deleted"))?;
    drop(journal);
    // Other plans may still be kept there.
    let _ = fs::remove_dir(tree.root().join(KEPT_FOLDER));
    Ok(())
}

/// The folder of a plan that was applied.
fn folder_of(tree: &Tree, id: &str) -> Result<PathBuf, CleanError> {
    let folder = plan_folder(tree.root(), id);
    let is_folder = fs::symlink_metadata(&folder).is_ok_and(|metadata| metadata.is_dir());
    if is_inside(id) && !id.contains('/') && is_folder {
        return Ok(folder);
    }
    let detail = format!("`{}` names no plan that was applied", id.escape_debug());
    Err(CleanError::Plan(WrongPlan::Step { step: 0, detail }))
}

/// Takes the plan of this name back.  Running it again after an interruption goes on.
///
/// In the outcome, `done` are the steps taken back and `skipped` those that something else stands in the way of; what
/// they took away stays kept.
///
/// # Errors
/// [`CleanError`].
pub fn undo(id: &str, root: &Path, stop: &dyn Fn() -> bool) -> Result<Outcome, CleanError> {
    undo_gated(id, root, &|_| if stop() { Err(Interrupted) } else { Ok(()) })
}

pub(super) fn undo_gated(id: &str, root: &Path, gate: Gate<'_>) -> Result<Outcome, CleanError> {
    let tree = Tree::open(root).map_err(io_error("the tree cannot be opened"))?;
    let folder = folder_of(&tree, id)?;
    let text =
        fs::read_to_string(folder.join("plan.json")).map_err(io_error("the kept plan cannot be read"))?;
    let plan = Plan::parse(&text)?;
    let mut journal = Journal::read(folder).map_err(io_error("the journal cannot be opened"))?;
    restore_folders(&tree, &journal)?;
    let mut outcome = Outcome::default();
    for (at, step) in plan.steps.iter().enumerate().rev() {
        let is_touched = match journal.state(at) {
            State::Done => true,
            State::Begun => journal.kept(at).symlink_metadata().is_ok(),
            State::Open | State::Skipped => false,
        };
        if !is_touched {
            continue;
        }
        let taken_back = match Place::of(tree.root(), &journal, at, step) {
            Ok(place) => take_back(&place, step, gate),
            Err(why) => Ok(StepEnd::Skipped(why)),
        };
        match taken_back {
            Ok(StepEnd::Done) => {
                gate("undone").map_err(|Interrupted| CleanError::Interrupted)?;
                journal
                    .write(Record::Undone { step: at })
                    .map_err(io_error("the journal cannot be written"))?;
                outcome.done.push(at);
            }
            Ok(StepEnd::Skipped(why)) => outcome.skipped.push((at, why)),
            Err(StepError::Interrupted) => return Err(CleanError::Interrupted),
            Err(StepError::Io(error)) => outcome.failed.push((at, error.to_string())),
        }
    }
    Ok(outcome)
}

/// Makes the folders again that were removed because they became empty; parents sort before what is in them.
fn restore_folders(tree: &Tree, journal: &Journal) -> Result<(), CleanError> {
    for (path, mode) in journal.pruned.iter().filter(|(path, _)| is_inside(path)) {
        let absolute = tree.root().join(path);
        match fs::create_dir(&absolute) {
            Ok(()) => set_mode(&absolute, *mode).map_err(io_error("a folder cannot be made again"))?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(io_error("a folder cannot be made again")(error)),
        }
        if let Some(above) = absolute.parent() {
            sync_folder(above).map_err(io_error("a folder cannot be synced"))?;
        }
    }
    Ok(())
}
