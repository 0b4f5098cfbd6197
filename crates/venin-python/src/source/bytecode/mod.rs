//! Code objects to the lowered form: bytecode of CPython 2.7 and 3.6 to 3.14.
//!
//! The stack is executed symbolically over basic blocks: what an instruction would push is an expression.
//! Loops, branches and handlers are found again in the graph of blocks.  The result need not be the source
//! that was compiled, but it calls the same things with the same values in the same order.  Code whose structure
//! cannot be recovered is emitted block by block; nothing is run.
//!
//! The text of the result is rendered from it, one statement a line, so that findings have something to show.
//!
//! - `opcode`: the numbers of each version; `decode`: bytes to instructions; `tables`: lines and handlers.
//! - `blocks`, `graph`: the flow of control.
//! - `execute`, `calls`, `displays`, `stores`: instructions to expressions and statements.
//! - `conditions`, `regions`, `tries`: blocks to statements.
//! - `assemble`: code objects put together from parts.
//! - `tidy`, `render`: what the compiler added is taken out again, and the text.

mod arena;
mod assemble;
mod bits;
mod blocks;
mod body;
mod calls;
mod compare;
mod conditions;
mod control;
mod decode;
mod displays;
mod execute;
mod graph;
mod loop_regions;
mod opcode;
mod opcode_names;
mod operators;
mod regions;
mod render;
mod render_expr;
mod stores;
mod tables;
mod tidy;
mod tries;
mod unit;
mod version;

use std::rc::Rc;

use venin_model::GapKind;

use super::marshal::{Marshal, ObjectId, Version, read_marshal};
use super::pyc::read_pyc;
use super::{Parsed, Problem, SourceTraits};
use crate::value::Symbols;

pub use assemble::{CodeParts, Layout, Written};
pub use compare::{Comparison, compare_with_source, is_outdated};
pub use version::detect_version;

/// Reads a compiled file (`.pyc`, `.pyo`).
#[must_use]
pub fn parse_pyc(bytes: &[u8], symbols: &mut Symbols) -> Parsed {
    let pyc = read_pyc(bytes);
    let mut parsed = lower_marshal(&pyc.marshal, pyc.version, symbols);
    if let Some(problem) = pyc.marshal.problem {
        parsed.problems.insert(0, problem);
    }
    parsed
}

/// Reads a marshalled code object of a version that is not stated; `None` if it is none.
#[must_use]
pub fn parse_marshalled(bytes: &[u8], symbols: &mut Symbols) -> Option<Parsed> {
    if !matches!(bytes.first(), Some(b'c' | 0xe3)) {
        return None;
    }
    let marshal = read_marshal(bytes, None);
    marshal.codes().next()?;
    let version = detect_version(&marshal);
    let mut parsed = lower_marshal(&marshal, version, symbols);
    parsed.problems.extend(marshal.problem);
    Some(parsed)
}

/// Lowers the outermost code object of marshalled data.
#[must_use]
pub fn lower_marshal(marshal: &Marshal, version: Option<Version>, symbols: &mut Symbols) -> Parsed {
    let mut problems = Vec::new();
    let version = version.or_else(|| detect_version(marshal));
    let code = match version.and_then(|version| Some((version, opcode::opcodes(version)?))) {
        Some((version, opcodes)) => {
            let mut lowering = arena::Lowering::new(marshal, version, opcodes, symbols);
            lowering.lower_root(ObjectId(0));
            problems.extend(lowering.problems());
            lowering.finish()
        }
        None => {
            let detail = match version {
                Some(version) => {
                    format!("bytecode of Python {}.{} is not interpreted", version.major, version.minor)
                }
                None => "bytecode of an unknown version of Python is not interpreted".to_owned(),
            };
            problems.push(Problem::new(GapKind::Unreadable, 1, detail));
            super::ir::Code { lines: [0].into(), ..super::ir::Code::default() }
        }
    };
    Parsed { code: Rc::new(code), problems, traits: SourceTraits::default() }
}
