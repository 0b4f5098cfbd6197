//! A release for people at a terminal.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::{ClaimReport, ReleaseReport};
use crate::escape::escape_text;
use crate::text::{Ink, Painter, TextOptions};

/// The life of a release as a time line.
#[must_use]
pub fn render_lifecycle_text(report: &ReleaseReport, options: &TextOptions) -> String {
    let mut out = heading(report, options);
    if report.timeline.is_empty() {
        out.push_str("  nothing is known of it\n");
        return out;
    }
    let rows: Vec<[String; 4]> = report.timeline.iter().map(cells).collect();
    push_table(&mut out, &rows);
    if !report.measures.is_empty() {
        out.push('\n');
        let rows: Vec<[String; 3]> =
            report.measures.iter().map(|m| [m.name.clone(), m.text.clone(), m.meaning.clone()]).collect();
        push_table(&mut out, &rows);
    }
    push_surfaces(&mut out, report);
    out
}

/// Who accuses a release, what our own scan said, and where they differ.
#[must_use]
pub fn render_release_text(report: &ReleaseReport, options: &TextOptions) -> String {
    let mut out = heading(report, options);
    match &report.scan {
        Some(scan) => {
            let _ = writeln!(out, "  our scan: {} ({})", escape_text(&scan.verdict), escape_text(&scan.at));
        }
        None => out.push_str("  our scan: none\n"),
    }
    if report.accusations.is_empty() {
        out.push_str("  nobody accuses it\n");
    } else {
        let _ = writeln!(out, "  accused by {}:", counted(report.accusations.len(), "record"));
        let rows: Vec<[String; 5]> = report
            .accusations
            .iter()
            .map(|a| {
                let sure = a.confidence.map_or(String::new(), |c| format!("{c} % sure"));
                [
                    a.since.clone(),
                    a.class.clone(),
                    format!("{} {}", a.source, a.record),
                    format!("by {}", a.by),
                    sure,
                ]
            })
            .collect();
        push_table(&mut out, &rows);
    }
    for (source, record) in &report.withdrawn {
        let _ = writeln!(out, "  taken back: {} {}", escape_text(source), escape_text(record));
    }
    if let Some(since) = &report.reused_since {
        let _ = writeln!(out, "  the name belongs to somebody else since {}", escape_text(since));
    }
    for conflict in &report.conflicts {
        let _ = writeln!(out, "  opinions differ: {}", escape_text(conflict));
    }
    push_surfaces(&mut out, report);
    out
}

fn heading(report: &ReleaseReport, options: &TextOptions) -> String {
    let title = escape_text(&report.title()).into_owned();
    format!("{}\n", Painter(options.color).paint(Ink::Strong, &title))
}

fn cells(claim: &ClaimReport) -> [String; 4] {
    let source = format!("{} {}", claim.source, claim.source_ref);
    [claim.happened.clone(), claim.kind.clone(), claim.surface.clone(), source.trim_end().to_owned()]
}

fn push_surfaces(out: &mut String, report: &ReleaseReport) {
    if report.surfaces.is_empty() {
        return;
    }
    out.push('\n');
    let when = |label: &str, text: &Option<String>| {
        text.as_ref().map(|t| format!("{label} {t}")).unwrap_or_default()
    };
    let rows: Vec<[String; 4]> = report
        .surfaces
        .iter()
        .map(|s| [s.surface.clone(), s.state.clone(), when("seen", &s.last_seen), when("gone", &s.gone)])
        .collect();
    push_table(out, &rows);
}

/// Rows with aligned columns, indented by two; everything is escaped.
fn push_table<const N: usize>(out: &mut String, rows: &[[String; N]]) {
    let rows: Vec<[String; N]> =
        rows.iter().map(|row| row.each_ref().map(|cell| escape_text(cell).into_owned())).collect();
    let width =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    for row in &rows {
        let mut line = String::from(" ");
        for (cell, width) in row.iter().zip(&widths) {
            let padding = width.saturating_sub(cell.width());
            let _ = write!(line, " {cell}{:padding$} ", "");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
