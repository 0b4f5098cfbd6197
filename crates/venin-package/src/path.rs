//! Member paths taken apart.  `!` separates a nested archive from what lies in it, so it counts as a separator.

/// The last component.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit(['/', '!']).next().unwrap_or(path)
}

/// Everything before the last component, its separator included; empty at the top.
pub(crate) fn folder(path: &str) -> &str {
    path.get(..path.len() - base_name(path).len()).unwrap_or("")
}

/// The part of the last component after its last dot, as written; empty when there is none or only a leading dot.
pub(crate) fn extension(path: &str) -> &str {
    match base_name(path).rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension,
        _ => "",
    }
}

/// The last component without its extension.
pub(crate) fn stem(path: &str) -> &str {
    let name = base_name(path);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// Whether the extension is this one, whatever the case.
pub(crate) fn has_extension(path: &str, wanted: &str) -> bool {
    extension(path).eq_ignore_ascii_case(wanted)
}

/// The path without leading `./` and `/`, which archives disagree about.
pub(crate) fn without_lead(path: &str) -> &str {
    let mut rest = path;
    loop {
        let shorter = rest.strip_prefix("./").or_else(|| rest.strip_prefix('/'));
        match shorter {
            Some(shorter) => rest = shorter,
            None => return rest,
        }
    }
}

/// How many folders lie above the last component.
pub(crate) fn depth(path: &str) -> usize {
    path.bytes().filter(|b| matches!(b, b'/' | b'!')).count()
}

/// Whether the member lies in an archive inside the artifact.
pub(crate) fn is_nested(path: &str) -> bool {
    path.contains('!')
}

/// Whether the path ends in a suffix that Python sources have.
pub(crate) fn is_python_source(path: &str) -> bool {
    has_extension(path, "py") || has_extension(path, "pyw")
}

/// Resolves `.` and `..` in a `/`-separated relative path from the user's text; `None` when it leaves the root.
pub(crate) fn clean_relative(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether a list of words separated by white space holds the word.
pub(crate) fn lists(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|own| own == word)
}

/// Folders that hold tests, documents and the like: they are not installed, or nobody imports them.
pub(crate) fn is_side_folder(name: &str) -> bool {
    const SIDE: &str = "test tests testing unittest unittests unit_tests test_data testdata fixtures doc docs example \
        examples sample samples demo demos bench benchmark benchmarks tools scripts script build dist ci vendor \
        third_party requirements node_modules venv env site-packages";
    name.starts_with('.') || name.starts_with("__") || lists(SIDE, &name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_path_are_found_across_nested_archives() {
        assert_eq!(base_name("a/b.whl!c.py"), "c.py");
        assert_eq!(folder("a/b.whl!c.py"), "a/b.whl!");
        assert_eq!(extension("a/.hidden"), "");
        assert_eq!(stem("a/x.tar.gz"), "x.tar");
        assert_eq!(depth("a/b.whl!c.py"), 2);
        assert_eq!(without_lead(".//a"), "a");
    }

    #[test]
    fn a_path_that_leaves_the_root_is_refused() {
        assert_eq!(clean_relative("./a/../b").as_deref(), Some("b"));
        assert_eq!(clean_relative("../b"), None);
    }
}
