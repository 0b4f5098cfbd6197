//! Arguments of a folded call, and the Rust values of Python ones.

use std::borrow::Cow;

use num_bigint::BigInt;

use super::FoldContext;
use crate::value::{Kind, Object, Sym, Value};

/// Keyword arguments in order.
pub type Keywords<'a> = &'a [(Sym, Value)];

/// The arguments of a call; those of a method start with its receiver.
#[derive(Debug, Clone, Copy)]
pub(super) struct Args<'a> {
    pub(super) values: &'a [Value],
    pub(super) keywords: Keywords<'a>,
}

impl<'a> Args<'a> {
    /// Positional arguments only.
    pub(super) const fn of(values: &'a [Value]) -> Self {
        Self { values, keywords: &[] }
    }

    /// Binds arguments to parameters as Python does.  A parameter named `""` is positional only.  `None` if there
    /// are too many positional arguments, or a keyword is not a parameter or given twice.
    pub(super) fn bind<const N: usize>(
        &self,
        cx: &FoldContext<'_>,
        names: [&str; N],
    ) -> Option<[Option<&'a Value>; N]> {
        let mut bound: [Option<&'a Value>; N] = [None; N];
        if self.values.len() > N {
            return None;
        }
        for (slot, value) in bound.iter_mut().zip(self.values) {
            *slot = Some(value);
        }
        for (name, value) in self.keywords {
            let text = cx.symbols.as_str(*name);
            let at = names.iter().position(|n| !n.is_empty() && *n == text)?;
            let slot = bound.get_mut(at)?;
            if slot.is_some() {
                return None;
            }
            *slot = Some(value);
        }
        Some(bound)
    }

    /// Exactly this many positional arguments and no keyword.
    pub(super) fn exactly<const N: usize>(&self) -> Option<[&'a Value; N]> {
        if !self.keywords.is_empty() || self.values.len() != N {
            return None;
        }
        let mut values = self.values.iter();
        let mut out = [values.next().or(self.values.first())?; N];
        for slot in out.iter_mut().skip(1) {
            *slot = values.next()?;
        }
        Some(out)
    }

    /// The receiver of a method and the rest.
    pub(super) fn receiver(&self) -> Option<(&'a Value, Args<'a>)> {
        let (first, rest) = self.values.split_first()?;
        Some((first, Args { values: rest, keywords: self.keywords }))
    }

    /// Whether there is no keyword argument.
    pub(super) fn plain(&self) -> Option<&'a [Value]> {
        self.keywords.is_empty().then_some(self.values)
    }
}

/// The argument unless it is absent or `None`.
pub(super) fn given(value: Option<&Value>) -> Option<&Value> {
    value.filter(|v| !matches!(v.kind, Kind::None))
}

/// An optional integer argument that fits 64 bits.
pub(super) fn int_or(value: Option<&Value>, default: i64) -> Option<i64> {
    given(value).map_or(Some(default), Value::as_int)
}

/// An optional string argument.
pub(super) fn str_or<'a>(value: Option<&'a Value>, default: &'a str) -> Option<&'a str> {
    value.map_or(Some(default), Value::as_str)
}

/// An integer of any size.
pub(super) fn big_of(value: &Value) -> Option<BigInt> {
    match &value.kind {
        Kind::Int(i) => Some(BigInt::from(*i)),
        Kind::Bool(b) => Some(BigInt::from(u8::from(*b))),
        Kind::Big(b) => Some((**b).clone()),
        _ => None,
    }
}

/// The bytes of `bytes` or a bytearray.
pub(super) fn bytes_like<'a>(cx: &FoldContext<'_>, value: &'a Value) -> Option<Cow<'a, [u8]>> {
    match &value.kind {
        Kind::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
        Kind::ByteArray(id) => match cx.heap.get(*id) {
            Some(Object::Bytes(bytes)) => Some(Cow::Owned(bytes.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// Bytes, or the characters of a string that must be ASCII, as the binary-to-text modules take them.
pub(super) fn ascii_or_bytes<'a>(cx: &FoldContext<'_>, value: &'a Value) -> Option<Cow<'a, [u8]>> {
    match value.as_str() {
        Some(text) => text.is_ascii().then_some(Cow::Borrowed(text.as_bytes())),
        None => bytes_like(cx, value),
    }
}

/// Whether a value is a string, bytes or a bytearray.
pub(super) const fn is_text(value: &Value) -> bool {
    matches!(value.kind, Kind::Str(_) | Kind::Bytes(_) | Kind::ByteArray(_))
}

/// The size that looking at a value costs: bytes of text, else nothing.
pub(super) fn text_size(cx: &FoldContext<'_>, value: &Value) -> usize {
    match &value.kind {
        Kind::Str(s) => s.as_str().len(),
        Kind::Bytes(b) => b.len(),
        Kind::ByteArray(id) => match cx.heap.get(*id) {
            Some(Object::Bytes(bytes)) => bytes.len(),
            _ => 0,
        },
        _ => 0,
    }
}

/// What `type(value).__name__` is, for the kinds that have methods here.
pub(super) const fn type_name(value: &Value) -> Option<&'static str> {
    Some(match value.kind {
        Kind::None => "NoneType",
        Kind::Ellipsis => "ellipsis",
        Kind::Bool(_) => "bool",
        Kind::Int(_) | Kind::Big(_) => "int",
        Kind::Float(_) => "float",
        Kind::Str(_) => "str",
        Kind::Bytes(_) => "bytes",
        Kind::ByteArray(_) => "bytearray",
        Kind::List(_) => "list",
        Kind::Tuple(_) => "tuple",
        Kind::Set(_) => "set",
        Kind::Dict(_) => "dict",
        Kind::Range(..) => "range",
        Kind::Slice(_) => "slice",
        _ => return None,
    })
}
