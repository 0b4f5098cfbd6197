//! The folder of a study: each file is whole or not there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use venin_study::cluster::place::CampaignFile;
use venin_study::render::render_each_file;
use venin_study::report::StudyReport;

use crate::diagnostics::{hinted, plain_cause};

/// The cache of scans, beside the study.
const CACHE: &str = "scans.sqlite3";
/// The campaigns, to place further artifacts in.
const CAMPAIGNS: &str = "campaigns.json";
/// The page, which is to be read first.
const PAGE: &str = "study.html";

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

    /// Where campaigns are, in the folder of a study.
    pub(super) fn campaigns_of(study: &Path) -> PathBuf {
        study.join(CAMPAIGNS)
    }

    /// Writes the campaigns.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write_campaigns(&self, campaigns: &CampaignFile) -> anyhow::Result<()> {
        self.write_file(CAMPAIGNS, campaigns.render().as_bytes())
    }

    /// Writes the study; gives the path of what is to be read first.  Tables of an earlier study that this one has not
    /// are taken away.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(super) fn write(&self, study: &StudyReport) -> anyhow::Result<PathBuf> {
        let mut written = BTreeSet::new();
        for (name, bytes) in render_each_file(study) {
            self.write_file(&name, &bytes)?;
            written.insert(self.root.join(name));
        }
        self.remove_other_tables(&written)?;
        Ok(self.root.join(PAGE))
    }

    /// Nobody must take tables of two studies for one.  What is no table is left alone.
    fn remove_other_tables(&self, written: &BTreeSet<PathBuf>) -> anyhow::Result<()> {
        let tables = self.root.join("tables");
        let Ok(entries) = std::fs::read_dir(&tables) else { return Ok(()) };
        for path in entries.flatten().map(|entry| entry.path()) {
            let is_table = path.extension().is_some_and(|end| end == "csv" || end == "parquet");
            if is_table && !written.contains(&path) {
                std::fs::remove_file(&path).map_err(|error| cannot_write(&path, &error))?;
            }
        }
        Ok(())
    }

    fn write_file(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.root.join(name);
        let draft = self.root.join("draft");
        let write = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&draft, bytes)?;
            std::fs::rename(&draft, &path)
        };
        write().map_err(|error| cannot_write(&path, &error))
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> anyhow::Error {
    hinted(
        format!("cannot write `{}`: {}", path.display(), plain_cause(error)),
        "free space on the disk, or write elsewhere with --to",
    )
}
