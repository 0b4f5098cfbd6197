//! `pyproject.toml`: what is needed to build, what is installed and where the sources lie (PEP 517, 518, 621, 735).
//!
//! Reads the tables of common build tools too.  A file that is no TOML gives an empty value and says so.

use toml::{Table, Value};

use crate::entry_points::EntryPoint;
use crate::pyproject_build::{BuildHook, build_hooks, passes_setup_script_by};
use crate::requirement::{Requirement, Scope, parse_requirement};

/// Longest file that is parsed, in bytes.
const MAX_BYTES: usize = 1 << 20;
/// Most items taken from one list.
pub(crate) const MAX_ITEMS: usize = 2_000;

/// The parts that matter of `pyproject.toml` or of `setup.cfg`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProjectFile {
    /// Static name.
    pub name: Option<String>,
    /// Static version.
    pub version: Option<String>,
    /// Every requirement, with its scope and without a place.
    pub requirements: Vec<Requirement>,
    /// `build-system.build-backend`, as written.
    pub build_backend: Option<String>,
    /// `build-system.backend-path`.
    pub backend_path: Vec<String>,
    /// Whether its backend has a format of its own, so that no installation runs `setup.py`.
    pub passes_setup_script_by: bool,
    /// Members of the tree that a build runs, by the configuration of a build tool.
    pub hooks: Vec<BuildHook>,
    /// Scripts, GUI scripts and plugins.
    pub entry_points: Vec<EntryPoint>,
    /// Script files that are installed as they are.
    pub script_files: Vec<String>,
    /// Top-level packages and modules that are installed, by first name.
    pub top_level: Vec<String>,
    /// Folders that packages lie in.
    pub source_folders: Vec<String>,
    /// Further package indexes: tool and URL.
    pub indexes: Vec<(&'static str, String)>,
    /// Why the file could not be read, if it could not.
    pub problem: Option<String>,
}

/// Reads `pyproject.toml`.
pub(crate) fn parse_pyproject(text: &str) -> ProjectFile {
    if text.len() > MAX_BYTES {
        return ProjectFile { problem: Some("longer than 1 MiB".to_owned()), ..ProjectFile::default() };
    }
    let root = match text.strip_prefix('\u{feff}').unwrap_or(text).parse::<Table>() {
        Ok(root) => root,
        Err(error) => {
            return ProjectFile { problem: Some(error.message().to_owned()), ..ProjectFile::default() };
        }
    };
    let mut file = ProjectFile::default();
    read_build_system(&root, &mut file);
    if let Some(project) = table(&root, &["project"]) {
        read_project(project, &mut file);
    }
    read_groups(&root, &mut file);
    read_poetry(&root, &mut file);
    read_setuptools(&root, &mut file);
    read_other_tools(&root, &mut file);
    file.hooks = build_hooks(&root);
    // A frontend takes no byte order mark and nothing but UTF-8, so what it makes of such a file is not known.
    let is_plain = !text.starts_with('\u{feff}') && !text.contains('\u{fffd}');
    if let Some(system) = table(&root, &["build-system"]).filter(|_| is_plain) {
        file.passes_setup_script_by = passes_setup_script_by(&file, system);
    }
    file
}

fn read_build_system(root: &Table, file: &mut ProjectFile) {
    let Some(system) = table(root, &["build-system"]) else { return };
    file.build_backend = string(system, "build-backend");
    file.backend_path = strings(system, "backend-path");
    push_requirements(&strings(system, "requires"), Scope::Build, &mut file.requirements);
}

fn read_project(project: &Table, file: &mut ProjectFile) {
    file.name = string(project, "name");
    file.version = string(project, "version");
    push_requirements(&strings(project, "dependencies"), Scope::Runtime, &mut file.requirements);
    for (_, list) in table(project, &["optional-dependencies"]).into_iter().flatten().take(MAX_ITEMS) {
        push_requirements(&string_items(list), Scope::Extra, &mut file.requirements);
    }
    for (key, group) in [("scripts", "console_scripts"), ("gui-scripts", "gui_scripts")] {
        if let Some(points) = table(project, &[key]) {
            push_entry_points(group, points, &mut file.entry_points);
        }
    }
    for (group, points) in table(project, &["entry-points"]).into_iter().flatten().take(MAX_ITEMS) {
        if let Some(points) = points.as_table() {
            push_entry_points(group, points, &mut file.entry_points);
        }
    }
}

fn read_groups(root: &Table, file: &mut ProjectFile) {
    for (_, list) in table(root, &["dependency-groups"]).into_iter().flatten().take(MAX_ITEMS) {
        push_requirements(&string_items(list), Scope::File, &mut file.requirements);
    }
}

