//! Snippets: the line around a place as reports show it, and where in it the place is.

use std::sync::Arc;

/// Part of a source line, and a marked stretch of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The line without surrounding blanks, at most [`Snippet::MAX`] characters of it.
    pub text: Arc<str>,
    /// Where the marked stretch begins in the text, in characters from 0.
    pub mark_start: u32,
    /// Its length in characters; it ends inside the text.
    pub mark_length: u32,
}

impl Snippet {
    /// Longest snippet, in characters.
    pub const MAX: usize = 240;
    /// Characters kept before the mark where the line is cut.
    const LEAD: usize = 60;

    /// The start of a line, all of it marked.
    #[must_use]
    pub fn of_line(line: &str) -> Self {
        Self::around(line, 0, line.len())
    }

    /// The part of a line around the bytes from `start` to `end`, which it marks; both may lie outside of it.
    ///
    /// A line that is too long is cut at its end if the mark begins and ends before that, and else around the start
    /// of the mark.  The time does not grow with the length of the line.
    #[must_use]
    pub fn around(line: &str, start: usize, end: usize) -> Self {
        let body = line.trim_start();
        let margin = line.len() - body.len();
        let body = body.trim_end();
        let start = floor(body, start.saturating_sub(margin));
        let end = floor(body, end.saturating_sub(margin)).max(start);
        let head = ends_after(body, Self::MAX);
        let from = if end <= head || head == body.len() {
            0
        } else {
            starts_before(body.get(..start).unwrap_or_default(), Self::LEAD)
        };
        let shown = body.get(from..).unwrap_or_default();
        let shown = shown.get(..ends_after(shown, Self::MAX)).unwrap_or_default();
        let count = |to: usize| count_chars(shown.get(..to.min(shown.len())).unwrap_or_default());
        let mark_start = count(start - from);
        Self { text: Arc::from(shown), mark_start, mark_length: count(end - from).saturating_sub(mark_start) }
    }
}

/// The last boundary of a character that is not after `at`.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The byte at which the first `count` characters end.
fn ends_after(text: &str, count: usize) -> usize {
    text.char_indices().nth(count).map_or(text.len(), |(at, _)| at)
}

/// The byte at which the last `count` characters start.
fn starts_before(text: &str, count: usize) -> usize {
    text.char_indices().rev().take(count).last().map_or(text.len(), |(at, _)| at)
}

fn count_chars(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(line: &str, wanted: &str) -> (String, String) {
        let start = line.find(wanted).unwrap();
        let snippet = Snippet::around(line, start, start + wanted.len());
        let mark = snippet.text.chars().skip(snippet.mark_start as usize).take(snippet.mark_length as usize);
        (snippet.text.to_string(), mark.collect())
    }

    #[test]
    fn the_mark_follows_the_text_when_blanks_go() {
        assert_eq!(marked("    é = run(x)  ", "run(x)"), ("é = run(x)".to_owned(), "run(x)".to_owned()));
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let line = format!("{}run(x){}", "é;".repeat(500_000), ";a".repeat(500));
        let (text, mark) = marked(&line, "run(x)");
        assert_eq!((text.chars().count(), mark.as_str()), (Snippet::MAX, "run(x)"));
        assert_eq!(text.chars().take_while(|c| *c != 'r').count(), Snippet::LEAD);
    }

    #[test]
    fn a_long_line_with_an_early_mark_keeps_its_start() {
        let line = format!("x = 1; run(x); {}", "a".repeat(1000));
        let (text, mark) = marked(&line, "run(x)");
        assert!(text.starts_with("x = 1; ") && mark == "run(x)", "{text}");
    }

    #[test]
    fn a_mark_longer_than_the_snippet_ends_with_it() {
        let line = format!("{}exec('{}')", "y = 1; ".repeat(20), "a".repeat(1000));
        let snippet = Snippet::around(&line, 140, line.len());
        assert_eq!((snippet.mark_start, snippet.mark_length), (60, 180));
    }

    #[test]
    fn offsets_beyond_the_line_or_inside_a_character_are_no_matter() {
        for (start, end) in [(90, 99), (1, 2), (3, 1), (0, 90)] {
            let snippet = Snippet::around("éé", start, end);
            assert!(snippet.mark_start + snippet.mark_length <= 2, "{start}..{end}");
        }
        assert_eq!(Snippet::of_line(" a b ").mark_length, 3);
    }
}
