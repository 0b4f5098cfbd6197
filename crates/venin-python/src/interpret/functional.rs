//! Functions over functions and iterators: `map`, `filter`, `sorted(key=…)`, `functools.partial`.
//!
//! Callbacks of the artifact are run; a handler gives `None` to be treated as an ordinary call.

use super::Interpreter;
use super::function::Arguments;
use super::outside_iterables::element_of_outside;
use super::rounds::IMPURE_ROUNDS;
use crate::value::{Kind, Object, Partial, Value};

/// Most elements that are taken in the order they came in when their order is not known.
const MOST_IN_ANY_ORDER: usize = 64;

pub(super) fn partial(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (callee, first) = arguments.positional.split_first()?;
    let (positional, keywords) = (first.to_vec(), arguments.keywords.clone());
    let partial = Partial { callee: callee.clone(), positional, keywords };
    let object = me.heap.insert(Object::Partial(Box::new(partial)));
    let origins = me.origins_of(first);
    Some(Value::new(Kind::Builtin(object)).with_origins(origins))
}

pub(super) fn iter(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let value = arguments.positional.first()?;
    if let [function, _end] = arguments.positional.as_slice() {
        return called_until(me, function);
    }
    if let Kind::Iter(_) | Kind::External { .. } = value.kind {
        return Some(value.clone());
    }
    if let Some(iterator @ Value { kind: Kind::Instance(_), .. }) = me.iterator_of_object(value) {
        return Some(iterator);
    }
    let items = me.iterate(value, 1_000_000)?;
    Some(Value::new(Kind::Iter(me.heap.insert(Object::Iter(items, 0)))).with_origins(value.origins))
}

/// `iter(function, end)`: what the function gives, as often as a loop of unknown length is run.
fn called_until(me: &mut Interpreter<'_>, function: &Value) -> Option<Value> {
    let is_own = me.is_callable(function) || matches!(function.kind, Kind::Builtin(_) | Kind::Instance(_));
    if !is_own {
        return None;
    }
    let result = me.call_value(function, Vec::new(), Vec::new());
    Some(Value::unknown().with_origins(result.origins))
}

pub(super) fn next(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let value = arguments.positional.first()?;
    if let Kind::Instance(_) = value.kind {
        let name = me.symbols.intern("__next__");
        let method = me.get_attribute(value, name);
        return Some(me.call_value(&method, Vec::new(), Vec::new()));
    }
    let Kind::Iter(id) = value.kind else { return Some(me.element_of(value)) };
    let item = me.next_of(id)?.or_else(|| arguments.positional.get(1).cloned());
    if item.is_none() {
        me.end_generator(id);
    }
    Some(item.unwrap_or_else(Value::unknown))
}

pub(super) fn map(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (callee, sequences) = arguments.positional.split_first()?;
    let columns: Vec<Option<Vec<Value>>> = sequences.iter().map(|s| me.iterate(s, 1_000_000)).collect();
    if columns.iter().any(Option::is_none) {
        let elements: Vec<Value> = sequences.iter().map(|s| me.element_of(s)).collect();
        let result = me.call_value(callee, elements, Vec::new());
        return Some(me.open_iterator(vec![result]));
    }
    let columns: Vec<Vec<Value>> = columns.into_iter().flatten().collect();
    let length = columns.iter().map(Vec::len).min().unwrap_or(0);
    let before = me.counts.impure;
    let mut out = Vec::with_capacity(length);
    for row in 0..length {
        let goes_on =
            me.counts.impure == before || row < IMPURE_ROUNDS || out.last().is_some_and(Value::is_datum);
        if !me.step() || !goes_on {
            break;
        }
        let positional = columns.iter().filter_map(|c| c.get(row).cloned()).collect();
        out.push(me.call_value(callee, positional, Vec::new()));
    }
    // What callers pass beyond the named parameters is no element that is seen from here.
    let origins = if out.is_empty() { me.origins_of(sequences) } else { me.origins_of(&out) };
    if !me.heap.spend(out.len() * 32) {
        return Some(Value::unknown().with_origins(origins));
    }
    Some(Value::new(Kind::Iter(me.heap.insert(Object::Iter(out, 0)))).with_origins(origins))
}

