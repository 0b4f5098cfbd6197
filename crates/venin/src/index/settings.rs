//! What configuration tells about the index, and where configuration is looked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What one source of configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Configured {
    /// The default index, and who says so.
    pub(super) index: Option<(String, String)>,
    /// Further indexes.
    pub(super) others: Vec<String>,
    /// A file of certificates.
    pub(super) certificates: Option<PathBuf>,
    /// A proxy.
    pub(super) proxy: Option<String>,
}

impl Configured {
    /// Fills what is not known yet from a source that matters less.
    pub(super) fn or(mut self, other: Self) -> Self {
        self.index = self.index.or(other.index);
        self.certificates = self.certificates.or(other.certificates);
        self.proxy = self.proxy.or(other.proxy);
        for index in other.others {
            if !self.others.contains(&index) {
                self.others.push(index);
            }
        }
        self
    }
}

/// The part of the machine in which configuration is looked for.  Tests make their own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    /// Environment variables that are Unicode.
    pub(crate) variables: BTreeMap<String, String>,
    /// The user's home directory.
    pub(crate) home: Option<PathBuf>,
    /// The current directory.
    pub(crate) current: Option<PathBuf>,
    /// The root of the file system, below which `etc` and `usr` lie.
    pub(crate) root: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        let variables =
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Self {
            variables: variables.collect(),
            home: std::env::home_dir(),
            current: std::env::current_dir().ok(),
            root: PathBuf::from("/"),
        }
    }

    /// A variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// A directory named by a variable, or else one below the home directory (XDG base directories).
    pub(super) fn user_directory(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        let named = self.variable(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        named.or_else(|| Some(self.home.as_ref()?.join(below_home)))
    }

    /// The current directory and those above it, the nearest first.
    pub(crate) fn current_and_above(&self) -> impl Iterator<Item = &Path> {
        self.current.iter().flat_map(|path| path.ancestors())
    }
}

/// Largest configuration file read, in bytes.
const MAX_FILE: u64 = 4 << 20;

/// The text of a configuration file; `None` when there is none or it is absurdly large.
pub(super) fn read_text(path: &Path) -> Option<String> {
    let metadata = std::fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > MAX_FILE {
        return None;
    }
    Some(String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned())
}
