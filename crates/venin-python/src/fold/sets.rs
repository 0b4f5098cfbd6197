//! Sets, of constants only.

use std::cmp::Ordering;

use rustc_hash::FxHashSet;

use super::args::Args;
use super::compare::find_text;
use super::{Flow, FoldContext, Row, iterate};
use crate::source::ir::BinaryOp;
use crate::value::{Key, Kind, Object, OriginSet, Value};

pub(super) const TABLE: &[Row] = &[
    ("set", Flow::Own, set),
    ("frozenset", Flow::Own, set),
    ("set.add", Flow::Own, add),
    ("set.discard", Flow::Own, discard),
    ("set.remove", Flow::Own, remove),
    ("set.clear", Flow::Own, clear),
    ("set.pop", Flow::Own, pop),
    ("set.difference_update", Flow::Own, difference_update),
    ("set.intersection_update", Flow::Own, intersection_update),
    ("set.symmetric_difference_update", Flow::Own, symmetric_difference_update),
    ("set.copy", Flow::Own, set),
    ("set.update", Flow::Own, update),
    ("set.union", Flow::Own, union),
    ("set.intersection", Flow::Own, intersection),
    ("set.difference", Flow::Own, difference),
    ("set.symmetric_difference", Flow::Own, symmetric_difference),
    ("set.issubset", Flow::Own, issubset),
    ("set.issuperset", Flow::Own, issuperset),
    ("set.isdisjoint", Flow::Own, isdisjoint),
];

/// The members, each once; `None` if one is not a constant.
pub(super) fn members(cx: &mut FoldContext<'_>, value: &Value) -> Option<Vec<Value>> {
    let Kind::Set(id) = value.kind else { return None };
    cx.work(cx.heap.elements(id).len() * 64)?;
    let items = cx.heap.elements(id);
    items.iter().all(|item| cx.heap.key_of(item).is_some()).then(|| items.to_vec())
}

fn distinct(cx: &mut FoldContext<'_>, items: Vec<Value>) -> Option<Vec<Value>> {
    cx.work(items.len() * 64)?;
    let mut seen = FxHashSet::default();
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        if seen.insert(cx.heap.key_of(&item)?) {
            out.push(item);
        }
    }
    Some(out)
}

/// The constant keys of members.
pub(super) fn keys(cx: &FoldContext<'_>, items: &[Value]) -> Option<FxHashSet<Key>> {
    items.iter().map(|v| cx.heap.key_of(v)).collect()
}

fn make_set(cx: &mut FoldContext<'_>, items: Vec<Value>) -> Option<Value> {
    let items = distinct(cx, items)?;
    cx.afford_items(items.len())?;
    Some(Value::new(Kind::Set(cx.heap.insert(Object::List(items)))))
}

fn set(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items] = args.bind(cx, [""])?;
    let origins = items.map_or(OriginSet::EMPTY, |v| v.origins);
    let items = items.map_or(Some(Vec::new()), |v| iterate(cx, v, FoldContext::MAX_ITEMS))?;
    make_set(cx, items).map(|v| v.with_origins(origins))
}

/// `left op right` on two sets.
pub(super) fn operate(cx: &mut FoldContext<'_>, op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
    let (a, b) = (members(cx, left)?, members(cx, right)?);
    combine(cx, op, a, b)
}

fn combine(cx: &mut FoldContext<'_>, op: BinaryOp, a: Vec<Value>, b: Vec<Value>) -> Option<Value> {
    let (in_a, in_b) = (keys(cx, &a)?, keys(cx, &b)?);
    let within = |cx: &FoldContext<'_>, set: &FxHashSet<Key>, v: &Value| {
        cx.heap.key_of(v).is_some_and(|k| set.contains(&k))
    };
    let items: Vec<Value> = match op {
        BinaryOp::BitOr => a.into_iter().chain(b).collect(),
        BinaryOp::BitAnd => a.into_iter().filter(|v| within(cx, &in_b, v)).collect(),
        BinaryOp::Sub => a.into_iter().filter(|v| !within(cx, &in_b, v)).collect(),
        BinaryOp::BitXor => {
            let only_b: Vec<Value> = b.into_iter().filter(|v| !within(cx, &in_a, v)).collect();
            a.into_iter().filter(|v| !within(cx, &in_b, v)).chain(only_b).collect()
        }
        _ => return None,
    };
    make_set(cx, items)
}

/// The subset order of two sets.
#[expect(
    clippy::option_option,
    reason = "the outer is for what cannot be folded, the inner for what has no order"
)]
pub(super) fn order(cx: &mut FoldContext<'_>, a: &Value, b: &Value) -> Option<Option<Ordering>> {
    let (a, b) = (members(cx, a)?, members(cx, b)?);
    let (a, b) = (keys(cx, &a)?, keys(cx, &b)?);
    Some(match (a.is_subset(&b), b.is_subset(&a)) {
        (true, true) => Some(Ordering::Equal),
        (true, false) => Some(Ordering::Less),
        (false, true) => Some(Ordering::Greater),
        (false, false) => None,
    })
}

