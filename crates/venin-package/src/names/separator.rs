//! The same letters, otherwise separated: `python-dateutil` and `pythondateutil`.

use super::Confusion;

/// The name without separators.
pub(super) fn joined(name: &str) -> String {
    name.chars().filter(|c| *c != '-').collect()
}

/// Whether two different normalized names have the same letters in the same order.
pub(super) fn compare(name: &str, other: &str) -> Option<Confusion> {
    let (left, right) = (name.chars().filter(|c| *c != '-'), other.chars().filter(|c| *c != '-'));
    (name != other && left.eq(right)).then_some(Confusion::Separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_may_be_missing_or_too_many() {
        assert_eq!(compare("pythondateutil", "python-dateutil"), Some(Confusion::Separator));
        assert_eq!(compare("set-up-tools", "setuptools"), Some(Confusion::Separator));
        assert_eq!(compare("setuptools", "setuptools"), None);
        assert_eq!(compare("setup-tool", "setuptools"), None);
    }
}
