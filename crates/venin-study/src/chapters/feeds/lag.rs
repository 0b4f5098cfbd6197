//! From upload to report, advisory, block list, quarantine and removal; and each source's own lag.

use std::collections::{BTreeMap, BTreeSet};

use venin_intel::claim::Interval;
use venin_intel::lifecycle::{Dates, Span};

use super::super::bounds::{Length, Lengths};
use super::super::released::{Released, sorted};
use crate::history::{History, NameId, Release};
use crate::table::{Cell, Table, Unit};

/// The row from upload to discovery.
pub(super) const TO_DISCOVERY: &str = "upload to discovery";

type Date = fn(&Dates) -> Option<Interval>;

/// The stages: name, beginning, end.
const STAGES: &[(&str, Date, Date)] = &[
    ("upload to first report", Dates::released, |dates| dates.reported),
    ("upload to first advisory", Dates::released, Dates::advised),
    (TO_DISCOVERY, Dates::released, Dates::discovered),
    ("first report to first advisory", |dates| dates.reported, Dates::advised),
    ("discovery to block list", Dates::discovered, |dates| dates.learned.map(Interval::at)),
    ("discovery to quarantine", Dates::discovered, |dates| dates.quarantined),
    ("discovery to removal", Dates::discovered, |dates| dates.removed),
    ("upload to quarantine or removal", Dates::released, Dates::withheld),
];

/// The lag between stages.
pub(super) fn stages_table(history: &History, released: &Released<'_>) -> Table {
    let mut table = Table::new(
        "feed-stages",
        "From upload to block list, quarantine and removal",
        "Accused releases; what is said of a project as a whole holds for each of them. Upload: the first one, no later \
         than the first recorded download. Report: the first claim that it is malicious. Advisory: the first record that \
         was published, at the latest when one was changed. Discovery: the earlier of both. Block list: when this event \
         store first learned of an accusation, before which no list made of it can have had it; it says when sources were \
         collected, not how fast they are. Days with bounds, negative where the second came first; an empty cell has no \
         bound.",
        &[
            ("stage", "Stage", Unit::Text),
            ("both", "Both known", Unit::Count),
            ("quarter_least", "25 %, least", Unit::Days),
            ("quarter_most", "25 %, most", Unit::Days),
            ("median_least", "Median, least", Unit::Days),
            ("median_most", "Median, most", Unit::Days),
            ("three_quarters_least", "75 %, least", Unit::Days),
            ("three_quarters_most", "75 %, most", Unit::Days),
            ("surely_reversed", "Surely the other way round", Unit::Count),
            ("no_begin", "Beginning not known", Unit::Count),
            ("no_end", "End not known", Unit::Count),
        ],
    );
    for (stage, begin, end) in STAGES {
        let (mut no_begin, mut no_end) = (0u64, 0u64);
        let (mut lengths, mut behind) = (Vec::new(), Vec::new());
        for (project, release) in history.releases() {
            match (begin(&release.dates), end(&release.dates)) {
                (Some(from), Some(to)) => {
                    lengths.push(Length::of(Span::between(from, to)));
                    behind.extend(released.of_release(&project.name, &release.version));
                }
                (None, _) => no_begin += 1,
                (Some(_), None) => no_end += 1,
            }
        }
        let lengths = Lengths::of(lengths);
        let reversed = lengths.all().iter().filter(|length| length.most < 0.0).count();
        let mut cells = vec![Cell::from(*stage), Cell::from(lengths.count())];
        cells.extend([0.25, 0.5, 0.75].map(|share| lengths.quantile(share)).into_iter().flatten());
        cells.extend([Cell::from(reversed), Cell::from(no_begin), Cell::from(no_end)]);
        table.push(cells, sorted(behind));
    }
    table.notes.push(
        "A record may name versions that were uploaded after it was published, and sources may date what they pass on: \
         such lags are negative and are counted as they are."
            .to_owned(),
    );
    table
}

/// What is counted of one source.
#[derive(Default)]
struct Source<'a> {
    releases: u64,
    alone: u64,
    shared: u64,
    surely_first: u64,
    maybe_first: u64,
    undated: u64,
    lengths: Vec<Length>,
    via: BTreeSet<&'a str>,
    behind: Vec<u32>,
}

