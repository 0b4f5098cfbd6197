//! Indexing and slicing: reading, assigning and deleting items.

use std::rc::Rc;

use super::iterate::{known_len, range_len};
use super::partial::Builder;
use super::text::Text;
use super::{FoldContext, iterate};
use crate::value::{Kind, ObjId, Object, Part, PartialText, Value};

/// Folds `container[index]`.
pub fn fold_subscript(cx: &mut FoldContext<'_>, container: &Value, index: &Value) -> Option<Value> {
    if let Kind::Slice(id) = index.kind {
        let slice = Slice::of(cx, id)?;
        return take_slice(cx, container, &slice);
    }
    match &container.kind {
        Kind::Str(text) => {
            let at = position(index.as_int()?, text.len())?;
            if !text.is_ascii() {
                cx.work(at * 4)?;
            }
            let c = text.char_at(at)?;
            let value = Value::str(c.encode_utf8(&mut [0; 4]) as &str);
            Some(joined(cx, value, container, index))
        }
        Kind::Bytes(bytes) => {
            let byte = *bytes.get(position(index.as_int()?, bytes.len())?)?;
            Some(joined(cx, Value::int(i64::from(byte)), container, index))
        }
        Kind::ByteArray(id) => {
            let Some(Object::Bytes(bytes)) = cx.heap.get(*id) else { return None };
            let byte = *bytes.get(position(index.as_int()?, bytes.len())?)?;
            Some(joined(cx, Value::int(i64::from(byte)), container, index))
        }
        Kind::List(id) | Kind::Tuple(id) => {
            let items = cx.heap.elements(*id);
            let item = items.get(position(index.as_int()?, items.len())?)?.clone();
            Some(from_element(cx, item, index))
        }
        Kind::Dict(id) => {
            let key = cx.heap.key_of(index)?;
            let item = cx.heap.dict_get(*id, &key)?.clone();
            Some(from_element(cx, item, index))
        }
        Kind::Range(start, stop, step) => {
            let at = position(index.as_int()?, range_len(*start, *stop, *step)?)?;
            let value = start.checked_add(step.checked_mul(i64::try_from(at).ok()?)?)?;
            Some(joined(cx, Value::int(value), container, index))
        }
        Kind::Partial(text) => partial_item(cx, container, text, index.as_int()?),
        _ => None,
    }
}

/// The result of looking into a text: it comes from the text and from where it was looked at.
fn joined(cx: &mut FoldContext<'_>, value: Value, container: &Value, index: &Value) -> Value {
    let origins = cx.origins.union(container.origins, index.origins);
    value.with_origins(origins)
}

fn from_element(cx: &mut FoldContext<'_>, item: Value, index: &Value) -> Value {
    let origins = cx.origins.union(item.origins, index.origins);
    item.with_origins(origins)
}

/// The position of an index, which may count from the end.
fn position(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add(i64::try_from(len).ok()?)? } else { index };
    usize::try_from(index).ok().filter(|at| *at < len)
}

/// The bounds of a slice.
struct Slice {
    start: Option<i64>,
    stop: Option<i64>,
    step: i64,
}

impl Slice {
    fn of(cx: &FoldContext<'_>, id: ObjId) -> Option<Self> {
        let [start, stop, step] = cx.heap.elements(id) else { return None };
        let bound = |value: &Value| match &value.kind {
            Kind::None => Some(None),
            // A bound beyond 64 bits is beyond every end.
            Kind::Big(b) => {
                Some(Some(if b.sign() == num_bigint::Sign::Minus { i64::MIN / 2 } else { i64::MAX / 2 }))
            }
            _ => value.as_int().map(Some),
        };
        let step = bound(step)?.unwrap_or(1);
        Some(Self { start: bound(start)?, stop: bound(stop)?, step: (step != 0).then_some(step)? })
    }

    /// Start, step and number of elements for a length, as `slice.indices` gives them.
    fn resolve(&self, len: usize) -> Option<(i64, i64, usize)> {
        let len = i64::try_from(len).ok()?;
        let (low, high) = if self.step > 0 { (0, len) } else { (-1, len - 1) };
        let clamp = |i: i64| if i < 0 { i.saturating_add(len).max(low) } else { i.min(high) };
        let start = self.start.map_or(if self.step > 0 { low } else { high }, clamp);
        let stop = self.stop.map_or(if self.step > 0 { high } else { low }, clamp);
        Some((start, self.step, range_len(start, stop, self.step)?))
    }

    /// The chosen positions for a length.
    fn positions(&self, len: usize) -> Option<impl Iterator<Item = usize>> {
        let (start, step, count) = self.resolve(len)?;
        Some((0..count as i64).filter_map(move |i| usize::try_from(start + step * i).ok()))
    }
}

