//! The same words in another order: `python-dateutil` and `dateutil-python`.
//!
//! Distributions of types have their names by convention (PEP 561), whatever the other order means.

use super::Confusion;

/// The words in alphabetical order; `None` when there is only one.
pub(super) fn sorted_words(name: &str) -> Option<String> {
    let mut words: Vec<&str> = name.split('-').filter(|w| !w.is_empty()).collect();
    words.sort_unstable();
    (words.len() > 1).then(|| words.join("-"))
}

/// Whether two different normalized names have the same words.
pub(super) fn compare(name: &str, other: &str) -> Option<Confusion> {
    let is_types = |name: &str| name.starts_with("types-") || name.ends_with("-stubs");
    let is_reordered = name != other && !is_types(name) && name.len() == other.len() && {
        let words = sorted_words(name);
        words.is_some() && words == sorted_words(other)
    };
    is_reordered.then_some(Confusion::Order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_stand_in_another_order() {
        assert_eq!(compare("dateutil-python", "python-dateutil"), Some(Confusion::Order));
        assert_eq!(compare("python-dateutil", "python-dateutil"), None);
        assert_eq!(compare("dateutils-python", "python-dateutil"), None);
        assert_eq!(compare("types-celery", "celery-types"), None);
    }
}
