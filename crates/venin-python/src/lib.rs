//! Python source to events: the only crate that sees the parser.

mod catalogue;
pub mod fold;
mod interpret;
mod project;
pub mod source;
pub mod value;

pub use interpret::analyze;
pub use project::{Analysis, Limits, Project, ProjectRoot, SourceFile, SourceKind};
