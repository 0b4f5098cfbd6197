//! Iterators: `zip`, `enumerate`, `reversed`, `iter`, `next`, and `itertools`.

use super::args::{Args, given, int_or};
use super::iterate::next_item;
use super::{Flow, FoldContext, Row, iterate};
use crate::value::{Kind, ObjId, Object, Value};

pub(super) const TABLE: &[Row] = &[
    ("iter", Flow::Own, iter),
    ("next", Flow::Own, next),
    ("zip", Flow::Own, zip),
    ("itertools.izip", Flow::Own, zip),
    ("itertools.zip_longest", Flow::Own, zip_longest),
    ("enumerate", Flow::Own, enumerate),
    ("reversed", Flow::Own, reversed),
    ("itertools.chain", Flow::Own, chain),
    ("itertools.chain.from_iterable", Flow::Own, chain_from_iterable),
    ("itertools.cycle", Flow::Own, cycle),
    ("itertools.count", Flow::Shallow, count),
    ("itertools.islice", Flow::Own, islice),
    ("itertools.repeat", Flow::Own, repeat),
    ("itertools.compress", Flow::Own, compress),
    ("itertools.product", Flow::Own, product),
    ("itertools.batched", Flow::Own, batched),
];

/// Several iterables advanced together.
pub(super) struct Streams {
    streams: Vec<Stream>,
    rows: usize,
}

/// One iterable.  A one-shot iterator stays in the heap, since the same may stand in several places, as in
/// `zip(*[iter(s)] * 2)`.
enum Stream {
    Owned(std::vec::IntoIter<Value>),
    Shared(ObjId),
}

impl Streams {
    /// The streams of iterables; `None` if one cannot be iterated.
    pub(super) fn of(cx: &mut FoldContext<'_>, values: &[Value]) -> Option<Self> {
        let mut streams = Vec::with_capacity(values.len());
        for value in values {
            streams.push(match value.kind {
                Kind::Iter(id) => Stream::Shared(id),
                _ => Stream::Owned(iterate(cx, value, FoldContext::MAX_ITEMS)?.into_iter()),
            });
        }
        Some(Self { streams, rows: 0 })
    }

    /// One element of each; `Some(None)` when one is used up, `None` when there are too many.
    #[expect(clippy::option_option, reason = "the outer is for the budget, the inner for the end")]
    pub(super) fn next_row(&mut self, cx: &mut FoldContext<'_>) -> Option<Option<Vec<Value>>> {
        self.rows += 1;
        if self.rows > FoldContext::MAX_ITEMS || self.streams.is_empty() {
            return if self.streams.is_empty() { Some(None) } else { None };
        }
        cx.work(self.streams.len() * 64)?;
        let mut row = Vec::with_capacity(self.streams.len());
        for stream in &mut self.streams {
            let item = match stream {
                Stream::Owned(items) => items.next(),
                Stream::Shared(id) => next_item(cx, *id)?,
            };
            match item {
                Some(item) => row.push(item),
                None => return Some(None),
            }
        }
        Some(Some(row))
    }
}

fn iter(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    if let Kind::Iter(_) = value.kind {
        return Some(value.clone());
    }
    let items = iterate(cx, value, FoldContext::MAX_ITEMS)?;
    cx.make_iter(items).map(|v| v.with_origins(value.origins))
}

fn next(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [iterator, default] = args.bind(cx, [""; 2])?;
    let Kind::Iter(id) = iterator?.kind else { return None };
    next_item(cx, id)?.or_else(|| default.cloned())
}

fn zip(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    for (name, _) in args.keywords {
        (cx.symbols.as_str(*name) == "strict").then_some(())?;
    }
    let mut streams = Streams::of(cx, args.values)?;
    let mut out = Vec::new();
    while let Some(row) = streams.next_row(cx)? {
        out.push(cx.make_tuple(row)?);
    }
    cx.make_iter(out)
}

fn zip_longest(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let fill = match args.keywords {
        [] => Value::none(),
        [(name, fill)] if cx.symbols.as_str(*name) == "fillvalue" => fill.clone(),
        _ => return None,
    };
    let mut columns = Vec::with_capacity(args.values.len());
    for value in args.values {
        columns.push(iterate(cx, value, FoldContext::MAX_ITEMS)?);
    }
    let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
    cx.afford_items(longest.checked_mul(columns.len())?)?;
    let mut out = Vec::with_capacity(longest);
    for at in 0..longest {
        let row = columns.iter().map(|c| c.get(at).unwrap_or(&fill).clone()).collect();
        out.push(cx.make_tuple(row)?);
    }
    cx.make_iter(out)
}

