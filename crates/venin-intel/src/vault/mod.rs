//! The vault: samples by their digest, encoded so that nothing runs or is quarantined by accident.
//!
//! ```text
//! VAULT/README.txt                     what this folder is, for whoever finds it
//! VAULT/samples/ab/ab12….zip           one sample: an AES-256 ZIP with the field's customary password
//! VAULT/samples/ab/ab12….json          where it came from, one entry for each source
//! VAULT/drafts/                        files that are being written; what a killed program left goes away in a day
//! ```
//!
//! The password keeps nothing secret; it keeps virus scanners, indexers and careless double clicks away.  A sample is
//! read into memory and never written anywhere in its own form, except by [`Vault::export`] when the user asks.

mod provenance;
mod seal;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::claim::{Blake2, Digest, Subject};

pub use provenance::{Origin, Provenance};
pub use seal::PASSWORD;

/// Largest sample taken in, in bytes.
pub const MOST_BYTES: u64 = 1 << 30;
/// Age from which on a draft belongs to no program that still runs.
const DRAFT_LIFE: Duration = Duration::from_secs(86_400);

const README: &str = "This folder holds samples of malicious software for research.\n\
Each is a ZIP encrypted with AES-256; the password is the one customary in the field: infected\n\
The file beside each says where it came from. Do not unpack them where anything could run them.\n";

/// Why the vault cannot do something.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The file system says so.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: String,
        /// What it says.
        error: io::Error,
    },
    /// No sample has this digest.
    #[error("the vault has no sample {0}")]
    Absent(Digest),
    /// A sealed sample cannot be opened, or holds other bytes than its name says.
    #[error("{path} is damaged: {error}")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        error: String,
    },
    /// The sample is larger than [`MOST_BYTES`].
    #[error("a sample of {0} bytes is too large for the vault")]
    TooLarge(u64),
}

/// What came of putting a sample in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It was new.
    New,
    /// The bytes were there; a further origin was noted.
    NewOrigin,
    /// Bytes and origin were there.
    Known,
}

/// A folder of sealed samples.
#[derive(Debug, Clone)]
pub struct Vault {
    root: PathBuf,
}

