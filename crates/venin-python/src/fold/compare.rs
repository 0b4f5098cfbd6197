//! Comparisons.

use std::cmp::Ordering;

use memchr::memmem;

use super::args::{is_text, text_size};
use super::context::MAX_DEPTH;
use super::number_calls::float_to_int;
use super::numbers::{Number, is_number};
use super::text::Text;
use super::{FoldContext, partial};
use crate::source::ir::CompareOp;
use crate::value::{Kind, ObjId, Value};

/// Folds `left op right`.
pub fn fold_compare(cx: &mut FoldContext<'_>, op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
    match op {
        CompareOp::Eq => equal(cx, left, right, 0),
        CompareOp::NotEq => equal(cx, left, right, 0).map(|b| !b),
        CompareOp::Lt => order(cx, left, right).map(|o| o == Some(Ordering::Less)),
        CompareOp::LtE => order(cx, left, right).map(|o| matches!(o, Some(Ordering::Less | Ordering::Equal))),
        CompareOp::Gt => order(cx, left, right).map(|o| o == Some(Ordering::Greater)),
        CompareOp::GtE => {
            order(cx, left, right).map(|o| matches!(o, Some(Ordering::Greater | Ordering::Equal)))
        }
        CompareOp::Is => identical(cx, left, right),
        CompareOp::IsNot => identical(cx, left, right).map(|b| !b),
        CompareOp::In => contains(cx, right, left),
        CompareOp::NotIn => contains(cx, right, left).map(|b| !b),
    }
}

/// Whether nothing is known of a value that `==` would ask it.
const fn is_opaque(value: &Value) -> bool {
    matches!(
        value.kind,
        Kind::Unknown
            | Kind::External { .. }
            | Kind::Instance(_)
            | Kind::Choice(_)
            | Kind::Partial(_)
            | Kind::Builtin(_)
            | Kind::Method(_)
            | Kind::CodeObject(_)
            | Kind::Iter(_)
            | Kind::Slice(_)
    )
}

/// Whether a built-in function has no other name.
fn is_alone(name: &str) -> bool {
    matches!(
        name,
        "__import__"
            | "chr"
            | "compile"
            | "delattr"
            | "dir"
            | "eval"
            | "exec"
            | "getattr"
            | "globals"
            | "hash"
            | "id"
            | "input"
            | "len"
            | "locals"
            | "open"
            | "ord"
            | "print"
            | "repr"
            | "setattr"
            | "sorted"
            | "vars"
    )
}

fn equal(cx: &mut FoldContext<'_>, a: &Value, b: &Value, depth: u8) -> Option<bool> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let (Kind::External { name: x, made_by: None }, Kind::External { name: y, made_by: None }) =
        (&a.kind, &b.kind)
    {
        // Two names may be aliases of one object, but a name is always itself.
        let differs = || is_alone(&cx.names.text(*x)) && is_alone(&cx.names.text(*y));
        return if x == y { Some(true) } else { differs().then_some(false) };
    }
    if is_opaque(a) || is_opaque(b) {
        return None;
    }
    if is_number(a) && is_number(b) {
        return Some(number_order(&Number::of(a)?, &Number::of(b)?) == Some(Ordering::Equal));
    }
    if let (Kind::Str(x), Kind::Str(y)) = (&a.kind, &b.kind) {
        cx.work(x.as_str().len().min(y.as_str().len()))?;
        return Some(x.as_str() == y.as_str());
    }
    if is_text(a) && is_text(b) {
        cx.work(text_size(cx, a).min(text_size(cx, b)))?;
        let (x, y) = (Text::of(cx, a)?, Text::of(cx, b)?);
        return Some(x.is_str() == y.is_str() && x.data == y.data);
    }
    match (&a.kind, &b.kind) {
        (Kind::None, Kind::None) | (Kind::Ellipsis, Kind::Ellipsis) => Some(true),
        (Kind::List(x), Kind::List(y)) | (Kind::Tuple(x), Kind::Tuple(y)) => {
            if x == y {
                return Some(true);
            }
            let (x, y) = (cx.heap.elements(*x).to_vec(), cx.heap.elements(*y).to_vec());
            equal_items(cx, &x, &y, depth)
        }
        (Kind::Set(_), Kind::Set(_)) => {
            let (x, y) = (super::sets::members(cx, a)?, super::sets::members(cx, b)?);
            let (x, y) = (super::sets::keys(cx, &x)?, super::sets::keys(cx, &y)?);
            Some(x == y)
        }
        (Kind::Dict(x), Kind::Dict(y)) => equal_dicts(cx, *x, *y, depth),
        (Kind::Range(..), Kind::Range(..)) => {
            let x = super::iterate(cx, a, 1 << 12)?;
            let y = super::iterate(cx, b, 1 << 12)?;
            equal_items(cx, &x, &y, depth)
        }
        (Kind::Module(x), Kind::Module(y))
        | (Kind::Function(x), Kind::Function(y))
        | (Kind::Class(x), Kind::Class(y)) => Some(x == y),
        _ => Some(false),
    }
}

