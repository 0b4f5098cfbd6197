//! Hostile text made visible.
//!
//! Text from a package can hold control characters that move a cursor, bidirectional overrides that reorder a line,
//! characters without width that hide a payload, and commands that a CI service reads from a log.  Everything that
//! a renderer shows passes through here.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character must never reach a terminal, a log or a viewer as it is.
///
/// Controls (C0, DEL, C1), line and paragraph separators, bidirectional formatting (Unicode Standard Annex 9) and
/// characters that are drawn as nothing: zero-width ones, fillers, tags, variation selectors, annotations.
pub(crate) const fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}'
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Writes every deceptive character as an escape: `\n`, `\t`, `\x1b`, `\u{202e}`.  Other text is left as it is, a
/// backslash included: the result is for reading, not for reading back.
///
/// `##[`, which one CI service takes for a command anywhere in a line, loses its first two signs to an escape too.
#[must_use]
pub fn escape_text(text: &str) -> Cow<'_, str> {
    if !text.contains(is_deceptive) && !text.contains("##[") {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push_escaped(&mut escaped, c);
    }
    Cow::Owned(escaped.replace("##[", "\\x23\\x23["))
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if !is_deceptive(c) => out.push(c),
        // Writing to a string cannot fail.
        c if (c as u32) < 0x100 => drop(write!(out, "\\x{:02x}", c as u32)),
        c => drop(write!(out, "\\u{{{:x}}}", c as u32)),
    }
}

/// The first `max` characters, with an ellipsis where something was cut.
pub(crate) fn shorten(text: &str, max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max) {
        None => Cow::Borrowed(text),
        Some(_) => {
            let cut = text.char_indices().nth(max.saturating_sub(1)).map_or(0, |(at, _)| at);
            Cow::Owned(format!("{}…", text.get(..cut).unwrap_or_default()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(escape_text("import os  # grüße \\ ☃"), Cow::Borrowed(_)));
    }

    #[test]
    fn an_escape_sequence_is_shown_and_not_obeyed() {
        assert_eq!(escape_text("a\x1b[2Jb\rc\u{9b}1m"), "a\\x1b[2Jb\\rc\\x9b1m");
    }

    #[test]
    fn bidirectional_and_invisible_characters_are_shown() {
        assert_eq!(escape_text("x\u{202e}y\u{200b}z\u{e0041}"), "x\\u{202e}y\\u{200b}z\\u{e0041}");
    }

    #[test]
    fn a_command_of_a_ci_log_is_broken() {
        assert_eq!(escape_text("##[error]x"), "\\x23\\x23[error]x");
    }

    #[test]
    fn shortening_counts_characters_not_bytes() {
        assert_eq!(shorten("grüße", 5), "grüße");
        assert_eq!(shorten("grüßen", 5), "grüß…");
    }
}
