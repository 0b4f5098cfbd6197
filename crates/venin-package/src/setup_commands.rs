//! The commands of setup scripts: which of them an installation or a build runs, and files that give them other names.

use toml::{Table, Value};

use crate::ini::parse_ini;
use crate::path::{base_name, lists};

/// What pip and `build` ask a setup script for, what these commands run below them, and what pip ran of old when a build
/// had failed.
const RUN_BY_BUILDS: &str = "install install_lib install_scripts install_data install_headers install_egg_info build \
    build_py build_ext build_clib build_scripts egg_info sdist check develop easy_install bdist bdist_dumb bdist_egg \
    bdist_wheel dist_info editable_wheel clean";

/// Configurations of distutils, whichever folder they lie in.
const CONFIGURATIONS: &str = "setup.cfg distutils.cfg pydistutils.cfg .pydistutils.cfg";

/// Whether an installation or a build runs a command of this name by itself.
#[must_use]
pub fn is_run_by_builds(command: &str) -> bool {
    lists(RUN_BY_BUILDS, &command.replace('-', "_"))
}

/// Whether a file says that other commands run in the place of one that builds run: `[aliases] egg_info = other egg_info`.
///
/// What stands behind the name is split as a shell would, so it can be written in many ways; it is not looked at.
#[must_use]
pub fn renames_build_commands(path: &str, text: &str) -> bool {
    match base_name(path) {
        "pyproject.toml" => text.parse::<Table>().is_ok_and(|root| {
            let aliases = ["tool", "distutils", "aliases"]
                .iter()
                .try_fold(&root, |at, key| at.get(*key).and_then(Value::as_table));
            aliases.is_some_and(|aliases| aliases.keys().any(|key| is_run_by_builds(key)))
        }),
        name if lists(CONFIGURATIONS, name) => {
            let ini = parse_ini(text);
            // A default holds in every section.
            let entries = ini.sections.iter().filter(|s| matches!(&*s.name, "aliases" | "DEFAULT"));
            entries.flat_map(|s| &s.entries).any(|entry| is_run_by_builds(&entry.key))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_run_their_own_commands_and_no_others() {
        for name in ["install", "egg_info", "egg-info", "bdist_wheel", "editable_wheel", "check"] {
            assert!(is_run_by_builds(name), "{name}");
        }
        for name in ["", "bdist_app", "build_docs", "publish", "test", "upload", "install_hooks"] {
            assert!(!is_run_by_builds(name), "{name}");
        }
    }

    #[test]
    fn another_name_for_a_command_that_builds_run_is_seen() {
        for (path, text) in [
            ("setup.cfg", "[aliases]\negg_info = deploy egg_info\n"),
            ("a/setup.cfg", "[metadata]\nname = x\n[aliases]\negg-info: dep\"\"loy egg_info\n"),
            ("setup.cfg", "[DEFAULT]\nbdist_wheel = deploy\n[aliases]\n"),
            ("distutils.cfg", "[aliases]\ninstall = deploy install\n"),
            ("pyproject.toml", "[tool.distutils.aliases]\ndist-info = \"deploy dist_info\"\n"),
        ] {
            assert!(renames_build_commands(path, text), "{text}");
        }
        for (path, text) in [
            ("setup.cfg", "[aliases]\ntest = pytest\nrelease = sdist bdist_wheel upload\n"),
            ("setup.cfg", "[build]\nbuild_lib = x\n[egg_info]\ntag_build = dev\n"),
            ("setup.txt", "[aliases]\negg_info = deploy egg_info\n"),
            ("pyproject.toml", "[tool.distutils.bdist_wheel]\nuniversal = true\n"),
        ] {
            assert!(!renames_build_commands(path, text), "{text}");
        }
    }
}
