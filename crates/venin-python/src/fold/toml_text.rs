//! `tomllib.loads` and its forerunners.

use super::args::{Args, bytes_like};
use super::{Flow, FoldContext, Row, codecs};
use crate::value::{Kind, Value};

pub(super) const TABLE: &[Row] = &[
    ("tomllib.loads", Flow::Join, loads),
    ("tomli.loads", Flow::Join, loads),
    ("toml.loads", Flow::Join, loads),
];

/// Longest text that is read, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// Deepest nesting that is read.
const MAX_NESTING: u32 = 64;

fn loads(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let text = text_of(cx, text)?;
    if text.len() > MAX_TEXT {
        return None;
    }
    cx.work(text.len() * 32)?;
    let table: toml::Table = toml::from_str(&text).ok()?;
    value_of_table(cx, table, 0)
}

/// The text of a string or of UTF-8 bytes.
pub(super) fn text_of(cx: &mut FoldContext<'_>, value: &Value) -> Option<String> {
    match value.as_str() {
        Some(text) => Some(text.to_owned()),
        None => {
            let bytes = bytes_like(cx, value)?.into_owned();
            codecs::decode_text(cx, &bytes, "utf-8", "strict")
        }
    }
}

fn value_of_table(cx: &mut FoldContext<'_>, table: toml::Table, depth: u32) -> Option<Value> {
    cx.afford_items(table.len())?;
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        let key = cx.make_str(key)?;
        entries.push((key, value_of(cx, value, depth + 1)?));
    }
    Some(cx.heap.dict(entries))
}

fn value_of(cx: &mut FoldContext<'_>, value: toml::Value, depth: u32) -> Option<Value> {
    if depth > MAX_NESTING {
        return None;
    }
    Some(match value {
        toml::Value::String(text) => cx.make_str(text)?,
        toml::Value::Integer(number) => Value::int(number),
        toml::Value::Float(number) => Value::new(Kind::Float(number)),
        toml::Value::Boolean(truth) => Value::bool(truth),
        toml::Value::Datetime(_) => Value::unknown(),
        toml::Value::Array(items) => {
            let items: Option<Vec<Value>> = items.into_iter().map(|v| value_of(cx, v, depth + 1)).collect();
            cx.make_list(items?)?
        }
        toml::Value::Table(table) => value_of_table(cx, table, depth)?,
    })
}