fn change(cx: &mut FoldContext<'_>, target: &Value, items: Vec<Value>) -> Option<Value> {
    let Kind::Set(id) = target.kind else { return None };
    let items = distinct(cx, items)?;
    *cx.heap.elements_mut(id)? = items;
    Some(Value::none())
}

fn add(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, item] = args.exactly()?;
    let Kind::Set(id) = target.kind else { return None };
    // A loop that adds texts one by one would copy all of them each time.
    cx.work(cx.heap.elements(id).len() * 16)?;
    if let Some(found) = find_text(cx, id, item) {
        if found.is_none() {
            cx.afford_items(1)?;
            cx.heap.elements_mut(id)?.push(item.clone());
        }
        return Some(Value::none());
    }
    let mut items = members(cx, target)?;
    cx.afford_items(1)?;
    items.push(item.clone());
    change(cx, target, items)
}

fn without(cx: &mut FoldContext<'_>, target: &Value, item: &Value) -> Option<(Value, bool)> {
    let key = cx.heap.key_of(item)?;
    let mut items = members(cx, target)?;
    let before = items.len();
    items.retain(|v| cx.heap.key_of(v).as_ref() != Some(&key));
    let was_there = items.len() != before;
    Some((change(cx, target, items)?, was_there))
}

fn discard(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, item] = args.exactly()?;
    without(cx, target, item).map(|(none, _)| none)
}

fn remove(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, item] = args.exactly()?;
    without(cx, target, item).and_then(|(none, was_there)| was_there.then_some(none))
}

fn clear(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target] = args.exactly()?;
    change(cx, target, Vec::new())
}

/// Takes a member out; which one depends on the run of the program, so the result is known for the last one only.  Here it
/// is the one that came last: a loop that empties a set need not move the others each time.
fn pop(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target] = args.exactly()?;
    let Kind::Set(id) = target.kind else { return None };
    cx.heap.key_of(cx.heap.elements(id).last()?)?;
    let items = cx.heap.elements_mut(id)?;
    let taken = items.pop()?;
    Some(if items.is_empty() { taken } else { Value::unknown().with_origins(target.origins) })
}

/// The receiver's members and those of each argument.
fn operands(cx: &mut FoldContext<'_>, args: &Args<'_>) -> Option<(Vec<Value>, Vec<Vec<Value>>)> {
    let (target, rest) = args.receiver()?;
    let first = members(cx, target)?;
    let others: Option<Vec<Vec<Value>>> =
        rest.plain()?.iter().map(|v| iterate(cx, v, FoldContext::MAX_ITEMS)).collect();
    Some((first, others?))
}

fn update(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let (first, others) = operands(cx, &args)?;
    let items: Vec<Value> = first.into_iter().chain(others.into_iter().flatten()).collect();
    cx.afford_items(items.len())?;
    change(cx, args.values.first()?, items)
}

fn folded(cx: &mut FoldContext<'_>, args: Args<'_>, op: BinaryOp) -> Option<Value> {
    let (first, others) = operands(cx, &args)?;
    let mut result = make_set(cx, first)?;
    for other in others {
        let items = members(cx, &result)?;
        let other = distinct(cx, other)?;
        result = combine(cx, op, items, other)?;
    }
    Some(result)
}

fn union(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    folded(cx, args, BinaryOp::BitOr)
}

fn intersection(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    folded(cx, args, BinaryOp::BitAnd)
}

fn difference(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    folded(cx, args, BinaryOp::Sub)
}

fn difference_update(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    folded_in_place(cx, args, BinaryOp::Sub)
}

fn intersection_update(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    folded_in_place(cx, args, BinaryOp::BitAnd)
}

fn symmetric_difference_update(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    (args.values.len() == 2).then_some(())?;
    folded_in_place(cx, args, BinaryOp::BitXor)
}

fn folded_in_place(cx: &mut FoldContext<'_>, args: Args<'_>, op: BinaryOp) -> Option<Value> {
    let target = args.values.first().cloned()?;
    let result = folded(cx, args, op)?;
    let items = members(cx, &result)?;
    change(cx, &target, items)
}

fn symmetric_difference(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    (args.values.len() == 2).then_some(())?;
    folded(cx, args, BinaryOp::BitXor)
}

/// The keys of a receiver and of one argument.
fn both_keys(cx: &mut FoldContext<'_>, args: &Args<'_>) -> Option<(FxHashSet<Key>, FxHashSet<Key>)> {
    let (first, mut others) = operands(cx, args)?;
    let other = others.pop().filter(|_| others.is_empty())?;
    Some((keys(cx, &first)?, keys(cx, &other)?))
}

fn issubset(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    both_keys(cx, &args).map(|(a, b)| Value::bool(a.is_subset(&b)))
}

fn issuperset(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    both_keys(cx, &args).map(|(a, b)| Value::bool(a.is_superset(&b)))
}

fn isdisjoint(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    both_keys(cx, &args).map(|(a, b)| Value::bool(a.is_disjoint(&b)))
}
