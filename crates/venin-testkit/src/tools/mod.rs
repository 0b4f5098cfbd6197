//! Real installers, mirrors and proxies, installed from the user's own package registry into the build folder.
//!
//! Nothing is installed system-wide, and no tool that runs here is told of any other index than the one on the
//! loopback interface: its environment is emptied first.

mod bandersnatch;
mod install;
mod process;
mod proxies;

pub use bandersnatch::Bandersnatch;
pub use proxies::{Devpi, Proxpi};

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::index::Index;

/// Set by those who want the tests without real tools.
const WITHOUT: &str = "VENIN_WITHOUT_REAL_TOOLS";

/// Runs a Python module as a program that ends with its standard input, so that no server outlives a test process
/// that was killed.
const UNTIL_END_OF_INPUT: &str = "\
import os, runpy, sys, threading
def wait():
    while os.read(0, 4096):
        pass
    os._exit(0)
threading.Thread(target=wait, daemon=True).start()
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)
";

/// The folder in which the tools are installed.
#[derive(Debug, Clone)]
pub struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// The tools, installed under `scratch` if they are not yet there: a test gives `env!("CARGO_TARGET_TMPDIR")`.
    ///
    /// Nothing if the variable `VENIN_WITHOUT_REAL_TOOLS` is set; the test then says on standard error that it did
    /// not look.
    ///
    /// # Panics
    /// There is no Python of at least 3.12, or the registry does not give the tools.
    pub fn get(scratch: &str) -> Option<Self> {
        static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        if std::env::var_os(WITHOUT).is_some_and(|value| !value.is_empty()) {
            install::say(&format!("NOT TESTED with real tools: {WITHOUT} is set"));
            return None;
        }
        let found = FOUND.get_or_init(|| install::install(Path::new(scratch)));
        if let Err(error) = found {
            assert!(
                found.is_ok(),
                "no real tools to test with: {error}\n(set {WITHOUT}=1 to go without them)"
            );
        }
        found.clone().ok().map(|folder| Self { folder })
    }

    /// `pip`, with no configuration and no cache; it is told its index by the caller or by [`Tools::pip_from`].
    pub fn pip(&self) -> Command {
        let mut command = self.program("python");
        command.args(["-m", "pip", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]);
        command.env("PIP_CONFIG_FILE", "/dev/null");
        command
    }

    /// `pip SUBCOMMAND --index-url URL`, as the user of an index calls it.
    pub fn pip_from(&self, subcommand: &str, simple_url: &str) -> Command {
        let mut command = self.pip();
        command.args([subcommand, "--index-url", simple_url, "--retries", "0", "--timeout", "20"]);
        command
    }

    /// `uv`, with no configuration and no cache.
    pub fn uv(&self) -> Command {
        let mut command = self.program("uv");
        command.args(["--no-cache", "--no-config"]).env("UV_PYTHON_DOWNLOADS", "never");
        command
    }

    /// `uv pip install --default-index URL --target DIR`.
    pub fn uv_install_from(&self, simple_url: &str, into: &Path) -> Command {
        let mut command = self.uv();
        command.args(["pip", "install", "--default-index", simple_url, "--target"]).arg(into);
        command.arg("--python").arg(self.folder.join("bin/python"));
        command
    }

    /// `bandersnatch` with a configuration file.
    pub fn bandersnatch(&self, config: &Path) -> Command {
        let mut command = self.program("bandersnatch");
        command.arg("--config").arg(config);
        command
    }

    /// Mirrors the whole index into a folder.
    ///
    /// # Panics
    /// The mirror run fails.
    pub fn mirror_with_bandersnatch(&self, index: &Index, folder: &Path) -> Bandersnatch {
        let mirror = Bandersnatch::configure(self.clone(), index, folder, &[]);
        mirror.mirror();
        mirror
    }

    /// A Python module as a server.
    fn server(&self, module: &str) -> Command {
        let mut command = self.program("python");
        command.args(["-c", UNTIL_END_OF_INPUT, module]);
        command
    }

    /// A program of the folder with an environment that names no index and no proxy.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join("bin").join(name));
        command.env_clear().env("LC_ALL", "C.UTF-8").env("HOME", self.folder.join("home"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env("PATH", path).env("PYTHONWARNINGS", "ignore").env("NO_PROXY", "127.0.0.1");
        command
    }
}
