//! How much work a source may cost: texts that nest or repeat a name must not cost more than their length is worth.

use std::cell::Cell;

/// Looks at tokens that are free, for sources with few tokens.
const FREE: usize = 1 << 20;
/// Looks at tokens for each token of a source.
const PER_TOKEN: usize = 32;

/// The looks at tokens that are left.
#[derive(Debug)]
pub(super) struct Budget {
    left: Cell<usize>,
    is_spent: Cell<bool>,
}

impl Budget {
    /// The budget of a source with so many tokens.
    pub(super) fn of(n_tokens: usize) -> Self {
        let left = FREE.saturating_add(n_tokens.saturating_mul(PER_TOKEN));
        Self { left: Cell::new(left), is_spent: Cell::new(false) }
    }

    /// Takes looks, and says whether there were as many; what does not fit is not looked at.
    pub(super) fn take(&self, looks: usize) -> bool {
        match self.left.get().checked_sub(looks) {
            Some(left) => self.left.set(left),
            None => self.is_spent.set(true),
        }
        !self.is_spent.get()
    }

    /// Whether something was not looked at.
    pub(super) fn is_spent(&self) -> bool {
        self.is_spent.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_spends_the_budget_for_good() {
        let budget = Budget::of(0);
        assert!(budget.take(FREE - 1) && !budget.is_spent());
        assert!(!budget.take(2) && budget.is_spent());
        assert!(!budget.take(1), "order of calls must not decide what is read");
    }
}
