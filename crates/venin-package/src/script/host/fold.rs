//! Values of the scanner, and the functions that put texts together or decode them.

use std::rc::Rc;

use super::super::decode::{decode_base64, decode_escapes, decode_hex};

/// Longest text that is put together, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// Longest name of a function or object, in bytes; each reference copies it.
const MAX_NAME: usize = 1_000;
/// How deep lists lie in one another.
const MAX_NESTING: u8 = 8;

/// What is known of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Unknown,
    Number(f64),
    /// A constant text, and whether a decoding gave it.
    Text(Rc<str>, bool),
    /// Elements, and how deep lists lie in them.
    List(Rc<[Value]>, u8),
    /// A function or object of the host: `child_process.exec`; what a call gives ends with `()`.
    Name(String),
    /// The known entries of an object literal.
    Object(Rc<[(String, String)]>),
}

impl Value {
    /// A list, unless lists lie too deep in it.
    pub(super) fn list(items: Vec<Self>) -> Self {
        let depth = |item: &Self| if let Self::List(_, depth) = item { depth + 1 } else { 0 };
        match items.iter().map(depth).max().unwrap_or(0) {
            MAX_NESTING.. => Self::Unknown,
            deepest => Self::List(items.into(), deepest),
        }
    }

    /// A function or object of the host, unless its name is too long to be one.
    pub(super) fn name(name: String) -> Self {
        if name.len() <= MAX_NAME { Self::Name(name) } else { Self::Unknown }
    }

    /// Bytes that making the value took, without what it shares with others.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Text(text, _) => text.len(),
            Self::List(items, _) => items.len() * size_of::<Self>(),
            Self::Object(entries) => entries.iter().map(|(key, value)| key.len() + value.len()).sum(),
            Self::Unknown | Self::Number(_) | Self::Name(_) => 0,
        }
    }

    pub(super) fn text(&self) -> Option<Rc<str>> {
        match self {
            Self::Text(text, _) => Some(Rc::clone(text)),
            Self::Number(n) if n.is_finite() => Some(format!("{n}").into()),
            _ => None,
        }
    }

    pub(super) const fn is_decoded(&self) -> bool {
        matches!(self, Self::Text(_, true))
    }

    /// The text with a hole where nothing is known; empty when nothing is.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("⟨{name}⟩"),
            other => other.text().map_or_else(|| "⟨?⟩".to_owned(), |text| text.to_string()),
        }
    }

    /// `a + b` and `a & b`.
    pub(super) fn plus(self, other: &Self) -> Self {
        match (&self, other) {
            (Self::Number(a), Self::Number(b)) => Self::Number(a + b),
            (Self::Text(..), _) | (_, Self::Text(..)) => {
                let is_decoded = self.is_decoded() || other.is_decoded();
                let mut text = self.shown();
                let more = other.shown();
                if text.len() + more.len() <= MAX_TEXT {
                    text.push_str(&more);
                }
                Self::Text(text.into(), is_decoded)
            }
            _ => Self::Unknown,
        }
    }
}

fn latin1(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned)
}

/// A function of known arguments; `None` when it is none of these.
pub(super) fn fold_function(name: &str, arguments: &[Value]) -> Option<Value> {
    let text = || arguments.first().and_then(Value::text);
    let decoded = |text: String| Some(Value::Text(text.into(), true));
    match name.to_ascii_lowercase().as_str() {
        "atob" | "window.atob" => decoded(latin1(&decode_base64(&text()?)?)),
        "buffer.from" | "buffer" => {
            let encoding = arguments.get(1).and_then(Value::text);
            match encoding.as_deref().unwrap_or("") {
                "base64" | "base64url" => decoded(latin1(&decode_base64(&text()?)?)),
                "hex" => decoded(latin1(&decode_hex(&text()?)?)),
                _ => match arguments.first()? {
                    Value::List(codes, _) => from_codes(codes),
                    other => Some(other.clone()),
                },
            }
        }
        "string.fromcharcode" | "string.fromcodepoint" | "chr" | "chrw" => from_codes(arguments),
        "unescape" | "decodeuricomponent" | "decodeuri" => decoded(percent_decoded(&text()?)),
        "strreverse" => decoded(text()?.chars().rev().collect()),
        "replace" => {
            let [text, from, to] = arguments.get(..3)? else { return None };
            replaced(text, from, to)
        }
        "string" | "cstr" | "trim" => text().map(|t| Value::Text(t, false)),
        _ => None,
    }
}

/// A method of a known value.
pub(super) fn fold_method(receiver: &Value, method: &str, arguments: &[Value]) -> Option<Value> {
    match (receiver, method) {
        (Value::Text(..), "toString" | "trim" | "valueOf" | "normalize") => Some(receiver.clone()),
        (Value::Text(..), "concat") => Some(arguments.iter().fold(receiver.clone(), Value::plus)),
        (Value::Text(..), "replace" | "replaceAll") => {
            replaced(receiver, arguments.first()?, arguments.get(1)?)
        }
        (Value::Text(text, is_decoded), "split") => {
            let by = arguments.first()?.text()?;
            let part = |p: &str| Value::Text(p.into(), *is_decoded);
            Some(Value::list(match &*by {
                "" => text.chars().take(MAX_TEXT / 16).map(|c| part(c.encode_utf8(&mut [0; 4]))).collect(),
                by => text.split(by).take(MAX_TEXT / 16).map(part).collect(),
            }))
        }
        (Value::List(items, _), "reverse") => Some(Value::list(items.iter().rev().cloned().collect())),
        (Value::List(items, _), "join") => {
            let by = arguments.first().and_then(Value::text).unwrap_or_else(|| ",".into());
            joined(items, &by).map(|text| Value::Text(text.into(), true))
        }
        _ => None,
    }
}

/// Elements with a text between them, unless that is too long.
fn joined(items: &[Value], by: &str) -> Option<String> {
    let mut text = String::new();
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            text.push_str(by);
        }
        text.push_str(&item.shown());
        if text.len() > MAX_TEXT {
            return None;
        }
    }
    Some(text)
}

fn from_codes(codes: &[Value]) -> Option<Value> {
    let chars: Option<String> = codes
        .iter()
        .map(|code| match code {
            Value::Number(n) if *n >= 0.0 && *n < 1_114_112.0 => char::from_u32(*n as u32),
            _ => None,
        })
        .collect();
    chars.filter(|c| !c.is_empty()).map(|c| Value::Text(c.into(), true))
}

fn replaced(text: &Value, from: &Value, to: &Value) -> Option<Value> {
    let (own, from, to) = (text.text()?, from.text()?, to.text()?);
    let grows = own.len() / from.len().max(1) * to.len() > MAX_TEXT;
    (!from.is_empty() && !grows).then(|| Value::Text(own.replace(&*from, &to).into(), text.is_decoded()))
}

/// `%41` and `%u0041`.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut escaped = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' && text.get(at + 1..at + 3).is_some_and(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))
        {
            escaped.push_str("\\x");
        } else if *byte == b'%' && text.get(at + 1..at + 2) == Some("u") {
            escaped.push('\\');
        } else if *byte == b'\\' {
            escaped.push_str("\\\\");
        } else {
            let rest = text.get(at..).unwrap_or("");
            if let Some(c) = rest.chars().next() {
                escaped.push(c);
                at += c.len_utf8() - 1;
            }
        }
        at += 1;
    }
    decode_escapes(&escaped)
}
