//! Rows of a Parquet file, a few thousand at a time in memory.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, Row};

use super::row::{Column, DownloadRow, name_column};
use crate::claim::{Interval, Moment};

/// Deepest nesting of columns.
const MAX_DEPTH: usize = 4;

/// Hands over every row with its number from 1 on.
///
/// The library panics on some broken files; that ends the reading as an error and not the program.
pub(super) fn read_parquet(
    file: File,
    add: &mut dyn FnMut(u64, Result<DownloadRow, String>),
) -> Result<(), String> {
    let read = || -> Result<(), String> {
        let reader = SerializedFileReader::new(file).map_err(|error| error.to_string())?;
        let rows = reader.get_row_iter(None).map_err(|error| error.to_string())?;
        for (number, row) in (1..).zip(rows) {
            let row = row.map_err(|error| error.to_string())?;
            let mut found = DownloadRow { count: 1, ..DownloadRow::default() };
            let put = put_fields(&mut found, &row, "", 0);
            add(number, put.map(|()| found));
        }
        Ok(())
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("a broken Parquet file".to_owned()))
}

fn put_fields(found: &mut DownloadRow, row: &Row, prefix: &str, depth: usize) -> Result<(), String> {
    for (key, field) in row.get_column_iter() {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        if let Field::Group(inner) = field {
            if depth < MAX_DEPTH {
                put_fields(found, inner, &name, depth + 1)?;
            }
            continue;
        }
        let Some(column) = name_column(&name) else { continue };
        put_field(found, column, field).map_err(|error| format!("`{:.40}` {error}", name.escape_debug()))?;
    }
    Ok(())
}

fn put_field(found: &mut DownloadRow, column: Column, field: &Field) -> Result<(), String> {
    match (column, field) {
        (_, Field::Null) => Ok(()),
        (_, Field::Str(text)) => found.put(column, text),
        (_, Field::Bytes(bytes)) => found.put(column, &String::from_utf8_lossy(bytes.data())),
        (Column::Time, Field::TimestampMicros(micros)) => {
            found.time = Some(Interval::at(Moment::from_micros(*micros)));
            Ok(())
        }
        (Column::Time, Field::TimestampMillis(millis)) => {
            found.time = Some(Interval::at(Moment::from_micros(millis.saturating_mul(1000))));
            Ok(())
        }
        (Column::Time, Field::Date(days)) => {
            let start = Moment::from_seconds(i64::from(*days).saturating_mul(86_400));
            let end = Moment::from_micros(start.micros().saturating_add(86_400_000_000 - 1));
            found.time = Some(Interval::between(start, end));
            Ok(())
        }
        (Column::Count, number) => {
            found.count = read_count(number).ok_or("is no count")?;
            Ok(())
        }
        _ => Err("has another type".to_owned()),
    }
}

fn read_count(field: &Field) -> Option<u64> {
    match field {
        Field::Int(number) => u64::try_from(*number).ok(),
        Field::Long(number) => u64::try_from(*number).ok(),
        Field::UInt(number) => Some(u64::from(*number)),
        Field::ULong(number) => Some(*number),
        _ => None,
    }
}
