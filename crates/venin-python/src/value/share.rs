//! Shares of a budget: what one of several users, which may be inside each other, may take of what is left.

/// What a share leaves of a budget at the outermost level: one part in so many.
const LEFT: u64 = 16;

/// A budget, or a share of one.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// The count at which it ends.
    pub end: u64,
    /// How much it was when it began.
    whole: u64,
}

impl Share {
    /// A budget of so much that ends at a count.
    #[must_use]
    pub const fn new(end: u64, whole: u64) -> Self {
        Self { end, whole }
    }

    /// The share of a user inside of so many others: all of what is left but a part, and once only such a part is left, a
    /// sixteenth of that.
    ///
    /// The part is smaller the deeper the user is, one in 16, in 17, in 18.  The same part at each level would leave nothing
    /// at the bottom of some dozens of calls, however little was spent; so a thousand levels still get a sixtieth.  What is
    /// left is compared with the share around it, because a small share is not one that was used up.
    #[must_use]
    pub const fn at_level(self, at: u64, level: u64) -> Self {
        let left = self.end.saturating_sub(at);
        let parts = LEFT + level;
        let whole = if left > self.whole / parts { left - left / parts } else { left / LEFT };
        Self { end: at + whole, whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_leaves_something_however_often_it_is_taken() {
        let budget = Share::new(1_000_000, 1_000_000);
        let mut at = 0;
        for _ in 0..40 {
            let end = budget.at_level(at, 0).end;
            assert!(end > at && end < budget.end, "{at}");
            at = end;
        }
        assert!(budget.end - at > 1_000, "{at}");
    }

    #[test]
    fn shares_inside_each_other_leave_enough_at_the_bottom_and_something_at_every_level() {
        let mut share = Share::new(1_000_000, 1_000_000);
        for level in 0..300 {
            let inner = share.at_level(0, level);
            assert!(inner.end < share.end, "{level}");
            share = inner;
        }
        assert!(share.end > 40_000, "{share:?}");
    }
}
