//! One finding in the manner of a compiler's diagnostic.

use venin_model::Trigger;

use super::paint::{Ink, Painter};
use super::snippet::mark_snippet;
use super::wrap::push_wrapped;
use super::{Color, Detail, MAX_PATH, TextOptions, plural, severity_ink};
use crate::artifact::{FindingReport, Place};
use crate::decoding::render_decodings;
use crate::escape::{escape_text, shorten};

/// Longest title or sentence shown, in characters.
const MAX_SENTENCE: usize = 600;

/// Appends the finding: title, place, source line, and notes; then the titles of others at the same place.
pub(super) fn push_finding(
    out: &mut String,
    finding: &FindingReport,
    others: &[&FindingReport],
    options: &TextOptions,
) {
    let painter = Painter(options.color);
    out.push_str(&format!("{}\n", render_title(finding, painter)));
    let gutter = finding.place.as_ref().map_or(1, |place| shown_line(place).to_string().len());
    let is_message_said = match &finding.place {
        Some(place) => push_place(out, finding, place, gutter, options),
        None => false,
    };
    let notes = Notes { gutter, options };
    if !is_message_said && !finding.message.is_empty() && finding.message != finding.title {
        notes.push(out, "note", &finding.message);
    }
    push_notes(out, finding, &notes);
    for other in others {
        // Wrapped without ink: the width of a styled word cannot be told.
        notes.push(out, "also", &render_title(other, Painter(Color::Plain)));
    }
}

fn render_title(finding: &FindingReport, painter: Painter) -> String {
    let title = painter.paint(Ink::Strong, &escape_text(&shorten(&finding.title, MAX_SENTENCE)));
    let rule = painter.paint(Ink::Faint, &format!("[{}]", escape_text(&finding.rule)));
    let grade = painter
        .paint(severity_ink(finding.severity), &format!("{}/{}", finding.severity, finding.confidence));
    format!("{title} {rule} {grade}")
}

/// The number beside the snippet: it counts in the text that the snippet comes from.
const fn shown_line(place: &Place) -> u32 {
    if place.layer == 0 { place.line } else { place.layer_line }
}

/// Appends the arrow and the marked line; tells whether the message found room beside the carets.
fn push_place(
    out: &mut String,
    finding: &FindingReport,
    place: &Place,
    gutter: usize,
    options: &TextOptions,
) -> bool {
    let painter = Painter(options.color);
    let pad = " ".repeat(gutter);
    let arrow = painter.paint(Ink::Label, "-->");
    out.push_str(&format!("{pad}{arrow} {}\n", render_place(place)));
    if place.snippet.trim().is_empty() {
        return false;
    }
    let bar = painter.paint(Ink::Label, "|");
    let number = painter.paint(Ink::Label, &format!("{:>gutter$}", shown_line(place)));
    let room = options.page().saturating_sub(gutter + 3);
    let marked = mark_snippet(place, room);
    let message = escape_text(&finding.message);
    let fits = marked.offset + marked.carets + 1 + message.chars().count() <= room;
    let label = if fits { format!(" {message}") } else { String::new() };
    let carets =
        painter.paint(severity_ink(finding.severity), &format!("{}{label}", "^".repeat(marked.carets)));
    out.push_str(&format!("{pad} {bar}\n{number} {bar} {}\n", marked.line));
    out.push_str(&format!("{pad} {bar} {}{carets}\n", " ".repeat(marked.offset)));
    fits
}

/// `pkg/setup.py:14:5 (layer 2, line 3 in it)`.
fn render_place(place: &Place) -> String {
    let member = escape_text(&shorten(&place.member, MAX_PATH)).into_owned();
    let mut text = format!("{member}:{}:{}", place.line, place.column);
    if place.layer > 0 {
        text.push_str(&format!(" (layer {}, line {} in it)", place.layer, place.layer_line));
    }
    text
}

fn push_notes(out: &mut String, finding: &FindingReport, notes: &Notes<'_>) {
    // Nearly every argument has a literal in it somewhere.
    let is_telling = |origin: &&String| notes.options.detail == Detail::Full || *origin != "literal";
    for origin in finding.origins.iter().filter(is_telling) {
        notes.push(out, "from", origin);
    }
    if !finding.decoding.is_empty() {
        notes.push(out, "decoded by", &render_decodings(&finding.decoding));
    }
    if finding.trigger != Trigger::Data {
        notes.push(out, "trigger", finding.trigger.as_str());
    }
    if !finding.attack.is_empty() {
        notes.push(out, "attack", &finding.attack.join(", "));
    }
    if notes.options.detail == Detail::Full {
        notes.push(out, "id", &finding.id);
        for step in &finding.evidence {
            let at = step.place.as_ref().map(|p| format!(" ({}:{})", p.member, p.line)).unwrap_or_default();
            let detail = if step.detail.is_empty() { String::new() } else { format!(": {}", step.detail) };
            notes.push(out, "step", &format!("{}{at}{detail}", step.step));
        }
    }
    if finding.further > 0 {
        notes.push(
            out,
            "more",
            &format!("{} of this rule", plural(u64::from(finding.further), "further place")),
        );
    }
}

/// Lines `= label: text` under a finding.
struct Notes<'a> {
    gutter: usize,
    options: &'a TextOptions,
}

impl Notes<'_> {
    fn push(&self, out: &mut String, label: &str, text: &str) {
        let painter = Painter(self.options.color);
        let first = format!("{} {} {label}: ", " ".repeat(self.gutter), painter.paint(Ink::Label, "="));
        let indent = " ".repeat(self.gutter + 5 + label.len());
        push_wrapped(out, &first, &indent, &shorten(text, MAX_SENTENCE), self.options.page());
    }
}
