//! Whether code lies where a project keeps what is neither installed nor imported: its tests, examples, documents, and what
//! its own developers run.
//!
//! It looks at the path alone, and says nothing of what runs the code.

/// Folders at the root of a project that hold tests, examples and documents, and the tools of those who build it.
const ASIDE: [&str; 27] = [
    "test",
    "tests",
    "testing",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "doc",
    "docs",
    "notebooks",
    "tutorial",
    "tutorials",
    "bench",
    "benchmark",
    "benchmarks",
    "devel",
    "dev",
    "devtools",
    "tools",
    "scripts",
    "contrib",
    "maint",
    "ci",
    "hack",
    "packaging",
];

/// Whether the member lies in such a folder at the root of a source distribution, `name-1.0/tests/x.py`, or is a document
/// there.
///
/// What an installed file set holds under such a name is installed, so the root has to be that of a source distribution.
pub(crate) fn is_aside(member: &str) -> bool {
    let mut parts = member.split('/');
    let is_versioned_root = parts.next().is_some_and(|root| {
        // The folders of a wheel carry a version, too, and what lies in them is installed.
        !root.ends_with(".data")
            && root.split_once('-').is_some_and(|(_, rest)| {
                rest.rsplit('-')
                    .next()
                    .is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
            })
    });
    let Some(first) = parts.next().filter(|_| is_versioned_root) else { return false };
    match parts.next() {
        // No package has a name with a dot.
        Some(_) => first.starts_with('.') || ASIDE.iter().any(|own| first.eq_ignore_ascii_case(own)),
        None => is_document(first),
    }
}

/// Whether a file is a text for readers; what it shows is run by hand, if at all.
fn is_document(file: &str) -> bool {
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["md", "rst", "ipynb"].iter().any(|own| extension.eq_ignore_ascii_case(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_side_folders_and_documents_at_the_root_of_a_source_distribution_are_aside() {
        assert!(is_aside("my-tool-1.0.2/tests/unit/test_a.py"));
        assert!(is_aside("tool-1.0/Examples/show.py"));
        assert!(is_aside("tool-1.0/.github/scripts/release.py") && is_aside("tool-1.0/README.md"));
        assert!(!is_aside("tool-1.0/tool/tests/test_a.py"), "below the package: installed");
        assert!(!is_aside("tests/test_a.py"), "the root of a wheel: installed");
        assert!(!is_aside("tool-1.0/setup.py") && !is_aside("tool-1.0/tools.py"));
        assert!(!is_aside("tool-data/tests/a.py"), "no version");
        assert!(!is_aside("tool-1.0.data/scripts/a"), "a script of a wheel: installed");
        assert!(!is_aside("tests-1.0/setup.py"));
    }
}
