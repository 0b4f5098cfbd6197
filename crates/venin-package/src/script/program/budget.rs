//! How much work a source may cost: texts that nest or repeat a name must not cost more than their length is worth.

use std::cell::Cell;

/// Looks at tokens that are free, for sources with few tokens.
const FREE: usize = 1 << 20;
/// Looks at tokens for each token of a source.
const PER_TOKEN: usize = 32;

/// Bytes of texts that may be put together in any source.
const FREE_BYTES: usize = 8 << 20;
/// Bytes of texts that may be put together for each token of a source.
const BYTES_PER_TOKEN: usize = 64;

/// The looks at tokens that are left, and the bytes of texts.
#[derive(Debug)]
pub(super) struct Budget {
    left: Cell<usize>,
    is_spent: Cell<bool>,
    all_bytes: usize,
    left_bytes: Cell<usize>,
    is_text_cut: Cell<bool>,
}

impl Budget {
    /// The budget of a source with so many tokens.
    pub(super) fn of(n_tokens: usize) -> Self {
        let left = FREE.saturating_add(n_tokens.saturating_mul(PER_TOKEN));
        let all_bytes = FREE_BYTES.saturating_add(n_tokens.saturating_mul(BYTES_PER_TOKEN));
        Self {
            left: Cell::new(left),
            is_spent: Cell::new(false),
            all_bytes,
            left_bytes: Cell::new(all_bytes),
            is_text_cut: Cell::new(false),
        }
    }

    /// Takes looks, and says whether there were as many; what does not fit is not looked at.
    pub(super) fn take(&self, looks: usize) -> bool {
        match self.left.get().checked_sub(looks) {
            Some(left) => self.left.set(left),
            None => self.is_spent.set(true),
        }
        !self.is_spent.get()
    }

    /// Takes bytes of a text that is put together, and says whether there were as many.  A shorter text may still fit:
    /// what is known of a call must not depend on how long the texts of others are.
    pub(super) fn take_bytes(&self, bytes: usize) -> bool {
        match self.left_bytes.get().checked_sub(bytes) {
            Some(left) => {
                self.left_bytes.set(left);
                true
            }
            None => {
                self.is_text_cut.set(true);
                false
            }
        }
    }

    /// Gives all bytes again: what a source names takes nothing away from what its calls are given.
    pub(super) fn refill_bytes(&self) {
        self.left_bytes.set(self.all_bytes);
    }

    /// Whether something was left out: not looked at, or not put together.
    pub(super) fn is_cut(&self) -> bool {
        self.is_spent.get() || self.is_text_cut.get()
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
        assert!(budget.is_cut());
        assert!(!budget.take(1), "order of calls must not decide what is read");
    }

    #[test]
    fn a_text_that_does_not_fit_leaves_the_others_and_the_looks() {
        let budget = Budget::of(0);
        assert!(!budget.take_bytes(FREE_BYTES + 1) && budget.is_cut());
        assert!(budget.take_bytes(FREE_BYTES) && !budget.take_bytes(1) && budget.take(1));
        budget.refill_bytes();
        assert!(budget.take_bytes(1) && budget.is_cut(), "what was left out stays left out");
    }
}
