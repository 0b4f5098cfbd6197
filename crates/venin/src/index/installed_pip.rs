//! The default index of the pip that is installed, read from its source text.
//!
//! pip keeps it in `pip/_internal/models/index.py` as the first argument of the first `PackageIndex(...)` that is
//! assigned to a name, and looks at `simple` below it.  The file is found through the Python installations that
//! `PATH` names, or in the pip wheel that a Python without pip carries along; nothing is run.

use std::fs;
use std::path::{Path, PathBuf};

use venin_archive::{Budget, read_members};

use super::settings::{Surroundings, read_text};

const INDEX_MODULE: &str = "pip/_internal/models/index.py";
/// Most installations looked at.
const MAX_INSTALLATIONS: usize = 64;
/// Most wheels of pip looked at, and the largest, in bytes.
const MAX_WHEELS: usize = 8;
const MAX_WHEEL: u64 = 32 << 20;

/// The URL of the default index, and the file that names it.
pub(super) fn find_default(around: &Surroundings) -> Option<(String, String)> {
    let libraries = libraries(around);
    let packages = libraries
        .iter()
        .flat_map(|library| ["site-packages", "dist-packages"].map(|name| library.join(name)));
    let installed = packages.map(|packages| packages.join(INDEX_MODULE)).find_map(|path| {
        let url = parse_default(&read_text(&path)?)?;
        Some((url, path.display().to_string()))
    });
    installed.or_else(|| find_bundled(around, &libraries))
}

/// The same from a wheel of pip that lies ready to be installed (`ensurepip`).
fn find_bundled(around: &Surroundings, libraries: &[PathBuf]) -> Option<(String, String)> {
    let mut directories: Vec<PathBuf> =
        libraries.iter().map(|library| library.join("ensurepip/_bundled")).collect();
    directories.push(around.root.join("usr/share/python-wheels"));
    let wheels = directories.iter().flat_map(|directory| children(directory, "pip-"));
    wheels.filter(|path| path.extension().is_some_and(|e| e == "whl")).take(MAX_WHEELS).find_map(|path| {
        let url = parse_default(&read_bundled(&path)?)?;
        Some((url, path.display().to_string()))
    })
}

fn read_bundled(wheel: &Path) -> Option<String> {
    let is_small = fs::metadata(wheel).is_ok_and(|m| m.len() <= MAX_WHEEL);
    let bytes = if is_small { fs::read(wheel).ok()? } else { return None };
    let mut text = None;
    read_members("pip.whl", &bytes, &Budget::default(), &mut |entry| {
        if entry.path == INDEX_MODULE {
            text = Some(String::from_utf8_lossy(entry.bytes).into_owned());
        }
    });
    text
}

/// Reads the URL out of the module's text: the first call of `PackageIndex` at the start of a logical line.
fn parse_default(text: &str) -> Option<String> {
    let call = text.lines().scan(0, |at, line| {
        let start = *at;
        *at += line.len() + 1;
        Some((start, line))
    });
    let (start, line) = call.into_iter().find(|(_, line)| {
        let value = line.split_once('=').map(|(_, value)| value.trim_start());
        line.starts_with(|c: char| c.is_alphabetic())
            && value.is_some_and(|value| value.starts_with("PackageIndex("))
    })?;
    let open = start + line.find('(')? + 1;
    let arguments = text.get(open..)?.trim_start();
    let arguments = arguments.strip_prefix("url=").unwrap_or(arguments);
    let quote = arguments.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let base = arguments.get(1..)?.split(quote).next()?;
    (base.starts_with("https://") || base.starts_with("http://"))
        .then(|| format!("{}/simple", base.trim_end_matches('/')))
}

/// Directories of the standard library, beside or in which packages are installed; that of the first Python first.
fn libraries(around: &Surroundings) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for prefix in prefixes(around).into_iter().take(MAX_INSTALLATIONS) {
        for lib in ["lib", "lib64", "local/lib"] {
            found.extend(subdirectories(&prefix.join(lib), "python"));
        }
        found.push(prefix.join("Lib"));
    }
    found
}

