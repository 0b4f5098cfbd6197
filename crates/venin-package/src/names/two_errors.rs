//! Two typing errors in a long name.
//!
//! The distance is optimal string alignment (Damerau and Levenshtein without overlapping edits) in a band of five
//! diagonals, so a comparison takes time linear in the name.

use super::{Confusion, letters};

/// Fewest letters of a name in which two errors are still no chance.
const LONG: usize = 10;

/// Whether `name` is two typing errors away from `other`, both normalized; the first letter is the same.
pub(super) fn compare(name: &str, other: &str) -> Option<Confusion> {
    // What costs little rules out most names.
    let may_be_near = letters(other) >= LONG
        && name.chars().next() == other.chars().next()
        && !other.contains('-')
        && !name.contains(|c: char| c.is_ascii_digit() || c == '-');
    if !may_be_near {
        return None;
    }
    let (left, right): (Vec<char>, Vec<char>) = (name.chars().collect(), other.chars().collect());
    let is_near = left.len().abs_diff(right.len()) <= 2 && distance(&left, &right) == 2;
    is_near.then_some(Confusion::TwoErrors)
}

/// The optimal string alignment distance, exact up to 2.
fn distance(left: &[char], right: &[char]) -> usize {
    const FAR: usize = 9;
    let width = right.len() + 1;
    let mut rows: [Vec<usize>; 3] = [vec![FAR; width], (0..width).collect(), vec![FAR; width]];
    for (i, a) in left.iter().enumerate() {
        let [before, last, row] = &mut rows;
        row.fill(FAR);
        for j in i.saturating_sub(2)..width.min(i + 5) {
            let at = |cells: &[usize], j: Option<usize>| j.and_then(|j| cells.get(j)).copied().unwrap_or(FAR);
            let previous = j.checked_sub(1);
            let b = previous.and_then(|j| right.get(j));
            let mut best = at(last, Some(j)).min(at(row, previous)) + 1;
            best = best.min(at(last, previous) + usize::from(b != Some(a)));
            let swapped = i.checked_sub(1).and_then(|i| left.get(i));
            let neighbor = j.checked_sub(2).and_then(|j| right.get(j));
            if i > 0 && j > 1 && b == swapped && neighbor == Some(a) {
                best = best.min(at(before, j.checked_sub(2)) + 1);
            }
            if j == 0 {
                best = i + 1;
            }
            if let Some(cell) = row.get_mut(j) {
                *cell = best;
            }
        }
        rows.rotate_left(1);
    }
    rows.get(1).and_then(|row| row.last()).copied().unwrap_or(FAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(left: &str, right: &str) -> usize {
        distance(&left.chars().collect::<Vec<_>>(), &right.chars().collect::<Vec<_>>())
    }

    #[test]
    fn distances_up_to_two_are_exact() {
        let cases = [
            ("abcdef", "abcdef", 0),
            ("abcdef", "abcdeg", 1),
            ("bacdef", "abcdef", 1),
            ("bacdfe", "abcdef", 2),
            ("acdef", "abcdefg", 2),
            ("", "ab", 2),
            ("ab", "", 2),
            ("abcd", "ab", 2),
        ];
        for (left, right, wanted) in cases {
            assert_eq!(between(left, right), wanted, "{left} {right}");
        }
        assert!(between("abcdef", "uvwxyz") > 2);
    }

    #[test]
    fn two_errors_count_in_long_names_only() {
        assert_eq!(compare("beutifulsop", "beautifulsoup"), Some(Confusion::TwoErrors));
        assert_eq!(compare("reqests", "requests"), None);
        assert_eq!(compare("clrama", "colorama"), None);
    }
}
