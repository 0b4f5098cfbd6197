//! The fitted weights: two numbers a rule, read from `data/weights.toml` when the crate is built.
//!
//! A rule says more when nothing but installing or importing runs the code than when somebody must call it, so
//! each has a weight for either.  A rule that was not fitted, such as a user's own, weighs what its page says.

include!(concat!(env!("OUT_DIR"), "/weights.rs"));

/// What a rule adds in log-odds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RuleWeight {
    /// When the code runs by itself: install, build, startup, import.
    pub automatic: f64,
    /// When somebody must call it.
    pub called: f64,
}

/// Share of a page's weight when somebody must call the code, where nothing was fitted.
const CALLED: f64 = 0.7;

/// The weight of a rule; `page` is what its page says.
#[must_use]
pub fn rule_weight(rule: &str, page: f64) -> RuleWeight {
    match FITTED.binary_search_by(|(id, ..)| (*id).cmp(rule)).ok().and_then(|at| FITTED.get(at)) {
        Some((_, automatic, called)) => RuleWeight { automatic: *automatic, called: *called },
        None => RuleWeight { automatic: page, called: CALLED * page },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(FITTED.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn running_by_itself_never_weighs_less() {
        for (rule, automatic, called) in FITTED {
            assert!(automatic >= called, "{rule}: {automatic} by itself, {called} when called");
            assert!(*called >= 0.0, "{rule}");
        }
    }

    #[test]
    fn a_rule_that_was_not_fitted_weighs_what_its_page_says() {
        assert_eq!(rule_weight("no such rule", 2.0).automatic.to_bits(), 2.0_f64.to_bits());
    }
}