fn enumerate(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items, start] = args.bind(cx, ["iterable", "start"])?;
    let start = int_or(start, 0)?;
    let mut out = Vec::new();
    for (at, item) in iterate(cx, items?, FoldContext::MAX_ITEMS)?.into_iter().enumerate() {
        let at = Value::int(start.checked_add(i64::try_from(at).ok()?)?);
        out.push(cx.make_tuple(vec![at, item])?);
    }
    cx.make_iter(out)
}

fn reversed(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items] = args.exactly()?;
    if matches!(items.kind, Kind::Iter(_) | Kind::Set(_)) {
        return None;
    }
    let mut out = iterate(cx, items, FoldContext::MAX_ITEMS)?;
    out.reverse();
    if super::args::is_text(items) {
        let origins = cx.decoded(items.origins);
        out = out.into_iter().map(|v| v.with_origins(origins)).collect();
    }
    cx.make_iter(out)
}

fn chain(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    concat(cx, args.plain()?)
}

fn chain_from_iterable(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items] = args.exactly()?;
    let items = iterate(cx, items, FoldContext::MAX_ITEMS)?;
    concat(cx, &items)
}

fn concat(cx: &mut FoldContext<'_>, sources: &[Value]) -> Option<Value> {
    let mut out = Vec::new();
    for source in sources {
        out.extend(iterate(cx, source, FoldContext::MAX_ITEMS)?);
        if out.len() > FoldContext::MAX_ITEMS {
            return None;
        }
    }
    cx.make_iter(out)
}

fn endless(cx: &mut FoldContext<'_>, object: Object) -> Value {
    Value::new(Kind::Iter(cx.heap.insert(object)))
}

fn cycle(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items] = args.exactly()?;
    let origins = items.origins;
    let items = iterate(cx, items, FoldContext::MAX_ITEMS)?;
    cx.afford_items(items.len())?;
    Some(endless(cx, Object::Cycle(items, 0)).with_origins(origins))
}

fn count(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [start, step] = args.bind(cx, ["start", "step"])?;
    let (start, step) = (int_or(start, 0)?, int_or(step, 1)?);
    Some(endless(cx, Object::Count(start, step)))
}

fn islice(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let bound = |v: &Value| given(Some(v)).map(Value::as_int).map_or(Some(None), |i| i.map(Some));
    let (source, start, stop, step) = match args.plain()? {
        [source, stop] => (source, None, bound(stop)?, None),
        [source, start, stop] => (source, bound(start)?, bound(stop)?, None),
        [source, start, stop, step] => (source, bound(start)?, bound(stop)?, bound(step)?),
        _ => return None,
    };
    let (start, step) = (usize::try_from(start.unwrap_or(0)).ok()?, usize::try_from(step.unwrap_or(1)).ok()?);
    let stop = stop.map_or(Some(usize::MAX), |s| usize::try_from(s).ok())?;
    (step > 0).then_some(())?;
    let mut streams = Streams::of(cx, std::slice::from_ref(source))?;
    let mut out = Vec::new();
    for at in 0..stop {
        let Some(row) = streams.next_row(cx)? else { break };
        if at >= start && (at - start) % step == 0 {
            out.extend(row);
        }
    }
    cx.make_iter(out)
}

fn repeat(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [item, times] = args.bind(cx, ["object", "times"])?;
    let item = item?.clone();
    match times {
        None => Some(endless(cx, Object::Cycle(vec![item], 0))),
        Some(times) => {
            let times = usize::try_from(times.as_int()?).unwrap_or(0);
            (times <= FoldContext::MAX_ITEMS).then_some(())?;
            cx.make_iter(vec![item; times])
        }
    }
}

fn compress(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items, selectors] = args.exactly()?;
    let mut streams = Streams::of(cx, &[items.clone(), selectors.clone()])?;
    let mut out = Vec::new();
    while let Some(row) = streams.next_row(cx)? {
        let [item, selector] = <[Value; 2]>::try_from(row).ok()?;
        if super::fold_truth(cx, &selector)? {
            out.push(item);
        }
    }
    cx.make_iter(out)
}

fn product(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for value in args.plain()? {
        let column = iterate(cx, value, 4096)?;
        cx.afford_items(rows.len().checked_mul(column.len())?)?;
        rows = rows
            .iter()
            .flat_map(|row| column.iter().map(|v| [row.as_slice(), std::slice::from_ref(v)].concat()))
            .collect();
    }
    let tuples: Option<Vec<Value>> = rows.into_iter().map(|row| cx.make_tuple(row)).collect();
    cx.make_iter(tuples?)
}

fn batched(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items, size] = args.exactly()?;
    let size = usize::try_from(size.as_int()?).ok().filter(|n| *n > 0)?;
    let items = iterate(cx, items, FoldContext::MAX_ITEMS)?;
    let tuples: Option<Vec<Value>> = items.chunks(size).map(|chunk| cx.make_tuple(chunk.to_vec())).collect();
    cx.make_iter(tuples?)
}
