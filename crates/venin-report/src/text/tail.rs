//! What follows the findings: indicators, and what was not looked at.

use std::collections::BTreeMap;

use venin_model::GapKind;

use super::paint::{Ink, Painter};
use super::wrap::push_wrapped;
use super::{Detail, MAX_LISTED, MAX_PATH, TextOptions, push_labelled};
use crate::artifact::{CoverageReport, GapReport, IndicatorReport, SuppressedFinding};
use crate::escape::shorten;

/// Most gaps of one reason that are listed one by one.
const MAX_ALIKE: usize = 3;
/// Longest reason shown, in characters.
const MAX_DETAIL: usize = 400;

/// Appends the indicators, one a line.
pub(super) fn push_indicators(out: &mut String, indicators: &IndicatorReport, options: &TextOptions) {
    let lists = [
        ("urls", &indicators.urls),
        ("hosts", &indicators.hosts),
        ("ips", &indicators.ips),
        ("e-mail", &indicators.emails),
        ("wallets", &indicators.wallets),
        ("tokens", &indicators.tokens),
    ];
    if lists.iter().all(|(_, list)| list.is_empty()) {
        return;
    }
    out.push('\n');
    out.push_str(&Painter(options.color).paint(Ink::Strong, "indicators"));
    out.push('\n');
    for (label, list) in lists {
        push_list(out, label, list, options);
    }
}

fn push_list(out: &mut String, label: &str, list: &[String], options: &TextOptions) {
    let limit = options.limit(MAX_LISTED);
    for (at, value) in list.iter().take(limit).enumerate() {
        push_labelled(out, if at == 0 { label } else { "" }, &shorten(value, MAX_PATH), options);
    }
    if list.len() > limit {
        push_labelled(out, "", &format!("and {} more", list.len() - limit), options);
    }
}

/// Appends what the user's configuration suppresses: it counts in no verdict, and is said all the same.
pub(super) fn push_suppressed(out: &mut String, suppressed: &[SuppressedFinding], options: &TextOptions) {
    if suppressed.is_empty() {
        return;
    }
    out.push('\n');
    out.push_str(&Painter(options.color).paint(Ink::Strong, "suppressed"));
    out.push('\n');
    let limit = options.limit(MAX_LISTED);
    for SuppressedFinding { finding, reason, source } in suppressed.iter().take(limit) {
        let place = finding.place.as_ref();
        let place =
            place.map(|p| format!(" at {}:{}", shorten(&p.member, MAX_PATH), p.line)).unwrap_or_default();
        let line = format!("{}{place}: {} ({source})", finding.rule, shorten(reason, MAX_DETAIL));
        push_wrapped(out, "  ", "    ", &line, options.page());
    }
    if suppressed.len() > limit {
        out.push_str(&format!("  and {} more; `--verbose` shows all\n", suppressed.len() - limit));
    }
}

/// Appends what was not looked at.
pub(super) fn push_gaps(out: &mut String, coverage: &CoverageReport, options: &TextOptions) {
    if coverage.gaps.is_empty() {
        return;
    }
    out.push('\n');
    out.push_str(&Painter(options.color).paint(Ink::Strong, "not looked at"));
    out.push('\n');
    let lines = render_gaps(&coverage.gaps, options);
    let limit = options.limit(MAX_LISTED);
    for (line, _) in lines.iter().take(limit) {
        push_wrapped(out, "  ", "    ", line, options.page());
    }
    let left: usize = lines.iter().skip(limit).map(|(_, count)| count).sum();
    if left > 0 {
        out.push_str(&format!("  and {left} more; `--verbose` shows all\n"));
    }
}

/// A line for each gap, or one for many gaps of one reason, with the number of gaps that it stands for.
fn render_gaps(gaps: &[GapReport], options: &TextOptions) -> Vec<(String, usize)> {
    let mut reasons: BTreeMap<(GapKind, &str), usize> = BTreeMap::new();
    for gap in gaps {
        *reasons.entry((gap.kind, &gap.detail)).or_default() += 1;
    }
    let mut lines = Vec::new();
    for gap in gaps {
        let reason = (gap.kind, gap.detail.as_str());
        let count = reasons.get(&reason).copied().unwrap_or(1);
        if count <= MAX_ALIKE || options.detail == Detail::Full {
            lines.push((render_gap(gap), 1));
        } else if count < usize::MAX {
            lines.push((render_alike(gap, count), count));
            // Said once.
            reasons.insert(reason, usize::MAX);
        }
    }
    lines
}

/// `491 members, such as pkg/a.pyc (unsupported format): bytecode is not interpreted`.
fn render_alike(gap: &GapReport, count: usize) -> String {
    let what = gap.member.as_deref().unwrap_or("the artifact");
    let (what, detail) = (shorten(what, MAX_PATH), shorten(&gap.detail, MAX_DETAIL));
    format!("{count} members, such as {what} ({}): {detail}", gap.kind)
}

/// `pkg/data.bin (archive budget): declared 120 bytes, found 4,096`.
fn render_gap(gap: &GapReport) -> String {
    let what = gap.member.as_deref().unwrap_or("the artifact");
    format!("{} ({}): {}", shorten(what, MAX_PATH), gap.kind, shorten(&gap.detail, MAX_DETAIL))
}
