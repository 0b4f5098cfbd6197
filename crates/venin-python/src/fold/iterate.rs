//! The elements and the truth of values.

use super::args::bytes_like;
use super::{FoldContext, sets};
use crate::value::{Kind, ObjId, Object, Part, Value};
use venin_model::OriginKind;

/// The elements of a value in order; `None` when it cannot be iterated concretely or has more than `limit`.
/// A one-shot iterator is used up.
pub fn iterate(cx: &mut FoldContext<'_>, value: &Value, limit: usize) -> Option<Vec<Value>> {
    let len = known_len(cx, value)?;
    if len > limit {
        return None;
    }
    cx.work(len * 128)?;
    Some(match &value.kind {
        Kind::Str(text) => {
            let chars = text.as_str().chars();
            chars
                .map(|c| Value::str(c.encode_utf8(&mut [0; 4]) as &str).with_origins(value.origins))
                .collect()
        }
        Kind::Bytes(_) | Kind::ByteArray(_) => {
            let bytes = bytes_like(cx, value)?;
            bytes.iter().map(|b| Value::int(i64::from(*b)).with_origins(value.origins)).collect()
        }
        Kind::List(id) | Kind::Tuple(id) => cx.heap.elements(*id).to_vec(),
        Kind::Set(_) => sets::members(cx, value)?,
        Kind::Dict(id) => cx.heap.dict_entries(*id).map(|(key, _)| key.clone()).collect(),
        Kind::Range(start, _, step) => {
            let at = |i: usize| start.checked_add(step.checked_mul(i64::try_from(i).ok()?)?);
            (0..len).filter_map(at).map(|i| Value::int(i).with_origins(value.origins)).collect()
        }
        Kind::Iter(id) => match cx.heap.get_mut(*id)? {
            Object::Iter(items, at) => {
                let rest = items.split_off((*at).min(items.len()));
                items.clear();
                *at = 0;
                rest
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// `len(value)`, also of what has no length but a known number of elements.
pub(super) fn known_len(cx: &FoldContext<'_>, value: &Value) -> Option<usize> {
    Some(match &value.kind {
        Kind::Str(text) => text.len(),
        Kind::Bytes(bytes) => bytes.len(),
        Kind::ByteArray(id) => match cx.heap.get(*id)? {
            Object::Bytes(bytes) => bytes.len(),
            _ => return None,
        },
        Kind::List(id) | Kind::Tuple(id) | Kind::Set(id) => cx.heap.elements(*id).len(),
        Kind::Dict(id) => cx.heap.dict_entries(*id).count(),
        Kind::Range(start, stop, step) => range_len(*start, *stop, *step)?,
        Kind::Iter(id) => match cx.heap.get(*id)? {
            Object::Iter(items, at) => items.len().saturating_sub(*at),
            _ => return None,
        },
        _ => return None,
    })
}

/// Number of elements of a range; `None` for a step of zero.
pub(super) fn range_len(start: i64, stop: i64, step: i64) -> Option<usize> {
    let (start, stop, step) = (i128::from(start), i128::from(stop), i128::from(step));
    let span = if step > 0 { stop - start } else { start - stop };
    let count = (span + step.abs() - 1).checked_div(step.abs())?;
    usize::try_from(count.max(0)).ok()
}

/// The next element of an iterator in the heap: `Some(None)` when it is used up.
#[expect(clippy::option_option, reason = "the outer is for what is no iterator, the inner for its end")]
pub(super) fn next_item(cx: &mut FoldContext<'_>, id: ObjId) -> Option<Option<Value>> {
    cx.heap.drawn += 1;
    match cx.heap.get_mut(id)? {
        Object::Iter(items, at) => {
            let item = items.get(*at).cloned();
            *at += usize::from(item.is_some());
            Some(item)
        }
        Object::Cycle(items, at) => {
            let item = items.get(*at).cloned();
            *at = if *at + 1 < items.len() { *at + 1 } else { 0 };
            Some(item)
        }
        Object::Count(next, step) => {
            let value = *next;
            *next = next.checked_add(*step)?;
            Some(Some(Value::int(value)))
        }
        _ => None,
    }
}

/// Whether a mapping or tuple holds what callers outside the artifact pass beyond the named parameters: seen from here it
/// is empty, and yet nothing says so.
pub(super) fn is_left_open(cx: &FoldContext<'_>, value: &Value) -> bool {
    let is_empty = match value.kind {
        Kind::Dict(id) => cx.heap.dict_entries(id).next().is_none(),
        Kind::Tuple(id) => cx.heap.elements(id).is_empty(),
        _ => false,
    };
    is_empty && cx.origins.kinds(value.origins).contains(OriginKind::Argument)
}

/// Folds `bool(value)`.
pub fn fold_truth(cx: &mut FoldContext<'_>, value: &Value) -> Option<bool> {
    if is_left_open(cx, value) {
        return None;
    }
    match &value.kind {
        Kind::None => Some(false),
        Kind::Ellipsis | Kind::Big(_) => Some(true),
        Kind::Bool(b) => Some(*b),
        Kind::Int(i) => Some(*i != 0),
        Kind::Float(f) => Some(*f != 0.0),
        Kind::Partial(text) => {
            text.parts.iter().any(|p| matches!(p, Part::Known(known) if !known.is_empty())).then_some(true)
        }
        Kind::Dict(id) => Some(cx.heap.dict_entries(*id).next().is_some()),
        Kind::Module(_)
        | Kind::Function(_)
        | Kind::Class(_)
        | Kind::Method(_)
        | Kind::Builtin(_)
        | Kind::Iter(_) => Some(true),
        Kind::CodeObject(_) | Kind::Slice(_) => Some(true),
        Kind::Choice(id) => {
            let options = cx.heap.elements(*id).to_vec();
            let mut truths = options.iter().map(|o| match o.kind {
                Kind::Choice(_) => None,
                _ => fold_truth(cx, o),
            });
            let first = truths.next()??;
            truths.all(|t| t == Some(first)).then_some(first)
        }
        _ => known_len(cx, value).map(|len| len > 0),
    }
}
