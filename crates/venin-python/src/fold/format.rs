//! Formatting: f-string pieces, `str.format`, `format`, `str`, `repr`.

use std::rc::Rc;

use super::args::{Args, str_or};
use super::partial::{Builder, is_open};
use super::{Flow, FoldContext, Row, codecs, open_repr, render, spec};
use crate::value::{Kind, Value};

pub(super) const TABLE: &[Row] = &[
    ("str", Flow::Join, str_call),
    ("unicode", Flow::Join, str_call),
    ("repr", Flow::Join, repr),
    ("ascii", Flow::Join, ascii),
    ("format", Flow::Join, format_call),
    ("str.format", Flow::Own, str_format),
    ("str.format_map", Flow::Own, str_format_map),
];

/// Folds one replacement field of an f-string: `{value!conversion:spec}`.  Something unknown becomes a text
/// with one hole; `None` where CPython raises or a budget ends.
pub fn fold_format(
    cx: &mut FoldContext<'_>,
    value: &Value,
    conversion: Option<char>,
    spec: &str,
) -> Option<Value> {
    let mut builder = Builder::default();
    push_formatted(cx, &mut builder, value, conversion, spec)?;
    let origins = cx.origins_of(std::slice::from_ref(value));
    Some(builder.finish(cx, false)?.with_origins(origins))
}

/// Puts the pieces of an f-string together.  Pieces that are not text become holes.
pub fn join_text(cx: &mut FoldContext<'_>, pieces: &[Value]) -> Value {
    let mut builder = Builder::default();
    for piece in pieces {
        if !builder.value(cx, piece) {
            builder.hole(cx.hole_name(piece));
        }
    }
    builder.finish(cx, false).unwrap_or_else(Value::unknown)
}

/// Adds a formatted value to a text.
fn push_formatted(
    cx: &mut FoldContext<'_>,
    builder: &mut Builder,
    value: &Value,
    conversion: Option<char>,
    spec: &str,
) -> Option<()> {
    match (&value.kind, conversion) {
        (Kind::Partial(text), None | Some('s')) if !text.is_bytes => {
            text.parts.iter().for_each(|p| builder.part(p));
            return Some(());
        }
        _ => {}
    }
    let converted = match conversion {
        None => spec::apply(cx, value, spec),
        Some('s') => convert(cx, value, spec, render::render_constant),
        Some('r') => convert(cx, value, spec, render::render_repr),
        Some('a') => {
            convert(cx, value, spec, |cx, v| Some(render::escape_non_ascii(&render::render_repr(cx, v)?)))
        }
        Some(_) => return None,
    };
    match converted {
        Some(text) => {
            cx.afford(text.len())?;
            builder.known(&text);
        }
        None if matches!(value.kind, Kind::Choice(_)) => {
            builder.value(cx, value);
        }
        None if is_container(value) && spec.is_empty() => {
            open_repr::write_open(cx, value, 0, builder)?;
        }
        None if is_open(value) || !value.is_scalar() => builder.hole(cx.hole_name(value)),
        None => return None,
    }
    Some(())
}

const fn is_container(value: &Value) -> bool {
    matches!(value.kind, Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_))
}

fn convert(
    cx: &mut FoldContext<'_>,
    value: &Value,
    spec: &str,
    render: fn(&mut FoldContext<'_>, &Value) -> Option<String>,
) -> Option<String> {
    let text = render(cx, value)?;
    if spec.is_empty() { Some(text) } else { spec::apply(cx, &Value::str(text), spec) }
}

fn str_call(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value, encoding, errors] = args.bind(cx, ["object", "encoding", "errors"])?;
    let Some(value) = value else { return Some(Value::str("")) };
    if encoding.is_some() || errors.is_some() {
        return codecs::decode_value(cx, value, str_or(encoding, "utf-8")?, str_or(errors, "strict")?);
    }
    if let Kind::Partial(text) = &value.kind {
        return (!text.is_bytes).then(|| value.clone());
    }
    if let Kind::Str(_) = value.kind {
        return Some(value.clone());
    }
    match render::render_constant(cx, value) {
        Some(text) => cx.make_str(text),
        None => open_repr::render_open(cx, value),
    }
}

fn repr(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    match render::render_repr(cx, value) {
        Some(text) => cx.make_str(text),
        None => open_repr::render_open(cx, value),
    }
}

fn ascii(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    let text = render::render_repr(cx, value)?;
    cx.make_str(render::escape_non_ascii(&text))
}

fn format_call(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value, spec] = args.bind(cx, [""; 2])?;
    fold_format(cx, value?, None, str_or(spec, "")?)
}

fn str_format(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let (template, rest) = args.receiver()?;
    let named = |cx: &FoldContext<'_>, name: &str| {
        rest.keywords.iter().find(|(k, _)| cx.symbols.as_str(*k) == name).map(|(_, v)| v.clone())
    };
    Formatter { positional: rest.values, named: &named, next: 0, numbered: false }.run(cx, template)
}

