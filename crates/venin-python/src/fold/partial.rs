//! Texts of which only parts are known.

use std::rc::Rc;

use super::args::{Args, given};
use super::context::{latin1_bytes, latin1_text};
use super::{FoldContext, codecs, unicode};
use crate::value::{Kind, OriginSet, Part, PartialText, Value};

/// A partly known text under construction.
#[derive(Debug, Default)]
pub(super) struct Builder {
    parts: Vec<Part>,
    /// Known characters since the last hole, as long as they are one text that exists already.
    shared: Option<Rc<str>>,
    /// The same when they are not; then nothing is shared.
    known: String,
    origins: Option<OriginSet>,
}

impl Builder {
    /// Adds known characters (bytes as Latin-1).
    pub(super) fn known(&mut self, text: &str) {
        if let Some(shared) = self.shared.take() {
            self.known.push_str(&shared);
        }
        self.known.push_str(text);
    }

    /// Adds known characters of a text that exists: a loop that adds to a text would copy all its parts at each round.
    fn known_shared(&mut self, text: &Rc<str>) {
        if self.shared.is_some() || !self.known.is_empty() {
            self.known(text);
        } else if !text.is_empty() {
            self.shared = Some(Rc::clone(text));
        }
    }

    /// Length of the known characters since the last hole, in bytes.
    fn pending(&self) -> usize {
        self.shared.as_ref().map_or(self.known.len(), |text| text.len())
    }

    /// Adds an unknown stretch.
    pub(super) fn hole(&mut self, name: Rc<str>) {
        self.flush();
        let last = PartialText::MAX_PARTS - 1;
        if self.parts.len() < last {
            self.parts.push(Part::Hole(name));
        } else if self.parts.len() == last {
            self.parts.push(Part::Hole(Rc::from("…")));
        }
    }

    fn flush(&mut self) {
        let has_room = self.parts.len() < PartialText::MAX_PARTS - 1;
        if let Some(shared) = self.shared.take() {
            if has_room {
                self.parts.push(Part::Known(shared));
            }
        } else if !self.known.is_empty() {
            if has_room {
                self.parts.push(Part::Known(Rc::from(self.known.as_str())));
            }
            self.known.clear();
        }
    }

    /// Adds a piece of text.
    pub(super) fn part(&mut self, part: &Part) {
        match part {
            Part::Known(text) => self.known_shared(text),
            Part::Hole(name) => self.hole(Rc::clone(name)),
        }
    }

    /// Adds a value that stands in a text as it is: text, a partial text, or something unknown.  False if it is
    /// none of these, or known not to be text.
    pub(super) fn value(&mut self, cx: &mut FoldContext<'_>, value: &Value) -> bool {
        let before = self.origins.unwrap_or(OriginSet::EMPTY);
        self.origins = Some(cx.origins.union(before, value.origins));
        match &value.kind {
            Kind::Str(text) => self.known_shared(&text.shared()),
            Kind::Bytes(bytes) => self.known(&latin1_text(bytes)),
            Kind::ByteArray(_) => match super::args::bytes_like(cx, value) {
                Some(bytes) => self.known(&latin1_text(&bytes)),
                None => return false,
            },
            Kind::Partial(text) => {
                self.parts.reserve(text.parts.len() + 1);
                text.parts.iter().for_each(|p| self.part(p));
            }
            // A text with one alternative says more than a text with a hole.
            Kind::Choice(id) => match cx.heap.elements(*id).first().cloned() {
                Some(first) if !matches!(first.kind, Kind::Choice(_)) => return self.value(cx, &first),
                _ => self.hole(cx.hole_name(value)),
            },
            _ if is_open(value) => self.hole(cx.hole_name(value)),
            _ => return false,
        }
        self.pending() <= FoldContext::MAX_BYTES
    }

    /// The text, a constant if there is no hole in it.
    pub(super) fn finish(mut self, cx: &mut FoldContext<'_>, is_bytes: bool) -> Option<Value> {
        self.flush();
        let origins = self.origins.unwrap_or(OriginSet::EMPTY);
        let value = cx.make_text(PartialText { parts: self.parts, is_bytes })?;
        Some(value.with_origins(origins))
    }
}

/// Whether nothing says what a value is, so that it may be any text.
pub(super) const fn is_open(value: &Value) -> bool {
    matches!(value.kind, Kind::Unknown | Kind::External { .. } | Kind::Choice(_) | Kind::Instance(_))
}

