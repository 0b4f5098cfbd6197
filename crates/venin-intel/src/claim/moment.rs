//! A point in time, to the microsecond, in UTC.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use thiserror::Error;

/// A point in time: microseconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// A text that is no time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no time; a time looks like 2026-01-02T03:04:05Z or 2026-01-02")]
pub struct WrongMoment(pub String);

impl Moment {
    /// From seconds since 1970 in UTC.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// From microseconds since 1970 in UTC.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970 in UTC.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970 in UTC, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Reads an RFC 3339 time.
    ///
    /// # Errors
    /// Anything else, and times outside the years 0 to 9999.
    pub fn parse(text: &str) -> Result<Self, WrongMoment> {
        let wrong = || WrongMoment(text.chars().take(64).collect());
        let stamp: Timestamp = text.trim().parse().map_err(|_| wrong())?;
        Ok(Self(stamp.as_microsecond()))
    }

    /// Reads an RFC 2822 time, as RSS and HTTP write it.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse_rfc2822(text: &str) -> Result<Self, WrongMoment> {
        let wrong = || WrongMoment(text.chars().take(64).collect());
        let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
        let stamp = parser.parse_timestamp(text.trim()).map_err(|_| wrong())?;
        Ok(Self(stamp.as_microsecond()))
    }
}

impl fmt::Display for Moment {
    /// `2026-01-02T03:04:05Z`, with a fraction where there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(stamp) => f.pad(&stamp.to_string()),
            Err(_) => f.pad("(no date)"),
        }
    }
}

/// The calendar day of a moment in UTC: year, month, day.  `None` outside the years that calendars have.
pub(super) fn civil_of(moment: Moment) -> Option<jiff::civil::DateTime> {
    let stamp = Timestamp::from_microsecond(moment.0).ok()?;
    Some(TimeZone::UTC.to_datetime(stamp))
}

/// The first moment of a day in UTC.
pub(super) fn start_of(date: jiff::civil::Date) -> Option<Moment> {
    let zoned = date.to_zoned(TimeZone::UTC).ok()?;
    Some(Moment(zoned.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_survives_being_written_and_read() {
        let moment = Moment::parse("2026-05-12T03:04:05.25+02:00").unwrap();
        assert_eq!(moment.to_string(), "2026-05-12T01:04:05.25Z");
        assert_eq!(Moment::parse(&moment.to_string()), Ok(moment));
    }

    #[test]
    fn the_time_of_a_feed_is_read_even_with_a_wrong_weekday() {
        let moment = Moment::parse_rfc2822("Mon, 22 Nov 2026 10:00:00 GMT").unwrap();
        assert_eq!(moment.to_string(), "2026-11-22T10:00:00Z");
    }

    #[test]
    fn what_is_no_time_is_named() {
        let error = Moment::parse("yesterday").unwrap_err();
        assert!(error.to_string().starts_with("`yesterday` is no time"));
    }
}
