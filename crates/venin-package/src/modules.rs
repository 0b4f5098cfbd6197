//! The map between dotted module names and members, for resolving imports inside the artifact.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use venin_model::MemberPath;

use crate::layout::Layout;
use crate::package::PackageKind;
use crate::path::{base_name, folder, is_nested, is_python_source, is_side_folder};

/// Dotted module names and the members that hold them.
///
/// A package is named by its folder and held by its `__init__`.  Where one name has several members, the order is
/// the importer's: extension module, source, bytecode.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModuleMap {
    by_name: BTreeMap<String, Vec<MemberPath>>,
    by_member: FxHashMap<MemberPath, String>,
}

impl ModuleMap {
    /// Every member of a module, the one that the importer takes first.
    #[must_use]
    pub fn members(&self, module: &str) -> &[MemberPath] {
        self.by_name.get(module).map_or(&[], Vec::as_slice)
    }

    /// The member that the importer takes for a module.
    #[must_use]
    pub fn member(&self, module: &str) -> Option<&MemberPath> {
        self.members(module).first()
    }

    /// The dotted name of the module that a member holds.
    #[must_use]
    pub fn name(&self, member: &str) -> Option<&str> {
        self.by_member.get(member).map(String::as_str)
    }

    /// Whether the member is the `__init__` of a package.
    #[must_use]
    pub fn is_package(&self, member: &str) -> bool {
        self.by_member.contains_key(member) && crate::layout::is_init(member)
    }

    /// Name and members of every module, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[MemberPath])> {
        self.by_name.iter().map(|(name, members)| (name.as_str(), members.as_slice()))
    }

    /// How many modules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The members that run when a dotted name is imported: each package on the way, then the module.
    ///
    /// A name whose last parts are attributes, as in `from a.b import attribute`, resolves to the longest known prefix.
    #[must_use]
    pub fn resolve(&self, dotted: &str) -> Vec<&MemberPath> {
        const MAX_PARTS: usize = 32;
        let ends = dotted.match_indices('.').map(|(at, _)| at).take(MAX_PARTS).chain([dotted.len()]);
        ends.filter_map(|end| self.member(dotted.get(..end)?)).collect()
    }

    fn insert(&mut self, name: String, member: &MemberPath) {
        let members = self.by_name.entry(name.clone()).or_default();
        let at = members.partition_point(|m| suffix_rank(m) <= suffix_rank(member));
        members.insert(at, member.clone());
        self.by_member.insert(member.clone(), name);
    }

    /// Names every Python member below the source roots; the longest fitting root counts.
    pub(crate) fn new(layout: &Layout<'_>, roots: &[String]) -> Self {
        let mut map = Self::default();
        for file in &layout.files {
            if is_nested(file.rel) || file.rel.contains(".dist-info/") || file.rel.contains(".egg-info/") {
                continue;
            }
            let Some(below) = below_root(file.rel, roots) else { continue };
            let name = match layout.base_package.as_deref().filter(|_| below == file.rel) {
                Some(package) => module_name(&format!("{package}/{below}")),
                None => module_name(below),
            };
            if let Some(name) = name {
                map.insert(name, &file.entry.path);
            }
        }
        map
    }
}

/// The path below the longest source root that it lies in.
pub(crate) fn below_root<'p>(rel: &'p str, roots: &[String]) -> Option<&'p str> {
    roots.iter().filter_map(|root| rel.strip_prefix(root.as_str())).min_by_key(|rest| rest.len())
}

/// The dotted name for a path below a source root; `None` for what no importer takes.
pub(crate) fn module_name(path: &str) -> Option<String> {
    let file = base_name(path);
    let (stem, suffix) = file.split_once('.')?;
    let last = suffix.rsplit('.').next().unwrap_or(suffix);
    let is_tagged = suffix != last && !matches!(last, "so" | "pyd" | "pyc");
    if stem.is_empty() || is_tagged || !matches!(last, "py" | "pyw" | "pyc" | "so" | "pyd") {
        return None;
    }
    let parent = folder(path);
    let parent = parent.strip_suffix("__pycache__/").unwrap_or(parent).trim_end_matches('/');
    let mut name = parent.replace('/', ".");
    if stem != "__init__" {
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(stem);
    }
    (!name.is_empty()).then_some(name)
}

