//! Builtins that take or make numbers: `int`, `chr`, `hex`, `round`, `sum`.

use num_bigint::{BigInt, Sign};
use num_traits::Signed;

use super::args::{Args, big_of, bytes_like, given};
use super::numbers::{self, Number};
use super::{Flow, FoldContext, Row, compare, float_text, fold_binary, integers, iterate};
use crate::source::ir::{BinaryOp, CompareOp};
use crate::value::{Kind, OriginSet, Value};

pub(super) const TABLE: &[Row] = &[
    ("int", Flow::Shallow, int),
    ("long", Flow::Shallow, int),
    ("float", Flow::Shallow, float),
    ("bool", Flow::Shallow, boolean),
    ("abs", Flow::Shallow, abs),
    ("pow", Flow::Shallow, pow),
    ("divmod", Flow::Shallow, divmod),
    ("round", Flow::Shallow, round),
    ("hex", Flow::Shallow, hex),
    ("oct", Flow::Shallow, oct),
    ("bin", Flow::Shallow, bin),
    ("ord", Flow::Shallow, ord),
    ("chr", Flow::Decode, chr),
    ("unichr", Flow::Decode, chr),
    ("min", Flow::Own, min),
    ("max", Flow::Own, max),
    ("sum", Flow::Join, sum),
    ("int.from_bytes", Flow::Join, from_bytes),
    ("int.to_bytes", Flow::Decode, to_bytes),
    ("int.bit_length", Flow::Shallow, bit_length),
    ("int.bit_count", Flow::Shallow, bit_count),
    ("int.conjugate", Flow::Shallow, itself),
    ("int.__index__", Flow::Shallow, itself),
    ("int.__int__", Flow::Shallow, itself),
    ("float.is_integer", Flow::Shallow, is_integer),
    ("float.hex", Flow::Shallow, float_hex),
    ("math.floor", Flow::Shallow, floor),
    ("math.ceil", Flow::Shallow, ceil),
    ("math.trunc", Flow::Shallow, trunc),
    ("math.sqrt", Flow::Shallow, sqrt),
    ("math.isqrt", Flow::Shallow, isqrt),
    ("math.gcd", Flow::Join, gcd),
    ("math.prod", Flow::Join, prod),
    ("math.factorial", Flow::Shallow, factorial),
    ("math.pow", Flow::Shallow, math_pow),
    ("math.log2", Flow::Shallow, log2),
];

fn int(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value, base] = args.bind(cx, ["", "base"])?;
    let Some(value) = value else { return Some(Value::int(0)) };
    let value = match &value.kind {
        Kind::Float(f) if base.is_none() => float_to_int(*f)?,
        Kind::Str(text) => {
            let base = base.map_or(Some(10), Value::as_int)?;
            parse_int(cx, text.as_str(), base)?
        }
        Kind::Bytes(_) | Kind::ByteArray(_) => {
            let base = base.map_or(Some(10), Value::as_int)?;
            let bytes = bytes_like(cx, value)?.into_owned();
            parse_int(cx, std::str::from_utf8(&bytes).ok().filter(|t| t.is_ascii())?, base)?
        }
        _ if base.is_none() => big_of(value)?,
        _ => return None,
    };
    cx.make_big(value)
}

fn parse_int(cx: &mut FoldContext<'_>, text: &str, base: i64) -> Option<BigInt> {
    if base != 0 && !(2..=36).contains(&base) {
        return None;
    }
    integers::parse(cx, text, u32::try_from(base).ok()?)
}

/// The integer part of a float.
pub(super) fn float_to_int(value: f64) -> Option<BigInt> {
    if !value.is_finite() {
        return None;
    }
    let value = value.trunc();
    if value.abs() < 9e18 {
        return Some(BigInt::from(value as i64));
    }
    let bits = value.abs().to_bits();
    let exponent = ((bits >> 52) & 0x7FF) as i64 - 1075;
    let mantissa = BigInt::from((bits & ((1 << 52) - 1)) | (1 << 52));
    let magnitude = mantissa << u64::try_from(exponent).ok()?;
    Some(if value < 0.0 { -magnitude } else { magnitude })
}

fn float(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.bind(cx, [""])?;
    let value = match value {
        None => 0.0,
        Some(v) => match v.as_str() {
            Some(text) => float_text::parse(text)?,
            None => Number::of(v)?.to_float()?,
        },
    };
    Some(Value::new(Kind::Float(value)))
}

fn boolean(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.bind(cx, [""])?;
    match value {
        None => Some(Value::bool(false)),
        Some(v) => super::fold_truth(cx, v).map(Value::bool),
    }
}

fn abs(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    match Number::of(value)? {
        Number::Int(i) => cx.make_big(i.abs()),
        Number::Float(f) => Some(Value::new(Kind::Float(f.abs()))),
    }
}

