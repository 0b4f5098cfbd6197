//! Source bytes to the lowered form: decode, measure, parse, lower.
//!
//! The parser's tree lives and dies inside this module; what leaves it is [`ir::Code`], flat arenas.  Python 2
//! is read by editing the text into Python 3 when the parser complains; spans always refer to the text as it
//! was written.  Nothing here looks names up or judges what code does.
//!
//! **Stack.**  Every `parse_` function must be called on a thread with 256 MB of stack (address space, mostly):
//! the parser's tree is dropped by recursion, about 125 bytes a level in any build.  250,000 levels are let
//! through, and never more than a million.  Lowering itself does not recurse into expressions.

pub mod bytecode;
mod codecs;
mod density;
mod edit;
mod encoding;
mod imports;
pub mod ir;
mod literal_value;
mod lower;
pub mod marshal;
mod notebook;
mod parse;
mod problem;
mod pth;
pub mod pyc;
mod python2;
mod scan;
mod shape;
mod traits;

use std::rc::Rc;

pub use encoding::foreign_encoding;
pub use imports::{ImportRef, list_imports};
pub use literal_value::{binds_literal, is_literal_text};
pub use notebook::parse_notebook;
pub use parse::{parse_shared, parse_source, parse_text};
pub use problem::Problem;
pub use pth::parse_pth;
pub use traits::SourceTraits;

use ir::Code;

/// A source as it was understood.
#[derive(Debug)]
pub struct Parsed {
    /// The lowered form; empty if nothing could be read.
    pub code: Rc<Code>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// What the text itself tells.
    pub traits: SourceTraits,
}
