//! Tables as CSV (RFC 4180): one file a table, and one that says which artifacts are behind which row.

use csv::{Terminator, Writer, WriterBuilder};

use crate::report::StudyReport;
use crate::table::{Cell, Table};

/// A table with a header of column ids.  What is missing is an empty field.
#[must_use]
pub fn render_table_csv(table: &Table) -> Vec<u8> {
    let mut writer = writer();
    let mut write = |fields: Vec<String>| drop(writer.write_record(fields));
    write(table.columns.iter().map(|column| column.id.clone()).collect());
    for row in &table.rows {
        write(row.cells.iter().map(field_of).collect());
    }
    writer.into_inner().unwrap_or_default()
}

/// Which artifacts are behind which row: `table,row,artifact`, rows and artifacts counted from 1.
#[must_use]
pub fn render_behind_csv(study: &StudyReport) -> Vec<u8> {
    let mut writer = writer();
    drop(writer.write_record(["table", "row", "artifact"]));
    for (_, table) in study.tables() {
        for (number, row) in (1..).zip(&table.rows) {
            let number: u64 = number;
            let number = number.to_string();
            for artifact in study.behind(row) {
                drop(writer.write_record([table.id.as_str(), &number, &artifact.to_string()]));
            }
        }
    }
    writer.into_inner().unwrap_or_default()
}

/// The artifacts in order, by the numbers that [`render_behind_csv`] names them by.
#[must_use]
pub fn render_artifacts_csv(study: &StudyReport) -> Vec<u8> {
    let mut writer = writer();
    drop(writer.write_record(["artifact", "project", "version", "file", "sha256", "verdict"]));
    for (number, line) in (1u64..).zip(&study.artifacts) {
        let fields = [&line.project, &line.version, &line.file, &line.sha256, &line.verdict];
        let fields = fields.map(|text| guarded(text));
        drop(writer.write_record(std::iter::once(number.to_string()).chain(fields)));
    }
    writer.into_inner().unwrap_or_default()
}

fn writer() -> Writer<Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(Vec::new())
}

fn field_of(cell: &Cell) -> String {
    match cell {
        Cell::Missing => String::new(),
        Cell::Count(count) => count.to_string(),
        Cell::Real(value) => value.to_string(),
        Cell::Text(text) => guarded(text),
    }
}

/// Text that a spreadsheet would take for a formula gets an apostrophe in front: names are chosen by attackers.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Unit;

    #[test]
    fn a_table_is_written_with_its_columns_and_without_formulas() {
        let mut table =
            Table::new("t", "T", "", &[("name", "Name", Unit::Text), ("share", "Share", Unit::Share)]);
        table.push([Cell::from("=1+1"), Cell::share(1, 4)], Vec::new());
        table.push([Cell::from("a,\"b\""), Cell::Missing], Vec::new());
        let text = String::from_utf8(render_table_csv(&table)).unwrap();
        assert_eq!(text, "name,share\n'=1+1,0.25\n\"a,\"\"b\"\"\",\n");
    }
}
