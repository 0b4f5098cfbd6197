//! Two studies, number by number.

use std::collections::BTreeMap;

use super::paper::OF_THE_PAPER;
use super::{Compared, Comparison, Pair, Single, THIS};
use crate::report::StudyReport;
use crate::table::{Cell, Column, Row, Table, Unit};

/// A table with more rows is a list of things, not of measures.
pub(super) const MAX_TABLE_ROWS: usize = 2_000;

/// Numbers of a table by row and column.
type Numbers<'a> = BTreeMap<(usize, String, &'a str), (Unit, f64)>;

pub(super) fn compare_studies(study: &StudyReport, earlier: &StudyReport, name: &str) -> Comparison {
    let mut comparison = Comparison::default();
    for (_, table) in study.tables().filter(|(_, table)| is_compared(table)) {
        if is_list(table) || earlier.table(&table.id).is_some_and(is_list) {
            comparison.lists += 1;
            continue;
        }
        let that = earlier.table(&table.id);
        compare_tables(table, that, name, &mut comparison);
    }
    let is_gone = |table: &Table| is_compared(table) && !is_list(table) && study.table(&table.id).is_none();
    for (_, table) in earlier.tables().filter(|(_, table)| is_gone(table)) {
        for ((_, row, column), (_, value)) in index_numbers(table) {
            comparison.singles.push(single(name, &table.id, row, column, value));
        }
    }
    comparison.of = [study, earlier]
        .map(|study| Compared { schema: study.schema.clone(), version: study.version.clone() });
    comparison
}

/// A comparison is not compared again.
fn is_compared(table: &Table) -> bool {
    !table.id.starts_with("comparison")
}

const fn is_list(table: &Table) -> bool {
    table.rows.len() > MAX_TABLE_ROWS
}

fn compare_tables(this: &Table, that: Option<&Table>, name: &str, comparison: &mut Comparison) {
    let ours = index_numbers(this);
    let mut theirs = that.map(index_numbers).unwrap_or_default();
    let differs = that.is_some_and(|that| that.definition != this.definition);
    for ((at, row, column), (unit, value)) in ours {
        match theirs.remove(&(at, row.clone(), column)) {
            Some((_, that)) => comparison.pairs.push(Pair {
                table: this.id.clone(),
                row,
                column: column.to_owned(),
                unit,
                this: value,
                that,
                source: name.to_owned(),
                note: if differs { "the definitions differ".to_owned() } else { String::new() },
            }),
            None => comparison.singles.push(single(THIS, &this.id, row, column, value)),
        }
    }
    for ((_, row, column), (_, value)) in theirs {
        comparison.singles.push(single(name, &this.id, row, column, value));
    }
}

fn single(whose: &str, table: &str, row: String, column: &str, value: f64) -> Single {
    Single {
        whose: whose.to_owned(),
        table: table.to_owned(),
        row,
        column: column.to_owned(),
        value,
        note: String::new(),
    }
}

/// The numbers of a table; rows with the same words are told apart by their order.
fn index_numbers(table: &Table) -> Numbers<'_> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut numbers = Numbers::new();
    for row in &table.rows {
        let key = row_key(table, row);
        let at = seen.entry(key.clone()).or_default();
        for (column, value) in numbers_of(table, row).filter(|(c, _)| !c.id.starts_with(OF_THE_PAPER)) {
            numbers.insert((*at, key.clone(), column.id.as_str()), (column.unit, value));
        }
        *at += 1;
    }
    numbers
}

/// The words and dates of a row, which tell it from others; of a row without any, its first number.
fn row_key(table: &Table, row: &Row) -> String {
    let cells = table.columns.iter().zip(&row.cells);
    let words: Vec<&str> = cells
        .filter_map(|(_, cell)| match cell {
            Cell::Text(text) => Some(text.as_str()),
            Cell::Missing | Cell::Count(_) | Cell::Real(_) => None,
        })
        .collect();
    match (words.is_empty(), row.cells.first().and_then(Cell::number)) {
        (true, Some(number)) => number.to_string(),
        _ => words.join(" / "),
    }
}

/// The numbers of a row with their columns.
pub(super) fn numbers_of<'a>(table: &'a Table, row: &'a Row) -> impl Iterator<Item = (&'a Column, f64)> {
    table.columns.iter().zip(&row.cells).filter_map(|(column, cell)| Some((column, cell.number()?)))
}
