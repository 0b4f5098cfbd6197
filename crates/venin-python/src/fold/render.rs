//! `str()` and `repr()` of constants.

use super::args::bytes_like;
use super::context::MAX_DEPTH;
use super::{FoldContext, float_text, integers, reflect, unicode};
use crate::value::{Kind, ObjId, Value};

/// `str(value)` of a constant, as CPython prints it.
pub fn render_constant(cx: &mut FoldContext<'_>, value: &Value) -> Option<String> {
    match &value.kind {
        Kind::Str(text) => {
            cx.work(text.as_str().len())?;
            Some(text.as_str().to_owned())
        }
        _ => render_repr(cx, value),
    }
}

/// `repr(value)` of a constant, as CPython prints it.
pub fn render_repr(cx: &mut FoldContext<'_>, value: &Value) -> Option<String> {
    let mut out = String::new();
    write_repr(cx, value, 0, &mut out)?;
    Some(out)
}

fn write_repr(cx: &mut FoldContext<'_>, value: &Value, depth: u8, out: &mut String) -> Option<()> {
    if depth > MAX_DEPTH || out.len() > FoldContext::MAX_BYTES {
        return None;
    }
    match &value.kind {
        Kind::None => out.push_str("None"),
        Kind::Ellipsis => out.push_str("Ellipsis"),
        Kind::Bool(true) => out.push_str("True"),
        Kind::Bool(false) => out.push_str("False"),
        Kind::Int(i) => out.push_str(&i.to_string()),
        Kind::Big(b) => out.push_str(&integers::digits(cx, b, 10)?),
        Kind::Float(f) => out.push_str(&float_text::repr(*f)),
        Kind::Str(text) => {
            cx.work(text.as_str().len() * 8)?;
            push_str_repr(text.as_str(), out);
        }
        Kind::Bytes(_) => push_bytes_repr(&bytes_like(cx, value)?, out),
        Kind::ByteArray(_) => {
            out.push_str("bytearray(");
            push_bytes_repr(&bytes_like(cx, value)?, out);
            out.push(')');
        }
        Kind::List(id) => write_items(cx, *id, depth, ("[", "]"), out)?,
        Kind::Tuple(id) => {
            let close = if cx.heap.elements(*id).len() == 1 { ",)" } else { ")" };
            write_items(cx, *id, depth, ("(", close), out)?;
        }
        // The order of a set's elements is known only if there is at most one.
        Kind::Set(id) if cx.heap.elements(*id).is_empty() => out.push_str("set()"),
        Kind::Set(id) if cx.heap.elements(*id).len() == 1 => write_items(cx, *id, depth, ("{", "}"), out)?,
        Kind::Dict(id) => write_dict(cx, *id, depth, out)?,
        Kind::Range(start, stop, 1) => out.push_str(&format!("range({start}, {stop})")),
        Kind::Range(start, stop, step) => out.push_str(&format!("range({start}, {stop}, {step})")),
        Kind::Slice(id) => write_items(cx, *id, depth, ("slice(", ")"), out)?,
        Kind::External { name, made_by: None } => {
            out.push_str(&reflect::repr_of_name(&cx.names.text(*name))?);
        }
        _ => return None,
    }
    Some(())
}

fn write_items(
    cx: &mut FoldContext<'_>,
    id: ObjId,
    depth: u8,
    (open, close): (&str, &str),
    out: &mut String,
) -> Option<()> {
    let items = cx.heap.elements(id).to_vec();
    cx.work(items.len() * 64)?;
    out.push_str(open);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write_repr(cx, item, depth + 1, out)?;
    }
    out.push_str(close);
    Some(())
}

fn write_dict(cx: &mut FoldContext<'_>, id: ObjId, depth: u8, out: &mut String) -> Option<()> {
    let entries: Vec<(Value, Value)> = cx.heap.dict_entries(id).cloned().collect();
    cx.work(entries.len() * 128)?;
    out.push('{');
    for (at, (key, value)) in entries.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write_repr(cx, key, depth + 1, out)?;
        out.push_str(": ");
        write_repr(cx, value, depth + 1, out)?;
    }
    out.push('}');
    Some(())
}

/// The quote `repr` chooses: double only if there are single quotes and no double ones.
fn quote_for(has_single: bool, has_double: bool) -> char {
    if has_single && !has_double { '"' } else { '\'' }
}

fn push_str_repr(text: &str, out: &mut String) {
    let quote = quote_for(text.contains('\''), text.contains('"'));
    out.push(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            _ if unicode::is_printable(c) => out.push(c),
            _ => push_escape(c, out),
        }
    }
    out.push(quote);
}

/// Writes a character as `\x`, `\u` or `\U`.
pub(super) fn push_escape(c: char, out: &mut String) {
    let code = u32::from(c);
    let escape = match code {
        0..=0xFF => format!("\\x{code:02x}"),
        0x100..=0xFFFF => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    };
    out.push_str(&escape);
}

fn push_bytes_repr(bytes: &[u8], out: &mut String) {
    let quote = quote_for(bytes.contains(&b'\''), bytes.contains(&b'"'));
    out.push('b');
    out.push(quote);
    for byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            _ if char::from(*byte) == quote => {
                out.push('\\');
                out.push(quote);
            }
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
}

/// `ascii(value)` from its `repr`.
pub(super) fn escape_non_ascii(repr: &str) -> String {
    let mut out = String::with_capacity(repr.len());
    for c in repr.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            push_escape(c, &mut out);
        }
    }
    out
}
