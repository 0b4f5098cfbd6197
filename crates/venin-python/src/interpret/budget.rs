//! Budgets: how many steps, rounds and levels are left, of the analysis and of the root in course.
//!
//! Everything is counted and nothing is timed, so that two runs agree.  How much of it a statement may take stands in
//! [`super::share`].

use super::Interpreter;
use crate::project::Limits;
use crate::value::Share;

/// Steps beyond their budget that all functions get together which are let run to their end: decoders are few, test
/// programs that compute are many.
const STEPS_TO_SPARE: u64 = 150_000;
/// Most bytes of an artifact that are searched for code that is executed, over all searches.
const MAX_SEARCHED: u64 = 1 << 30;
/// Most calls and expressions inside each other.
const MAX_DEPTH: u32 = 2000;

/// What was spent, and where it ends.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) steps: u64,
    pub(super) steps_left: Share,
    /// Steps left for functions that are let run to their end.
    pub(super) steps_to_spare: u64,
    /// Rounds of loops.
    pub(super) iterations: u64,
    pub(super) iterations_left: Share,
    /// How many statements that took a share are inside each other.
    pub(super) shares: u64,
    /// Bytes of the artifact that may still be searched for code that is executed.
    pub(super) bytes_to_search: u64,
    /// How many calls and expressions are inside each other.
    pub(super) depth: u32,
    /// Statements that were not followed to their end, and those of them that were told.
    pub(super) cuts: u64,
    pub(super) cuts_told: usize,
    /// Whether some function was not run to its end.
    pub(super) is_root_cut: bool,
}

impl Budget {
    pub(super) const fn new(limits: &Limits) -> Self {
        Self {
            steps: 0,
            steps_left: Share::new(limits.steps, limits.steps),
            steps_to_spare: STEPS_TO_SPARE,
            iterations: 0,
            iterations_left: Share::new(limits.iterations, limits.iterations),
            shares: 0,
            bytes_to_search: MAX_SEARCHED,
            depth: 0,
            cuts: 0,
            cuts_told: 0,
            is_root_cut: false,
        }
    }

    /// Gives a root its steps, and the rounds that are left.
    pub(super) fn begin_root(&mut self, steps: u64, limits: &Limits) {
        self.steps_left = Share::new(limits.steps.min(self.steps.saturating_add(steps)), steps);
        self.iterations_left = Share::new(limits.iterations, limits.iterations);
        self.shares = 0;
        self.depth = 0;
    }

    /// Whether the steps of the share in course are spent.
    pub(super) const fn are_steps_spent(&self) -> bool {
        self.steps >= self.steps_left.end
    }
}

impl Interpreter<'_> {
    /// Takes one step; false when the budget of the root or of the analysis is spent.
    pub(super) fn step(&mut self) -> bool {
        self.budget.steps += 1;
        !self.budget.are_steps_spent() && !self.heap.is_exhausted()
    }

    /// Runs something one level deeper; gives what stands in its place when the nesting budget is spent.
    ///
    /// No `Option` around the result: this is where the time goes, and a value that is wrapped is copied.
    pub(super) fn nested<T>(
        &mut self,
        in_its_place: impl FnOnce() -> T,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if self.budget.depth >= MAX_DEPTH {
            return in_its_place();
        }
        self.budget.depth += 1;
        let result = run(self);
        self.budget.depth -= 1;
        result
    }
}
