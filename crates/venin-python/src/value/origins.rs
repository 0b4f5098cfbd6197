//! Sets of origins, interned so that a value carries four bytes.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use venin_model::{EventId, OriginKind, OriginKinds, Origins};

/// An interned set of origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OriginSet(u32);

impl OriginSet {
    /// The empty set.
    pub const EMPTY: Self = Self(0);
    /// Written in the source, and nothing else.
    pub const LITERAL: Self = Self(1);
    /// Decoded from something written in the source.
    pub const DECODED: Self = Self(2);
}

/// All origin sets of one analysis.
#[derive(Debug)]
pub struct OriginTable {
    sets: Vec<(OriginKinds, Rc<[EventId]>)>,
    index: FxHashMap<(OriginKinds, Rc<[EventId]>), OriginSet>,
    unions: FxHashMap<(OriginSet, OriginSet), OriginSet>,
}

impl Default for OriginTable {
    fn default() -> Self {
        let mut table = Self { sets: Vec::new(), index: FxHashMap::default(), unions: FxHashMap::default() };
        let literal = OriginKinds::of(OriginKind::Literal);
        table.intern(OriginKinds::NONE, Rc::from([]));
        table.intern(literal, Rc::from([]));
        table.intern(literal.union(OriginKinds::of(OriginKind::Decoded)), Rc::from([]));
        table
    }
}

impl OriginTable {
    /// Most events kept in one set: more would only say "everything".
    pub const MAX_EVENTS: usize = 32;

    fn intern(&mut self, kinds: OriginKinds, events: Rc<[EventId]>) -> OriginSet {
        let key = (kinds, events);
        if let Some(set) = self.index.get(&key) {
            return *set;
        }
        let set = OriginSet(self.sets.len() as u32);
        self.sets.push((key.0, Rc::clone(&key.1)));
        self.index.insert(key, set);
        set
    }

    fn get(&self, set: OriginSet) -> (OriginKinds, Rc<[EventId]>) {
        self.sets
            .get(set.0 as usize)
            .map_or_else(|| (OriginKinds::NONE, Rc::from([])), |(k, e)| (*k, Rc::clone(e)))
    }

    /// Whether a set says no more than that a value is written in the source.
    #[must_use]
    pub fn is_plain(&self, set: OriginSet) -> bool {
        self.kinds(set) == OriginKinds::of(OriginKind::Literal)
    }

    /// The kinds of a set.
    #[must_use]
    pub fn kinds(&self, set: OriginSet) -> OriginKinds {
        self.sets.get(set.0 as usize).map_or(OriginKinds::NONE, |(k, _)| *k)
    }

    /// Both sets together.
    pub fn union(&mut self, a: OriginSet, b: OriginSet) -> OriginSet {
        if a == b || b == OriginSet::EMPTY {
            return a;
        }
        if a == OriginSet::EMPTY {
            return b;
        }
        let key = if a.0 < b.0 { (a, b) } else { (b, a) };
        if let Some(set) = self.unions.get(&key) {
            return *set;
        }
        let (ka, ea) = self.get(a);
        let (kb, eb) = self.get(b);
        let mut events: Vec<EventId> = ea.iter().chain(eb.iter()).copied().collect();
        events.sort_unstable();
        events.dedup();
        events.truncate(Self::MAX_EVENTS);
        let set = self.intern(ka.union(kb), events.into());
        self.unions.insert(key, set);
        set
    }

    /// The set with one more kind.
    pub fn with_kind(&mut self, set: OriginSet, kind: OriginKind) -> OriginSet {
        let (kinds, events) = self.get(set);
        if kinds.contains(kind) { set } else { self.intern(kinds.union(OriginKinds::of(kind)), events) }
    }

    /// The set without one kind.
    pub fn without_kind(&mut self, set: OriginSet, kind: OriginKind) -> OriginSet {
        let (kinds, events) = self.get(set);
        if kinds.contains(kind) { self.intern(kinds.without(kind), events) } else { set }
    }

    /// The set without those of its events that a test rules out.
    pub fn without_events(&mut self, set: OriginSet, is_out: impl Fn(EventId) -> bool) -> OriginSet {
        let (kinds, events) = self.get(set);
        if !events.iter().any(|event| is_out(*event)) {
            return set;
        }
        let kept: Vec<EventId> = events.iter().copied().filter(|event| !is_out(*event)).collect();
        self.intern(kinds, kept.into())
    }

    /// The set with one more event.
    pub fn with_event(&mut self, set: OriginSet, event: EventId) -> OriginSet {
        let (kinds, events) = self.get(set);
        if events.contains(&event) || events.len() >= Self::MAX_EVENTS {
            return set;
        }
        let mut events = events.to_vec();
        events.push(event);
        events.sort_unstable();
        self.intern(kinds, events.into())
    }

    /// The set as events carry it.
    #[must_use]
    pub fn export(&self, set: OriginSet) -> Origins {
        let (kinds, events) = self.get(set);
        Origins { kinds, events: events.to_vec() }
    }
}
