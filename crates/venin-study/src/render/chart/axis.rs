//! Axes: their ends, their marks at round numbers, and what stands at the marks.

use jiff::civil::{Date, date};

use crate::number::{fixed, shown_number};
use crate::table::Unit;

/// Days from one date to another.
const EPOCH: Date = date(1970, 1, 1);
/// Most marks of any axis.
const MAX_MARKS: usize = 60;

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    /// Its lower end.
    pub(super) from: f64,
    /// Its upper end, greater than the lower.
    pub(super) to: f64,
    /// Places and what stands there.
    pub(super) marks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis of numbers from 0, or less, to a round number.
    pub(super) fn of_numbers(numbers: impl IntoIterator<Item = f64>, unit: Unit, most: usize) -> Self {
        let (mut from, mut to) = (0.0_f64, 0.0_f64);
        for number in numbers.into_iter().filter(|number| number.is_finite()) {
            from = from.min(number);
            to = to.max(number);
        }
        Self::between(from, to, unit, most)
    }

    /// An axis of numbers between two ends, which are moved to round numbers.
    pub(super) fn between(from: f64, to: f64, unit: Unit, most: usize) -> Self {
        // Differences of very large numbers are no longer finite.
        let (from, to) = (from.clamp(-1e15, 1e15), to.clamp(-1e15, 1e15));
        let to = if to - from > 0.0 { to } else { from + 1.0 };
        let is_whole = matches!(unit, Unit::Count | Unit::Lines | Unit::Bytes);
        let mut step = round_step((to - from) / most.max(2) as f64);
        if is_whole {
            step = step.max(1.0).ceil();
        }
        let (first, last) =
            ((from / step).floor(), (to / step - 1e-9).ceil().max((from / step).floor() + 1.0));
        let places =
            (0..=MAX_MARKS).map(|at| (first + at as f64) * step).take_while(|at| *at <= (last + 0.5) * step);
        let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize + usize::from(is_quarter(step));
        let label = |at: f64| match unit {
            Unit::Share => format!("{} %", fixed(at * 100.0, decimals.saturating_sub(2))),
            _ => fixed(at, decimals),
        };
        Self { from: first * step, to: last * step, marks: places.map(|at| (at, label(at))).collect() }
    }

    /// An axis of days, with marks at the first of months or years.
    pub(super) fn of_days(days: impl IntoIterator<Item = f64>, most: usize) -> Self {
        let (mut from, mut to) = (f64::INFINITY, f64::NEG_INFINITY);
        for day in days.into_iter().filter(|day| day.is_finite()) {
            from = from.min(day);
            to = to.max(day);
        }
        if from > to {
            (from, to) = (0.0, 1.0);
        }
        let to = if to - from >= 1.0 { to } else { from + 1.0 };
        let months = ((to - from) / 30.4 / most.max(2) as f64).ceil();
        let marks = if to - from < 62.0 { day_marks(from, to, most) } else { month_marks(from, to, months) };
        Self { from, to, marks }
    }

    /// An axis of things in order, each at a whole number, every so many named.
    pub(super) fn of_names(names: &[String], most: usize) -> Self {
        let every = names.len().div_ceil(most.max(1)).max(1);
        let marks = (0..).zip(names).step_by(every).map(|(at, name)| (f64::from(at), name.clone()));
        Self { from: 0.0, to: (names.len().saturating_sub(1) as f64).max(1.0), marks: marks.collect() }
    }

    /// The characters of the longest mark.
    pub(super) fn longest(&self) -> usize {
        self.marks.iter().map(|(_, label)| label.chars().count()).max().unwrap_or(0)
    }

    /// A place moved to where the axis is.
    pub(super) fn inside(&self, at: f64) -> f64 {
        if at.is_finite() { at.clamp(self.from, self.to) } else { self.from }
    }
}

/// The days since 1970 of a date or a month, as ISO 8601 writes them.
pub(super) fn parse_day(text: &str) -> Option<f64> {
    let mut pieces = text.get(..10).unwrap_or(text).splitn(3, '-');
    let year: i16 = pieces.next()?.parse().ok()?;
    let month: i8 = pieces.next()?.parse().ok()?;
    let day: i8 = pieces.next().map_or(Ok(1), str::parse).ok()?;
    Some(days_since_epoch(Date::new(year, month, day).ok()?))
}

/// The edge of a bin by itself: a share without decimals where it has none.
pub(super) fn edge_label(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => format!("{} %", fixed(value * 100.0, 1)),
        _ => shown_number(value, unit),
    }
}

fn days_since_epoch(day: Date) -> f64 {
    (day.duration_since(EPOCH).as_hours() / 24) as f64
}

