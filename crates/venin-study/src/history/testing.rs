//! Hand-made claims.
