//! What kind of artifact a member list is, and where its project lies, by content and never by file name.
//!
//! The project's base is the folder of the shallowest marker (`PKG-INFO`, `setup.py`, `X.dist-info/`, ...), so that
//! an sdist's root folder, a wheel inside a tarball and an unpacked site-packages are all read the same way.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::MemberEntry;
use crate::filename::has_archive_suffix;
use crate::package::PackageKind;
use crate::path::{base_name, depth, folder, is_nested, without_lead};

/// Most candidates for the project's base that are compared.
const MAX_CANDIDATES: usize = 16;

/// A member below the base.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'m> {
    /// The path below the base.
    pub rel: &'m str,
    /// The member.
    pub entry: &'m MemberEntry,
}

/// The members seen from the project's base.
#[derive(Debug)]
pub(crate) struct Layout<'m> {
    /// What the artifact is.
    pub kind: PackageKind,
    /// The members below the base, in artifact order.
    pub files: Vec<File<'m>>,
    /// Top-level `X.dist-info` folders, without the slash, in order of appearance.
    pub dist_infos: Vec<&'m str>,
    /// `X.egg-info` folders anywhere in the first three levels, with their slash.
    pub egg_infos: Vec<&'m str>,
    /// The name of the package whose own folder this is: a tree with an `__init__` module at its base.
    pub base_package: Option<String>,
    /// Folders that hold an `__init__` module, without the slash.
    packages: FxHashSet<&'m str>,
    index: FxHashMap<&'m str, usize>,
}

impl<'m> Layout<'m> {
    /// Looks at a member list.
    pub(crate) fn new(file_name: &str, members: &'m [MemberEntry]) -> Self {
        let paths: Vec<&'m str> = members.iter().map(|m| without_lead(&m.path)).collect();
        let base = find_base(&paths);
        let below = paths.iter().zip(members).filter(|(path, _)| !is_clutter(path));
        let files: Vec<File<'m>> =
            below.filter_map(|(path, entry)| Some(File { rel: path.strip_prefix(base)?, entry })).collect();
        let mut layout = Self {
            kind: PackageKind::Archive,
            dist_infos: info_folders(&files, ".dist-info", 1)
                .into_iter()
                .map(|f| f.trim_end_matches('/'))
                .collect(),
            egg_infos: info_folders(&files, ".egg-info", 3),
            base_package: None,
            packages: files
                .iter()
                .filter(|f| is_init(f.rel))
                .map(|f| folder(f.rel).trim_end_matches('/'))
                .collect(),
            index: files.iter().enumerate().map(|(at, f)| (f.rel, at)).collect(),
            files,
        };
        layout.kind = layout.find_kind(file_name, members);
        layout.base_package = layout.find_base_package(file_name);
        layout
    }

    /// The member at a path below the base.
    pub(crate) fn get(&self, rel: &str) -> Option<File<'m>> {
        self.index.get(rel).and_then(|at| self.files.get(*at)).copied()
    }

    /// Whether there is one.
    pub(crate) fn has(&self, rel: &str) -> bool {
        self.index.contains_key(rel)
    }

    /// Whether the folder (no trailing slash) is a regular package.
    pub(crate) fn is_package(&self, folder: &str) -> bool {
        self.packages.contains(folder)
    }

    /// The name of a package whose folder is looked at without what holds it.  Its own modules import each other relative to
    /// it; by which name others import it, the folder's name says if it can be one.
    fn find_base_package(&self, file_name: &str) -> Option<String> {
        let is_package = self.files.iter().any(|file| !file.rel.contains('/') && is_init(file.rel));
        if self.kind != PackageKind::Tree || !is_package {
            return None;
        }
        let name = base_name(file_name.trim_end_matches('/'));
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let can_be_imported = !name.is_empty() && name.chars().all(is_name);
        Some(if can_be_imported { name } else { "package" }.to_owned())
    }

    fn find_kind(&self, file_name: &str, members: &[MemberEntry]) -> PackageKind {
        if let [only] = members
            && base_name(&only.path) == base_name(file_name)
        {
            return PackageKind::File;
        }
        let is_wheel_info =
            |info: &&&str| self.has(&format!("{info}/WHEEL")) || self.has(&format!("{info}/RECORD"));
        let has_build_files = self.has("setup.py") || self.has("pyproject.toml") || self.has("PKG-INFO");
        let has_wheel_info = self.dist_infos.iter().any(|info| is_wheel_info(&info));
        if self.dist_infos.len() > 1 && !has_archive_suffix(file_name) {
            PackageKind::Tree
        } else if !self.dist_infos.is_empty() && !self.has("PKG-INFO") && (has_wheel_info || !has_build_files)
        {
            PackageKind::Wheel
        } else if self.has("EGG-INFO/PKG-INFO") {
            PackageKind::Egg
        } else if has_build_files || self.has("setup.cfg") {
            PackageKind::Sdist
        } else if has_archive_suffix(file_name) {
            PackageKind::Archive
        } else {
            PackageKind::Tree
        }
    }
}

