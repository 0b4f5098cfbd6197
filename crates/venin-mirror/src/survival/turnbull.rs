//! Turnbull's estimator for times of which only spans are known, by self-consistency (Turnbull 1976).
//!
//! The mass lies on the innermost intervals between a left and a right end; the iteration shares every observation among
//! those that it covers, until nothing moves any more.  Each round costs one pass over the intervals and
//! the observations that cover others of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Span;

/// The iteration stops when no mass moves by more than this.
const TOLERANCE: f64 = 1e-10;
/// Most rounds.
const MAX_ROUNDS: usize = 20_000;

/// An interval that carries mass: it ended after `from` and by `to`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MassInterval {
    /// After this time, or at it where `to` is the same.
    pub from: f64,
    /// By this time; infinite (`null` in JSON) for what never ended while it was looked at.
    pub to: f64,
    /// The share of all that ended here, 0 to 1.
    pub mass: f64,
    /// The share that is left after it, 0 to 1.
    pub survival: f64,
}

/// The estimate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Turnbull {
    /// In order of time; between them the curve is flat, and within one it is not determined.
    pub intervals: Vec<MassInterval>,
    /// Rounds of the iteration.
    pub rounds: usize,
    /// What moved most in the last round.
    pub last_change: f64,
}

impl Turnbull {
    /// Whether the iteration came to rest.
    #[must_use]
    pub fn is_converged(&self) -> bool {
        self.last_change <= TOLERANCE
    }

    /// The least and the greatest share that may be left at a time.
    #[must_use]
    pub fn bounds_at(&self, time: f64) -> (f64, f64) {
        let share = |is_over: &dyn Fn(&MassInterval) -> bool| {
            let over: f64 = self.intervals.iter().filter(|i| is_over(i)).map(|i| i.mass).sum();
            (1.0 - over).clamp(0.0, 1.0)
        };
        (share(&|i| i.from < time || i.to <= time), share(&|i| i.to <= time))
    }

    /// The interval in which half is left; its end is infinite when more than half never ended.
    #[must_use]
    pub fn median(&self) -> Option<(f64, f64)> {
        self.intervals.iter().find(|i| i.survival <= 0.5).map(|i| (i.from, i.to))
    }
}

/// The intervals that observations cover: the first, and the one after the last; and how many observations.
struct Covered {
    first: usize,
    end: usize,
    weight: f64,
}

/// A point on the time line: at a time, or just after it.
type Point = (f64, bool);

/// Estimates the distribution.  Spans that are no spans (not numbers, negative length) are left out.
#[must_use]
pub fn turnbull(spans: &[Span]) -> Turnbull {
    let closed: Vec<(Point, Point)> = spans.iter().filter_map(closed_interval).collect();
    let innermost = innermost_intervals(&closed);
    let covered = count_alike(closed.iter().map(|span| covered_by(span, &innermost)));
    let (masses, rounds, last_change) = iterate(&covered, innermost.len());
    let mut survival = 1.0_f64;
    let last = innermost.len().saturating_sub(1);
    let intervals = innermost
        .iter()
        .zip(masses)
        .enumerate()
        .map(|(at, ((from, to), mass))| {
            // What rounding leaves after the last interval is nothing.
            survival = if at == last { 0.0 } else { (survival - mass).clamp(0.0, 1.0) };
            MassInterval { from: from.0, to: to.0, mass, survival }
        })
        .collect();
    Turnbull { intervals, rounds, last_change }
}

/// `(after, by]` as the closed interval of points that it holds; a span without length is a moment.
fn closed_interval(span: &Span) -> Option<(Point, Point)> {
    let by = span.by.unwrap_or(f64::INFINITY);
    if !span.after.is_finite() || by.is_nan() || by < span.after {
        return None;
    }
    Some(((span.after, by > span.after), (by, false)))
}

fn compare(a: &Point, b: &Point) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

/// From a left end to the right end that follows it without another end between.
fn innermost_intervals(spans: &[(Point, Point)]) -> Vec<(Point, Point)> {
    let mut ends: Vec<(Point, bool)> =
        spans.iter().flat_map(|(left, right)| [(*left, false), (*right, true)]).collect();
    ends.sort_by(|a, b| compare(&a.0, &b.0).then(a.1.cmp(&b.1)));
    ends.windows(2)
        .filter_map(|pair| match pair {
            [(left, false), (right, true)] => Some((*left, *right)),
            _ => None,
        })
        .collect()
}

/// The innermost intervals within a span: the first, and the one after the last.
fn covered_by((left, right): &(Point, Point), innermost: &[(Point, Point)]) -> (usize, usize) {
    let first = innermost.partition_point(|(from, _)| compare(from, left).is_lt());
    let end = innermost.partition_point(|(_, to)| compare(to, right).is_le());
    (first, end)
}

