//! The time of day, for what is written down with a date.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds of a day.
const DAY: u64 = 86_400;
/// The last second that has a year of four digits.
const MAX_SECONDS: u64 = 253_402_300_799;

/// Seconds since 1970 in UTC; `SOURCE_DATE_EPOCH` replaces the clock, so that a report can be made again to the byte.
pub(crate) fn seconds_now() -> u64 {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.trim().parse().ok());
    let of_clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    fixed.unwrap_or_else(of_clock).min(MAX_SECONDS)
}

/// A time as RFC 3339 writes it: `2026-01-02T03:04:05Z`.
pub(crate) fn render_time(seconds: u64) -> String {
    let (second, minute, hour) = (seconds % 60, seconds / 60 % 60, seconds / 3600 % 24);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", render_date(seconds))
}

/// A day: `2026-01-02`.
pub(crate) fn render_date(seconds: u64) -> String {
    // Howard Hinnant's civil_from_days: eras of 400 years that begin on the first of March.
    let days = seconds / DAY + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339() {
        assert_eq!(render_time(0), "1970-01-01T00:00:00Z");
        assert_eq!(render_time(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(render_time(1_767_323_045), "2026-01-02T03:04:05Z");
        assert_eq!(render_time(MAX_SECONDS), "9999-12-31T23:59:59Z");
    }
}