/// Whether the member is the `__init__` of a package: source, bytecode or extension module.
pub(crate) fn is_init(rel: &str) -> bool {
    let name = base_name(rel);
    name.strip_prefix("__init__.").is_some_and(|rest| {
        matches!(rest, "py" | "pyw" | "pyc" | "pyd")
            || rest.ends_with(".so")
            || rest == "so"
            || rest.ends_with(".pyd")
    })
}

/// Resource forks and the like, which some systems add to archives.
fn is_clutter(path: &str) -> bool {
    path.starts_with("__MACOSX/") || base_name(path).starts_with("._") || path.ends_with("/.DS_Store")
}

/// Folders with this suffix in the first `levels` levels, with their slash, in order of appearance.
fn info_folders<'m>(files: &[File<'m>], suffix: &str, levels: usize) -> Vec<&'m str> {
    let mut seen = FxHashSet::default();
    let mut found = Vec::new();
    for file in files {
        let Some(end) = info_end(file.rel, suffix) else { continue };
        let Some(folder) = file.rel.get(..end) else { continue };
        if depth(folder) <= levels && !is_nested(folder) && seen.insert(folder) {
            found.push(folder);
        }
    }
    found
}

/// The offset behind `X.dist-info/` in a path that has such a folder.
fn info_end(path: &str, suffix: &str) -> Option<usize> {
    let at = path.find(suffix)? + suffix.len();
    path.get(at..)?.starts_with('/').then_some(at + 1)
}

/// The folder, with its separator, in which the project lies.
fn find_base<'m>(paths: &[&'m str]) -> &'m str {
    let paths: Vec<&'m str> = paths.iter().copied().filter(|p| !is_clutter(p)).collect();
    let candidates = marker_folders(&paths);
    let best = candidates.iter().map(|base| (paths.iter().filter(|p| p.starts_with(base)).count(), base));
    match best.max_by_key(|(count, base)| (*count, std::cmp::Reverse(base.len()))) {
        Some((count, base)) if count * 2 >= paths.len() => base,
        _ => common_folder(&paths),
    }
}

/// The folders of the shallowest markers.
fn marker_folders<'m>(paths: &[&'m str]) -> Vec<&'m str> {
    let mut shallowest = usize::MAX;
    let mut found: Vec<&'m str> = Vec::new();
    for path in paths {
        let Some(base) = marker_base(path) else { continue };
        let level = depth(base);
        if level < shallowest {
            shallowest = level;
            found.clear();
        }
        if level == shallowest && found.len() < MAX_CANDIDATES && !found.contains(&base) {
            found.push(base);
        }
    }
    found
}

