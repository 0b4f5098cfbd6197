//! Trigger roots, and the import closure from them.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use venin_model::{Fact, MemberPath, Site, Trigger, Triggers};

use crate::Package;
use crate::declared::{Declared, Texts};
use crate::entry_points::EntryPoint;
use crate::importable::Surroundings;
use crate::layout::{File, Layout};
use crate::modules::ModuleMap;
use crate::package::PackageKind;
use crate::path::{
    base_name, clean_relative, depth, folder, has_extension, is_nested, is_python_source, lists, stem,
};
use crate::pyproject::ProjectFile;
use crate::pyproject_build::HookTarget;
use crate::shadowed_command::shadowed_command;
use crate::startup::startup_members;

use std::sync::Arc;

/// Most roots of one artifact.
const MAX_ROOTS: usize = 50_000;
/// What a frontend calls on a build backend (PEP 517, PEP 660).
const BACKEND_HOOKS: &str = "get_requires_for_build_wheel prepare_metadata_for_build_wheel build_wheel \
    get_requires_for_build_sdist build_sdist get_requires_for_build_editable \
    prepare_metadata_for_build_editable build_editable";

/// What a test runner calls in its plug-ins.
const TEST_HOOKS: &str = "pytest_*";
/// Groups of entry points that setuptools runs in every build of the environment, whatever project is built.
const BUILD_GROUPS: &str =
    "setuptools.finalize_distribution_options setuptools.file_finders egg_info.writers";
/// Why a `conftest.py` runs.
const TEST_CONFIGURATION: &str = "pytest configuration";

/// A place where a trigger starts running code of the artifact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Root {
    /// What makes it run.
    pub trigger: Trigger,
    /// The member whose body runs.
    pub member: MemberPath,
    /// The function that is called after the body: `main` or `Class.method`, every one that begins so (`pytest_*`), or every
    /// class (`*`); `None` when only the body runs.
    pub object: Option<String>,
    /// Why it is a root: `setup.py`, `console script demo`, `build backend in the tree`.
    pub why: Arc<str>,
    /// The name for whose value alone it runs. Where the member's source binds it to a plain literal first, nothing
    /// runs: setuptools reads `attr:` without importing the module, if it can.
    pub unless_literal: Option<Arc<str>>,
}

/// Roots and what was noticed on the way.
pub(crate) struct FoundRoots {
    pub roots: Vec<Root>,
    pub facts: Vec<Fact>,
}

/// Finds every root of an artifact, the earliest trigger first.
pub(crate) fn find_roots(
    layout: &Layout<'_>,
    texts: &Texts<'_>,
    declared: &Declared,
    modules: &ModuleMap,
    source_roots: &[String],
    project: Option<&str>,
) -> FoundRoots {
    let surroundings = Surroundings { layout, modules, source_roots, declared: &declared.top_level, project };
    let mut found = FoundRoots { roots: Vec::new(), facts: Vec::new() };
    if layout.kind == PackageKind::File {
        found.roots.extend(layout.files.first().and_then(bare_file_root));
    } else {
        found.roots.extend(install_roots(layout, declared));
        for (_, file) in &declared.files {
            build_roots(layout, modules, file, &mut found);
        }
        import_roots(&surroundings, &mut found.roots);
        entry_roots(layout, declared, modules, &mut found);
    }
    let (roots, facts) = startup_members(&surroundings, texts);
    found.roots.extend(roots);
    found.facts.extend(facts);
    found.roots.sort_by(|a, b| {
        (a.trigger, &a.member, &a.object, &a.unless_literal).cmp(&(
            b.trigger,
            &b.member,
            &b.object,
            &b.unless_literal,
        ))
    });
    found.roots.dedup_by(|a, b| {
        let key = |r: &Root| (r.trigger, r.member.clone(), r.object.clone(), r.unless_literal.clone());
        key(a) == key(b)
    });
    found.roots.truncate(MAX_ROOTS);
    found
}

fn root(trigger: Trigger, member: &MemberPath, object: Option<&str>, why: impl Into<Arc<str>>) -> Root {
    Root {
        trigger,
        member: member.clone(),
        object: object.map(str::to_owned),
        why: why.into(),
        unless_literal: None,
    }
}

/// A bare file: `setup.py` runs at installation, a path file at start (which the start-up reader finds), others
/// when they are imported.
fn bare_file_root(file: &File<'_>) -> Option<Root> {
    let member = &file.entry.path;
    let is_python = is_python_source(file.rel) || has_extension(file.rel, "pyc");
    if base_name(file.rel) == "setup.py" {
        Some(root(Trigger::Install, member, None, "setup.py"))
    } else if is_python {
        Some(root(Trigger::Import, member, None, "a module by itself"))
    } else if has_extension(file.rel, "pth") {
        None
    } else {
        Some(root(Trigger::Entry, member, None, "a file by itself"))
    }
}

