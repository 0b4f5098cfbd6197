//! Binary and unary operators, and the functions of the `operator` module.

use num_bigint::BigInt;

use super::args::{Args, big_of, is_text};
use super::text::{Flavor, Text};
use super::{Flow, FoldContext, Row, compare, iterate, numbers, partial, percent, sets};
use crate::source::ir::{BinaryOp, CompareOp, UnaryOp};
use crate::value::{Kind, Object, Value};

/// Folds `left op right`.
pub fn fold_binary(cx: &mut FoldContext<'_>, op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
    let value = if numbers::is_number(left) && numbers::is_number(right) {
        numbers::operate(cx, op, left, right)?
    } else {
        match op {
            BinaryOp::Add => add(cx, left, right)?,
            BinaryOp::Mult => repeat(cx, left, right).or_else(|| repeat(cx, right, left))?,
            BinaryOp::Mod => return percent::fold(cx, left, right),
            BinaryOp::BitOr if is_dict(left) && is_dict(right) => merge(cx, left, right)?,
            BinaryOp::BitOr | BinaryOp::BitAnd | BinaryOp::BitXor | BinaryOp::Sub => {
                sets::operate(cx, op, left, right)?
            }
            _ => return None,
        }
    };
    let mut origins = cx.origins.union(left.origins, right.origins);
    // An exclusive or on integers is what hides text most often.
    if op == BinaryOp::BitXor && !matches!(value.kind, Kind::Set(_)) {
        origins = cx.decoded(origins);
    }
    Some(value.with_origins(origins))
}

const fn is_dict(value: &Value) -> bool {
    matches!(value.kind, Kind::Dict(_))
}

fn add(cx: &mut FoldContext<'_>, left: &Value, right: &Value) -> Option<Value> {
    match (&left.kind, &right.kind) {
        (Kind::Str(a), Kind::Str(b)) => {
            let size = a.as_str().len() + b.as_str().len();
            (size <= FoldContext::MAX_BYTES && !cx.heap.is_exhausted()).then_some(())?;
            let value = Value::new(Kind::Str(a.concat(b)));
            cx.heap.spend_transient(&value, size).then_some(value)
        }
        (Kind::List(a), Kind::List(b)) => {
            let items = chained(cx, *a, *b)?;
            cx.make_list(items)
        }
        (Kind::Tuple(a), Kind::Tuple(b)) => {
            let items = chained(cx, *a, *b)?;
            cx.make_tuple(items)
        }
        _ if is_text(left) && is_text(right) => {
            let (a, b) = (Text::of(cx, left)?, Text::of(cx, right)?);
            (a.flavor != Flavor::Str && b.flavor != Flavor::Str).then_some(())?;
            let size = a.data.len() + b.data.len();
            (size <= FoldContext::MAX_BYTES && !cx.heap.is_exhausted()).then_some(())?;
            let joined = [&*a.data, &*b.data].concat();
            if a.flavor == Flavor::ByteArray {
                return cx.make_bytearray(joined);
            }
            let value = Value::bytes(joined);
            cx.heap.spend_transient(&value, size).then_some(value)
        }
        _ => partial::concat(cx, left, right),
    }
}

fn chained(cx: &mut FoldContext<'_>, a: crate::value::ObjId, b: crate::value::ObjId) -> Option<Vec<Value>> {
    cx.afford_items(cx.heap.elements(a).len() + cx.heap.elements(b).len())?;
    Some(cx.heap.elements(a).iter().chain(cx.heap.elements(b)).cloned().collect())
}

