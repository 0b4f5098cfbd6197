//! Reads a git repository's objects: packs with deltas, loose objects, no work tree, no subprocess, nothing written.
//!
//! Formats: gitrepository-layout and gitformat-pack of git's own manual.  A repository comes from elsewhere and may
//! lie: names, depth and counts are bounded, an object that cannot be read is a problem and not the end.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use gix_hash::{Kind, ObjectId};
use gix_object::{CommitRef, Find as _, FindHeader as _, Kind as ObjectKind, TreeRef};

use super::SourceProblem;
use crate::claim::{Interval, Moment};

/// Most files of one tree.
const MAX_FILES: usize = 4_000_000;
/// Deepest folder.
const MAX_DEPTH: usize = 32;
/// Most commits that are followed back.
const MAX_COMMITS: usize = 200_000;
/// Largest object that is read, in bytes.
const MAX_OBJECT: u64 = 256 << 20;

/// A repository, opened at the commit that `HEAD` names.
pub(crate) struct Repository {
    objects: gix_odb::Handle,
    head: ObjectId,
}

/// A file of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeFile {
    /// The path from the root, with `/`.
    pub(crate) path: String,
    /// The object.
    pub(crate) id: ObjectId,
}

/// A commit, as far as it matters here.
struct Commit {
    tree: ObjectId,
    first_parent: Option<ObjectId>,
    time: Option<Moment>,
}

impl Repository {
    /// Opens a bare repository, or the one in the `.git` folder of a work tree.  `None` when there is neither.
    pub(crate) fn open(path: &Path) -> Option<Result<Self, String>> {
        let inner = path.join(".git");
        let folder = [path, inner.as_path()]
            .into_iter()
            .find(|folder| folder.join("HEAD").is_file() && folder.join("objects").is_dir())?;
        Some(Self::open_folder(folder))
    }

    /// Whether this folder itself is a repository without a work tree.
    pub(crate) fn is_bare(path: &Path) -> bool {
        path.join("HEAD").is_file() && path.join("objects").is_dir()
    }

    fn open_folder(folder: &Path) -> Result<Self, String> {
        let head = resolve_ref(folder, "HEAD")?;
        let objects = gix_odb::at(folder.join("objects"), Kind::Sha1).map_err(|error| error.to_string())?;
        Ok(Self { objects, head })
    }

    /// The commit that `HEAD` names, as text.
    pub(crate) fn head(&self) -> String {
        self.head.to_string()
    }

