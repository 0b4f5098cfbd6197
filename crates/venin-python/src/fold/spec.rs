//! The format specification mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.

use num_bigint::BigInt;
use num_traits::Signed;

use super::float_text::{self, Zeros};
use super::numbers::Number;
use super::{FoldContext, integers};
use crate::value::{Kind, Value};

/// A parsed specification.
#[derive(Debug, Clone, Default)]
pub(super) struct Spec {
    pub(super) fill: Option<char>,
    pub(super) align: Option<char>,
    pub(super) sign: Option<char>,
    pub(super) no_negative_zero: bool,
    pub(super) alternate: bool,
    pub(super) zero: bool,
    pub(super) width: usize,
    pub(super) grouping: Option<char>,
    pub(super) precision: Option<usize>,
    pub(super) kind: Option<char>,
}

impl Spec {
    /// Parses a specification; `None` if CPython would refuse it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut spec = Self::default();
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        let is_align = |c: Option<&char>| matches!(c, Some('<' | '>' | '=' | '^'));
        if is_align(chars.get(1)) {
            spec.fill = chars.first().copied();
            spec.align = chars.get(1).copied();
            at = 2;
        } else if is_align(chars.first()) {
            spec.align = chars.first().copied();
            at = 1;
        }
        let take = |at: &mut usize, test: &dyn Fn(char) -> bool| {
            let c = chars.get(*at).copied().filter(|c| test(*c));
            *at += usize::from(c.is_some());
            c
        };
        spec.sign = take(&mut at, &|c| matches!(c, '+' | '-' | ' '));
        spec.no_negative_zero = take(&mut at, &|c| c == 'z').is_some();
        spec.alternate = take(&mut at, &|c| c == '#').is_some();
        spec.zero = spec.fill.is_none() && take(&mut at, &|c| c == '0').is_some();
        let mut digits = String::new();
        while let Some(c) = take(&mut at, &|c| c.is_ascii_digit()) {
            digits.push(c);
        }
        spec.width = parse_size(&digits)?;
        spec.grouping = take(&mut at, &|c| matches!(c, ',' | '_'));
        if take(&mut at, &|c| c == '.').is_some() {
            digits.clear();
            while let Some(c) = take(&mut at, &|c| c.is_ascii_digit()) {
                digits.push(c);
            }
            (!digits.is_empty()).then_some(())?;
            spec.precision = Some(parse_size(&digits)?);
        }
        spec.kind = take(&mut at, &|_| true);
        (at == chars.len()).then_some(spec)
    }
}

/// A width or precision; a large one is refused before anything of that size is made.
pub(super) fn parse_size(digits: &str) -> Option<usize> {
    if digits.is_empty() {
        return Some(0);
    }
    digits.parse().ok().filter(|n| *n <= 1 << 20)
}

/// `format(value, spec)` of a constant.
pub(super) fn apply(cx: &mut FoldContext<'_>, value: &Value, text: &str) -> Option<String> {
    if text.is_empty() {
        return super::render_constant(cx, value);
    }
    let spec = Spec::parse(text)?;
    cx.work(spec.width)?;
    match &value.kind {
        Kind::Str(s) => apply_str(&spec, s.as_str()),
        Kind::Int(_) | Kind::Big(_) | Kind::Bool(_) => apply_int(cx, &spec, &super::args::big_of(value)?),
        Kind::Float(f) => apply_float(&spec, *f),
        _ => None,
    }
}

fn apply_str(spec: &Spec, text: &str) -> Option<String> {
    let refused = spec.sign.is_some()
        || spec.alternate
        || spec.grouping.is_some()
        || spec.no_negative_zero
        || spec.align == Some('=')
        || !matches!(spec.kind, None | Some('s'));
    if refused {
        return None;
    }
    let cut: String = match spec.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    // A zero before the width fills with zeros; strings stay at the left.
    let fill = spec.fill.unwrap_or(if spec.zero { '0' } else { ' ' });
    Some(pad(&cut, spec.width, fill, spec.align.unwrap_or('<')))
}

fn pad(text: &str, width: usize, fill: char, align: char) -> String {
    let padding = width.saturating_sub(text.chars().count());
    let left = match align {
        '<' => 0,
        '^' => padding / 2,
        _ => padding,
    };
    let mut out = String::with_capacity(text.len() + padding * fill.len_utf8());
    out.extend(std::iter::repeat_n(fill, left));
    out.push_str(text);
    out.extend(std::iter::repeat_n(fill, padding - left));
    out
}

/// Puts sign, prefix and digits together.
fn pad_number(spec: &Spec, negative: bool, prefix: &str, digits: &str, group: usize) -> String {
    let sign = match (negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    };
    let split = digits.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(digits.len());
    let exponent = if group == 3 { digits.find(['e', 'E']).unwrap_or(split) } else { split };
    let (whole, rest) = digits.split_at_checked(split.min(exponent)).unwrap_or((digits, ""));
    let fill = spec.fill.unwrap_or(if spec.zero { '0' } else { ' ' });
    let align = spec.align.unwrap_or(if spec.zero { '=' } else { '>' });
    let zero_fill = align == '=' && fill == '0';
    let head = sign.len() + prefix.len();
    let whole = match spec.grouping {
        Some(separator) => {
            let least = if zero_fill { spec.width.saturating_sub(head + rest.len()) } else { 0 };
            group_digits(whole, separator, group, least)
        }
        None => whole.to_owned(),
    };
    let body = format!("{whole}{rest}");
    if align == '=' {
        let padding = spec.width.saturating_sub(head + body.chars().count());
        let fill: String = std::iter::repeat_n(fill, padding).collect();
        format!("{sign}{prefix}{fill}{body}")
    } else {
        pad(&format!("{sign}{prefix}{body}"), spec.width, fill, align)
    }
}

