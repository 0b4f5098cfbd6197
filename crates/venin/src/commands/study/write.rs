//! The folder of a study: each file is whole or not there.

use std::path::{Path, PathBuf};

use venin_report::render_shape;
use venin_study::render::{render_artifacts_csv, render_behind_csv, render_table_csv};
use venin_study::report::StudyReport;

use crate::diagnostics::{hinted, plain_cause};

/// The cache of scans, beside the study.
const CACHE: &str = "scans.sqlite3";

/// A folder that a study is written to.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Takes a folder that is empty, holds an earlier study, or can be made.
    ///
    /// # Errors
    /// It holds something else, or cannot be made.
    pub(super) fn open(root: &Path) -> anyhow::Result<Self> {
        let cannot = |error: &std::io::Error| {
            hinted(
                format!("cannot use `{}`: {}", root.display(), plain_cause(error)),
                "--to names another folder",
            )
        };
        std::fs::create_dir_all(root).map_err(|error| cannot(&error))?;
        let is_ours = ["study.json", CACHE].iter().any(|name| root.join(name).exists());
        let is_empty = std::fs::read_dir(root).map_err(|error| cannot(&error))?.next().is_none();
        if !is_ours && !is_empty {
            return Err(hinted(
                format!("`{}` holds other things than a study", root.display()),
                "--to names a new folder, or one with an earlier study",
            ));
        }
        Ok(Self { root: root.to_owned() })
    }

    /// Where scans are remembered.
    pub(super) fn cache(&self) -> PathBuf {
        self.root.join(CACHE)
    }

    /// Writes the study; gives the paths, the one to be read first first.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(super) fn write(&self, study: &StudyReport) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = vec![("study.json".to_owned(), render_shape(study).into_bytes())];
        files.push(("artifacts.csv".to_owned(), render_artifacts_csv(study)));
        files.push(("behind.csv".to_owned(), render_behind_csv(study)));
        let tables =
            study.tables().map(|(_, table)| (format!("tables/{}.csv", table.id), render_table_csv(table)));
        files.extend(tables);
        files.into_iter().map(|(name, bytes)| self.write_file(&name, &bytes)).collect()
    }

    fn write_file(&self, name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.root.join(name);
        let draft = path.with_extension("draft");
        let write = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&draft, bytes)?;
            std::fs::rename(&draft, &path)
        };
        write().map_err(|error| {
            hinted(
                format!("cannot write `{}`: {}", path.display(), plain_cause(&error)),
                "free space on the disk, or write elsewhere with --to",
            )
        })?;
        Ok(path)
    }
}
