//! Which crate may use which: arrows point down only.

use super::Tree;

/// Crates from the top down, each with those it may use besides `venin-model`.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "venin",
        &[
            "venin-study",
            "venin-mirror",
            "venin-intel",
            "venin-report",
            "venin-scan",
            "venin-rules",
            "venin-python",
            "venin-package",
            "venin-archive",
        ],
    ),
    ("venin-study", &["venin-mirror", "venin-intel", "venin-report", "venin-package"]),
    ("venin-mirror", &["venin-intel", "venin-package"]),
    ("venin-intel", &["venin-package"]),
    ("venin-report", &["venin-package", "venin-scan"]),
    ("venin-scan", &["venin-rules", "venin-python", "venin-package", "venin-archive"]),
    ("venin-rules", &[]),
    ("venin-python", &["venin-package"]),
    ("venin-package", &[]),
    ("venin-archive", &[]),
    ("venin-model", &[]),
    ("venin-testkit", &[]),
];

pub(super) fn upward_dependencies(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in &tree.files {
        let Ok(inside) = path.strip_prefix("crates") else { continue };
        if !path.ends_with("Cargo.toml") {
            continue;
        }
        let name = inside.components().next().map(|c| c.as_os_str().to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let Some((_, allowed)) = ALLOWED.iter().find(|(n, _)| *n == name) else {
            wrong.push(format!("{}: the crate is not in the list of arrows", path.display()));
            continue;
        };
        let mut section = "";
        for line in text.lines() {
            if line.starts_with('[') {
                section = line;
            }
            let used = line.split(['.', ' ', '=']).next().unwrap_or("");
            let is_ours = used.starts_with("venin-") && !section.contains("dev-");
            if is_ours && used != "venin-model" && !allowed.contains(&used) {
                wrong.push(format!("{name} must not use {used}"));
            }
        }
    }
    wrong
}
