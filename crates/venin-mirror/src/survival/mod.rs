//! How long mirrors keep what the index removed.
//!
//! Nobody sees the moment at which a file disappears: it was there at one probe and gone at the next, or is there still.
//! [`turnbull`] takes the spans as they are; [`kaplan_meier`] takes the later end for the moment itself, which is
//! simpler to read and never too early.  Pure functions over numbers.

mod claims;
mod kaplan_meier;
mod turnbull;

pub use claims::{Persistence, What, persistence_of};
pub use kaplan_meier::{SurvivalStep, Time, kaplan_meier, median};
pub use turnbull::{MassInterval, Turnbull, turnbull};

/// When something ended, counted from its beginning: after one time and by another, in any unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// It had not ended then.
    pub after: f64,
    /// It had ended then; `None` when it had not ended at the last look.
    pub by: Option<f64>,
}

impl Span {
    /// The time that [`kaplan_meier`] takes it for.
    #[must_use]
    pub fn latest(&self) -> Time {
        self.by.map_or(Time::Censored(self.after), Time::Event)
    }
}
