//! Integer arithmetic of any size, with the sizes of results known before they are made.

use num_bigint::{BigInt, Sign};
use num_traits::{Signed, Zero};

use super::FoldContext;
use crate::source::ir::BinaryOp;

/// Most bits of an integer: a payload of 2 MiB written as one number.
pub(super) const MAX_BITS: u64 = 1 << 24;

/// Counts the work of an operation whose cost is the product of two sizes in bits.
fn quadratic(cx: &mut FoldContext<'_>, a: u64, b: u64) -> Option<()> {
    let words = (a / 64 + 1).saturating_mul(b / 64 + 1);
    cx.work(usize::try_from(words.saturating_mul(2)).ok()?)
}

/// An integer operation with Python's meaning; `None` where Python raises, gives a float, or it is too large.
pub(super) fn operate(cx: &mut FoldContext<'_>, op: BinaryOp, a: &BigInt, b: &BigInt) -> Option<BigInt> {
    cx.work(usize::try_from((a.bits() + b.bits()) / 8).ok()?)?;
    Some(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mult => {
            if a.bits() + b.bits() > MAX_BITS {
                return None;
            }
            // Toom-Cook keeps large products far below the square.
            quadratic(cx, a.bits().min(1 << 16), b.bits().min(1 << 16))?;
            cx.work(usize::try_from((a.bits() + b.bits()) * 4).ok()?)?;
            a * b
        }
        BinaryOp::FloorDiv => divmod(cx, a, b)?.0,
        BinaryOp::Mod => divmod(cx, a, b)?.1,
        BinaryOp::Pow => power(cx, a, b)?,
        BinaryOp::LShift => shift_left(a, b)?,
        BinaryOp::RShift => shift_right(a, b)?,
        BinaryOp::BitAnd => a & b,
        BinaryOp::BitOr => a | b,
        BinaryOp::BitXor => a ^ b,
        BinaryOp::MatMult | BinaryOp::Div => return None,
    })
}

/// Quotient rounded down and remainder with the sign of the divisor.
pub(super) fn divmod(cx: &mut FoldContext<'_>, a: &BigInt, b: &BigInt) -> Option<(BigInt, BigInt)> {
    if b.is_zero() {
        return None;
    }
    quadratic(cx, a.bits().saturating_sub(b.bits()) + 64, b.bits())?;
    let (quotient, remainder) = (a / b, a % b);
    let rounds_up = !remainder.is_zero() && remainder.is_negative() != b.is_negative();
    Some(if rounds_up { (quotient - 1, remainder + b) } else { (quotient, remainder) })
}

fn power(cx: &mut FoldContext<'_>, base: &BigInt, exponent: &BigInt) -> Option<BigInt> {
    if exponent.is_negative() {
        return None;
    }
    if base.is_zero() || *base == BigInt::from(1) {
        return Some(if exponent.is_zero() { BigInt::from(1) } else { base.clone() });
    }
    if *base == BigInt::from(-1) {
        return Some(if exponent.bit(0) { base.clone() } else { BigInt::from(1) });
    }
    let exponent = u32::try_from(exponent).ok()?;
    let bits = base.bits().checked_mul(u64::from(exponent))?;
    if bits > MAX_BITS {
        return None;
    }
    quadratic(cx, bits.min(1 << 17), bits.min(1 << 17))?;
    cx.work(usize::try_from(bits * 4).ok()?)?;
    Some(base.pow(exponent))
}

/// `pow(base, exponent, modulus)` for a positive modulus and an exponent that is not negative.
pub(super) fn power_mod(
    cx: &mut FoldContext<'_>,
    base: &BigInt,
    exponent: &BigInt,
    modulus: &BigInt,
) -> Option<BigInt> {
    if exponent.is_negative() || modulus.sign() != Sign::Plus {
        return None;
    }
    let words = modulus.bits() / 64 + 1;
    let cost = words.checked_mul(words)?.checked_mul(exponent.bits() + 1)?.checked_mul(4)?;
    cx.work(usize::try_from(cost).ok()?)?;
    let base = divmod(cx, base, modulus)?.1;
    Some(base.modpow(exponent, modulus))
}

fn shift_left(a: &BigInt, by: &BigInt) -> Option<BigInt> {
    if a.is_zero() && !by.is_negative() {
        return Some(BigInt::zero());
    }
    let by = u64::try_from(by).ok()?;
    (a.bits().saturating_add(by) <= MAX_BITS).then(|| a << by)
}