fn take_slice(cx: &mut FoldContext<'_>, container: &Value, slice: &Slice) -> Option<Value> {
    match &container.kind {
        Kind::Str(_) | Kind::Bytes(_) | Kind::ByteArray(_) => {
            let value = slice_text(cx, container, slice)?;
            let origins = if slice.step == 1 { container.origins } else { cx.decoded(container.origins) };
            Some(value.with_origins(origins))
        }
        Kind::List(id) | Kind::Tuple(id) => {
            let len = cx.heap.elements(*id).len();
            let positions = slice.positions(len)?;
            cx.work(slice.resolve(len)?.2 * 32)?;
            let items = cx.heap.elements(*id);
            let items: Vec<Value> = positions.filter_map(|at| items.get(at).cloned()).collect();
            let value = if matches!(container.kind, Kind::List(_)) {
                cx.make_list(items)
            } else {
                cx.make_tuple(items)
            };
            value.map(|v| v.with_origins(container.origins))
        }
        Kind::Range(start, stop, step) => {
            let (from, by, count) = slice.resolve(range_len(*start, *stop, *step)?)?;
            let first = start.checked_add(step.checked_mul(from)?)?;
            let by = step.checked_mul(by)?;
            let end = first.checked_add(by.checked_mul(i64::try_from(count).ok()?)?)?;
            Some(Value::new(Kind::Range(first, end, by)).with_origins(container.origins))
        }
        Kind::Partial(text) => partial_slice(cx, container, text, slice),
        _ => None,
    }
}

fn slice_text(cx: &mut FoldContext<'_>, container: &Value, slice: &Slice) -> Option<Value> {
    let text = Text::of(cx, container)?;
    let len = match &container.kind {
        Kind::Str(s) => s.len(),
        _ => text.data.len(),
    };
    let (start, step, count) = slice.resolve(len)?;
    let is_wide = text.data.len() != len;
    if is_wide {
        cx.work(text.data.len())?;
    }
    if step == 1 {
        let from = usize::try_from(start).unwrap_or(0);
        let (from, to) =
            if is_wide { (text.byte_of(from), text.byte_of(from + count)) } else { (from, from + count) };
        return if count == 0 { text.make(cx, Vec::new()) } else { text.slice(cx, from, to) };
    }
    cx.work(count)?;
    let positions = slice.positions(len)?;
    if is_wide {
        let chars: Vec<char> = text.as_str()?.chars().collect();
        let out: String = positions.filter_map(|at| chars.get(at)).collect();
        return cx.make_str(out);
    }
    let out = positions.filter_map(|at| text.data.get(at).copied()).collect();
    text.make(cx, out)
}

/// A character of a partial text, where it lies in the known beginning or end.
fn partial_item(
    cx: &mut FoldContext<'_>,
    container: &Value,
    text: &PartialText,
    index: i64,
) -> Option<Value> {
    let end = if index < 0 { text.parts.last()? } else { text.parts.first()? };
    let Part::Known(known) = end else { return None };
    let at = position(index, known.chars().count())?;
    let c = known.chars().nth(at)?;
    let value = if text.is_bytes { Value::int(i64::from(u32::from(c))) } else { cx.make_str(c)? };
    Some(value.with_origins(container.origins))
}

/// A slice of a partial text that cuts only into its known ends.
fn partial_slice(
    cx: &mut FoldContext<'_>,
    container: &Value,
    text: &PartialText,
    slice: &Slice,
) -> Option<Value> {
    if slice.step != 1 {
        return None;
    }
    let mut parts = text.parts.clone();
    if let (Some(stop @ 1..), 0) = (slice.stop, slice.start.unwrap_or(0)) {
        // A beginning that is wholly known.
        let Part::Known(first) = parts.first()? else { return None };
        let stop = usize::try_from(stop).ok()?;
        (stop <= first.chars().count()).then_some(())?;
        parts = vec![Part::Known(first.chars().take(stop).collect::<String>().into())];
        return finish(cx, &parts, text.is_bytes, container);
    }
    match slice.stop {
        None => {}
        Some(stop) => {
            let Part::Known(last) = parts.last_mut()? else { return None };
            let cut = usize::try_from(stop.checked_neg()?).ok()?;
            let keep = last.chars().count().checked_sub(cut)?;
            *last = Rc::from(last.chars().take(keep).collect::<String>());
        }
    }
    match slice.start {
        None | Some(0) => {}
        Some(start) => {
            let Part::Known(first) = parts.first_mut()? else { return None };
            let cut = usize::try_from(start).ok().filter(|n| *n <= first.chars().count())?;
            *first = Rc::from(first.chars().skip(cut).collect::<String>());
        }
    }
    finish(cx, &parts, text.is_bytes, container)
}

