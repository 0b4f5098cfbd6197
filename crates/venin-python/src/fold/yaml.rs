//! `yaml.safe_load` of the plain part of YAML: block mappings and lists of scalars, nested, and texts in blocks.
//!
//! Anchors, tags, merge keys, flow collections beyond those of JSON, texts over several lines without a block mark, and
//! several documents are not read: their whole is not known.

use super::args::Args;
use super::toml_text::text_of;
use super::{Flow, FoldContext, Row, json};
use crate::value::{Kind, Value};

pub(super) const TABLE: &[Row] = &[
    ("yaml.safe_load", Flow::Join, load),
    ("yaml.full_load", Flow::Join, load),
    ("yaml.load", Flow::Join, load),
];

/// Longest text that is read, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// Most lines that are read.
const MOST_LINES: usize = 20_000;
/// Deepest nesting that is read.
const MAX_NESTING: u32 = 32;

fn load(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    // Which loader is named decides about tags alone, and those are not read.
    let text = text_of(cx, args.values.first()?)?;
    if text.len() > MAX_TEXT {
        return None;
    }
    cx.work(text.len() * 32)?;
    let lines: Vec<&str> = text.lines().take(MOST_LINES + 1).collect();
    if lines.len() > MOST_LINES {
        return None;
    }
    let mut reader = Reader { lines, at: 0, inner: None };
    if reader.peek()?.text == "---" {
        reader.skip();
    }
    let first = reader.peek()?;
    let value = reader.block(cx, first.indent, 0)?;
    reader.peek().is_none().then_some(value)
}

/// A line that holds something: how far it is indented, and its text without blanks at its end.
#[derive(Debug, Clone, Copy)]
struct Line<'t> {
    indent: usize,
    text: &'t str,
}

struct Reader<'t> {
    lines: Vec<&'t str>,
    at: usize,
    /// What is left of the line in course behind a `- `.
    inner: Option<Line<'t>>,
}

impl<'t> Reader<'t> {
    /// The next line that is neither empty nor a comment.
    fn peek(&mut self) -> Option<Line<'t>> {
        if let Some(line) = self.inner {
            return Some(line);
        }
        loop {
            let line = *self.lines.get(self.at)?;
            let text = line.trim_start_matches(' ');
            if text.trim().is_empty() || text.starts_with('#') {
                self.at += 1;
                continue;
            }
            return Some(Line { indent: line.len() - text.len(), text: text.trim_end() });
        }
    }

    fn skip(&mut self) {
        self.inner = None;
        self.at += 1;
    }

    fn block(&mut self, cx: &mut FoldContext<'_>, indent: usize, depth: u32) -> Option<Value> {
        if depth > MAX_NESTING {
            return None;
        }
        let line = self.peek()?;
        if is_item(line.text) {
            return self.list(cx, indent, depth);
        }
        match split_key(line.text) {
            Some(_) => self.mapping(cx, indent, depth),
            None => {
                self.skip();
                scalar(cx, line.text)
            }
        }
    }

    fn list(&mut self, cx: &mut FoldContext<'_>, indent: usize, depth: u32) -> Option<Value> {
        let mut items = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent == indent && is_item(line.text)) {
            let rest = line.text.get(1..)?;
            let text = rest.trim_start_matches(' ');
            if text.is_empty() || text.starts_with('#') {
                self.skip();
                let below = self.peek().filter(|next| next.indent > indent);
                items.push(match below {
                    Some(next) => self.block(cx, next.indent, depth + 1)?,
                    None => Value::none(),
                });
            } else if is_item(text) || split_key(text).is_some() {
                let inner = Line { indent: indent + 1 + (rest.len() - text.len()), text };
                self.inner = Some(inner);
                items.push(self.block(cx, inner.indent, depth + 1)?);
            } else {
                items.push(self.value(cx, text, indent)?);
            }
        }
        self.peek().is_none_or(|line| line.indent <= indent).then_some(())?;
        cx.make_list(items)
    }

    fn mapping(&mut self, cx: &mut FoldContext<'_>, indent: usize, depth: u32) -> Option<Value> {
        let mut entries = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent == indent && !is_item(line.text)) {
            let (key, rest) = split_key(line.text)?;
            if key == "<<" {
                return None;
            }
            let key = scalar(cx, key)?;
            let value = if rest.is_empty() || rest.starts_with('#') {
                self.skip();
                let below = self
                    .peek()
                    .filter(|next| next.indent > indent || next.indent == indent && is_item(next.text));
                match below {
                    Some(next) => self.block(cx, next.indent, depth + 1)?,
                    None => Value::none(),
                }
            } else {
                self.value(cx, rest, indent)?
            };
            entries.push((key, value));
        }
        self.peek().is_none_or(|line| line.indent < indent || is_item(line.text)).then_some(())?;
        cx.afford_items(entries.len())?;
        Some(cx.heap.dict(entries))
    }

    /// A value that begins in the line in course; what is indented more than its key belongs to it.
    fn value(&mut self, cx: &mut FoldContext<'_>, text: &str, indent: usize) -> Option<Value> {
        self.skip();
        if text.starts_with(['|', '>']) {
            return self.text_block(cx, text, indent);
        }
        // A text that goes on in the next line is not read.
        self.peek().is_none_or(|next| next.indent <= indent).then_some(())?;
        scalar(cx, text)
    }

    /// A text in a block: `|` keeps its lines, `>` joins them.
    fn text_block(&mut self, cx: &mut FoldContext<'_>, mark: &str, indent: usize) -> Option<Value> {
        let mark = mark.split(" #").next()?.trim_end();
        let keeps_lines = mark.starts_with('|');
        let chomping = mark.get(1..)?;
        if !matches!(chomping, "" | "-" | "+") {
            return None;
        }
        let (mut lines, mut margin) = (Vec::new(), None);
        while let Some(line) = self.lines.get(self.at) {
            let text = line.trim_start_matches(' ');
            let own = line.len() - text.len();
            if !text.is_empty() {
                if own <= indent && !(indent == 0 && own > 0) {
                    break;
                }
                let margin = *margin.get_or_insert(own);
                lines.push(line.get(margin.min(own)..)?);
            } else {
                lines.push("");
            }
            self.at += 1;
        }
        while lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }
        if !keeps_lines && lines.iter().any(|line| line.is_empty() || line.starts_with(' ')) {
            return None;
        }
        let mut text = lines.join(if keeps_lines { "\n" } else { " " });
        if chomping.is_empty() && !text.is_empty() {
            text.push('\n');
        }
        // How many empty lines stand behind a text that keeps them is not counted.
        if chomping == "+" {
            return Some(Value::unknown());
        }
        cx.make_str(text)
    }
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

