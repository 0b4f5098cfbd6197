//! What a source text tells before it is parsed: characters and lines made to deceive a reader.

use super::shape::Shape;

/// Observations about a source text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceTraits {
    /// The encoding: `utf-8`, or the cookie in lower case.
    pub encoding: String,
    /// Whether it has syntax that only Python 2 takes.
    pub is_python2: bool,
    /// Syntax errors that remain after the text was read as Python 2 where that helps.
    pub syntax_errors: u32,
    /// Whether a NUL character is in it.
    pub has_nul: bool,
    /// Whether it begins with a byte order mark.
    pub has_bom: bool,
    /// Bytes of the longest line.
    pub longest_line: u32,
    /// The first line with more than 150 blanks before code: code pushed out of sight.
    pub hidden_line: Option<u32>,
    /// Identifiers with characters that are not ASCII.
    pub non_ascii_identifiers: u32,
    /// Characters that cannot be seen or turn the direction of writing: bidirectional controls, zero-width
    /// characters, variation selectors and tags; those of ordinary emoji and scripts are not counted.
    pub bidi_or_invisible: u32,
}

impl SourceTraits {
    /// The traits of a text that need no parser.
    pub(super) fn of_text(text: &str, lines: &[u32], shape: &Shape) -> Self {
        let last = text.len() as u32 - lines.last().copied().unwrap_or(0);
        let longest = lines.windows(2).map(|pair| pair[1] - pair[0]).fold(last, u32::max);
        let line_of = |offset: u32| lines.partition_point(|start| *start <= offset).max(1) as u32;
        Self {
            has_nul: memchr::memchr(0, text.as_bytes()).is_some(),
            longest_line: longest,
            hidden_line: shape.hidden_code.map(line_of),
            non_ascii_identifiers: shape.non_ascii_names,
            bidi_or_invisible: count_invisible(text),
            ..Self::default()
        }
    }
}

/// Offsets of the starts of lines; lines end with `\n`, `\r\n` or `\r`.
pub(super) fn line_starts(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut starts = Vec::with_capacity(bytes.len() / 32 + 1);
    starts.push(0);
    if memchr::memchr(b'\r', bytes).is_none() {
        starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at as u32 + 1));
        return starts;
    }
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        if bytes.get(at) == Some(&b'\n') || bytes.get(at + 1) != Some(&b'\n') {
            starts.push(at as u32 + 1);
        }
    }
    starts
}

fn count_invisible(text: &str) -> u32 {
    if text.is_ascii() {
        return 0;
    }
    let mut count = 0;
    let mut before = ' ';
    for char in text.chars() {
        let is_counted = match char {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
            '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' => true,
            '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => true,
            '\u{e0000}'..='\u{e01ef}' => true,
            // Marks of direction, joiners and emoji selectors belong to some scripts and to emoji.
            '\u{200c}'..='\u{200f}' | '\u{61c}' | '\u{fe00}'..='\u{fe0f}' => {
                before.is_ascii_alphabetic() || is_selector(before)
            }
            _ => false,
        };
        count += u32::from(is_counted);
        before = char;
    }
    count
}

const fn is_selector(char: char) -> bool {
    matches!(char, '\u{200c}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_each_convention_and_not_with_form_feeds() {
        assert_eq!(line_starts("a\nb\r\nc\rd\u{c}e"), [0, 2, 5, 7]);
        assert_eq!(line_starts("a\r"), [0, 2]);
        assert_eq!(line_starts(""), [0]);
    }

    #[test]
    fn deceiving_characters_are_counted_and_emoji_are_not() {
        let cases = [
            ("plain", 0),
            ("a\u{202e}b\u{2066}c", 2),
            ("im\u{200b}port", 1),
            ("\u{2764}\u{fe0f} \u{1f468}\u{200d}\u{1f469}", 0),
            ("x\u{fe01}\u{fe02}\u{fe03}", 3),
            ("\u{e0041}\u{e0101}", 2),
            ("\u{645}\u{6cc}\u{200c}\u{62e}", 0),
        ];
        for (text, count) in cases {
            assert_eq!(count_invisible(text), count, "{text:?}");
        }
    }
}
