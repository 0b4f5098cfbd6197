//! Where an event stands: the place in the member, and for a layer the place of the call that executes it.

use std::sync::Arc;

use venin_model::{Site, Snippet};

use super::Interpreter;
use crate::source::ir::{Code, Span};

impl Interpreter<'_> {
    /// Where a span of the unit in course lies, as reports show it.
    pub(super) fn site_of(&self, code: &Code, span: Span) -> Site {
        let (line, column) = code.position(span.start);
        let (end_line, end_column) = code.position(span.end);
        let Some(unit) = self.modules.units.get(self.unit_index() as usize) else {
            return Site::whole(Arc::from(""));
        };
        let (shown, end_shown) = (code.source_line(line), code.source_line(end_line));
        // The columns of a rendered text are those of no file.
        let column = if code.origin_lines.is_empty() { column } else { 0 };
        let (outer_line, outer_column) = unit.outer.unwrap_or((shown, column));
        Site {
            member: Arc::clone(&unit.member),
            line: outer_line,
            column: outer_column,
            end_line: if unit.layer == 0 { end_shown.max(outer_line) } else { outer_line },
            end_column: if unit.layer == 0 && code.origin_lines.is_empty() { end_column } else { 0 },
            layer: unit.layer,
            layer_line: shown,
            ..Site::whole(Arc::clone(&unit.member))
        }
        .with_snippet(snippet_of(code, span, line))
    }
}

/// The line in which a span begins; the part of the span in that line is marked.
fn snippet_of(code: &Code, span: Span, line: u32) -> Snippet {
    let line_start = code.line_start(line);
    let start = span.start.saturating_sub(line_start) as usize;
    let end = span.end.saturating_sub(line_start) as usize;
    Snippet::around(code.line_text(line), start, end)
}
