//! Lists, tuples and ranges, and what changes a list or bytearray in place.

use std::cmp::Ordering;

use super::args::{Args, big_of, given, int_or};
use super::iterate::known_len;
use super::text_find::bytearray_mut;
use super::{Flow, FoldContext, Row, compare, functional, iterate};
use crate::value::{Kind, Object, OriginSet, Value};

pub(super) const TABLE: &[Row] = &[
    ("list", Flow::Own, list),
    ("tuple", Flow::Own, tuple),
    ("range", Flow::Shallow, range),
    ("xrange", Flow::Shallow, range),
    ("slice", Flow::Own, slice),
    ("len", Flow::Shallow, len),
    ("sorted", Flow::Own, sorted),
    ("any", Flow::Join, any),
    ("all", Flow::Join, all),
    ("list.append", Flow::Own, append),
    ("list.extend", Flow::Own, extend),
    ("list.insert", Flow::Own, insert),
    ("list.pop", Flow::Own, pop),
    ("list.remove", Flow::Own, remove),
    ("list.clear", Flow::Own, clear),
    ("list.reverse", Flow::Own, reverse),
    ("list.sort", Flow::Own, sort),
    ("list.index", Flow::Own, index),
    ("list.count", Flow::Own, count),
    ("list.copy", Flow::Own, list),
    ("tuple.index", Flow::Own, index),
    ("tuple.count", Flow::Own, count),
    ("range.index", Flow::Own, index),
    ("range.count", Flow::Own, count),
    ("copy.copy", Flow::Own, copy),
    ("copy.deepcopy", Flow::Own, copy),
    ("bytearray.append", Flow::Own, bytearray_append),
    ("bytearray.extend", Flow::Own, bytearray_extend),
    ("bytearray.insert", Flow::Own, bytearray_insert),
    ("bytearray.pop", Flow::Own, bytearray_pop),
    ("bytearray.reverse", Flow::Own, bytearray_reverse),
    ("bytearray.clear", Flow::Own, bytearray_clear),
];

/// The elements of a list, to change.
pub(super) fn items_mut<'h>(cx: &'h mut FoldContext<'_>, value: &Value) -> Option<&'h mut Vec<Value>> {
    match value.kind {
        Kind::List(id) => cx.heap.elements_mut(id),
        _ => None,
    }
}

fn list(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items] = args.bind(cx, [""])?;
    let origins = items.map_or(OriginSet::EMPTY, |v| v.origins);
    let items = items.map_or(Some(Vec::new()), |v| iterate(cx, v, FoldContext::MAX_ITEMS))?;
    cx.make_list(items).map(|v| v.with_origins(origins))
}

fn tuple(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items] = args.bind(cx, [""])?;
    let origins = items.map_or(OriginSet::EMPTY, |v| v.origins);
    let items = items.map_or(Some(Vec::new()), |v| iterate(cx, v, FoldContext::MAX_ITEMS))?;
    cx.make_tuple(items).map(|v| v.with_origins(origins))
}

fn range(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let bounds: Option<Vec<i64>> = args.plain()?.iter().map(Value::as_int).collect();
    let (start, stop, step) = match bounds?.as_slice() {
        [stop] => (0, *stop, 1),
        [start, stop] => (*start, *stop, 1),
        [start, stop, step] if *step != 0 => (*start, *stop, *step),
        _ => return None,
    };
    Some(Value::new(Kind::Range(start, stop, step)))
}

fn slice(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let parts = match args.plain()? {
        [stop] => vec![Value::none(), stop.clone(), Value::none()],
        [start, stop] => vec![start.clone(), stop.clone(), Value::none()],
        [start, stop, step] => vec![start.clone(), stop.clone(), step.clone()],
        _ => return None,
    };
    cx.afford_items(3)?;
    Some(Value::new(Kind::Slice(cx.heap.insert(Object::List(parts)))))
}

fn len(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    let len = match value.kind {
        Kind::Iter(_) => return None,
        Kind::Set(_) => super::sets::members(cx, value)?.len(),
        _ => known_len(cx, value)?,
    };
    i64::try_from(len).ok().map(Value::int)
}

/// Sorts by merging, stably; the right one goes first if it compares so to the left.  The standard library's sort
/// may panic on an order that is none.
fn merge_sort(
    cx: &mut FoldContext<'_>,
    items: Vec<(Value, Value)>,
    takes_right: Ordering,
) -> Option<Vec<(Value, Value)>> {
    cx.work(items.len() * 512)?;
    let mut runs: Vec<Vec<(Value, Value)>> = items.into_iter().map(|item| vec![item]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut pairs = runs.into_iter();
        while let Some(left) = pairs.next() {
            merged.push(match pairs.next() {
                Some(right) => merge(cx, left, right, takes_right)?,
                None => left,
            });
        }
        runs = merged;
    }
    Some(runs.pop().unwrap_or_default())
}

