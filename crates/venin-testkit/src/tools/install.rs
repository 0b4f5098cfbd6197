//! Finds a Python, and installs the tools with it once for all test runs.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::process::run;

/// The tools with their versions; a change here installs anew.
const PINNED: &str = include_str!("../../tools.txt");
/// Names a Python to use.
const CHOSEN: &str = "VENIN_TEST_PYTHON";
/// bandersnatch asks for it.
const CHECK: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))";
/// How to get one.
const HINT: &str = "bandersnatch needs Python 3.12 or later with the `venv` and `ensurepip` modules, and none was \
    found as `python3`, `python3.12`, `python3.13` or `python3.14` on PATH or among pyenv's versions. Get one with \
    `pyenv install 3.12`, `uv python install 3.12` or your system's packages (Debian: python3-venv too), or name \
    one in VENIN_TEST_PYTHON";

/// A line on the standard error that the test harness does not swallow.
pub(super) fn say(line: &str) {
    // A message that cannot be shown is no reason to fail.
    writeln!(std::io::stderr(), "venin-testkit: {line}").ok();
}

/// The folder with the tools under `scratch`.  Several processes may ask at once: one installs, the others wait.
pub(super) fn install(scratch: &Path) -> Result<PathBuf, String> {
    let folder = scratch.join("real-tools");
    fs::create_dir_all(scratch).map_err(|error| error.to_string())?;
    let lock = File::create(scratch.join("real-tools.lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == PINNED) && is_usable(&folder) {
        return Ok(folder);
    }
    let begin = Instant::now();
    let python = find_python().ok_or(HINT)?;
    say(&format!("installs the real tools with {} into {}", python.display(), folder.display()));
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    run(Command::new(&python).args(["-m", "venv"]).arg(&folder))?;
    fs::create_dir_all(folder.join("home")).map_err(|error| error.to_string())?;
    let list = folder.join("tools.txt");
    fs::write(&list, PINNED).map_err(|error| error.to_string())?;
    let mut pip = Command::new(folder.join("bin/python"));
    // This one call uses the registry that the user has configured.
    pip.args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--requirement"]).arg(&list);
    if run(&mut pip).is_err() {
        // A registry without wheels of one tool may have its source distribution.
        let mut pip = Command::new(folder.join("bin/python"));
        run(pip.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&list))?;
    }
    fs::write(&stamp, PINNED).map_err(|error| error.to_string())?;
    say(&format!("installed the real tools in {:.0} s", begin.elapsed().as_secs_f64()));
    Ok(folder)
}

/// Whether the Python that the folder was made with is still there.
fn is_usable(folder: &Path) -> bool {
    is_new_enough(&folder.join("bin/python"))
}

fn find_python() -> Option<PathBuf> {
    candidates().into_iter().find(|python| is_new_enough(python))
}

fn is_new_enough(python: &Path) -> bool {
    Command::new(python).args(["-c", CHECK]).output().is_ok_and(|output| output.status.success())
}

/// Programs that may be a Python, the likeliest first.  Those of pyenv come by their own path, since its shims know
/// only the version that is switched on.
fn candidates() -> Vec<PathBuf> {
    if let Some(chosen) = std::env::var_os(CHOSEN) {
        return vec![chosen.into()];
    }
    let mut found: Vec<PathBuf> =
        ["python3.12", "python3.13", "python3.14", "python3"].iter().map(PathBuf::from).collect();
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let pyenv = std::env::var_os("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from);
    let versions = fs::read_dir(pyenv.join("versions")).into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin/python3")).collect();
    versions.sort();
    found.extend(versions);
    found
}
