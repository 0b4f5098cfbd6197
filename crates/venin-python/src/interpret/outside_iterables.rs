//! Iterables from outside the artifact: what lists, counts, filters or joins them gives their elements on.
//!
//! `list(folder.glob("*"))` holds the paths that `glob` gives.  How many there are is not known, so one of them stands for all.

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, Object, Value};

/// Most elements of one known iterable among those that are joined.
const MAX_ITEMS: usize = 1_000;

/// `list`, `tuple`, `reversed`, `itertools.islice`, a bar of progress: the same elements.
pub(super) fn same_elements(_: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    arguments.positional.first().filter(|value| is_outside(value)).cloned()
}

/// `enumerate(iterable)`: numbers of which none is known.
pub(super) fn numbered(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let element = element_of_outside(me, arguments.positional.first()?)?;
    let pair = me.heap.tuple(vec![Value::unknown(), element]);
    Some(me.open_iterator(vec![pair]))
}

/// `zip(…)` with at least one iterable from outside.
pub(super) fn zipped(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    if !arguments.positional.iter().any(is_outside) {
        return None;
    }
    let elements = arguments.positional.iter().map(|value| me.element_of(value)).collect();
    let row = me.heap.tuple(elements);
    Some(me.open_iterator(vec![row]))
}

/// `itertools.chain(…)` with at least one iterable from outside.
pub(super) fn chained(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    if !arguments.positional.iter().any(is_outside) {
        return None;
    }
    let mut elements = Vec::new();
    for iterable in &arguments.positional {
        match me.iterate(iterable, MAX_ITEMS) {
            Some(items) => elements.extend(items),
            None => elements.push(me.element_of(iterable)),
        }
    }
    Some(me.open_iterator(elements))
}

/// The element of an iterable from outside.
pub(super) fn element_of_outside(me: &mut Interpreter<'_>, value: &Value) -> Option<Value> {
    is_outside(value).then(|| me.element_of(value))
}

const fn is_outside(value: &Value) -> bool {
    matches!(value.kind, Kind::External { .. })
}

impl Interpreter<'_> {
    /// An iterator of these elements, and of more like them.
    pub(super) fn open_iterator(&mut self, elements: Vec<Value>) -> Value {
        let origins = self.origins_of(&elements);
        let iterator = self.heap.insert(Object::Iter(elements, 0));
        self.notes.open_generators.insert(iterator);
        Value::new(Kind::Iter(iterator)).with_origins(origins)
    }
}
