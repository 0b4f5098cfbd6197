//! The tables of the life cycle.

use venin_mirror::survival::{Span, Time, kaplan_meier};

use super::super::StudyInput;
use super::super::behaviors::paper_cell;
use super::super::bounds::{DAY, Length, Lengths};
use super::super::released::{Released, sorted};
use super::measures::{Horizon, Measured, Thing, projects, releases};
use crate::history::History;
use crate::table::{Cell, Table, Unit};

/// The paper's two months, in days.
const TWO_MONTHS: f64 = 60.0;
/// The days at which curves are given.
const DAYS: &[f64] = &[
    0.0, 1.0, 2.0, 3.0, 5.0, 7.0, 14.0, 21.0, 30.0, 60.0, 90.0, 120.0, 180.0, 270.0, 365.0, 545.0, 730.0,
    1095.0, 1460.0, 1825.0, 2555.0, 3650.0,
];
/// Edges of the histograms' bins.  No length that is known is longer than the last: there was no index then.
const EDGES: &[f64] = &[0.0, 1.0, 3.0, 7.0, 14.0, 30.0, 60.0, 120.0, 180.0, 365.0, 730.0, 1825.0, 10_000.0];

/// What is known of each measure.
pub(super) fn known_table(input: &StudyInput<'_>, measured: &[Measured]) -> Table {
    let mut table = Table::new(
        "life-known",
        "What is known of the three measures",
        "Incubation is from release to discovery: from the first upload, which cannot be later than the first recorded \
         download, to the first accusation that still stands. The residual period is from discovery, which is no earlier \
         than the release where only its end is dated, to the last recorded download; where that is within a day of the \
         last download of its export of the statistics, it has no end. \
         Persistence is from the removal by the index to the disappearance from a mirror, of each file or entry that a \
         mirror was seen with. Counted are accused releases; projects with the first date of any of their accused \
         releases and the last download of any; files and entries once for each mirror. Each length has a least and a \
         most; exact are those where both are the same second. As the paper has it: release is the earlier of upload \
         and first download, and the last recorded download is the end.",
        &[
            ("measure", "Measure", Unit::Text),
            ("all", "All", Unit::Count),
            ("measured", "Measured", Unit::Count),
            ("exact", "Exact", Unit::Count),
            ("bounded", "With both bounds", Unit::Count),
            ("no_end_yet", "Without upper bound", Unit::Count),
            ("no_begin", "Beginning not known", Unit::Count),
            ("no_end", "End not known", Unit::Count),
            ("conflicts", "Dates in conflict", Unit::Count),
        ],
    );
    for found in measured {
        let of = |holds: fn(&Length) -> bool| found.lengths.all().iter().filter(|l| holds(l)).count();
        let cells = [
            Cell::from(found.id),
            Cell::from(found.all),
            Cell::from(found.lengths.count()),
            Cell::from(of(|length| length.is_exact())),
            Cell::from(of(|length| !length.is_exact() && length.most.is_finite())),
            Cell::from(of(|length| length.most.is_infinite())),
            Cell::from(found.no_begin),
            Cell::from(found.no_end),
            Cell::from(found.conflicts),
        ];
        table.push(cells, found.behind.clone());
    }
    table.notes = input.history.left_out().notes();
    if input.history.in_the_future() > 0 {
        table
            .notes
            .push(format!("{} claims lie in the future and were left out.", input.history.in_the_future()));
    }
    table.notes.push(
        "In conflict are lengths whose end is surely before their beginning: a record that was published before a \
         version that it names later was uploaded, or a source with wrong dates. They are left out."
            .to_owned(),
    );
    table.notes.push(
        "A last download that is surely before the discovery is a residual period of zero days.".to_owned(),
    );
    table
}

