//! What expressions said of texts, so that none is asked twice.
//!
//! Many rules ask whether a path or an address is of the same kind, a call that is made at many places or from many
//! roots has the same arguments at all of them, and the releases of a project, or of a campaign, have most texts in
//! common.  An answer depends on the expression and the text alone, so it is kept by both, beyond the artifact.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use venin_model::Event;

/// The answers so far.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The texts asked about; those that read the same have the same number.
    texts: FxHashMap<Arc<str>, u32>,
    /// Their length together, in bytes.
    bytes: usize,
    /// Two bits for each text, by the place of the expression.
    given: FxHashMap<usize, Vec<u64>>,
}

/// The answers of a set of rules that no artifact uses at the moment: one memory for each thread that matches.
///
/// It belongs to the set, because answers are kept by the places where its expressions lie.
#[derive(Debug, Default)]
pub(crate) struct Memories(Mutex<Vec<Memory>>);

/// What may be asked about one artifact.  The events must stay in their place as long as it is used.
pub(super) struct Answers {
    /// The numbers of the artifact's texts, by where they lie.
    numbers: FxHashMap<Place, u32>,
    memory: RefCell<Memory>,
}

/// Where a text lies, and its length.
type Place = (usize, usize);

/// Texts whose answers lie in one word.
const IN_WORD: usize = 32;
/// Most texts whose answers are kept beyond the artifact.
const MAX_TEXTS: usize = 4096;
/// Most bytes of these texts.
const MAX_BYTES: usize = 1 << 19;

impl Memories {
    /// A memory that nobody else uses until it is given back.
    pub(super) fn take(&self) -> Memory {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Keeps a memory for the next artifact, unless it has grown too large for that.
    pub(super) fn give_back(&self, memory: Memory) {
        if memory.texts.len() <= MAX_TEXTS && memory.bytes <= MAX_BYTES {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
        }
    }
}

impl Memory {
    fn number(&mut self, text: &Arc<str>) -> u32 {
        if let Some(number) = self.texts.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.bytes += text.len();
        self.texts.insert(Arc::clone(text), number);
        number
    }
}

impl Answers {
    pub(super) fn new(events: &[Event], mut memory: Memory) -> Self {
        let mut numbers: FxHashMap<Place, u32> = FxHashMap::default();
        for text in events.iter().flat_map(texts_of) {
            numbers.entry(place_of(text)).or_insert_with(|| memory.number(text));
        }
        Self { numbers, memory: RefCell::new(memory) }
    }

    /// The answers, for the next artifact.
    pub(super) fn into_memory(self) -> Memory {
        self.memory.into_inner()
    }

    /// What an expression says of a text; it is asked only if it was not before.  The expression must stay in its place
    /// as long as the answers are kept.
    pub(super) fn recall<T>(&self, expression: &T, text: &str, ask: impl FnOnce() -> bool) -> bool {
        let Some(number) = self.numbers.get(&place_of(text)).map(|n| *n as usize) else { return ask() };
        let key = std::ptr::from_ref(expression).addr();
        let (at, shift) = (number / IN_WORD, 2 * (number % IN_WORD));
        let word = self.memory.borrow().given.get(&key).and_then(|words| words.get(at).copied()).unwrap_or(0);
        match word >> shift & 3 {
            0 => {}
            answer => return answer == 2,
        }
        let answer = ask();
        let mut memory = self.memory.borrow_mut();
        let words = memory.given.entry(key).or_default();
        if words.len() <= at {
            words.resize(at + 1, 0);
        }
        if let Some(word) = words.get_mut(at) {
            *word |= (1 + u64::from(answer)) << shift;
        }
        answer
    }
}

/// The texts of an event that tests look at as they are.
fn texts_of(event: &Event) -> impl Iterator<Item = &Arc<str>> {
    let arguments = event.arguments.iter().filter_map(|a| a.value.as_ref()).map(|v| &v.text);
    [&event.name, &event.site.member].into_iter().chain(&event.function).chain(arguments)
}

fn place_of(text: &str) -> Place {
    (text.as_ptr().addr(), text.len())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn answers<'t>(texts: impl IntoIterator<Item = &'t Arc<str>>, mut memory: Memory) -> Answers {
        let numbers = texts.into_iter().map(|text| (place_of(text), memory.number(text))).collect();
        Answers { numbers, memory: RefCell::new(memory) }
    }

    #[test]
    fn an_expression_is_asked_once_for_texts_that_read_the_same() {
        let [a, b, other] = ["same", "same", "other"].map(Arc::<str>::from);
        let answers = answers([&a, &b, &other], Memory::default());
        let asked = Cell::new(0);
        let says = |expression: &u8, text: &str, answer: bool| {
            answers.recall(expression, text, || {
                asked.set(asked.get() + 1);
                answer
            })
        };
        let expressions = [1, 2];
        let [one, two] = &expressions;
        assert!(says(one, &a, true) && says(one, &b, false) && !says(one, &other, false));
        assert!(!says(one, &other, true) && !says(two, &b, false) && !says(two, &a, true));
        assert_eq!(asked.get(), 3);
        // A text that is none of the events is asked about each time.
        assert!(says(one, "same", true) && !says(one, "same", false));
    }

    #[test]
    fn what_was_said_of_one_artifact_holds_for_the_next() {
        let memories = Memories::default();
        let many: Vec<Arc<str>> = (0..40).map(|n| Arc::from(n.to_string())).collect();
        let expression = 1_u8;
        let first = answers(&many, memories.take());
        assert!(
            many.iter().all(|text| first.recall(&expression, text, || text.len() == 1) == (text.len() == 1))
        );
        memories.give_back(first.into_memory());

        let again: Vec<Arc<str>> = (30..50).map(|n| Arc::from(n.to_string())).collect();
        let second = answers(&again, memories.take());
        let unasked = again.iter().filter(|text| !second.recall(&expression, text, || true));
        assert_eq!(
            unasked.map(|t| &**t).collect::<Vec<_>>(),
            many[30..].iter().map(|t| &**t).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_memory_that_has_grown_too_large_is_not_kept() {
        let memories = Memories::default();
        let long: Arc<str> = "x".repeat(MAX_BYTES + 1).into();
        memories.give_back(answers([&long], memories.take()).into_memory());
        assert!(memories.take().texts.is_empty());
        let many: Vec<Arc<str>> = (0..=MAX_TEXTS).map(|n| Arc::from(n.to_string())).collect();
        memories.give_back(answers(&many, memories.take()).into_memory());
        assert!(memories.take().texts.is_empty());
    }
}