/// `sequence * count`.
fn repeat(cx: &mut FoldContext<'_>, sequence: &Value, count: &Value) -> Option<Value> {
    let count = match count.as_int() {
        Some(count) => usize::try_from(count).unwrap_or(0),
        None => return None,
    };
    match sequence.kind {
        Kind::List(id) | Kind::Tuple(id) => {
            let size = cx.heap.elements(id).len().checked_mul(count)?;
            let size = Some(size).filter(|size| *size <= FoldContext::MAX_REPEATED / 16)?;
            cx.afford_items(size)?;
            let items = repeated(cx.heap.elements(id), count);
            if matches!(sequence.kind, Kind::List(_)) { cx.make_list(items) } else { cx.make_tuple(items) }
        }
        _ => {
            let text = Text::of(cx, sequence)?;
            let size =
                text.data.len().checked_mul(count).filter(|size| *size <= FoldContext::MAX_REPEATED)?;
            cx.work(size)?;
            text.make(cx, text.data.repeat(count))
        }
    }
}

fn repeated(items: &[Value], count: usize) -> Vec<Value> {
    // Nothing a billion times is nothing, but going round for it takes a billion steps.
    if items.is_empty() {
        return Vec::new();
    }
    std::iter::repeat_n(items, count).flatten().cloned().collect()
}

/// `dict | dict`.
fn merge(cx: &mut FoldContext<'_>, left: &Value, right: &Value) -> Option<Value> {
    let (Kind::Dict(a), Kind::Dict(b)) = (&left.kind, &right.kind) else { return None };
    let entries: Vec<_> = cx.heap.dict_entries(*a).chain(cx.heap.dict_entries(*b)).cloned().collect();
    cx.afford_items(entries.len())?;
    Some(cx.heap.dict(entries))
}

/// Folds `target op= value`: lists, bytearrays, sets and dictionaries are changed in place and given back, all
/// else is as [`fold_binary`].
pub fn fold_in_place(cx: &mut FoldContext<'_>, op: BinaryOp, target: &Value, value: &Value) -> Option<Value> {
    match (op, &target.kind) {
        (BinaryOp::Add, Kind::List(id)) => {
            let items = iterate(cx, value, FoldContext::MAX_ITEMS)?;
            cx.afford_items(items.len())?;
            cx.heap.elements_mut(*id)?.extend(items);
        }
        (BinaryOp::Add, Kind::ByteArray(id)) => {
            let bytes = super::args::bytes_like(cx, value)?.into_owned();
            cx.afford(bytes.len())?;
            match cx.heap.get_mut(*id) {
                Some(Object::Bytes(target)) => target.extend(bytes),
                _ => return None,
            }
        }
        (BinaryOp::Mult, Kind::List(id)) => {
            let count = usize::try_from(value.as_int()?).unwrap_or(0);
            cx.afford_items(cx.heap.elements(*id).len().checked_mul(count)?)?;
            let items = repeated(cx.heap.elements(*id), count);
            *cx.heap.elements_mut(*id)? = items;
        }
        (BinaryOp::BitOr, Kind::Dict(id)) => {
            let Kind::Dict(other) = value.kind else { return None };
            let entries: Vec<_> = cx.heap.dict_entries(other).cloned().collect();
            cx.afford_items(entries.len())?;
            for (key, value) in entries {
                cx.heap.dict_set(*id, key, value);
            }
        }
        (BinaryOp::BitOr | BinaryOp::BitAnd | BinaryOp::BitXor | BinaryOp::Sub, Kind::Set(id)) => {
            let result = sets::operate(cx, op, target, value)?;
            let Kind::Set(result) = result.kind else { return None };
            let items = cx.heap.elements(result).to_vec();
            *cx.heap.elements_mut(*id)? = items;
        }
        _ => return fold_binary(cx, op, target, value),
    }
    let origins = cx.origins.union(target.origins, value.origins);
    Some(target.clone().with_origins(origins))
}

