//! How long to wait for what may pass.

use std::time::Duration;

use super::Fetched;
use super::clock::Clock;
use super::settings::Politeness;
use crate::claim::Moment;

/// How long the server asks to wait: seconds or a date (RFC 9110, 10.2.3).  `None` when it says nothing legible.
pub(super) fn parse_retry_after(answer: &Fetched, wall: Moment) -> Option<Duration> {
    let text = answer.header("retry-after")?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = Moment::parse_rfc2822(text).ok()?;
    Some(Duration::from_micros(u64::try_from(date.micros().saturating_sub(wall.micros())).unwrap_or(0)))
}

/// The pause before the next attempt: twice the last one, up to half of it left to chance so that many clients do not
/// come back at the same moment.
pub(super) fn backoff(settings: &Politeness, failed: u32, clock: &dyn Clock) -> Duration {
    let full =
        settings.backoff.saturating_mul(1 << failed.saturating_sub(1).min(16)).min(settings.longest_backoff);
    let share = u32::try_from(clock.random() % 1000).unwrap_or(0);
    full / 2 + full / 2 * share / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<u64> {
        let headers = vec![("retry-after".to_owned(), text.to_owned())];
        let wall = Moment::parse("2026-11-21T10:00:00Z").unwrap();
        parse_retry_after(&Fetched { status: 429, headers, ..Fetched::default() }, wall).map(|d| d.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_read_and_the_rest_is_not() {
        assert_eq!(parsed("120"), Some(120));
        assert_eq!(parsed("Sat, 21 Nov 2026 10:02:00 GMT"), Some(120));
        assert_eq!(parsed("Sat, 21 Nov 2020 10:02:00 GMT"), Some(0));
        assert_eq!(parsed(&"9".repeat(40)), Some(u64::MAX));
        for text in ["", "soon", "-1", "1.5"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
