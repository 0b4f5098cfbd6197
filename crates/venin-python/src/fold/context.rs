//! What a fold may touch, and how results are made: every one is counted before it exists.

use std::rc::Rc;

use num_bigint::BigInt;
use venin_model::{OriginKind, OriginKinds};

use crate::value::{Heap, Kind, Names, Object, OriginSet, OriginTable, Part, PartialText, Symbols, Value};

/// The parts of the interpreter that a fold reads and changes.
#[derive(Debug)]
pub struct FoldContext<'a> {
    /// Where containers live; its byte budget bounds everything a fold makes.
    pub heap: &'a mut Heap,
    /// Origin sets.
    pub origins: &'a mut OriginTable,
    /// Identifiers, for keyword arguments.
    pub symbols: &'a mut Symbols,
    /// Qualified names, for naming holes.
    pub names: &'a Names,
}

/// Deepest nesting of containers that a fold follows.
pub(super) const MAX_DEPTH: u8 = 24;

impl FoldContext<'_> {
    /// Largest single text, in bytes.  A size above it is refused before anything is counted, so that one
    /// `"A" * 10**9` does not use up the budget of the rest.
    pub(super) const MAX_BYTES: usize = 24 << 20;
    /// Most bytes that repeating a text may give.  Padding says nothing; a loop that builds on it takes the memory.
    pub(super) const MAX_REPEATED: usize = 1 << 20;
    /// Most elements of one container made by a fold.
    pub(super) const MAX_ITEMS: usize = 1 << 20;

    /// Takes the bytes of a result off the budget; `None` when they are too many.
    pub(super) fn afford(&mut self, bytes: usize) -> Option<()> {
        (bytes <= Self::MAX_BYTES && self.heap.spend(bytes)).then_some(())
    }

    /// Takes the elements of a result off the budget; `None` when they are too many.
    pub(super) fn afford_items(&mut self, items: usize) -> Option<()> {
        (items <= Self::MAX_ITEMS && self.heap.spend(items.saturating_mul(32))).then_some(())
    }

    /// Counts work that makes nothing, such as comparing or searching, in bytes looked at.  A single piece of
    /// work beyond about a second is refused before it is counted.
    pub(super) fn work(&mut self, bytes: usize) -> Option<()> {
        (bytes <= 1 << 30 && self.heap.work(bytes)).then_some(())
    }

    /// A string result.
    pub(super) fn make_str(&mut self, text: impl Into<String>) -> Option<Value> {
        let text = text.into();
        self.afford(text.len())?;
        Some(Value::str(text))
    }

    /// A bytes result.
    pub(crate) fn make_bytes(&mut self, bytes: Vec<u8>) -> Option<Value> {
        self.afford(bytes.len())?;
        Some(Value::bytes(bytes))
    }

    /// A bytearray result.
    pub(super) fn make_bytearray(&mut self, bytes: Vec<u8>) -> Option<Value> {
        self.afford(bytes.len())?;
        Some(Value::new(Kind::ByteArray(self.heap.insert(Object::Bytes(bytes)))))
    }

    /// A list result.
    pub(super) fn make_list(&mut self, items: Vec<Value>) -> Option<Value> {
        self.afford_items(items.len())?;
        Some(Value::new(Kind::List(self.heap.insert(Object::List(items)))))
    }

    /// A tuple result.
    pub(super) fn make_tuple(&mut self, items: Vec<Value>) -> Option<Value> {
        self.afford_items(items.len())?;
        Some(Value::new(Kind::Tuple(self.heap.insert(Object::List(items)))))
    }

    /// A one-shot iterator.
    pub(super) fn make_iter(&mut self, items: Vec<Value>) -> Option<Value> {
        self.afford_items(items.len())?;
        Some(Value::new(Kind::Iter(self.heap.insert(Object::Iter(items, 0)))))
    }

    /// An integer result.
    pub(super) fn make_big(&mut self, value: BigInt) -> Option<Value> {
        if value.bits() > 64 {
            self.afford(usize::try_from(value.bits() / 8).ok()?)?;
        }
        Some(Value::big(value))
    }

    /// The origins of values: their own and those of what is in them.
    pub(super) fn origins_of(&mut self, values: &[Value]) -> OriginSet {
        let mut set = OriginSet::EMPTY;
        for value in values {
            set = self.add_origins(set, value, 0);
        }
        set
    }

    fn add_origins(&mut self, set: OriginSet, value: &Value, depth: u8) -> OriginSet {
        let mut set = self.origins.union(set, value.origins);
        if depth >= 4 {
            return set;
        }
        match &value.kind {
            Kind::List(id) | Kind::Tuple(id) | Kind::Set(id) | Kind::Slice(id) => {
                // Most containers hold scalars of one origin; only what differs costs a look-up.
                for at in 0..self.heap.elements(*id).len() {
                    let Some(item) = self.heap.elements(*id).get(at).cloned() else { break };
                    set = self.add_origins(set, &item, depth + 1);
                }
            }
            Kind::Iter(id) => {
                let items = match self.heap.get(*id) {
                    Some(Object::Iter(items, at)) => items.get(*at..).unwrap_or(&[]).to_vec(),
                    Some(Object::Cycle(items, _)) => items.clone(),
                    _ => Vec::new(),
                };
                for item in &items {
                    set = self.add_origins(set, item, depth + 1);
                }
            }
            Kind::Dict(id) => {
                let items: Vec<Value> =
                    self.heap.dict_entries(*id).flat_map(|(k, v)| [k.clone(), v.clone()]).collect();
                for item in &items {
                    set = self.add_origins(set, item, depth + 1);
                }
            }
            _ => {}
        }
        set
    }

    /// The set with the mark of a decoding.
    pub(crate) fn decoded(&mut self, set: OriginSet) -> OriginSet {
        self.origins.with_kind(set, OriginKind::Decoded)
    }

    /// Gives origins to a result and to what is in it.
    pub fn stamp(&mut self, value: Value, origins: OriginSet) -> Value {
        self.stamp_at(value, origins, 0)
    }

    fn stamp_at(&mut self, value: Value, origins: OriginSet, depth: u8) -> Value {
        if depth < MAX_DEPTH {
            match &value.kind {
                Kind::List(id) | Kind::Tuple(id) | Kind::Set(id) => {
                    let items = self.heap.elements(*id).to_vec();
                    let items: Vec<Value> =
                        items.into_iter().map(|v| self.stamp_at(v, origins, depth + 1)).collect();
                    if let Some(slot) = self.heap.elements_mut(*id) {
                        *slot = items;
                    }
                }
                Kind::Iter(id) => {
                    if let Some(Object::Iter(items, at)) = self.heap.get(*id).cloned() {
                        let items = items.into_iter().map(|v| self.stamp_at(v, origins, depth + 1)).collect();
                        if let Some(slot) = self.heap.get_mut(*id) {
                            *slot = Object::Iter(items, at);
                        }
                    }
                }
                Kind::Dict(id) => {
                    let items: Vec<(Value, Value)> = self.heap.dict_entries(*id).cloned().collect();
                    let stamped = items.into_iter().map(|(key, item)| {
                        (key.with_origins(origins), self.stamp_at(item, origins, depth + 1))
                    });
                    let stamped: Vec<Option<(Value, Value)>> = stamped.map(Some).collect();
                    if let Some(Object::Dict { entries, .. }) = self.heap.get_mut(*id) {
                        // A fresh dictionary has no deleted entries, so that the places are the same.
                        if entries.len() == stamped.len() {
                            *entries = stamped;
                        }
                    }
                }
                _ => {}
            }
        }
        let origins = self.origins.union(value.origins, origins);
        value.with_origins(origins)
    }

    /// How an unknown value is named where it stands in a text.
    pub(super) fn hole_name(&self, value: &Value) -> Rc<str> {
        match &value.kind {
            Kind::External { name, .. } => self.names.text(*name),
            _ if self.origins.kinds(value.origins).without(OriginKind::Secret)
                == OriginKinds::of(OriginKind::Argument) =>
            {
                Rc::from("argument")
            }
            _ => Rc::from("?"),
        }
    }

    /// A text made of parts, which is a constant if all of them are known.
    pub(super) fn make_text(&mut self, text: PartialText) -> Option<Value> {
        let size = text.parts.iter().map(|p| part_text(p).len()).sum();
        self.afford(size)?;
        if text.parts.iter().any(|p| matches!(p, Part::Hole(_))) {
            return Some(Value::new(Kind::Partial(Rc::new(text))));
        }
        let known: String = text.parts.iter().map(part_text).collect();
        Some(if text.is_bytes { Value::bytes(latin1_bytes(&known)?) } else { Value::str(known) })
    }
}

fn part_text(part: &Part) -> &str {
    match part {
        Part::Known(text) | Part::Hole(text) => text,
    }
}

/// Bytes as Latin-1 text.
pub(super) fn latin1_text(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}

/// Latin-1 text as bytes; `None` if a character is beyond U+00FF.
pub(super) fn latin1_bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}