fn str_format_map(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [template, mapping] = args.exactly()?;
    let Kind::Dict(id) = mapping.kind else { return None };
    let named = |cx: &FoldContext<'_>, name: &str| {
        let key = cx.heap.key_of(&Value::str(name))?;
        cx.heap.dict_get(id, &key).cloned()
    };
    Formatter { positional: &[], named: &named, next: 0, numbered: false }.run(cx, template)
}

/// Looks up a named field.
type Lookup<'a> = &'a dyn Fn(&FoldContext<'_>, &str) -> Option<Value>;

/// One run of `str.format`.
struct Formatter<'a> {
    positional: &'a [Value],
    named: Lookup<'a>,
    next: usize,
    /// Whether a field was chosen by number; fields without one are then refused.
    numbered: bool,
}

impl Formatter<'_> {
    fn run(&mut self, cx: &mut FoldContext<'_>, template: &Value) -> Option<Value> {
        let text = template.as_str()?;
        let mut used = vec![template.clone()];
        let mut builder = Builder::default();
        self.expand(cx, text, 0, &mut builder, &mut used)?;
        let origins = cx.origins_of(&used);
        Some(builder.finish(cx, false)?.with_origins(origins))
    }

    fn expand(
        &mut self,
        cx: &mut FoldContext<'_>,
        text: &str,
        depth: u8,
        builder: &mut Builder,
        used: &mut Vec<Value>,
    ) -> Option<()> {
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            builder.known(rest.get(..at)?);
            let brace = rest.get(at..=at)?;
            let after = rest.get(at + 1..)?;
            if after.starts_with(brace) {
                builder.known(brace);
                rest = after.get(1..)?;
                continue;
            }
            // A single closing brace is an error, and so is nesting beyond a specification's fields.
            if brace == "}" || depth > 1 {
                return None;
            }
            let end = field_end(after)?;
            self.field(cx, after.get(..end)?, depth, builder, used)?;
            rest = after.get(end + 1..)?;
            cx.work(64)?;
        }
        builder.known(rest);
        Some(())
    }

    fn field(
        &mut self,
        cx: &mut FoldContext<'_>,
        field: &str,
        depth: u8,
        builder: &mut Builder,
        used: &mut Vec<Value>,
    ) -> Option<()> {
        let mut bracket = 0u32;
        let split = field.char_indices().find(|(_, c)| {
            match c {
                '[' => bracket += 1,
                ']' => bracket = bracket.saturating_sub(1),
                _ => {}
            }
            bracket == 0 && matches!(c, '!' | ':')
        });
        let name_end = split.map_or(field.len(), |(at, _)| at);
        let tail = field.get(name_end..)?;
        let (conversion, spec) = match tail.strip_prefix('!') {
            Some(tail) => {
                let mut chars = tail.chars();
                let conversion = chars.next()?;
                let rest = chars.as_str();
                let spec = if rest.is_empty() { "" } else { rest.strip_prefix(':')? };
                (Some(conversion), spec)
            }
            None => (None, tail.strip_prefix(':').unwrap_or("")),
        };
        let value = self.resolve(cx, field.get(..name_end)?)?;
        let spec: Rc<str> = if spec.contains(['{', '}']) {
            let mut inner = Builder::default();
            self.expand(cx, spec, depth + 1, &mut inner, used)?;
            Rc::from(inner.finish(cx, false)?.as_str()?)
        } else {
            Rc::from(spec)
        };
        push_formatted(cx, builder, &value, conversion, &spec)?;
        used.push(value);
        Some(())
    }

    /// The value of `name.attribute[index]`.
    fn resolve(&mut self, cx: &mut FoldContext<'_>, name: &str) -> Option<Value> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let first = name.get(..end)?;
        let mut value = if first.is_empty() {
            let at = self.next;
            self.next += 1;
            (!self.numbered).then_some(())?;
            self.positional.get(at)?.clone()
        } else if first.bytes().all(|b| b.is_ascii_digit()) {
            self.numbered = true;
            (self.next == 0).then_some(())?;
            self.positional.get(first.parse::<usize>().ok()?)?.clone()
        } else {
            (self.named)(cx, first)?
        };
        let mut rest = name.get(end..)?;
        while !rest.is_empty() {
            let inner = rest.strip_prefix('[')?;
            let close = inner.find(']')?;
            let key = inner.get(..close)?;
            let index = key.parse::<i64>().map_or_else(|_| Value::str(key), Value::int);
            value = super::fold_subscript(cx, &value, &index)?;
            rest = inner.get(close + 1..)?;
        }
        Some(value)
    }
}

/// Where the brace closes that was opened before this text.
fn field_end(text: &str) -> Option<usize> {
    let mut depth = 0u32;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}
