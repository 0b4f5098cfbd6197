//! What is noted of objects beside their values, and of what the program changed in the interpreter itself.

use rustc_hash::{FxHashMap, FxHashSet};

use super::put_attributes::PutAttributes;
use super::sent::Generators;
use crate::value::{Heap, ObjId, Object, Sym, Value};

/// Notes on objects, by object.
#[derive(Debug, Default)]
pub(super) struct ObjectNotes {
    /// What makes the missing entries of a dictionary.
    pub(super) default_factories: FxHashMap<ObjId, Value>,
    /// Dictionaries of the rest of the arguments that a caller outside the artifact may have passed more in.
    pub(super) open_rests: FxHashSet<ObjId>,
    /// The objects whose dictionary one is.
    pub(super) own_dicts: FxHashMap<ObjId, ObjId>,
    pub(super) generators: Generators,
    /// Iterators of generators that may give more than was seen.
    pub(super) open_generators: FxHashSet<ObjId>,
    /// What looks up codecs that the artifact brings.
    pub(super) codec_searches: Vec<ObjId>,
    /// What the code has put among the built-in functions, by name.
    pub(super) builtins_set: FxHashMap<Sym, Value>,
    /// What was put on functions and on what is from outside.
    pub(super) put: PutAttributes,
    /// How many setters of properties there are.
    pub(super) n_setters: u32,
}

impl ObjectNotes {
    /// The objects that are needed, whether or not anything else reaches them.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjId> {
        let values = self.default_factories.values().chain(self.builtins_set.values());
        let held = values.filter_map(|value| value.kind.object());
        held.chain(self.codec_searches.iter().copied()).chain(self.put.objects())
    }

    /// Forgets what was noted of objects that were collected: their place is given to something else.
    pub(super) fn retain_held(&mut self, heap: &Heap) {
        let is_dict = |id: &ObjId| matches!(heap.get(*id), Some(Object::Dict { .. }));
        self.default_factories.retain(|dict, _| is_dict(dict));
        self.open_rests.retain(is_dict);
        self.generators.clear();
        self.open_generators.clear();
        self.put.retain_held(heap);
        self.own_dicts
            .retain(|dict, object| is_dict(dict) && matches!(heap.get(*object), Some(Object::Instance(_))));
    }

    /// Forgets the objects of the batch.
    pub(super) fn end_batch(&mut self) {
        self.codec_searches.clear();
        self.default_factories.clear();
        self.builtins_set.clear();
        self.open_rests.clear();
        self.put = PutAttributes::default();
        self.own_dicts.clear();
        self.generators.clear();
        self.open_generators.clear();
    }
}
