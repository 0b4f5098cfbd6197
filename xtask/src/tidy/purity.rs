//! What the crates below the report must not touch.

use std::path::Path;

use super::Tree;

const PURE: &[&str] = &[
    "venin-model",
    "venin-archive",
    "venin-package",
    "venin-python",
    "venin-rules",
    "venin-scan",
    "venin-report",
];

/// Ways to the outside, spelled as source spells them.
const OUTSIDE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "SystemTime",
    "Instant::now",
    "std::io::stdin",
    "std::os::",
];

fn shipped<'a>(tree: &'a Tree, crates: &'a [&str]) -> impl Iterator<Item = (&'a Path, String)> {
    tree.rust()
        .filter(|(path, _)| crates.iter().any(|c| path.starts_with(Path::new("crates").join(c).join("src"))))
        .filter(|(path, _)| !path.ends_with("tests.rs"))
        .map(|(path, text)| (path, without_tests(text)))
}

/// The text up to the inline tests.
fn without_tests(text: &str) -> String {
    text.split("#[cfg(test)]").next().unwrap_or("").to_owned()
}

pub(super) fn processes_below_the_binary(tree: &Tree) -> Vec<String> {
    find(shipped(tree, PURE), &["std::process", "Command::new("])
}

pub(super) fn outside_world_in_pure_crates(tree: &Tree) -> Vec<String> {
    find(shipped(tree, PURE), OUTSIDE)
}

fn find<'a>(sources: impl Iterator<Item = (&'a Path, String)>, wanted: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in sources {
        for (n, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            if let Some(word) = wanted.iter().find(|w| code.contains(**w)) {
                // `env!` of cargo is read when the crate is built, not when it runs.
                if !(code.contains("env!(") && *word == "std::env") {
                    wrong.push(format!("{}:{}: `{word}`", path.display(), n + 1));
                }
            }
        }
    }
    wrong
}