/// Folds `op operand`.
pub fn fold_unary(cx: &mut FoldContext<'_>, op: UnaryOp, operand: &Value) -> Option<Value> {
    let value = match (op, &operand.kind) {
        (UnaryOp::Not, _) => Value::bool(!super::fold_truth(cx, operand)?),
        (UnaryOp::Minus, Kind::Float(f)) => Value::new(Kind::Float(-f)),
        (UnaryOp::Plus, Kind::Float(_)) => operand.clone(),
        (UnaryOp::Minus, _) => cx.make_big(-big_of(operand)?)?,
        (UnaryOp::Plus, _) => cx.make_big(big_of(operand)?)?,
        (UnaryOp::Invert, _) => cx.make_big(-big_of(operand)? - BigInt::from(1))?,
    };
    Some(value.with_origins(operand.origins))
}

macro_rules! binary_functions {
    ($($function:ident = $op:ident),* $(,)?) => {
        $(fn $function(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
            let [left, right] = args.exactly()?;
            fold_binary(cx, BinaryOp::$op, left, right)
        })*
    };
}

binary_functions! {
    op_add = Add, op_sub = Sub, op_mul = Mult, op_truediv = Div, op_floordiv = FloorDiv, op_mod = Mod, op_pow = Pow,
    op_lshift = LShift, op_rshift = RShift, op_and = BitAnd, op_or = BitOr, op_xor = BitXor,
}

macro_rules! compare_functions {
    ($($function:ident = $op:ident),* $(,)?) => {
        $(fn $function(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
            let [left, right] = args.exactly()?;
            compare::fold_compare(cx, CompareOp::$op, left, right).map(Value::bool)
        })*
    };
}

compare_functions! { op_eq = Eq, op_ne = NotEq, op_lt = Lt, op_le = LtE, op_gt = Gt, op_ge = GtE, op_is = Is }

macro_rules! unary_functions {
    ($($function:ident = $op:ident),* $(,)?) => {
        $(fn $function(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
            let [operand] = args.exactly()?;
            fold_unary(cx, UnaryOp::$op, operand)
        })*
    };
}

unary_functions! { op_neg = Minus, op_pos = Plus, op_invert = Invert, op_not = Not }

pub(super) const TABLE: &[Row] = &[
    ("operator.add", Flow::Own, op_add),
    ("operator.concat", Flow::Own, op_add),
    ("operator.sub", Flow::Own, op_sub),
    ("operator.mul", Flow::Own, op_mul),
    ("operator.truediv", Flow::Own, op_truediv),
    ("operator.floordiv", Flow::Own, op_floordiv),
    ("operator.mod", Flow::Own, op_mod),
    ("operator.pow", Flow::Own, op_pow),
    ("operator.lshift", Flow::Own, op_lshift),
    ("operator.rshift", Flow::Own, op_rshift),
    ("operator.and_", Flow::Own, op_and),
    ("operator.or_", Flow::Own, op_or),
    ("operator.xor", Flow::Own, op_xor),
    ("operator.eq", Flow::Shallow, op_eq),
    ("operator.ne", Flow::Shallow, op_ne),
    ("operator.lt", Flow::Shallow, op_lt),
    ("operator.le", Flow::Shallow, op_le),
    ("operator.gt", Flow::Shallow, op_gt),
    ("operator.ge", Flow::Shallow, op_ge),
    ("operator.is_", Flow::Shallow, op_is),
    ("operator.neg", Flow::Own, op_neg),
    ("operator.pos", Flow::Own, op_pos),
    ("operator.inv", Flow::Own, op_invert),
    ("operator.invert", Flow::Own, op_invert),
    ("operator.not_", Flow::Shallow, op_not),
    ("operator.truth", Flow::Shallow, op_truth),
    ("operator.getitem", Flow::Own, op_getitem),
    ("operator.contains", Flow::Shallow, op_contains),
];

fn op_truth(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    super::fold_truth(cx, value).map(Value::bool)
}

fn op_getitem(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [container, index] = args.exactly()?;
    super::fold_subscript(cx, container, index)
}

fn op_contains(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [container, item] = args.exactly()?;
    compare::fold_compare(cx, CompareOp::In, item, container).map(Value::bool)
}
