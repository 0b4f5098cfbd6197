//! The events and facts of one artifact, arranged for look-ups.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use venin_model::{Action, CallClass, Event, Fact, Family};

use super::answers::{Answers, Memory};
use super::same_path::NormalPath;
use crate::pattern::Selector;

/// What the analysis of one artifact gave.
#[derive(Debug, Clone, Copy)]
pub struct Observations<'a> {
    /// The events, in the order of their ids, which are their indices.
    pub events: &'a [Event],
    /// The facts.
    pub facts: &'a [Fact],
}

/// Where to find events by class and by name.
pub(super) struct Index<'a> {
    pub(super) events: &'a [Event],
    pub(super) facts: &'a [Fact],
    by_class: FxHashMap<CallClass, Vec<u32>>,
    by_family: FxHashMap<Family, Vec<u32>>,
    by_name: BTreeMap<&'a str, Vec<u32>>,
    by_kind: BTreeMap<&'a str, Vec<u32>>,
    paths: RefCell<FxHashMap<u32, Rc<[NormalPath]>>>,
    /// What expressions said of the texts of arguments.
    pub(super) answers: Answers,
}

impl<'a> Index<'a> {
    pub(super) fn new(observations: &Observations<'a>, memory: Memory) -> Self {
        let mut by_class: FxHashMap<CallClass, Vec<u32>> = FxHashMap::default();
        let mut by_family: FxHashMap<Family, Vec<u32>> = FxHashMap::default();
        let mut by_name: BTreeMap<&str, Vec<u32>> = BTreeMap::default();
        let mut by_kind: BTreeMap<&str, Vec<u32>> = BTreeMap::default();
        for (i, event) in (0_u32..).zip(observations.events) {
            by_class.entry(event.class).or_default().push(i);
            by_family.entry(event.class.family).or_default().push(i);
            by_name.entry(&event.name).or_default().push(i);
        }
        for (i, fact) in (0_u32..).zip(observations.facts) {
            by_kind.entry(&fact.kind).or_default().push(i);
        }
        let Observations { events, facts } = *observations;
        let answers = Answers::new(events, memory);
        Self { events, facts, by_class, by_family, by_name, by_kind, paths: RefCell::default(), answers }
    }

    pub(super) fn event(&self, id: u32) -> Option<&'a Event> {
        self.events.get(id as usize)
    }

    pub(super) fn fact(&self, id: u32) -> Option<&'a Fact> {
        self.facts.get(id as usize)
    }

    /// Whether the selector takes anything at all; names of steps are taken for granted.
    pub(super) fn has_any(&self, selector: &Selector) -> bool {
        match selector {
            Selector::Class(class) => self.of_class(*class).is_some(),
            Selector::Call(glob) => glob.select_from(&self.by_name).next().is_some(),
            Selector::Fact(glob) => glob.select_from(&self.by_kind).next().is_some(),
            Selector::Bound(_) => true,
        }
    }

    /// The events or facts that the selector takes, ascending.
    pub(super) fn select(&self, selector: &Selector) -> Vec<u32> {
        match selector {
            Selector::Class(class) => self.of_class(*class).cloned().unwrap_or_default(),
            Selector::Call(glob) => ascending(glob.select_from(&self.by_name)),
            Selector::Fact(glob) => ascending(glob.select_from(&self.by_kind)),
            Selector::Bound(_) => Vec::new(),
        }
    }

    fn of_class(&self, class: CallClass) -> Option<&Vec<u32>> {
        if class.action == Action::Any {
            self.by_family.get(&class.family)
        } else {
            self.by_class.get(&class)
        }
    }

    /// The normalised paths, targets and commands of an event, computed once.
    pub(super) fn paths(&self, id: u32) -> Rc<[NormalPath]> {
        if let Some(known) = self.paths.borrow().get(&id) {
            return Rc::clone(known);
        }
        let paths: Rc<[NormalPath]> = self.event(id).map(NormalPath::all_of).unwrap_or_default().into();
        self.paths.borrow_mut().insert(id, Rc::clone(&paths));
        paths
    }

    /// Whether both events stand at the very same place, as a command line and the commands in it do.
    pub(super) fn is_same_place(&self, a: u32, b: u32) -> bool {
        let (Some(a), Some(b)) = (self.event(a), self.event(b)) else { return false };
        a.root == b.root
            && (a.site.line, a.site.column, a.site.layer, a.site.layer_line)
                == (b.site.line, b.site.column, b.site.layer, b.site.layer_line)
            && a.site.member == b.site.member
    }

    /// The first event of the run at the same place as this one.
    pub(super) fn first_at_place(&self, id: u32) -> u32 {
        let mut first = id;
        while first > 0 && id - first < MAX_RUN && self.is_same_place(first - 1, id) {
            first -= 1;
        }
        first
    }

    /// The last event of the run at the same place as this one.
    pub(super) fn last_at_place(&self, id: u32) -> u32 {
        let mut last = id;
        while last - id < MAX_RUN && self.is_same_place(last + 1, id) {
            last += 1;
        }
        last
    }
}

/// Longest run of events at one place that is looked through.
const MAX_RUN: u32 = 32;

/// All ids of some lists, each once.
fn ascending<'i>(lists: impl Iterator<Item = &'i Vec<u32>>) -> Vec<u32> {
    let mut all: Vec<u32> = lists.flatten().copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}
