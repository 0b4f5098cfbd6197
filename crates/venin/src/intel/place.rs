//! Where the store and the vault are, and what they are opened for.

use std::path::{Path, PathBuf};

use venin_intel::claim::{Moment, Subject};
use venin_intel::store::Store;

use crate::cli::{StoreArgs, VaultArgs};
use crate::clock::seconds_now;
use crate::diagnostics::hinted;

/// The moment of the run; `SOURCE_DATE_EPOCH` replaces the clock.
pub(crate) fn now() -> Moment {
    Moment::from_seconds(i64::try_from(seconds_now()).unwrap_or(i64::MAX))
}

/// The user's data folder (XDG base directories), or its usual place below the home directory.
fn data_folder() -> anyhow::Result<PathBuf> {
    let named = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = named.or_else(|| Some(std::env::home_dir()?.join(".local/share")));
    let folder = folder.ok_or_else(|| {
        hinted("there is no home directory to keep data in", "name the place with --store and --vault")
    })?;
    Ok(folder.join("venin"))
}

/// The path of the store.
///
/// # Errors
/// The user has no data folder.
pub(crate) fn locate_store(args: &StoreArgs) -> anyhow::Result<PathBuf> {
    args.store.clone().map_or_else(|| Ok(data_folder()?.join("claims.sqlite3")), Ok)
}

/// Whether there is a store.
pub(crate) fn has_store(args: &StoreArgs) -> bool {
    locate_store(args).is_ok_and(|path| path.exists())
}

/// The folder of the vault.
///
/// # Errors
/// The user has no data folder.
pub(crate) fn locate_vault(args: &VaultArgs) -> anyhow::Result<PathBuf> {
    args.vault.clone().map_or_else(|| Ok(data_folder()?.join("vault")), Ok)
}

/// Opens the store to write; makes it if there is none.
///
/// # Errors
/// It cannot be made or opened.
pub(crate) fn open_store(args: &StoreArgs) -> anyhow::Result<Store> {
    let path = locate_store(args)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| {
            hinted(format!("cannot make `{}`: {error}", folder.display()), "name another place with --store")
        })?;
    }
    Store::open(&path).map_err(|error| store_error(&path, &error))
}

/// Opens a store that is there, to read.
///
/// # Errors
/// There is none, or it cannot be opened.
pub(crate) fn read_store(args: &StoreArgs) -> anyhow::Result<Store> {
    let path = locate_store(args)?;
    if !path.exists() {
        let hint = "`venin collect SOURCE INPUT` fills one; --store names another";
        return Err(hinted(format!("there is no event store at `{}`", path.display()), hint));
    }
    Store::open_to_read(&path).map_err(|error| store_error(&path, &error))
}

fn store_error(path: &Path, error: &venin_intel::store::StoreError) -> anyhow::Error {
    let hint = "`venin store verify` checks a store; --store names another";
    hinted(format!("cannot use the event store `{}`: {error}", path.display()), hint)
}

/// A project, or a release as `name==version`.
///
/// # Errors
/// It is neither.
pub(crate) fn parse_release(text: &str) -> anyhow::Result<Subject> {
    let hint = "a release is written name==version, a project by its name";
    let (name, version) = match text.split_once("==") {
        Some((name, version)) => (name, Some(version)),
        None => (text, None),
    };
    let project = Subject::project(name).map_err(|error| hinted(error.to_string(), hint))?;
    match version {
        Some(version) => project.with_version(version).map_err(|error| hinted(error.to_string(), hint)),
        None => Ok(project),
    }
}
