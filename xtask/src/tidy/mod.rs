//! `cargo xtask tidy`: the rules of the house that no compiler checks, each one a test too.

mod arrows;
mod pages;
mod purity;
mod text;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// One check: its name and what it finds wrong.
type Check = (&'static str, fn(&Tree) -> Vec<String>);

const CHECKS: &[Check] = &[
    ("crates depend downwards only", arrows::upward_dependencies),
    ("every module says what it is for", text::modules_without_doc),
    ("only the binary starts processes", purity::processes_below_the_binary),
    ("pure crates touch nothing outside", purity::outside_world_in_pure_crates),
    ("no registry host in the tree", text::registry_hosts),
    ("no path of a machine in the tree", text::machine_paths),
    ("fixtures are inert", text::live_hosts_in_fixtures),
    ("no archive or executable in the tree", text::binary_files),
    ("files stay short", text::long_files),
    ("every rule page has its sections and look-alikes", pages::incomplete_pages),
];

/// The tracked text files of the workspace.
pub(crate) struct Tree {
    pub(crate) files: Vec<(PathBuf, String)>,
    pub(crate) all: Vec<PathBuf>,
}

/// Runs all checks and prints what is wrong.
pub(crate) fn run() -> Result<()> {
    let tree = read_tree(&crate::workspace_root());
    let mut n_wrong = 0;
    for (name, check) in CHECKS {
        let wrong = check(&tree);
        println!("{} {name}", if wrong.is_empty() { "ok  " } else { "FAIL" });
        for line in &wrong {
            println!("     {line}");
        }
        n_wrong += wrong.len();
    }
    if n_wrong > 0 {
        bail!("{n_wrong} things to tidy");
    }
    Ok(())
}

/// Folders that hold nothing of ours.
const SKIPPED: &[&str] = &["target", ".git", "corpus", "artifacts"];

/// Reads every text file below a folder, build output left out.
pub(crate) fn read_tree(root: &Path) -> Tree {
    let mut tree = Tree { files: Vec::new(), all: Vec::new() };
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    folders.push(path);
                }
                continue;
            }
            let relative = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
            tree.all.push(relative.clone());
            if let Ok(text) = std::fs::read_to_string(&path) {
                tree.files.push((relative, text));
            }
        }
    }
    tree.files.sort();
    tree
}

impl Tree {
    /// Rust sources of the crates and of xtask, tests included.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.files
            .iter()
            .filter(|(p, _)| p.extension().is_some_and(|e| e == "rs"))
            .map(|(p, t)| (p.as_path(), t.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(name: &str) {
        let tree = read_tree(&crate::workspace_root());
        let (_, check) = CHECKS.iter().find(|(n, _)| *n == name).expect("the check exists");
        let wrong = check(&tree);
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    }

    #[test]
    fn crates_depend_downwards_only() {
        passes("crates depend downwards only");
    }

    #[test]
    fn every_module_says_what_it_is_for() {
        passes("every module says what it is for");
    }

    #[test]
    fn only_the_binary_starts_processes() {
        passes("only the binary starts processes");
    }

    #[test]
    fn pure_crates_touch_nothing_outside() {
        passes("pure crates touch nothing outside");
    }

    #[test]
    fn no_registry_host_in_the_tree() {
        passes("no registry host in the tree");
    }

    #[test]
    fn no_path_of_a_machine_in_the_tree() {
        passes("no path of a machine in the tree");
    }

    #[test]
    fn fixtures_are_inert() {
        passes("fixtures are inert");
    }

    #[test]
    fn no_archive_or_executable_in_the_tree() {
        passes("no archive or executable in the tree");
    }

    #[test]
    fn files_stay_short() {
        passes("files stay short");
    }

    #[test]
    fn every_rule_page_has_its_sections_and_look_alikes() {
        passes("every rule page has its sections and look-alikes");
    }
}
