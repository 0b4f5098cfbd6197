//! The journal: what is about to be done, and what is done, each on disk before the next thing happens.
//!
//! ```text
//! .venin-clean/PLAN-ID/plan.json      the plan
//!                      journal.jsonl  one record a line
//!                      kept/000007    what step 7 took away
//! ```

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::local::KEPT_FOLDER;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "kebab-case")]
pub(super) enum Record {
    /// A step is about to change the tree.
    Begin { step: usize },
    /// It has.
    Done { step: usize },
    /// It has not, and nothing of it is left.
    Skipped { step: usize, why: String },
    /// An empty folder is about to be removed; its permissions.
    Prune { path: String, mode: u32 },
    /// A step is taken back.
    Undone { step: usize },
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It has not begun, or was taken back.
    Open,
    /// It began, and may have done anything up to all of it.
    Begun,
    /// It is done.
    Done,
    /// It was skipped.
    Skipped,
}

/// The folder of one plan, open for writing by one process only.
#[derive(Debug)]
pub(super) struct Journal {
    folder: PathBuf,
    file: File,
    states: HashMap<usize, State>,
    /// Folders removed, with their permissions.
    pub(super) pruned: BTreeMap<String, u32>,
}

/// The folder that keeps what a plan took away.
pub(super) fn plan_folder(root: &Path, id: &str) -> PathBuf {
    root.join(KEPT_FOLDER).join(id)
}

impl Journal {
    /// Opens the journal of a plan, or begins it.
    pub(super) fn open(root: &Path, plan: &Plan) -> io::Result<Self> {
        let folder = plan_folder(root, &plan.id());
        make_private(&root.join(KEPT_FOLDER))?;
        make_private(&folder)?;
        make_private(&folder.join("kept"))?;
        let stored = folder.join("plan.json");
        if !stored.exists() {
            write_whole(&folder.join("plan.json.new"), plan.to_json().as_bytes())?;
            fs::rename(folder.join("plan.json.new"), &stored)?;
            sync_folder(&folder)?;
            sync_folder(&root.join(KEPT_FOLDER))?;
            sync_folder(root)?;
        }
        Self::read(folder)
    }

    /// Opens a journal that exists.
    pub(super) fn read(folder: PathBuf) -> io::Result<Self> {
        let path = folder.join("journal.jsonl");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        let busy = || io::Error::new(io::ErrorKind::WouldBlock, "another process works on this plan");
        file.try_lock().map_err(|_| busy())?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        // A record that was being written when the power went is cut off: what it announced has not happened.
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        sync_folder(&folder)?;
        let mut journal = Self { folder, file, states: HashMap::new(), pruned: BTreeMap::new() };
        for line in text.get(..whole).unwrap_or_default().lines() {
            let record = serde_json::from_str(line)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("journal: {error}")))?;
            journal.take(record);
        }
        Ok(journal)
    }

    fn take(&mut self, record: Record) {
        match record {
            Record::Begin { step } => self.states.insert(step, State::Begun),
            Record::Done { step } => self.states.insert(step, State::Done),
            Record::Skipped { step, .. } => self.states.insert(step, State::Skipped),
            Record::Undone { step } => self.states.insert(step, State::Open),
            Record::Prune { path, mode } => {
                self.pruned.insert(path, mode);
                None
            }
        };
    }

    /// Writes a record, and returns when it is on disk.
    pub(super) fn write(&mut self, record: Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(&record)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()?;
        self.take(record);
        Ok(())
    }

    /// How far a step is.
    pub(super) fn state(&self, step: usize) -> State {
        self.states.get(&step).copied().unwrap_or(State::Open)
    }

    /// Where a step keeps what it takes away.
    pub(super) fn kept(&self, step: usize) -> PathBuf {
        self.folder.join("kept").join(format!("{step:06}"))
    }
}

impl Drop for Journal {
    /// Closing is not enough: a process that is being started at this moment still holds the file open.
    fn drop(&mut self) {
        // A lock that cannot be given back ends with the process.
        let _ = self.file.unlock();
    }
}

/// Makes a folder that only its owner can enter: what is kept must not be served.
fn make_private(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let is_folder = fs::symlink_metadata(path)?.is_dir();
            return if is_folder { Ok(()) } else { Err(error) };
        }
        Err(error) => return Err(error),
    }
    set_mode(path, 0o700)
}

/// Writes a file and returns when it is on disk.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Returns when the entries of a folder are on disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path) {
        Ok(folder) => folder.sync_all(),
        // What is gone needs no syncing.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
pub(super) fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(unix)]
pub(super) fn mode_of(path: &Path) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::symlink_metadata(path)?.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
pub(super) fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn mode_of(_path: &Path) -> io::Result<u32> {
    Ok(0)
}
