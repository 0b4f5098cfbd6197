//! Listing the files of a directory tree.

use std::ffi::OsStr;
use std::fs::{self, DirEntry, FileType};
use std::path::{Path, PathBuf};

use venin_model::{Gap, GapKind};

use super::{TreeFile, TreeTarget};

/// Most files listed of one tree.
const MAX_FILES: usize = 500_000;
/// Deepest directory that is entered.
const MAX_DEPTH: usize = 128;
/// Directories in which version control keeps its own data.
const VERSION_CONTROL: &[&str] = &[".git", ".hg", ".svn", ".bzr"];

/// What becomes of directories of installed packages inside of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Installed {
    /// They are left out and returned, to become trees of their own.
    Apart,
    /// They belong to the tree.
    Inside,
}

/// A tree being listed.
pub(super) struct Listing {
    /// The canonical root; links that leave it are not followed.
    root: PathBuf,
    /// The files, in the order in which they were met.
    pub(super) files: Vec<TreeFile>,
    /// What was not listed.
    pub(super) gaps: Vec<Gap>,
    /// Directories of installed packages that were left out.
    pub(super) installed: Vec<PathBuf>,
    is_full: bool,
}

impl Listing {
    /// An empty listing below `root`.
    pub(super) fn new(root: &Path) -> Self {
        let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        Self { root, files: Vec::new(), gaps: Vec::new(), installed: Vec::new(), is_full: false }
    }

    /// Takes in one directory entry that is no directory.  `member` is its path below the root.
    pub(super) fn add(&mut self, path: &Path, member: String, kind: FileType) {
        if self.files.len() >= MAX_FILES {
            if !std::mem::replace(&mut self.is_full, true) {
                let detail = format!("listed only the first {MAX_FILES} files");
                self.gaps.push(Gap::of_artifact(GapKind::Input, detail));
            }
        } else if kind.is_symlink() {
            self.add_link(path, member);
        } else if kind.is_file() {
            let size = fs::symlink_metadata(path).map_or(0, |m| m.len());
            self.files.push(TreeFile { member, path: path.to_owned(), size });
        } else {
            self.gap(member, GapKind::Unsupported, "neither a file nor a directory");
        }
    }

    /// A link to a file inside the tree is that file; a directory is listed where it is; the rest is a gap.
    fn add_link(&mut self, path: &Path, member: String) {
        let Ok(target) = fs::canonicalize(path) else {
            self.gap(member, GapKind::Unsupported, "a link that leads nowhere");
            return;
        };
        if !target.starts_with(&self.root) {
            self.gap(member, GapKind::Input, "a link that leaves the tree was not followed");
        } else if target.is_file() {
            let size = fs::metadata(&target).map_or(0, |m| m.len());
            self.files.push(TreeFile { member, path: target, size });
        }
    }

    fn gap(&mut self, member: String, kind: GapKind, detail: &str) {
        self.gaps.push(Gap::of_member(member.into(), kind, detail));
    }

    /// Lists everything below `directory`, whose own member path is `prefix` (empty for the root).
    pub(super) fn walk(&mut self, directory: &Path, prefix: &str, installed: Installed) {
        let mut pending = vec![(directory.to_owned(), prefix.to_owned(), 0)];
        while let Some((directory, prefix, depth)) = pending.pop() {
            if self.is_left_out(&directory, &prefix, installed) {
                continue;
            }
            let entries = match read_directory(&directory) {
                Ok(entries) => entries,
                Err(error) => {
                    self.gap(prefix, GapKind::Input, &format!("the directory cannot be read: {error}"));
                    continue;
                }
            };
            let at = pending.len();
            for (path, name, kind) in entries {
                let member = join_member(&prefix, &name);
                if !kind.is_dir() {
                    self.add(&path, member, kind);
                } else if depth < MAX_DEPTH {
                    pending.push((path, member, depth + 1));
                } else {
                    self.gap(member, GapKind::Nesting, "directories nest too deeply");
                }
            }
            if let Some(new) = pending.get_mut(at..) {
                new.reverse();
            }
        }
    }

    /// Whether a directory is not part of this tree; says so.
    fn is_left_out(&mut self, directory: &Path, prefix: &str, installed: Installed) -> bool {
        if prefix.is_empty() {
            return false;
        }
        let name = directory.file_name().unwrap_or_default();
        if is_version_control(name) {
            self.gap(prefix.to_owned(), GapKind::Unsupported, "version control data was not read");
            return true;
        }
        if installed == Installed::Apart && is_installed_name(name) {
            self.installed.push(directory.to_owned());
            return true;
        }
        false
    }

    /// The listing as a target, its files and gaps in ascending order.
    pub(super) fn into_target(mut self, label: String, name: String) -> TreeTarget {
        self.files.sort();
        self.gaps.sort();
        TreeTarget { label, name, files: self.files, gaps: self.gaps }
    }
}

/// Whether version control keeps its data in a directory of this name.
pub(super) fn is_version_control(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| VERSION_CONTROL.contains(&name))
}

/// Whether installers call their target directory so.
pub(super) fn is_installed_name(name: &OsStr) -> bool {
    name == "site-packages" || name == "dist-packages"
}

/// A member path one level down.
pub(super) fn join_member(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") }
}

/// A directory's entries, ascending by name.  Names that are no Unicode are shown with replacement characters.
///
/// # Errors
/// The directory cannot be opened.  Entries that fail singly are left out by the system itself.
pub(super) fn read_directory(directory: &Path) -> std::io::Result<Vec<(PathBuf, String, FileType)>> {
    let mut entries: Vec<DirEntry> = fs::read_dir(directory)?.filter_map(Result::ok).collect();
    entries.sort_by_key(DirEntry::file_name);
    let with_kind = |entry: DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        entry.file_type().ok().map(|kind| (entry.path(), name, kind))
    };
    Ok(entries.into_iter().filter_map(with_kind).collect())
}

/// The last part of a path, for people.
pub(super) fn display_name(path: &Path) -> String {
    let canonical = fs::canonicalize(path).ok();
    let name = path.file_name().or_else(|| canonical.as_deref().and_then(Path::file_name));
    name.map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
