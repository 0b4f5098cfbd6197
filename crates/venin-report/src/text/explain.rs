//! How the score adds up.

use super::paint::{Ink, Painter};
use super::wrap::push_wrapped;
use super::{LABEL_WIDTH, TextOptions};
use crate::artifact::{ArtifactReport, FindingReport};
use crate::attack::{attack_name, list_attack};
use crate::escape::escape_text;

/// Appends the ATT&CK techniques with their names and the rules that speak for them.
pub(super) fn push_attack(out: &mut String, findings: &[FindingReport], options: &TextOptions) {
    let techniques = list_attack(findings);
    if techniques.is_empty() {
        return;
    }
    let painter = Painter(options.color);
    out.push_str(&format!("\n{}\n", painter.paint(Ink::Strong, "ATT&CK techniques")));
    for (id, rules) in techniques {
        // Ids come from rule pages, which may be the user's own.
        let padding = " ".repeat(LABEL_WIDTH.saturating_sub(id.len()));
        let first = format!("  {}{padding}", painter.paint(Ink::Label, &escape_text(id)));
        let name = attack_name(id).map(|name| format!("{name}: ")).unwrap_or_default();
        let text = format!("{name}{}", rules.join(", "));
        push_wrapped(out, &first, &" ".repeat(LABEL_WIDTH + 2), &text, options.page());
    }
}

/// Appends the table of shares.  The printed numbers add up to the printed score: what rounding takes from one row
/// it gives to another.
pub(super) fn push_explanation(out: &mut String, artifact: &ArtifactReport, painter: Painter) {
    let shares = &artifact.explanation.shares;
    let mut values = vec![artifact.explanation.prior];
    values.extend(shares.iter().map(|share| share.log_odds));
    let total = hundredths(artifact.score);
    let rounded = round_to_sum(&values, total);

    out.push('\n');
    out.push_str(&painter.paint(Ink::Strong, "how the score adds up (log-odds)"));
    out.push('\n');
    let reasons = shares.iter().map(|share| (share.rule.as_str(), share.reason.as_deref()));
    let labels = std::iter::once(("before any evidence", None)).chain(reasons);
    for (value, (label, reason)) in rounded.iter().zip(labels) {
        let reason = reason.map(|r| format!(" ({})", escape_text(r))).unwrap_or_default();
        out.push_str(&format!("  {:>8}  {}{reason}\n", render_hundredths(*value), escape_text(label)));
    }
    let rest = total - rounded.iter().sum::<i64>();
    if rest != 0 {
        out.push_str(&format!("  {:>8}  not explained\n", render_hundredths(rest)));
    }
    out.push_str(&format!("  {:>8}  {}\n", render_hundredths(total), painter.paint(Ink::Strong, "score")));
}

/// A score or share as text, with its sign.  Headline and table agree on it.
pub(crate) fn render_log_odds(value: f64) -> String {
    render_hundredths(hundredths(value))
}

/// A cast saturates, so that a hostile weight gives a large number and nothing worse.
#[expect(clippy::cast_possible_truncation, reason = "saturates, which is what is wanted")]
fn hundredths(value: f64) -> i64 {
    ((value * 100.0).round() as i64).clamp(-1_000_000_000, 1_000_000_000)
}

fn render_hundredths(value: i64) -> String {
    let sign = if value < 0 { '-' } else { '+' };
    format!("{sign}{}.{:02}", value.abs() / 100, value.abs() % 100)
}

/// Rounds each value to hundredths so that the sum is `total`, changing first what rounding changed most.  Where the
/// values are further from the total than rounding explains, the rest stays for the caller to show.
fn round_to_sum(values: &[f64], total: i64) -> Vec<i64> {
    let mut rounded: Vec<i64> = values.iter().map(|value| hundredths(*value)).collect();
    let missing = total - rounded.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..values.len()).collect();
    let error = |at: &usize| match (values.get(*at), rounded.get(*at)) {
        (Some(value), Some(cents)) => value * 100.0 - *cents as f64,
        _ => 0.0,
    };
    order.sort_by(|a, b| error(a).total_cmp(&error(b)));
    if missing > 0 {
        order.reverse();
    }
    if missing.unsigned_abs() as usize <= values.len() {
        for at in order.into_iter().take(missing.unsigned_abs() as usize) {
            if let Some(cents) = rounded.get_mut(at) {
                *cents += missing.signum();
            }
        }
    }
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_shares_add_up_to_the_printed_score() {
        let values = [-4.595, 1.333_33, 1.333_33, 1.333_33, 0.004, 0.004];
        let total = hundredths(values.iter().sum());
        assert_eq!(round_to_sum(&values, total).iter().sum::<i64>(), total);
    }

    #[test]
    fn a_small_negative_number_keeps_its_sign() {
        assert_eq!(render_hundredths(-5), "-0.05");
        assert_eq!(render_hundredths(0), "+0.00");
    }

    #[test]
    fn a_sum_that_does_not_hold_is_not_papered_over() {
        assert_eq!(round_to_sum(&[1.0, 1.0], 500), [100, 100]);
    }
}
