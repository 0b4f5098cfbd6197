//! Letters typed once too often or too rarely: `colorrama`, `setuptols`.

use super::Confusion;

/// The name with one letter for every run of the same letter; digits and separators stay.
pub(super) fn squeezed(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if !c.is_alphabetic() || !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

/// Whether two different normalized names differ only in how often a letter stands in a row, by at most three letters.
pub(super) fn compare(name: &str, other: &str) -> Option<Confusion> {
    let is_doubled =
        name != other && name.len().abs_diff(other.len()) <= 3 && squeezed(name) == squeezed(other);
    is_doubled.then_some(Confusion::Doubled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_may_stand_once_or_often() {
        for (name, other) in
            [("colorrama", "colorama"), ("setuptols", "setuptools"), ("coloramaaa", "colorama")]
        {
            assert_eq!(compare(name, other), Some(Confusion::Doubled), "{name}");
        }
        assert_eq!(compare("colorama", "colorama"), None);
        assert_eq!(compare("colorama11", "colorama1"), None);
    }
}
