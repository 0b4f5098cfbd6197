//! `json.dumps`: what is not known becomes a hole in the text.

use super::args::Args;
use super::context::MAX_DEPTH;
use super::partial::{Builder, is_open};
use super::{Flow, FoldContext, Row, float_text, render_constant};
use crate::value::{Kind, Part, Value};

pub(super) const TABLE: &[Row] =
    &[("json.dumps", Flow::Join, dumps), ("simplejson.dumps", Flow::Join, dumps)];

fn dumps(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.values else { return None };
    // Indentation and separators would change the text; only the default layout is written.
    for (name, value) in args.keywords {
        let is_default = match cx.symbols.as_str(*name) {
            "ensure_ascii" => matches!(value.kind, Kind::Bool(true)),
            "indent" | "separators" | "default" | "cls" => matches!(value.kind, Kind::None),
            "sort_keys" | "skipkeys" => matches!(value.kind, Kind::Bool(false)),
            _ => false,
        };
        is_default.then_some(())?;
    }
    let mut builder = Builder::default();
    write(cx, value, 0, &mut builder)?;
    builder.finish(cx, false)
}

fn write(cx: &mut FoldContext<'_>, value: &Value, depth: u8, out: &mut Builder) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    match &value.kind {
        Kind::None => out.known("null"),
        Kind::Bool(true) => out.known("true"),
        Kind::Bool(false) => out.known("false"),
        Kind::Int(_) | Kind::Big(_) => out.known(&render_constant(cx, value)?),
        Kind::Float(f) => match float_text::special(*f) {
            Some("nan") => out.known("NaN"),
            Some("inf") => out.known("Infinity"),
            Some(_) => out.known("-Infinity"),
            None => out.known(&float_text::repr(*f)),
        },
        Kind::Str(text) => {
            cx.afford(text.as_str().len())?;
            out.known(&quoted(text.as_str()));
        }
        Kind::Partial(text) if !text.is_bytes => {
            out.known("\"");
            for part in &text.parts {
                match part {
                    Part::Known(known) => out.known(escaped(known).as_str()),
                    Part::Hole(_) => out.part(part),
                }
            }
            out.known("\"");
        }
        Kind::List(id) | Kind::Tuple(id) => {
            out.known("[");
            for (at, item) in cx.heap.elements(*id).to_vec().iter().enumerate() {
                if at > 0 {
                    out.known(", ");
                }
                write(cx, item, depth + 1, out)?;
            }
            out.known("]");
        }
        Kind::Dict(id) => {
            out.known("{");
            let entries: Vec<(Value, Value)> = cx.heap.dict_entries(*id).cloned().collect();
            for (at, (key, item)) in entries.iter().enumerate() {
                if at > 0 {
                    out.known(", ");
                }
                write_key(cx, key, out)?;
                out.known(": ");
                write(cx, item, depth + 1, out)?;
            }
            out.known("}");
        }
        _ if is_open(value) => out.hole(cx.hole_name(value)),
        _ => return None,
    }
    cx.work(64)
}

fn write_key(cx: &mut FoldContext<'_>, key: &Value, out: &mut Builder) -> Option<()> {
    match &key.kind {
        Kind::Str(_) | Kind::Partial(_) => write(cx, key, 0, out)?,
        Kind::None | Kind::Bool(_) | Kind::Int(_) | Kind::Big(_) | Kind::Float(_) => {
            out.known("\"");
            write(cx, key, 0, out)?;
            out.known("\"");
        }
        _ if is_open(key) => out.hole(cx.hole_name(key)),
        _ => return None,
    }
    Some(())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|u| out.push_str(&format!("\\u{u:04x}"))),
        }
    }
    out
}
