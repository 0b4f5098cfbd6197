//! `ast.literal_eval`: a small reader of Python literals, so that no syntax tree is built of hostile text.

use super::args::Args;
use super::context::latin1_bytes;
use super::escapes::{Context, unescape};
use super::{Flow, FoldContext, Row, float_text, fold_unary, integers};
use crate::source::ir::UnaryOp;
use crate::value::{Kind, Value};

pub(super) const TABLE: &[Row] = &[("ast.literal_eval", Flow::Join, literal_eval)];

/// Deepest nesting that is read.
const MAX_NESTING: u32 = 100;

fn literal_eval(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let text = text.as_str()?.trim_start_matches([' ', '\t']);
    cx.work(text.len() * 16)?;
    let mut reader = Reader { rest: text, brackets: 0 };
    let value = reader.sequence(cx)?;
    reader.brackets = 1;
    reader.skip();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'t> {
    rest: &'t str,
    /// Open brackets: inside them line ends are white space.
    brackets: u32,
}

impl<'t> Reader<'t> {
    fn skip(&mut self) {
        loop {
            self.rest = if self.brackets > 0 {
                self.rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c'])
            } else {
                self.rest.trim_start_matches([' ', '\t', '\x0c'])
            };
            if self.rest.starts_with('#') {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.rest = self.rest.get(end..).unwrap_or("");
            } else if let Some(rest) = self.rest.strip_prefix("\\\n") {
                self.rest = rest;
            } else {
                return;
            }
            if self.brackets == 0 {
                return;
            }
        }
    }

