//! What follows the findings: indicators, and what was not looked at.

use super::paint::{Ink, Painter};
use super::wrap::push_wrapped;
use super::{MAX_LISTED, MAX_PATH, TextOptions, push_labelled};
use crate::artifact::{CoverageReport, GapReport, IndicatorReport};
use crate::escape::shorten;

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

/// Appends what was not looked at.
pub(super) fn push_gaps(out: &mut String, coverage: &CoverageReport, options: &TextOptions) {
    if coverage.gaps.is_empty() {
        return;
    }
    out.push('\n');
    out.push_str(&Painter(options.color).paint(Ink::Strong, "not looked at"));
    out.push('\n');
    let limit = options.limit(MAX_LISTED);
    for gap in coverage.gaps.iter().take(limit) {
        push_wrapped(out, "  ", "    ", &render_gap(gap), options.page());
    }
    if coverage.gaps.len() > limit {
        out.push_str(&format!("  and {} more; `--verbose` shows all\n", coverage.gaps.len() - limit));
    }
}

/// `pkg/data.bin (archive budget): declared 120 bytes, found 4,096`.
fn render_gap(gap: &GapReport) -> String {
    let what = gap.member.as_deref().unwrap_or("the artifact");
    format!("{} ({}): {}", shorten(what, MAX_PATH), gap.kind, shorten(&gap.detail, MAX_DETAIL))
}
