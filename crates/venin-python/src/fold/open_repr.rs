//! `str()` and `repr()` of what is known in part: what is not known becomes a hole in the text.

use super::FoldContext;
use super::context::MAX_DEPTH;
use super::partial::{Builder, is_open};
use super::render::render_repr;
use crate::value::{Kind, Value};

/// `repr(value)` of a text or container with unknown parts.
pub(super) fn render_open(cx: &mut FoldContext<'_>, value: &Value) -> Option<Value> {
    if !matches!(value.kind, Kind::Partial(_) | Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_)) {
        return None;
    }
    let mut builder = Builder::default();
    write_open(cx, value, 0, &mut builder)?;
    builder.finish(cx, false)
}

/// Writes the `repr` of a value into a text.
pub(super) fn write_open(
    cx: &mut FoldContext<'_>,
    value: &Value,
    depth: u8,
    out: &mut Builder,
) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    cx.work(64)?;
    match &value.kind {
        Kind::Partial(text) => {
            out.known(if text.is_bytes { "b'" } else { "'" });
            text.parts.iter().for_each(|part| out.part(part));
            out.known("'");
        }
        Kind::List(id) | Kind::Tuple(id) => {
            let items = cx.heap.elements(*id).to_vec();
            let (open, close) = match (&value.kind, items.len()) {
                (Kind::List(_), _) => ("[", "]"),
                (_, 1) => ("(", ",)"),
                _ => ("(", ")"),
            };
            out.known(open);
            for (at, item) in items.iter().enumerate() {
                out.known(if at > 0 { ", " } else { "" });
                write_open(cx, item, depth + 1, out)?;
            }
            out.known(close);
        }
        Kind::Dict(id) => {
            let entries: Vec<(Value, Value)> = cx.heap.dict_entries(*id).cloned().collect();
            out.known("{");
            for (at, (key, item)) in entries.iter().enumerate() {
                out.known(if at > 0 { ", " } else { "" });
                write_open(cx, key, depth + 1, out)?;
                out.known(": ");
                write_open(cx, item, depth + 1, out)?;
            }
            out.known("}");
        }
        _ if is_open(value) => out.hole(cx.hole_name(value)),
        _ => {
            let text = render_repr(cx, value)?;
            cx.afford(text.len())?;
            out.known(&text);
        }
    }
    Some(())
}
