//! Tables as Parquet: one column for each of a table's, typed by its unit, each of them may be null.

use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use crate::number::shown_cell;
use crate::report::StudyReport;
use crate::table::{Cell, Column, Row, Table, Unit};

/// Rows that are written at once: the memory that a large table takes beside itself.
const GROUP: usize = 65_536;

/// Values of a column and where they are: 1 for a value, 0 for none.
enum Values {
    Texts(Vec<ByteArray>),
    Counts(Vec<i64>),
    Reals(Vec<f64>),
}

/// What a column is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Count,
    Real,
}

struct Field<'a> {
    name: &'a str,
    form: Form,
}

/// A table.  Texts and dates are UTF-8; counts are 64-bit integers unless the column holds other numbers too; all other
/// numbers are doubles.  What is missing is null; so is a text in a column of numbers.
///
/// # Errors
/// None that a table can cause: the sink is memory.
pub fn render_table_parquet(table: &Table, version: &str) -> Result<Vec<u8>, ParquetError> {
    let forms: Vec<Form> =
        table.columns.iter().enumerate().map(|(at, column)| form_of(table, at, column)).collect();
    let fields =
        table.columns.iter().zip(&forms).map(|(column, form)| Field { name: &column.id, form: *form });
    let groups = table.rows.chunks(GROUP).map(|rows| {
        let columns = table.columns.iter().zip(&forms).enumerate();
        columns.map(|(at, (column, form))| values_of(rows, at, column.unit, *form)).collect()
    });
    write(&fields.collect::<Vec<_>>(), groups, version)
}

/// The artifacts in order: number from 1, project, version, file, SHA-256, verdict.
///
/// # Errors
/// As [`render_table_parquet`].
pub fn render_artifacts_parquet(study: &StudyReport) -> Result<Vec<u8>, ParquetError> {
    let texts = ["project", "version", "file", "sha256", "verdict"];
    let mut fields = vec![Field { name: "artifact", form: Form::Count }];
    fields.extend(texts.map(|name| Field { name, form: Form::Text }));
    let groups = (0i64..).zip(study.artifacts.chunks(GROUP)).map(|(group, lines)| {
        let first = group * GROUP as i64 + 1;
        let numbers = Values::Counts((first..).take(lines.len()).collect());
        let texts = |of: fn(&crate::report::ArtifactLine) -> &str| {
            let values = lines.iter().map(|line| ByteArray::from(of(line))).collect();
            (Values::Texts(values), vec![1; lines.len()])
        };
        vec![
            (numbers, vec![1; lines.len()]),
            texts(|line| &line.project),
            texts(|line| &line.version),
            texts(|line| &line.file),
            texts(|line| &line.sha256),
            texts(|line| &line.verdict),
        ]
    });
    write(&fields, groups, &study.version)
}

/// Which artifacts are behind which row: table, row from 1, number of the artifact from 1.
///
/// # Errors
/// As [`render_table_parquet`].
pub fn render_behind_parquet(study: &StudyReport) -> Result<Vec<u8>, ParquetError> {
    let fields = [("table", Form::Text), ("row", Form::Count), ("artifact", Form::Count)];
    let fields = fields.map(|(name, form)| Field { name, form });
    let mut pairs = study.tables().flat_map(|(_, table)| {
        (1..).zip(&table.rows).flat_map(move |(number, row)| {
            study.behind(row).map(move |artifact| (table.id.as_str(), number, i64::from(artifact)))
        })
    });
    let groups = std::iter::from_fn(|| {
        let chunk: Vec<(&str, i64, i64)> = pairs.by_ref().take(GROUP).collect();
        let levels = || vec![1; chunk.len()];
        (!chunk.is_empty()).then(|| {
            vec![
                (
                    Values::Texts(chunk.iter().map(|(table, _, _)| ByteArray::from(*table)).collect()),
                    levels(),
                ),
                (Values::Counts(chunk.iter().map(|(_, row, _)| *row).collect()), levels()),
                (Values::Counts(chunk.iter().map(|(_, _, artifact)| *artifact).collect()), levels()),
            ]
        })
    });
    write(&fields, groups, &study.version)
}

fn form_of(table: &Table, at: usize, column: &Column) -> Form {
    let is_real = |row: &Row| matches!(row.cells.get(at), Some(Cell::Real(_)));
    match column.unit {
        Unit::Text | Unit::Date => Form::Text,
        Unit::Count if !table.rows.iter().any(is_real) => Form::Count,
        _ => Form::Real,
    }
}

