//! The user's configuration: `venin.toml`, or `[tool.venin]` of `pyproject.toml`.
//!
//! It is read from the working directory or from where `--config` says, and never from inside of what is scanned: a
//! package could otherwise ask for its own acquittal.  What the command line says comes first, then the environment,
//! then the file.  An error names file, line and key.

mod collection;
mod file;
mod glob;
mod suppress;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub(crate) use collection::ConfiguredSource;
pub(crate) use file::FileConfig;
pub(crate) use suppress::Judge;

use self::glob::matches_path;
use crate::cli::ConfigArgs;
use crate::diagnostics::{hinted, plain_cause};

/// Largest configuration, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// A configuration, and what the user should know of how it was chosen.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What it says; empty where there is none.
    pub(crate) config: FileConfig,
    /// Whether it was found in the working directory, and not named by the user.
    pub(crate) is_found_here: bool,
    /// A remark.
    pub(crate) note: Option<String>,
}

/// Finds and reads the configuration for a run over these targets.
///
/// # Errors
/// It cannot be read, or what it says is wrong.
pub(crate) fn read_config(args: &ConfigArgs, targets: &[OsString]) -> anyhow::Result<Found> {
    if args.no_config {
        return Ok(Found::default());
    }
    if let Some(path) = &args.config {
        let hint = "--config takes a venin.toml, or a pyproject.toml with a table [tool.venin]";
        let config = read_file(path)?;
        let config =
            config.ok_or_else(|| hinted(format!("`{}` has no table [tool.venin]", path.display()), hint))?;
        return Ok(Found { config, ..Found::default() });
    }
    for name in ["venin.toml", "pyproject.toml"] {
        let path = PathBuf::from(name);
        let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
        if !is_file {
            continue;
        }
        if targets.iter().any(|target| holds_working_directory(target)) {
            // A project that does not configure this program should not hear of it.
            let is_told = name == "venin.toml" || read_file(&path).is_ok_and(|config| config.is_some());
            let note = format!(
                "{name} is not read: it lies in what is scanned; name it with --config if it is yours"
            );
            return Ok(Found { note: is_told.then_some(note), ..Found::default() });
        }
        if let Some(config) = read_file(&path)? {
            return Ok(Found { config, is_found_here: true, note: None });
        }
    }
    Ok(Found::default())
}

/// Whether a target is the working directory or a folder around it.  Of paths on standard input nothing is known yet.
pub(crate) fn holds_working_directory(target: &OsStr) -> bool {
    if target == "-" {
        return true;
    }
    let (Ok(target), Ok(here)) = (Path::new(target).canonicalize(), Path::new(".").canonicalize()) else {
        return false;
    };
    here.starts_with(target)
}

fn read_file(path: &Path) -> anyhow::Result<Option<FileConfig>> {
    let fail = |why: &str| {
        hinted(
            format!("cannot read the configuration `{}`: {why}", path.display()),
            "--no-config does without",
        )
    };
    let size = path.metadata().map_err(|error| fail(&plain_cause(&error)))?.len();
    if size > MAX_FILE {
        return Err(fail("it is larger than 1 MiB"));
    }
    let bytes = std::fs::read(path).map_err(|error| fail(&plain_cause(&error)))?;
    let text = String::from_utf8(bytes).map_err(|_| fail("it is not UTF-8"))?;
    file::parse_config(path, &text)
}

/// Whether a project's name is one of the internal ones, which are globs; both as indexes compare names.
pub(crate) fn is_internal(patterns: &[String], name: &str) -> bool {
    let name = venin_package::normalize_name(name);
    patterns
        .iter()
        .any(|pattern| matches_path(&format!("/{}", venin_package::normalize_name(pattern)), &name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_names_are_compared_as_indexes_do() {
        let patterns = ["Acme_*".to_owned(), "core.lib".to_owned()];
        assert!(is_internal(&patterns, "acme-Billing") && is_internal(&patterns, "Core-Lib"));
        assert!(!is_internal(&patterns, "acme") && !is_internal(&patterns, "xacme-y"));
    }
}