/// Observations that cover the same intervals are one that counts several times.
fn count_alike(covered: impl Iterator<Item = (usize, usize)>) -> Vec<Covered> {
    let mut counts: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    for span in covered {
        *counts.entry(span).or_default() += 1;
    }
    counts.into_iter().map(|((first, end), count)| Covered { first, end, weight: f64::from(count) }).collect()
}

/// Masses, rounds, and what moved most in the last one.
fn iterate(covered: &[Covered], n_intervals: usize) -> (Vec<f64>, usize, f64) {
    if covered.is_empty() || n_intervals == 0 {
        return (Vec::new(), 0, 0.0);
    }
    let mut masses = vec![1.0 / n_intervals as f64; n_intervals];
    let mut last_change = f64::INFINITY;
    let mut rounds = 0;
    while rounds < MAX_ROUNDS && last_change > TOLERANCE {
        let next = one_round(covered, &masses);
        last_change = next.iter().zip(&masses).map(|(next, mass)| (next - mass).abs()).fold(0.0, f64::max);
        masses = next;
        rounds += 1;
    }
    (masses, rounds, last_change)
}

/// Every observation gives its share to each interval that it covers, in proportion to the mass there.
fn one_round(covered: &[Covered], masses: &[f64]) -> Vec<f64> {
    let mut sums = Vec::with_capacity(masses.len() + 1);
    sums.push(0.0);
    for mass in masses {
        sums.push(sums.last().copied().unwrap_or(0.0) + mass);
    }
    let sum_to = |at: usize| sums.get(at).copied().unwrap_or(0.0);
    // One over the mass that each observation covers, added where it begins and taken off where it ends.
    let mut turns = vec![0.0; masses.len() + 1];
    let mut counted = 0.0;
    for Covered { first, end, weight } in covered {
        let mass = sum_to(*end) - sum_to(*first);
        if mass <= 0.0 {
            continue;
        }
        counted += weight;
        if let Some(turn) = turns.get_mut(*first) {
            *turn += weight / mass;
        }
        if let Some(turn) = turns.get_mut(*end) {
            *turn -= weight / mass;
        }
    }
    let mut weight = 0.0_f64;
    let mut next: Vec<f64> = masses
        .iter()
        .zip(&turns)
        .map(|(mass, turn)| {
            weight += turn;
            (mass * weight / f64::max(counted, 1.0)).max(0.0)
        })
        .collect();
    let total: f64 = next.iter().sum();
    if total > 0.0 {
        next.iter_mut().for_each(|mass| *mass /= total);
    }
    next
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::survival::kaplan_meier;

    fn span(after: f64, by: f64) -> Span {
        Span { after, by: by.is_finite().then_some(by) }
    }

    /// Months to cosmetic deterioration after radiotherapy alone (Finkelstein and Wolfe 1985).
    const RADIOTHERAPY: [(f64, f64); 46] = {
        const N: f64 = f64::INFINITY;
        [
            (45.0, N),
            (25.0, 37.0),
            (37.0, N),
            (6.0, 10.0),
            (46.0, N),
            (0.0, 5.0),
            (0.0, 7.0),
            (26.0, 40.0),
            (18.0, N),
            (46.0, N),
            (46.0, N),
            (24.0, N),
            (46.0, N),
            (27.0, 34.0),
            (36.0, N),
            (7.0, 16.0),
            (36.0, 44.0),
            (5.0, 11.0),
            (17.0, N),
            (46.0, N),
            (19.0, 35.0),
            (7.0, 14.0),
            (36.0, 48.0),
            (17.0, 25.0),
            (37.0, 44.0),
            (37.0, N),
            (24.0, N),
            (0.0, 8.0),
            (40.0, N),
            (32.0, N),
            (4.0, 11.0),
            (17.0, 25.0),
            (33.0, N),
            (15.0, N),
            (46.0, N),
            (19.0, 26.0),
            (11.0, 15.0),
            (11.0, 18.0),
            (37.0, N),
            (22.0, N),
            (38.0, N),
            (34.0, N),
            (46.0, N),
            (5.0, 12.0),
            (36.0, N),
            (46.0, N),
        ]
    };

    #[test]
    fn the_textbook_example_has_the_textbook_values() {
        let spans: Vec<Span> = RADIOTHERAPY.iter().map(|(after, by)| span(*after, *by)).collect();
        let estimate = turnbull(&spans);
        assert!(estimate.is_converged(), "{estimate:?}");
        let expected = [
            (4.0, 5.0, 0.0463),
            (6.0, 7.0, 0.0334),
            (7.0, 8.0, 0.0887),
            (11.0, 12.0, 0.0708),
            (24.0, 25.0, 0.0926),
            (33.0, 34.0, 0.0818),
            (38.0, 40.0, 0.1209),
            (46.0, 48.0, 0.4656),
        ];
        let found: Vec<&MassInterval> = estimate.intervals.iter().filter(|i| i.mass > 1e-4).collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (interval, (from, to, mass)) in found.iter().zip(expected) {
            assert_eq!((interval.from, interval.to), (from, to));
            assert!((interval.mass - mass).abs() < 2e-4, "{interval:?}");
        }
    }

    #[test]
    fn by_hand_two_spans_that_overlap_share_their_mass() {
        // (0,2] and (1,3] overlap in (1,2]: all the mass lies there.
        let estimate = turnbull(&[span(0.0, 2.0), span(1.0, 3.0)]);
        assert_eq!(estimate.intervals.len(), 1);
        assert_eq!((estimate.intervals[0].from, estimate.intervals[0].to), (1.0, 2.0));
        assert_eq!(estimate.bounds_at(1.5), (0.0, 1.0));
        assert_eq!((estimate.bounds_at(1.0), estimate.bounds_at(2.0)), ((1.0, 1.0), (0.0, 0.0)));
        assert_eq!(estimate.median(), Some((1.0, 2.0)));
    }

    #[test]
    fn with_exact_times_it_is_the_estimate_of_kaplan_and_meier() {
        let times =
            [(2.0, 2.0), (3.0, f64::INFINITY), (4.0, 4.0), (4.0, 4.0), (6.0, f64::INFINITY), (7.0, 7.0)];
        let spans: Vec<Span> = times.iter().map(|(after, by)| span(*after, *by)).collect();
        let latest: Vec<_> = spans.iter().map(Span::latest).collect();
        let estimate = turnbull(&spans);
        for step in kaplan_meier(&latest) {
            let (low, high) = estimate.bounds_at(step.time);
            assert!((low - step.survival).abs() < 1e-6 && (high - step.survival).abs() < 1e-6, "{step:?}");
        }
    }

    #[test]
    fn nothing_and_nonsense_have_no_intervals() {
        assert!(turnbull(&[]).intervals.is_empty() && turnbull(&[]).is_converged());
        let nonsense = [span(f64::NAN, 1.0), span(3.0, 2.0), span(f64::INFINITY, f64::INFINITY)];
        assert!(turnbull(&nonsense).intervals.is_empty());
    }

    #[test]
    fn ten_thousand_spans_take_seconds_and_not_hours() {
        let spans: Vec<Span> = (0..10_000_u32)
            .map(|n| {
                let after = f64::from(n * 7919 % 1000);
                if n % 3 == 0 { Span { after, by: None } } else { span(after, after + f64::from(n % 30)) }
            })
            .collect();
        let total: f64 = turnbull(&spans).intervals.iter().map(|i| i.mass).sum();
        assert!((total - 1.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn masses_are_a_distribution_and_do_not_depend_on_the_order(
            pairs in proptest::collection::vec((0_u8..30, proptest::option::of(0_u8..20)), 1..40)
        ) {
            let spans: Vec<Span> = pairs
                .into_iter()
                .map(|(after, length)| Span {
                    after: f64::from(after),
                    by: length.map(|length| f64::from(after) + f64::from(length)),
                })
                .collect();
            let estimate = turnbull(&spans);
            let total: f64 = estimate.intervals.iter().map(|i| i.mass).sum();
            prop_assert!((total - 1.0).abs() < 1e-6, "{}", total);
            let mut last = (f64::NEG_INFINITY, 1.0);
            for interval in &estimate.intervals {
                prop_assert!(interval.from >= last.0 && interval.to >= interval.from);
                prop_assert!(interval.mass >= 0.0 && interval.survival <= last.1 && interval.survival >= 0.0);
                last = (interval.to, interval.survival);
            }
            let mut before = 1.0;
            for time in 0..60 {
                let (low, high) = estimate.bounds_at(f64::from(time));
                prop_assert!(0.0 <= low && low <= high && high <= 1.0 && high <= before);
                before = high;
            }
            prop_assert_eq!(turnbull(&spans), estimate.clone());
            let mut turned = spans.clone();
            turned.reverse();
            let turned = turnbull(&turned);
            for (a, b) in turned.intervals.iter().zip(&estimate.intervals) {
                prop_assert!((a.mass - b.mass).abs() < 1e-6);
            }
        }
    }
}
