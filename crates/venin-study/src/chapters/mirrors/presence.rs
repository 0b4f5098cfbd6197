//! The paper's Table VI: what each mirror had at its last audit.

use std::collections::{BTreeMap, BTreeSet};

use venin_intel::claim::Subject;
use venin_mirror::residual::{ResidualRow, Unit, found_anywhere, residual_table, wilson};
use venin_mirror::verdict::Verdict;

use super::super::released::{Released, sorted};
use crate::history::{History, NameId, Project};
use crate::table::{self, Cell, Table};

/// The row of all mirrors together.
pub(super) const ANYWHERE: &str = "any mirror";

/// Table VI in one unit.
pub(super) fn presence_table(history: &History, released: &Released<'_>, unit: Unit) -> Table {
    let mut table = empty_table(unit);
    let last = last_looks(history);
    let mut rows: Vec<(ResidualRow, NameId)> = Vec::new();
    for (mirror, looks) in &last {
        let name = history.name(*mirror);
        let verdicts = looks.iter().map(|look| (name, look.subject, look.verdict));
        rows.extend(residual_table(verdicts, unit).into_iter().map(|row| (row, *mirror)));
    }
    rows.sort_by(|(a, _), (b, _)| b.rate().total_cmp(&a.rate()).then_with(|| a.mirror.cmp(&b.mirror)));
    for (row, mirror) in &rows {
        let looks = last.get(mirror).map_or(&[][..], Vec::as_slice);
        let (taken, others): (Vec<&LastLook<'_>>, Vec<&LastLook<'_>>) =
            looks.iter().partition(|look| look.is_taken_from((*mirror, &row.mirror), released));
        let count = |looks: &[&LastLook<'_>]| {
            let verdicts = looks.iter().map(|look| (row.mirror.as_str(), look.subject, look.verdict));
            residual_table(verdicts, unit).into_iter().next()
        };
        let taken = count(&taken).map_or(0, |row| row.looked_for);
        let without = count(&others).map_or(Cell::Missing, |row| judged_cell(row.found, &row));
        let found = looks.iter().filter(|look| is_found(look.verdict));
        let behind = sorted(found.flat_map(|look| look.artifacts(released)));
        table.push(cells(row, taken, without), behind);
    }
    if !rows.is_empty() {
        push_anywhere(&mut table, &last, unit, (history, released));
    }
    table.notes.extend(notes(&rows));
    let not_accused = history.left_out().looks_not_accused;
    if not_accused > 0 {
        let text = "looks were left out: nobody accuses any more what was looked for.";
        table.notes.push(format!("{not_accused} {text}"));
    }
    table
}

/// A look of the last audit of a project on a mirror.
struct LastLook<'a> {
    project: &'a Project,
    release: Option<u32>,
    subject: &'a Subject,
    verdict: Verdict,
}

impl LastLook<'_> {
    /// Whether our sample of it is from this mirror: by the claims, or by the data set's origins.
    fn is_taken_from(&self, (id, mirror): (NameId, &str), released: &Released<'_>) -> bool {
        let release = self.release.and_then(|at| self.project.releases.get(at as usize));
        release.is_some_and(|release| release.taken_from.contains(&id))
            || self.artifacts(released).into_iter().any(|at| released.is_from_mirror(at, mirror))
    }

    fn artifacts(&self, released: &Released<'_>) -> Vec<u32> {
        match self.release.and_then(|at| self.project.releases.get(at as usize)) {
            Some(release) => released.of_release(&self.project.name, &release.version),
            None => released.of_project(&self.project.name).collect(),
        }
    }
}

fn is_found(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Live | Verdict::OrphanFile | Verdict::Tampered)
}

fn last_looks(history: &History) -> BTreeMap<NameId, Vec<LastLook<'_>>> {
    let mut last: BTreeMap<NameId, Vec<LastLook<'_>>> = BTreeMap::new();
    for project in history.projects() {
        for look in project.looks.iter().filter(|look| look.is_last) {
            let Some(looked) = project.subjects.get(look.subject as usize) else { continue };
            let (release, subject, verdict) = (looked.release, &looked.subject, look.verdict);
            last.entry(look.mirror).or_default().push(LastLook { project, release, subject, verdict });
        }
    }
    last
}

