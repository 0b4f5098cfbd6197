//! Which modules a plain `import` reaches once the release is installed.
//!
//! A wheel says it by its layout.  An sdist says it by what it declares, and otherwise by convention: packages at
//! the base that are no tests or documents, everything below a source folder, and single modules named as the project.

use venin_model::MemberPath;

use crate::layout::{Layout, is_init};
use crate::modules::{ModuleMap, module_name};
use crate::package::PackageKind;
use crate::path::{base_name, folder, has_extension, is_nested, is_side_folder, lists, stem};
use crate::requirement::normalize_name;

/// Deepest folder whose modules count as importable when no folder above them is a regular package.
const MAX_NAMESPACE_DEPTH: usize = 5;

/// A module that an import of the release reaches first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Importable {
    pub member: MemberPath,
    pub module: String,
}

/// The question's fixed parts.
pub(crate) struct Surroundings<'a> {
    pub layout: &'a Layout<'a>,
    pub modules: &'a ModuleMap,
    /// Prefixes below the base under which modules lie.
    pub source_roots: &'a [String],
    /// First names that the release declares.
    pub declared: &'a [String],
    /// The project's name.
    pub project: Option<&'a str>,
}

impl Surroundings<'_> {
    /// Every importable top-level module or package, in artifact order.
    pub(crate) fn importables(&self) -> Vec<Importable> {
        if self.is_uninstallable() {
            return Vec::new();
        }
        let found: Vec<Importable> = self.units(Self::is_installed);
        if !found.is_empty() || self.is_strict() {
            return found;
        }
        // Nothing follows a convention, so whatever lies at the base is taken for what is meant to be imported.
        let mut found =
            self.units(|_, root, below| root.is_empty() && !below.contains('/') && !is_tool_module(below));
        let base_init = self.layout.get("__init__.py").map(|f| f.entry.path.clone());
        found.extend(base_init.map(|member| Importable { member, module: "__init__".to_owned() }));
        found
    }

    /// Whether everything below the source roots is installed as it lies.
    pub(crate) fn is_strict(&self) -> bool {
        matches!(self.layout.kind, PackageKind::Wheel | PackageKind::Egg) || self.layout.dist_infos.len() > 1
    }

    /// Whether no installer can make anything of the release: a source distribution that says nowhere how it is built.
    fn is_uninstallable(&self) -> bool {
        let has = |name| self.layout.get(name).is_some();
        self.layout.kind == PackageKind::Sdist
            && !has("setup.py")
            && !has("pyproject.toml")
            && !has("setup.cfg")
    }

    fn units(&self, accepts: impl Fn(&Self, &str, &str) -> bool) -> Vec<Importable> {
        let mut found = Vec::new();
        for file in &self.layout.files {
            if is_nested(file.rel) || file.rel.contains(".dist-info/") || file.rel.contains(".egg-info/") {
                continue;
            }
            let Some((root, below)) = self.split_root(file.rel) else { continue };
            let Some(module) = module_name(below).filter(|_| self.is_unit(root, below)) else { continue };
            let is_shadowed =
                has_extension(below, "pyc") && self.modules.member(&module) != Some(&file.entry.path);
            if !is_shadowed && accepts(self, root, below) {
                found.push(Importable { member: file.entry.path.clone(), module });
            }
        }
        found
    }

    /// The longest source root that the path lies in, and the rest.
    pub(crate) fn split_root<'p>(&self, rel: &'p str) -> Option<(&'p str, &'p str)> {
        let longest =
            self.source_roots.iter().filter(|root| rel.starts_with(root.as_str())).map(String::len).max()?;
        rel.split_at_checked(longest)
    }

    /// A package's `__init__` or a module that no regular package encloses.
    fn is_unit(&self, root: &str, below: &str) -> bool {
        let parent = folder(below).trim_end_matches('/');
        let enclosing = if is_init(below) { folder(parent).trim_end_matches('/') } else { parent };
        let mut prefixes = enclosing.match_indices('/').map(|(at, _)| at).chain([enclosing.len()]);
        let is_enclosed = !enclosing.is_empty()
            && prefixes.any(|end| {
                enclosing.get(..end).is_some_and(|p| self.layout.is_package(&format!("{root}{p}")))
            });
        !is_enclosed && stem(below) != "__main__" && below.matches('/').count() <= MAX_NAMESPACE_DEPTH
    }

    /// Whether the unit gets installed, as far as can be told.
    fn is_installed(&self, root: &str, below: &str) -> bool {
        let first = below.split('/').next().unwrap_or(below);
        let name = first.split('.').next().unwrap_or(first);
        if self.is_strict() {
            return !first.ends_with(".data") && name != "conftest";
        }
        if self.declared.iter().any(|d| d == name) || self.is_project_name(name) {
            return !is_tool_module(below);
        }
        let is_module = !below.contains('/');
        if is_module {
            return !root.is_empty() && !is_tool_module(below);
        }
        !is_side_folder(name)
            && is_identifier(first)
            && (!root.is_empty() || (is_init(below) && below.matches('/').count() == 1))
    }

    fn is_project_name(&self, name: &str) -> bool {
        let Some(project) = self.project.map(normalize_name) else { return false };
        let name = normalize_name(name);
        project == name || project.split('-').next() == Some(name.as_str()) && project.contains('-')
    }
}

