//! Searching and replacing in strings and bytes.

use memchr::memmem;

use super::args::{Args, int_or};
use super::text::Text;
use super::{Flow, FoldContext, Row};
use crate::value::{Kind, Object, Value};

pub(super) const TABLE: &[Row] = &[
    ("str.find", Flow::Shallow, find),
    ("bytes.find", Flow::Shallow, find),
    ("str.rfind", Flow::Shallow, rfind),
    ("bytes.rfind", Flow::Shallow, rfind),
    ("str.index", Flow::Shallow, index),
    ("bytes.index", Flow::Shallow, index),
    ("str.rindex", Flow::Shallow, rindex),
    ("bytes.rindex", Flow::Shallow, rindex),
    ("str.count", Flow::Shallow, count),
    ("bytes.count", Flow::Shallow, count),
    ("str.startswith", Flow::Shallow, startswith),
    ("bytes.startswith", Flow::Shallow, startswith),
    ("str.endswith", Flow::Shallow, endswith),
    ("bytes.endswith", Flow::Shallow, endswith),
    ("str.replace", Flow::Shallow, replace),
    ("bytes.replace", Flow::Shallow, replace),
    ("string.replace", Flow::Shallow, replace),
    ("str.removeprefix", Flow::Shallow, removeprefix),
    ("bytes.removeprefix", Flow::Shallow, removeprefix),
    ("str.removesuffix", Flow::Shallow, removesuffix),
    ("bytes.removesuffix", Flow::Shallow, removesuffix),
    ("str.translate", Flow::Decode, translate_str),
    ("bytes.translate", Flow::Decode, translate_bytes),
    ("str.maketrans", Flow::Join, maketrans_str),
    ("bytes.maketrans", Flow::Join, maketrans_bytes),
    ("string.maketrans", Flow::Join, maketrans_bytes),
];

/// What to look for, and where.
struct Search<'a> {
    text: Text<'a>,
    needle: Vec<u8>,
    /// First byte to look at; `None` if the start lies beyond the end.
    start: Option<usize>,
    /// One past the last byte to look at.
    end: usize,
}

impl Search<'_> {
    fn window(&self) -> Option<&[u8]> {
        self.text.data.get(self.start?..self.end)
    }

    fn position(&self, offset: usize) -> i64 {
        self.text.position_of(self.start.unwrap_or(0) + offset) as i64
    }
}

/// Clamps `start` and `end` arguments as slices do; the start is `None` when it lies beyond the end.
fn bounds(text: &Text<'_>, start: Option<&Value>, end: Option<&Value>) -> Option<(Option<usize>, usize)> {
    let len = text.len() as i64;
    let clamp = |i: i64| if i < 0 { (i + len).max(0) } else { i };
    let from = clamp(int_or(start, 0)?);
    let to = clamp(int_or(end, i64::MAX)?).min(len);
    let end = text.byte_of(usize::try_from(to).ok()?);
    let start = (from <= to).then(|| text.byte_of(usize::try_from(from).unwrap_or(0)));
    Some((start, end))
}

fn search<'a>(cx: &FoldContext<'_>, args: &Args<'a>) -> Option<Search<'a>> {
    let [text, needle, start, end] = args.bind(cx, [""; 4])?;
    let text = Text::of(cx, text?)?;
    let needle = needle?;
    let needle = match (needle.as_int(), text.is_str()) {
        (Some(byte), false) => vec![u8::try_from(byte).ok()?],
        _ => text.partner(cx, needle)?.data.into_owned(),
    };
    let (start, end) = bounds(&text, start, end)?;
    Some(Search { text, needle, start, end })
}

fn find(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let search = search(cx, &args)?;
    let at = search.window().and_then(|w| memmem::find(w, &search.needle));
    Some(Value::int(at.map_or(-1, |at| search.position(at))))
}