/// `itertools.starmap(function, tuples)`.
pub(super) fn starmap(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [callee, rows] = arguments.positional.get(..2)? else { return None };
    let rows = me.iterate(rows, 100_000)?;
    let before = me.counts.impure;
    let mut out: Vec<Value> = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let goes_on =
            me.counts.impure == before || n < IMPURE_ROUNDS || out.last().is_some_and(Value::is_datum);
        if !me.step() || !goes_on {
            break;
        }
        let positional = me.iterate(row, 100)?;
        out.push(me.call_value(callee, positional, Vec::new()));
    }
    let origins = me.origins_of(&out);
    Some(Value::new(Kind::Iter(me.heap.insert(Object::Iter(out, 0)))).with_origins(origins))
}

pub(super) fn filter(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [callee, sequence] = arguments.positional.get(..2)? else { return None };
    if let Some(element) = element_of_outside(me, sequence) {
        if !matches!(callee.kind, Kind::None) {
            me.call_value(callee, vec![element], Vec::new());
        }
        return Some(sequence.clone());
    }
    let items = me.iterate(sequence, 1_000_000)?;
    let mut out = Vec::new();
    for item in items {
        let keep = match callee.kind {
            Kind::None => item.clone(),
            _ => me.call_value(callee, vec![item.clone()], Vec::new()),
        };
        if me.truth_of(&keep) != Some(false) {
            out.push(item);
        }
    }
    let origins = me.origins_of(&out);
    Some(Value::new(Kind::Iter(me.heap.insert(Object::Iter(out, 0)))).with_origins(origins))
}

pub(super) fn reduce(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [callee, sequence] = arguments.positional.get(..2)? else { return None };
    let mut items = me.iterate(sequence, 1_000_000)?.into_iter();
    let mut result = arguments.positional.get(2).cloned().or_else(|| items.next())?;
    for item in items {
        if !me.step() {
            break;
        }
        result = me.call_value(callee, vec![result, item], Vec::new());
    }
    Some(result)
}

/// What ordering by keys gives that are not known: the elements as they came, or any of them.
fn any_order(me: &mut Interpreter<'_>, name: &str, keyed: Vec<(Value, Value)>) -> Option<Value> {
    let items: Vec<Value> = keyed.into_iter().take(MOST_IN_ANY_ORDER + 1).map(|(_, item)| item).collect();
    if items.len() > MOST_IN_ANY_ORDER {
        return None;
    }
    let origins = me.origins_of(&items);
    Some(if name == "sorted" {
        me.heap.list(items).with_origins(origins)
    } else {
        let any = me.join_values(items);
        any.with_origins(origins)
    })
}

/// `sorted`, `min` and `max` with a `key=` of the artifact.
pub(super) fn keyed(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    if name == "sorted"
        && let Some(listing) = me.listing_in_order(arguments.positional.first()?)
    {
        return Some(listing);
    }
    let key =
        arguments.keywords.iter().find(|(k, _)| me.symbols.as_str(*k) == "key").map(|(_, v)| v.clone())?;
    let items = me.iterate(arguments.positional.first()?, 100_000)?;
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let by = me.call_value(&key, vec![item.clone()], Vec::new());
        keyed.push((by, item));
    }
    let numbers: Option<Vec<i64>> = keyed.iter().map(|(k, _)| k.as_int()).collect();
    let mut order: Vec<usize> = (0..keyed.len()).collect();
    match numbers {
        Some(numbers) => order.sort_by_key(|i| numbers.get(*i).copied()),
        None => {
            let texts: Option<Vec<String>> =
                keyed.iter().map(|(k, _)| k.as_str().map(str::to_owned)).collect();
            match texts {
                Some(texts) => order.sort_by_key(|i| texts.get(*i).cloned()),
                None => return any_order(me, name, keyed),
            }
        }
    }
    let is_reversed = arguments
        .keywords
        .iter()
        .any(|(k, v)| me.symbols.as_str(*k) == "reverse" && matches!(v.kind, Kind::Bool(true)));
    if is_reversed {
        order.reverse();
    }
    let mut sorted: Vec<Value> = order.iter().filter_map(|i| keyed.get(*i).map(|(_, v)| v.clone())).collect();
    Some(match name {
        "min" => sorted.into_iter().next()?,
        "max" => sorted.pop()?,
        _ => me.heap.list(sorted),
    })
}