fn merge(
    cx: &mut FoldContext<'_>,
    left: Vec<(Value, Value)>,
    right: Vec<(Value, Value)>,
    takes_right: Ordering,
) -> Option<Vec<(Value, Value)>> {
    let mut out = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some((a, _)), Some((b, _))) = (left.peek(), right.peek()) {
        let order = compare::total_order(cx, b, a)?;
        out.extend(if order == takes_right { right.next() } else { left.next() });
    }
    out.extend(left);
    out.extend(right);
    Some(out)
}

pub(super) fn sort_values(
    cx: &mut FoldContext<'_>,
    items: Vec<Value>,
    args: &Args<'_>,
) -> Option<Vec<Value>> {
    let (mut key, mut takes_right) = (None, Ordering::Less);
    for (name, value) in args.keywords {
        match cx.symbols.as_str(*name) {
            "key" => key = given(Some(value)).cloned(),
            "reverse" => {
                let is_reversed = super::fold_truth(cx, value)?;
                takes_right = if is_reversed { Ordering::Greater } else { Ordering::Less };
            }
            _ => return None,
        }
    }
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let by = match &key {
            Some(function) => functional::call(cx, function, std::slice::from_ref(&item))?,
            None => item.clone(),
        };
        keyed.push((by, item));
    }
    Some(merge_sort(cx, keyed, takes_right)?.into_iter().map(|(_, item)| item).collect())
}

fn sorted(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items] = args.values else { return None };
    let origins = items.origins;
    let items = iterate(cx, items, FoldContext::MAX_ITEMS)?;
    let sorted = sort_values(cx, items, &args)?;
    cx.make_list(sorted).map(|v| v.with_origins(origins))
}

fn sort(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target] = args.values else { return None };
    let items = items_mut(cx, target)?.clone();
    let sorted = sort_values(cx, items, &args)?;
    *items_mut(cx, target)? = sorted;
    Some(Value::none())
}

fn any(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items] = args.exactly()?;
    for item in iterate(cx, items, FoldContext::MAX_ITEMS)? {
        if super::fold_truth(cx, &item)? {
            return Some(Value::bool(true));
        }
    }
    Some(Value::bool(false))
}

fn all(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items] = args.exactly()?;
    for item in iterate(cx, items, FoldContext::MAX_ITEMS)? {
        if !super::fold_truth(cx, &item)? {
            return Some(Value::bool(false));
        }
    }
    Some(Value::bool(true))
}

fn append(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, item] = args.exactly()?;
    cx.afford_items(1)?;
    items_mut(cx, target)?.push(item.clone());
    Some(Value::none())
}

fn extend(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, items] = args.exactly()?;
    let items = iterate(cx, items, FoldContext::MAX_ITEMS)?;
    cx.afford_items(items.len())?;
    items_mut(cx, target)?.extend(items);
    Some(Value::none())
}

/// Where `insert` puts an item.
fn insert_position(at: &Value, len: usize) -> Option<usize> {
    let len = i64::try_from(len).ok()?;
    let at = at.as_int()?;
    let at = if at < 0 { at.saturating_add(len).max(0) } else { at.min(len) };
    usize::try_from(at).ok()
}

fn insert(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, at, item] = args.exactly()?;
    let len = known_len(cx, target)?;
    cx.afford_items(1)?;
    cx.work(len * 32)?;
    let at = insert_position(at, len)?;
    items_mut(cx, target)?.insert(at, item.clone());
    Some(Value::none())
}

/// The position of an argument of `pop`, the last if there is none.
fn pop_position(at: Option<&Value>, len: usize) -> Option<usize> {
    let at = at.map_or(Some(-1), Value::as_int)?;
    let at = if at < 0 { at.checked_add(i64::try_from(len).ok()?)? } else { at };
    usize::try_from(at).ok().filter(|at| *at < len)
}

fn pop(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, at] = args.bind(cx, [""; 2])?;
    let len = known_len(cx, target?)?;
    let at = pop_position(at, len)?;
    cx.work((len - at) * 32)?;
    Some(items_mut(cx, target?)?.remove(at))
}

/// Where a value first stands in a sequence; `None` also if an item before may or may not be it.
fn find(cx: &mut FoldContext<'_>, items: &[Value], value: &Value) -> Option<usize> {
    cx.work(items.len() * 16)?;
    for (at, item) in items.iter().enumerate() {
        if compare::fold_compare(cx, crate::source::ir::CompareOp::Eq, item, value)? {
            return Some(at);
        }
    }
    None
}

fn remove(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, value] = args.exactly()?;
    let Kind::List(id) = target.kind else { return None };
    let at = match compare::find_text(cx, id, value) {
        Some(at) => {
            cx.work(cx.heap.elements(id).len() * 16)?;
            at?
        }
        None => {
            let items = cx.heap.elements(id).to_vec();
            find(cx, &items, value)?
        }
    };
    items_mut(cx, target)?.remove(at);
    Some(Value::none())
}

