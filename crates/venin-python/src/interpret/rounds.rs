//! Rounds of loops: whether one more of them can show anything.
//!
//! A loop that only computes runs as Python would run it, under its budgets.  One that also does something outside, or
//! whose tests cannot be decided, is left as soon as its rounds repeat themselves: no call is new, no text grows, nothing
//! is put into a container.  What a loop decodes is followed to the end even if each round prints a dot.

use super::Interpreter;
use crate::value::{Kind, Object, Sym, Value};

/// Rounds of a loop that does something outside itself, if each of them shows something new.
pub(super) const IMPURE_ROUNDS: usize = 48;
/// Rounds of such a loop and of those within it, if each of its rounds shows only more of the same: another argument at a
/// known place, one more element of which nothing is known.
const ROUNDS_OF_THE_SAME: u64 = 4 * IMPURE_ROUNDS as u64;
/// Rounds of such a loop while each makes a text longer.
const ROUNDS_OF_TEXT: usize = 1 << 17;
/// Rounds of such a loop while the last one did nothing outside: states of a machine between its acts.
const ROUNDS_OF_MACHINE: usize = 4096;
/// Characters compared to see that a text was made longer.
const COMPARED: usize = 64;

/// What the code has done so far, in counts that only grow: whether a stretch of it did something shows in these.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Calls that left the artifact and branches that could not be decided: without them, it is a pure computation.
    pub(super) impure: u64,
    /// Writes to what outlives a call: attributes, items, names of other scopes, containers.
    pub(super) changes: u64,
    /// Recordings of events, repeated ones included.
    pub(super) recordings: u64,
    /// Functions run.
    pub(super) activations: u64,
}

/// The loops in course.
#[derive(Debug, Default)]
pub(super) struct Loops {
    pub(super) depth: u32,
    /// Rounds begun of loops that do not only compute, in a count that only grows.
    rounds: u64,
    pub(super) growth: Growth,
    pub(super) lessons: Lessons,
}

/// What the events have shown so far, in counts that only grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lessons {
    /// Events recorded for the first time.
    pub(super) events: u64,
    /// Arguments that an event at the same place did not have before.
    pub(super) arguments: u64,
    /// Branches taken for the first time: a machine comes to another state.
    pub(super) branches: u64,
}

/// What grows in the innermost loop in course.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Growth {
    /// The branches around the loop.  What happens in a branch within it may also not happen.
    branches: usize,
    /// The longest text that was made by adding to another one.
    longest: usize,
    /// The most elements that a container was seen to hold, and the most known texts and numbers.
    most_elements: usize,
    most_known: usize,
}

/// How a loop comes to its next round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drive {
    /// It goes over known elements.
    Elements,
    /// Its test is decided anew each time.
    Test,
}

/// The rounds of one loop in course.
#[derive(Debug)]
pub(super) struct Rounds {
    drive: Drive,
    /// The count of rounds of all loops when this one began.
    at_start: u64,
    /// Rounds begun.
    n: usize,
    /// Rounds in a row that showed nothing new.
    n_idle: usize,
    /// The count of what is not computing, when the loop began and when its last round did.
    impure_at_start: u64,
    impure: u64,
    lessons: Lessons,
    growth: Growth,
    /// What grew in the loop around this one.
    around: Growth,
}