/// 1, 2, 2.5 or 5 times a power of ten, not less than a number.
fn round_step(least: f64) -> f64 {
    let least = if least.is_finite() && least > 1e-9 { least } else { 1e-9 };
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= least * 0.999_999).unwrap_or(power * 10.0)
}

fn is_quarter(step: f64) -> bool {
    let digit = step / 10_f64.powf(step.log10().floor());
    (digit - 2.5).abs() < 1e-6 && step < 10.0
}

fn day_marks(from: f64, to: f64, most: usize) -> Vec<(f64, String)> {
    let least = ((to - from) / most.max(2) as f64).ceil();
    let step = [1.0, 2.0, 7.0, 14.0, 28.0].into_iter().find(|step| *step >= least).unwrap_or(28.0);
    let places = (0..MAX_MARKS).map(|at| from.ceil() + at as f64 * step).take_while(|at| *at <= to);
    places.filter_map(|at| Some((at, date_of(at)?.to_string()))).collect()
}

fn month_marks(from: f64, to: f64, months: f64) -> Vec<(f64, String)> {
    let step = [1.0, 2.0, 3.0, 6.0].into_iter().find(|step| *step >= months);
    let step = step.unwrap_or_else(|| round_step(months / 12.0).ceil() * 12.0) as i32;
    let Some(first) = date_of(from) else { return Vec::new() };
    let first_month = i32::from(first.year()) * 12 + i32::from(first.month()) - 1;
    let first_month = first_month.div_euclid(step) * step;
    let mut marks = Vec::new();
    for at in 0..MAX_MARKS as i32 {
        let month = first_month + at * step;
        let (year, of_year) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        let Some(start) = i16::try_from(year).ok().and_then(|year| Date::new(year, of_year as i8, 1).ok())
        else {
            break;
        };
        let place = days_since_epoch(start);
        if place > to {
            break;
        }
        if place >= from {
            let label = if step % 12 == 0 { format!("{year}") } else { format!("{year}-{of_year:02}") };
            marks.push((place, label));
        }
    }
    marks
}

fn date_of(days: f64) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(days as i64).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.marks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn marks_are_at_round_numbers_and_counts_are_whole() {
        let axis = Axis::of_numbers([0.0, 4_321.0], Unit::Count, 5);
        assert_eq!(labels(&axis), ["0", "1,000", "2,000", "3,000", "4,000", "5,000"]);
        assert_eq!(labels(&Axis::of_numbers([2.0], Unit::Count, 5)), ["0", "1", "2"]);
        assert_eq!(
            labels(&Axis::of_numbers([1.0], Unit::Share, 5)),
            ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]
        );
        assert_eq!(
            labels(&Axis::of_numbers([0.01], Unit::Share, 4)),
            ["0 %", "0.25 %", "0.5 %", "0.75 %", "1 %"]
        );
        assert_eq!(labels(&Axis::of_numbers([-1.5, 0.5], Unit::Real, 4)), ["-1.5", "-1", "-0.5", "0", "0.5"]);
    }

    #[test]
    fn nothing_and_hostile_numbers_give_an_axis_all_the_same() {
        for numbers in
            [vec![], vec![f64::NAN], vec![0.0], vec![f64::MAX, f64::MIN], vec![1e-300], vec![5e-324, 1e300]]
        {
            for unit in [Unit::Count, Unit::Share, Unit::Days] {
                let axis = Axis::of_numbers(numbers.clone(), unit, 6);
                assert!(
                    axis.from.is_finite() && axis.to.is_finite() && axis.from < axis.to,
                    "{numbers:?} {axis:?}"
                );
                assert!(!axis.marks.is_empty() && axis.marks.len() <= MAX_MARKS + 1, "{axis:?}");
            }
            let days = Axis::of_days(numbers, 6);
            assert!(days.from < days.to && days.marks.len() <= MAX_MARKS, "{days:?}");
        }
    }

    #[test]
    fn marks_of_dates_are_the_first_of_months_and_years() {
        let axis = Axis::of_days(["2023-01-15", "2023-12"].map(|day| parse_day(day).unwrap()), 6);
        assert_eq!(labels(&axis), ["2023-03", "2023-05", "2023-07", "2023-09", "2023-11"]);
        let axis = Axis::of_days(["2015-01-01", "2025-06-01"].map(|day| parse_day(day).unwrap()), 6);
        assert_eq!(labels(&axis), ["2016", "2018", "2020", "2022", "2024"]);
        let axis = Axis::of_days(["2023-01-01", "2023-01-03"].map(|day| parse_day(day).unwrap()), 6);
        assert_eq!(labels(&axis), ["2023-01-01", "2023-01-02", "2023-01-03"]);
        assert_eq!((parse_day("1970-01-02"), parse_day("2023-13"), parse_day("x")), (Some(1.0), None, None));
        assert_eq!(parse_day("2026-01-02T03:04:05Z"), parse_day("2026-01-02"));
    }
}