/// The project folder that this path marks.
fn marker_base(path: &str) -> Option<&str> {
    if matches!(base_name(path), "PKG-INFO" | "setup.py" | "pyproject.toml" | "setup.cfg") {
        let folder = folder(path);
        let is_info = folder.ends_with(".egg-info/") || folder.ends_with("EGG-INFO/");
        return if is_info { Some(self::folder(folder.trim_end_matches('/'))) } else { Some(folder) };
    }
    let end = info_end(path, ".dist-info")?;
    Some(folder(path.get(..end - 1)?))
}

/// The folder that all paths share, unless it is a package itself.
fn common_folder<'m>(paths: &[&'m str]) -> &'m str {
    let Some(first) = paths.first() else { return "" };
    let Some(end) = first.find(['/', '!']).map(|at| at + 1) else { return "" };
    let Some(prefix) = first.get(..end) else { return "" };
    let is_shared = paths.iter().all(|p| p.starts_with(prefix));
    let is_package =
        paths.iter().any(|p| p.strip_prefix(prefix).is_some_and(|rest| depth(rest) == 0 && is_init(rest)));
    if is_shared && !is_package { prefix } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(paths: &[&str]) -> Vec<MemberEntry> {
        paths.iter().map(|p| MemberEntry { path: (*p).into(), size: 1, sha256: None }).collect()
    }

    #[test]
    fn the_kind_follows_the_content_whatever_the_name() {
        use PackageKind::{Archive, Egg, File, Sdist, Tree, Wheel};
        let cases: &[(&str, &[&str], PackageKind)] = &[
            ("a-1.tar.gz", &["a-1/PKG-INFO", "a-1/setup.py", "a-1/a.py"], Sdist),
            ("a-1.tar.gz", &["a-1/setup.py"], Sdist),
            ("a-1.tar.gz", &["./a-1/pyproject.toml", "./a-1/a.py"], Sdist),
            ("a-1.tar.gz", &["a/__init__.py", "a-1.dist-info/METADATA"], Wheel),
            ("a-1.tar.gz", &["x/a/__init__.py", "x/a-1.dist-info/WHEEL", "x/setup.py"], Wheel),
            ("a-1.zip", &["a-1-py3-none-any.whl!a.py", "a-1-py3-none-any.whl!a-1.dist-info/METADATA"], Wheel),
            ("a-1-py3-none-any.whl", &["a-1/setup.py", "a-1/PKG-INFO"], Sdist),
            ("a.zip", &["a/__init__.py", "EGG-INFO/PKG-INFO"], Egg),
            ("a.zip", &["a/readme.txt", "a/x.py"], Archive),
            ("evil.py", &["evil.py"], File),
            ("folder", &["x.py", "y.py"], Tree),
            ("lib", &["a.py", "a-1.dist-info/RECORD", "b-1.dist-info/RECORD"], Tree),
        ];
        for (name, paths, kind) in cases {
            assert_eq!(Layout::new(name, &members(paths)).kind, *kind, "{name} {paths:?}");
        }
    }

    #[test]
    fn the_root_folder_is_stripped_but_a_package_is_not() {
        let list = members(&["a-1/PKG-INFO", "a-1/src/a/__init__.py"]);
        assert!(Layout::new("a-1.tar.gz", &list).has("src/a/__init__.py"));
        let list = members(&["pkg/__init__.py", "pkg/x.py"]);
        assert!(Layout::new("a.zip", &list).has("pkg/x.py"));
    }

    #[test]
    fn a_marker_deep_in_a_test_folder_is_not_the_base() {
        let list = members(&["a/x.py", "a/y.py", "a/z.py", "a/tests/data/setup.py"]);
        assert!(Layout::new("a.zip", &list).has("x.py"));
    }

    #[test]
    fn a_stray_file_beside_the_root_folder_does_not_hide_the_project() {
        let list = members(&["note.txt", "a-1/setup.py", "a-1/a.py", "__MACOSX/._a-1"]);
        let layout = Layout::new("a-1.zip", &list);
        assert!(layout.has("setup.py"));
        assert_eq!(layout.kind, PackageKind::Sdist);
    }
}
