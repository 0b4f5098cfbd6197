//! Numbers of a study by table, row and column, for what is drawn from tables: the portrait and the mitigations.
//!
//! A table, a row or a number that is not there is not known; that is never an error.

use crate::report::StudyReport;
use crate::table::{Cell, Table, Unit};

/// Where a number stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Look {
    /// In a cell: table, first cell of the row, column.
    At(&'static str, &'static str, &'static str),
    /// The number of rows of a table.
    Rows(&'static str),
}

/// A number with its unit and the table that it stands in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Found<'a> {
    pub(crate) value: f64,
    pub(crate) unit: Unit,
    pub(crate) table: &'a str,
}

impl Look {
    const fn table(self) -> &'static str {
        match self {
            Self::At(table, _, _) | Self::Rows(table) => table,
        }
    }

    /// The number, if the study knows it.
    pub(crate) fn find(self, study: &StudyReport) -> Option<Found<'_>> {
        let table = study.table(self.table())?;
        let (value, unit) = match self {
            Self::Rows(_) => (table.rows.len() as f64, Unit::Count),
            Self::At(_, row, column) => find_cell(table, row, column)?,
        };
        Some(Found { value, unit, table: &table.id })
    }
}

/// A cell's number; the row's name is compared without capitals.
fn find_cell(table: &Table, row: &str, column: &str) -> Option<(f64, Unit)> {
    let at = table.column(column)?;
    let is_named =
        |cell: Option<&Cell>| matches!(cell, Some(Cell::Text(text)) if text.eq_ignore_ascii_case(row));
    let row = table.rows.iter().find(|line| is_named(line.cells.first()))?;
    Some((row.cells.get(at)?.number()?, table.columns.get(at)?.unit))
}

/// The first of several places that has a number.
pub(crate) fn find_first<'a>(study: &'a StudyReport, places: &[Look]) -> Option<Found<'a>> {
    places.iter().find_map(|look| look.find(study))
}

/// The id of the first of the places' tables that the study has; empty when it has none.
pub(crate) fn find_table(study: &StudyReport, places: &[Look]) -> String {
    let mut tables = places.iter().filter_map(|look| study.table(look.table()));
    tables.next().map(|table| table.id.clone()).unwrap_or_default()
}

/// A number with its unit in words: `12.5 %`, `3 days`, `1,234`.
pub(crate) fn write_number(value: f64, unit: Unit) -> String {
    let plain = if value.fract() == 0.0 { grouped(value) } else { format!("{value:.1}") };
    match unit {
        Unit::Share => format!("{:.1} %", value * 100.0),
        Unit::Days => format!("{plain} {}", plural("day", value)),
        Unit::Lines => format!("{plain} {}", plural("line", value)),
        Unit::Bytes => format!("{plain} {}", plural("byte", value)),
        Unit::Text | Unit::Count | Unit::Real | Unit::Date => plain,
    }
}

fn plural(word: &str, value: f64) -> String {
    if value == 1.0 { word.to_owned() } else { format!("{word}s") }
}

fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if value < 0.0 { format!("-{out}") } else { out }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::chapters::prevalence::testing::{data_of, study_of};

    /// Asserts that places name tables that studies have, and columns of these.
    pub(crate) fn assert_places(places: &[Look]) {
        let study = study_of(&data_of([]));
        for look in places {
            let found = study.table(look.table());
            let found = found.unwrap_or_else(|| panic!("there is no table {}", look.table()));
            if let Look::At(table, _, column) = look {
                assert!(found.column(column).is_some(), "{table} has no column {column}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_their_units() {
        let written = [
            write_number(0.125, Unit::Share),
            write_number(1_234_567.0, Unit::Count),
            write_number(-1_000.0, Unit::Lines),
            write_number(2.25, Unit::Days),
            write_number(1.0, Unit::Days),
        ];
        assert_eq!(written, ["12.5 %", "1,234,567", "-1,000 lines", "2.2 days", "1 day"]);
    }
}
