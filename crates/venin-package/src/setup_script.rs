//! What `setup.py` says of the project in so many words: its name and version.
//!
//! The script is not run here, and nothing is computed: only texts that stand in the call of `setup` itself are taken.

use crate::pyproject::ProjectFile;

/// Longest part of a script that is read, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// Most places of a word that are looked at.
const MAX_PLACES: usize = 100;

/// Reads `setup.py`.
pub(crate) fn parse_setup_script(text: &str) -> ProjectFile {
    let text = text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or(text);
    let call = text.match_indices("setup(").take(MAX_PLACES).map(|(at, _)| at).find(|at| is_call(text, *at));
    let Some(arguments) = call.and_then(|at| text.get(at + "setup(".len()..)) else {
        return ProjectFile::default();
    };
    ProjectFile {
        name: literal(arguments, "name"),
        version: literal(arguments, "version"),
        ..ProjectFile::default()
    }
}

/// Whether a word stands there by itself, outside of a comment.
fn is_call(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or("");
    let line = before.rsplit('\n').next().unwrap_or(before);
    !line.contains('#')
        && !line.contains("def ")
        && !line.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// The text of an argument by keyword, if it is nothing but one literal without escapes.
fn literal(arguments: &str, keyword: &str) -> Option<String> {
    let places = arguments.match_indices(keyword).take(MAX_PLACES).map(|(at, _)| at);
    places.into_iter().find_map(|at| {
        let before = arguments.get(..at)?.trim_end();
        if !(before.is_empty() || before.ends_with(',')) {
            return None;
        }
        let value = arguments.get(at + keyword.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (text, rest) = value.get(1..)?.split_once(quote)?;
        let is_whole = rest.trim_start().starts_with([',', ')']);
        let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+!".contains(c));
        (is_whole && is_plain && !text.is_empty()).then(|| text.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_that_stands_in_the_call() {
        let file = parse_setup_script(
            "from setuptools import setup\nsetup(\n    name = 'inert-lib',\n    version=\"1.2\",\n)\n",
        );
        assert_eq!((file.name.as_deref(), file.version.as_deref()), (Some("inert-lib"), Some("1.2")));
    }

    #[test]
    fn what_is_computed_is_not_guessed() {
        for text in [
            "setup(name=NAME, version='1' + SUFFIX)",
            "setup(**options)",
            "# setup(name='other')",
            "def setup(name='x'): pass",
            "setup(name=\"a\\x62\")",
            "setup(author_name='x')",
            "setup(",
            "",
        ] {
            let file = parse_setup_script(text);
            assert_eq!((file.name, file.version), (None, None), "{text}");
        }
    }
}
