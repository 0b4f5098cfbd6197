//! How long mirrors keep what the index removed.

use std::collections::BTreeMap;

use venin_mirror::survival::{Span, SurvivalStep, Turnbull, What, kaplan_meier, median, turnbull};
use venin_mirror::verdict::Verdict;

use crate::history::{History, NameId};
use crate::table::{Cell, Table, Unit};

/// The curve of all mirrors together.
const ALL: &str = "all mirrors";
/// The row of all files.
pub(super) const ALL_FILES: &str = "all mirrors, files";
/// Most spans of one curve that go into Turnbull's estimate.
const MAX_SPANS: usize = 20_000;

/// The spans of one mirror, in whole days: the beginning rounded down, the end up.
type Spans<'a> = BTreeMap<&'a str, Vec<Span>>;

fn spans_of(history: &History, what: What) -> Spans<'_> {
    let mut spans: Spans<'_> = BTreeMap::new();
    for kept in history.projects().iter().flat_map(|project| &project.kept).filter(|kept| kept.what == what) {
        let span = Span { after: kept.span.after.floor(), by: kept.span.by.map(f64::ceil) };
        spans.entry(history.name(kept.mirror)).or_default().push(span);
    }
    let mut all: Vec<Span> = spans.values().flatten().copied().collect();
    if !all.is_empty() {
        sort(&mut all);
        spans.insert(ALL, all);
    }
    spans.values_mut().for_each(|spans| sort(spans));
    spans
}

fn sort(spans: &mut [Span]) {
    let end = |span: &Span| span.by.unwrap_or(f64::INFINITY);
    spans.sort_by(|a, b| a.after.total_cmp(&b.after).then(end(a).total_cmp(&end(b))));
}

/// Both estimates of one curve.
struct Curve {
    steps: Vec<SurvivalStep>,
    turnbull: Turnbull,
    is_thinned: bool,
}

impl Curve {
    fn of(spans: &[Span]) -> Self {
        let times: Vec<_> = spans.iter().map(Span::latest).collect();
        // Every nth of the sorted spans stands for its neighbors.
        let every = spans.len().div_ceil(MAX_SPANS).max(1);
        let thinned: Vec<Span> = spans.iter().step_by(every).copied().collect();
        Self { steps: kaplan_meier(&times), turnbull: turnbull(&thinned), is_thinned: every > 1 }
    }

    fn notes(&self, mirror: &str) -> Vec<String> {
        let mut notes = Vec::new();
        if self.is_thinned {
            notes.push(format!(
                "{mirror}: Turnbull's estimate is of {MAX_SPANS} spans at most, evenly chosen."
            ));
        }
        if !self.turnbull.is_converged() {
            notes.push(format!("{mirror}: Turnbull's estimate did not come to rest."));
        }
        notes
    }
}

/// The steps of each mirror's curve.
pub(super) fn curves_table(history: &History, what: What) -> Table {
    let (id, title, kept) = match what {
        What::File => ("survival-files", "How long mirrors keep files", "files"),
        What::Index => ("survival-entries", "How long mirrors list files", "entries on index pages"),
    };
    let definition = format!(
        "Of {kept} that the index removed or hid, and that a mirror was seen with at least once: the share that is left \
         so many days after the removal. By Kaplan and Meier, taking the first look without it for the end and the last \
         look with it for the end of watching, with the 95 % band by Greenwood; and the least and the greatest share \
         that Turnbull's estimate leaves open, which takes the span between the looks as it is. Days are whole."
    );
    let columns = [
        ("mirror", "Mirror", Unit::Text),
        ("days", "Days", Unit::Days),
        ("at_risk", "Watched", Unit::Count),
        ("gone", "Gone", Unit::Count),
        ("left", "Left", Unit::Share),
        ("low", "95 %, from", Unit::Share),
        ("high", "95 %, to", Unit::Share),
        ("turnbull_low", "Turnbull, least", Unit::Share),
        ("turnbull_high", "Turnbull, most", Unit::Share),
    ];
    let mut table = Table::new(id, title, &definition, &columns);
    for (mirror, spans) in &spans_of(history, what) {
        let curve = Curve::of(spans);
        let whole = Cell::Real(1.0);
        let start = [Cell::from(*mirror), Cell::Real(0.0), Cell::from(spans.len()), Cell::from(0u64)];
        if curve.steps.first().is_none_or(|step| step.time > 0.0) {
            let ones = [whole.clone(), whole.clone(), whole.clone(), whole.clone(), whole];
            table.push(start.into_iter().chain(ones), Vec::new());
        }
        for step in &curve.steps {
            table.push(step_cells(mirror, step, &curve.turnbull), Vec::new());
        }
        table.notes.extend(curve.notes(mirror));
    }
    table.notes.extend(unseen_note(history, what).filter(|_| !table.rows.is_empty()));
    if table.rows.is_empty() {
        table.notes.push("Nothing that the index removed, at a known date, was seen on a mirror.".to_owned());
    }
    table
}

