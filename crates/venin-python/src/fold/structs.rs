//! The `struct` module.

use num_bigint::{BigInt, Sign};
use num_traits::Signed;

use super::args::{Args, bytes_like, given, int_or};
use super::numbers::Number;
use super::{Flow, FoldContext, Row};
use crate::value::{Kind, Value};

pub(super) const TABLE: &[Row] = &[
    ("struct.calcsize", Flow::Shallow, calcsize),
    ("struct.unpack", Flow::Decode, unpack),
    ("struct.unpack_from", Flow::Decode, unpack_from),
    ("struct.iter_unpack", Flow::Decode, iter_unpack),
    ("struct.pack", Flow::Decode, pack),
];

/// One item of a format.
#[derive(Debug, Clone, Copy)]
struct Item {
    kind: u8,
    count: usize,
    size: usize,
    /// Bytes of padding before it.
    padding: usize,
}

/// A parsed format.
#[derive(Debug)]
struct Format {
    items: Vec<Item>,
    big: bool,
    size: usize,
}

impl Format {
    fn parse(text: &str) -> Option<Self> {
        let (order, body) = match text.as_bytes().first() {
            Some(b'@' | b'=' | b'<' | b'>' | b'!') => text.split_at_checked(1)?,
            _ => ("@", text),
        };
        let native = order == "@";
        let mut format = Self { items: Vec::new(), big: matches!(order, ">" | "!"), size: 0 };
        let mut digits = String::new();
        for c in body.chars() {
            if c.is_ascii_digit() {
                digits.push(c);
                continue;
            }
            if c.is_ascii_whitespace() {
                digits.is_empty().then_some(())?;
                continue;
            }
            let count = if digits.is_empty() { 1 } else { digits.parse::<usize>().ok()? };
            digits.clear();
            format.push(u8::try_from(c).ok()?, count, native)?;
        }
        digits.is_empty().then_some(format)
    }

    fn push(&mut self, kind: u8, count: usize, native: bool) -> Option<()> {
        // The native sizes are those of 64-bit Unix.
        let size = match (kind, native) {
            (b'x' | b'c' | b'b' | b'B' | b'?' | b's' | b'p', _) => 1,
            (b'h' | b'H' | b'e', _) => 2,
            (b'i' | b'I' | b'f', _) | (b'l' | b'L', false) => 4,
            (b'q' | b'Q' | b'd', _) | (b'l' | b'L' | b'n' | b'N' | b'P', true) => 8,
            _ => return None,
        };
        let padding = if native { self.size.next_multiple_of(size) - self.size } else { 0 };
        self.size = self.size.checked_add(padding)?.checked_add(size.checked_mul(count)?)?;
        (self.size <= FoldContext::MAX_BYTES && self.items.len() < 4096).then_some(())?;
        self.items.push(Item { kind, count, size, padding });
        Some(())
    }
}

/// The format of an argument: a string, or bytes of ASCII.
fn format_of(cx: &FoldContext<'_>, value: Option<&Value>) -> Option<Format> {
    let text = super::args::ascii_or_bytes(cx, value?)?;
    Format::parse(std::str::from_utf8(&text).ok()?)
}

fn calcsize(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [format] = args.exactly()?;
    i64::try_from(format_of(cx, Some(format))?.size).ok().map(Value::int)
}

fn unpack(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [format, data] = args.exactly()?;
    let format = format_of(cx, Some(format))?;
    let data = bytes_like(cx, data)?.into_owned();
    (data.len() == format.size).then_some(())?;
    let values = unpack_values(cx, &format, &data)?;
    cx.make_tuple(values)
}

fn unpack_from(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [format, data, offset] = args.bind(cx, ["", "buffer", "offset"])?;
    let format = format_of(cx, format)?;
    let data = bytes_like(cx, data?)?.into_owned();
    let offset = usize::try_from(int_or(offset, 0)?).ok()?;
    let values = unpack_values(cx, &format, data.get(offset..offset.checked_add(format.size)?)?)?;
    cx.make_tuple(values)
}

fn iter_unpack(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [format, data] = args.exactly()?;
    let format = format_of(cx, Some(format))?;
    let data = bytes_like(cx, data)?.into_owned();
    (format.size > 0 && data.len() % format.size == 0).then_some(())?;
    let mut rows = Vec::new();
    for chunk in data.chunks(format.size) {
        let values = unpack_values(cx, &format, chunk)?;
        rows.push(cx.make_tuple(values)?);
    }
    cx.make_iter(rows)
}

