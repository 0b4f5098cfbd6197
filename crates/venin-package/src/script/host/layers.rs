//! What the texts that a script executes may cost: all layers of one member have one budget.
//!
//! `eval(a)` is a few bytes, and `a` can be a text of any length.  With a budget for each text, many short calls would
//! cost many whole budgets.  A text that was read in the same layer is not read again either.

use std::ops::Range;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::super::command_lines::weight;
use super::super::operation::Operation;
use super::Language;

/// How deep decoded texts are read.
pub(super) const MAX_LAYERS: u32 = 4;
/// Most bytes of executed texts that are read, and of operations that are copied.
const MAX_BYTES: usize = 4 << 20;

/// A text that is executed: what it says, in which language, and how deep.
pub(super) type Layer = (Rc<str>, Language, u32);

/// Where the operations of a text stand, and the call that executes it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) call: usize,
    pub(super) operations: Range<usize>,
}

/// What was read of the layers, and what may still be read.
#[derive(Debug)]
pub(super) struct Layers {
    known: FxHashMap<Layer, Found>,
    left: usize,
    /// Steps that the scanners of all layers took.
    pub(super) steps: usize,
}

impl Layers {
    /// Nothing read yet.
    pub(super) fn new() -> Self {
        Self { known: FxHashMap::default(), left: MAX_BYTES, steps: 0 }
    }

    /// Takes from the budget of bytes, and says whether there were as many.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    /// What was read of a text before.
    pub(super) fn find(&self, layer: &Layer) -> Option<Found> {
        self.known.get(layer).cloned()
    }

    /// Remembers what was read of a text.
    pub(super) fn note(&mut self, layer: Layer, found: Found) {
        self.known.insert(layer, found);
    }

    /// An operation as it would be had the text been read for another call; `None` when the budget is spent.
    pub(super) fn copy(
        &mut self,
        operation: &Operation,
        found: &Found,
        (call, caller): (usize, &Operation),
    ) -> Option<Operation> {
        if !self.take(weight(operation)) {
            return None;
        }
        // Calls around the first one are not around this one.
        let inner = operation.inputs.iter().filter(|input| **input >= found.call);
        Some(Operation {
            inputs: inner.map(|input| input - found.call + call).collect(),
            line: caller.line,
            snippet: caller.snippet.clone(),
            command: (operation.command + call).saturating_sub(found.call),
            ..operation.clone()
        })
    }
}
