//! What a directory holds: a project, installed packages, archives, or a mixture.
//!
//! - A directory with a project's marks at its root is one tree; archives inside belong to it.
//! - A directory of installed packages becomes one tree for each distribution (see [`super::site_packages`]).
//! - In any other directory every archive is a target of its own, subdirectories are looked at likewise, and the
//!   remaining files are one tree if any of them is Python.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::load::is_python_name;
use super::site_packages::{holds_installed, list_installed};
use super::tree::{Installed, Listing, display_name, is_version_control, join_member, read_directory};
use super::{FileTarget, Resolved, Target, problem};

/// Names at the root of a project, unpacked archive or package.
const PROJECT_MARKS: &[&str] =
    &["setup.py", "setup.cfg", "pyproject.toml", "PKG-INFO", "EGG-INFO", "__init__.py", "__main__.py"];
/// Ends of names that archives have.
const ARCHIVE_SUFFIXES: &[&str] = &[
    ".whl",
    ".egg",
    ".zip",
    ".tar",
    ".tgz",
    ".tbz",
    ".tbz2",
    ".txz",
    ".tzst",
    ".tar.gz",
    ".tar.bz2",
    ".tar.xz",
    ".tar.zst",
    ".tar.z",
    ".tar.lzma",
];
/// Beginnings of archives: zip, gzip, bzip2, xz, zstandard.
const ARCHIVE_MAGIC: &[&[u8]] =
    &[b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"];
/// Deepest directory that is entered.
const MAX_DEPTH: usize = 128;

type Entries = Vec<(PathBuf, String, std::fs::FileType)>;

/// A directory that is yet to be looked at.
#[derive(Debug)]
struct Pending {
    path: PathBuf,
    /// Its path below the root, `/`-separated.
    below: String,
    depth: usize,
}

/// Walks a directory that the user named; gives its targets in ascending order, the loose files last.
pub(super) struct DirectoryWalk {
    label: String,
    root: PathBuf,
    pending: Vec<Pending>,
    ready: VecDeque<Resolved>,
    loose: Option<Listing>,
    has_given: bool,
}

impl DirectoryWalk {
    /// A walk through `root`, which the user called `label`.
    pub(super) fn new(root: PathBuf, label: String) -> Self {
        let pending = vec![Pending { path: root.clone(), below: String::new(), depth: 0 }];
        let loose = Some(Listing::new(&root));
        Self { label, root, pending, ready: VecDeque::new(), loose, has_given: false }
    }

    fn label_of(&self, below: &str) -> String {
        if below.is_empty() {
            self.label.clone()
        } else {
            join_member(self.label.trim_end_matches('/'), below)
        }
    }

    fn visit(&mut self, directory: &Pending) {
        let label = self.label_of(&directory.below);
        let entries = match read_directory(&directory.path) {
            Ok(entries) => entries,
            Err(error) => {
                let hint = "run as a user who may read it";
                let error = format!("the directory cannot be read: {error}");
                self.ready.push_back(Resolved::Problem(problem(&label, error, hint)));
                return;
            }
        };
        if holds_installed(&directory.path, &entries) {
            let targets = list_installed(&directory.path, &label).into_iter();
            self.ready.extend(targets.map(|tree| Resolved::Target(Target::Tree(tree))));
        } else if is_project(&entries) {
            self.add_project(directory, label);
        } else {
            self.sort_out(directory, entries);
        }
    }

    /// One tree with everything in it, except for the packages that an environment inside of it has installed.
    fn add_project(&mut self, directory: &Pending, label: String) {
        let mut listing = Listing::new(&directory.path);
        listing.walk(&directory.path, "", Installed::Apart);
        for path in std::mem::take(&mut listing.installed).into_iter().rev() {
            let inside = path.strip_prefix(&self.root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            self.pending.push(Pending { path, below: inside, depth: directory.depth + 1 });
        }
        let tree = listing.into_target(label, display_name(&directory.path));
        self.ready.push_back(Resolved::Target(Target::Tree(tree)));
    }

    /// Archives become targets, directories wait their turn, the rest is loose.
    fn sort_out(&mut self, directory: &Pending, entries: Entries) {
        let at = self.pending.len();
        for (path, name, kind) in entries {
            let below = join_member(&directory.below, &name);
            if kind.is_dir() {
                if directory.depth >= MAX_DEPTH {
                    let label = self.label_of(&below);
                    self.ready.push_back(Resolved::Problem(problem(
                        &label,
                        "directories nest too deeply",
                        "",
                    )));
                } else if !is_version_control(name.as_ref()) {
                    self.pending.push(Pending { path, below, depth: directory.depth + 1 });
                }
            } else if kind.is_file() && is_archive(&path, &name) {
                let label = self.label_of(&below);
                self.ready.push_back(Resolved::Target(Target::File(FileTarget { label, path })));
            } else if let Some(loose) = &mut self.loose {
                loose.add(&path, below, kind);
            }
        }
        if let Some(new) = self.pending.get_mut(at..) {
            new.reverse();
        }
    }

    /// The loose files, once all directories were looked at.
    fn finish(&mut self) -> Option<Resolved> {
        let loose = self.loose.take()?;
        if loose.files.iter().any(|f| is_python_name(&f.member)) {
            return Some(Resolved::Target(Target::Tree(
                loose.into_target(self.label.clone(), display_name(&self.root)),
            )));
        }
        let hint = "name an archive, a project or a directory that holds some";
        let nothing =
            || Resolved::Problem(problem(&self.label, "holds neither archives nor Python files", hint));
        (!self.has_given).then(nothing)
    }
}

impl Iterator for DirectoryWalk {
    type Item = Resolved;

    fn next(&mut self) -> Option<Resolved> {
        loop {
            if let Some(resolved) = self.ready.pop_front() {
                self.has_given = true;
                return Some(resolved);
            }
            match self.pending.pop() {
                Some(directory) => self.visit(&directory),
                None => return self.finish(),
            }
        }
    }
}

impl std::fmt::Debug for DirectoryWalk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DirectoryWalk").field("root", &self.root).finish_non_exhaustive()
    }
}