fn pow(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [base, exponent, modulus] = args.bind(cx, ["base", "exp", "mod"])?;
    let (base, exponent) = (base?, exponent?);
    match given(modulus) {
        None => numbers::operate(cx, BinaryOp::Pow, base, exponent),
        Some(modulus) => {
            let value = integers::power_mod(cx, &big_of(base)?, &big_of(exponent)?, &big_of(modulus)?)?;
            cx.make_big(value)
        }
    }
}

fn divmod(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [a, b] = args.exactly()?;
    let pair =
        vec![numbers::operate(cx, BinaryOp::FloorDiv, a, b)?, numbers::operate(cx, BinaryOp::Mod, a, b)?];
    cx.make_tuple(pair)
}

fn round(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value, places] = args.bind(cx, ["number", "ndigits"])?;
    let value = value?;
    let places = given(places).map(Value::as_int).map_or(Some(None), |p| p.map(Some))?;
    match (Number::of(value)?, places) {
        (Number::Int(i), None | Some(0..)) => cx.make_big(i),
        (Number::Int(i), Some(places)) => {
            let exponent = u32::try_from(places.unsigned_abs()).ok().filter(|p| *p < 5000)?;
            let unit = BigInt::from(10).pow(exponent);
            let (quotient, remainder) = integers::divmod(cx, &i, &unit)?;
            let twice = &remainder * 2;
            let up = twice > unit || (twice == unit && quotient.bit(0));
            cx.make_big((if up { quotient + 1 } else { quotient }) * unit)
        }
        (Number::Float(f), None) => cx.make_big(float_to_int(f.round_ties_even())?),
        (Number::Float(f), Some(places @ 0..=400)) => {
            let rounded = format!("{f:.*}", usize::try_from(places).ok()?);
            Some(Value::new(Kind::Float(if f.is_finite() { rounded.parse().ok()? } else { f })))
        }
        (Number::Float(_), Some(_)) => None,
    }
}

fn prefixed(cx: &mut FoldContext<'_>, args: Args<'_>, prefix: &str, radix: u32) -> Option<Value> {
    let [value] = args.exactly()?;
    let value = big_of(value)?;
    let digits = integers::digits(cx, &value.abs(), radix)?;
    cx.make_str(format!("{}{prefix}{digits}", if value.is_negative() { "-" } else { "" }))
}

fn hex(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    prefixed(cx, args, "0x", 16)
}

fn oct(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    prefixed(cx, args, "0o", 8)
}

fn bin(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    prefixed(cx, args, "0b", 2)
}

fn ord(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    if let Some(text) = value.as_str() {
        let mut chars = text.chars();
        let first = chars.next()?;
        return chars.next().is_none().then(|| Value::int(i64::from(u32::from(first))));
    }
    match &*bytes_like(cx, value)? {
        [byte] => Some(Value::int(i64::from(*byte))),
        _ => None,
    }
}

fn chr(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    let c = char::from_u32(u32::try_from(value.as_int()?).ok()?)?;
    Some(Value::str(c.encode_utf8(&mut [0; 4]) as &str))
}

fn min(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    extreme(cx, args, CompareOp::Lt)
}

fn max(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    extreme(cx, args, CompareOp::Gt)
}

fn extreme(cx: &mut FoldContext<'_>, args: Args<'_>, better: CompareOp) -> Option<Value> {
    let default = match args.keywords {
        [] => None,
        [(name, value)] if cx.symbols.as_str(*name) == "default" => Some(value.clone()),
        _ => return None,
    };
    let items = match args.values {
        [one] => iterate(cx, one, FoldContext::MAX_ITEMS)?,
        many => many.to_vec(),
    };
    let mut items = items.into_iter();
    let Some(mut best) = items.next() else { return default };
    for item in items {
        if compare::fold_compare(cx, better, &item, &best)? {
            best = item;
        }
    }
    Some(best)
}

fn sum(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items, start] = args.bind(cx, ["", "start"])?;
    let mut total = start.cloned().unwrap_or_else(|| Value::int(0));
    if matches!(total.kind, Kind::Str(_) | Kind::Bytes(_) | Kind::ByteArray(_)) {
        return None;
    }
    for item in iterate(cx, items?, FoldContext::MAX_ITEMS)? {
        total = fold_binary(cx, BinaryOp::Add, &total, &item)?.with_origins(OriginSet::EMPTY);
    }
    Some(total)
}

/// Byte order of an integer.
fn is_little(order: Option<&Value>) -> Option<bool> {
    match order.map_or(Some("big"), Value::as_str)? {
        "big" => Some(false),
        "little" => Some(true),
        _ => None,
    }
}

fn is_set(cx: &mut FoldContext<'_>, flag: Option<&Value>) -> Option<bool> {
    flag.map_or(Some(false), |f| super::fold_truth(cx, f))
}

