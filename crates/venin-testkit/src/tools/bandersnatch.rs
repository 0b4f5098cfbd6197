//! A mirror kept by bandersnatch.

use std::fs;
use std::path::{Path, PathBuf};

use super::Tools;
use super::process::run;
use crate::index::Index;

/// A mirror folder with its configuration.
#[derive(Debug, Clone)]
pub struct Bandersnatch {
    tools: Tools,
    folder: PathBuf,
    config: PathBuf,
}

impl Bandersnatch {
    /// Writes the configuration of a mirror of this index in `folder`; fetches nothing yet.  `lines` go into the
    /// section `[mirror]`, as `delete_missing_packages = true`.
    ///
    /// # Panics
    /// The folder cannot be written to.
    pub fn configure(tools: Tools, index: &Index, folder: &Path, lines: &[&str]) -> Self {
        fs::create_dir_all(folder).unwrap();
        let config = folder.join("bandersnatch.conf");
        // The subcommands `verify` and `delete` refuse plain HTTP whatever the configuration allows, but know it by
        // its spelling in lower case only.
        let master = index.base().replace("http://", "HTTP://");
        let text = format!(
            "[mirror]\ndirectory = {}\nmaster = {master}\nallow-non-https = true\njson = true\ntimeout = 20\n\
             workers = 2\n{}\n",
            folder.display(),
            lines.join("\n")
        );
        fs::write(&config, text).unwrap();
        Self { tools, folder: folder.to_owned(), config }
    }

    /// Runs a subcommand and gives what it said.
    ///
    /// # Panics
    /// It fails.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = run(self.tools.bandersnatch(&self.config).args(arguments));
        assert!(output.is_ok(), "{}", output.unwrap_err());
        let output = output.unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
    }

    /// `bandersnatch mirror`.
    pub fn mirror(&self) -> String {
        self.run(&["mirror"])
    }

    /// `bandersnatch verify` with these options.
    pub fn verify(&self, options: &[&str]) -> String {
        self.run(&[&["verify"], options].concat())
    }

    /// `bandersnatch delete NAME`.
    pub fn delete(&self, name: &str) -> String {
        self.run(&["delete", name])
    }

    /// What a web server would serve: `simple/`, `packages/`, `json/`, `pypi/`.
    pub fn web(&self) -> PathBuf {
        self.folder.join("web")
    }
}