fn rfind(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let search = search(cx, &args)?;
    let at = search.window().and_then(|w| memmem::rfind(w, &search.needle));
    Some(Value::int(at.map_or(-1, |at| search.position(at))))
}

fn index(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    find(cx, args).filter(|v| v.as_int() != Some(-1))
}

fn rindex(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    rfind(cx, args).filter(|v| v.as_int() != Some(-1))
}

fn count(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let search = search(cx, &args)?;
    let Some(window) = search.window() else { return Some(Value::int(0)) };
    let n = if search.needle.is_empty() {
        let chars = if search.text.is_str() {
            std::str::from_utf8(window).ok()?.chars().count()
        } else {
            window.len()
        };
        chars + 1
    } else {
        memmem::find_iter(window, &search.needle).count()
    };
    Some(Value::int(n as i64))
}

fn startswith(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    affix(cx, args, <[u8]>::starts_with)
}

fn endswith(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    affix(cx, args, <[u8]>::ends_with)
}

fn affix(cx: &mut FoldContext<'_>, args: Args<'_>, test: fn(&[u8], &[u8]) -> bool) -> Option<Value> {
    let [text, part, start, end] = args.bind(cx, [""; 4])?;
    let (text, part) = (Text::of(cx, text?)?, part?);
    let (start, end) = bounds(&text, start, end)?;
    let Some(window) = start.and_then(|s| text.data.get(s..end)) else { return Some(Value::bool(false)) };
    let parts = match part.kind {
        Kind::Tuple(id) => cx.heap.elements(id).to_vec(),
        _ => vec![part.clone()],
    };
    for part in &parts {
        if test(window, &text.partner(cx, part)?.data) {
            return Some(Value::bool(true));
        }
    }
    Some(Value::bool(false))
}

fn replace(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, old, new, count] = args.bind(cx, ["", "", "", "count"])?;
    let text = Text::of(cx, text?)?;
    let (old, new) = (text.partner(cx, old?)?, text.partner(cx, new?)?);
    let limit = usize::try_from(int_or(count, -1)?).unwrap_or(usize::MAX);
    let out = replace_bytes(cx, &text, &old.data, &new.data, limit)?;
    text.make(cx, out)
}

fn replace_bytes(
    cx: &mut FoldContext<'_>,
    text: &Text<'_>,
    old: &[u8],
    new: &[u8],
    limit: usize,
) -> Option<Vec<u8>> {
    let places: Vec<usize> = if old.is_empty() {
        empty_places(text).into_iter().take(limit).collect()
    } else {
        memmem::find_iter(&text.data, old).take(limit).collect()
    };
    let removed = old.len().saturating_mul(places.len());
    let size = text.data.len().saturating_sub(removed).saturating_add(new.len().saturating_mul(places.len()));
    if size > FoldContext::MAX_BYTES {
        return None;
    }
    cx.work(size)?;
    let mut out = Vec::with_capacity(size);
    let mut from = 0;
    for at in places {
        out.extend_from_slice(text.data.get(from..at)?);
        out.extend_from_slice(new);
        from = at + old.len();
    }
    out.extend_from_slice(text.data.get(from..)?);
    Some(out)
}

/// Where an empty string is found: before every character and at the end.
fn empty_places(text: &Text<'_>) -> Vec<usize> {
    match text.as_str() {
        Some(s) => s.char_indices().map(|(at, _)| at).chain([s.len()]).collect(),
        None => (0..=text.data.len()).collect(),
    }
}

fn removeprefix(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, part] = args.exactly()?;
    let text = Text::of(cx, text)?;
    let part = text.partner(cx, part)?;
    let from = if text.data.starts_with(&part.data) { part.data.len() } else { 0 };
    text.slice(cx, from, text.data.len())
}

fn removesuffix(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, part] = args.exactly()?;
    let text = Text::of(cx, text)?;
    let part = text.partner(cx, part)?;
    let to = text.data.len() - if text.data.ends_with(&part.data) { part.data.len() } else { 0 };
    text.slice(cx, 0, to)
}

