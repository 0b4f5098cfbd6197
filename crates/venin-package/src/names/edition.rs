//! A word or number that promises an edition of the same project: `colorama-new`, `colorama3`.
//!
//! Words that name a thing of its own (`-client`, `-stubs`, `types-`, `pytest-`) are how plugins are named and promise
//! nothing.

use super::Confusion;
use crate::path::lists;

/// Words behind a name that promise the same thing, only better.
const BEHIND: &str = "new latest official update updated updater upgrade upgraded fix fixed fixes patch patched real \
    original plus pro premium final stable release module package library libs lib py python python3 python2 \
    pypi win windows v1 v2 v3 v4";
/// Words in front that do.
const BEFORE: &str = "new official latest real original the my easy simple fast better super";

/// Whether `name` is `other` with such a word or number.
pub(super) fn compare(name: &str, other: &str) -> Option<Confusion> {
    candidates(name).any(|rest| rest == other).then_some(Confusion::Edition)
}

/// What a name can be an edition of.
pub(super) fn candidates(name: &str) -> impl Iterator<Item = &str> {
    let digits = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = (digits.len() < name.len()).then(|| digits.trim_end_matches('-'));
    let behind = name.rsplit_once('-').filter(|(_, word)| lists(BEHIND, word)).map(|(rest, _)| rest);
    let before = name.split_once('-').filter(|(word, _)| lists(BEFORE, word)).map(|(_, rest)| rest);
    numbered.into_iter().chain(behind).chain(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_promise_editions() {
        for name in ["colorama-new", "colorama3", "colorama-2", "official-colorama", "colorama-v2"] {
            assert_eq!(compare(name, "colorama"), Some(Confusion::Edition), "{name}");
        }
    }

    #[test]
    fn plugins_and_clients_are_things_of_their_own() {
        for name in
            ["types-colorama", "pytest-colorama", "colorama-stubs", "django-colorama", "colorama-client"]
        {
            assert_eq!(compare(name, "colorama"), None, "{name}");
        }
    }
}
