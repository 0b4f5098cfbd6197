//! What a connector saw the last time, kept for the next: bytes under their digest.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::claim::Digest;

/// Keeps bytes between runs.  What is kept under a digest never changes, so a run that is killed between keeping and
/// advancing its cursor has changed nothing.
pub trait Snapshots: Send + Sync {
    /// The bytes with this digest, if they are kept.
    ///
    /// # Errors
    /// The store cannot be read.
    fn load(&self, digest: Digest) -> Result<Option<Vec<u8>>, String>;

    /// Keeps the bytes and gives their digest.
    ///
    /// # Errors
    /// The store cannot be written.
    fn keep(&self, bytes: &[u8]) -> Result<Digest, String>;

    /// The bytes are not needed any more.
    fn forget(&self, digest: Digest);
}

/// Snapshots in memory, for one run.
#[derive(Debug, Default)]
pub struct MemorySnapshots(Mutex<BTreeMap<Digest, Vec<u8>>>);

impl Snapshots for MemorySnapshots {
    fn load(&self, digest: Digest) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned())
    }

    fn keep(&self, bytes: &[u8]) -> Result<Digest, String> {
        let digest = Digest::of(bytes);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(digest, bytes.to_vec());
        Ok(digest)
    }

    fn forget(&self, digest: Digest) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest);
    }
}

/// Snapshots as files of a directory, each named by its digest.
#[derive(Debug, Clone)]
pub struct DirectorySnapshots {
    directory: PathBuf,
}

impl DirectorySnapshots {
    /// In this directory, which is made when something is kept.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.directory.join(format!("{digest}.snapshot"))
    }

    fn write(&self, digest: Digest, bytes: &[u8]) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.directory)?;
        let draft = self.directory.join(format!("{digest}.{}.draft", std::process::id()));
        let mut file = std::fs::File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&draft, self.path(digest))
    }
}

impl Snapshots for DirectorySnapshots {
    fn load(&self, digest: Digest) -> Result<Option<Vec<u8>>, String> {
        match std::fs::read(self.path(digest)) {
            Ok(bytes) if Digest::of(&bytes) == digest => Ok(Some(bytes)),
            // A damaged snapshot is none: the next look starts a new one.
            Ok(_) => Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", self.path(digest).display())),
        }
    }

    fn keep(&self, bytes: &[u8]) -> Result<Digest, String> {
        let digest = Digest::of(bytes);
        self.write(digest, bytes).map_err(|error| format!("{}: {error}", self.path(digest).display()))?;
        Ok(digest)
    }

    fn forget(&self, digest: Digest) {
        // What cannot be deleted only takes space.
        let _ = std::fs::remove_file(self.path(digest));
    }
}

/// Snapshots of a directory that are read, with new ones in memory: for a look that leaves no trace.
#[derive(Debug)]
pub struct DraftSnapshots {
    kept: DirectorySnapshots,
    drafts: MemorySnapshots,
}

impl DraftSnapshots {
    /// Over these snapshots, which are not changed.
    #[must_use]
    pub fn over(kept: DirectorySnapshots) -> Self {
        Self { kept, drafts: MemorySnapshots::default() }
    }
}

impl Snapshots for DraftSnapshots {
    fn load(&self, digest: Digest) -> Result<Option<Vec<u8>>, String> {
        self.drafts.load(digest)?.map_or_else(|| self.kept.load(digest), |bytes| Ok(Some(bytes)))
    }

    fn keep(&self, bytes: &[u8]) -> Result<Digest, String> {
        self.drafts.keep(bytes)
    }

    fn forget(&self, digest: Digest) {
        self.drafts.forget(digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_reads_what_is_kept_and_changes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let kept = DirectorySnapshots::new(directory.path().to_owned());
        let old = kept.keep(b"old").unwrap();
        let draft = DraftSnapshots::over(kept.clone());
        let new = draft.keep(b"new").unwrap();
        draft.forget(old);
        assert_eq!(draft.load(old).unwrap().as_deref(), Some(&b"old"[..]));
        assert_eq!(draft.load(new).unwrap().as_deref(), Some(&b"new"[..]));
        assert_eq!((kept.load(old).unwrap().is_some(), kept.load(new).unwrap()), (true, None));
    }

    #[test]
    fn a_directory_gives_back_what_it_was_given_and_nothing_damaged() {
        let directory = tempfile::tempdir().unwrap();
        let store = DirectorySnapshots::new(directory.path().join("new"));
        let digest = store.keep(b"names").unwrap();
        assert_eq!(store.load(digest).unwrap().as_deref(), Some(&b"names"[..]));
        std::fs::write(store.path(digest), b"name").unwrap();
        assert_eq!(store.load(digest).unwrap(), None);
        store.forget(digest);
        assert_eq!(store.load(digest).unwrap(), None);
        assert_eq!(std::fs::read_dir(directory.path().join("new")).unwrap().count(), 0);
    }
}
