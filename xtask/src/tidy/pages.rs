//! Rule pages have what a reader needs.

use venin_rules::{ExampleKind, parse_page};

use super::Tree;

pub(super) fn incomplete_pages(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in &tree.files {
        if !path.starts_with("rules")
            || path.extension().is_none_or(|e| e != "md")
            || path.ends_with("README.md")
        {
            continue;
        }
        let name = path.display().to_string();
        let page = match parse_page(&name, text) {
            Ok(page) => page,
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        let examples = match page.parse_examples() {
            Ok(examples) => examples,
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        let count = |kind: ExampleKind| examples.iter().filter(|e| e.kind == kind).count();
        if count(ExampleKind::Positive) == 0 {
            wrong.push(format!("{name}: no example that is found"));
        }
        if count(ExampleKind::LookAlike) < 2 {
            wrong.push(format!("{name}: fewer than two benign look-alikes"));
        }
        for section in ["What it detects", "Why it matters"] {
            if !page.body().contains(&format!("## {section}")) {
                wrong.push(format!("{name}: no section `{section}`"));
            }
        }
    }
    wrong
}
