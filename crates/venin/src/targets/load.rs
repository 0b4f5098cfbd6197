//! Reading a target when a worker is free for it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use venin_model::{Gap, GapKind};
use venin_report::Problem;

use super::{FileTarget, Intake, Shape, Subject, Target, TreeFile, TreeTarget, problem};

/// Most bytes read of one file that is a target by itself.
const MAX_FILE: u64 = 1 << 30;
/// Most bytes read of one file of a tree.
const MAX_MEMBER: u64 = 64 << 20;
/// Most bytes read of one tree.
const MAX_TREE: u64 = 128 << 20;
/// Bytes read of a file for which the tree's budget is spent: enough for headers and magic.
const HEAD: u64 = 64 << 10;
/// Bytes moved at once.
const CHUNK: usize = 256 << 10;

/// Why a target did not arrive.
#[derive(Debug)]
pub(crate) enum SendError {
    /// The target cannot be read; whoever takes it in is fine.
    Input(Problem),
    /// Whoever takes it in is gone.
    Intake(io::Error),
}

impl From<io::Error> for SendError {
    fn from(error: io::Error) -> Self {
        Self::Intake(error)
    }
}

impl Target {
    /// Reads or downloads the target into `intake`.
    ///
    /// # Errors
    /// [`SendError`]; what was begun must then be given up.
    pub(crate) fn send_to(&self, intake: &mut dyn Intake) -> Result<(), SendError> {
        match self {
            Self::File(file) => send_file(file, intake),
            Self::Tree(tree) => send_tree(tree, intake),
            Self::Release(release) => release.send_to(intake),
            Self::Sample(sample) => sample.send_to(intake),
        }
    }
}

fn send_file(target: &FileTarget, intake: &mut dyn Intake) -> Result<(), SendError> {
    let unreadable = |error: io::Error| SendError::Input(unreadable_file(&target.label, &error));
    let mut file = File::open(&target.path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let name =
        target.path.file_name().map_or_else(|| target.label.clone(), |n| n.to_string_lossy().into_owned());
    intake.begin(&Subject { name, shape: Shape::File, size: size.min(MAX_FILE) })?;
    match copy_bytes(&mut file, size, MAX_FILE, intake)? {
        Copied::Whole => Ok(()),
        Copied::Cut => Ok(intake.gap(Gap::of_artifact(GapKind::Input, cut_detail(MAX_FILE, size)))?),
        Copied::Failed(error) => Err(unreadable(error)),
    }
}

fn unreadable_file(label: &str, error: &io::Error) -> Problem {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied => "run as a user who may read it",
        io::ErrorKind::NotFound => "the file vanished while the scan was running",
        _ => "",
    };
    problem(label, format!("cannot be read: {error}"), hint)
}

fn cut_detail(read: u64, size: u64) -> Arc<str> {
    format!("read only the first {read} of {size} bytes").into()
}

/// Sends a tree; files that hold Python come first, so that they are within the budget.
fn send_tree(tree: &TreeTarget, intake: &mut dyn Intake) -> Result<(), SendError> {
    let size = tree.files.iter().map(|f| f.size).sum::<u64>().min(MAX_TREE);
    intake.begin(&Subject { name: tree.name.clone(), shape: Shape::Tree, size })?;
    for gap in &tree.gaps {
        intake.gap(gap.clone())?;
    }
    let mut left = MAX_TREE;
    let (python, others): (Vec<_>, Vec<_>) = tree.files.iter().partition(|f| is_python_name(&f.member));
    for file in python.into_iter().chain(others) {
        let cap = if file.size <= left { left.min(MAX_MEMBER) } else { HEAD };
        left = left.saturating_sub(file.size.min(cap));
        send_member(file, cap, intake)?;
    }
    Ok(())
}

/// Whether a name says Python; only the order of reading and the grouping of loose files depend on it.
pub(super) fn is_python_name(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or("");
    ["py", "pyw", "pyc", "pyi", "pth", "ipynb"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Sends one file of a tree; what cannot be read is a gap of the tree.
fn send_member(file: &TreeFile, cap: u64, intake: &mut dyn Intake) -> Result<(), SendError> {
    let member: Arc<str> = file.member.as_str().into();
    let unreadable = |error: &io::Error| {
        Gap::of_member(Arc::clone(&member), GapKind::Input, format!("the file cannot be read: {error}"))
    };
    let mut opened = match File::open(&file.path) {
        Ok(opened) => opened,
        Err(error) => return Ok(intake.gap(unreadable(&error))?),
    };
    intake.member(&file.member, file.size.min(cap))?;
    match copy_bytes(&mut opened, file.size, cap, intake)? {
        Copied::Whole => {}
        Copied::Cut => intake.gap(Gap::of_member(member, GapKind::Input, cut_detail(cap, file.size)))?,
        Copied::Failed(error) => intake.gap(unreadable(&error))?,
    }
    Ok(())
}

/// How a copy ended.
enum Copied {
    Whole,
    Cut,
    Failed(io::Error),
}

/// Moves at most `cap` bytes of about `size`.  Errors of the intake are returned, those of the source are an outcome.
fn copy_bytes(source: &mut dyn Read, size: u64, cap: u64, intake: &mut dyn Intake) -> io::Result<Copied> {
    let mut buffer = vec![0; usize::try_from(size).unwrap_or(CHUNK).clamp(4096, CHUNK)];
    let mut left = cap;
    loop {
        let read = match source.read(&mut buffer) {
            Ok(0) => return Ok(Copied::Whole),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Ok(Copied::Failed(error)),
        };
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(read);
        intake.bytes(buffer.get(..taken).unwrap_or_default())?;
        left -= taken as u64;
        if taken < read {
            return Ok(Copied::Cut);
        }
    }
}
