//! A mirror's tree on disk, read without ever leaving it.
//!
//! Paths are relative to the root, with slashes.  A symbolic link is followed only where it ends inside the tree; what
//! cannot be read is told apart from what is not there, because the first is a gap and the second an answer.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use blake2::Blake2b256;
use sha2::{Digest as _, Sha256};
use venin_intel::claim::Digest;

use crate::known::Blake2;

/// Longest page that is read, in bytes.
pub(super) const MAX_PAGE: u64 = 64 << 20;
/// Bytes hashed at once.
const CHUNK: usize = 128 << 10;
/// Deepest folder that a walk enters, counted from the root.
const MAX_DEPTH: usize = 24;

/// The tree below a folder.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
}

/// What lies at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A file of this many bytes; `link` is the path within the tree that a symbolic link leads to.
    File {
        /// Bytes.
        size: u64,
        /// Where a link leads.
        link: Option<String>,
    },
    /// A folder.
    Folder,
    /// Nothing.
    Missing,
    /// It cannot be looked at: a link out of the tree, no permission, a device.
    Refused(String),
}

/// Something in the tree that was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotLookedAt {
    /// Relative to the root; what is not UTF-8 is shown with replacement characters.
    pub path: String,
    /// Why, lower case and without a full stop.
    pub reason: String,
}

/// The digests of a file's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashed {
    /// SHA-256.
    pub sha256: Digest,
    /// BLAKE2b-256.
    pub blake2: Blake2,
    /// Bytes.
    pub size: u64,
}

/// Whether a path stays below the root: relative, without `..`, control characters or empty parts.
#[must_use]
pub fn is_inside(path: &str) -> bool {
    let is_part = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
    !path.is_empty() && path.len() <= 4096 && path.split('/').all(is_part)
}

impl Tree {
    /// The tree below this folder.
    ///
    /// # Errors
    /// The folder does not exist or cannot be entered.
    pub fn open(root: &Path) -> io::Result<Self> {
        let root = fs::canonicalize(root)?;
        if !root.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder"));
        }
        Ok(Self { root })
    }

    /// The root, absolute and without links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The absolute form of a path that is inside; `None` when it leads out or is none.
    #[must_use]
    pub fn absolute(&self, path: &str) -> Option<PathBuf> {
        is_inside(path).then(|| self.root.join(path))
    }

    /// What lies at a path.
    #[must_use]
    pub fn kind(&self, path: &str) -> Kind {
        let Some(absolute) = self.absolute(path) else {
            return Kind::Refused("the path leads out of the tree".to_owned());
        };
        match fs::canonicalize(&absolute) {
            Err(error) => of_error(&error),
            Ok(real) => self.kind_of_real(&absolute, &real),
        }
    }

    fn kind_of_real(&self, absolute: &Path, real: &Path) -> Kind {
        let Ok(inside) = real.strip_prefix(&self.root) else {
            return Kind::Refused("a symbolic link leads out of the tree".to_owned());
        };
        let metadata = match fs::metadata(real) {
            Ok(metadata) => metadata,
            Err(error) => return of_error(&error),
        };
        if metadata.is_dir() {
            return Kind::Folder;
        }
        if !metadata.is_file() {
            return Kind::Refused("neither a file nor a folder".to_owned());
        }
        if absolute == real {
            return Kind::File { size: metadata.len(), link: None };
        }
        match inside.to_str() {
            Some(link) => Kind::File { size: metadata.len(), link: Some(link.to_owned()) },
            None => Kind::Refused("a link leads to a name that is no UTF-8".to_owned()),
        }
    }

    /// The bytes of a page.
    ///
    /// # Errors
    /// Why it cannot be read, one clause.
    pub fn read_page(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.kind(path) {
            Kind::File { size, .. } if size > MAX_PAGE => Err(format!("larger than {} MiB", MAX_PAGE >> 20)),
            Kind::File { .. } => self.read_bytes(path).map_err(|error| error.to_string()),
            Kind::Folder => Err("a folder".to_owned()),
            Kind::Missing => Err("missing".to_owned()),
            Kind::Refused(reason) => Err(reason),
        }
    }

    fn read_bytes(&self, path: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(self.root.join(path))?.take(MAX_PAGE).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Hashes a file; its bytes are discarded.
    ///
    /// # Errors
    /// Why it cannot be read, one clause.
    pub fn hash(&self, path: &str) -> Result<Hashed, String> {
        match self.kind(path) {
            Kind::File { .. } => hash_file(&self.root.join(path)).map_err(|error| error.to_string()),
            Kind::Folder => Err("a folder".to_owned()),
            Kind::Missing => Err("missing".to_owned()),
            Kind::Refused(reason) => Err(reason),
        }
    }

    /// The names in a folder, sorted; those that are no UTF-8 are not looked at.
    pub fn names(&self, folder: &str, gaps: &mut Vec<NotLookedAt>) -> Vec<String> {
        let absolute = if folder.is_empty() { self.root.clone() } else { self.root.join(folder) };
        let entries = match fs::read_dir(&absolute) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                gaps.push(NotLookedAt { path: folder.to_owned(), reason: error.to_string() });
                return Vec::new();
            }
        };
        let mut names = Vec::new();
        for entry in entries {
            match entry.map(|entry| entry.file_name().into_string()) {
                Ok(Ok(name)) if is_inside(&name) => names.push(name),
                Ok(Ok(name)) => gaps.push(gap(folder, &name, "the name is no file name")),
                Ok(Err(name)) => gaps.push(gap(folder, &name.to_string_lossy(), "the name is no UTF-8")),
                Err(error) => gaps.push(gap(folder, "", &error.to_string())),
            }
        }
        names.sort();
        names
    }

    /// Calls `visit` for every file below a folder, in order; links are not followed, folders in `skipped` not entered.
    pub fn walk(
        &self,
        folder: &str,
        skipped: &[&str],
        gaps: &mut Vec<NotLookedAt>,
        visit: &mut dyn FnMut(&str, u64, &mut Vec<NotLookedAt>),
    ) {
        let depth = folder.split('/').filter(|part| !part.is_empty()).count();
        let mut folders = vec![(folder.to_owned(), depth)];
        while let Some((folder, depth)) = folders.pop() {
            let mut below = Vec::new();
            for name in self.names(&folder, gaps) {
                let path = join(&folder, &name);
                let metadata = match fs::symlink_metadata(self.root.join(&path)) {
                    Ok(metadata) => metadata,
                    Err(error) => {
                        gaps.push(NotLookedAt { path, reason: error.to_string() });
                        continue;
                    }
                };
                if metadata.is_dir() && !skipped.contains(&path.as_str()) {
                    if depth < MAX_DEPTH {
                        below.push((path, depth + 1));
                    } else {
                        gaps.push(NotLookedAt { path, reason: format!("deeper than {MAX_DEPTH} folders") });
                    }
                } else if metadata.is_file() {
                    visit(&path, metadata.len(), gaps);
                } else if metadata.is_symlink()
                    && let Kind::Refused(reason) = self.kind(&path)
                {
                    gaps.push(NotLookedAt { path, reason });
                }
            }
            folders.extend(below.into_iter().rev());
        }
    }
}