/// Separates digits into groups from the right, adding zeros up to a length.
fn group_digits(digits: &str, separator: char, group: usize, least: usize) -> String {
    let mut digits = digits.to_owned();
    let grouped_len = |n: usize| n + n.saturating_sub(1) / group;
    while grouped_len(digits.len()) < least {
        digits.insert(0, '0');
        if digits.len() > 4096 {
            break;
        }
    }
    let mut out = String::with_capacity(digits.len() * 2);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(group) {
            out.push(separator);
        }
        out.push(c);
    }
    out
}

fn apply_int(cx: &mut FoldContext<'_>, spec: &Spec, value: &BigInt) -> Option<String> {
    if spec.kind == Some('n') && spec.grouping.is_some() {
        return None;
    }
    let (radix, prefix) = match spec.kind {
        None | Some('d' | 'n') => (10, ""),
        Some('b') => (2, "0b"),
        Some('o') => (8, "0o"),
        Some('x') => (16, "0x"),
        Some('X') => (16, "0X"),
        Some('c') => {
            let c = char::from_u32(u32::try_from(value).ok()?)?;
            let refused = spec.sign.is_some()
                || spec.alternate
                || spec.grouping.is_some()
                || spec.precision.is_some()
                || spec.no_negative_zero;
            let zero = if spec.zero { '0' } else { ' ' };
            let align = spec.align.unwrap_or('>');
            return (!refused).then(|| pad(&c.to_string(), spec.width, spec.fill.unwrap_or(zero), align));
        }
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
            return apply_float(spec, integers::to_float(value)?);
        }
        Some(_) => return None,
    };
    if spec.precision.is_some() || spec.no_negative_zero || (spec.grouping == Some(',') && radix != 10) {
        return None;
    }
    let digits = integers::digits(cx, &value.abs(), radix)?;
    let digits = if spec.kind == Some('X') { digits.to_uppercase() } else { digits };
    let prefix = if spec.alternate { prefix } else { "" };
    let group = if radix == 10 { 3 } else { 4 };
    Some(pad_number(spec, value.is_negative(), prefix, &digits, group))
}

fn apply_float(spec: &Spec, value: f64) -> Option<String> {
    let precision = spec.precision.unwrap_or(6);
    // The digits of a float end somewhere; beyond that the precision only adds zeros.
    if precision > 1200 || (spec.kind == Some('n') && spec.grouping.is_some()) {
        return None;
    }
    let upper = matches!(spec.kind, Some('E' | 'F' | 'G'));
    let zeros = if spec.alternate { Zeros::Keep } else { Zeros::Drop };
    let text = match float_text::special(value) {
        Some(text) => {
            let percent = if spec.kind == Some('%') { "%" } else { "" };
            format!("{}{percent}", text.trim_start_matches('-'))
        }
        None => match spec.kind {
            Some('f' | 'F') => float_text::fixed(value, precision),
            Some('e' | 'E') => float_text::exponential(value, precision),
            Some('g' | 'G' | 'n') => float_text::general(value, precision, zeros, None),
            Some('%') => float_text::fixed(value * 100.0, precision) + "%",
            None => match spec.precision {
                None => float_text::shortest_general(value),
                Some(precision) => general_with_point(value, precision, zeros),
            },
            Some(_) => return None,
        },
    };
    let text = match (spec.alternate, spec.kind) {
        (true, _) if !text.contains('.') && value.is_finite() => add_point(&text),
        _ => text,
    };
    let text = if upper { text.to_uppercase() } else { text };
    let is_zero = !text.bytes().any(|b| matches!(b, b'1'..=b'9' | b'a'..=b'd' | b'i' | b'n'));
    let negative = value.is_sign_negative() && !value.is_nan() && !(spec.no_negative_zero && is_zero);
    Some(pad_number(spec, negative, "", &text, 3))
}

/// A precision without a type: like `g`, but with a digit after the point.
fn general_with_point(value: f64, precision: usize, zeros: Zeros) -> String {
    let precision = precision.max(1);
    let text = float_text::general(value, precision, zeros, Some(precision as i32 - 1));
    if text.contains(['.', 'e']) { text } else { text + ".0" }
}

fn add_point(text: &str) -> String {
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (head, tail) = text.split_at_checked(at).unwrap_or((text, ""));
    format!("{head}.{tail}")
}

/// Formats a number as `%` formatting does, whose flags are a subset of the specification's.
pub(super) fn apply_number(cx: &mut FoldContext<'_>, spec: &Spec, value: &Number) -> Option<String> {
    match value {
        Number::Int(i) => apply_int(cx, spec, i),
        Number::Float(f) => apply_float(spec, *f),
    }
}