fn clear(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target] = args.exactly()?;
    items_mut(cx, target)?.clear();
    Some(Value::none())
}

fn reverse(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target] = args.exactly()?;
    items_mut(cx, target)?.reverse();
    Some(Value::none())
}

fn index(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items, value, start, stop] = args.bind(cx, [""; 4])?;
    let items = iterate(cx, items?, FoldContext::MAX_ITEMS)?;
    let len = i64::try_from(items.len()).ok()?;
    let clamp =
        |i: i64| usize::try_from(if i < 0 { i.saturating_add(len).max(0) } else { i.min(len) }).unwrap_or(0);
    let (start, stop) = (clamp(int_or(start, 0)?), clamp(int_or(stop, i64::MAX)?));
    let at = find(cx, items.get(start..stop)?, value?)?;
    i64::try_from(start + at).ok().map(Value::int)
}

fn count(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items, value] = args.exactly()?;
    let items = iterate(cx, items, FoldContext::MAX_ITEMS)?;
    let mut count = 0;
    for item in &items {
        count += i64::from(compare::fold_compare(cx, crate::source::ir::CompareOp::Eq, item, value)?);
    }
    Some(Value::int(count))
}

/// A copy of a container.
fn copy(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value, ..] = args.bind(cx, ["", "memo"])?;
    let value = value?;
    let is_container = matches!(value.kind, Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_));
    if is_container {
        return copied(cx, value, 4);
    }
    match value.kind {
        Kind::Instance(id) => {
            let Some(Object::Instance(instance)) = cx.heap.get(id) else { return None };
            let instance = instance.clone();
            cx.afford_items(instance.attributes.len())?;
            let copy = cx.heap.insert(Object::Instance(instance));
            Some(Value::new(Kind::Instance(copy)).with_origins(value.origins))
        }
        // A copy of what cannot be changed, or of which nothing is known, is as good as the thing itself.
        Kind::External { .. } | Kind::Function(_) | Kind::Class(_) | Kind::Method(_) | Kind::Builtin(_) => {
            Some(value.clone())
        }
        _ if value.is_scalar() || matches!(value.kind, Kind::Partial(_)) => copied(cx, value, 4),
        _ => None,
    }
}

/// A value with the containers in it copied some levels deep; what is no container is the same.
fn copied(cx: &mut FoldContext<'_>, value: &Value, levels: u8) -> Option<Value> {
    let Some(levels) = levels.checked_sub(1) else { return Some(value.clone()) };
    let new = match &value.kind {
        Kind::List(id) | Kind::Tuple(id) => {
            let items = cx.heap.elements(*id).to_vec();
            cx.work(items.len() * 32)?;
            let items = items.iter().map(|item| copied(cx, item, levels)).collect::<Option<Vec<_>>>()?;
            if matches!(value.kind, Kind::List(_)) { cx.make_list(items)? } else { cx.make_tuple(items)? }
        }
        Kind::Dict(id) => {
            let entries: Vec<_> = cx.heap.dict_entries(*id).cloned().collect();
            cx.afford_items(entries.len())?;
            let copies = entries.into_iter().map(|(k, v)| Some((k, copied(cx, &v, levels)?)));
            let copies = copies.collect::<Option<Vec<_>>>()?;
            cx.heap.dict(copies)
        }
        _ => return Some(value.clone()),
    };
    Some(new.with_origins(value.origins))
}

fn byte_of(value: &Value) -> Option<u8> {
    u8::try_from(&big_of(value)?).ok()
}

fn bytearray_append(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, item] = args.exactly()?;
    cx.afford(1)?;
    bytearray_mut(cx, target)?.push(byte_of(item)?);
    Some(Value::none())
}

fn bytearray_extend(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, items] = args.exactly()?;
    let bytes = super::bytes_calls::bytes_of_iterable(cx, items)?;
    cx.afford(bytes.len())?;
    bytearray_mut(cx, target)?.extend(bytes);
    Some(Value::none())
}

fn bytearray_insert(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, at, item] = args.exactly()?;
    let len = known_len(cx, target)?;
    cx.afford(1)?;
    cx.work(len)?;
    let at = insert_position(at, len)?;
    bytearray_mut(cx, target)?.insert(at, byte_of(item)?);
    Some(Value::none())
}

fn bytearray_pop(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, at] = args.bind(cx, [""; 2])?;
    let target = target?;
    let at = pop_position(at, known_len(cx, target)?)?;
    let byte = bytearray_mut(cx, target)?.remove(at);
    Some(Value::int(i64::from(byte)).with_origins(target.origins))
}

fn bytearray_reverse(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target] = args.exactly()?;
    bytearray_mut(cx, target)?.reverse();
    Some(Value::none())
}

fn bytearray_clear(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target] = args.exactly()?;
    bytearray_mut(cx, target)?.clear();
    Some(Value::none())
}