fn empty_table(unit: Unit) -> Table {
    use table::Unit as U;
    let (id, title, what) = match unit {
        Unit::File => (
            "mirrors-files",
            "What mirrors still have, by files",
            "Files (or releases, where no file is named)",
        ),
        Unit::Release | Unit::Project => ("mirrors", "What mirrors still have, by releases", "Releases"),
    };
    let definition = format!(
        "{what} that somebody accuses and that were looked for in the last audit of their project on each mirror. Found \
         are those of which the mirror serves bytes: listed or not, the known ones or others. A unit of several files \
         counts with the worst of them. The rate is found over looked for, as in the paper's Table VI; the judged rate \
         leaves out what could not be judged (control probes failed, no answer), with Wilson's interval at 95 %. Taken \
         from it are units whose sample in the vault or in the data set was downloaded from this mirror; the last \
         column is the judged rate without them."
    );
    let columns = [
        ("mirror", "Mirror", U::Text),
        ("looked_for", "Looked for", U::Count),
        ("found", "Found", U::Count),
        ("rate", "Rate", U::Share),
        ("judged", "Judged", U::Count),
        ("judged_rate", "Rate of judged", U::Share),
        ("low", "95 %, from", U::Share),
        ("high", "95 %, to", U::Share),
        ("ghosts", "Only listed", U::Count),
        ("redirecting", "Led elsewhere", U::Count),
        ("clean", "Gone", U::Count),
        ("unknown", "Not judged", U::Count),
        ("taken_from", "Taken from it", U::Count),
        ("rate_without", "Rate without these", U::Share),
    ];
    Table::new(id, title, &definition, &columns)
}

fn judged_cell(found: u64, row: &ResidualRow) -> Cell {
    Cell::share(found, row.looked_for - row.unknown)
}

fn cells(row: &ResidualRow, taken: u64, without: Cell) -> [Cell; 14] {
    let (low, high) = row.interval().unzip();
    [
        Cell::from(row.mirror.as_str()),
        Cell::from(row.looked_for),
        Cell::from(row.found),
        Cell::share(row.found, row.looked_for),
        Cell::from(row.looked_for - row.unknown),
        judged_cell(row.found, row),
        Cell::from(low),
        Cell::from(high),
        Cell::from(row.ghosts),
        Cell::from(row.redirecting),
        Cell::from(row.clean),
        Cell::from(row.unknown),
        Cell::from(taken),
        without,
    ]
}

/// The row of what at least one mirror serves.
fn push_anywhere(
    table: &mut Table,
    last: &BTreeMap<NameId, Vec<LastLook<'_>>>,
    unit: Unit,
    (history, released): (&History, &Released<'_>),
) {
    let all = || last.values().flatten();
    let (found, looked_for) = found_anywhere(all().map(|look| ("", look.subject, look.verdict)), unit);
    let judged = all().filter(|look| look.verdict != Verdict::Unknown);
    let (_, judged) = found_anywhere(judged.map(|look| ("", look.subject, look.verdict)), unit);
    let (low, high) = wilson(found, judged).unzip();
    let taken_from_any = last.iter().flat_map(|(mirror, looks)| {
        let key = (*mirror, history.name(*mirror));
        looks.iter().filter(move |look| look.is_taken_from(key, released))
    });
    let (_, taken) = found_anywhere(taken_from_any.map(|look| ("", look.subject, look.verdict)), unit);
    let mut cells = vec![Cell::from(ANYWHERE), Cell::from(looked_for), Cell::from(found)];
    cells.extend([Cell::share(found, looked_for), Cell::from(judged), Cell::share(found, judged)]);
    cells.extend([Cell::from(low), Cell::from(high), Cell::Missing, Cell::Missing, Cell::Missing]);
    cells.extend([Cell::from(looked_for - judged), Cell::from(taken), Cell::Missing]);
    table.push(cells, Vec::new());
}

fn notes(rows: &[(ResidualRow, NameId)]) -> Vec<String> {
    let mut notes = Vec::new();
    if rows.is_empty() {
        notes.push("No audit of a mirror is in the event store.".to_owned());
    }
    let silent: BTreeSet<&str> = rows
        .iter()
        .filter(|(row, _)| row.looked_for == row.unknown)
        .map(|(row, _)| row.mirror.as_str())
        .collect();
    if !silent.is_empty() {
        let silent: Vec<&str> = silent.into_iter().collect();
        notes.push(format!("Nothing could be judged on: {}.", silent.join(", ")));
    }
    notes
}
