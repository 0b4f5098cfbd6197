//! The application of a plan, step by step, that goes on where it was interrupted.

use std::fs;
use std::io;
use std::path::Path;

use thiserror::Error;

use super::journal::{Journal, Record, State, mode_of, sync_folder};
use super::plan::{Plan, WrongPlan};
use super::step::{Gate, Interrupted, Place, StepEnd, StepError, perform, recover};
use crate::local::Tree;

/// What became of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Steps done in this run, counted from 0.
    pub done: Vec<usize>,
    /// Steps that an earlier run had done.
    pub done_before: Vec<usize>,
    /// Steps not done because something is not as the plan says, and what.
    pub skipped: Vec<(usize, String)>,
    /// Steps that the file system refused; the next run tries them again.
    pub failed: Vec<(usize, String)>,
}

impl Outcome {
    /// Whether every step is done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.skipped.is_empty() && self.failed.is_empty()
    }
}

/// Why a plan could not be worked on.
#[derive(Debug, Error)]
pub enum CleanError {
    /// The plan is wrong.
    #[error(transparent)]
    Plan(#[from] WrongPlan),
    /// The tree or the journal cannot be used.
    #[error("{what}: {error}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        error: io::Error,
    },
    /// The work was stopped; running it again goes on.
    #[error("interrupted; run it again to go on, or undo")]
    Interrupted,
}

/// Applies a plan to the tree below a folder.
///
/// Every file is hashed again before it is moved away and once more after.  `stop` is asked before every change.
/// Running it again after any interruption goes on; a finished plan does nothing more.
///
/// # Errors
/// [`CleanError`].
pub fn apply(plan: &Plan, root: &Path, stop: &dyn Fn() -> bool) -> Result<Outcome, CleanError> {
    apply_gated(plan, root, &|_| if stop() { Err(Interrupted) } else { Ok(()) })
}

pub(super) fn io_error(what: &'static str) -> impl Fn(io::Error) -> CleanError {
    move |error| CleanError::Io { what, error }
}

pub(super) fn apply_gated(plan: &Plan, root: &Path, gate: Gate<'_>) -> Result<Outcome, CleanError> {
    plan.check()?;
    let tree = Tree::open(root).map_err(io_error("the tree cannot be opened"))?;
    let mut journal = Journal::open(tree.root(), plan).map_err(io_error("the journal cannot be opened"))?;
    let mut outcome = Outcome::default();
    for (at, step) in plan.steps.iter().enumerate() {
        let state = journal.state(at);
        if state == State::Done {
            outcome.done_before.push(at);
            prune(&tree, plan, &step.path, &mut journal, gate)?;
            continue;
        }
        let place = match Place::of(tree.root(), &journal, at, step) {
            Ok(place) => place,
            Err(why) => {
                skip(&mut journal, at, why, &mut outcome)?;
                continue;
            }
        };
        if state != State::Begun {
            gate("begin").map_err(|Interrupted| CleanError::Interrupted)?;
            journal.write(Record::Begin { step: at }).map_err(io_error("the journal cannot be written"))?;
        }
        let end =
            if state == State::Begun { recover(&place, step, gate) } else { perform(&place, step, gate) };
        match end {
            Ok(StepEnd::Done) => {
                gate("done").map_err(|Interrupted| CleanError::Interrupted)?;
                journal
                    .write(Record::Done { step: at })
                    .map_err(io_error("the journal cannot be written"))?;
                outcome.done.push(at);
                prune(&tree, plan, &step.path, &mut journal, gate)?;
            }
            Ok(StepEnd::Skipped(why)) => skip(&mut journal, at, why, &mut outcome)?,
            Err(StepError::Interrupted) => return Err(CleanError::Interrupted),
            Err(StepError::Io(error)) => outcome.failed.push((at, error.to_string())),
        }
    }
    Ok(outcome)
}

fn skip(journal: &mut Journal, at: usize, why: String, outcome: &mut Outcome) -> Result<(), CleanError> {
    journal
        .write(Record::Skipped { step: at, why: why.clone() })
        .map_err(io_error("the journal cannot be written"))?;
    outcome.skipped.push((at, why));
    Ok(())
}

/// Removes the folders that a step left empty, upwards to those that stay.
///
/// An empty folder is a page with nothing on it for many servers: a project that is gone must answer that it is gone.
fn prune(
    tree: &Tree,
    plan: &Plan,
    path: &str,
    journal: &mut Journal,
    gate: Gate<'_>,
) -> Result<(), CleanError> {
    let mut folder = path;
    while let Some((parent, _)) = folder.rsplit_once('/') {
        folder = parent;
        if plan.kept_folders.iter().any(|kept| kept == folder) {
            return Ok(());
        }
        let absolute = tree.root().join(folder);
        let is_empty = fs::read_dir(&absolute).is_ok_and(|mut entries| entries.next().is_none());
        if !is_empty {
            if absolute.exists() {
                return Ok(());
            }
            continue;
        }
        let Ok(mode) = mode_of(&absolute) else { return Ok(()) };
        gate("prune").map_err(|Interrupted| CleanError::Interrupted)?;
        journal
            .write(Record::Prune { path: folder.to_owned(), mode })
            .map_err(io_error("the journal cannot be written"))?;
        gate("remove folder").map_err(|Interrupted| CleanError::Interrupted)?;
        // Something may have come in between: then the folder stays.
        if fs::remove_dir(&absolute).is_err() {
            return Ok(());
        }
        if let Some(above) = absolute.parent() {
            sync_folder(above).map_err(io_error("a folder cannot be synced"))?;
        }
    }
    Ok(())
}
