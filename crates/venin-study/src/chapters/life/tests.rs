//! What must stay true.
