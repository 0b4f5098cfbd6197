//! `%` formatting of strings and bytes.

use num_traits::Signed;

use super::args::{big_of, bytes_like};
use super::context::latin1_text;
use super::numbers::Number;
use super::partial::{Builder, is_open};
use super::spec::{self, Spec};
use super::{FoldContext, integers, number_calls, open_repr, render};
use crate::value::{Kind, Value};

/// One conversion specifier.
#[derive(Debug, Default)]
struct Specifier {
    key: Option<String>,
    flags: String,
    width: Option<usize>,
    precision: Option<usize>,
    kind: char,
}

/// The values a template consumes.
struct Source<'a> {
    right: &'a Value,
    items: Vec<Value>,
    next: usize,
    by_key: bool,
}

impl Source<'_> {
    fn take(&mut self) -> Option<Value> {
        let value = self.items.get(self.next).cloned();
        self.next += 1;
        value
    }
}

/// Folds `template % values`.
pub(super) fn fold(cx: &mut FoldContext<'_>, template: &Value, right: &Value) -> Option<Value> {
    let (text, is_bytes) = match &template.kind {
        Kind::Str(text) => (text.as_str().to_owned(), false),
        Kind::Bytes(bytes) => (latin1_text(bytes), true),
        _ => return None,
    };
    cx.work(text.len())?;
    let items = match right.kind {
        Kind::Tuple(id) => cx.heap.elements(id).to_vec(),
        // Something unknown may be a tuple of any length; with one field it is most likely the value.
        _ => vec![right.clone()],
    };
    let mut source = Source { right, items, next: 0, by_key: false };
    let mut builder = Builder::default();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('%') {
        builder.known(rest.get(..at)?);
        let (specifier, after) = parse(&mut source, rest.get(at + 1..)?)?;
        if specifier.kind == '%' {
            (specifier.width.is_none() && specifier.precision.is_none() && specifier.flags.is_empty())
                .then_some(())?;
            builder.known("%");
        } else {
            let value = match &specifier.key {
                Some(key) => look_up(cx, &mut source, key, is_bytes)?,
                None => source.take()?,
            };
            push(cx, &mut builder, &specifier, &value, is_bytes)?;
        }
        rest = after;
        cx.work(64)?;
    }
    builder.known(rest);
    let is_mapping = matches!(right.kind, Kind::Dict(_)) && (source.by_key || source.next == 0);
    if !is_mapping && source.next < source.items.len() && !source.by_key {
        return None;
    }
    let origins = cx.origins_of(&[template.clone(), right.clone()]);
    Some(builder.finish(cx, is_bytes)?.with_origins(origins))
}

fn look_up(cx: &mut FoldContext<'_>, source: &mut Source<'_>, key: &str, is_bytes: bool) -> Option<Value> {
    source.by_key = true;
    if is_open(source.right) {
        return Some(source.right.clone());
    }
    let Kind::Dict(id) = source.right.kind else { return None };
    let key = if is_bytes { Value::bytes(super::context::latin1_bytes(key)?) } else { Value::str(key) };
    let key = cx.heap.key_of(&key)?;
    cx.heap.dict_get(id, &key).cloned()
}