impl Interpreter<'_> {
    /// Begins a loop.
    pub(super) fn begin_rounds(&mut self, drive: Drive) -> Rounds {
        let growth = Growth { branches: self.writes.journals.len(), ..Growth::default() };
        let around = std::mem::replace(&mut self.loops.growth, growth);
        self.loops.depth += 1;
        let (impure, lessons, at_start) = (self.counts.impure, self.loops.lessons, self.loops.rounds);
        Rounds { drive, at_start, n: 0, n_idle: 0, impure_at_start: impure, impure, lessons, growth, around }
    }

    /// Ends a loop.  What grew in it grew in the loop around it, too.
    pub(super) fn end_rounds(&mut self, rounds: &Rounds) {
        self.loops.depth -= 1;
        let inner = std::mem::replace(&mut self.loops.growth, rounds.around);
        if self.is_sure_in_loop() {
            let outer = &mut self.loops.growth;
            outer.longest = outer.longest.max(inner.longest);
            outer.most_elements = outer.most_elements.max(inner.most_elements);
            outer.most_known = outer.most_known.max(inner.most_known);
        }
    }

    /// Whether the next round of a loop is worth running; counts it.
    pub(super) fn is_round_worthwhile(&mut self, rounds: &mut Rounds) -> bool {
        let is_pure = self.counts.impure == rounds.impure_at_start;
        let is_worthwhile = is_pure || self.may_show_more(rounds);
        rounds.n += 1;
        self.loops.rounds += u64::from(!is_pure);
        rounds.impure = self.counts.impure;
        rounds.lessons = self.loops.lessons;
        rounds.growth = self.loops.growth;
        is_worthwhile
    }

    fn may_show_more(&self, rounds: &mut Rounds) -> bool {
        let (grown, now) = (rounds.growth, self.loops.growth);
        let (few, most_idle) = match rounds.drive {
            Drive::Elements => (8, 3),
            Drive::Test => (2, 1),
        };
        if rounds.n < few {
            return true;
        }
        if now.longest > grown.longest || now.most_known > grown.most_known {
            rounds.n_idle = 0;
            return rounds.n < ROUNDS_OF_TEXT;
        }
        if rounds.drive == Drive::Test && self.counts.impure == rounds.impure {
            return rounds.n < ROUNDS_OF_MACHINE;
        }
        let (learnt, known) = (self.loops.lessons, rounds.lessons);
        let is_new_place = (learnt.events, learnt.branches) != (known.events, known.branches);
        let is_more = learnt.arguments != known.arguments || now.most_elements > grown.most_elements;
        let is_early = self.loops.rounds - rounds.at_start < ROUNDS_OF_THE_SAME;
        let is_new = is_new_place || is_more && is_early && rounds.drive == Drive::Elements;
        rounds.n_idle = if is_new { 0 } else { rounds.n_idle + 1 };
        rounds.n_idle < most_idle && rounds.n < IMPURE_ROUNDS
    }

    /// Whether nothing undecided stands between the loop in course and what it does now.
    fn is_sure_in_loop(&self) -> bool {
        self.loops.depth > 0 && self.writes.journals.len() <= self.loops.growth.branches
    }

    /// Notes that something is put into a container.
    pub(super) fn note_elements(&mut self, container: &Value, elements: &[Value]) {
        if self.is_sure_in_loop() {
            let n = self.size_of(container) + 1;
            self.note_size(n, elements);
        }
    }

    /// Notes that something is put into a place of a container.
    pub(super) fn note_item(&mut self, container: &Value, index: &Value, element: &Value) {
        if self.is_sure_in_loop() {
            let n = match (&container.kind, index.as_int()) {
                (Kind::List(_) | Kind::ByteArray(_), Some(at)) => usize::try_from(at).map_or(0, |at| at + 1),
                _ => self.size_of(container) + 1,
            };
            self.note_size(n, std::slice::from_ref(element));
        }
    }

    /// Notes that a function gives one more value to who iterates over it.
    pub(super) fn note_yield(&mut self, value: &Value) {
        if self.is_sure_in_loop() {
            let n = self.frame().map_or(0, |frame| frame.yields.len()) + 1;
            self.note_size(n, std::slice::from_ref(value));
        }
    }

    fn note_size(&mut self, n: usize, elements: &[Value]) {
        self.loops.growth.most_elements = self.loops.growth.most_elements.max(n);
        if elements.iter().all(Value::is_datum) {
            self.loops.growth.most_known = self.loops.growth.most_known.max(n);
        }
    }

    fn size_of(&self, container: &Value) -> usize {
        match container.kind.object().and_then(|id| self.heap.get(id)) {
            Some(Object::List(elements)) => elements.len(),
            Some(Object::Dict { entries, .. }) => entries.len(),
            Some(Object::Bytes(bytes)) => bytes.len(),
            _ => 0,
        }
    }

    /// Notes that a known text takes the place of a shorter one that it begins or ends with: what is decoded grows.
    pub(super) fn note_growth(&mut self, name: Sym, value: &Value) {
        let new = match &value.kind {
            Kind::Str(new) => new.as_str().as_bytes(),
            Kind::Bytes(new) => new,
            _ => return,
        };
        if new.len() <= self.loops.growth.longest || !self.is_sure_in_loop() {
            return;
        }
        let grows = match self.find_name(name).map(|(_, old)| &old.kind) {
            Some(Kind::Str(old)) => is_longer(old.as_str().as_bytes(), new),
            Some(Kind::Bytes(old)) => is_longer(old, new),
            _ => false,
        };
        if grows {
            self.loops.growth.longest = new.len();
        }
    }
}

/// Whether a text is another one with something before or behind it, as far as its ends show.
fn is_longer(old: &[u8], new: &[u8]) -> bool {
    let compared = old.len().min(COMPARED);
    let has_same_start = old.get(..compared) == new.get(..compared);
    let has_same_end = || old.get(old.len() - compared..) == new.get(new.len() - compared..);
    new.len() > old.len() && (has_same_start || has_same_end())
}
