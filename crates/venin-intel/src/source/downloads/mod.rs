//! Download statistics, exported from the public table as CSV, JSON lines or Parquet.
//!
//! One row is one download, or a count of them.  Rows are summed for each release as they are read: the first and the
//! last download, and how many.  Clients that mirror, and files that are no distribution (metadata side files,
//! signatures), are counted apart: neither is somebody who installs.

mod aggregate;
mod columnar;
mod row;

use super::dump::{Read, conclude};
use super::rows::{CsvRows, RowForm, open_table, read_objects};
use super::{Connector, Description, Request, Sink, SourceError, SourceProblem};

pub use aggregate::{Export, Totals};
pub use row::{Column, DownloadRow, name_column, parse_object, parse_time};

/// The connector for download statistics.
pub struct Downloads;

const ID: &str = "downloads";

impl Connector for Downloads {
    fn describe(&self) -> Description {
        Description {
            id: ID,
            title: "Download statistics exported from the public table",
            input: "a CSV with a header, JSON lines or Parquet (.csv, .jsonl, .parquet)",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let Some(table) = open_table(request, ID)? else {
            return conclude(request, Read::Unchanged, None, sink);
        };
        let what = table.what;
        let fail = |error: String| SourceError::Input { connector: ID, what: what.clone(), error };
        let mut totals = Totals::default();
        let mut add = |line: u64, row: Result<DownloadRow, String>| {
            let added = row.and_then(|row| totals.add(&row, request.now));
            if let Err(error) = added {
                sink.problem(SourceProblem { what: format!("{what}:{line}"), error });
            }
        };
        match table.form {
            RowForm::Csv => {
                let mut rows = CsvRows::open(table.file).map_err(fail)?;
                let columns = row::parse_header(rows.header()).map_err(fail)?;
                while let Some((line, record)) = rows.next() {
                    add(line, record.and_then(|record| row::parse_record(&columns, record)));
                }
            }
            RowForm::JsonLines => read_objects(table.file, &mut |line, object| {
                add(line, object.and_then(|object| parse_object(&object)));
                Ok(())
            })?,
            RowForm::Parquet => columnar::read_parquet(table.file, &mut add).map_err(fail)?,
        }
        let place = what.rsplit(['/', '\\']).next().unwrap_or(&what).to_owned();
        if let Some(error) = totals.left_out() {
            sink.problem(SourceProblem { what: what.clone(), error });
        }
        let from = Export { source: request.source, place: &place, now: request.now };
        totals.give_claims(&from, &mut |claim| sink.claim(claim))?;
        conclude(request, Read::Whole(table.marks), None, sink)
    }
}

#[cfg(test)]
mod tests;