/// What a value says about the type of a text it is part of.
fn is_bytes(value: &Value) -> Option<bool> {
    match &value.kind {
        Kind::Str(_) => Some(false),
        Kind::Bytes(_) | Kind::ByteArray(_) => Some(true),
        Kind::Partial(text) if text.parts.iter().any(|p| matches!(p, Part::Known(_))) => Some(text.is_bytes),
        Kind::Partial(text) if text.is_bytes => Some(true),
        _ => None,
    }
}

/// The type that all values agree on; `None` if they do not, or none of them is text.
fn common_type<'v>(values: impl Iterator<Item = &'v Value>) -> Option<bool> {
    let mut found = None;
    let mut is_textual = false;
    for value in values {
        is_textual |= matches!(value.kind, Kind::Partial(_));
        match (found, is_bytes(value)) {
            (Some(a), Some(b)) if a != b => return None,
            (None, Some(b)) => found = Some(b),
            _ => {}
        }
    }
    found.or_else(|| is_textual.then_some(false))
}

/// `left + right` where a part is not known.
pub(super) fn concat(cx: &mut FoldContext<'_>, left: &Value, right: &Value) -> Option<Value> {
    let is_bytes = common_type([left, right].into_iter())?;
    let mut builder = Builder::default();
    (builder.value(cx, left) && builder.value(cx, right)).then_some(())?;
    builder.finish(cx, is_bytes)
}

/// `separator.join(items)` where a part is not known.
pub(super) fn join(cx: &mut FoldContext<'_>, separator: &Value, items: &[Value]) -> Option<Value> {
    let is_bytes = common_type(items.iter().chain([separator]))?;
    let mut builder = Builder::default();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            builder.value(cx, separator).then_some(())?;
        }
        builder.value(cx, item).then_some(())?;
    }
    builder.finish(cx, is_bytes)
}

/// Methods of a partly known text: what is known stays known.
pub(super) fn fold_method(
    cx: &mut FoldContext<'_>,
    receiver: &Value,
    text: &PartialText,
    method: &str,
    args: &[Value],
) -> Option<Value> {
    let rest = Args::of(args);
    let mapped = match method {
        "lower" | "casefold" => map(text, |known| Some(unicode::lower(known)))?,
        "upper" => map(text, |known| Some(unicode::upper(known)))?,
        "strip" | "lstrip" | "rstrip" => strip(text, method, args)?,
        "replace" => {
            let [old, new] = rest.exactly()?;
            let (old, new) = (known_text(old, text.is_bytes)?, known_text(new, text.is_bytes)?);
            (!old.is_empty()).then_some(())?;
            map(text, |known| {
                let size = known.len().checked_mul(new.len().max(1))?;
                (size <= FoldContext::MAX_BYTES).then(|| known.replace(&old, &new))
            })?
        }
        "encode" | "decode" => recode(cx, text, args.first())?,
        "split" | "partition" => return cut_known(cx, receiver, text, method, args),
        "rsplit" | "rpartition" => return cut_known(cx, receiver, text, method, args),
        "startswith" => return starts_with(text, args),
        "endswith" => return ends_with(text, args),
        "format" if !text.is_bytes => return None,
        "join" => {
            let [items] = rest.exactly()?;
            let items = super::iterate(cx, items, FoldContext::MAX_ITEMS)?;
            return join(cx, receiver, &items);
        }
        "__str__" | "expanduser" => text.clone(),
        "__add__" => {
            let [other] = rest.exactly()?;
            return concat(cx, receiver, other);
        }
        _ => return None,
    };
    let mut origins = receiver.origins;
    for arg in args {
        origins = cx.origins.union(origins, arg.origins);
    }
    let mut builder = Builder::default();
    mapped.parts.iter().for_each(|p| builder.part(p));
    Some(builder.finish(cx, mapped.is_bytes)?.with_origins(origins))
}

/// The known text of an argument, bytes as Latin-1.
fn known_text(value: &Value, is_bytes: bool) -> Option<String> {
    match (&value.kind, is_bytes) {
        (Kind::Str(text), false) => Some(text.as_str().to_owned()),
        (Kind::Bytes(bytes), true) => Some(latin1_text(bytes)),
        _ => None,
    }
}

fn map(text: &PartialText, mut change: impl FnMut(&str) -> Option<String>) -> Option<PartialText> {
    let parts = text.parts.iter().map(|part| {
        Some(match part {
            Part::Known(known) => Part::Known(Rc::from(change(known)?)),
            Part::Hole(name) => Part::Hole(Rc::clone(name)),
        })
    });
    Some(PartialText { parts: parts.collect::<Option<_>>()?, is_bytes: text.is_bytes })
}

