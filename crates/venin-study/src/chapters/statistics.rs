//! How numbers are spread, defined once for all chapters.

use crate::table::{Cell, Unit};

/// How numbers are spread.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    sorted: Vec<f64>,
}

impl Distribution {
    /// Of numbers; what is no finite number is left out.
    #[must_use]
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = numbers.into_iter().filter(|number| number.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        Self { sorted }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The sum over the count.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let count = self.sorted.len();
        (count > 0).then(|| self.sorted.iter().sum::<f64>() / count as f64)
    }

    /// The quantile at a share from 0 to 1, between two numbers by linear interpolation (Hyndman and Fan, type 7).
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let last = self.sorted.len().checked_sub(1)?;
        let position = share.clamp(0.0, 1.0) * last as f64;
        let below = self.sorted.get(position.floor() as usize)?;
        let above = self.sorted.get((position.ceil() as usize).min(last))?;
        Some(below + (above - below) * position.fract())
    }

    /// How many of the numbers are greater than a bound.
    #[must_use]
    pub fn above(&self, bound: f64) -> u64 {
        self.sorted.iter().filter(|number| **number > bound).count() as u64
    }

    /// The columns of [`Distribution::cells`].
    #[must_use]
    pub fn columns(unit: Unit) -> [(&'static str, &'static str, Unit); 8] {
        [
            ("count", "Counted", Unit::Count),
            ("mean", "Mean", unit),
            ("least", "Least", unit),
            ("quarter", "25 %", unit),
            ("median", "Median", unit),
            ("three_quarters", "75 %", unit),
            ("p95", "95 %", unit),
            ("most", "Most", unit),
        ]
    }

    /// The distribution as cells: count, mean, least, quartiles, 95 %, most.
    #[must_use]
    pub fn cells(&self) -> Vec<Cell> {
        let quantiles = [0.0, 0.25, 0.5, 0.75, 0.95, 1.0].map(|share| Cell::from(self.quantile(share)));
        [Cell::from(self.count()), Cell::from(self.mean())].into_iter().chain(quantiles).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_other_programs() {
        let four = Distribution::of([4.0, 1.0, 3.0, 2.0]);
        assert_eq!(four.quantile(0.25), Some(1.75));
        assert_eq!(four.quantile(0.5), Some(2.5));
        assert_eq!(four.quantile(1.0), Some(4.0));
        assert_eq!(four.mean(), Some(2.5));
    }

    #[test]
    fn nothing_has_no_median_and_no_nan() {
        let none = Distribution::of([f64::NAN]);
        assert_eq!((none.count(), none.quantile(0.5), none.mean()), (0, None, None));
        assert!(none.cells().iter().skip(1).all(|cell| *cell == Cell::Missing));
    }
}
