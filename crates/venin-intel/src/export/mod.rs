//! What is known, in the forms that others take.
//!
//! Pure functions from claims to text or bytes; nothing is read or written here.

mod osv;

pub use osv::render_osv_record;
