//! Letter case and character classes of strings and bytes.

use super::args::Args;
use super::text::Text;
use super::{Flow, FoldContext, Row, unicode};
use crate::value::Value;

pub(super) const TABLE: &[Row] = &[
    ("str.lower", Flow::Shallow, lower),
    ("bytes.lower", Flow::Shallow, lower),
    ("string.lower", Flow::Shallow, lower),
    ("str.upper", Flow::Shallow, upper),
    ("bytes.upper", Flow::Shallow, upper),
    ("string.upper", Flow::Shallow, upper),
    ("str.swapcase", Flow::Decode, swapcase),
    ("bytes.swapcase", Flow::Decode, swapcase),
    ("str.title", Flow::Shallow, title),
    ("bytes.title", Flow::Shallow, title),
    ("str.capitalize", Flow::Shallow, capitalize),
    ("bytes.capitalize", Flow::Shallow, capitalize),
    ("string.capwords", Flow::Shallow, capwords),
    ("str.casefold", Flow::Shallow, casefold),
    ("str.isalpha", Flow::Shallow, isalpha),
    ("bytes.isalpha", Flow::Shallow, isalpha),
    ("str.isdigit", Flow::Shallow, isdigit),
    ("bytes.isdigit", Flow::Shallow, isdigit),
    ("str.isdecimal", Flow::Shallow, isdigit),
    ("str.isnumeric", Flow::Shallow, isdigit),
    ("str.isalnum", Flow::Shallow, isalnum),
    ("bytes.isalnum", Flow::Shallow, isalnum),
    ("str.isspace", Flow::Shallow, isspace),
    ("bytes.isspace", Flow::Shallow, isspace),
    ("str.isupper", Flow::Shallow, isupper),
    ("bytes.isupper", Flow::Shallow, isupper),
    ("str.islower", Flow::Shallow, islower),
    ("bytes.islower", Flow::Shallow, islower),
    ("str.istitle", Flow::Shallow, istitle),
    ("bytes.istitle", Flow::Shallow, istitle),
    ("str.isascii", Flow::Shallow, isascii),
    ("bytes.isascii", Flow::Shallow, isascii),
    ("str.isprintable", Flow::Shallow, isprintable),
    ("str.isidentifier", Flow::Shallow, isidentifier),
];

/// Applies a change to the characters of a string, or to those of bytes if it is told how ASCII does it.
fn change(
    cx: &mut FoldContext<'_>,
    args: Args<'_>,
    of_str: fn(&str) -> String,
    of_bytes: fn(&[u8]) -> Vec<u8>,
) -> Option<Value> {
    let [text] = args.exactly()?;
    let text = Text::of(cx, text)?;
    cx.work(text.data.len() * 8)?;
    match text.as_str() {
        Some(s) => cx.make_str(of_str(s)),
        None => text.make(cx, of_bytes(&text.data)),
    }
}

fn lower(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    change(cx, args, unicode::lower, <[u8]>::to_ascii_lowercase)
}

fn upper(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    change(cx, args, unicode::upper, <[u8]>::to_ascii_uppercase)
}

fn swapcase(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let of_str = |s: &str| {
        let mut out = String::with_capacity(s.len());
        for (c, lower) in unicode::lower_in_place(s) {
            match (c.is_uppercase(), c.is_lowercase()) {
                (true, _) => out.push_str(&lower),
                (_, true) => out.extend(c.to_uppercase()),
                _ => out.push(c),
            }
        }
        out
    };
    change(cx, args, of_str, |bytes| {
        let swap =
            |b: &u8| if b.is_ascii_uppercase() { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() };
        bytes.iter().map(swap).collect()
    })
}

fn title(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    change(cx, args, title_str, |bytes| {
        let mut in_word = false;
        let step = |b: &u8| {
            let out = if in_word { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() };
            in_word = b.is_ascii_alphabetic();
            out
        };
        bytes.iter().map(step).collect()
    })
}

