//! The `venin` command.
fn main() {}
