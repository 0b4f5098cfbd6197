//! One typing error: a letter missing, too many, wrong, or exchanged with its neighbor.
//!
//! The distance is that of Damerau and Levenshtein, and only whether it is one; so no table is needed.  Digits are left
//! out: names that differ in a number are versions of each other.  Names that differ in their first letter are other words
//! more often than errors (`slack`, `black`), so that letter must be right unless the name is long.

use super::{Confusion, SHORTEST};

/// Fewest letters of a word in which a letter that is missing, added or wrong is still no other word.
const SINGLE: usize = 6;
/// Fewest letters of a word that is recognized without its first letter, or with one before it.
const LONG: usize = 8;

/// The one error that makes `name` out of `other`, both normalized.
pub(super) fn compare(name: &str, other: &str) -> Option<Confusion> {
    // One error leaves the first or the last letter; that rules out most names before anything is copied.
    if name.chars().next() != other.chars().next() && name.chars().next_back() != other.chars().next_back() {
        return None;
    }
    let (left, right): (Vec<char>, Vec<char>) = (name.chars().collect(), other.chars().collect());
    if left.len().abs_diff(right.len()) > 1 {
        return None;
    }
    let front = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let (left_rest, right_rest) = (left.get(front..)?, right.get(front..)?);
    let back = left_rest.iter().rev().zip(right_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let typed = left_rest.get(..left_rest.len() - back)?;
    let meant = right_rest.get(..right_rest.len() - back)?;
    let confusion = match (typed, meant) {
        ([_], []) => Confusion::Insertion,
        ([], [_]) => Confusion::Omission,
        ([_], [_]) => Confusion::Substitution,
        ([a, b], [c, d]) if a == d && b == c => Confusion::Transposition,
        _ => return None,
    };
    let is_letter = |c: &char| !c.is_ascii_digit() && *c != '-';
    let is_misspelt = typed.iter().chain(meant).all(is_letter);
    let least = match confusion {
        Confusion::Transposition => SHORTEST,
        Confusion::Substitution if front == 0 => return None,
        _ if front == 0 => LONG,
        _ => SINGLE,
    };
    (is_misspelt && word_around(&right, front) >= least).then_some(confusion)
}

/// The length of the word that a place lies in: in `azure-mgmt-dns`, likenesses of `dns` are other services.
fn word_around(name: &[char], at: usize) -> usize {
    let at = at.min(name.len());
    let letters = |c: &&char| **c != '-';
    let (front, back) = name.split_at_checked(at).unwrap_or((name, &[]));
    front.iter().rev().take_while(letters).count() + back.iter().take_while(letters).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_name() {
        let cases = [
            ("colorsama", "colorama", Confusion::Insertion),
            ("colrama", "colorama", Confusion::Omission),
            ("colorana", "colorama", Confusion::Substitution),
            ("coloarma", "colorama", Confusion::Transposition),
        ];
        for (name, other, confusion) in cases {
            assert_eq!(compare(name, other), Some(confusion), "{name}");
        }
    }

    #[test]
    fn numbers_separators_and_short_words_are_no_errors() {
        for (name, other) in [
            ("urllib4", "urllib3"),
            ("colorama", "colorama"),
            ("color-ama", "colorama"),
            ("azure-mgmt-dms", "azure-mgmt-dns"),
            ("clolroama", "colorama"),
            ("bolorama", "colorama"),
            ("pytset", "pytest-x"),
            ("blank", "black"),
        ] {
            assert_eq!(compare(name, other), None, "{name}");
        }
    }
}
