//! Higher-order builtins over functions that are themselves folded: `map(chr, codes)`, `reduce(xor, key)`.
//! Functions of the artifact are the interpreter's to call.

use super::args::{Args, given};
use super::iterators::Streams;
use super::{Flow, FoldContext, Row, iterate};
use crate::value::{Kind, Object, Value};

pub(super) const TABLE: &[Row] = &[
    ("map", Flow::Own, map),
    ("itertools.imap", Flow::Own, map),
    ("filter", Flow::Own, filter),
    ("itertools.starmap", Flow::Own, starmap),
    ("itertools.accumulate", Flow::Own, accumulate),
    ("functools.reduce", Flow::Own, reduce),
    ("reduce", Flow::Own, reduce),
];

/// Calls a function value that can be folded: a name outside the artifact, or a method of a constant.
pub(super) fn call(cx: &mut FoldContext<'_>, function: &Value, args: &[Value]) -> Option<Value> {
    match function.kind {
        Kind::External { name, made_by: None } => {
            let name = cx.names.text(name);
            super::fold_call(cx, &name, args, &[])
        }
        Kind::Builtin(id) => {
            let Some(Object::Builtin(receiver, method)) = cx.heap.get(id).cloned() else { return None };
            let method = cx.symbols.text(method);
            super::fold_method(cx, &receiver, &method, args, &[])
        }
        _ => None,
    }
}

fn map(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let (function, sources) = args.receiver()?;
    let mut streams = Streams::of(cx, sources.plain()?)?;
    let mut out = Vec::new();
    while let Some(row) = streams.next_row(cx)? {
        out.push(call(cx, function, &row)?);
        cx.work(256)?;
    }
    cx.make_iter(out)
}

fn filter(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [function, items] = args.exactly()?;
    let mut out = Vec::new();
    for item in iterate(cx, items, FoldContext::MAX_ITEMS)? {
        let keep = match given(Some(function)) {
            Some(function) => call(cx, function, std::slice::from_ref(&item))?,
            None => item.clone(),
        };
        if super::fold_truth(cx, &keep)? {
            out.push(item);
        }
    }
    cx.make_iter(out)
}

fn starmap(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [function, rows] = args.exactly()?;
    let mut out = Vec::new();
    for row in iterate(cx, rows, FoldContext::MAX_ITEMS)? {
        let row = iterate(cx, &row, 64)?;
        out.push(call(cx, function, &row)?);
    }
    cx.make_iter(out)
}

fn accumulate(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items, function, initial] = args.bind(cx, ["iterable", "func", "initial"])?;
    let (function, initial) = (given(function), given(initial));
    let mut out: Vec<Value> = initial.cloned().into_iter().collect();
    for item in iterate(cx, items?, FoldContext::MAX_ITEMS)? {
        let next = match (out.last(), function) {
            (None, _) => item,
            (Some(total), Some(function)) => call(cx, function, &[total.clone(), item])?,
            (Some(total), None) => {
                super::fold_binary(cx, crate::source::ir::BinaryOp::Add, &total.clone(), &item)?
            }
        };
        out.push(next);
    }
    cx.make_iter(out)
}

fn reduce(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [function, items, initial] = args.bind(cx, [""; 3])?;
    let mut items = iterate(cx, items?, FoldContext::MAX_ITEMS)?.into_iter();
    let mut total = initial.cloned().or_else(|| items.next())?;
    for item in items {
        total = call(cx, function?, &[total, item])?;
    }
    Some(total)
}