fn read_poetry(root: &Table, file: &mut ProjectFile) {
    let Some(poetry) = table(root, &["tool", "poetry"]) else { return };
    file.name = file.name.take().or_else(|| string(poetry, "name"));
    file.version = file.version.take().or_else(|| string(poetry, "version"));
    for (name, value) in table(poetry, &["dependencies"]).into_iter().flatten().take(MAX_ITEMS) {
        if name != "python" {
            file.requirements.extend(poetry_requirement(name, value));
        }
    }
    if let Some(scripts) = table(poetry, &["scripts"]) {
        push_entry_points("console_scripts", scripts, &mut file.entry_points);
    }
    for (group, points) in table(poetry, &["plugins"]).into_iter().flatten().take(MAX_ITEMS) {
        if let Some(points) = points.as_table() {
            push_entry_points(group, points, &mut file.entry_points);
        }
    }
    for package in tables(poetry, "packages") {
        file.source_folders.extend(string(package, "from"));
        file.top_level.extend(string(package, "include").as_deref().and_then(first_name));
    }
    file.indexes.extend(tables(poetry, "source").filter_map(|s| Some(("poetry", string(s, "url")?))));
}

/// `name = "^1"`, `name = {git = "..."}`, `name = {url = "..."}`.
fn poetry_requirement(name: &str, value: &Value) -> Option<Requirement> {
    let text = match value {
        Value::String(specifier) => format!("{name} {specifier}"),
        Value::Table(parts) => match (string(parts, "git"), string(parts, "url")) {
            (Some(git), _) => format!("{name} @ git+{git}"),
            (None, Some(url)) => format!("{name} @ {url}"),
            (None, None) => format!("{name} {}", string(parts, "version").unwrap_or_default()),
        },
        _ => name.to_owned(),
    };
    parse_requirement(&text)
}

fn read_setuptools(root: &Table, file: &mut ProjectFile) {
    let Some(setuptools) = table(root, &["tool", "setuptools"]) else { return };
    file.top_level.extend(strings(setuptools, "py-modules").iter().filter_map(|m| first_name(m)));
    file.top_level.extend(strings(setuptools, "packages").iter().filter_map(|p| first_name(p)));
    file.script_files.extend(strings(setuptools, "script-files"));
    for (package, folder) in table(setuptools, &["package-dir"]).into_iter().flatten().take(MAX_ITEMS) {
        if package.is_empty() {
            file.source_folders.extend(folder.as_str().map(str::to_owned));
        }
    }
    if let Some(find) = table(setuptools, &["packages", "find"]) {
        file.source_folders.extend(strings(find, "where"));
    }
}

fn read_other_tools(root: &Table, file: &mut ProjectFile) {
    for path in [&["tool", "hatch", "build", "targets", "wheel"][..], &["tool", "hatch", "build"][..]] {
        let Some(hatch) = table(root, path) else { continue };
        for package in strings(hatch, "packages") {
            push_package_path(&package, file);
        }
        file.source_folders.extend(strings(hatch, "sources"));
    }
    for (path, key) in [
        (&["tool", "flit", "module"][..], "name"),
        (&["tool", "flit", "metadata"][..], "module"),
        (&["tool", "uv", "build-backend"][..], "module-name"),
    ] {
        let name = table(root, path).and_then(|t| string(t, key));
        file.top_level.extend(name.as_deref().and_then(first_name));
    }
    if let Some(pdm) = table(root, &["tool", "pdm", "build"]) {
        file.source_folders.extend(string(pdm, "package-dir"));
    }
    if let Some(maturin) = table(root, &["tool", "maturin"]) {
        file.source_folders.extend(string(maturin, "python-source"));
    }
    for (tool, path, key) in [("uv", &["tool", "uv"][..], "index"), ("pdm", &["tool", "pdm"][..], "source")] {
        let sources = table(root, path).into_iter().flat_map(|t| tables(t, key));
        file.indexes.extend(sources.filter_map(|s| Some((tool, string(s, "url")?))));
    }
}

/// `src/name` is a package `name` in the folder `src`.
fn push_package_path(path: &str, file: &mut ProjectFile) {
    let path = path.trim_matches('/');
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    file.source_folders.extend((!folder.is_empty()).then(|| folder.to_owned()));
    file.top_level.extend(first_name(name));
}

/// The first name of a dotted module or of a path; `None` for patterns and for nothing.
pub(crate) fn first_name(module: &str) -> Option<String> {
    let first = module.trim().split(['.', '/']).next()?;
    (!first.is_empty() && !first.contains(['*', '?', ' '])).then(|| first.to_owned())
}

pub(crate) fn push_requirements(texts: &[String], scope: Scope, requirements: &mut Vec<Requirement>) {
    let read = texts.iter().filter_map(|text| parse_requirement(text));
    requirements.extend(read.map(|requirement| Requirement { scope, ..requirement }));
}

fn push_entry_points(group: &str, points: &Table, entry_points: &mut Vec<EntryPoint>) {
    for (name, value) in points.iter().take(MAX_ITEMS) {
        let reference = match value {
            Value::String(reference) => Some(reference.clone()),
            Value::Table(table) => string(table, "callable").or_else(|| string(table, "reference")),
            _ => None,
        };
        entry_points.extend(reference.map(|reference| EntryPoint::new(group, name, &reference)));
    }
}