/// A path below a folder; the root is the empty path.
#[must_use]
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn gap(folder: &str, name: &str, reason: &str) -> NotLookedAt {
    NotLookedAt { path: join(folder, name), reason: reason.to_owned() }
}

fn of_error(error: &io::Error) -> Kind {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Kind::Missing,
        _ => Kind::Refused(error.to_string()),
    }
}

/// Both digests of a file, in one pass.
///
/// # Errors
/// The file cannot be read.
pub fn hash_file(path: &Path) -> io::Result<Hashed> {
    hash_reader(File::open(path)?)
}

/// Both digests of a stream, in one pass.
pub(super) fn hash_reader(mut reader: impl Read) -> io::Result<Hashed> {
    let (mut sha256, mut blake2) = (Sha256::new(), Blake2b256::new());
    let mut buffer = vec![0; CHUNK];
    let mut size: u64 = 0;
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let chunk = buffer.get(..read).unwrap_or_default();
        sha256.update(chunk);
        blake2.update(chunk);
        size += read as u64;
    }
    Ok(Hashed { sha256: Digest(sha256.finalize().into()), blake2: Blake2(blake2.finalize().into()), size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_are_refused() {
        for path in ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/.", "a\\b", "a\0b"] {
            assert!(!is_inside(path), "{path}");
        }
        assert!(is_inside("web/simple/a/index.html"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_inside_the_tree_only() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tree");
        fs::create_dir(&root).unwrap();
        fs::write(root.join("a"), "a").unwrap();
        fs::write(folder.path().join("secret"), "s").unwrap();
        std::os::unix::fs::symlink("a", root.join("inside")).unwrap();
        std::os::unix::fs::symlink("../secret", root.join("outside")).unwrap();
        std::os::unix::fs::symlink("..", root.join("up")).unwrap();
        std::os::unix::fs::symlink("gone", root.join("dangling")).unwrap();
        let tree = Tree::open(&root).unwrap();
        assert_eq!(tree.kind("inside"), Kind::File { size: 1, link: Some("a".into()) });
        assert!(matches!(tree.kind("outside"), Kind::Refused(_)));
        assert!(matches!(tree.kind("up/secret"), Kind::Refused(_)));
        assert_eq!(tree.kind("dangling"), Kind::Missing);
        assert!(tree.read_page("outside").is_err());
        let (mut gaps, mut seen) = (Vec::new(), Vec::new());
        tree.walk("", &[], &mut gaps, &mut |path, _, _| seen.push(path.to_owned()));
        assert_eq!((seen, gaps.len()), (vec!["a".to_owned()], 2));
    }

    #[test]
    fn both_digests_are_those_of_the_standards() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("abc"), "abc").unwrap();
        let hashed = Tree::open(folder.path()).unwrap().hash("abc").unwrap();
        assert_eq!(hashed.sha256, Digest::of(b"abc"));
        assert!(
            hashed
                .blake2
                .to_string()
                .starts_with("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")
        );
    }
}
