//! Checks on the text of files.

use super::Tree;

/// Longest source file, in lines; `facts` of good code bases put the end of comfort near here.
const MAX_LINES: usize = 660;

pub(super) fn modules_without_doc(tree: &Tree) -> Vec<String> {
    tree.rust()
        .filter(|(path, text)| !text.trim_start().starts_with("//!") && !path.starts_with("fuzz"))
        .map(|(path, _)| format!("{}: no module doc", path.display()))
        .collect()
}

pub(super) fn long_files(tree: &Tree) -> Vec<String> {
    tree.rust()
        .filter(|(_, text)| text.lines().count() > MAX_LINES)
        .map(|(path, text)| {
            format!("{}: {} lines, at most {MAX_LINES}", path.display(), text.lines().count())
        })
        .collect()
}

pub(super) fn registry_hosts(tree: &Tree) -> Vec<String> {
    // In pieces, so that this file is not a finding of its own.
    let words = [["py", "pi"], ["python", "hosted"], ["crates", ".io"], ["npm", "js"]].map(|w| w.concat());
    let mut wrong = Vec::new();
    for (path, text) in tree.files.iter().filter(|(p, _)| !p.ends_with("Cargo.lock")) {
        for (n, line) in text.lines().enumerate() {
            for start in line.match_indices("://").map(|(at, _)| at) {
                let host = line.get(start + 3..).unwrap_or("").split(['/', '"', '\'', '`', ' ', ')']).next();
                let host = host.unwrap_or("");
                let is_inert = host.contains(".example") || host.contains(".invalid");
                if !is_inert && words.iter().any(|w| host.contains(w.as_str())) {
                    wrong.push(format!("{}:{}: `{host}`", path.display(), n + 1));
                }
            }
        }
    }
    wrong
}

pub(super) fn machine_paths(tree: &Tree) -> Vec<String> {
    let words = [["/wo", "rk/"], ["/ro", "ot/."], ["/fa", "rm/"]].map(|w| w.concat());
    let mut wrong = Vec::new();
    for (path, text) in tree.files.iter().filter(|(p, _)| !p.ends_with("Cargo.lock")) {
        for (n, line) in text.lines().enumerate() {
            if words.iter().any(|w| line.contains(w.as_str())) {
                wrong.push(format!("{}:{}", path.display(), n + 1));
            }
        }
    }
    wrong
}

/// Addresses in rule pages must be reserved ones, or of the general services that the lists name.
pub(super) fn live_hosts_in_fixtures(tree: &Tree) -> Vec<String> {
    let lists: Vec<&str> = tree
        .files
        .iter()
        .filter(|(p, _)| p.starts_with("rules/lists") || p.ends_with("kinds.toml"))
        .map(|(_, t)| t.as_str())
        .collect();
    let is_listed = |host: &str| {
        let escaped = host.replace('.', "\\.");
        let mut suffixes = vec![host.to_owned(), escaped];
        if let Some((_, parent)) = host.split_once('.') {
            suffixes.push(parent.to_owned());
            suffixes.push(parent.replace('.', "\\."));
        }
        lists.iter().any(|l| suffixes.iter().any(|s| l.contains(s.as_str())))
    };
    let mut wrong = Vec::new();
    for (path, text) in
        tree.files.iter().filter(|(p, _)| p.starts_with("rules") && p.extension().is_some_and(|e| e == "md"))
    {
        for (n, line) in text.lines().enumerate() {
            for (at, _) in line.match_indices("://") {
                let rest = line.get(at + 3..).unwrap_or("");
                let end = |c: char| !(c.is_ascii_alphanumeric() || ".-:@".contains(c));
                let host = rest.split(end).next().unwrap_or("");
                let host = host.rsplit('@').next().unwrap_or(host).split(':').next().unwrap_or("");
                if !host.is_empty() && host.contains('.') && !is_inert(host) && !is_listed(host) {
                    wrong.push(format!("{}:{}: `{host}`", path.display(), n + 1));
                }
            }
        }
    }
    wrong
}

/// Reserved names, documentation, private and loopback addresses, and the metadata services of clouds.
fn is_inert(host: &str) -> bool {
    let names = [".invalid", ".example", ".test", "localhost", ".local", ".internal", ".arpa"];
    let addresses = [
        "192.0.2.",
        "198.51.100.",
        "203.0.113.",
        "127.",
        "10.",
        "192.168.",
        "172.16.",
        "169.254.",
        "0.0.0.0",
    ];
    names.iter().any(|n| host.ends_with(n) || host == n.trim_start_matches('.'))
        || ["example.com", "example.org", "example.net"].iter().any(|n| host.ends_with(n))
        || addresses.iter().any(|a| host.starts_with(a))
}

pub(super) fn binary_files(tree: &Tree) -> Vec<String> {
    let endings =
        [".whl", ".egg", ".exe", ".dll", ".pyd", ".so", ".dylib", ".zip", ".gz", ".bz2", ".xz", ".pyc"];
    tree.all
        .iter()
        .map(|p| p.to_string_lossy().into_owned())
        .filter(|p| endings.iter().any(|e| p.ends_with(e)))
        .collect()
}