/// Whether a directory is the root of a project, an unpacked archive or a package.
fn is_project(entries: &Entries) -> bool {
    entries.iter().any(|(_, name, kind)| {
        PROJECT_MARKS.contains(&name.as_str())
            || (kind.is_dir() && (name.ends_with(".dist-info") || name.ends_with(".egg-info")))
    })
}

/// Whether a file found in a directory is an archive, by its name or by how it begins.
fn is_archive(path: &Path, name: &str) -> bool {
    has_archive_suffix(name) || (!is_python_name(name) && begins_like_archive(path))
}

/// Whether a name ends as archives' names do.
pub(super) fn has_archive_suffix(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ARCHIVE_SUFFIXES.iter().any(|suffix| lower.ends_with(suffix))
}

fn begins_like_archive(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(512).read_to_end(&mut head));
    read.is_ok()
        && (ARCHIVE_MAGIC.iter().any(|magic| head.starts_with(magic)) || head.get(257..262) == Some(b"ustar"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(root: &Path, files: &[(&str, &[u8])]) {
        for (name, bytes) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// What a walk gives, as short texts: `file LABEL`, `tree LABEL: members`.
    fn walk(root: &Path) -> Vec<String> {
        let describe = |resolved| match resolved {
            Resolved::Target(Target::File(file)) => format!("file {}", file.label),
            Resolved::Target(Target::Tree(tree)) => {
                let members: Vec<&str> = tree.files.iter().map(|f| f.member.as_str()).collect();
                format!("tree {}: {}", tree.label, members.join(" "))
            }
            Resolved::Problem(problem) => format!("problem {}: {}", problem.target, problem.error),
            other => format!("{other:?}"),
        };
        DirectoryWalk::new(root.to_owned(), "d".to_owned()).map(describe).collect()
    }

    #[test]
    fn a_project_is_one_tree_and_its_archives_belong_to_it() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[("setup.py", b""), ("p/__init__.py", b""), ("tests/x.zip", b"PK\x03\x04")]);
        assert_eq!(walk(root.path()), ["tree d: p/__init__.py setup.py tests/x.zip"]);
    }

    #[test]
    fn archives_stand_for_themselves_and_loose_python_is_a_tree() {
        let root = tempfile::tempdir().unwrap();
        write(
            root.path(),
            &[
                ("b/two.whl", b""),
                ("a.tar.gz", b""),
                ("0f3a", b"\x1f\x8bxxxx"),
                ("loose.py", b""),
                ("c/READ.me", b""),
            ],
        );
        assert_eq!(
            walk(root.path()),
            ["file d/0f3a", "file d/a.tar.gz", "file d/b/two.whl", "tree d: c/READ.me loose.py"]
        );
    }

    #[test]
    fn subdirectories_that_are_projects_are_trees_of_their_own() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[("x/setup.py", b""), ("y/pyproject.toml", b""), ("notes.txt", b"")]);
        assert_eq!(walk(root.path()), ["tree d/x: setup.py", "tree d/y: pyproject.toml"]);
    }

    #[test]
    fn a_directory_with_nothing_to_scan_is_a_problem() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[("notes.txt", b"")]);
        assert_eq!(walk(root.path()), ["problem d: holds neither archives nor Python files"]);
    }

    #[test]
    fn an_environment_inside_a_project_is_not_part_of_it() {
        let root = tempfile::tempdir().unwrap();
        let lib = "env/lib/python3/site-packages";
        write(
            root.path(),
            &[
                ("setup.py", b""),
                (&format!("{lib}/q/__init__.py"), b""),
                (&format!("{lib}/q-1.dist-info/RECORD"), b"q/__init__.py,,\nq-1.dist-info/RECORD,,\n"),
            ],
        );
        assert_eq!(
            walk(root.path()),
            ["tree d: setup.py", &format!("tree d/{lib}/q-1: q-1.dist-info/RECORD q/__init__.py")]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_tree_is_a_gap_and_a_link_inside_is_its_file() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(outside.path(), &[("secret.py", b"")]);
        write(root.path(), &[("setup.py", b"")]);
        std::os::unix::fs::symlink(outside.path().join("secret.py"), root.path().join("out.py")).unwrap();
        std::os::unix::fs::symlink("setup.py", root.path().join("in.py")).unwrap();
        std::os::unix::fs::symlink(".", root.path().join("loop")).unwrap();
        let mut walk = DirectoryWalk::new(root.path().to_owned(), "d".to_owned());
        let Some(Resolved::Target(Target::Tree(tree))) = walk.next() else { panic!("no tree") };
        assert_eq!(tree.files.iter().map(|f| f.member.as_str()).collect::<Vec<_>>(), ["in.py", "setup.py"]);
        assert_eq!(tree.gaps.iter().filter_map(|g| g.member.as_deref()).collect::<Vec<_>>(), ["out.py"]);
    }
}