/// Strips the known ends; what a hole begins or ends with cannot be seen.
fn strip(text: &PartialText, method: &str, args: &[Value]) -> Option<PartialText> {
    let set = match given(args.first()) {
        Some(chars) => Some(known_text(chars, text.is_bytes)?),
        None => None,
    };
    let drop = |c: char| set.as_ref().map_or_else(|| unicode::is_space(c), |set| set.contains(c));
    let mut parts = text.parts.clone();
    if let (Some(Part::Known(first)), "strip" | "lstrip") = (parts.first_mut(), method) {
        *first = Rc::from(first.trim_start_matches(drop));
    }
    if let (Some(Part::Known(last)), "strip" | "rstrip") = (parts.last_mut(), method) {
        *last = Rc::from(last.trim_end_matches(drop));
    }
    Some(PartialText { parts, is_bytes: text.is_bytes })
}

/// Encodes or decodes the known parts with a codec that works character by character.
fn recode(cx: &mut FoldContext<'_>, text: &PartialText, codec: Option<&Value>) -> Option<PartialText> {
    let codec = codec.map_or(Some("utf-8"), Value::as_str)?.to_owned();
    let mut out = Vec::with_capacity(text.parts.len());
    for part in &text.parts {
        out.push(match part {
            Part::Hole(name) => Part::Hole(Rc::clone(name)),
            Part::Known(known) if text.is_bytes => {
                let bytes = latin1_bytes(known)?;
                Part::Known(Rc::from(codecs::decode_text(cx, &bytes, &codec, "ignore")?))
            }
            Part::Known(known) => {
                let bytes = codecs::encode_text(cx, known, &codec, "ignore")?;
                Part::Known(Rc::from(latin1_text(&bytes)))
            }
        });
    }
    Some(PartialText { parts: out, is_bytes: !text.is_bytes })
}

/// Splits once at a separator in the known beginning, or from the right in the known end.
fn cut_known(
    cx: &mut FoldContext<'_>,
    receiver: &Value,
    text: &PartialText,
    method: &str,
    args: &[Value],
) -> Option<Value> {
    let separator = known_text(args.first()?, text.is_bytes)?;
    // Splitting more than once would depend on what is in the holes.
    let wanted = if method.ends_with("split") { 2 } else { 1 };
    (args.len() == wanted && args.get(1).is_none_or(|n| n.as_int() == Some(1))).then_some(())?;
    let from_right = method.starts_with('r');
    let index = if from_right { text.parts.len().checked_sub(1)? } else { 0 };
    let Part::Known(known) = text.parts.get(index)? else { return None };
    (!separator.is_empty()).then_some(())?;
    let at = if from_right { known.rfind(&separator)? } else { known.find(&separator)? };
    let (head, tail) = (known.get(..at)?, known.get(at + separator.len()..)?);
    let (mut before, mut after) = (Builder::default(), Builder::default());
    text.parts.iter().take(index).for_each(|p| before.part(p));
    before.known(head);
    after.known(tail);
    text.parts.iter().skip(index + 1).for_each(|p| after.part(p));
    let mut pieces = vec![before.finish(cx, text.is_bytes)?];
    if wanted == 1 {
        let mut middle = Builder::default();
        middle.known(&separator);
        pieces.push(middle.finish(cx, text.is_bytes)?);
    }
    pieces.push(after.finish(cx, text.is_bytes)?);
    let pieces = pieces.into_iter().map(|p| p.with_origins(receiver.origins)).collect();
    if wanted == 1 { cx.make_tuple(pieces) } else { cx.make_list(pieces) }
}

fn starts_with(text: &PartialText, args: &[Value]) -> Option<Value> {
    let [prefix] = args else { return None };
    let prefix = known_text(prefix, text.is_bytes)?;
    let Part::Known(first) = text.parts.first()? else { return None };
    decide(first.starts_with(&prefix), !prefix.starts_with(&**first))
}

fn ends_with(text: &PartialText, args: &[Value]) -> Option<Value> {
    let [suffix] = args else { return None };
    let suffix = known_text(suffix, text.is_bytes)?;
    let Part::Known(last) = text.parts.last()? else { return None };
    decide(last.ends_with(&suffix), !suffix.ends_with(&**last))
}

fn decide(holds: bool, cannot_hold: bool) -> Option<Value> {
    if holds { Some(Value::bool(true)) } else { cannot_hold.then(|| Value::bool(false)) }
}

/// Whether a known text certainly stands in a partial one.
pub(super) fn contains(text: &PartialText, needle: &Value) -> Option<bool> {
    let needle = known_text(needle, text.is_bytes)?;
    text.parts.iter().any(|p| matches!(p, Part::Known(known) if known.contains(&needle))).then_some(true)
}
