//! What is left for later: callbacks, finalizers, branches and functions that are run when something else is through.
//!
//! When each of them is run stands in the module that its kind comes from.

use std::collections::VecDeque;

use super::called_back::Waiting;
use super::channels::Taker;
use super::late::LateCallbacks;
use super::occasions::Occasion;
use super::protocol::PutOff;
use super::wrapped::Wrapped;
use crate::value::{ObjId, Value};

/// Most callbacks that a later root may run.
const MOST_LASTING: usize = 64;

/// What waits to be run.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Callbacks that a later call of this root runs.
    pub(super) waiting: Vec<Waiting>,
    /// Functions that took from queues that were empty.
    pub(super) takers: Vec<Taker>,
    /// Branches inside loops that are looked at when the root is through.
    pub(super) put_off: Vec<PutOff>,
    /// Objects whose class has a `__del__`, made in this root, and what each was made under.
    pub(super) finalizers: Vec<(Value, Occasion)>,
    /// Callbacks that run long after they were handed over.
    pub(super) late: LateCallbacks,
    /// The objects of functions to be run if nothing calls them.
    pub(super) uncalled: VecDeque<ObjId>,
    /// Wrappers of functions that are passed secrets, to be run with these.
    pub(super) wrapped: Vec<Wrapped>,
}

impl Pending {
    /// Forgets what only the root before could have run.  What a module registered stays: who imports it starts the client later.
    pub(super) fn begin_root(&mut self) {
        self.waiting.retain(Waiting::outlasts_root);
        self.waiting.truncate(MOST_LASTING);
        self.takers.clear();
    }

    /// Forgets what belongs to the code of the batch.
    pub(super) fn end_batch(&mut self) {
        self.waiting.clear();
    }

    /// The objects of the artifact that are needed later.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjId> {
        let wrapped = self.wrapped.iter().flat_map(|wrapped| [wrapped.wrapper, wrapped.function]);
        let waiting = self.waiting.iter().flat_map(Waiting::objects);
        self.uncalled.iter().copied().chain(wrapped).chain(waiting).chain(self.late.objects())
    }
}
