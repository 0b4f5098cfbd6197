//! Queues: lists that are filled at one end and emptied at the other.
//!
//! Nobody waits here: what an empty queue gives is not known.

use super::args::Args;
use super::iterate::known_len;
use super::lists::items_mut;
use super::{Flow, FoldContext, Row, iterate};
use crate::value::{OriginSet, Value};

pub(super) const TABLE: &[Row] = &[
    ("asyncio.LifoQueue", Flow::Own, queue),
    ("asyncio.PriorityQueue", Flow::Own, queue),
    ("asyncio.Queue", Flow::Own, queue),
    ("multiprocessing.JoinableQueue", Flow::Own, queue),
    ("multiprocessing.Queue", Flow::Own, queue),
    ("multiprocessing.SimpleQueue", Flow::Own, queue),
    ("queue.LifoQueue", Flow::Own, queue),
    ("queue.PriorityQueue", Flow::Own, queue),
    ("queue.Queue", Flow::Own, queue),
    ("queue.SimpleQueue", Flow::Own, queue),
    ("Queue.Queue", Flow::Own, queue),
    ("anyio.create_memory_object_stream", Flow::Own, channel),
    ("trio.open_memory_channel", Flow::Own, channel),
    ("collections.deque", Flow::Own, deque),
    ("list.appendleft", Flow::Own, append_left),
    ("list.extendleft", Flow::Own, extend_left),
    ("list.popleft", Flow::Own, take),
    ("list.rotate", Flow::Own, rotate),
    ("list.put", Flow::Own, put),
    ("list.put_nowait", Flow::Own, put),
    ("list.send_nowait", Flow::Own, put),
    ("list.send", Flow::Own, put),
    ("list.get", Flow::Own, take),
    ("list.receive", Flow::Own, take),
    ("list.receive_nowait", Flow::Own, take),
    ("list.get_nowait", Flow::Own, take),
    ("list.empty", Flow::Own, empty),
];

fn queue(cx: &mut FoldContext<'_>, _: Args<'_>) -> Option<Value> {
    cx.make_list(Vec::new())
}

/// A channel has two ends, and both are the same queue.
fn channel(cx: &mut FoldContext<'_>, _: Args<'_>) -> Option<Value> {
    let queue = cx.make_list(Vec::new())?;
    cx.make_tuple(vec![queue.clone(), queue])
}

fn deque(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items, _] = args.bind(cx, ["iterable", "maxlen"])?;
    let origins = items.map_or(OriginSet::EMPTY, |v| v.origins);
    let items = items.map_or(Some(Vec::new()), |v| iterate(cx, v, FoldContext::MAX_ITEMS))?;
    cx.make_list(items).map(|v| v.with_origins(origins))
}

fn append_left(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, item] = args.exactly()?;
    let len = items_mut(cx, target)?.len();
    cx.work(len * 32)?;
    cx.afford_items(1)?;
    items_mut(cx, target)?.insert(0, item.clone());
    Some(Value::none())
}

fn extend_left(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, items] = args.exactly()?;
    let items = iterate(cx, items, FoldContext::MAX_ITEMS)?;
    cx.afford_items(items.len())?;
    let held = items_mut(cx, target)?;
    let before = std::mem::take(held);
    held.extend(items.into_iter().rev().chain(before));
    Some(Value::none())
}

fn rotate(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, by] = args.bind(cx, [""; 2])?;
    let by = by.map_or(Some(1), Value::as_int)?;
    let len = known_len(cx, target?)?;
    cx.work(len * 32)?;
    if len > 0 {
        let by = usize::try_from(by.rem_euclid(i64::try_from(len).ok()?)).ok()?;
        items_mut(cx, target?)?.rotate_right(by);
    }
    Some(Value::none())
}

fn put(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, item, ..] = args.bind(cx, ["", "item", "block", "timeout"])?;
    cx.afford_items(1)?;
    items_mut(cx, target?)?.push(item?.clone());
    Some(Value::none())
}

/// The element that stands first; how long the caller would wait for it does not matter.
fn take(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target, ..] = args.bind(cx, ["", "block", "timeout"])?;
    let len = items_mut(cx, target?)?.len();
    cx.work(len * 32)?;
    let items = items_mut(cx, target?)?;
    (!items.is_empty()).then(|| items.remove(0))
}

fn empty(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [target] = args.exactly()?;
    // What is empty now may be filled by whoever runs beside.
    (!items_mut(cx, target)?.is_empty()).then(|| Value::bool(false))
}
