//! What strings, bytes and bytearrays have in common: one view for all three, and joining.
//!
//! A string is looked at through its UTF-8 bytes.  UTF-8 synchronizes itself, so searching and splitting at
//! byte positions is right for both; only positions that Python sees are converted.

use std::borrow::Cow;

use super::args::{Args, bytes_like};
use super::{Flow, FoldContext, Row, iterate, partial};
use crate::value::{Kind, Value};

/// Which of the three types a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavor {
    Str,
    Bytes,
    ByteArray,
}

/// A text as bytes: UTF-8 for a string.
#[derive(Debug, Clone)]
pub(super) struct Text<'a> {
    pub(super) flavor: Flavor,
    pub(super) data: Cow<'a, [u8]>,
}

impl<'a> Text<'a> {
    /// The view of a string, bytes or bytearray.
    pub(super) fn of(cx: &FoldContext<'_>, value: &'a Value) -> Option<Self> {
        match &value.kind {
            Kind::Str(text) => {
                Some(Self { flavor: Flavor::Str, data: Cow::Borrowed(text.as_str().as_bytes()) })
            }
            Kind::Bytes(_) => Some(Self { flavor: Flavor::Bytes, data: bytes_like(cx, value)? }),
            Kind::ByteArray(_) => Some(Self { flavor: Flavor::ByteArray, data: bytes_like(cx, value)? }),
            _ => None,
        }
    }

    /// The view of an argument that must go with this text: a string with a string, bytes with bytes.
    pub(super) fn partner<'b>(&self, cx: &FoldContext<'_>, value: &'b Value) -> Option<Text<'b>> {
        let other = Text::of(cx, value)?;
        ((other.flavor == Flavor::Str) == (self.flavor == Flavor::Str)).then_some(other)
    }

    /// Whether it is a string.
    pub(super) fn is_str(&self) -> bool {
        self.flavor == Flavor::Str
    }

    /// The string, if it is one.
    pub(super) fn as_str(&self) -> Option<&str> {
        if self.is_str() { std::str::from_utf8(&self.data).ok() } else { None }
    }

    /// The length Python sees.
    pub(super) fn len(&self) -> usize {
        self.position_of(self.data.len())
    }

    /// The Python position of a byte position.
    pub(super) fn position_of(&self, byte: usize) -> usize {
        let before = self.data.get(..byte).unwrap_or(&self.data);
        if self.is_str() { count_chars(before) } else { before.len() }
    }

    /// The byte position of a Python position, the end if it is beyond.
    pub(super) fn byte_of(&self, position: usize) -> usize {
        match self.as_str() {
            Some(text) if !text.is_ascii() => {
                text.char_indices().nth(position).map_or(self.data.len(), |(at, _)| at)
            }
            _ => position.min(self.data.len()),
        }
    }

    /// A result of the same type.
    pub(super) fn make(&self, cx: &mut FoldContext<'_>, bytes: Vec<u8>) -> Option<Value> {
        match self.flavor {
            Flavor::Str => cx.make_str(String::from_utf8(bytes).ok()?),
            Flavor::Bytes => cx.make_bytes(bytes),
            Flavor::ByteArray => cx.make_bytearray(bytes),
        }
    }

    /// A part of it as a result of the same type.
    pub(super) fn slice(&self, cx: &mut FoldContext<'_>, from: usize, to: usize) -> Option<Value> {
        let part = self.data.get(from..to)?;
        cx.afford(part.len())?;
        self.make(cx, part.to_vec())
    }
}

/// Number of characters of valid UTF-8.
fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| (**b & 0xC0) != 0x80).count()
}

pub(super) const TABLE: &[Row] = &[
    ("str.join", Flow::Join, join),
    ("bytes.join", Flow::Join, join),
    ("string.join", Flow::Join, join_swapped),
];

fn join(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [separator, items] = args.exactly()?;
    let items = iterate(cx, items, FoldContext::MAX_ITEMS)?;
    join_items(cx, separator, &items)
}

/// `string.join(items, separator)` of Python 2.
fn join_swapped(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items, separator] = args.bind(cx, ["", ""])?;
    let space = Value::str(" ");
    let items = iterate(cx, items?, FoldContext::MAX_ITEMS)?;
    join_items(cx, separator.unwrap_or(&space), &items)
}

fn join_items(cx: &mut FoldContext<'_>, separator: &Value, items: &[Value]) -> Option<Value> {
    let view = Text::of(cx, separator)?;
    let mut size = view.data.len().saturating_mul(items.len().saturating_sub(1));
    for item in items {
        match view.partner(cx, item) {
            Some(text) => size = size.saturating_add(text.data.len()),
            None => return partial::join(cx, separator, items),
        }
    }
    cx.afford(size)?;
    let mut out = Vec::with_capacity(size);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(&view.data);
        }
        out.extend_from_slice(&view.partner(cx, item)?.data);
    }
    // The size is paid for already.
    Some(match view.flavor {
        Flavor::Str => Value::str(String::from_utf8(out).ok()?),
        Flavor::Bytes => Value::bytes(out),
        Flavor::ByteArray => return cx.make_bytearray(out),
    })
}
