//! A tree of files that is either a directory or a git repository, listed and read alike.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::documents::list_directory;
use super::git::Repository;
use super::{SourceError, SourceProblem};

/// Largest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 30;

/// A tree of files.
pub(crate) enum Tree {
    /// A directory without a repository.
    Directory(PathBuf),
    /// The newest tree of a repository, bare or in `.git`.
    Repository(Box<Repository>),
}

/// A file of a tree: its path from the root with `/`.
pub(crate) struct Leaf {
    pub(crate) path: String,
    object: Option<gix_hash::ObjectId>,
}

impl Tree {
    /// Opens a directory, or the repository that it is or holds.
    pub(crate) fn open(path: &Path, connector: &'static str) -> Result<Self, SourceError> {
        let error = |error: String| SourceError::Input { connector, what: path.display().to_string(), error };
        if !path.is_dir() {
            return Err(error("no directory".to_owned()));
        }
        match Repository::open(path) {
            Some(repository) => Ok(Self::Repository(Box::new(repository.map_err(error)?))),
            None => Ok(Self::Directory(path.to_owned())),
        }
    }

    /// Every file whose folders are wanted, sorted by path.
    pub(crate) fn list(
        &self,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Result<(Vec<Leaf>, Vec<SourceProblem>), String> {
        match self {
            Self::Directory(root) => {
                let (files, problems) = list_directory(root, is_wanted).map_err(|error| error.to_string())?;
                let leaves = files.into_iter().map(|file| Leaf { path: file.path, object: None });
                Ok((leaves.collect(), problems))
            }
            Self::Repository(repository) => {
                let (files, problems) = repository.list_files(is_wanted)?;
                let leaves = files.into_iter().map(|file| Leaf { path: file.path, object: Some(file.id) });
                Ok((leaves.collect(), problems))
            }
        }
    }

    /// The bytes of a file, in a buffer that is used again.
    pub(crate) fn read<'a>(&self, leaf: &Leaf, buffer: &'a mut Vec<u8>) -> Result<&'a [u8], String> {
        match (self, leaf.object) {
            (Self::Repository(repository), Some(id)) => repository.read_blob(id, buffer),
            (Self::Directory(root), None) => {
                buffer.clear();
                let file = fs::File::open(root.join(&leaf.path)).map_err(|error| error.to_string())?;
                file.take(MAX_FILE + 1).read_to_end(buffer).map_err(|error| error.to_string())?;
                if buffer.len() as u64 > MAX_FILE {
                    return Err(format!("more than {MAX_FILE} bytes"));
                }
                Ok(buffer)
            }
            _ => Err("a file of another tree".to_owned()),
        }
    }
}