fn equal_items(cx: &mut FoldContext<'_>, a: &[Value], b: &[Value], depth: u8) -> Option<bool> {
    if a.len() != b.len() {
        return Some(false);
    }
    cx.work(a.len() * 16)?;
    for (x, y) in a.iter().zip(b) {
        if !equal(cx, x, y, depth + 1)? {
            return Some(false);
        }
    }
    Some(true)
}

fn equal_dicts(cx: &mut FoldContext<'_>, a: ObjId, b: ObjId, depth: u8) -> Option<bool> {
    let entries: Vec<(Value, Value)> = cx.heap.dict_entries(a).cloned().collect();
    if entries.len() != cx.heap.dict_entries(b).count() {
        return Some(false);
    }
    cx.work(entries.len() * 64)?;
    for (key, value) in &entries {
        let key = cx.heap.key_of(key)?;
        let Some(other) = cx.heap.dict_get(b, &key).cloned() else { return Some(false) };
        if !equal(cx, value, &other, depth + 1)? {
            return Some(false);
        }
    }
    Some(true)
}

/// The order of two numbers; `None` if one is NaN.
fn number_order(a: &Number, b: &Number) -> Option<Ordering> {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => Some(a.cmp(b)),
        (Number::Float(a), Number::Float(b)) => a.partial_cmp(b),
        (Number::Float(_), Number::Int(_)) => number_order(b, a).map(Ordering::reverse),
        (Number::Int(a), Number::Float(b)) => {
            if b.is_nan() {
                return None;
            }
            let Some(whole) = float_to_int(*b) else {
                return Some(if *b > 0.0 { Ordering::Less } else { Ordering::Greater });
            };
            let fraction = b.fract();
            Some(a.cmp(&whole).then(0.0.partial_cmp(&fraction).unwrap_or(Ordering::Equal)))
        }
    }
}

/// The order of two values that can be ordered; the inner `None` is NaN's.
#[expect(
    clippy::option_option,
    reason = "the outer is for what cannot be folded, the inner for what has no order"
)]
fn order(cx: &mut FoldContext<'_>, a: &Value, b: &Value) -> Option<Option<Ordering>> {
    order_at(cx, a, b, 0)
}

/// The order of two values for sorting; `None` if they have none.
pub(super) fn total_order(cx: &mut FoldContext<'_>, a: &Value, b: &Value) -> Option<Ordering> {
    order(cx, a, b)?
}

#[expect(
    clippy::option_option,
    reason = "the outer is for what cannot be folded, the inner for what has no order"
)]
fn order_at(cx: &mut FoldContext<'_>, a: &Value, b: &Value, depth: u8) -> Option<Option<Ordering>> {
    if depth > MAX_DEPTH {
        return None;
    }
    if is_number(a) && is_number(b) {
        return Some(number_order(&Number::of(a)?, &Number::of(b)?));
    }
    if is_text(a) && is_text(b) {
        cx.work(text_size(cx, a).min(text_size(cx, b)))?;
        let x = Text::of(cx, a)?;
        let y = x.partner(cx, b)?;
        // UTF-8 sorts as its code points do.
        return Some(Some(x.data.cmp(&y.data)));
    }
    match (&a.kind, &b.kind) {
        (Kind::List(x), Kind::List(y)) | (Kind::Tuple(x), Kind::Tuple(y)) => {
            let (x, y) = (cx.heap.elements(*x).to_vec(), cx.heap.elements(*y).to_vec());
            cx.work(x.len().min(y.len()) * 16)?;
            for (p, q) in x.iter().zip(&y) {
                if !equal(cx, p, q, depth + 1)? {
                    return order_at(cx, p, q, depth + 1);
                }
            }
            Some(Some(x.len().cmp(&y.len())))
        }
        (Kind::Set(_), Kind::Set(_)) => super::sets::order(cx, a, b),
        _ => None,
    }
}

