//! Other scanners over the same list (paper, RQ3): how their answers are read, and how well they do.
//!
//! - [`mapping`] reads a tool's exit code and output as an [`trial::Outcome`];
//! - [`trial`] is a file with its label and what each tool said of it, [`score`] counts;
//! - [`chapter`] gives the tables, with the paper's own beside them.
//!
//! Nothing is started here: the program runs the commands and hands over what they gave.

pub mod chapter;
pub mod mapping;
pub mod score;
pub mod trial;

pub use chapter::make_tools_chapter;
pub use mapping::{Mapping, Tool, WrongTools, parse_tools};
pub use trial::{Label, Labelled, Outcome, Run, Trial, WrongLine, parse_list};
