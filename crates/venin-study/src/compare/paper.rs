//! A study beside what the paper printed.

use std::collections::BTreeSet;

use super::studies::numbers_of;
use super::{Comparison, Pair, Single};
use crate::chapters::paper::{CONTRADICTIONS, Published, all_published};
use crate::report::StudyReport;
use crate::table::{Cell, Unit};

/// Columns in which chapters already show the paper's numbers begin with this.
pub(super) const OF_THE_PAPER: &str = "paper_";

pub(super) fn compare_with_paper(study: &StudyReport) -> Comparison {
    let mut comparison = Comparison::default();
    for published in all_published() {
        match find_ours(study, published) {
            Some(this) => comparison.pairs.push(Pair {
                table: published.table.to_owned(),
                row: published.row.to_owned(),
                column: published.column.to_owned(),
                unit: published.unit,
                this,
                that: published.value,
                source: published.section.to_owned(),
                note: published.note.to_owned(),
            }),
            None => comparison.singles.push(Single {
                whose: "the paper".to_owned(),
                table: published.table.to_owned(),
                row: published.row.to_owned(),
                column: published.column.to_owned(),
                value: published.value,
                note: published.note.to_owned(),
            }),
        }
    }
    list_ours_alone(study, &mut comparison);
    comparison.notes.push(
        "Of this study only the counts and shares of tables of the five questions are listed as its own, one for each \
         row: the paper prints no distributions."
            .to_owned(),
    );
    comparison.notes.extend(CONTRADICTIONS.iter().map(|text| format!("The paper: {text}")));
    comparison
}

/// Our number for one of the paper's.
fn find_ours(study: &StudyReport, published: &Published) -> Option<f64> {
    if published.table == "density" {
        return share_above(study, if published.row.contains("90") { 0.9 } else { 0.5 });
    }
    study.table(published.table)?.cell(published.row, published.column)?.number()
}

/// The share of the density's histogram from an edge on; an artifact on the edge itself counts, which in the paper it does
/// not.
fn share_above(study: &StudyReport, edge: f64) -> Option<f64> {
    let table = study.table("density")?;
    let (from, share) = (table.column("from")?, table.column("share")?);
    let number = |cells: &[Cell], at: usize| cells.get(at).and_then(Cell::number);
    let above =
        table.rows.iter().filter(|row| number(&row.cells, from).is_some_and(|value| value > edge - 1e-9));
    let shares: Option<Vec<f64>> = above.map(|row| number(&row.cells, share)).collect();
    shares.filter(|shares| !shares.is_empty()).map(|shares| shares.iter().sum())
}

/// Tables whose rows the paper could have printed.
const ASKED: &[&str] = &[
    "behaviors",
    "behavior-count",
    "platforms",
    "sub-kinds",
    "evolution",
    "vectors",
    "triggers",
    "techniques",
    "mirrors",
    "downloads-systems",
    "downloads-installers",
];

fn list_ours_alone(study: &StudyReport, comparison: &mut Comparison) {
    let printed: BTreeSet<(&str, &str)> = all_published().map(|number| (number.table, number.row)).collect();
    for table in ASKED.iter().filter_map(|id| study.table(id)) {
        for row in &table.rows {
            let Some(Cell::Text(name)) = row.cells.first() else { continue };
            let has_number = |id: &str| !id.starts_with(OF_THE_PAPER);
            let mut numbers = numbers_of(table, row).filter(|(column, _)| has_number(&column.id));
            let Some((column, value)) = numbers.find(|(column, _)| column.unit == Unit::Count) else {
                continue;
            };
            if printed.contains(&(table.id.as_str(), name.as_str())) {
                continue;
            }
            comparison.singles.push(Single {
                whose: "this study".to_owned(),
                table: table.id.clone(),
                row: name.clone(),
                column: column.id.clone(),
                value,
                note: String::new(),
            });
        }
    }
}