fn from_bytes(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [bytes, order, signed] = args.bind(cx, ["bytes", "byteorder", "signed"])?;
    let bytes = super::bytes_calls::bytes_of_iterable(cx, bytes?)?;
    let (little, signed) = (is_little(order)?, is_set(cx, signed)?);
    if bytes.len() as u64 > integers::MAX_BITS / 8 {
        return None;
    }
    let value = match (little, signed) {
        (true, true) => BigInt::from_signed_bytes_le(&bytes),
        (false, true) => BigInt::from_signed_bytes_be(&bytes),
        (true, false) => BigInt::from_bytes_le(Sign::Plus, &bytes),
        (false, false) => BigInt::from_bytes_be(Sign::Plus, &bytes),
    };
    cx.make_big(value)
}

fn to_bytes(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value, length, order, signed] = args.bind(cx, ["", "length", "byteorder", "signed"])?;
    let (value, length) = (big_of(value?)?, usize::try_from(length.map_or(Some(1), Value::as_int)?).ok()?);
    let (little, signed) = (is_little(order)?, is_set(cx, signed)?);
    if length > FoldContext::MAX_BYTES || (value.is_negative() && !signed) {
        return None;
    }
    cx.afford(length)?;
    let (mut bytes, fill) = if signed {
        (value.to_signed_bytes_le(), if value.is_negative() { 0xFF } else { 0 })
    } else {
        (value.to_bytes_le().1, 0)
    };
    if !signed && value.sign() == Sign::NoSign || signed && length == 0 && value.sign() == Sign::NoSign {
        bytes.clear();
    }
    if bytes.len() > length {
        return None;
    }
    bytes.resize(length, fill);
    if !little {
        bytes.reverse();
    }
    Some(Value::bytes(bytes))
}

fn bit_length(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    i64::try_from(big_of(value)?.bits()).ok().map(Value::int)
}

fn bit_count(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    i64::try_from(big_of(value)?.magnitude().count_ones()).ok().map(Value::int)
}

fn itself(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    cx.make_big(big_of(value)?)
}

fn is_integer(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    match value.kind {
        Kind::Float(f) => Some(Value::bool(f.is_finite() && f.fract() == 0.0)),
        _ => None,
    }
}

fn float_hex(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    let Kind::Float(f) = value.kind else { return None };
    if !f.is_normal() {
        return None;
    }
    let bits = f.to_bits();
    let exponent = ((bits >> 52) & 0x7FF) as i64 - 1023;
    let sign = if f < 0.0 { "-" } else { "" };
    cx.make_str(format!("{sign}0x1.{:013x}p{exponent:+}", bits & ((1 << 52) - 1)))
}

fn rounded(cx: &mut FoldContext<'_>, args: Args<'_>, round: fn(f64) -> f64) -> Option<Value> {
    let [value] = args.exactly()?;
    match Number::of(value)? {
        Number::Int(i) => cx.make_big(i),
        Number::Float(f) => cx.make_big(float_to_int(round(f))?),
    }
}

fn floor(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    rounded(cx, args, f64::floor)
}

fn ceil(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    rounded(cx, args, f64::ceil)
}

fn trunc(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    rounded(cx, args, f64::trunc)
}

fn sqrt(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    let value = Number::of(value)?.to_float()?;
    (value >= 0.0).then(|| Value::new(Kind::Float(value.sqrt())))
}

fn isqrt(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    let value = big_of(value)?;
    if value.is_negative() || value.bits() > 1 << 14 {
        return None;
    }
    cx.make_big(value.sqrt())
}

fn gcd(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let mut result = BigInt::from(0);
    for value in args.plain()? {
        let mut other = big_of(value)?.abs();
        while other.sign() != Sign::NoSign {
            let remainder = integers::divmod(cx, &result, &other)?.1;
            result = std::mem::replace(&mut other, remainder);
        }
    }
    cx.make_big(result)
}

fn prod(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [items, start] = args.bind(cx, ["", "start"])?;
    let mut total = start.cloned().unwrap_or_else(|| Value::int(1));
    for item in iterate(cx, items?, FoldContext::MAX_ITEMS)? {
        total = numbers::operate(cx, BinaryOp::Mult, &total, &item)?;
    }
    Some(total)
}

fn factorial(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    let n = u32::try_from(value.as_int()?).ok().filter(|n| *n <= 2000)?;
    cx.work(n as usize * 256)?;
    cx.make_big((1..=n).fold(BigInt::from(1), |product, i| product * i))
}

fn math_pow(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [a, b] = args.exactly()?;
    let value = Number::of(a)?.to_float()?.powf(Number::of(b)?.to_float()?);
    value.is_finite().then(|| Value::new(Kind::Float(value)))
}

fn log2(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    let value = Number::of(value)?.to_float()?;
    (value > 0.0).then(|| Value::new(Kind::Float(value.log2())))
}
