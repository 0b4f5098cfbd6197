//! Members of the tree that a build runs because a build tool's table says so.

use toml::{Table, Value};

use crate::path::lists;
use crate::pyproject::{MAX_ITEMS, ProjectFile, string, table};
use crate::requirement::Scope;

/// Backends that never read a `setup.py`: their modules, as `build-system.build-backend` names them, without objects.
///
/// Left out are those that hand on to setuptools or are able to.
const OWN_FORMAT_BACKENDS: &str = "hatchling.build hatchling.ouroboros poetry.core.masonry.api poetry.masonry.api \
    poetry_dynamic_versioning.backend flit_core.buildapi flit.buildapi flit_scm maturin pdm.backend pdm.pep517.api \
    uv_build scikit_build_core.build mesonpy whey";

/// A tool looks for its own kind of class in the file, whatever its name.
const EVERY_CLASS: Option<&str> = Some("*");

/// One member that runs during a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuildHook {
    /// A path below the base (`hatch_build.py`) or a dotted module with an optional object (`build_it:run`).
    pub target: HookTarget,
    /// Which table says so.
    pub why: String,
    /// The name for whose value alone the member runs: where it is bound to a plain literal, nothing runs.
    pub unless_literal: Option<String>,
}

/// How a build hook is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HookTarget {
    /// A path below the base, and what of it is called: as in a root's object.
    Path(String, Option<&'static str>),
    /// A dotted module and the object inside it.
    Module(String, Option<String>),
}

/// Whether an installation passes `setup.py` by, since the project's backend has a format of its own (PEP 517).
///
/// Only a table that a frontend takes as it stands says so: `requires` is there and takes nothing by address, the
/// backend is known and comes from no folder of the release, and no hook of the release is asked, which could run
/// `setup.py` after all.
pub(crate) fn passes_setup_script_by(file: &ProjectFile, system: &Table) -> bool {
    let backend = file.build_backend.as_deref().unwrap_or("");
    let module = backend.split(':').next().unwrap_or("").trim();
    let has_requirements = system.get("requires").and_then(Value::as_array).is_some_and(|r| !r.is_empty());
    let takes_by_address = file.requirements.iter().any(|r| r.scope == Scope::Build && r.url.is_some());
    lists(OWN_FORMAT_BACKENDS, module)
        && has_requirements
        && !takes_by_address
        && !system.contains_key("backend-path")
        && file.hooks.is_empty()
}

/// Every build hook in a parsed `pyproject.toml`.
pub(crate) fn build_hooks(root: &Table) -> Vec<BuildHook> {
    let mut hooks = Vec::new();
    hatch_hooks(root, &mut hooks);
    let poetry = table(root, &["tool", "poetry"]).and_then(|t| t.get("build"));
    let script = match poetry {
        Some(Value::String(path)) => Some(path.clone()),
        Some(Value::Table(build)) => string(build, "script"),
        _ => None,
    };
    hooks.extend(script.map(|path| hook(path, None, "poetry build script")));
    if let Some(build) = table(root, &["tool", "pdm", "build"]) {
        let path = string(build, "custom-hook").or_else(|| string(build, "setup-script"));
        hooks.extend(path.map(|path| hook(path, Some("pdm_build_*"), "pdm build hook")));
    }
    for (command, class) in
        table(root, &["tool", "setuptools", "cmdclass"]).into_iter().flatten().take(MAX_ITEMS)
    {
        let Some((module, object)) = class.as_str().and_then(|c| c.rsplit_once('.')) else { continue };
        let target = HookTarget::Module(module.to_owned(), Some(object.to_owned()));
        let why = format!("setuptools command class {command}");
        hooks.push(BuildHook { target, why, unless_literal: None });
    }
    for dynamic in table(root, &["tool", "setuptools", "dynamic"]).into_iter().flatten().take(MAX_ITEMS) {
        let attribute = dynamic.1.as_table().and_then(|t| string(t, "attr"));
        hooks.extend(attribute.and_then(|a| attribute_hook(&a)));
    }
    hooks
}

/// `attr: package.module.NAME`: setuptools looks for the name in the module's source, and imports the module where its
/// value is no plain literal.
pub(crate) fn attribute_hook(attribute: &str) -> Option<BuildHook> {
    let (module, name) = attribute.trim().rsplit_once('.')?;
    let target = HookTarget::Module(module.to_owned(), None);
    let unless_literal = Some(name.to_owned());
    Some(BuildHook { target, why: "setuptools attribute".to_owned(), unless_literal })
}

fn hook(path: String, object: Option<&'static str>, why: &str) -> BuildHook {
    BuildHook { target: HookTarget::Path(path, object), why: why.to_owned(), unless_literal: None }
}

/// Custom hooks default to `hatch_build.py`; a version or metadata source of kind `code` runs its file.
fn hatch_hooks(root: &Table, hooks: &mut Vec<BuildHook>) {
    let Some(hatch) = table(root, &["tool", "hatch"]) else { return };
    let default = || "hatch_build.py".to_owned();
    let targets = table(hatch, &["build", "targets"]).into_iter().flatten().filter_map(|(_, t)| t.as_table());
    let places = targets.take(MAX_ITEMS).chain(table(hatch, &["build"]));
    for place in places {
        if let Some(custom) = table(place, &["hooks", "custom"]) {
            hooks.push(hook(string(custom, "path").unwrap_or_else(default), EVERY_CLASS, "hatch build hook"));
        }
    }
    if let Some(custom) = table(hatch, &["metadata", "hooks", "custom"]) {
        hooks.push(hook(string(custom, "path").unwrap_or_else(default), EVERY_CLASS, "hatch metadata hook"));
    }
    if let Some(version) = table(hatch, &["version"])
        && string(version, "source").as_deref() == Some("code")
        && let Some(path) = string(version, "path")
    {
        hooks.push(hook(path, None, "hatch version source"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_of_common_build_tools_are_found() {
        let text = r#"
            [tool.hatch.build.hooks.custom]
            [tool.hatch.build.targets.wheel.hooks.custom]
            path = "tools/hook.py"
            [tool.hatch.version]
            source = "code"
            path = "v.py"
            [tool.poetry.build]
            script = "build.py"
            [tool.setuptools.cmdclass]
            build_py = "own.commands.Build"
        "#;
        let hooks = build_hooks(&text.parse::<Table>().unwrap());
        let targets: Vec<_> = hooks.iter().map(|h| h.target.clone()).collect();
        let path = |p: &str, object| HookTarget::Path(p.to_owned(), object);
        assert_eq!(
            targets,
            [
                path("tools/hook.py", EVERY_CLASS),
                path("hatch_build.py", EVERY_CLASS),
                path("v.py", None),
                path("build.py", None),
                HookTarget::Module("own.commands".to_owned(), Some("Build".to_owned())),
            ]
        );
    }
}
