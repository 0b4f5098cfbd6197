//! How well a tool does: what it hit and missed, with intervals.

use std::collections::BTreeMap;

use super::trial::{Label, Outcome, Trial};
use crate::cluster::kmeans::Draws;

/// Resamples of a bootstrap.
pub const RESAMPLES: u32 = 1_000;
/// Where the bootstrap's numbers begin; the same for every run, so that the same input gives the same bytes.
const SEED: u64 = 0x5eed_0f57_0d1e_5eed;

/// What a tool said of labelled files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Malicious and detected.
    pub hits: u64,
    /// Malicious and not.
    pub misses: u64,
    /// Benign and detected.
    pub alarms: u64,
    /// Benign and not.
    pub passes: u64,
    /// Malicious files without an answer in time.
    pub malicious_timeouts: u64,
    /// Benign files without an answer in time.
    pub benign_timeouts: u64,
    /// Malicious files without an answer that can be read.
    pub malicious_failures: u64,
    /// Benign files without an answer that can be read.
    pub benign_failures: u64,
}

impl Score {
    /// Counts what a tool said of some files; files that it was not run on count nowhere.
    pub fn of<'a>(trials: impl IntoIterator<Item = &'a Trial>, tool: &str) -> Self {
        let mut score = Self::default();
        for trial in trials {
            if let Some(run) = trial.runs.iter().find(|run| run.tool == tool) {
                *score.count_of(trial.item.label, &run.outcome) += 1;
            }
        }
        score
    }

    const fn count_of(&mut self, label: Label, outcome: &Outcome) -> &mut u64 {
        match (label, outcome) {
            (Label::Malicious, Outcome::Detected) => &mut self.hits,
            (Label::Malicious, Outcome::Silent) => &mut self.misses,
            (Label::Malicious, Outcome::TimedOut) => &mut self.malicious_timeouts,
            (Label::Malicious, Outcome::Failed { .. }) => &mut self.malicious_failures,
            (Label::Benign, Outcome::Detected) => &mut self.alarms,
            (Label::Benign, Outcome::Silent) => &mut self.passes,
            (Label::Benign, Outcome::TimedOut) => &mut self.benign_timeouts,
            (Label::Benign, Outcome::Failed { .. }) => &mut self.benign_failures,
        }
    }

    /// Malicious files with an answer.
    #[must_use]
    pub const fn malicious(&self) -> u64 {
        self.hits + self.misses
    }

    /// Benign files with an answer.
    #[must_use]
    pub const fn benign(&self) -> u64 {
        self.alarms + self.passes
    }

    /// The harmonic mean of precision and recall: 2 hits over (2 hits + alarms + misses); `None` without malicious files.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        (self.malicious() > 0).then(|| f1(self.hits as f64, self.alarms as f64, self.misses as f64))
    }

    /// The 95 % interval of F1 by a bootstrap of the files with an answer, malicious and benign ones each drawn from their
    /// own: the mix of the list is its maker's choice.
    #[must_use]
    pub fn f1_interval(&self) -> Option<(f64, f64)> {
        if self.malicious() == 0 {
            return None;
        }
        let mut draws = Draws::new(SEED);
        let mut values: Vec<f64> = (0..RESAMPLES)
            .map(|_| {
                let hits = draw_hits(&mut draws, self.hits, self.malicious());
                let alarms = draw_hits(&mut draws, self.alarms, self.benign());
                f1(hits, alarms, self.malicious() as f64 - hits)
            })
            .collect();
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values.get((share * f64::from(RESAMPLES - 1)).round() as usize).copied();
        Some((at(0.025)?, at(0.975)?))
    }
}

fn f1(hits: f64, alarms: f64, misses: f64) -> f64 {
    let whole = 2.0 * hits + alarms + misses;
    if whole > 0.0 { 2.0 * hits / whole } else { 0.0 }
}

/// The mean over campaigns of the share of a campaign's malicious files that a tool detects, each campaign once; a file
/// without a campaign is one of its own.  `None` without any.
#[must_use]
pub fn campaign_mean(trials: &[Trial], tool: &str) -> Option<(f64, u64)> {
    let mut campaigns: BTreeMap<(bool, &str), Vec<&Trial>> = BTreeMap::new();
    for trial in trials.iter().filter(|trial| trial.item.label == Label::Malicious) {
        let key = trial.item.campaign.as_deref().map_or((false, &*trial.item.path), |name| (true, name));
        campaigns.entry(key).or_default().push(trial);
    }
    let scores = campaigns.values().map(|of_campaign| Score::of(of_campaign.iter().copied(), tool));
    let rates: Vec<f64> = scores
        .filter(|score| score.malicious() > 0)
        .map(|score| score.hits as f64 / score.malicious() as f64)
        .collect();
    (!rates.is_empty()).then(|| (rates.iter().sum::<f64>() / rates.len() as f64, rates.len() as u64))
}

/// How many of `whole` draws with replacement fall on the first `part` of `whole`.  Beyond 10,000 draws the normal
/// approximation's error is far below the interval's own.
fn draw_hits(draws: &mut Draws, part: u64, whole: u64) -> f64 {
    const MOST_DRAWS: u64 = 10_000;
    if whole == 0 {
        return 0.0;
    }
    let share = part as f64 / whole as f64;
    if whole <= MOST_DRAWS {
        return (0..whole).filter(|_| draws.draw_share() < share).count() as f64;
    }
    let (radius, angle) = (draws.draw_share().max(f64::MIN_POSITIVE), draws.draw_share());
    let normal = (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos();
    let deviation = (whole as f64 * share * (1.0 - share)).sqrt();
    (whole as f64 * share + normal * deviation).round().clamp(0.0, whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_is_that_of_the_counts_and_its_interval_holds_it() {
        let score = Score { hits: 80, misses: 20, alarms: 10, passes: 90, ..Score::default() };
        let f1 = score.f1().unwrap();
        assert!((f1 - 160.0 / 190.0).abs() < 1e-12);
        let (low, high) = score.f1_interval().unwrap();
        assert!(low < f1 && f1 < high && high - low < 0.15, "{low} {high}");
        assert_eq!(score.f1_interval(), score.f1_interval());
    }

    #[test]
    fn a_large_list_has_a_narrow_interval() {
        let score = Score { hits: 80_000, misses: 20_000, alarms: 0, passes: 100_000, ..Score::default() };
        let (low, high) = score.f1_interval().unwrap();
        assert!(low < score.f1().unwrap() && score.f1().unwrap() < high && high - low < 0.01, "{low} {high}");
    }

    #[test]
    fn a_list_without_malicious_files_has_no_f1() {
        let score = Score { alarms: 1, passes: 9, ..Score::default() };
        assert_eq!((score.f1(), score.f1_interval()), (None, None));
        let all_missed = Score { misses: 3, ..Score::default() };
        assert_eq!((all_missed.f1(), all_missed.f1_interval()), (Some(0.0), Some((0.0, 0.0))));
    }
}
