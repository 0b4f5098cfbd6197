//! JSON for programs, safe to look at on a terminal.
//!
//! Deceptive characters are written as `\uXXXX`, which a JSON reader turns back into themselves: nothing is lost
//! and `cat report.json` is harmless.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::artifact::ArtifactReport;
use crate::escape::is_deceptive;
use crate::run::RunReport;

/// The run as one indented JSON document, with a line feed at its end.
#[must_use]
pub fn render_json(run: &RunReport) -> String {
    render_pretty(run)
}

/// The artifact as one line of JSON, with a line feed at its end.
#[must_use]
pub fn render_json_line(artifact: &ArtifactReport) -> String {
    render_line(artifact)
}

/// Any shape as one line of JSON with a line feed at its end.
pub(crate) fn render_line(value: &impl Serialize) -> String {
    render_with(value, Safe(CompactFormatter))
}

/// Any shape as indented JSON with a line feed at its end; an empty line when the shape is no JSON.
#[must_use]
pub fn render_shape(value: &impl Serialize) -> String {
    render_pretty(value)
}

/// Any shape as JSON that is indented down to so many levels, everything deeper on the line of what holds it; with a
/// line feed at its end.  For what has many small parts.
#[must_use]
pub fn render_shape_to_level(value: &impl Serialize, most: usize) -> String {
    render_with(value, Safe(Folded { pretty: PrettyFormatter::new(), level: 0, most }))
}

/// Any shape as indented JSON with a line feed at its end.
pub(crate) fn render_pretty(value: &impl Serialize) -> String {
    render_with(value, Safe(PrettyFormatter::new()))
}

fn render_with(value: &impl Serialize, formatter: impl Formatter) -> String {
    let mut bytes = Vec::with_capacity(4096);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    // The shapes hold no map with odd keys and the sink is memory, so this cannot fail; were a shape to change, an
    // empty document would fail its reader loudly.
    if value.serialize(&mut serializer).is_err() {
        bytes.clear();
    }
    bytes.push(b'\n');
    // The serializer writes UTF-8 only.
    String::from_utf8(bytes).unwrap_or_default()
}

/// Indented down to a level, and on one line below.
struct Folded {
    pretty: PrettyFormatter<'static>,
    /// How many arrays and objects are open.
    level: usize,
    most: usize,
}

impl Folded {
    const fn is_deep(&self) -> bool {
        self.level > self.most
    }
}

impl Formatter for Folded {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.level += 1;
        if self.is_deep() { CompactFormatter.begin_array(writer) } else { self.pretty.begin_array(writer) }
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let is_deep = self.is_deep();
        self.level -= 1;
        if is_deep { CompactFormatter.end_array(writer) } else { self.pretty.end_array(writer) }
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        match self.is_deep() {
            true => CompactFormatter.begin_array_value(writer, first),
            false => self.pretty.begin_array_value(writer, first),
        }
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.is_deep() { Ok(()) } else { self.pretty.end_array_value(writer) }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.level += 1;
        if self.is_deep() { CompactFormatter.begin_object(writer) } else { self.pretty.begin_object(writer) }
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let is_deep = self.is_deep();
        self.level -= 1;
        if is_deep { CompactFormatter.end_object(writer) } else { self.pretty.end_object(writer) }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        match self.is_deep() {
            true => CompactFormatter.begin_object_key(writer, first),
            false => self.pretty.begin_object_key(writer, first),
        }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        match self.is_deep() {
            true => CompactFormatter.begin_object_value(writer),
            false => self.pretty.begin_object_value(writer),
        }
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.is_deep() { Ok(()) } else { self.pretty.end_object_value(writer) }
    }
}

/// Any formatter, with deceptive characters escaped in strings.
struct Safe<F>(F);

impl<F: Formatter> Formatter for Safe<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly every text is plain, which its bytes tell sooner than its characters.
        if fragment.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut plain_from = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| is_deceptive(*c)) {
            writer.write_all(fragment.as_bytes().get(plain_from..at).unwrap_or_default())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain_from = at + c.len_utf8();
        }
        writer.write_all(fragment.as_bytes().get(plain_from..).unwrap_or_default())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deceptive_characters_are_escaped_and_read_back() {
        let text = "a\u{202e}b\u{9b}c\u{e0041}d\x1b\"\\\n☃".to_owned();
        let json = render_with(&text, Safe(CompactFormatter));
        assert_eq!(json, "\"a\\u202eb\\u009bc\\udb40\\udc41d\\u001b\\\"\\\\\\n☃\"\n");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn the_indented_form_keeps_its_layout() {
        assert_eq!(render_pretty(&vec![1, 2]), "[\n  1,\n  2\n]\n");
    }

    #[test]
    fn what_is_deep_stands_on_one_line() {
        let value = serde_json::json!({"a": [[1, 2], {"b": []}], "c": []});
        let text = render_shape_to_level(&value, 2);
        assert_eq!(text, "{\n  \"a\": [\n    [1,2],\n    {\"b\":[]}\n  ],\n  \"c\": []\n}\n");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        assert_eq!(render_shape_to_level(&value, 9), render_pretty(&value));
    }
}
