//! The audit of mirrors over HTTP: every known project's page on every mirror, every file that is known, and controls
//! before and after.
//!
//! Findings stream as batches: a batch counts only when the controls after it are as well as those before it.  What is
//! finished is handed out with it, so that a run that was killed goes on where it was.

mod claims;
mod finding;
mod keep;
mod on_disk;
mod project;
mod sweep;

pub use claims::{Prior, PriorClaims, claims_of, unknown_claim};
pub use finding::Finding;
pub use keep::{Keeper, Stretch, Tell, claim_source, stretch_of, sweep_id, whole_stretch};
pub use on_disk::finding_on_disk;
pub use project::audit_project;
pub use sweep::{Batch, Progress, Sweep, SweepEnd, run_sweep};

#[cfg(test)]
mod tests;

#[cfg(test)]
mod range_tests;