fn translate_str(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, table] = args.exactly()?;
    let text = text.as_str()?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let code = Value::int(i64::from(u32::from(c)));
        // A table without the code leaves the character; only a dictionary or a string can say so here.
        let found = match table.kind {
            Kind::Dict(id) => cx.heap.key_of(&code).and_then(|k| cx.heap.dict_get(id, &k).cloned()),
            Kind::Str(_) | Kind::List(_) | Kind::Tuple(_) => super::fold_subscript(cx, table, &code),
            _ => return None,
        };
        match found.map(|v| v.kind) {
            None => out.push(c),
            Some(Kind::None) => {}
            Some(Kind::Str(s)) => out.push_str(s.as_str()),
            Some(Kind::Int(i)) => out.push(char::from_u32(u32::try_from(i).ok()?)?),
            Some(_) => return None,
        }
        if out.len() > FoldContext::MAX_BYTES {
            return None;
        }
    }
    cx.make_str(out)
}

fn translate_bytes(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, table, delete] = args.bind(cx, ["", "", "delete"])?;
    let text = Text::of(cx, text?)?;
    let table = super::args::given(table)
        .map(|t| super::args::bytes_like(cx, t))
        .map_or(Some(None), |t| t.map(Some))?;
    if table.as_ref().is_some_and(|t| t.len() != 256) {
        return None;
    }
    let delete = delete.map_or(Some(Vec::new()), |d| Some(text.partner(cx, d)?.data.into_owned()))?;
    let kept = text.data.iter().filter(|b| !delete.contains(b));
    let out = kept.map(|b| table.as_ref().and_then(|t| t.get(usize::from(*b))).map_or(*b, |t| *t)).collect();
    text.make(cx, out)
}

fn maketrans_str(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let values = args.plain()?;
    let mut pairs = Vec::new();
    match values {
        [one] => {
            let Kind::Dict(id) = one.kind else { return None };
            for (key, value) in cx.heap.dict_entries(id) {
                let key = match key.as_str() {
                    Some(text) => code_point(text)?,
                    None => key.as_int()?,
                };
                pairs.push((Value::int(key), value.clone()));
            }
        }
        [from, to] | [from, to, _] => {
            let (from, to) = (from.as_str()?, to.as_str()?);
            if from.chars().count() != to.chars().count() {
                return None;
            }
            let value = |c: char| Value::int(i64::from(u32::from(c)));
            pairs.extend(from.chars().zip(to.chars()).map(|(a, b)| (value(a), value(b))));
            if let Some(dropped) = values.get(2) {
                pairs.extend(dropped.as_str()?.chars().map(|c| (value(c), Value::none())));
            }
        }
        _ => return None,
    }
    cx.afford_items(pairs.len())?;
    Some(cx.heap.dict(pairs))
}

fn code_point(text: &str) -> Option<i64> {
    let mut chars = text.chars();
    let first = chars.next()?;
    chars.next().is_none().then(|| i64::from(u32::from(first)))
}

fn maketrans_bytes(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [from, to] = args.exactly()?;
    let (from, to) = (super::args::ascii_or_bytes(cx, from)?, super::args::ascii_or_bytes(cx, to)?);
    if from.len() != to.len() {
        return None;
    }
    let mut table: Vec<u8> = (0..=255).collect();
    for (a, b) in from.iter().zip(to.iter()) {
        if let Some(slot) = table.get_mut(usize::from(*a)) {
            *slot = *b;
        }
    }
    cx.make_bytes(table)
}

/// The bytes of a bytearray, to change.
pub(super) fn bytearray_mut<'h>(cx: &'h mut FoldContext<'_>, value: &Value) -> Option<&'h mut Vec<u8>> {
    let Kind::ByteArray(id) = value.kind else { return None };
    match cx.heap.get_mut(id) {
        Some(Object::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}
