//! `json.loads`, with the leniency of CPython's decoder.

use super::args::{Args, bytes_like};
use super::{Flow, FoldContext, Row, codecs, integers};
use crate::value::{Kind, Value};

pub(super) const TABLE: &[Row] =
    &[("json.loads", Flow::Join, loads), ("simplejson.loads", Flow::Join, loads)];

/// Deepest nesting that is read.
const MAX_NESTING: u32 = 200;

fn loads(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let owned;
    let text = match text.as_str() {
        Some(text) => text,
        None => {
            let bytes = bytes_like(cx, text)?.into_owned();
            owned = codecs::decode_text(cx, &bytes, "utf-8", "strict")?;
            &owned
        }
    };
    parse_json(cx, text)
}

/// The value of a whole JSON text.
pub(super) fn parse_json(cx: &mut FoldContext<'_>, text: &str) -> Option<Value> {
    cx.work(text.len() * 16)?;
    let mut reader = Reader { rest: text };
    reader.skip_space();
    let value = reader.value(cx, 0)?;
    reader.skip_space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, cx: &mut FoldContext<'_>, depth: u32) -> Option<Value> {
        if depth > MAX_NESTING {
            return None;
        }
        match self.rest.as_bytes().first()? {
            b'"' => {
                self.take("\"");
                let text = self.string()?;
                cx.make_str(text)
            }
            b'{' => self.object(cx, depth),
            b'[' => self.array(cx, depth),
            _ => self.scalar(cx),
        }
    }

    fn scalar(&mut self, cx: &mut FoldContext<'_>) -> Option<Value> {
        const WORDS: &[(&str, Kind)] = &[
            ("null", Kind::None),
            ("true", Kind::Bool(true)),
            ("false", Kind::Bool(false)),
            ("NaN", Kind::Float(f64::NAN)),
            ("Infinity", Kind::Float(f64::INFINITY)),
            ("-Infinity", Kind::Float(f64::NEG_INFINITY)),
        ];
        for (word, kind) in WORDS {
            if self.take(word) {
                return Some(Value::new(kind.clone()));
            }
        }
        self.number(cx)
    }

    fn digits(&mut self) -> &'t str {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(end).unwrap_or(("", self.rest));
        self.rest = rest;
        digits
    }

    fn number(&mut self, cx: &mut FoldContext<'_>) -> Option<Value> {
        let start = self.rest;
        self.take("-");
        // A leading zero stands alone.
        if !self.take("0") {
            (!self.digits().is_empty()).then_some(())?;
        }
        let whole = start.len() - self.rest.len();
        let mut is_float = false;
        let before = self.rest;
        if self.take(".") {
            if self.digits().is_empty() {
                self.rest = before;
            } else {
                is_float = true;
            }
        }
        let before = self.rest;
        if self.take("e") || self.take("E") {
            let _ = self.take("+") || self.take("-");
            if self.digits().is_empty() {
                self.rest = before;
            } else {
                is_float = true;
            }
        }
        if is_float {
            let text = start.get(..start.len() - self.rest.len())?;
            return Some(Value::new(Kind::Float(text.parse().ok()?)));
        }
        let value = integers::parse(cx, start.get(..whole)?, 10)?;
        cx.make_big(value)
    }

    /// The rest of a string after its opening quote.
    fn string(&mut self) -> Option<String> {
        let mut out = String::new();
        loop {
            let end = self.rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ')?;
            out.push_str(self.rest.get(..end)?);
            self.rest = self.rest.get(end..)?;
            if self.take("\"") {
                return Some(out);
            }
            self.take("\\").then_some(())?;
            let c = self.rest.chars().next()?;
            self.rest = self.rest.get(c.len_utf8()..)?;
            out.push(match c {
                '"' | '\\' | '/' => c,
                'b' => '\x08',
                'f' => '\x0c',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => self.unicode()?,
                _ => return None,
            });
        }
    }

    fn unit(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        digits.bytes().all(|b| b.is_ascii_hexdigit()).then_some(())?;
        self.rest = rest;
        u32::from_str_radix(digits, 16).ok()
    }

    /// `\uXXXX`, with its pair if it is half of one.
    fn unicode(&mut self) -> Option<char> {
        let first = self.unit()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        self.take("\\u").then_some(())?;
        let second = self.unit().filter(|u| (0xDC00..0xE000).contains(u))?;
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    fn array(&mut self, cx: &mut FoldContext<'_>, depth: u32) -> Option<Value> {
        self.take("[");
        let mut items = Vec::new();
        self.skip_space();
        if self.take("]") {
            return cx.make_list(items);
        }
        loop {
            self.skip_space();
            items.push(self.value(cx, depth + 1)?);
            self.skip_space();
            if self.take("]") {
                return cx.make_list(items);
            }
            self.take(",").then_some(())?;
        }
    }

    fn object(&mut self, cx: &mut FoldContext<'_>, depth: u32) -> Option<Value> {
        self.take("{");
        let mut entries = Vec::new();
        self.skip_space();
        if !self.take("}") {
            loop {
                self.skip_space();
                self.take("\"").then_some(())?;
                let key = self.string()?;
                let key = cx.make_str(key)?;
                self.skip_space();
                self.take(":").then_some(())?;
                self.skip_space();
                entries.push((key, self.value(cx, depth + 1)?));
                self.skip_space();
                if self.take("}") {
                    break;
                }
                self.take(",").then_some(())?;
            }
        }
        cx.afford_items(entries.len())?;
        Some(cx.heap.dict(entries))
    }
}
