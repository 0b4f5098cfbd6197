//! Which malicious files are still served by a mirror, and the exact files to delete.
//!
//! - [`known`]: what is looked for, and [`gather`]: where that comes from;
//! - [`verdict`]: what an index page, a file and the control probes say together;
//! - [`probe`] and [`audit`]: the audit of a mirror over HTTP, planned by [`plan`];
//! - [`local`]: the audit of a mirror's tree on disk, without a network;
//! - [`clean`]: the plan of what to delete, and its application with an undo journal;
//! - [`summary`]: what an audit found, as a document; [`report`]: the private pack for an operator;
//! - [`list`], [`residual`] and [`survival`]: the public mirrors, and how long they keep what was removed.
//!
//! Addresses of mirrors come from the user's configuration; none is compiled in.  Files are hashed and never
//! unpacked, and nothing is deleted that is not proven by its digest.

pub mod audit;
pub mod clean;
pub mod gather;
pub mod known;
pub mod list;
pub mod local;
pub mod plan;
pub mod probe;
pub mod report;
pub mod residual;
pub mod summary;
pub mod survival;
pub mod verdict;

#[cfg(test)]
mod testing;
