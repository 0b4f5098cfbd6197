//! When something happened, as exactly as is known.
//!
//! A changelog knows the second, an advisory the day, and a probe only that it was after the last look that said
//! otherwise.  One time stamp for all of them would claim more than anybody knows.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::moment::{Moment, WrongMoment, civil_of, start_of};

/// A span of time, both ends included, in which something happened once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// It did not happen before; `None` when nothing is known.
    pub not_before: Option<Moment>,
    /// It had happened by then; `None` when nothing is known.
    pub not_after: Option<Moment>,
}

impl Interval {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { not_before: None, not_after: None };

    /// Exactly then.
    #[must_use]
    pub const fn at(moment: Moment) -> Self {
        Self { not_before: Some(moment), not_after: Some(moment) }
    }

    /// At some time up to then.
    #[must_use]
    pub const fn by(moment: Moment) -> Self {
        Self { not_before: None, not_after: Some(moment) }
    }

    /// After one moment and by another; the ends are put in order.
    #[must_use]
    pub fn between(a: Moment, b: Moment) -> Self {
        Self { not_before: Some(a.min(b)), not_after: Some(a.max(b)) }
    }

    /// Whether the moment is known to the second.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.not_before.is_some() && self.not_before == self.not_after
    }

    /// Reads `2026`, `2026-05`, `2026-05-12` or an RFC 3339 time, each with the precision that it has.
    ///
    /// # Errors
    /// The text is none of these.
    pub fn parse(text: &str) -> Result<Self, WrongMoment> {
        let text = text.trim();
        let wrong = || WrongMoment(text.chars().take(64).collect());
        let digits = |part: &str, length: usize| -> Option<i16> {
            (part.len() == length && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
        };
        let parts: Vec<&str> = text.splitn(4, '-').collect();
        let (first, span) = match parts.as_slice() {
            [year] => (day(digits(year, 4), Some(1), Some(1)), 1.year()),
            [year, month] => (day(digits(year, 4), digits(month, 2), Some(1)), 1.month()),
            [year, month, d] if d.len() == 2 => {
                (day(digits(year, 4), digits(month, 2), digits(d, 2)), 1.day())
            }
            _ => return Moment::parse(text).map(Self::at),
        };
        let first = first.ok_or_else(wrong)?;
        let next = first.checked_add(span).map_err(|_| wrong())?;
        let (start, end) = (start_of(first).ok_or_else(wrong)?, start_of(next).ok_or_else(wrong)?);
        Ok(Self::between(start, Moment::from_micros(end.micros() - 1)))
    }
}

fn day(year: Option<i16>, month: Option<i16>, day: Option<i16>) -> Option<Date> {
    Date::new(year?, i8::try_from(month?).ok()?, i8::try_from(day?).ok()?).ok()
}

impl fmt::Display for Interval {
    /// A whole year, month or day by its name, an exact time as such, anything else by its ends.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match (self.not_before, self.not_after) {
            (None, None) => "unknown".to_owned(),
            (None, Some(end)) => format!("by {end}"),
            (Some(start), None) => format!("after {start}"),
            (Some(start), Some(end)) if start == end => start.to_string(),
            (Some(start), Some(end)) => named_span(start, end).unwrap_or_else(|| format!("{start} to {end}")),
        };
        f.pad(&text)
    }
}

/// The name of a span that is a whole day, month or year.
fn named_span(start: Moment, end: Moment) -> Option<String> {
    let (first, next) = (civil_of(start)?, civil_of(Moment::from_micros(end.micros() + 1))?);
    let is_midnight = |d: jiff::civil::DateTime| d.time() == jiff::civil::Time::midnight();
    if !is_midnight(first) || !is_midnight(next) {
        return None;
    }
    let (first, next) = (first.date(), next.date());
    let (year, month) = (first.year(), first.month());
    if first.checked_add(1.day()).ok()? == next {
        return Some(first.to_string());
    }
    if first.day() == 1 && first.checked_add(1.month()).ok()? == next {
        return Some(format!("{year:04}-{month:02}"));
    }
    (first == date(year, 1, 1) && first.checked_add(1.year()).ok()? == next).then(|| format!("{year:04}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_keeps_the_precision_it_was_written_with() {
        for text in ["2023", "2023-12", "2024-02", "2024-02-29", "2026-05-12T01:02:03Z"] {
            assert_eq!(Interval::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_day_is_the_whole_day_and_not_its_first_second() {
        let day = Interval::parse("2026-05-12").unwrap();
        assert_eq!(day.not_before, Some(Moment::parse("2026-05-12T00:00:00Z").unwrap()));
        assert_eq!(day.not_after, Some(Moment::parse("2026-05-12T23:59:59.999999Z").unwrap()));
        assert!(!day.is_exact());
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["2023-02-29", "2023-13", "23-01-01", "", "2023-1-1", "soon"] {
            assert!(Interval::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_probe_knows_only_a_span() {
        let (a, b) = (Moment::from_seconds(0), Moment::from_seconds(3600));
        assert_eq!(Interval::between(b, a).to_string(), "1970-01-01T00:00:00Z to 1970-01-01T01:00:00Z");
        assert_eq!(Interval::by(b).to_string(), "by 1970-01-01T01:00:00Z");
    }
}
