//! Batches: what keeps the lowered code of a large artifact from being in memory all at once.
//!
//! Lowered code takes several times the room of its text.  Once the texts of a batch reach their limit, a module
//! that is imported next is put off and opaque to its importer; when the root is done, everything left of the batch is
//! run, the batch is dropped, and the modules that were put off run under the trigger that wanted them.  Nothing is
//! skipped; only values do not flow between batches.

use std::collections::VecDeque;

use venin_model::Trigger;

use super::Interpreter;
use crate::source::ir::Code;

/// Most bytes of lowered code that are held.
const MAX_LOWERED: usize = 18 << 20;
/// How far modules that ran before may fill a batch.
const MAX_REREAD: usize = MAX_LOWERED / 4;
/// Bytes of lowered code that a byte of text makes, about.
const LOWERED_PER_BYTE: usize = 4;
/// Most modules that are put off; a module is put off once.
const MAX_DEFERRED: usize = 100_000;

/// The batch in course.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Bytes of the lowered code that is held, about.
    bytes: usize,
    /// Modules for a later batch, with the trigger that wanted them.
    deferred: VecDeque<(usize, Trigger)>,
}

impl Interpreter<'_> {
    /// Whether a module's text still fits into the batch.  A module that begins a batch always fits; one that ran in an
    /// earlier batch may take a share only, or the package that imports everything would fill every batch alike.
    pub(super) fn has_room_for(&self, file: usize) -> bool {
        let size = self.project.files.get(file).map_or(0, |f| f.bytes.len());
        let limit = if self.modules.files_read.contains(&file) { MAX_REREAD } else { MAX_LOWERED };
        self.batch.bytes == 0 || self.batch.bytes.saturating_add(size * LOWERED_PER_BYTE) <= limit
    }

    /// Counts a lowered text as part of the batch.
    pub(super) fn note_lowered(&mut self, code: &Code) {
        let nodes = size_of_val(&*code.exprs) + size_of_val(&*code.stmts);
        let definitions = size_of_val(&*code.functions) + size_of_val(&*code.classes);
        self.batch.bytes = self.batch.bytes.saturating_add(nodes + definitions + code.text.len());
    }

    /// Puts a module off to a later batch.
    pub(super) fn defer(&mut self, file: usize) {
        if self.batch.deferred.len() < MAX_DEFERRED && !self.modules.files_read.contains(&file) {
            self.batch.deferred.push_back((file, self.trigger));
        }
    }

    /// Runs the modules that a root put off, batch after batch.
    pub(super) fn run_deferred(&mut self) {
        while let Some((file, trigger)) = self.batch.deferred.pop_front() {
            if self.modules.files_read.contains(&file) {
                continue;
            }
            if !self.has_room_for(file) {
                self.end_batch();
            }
            let steps =
                if trigger == Trigger::Run { self.limits.steps_of_run_root } else { self.limits.steps };
            self.begin_root(trigger, steps);
            self.run_as_module(file);
        }
    }

    /// Runs what nothing called and drops the lowered code with all that hangs on it.
    pub(super) fn end_batch(&mut self) {
        self.run_uncalled();
        self.run_reductions();
        self.run_late_callbacks();
        self.modules.end_batch();
        self.functions.end_batch();
        self.notes.end_batch();
        self.pending.end_batch();
        self.log.end_batch();
        self.frames.clear();
        self.place.site = None;
        self.place.statement = None;
        self.branches.dead.clear();
        self.setup.end_batch();
        self.random = super::seeded::Generators::default();
        self.batch.bytes = 0;
        self.collect_garbage();
    }
}
