//! Hostile text made fit for a line of output, and details in their canonical form.

use std::collections::BTreeMap;

use serde_json::Value;

use super::SourceProblem;

/// Longest text that is shown, in characters.
const MOST_SHOWN: usize = 120;

/// The beginning of a text without control characters.
pub(super) fn plain(text: &str) -> String {
    let mut shown: String = text.chars().take(MOST_SHOWN).flat_map(escape_control).collect();
    if text.chars().nth(MOST_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters and those that turn the direction of writing are escaped, everything else stays.
fn escape_control(c: char) -> Vec<char> {
    let turns =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    if c.is_control() || turns { c.escape_unicode().collect() } else { vec![c] }
}

pub(super) fn problem(what: &str, error: impl std::fmt::Display) -> SourceProblem {
    SourceProblem { what: plain(what), error: plain(&format!("{error}")) }
}

/// A JSON object with sorted keys; empty text when there is nothing to say.
pub(super) fn render_detail(fields: BTreeMap<&str, Value>) -> String {
    let said: BTreeMap<&str, Value> = fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
    if said.is_empty() { String::new() } else { serde_json::to_string(&said).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_short_and_cannot_steer_a_terminal() {
        let shown = plain(&format!("\u{1b}[31m\u{202e}{}", "ä".repeat(10_000)));
        assert!(shown.starts_with("\\u{1b}[31m\\u{202e}ää") && shown.chars().count() < 200, "{shown}");
    }
}