/// A key and what stands behind its colon.
fn split_key(text: &str) -> Option<(&str, &str)> {
    if text.starts_with(['{', '[', '|', '>', '#']) {
        return None;
    }
    let end = match text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        Some(quote) => 2 + text.get(1..)?.find(quote)?,
        None => text.find(": ").or_else(|| text.len().checked_sub(1).filter(|_| text.ends_with(':')))?,
    };
    let rest = text.get(end..)?.strip_prefix(':')?;
    (rest.is_empty() || rest.starts_with(' ')).then_some(())?;
    Some((text.get(..end)?.trim_end(), rest.trim_start()))
}

fn scalar(cx: &mut FoldContext<'_>, text: &str) -> Option<Value> {
    match text.chars().next() {
        Some('"') => {
            let inside = quoted(text, '"')?;
            // The escapes of JSON are among those of YAML.
            json::parse_json(cx, &format!("\"{inside}\""))
        }
        Some('\'') => cx.make_str(quoted(text, '\'')?.replace("''", "'")),
        Some('{' | '[') => flow(cx, text),
        Some('&' | '*' | '!' | '@' | '`' | '%' | ',' | '?' | '|' | '>') => None,
        _ => plain(cx, text.split(" #").next()?.trim_end()),
    }
}

/// What stands between the quotes of a text that ends with them, or before a comment.
fn quoted(text: &str, quote: char) -> Option<&str> {
    let rest = text.get(1..)?;
    let mut is_escaped = false;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' && quote == '"' {
            is_escaped = true;
        } else if c == quote {
            if quote == '\'' && chars.next_if(|(_, next)| *next == quote).is_some() {
                continue;
            }
            let behind = rest.get(at + 1..)?;
            let is_end = behind.trim().is_empty() || behind.trim_start().starts_with('#');
            return is_end.then(|| rest.get(..at)).flatten();
        }
    }
    None
}

/// A collection in brackets: as JSON has it, or a list of plain scalars.
fn flow(cx: &mut FoldContext<'_>, text: &str) -> Option<Value> {
    if let Some(value) = json::parse_json(cx, text) {
        return Some(value);
    }
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    if inside.contains(['[', ']', '{', '}', '"', '\'', '#', ':', '&', '*', '!']) {
        return None;
    }
    let items: Option<Vec<Value>> = inside.split(',').map(|item| plain(cx, item.trim())).collect();
    cx.make_list(items?)
}

fn plain(cx: &mut FoldContext<'_>, text: &str) -> Option<Value> {
    if text.contains(": ") || text.ends_with(':') {
        return None;
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Value::none()),
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Some(Value::bool(true));
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Some(Value::bool(false));
        }
        _ => {}
    }
    let digits = text.trim_start_matches(['-', '+']);
    if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return number(cx, text, digits);
    }
    cx.make_str(text)
}

/// A text that begins like a number: a decimal one, or a text; numbers in other spellings and dates are not known.
fn number(cx: &mut FoldContext<'_>, text: &str, digits: &str) -> Option<Value> {
    let is_decimal = digits.bytes().all(|b| b.is_ascii_digit());
    if is_decimal && (digits == "0" || !digits.starts_with('0')) {
        return Some(text.trim_start_matches('+').parse().map_or_else(|_| Value::unknown(), Value::int));
    }
    let is_float = digits.bytes().filter(|b| *b == b'.').count() == 1
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.len() > 1;
    if is_float {
        return Some(text.parse().map_or_else(|_| Value::unknown(), |float| Value::new(Kind::Float(float))));
    }
    // An address, a version, a word that begins with a digit.
    let is_word =
        digits.bytes().any(|b| b.is_ascii_alphabetic() && !matches!(b, b'e' | b'E' | b'x' | b'o' | b'b'))
            || digits.bytes().filter(|b| *b == b'.').count() > 1;
    if is_word { cx.make_str(text) } else { Some(Value::unknown()) }
}
