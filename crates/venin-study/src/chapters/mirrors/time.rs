//! Mirrors month by month: the residual rate, and what is live, orphaned or only listed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use venin_intel::claim::{Moment, Subject};
use venin_mirror::residual::{Unit, residual_table};
use venin_mirror::verdict::Verdict;

use crate::history::{History, NameId};
use crate::table::{self, Cell, Table};

/// A month as ISO 8601 writes it, by the number of its day since 1970.
#[derive(Debug, Default)]
pub(in super::super) struct Months(HashMap<i64, String>);

impl Months {
    pub(in super::super) fn of(&mut self, moment: Moment) -> String {
        let day = moment.seconds().div_euclid(86_400);
        let month = || moment.to_string().get(..7).unwrap_or_default().to_owned();
        self.0.entry(day).or_insert_with(month).clone()
    }
}

/// The last look of a month at a subject.
struct MonthLook<'a> {
    subject: &'a Subject,
    verdict: Verdict,
}

/// Looks by month and mirror; of several in a month the last counts.
fn looks_by_month(history: &History) -> BTreeMap<(String, NameId), Vec<MonthLook<'_>>> {
    let mut months = Months::default();
    let mut by_month: BTreeMap<(String, NameId), Vec<MonthLook<'_>>> = BTreeMap::new();
    for project in history.projects() {
        // In order of mirror, subject and time: the last of a month is the last that is put in.
        let mut of_project: BTreeMap<(String, NameId, u32), Verdict> = BTreeMap::new();
        for look in &project.looks {
            of_project.insert((months.of(look.observed), look.mirror, look.subject), look.verdict);
        }
        for ((month, mirror, subject), verdict) in of_project {
            if let Some(looked) = project.subjects.get(subject as usize) {
                let look = MonthLook { subject: &looked.subject, verdict };
                by_month.entry((month, mirror)).or_default().push(look);
            }
        }
    }
    by_month
}

/// In order of month and the mirror's name.
fn in_order<'a>(
    history: &'a History,
    by_month: BTreeMap<(String, NameId), Vec<MonthLook<'a>>>,
) -> Vec<(String, &'a str, Vec<MonthLook<'a>>)> {
    let mut rows: Vec<_> =
        by_month.into_iter().map(|((month, mirror), looks)| (month, history.name(mirror), looks)).collect();
    rows.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    rows
}

/// The residual rate by month and mirror.
pub(super) fn rates_table(history: &History) -> Table {
    use table::Unit as U;
    let mut table = Table::new(
        "residual-rate",
        "The residual rate over time",
        "Releases that somebody accuses today and that were looked for in a month, each with the worst of its files at \
         the last look of the month: found over what could be judged, with Wilson's interval at 95 %. A month in which \
         a mirror was not audited has no row; what was looked for may differ from month to month.",
        &[
            ("month", "Month", U::Date),
            ("mirror", "Mirror", U::Text),
            ("looked_for", "Looked for", U::Count),
            ("judged", "Judged", U::Count),
            ("found", "Found", U::Count),
            ("judged_rate", "Rate of judged", U::Share),
            ("low", "95 %, from", U::Share),
            ("high", "95 %, to", U::Share),
        ],
    );
    for (month, mirror, looks) in in_order(history, looks_by_month(history)) {
        let verdicts = looks.iter().map(|look| (mirror, look.subject, look.verdict));
        for row in residual_table(verdicts, Unit::Release) {
            let judged = row.looked_for - row.unknown;
            let (low, high) = row.interval().unzip();
            let cells = [
                Cell::from(month.as_str()),
                Cell::from(mirror),
                Cell::from(row.looked_for),
                Cell::from(judged),
                Cell::from(row.found),
                Cell::share(row.found, judged),
                Cell::from(low),
                Cell::from(high),
            ];
            table.push(cells, Vec::new());
        }
    }
    table
}

/// States by month and mirror.
pub(super) fn states_table(history: &History) -> Table {
    use table::Unit as U;
    let mut table = Table::new(
        "mirror-states",
        "What was live, orphaned or only listed, by month",
        "What was looked for (files, or releases where no file is named) by what was seen at the last look of the \
         month. Live: listed and served. Orphan: served and not listed. Ghost: listed and not served. Shares are of \
         what could be judged.",
        &[
            ("mirror", "Mirror", U::Text),
            ("month", "Month", U::Date),
            ("looked_for", "Looked for", U::Count),
            ("live", "Live", U::Count),
            ("orphan", "Orphan", U::Count),
            ("ghost", "Ghost", U::Count),
            ("tampered", "Other bytes", U::Count),
            ("redirecting", "Led elsewhere", U::Count),
            ("clean", "Gone", U::Count),
            ("unknown", "Not judged", U::Count),
            ("live_share", "Live", U::Share),
            ("orphan_share", "Orphan", U::Share),
            ("ghost_share", "Ghost", U::Share),
        ],
    );
    let rows = in_order(history, looks_by_month(history));
    let mirrors: BTreeSet<&str> = rows.iter().map(|(_, mirror, _)| *mirror).collect();
    let months: BTreeSet<&str> = rows.iter().map(|(month, _, _)| month.as_str()).collect();
    for (month, mirror, looks) in &rows {
        let of = |state: Verdict| looks.iter().filter(|look| look.verdict == state).count() as u64;
        let judged = looks.len() as u64 - of(Verdict::Unknown);
        let (live, orphan, ghost) = (of(Verdict::Live), of(Verdict::OrphanFile), of(Verdict::GhostIndex));
        let cells = [
            Cell::from(*mirror),
            Cell::from(month.as_str()),
            Cell::from(looks.len()),
            Cell::from(live),
            Cell::from(orphan),
            Cell::from(ghost),
            Cell::from(of(Verdict::Tampered)),
            Cell::from(of(Verdict::Redirecting)),
            Cell::from(of(Verdict::Clean)),
            Cell::from(of(Verdict::Unknown)),
            Cell::share(live, judged),
            Cell::share(orphan, judged),
            Cell::share(ghost, judged),
        ];
        table.push(cells, Vec::new());
    }
    if rows.len() < mirrors.len() * months.len() {
        let gaps = mirrors.len() * months.len() - rows.len();
        table.notes.push(format!("{gaps} fields are empty: that mirror was not audited in that month."));
    }
    table
}
