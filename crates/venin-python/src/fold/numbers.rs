//! Arithmetic on numbers of any type.

use num_bigint::BigInt;

use super::args::big_of;
use super::{FoldContext, integers};
use crate::source::ir::BinaryOp;
use crate::value::{Kind, Value};

/// A number.
#[derive(Debug, Clone)]
pub(super) enum Number {
    Int(BigInt),
    Float(f64),
}

impl Number {
    /// The number a value is; booleans are integers.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value.kind {
            Kind::Float(f) => Some(Self::Float(f)),
            _ => big_of(value).map(Self::Int),
        }
    }

    /// As a float; `None` when it overflows.
    pub(super) fn to_float(&self) -> Option<f64> {
        match self {
            Self::Int(i) => integers::to_float(i),
            Self::Float(f) => Some(*f),
        }
    }
}

/// Whether a value is a number.
pub(super) const fn is_number(value: &Value) -> bool {
    matches!(value.kind, Kind::Int(_) | Kind::Bool(_) | Kind::Big(_) | Kind::Float(_))
}

/// A binary operation on two numbers.
pub(super) fn operate(cx: &mut FoldContext<'_>, op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
    if let (Kind::Bool(a), Kind::Bool(b)) = (&left.kind, &right.kind) {
        match op {
            BinaryOp::BitAnd => return Some(Value::bool(a & b)),
            BinaryOp::BitOr => return Some(Value::bool(a | b)),
            BinaryOp::BitXor => return Some(Value::bool(a ^ b)),
            _ => {}
        }
    }
    if let (Some(a), Some(b)) = (left.as_int(), right.as_int())
        && let Some(value) = small(op, a, b)
    {
        return Some(Value::int(value));
    }
    match (Number::of(left)?, Number::of(right)?) {
        (Number::Int(a), Number::Int(b)) => {
            let negative_power = op == BinaryOp::Pow && b.sign() == num_bigint::Sign::Minus;
            if negative_power {
                return float_operate(op, integers::to_float(&a)?, integers::to_float(&b)?);
            }
            if op == BinaryOp::Div {
                return integers::true_divide(cx, &a, &b).map(|f| Value::new(Kind::Float(f)));
            }
            let value = integers::operate(cx, op, &a, &b)?;
            cx.make_big(value)
        }
        (a, b) => float_operate(op, a.to_float()?, b.to_float()?),
    }
}

/// An operation whose operands and result fit 64 bits.
fn small(op: BinaryOp, a: i64, b: i64) -> Option<i64> {
    match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mult => a.checked_mul(b),
        BinaryOp::FloorDiv => {
            let quotient = a.checked_div(b)?;
            Some(if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
        }
        BinaryOp::Mod => {
            let remainder = a.checked_rem(b)?;
            Some(if remainder != 0 && (remainder < 0) != (b < 0) { remainder + b } else { remainder })
        }
        BinaryOp::BitAnd => Some(a & b),
        BinaryOp::BitOr => Some(a | b),
        BinaryOp::BitXor => Some(a ^ b),
        BinaryOp::RShift => u32::try_from(b).ok().map(|b| a >> b.min(63)),
        BinaryOp::LShift => {
            let by = u32::try_from(b).ok().filter(|b| *b < 62)?;
            a.checked_mul(1i64 << by)
        }
        BinaryOp::Pow => a.checked_pow(u32::try_from(b).ok()?),
        BinaryOp::Div | BinaryOp::MatMult => None,
    }
}

fn float_operate(op: BinaryOp, a: f64, b: f64) -> Option<Value> {
    let value = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mult => a * b,
        BinaryOp::Div => {
            if b == 0.0 {
                return None;
            }
            a / b
        }
        BinaryOp::FloorDiv => float_divmod(a, b)?.0,
        BinaryOp::Mod => float_divmod(a, b)?.1,
        BinaryOp::Pow => float_power(a, b)?,
        _ => return None,
    };
    Some(Value::new(Kind::Float(value)))
}

/// Python's `divmod` on floats.
pub(super) fn float_divmod(a: f64, b: f64) -> Option<(f64, f64)> {
    if b == 0.0 {
        return None;
    }
    let mut remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder == 0.0 {
        remainder = 0f64.copysign(b);
    } else if (b < 0.0) != (remainder < 0.0) {
        remainder += b;
        quotient -= 1.0;
    }
    let floor = if quotient == 0.0 {
        0f64.copysign(a / b)
    } else {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    };
    Some((floor, remainder))
}

fn float_power(a: f64, b: f64) -> Option<f64> {
    // Zero to a negative power raises, a negative base to a fraction is complex, and overflow raises.
    if (a == 0.0 && b < 0.0) || (a < 0.0 && a.is_finite() && b.is_finite() && b.fract() != 0.0) {
        return None;
    }
    let value = a.powf(b);
    (value.is_finite() || !a.is_finite() || !b.is_finite()).then_some(value)
}