/// Reads one specifier after its `%`; gives what follows it.
fn parse<'t>(source: &mut Source<'_>, text: &'t str) -> Option<(Specifier, &'t str)> {
    let mut specifier = Specifier::default();
    let mut rest = text;
    if let Some(inner) = rest.strip_prefix('(') {
        let mut depth = 1u32;
        let close = inner.char_indices().find(|(_, c)| {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let (close, _) = close?;
        specifier.key = Some(inner.get(..close)?.to_owned());
        rest = inner.get(close + 1..)?;
    }
    let flags = rest.len() - rest.trim_start_matches(['#', '0', '-', ' ', '+']).len();
    specifier.flags = rest.get(..flags)?.to_owned();
    rest = rest.get(flags..)?;
    (specifier.width, rest) = size(source, &mut specifier.flags, rest)?;
    if let Some(inner) = rest.strip_prefix('.') {
        let mut ignored = String::new();
        let (precision, after) = size(source, &mut ignored, inner)?;
        specifier.precision = Some(precision.unwrap_or(0));
        rest = after;
    }
    rest = rest.strip_prefix(['h', 'l', 'L']).unwrap_or(rest);
    specifier.kind = rest.chars().next()?;
    let after = rest.get(specifier.kind.len_utf8()..)?;
    Some((specifier, after))
}

/// A width or precision: digits, or `*` for an argument, which may be negative to align left.
fn size<'t>(source: &mut Source<'_>, flags: &mut String, text: &'t str) -> Option<(Option<usize>, &'t str)> {
    if let Some(rest) = text.strip_prefix('*') {
        let value = source.take()?.as_int()?;
        if value < 0 {
            flags.push('-');
        }
        let size = usize::try_from(value.unsigned_abs()).ok().filter(|n| *n <= 1 << 20)?;
        return Some((Some(size), rest));
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    let size = if digits.is_empty() { None } else { Some(spec::parse_size(digits)?) };
    Some((size, rest))
}

fn push(
    cx: &mut FoldContext<'_>,
    builder: &mut Builder,
    specifier: &Specifier,
    value: &Value,
    is_bytes: bool,
) -> Option<()> {
    if matches!(value.kind, Kind::Partial(_) | Kind::Choice(_)) && specifier.kind == 's' {
        builder.value(cx, value);
        return Some(());
    }
    match convert(cx, specifier, value, is_bytes) {
        Some(text) => {
            cx.afford(text.len())?;
            builder.known(&text);
        }
        None if is_container(value) && specifier.width.is_none() && matches!(specifier.kind, 's' | 'r') => {
            open_repr::write_open(cx, value, 0, builder)?;
        }
        None if is_open(value) || matches!(value.kind, Kind::Partial(_)) => builder.hole(cx.hole_name(value)),
        None if !value.is_scalar() && specifier.kind == 's' => builder.hole(cx.hole_name(value)),
        None => return None,
    }
    Some(())
}

const fn is_container(value: &Value) -> bool {
    matches!(value.kind, Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_))
}

fn convert(cx: &mut FoldContext<'_>, specifier: &Specifier, value: &Value, is_bytes: bool) -> Option<String> {
    match specifier.kind {
        's' | 'b' if is_bytes => {
            let bytes = bytes_like(cx, value)?.into_owned();
            Some(pad_text(specifier, &latin1_text(&bytes)))
        }
        's' => {
            let text = render::render_constant(cx, value)?;
            Some(pad_text(specifier, &text))
        }
        'r' | 'a' => {
            let text = render::render_repr(cx, value)?;
            let is_ascii = specifier.kind == 'a' || is_bytes;
            Some(pad_text(specifier, &if is_ascii { render::escape_non_ascii(&text) } else { text }))
        }
        'c' => {
            let c = match (value.as_str(), value.as_int()) {
                (Some(text), _) if !is_bytes && text.chars().count() == 1 => text.to_owned(),
                (_, Some(code)) if is_bytes => char::from(u8::try_from(code).ok()?).to_string(),
                (_, Some(code)) => char::from_u32(u32::try_from(code).ok()?)?.to_string(),
                _ => match &*bytes_like(cx, value)? {
                    [byte] if is_bytes => char::from(*byte).to_string(),
                    _ => return None,
                },
            };
            Some(pad_text(
                &Specifier {
                    precision: None,
                    flags: specifier.flags.clone(),
                    width: specifier.width,
                    ..Specifier::default()
                },
                &c,
            ))
        }
        'd' | 'i' | 'u' | 'o' | 'x' | 'X' => integer(cx, specifier, value),
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
            let float = Number::of(value)?.to_float()?;
            let precision = Some(specifier.precision.unwrap_or(6));
            let spec = number_spec(specifier, precision, Some(specifier.kind));
            spec::apply_number(cx, &spec, &Number::Float(float))
        }
        _ => None,
    }
}

fn pad_text(specifier: &Specifier, text: &str) -> String {
    let cut: String = match specifier.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    let padding = " ".repeat(specifier.width.unwrap_or(0).saturating_sub(cut.chars().count()));
    if specifier.flags.contains('-') { cut + &padding } else { padding + &cut }
}

fn number_spec(specifier: &Specifier, precision: Option<usize>, kind: Option<char>) -> Spec {
    let has = |flag| specifier.flags.contains(flag);
    Spec {
        sign: if has('+') { Some('+') } else { has(' ').then_some(' ') },
        alternate: has('#'),
        align: has('-').then_some('<'),
        zero: has('0') && !has('-'),
        width: specifier.width.unwrap_or(0),
        precision,
        kind,
        ..Spec::default()
    }
}

fn integer(cx: &mut FoldContext<'_>, specifier: &Specifier, value: &Value) -> Option<String> {
    let value = match (&value.kind, specifier.kind) {
        (Kind::Float(f), 'd' | 'i' | 'u') => number_calls::float_to_int(*f)?,
        _ => big_of(value)?,
    };
    let kind = if matches!(specifier.kind, 'i' | 'u') { 'd' } else { specifier.kind };
    let Some(precision) = specifier.precision else {
        return spec::apply_number(cx, &number_spec(specifier, None, Some(kind)), &Number::Int(value));
    };
    // A precision is the least number of digits.
    let (radix, prefix) = match kind {
        'o' => (8, "0o"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let digits = integers::digits(cx, &value.abs(), radix)?;
    let digits = if kind == 'X' { digits.to_uppercase() } else { digits };
    let has = |flag| specifier.flags.contains(flag);
    let sign = match (value.is_negative(), has('+'), has(' ')) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    let prefix = if has('#') { prefix } else { "" };
    let least = if has('0') && !has('-') {
        precision.max(specifier.width.unwrap_or(0).saturating_sub(sign.len() + prefix.len()))
    } else {
        precision
    };
    let zeros = "0".repeat(least.saturating_sub(digits.len()));
    let text = format!("{sign}{prefix}{zeros}{digits}");
    let padding = " ".repeat(specifier.width.unwrap_or(0).saturating_sub(text.len()));
    Some(if has('-') { text + &padding } else { padding + &text })
}
