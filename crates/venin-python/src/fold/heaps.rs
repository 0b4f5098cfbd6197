//! Heaps and sorted lists: `heapq` and `bisect`.
//!
//! A heap is kept as a sorted list, which is one.  Elements whose order is not known stay as they came.

use std::cmp::Ordering;

use super::args::Args;
use super::iterate::known_len;
use super::lists::{items_mut, sort_values};
use super::{Flow, FoldContext, Row, compare, iterate};
use crate::value::Value;

pub(super) const TABLE: &[Row] = &[
    ("bisect.insort", Flow::Own, insort),
    ("bisect.insort_left", Flow::Own, insort),
    ("bisect.insort_right", Flow::Own, insort),
    ("heapq.heapify", Flow::Own, heapify),
    ("heapq.heappop", Flow::Own, pop),
    ("heapq.heappush", Flow::Own, push),
    ("heapq.heappushpop", Flow::Own, push_and_pop),
    ("heapq.heapreplace", Flow::Own, pop_and_push),
    ("heapq.merge", Flow::Own, merge),
    ("heapq.nlargest", Flow::Own, largest),
    ("heapq.nsmallest", Flow::Own, smallest),
];

/// Puts an item behind those of a sorted list that are no greater; last, if that is not known.
fn put_in_order(cx: &mut FoldContext<'_>, list: &Value, item: &Value) -> Option<()> {
    let len = known_len(cx, list)?;
    cx.work(len * 32)?;
    cx.afford_items(1)?;
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low.midpoint(high);
        let other = items_mut(cx, list)?.get(middle)?.clone();
        match compare::total_order(cx, item, &other) {
            Some(Ordering::Less) => high = middle,
            Some(_) => low = middle + 1,
            None => (low, high) = (len, len),
        }
    }
    items_mut(cx, list)?.insert(low, item.clone());
    Some(())
}

fn take_first(cx: &mut FoldContext<'_>, heap: &Value) -> Option<Value> {
    let len = known_len(cx, heap)?;
    cx.work(len * 32)?;
    let items = items_mut(cx, heap)?;
    (!items.is_empty()).then(|| items.remove(0))
}

fn insort(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let (list, item) = match args.values {
        [list, item, ..] => (list, item),
        _ => return None,
    };
    put_in_order(cx, list, item)?;
    Some(Value::none())
}

fn push(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [heap, item] = args.exactly()?;
    put_in_order(cx, heap, item)?;
    Some(Value::none())
}

fn pop(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [heap] = args.exactly()?;
    take_first(cx, heap)
}

fn push_and_pop(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [heap, item] = args.exactly()?;
    put_in_order(cx, heap, item)?;
    take_first(cx, heap)
}

fn pop_and_push(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [heap, item] = args.exactly()?;
    let first = take_first(cx, heap)?;
    put_in_order(cx, heap, item)?;
    Some(first)
}

fn heapify(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [heap] = args.exactly()?;
    let items = items_mut(cx, heap)?.clone();
    if let Some(sorted) = sort_values(cx, items, &args) {
        *items_mut(cx, heap)? = sorted;
    }
    Some(Value::none())
}

/// The elements of an iterable in order, or as they come.
fn in_order(cx: &mut FoldContext<'_>, items: Vec<Value>, args: &Args<'_>) -> Vec<Value> {
    match sort_values(cx, items.clone(), args) {
        Some(sorted) => sorted,
        None => items,
    }
}

fn smallest(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [n, iterable, ..] = args.values else { return None };
    let items = iterate(cx, iterable, FoldContext::MAX_ITEMS)?;
    let mut items = in_order(cx, items, &args);
    items.truncate(usize::try_from(n.as_int()?).unwrap_or(0));
    cx.make_list(items).map(|list| list.with_origins(iterable.origins))
}

fn largest(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [n, iterable, ..] = args.values else { return None };
    let items = iterate(cx, iterable, FoldContext::MAX_ITEMS)?;
    let mut items = in_order(cx, items, &args);
    items.reverse();
    items.truncate(usize::try_from(n.as_int()?).unwrap_or(0));
    cx.make_list(items).map(|list| list.with_origins(iterable.origins))
}

fn merge(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let mut items = Vec::new();
    for iterable in args.values {
        items.extend(iterate(cx, iterable, FoldContext::MAX_ITEMS)?);
        cx.afford_items(items.len())?;
    }
    let items = in_order(cx, items, &args);
    cx.make_iter(items)
}
