//! A source line with carets under the part that matters, within the width of the page.

use unicode_width::UnicodeWidthChar;

use crate::artifact::Place;
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

/// Marks the place in its snippet, within `room` cells.
pub(super) fn mark_snippet(place: &Place, room: usize) -> Marked {
    let cells: Vec<(String, usize)> = place.snippet.chars().map(render_cell).collect();
    let start = (place.mark_start as usize).min(cells.len());
    let end = start.saturating_add(place.mark_length as usize).min(cells.len());
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

#[cfg(test)]
mod tests {
    use venin_model::Site;

    use super::*;

    fn place(snippet: &str, mark_start: u32, mark_length: u32) -> Place {
        let site = Site::whole("a.py".into());
        Place { snippet: snippet.to_owned(), mark_start, mark_length, ..Place::from(&site) }
    }

    #[test]
    fn the_carets_stand_under_the_mark() {
        let marked = mark_snippet(&place("漢 = run(x)", 4, 6), 40);
        assert_eq!((marked.line.as_str(), marked.offset, marked.carets), ("漢 = run(x)", 5, 6));
    }

    #[test]
    fn a_mark_outside_of_the_line_is_one_caret_behind_it() {
        let marked = mark_snippet(&place("run", u32::MAX, u32::MAX), 40);
        assert_eq!((marked.offset, marked.carets), (3, 1));
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
