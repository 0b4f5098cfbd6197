//! Occasions: what makes code run that was put off, and under which conditions.
//!
//! Who starts a thread in a branch starts it only there.  What runs after the branch was left has to know of it, or a
//! guard would last no longer than the statement that it stands before.

use venin_model::{Condition, Trigger};

use super::Interpreter;

/// What the code in course runs under.
#[derive(Debug, Clone)]
pub(super) struct Occasion {
    trigger: Trigger,
    conditions: Vec<Condition>,
}

impl Occasion {
    /// Whether something that was put off on both occasions runs sooner on this one.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        self.trigger < other.trigger
    }

    /// Takes one more occasion for the same thing in: a condition that this one lacks is none.
    pub(super) fn take_in(&mut self, other: &Self) {
        if self.trigger == other.trigger {
            self.conditions.retain(|condition| other.conditions.contains(condition));
        }
    }
}

impl Interpreter<'_> {
    /// What runs now.
    pub(super) fn occasion(&self) -> Occasion {
        Occasion { trigger: self.trigger, conditions: self.branches.conditions.clone() }
    }

    /// Runs something that was put off on another occasion.
    ///
    /// Where what runs it now is itself reached later than that, it runs no sooner: a callback that a branch never hands
    /// over is not run by whoever would call it.
    pub(super) fn on_occasion<T>(&mut self, occasion: &Occasion, run: impl FnOnce(&mut Self) -> T) -> T {
        let trigger = self.trigger;
        let conditions = self.branches.conditions.len();
        self.trigger = trigger.max(occasion.trigger);
        let is_new = |condition: &&Condition| !self.branches.conditions.contains(condition);
        let added: Vec<Condition> = occasion.conditions.iter().filter(is_new).cloned().collect();
        self.branches.conditions.extend(added);
        let result = run(self);
        self.branches.conditions.truncate(conditions);
        self.trigger = trigger;
        result
    }
}