/// Quantiles with bounds, and the shares beyond two months.
pub(super) fn spans_table(measured: &[Measured]) -> Table {
    let mut table = Table::new(
        "life-spans",
        "How long they last",
        "Days. Every length lies between its bounds, so every quantile lies between the quantile of the least and that \
         of the most; an empty cell has no bound. The shares are of the measured ones: surely longer are those whose \
         least is more than 60 days, at most as many as have a most of more.",
        &[
            ("measure", "Measure", Unit::Text),
            ("measured", "Measured", Unit::Count),
            ("quarter_least", "25 %, least", Unit::Days),
            ("quarter_most", "25 %, most", Unit::Days),
            ("median_least", "Median, least", Unit::Days),
            ("median_most", "Median, most", Unit::Days),
            ("three_quarters_least", "75 %, least", Unit::Days),
            ("three_quarters_most", "75 %, most", Unit::Days),
            ("longest_least", "Longest, at least", Unit::Days),
            ("over_60_surely", "Surely over 60 days", Unit::Share),
            ("over_60_maybe", "At most over 60 days", Unit::Share),
        ],
    );
    for found in measured {
        let lengths = &found.lengths;
        let (surely, maybe) = lengths.above(TWO_MONTHS);
        let [longest, _] = lengths.quantile(1.0);
        let mut cells = vec![Cell::from(found.id), Cell::from(lengths.count())];
        cells.extend([0.25, 0.5, 0.75].map(|share| lengths.quantile(share)).into_iter().flatten());
        cells.extend([longest, Cell::share(surely, lengths.count()), Cell::share(maybe, lengths.count())]);
        table.push(cells, found.behind.clone());
    }
    table
}

/// How residual period and incubation of the same thing compare.
struct Longer {
    both: u64,
    surely: u64,
    maybe: u64,
    missing: u64,
    behind: Vec<u32>,
}

/// Where the residual period is longer than the incubation.
pub(super) fn longer_table(history: &History, released: &Released<'_>) -> Table {
    let mut table = Table::new(
        "residual-over-incubation",
        "Where the residual period is longer than the incubation",
        "Both are known where there is a release, a discovery and a last download, and the discovery is not surely \
         before the release. The residual period is surely longer where no dates within the bounds say otherwise, and \
         may be where some do; both lengths share the date of the discovery. Shares are of those of which both are \
         known. The paper's figure is 622 of 861 packages, by recorded downloads.",
        &[
            ("of", "Of", Unit::Text),
            ("both", "Both known", Unit::Count),
            ("surely_longer", "Surely longer", Unit::Count),
            ("maybe_longer", "May be longer", Unit::Count),
            ("surely_share", "Surely longer", Unit::Share),
            ("maybe_share", "At most longer", Unit::Share),
            ("not_known", "Not both known", Unit::Count),
            ("paper_surely_share", "Paper, longer", Unit::Share),
        ],
    );
    let horizon = Horizon::of(history);
    let of_releases = compare(&horizon, releases(history, released));
    let of_projects = compare(&horizon, projects(history, released));
    for (of, found) in [("releases", of_releases), ("projects", of_projects)] {
        let cells = [
            Cell::from(of),
            Cell::from(found.both),
            Cell::from(found.surely),
            Cell::from(found.maybe),
            Cell::share(found.surely, found.both),
            Cell::share(found.maybe, found.both),
            Cell::from(found.missing),
            paper_cell("residual-over-incubation", of, "surely_share"),
        ];
        table.push(cells, found.behind);
    }
    table
}

fn compare<'a>(horizon: &Horizon, things: impl Iterator<Item = Thing<'a>>) -> Longer {
    let mut found = Longer { both: 0, surely: 0, maybe: 0, missing: 0, behind: Vec::new() };
    for thing in things {
        let is_sound = thing.dates.incubation().is_some_and(|span| Length::of(span).most >= 0.0);
        let Some((least, most)) = difference(&thing, horizon).filter(|_| is_sound) else {
            found.missing += 1;
            continue;
        };
        found.both += 1;
        found.surely += u64::from(least > 0.0);
        found.maybe += u64::from(most > 0.0);
        if least > 0.0 {
            found.behind.extend(thing.behind);
        }
    }
    found.behind = sorted(found.behind);
    found
}