impl Vault {
    /// Opens the vault in this folder, or makes an empty one.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(root: &Path) -> Result<Self, VaultError> {
        let vault = Self { root: root.to_owned() };
        let samples = vault.root.join("samples");
        let drafts = vault.drafts();
        for folder in [&samples, &drafts] {
            fs::create_dir_all(folder).map_err(|error| io_error(folder, error))?;
        }
        forget_drafts(&drafts);
        let readme = vault.root.join("README.txt");
        if !readme.exists() {
            write_whole(&drafts, &readme, README.as_bytes())?;
        }
        Ok(vault)
    }

    /// Seals a sample and notes its origin.  Both files are written whole or not at all, the note first: a sample is in
    /// the vault from the moment at which its container is there.
    ///
    /// # Errors
    /// The sample is too large, or the vault cannot be written.
    pub fn store(&self, bytes: &[u8], origin: &Origin) -> Result<(Digest, Stored), VaultError> {
        let size = bytes.len() as u64;
        if size > MOST_BYTES {
            return Err(VaultError::TooLarge(size));
        }
        let digest = Digest::of(bytes);
        let (sealed, note) = self.paths(digest);
        // A damaged container is no reason to lose the sample that is at hand: it is sealed again.
        let is_new = self.read(digest).is_err();
        if let Some(folder) = sealed.parent().filter(|_| is_new) {
            fs::create_dir_all(folder).map_err(|error| io_error(folder, error))?;
        }
        let mut provenance = match fs::read(&note) {
            Ok(text) => Provenance::parse(&text).map_err(|error| damaged(&note, &error))?,
            Err(_) => Provenance::new(digest, size),
        };
        let is_new_origin = provenance.add(origin);
        let is_older_note = provenance.blake2.is_none();
        if is_older_note {
            provenance.blake2 = Some(Blake2::of(bytes));
        }
        if is_new_origin || is_older_note {
            write_whole(&self.drafts(), &note, provenance.render().as_bytes())?;
        }
        if is_new {
            let container = seal::seal(digest, bytes).map_err(|error| damaged(&sealed, &error))?;
            write_whole(&self.drafts(), &sealed, &container)?;
        }
        let stored = match (is_new, is_new_origin) {
            (true, _) => Stored::New,
            (false, true) => Stored::NewOrigin,
            (false, false) => Stored::Known,
        };
        Ok((digest, stored))
    }

    /// Whether the vault holds a sample.
    #[must_use]
    pub fn holds(&self, digest: Digest) -> bool {
        self.paths(digest).0.exists()
    }

    /// The bytes of a sample, in memory only.
    ///
    /// # Errors
    /// There is none, or what is there is not it.
    pub fn read(&self, digest: Digest) -> Result<Vec<u8>, VaultError> {
        let (sealed, _) = self.paths(digest);
        let container = match fs::read(&sealed) {
            Ok(container) => container,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(VaultError::Absent(digest)),
            Err(error) => return Err(io_error(&sealed, error)),
        };
        let bytes = seal::open(&container).map_err(|error| damaged(&sealed, &error))?;
        if Digest::of(&bytes) != digest {
            return Err(damaged(&sealed, "it holds other bytes than its name says"));
        }
        Ok(bytes)
    }

    /// Where a sample came from.
    ///
    /// # Errors
    /// There is no note, or it cannot be read.
    pub fn provenance(&self, digest: Digest) -> Result<Provenance, VaultError> {
        let (_, note) = self.paths(digest);
        match fs::read(&note) {
            Ok(text) => Provenance::parse(&text).map_err(|error| damaged(&note, &error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(VaultError::Absent(digest)),
            Err(error) => Err(io_error(&note, error)),
        }
    }

    /// The digests of all samples, in order.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn digests(&self) -> Result<Vec<Digest>, VaultError> {
        let samples = self.root.join("samples");
        let mut digests = Vec::new();
        for folder in list(&samples)? {
            if !folder.is_dir() {
                continue;
            }
            for file in list(&folder)? {
                let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
                if file.extension().is_some_and(|extension| extension == "zip") {
                    digests.extend(stem.parse::<Digest>().ok());
                }
            }
        }
        digests.sort_unstable();
        Ok(digests)
    }

    /// Opens every sample and compares it with its name; gives what is wrong, in words.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn verify(&self, mut progress: impl FnMut(Digest)) -> Result<Vec<String>, VaultError> {
        let mut wrong = Vec::new();
        for digest in self.digests()? {
            progress(digest);
            if let Err(error) = self.read(digest) {
                wrong.push(error.to_string());
            }
            match self.provenance(digest) {
                Ok(provenance) if provenance.sha256 == digest => {}
                Ok(_) => wrong.push(format!("the note of {digest} is about another sample")),
                Err(error) => wrong.push(error.to_string()),
            }
        }
        Ok(wrong)
    }

    /// Copies a sealed sample, still sealed, to another folder; the note goes with it.
    ///
    /// # Errors
    /// There is none, or the folder cannot be written.
    pub fn export(&self, digest: Digest, folder: &Path) -> Result<PathBuf, VaultError> {
        let (sealed, note) = self.paths(digest);
        let container = match fs::read(&sealed) {
            Ok(container) => container,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(VaultError::Absent(digest)),
            Err(error) => return Err(io_error(&sealed, error)),
        };
        fs::create_dir_all(folder).map_err(|error| io_error(folder, error))?;
        let target = folder.join(format!("{digest}.zip"));
        write_whole(folder, &target, &container)?;
        if let Ok(text) = fs::read(&note) {
            write_whole(folder, &folder.join(format!("{digest}.json")), &text)?;
        }
        Ok(target)
    }

    /// The samples that came from a release, by what their notes say.
    ///
    /// # Errors
    /// The folder cannot be read; notes that cannot be read are passed over ([`Vault::verify`] names them).
    pub fn of_release(&self, subject: &Subject) -> Result<Vec<Digest>, VaultError> {
        let mut digests = self.digests()?;
        digests.retain(|digest| self.provenance(*digest).is_ok_and(|provenance| provenance.is_of(subject)));
        Ok(digests)
    }

    fn drafts(&self) -> PathBuf {
        self.root.join("drafts")
    }

    /// The sealed sample and its note.
    fn paths(&self, digest: Digest) -> (PathBuf, PathBuf) {
        let text = digest.to_string();
        let folder = self.root.join("samples").join(text.get(..2).unwrap_or_default());
        (folder.join(format!("{text}.zip")), folder.join(format!("{text}.json")))
    }
}

/// The entries of a folder, in order.
fn list(folder: &Path) -> Result<Vec<PathBuf>, VaultError> {
    let entries = fs::read_dir(folder).map_err(|error| io_error(folder, error))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort_unstable();
    Ok(paths)
}

/// Deletes what a killed program left behind; younger drafts may be another program's.
fn forget_drafts(drafts: &Path) {
    let is_old = |path: &PathBuf| {
        let modified = path.metadata().and_then(|metadata| metadata.modified());
        modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > DRAFT_LIFE))
    };
    for draft in list(drafts).unwrap_or_default().iter().filter(|path| is_old(path)) {
        // What cannot be deleted only takes space.
        let _ = fs::remove_file(draft);
    }
}

/// Writes a file in a folder of the same file system and moves it to its place, so that a killed program leaves no half
/// of it there.
fn write_whole(drafts: &Path, path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let written = tempfile::NamedTempFile::new_in(drafts).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_data()?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map(drop).map_err(|error| io_error(path, error))
}

fn io_error(path: &Path, error: io::Error) -> VaultError {
    VaultError::Io { path: path.display().to_string(), error }
}

fn damaged(path: &Path, error: &str) -> VaultError {
    VaultError::Damaged { path: path.display().to_string(), error: error.to_owned() }
}

#[cfg(test)]
mod tests;
