//! Signs that a release describes another project than itself: the repository or documentation it points at, the name that its
//! description has the reader install.
//!
//! Both are facts about text alone.  Forks, bindings and collections in one repository do the same, so names that share
//! a word are told apart.

use super::separator;
use crate::metadata::CoreMetadata;
use crate::requirement::normalize_name;

/// How much of a description is read, in bytes.
const MAX_DESCRIPTION: usize = 64 << 10;
/// Most URLs read.
const MAX_URLS: usize = 60;

/// The repository that a URL names, as `owner/repository` is its path: normalized, with the URL.
fn repository(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let path = rest.split(['?', '#']).next()?;
    let name = path.split('/').filter(|part| !part.is_empty()).nth(2)?;
    Some(normalize_name(name.strip_suffix(".git").unwrap_or(name)))
}

/// The project that a documentation host serves under its name: the first label of `project.docs.example`.
///
/// Hosts of two labels are left out: those of vendors are named for their services, too.
fn documented(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#', ':']).next()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    let (first, domain) = host.split_once('.')?;
    domain.contains('.').then(|| normalize_name(first))
}

/// The projects whose repositories the metadata gives as its own, with the URL of each.
pub(crate) fn repositories(metadata: &CoreMetadata) -> Vec<(String, &str)> {
    urls(metadata).filter_map(|url| Some((repository(url)?, url))).collect()
}

/// The projects whose documentation the metadata gives as its own, with the URL of each.
pub(crate) fn documentations(metadata: &CoreMetadata) -> Vec<(String, &str)> {
    urls(metadata).filter_map(|url| Some((documented(url)?, url))).collect()
}

fn urls(metadata: &CoreMetadata) -> impl Iterator<Item = &str> {
    metadata.urls().into_iter().take(MAX_URLS).map(str::trim)
}

/// Whether two normalized names share a word, or one stands in the other.
pub(crate) fn are_kin(name: &str, other: &str) -> bool {
    let (left, right) = (separator::joined(name), separator::joined(other));
    let shares_word = || name.split('-').any(|word| !word.is_empty() && other.split('-').any(|o| o == word));
    left.contains(&right) || right.contains(&left) || shares_word()
}

/// What a description has the reader install, normalized, in order: `pip install NAME`, `uv add NAME`.
pub(crate) fn installed_names(description: &str) -> Vec<String> {
    let mut names = Vec::new();
    for line in bounded(description).lines() {
        let mut words =
            line.split(|c: char| c.is_whitespace() || matches!(c, '`' | '"' | '\'' | '<' | '>' | '='));
        let mut tool = "";
        while let Some(word) = words.next() {
            let is_command =
                matches!((tool, word), ("pip" | "pip3" | "pipx", "install") | ("uv" | "poetry", "add"));
            tool = word;
            if is_command {
                let name = words.by_ref().find(|w| !w.is_empty() && !w.starts_with('-'));
                names.extend(name.and_then(project_name));
            }
        }
    }
    names
}

/// The name at the front of a requirement, normalized.
fn project_name(word: &str) -> Option<String> {
    let end = word
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(word.len());
    let name = word.get(..end)?.trim_matches(['-', '_', '.']);
    (!name.is_empty()).then(|| normalize_name(name))
}

/// The first line with words, normalized as a name: the title.
pub(crate) fn title(description: &str) -> Option<String> {
    const MARKS: [char; 7] = ['#', '=', '-', '*', '~', ' ', '\t'];
    let mut lines = bounded(description).lines().map(|line| line.trim_matches(MARKS));
    lines.find(|line| !line.is_empty()).map(normalize_name)
}

/// Whether a description names the project anywhere, however separated.
pub(crate) fn mentions(description: &str, name: &str) -> bool {
    let letters = bounded(description).chars().filter(|c| c.is_alphanumeric());
    let text: String = letters.flat_map(char::to_lowercase).collect();
    text.contains(&separator::joined(name))
}

fn bounded(description: &str) -> &str {
    let mut end = description.len().min(MAX_DESCRIPTION);
    while !description.is_char_boundary(end) {
        end -= 1;
    }
    description.get(..end).unwrap_or(description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_the_second_part_of_a_path() {
        let cases = [
            ("https://code.example/owner/Some.Project.git", Some("some-project")),
            ("https://code.example/owner/project/issues?x=1", Some("project")),
            ("https://code.example/owner/", None),
            ("https://project.example", None),
            ("project", None),
            ("", None),
        ];
        for (url, name) in cases {
            assert_eq!(repository(url).as_deref(), name, "{url}");
        }
    }

    #[test]
    fn a_documentation_host_has_the_project_for_its_first_label() {
        let cases = [
            ("https://some-project.docs.example/en", Some("some-project")),
            ("https://www.project.example", None),
            ("https://project.example:8080/x", None),
            ("project", None),
        ];
        for (url, name) in cases {
            assert_eq!(documented(url).as_deref(), name, "{url}");
        }
    }

    #[test]
    fn install_commands_give_the_names_they_install() {
        let text = "Use `pip install -U Some_Thing[extra]==1` or\n    $ python -m pip install other\n> uv add third\npip install";
        assert_eq!(installed_names(text), ["some-thing", "other", "third"]);
        assert_eq!(installed_names("pip installs things"), Vec::<String>::new());
    }

    #[test]
    fn titles_and_mentions_ignore_marks_and_separators() {
        assert_eq!(title("\n=====\n# Some Project #\n").as_deref(), Some("some project"));
        assert_eq!(title("==\n--\n"), None);
        assert!(mentions("The Some_Project\nlibrary", "some-project"));
        assert!(!mentions("a library", "some-project"));
    }

    #[test]
    fn kin_share_a_word() {
        assert!(are_kin("azure-cli-core", "azure-cli"));
        assert!(are_kin("dockerpy", "docker"));
        assert!(!are_kin("color-fun", "requests"));
    }
}