/// Whether two values are one object, where that does not depend on what the interpreter caches.
fn identical(cx: &mut FoldContext<'_>, a: &Value, b: &Value) -> Option<bool> {
    match (&a.kind, &b.kind) {
        (Kind::None, Kind::None) | (Kind::Ellipsis, Kind::Ellipsis) => Some(true),
        (Kind::Bool(x), Kind::Bool(y)) => Some(x == y),
        (Kind::List(x), Kind::List(y))
        | (Kind::Dict(x), Kind::Dict(y))
        | (Kind::Set(x), Kind::Set(y))
        | (Kind::ByteArray(x), Kind::ByteArray(y))
        | (Kind::Instance(x), Kind::Instance(y)) => Some(x == y),
        (Kind::None, Kind::Instance(_) | Kind::Partial(_))
        | (Kind::Instance(_) | Kind::Partial(_), Kind::None) => Some(false),
        _ => match equal(cx, a, b, 0) {
            Some(true)
                if is_opaque(a) || matches!(a.kind, Kind::Module(_) | Kind::Function(_) | Kind::Class(_)) =>
            {
                Some(true)
            }
            Some(false) => Some(false),
            _ => None,
        },
    }
}

/// `item in container`.
fn contains(cx: &mut FoldContext<'_>, container: &Value, item: &Value) -> Option<bool> {
    match &container.kind {
        Kind::Partial(text) => partial::contains(text, item),
        Kind::Str(_) | Kind::Bytes(_) | Kind::ByteArray(_) => {
            cx.work(text_size(cx, container))?;
            let text = Text::of(cx, container)?;
            match (text.is_str(), item.as_int()) {
                (false, Some(byte)) => Some(text.data.contains(&u8::try_from(byte).ok()?)),
                _ => Some(memmem::find(&text.data, &text.partner(cx, item)?.data).is_some()),
            }
        }
        Kind::Dict(id) => {
            let key = cx.heap.key_of(item)?;
            if cx.heap.dict_get(*id, &key).is_some() {
                return Some(true);
            }
            let unknown = cx.heap.dict_entries(*id).any(|(k, _)| cx.heap.key_of(k).is_none());
            (!unknown).then_some(false)
        }
        Kind::List(id) | Kind::Tuple(id) | Kind::Set(id) => {
            cx.work(cx.heap.elements(*id).len() * 16)?;
            match find_text(cx, *id, item) {
                Some(at) => Some(at.is_some()),
                None => {
                    let items = cx.heap.elements(*id).to_vec();
                    any_equal(cx, &items, item)
                }
            }
        }
        Kind::Range(start, stop, step) => {
            let value = item.as_int()?;
            let inside =
                if *step > 0 { (*start..*stop).contains(&value) } else { value <= *start && value > *stop };
            Some(inside && value.checked_sub(*start)?.checked_rem(*step)? == 0)
        }
        _ => None,
    }
}

/// Where a string first stands among the elements of a container that are all constants; `None` if they are not.
/// The common case of a search, without a copy of the elements.
#[expect(
    clippy::option_option,
    reason = "the outer is for what must be searched otherwise, the inner for no hit"
)]
pub(super) fn find_text(cx: &mut FoldContext<'_>, container: ObjId, value: &Value) -> Option<Option<usize>> {
    let wanted = value.as_str()?;
    let mut looked_at = 0usize;
    let mut found = None;
    for (at, item) in cx.heap.elements(container).iter().enumerate() {
        match &item.kind {
            Kind::Str(text) => {
                looked_at += text.as_str().len().min(wanted.len());
                if text.as_str() == wanted {
                    found = Some(at);
                    break;
                }
            }
            Kind::None | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => {}
            _ => return None,
        }
    }
    cx.work(looked_at)?;
    Some(found)
}

/// Whether one of the items equals a value; an item that may or may not makes a "no" unknown.
pub(super) fn any_equal(cx: &mut FoldContext<'_>, items: &[Value], value: &Value) -> Option<bool> {
    let mut all_known = true;
    for item in items {
        match equal(cx, item, value, 0) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => all_known = false,
        }
    }
    all_known.then_some(false)
}
