//! Letters glued to a name without a separator: `colorama` in `xcolorama` and `coloramapip`.
//!
//! Plugins and clients set a separator between the name of what they extend and their own.

use super::{Confusion, letters};

/// Fewest letters of a name that still is recognized inside a longer word.
const RECOGNIZED: usize = 6;
/// Most letters that are glued to it.
const MOST: usize = 10;

/// Whether `name` is `other` with letters glued to its front or end.
pub(super) fn compare(name: &str, other: &str) -> Option<Confusion> {
    let rest = name.strip_prefix(other).or_else(|| name.strip_suffix(other))?;
    let is_glued = (1..=MOST).contains(&rest.len()) && !rest.contains('-') && !other.contains('-');
    (is_glued && letters(other) >= RECOGNIZED).then_some(Confusion::Glued)
}

/// The parts of a name that letters can be glued to: all it begins and ends with.
pub(super) fn candidates(name: &str) -> impl Iterator<Item = &str> {
    let places = move || name.char_indices().map(|(at, _)| at).skip(1);
    places().filter_map(|at| name.get(..at)).chain(places().filter_map(|at| name.get(at..)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_may_be_glued_to_either_end() {
        for name in ["xcolorama", "coloramapip"] {
            assert_eq!(compare(name, "colorama"), Some(Confusion::Glued), "{name}");
            assert!(candidates(name).any(|part| part == "colorama"));
        }
        for name in ["colorama", "colorama-pip", "types-colorama", "colormap"] {
            assert_eq!(compare(name, "colorama"), None, "{name}");
        }
    }
}