/// The importer's order of preference.
fn suffix_rank(path: &str) -> u8 {
    if path.ends_with(".so") || path.ends_with(".pyd") {
        0
    } else if is_python_source(path) {
        1
    } else {
        2 + u8::from(path.contains("__pycache__/"))
    }
}

/// Where import packages lie, as prefixes below the base, each with its slash; the base itself is the empty prefix.
///
/// For an sdist these are the folders its own files declare, those that hold the names of `top_level.txt`, those
/// beside an `.egg-info`, and a `src` folder that is no package.
pub(crate) fn source_roots(layout: &Layout<'_>, declared: &[String], top_level: &[String]) -> Vec<String> {
    let mut roots = vec![String::new()];
    if layout.kind == PackageKind::Wheel || layout.kind == PackageKind::Tree {
        let data_folders = layout.dist_infos.iter().filter_map(|i| i.strip_suffix(".dist-info"));
        roots.extend(
            data_folders.flat_map(|i| ["purelib", "platlib"].map(|kind| format!("{i}.data/{kind}/"))),
        );
    }
    if matches!(layout.kind, PackageKind::Wheel | PackageKind::Egg | PackageKind::File) {
        return roots;
    }
    roots.extend(
        declared.iter().filter(|d| !d.is_empty() && *d != ".").map(|d| format!("{}/", d.trim_matches('/'))),
    );
    let beside_infos = layout.egg_infos.iter().map(|info| folder(info.trim_end_matches('/')));
    roots.extend(beside_infos.filter(|parent| !parent.split('/').any(is_side_folder)).map(str::to_owned));
    roots.extend(
        ["src/", "lib/", "python/"].into_iter().filter(|r| is_plain_folder(layout, r)).map(str::to_owned),
    );
    roots.extend(roots_of_top_levels(layout, top_level));
    roots.retain(|root| root.is_empty() || !layout.is_package(root.trim_end_matches('/')));
    roots.sort();
    roots.dedup();
    roots
}

/// A folder that holds packages or modules and is no package itself.
fn is_plain_folder(layout: &Layout<'_>, root: &str) -> bool {
    !layout.is_package(root.trim_end_matches('/'))
        && layout.files.iter().any(|f| {
            f.rel
                .strip_prefix(root)
                .is_some_and(|rest| is_python_source(rest) && rest.matches('/').count() <= 4)
        })
}