    fn take(&mut self, text: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A whole expression: one value, or a tuple without brackets.
    fn sequence(&mut self, cx: &mut FoldContext<'_>) -> Option<Value> {
        let first = self.value(cx)?;
        self.skip();
        if !self.rest.starts_with(',') {
            return Some(first);
        }
        let mut items = vec![first];
        while self.take(",") {
            self.skip();
            if self.rest.is_empty() {
                break;
            }
            items.push(self.value(cx)?);
        }
        cx.make_tuple(items)
    }

    fn value(&mut self, cx: &mut FoldContext<'_>) -> Option<Value> {
        if self.brackets > MAX_NESTING {
            return None;
        }
        self.skip();
        match self.rest.as_bytes().first()? {
            b'-' | b'+' => {
                let op = if self.take("-") { UnaryOp::Minus } else { UnaryOp::Plus };
                self.skip();
                let number = self.number(cx)?;
                fold_unary(cx, op, &number)
            }
            b'(' => self.parenthesis(cx),
            b'[' => {
                let (items, _) = self.items(cx, "[", "]")?;
                cx.make_list(items)
            }
            b'{' => self.braces(cx),
            b'0'..=b'9' | b'.' if !self.rest.starts_with("...") => self.number(cx),
            _ => self.word_or_string(cx),
        }
    }

    fn word_or_string(&mut self, cx: &mut FoldContext<'_>) -> Option<Value> {
        for (word, kind) in [
            ("None", Kind::None),
            ("True", Kind::Bool(true)),
            ("False", Kind::Bool(false)),
            ("...", Kind::Ellipsis),
        ] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                rest.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_').then_some(())?;
                self.rest = rest;
                return Some(Value::new(kind));
            }
        }
        if let Some(rest) = self.rest.strip_prefix("set()") {
            self.rest = rest;
            return Some(cx.heap.set(Vec::new()));
        }
        self.strings(cx)
    }

    /// Adjacent string literals, all of text or all of bytes.
    fn strings(&mut self, cx: &mut FoldContext<'_>) -> Option<Value> {
        let (mut text, is_bytes) = self.string()?;
        loop {
            self.skip();
            let mut ahead = Reader { rest: self.rest, brackets: self.brackets };
            let Some((more, same)) = ahead.string() else { break };
            (same == is_bytes).then_some(())?;
            text.push_str(&more);
            self.rest = ahead.rest;
        }
        if is_bytes { cx.make_bytes(latin1_bytes(&text)?) } else { cx.make_str(text) }
    }

    fn string(&mut self) -> Option<(String, bool)> {
        let start = self.rest.find(['\'', '"'])?;
        let prefix = self.rest.get(..start)?.to_ascii_lowercase();
        let (is_bytes, is_raw) = match prefix.as_str() {
            "" | "u" => (false, false),
            "r" => (false, true),
            "b" => (true, false),
            "br" | "rb" => (true, true),
            _ => return None,
        };
        let quoted = self.rest.get(start..)?;
        let one = quoted.get(..1)?;
        let triple = one.repeat(3);
        let quote = if quoted.starts_with(&triple) { triple.as_str() } else { one };
        let body = quoted.get(quote.len()..)?;
        let mut end = 0;
        while !body.get(end..)?.starts_with(quote) {
            let c = body.get(end..)?.chars().next()?;
            if c == '\n' && quote.len() == 1 {
                return None;
            }
            end += c.len_utf8();
            if c == '\\' {
                end += body.get(end..)?.chars().next()?.len_utf8();
            }
        }
        let raw = body.get(..end)?;
        self.rest = body.get(end + quote.len()..)?;
        if is_bytes {
            raw.is_ascii().then_some(())?;
        }
        let context = if is_bytes { Context::Bytes } else { Context::Text };
        let text = if is_raw { raw.to_owned() } else { unescape(raw, context)? };
        Some((text, is_bytes))
    }

    fn number(&mut self, cx: &mut FoldContext<'_>) -> Option<Value> {
        let mut end = 0;
        let bytes = self.rest.as_bytes();
        let is_prefixed = bytes.first() == Some(&b'0') && bytes.get(1).is_some_and(|b| b"xXoObB".contains(b));
        while let Some(byte) = bytes.get(end) {
            let after_exponent = end > 0 && !is_prefixed && matches!(bytes.get(end - 1), Some(b'e' | b'E'));
            let belongs = byte.is_ascii_alphanumeric()
                || matches!(byte, b'_' | b'.')
                || (matches!(byte, b'+' | b'-') && after_exponent);
            if !belongs {
                break;
            }
            end += 1;
        }
        let (text, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        if !is_prefixed && text.contains(['.', 'e', 'E']) {
            return Some(Value::new(Kind::Float(float_text::parse(text)?)));
        }
        let value = integers::parse(cx, text, 0)?;
        cx.make_big(value)
    }

    /// Elements between brackets, and whether the last has a comma after it.
    fn items(&mut self, cx: &mut FoldContext<'_>, open: &str, close: &str) -> Option<(Vec<Value>, bool)> {
        self.take(open);
        self.brackets += 1;
        let mut items = Vec::new();
        let mut comma = false;
        while !self.take(close) {
            (items.is_empty() || comma).then_some(())?;
            items.push(self.value(cx)?);
            comma = self.take(",");
        }
        self.brackets -= 1;
        Some((items, comma))
    }

    fn parenthesis(&mut self, cx: &mut FoldContext<'_>) -> Option<Value> {
        let (mut items, comma) = self.items(cx, "(", ")")?;
        if items.len() == 1 && !comma {
            return items.pop();
        }
        cx.make_tuple(items)
    }

    fn braces(&mut self, cx: &mut FoldContext<'_>) -> Option<Value> {
        self.take("{");
        self.brackets += 1;
        let (mut entries, mut members) = (Vec::new(), Vec::new());
        let mut comma = true;
        while !self.take("}") {
            comma.then_some(())?;
            let key = self.value(cx)?;
            cx.heap.key_of(&key)?;
            if self.take(":") {
                entries.push((key, self.value(cx)?));
            } else {
                members.push(key);
            }
            comma = self.take(",");
        }
        self.brackets -= 1;
        match (entries.is_empty(), members.is_empty()) {
            (_, true) => {
                cx.afford_items(entries.len())?;
                Some(cx.heap.dict(entries))
            }
            (true, false) => {
                cx.afford_items(members.len())?;
                Some(cx.heap.set(members))
            }
            (false, false) => None,
        }
    }
}