fn title_str(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_word = false;
    for (c, lower) in unicode::lower_in_place(text) {
        if in_word {
            out.push_str(&lower);
        } else {
            out.push_str(&unicode::title(c));
        }
        in_word = unicode::is_cased(c);
    }
    out
}

fn capitalize(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    change(cx, args, capitalize_str, |bytes| {
        let mut out = bytes.to_ascii_lowercase();
        if let Some(first) = out.first_mut() {
            first.make_ascii_uppercase();
        }
        out
    })
}

fn capitalize_str(text: &str) -> String {
    let mut pairs = unicode::lower_in_place(text);
    let first = pairs.next().map_or_else(String::new, |(c, _)| unicode::title(c));
    pairs.fold(first, |out, (_, lower)| out + &lower)
}

fn capwords(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let words: Vec<String> =
        text.as_str()?.split(unicode::is_space).filter(|w| !w.is_empty()).map(capitalize_str).collect();
    cx.make_str(words.join(" "))
}

fn casefold(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let folded = unicode::casefold(text.as_str()?);
    cx.make_str(folded)
}

/// Whether every byte of a text passes, and there is one.  Characters beyond ASCII are not decided: the tables of
/// categories differ between versions of Unicode.
fn every(cx: &mut FoldContext<'_>, args: Args<'_>, test: fn(u8) -> bool) -> Option<Value> {
    let [text] = args.exactly()?;
    let text = Text::of(cx, text)?;
    if text.data.is_empty() || text.data.iter().any(|b| !test(*b) && (b.is_ascii() || !text.is_str())) {
        return Some(Value::bool(false));
    }
    (!text.is_str() || text.data.is_ascii()).then(|| Value::bool(true))
}

fn isalpha(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    every(cx, args, |b| b.is_ascii_alphabetic())
}

fn isdigit(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    every(cx, args, |b| b.is_ascii_digit())
}

fn isalnum(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    every(cx, args, |b| b.is_ascii_alphanumeric())
}

fn isspace(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    match text.as_str() {
        Some(s) => Some(Value::bool(!s.is_empty() && s.chars().all(unicode::is_space))),
        None => every(cx, args, |b| matches!(b, b'\t'..=b'\r' | b' ')),
    }
}

/// Whether there is a letter of one case and none of the other.
fn cased(
    cx: &mut FoldContext<'_>,
    args: Args<'_>,
    good: fn(char) -> bool,
    bad: fn(char) -> bool,
) -> Option<Value> {
    let [text] = args.exactly()?;
    let text = Text::of(cx, text)?;
    let (some, none) = match text.as_str() {
        Some(s) => (s.chars().any(good), !s.chars().any(bad)),
        None => {
            let ascii =
                |test: fn(char) -> bool| text.data.iter().any(|b| b.is_ascii() && test(char::from(*b)));
            (ascii(good), !ascii(bad))
        }
    };
    Some(Value::bool(some && none))
}

fn isupper(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    cased(cx, args, char::is_uppercase, char::is_lowercase)
}

fn islower(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    cased(cx, args, char::is_lowercase, char::is_uppercase)
}

fn istitle(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let text = Text::of(cx, text)?;
    if text.is_str() && !text.data.is_ascii() {
        return None;
    }
    let (mut in_word, mut some) = (false, false);
    for byte in text.data.iter() {
        if byte.is_ascii_alphabetic() {
            if byte.is_ascii_uppercase() == in_word {
                return Some(Value::bool(false));
            }
            some = true;
        }
        in_word = byte.is_ascii_alphabetic();
    }
    Some(Value::bool(some))
}

fn isascii(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    Some(Value::bool(Text::of(cx, text)?.data.is_ascii()))
}

fn isprintable(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    Some(Value::bool(text.as_str()?.chars().all(unicode::is_printable)))
}

fn isidentifier(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let text = text.as_str().filter(|s| s.is_ascii())?;
    let start = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    Some(Value::bool(start && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')))
}