fn shift_right(a: &BigInt, by: &BigInt) -> Option<BigInt> {
    if by.is_negative() {
        return None;
    }
    // Everything is shifted out, and what stays of a negative number is its sign.
    let gone = if a.is_negative() { BigInt::from(-1) } else { BigInt::zero() };
    Some(match u64::try_from(by) {
        Ok(by) if by < a.bits() => a >> by,
        _ => gone,
    })
}

/// The true quotient, correctly rounded; `None` on division by zero and on overflow.
pub(super) fn true_divide(cx: &mut FoldContext<'_>, a: &BigInt, b: &BigInt) -> Option<f64> {
    if b.is_zero() {
        return None;
    }
    let exact = |v: &BigInt| v.bits() <= 53;
    if exact(a) && exact(b) {
        return Some(to_float(a)? / to_float(b)?);
    }
    if a.is_zero() {
        return Some(if b.is_negative() { -0.0 } else { 0.0 });
    }
    if a.bits().max(b.bits()) > 1 << 16 {
        return None;
    }
    // Scale so that the quotient has 66 bits or more; then its last bit says whether anything was cut off.
    let shift = 66 + b.bits() as i64 - a.bits() as i64;
    let (n, d) = (a.abs(), b.abs());
    let (n, d) = if shift >= 0 { (n << shift.unsigned_abs(), d) } else { (n, d << shift.unsigned_abs()) };
    let (mut quotient, remainder) = divmod(cx, &n, &d)?;
    if !remainder.is_zero() {
        quotient |= BigInt::from(1);
    }
    let exponent = i32::try_from(-shift).ok()?;
    // Results in the subnormal range would be rounded twice.
    if i64::from(exponent) + (quotient.bits() as i64) < -1000 {
        return None;
    }
    let magnitude = scale(to_float(&quotient)?, exponent);
    let signed = if a.is_negative() == b.is_negative() { magnitude } else { -magnitude };
    signed.is_finite().then_some(signed)
}

fn scale(value: f64, exponent: i32) -> f64 {
    // Two steps, since 2**exponent alone may leave the range.
    let half = exponent / 2;
    value * 2f64.powi(half) * 2f64.powi(exponent - half)
}

/// The nearest float, ties to even; `None` when it overflows.
pub(super) fn to_float(value: &BigInt) -> Option<f64> {
    let bits = value.bits();
    if bits > 1024 {
        return None;
    }
    let magnitude = value.magnitude();
    let float = if bits <= 64 {
        u64::try_from(magnitude).ok()? as f64
    } else {
        let shift = bits - 64;
        let mut top = u64::try_from(&(magnitude >> shift)).ok()?;
        // A sticky bit stands for everything shifted out, so that the conversion below rounds once.
        if magnitude.trailing_zeros().is_some_and(|zeros| zeros < shift) {
            top |= 1;
        }
        scale(top as f64, i32::try_from(shift).ok()?)
    };
    let signed = if value.is_negative() { -float } else { float };
    signed.is_finite().then_some(signed)
}

/// Digits in a base from 2 to 36, lower case, with the work counted.
pub(super) fn digits(cx: &mut FoldContext<'_>, value: &BigInt, radix: u32) -> Option<String> {
    if value.bits() > 128 && !radix.is_power_of_two() {
        quadratic(cx, value.bits(), value.bits() / 4)?;
    }
    cx.work(usize::try_from(value.bits()).ok()?)?;
    Some(value.to_str_radix(radix))
}

/// Reads the digits of `int(text, base)`: signs, underscores, prefixes; base 0 takes the prefix's.
pub(super) fn parse(cx: &mut FoldContext<'_>, text: &str, base: u32) -> Option<BigInt> {
    let text = text.trim_matches(super::unicode::is_space);
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let prefix = match rest.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 0,
    };
    let (digits, radix) = match (prefix, base) {
        (p, b) if p != 0 && (b == 0 || b == p) => {
            let digits = rest.get(2..)?;
            (digits.strip_prefix('_').unwrap_or(digits), p)
        }
        (_, 0) if rest.starts_with('0') && rest.bytes().any(|b| !matches!(b, b'0' | b'_')) => return None,
        (_, 0) => (rest, 10),
        (_, b) => (rest, b),
    };
    let wrong =
        digits.is_empty() || digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
    if wrong || !digits.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return None;
    }
    let digits = digits.replace('_', "");
    let bits = digits.len() as u64 * 6;
    if bits > MAX_BITS * 2 {
        return None;
    }
    if !radix.is_power_of_two() {
        quadratic(cx, bits, bits / 8)?;
    }
    let value = BigInt::parse_bytes(digits.as_bytes(), radix)?;
    Some(if negative { -value } else { value })
}
