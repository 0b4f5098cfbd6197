//! The residual rate of mirrors: how much of what was looked for each of them still has.
//!
//! The study's Table VI gives found and looked for.  What could not be judged is neither found nor absent, so the rate
//! is given twice: over everything, as the study does, and over what could be judged, with an interval.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use venin_intel::claim::Subject;

use crate::verdict::Verdict;

/// What is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A project.
    Project,
    /// A project and a version: the study's unit.
    Release,
    /// A file.
    File,
}

/// One mirror's row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResidualRow {
    /// The mirror.
    pub mirror: String,
    /// Units looked for.
    pub looked_for: u64,
    /// Units of which the mirror serves bytes: live, orphan or tampered.
    pub found: u64,
    /// Units that are only listed.
    pub ghosts: u64,
    /// Units that it leads elsewhere for.
    pub redirecting: u64,
    /// Units that are gone.
    pub clean: u64,
    /// Units that could not be judged.
    pub unknown: u64,
}

impl ResidualRow {
    /// Found over looked for, as in the study; 0 to 1.
    #[must_use]
    pub fn rate(&self) -> f64 {
        ratio(self.found, self.looked_for)
    }

    /// Found over judged; 0 to 1.
    #[must_use]
    pub fn judged_rate(&self) -> f64 {
        ratio(self.found, self.looked_for - self.unknown)
    }

    /// The 95 % interval of [`Self::judged_rate`] by Wilson's score; `None` when nothing was judged.
    #[must_use]
    pub fn interval(&self) -> Option<(f64, f64)> {
        wilson(self.found, self.looked_for - self.unknown)
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Wilson's score interval at 95 % for a part of a whole; `None` when the whole is nothing.
#[must_use]
pub fn wilson(part: u64, whole: u64) -> Option<(f64, f64)> {
    const Z: f64 = 1.959_963_984_540_054;
    if whole == 0 {
        return None;
    }
    let (n, p) = (whole as f64, ratio(part, whole));
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    Some(((middle - half).max(0.0), (middle + half).min(1.0)))
}

/// Counts verdicts by mirror, each unit once, with the worst of its verdicts; rows sorted by rate, highest first.
#[must_use]
pub fn residual_table<'a>(
    verdicts: impl IntoIterator<Item = (&'a str, &'a Subject, Verdict)>,
    unit: Unit,
) -> Vec<ResidualRow> {
    let mut worst: BTreeMap<&str, BTreeMap<String, Verdict>> = BTreeMap::new();
    for (mirror, subject, verdict) in verdicts {
        let units = worst.entry(mirror).or_default();
        let seen = units.entry(key_of(subject, unit)).or_insert(verdict);
        if rank(verdict) < rank(*seen) {
            *seen = verdict;
        }
    }
    let mut rows: Vec<ResidualRow> =
        worst.into_iter().map(|(mirror, units)| row_of(mirror, units.values().copied())).collect();
    rows.sort_by(|a, b| b.rate().total_cmp(&a.rate()).then_with(|| a.mirror.cmp(&b.mirror)));
    rows
}

/// How many units at least one of the mirrors still serves, and how many were looked for at all.
#[must_use]
pub fn found_anywhere<'a>(
    verdicts: impl IntoIterator<Item = (&'a str, &'a Subject, Verdict)>,
    unit: Unit,
) -> (u64, u64) {
    let (mut found, mut all) = (BTreeSet::new(), BTreeSet::new());
    for (_, subject, verdict) in verdicts {
        let key = key_of(subject, unit);
        if rank(verdict) <= 2 {
            found.insert(key.clone());
        }
        all.insert(key);
    }
    (found.len() as u64, all.len() as u64)
}

fn key_of(subject: &Subject, unit: Unit) -> String {
    let (name, version) = (subject.name(), subject.version().unwrap_or_default());
    match unit {
        Unit::Project => name.to_owned(),
        Unit::Release => format!("{name}=={version}"),
        Unit::File => subject.to_string(),
    }
}

/// The order in which verdicts count for a unit of several files.
const fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Tampered => 0,
        Verdict::Live => 1,
        Verdict::OrphanFile => 2,
        Verdict::GhostIndex => 3,
        Verdict::Redirecting => 4,
        Verdict::Unknown => 5,
        Verdict::Clean => 6,
    }
}

fn row_of(mirror: &str, verdicts: impl Iterator<Item = Verdict>) -> ResidualRow {
    let mut row = ResidualRow {
        mirror: mirror.to_owned(),
        looked_for: 0,
        found: 0,
        ghosts: 0,
        redirecting: 0,
        clean: 0,
        unknown: 0,
    };
    for verdict in verdicts {
        row.looked_for += 1;
        match verdict {
            Verdict::Live | Verdict::OrphanFile | Verdict::Tampered => row.found += 1,
            Verdict::GhostIndex => row.ghosts += 1,
            Verdict::Redirecting => row.redirecting += 1,
            Verdict::Clean => row.clean += 1,
            Verdict::Unknown => row.unknown += 1,
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(name: &str, file: &str) -> Subject {
        Subject::project(name).unwrap().with_version("1").unwrap().with_file(file).unwrap()
    }

    #[test]
    fn a_release_counts_once_with_the_worst_of_its_files() {
        let (a, wheel, b) =
            (subject("a", "a-1.zip"), subject("a", "a-1-py3-none-any.whl"), subject("b", "b-1.zip"));
        let verdicts = [
            ("m", &a, Verdict::Clean),
            ("m", &wheel, Verdict::Live),
            ("m", &b, Verdict::Unknown),
            ("n", &a, Verdict::Clean),
            ("n", &wheel, Verdict::Unknown),
            ("n", &b, Verdict::GhostIndex),
        ];
        let rows = residual_table(verdicts, Unit::Release);
        assert_eq!(
            (rows[0].mirror.as_str(), rows[0].looked_for, rows[0].found, rows[0].unknown),
            ("m", 2, 1, 1)
        );
        assert_eq!((rows[0].rate(), rows[0].judged_rate()), (0.5, 1.0));
        assert_eq!((rows[1].found, rows[1].ghosts, rows[1].unknown), (0, 1, 1));
        assert_eq!(found_anywhere(verdicts, Unit::Release), (1, 2));
        assert_eq!(residual_table(verdicts, Unit::File)[0].looked_for, 3);
    }

    #[test]
    fn the_interval_is_the_known_one() {
        // Wilson's interval for 10 of 100, as statistics texts print it.
        let (low, high) = wilson(10, 100).unwrap();
        assert!((low - 0.0552).abs() < 5e-5 && (high - 0.1744).abs() < 5e-5, "{low} {high}");
        assert_eq!(wilson(0, 0), None);
        let (low, _) = wilson(0, 10).unwrap();
        assert!(low.abs() < 1e-12);
    }
}
