//! The `html` module.

use super::args::Args;
use super::{Flow, FoldContext, Row};
use crate::value::Value;

pub(super) const TABLE: &[Row] = &[
    ("html.unescape", Flow::Decode, unescape),
    ("html.escape", Flow::Shallow, escape),
    ("xml.sax.saxutils.unescape", Flow::Decode, unescape_basic),
];

/// Named references that are folded; a text with any other is left alone.
const NAMES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("copy", '\u{a9}'),
    ("colon", ':'),
    ("sol", '/'),
    ("period", '.'),
    ("lpar", '('),
    ("rpar", ')'),
    ("lowbar", '_'),
    ("comma", ','),
    ("num", '#'),
    ("equals", '='),
    ("NewLine", '\n'),
    ("Tab", '\t'),
];

fn unescape(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let text = text.as_str()?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at)?);
        rest = rest.get(at + 1..)?;
        if let Some(number) = rest.strip_prefix('#') {
            let (radix, digits) = match number.strip_prefix(['x', 'X']) {
                Some(digits) => (16, digits),
                None => (10, number),
            };
            let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
            if end == 0 {
                out.push('&');
                continue;
            }
            let code = u32::from_str_radix(digits.get(..end)?, radix).ok()?;
            // The control characters are mapped by a table of their own.
            (!matches!(code, 0 | 0x80..=0x9F | 0xD800..=0xDFFF) && (code >= 32 || matches!(code, 9 | 10)))
                .then_some(())?;
            (code != 127 && code & 0xFFFE != 0xFFFE && !(0xFDD0..=0xFDEF).contains(&code)).then_some(())?;
            out.push(char::from_u32(code)?);
            rest = digits.get(end..)?;
            rest = rest.strip_prefix(';').unwrap_or(rest);
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        if end == 0 {
            out.push('&');
            continue;
        }
        let name = rest.get(..end)?;
        let after = rest.get(end..)?;
        let (_, c) = NAMES.iter().find(|(n, _)| *n == name)?;
        rest = after.strip_prefix(';')?;
        out.push(*c);
    }
    out.push_str(rest);
    cx.make_str(out)
}

fn unescape_basic(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let out = text.as_str()?.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&");
    cx.make_str(out)
}

fn escape(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, quote] = args.bind(cx, ["s", "quote"])?;
    let mut out = text?.as_str()?.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if quote.map_or(Some(true), |q| super::fold_truth(cx, q))? {
        out = out.replace('"', "&quot;").replace('\'', "&#x27;");
    }
    cx.make_str(out)
}