/// Residual period less incubation: upload plus last download less twice the discovery, in days with bounds.
fn difference(thing: &Thing<'_>, horizon: &Horizon) -> Option<(f64, f64)> {
    let dates = thing.dates;
    let (released, discovered) = (dates.released()?, dates.discovered_once_released()?);
    let last = horizon.last_download(thing)?;
    let days = |at: Option<venin_intel::claim::Moment>, none: f64| {
        at.map_or(none, |at| at.micros() as f64 / (DAY * 1e6))
    };
    let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
    let least =
        days(released.not_before, low) + days(last.not_before, low) - 2.0 * days(discovered.not_after, high);
    let most =
        days(released.not_after, high) + days(last.not_after, high) - 2.0 * days(discovered.not_before, low);
    Some((least, most))
}

/// The share of each measure that lasts longer than some days.
pub(super) fn curve_table(measured: &[Measured]) -> Table {
    let mut table = Table::new(
        "life-curve",
        "What is left after a time",
        "The share of the measured lengths that last longer than so many days: by Kaplan and Meier, taking the most for \
         the length and what has no upper bound as watched up to its least; and the least and the greatest share that \
         the bounds allow whatever happened between them. Releases for incubation and residual period, files on mirrors \
         for persistence.",
        &[
            ("measure", "Measure", Unit::Text),
            ("days", "Days", Unit::Days),
            ("share", "Left", Unit::Share),
            ("low", "At least", Unit::Share),
            ("high", "At most", Unit::Share),
        ],
    );
    for (id, shown) in [
        ("incubation of releases", "incubation"),
        ("residual period of releases", "residual period"),
        ("persistence of files", "persistence"),
    ] {
        let Some(found) = measured.iter().find(|found| found.id == id && found.lengths.count() > 0) else {
            table.notes.push(format!("Nothing is known of the {shown}."));
            continue;
        };
        for (days, share) in DAYS.iter().zip(curve(&found.lengths)) {
            let (least, most) = found.lengths.above(*days);
            let all = found.lengths.count();
            let cells = [
                Cell::from(shown),
                Cell::real(*days),
                Cell::real(share),
                Cell::share(least, all),
                Cell::share(most, all),
            ];
            table.push(cells, Vec::new());
        }
    }
    table
}

/// The curve of Kaplan and Meier at [`DAYS`].
fn curve(lengths: &Lengths) -> Vec<f64> {
    let spans = lengths.all().iter().map(|length| Span {
        after: length.least.max(0.0),
        by: length.most.is_finite().then_some(length.most),
    });
    let times: Vec<Time> = spans.map(|span| span.latest()).collect();
    let steps = kaplan_meier(&times);
    let left_at = |days: &f64| {
        let past = steps.partition_point(|step| step.time <= *days);
        past.checked_sub(1).and_then(|at| steps.get(at)).map_or(1.0, |step| step.survival)
    };
    DAYS.iter().map(left_at).collect()
}

/// The bins of one measure.
pub(super) fn histogram_table(id: &str, title: &str, measured: &Measured) -> Table {
    let mut table = Table::new(
        id,
        title,
        "Lengths in days by bins that hold their lower edge. Surely in a bin are those of which both bounds lie in it; \
         those that may be are counted in each bin that their bounds touch.",
        &[
            ("from", "From", Unit::Days),
            ("to", "To", Unit::Days),
            ("surely", "Surely", Unit::Count),
            ("maybe", "At most", Unit::Count),
        ],
    );
    for (from, to) in EDGES.iter().zip(EDGES.iter().skip(1)) {
        let (surely, maybe) = measured.lengths.within(*from, *to);
        table.push([Cell::real(*from), Cell::real(*to), Cell::from(surely), Cell::from(maybe)], Vec::new());
    }
    let spread = measured.lengths.count()
        - table.rows.iter().filter_map(|row| row.cells.get(2)?.number()).sum::<f64>() as u64;
    table.notes.push(format!("The bounds of {spread} lengths reach over several bins."));
    table
}
