//! A study beside what the paper printed.

use std::collections::BTreeSet;

use super::studies::numbers_of;
use super::{Compared, Comparison, Pair, Single, THIS};
use crate::chapters::paper::{CONTRADICTIONS, Published, TOOL_SECTION, TOOLS, all_published};
use crate::report::StudyReport;
use crate::table::{Cell, Table, Unit};

/// Columns in which chapters already show the paper's numbers begin with this.
pub(super) const OF_THE_PAPER: &str = "paper_";

impl Comparison {
    fn add(&mut self, ours: Option<f64>, published: &Published) {
        let (table, row) = (published.table.to_owned(), published.row.to_owned());
        let (column, note) = (published.column.to_owned(), published.note.to_owned());
        let Some(this) = ours else {
            let whose = "the paper".to_owned();
            self.singles.push(Single { whose, table, row, column, value: published.value, note });
            return;
        };
        let (unit, that, source) = (published.unit, published.value, published.section.to_owned());
        self.pairs.push(Pair { table, row, column, unit, this, that, source, note });
    }
}

pub(super) fn compare_with_paper(study: &StudyReport) -> Comparison {
    let mut comparison = Comparison::default();
    for published in all_published() {
        comparison.add(find_ours(study, published), published);
    }
    compare_tools(study, &mut comparison);
    list_ours_alone(study, &mut comparison);
    let of_us = Compared { schema: study.schema.clone(), version: study.version.clone() };
    comparison.of = [of_us, Compared::default()];
    comparison
}

/// Where the paper disagrees with itself.
pub(super) fn contradictions_table() -> Table {
    let mut table = Table::new(
        "paper-contradictions",
        "Where the paper disagrees with itself",
        "What the paper prints in several ways, or against a sum over its own tables.",
        &[("place", "Of", Unit::Text), ("says", "What it prints", Unit::Text)],
    );
    for (place, says) in CONTRADICTIONS {
        table.push([Cell::from(*place), Cell::from(*says)], Vec::new());
    }
    table
}

/// The rates of tools that were run here under the names that the paper gives them.
fn compare_tools(study: &StudyReport, comparison: &mut Comparison) {
    let rates = TOOLS.iter().flat_map(|tool| [(tool.name, "tpr", tool.tpr), (tool.name, "fpr", tool.fpr)]);
    for (tool, column, value) in rates {
        let published = Published {
            table: "tools",
            row: tool,
            column,
            value,
            unit: Unit::Share,
            section: TOOL_SECTION,
            note: "another list, and other versions of the tools",
        };
        comparison.add(find_ours(study, &published), &published);
    }
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
                whose: THIS.to_owned(),
                table: table.id.clone(),
                row: name.clone(),
                column: column.id.clone(),
                value,
                note: String::new(),
            });
        }
    }
}