/// `setup.py` at the project's base; without one, the shallowest ones of a collection of projects.
///
/// Beside a `pyproject.toml` whose backend has a format of its own, no installation runs it. A release that holds what
/// setuptools leaves behind (`*.egg-info`) was made by its `setup.py`, whatever the table says: there it counts.
fn install_roots(layout: &Layout<'_>, declared: &Declared) -> Vec<Root> {
    if matches!(layout.kind, PackageKind::Wheel | PackageKind::Egg) {
        return Vec::new();
    }
    if let Some(file) = layout.get("setup.py") {
        let is_passed_by = declared.files.iter().any(|(_, file)| file.passes_setup_script_by);
        if is_passed_by && layout.egg_infos.is_empty() {
            return Vec::new();
        }
        return vec![root(Trigger::Install, &file.entry.path, None, "setup.py")];
    }
    if layout.kind == PackageKind::Sdist {
        return Vec::new();
    }
    let scripts = || layout.files.iter().filter(|f| base_name(f.rel) == "setup.py" && !is_nested(f.rel));
    let shallowest = scripts().map(|f| depth(f.rel)).min();
    let tops = scripts().filter(|f| Some(depth(f.rel)) == shallowest);
    tops.map(|f| root(Trigger::Install, &f.entry.path, None, "setup.py")).collect()
}

fn build_roots(layout: &Layout<'_>, modules: &ModuleMap, file: &ProjectFile, found: &mut FoundRoots) {
    if let Some(backend) = &file.build_backend
        && let Some(member) = backend_member(layout, backend, &file.backend_path)
    {
        let object = backend.split_once(':').map(|(_, object)| object.trim()).filter(|o| !o.is_empty());
        let why = "build backend in the tree";
        found.roots.push(root(Trigger::Build, &member, None, why));
        for hook in BACKEND_HOOKS.split_ascii_whitespace() {
            let called = object.map_or_else(|| hook.to_owned(), |object| format!("{object}.{hook}"));
            found.roots.push(root(Trigger::Build, &member, Some(&called), why));
        }
        let fact = Fact::new("build.in-tree-backend", "the build backend lies in the release itself");
        found.facts.push(fact.with("backend", backend.as_str()).at(Site::whole(member)));
    }
    for hook in &file.hooks {
        let (member, object) = match &hook.target {
            HookTarget::Path(path, object) => {
                (clean_relative(path).and_then(|p| layout.get(&p)).map(|f| f.entry.path.clone()), *object)
            }
            HookTarget::Module(module, object) => (modules.member(module).cloned(), object.as_deref()),
        };
        let Some(member) = member else { continue };
        let unless_literal = hook.unless_literal.as_deref().map(Arc::from);
        found.roots.push(Root { unless_literal, ..root(Trigger::Build, &member, object, hook.why.as_str()) });
        let fact = Fact::new("build.hook", format!("a build runs {}", base_name(&member)));
        found.facts.push(fact.with("why", hook.why.as_str()).at(Site::whole(member)));
    }
}

/// The member that holds a backend: its module below one of the `backend-path` folders.
fn backend_member(layout: &Layout<'_>, backend: &str, backend_path: &[String]) -> Option<MemberPath> {
    let module = backend.split(':').next().unwrap_or(backend).trim().replace('.', "/");
    backend_path.iter().filter_map(|path| clean_relative(path)).find_map(|path| {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let places = [format!("{prefix}{module}.py"), format!("{prefix}{module}/__init__.py")];
        places.iter().find_map(|place| layout.get(place)).map(|f| f.entry.path.clone())
    })
}

fn import_roots(surroundings: &Surroundings<'_>, roots: &mut Vec<Root>) {
    for unit in surroundings.importables() {
        let kind = if surroundings.modules.is_package(&unit.member) { "package" } else { "module" };
        roots.push(root(Trigger::Import, &unit.member, None, format!("top-level {kind} {}", unit.module)));
    }
}

