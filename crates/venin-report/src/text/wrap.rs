//! Paragraphs within the page's width.

use unicode_width::UnicodeWidthStr;

use crate::escape::escape_text;

/// Appends a paragraph of escaped text, its first line after `first` and the others after `indent`.
///
/// `first` may hold styling; it counts as wide as `indent`.  A word wider than the page stays whole, so that a URL
/// can be copied.  No line of text starts with `::`, which some CI services take for a command.
pub(crate) fn push_wrapped(out: &mut String, first: &str, indent: &str, text: &str, width: usize) {
    let escaped = escape_text(text);
    let room = width.saturating_sub(indent.width()).max(20);
    out.push_str(first);
    let mut used = 0;
    for word in escaped.split(' ').filter(|word| !word.is_empty()) {
        let word_width = word.width();
        if used > 0 && used + 1 + word_width > room {
            out.push('\n');
            out.push_str(indent);
            used = 0;
        }
        if used > 0 {
            out.push(' ');
            used += 1;
        }
        match word.strip_prefix("::") {
            Some(rest) if used == 0 => out.push_str(&format!("\\x3a:{rest}")),
            _ => out.push_str(word),
        }
        used += word_width;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str) -> String {
        let mut out = String::new();
        push_wrapped(&mut out, "= ", "  ", text, 24);
        out
    }

    #[test]
    fn lines_break_between_words_and_align() {
        assert_eq!(wrapped("one two three four five six"), "= one two three four\n  five six\n");
    }

    #[test]
    fn a_long_word_stays_whole() {
        assert_eq!(
            wrapped("see http://a.invalid/0123456789012345 now"),
            "= see\n  http://a.invalid/0123456789012345\n  now\n"
        );
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(wrapped("漢字漢字漢字 漢字漢字漢字"), "= 漢字漢字漢字\n  漢字漢字漢字\n");
    }

    #[test]
    fn no_line_starts_with_a_ci_command() {
        assert_eq!(wrapped("one two three four ::error::x"), "= one two three four\n  \\x3a:error::x\n");
        assert_eq!(wrapped("::a"), "= \\x3a:a\n");
    }
}