    /// Every file of the newest tree whose folders are wanted, sorted by path.
    pub(crate) fn list_files(
        &self,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Result<(Vec<TreeFile>, Vec<SourceProblem>), String> {
        let root = self.read_commit(self.head)?.tree;
        let mut found = Listing::default();
        let mut open = vec![(String::new(), root, 0)];
        while let Some((folder, id, depth)) = open.pop() {
            if depth > MAX_DEPTH || found.files.len() + open.len() > MAX_FILES {
                found.problem(&folder, "too deep, or too many files");
                continue;
            }
            let entries = match self.read_tree(id) {
                Ok(entries) => entries,
                Err(error) => {
                    found.problem(&folder, &error);
                    continue;
                }
            };
            for entry in entries {
                let Ok(name) = String::from_utf8(entry.name) else {
                    found.problem(&folder, "a file name is not UTF-8");
                    continue;
                };
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if entry.is_tree {
                    if is_wanted(&path) {
                        open.push((path, entry.id, depth + 1));
                    }
                } else if entry.is_blob {
                    found.files.push(TreeFile { path, id: entry.id });
                }
            }
        }
        found.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok((found.files, found.problems))
    }

    /// The bytes of a file.
    pub(crate) fn read_blob<'a>(&self, id: ObjectId, buffer: &'a mut Vec<u8>) -> Result<&'a [u8], String> {
        self.read_object(id, ObjectKind::Blob, buffer)
    }

    /// When each path first appeared, along the first parents: after the commit before, by the commit with it.
    ///
    /// A history that ends early (a shallow copy) leaves its oldest paths with an upper bound only.
    pub(crate) fn date_paths(&self) -> HashMap<String, Interval> {
        let mut dates = HashMap::new();
        let mut id = self.head;
        let mut newer = self.read_commit(id).ok();
        for _ in 0..MAX_COMMITS {
            let Some(commit) = newer else { break };
            let parent = commit.first_parent.filter(|parent| *parent != id);
            let older = parent.and_then(|parent| self.read_commit(parent).ok());
            let appeared = match (older.as_ref().and_then(|o| o.time), commit.time) {
                (Some(before), Some(time)) => Interval::between(before, time),
                (None, Some(time)) => Interval::by(time),
                (_, None) => Interval::UNKNOWN,
            };
            self.date_added(commit.tree, older.as_ref().map(|o| o.tree), appeared, &mut dates);
            id = parent.unwrap_or(id);
            newer = older;
        }
        dates
    }

    /// Gives every path that is in one tree and not in the other this date; older commits come later and win.
    fn date_added(
        &self,
        new: ObjectId,
        old: Option<ObjectId>,
        date: Interval,
        dates: &mut HashMap<String, Interval>,
    ) {
        let mut open = vec![(String::new(), new, old, 0)];
        while let Some((folder, new, old, depth)) = open.pop() {
            if Some(new) == old || depth > MAX_DEPTH || dates.len() > MAX_FILES {
                continue;
            }
            let Ok(entries) = self.read_tree(new) else { continue };
            let before: HashMap<Vec<u8>, Entry> = old
                .and_then(|old| self.read_tree(old).ok())
                .map(|entries| entries.into_iter().map(|entry| (entry.name.clone(), entry)).collect())
                .unwrap_or_default();
            for entry in entries {
                let earlier = before.get(&entry.name);
                let Ok(name) = String::from_utf8(entry.name) else { continue };
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if entry.is_tree {
                    let earlier = earlier.filter(|e| e.is_tree).map(|e| e.id);
                    open.push((path, entry.id, earlier, depth + 1));
                } else if entry.is_blob && !earlier.is_some_and(|e| e.is_blob) {
                    dates.insert(path, date);
                }
            }
        }
    }

    fn read_object<'a>(
        &self,
        id: ObjectId,
        kind: ObjectKind,
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], String> {
        let header = self.objects.try_header(&id).map_err(|error| error.to_string())?;
        let header = header.ok_or_else(|| format!("object {id} is not there"))?;
        if header.kind != kind {
            return Err(format!("object {id} is a {} and not a {kind}", header.kind));
        }
        if header.size > MAX_OBJECT {
            return Err(format!("object {id} has {} bytes, more than {MAX_OBJECT}", header.size));
        }
        buffer.clear();
        let data = self.objects.try_find(&id, buffer).map_err(|error| error.to_string())?;
        data.map(|data| data.data).ok_or_else(|| format!("object {id} is not there"))
    }

    fn read_commit(&self, id: ObjectId) -> Result<Commit, String> {
        let mut buffer = Vec::new();
        let bytes = self.read_object(id, ObjectKind::Commit, &mut buffer)?;
        let commit = CommitRef::from_bytes(bytes, Kind::Sha1).map_err(|error| error.to_string())?;
        let time = commit.time().ok().map(|time| Moment::from_seconds(time.seconds));
        let (tree, first_parent) = (commit.tree(), commit.parents().next());
        Ok(Commit { tree, first_parent, time })
    }

    fn read_tree(&self, id: ObjectId) -> Result<Vec<Entry>, String> {
        let mut buffer = Vec::new();
        let bytes = self.read_object(id, ObjectKind::Tree, &mut buffer)?;
        let tree = TreeRef::from_bytes(bytes, Kind::Sha1).map_err(|error| error.to_string())?;
        let entries = tree.entries.iter().map(|entry| Entry {
            name: entry.filename.to_vec(),
            id: entry.oid.to_owned(),
            is_tree: entry.mode.is_tree(),
            is_blob: entry.mode.is_blob(),
        });
        Ok(entries.collect())
    }
}

struct Entry {
    name: Vec<u8>,
    id: ObjectId,
    is_tree: bool,
    is_blob: bool,
}

#[derive(Default)]
struct Listing {
    files: Vec<TreeFile>,
    problems: Vec<SourceProblem>,
}

impl Listing {
    fn problem(&mut self, what: &str, error: &str) {
        let what = if what.is_empty() { "(root)" } else { what };
        self.problems.push(SourceProblem { what: what.to_owned(), error: error.to_owned() });
    }
}

/// Follows symbolic references to a commit.  Their names must stay inside the repository.
fn resolve_ref(folder: &Path, name: &str) -> Result<ObjectId, String> {
    let mut name = name.to_owned();
    for _ in 0..5 {
        let text = match read_short(&folder.join(&name)) {
            Some(text) => text,
            None => find_packed(folder, &name).ok_or_else(|| format!("`{name}` names no commit"))?,
        };
        let text = text.trim();
        let Some(target) = text.strip_prefix("ref:") else {
            return ObjectId::from_hex(text.as_bytes()).map_err(|_| format!("`{name}` names no commit"));
        };
        let target = target.trim();
        let is_inside = target.starts_with("refs/")
            && target.split('/').all(|part| !part.is_empty() && part != ".." && part != ".")
            && !target.contains(['\\', '\0', ':']);
        if !is_inside {
            return Err(format!("`{name}` leads out of the repository"));
        }
        name = target.to_owned();
    }
    Err("too many symbolic references".to_owned())
}

fn find_packed(folder: &Path, name: &str) -> Option<String> {
    let file = fs::File::open(folder.join("packed-refs")).ok()?;
    let mut text = String::new();
    file.take(64 << 20).read_to_string(&mut text).ok()?;
    let line = text.lines().find(|line| line.split_once(' ').is_some_and(|(_, n)| n == name))?;
    line.split_once(' ').map(|(id, _)| id.to_owned())
}

fn read_short(path: &Path) -> Option<String> {
    let mut text = String::new();
    fs::File::open(path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    Some(text)
}
