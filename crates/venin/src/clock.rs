//! The time of day, for what is written down with a date.

use std::time::{SystemTime, UNIX_EPOCH};

use venin_intel::claim::Moment;

/// The last second that [`Moment`] can write: its library keeps a day free before the year 10000, so that every time zone has it.
const MAX_SECONDS: u64 = 253_402_207_200;

/// Seconds since 1970 in UTC; `SOURCE_DATE_EPOCH` replaces the clock, so that a report can be made again to the byte.
pub(crate) fn seconds_now() -> u64 {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.trim().parse().ok());
    let of_clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    fixed.unwrap_or_else(of_clock).min(MAX_SECONDS)
}

/// A time as RFC 3339 writes it: `2026-01-02T03:04:05Z`.
pub(crate) fn render_time(seconds: u64) -> String {
    Moment::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)).to_string()
}

/// A day: `2026-01-02`.
pub(crate) fn render_date(seconds: u64) -> String {
    render_time(seconds).split('T').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339() {
        assert_eq!(render_time(0), "1970-01-01T00:00:00Z");
        assert_eq!(render_time(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(render_time(1_767_323_045), "2026-01-02T03:04:05Z");
        assert_eq!(render_time(MAX_SECONDS), "9999-12-30T22:00:00Z");
    }
}
