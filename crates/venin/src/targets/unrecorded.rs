//! Files in a directory of packages that no `RECORD` lists: which of them belong together.
//!
//! Packages of an operating system and what old tools install come without a `RECORD`.  Their metadata names their
//! modules (`top_level.txt`, or the project's own name); a module or package that nothing claims is judged by itself,
//! and so is a path file, unless it names modules that are here.  No file is left out: a claim only adds a file to a
//! group, and what is neither code nor metadata makes one group more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::TreeFile;

/// Largest `top_level.txt` or path file read.
const MAX_LIST: u64 = 64 << 10;
/// Suffixes of files that Python imports.
const MODULE_SUFFIXES: &[&str] = &["py", "pyc", "pyi", "so", "pyd"];

/// Files that belong together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// `name-version` of a distribution without a `RECORD`; otherwise the name of a module, a package or a file.
    pub(super) name: String,
    /// Whether metadata states what the files are.
    pub(super) is_distribution: bool,
    pub(super) files: Vec<TreeFile>,
}

/// What a file is part of, by its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    /// `name.py`, `name/`, `name.cpython-312-x86_64-linux-gnu.so` and what was compiled from them.
    Module(String),
    /// `name-version.egg-info` or `.dist-info`, a file or a folder.
    Metadata(String),
    /// A path file.
    PathFile(String),
    /// A file that Python neither imports nor reads by itself.
    Other,
}

impl Unit {
    fn of(member: &str) -> Self {
        let (first, rest) = match member.split_once('/') {
            Some((first, rest)) => (first, Some(rest)),
            None => (member, None),
        };
        if first.ends_with(".egg-info") || first.ends_with(".dist-info") {
            return Self::Metadata(first.to_owned());
        }
        match rest {
            Some(compiled) if first == "__pycache__" => Self::Module(stem(compiled)),
            Some(_) => Self::Module(first.to_owned()),
            None if first.ends_with(".pth") => Self::PathFile(first.to_owned()),
            None => match first.rsplit_once('.') {
                Some((_, suffix)) if MODULE_SUFFIXES.contains(&suffix) => Self::Module(stem(first)),
                _ => Self::Other,
            },
        }
    }
}

fn stem(file: &str) -> String {
    file.split('.').next().unwrap_or(file).to_owned()
}

/// Files by what they are part of.
type Units = BTreeMap<Unit, Vec<TreeFile>>;

