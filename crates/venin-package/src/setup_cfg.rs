//! `setup.cfg`: the declarative configuration of setuptools, read into the same shape as `pyproject.toml`.

use crate::entry_points::parse_entry_points;
use crate::ini::{Ini, parse_ini, split_list};
use crate::pyproject::{ProjectFile, first_name, push_requirements};
use crate::pyproject_build::{BuildHook, HookTarget, attribute_hook};
use crate::requirement::Scope;

/// Reads `setup.cfg`.
pub(crate) fn parse_setup_cfg(text: &str) -> ProjectFile {
    let ini = parse_ini(text);
    let mut file =
        ProjectFile { name: literal(&ini, "name"), version: literal(&ini, "version"), ..Default::default() };
    push_requirements(&requirement_lines(&ini, "install_requires"), Scope::Runtime, &mut file.requirements);
    push_requirements(&requirement_lines(&ini, "setup_requires"), Scope::Build, &mut file.requirements);
    push_requirements(&requirement_lines(&ini, "dependency_links"), Scope::Runtime, &mut file.requirements);
    for extra in ini.entries("options.extras_require") {
        push_requirements(&requirement_items(&extra.value), Scope::Extra, &mut file.requirements);
    }
    read_layout(&ini, &mut file);
    for group in ini.entries("options.entry_points") {
        let text = format!("[{}]\n{}", group.key, group.value);
        file.entry_points.extend(parse_entry_points(&text));
    }
    file.script_files = ini.list("options", "scripts");
    file.hooks = command_classes(&ini);
    let version = ini.value("metadata", "version").and_then(|v| v.trim().strip_prefix("attr:"));
    file.hooks.extend(version.and_then(attribute_hook));
    file
}

/// A `[metadata]` value that is neither `file:` nor `attr:`.
fn literal(ini: &Ini, key: &str) -> Option<String> {
    let value = ini.value("metadata", key)?.trim();
    let is_directive = value.starts_with("file:") || value.starts_with("attr:");
    (!value.is_empty() && !is_directive).then(|| value.to_owned())
}

fn requirement_lines(ini: &Ini, key: &str) -> Vec<String> {
    ini.value("options", key).map(requirement_items).unwrap_or_default()
}

/// Requirements stand one a line, or separated by semicolons on one line; markers hold semicolons too, so only
/// lines are split.
fn requirement_items(value: &str) -> Vec<String> {
    value.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned).collect()
}

fn read_layout(ini: &Ini, file: &mut ProjectFile) {
    for key in ["py_modules", "packages"] {
        file.top_level.extend(
            ini.list("options", key).iter().filter(|i| !i.ends_with(':')).filter_map(|i| first_name(i)),
        );
    }
    for item in ini.list("options", "package_dir") {
        if let Some(("", folder)) =
            item.split_once('=').map(|(package, folder)| (package.trim(), folder.trim()))
        {
            file.source_folders.push(folder.to_owned());
        }
    }
    file.source_folders.extend(ini.list("options.packages.find", "where"));
}

fn command_classes(ini: &Ini) -> Vec<BuildHook> {
    let value = ini.value("options", "cmdclass").unwrap_or("");
    let items = split_list(value);
    let classes = items.iter().filter_map(|item| {
        let (command, class) = item.split_once('=')?;
        let (module, object) = class.trim().rsplit_once('.')?;
        let target = HookTarget::Module(module.to_owned(), Some(object.to_owned()));
        let why = format!("setuptools command class {}", command.trim());
        Some(BuildHook { target, why, unless_literal: None })
    });
    classes.collect()
}

/// `requires.txt` of an `.egg-info` folder: sections are extras, markers or both.
pub(crate) fn parse_requires_txt(text: &str) -> ProjectFile {
    let mut file = ProjectFile::default();
    for section in parse_ini(text).sections {
        let (extra, marker) = section.name.split_once(':').unwrap_or((&section.name, ""));
        let scope = if extra.is_empty() { Scope::Runtime } else { Scope::Extra };
        let lines = section.bare.iter().map(|(_, line)| match marker {
            "" => line.clone(),
            marker => format!("{line} ; {marker}"),
        });
        push_requirements(&lines.collect::<Vec<_>>(), scope, &mut file.requirements);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry_points::EntryPoint;

    #[test]
    fn a_declarative_project_is_read() {
        let file = parse_setup_cfg(
            "[metadata]\nname = demo\nversion = attr: demo.__version__\n\n[options]\npackages = find:\n\
             package_dir =\n    = src\npy_modules = single\ninstall_requires =\n    a>=1; python_version < '3'\n    b\n\
             cmdclass =\n    build_py = own.Build\nscripts =\n    bin/run\n\n[options.entry_points]\n\
             console_scripts =\n    demo = demo.cli:main\n[options.extras_require]\nx = c\n",
        );
        assert_eq!((file.name.as_deref(), file.version), (Some("demo"), None));
        let names: Vec<_> = file.requirements.iter().map(|r| (r.name.as_str(), r.scope)).collect();
        assert_eq!(names, [("a", Scope::Runtime), ("b", Scope::Runtime), ("c", Scope::Extra)]);
        assert_eq!(file.top_level, ["single"]);
        assert_eq!(file.source_folders, ["src"]);
        assert_eq!(file.entry_points, [EntryPoint::new("console_scripts", "demo", "demo.cli:main")]);
        assert_eq!(file.script_files, ["bin/run"]);
        assert_eq!(file.hooks.len(), 2);
    }

    #[test]
    fn sections_of_requires_txt_are_extras_and_markers() {
        let file = parse_requires_txt("a>=1\n\n[:os_name == 'nt']\nb\n\n[x]\nc\n");
        let read: Vec<_> =
            file.requirements.iter().map(|r| (r.name.as_str(), r.marker.as_deref(), r.scope)).collect();
        assert_eq!(
            read,
            [
                ("a", None, Scope::Runtime),
                ("b", Some("os_name == 'nt'"), Scope::Runtime),
                ("c", None, Scope::Extra)
            ]
        );
    }
}