/// The table at a path of keys.
pub(crate) fn table<'t>(root: &'t Table, path: &[&str]) -> Option<&'t Table> {
    path.iter().try_fold(root, |table, key| table.get(*key)?.as_table())
}

/// A string value.
pub(crate) fn string(table: &Table, key: &str) -> Option<String> {
    table.get(key)?.as_str().map(str::to_owned)
}

/// The strings of a list value; a single string is a list of one.
pub(crate) fn strings(table: &Table, key: &str) -> Vec<String> {
    table.get(key).map(string_items).unwrap_or_default()
}

fn string_items(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => {
            items.iter().take(MAX_ITEMS).filter_map(|i| i.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

/// The tables of a list value.
fn tables<'t>(table: &'t Table, key: &str) -> impl Iterator<Item = &'t Table> {
    table.get(key).and_then(Value::as_array).into_iter().flatten().take(MAX_ITEMS).filter_map(Value::as_table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_project_is_read() {
        let file = parse_pyproject(
            r#"
            [build-system]
            requires = ["setuptools>=61", "x @ https://h.example/x.zip"]
            build-backend = "backend:main"
            backend-path = ["."]
            [project]
            name = "demo"
            version = "1.0"
            dependencies = ["other>=1"]
            [project.optional-dependencies]
            more = ["third"]
            [project.scripts]
            demo = "demo.cli:main"
            [project.entry-points.pytest11]
            demo = "demo.plugin"
            [tool.setuptools]
            py-modules = ["single"]
            [tool.setuptools.packages.find]
            where = ["source"]
            "#,
        );
        assert_eq!(file.name.as_deref(), Some("demo"));
        assert_eq!(file.build_backend.as_deref(), Some("backend:main"));
        let scopes: Vec<_> = file.requirements.iter().map(|r| (r.name.as_str(), r.scope)).collect();
        assert_eq!(
            scopes,
            [
                ("setuptools", Scope::Build),
                ("x", Scope::Build),
                ("other", Scope::Runtime),
                ("third", Scope::Extra)
            ]
        );
        assert_eq!(file.entry_points.len(), 2);
        assert_eq!(file.top_level, ["single"]);
        assert_eq!(file.source_folders, ["source"]);
    }

    #[test]
    fn only_a_backend_with_a_format_of_its_own_passes_the_setup_script_by() {
        let passes = |text: &str| parse_pyproject(text).passes_setup_script_by;
        let with = |backend: &str, more: &str| {
            format!("[build-system]\nrequires = [\"x\"]\nbuild-backend = \"{backend}\"\n{more}\n")
        };
        for backend in ["hatchling.build", "poetry.core.masonry.api", "flit_scm:buildapi", "mesonpy"] {
            assert!(passes(&with(backend, "")), "{backend}");
        }
        for backend in ["setuptools.build_meta", "setuptools.build_meta:__legacy__", "own.backend", ""] {
            assert!(!passes(&with(backend, "")), "{backend}");
        }
        assert!(!passes(""));
        assert!(!passes("[build-system]\nrequires = [\"hatchling\"]"));
        assert!(!passes("[build-system]\nbuild-backend = \"hatchling.build\""), "a frontend refuses it");
        assert!(!passes(&with("hatchling.build", "backend-path = [\".\"]")));
        assert!(!passes(&with("hatchling.build", "[tool.hatch.build.hooks.custom]")));
        assert!(!passes(&with("hatchling.build", "[broken")));
        assert!(!passes(&with("hatchling.build", "").replace("\"x\"", "\"x @ https://h.example/x.zip\"")));
        for mark in ["\u{feff}", "\u{feff}\u{feff}", "# \u{fffd}\n"] {
            assert!(!passes(&format!("{mark}{}", with("hatchling.build", ""))));
        }
    }

    #[test]
    fn a_poetry_project_is_read() {
        let file = parse_pyproject(
            r#"
            [tool.poetry]
            name = "demo"
            version = "1.0"
            packages = [{ include = "demo", from = "lib" }]
            [tool.poetry.dependencies]
            python = "^3.9"
            a = "^1.0"
            b = { git = "https://h.example/b.git" }
            [[tool.poetry.source]]
            name = "second"
            url = "https://i.example/simple"
            "#,
        );
        assert_eq!(file.requirements.len(), 2);
        assert!(file.requirements[1].is_vcs());
        assert_eq!(file.source_folders, ["lib"]);
        assert_eq!(file.indexes, [("poetry", "https://i.example/simple".to_owned())]);
    }

    #[test]
    fn text_that_is_no_toml_is_a_problem_not_a_failure() {
        let file = parse_pyproject("[project\nname = ");
        assert!(file.problem.is_some());
        assert_eq!(file.name, None);
        let nested = "a = ".to_owned() + &"[".repeat(100_000);
        assert!(parse_pyproject(&nested).problem.is_some());
    }
}