/// The shallowest folder in which each declared top-level name is found.
fn roots_of_top_levels(layout: &Layout<'_>, top_level: &[String]) -> Vec<String> {
    const MAX_NAMES: usize = 64;
    let mut best: FxHashMap<&str, &str> = FxHashMap::default();
    let wanted: FxHashMap<&str, ()> = top_level.iter().take(MAX_NAMES).map(|n| (n.as_str(), ())).collect();
    for file in layout.files.iter().filter(|f| is_python_source(f.rel) && !is_nested(f.rel)) {
        let held = folder(file.rel);
        let (name, root) = if crate::layout::is_init(file.rel) {
            let package = held.trim_end_matches('/');
            (base_name(package), folder(package))
        } else {
            (crate::path::stem(file.rel), held)
        };
        let Some((name, ())) = wanted.get_key_value(name) else { continue };
        let known = best.entry(name).or_insert(root);
        if (root.matches('/').count(), root.len()) < (known.matches('/').count(), known.len()) {
            *known = root;
        }
    }
    best.into_values().filter(|root| root.matches('/').count() <= 3).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemberEntry;

    fn map(paths: &[&str], declared: &[&str], top: &[&str]) -> ModuleMap {
        let members: Vec<MemberEntry> =
            paths.iter().map(|p| MemberEntry { path: (*p).into(), size: 1, sha256: None }).collect();
        let layout = Layout::new("a-1.tar.gz", &members);
        let own = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        ModuleMap::new(&layout, &source_roots(&layout, &own(declared), &own(top)))
    }

    #[test]
    fn a_src_folder_is_a_source_root_and_a_package_named_src_is_not() {
        let modules = map(&["a-1/PKG-INFO", "a-1/src/a/__init__.py", "a-1/src/a/b.py"], &[], &[]);
        assert_eq!(modules.member("a.b").map(|m| &**m), Some("a-1/src/a/b.py"));
        assert_eq!(modules.name("a-1/src/a/__init__.py"), Some("a"));
        let modules = map(&["a-1/PKG-INFO", "a-1/src/__init__.py", "a-1/src/b.py"], &[], &[]);
        assert!(modules.member("src.b").is_some());
    }

    #[test]
    fn the_folder_of_a_package_is_the_package() {
        let paths = ["__init__.py", "_x.py", "sub/__init__.py"];
        let members: Vec<MemberEntry> =
            paths.iter().map(|p| MemberEntry { path: (*p).into(), size: 1, sha256: None }).collect();
        for (folder, package) in [("lib/demo", "demo"), ("demo-1.0", "package"), (".", "package")] {
            let layout = Layout::new(folder, &members);
            let modules = ModuleMap::new(&layout, &source_roots(&layout, &[], &[]));
            assert_eq!(modules.name("__init__.py"), Some(package), "{folder}");
            assert_eq!(modules.name("_x.py"), Some(&*format!("{package}._x")), "{folder}");
            assert_eq!(modules.name("sub/__init__.py"), Some(&*format!("{package}.sub")), "{folder}");
        }
        let beside_setup = map(&["a-1/setup.py", "a-1/__init__.py", "a-1/b.py"], &[], &[]);
        assert_eq!(beside_setup.name("a-1/b.py"), Some("b"));
    }

    #[test]
    fn a_declared_name_shows_where_the_packages_lie() {
        let modules = map(&["a-1/PKG-INFO", "a-1/odd/place/a/__init__.py"], &[], &["a"]);
        assert!(modules.member("a").is_some());
        let modules = map(&["a-1/PKG-INFO", "a-1/code/a/__init__.py"], &["code"], &[]);
        assert!(modules.member("a").is_some());
    }

    #[test]
    fn data_folders_of_a_wheel_are_source_roots() {
        let modules = map(&["a-1.dist-info/METADATA", "a-1.data/purelib/a/x.py", "b.py"], &[], &[]);
        assert_eq!(modules.member("a.x").map(|m| &**m), Some("a-1.data/purelib/a/x.py"));
        assert!(modules.member("b").is_some());
    }

    #[test]
    fn module_names_follow_the_importer() {
        let cases = [
            ("a/__init__.py", Some("a")),
            ("a/b.cpython-312-x86_64-linux-gnu.so", Some("a.b")),
            ("a/__pycache__/c.cpython-312.pyc", Some("a.c")),
            ("a/d.pyw", Some("a.d")),
            ("a/e.txt", None),
            ("a/f.tar.py", None),
            ("__init__.py", None),
            ("a/libx.so.1", None),
        ];
        for (path, name) in cases {
            assert_eq!(module_name(path).as_deref(), name, "{path}");
        }
    }

    #[test]
    fn importing_a_module_runs_every_package_on_the_way() {
        let modules = map(&["a-1/PKG-INFO", "a-1/a/__init__.py", "a-1/a/b/c.py"], &[], &[]);
        let run: Vec<&str> = modules.resolve("a.b.c.attribute").into_iter().map(|m| &**m).collect();
        assert_eq!(run, ["a-1/a/__init__.py", "a-1/a/b/c.py"]);
    }
}
