//! A length of time between two happenings that are known as intervals only.

use std::fmt;

use crate::claim::Interval;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Seconds from one happening to another, with bounds; negative when the second may have come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// At least so many seconds; `None` when nothing bounds it.
    pub least: Option<i64>,
    /// At most so many seconds; `None` when nothing bounds it, or it has not ended.
    pub most: Option<i64>,
}

impl Span {
    /// From one happening to another.
    #[must_use]
    pub fn between(from: Interval, to: Interval) -> Self {
        let seconds = |a: Option<crate::claim::Moment>, b: Option<crate::claim::Moment>| {
            Some(b?.seconds().saturating_sub(a?.seconds()))
        };
        Self { least: seconds(from.not_after, to.not_before), most: seconds(from.not_before, to.not_after) }
    }
}

impl fmt::Display for Span {
    /// `3 d 4 h`, `2 d to 4 d`, `at least 5 d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match (self.least, self.most) {
            (Some(least), Some(most)) if least == most => spelled(least),
            (Some(least), Some(most)) => format!("{} to {}", spelled(least), spelled(most)),
            (Some(least), None) => format!("at least {}", spelled(least)),
            (None, Some(most)) => format!("at most {}", spelled(most)),
            (None, None) => "unknown".to_owned(),
        };
        f.pad(&text)
    }
}

/// The two largest units of a length.
fn spelled(seconds: i64) -> String {
    let (sign, seconds) = if seconds < 0 { ("-", seconds.saturating_neg()) } else { ("", seconds) };
    let units = [
        (seconds / DAY, "d"),
        (seconds % DAY / 3600, "h"),
        (seconds % 3600 / 60, "min"),
        (seconds % 60, "s"),
    ];
    let from = units.iter().position(|(count, _)| *count > 0).unwrap_or(units.len() - 1);
    let parts = units.iter().skip(from).take(2).filter(|(count, _)| *count > 0);
    let text = parts.map(|(count, unit)| format!("{count} {unit}")).collect::<Vec<_>>().join(" ");
    if text.is_empty() { "0 s".to_owned() } else { format!("{sign}{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::Moment;

    #[test]
    fn bounds_follow_from_the_bounds_of_both_ends() {
        let from = Interval::parse("2026-01-01").unwrap();
        let to = Interval::at(Moment::parse("2026-01-03T12:00:00Z").unwrap());
        let span = Span::between(from, to);
        assert_eq!(span.to_string(), "1 d 12 h to 2 d 12 h");
        assert_eq!(Span::between(Interval::UNKNOWN, to).to_string(), "unknown");
        assert_eq!(Span::between(from, Interval { not_after: None, ..to }).to_string(), "at least 1 d 12 h");
    }

    #[test]
    fn what_came_first_after_all_is_shown_as_negative() {
        let (early, late) = (Moment::from_seconds(0), Moment::from_seconds(90));
        assert_eq!(Span::between(Interval::at(late), Interval::at(early)).to_string(), "-1 min 30 s");
    }
}
