//! The product-limit estimator of Kaplan and Meier, with Greenwood's variance.

use serde::Serialize;

/// The two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// One time observed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Time {
    /// It ended then.
    Event(f64),
    /// It had not ended then, and was not looked at later.
    Censored(f64),
}

/// The curve from one event to the next.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SurvivalStep {
    /// From this time on.
    pub time: f64,
    /// Those still observed just before.
    pub at_risk: u64,
    /// Those that ended then.
    pub events: u64,
    /// The share that is left, 0 to 1.
    pub survival: f64,
    /// Greenwood's standard error; `None` where nothing is left, because it is not defined there.
    pub error: Option<f64>,
    /// The 95 % interval, cut to 0 to 1; `None` where the error is.
    pub interval: Option<(f64, f64)>,
}

/// Estimates the curve.  Times that are no numbers are left out; at equal times events count before censorings.
#[must_use]
pub fn kaplan_meier(times: &[Time]) -> Vec<SurvivalStep> {
    let mut sorted: Vec<(f64, bool)> = times
        .iter()
        .map(|time| match time {
            Time::Event(at) => (*at, true),
            Time::Censored(at) => (*at, false),
        })
        .filter(|(at, _)| at.is_finite())
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut at_risk = sorted.len() as u64;
    let (mut survival, mut variance_sum) = (1.0_f64, 0.0_f64);
    let mut steps: Vec<SurvivalStep> = Vec::new();
    for group in sorted.chunk_by(|a, b| a.0 == b.0) {
        let events = group.iter().filter(|(_, is_event)| *is_event).count() as u64;
        if let (Some((time, _)), true) = (group.first(), events > 0) {
            let (n, d) = (at_risk as f64, events as f64);
            survival *= 1.0 - d / n;
            if at_risk > events {
                variance_sum += d / (n * (n - d));
            }
            let error = (at_risk > events).then(|| survival * variance_sum.sqrt());
            let interval =
                error.map(|error| ((survival - Z * error).max(0.0), (survival + Z * error).min(1.0)));
            // What rounding leaves of nothing is nothing.
            survival = if at_risk == events { 0.0 } else { survival };
            steps.push(SurvivalStep { time: *time, at_risk, events, survival, error, interval });
        }
        at_risk -= group.len() as u64;
    }
    steps
}

/// The first time at which at most half is left; `None` when more than half never ended.
#[must_use]
pub fn median(steps: &[SurvivalStep]) -> Option<f64> {
    steps.iter().find(|step| step.survival <= 0.5).map(|step| step.time)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Time::{Censored, Event};
    use super::*;

    /// Weeks of remission with 6-mercaptopurine (Freireich 1963), the example of most textbooks.
    const REMISSION: [Time; 21] = [
        Event(6.0),
        Event(6.0),
        Event(6.0),
        Censored(6.0),
        Event(7.0),
        Censored(9.0),
        Event(10.0),
        Censored(10.0),
        Censored(11.0),
        Event(13.0),
        Event(16.0),
        Censored(17.0),
        Censored(19.0),
        Censored(20.0),
        Event(22.0),
        Event(23.0),
        Censored(25.0),
        Censored(32.0),
        Censored(32.0),
        Censored(34.0),
        Censored(35.0),
    ];

    #[test]
    fn the_textbook_example_has_the_textbook_values() {
        let expected = [
            (6.0, 21, 3, 0.8571, 0.0764),
            (7.0, 17, 1, 0.8067, 0.0869),
            (10.0, 15, 1, 0.7529, 0.0963),
            (13.0, 12, 1, 0.6902, 0.1068),
            (16.0, 11, 1, 0.6275, 0.1141),
            (22.0, 7, 1, 0.5378, 0.1282),
            (23.0, 6, 1, 0.4482, 0.1346),
        ];
        let steps = kaplan_meier(&REMISSION);
        assert_eq!(steps.len(), expected.len());
        for (step, (time, at_risk, events, survival, error)) in steps.iter().zip(expected) {
            assert_eq!((step.time, step.at_risk, step.events), (time, at_risk, events));
            assert!((step.survival - survival).abs() < 5e-5, "{step:?}");
            assert!((step.error.unwrap() - error).abs() < 5e-5, "{step:?}");
        }
        assert_eq!(median(&steps), Some(23.0));
    }

    #[test]
    fn by_hand_without_censoring_it_is_the_share_that_is_left() {
        let steps = kaplan_meier(&[Event(1.0), Event(2.0), Event(2.0), Event(4.0)]);
        let left: Vec<f64> = steps.iter().map(|step| step.survival).collect();
        assert_eq!(left, [0.75, 0.25, 0.0]);
        assert_eq!(steps[2].interval, None);
        // Greenwood without censoring is the binomial variance.
        assert!((steps[0].error.unwrap() - (0.75_f64 * 0.25 / 4.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn nothing_and_only_censored_times_have_no_steps() {
        assert!(kaplan_meier(&[]).is_empty());
        assert!(kaplan_meier(&[Censored(1.0), Event(f64::NAN), Event(f64::INFINITY)]).is_empty());
        assert_eq!(median(&[]), None);
    }

    proptest! {
        #[test]
        fn the_curve_falls_within_0_and_1_and_does_not_depend_on_the_order(
            times in proptest::collection::vec((0_u16..50, any::<bool>()), 0..60)
        ) {
            let times: Vec<Time> = times
                .into_iter()
                .map(|(at, is_event)| if is_event { Event(f64::from(at)) } else { Censored(f64::from(at)) })
                .collect();
            let steps = kaplan_meier(&times);
            let mut last = (f64::NEG_INFINITY, 1.0);
            for step in &steps {
                prop_assert!(step.time > last.0 && step.survival <= last.1 && step.survival >= 0.0);
                if let Some((low, high)) = step.interval {
                    prop_assert!(0.0 <= low && low <= step.survival && step.survival <= high && high <= 1.0);
                }
                last = (step.time, step.survival);
            }
            let mut turned = times.clone();
            turned.reverse();
            prop_assert_eq!(kaplan_meier(&turned), steps);
        }
    }
}