/// Groups files of a directory of packages, and gives those that belong to no group.
pub(super) fn group(files: Vec<TreeFile>) -> (Vec<Group>, Vec<TreeFile>) {
    let mut units = Units::new();
    for file in files {
        units.entry(Unit::of(&file.member)).or_default().push(file);
    }
    let others = units.remove(&Unit::Other).unwrap_or_default();
    let modules: BTreeSet<String> = units
        .keys()
        .filter_map(|unit| match unit {
            Unit::Module(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let mut groups = metadata_groups(&units, &modules);
    let claimed: BTreeSet<String> = groups.iter().flat_map(|(_, modules)| modules.iter().cloned()).collect();
    groups.extend(modules.difference(&claimed).map(|name| (None, BTreeSet::from([name.clone()]))));
    let mut out: Vec<Group> = groups.iter().map(|(metadata, held)| gather(&units, metadata, held)).collect();
    add_path_files(&units, &modules, &groups, &mut out);
    for group in &mut out {
        group.files.sort();
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    (out, others)
}

/// The metadata that a group has, and the modules that it holds.
type Held = (Option<String>, BTreeSet<String>);

fn metadata_groups(units: &Units, modules: &BTreeSet<String>) -> Vec<Held> {
    units
        .iter()
        .filter_map(|(unit, files)| {
            let Unit::Metadata(info) = unit else { return None };
            let named = files.iter().find(|f| f.member.ends_with("/top_level.txt")).map(read_words);
            let own = comparable(info.split('-').next().unwrap_or(info));
            let is_own = |name: &&String| match &named {
                Some(named) => named.contains(*name),
                None => comparable(name) == own,
            };
            Some((Some(info.clone()), modules.iter().filter(is_own).cloned().collect()))
        })
        .collect()
}

/// A name as far as spellings of one project agree (PEP 503).
fn comparable(name: &str) -> String {
    name.to_ascii_lowercase().replace(['-', '.'], "_")
}

fn gather(units: &Units, metadata: &Option<String>, modules: &BTreeSet<String>) -> Group {
    let own = metadata.iter().map(|info| Unit::Metadata(info.clone()));
    let held = modules.iter().map(|name| Unit::Module(name.clone()));
    let files = own.chain(held).filter_map(|unit| units.get(&unit)).flatten().cloned().collect();
    let name = match metadata {
        Some(info) => info.trim_end_matches(".egg-info").trim_end_matches(".dist-info").to_owned(),
        None => modules.first().cloned().unwrap_or_default(),
    };
    Group { name, is_distribution: metadata.is_some(), files }
}

/// A path file goes with the modules that it names; one that names none of them is a group of its own.
fn add_path_files(units: &Units, modules: &BTreeSet<String>, groups: &[Held], out: &mut Vec<Group>) {
    for (unit, files) in units {
        let (Unit::PathFile(name), [file]) = (unit, files.as_slice()) else { continue };
        let words = read_words(file);
        let named: BTreeSet<&String> = modules.iter().filter(|module| words.contains(*module)).collect();
        let mut is_placed = false;
        for ((_, held), group) in groups.iter().zip(out.iter_mut()) {
            if held.iter().any(|module| named.contains(module)) {
                group.files.push(file.clone());
                is_placed = true;
            }
        }
        if !is_placed {
            out.push(Group { name: name.clone(), is_distribution: false, files: files.clone() });
        }
    }
}

/// The words of a small file; none of one that cannot be read.
fn read_words(file: &TreeFile) -> BTreeSet<String> {
    if file.size > MAX_LIST {
        return BTreeSet::new();
    }
    let bytes = fs::read(&file.path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn file(root: &Path, member: &str, text: &str) -> TreeFile {
        let path = root.join(member);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        TreeFile { member: member.to_owned(), path, size: text.len() as u64 }
    }

    fn told(groups: &[Group]) -> Vec<(&str, bool, Vec<&str>)> {
        let members = |group: &Group| -> Vec<&'static str> {
            group.files.iter().map(|f| &*f.member.clone().leak()).collect()
        };
        groups.iter().map(|g| (&*g.name, g.is_distribution, members(g))).collect()
    }

    #[test]
    fn modules_go_with_the_metadata_that_names_them_and_others_stand_alone() {
        let folder = tempfile::tempdir().unwrap();
        let files = vec![
            file(folder.path(), "tools-66.egg-info/top_level.txt", "_hook\ntools\n"),
            file(folder.path(), "tools-66.egg-info/PKG-INFO", "Name: tools\n"),
            file(folder.path(), "tools/__init__.py", ""),
            file(folder.path(), "_hook/__init__.py", ""),
            file(folder.path(), "my.thing-1.egg-info", "Name: my.thing\n"),
            file(folder.path(), "my_thing.py", ""),
            file(folder.path(), "__pycache__/my_thing.cpython-312.pyc", ""),
            file(folder.path(), "fast.cpython-312-x86_64-linux-gnu.so", ""),
            file(folder.path(), "README.txt", ""),
        ];
        let (groups, others) = group(files);
        assert_eq!(
            told(&groups),
            [
                ("fast", false, vec!["fast.cpython-312-x86_64-linux-gnu.so"]),
                (
                    "my.thing-1",
                    true,
                    vec!["__pycache__/my_thing.cpython-312.pyc", "my.thing-1.egg-info", "my_thing.py"]
                ),
                (
                    "tools-66",
                    true,
                    vec![
                        "_hook/__init__.py",
                        "tools-66.egg-info/PKG-INFO",
                        "tools-66.egg-info/top_level.txt",
                        "tools/__init__.py"
                    ]
                ),
            ]
        );
        assert_eq!(others.len(), 1);
    }

    #[test]
    fn a_path_file_goes_with_the_modules_it_names() {
        let folder = tempfile::tempdir().unwrap();
        let files = vec![
            file(folder.path(), "start.pth", "import starter\n"),
            file(folder.path(), "starter.py", ""),
            file(folder.path(), "lone.pth", "/srv/project\n"),
        ];
        let (groups, others) = group(files);
        assert_eq!(
            told(&groups),
            [("lone.pth", false, vec!["lone.pth"]), ("starter", false, vec!["start.pth", "starter.py"])]
        );
        assert!(others.is_empty());
    }
}
