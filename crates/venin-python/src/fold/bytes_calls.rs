//! Making bytes and bytearrays.

use super::args::{Args, bytes_like, given};
use super::{Flow, FoldContext, Row, binascii, codecs, iterate};
use crate::value::{Kind, Value};

pub(super) const TABLE: &[Row] = &[
    ("bytes", Flow::Join, bytes),
    ("bytearray", Flow::Join, bytearray),
    ("memoryview", Flow::Shallow, memoryview),
    ("bytes.tobytes", Flow::Shallow, memoryview),
    ("bytes.tostring", Flow::Shallow, memoryview),
    ("bytes.fromhex", Flow::Decode, fromhex),
    ("bytearray.fromhex", Flow::Decode, bytearray_fromhex),
    ("bytes.hex", Flow::Shallow, hex),
    ("bytearray.copy", Flow::Shallow, bytearray),
];

/// The bytes of `bytes(value)` for an iterable or bytes, not for a length.
pub(super) fn bytes_of_iterable(cx: &mut FoldContext<'_>, value: &Value) -> Option<Vec<u8>> {
    if let Some(bytes) = bytes_like(cx, value) {
        return Some(bytes.into_owned());
    }
    if let Kind::Str(_) = value.kind {
        return None;
    }
    let items = iterate(cx, value, FoldContext::MAX_BYTES)?;
    items.iter().map(|v| u8::try_from(v.as_int()?).ok()).collect()
}

fn make(cx: &mut FoldContext<'_>, args: &Args<'_>) -> Option<Vec<u8>> {
    let [source, encoding, errors] = args.bind(cx, ["source", "encoding", "errors"])?;
    let Some(source) = source else { return Some(Vec::new()) };
    match &source.kind {
        Kind::Str(text) => {
            // Python 2's `bytes` is its `str`; a lone string argument can only be that.
            let encoding = given(encoding).map_or(Some("utf-8"), Value::as_str)?;
            codecs::encode_text(cx, text.as_str(), encoding, super::args::str_or(errors, "strict")?)
        }
        Kind::Int(length) => {
            let length = usize::try_from(*length).ok().filter(|n| *n <= FoldContext::MAX_BYTES)?;
            cx.work(length)?;
            Some(vec![0; length])
        }
        Kind::Bool(b) => Some(vec![0; usize::from(*b)]),
        _ => bytes_of_iterable(cx, source),
    }
}

fn bytes(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let bytes = make(cx, &args)?;
    let value = cx.make_bytes(bytes)?;
    Some(mark_numbers(cx, &args, value))
}

fn bytearray(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let bytes = make(cx, &args)?;
    let value = cx.make_bytearray(bytes)?;
    Some(mark_numbers(cx, &args, value))
}

/// Text written as a list of numbers counts as decoded.
fn mark_numbers(cx: &mut FoldContext<'_>, args: &Args<'_>, value: Value) -> Value {
    match args.values.first().map(|v| &v.kind) {
        Some(Kind::List(_) | Kind::Tuple(_) | Kind::Iter(_)) => {
            let origins = cx.decoded(value.origins);
            value.with_origins(origins)
        }
        _ => value,
    }
}

/// A view of bytes, which for reading is as good as the bytes.
fn memoryview(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    let bytes = bytes_like(cx, value)?.into_owned();
    cx.make_bytes(bytes)
}

/// Hexadecimal pairs with white space between them.
fn from_spaced_hex(text: &str) -> Option<Vec<u8>> {
    let words = text.split(|c: char| c.is_ascii_whitespace() || c == '\x0b').filter(|w| !w.is_empty());
    words.map(|w| binascii::from_hex(w.as_bytes())).collect::<Option<Vec<_>>>().map(|w| w.concat())
}

fn fromhex(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let text = text.as_str()?;
    cx.work(text.len() * 4)?;
    cx.make_bytes(from_spaced_hex(text)?)
}

fn bytearray_fromhex(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let text = text.as_str()?;
    cx.work(text.len() * 4)?;
    cx.make_bytearray(from_spaced_hex(text)?)
}

fn hex(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [bytes, separator, every] = args.bind(cx, ["", "sep", "bytes_per_sep"])?;
    let bytes = bytes_like(cx, bytes?)?.into_owned();
    let text = binascii::hex_with(cx, &bytes, separator, every)?;
    cx.make_str(text)
}
