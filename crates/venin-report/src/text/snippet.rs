//! A source line with carets under the part that matters.
//!
//! A place knows its column in the stored member, but its snippet is trimmed and may come from a decoded layer, so
//! the column does not say where in the snippet to point.  The name of the call does: the caret goes under the call
//! that the evidence names, and under the whole line where that name is not to be seen.

use unicode_width::UnicodeWidthChar;

use crate::artifact::{FindingReport, Place};
use crate::escape::escape_text;

/// A line fit for the page, and its underline.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Marked {
    /// The line, escaped and cut to the page.
    pub(super) line: String,
    /// Cells before the carets.
    pub(super) offset: usize,
    /// How many carets.
    pub(super) carets: usize,
}

/// Marks the finding's call in the snippet of its place, within `room` cells.
pub(super) fn mark_snippet(finding: &FindingReport, place: &Place, room: usize) -> Marked {
    let chars: Vec<char> = place.snippet.chars().collect();
    let (start, end) = find_call(finding, place, &chars).unwrap_or((0, chars.len()));
    let cells: Vec<(String, usize)> = chars.iter().map(|c| render_cell(*c)).collect();
    let (from, to) = choose_window(&cells, start, room);
    let shown = cells.get(from..to).unwrap_or_default();
    let width_of = |part: &[(String, usize)]| part.iter().map(|(_, width)| width).sum::<usize>();

    let mut line: String = shown.iter().map(|(text, _)| text.as_str()).collect();
    let lead = usize::from(from > 0);
    if from > 0 {
        line.insert(0, '…');
    }
    if to < cells.len() {
        line.push('…');
    }
    let marked_from = start.clamp(from, to);
    let marked_to = end.clamp(marked_from, to);
    let offset = lead + width_of(cells.get(from..marked_from).unwrap_or_default());
    Marked { line, offset, carets: width_of(cells.get(marked_from..marked_to).unwrap_or_default()).max(1) }
}

/// A character as it is shown, and how many cells it takes.
fn render_cell(c: char) -> (String, usize) {
    let text = escape_text(c.encode_utf8(&mut [0; 4])).into_owned();
    let width = if text.chars().eq([c]) { c.width().unwrap_or(0) } else { text.len() };
    (text, width)
}

/// The part of the line that fits `room` cells and shows the marked place.
fn choose_window(cells: &[(String, usize)], marked: usize, room: usize) -> (usize, usize) {
    let total: usize = cells.iter().map(|(_, width)| width).sum();
    if total <= room {
        return (0, cells.len());
    }
    // Two cells go to the ellipses; a quarter of the line stays in front of the mark.
    let room = room.saturating_sub(2).max(10);
    let mut from = marked.min(cells.len());
    let mut before = 0;
    while let Some((_, width)) = from.checked_sub(1).and_then(|at| cells.get(at)) {
        if before + width > room / 4 {
            break;
        }
        before += width;
        from -= 1;
    }
    let mut used = 0;
    let fitting = cells.iter().skip(from).take_while(|(_, width)| {
        used += width;
        used <= room
    });
    let to = from + fitting.count();
    (from, to)
}

/// Start and end, in characters, of the call that the evidence at this place names.
fn find_call(finding: &FindingReport, place: &Place, chars: &[char]) -> Option<(usize, usize)> {
    let here = finding.evidence.iter().filter(|e| {
        e.place
            .as_ref()
            .is_some_and(|p| (p.line, p.layer, p.layer_line) == (place.line, place.layer, place.layer_line))
    });
    let names = here.filter_map(|e| e.step.split_whitespace().nth(1));
    let (start, end) = names.filter_map(|name| find_name(name, chars)).next_back()?;
    // The stored span tells the length of the call, as long as it closes where the snippet closes one.
    let length = place.end_column.saturating_sub(place.column) as usize;
    let is_one_line = place.layer == 0 && place.line == place.end_line && place.end_column > 0;
    let closes = length > 0 && chars.get(start + length - 1) == Some(&')');
    Some((start, if is_one_line && closes { start + length } else { end }))
}

/// Finds the longest dotted suffix of a qualified name that stands in the line as a word, with its receiver.
fn find_name(name: &str, chars: &[char]) -> Option<(usize, usize)> {
    let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
    let mut suffix = name.trim_end_matches("()");
    loop {
        let wanted: Vec<char> = suffix.chars().collect();
        let mut starts =
            (0..chars.len()).filter(|at| chars.get(*at..).is_some_and(|rest| rest.starts_with(&wanted)));
        let found = starts.find(|at| {
            let before = at.checked_sub(1).and_then(|b| chars.get(b));
            let after = chars.get(at + wanted.len());
            !wanted.is_empty() && !before.is_some_and(is_word) && !after.is_some_and(is_word)
        });
        if let Some(at) = found {
            let receiver = chars.get(..at)?.iter().rev().take_while(|c| is_word(c) || **c == '.').count();
            return Some((at - receiver, at + wanted.len()));
        }
        suffix = suffix.split_once(['.', ':'])?.1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, line: &str) -> Option<String> {
        let chars: Vec<char> = line.chars().collect();
        find_name(name, &chars).map(|(start, end)| chars[start..end].iter().collect())
    }

    #[test]
    fn a_call_is_found_through_an_alias() {
        assert_eq!(found("requests.get", "body = rq.get(url)").as_deref(), Some("rq.get"));
        assert_eq!(found("subprocess.Popen", "Popen([path])").as_deref(), Some("Popen"));
        assert_eq!(found("os.system", "getattr(os, name)(x)"), None);
    }

    #[test]
    fn part_of_a_word_is_not_the_call() {
        assert_eq!(found("builtins.exec", "executor.run(); exec(code)").as_deref(), Some("exec"));
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let cells: Vec<_> = (0..200).map(|_| ("x".to_owned(), 1)).collect();
        let (from, to) = choose_window(&cells, 150, 42);
        assert!(from > 130 && to <= 190 && (from..to).contains(&150) && to - from == 40);
    }

    #[test]
    fn an_escaped_character_takes_the_cells_of_its_escape() {
        assert_eq!(render_cell('\u{202e}'), ("\\u{202e}".to_owned(), 8));
        assert_eq!(render_cell('漢'), ("漢".to_owned(), 2));
    }
}
