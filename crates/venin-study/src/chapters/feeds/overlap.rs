//! What the sources know in common.

use std::collections::BTreeMap;

use super::super::released::{Released, sorted};
use crate::history::{History, NameId};
use crate::table::{Cell, Table, Unit};

/// Most sources that are compared with each other; those that name most releases.
const MAX_SOURCES: usize = 30;
/// Most combinations that have a row.
const MAX_COMBINATIONS: usize = 40;

/// The row of releases that one source names.
pub(super) const ONE: &str = "one";
/// The row of all accused releases.
pub(super) const ALL: &str = "all";

/// By how many sources releases are named.
pub(super) fn counts_table(history: &History, released: &Released<'_>) -> Table {
    let mut table = Table::new(
        "feed-counts",
        "How many sources name a release",
        "Accused releases by how many sources' standing records name them; none: every record was taken back, or does not \
         name its source. The last row is all of them. Shares are of all accused releases.",
        &[
            ("sources", "Sources", Unit::Text),
            ("releases", "Releases", Unit::Count),
            ("share", "Share", Unit::Share),
        ],
    );
    let all = history.releases().count() as u64;
    let rows =
        [("none", 0, 0), (ONE, 1, 1), ("two", 2, 2), ("three or more", 3, usize::MAX), (ALL, 0, usize::MAX)];
    for (name, least, most) in rows {
        let named = history.releases().filter(|(_, release)| (least..=most).contains(&release.reports.len()));
        let (mut count, mut behind) = (0u64, Vec::new());
        for (project, release) in named {
            count += 1;
            behind.extend(released.of_release(&project.name, &release.version));
        }
        table.push([Cell::from(name), Cell::from(count), Cell::share(count, all)], sorted(behind));
    }
    table
}

/// How many releases each set of sources names.
fn combinations(history: &History) -> BTreeMap<Vec<NameId>, u64> {
    let mut combinations: BTreeMap<Vec<NameId>, u64> = BTreeMap::new();
    for (_, release) in history.releases() {
        let sources: Vec<NameId> = release.reports.iter().map(|report| report.source).collect();
        *combinations.entry(sources).or_default() += 1;
    }
    combinations
}

/// Pairs of sources.
pub(super) fn pairs_table(history: &History) -> Table {
    let mut table = Table::new(
        "feed-pairs",
        "What pairs of sources name in common",
        "Accused releases that both sources' standing records name; Jaccard's index is these over the releases that at \
         least one of the two names. Pairs without a common release are listed too.",
        &[
            ("pair", "Sources", Unit::Text),
            ("first", "First", Unit::Text),
            ("second", "Second", Unit::Text),
            ("shared", "Both", Unit::Count),
            ("only_first", "Only the first", Unit::Count),
            ("only_second", "Only the second", Unit::Count),
            ("jaccard", "Jaccard", Unit::Share),
        ],
    );
    let combinations = combinations(history);
    let mut counts: BTreeMap<NameId, u64> = BTreeMap::new();
    let mut shared: BTreeMap<(NameId, NameId), u64> = BTreeMap::new();
    for (sources, count) in &combinations {
        for (at, source) in sources.iter().enumerate() {
            *counts.entry(*source).or_default() += count;
            for other in sources.iter().skip(at + 1) {
                *shared.entry((*source.min(other), *source.max(other))).or_default() += count;
            }
        }
    }
    let mut sources: Vec<(&str, NameId, u64)> =
        counts.iter().map(|(source, count)| (history.name(*source), *source, *count)).collect();
    sources.sort_by_key(|(name, _, count)| (std::cmp::Reverse(*count), *name));
    if sources.len() > MAX_SOURCES {
        table.notes.push(format!(
            "Only the {MAX_SOURCES} sources that name most releases are compared; {} are not.",
            sources.len() - MAX_SOURCES
        ));
        sources.truncate(MAX_SOURCES);
    }
    for (at, (first, a, of_first)) in sources.iter().enumerate() {
        for (second, b, of_second) in sources.iter().skip(at + 1) {
            let both = shared.get(&(*a.min(b), *a.max(b))).copied().unwrap_or(0);
            let cells = [
                Cell::from(format!("{first} + {second}")),
                Cell::from(*first),
                Cell::from(*second),
                Cell::from(both),
                Cell::from(of_first - both),
                Cell::from(of_second - both),
                Cell::share(both, of_first + of_second - both),
            ];
            table.push(cells, Vec::new());
        }
    }
    table
}

/// The sets of sources that name the same releases.
pub(super) fn combinations_table(history: &History, released: &Released<'_>) -> Table {
    let mut table = Table::new(
        "feed-combinations",
        "Which sources name the same releases",
        "Accused releases by exactly which sources' standing records name them; each release is in one row. Shares are of \
         all accused releases.",
        &[
            ("sources", "Sources", Unit::Text),
            ("releases", "Releases", Unit::Count),
            ("share", "Share", Unit::Share),
        ],
    );
    let combinations = combinations(history);
    let all: u64 = combinations.values().sum();
    let shown = |sources: &[NameId]| {
        let mut names: Vec<&str> = sources.iter().map(|source| history.name(*source)).collect();
        names.sort_unstable();
        if names.is_empty() { "nobody by a record that stands".to_owned() } else { names.join(" + ") }
    };
    let mut rows: Vec<(String, Vec<NameId>, u64)> =
        combinations.into_iter().map(|(sources, count)| (shown(&sources), sources, count)).collect();
    rows.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    if rows.len() > MAX_COMBINATIONS {
        let rest: u64 = rows.iter().skip(MAX_COMBINATIONS).map(|(_, _, count)| count).sum();
        let left = rows.len() - MAX_COMBINATIONS;
        table.notes.push(format!("{left} further combinations with {rest} releases are not listed."));
        rows.truncate(MAX_COMBINATIONS);
    }
    let mut behind: BTreeMap<&[NameId], Vec<u32>> =
        rows.iter().map(|(_, sources, _)| (sources.as_slice(), Vec::new())).collect();
    for (project, release) in history.releases() {
        let sources: Vec<NameId> = release.reports.iter().map(|report| report.source).collect();
        if let Some(behind) = behind.get_mut(sources.as_slice()) {
            behind.extend(released.of_release(&project.name, &release.version));
        }
    }
    for (shown, sources, count) in &rows {
        let behind = sorted(behind.remove(sources.as_slice()).unwrap_or_default());
        table.push([Cell::from(shown.as_str()), Cell::from(*count), Cell::share(*count, all)], behind);
    }
    table
}
