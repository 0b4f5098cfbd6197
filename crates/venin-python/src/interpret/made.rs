//! What recorded calls made, by their events: open files, futures, ciphers, programs with an input.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use venin_model::EventId;

use super::opened::ReadTo;
use crate::fold::Makers;
use crate::source::ir::Span;
use crate::value::{ObjId, Value};

/// What the objects are that only an event stands for.
#[derive(Debug, Default)]
pub(super) struct MadeObjects {
    /// Recorded calls that made objects whose methods fold: ciphers, digests.
    pub(super) makers: Makers,
    /// What reading the file opened by an event gives, where it is known.
    pub(super) contents: FxHashMap<EventId, Value>,
    /// How far the files that are open with a known content were read.
    pub(super) read_to: FxHashMap<EventId, ReadTo>,
    /// What the functions gave that others run, under the calls that made the futures.
    pub(super) outcomes: FxHashMap<EventId, Value>,
    /// What programs were given on their standard input, with the event of the call.
    pub(super) inputs_read: FxHashSet<(EventId, Rc<str>)>,
    /// The paths that path objects were made with at one place, the first of each.
    pub(super) paths: FxHashMap<(u32, Span), Vec<Rc<str>>>,
}

impl MadeObjects {
    /// The objects of the artifact that are needed.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjId> {
        let made_of = self
            .makers
            .values()
            .flat_map(|maker| maker.args.iter().chain(maker.keywords.iter().map(|(_, value)| value)));
        self.contents.values().chain(self.outcomes.values()).chain(made_of).filter_map(|v| v.kind.object())
    }
}