fn is_identifier(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Single modules at the base that tools run and nobody installs.
fn is_tool_module(below: &str) -> bool {
    const TOOLS: &str = "setup conftest noxfile tasks fabfile versioneer ez_setup distribute_setup dodo hatch_build \
        pavement wscript get-pip bootstrap runtests conanfile dev release";
    let name = stem(base_name(below));
    !below.contains('/') && (lists(TOOLS, name) || name.starts_with("test_") || name.ends_with("_test"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemberEntry;
    use crate::modules::source_roots;

    fn importables(file: &str, paths: &[&str], declared: &[&str], project: &str) -> Vec<String> {
        let members: Vec<MemberEntry> =
            paths.iter().map(|p| MemberEntry { path: (*p).into(), size: 1, sha256: None }).collect();
        let layout = Layout::new(file, &members);
        let declared: Vec<String> = declared.iter().map(|d| (*d).to_owned()).collect();
        let roots = source_roots(&layout, &[], &declared);
        let modules = ModuleMap::new(&layout, &roots);
        let surroundings = Surroundings {
            layout: &layout,
            modules: &modules,
            source_roots: &roots,
            declared: &declared,
            project: Some(project),
        };
        surroundings.importables().into_iter().map(|i| i.module).collect()
    }

    #[test]
    fn a_wheel_installs_everything_as_it_lies() {
        let paths = [
            "a/__init__.py",
            "a/b.py",
            "single.py",
            "space/name/__init__.py",
            "space/other.py",
            "setup.py",
            "a-1.data/purelib/more.py",
            "a-1.dist-info/METADATA",
            "a-1.dist-info/RECORD",
            "native.cpython-312-darwin.so",
            "__pycache__/single.cpython-312.pyc",
        ];
        assert_eq!(
            importables("a-1-py3-none-any.whl", &paths, &[], "a"),
            ["a", "single", "space.name", "space.other", "setup", "more", "native"]
        );
    }

    #[test]
    fn tests_and_tools_of_an_sdist_are_not_imported() {
        let paths = [
            "a-1/PKG-INFO",
            "a-1/setup.py",
            "a-1/a/__init__.py",
            "a-1/tests/__init__.py",
            "a-1/docs/conf.py",
            "a-1/helper.py",
            "a-1/versioneer.py",
        ];
        assert_eq!(importables("a-1.tar.gz", &paths, &[], "a"), ["a"]);
        assert_eq!(importables("a-1.tar.gz", &paths, &["helper"], "a"), ["a", "helper"]);
    }

    #[test]
    fn single_modules_count_when_there_is_nothing_else() {
        assert_eq!(importables("a-1.tar.gz", &["a-1/setup.py", "a-1/other.py"], &[], "a"), ["other"]);
        assert_eq!(importables("a-1.tar.gz", &["a-1/setup.py", "a-1/src/a.py", "a-1/x.py"], &[], "z"), ["a"]);
        assert_eq!(importables("a-1.tar.gz", &["a-1/setup.py", "a-1/__init__.py"], &[], "a"), ["__init__"]);
    }

    #[test]
    fn a_source_distribution_that_nothing_builds_installs_no_module() {
        let paths = ["p-1/PKG-INFO", "p-1/p/__init__.py", "p-1/tools/run.py", "p-1/one.py"];
        assert!(importables("p-1.tar.gz", &paths, &[], "p").is_empty());
        let built = ["p-1/PKG-INFO", "p-1/pyproject.toml", "p-1/p/__init__.py", "p-1/one.py"];
        assert_eq!(importables("p-1.tar.gz", &built, &[], "p"), ["p"]);
    }

    #[test]
    fn namespace_packages_below_src_are_found() {
        let paths = ["a-1/PKG-INFO", "a-1/setup.py", "a-1/src/org/a/__init__.py", "a-1/src/org/a/b.py"];
        assert_eq!(importables("a-1.tar.gz", &paths, &["pyproject.toml",], "org-a"), ["org.a"]);
    }
}
