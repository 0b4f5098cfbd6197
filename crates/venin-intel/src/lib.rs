//! What others say about releases, and what was seen of them.
//!
//! - [`index`]: the package index as a source;
//! - [`claim`]: one thing that one observer says of a release, with provenance;
//! - [`source`]: who says something, one connector a file;
//! - [`collect`]: the files of a release, from wherever they are still served;
//! - [`http`]: requests to servers, politely;
//! - [`store`]: the event store, append-only, from which everything else can be derived again;
//! - [`known`]: which releases are known to be malicious now, derived from the claims;
//! - [`lifecycle`]: what happened to a release, on which surface and when, derived from the claims;
//! - [`vault`]: samples, encoded so that nothing can run by accident.
//!
//! This crate never decides what code does, and never runs any.

pub mod claim;
pub mod collect;
pub mod export;
pub mod http;
pub mod index;
pub mod known;
pub mod lifecycle;
pub mod source;
pub mod store;
pub mod vault;
