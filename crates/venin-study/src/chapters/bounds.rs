//! Statistics of numbers of which only bounds are known.
//!
//! Every true number lies between its bounds, so every quantile of the true numbers lies between the quantiles of the
//! lower and of the upper bounds, and every share between the least and the greatest count.  Nothing is assumed of
//! where within the bounds they lie.

use venin_intel::lifecycle::Span;

use crate::lookup::{Look, Tables};
use crate::sentence::Sentence;
use crate::table::Cell;

/// Seconds of a day.
pub(super) const DAY: f64 = 86_400.0;

/// A length of time in days with its bounds; infinite where there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Length {
    /// No less.
    pub(super) least: f64,
    /// No more.
    pub(super) most: f64,
}

/// Lengths of many things.
#[derive(Debug, Clone, Default)]
pub(super) struct Lengths {
    all: Vec<Length>,
    least: Vec<f64>,
    most: Vec<f64>,
}

/// Adds where a median lies, in a row with its bounds: between two, at least, at most, or nobody knows.
pub(super) fn tell_median(tables: &Tables<'_>, (table, row): (&str, &str), sentence: &mut Sentence) {
    let least = Look::At(table, row, "median_least");
    let most = Look::At(table, row, "median_most");
    let told = match [least, most].map(|bound| tables.number(bound).is_some()) {
        [true, true] => tables.tell("lies between {} and {}", &[least, most]),
        [true, false] => tables.tell("is {} or more", &[least]),
        [false, true] => tables.tell("is {} or less", &[most]),
        [false, false] => tables.tell("is {}", &[least]),
    };
    sentence.append(told);
}

impl Length {
    /// Of a span as it is, which may be negative.
    pub(super) fn of(span: Span) -> Self {
        let days = |seconds: i64| seconds as f64 / DAY;
        Self {
            least: span.least.map_or(f64::NEG_INFINITY, days),
            most: span.most.map_or(f64::INFINITY, days),
        }
    }

    /// The same where nothing can be shorter than nothing.
    pub(super) fn cut_at_zero(self) -> Self {
        Self { least: self.least.max(0.0), most: self.most.max(0.0) }
    }

    /// Whether it is known to the second.
    pub(super) fn is_exact(self) -> bool {
        self.least == self.most
    }
}

impl Lengths {
    pub(super) fn of(lengths: impl IntoIterator<Item = Length>) -> Self {
        let is_length = |length: &Length| length.least <= length.most;
        let all: Vec<Length> = lengths.into_iter().filter(is_length).collect();
        let sorted = |end: fn(&Length) -> f64| {
            let mut ends: Vec<f64> = all.iter().map(end).collect();
            ends.sort_by(f64::total_cmp);
            ends
        };
        Self { least: sorted(|length| length.least), most: sorted(|length| length.most), all }
    }

    pub(super) fn all(&self) -> &[Length] {
        &self.all
    }

    pub(super) fn count(&self) -> u64 {
        self.all.len() as u64
    }

    /// The bounds of a quantile as cells; missing where nothing bounds it.
    pub(super) fn quantile(&self, share: f64) -> [Cell; 2] {
        [&self.least, &self.most].map(|ends| quantile(ends, share).map_or(Cell::Missing, Cell::real))
    }

    /// How many are surely, and how many may be, longer.
    pub(super) fn above(&self, days: f64) -> (u64, u64) {
        let longer = |ends: &[f64]| (ends.len() - ends.partition_point(|end| *end <= days)) as u64;
        (longer(&self.least), longer(&self.most))
    }

    /// How many surely lie from one length up to another, and how many may.
    pub(super) fn within(&self, from: f64, to: f64) -> (u64, u64) {
        let surely = self.all.iter().filter(|length| from <= length.least && length.most < to);
        let maybe = self.all.iter().filter(|length| length.least < to && from <= length.most);
        (surely.count() as u64, maybe.count() as u64)
    }
}

/// Hyndman and Fan's type 7, over numbers that may be infinite.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = share.clamp(0.0, 1.0) * last as f64;
    let below = *sorted.get(position.floor() as usize)?;
    let above = *sorted.get((position.ceil() as usize).min(last))?;
    let part = position.fract();
    // Infinity times nothing is no number.
    if part == 0.0 || below == above { Some(below) } else { Some(below + (above - below) * part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(bounds: &[(f64, f64)]) -> Lengths {
        Lengths::of(bounds.iter().map(|(least, most)| Length { least: *least, most: *most }))
    }

    #[test]
    fn quantiles_lie_between_those_of_the_bounds() {
        let found = lengths(&[(1.0, 1.0), (2.0, 4.0), (3.0, f64::INFINITY)]);
        assert_eq!(found.quantile(0.5), [Cell::Real(2.0), Cell::Real(4.0)]);
        assert_eq!(found.quantile(1.0), [Cell::Real(3.0), Cell::Missing]);
        assert_eq!(lengths(&[]).quantile(0.5), [Cell::Missing, Cell::Missing]);
        let open = lengths(&[(0.0, f64::INFINITY), (0.0, f64::INFINITY), (f64::NEG_INFINITY, 1.0)]);
        assert_eq!(open.quantile(0.25), [Cell::Missing, Cell::Missing]);
    }

    #[test]
    fn shares_have_a_least_and_a_greatest_count() {
        let found = lengths(&[(1.0, 1.0), (59.0, 61.0), (70.0, f64::INFINITY)]);
        assert_eq!(found.above(60.0), (1, 2));
        assert_eq!(found.within(0.0, 60.0), (1, 2));
        assert_eq!(found.within(60.0, f64::INFINITY), (0, 2));
    }

    #[test]
    fn what_is_shorter_than_nothing_is_nothing_and_what_is_no_number_is_left_out() {
        let span = Span { least: Some(-86_400), most: Some(86_400) };
        assert_eq!(Length::of(span).cut_at_zero(), Length { least: 0.0, most: 1.0 });
        assert_eq!(lengths(&[(f64::NAN, 1.0), (2.0, 1.0)]).count(), 0);
    }
}