/// Each source: what it names, how late, and how often it is first.
pub(super) fn sources_table(history: &History, released: &Released<'_>) -> Table {
    let mut table = Table::new(
        "feed-sources",
        "Sources",
        "Accused releases that a source's standing records name. Alone: no other source names it. First: of releases that \
         several sources name; surely first where it spoke no later than any other can have, maybe first where no other \
         surely spoke before. The lag is from upload to the source's first word on the release, in days with bounds; an \
         empty cell has no bound. Told by: the feeds that its word came through.",
        &[
            ("source", "Source", Unit::Text),
            ("releases", "Releases", Unit::Count),
            ("share", "Share of all", Unit::Share),
            ("alone", "Alone", Unit::Count),
            ("shared", "With others", Unit::Count),
            ("surely_first", "Surely first", Unit::Count),
            ("maybe_first", "At most first", Unit::Count),
            ("undated", "Without a date", Unit::Count),
            ("lags", "Lags known", Unit::Count),
            ("median_least", "Median lag, least", Unit::Days),
            ("median_most", "Median lag, most", Unit::Days),
            ("told_by", "Told by", Unit::Text),
        ],
    );
    let all = history.releases().count() as u64;
    let mut sources: Vec<(&str, Source<'_>)> = gather(history, released)
        .into_iter()
        .map(|(source, counted)| (history.name(source), counted))
        .collect();
    sources.sort_by_key(|(source, counted)| (std::cmp::Reverse(counted.releases), *source));
    for (source, counted) in sources {
        let lengths = Lengths::of(counted.lengths);
        let mut cells =
            vec![Cell::from(source), Cell::from(counted.releases), Cell::share(counted.releases, all)];
        cells.extend(
            [counted.alone, counted.shared, counted.surely_first, counted.maybe_first].map(Cell::from),
        );
        cells.extend([Cell::from(counted.undated), Cell::from(lengths.count())]);
        cells.extend(lengths.quantile(0.5));
        let via: Vec<&str> = counted.via.into_iter().collect();
        cells.push(Cell::from(via.join(", ")));
        table.push(cells, sorted(counted.behind));
    }
    table.notes.push(
        "A feed that merges the reports of others names all that these name: what it shares with them is no agreement of \
         two that looked."
            .to_owned(),
    );
    table
}

fn gather<'a>(history: &'a History, released: &Released<'_>) -> BTreeMap<NameId, Source<'a>> {
    let mut sources: BTreeMap<NameId, Source<'a>> = BTreeMap::new();
    for (project, release) in history.releases() {
        let artifacts = released.of_release(&project.name, &release.version);
        let firsts = firsts(release);
        for (report, (surely, maybe)) in release.reports.iter().zip(firsts) {
            let counted = sources.entry(report.source).or_default();
            counted.releases += 1;
            let is_alone = release.reports.len() == 1;
            let kind = if is_alone { &mut counted.alone } else { &mut counted.shared };
            *kind += 1;
            counted.surely_first += u64::from(surely && !is_alone);
            counted.maybe_first += u64::from(maybe && !is_alone);
            counted.via.insert(history.name(report.via));
            counted.behind.extend(&artifacts);
            if report.said == Interval::UNKNOWN {
                counted.undated += 1;
            } else if let Some(from) = release.dates.released() {
                counted.lengths.push(Length::of(Span::between(from, report.said)));
            }
        }
    }
    sources
}

/// For each report of a release whether it is surely, and whether it may be, the first.
fn firsts(release: &Release) -> Vec<(bool, bool)> {
    // The two least of both ends, so that each report is compared with all others at once.
    let ends = |end: fn(&Interval) -> Option<i64>, none: i64| {
        let mut ends: Vec<i64> =
            release.reports.iter().map(|report| end(&report.said).unwrap_or(none)).collect();
        ends.sort_unstable();
        ends
    };
    let starts = ends(|said| said.not_before.map(venin_intel::claim::Moment::micros), i64::MIN);
    let stops = ends(|said| said.not_after.map(venin_intel::claim::Moment::micros), i64::MAX);
    let least_of_others = |sorted: &[i64], own: i64| {
        let at = usize::from(sorted.first() == Some(&own));
        sorted.get(at).copied().unwrap_or(i64::MAX)
    };
    let judge = |said: &Interval| {
        let start = said.not_before.map_or(i64::MIN, venin_intel::claim::Moment::micros);
        let stop = said.not_after.map_or(i64::MAX, venin_intel::claim::Moment::micros);
        let is_sure = said.not_after.is_some() && stop <= least_of_others(&starts, start);
        let is_possible = start <= least_of_others(&stops, stop);
        (is_sure, is_possible)
    };
    release.reports.iter().map(|report| judge(&report.said)).collect()
}
