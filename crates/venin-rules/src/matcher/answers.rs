//! What expressions said of the texts of one artifact, so that none is asked twice.
//!
//! Many rules ask whether a path or an address is of the same kind, and a call that is made at many places or from many
//! roots has the same arguments at all of them.  An answer depends on the expression and the text alone, so it is kept
//! by both.

use std::cell::RefCell;

use rustc_hash::FxHashMap;
use venin_model::Event;

/// The answers so far.  The events must stay in their place as long as it is used.
pub(super) struct Answers {
    /// The texts that may be asked about, by where they lie; those that read the same have the same number.
    numbers: FxHashMap<Place, u32>,
    /// Two bits for each text, by the place of the expression.
    given: RefCell<FxHashMap<usize, Vec<u64>>>,
}

/// Where a text lies, and its length.
type Place = (usize, usize);

/// Texts whose answers lie in one word.
const IN_WORD: usize = 32;

impl Answers {
    pub(super) fn new(events: &[Event]) -> Self {
        let mut numbers: FxHashMap<Place, u32> = FxHashMap::default();
        let mut known: FxHashMap<&str, u32> = FxHashMap::default();
        for text in events.iter().flat_map(texts_of) {
            numbers.entry(place_of(text)).or_insert_with(|| {
                let next = known.len() as u32;
                *known.entry(text).or_insert(next)
            });
        }
        Self { numbers, given: RefCell::default() }
    }

    /// What an expression says of a text; it is asked only if it was not before.  The expression must stay in its place
    /// as long as the answers are kept.
    pub(super) fn recall<T>(&self, expression: &T, text: &str, ask: impl FnOnce() -> bool) -> bool {
        let Some(number) = self.numbers.get(&place_of(text)).map(|n| *n as usize) else { return ask() };
        let key = std::ptr::from_ref(expression).addr();
        let (at, shift) = (number / IN_WORD, 2 * (number % IN_WORD));
        let word = self.given.borrow().get(&key).and_then(|words| words.get(at).copied()).unwrap_or(0);
        match word >> shift & 3 {
            0 => {}
            answer => return answer == 2,
        }
        let answer = ask();
        let mut given = self.given.borrow_mut();
        let words = given.entry(key).or_default();
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
fn texts_of(event: &Event) -> impl Iterator<Item = &str> {
    let arguments = event.arguments.iter().filter_map(|a| a.value.as_ref()).map(|v| &*v.text);
    [&*event.name, &*event.site.member].into_iter().chain(event.function.as_deref()).chain(arguments)
}

fn place_of(text: &str) -> Place {
    (text.as_ptr().addr(), text.len())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn an_expression_is_asked_once_for_texts_that_read_the_same() {
        let (a, b, other) = ("same".to_owned(), "same".to_owned(), "other".to_owned());
        let numbers = [(&a, 0), (&b, 0), (&other, 40)].map(|(text, n)| (place_of(text), n));
        let answers = Answers { numbers: numbers.into_iter().collect(), given: RefCell::default() };
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
}