/// Prefixes of Python installations: the active environment, those that `PATH` leads to, pyenv's, the system's.
fn prefixes(around: &Surroundings) -> Vec<PathBuf> {
    let mut prefixes: Vec<PathBuf> = Vec::new();
    prefixes.extend(
        ["VIRTUAL_ENV", "CONDA_PREFIX"].iter().filter_map(|name| around.variable(name)).map(PathBuf::from),
    );
    for directory in std::env::split_paths(around.variable("PATH").unwrap_or_default()) {
        for program in ["python3", "python", "pip3", "pip"] {
            let path = directory.join(program);
            if path.exists() {
                prefixes.extend(prefix_of(&path));
                prefixes.extend(fs::canonicalize(&path).ok().as_deref().and_then(prefix_of));
            }
        }
        if directory.ends_with("shims") {
            prefixes.extend(pyenv_prefixes(&directory));
        }
    }
    if let Some(home) = &around.home {
        prefixes.extend(pyenv_prefixes(&home.join(".pyenv/shims")));
    }
    let data = around.user_directory("XDG_DATA_HOME", ".local/share").map(|data| data.join("uv/python"));
    prefixes.extend(data.iter().flat_map(|pythons| subdirectories(pythons, "")).rev());
    prefixes.push(around.root.join("usr"));
    prefixes.push(around.root.join("usr/local"));
    let mut seen = std::collections::BTreeSet::new();
    prefixes.retain(|prefix| seen.insert(prefix.clone()));
    prefixes
}

/// `/usr/bin/python3` belongs to `/usr`.
fn prefix_of(program: &Path) -> Option<PathBuf> {
    program.parent()?.parent().map(Path::to_owned)
}

/// The installations behind pyenv's shims: the chosen versions first, then the others, the newest name first.
fn pyenv_prefixes(shims: &Path) -> Vec<PathBuf> {
    let Some(root) = shims.parent() else { return Vec::new() };
    let chosen = read_text(&root.join("version")).unwrap_or_default();
    let mut prefixes: Vec<PathBuf> =
        chosen.split_whitespace().map(|name| root.join("versions").join(name)).collect();
    let mut others = subdirectories(&root.join("versions"), "");
    others.reverse();
    prefixes.extend(others);
    prefixes
}

/// Subdirectories whose names begin so, in ascending order.
fn subdirectories(directory: &Path, start: &str) -> Vec<PathBuf> {
    let mut found = children(directory, start);
    found.retain(|path| path.is_dir());
    found
}

/// Entries of a directory whose names begin so, in ascending order.
fn children(directory: &Path, start: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    let named = entries.filter(|e| e.file_name().to_string_lossy().starts_with(start));
    let mut found: Vec<PathBuf> = named.map(|e| e.path()).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = "import urllib.parse\n\n\nclass PackageIndex:\n    def __init__(self, url: str) -> None:\n        \
                          self.url = url\n\n\nMain = PackageIndex(\"https://index.example/\", file_storage_domain=\"f\")\n\
                          Other = PackageIndex(\"https://other.example/\")\n";

    #[test]
    fn the_first_index_of_the_module_is_the_default() {
        assert_eq!(parse_default(MODULE).as_deref(), Some("https://index.example/simple"));
        let split = "X = PackageIndex(\n    'https://index.example/', file_storage_domain='f'\n)\n";
        assert_eq!(parse_default(split).as_deref(), Some("https://index.example/simple"));
    }

    #[test]
    fn a_module_that_computes_its_default_tells_nothing() {
        for text in
            ["", "X = PackageIndex(base)\n", "X = PackageIndex(", "X = PackageIndex('ftp://a.example')\n"]
        {
            assert_eq!(parse_default(text), None, "{text}");
        }
    }

    #[test]
    fn a_shim_leads_to_the_chosen_version() {
        let root = tempfile::tempdir().unwrap();
        let pip = root.path().join("pyenv/versions/3.12.1/lib/python3.12/site-packages").join(INDEX_MODULE);
        fs::create_dir_all(pip.parent().unwrap()).unwrap();
        fs::write(&pip, MODULE).unwrap();
        let shims = root.path().join("pyenv/shims");
        fs::create_dir_all(&shims).unwrap();
        fs::write(root.path().join("pyenv/version"), "3.12.1\n").unwrap();
        let variables = [("PATH".to_owned(), shims.display().to_string())].into();
        let around = Surroundings { variables, root: root.path().to_owned(), ..Surroundings::default() };
        assert_eq!(find_default(&around).unwrap().0, "https://index.example/simple");
    }

    #[test]
    fn a_python_without_pip_carries_a_wheel_of_it() {
        use std::io::Write;
        let root = tempfile::tempdir().unwrap();
        let bundled = root.path().join("usr/lib/python3.12/ensurepip/_bundled");
        fs::create_dir_all(&bundled).unwrap();
        let mut wheel =
            zip::ZipWriter::new(fs::File::create(bundled.join("pip-23-py3-none-any.whl")).unwrap());
        wheel.start_file(INDEX_MODULE, zip::write::SimpleFileOptions::default()).unwrap();
        wheel.write_all(MODULE.as_bytes()).unwrap();
        wheel.finish().unwrap();
        let around = Surroundings { root: root.path().to_owned(), ..Surroundings::default() };
        assert_eq!(find_default(&around).unwrap().0, "https://index.example/simple");
    }
}
