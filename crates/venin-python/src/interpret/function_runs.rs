//! What is remembered of the functions of the artifact: which were defined, which ran, and what came of it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::special::FunctionRole;
use crate::source::ir::FunctionIdx;
use crate::value::{ObjId, Value};

/// What is remembered of a function after its first runs.
#[derive(Debug, Clone)]
pub(super) struct FunctionRuns {
    pub(super) runs: u32,
    /// Whether a run of it recorded events (its own or of what it calls).
    pub(super) has_events: bool,
    /// Steps of the longest run.
    pub(super) steps: u64,
    /// Whether the budget ended in every run of it.
    pub(super) is_cut: bool,
    /// Whether a run of it wrote something that outlives it.
    pub(super) has_changes: bool,
    /// The class of the object or class that it was called on at last.
    pub(super) receiver: Option<ObjId>,
    /// The position of the argument that it gave back as it was.
    pub(super) passes_on: Option<usize>,
    pub(super) result: Option<Value>,
}

/// The functions of the artifact, by unit and index.
#[derive(Debug)]
pub(super) struct Functions {
    /// Functions that were run.
    pub(super) ran: FxHashMap<(u32, FunctionIdx), FunctionRuns>,
    /// Functions that were defined.
    pub(super) defined: FxHashSet<(u32, FunctionIdx)>,
    /// Functions with a meaning of their own.
    pub(super) roles: FxHashMap<ObjId, FunctionRole>,
    /// The class of which an object is being made for a parameter that nobody passes.
    pub(super) class_passed: Option<ObjId>,
    /// Whether calls inside the artifact are followed.
    pub(super) follows_calls: bool,
}

impl Default for Functions {
    fn default() -> Self {
        Self {
            ran: FxHashMap::default(),
            defined: FxHashSet::default(),
            roles: FxHashMap::default(),
            class_passed: None,
            follows_calls: true,
        }
    }
}

impl Functions {
    /// Forgets the functions of the batch.
    pub(super) fn end_batch(&mut self) {
        self.ran.clear();
        self.defined.clear();
        self.roles.clear();
    }
}