fn unpack_values(cx: &mut FoldContext<'_>, format: &Format, data: &[u8]) -> Option<Vec<Value>> {
    let n_values: usize =
        format.items.iter().map(|i| if matches!(i.kind, b's' | b'p') { 1 } else { i.count }).sum();
    cx.afford_items(n_values)?;
    let mut values = Vec::with_capacity(n_values);
    let mut at = 0;
    for item in &format.items {
        at += item.padding;
        let length = item.size * item.count;
        let bytes = data.get(at..at + length)?;
        at += length;
        match item.kind {
            b'x' => {}
            b's' => values.push(cx.make_bytes(bytes.to_vec())?),
            b'p' => {
                let (length, rest) = bytes.split_first()?;
                let kept = rest.get(..usize::from(*length).min(rest.len()))?;
                values.push(cx.make_bytes(kept.to_vec())?);
            }
            kind => {
                for one in bytes.chunks(item.size) {
                    values.push(unpack_one(kind, one, format.big)?);
                }
            }
        }
    }
    Some(values)
}

fn unpack_one(kind: u8, bytes: &[u8], big: bool) -> Option<Value> {
    let little: Vec<u8> = if big { bytes.iter().rev().copied().collect() } else { bytes.to_vec() };
    Some(match kind {
        b'c' => Value::bytes(bytes.to_vec()),
        b'?' => Value::bool(bytes.iter().any(|b| *b != 0)),
        b'f' => Value::new(Kind::Float(f64::from(f32::from_le_bytes(little.try_into().ok()?)))),
        b'd' => Value::new(Kind::Float(f64::from_le_bytes(little.try_into().ok()?))),
        b'e' => return None,
        _ if kind.is_ascii_lowercase() => Value::big(BigInt::from_signed_bytes_le(&little)),
        _ => Value::big(BigInt::from_bytes_le(Sign::Plus, &little)),
    })
}

fn pack(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let (format, rest) = args.receiver()?;
    let format = format_of(cx, Some(format))?;
    let mut values = rest.plain()?.iter();
    cx.work(format.size)?;
    let mut out = Vec::with_capacity(format.size);
    for item in &format.items {
        out.resize(out.len() + item.padding, 0);
        match item.kind {
            b'x' => out.resize(out.len() + item.count, 0),
            b's' => {
                let mut bytes = bytes_like(cx, values.next()?)?.into_owned();
                bytes.resize(item.count, 0);
                out.extend(bytes);
            }
            b'p' | b'e' => return None,
            kind => {
                for _ in 0..item.count {
                    let mut bytes = pack_one(cx, kind, item.size, values.next()?)?;
                    if format.big {
                        bytes.reverse();
                    }
                    out.extend(bytes);
                }
            }
        }
    }
    values.next().is_none().then_some(())?;
    cx.make_bytes(out)
}

/// The bytes of one value, the least significant first.
fn pack_one(cx: &mut FoldContext<'_>, kind: u8, size: usize, value: &Value) -> Option<Vec<u8>> {
    match kind {
        b'c' => return bytes_like(cx, value).map(std::borrow::Cow::into_owned).filter(|b| b.len() == 1),
        b'?' => return Some(vec![u8::from(super::fold_truth(cx, value)?)]),
        b'd' => return Some(Number::of(value)?.to_float()?.to_le_bytes().to_vec()),
        b'f' => {
            let value = Number::of(value)?.to_float()?;
            let single = value as f32;
            return (single.is_finite() || !value.is_finite()).then(|| single.to_le_bytes().to_vec());
        }
        _ => {}
    }
    let value = super::args::big_of(given(Some(value))?)?;
    let bits = u64::try_from(size * 8).ok()?;
    let (mut bytes, fill) = if kind.is_ascii_lowercase() {
        let limit = BigInt::from(1) << (bits - 1);
        (value < limit && value >= -limit).then_some(())?;
        (value.to_signed_bytes_le(), if value.is_negative() { 0xFF } else { 0 })
    } else {
        (!value.is_negative() && value.bits() <= bits).then_some(())?;
        (value.to_bytes_le().1, 0)
    };
    bytes.resize(size, fill);
    Some(bytes)
}
