//! What others say about releases, and what was seen of them.
//!
//! - [`index`]: the package index as a source;
//! - [`claim`]: one thing that one observer says of a release, with provenance;
//!
//! This crate never decides what code does, and never runs any.

pub mod claim;
pub mod http;
pub mod index;
pub mod source;