/// What was gone before anybody looked cannot be seen to go.
fn unseen_note(history: &History, what: What) -> Option<String> {
    let is_seen = |verdict: Verdict| match what {
        What::File => matches!(verdict, Verdict::Live | Verdict::OrphanFile),
        What::Index => matches!(verdict, Verdict::Live | Verdict::GhostIndex),
    };
    let mut unseen = 0u64;
    for project in history.projects() {
        let mut pairs: BTreeMap<(NameId, u32), bool> = BTreeMap::new();
        for look in project.looks.iter().filter(|look| look.verdict != Verdict::Unknown) {
            *pairs.entry((look.mirror, look.subject)).or_default() |= is_seen(look.verdict);
        }
        unseen += pairs.values().filter(|is_seen| !**is_seen).count() as u64;
    }
    (unseen > 0).then(|| {
        format!(
            "{unseen} pairs of a mirror and what was looked for there were never seen together: it may have been gone \
             before the first look, or never there. These are not in the curves, so that early disappearance is \
             missed and what is left is rather too much than too little."
        )
    })
}

fn step_cells(mirror: &str, step: &SurvivalStep, turnbull: &Turnbull) -> [Cell; 9] {
    let (low, high) = step.interval.unzip();
    let (least, most) = turnbull.bounds_at(step.time);
    [
        Cell::from(mirror),
        Cell::real(step.time),
        Cell::from(step.at_risk),
        Cell::from(step.events),
        Cell::real(step.survival),
        Cell::from(low),
        Cell::from(high),
        Cell::real(least),
        Cell::real(most),
    ]
}

/// The medians of all curves, and what is left after fixed times.
pub(super) fn medians_table(history: &History) -> Table {
    let mut table = Table::new(
        "survival",
        "How long mirrors keep what the index removed",
        "Files and entries on index pages that the index removed or hid and that a mirror was seen with at least once. \
         The median is the day after which at most half are left by Kaplan and Meier; the span is the one in which \
         Turnbull's estimate reaches half. An empty cell: more than half were there at the last look. Left after 30, \
         180 and 365 days: the least and the greatest share by Turnbull.",
        &[
            ("surface", "Surface", Unit::Text),
            ("subjects", "Removed and seen", Unit::Count),
            ("gone", "Seen to be gone", Unit::Count),
            ("median", "Median", Unit::Days),
            ("median_from", "Median, after", Unit::Days),
            ("median_to", "Median, by", Unit::Days),
            ("left_30_low", "30 days, least", Unit::Share),
            ("left_30_high", "30 days, most", Unit::Share),
            ("left_180_low", "180 days, least", Unit::Share),
            ("left_180_high", "180 days, most", Unit::Share),
            ("left_365_low", "365 days, least", Unit::Share),
            ("left_365_high", "365 days, most", Unit::Share),
        ],
    );
    for (what, shown) in [(What::File, "files"), (What::Index, "entries")] {
        let mut of_kind: Vec<(&str, Vec<Span>)> = spans_of(history, what).into_iter().collect();
        of_kind.sort_by_key(|(mirror, _)| (*mirror != ALL, *mirror));
        for (mirror, spans) in of_kind {
            let curve = Curve::of(&spans);
            let (from, to) = curve.turnbull.median().unzip();
            let mut cells = vec![
                Cell::from(format!("{mirror}, {shown}")),
                Cell::from(spans.len()),
                Cell::from(spans.iter().filter(|span| span.by.is_some()).count()),
                Cell::from(median(&curve.steps)),
                Cell::from(from),
                Cell::from(to),
            ];
            for days in [30.0, 180.0, 365.0] {
                let (least, most) = curve.turnbull.bounds_at(days);
                cells.extend([Cell::real(least), Cell::real(most)]);
            }
            table.push(cells, Vec::new());
        }
    }
    table
}
