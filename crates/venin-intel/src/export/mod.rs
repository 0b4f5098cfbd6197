//! What is known, in the forms that others take.
//!
//! Pure functions from claims to text or bytes; nothing is read here, and written only to the writer that is given.

mod osv;
mod parquet;

pub use osv::render_osv_record;
pub use parquet::{ClaimRows, render_parquet};