fn entry_roots(layout: &Layout<'_>, declared: &Declared, modules: &ModuleMap, found: &mut FoundRoots) {
    for point in &declared.entry_points {
        match modules.member(&point.module) {
            Some(member) => {
                let object = (!point.object.is_empty()).then_some(point.object.as_str());
                // A test runner calls the hooks of a plug-in by their names.
                let object = object.or((point.group == "pytest11").then_some(TEST_HOOKS));
                let trigger = if lists(BUILD_GROUPS, &point.group) { Trigger::Build } else { Trigger::Entry };
                found.roots.push(root(trigger, member, object, describe(point)));
            }
            None if layout.kind == PackageKind::Wheel => found.facts.push(unresolved(point)),
            None => {}
        }
        let is_script = point.is_script();
        found.facts.extend(is_script.then(|| shadowed_command(&point.name, &point.module)).flatten());
    }
    for script in declared.files.iter().flat_map(|(_, file)| &file.script_files) {
        if let Some(file) = clean_relative(script).and_then(|path| layout.get(&path)) {
            found.roots.push(root(Trigger::Entry, &file.entry.path, None, "installed script"));
        }
    }
    for file in layout.files.iter().filter(|f| !is_nested(f.rel)) {
        let why = if folder(file.rel).ends_with(".data/scripts/") || folder(file.rel) == "EGG-INFO/scripts/" {
            found.facts.extend(shadowed_command(base_name(file.rel), file.rel));
            "installed script"
        } else if stem(file.rel) == "__main__" && modules.name(&file.entry.path).is_some() {
            "python -m"
        } else if base_name(file.rel) == "conftest.py" {
            TEST_CONFIGURATION
        } else {
            continue;
        };
        let object = (why == TEST_CONFIGURATION).then_some(TEST_HOOKS);
        found.roots.push(root(Trigger::Entry, &file.entry.path, object, why));
    }
}

fn describe(point: &EntryPoint) -> String {
    match point.group.as_str() {
        "console_scripts" => format!("console script {}", point.name),
        "gui_scripts" => format!("gui script {}", point.name),
        group => format!("plugin {group}: {}", point.name),
    }
}

fn unresolved(point: &EntryPoint) -> Fact {
    Fact::new("entry.unresolved", "an entry point names a module that the wheel does not hold")
        .with("group", point.group.as_str())
        .with("module", point.module.as_str())
        .with("name", point.name.as_str())
}

/// Which triggers reach each member: the roots, and whatever their imports reach inside the artifact.
///
/// `imports` is asked once a member for the dotted names that the member imports when its body runs; a name with
/// leading dots is relative to the member's package.  Importing `a.b` runs `a/__init__` as well.  Members that no
/// trigger reaches are [`Trigger::Run`] when they are Python and [`Trigger::Data`] otherwise.
#[must_use]
pub fn member_triggers(
    package: &Package,
    imports: &dyn Fn(&str) -> Vec<String>,
) -> BTreeMap<MemberPath, Triggers> {
    let mut triggers: BTreeMap<MemberPath, Triggers> = BTreeMap::new();
    let mut resolved: FxHashMap<MemberPath, Vec<MemberPath>> = FxHashMap::default();
    for trigger in Trigger::ALL.iter().copied() {
        let mut pending: Vec<MemberPath> = Vec::new();
        for root in package.roots.iter().filter(|r| r.trigger == trigger) {
            pending.push(root.member.clone());
            let name = package.modules.name(&root.member).unwrap_or("");
            pending.extend(package.modules.resolve(name).into_iter().cloned());
        }
        let mut seen: FxHashSet<MemberPath> = FxHashSet::default();
        while let Some(member) = pending.pop() {
            if !seen.insert(member.clone()) {
                continue;
            }
            triggers.entry(member.clone()).or_default().insert(trigger);
            let reached =
                resolved.entry(member.clone()).or_insert_with(|| resolve_imports(package, &member, imports));
            pending.extend(reached.iter().filter(|m| !seen.contains(*m)).cloned());
        }
    }
    for member in &package.members {
        let set = triggers.entry(member.clone()).or_default();
        if set.first().is_none() {
            let is_code = is_python_source(member)
                || has_extension(member, "pyc")
                || package.modules.name(member).is_some();
            set.insert(if is_code { Trigger::Run } else { Trigger::Data });
        }
    }
    triggers
}

fn resolve_imports(
    package: &Package,
    member: &MemberPath,
    imports: &dyn Fn(&str) -> Vec<String>,
) -> Vec<MemberPath> {
    let names = imports(member);
    let absolute = names.iter().filter_map(|name| absolute_name(package, member, name));
    let mut reached: Vec<MemberPath> = absolute
        .flat_map(|name| package.modules.resolve(&name).into_iter().cloned().collect::<Vec<_>>())
        .collect();
    reached.sort();
    reached.dedup();
    reached
}

/// Resolves leading dots against the member's package.
fn absolute_name(package: &Package, member: &MemberPath, name: &str) -> Option<String> {
    let rest = name.trim_start_matches('.');
    let dots = name.len() - rest.len();
    if dots == 0 {
        return Some(name.to_owned());
    }
    let own = package.modules.name(member)?;
    let mut parts: Vec<&str> = own.split('.').collect();
    let up = if package.modules.is_package(member) { dots - 1 } else { dots };
    parts.truncate(parts.len().checked_sub(up)?);
    parts.extend((!rest.is_empty()).then_some(rest));
    Some(parts.join("."))
}