fn values_of(rows: &[Row], at: usize, unit: Unit, form: Form) -> (Values, Vec<i16>) {
    let cells = || rows.iter().map(|row| row.cells.get(at).unwrap_or(&Cell::Missing));
    let is_there = |cell: &Cell| match form {
        Form::Text => *cell != Cell::Missing,
        Form::Count | Form::Real => cell.number().is_some_and(f64::is_finite),
    };
    let levels = cells().map(|cell| i16::from(is_there(cell))).collect();
    let known = cells().filter(|cell| is_there(cell));
    let values = match form {
        Form::Text => {
            Values::Texts(known.map(|cell| ByteArray::from(shown_cell(cell, unit).as_str())).collect())
        }
        Form::Real => Values::Reals(known.filter_map(Cell::number).collect()),
        Form::Count => Values::Counts(known.filter_map(count_of).collect()),
    };
    (values, levels)
}

fn count_of(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Count(count) => Some(i64::try_from(*count).unwrap_or(i64::MAX)),
        Cell::Missing | Cell::Real(_) | Cell::Text(_) => None,
    }
}

fn write(
    fields: &[Field<'_>],
    groups: impl Iterator<Item = Vec<(Values, Vec<i16>)>>,
    version: &str,
) -> Result<Vec<u8>, ParquetError> {
    let columns = fields.iter().map(column_type).collect::<Result<Vec<TypePtr>, _>>()?;
    let schema = Type::group_type_builder("table").with_fields(columns).build()?;
    let properties = WriterProperties::builder()
        .set_created_by(format!("venin {version}"))
        .set_compression(Compression::SNAPPY)
        .build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))?;
    for group in groups {
        let mut row_group = writer.next_row_group()?;
        for (values, levels) in &group {
            let Some(mut column) = row_group.next_column()? else { break };
            write_values(&mut column, values, levels)?;
            column.close()?;
        }
        row_group.close()?;
    }
    writer.close()?;
    Ok(bytes)
}

fn column_type(field: &Field<'_>) -> Result<TypePtr, ParquetError> {
    let (physical, converted) = match field.form {
        Form::Text => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
        Form::Count => (Physical::INT64, ConvertedType::NONE),
        Form::Real => (Physical::DOUBLE, ConvertedType::NONE),
    };
    let builder = Type::primitive_type_builder(field.name, physical).with_repetition(Repetition::OPTIONAL);
    builder.with_converted_type(converted).build().map(Arc::new)
}

fn write_values(
    column: &mut SerializedColumnWriter<'_>,
    values: &Values,
    levels: &[i16],
) -> Result<(), ParquetError> {
    match values {
        Values::Texts(texts) => column.typed::<ByteArrayType>().write_batch(texts, Some(levels), None)?,
        Values::Counts(counts) => column.typed::<Int64Type>().write_batch(counts, Some(levels), None)?,
        Values::Reals(reals) => column.typed::<DoubleType>().write_batch(reals, Some(levels), None)?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use parquet::file::reader::{FileReader as _, SerializedFileReader};

    use super::*;

    fn rows_of(bytes: &[u8]) -> Vec<String> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
    }

    #[test]
    fn a_table_reads_back_with_types_and_nulls() {
        let columns = [
            ("name", "", Unit::Text),
            ("n", "", Unit::Count),
            ("share", "", Unit::Share),
            ("day", "", Unit::Date),
        ];
        let mut table = Table::new("t", "T", "", &columns);
        table.push(
            [Cell::from("a"), Cell::Count(u64::MAX), Cell::Real(0.25), Cell::from("2026-01")],
            Vec::new(),
        );
        table.push([Cell::Missing, Cell::Missing, Cell::Count(1), Cell::Missing], Vec::new());
        table.push(
            [Cell::from("=\u{202e}"), Cell::from("x"), Cell::Real(f64::NAN), Cell::from("")],
            Vec::new(),
        );
        let bytes = render_table_parquet(&table, "0").unwrap();
        assert_eq!(
            rows_of(&bytes),
            [
                "{name: \"a\", n: 9223372036854775807, share: 0.25, day: \"2026-01\"}",
                "{name: null, n: null, share: 1.0, day: null}",
                "{name: \"=\u{202e}\", n: null, share: null, day: \"\"}",
            ]
        );
        assert_eq!(bytes, render_table_parquet(&table, "0").unwrap());
    }

    #[test]
    fn an_empty_table_reads_back_as_no_rows_and_large_ones_whole() {
        let mut table = Table::new("t", "T", "", &[("n", "", Unit::Count)]);
        assert!(rows_of(&render_table_parquet(&table, "0").unwrap()).is_empty());
        for at in 0..GROUP + 1 {
            table.push([Cell::from(at)], Vec::new());
        }
        let rows = rows_of(&render_table_parquet(&table, "0").unwrap());
        assert_eq!((rows.len(), rows.last().map(String::as_str)), (GROUP + 1, Some("{n: 65536}")));
    }
}