fn finish(cx: &mut FoldContext<'_>, parts: &[Part], is_bytes: bool, container: &Value) -> Option<Value> {
    let mut builder = Builder::default();
    parts.iter().for_each(|p| builder.part(p));
    Some(builder.finish(cx, is_bytes)?.with_origins(container.origins))
}

/// Folds `container[index] = value` for lists, dictionaries and bytearrays; `None` if nothing was changed.
pub fn fold_store(cx: &mut FoldContext<'_>, container: &Value, index: &Value, value: &Value) -> Option<()> {
    if let Kind::Slice(id) = index.kind {
        let slice = Slice::of(cx, id)?;
        let items = iterate(cx, value, FoldContext::MAX_ITEMS)?;
        return replace_slice(cx, container, &slice, items, Shape::Assign);
    }
    match &container.kind {
        Kind::Dict(id) => {
            cx.heap.dict_set(*id, index.clone(), value.clone());
            (!cx.heap.is_exhausted()).then_some(())
        }
        Kind::List(id) => {
            let at = position(index.as_int()?, cx.heap.elements(*id).len())?;
            *cx.heap.elements_mut(*id)?.get_mut(at)? = value.clone();
            Some(())
        }
        Kind::ByteArray(id) => {
            let at = position(index.as_int()?, known_len(cx, container)?)?;
            let byte = u8::try_from(value.as_int()?).ok()?;
            let Some(Object::Bytes(bytes)) = cx.heap.get_mut(*id) else { return None };
            *bytes.get_mut(at)? = byte;
            Some(())
        }
        _ => None,
    }
}

/// Folds `del container[index]`; `None` if nothing was changed.
pub fn fold_delete(cx: &mut FoldContext<'_>, container: &Value, index: &Value) -> Option<()> {
    if let Kind::Slice(id) = index.kind {
        let slice = Slice::of(cx, id)?;
        return replace_slice(cx, container, &slice, Vec::new(), Shape::Delete);
    }
    match &container.kind {
        Kind::Dict(id) => {
            let key = cx.heap.key_of(index)?;
            cx.heap.dict_remove(*id, &key).map(|_| ())
        }
        Kind::List(id) => {
            let at = position(index.as_int()?, cx.heap.elements(*id).len())?;
            cx.heap.elements_mut(*id)?.remove(at);
            Some(())
        }
        Kind::ByteArray(id) => {
            let at = position(index.as_int()?, known_len(cx, container)?)?;
            let Some(Object::Bytes(bytes)) = cx.heap.get_mut(*id) else { return None };
            bytes.remove(at);
            Some(())
        }
        _ => None,
    }
}

/// What happens to the chosen positions of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Assign,
    Delete,
}

fn replace_slice(
    cx: &mut FoldContext<'_>,
    container: &Value,
    slice: &Slice,
    items: Vec<Value>,
    shape: Shape,
) -> Option<()> {
    let len = known_len(cx, container)?;
    cx.afford_items(items.len())?;
    cx.work(len * 16)?;
    match &container.kind {
        Kind::List(id) => splice(cx.heap.elements_mut(*id)?, slice, items, shape),
        Kind::ByteArray(id) => {
            let bytes: Option<Vec<u8>> = items.iter().map(|v| u8::try_from(v.as_int()?).ok()).collect();
            match cx.heap.get_mut(*id) {
                Some(Object::Bytes(target)) => splice(target, slice, bytes?, shape),
                _ => None,
            }
        }
        _ => None,
    }
}

fn splice<T: Clone>(target: &mut Vec<T>, slice: &Slice, items: Vec<T>, shape: Shape) -> Option<()> {
    let (start, step, count) = slice.resolve(target.len())?;
    if step == 1 {
        let from = usize::try_from(start).ok()?;
        target.splice(from..from + count, items);
        return Some(());
    }
    let mut chosen: Vec<usize> = slice.positions(target.len())?.collect();
    if shape == Shape::Assign {
        (items.len() == chosen.len()).then_some(())?;
        for (at, item) in chosen.into_iter().zip(items) {
            *target.get_mut(at)? = item;
        }
        return Some(());
    }
    chosen.sort_unstable();
    let mut chosen = chosen.into_iter().peekable();
    let mut at = 0;
    target.retain(|_| {
        let is_chosen = chosen.next_if_eq(&at).is_some();
        at += 1;
        !is_chosen
    });
    Some(())
}
