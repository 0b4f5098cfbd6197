//! Rows of a table: CSV with a header, or JSON lines, each record bounded, with line numbers.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::documents::{has_extension, read_lines};
use super::dump::fetch_dump;
use super::{Input, Request, SourceError};
use crate::http::Validator;

/// Longest record of a CSV, in bytes.
const MAX_RECORD: u64 = 64 << 20;

/// The form of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowForm {
    Csv,
    JsonLines,
    Parquet,
}

/// What is read of a table: its name, its form, and its bytes.
pub(crate) struct OpenTable {
    pub(crate) what: String,
    pub(crate) form: RowForm,
    pub(crate) file: File,
    /// The server's marks of it; empty where no server gave any.
    pub(crate) marks: Validator,
}

/// Opens the request's input; its extension says the form.  `None` when a server says that it is the one that was
/// wholly imported the last time.
pub(crate) fn open_table(
    request: &Request<'_>,
    connector: &'static str,
) -> Result<Option<OpenTable>, SourceError> {
    let fail = |what: &str, error: String| SourceError::Input { connector, what: what.to_owned(), error };
    let what = match request.input {
        Input::Path(path) => path.display().to_string(),
        Input::Url(url) => url.to_string(),
    };
    let path = what.split(['?', '#']).next().unwrap_or(&what);
    let form = match () {
        () if has_extension(path, &["csv"]) => RowForm::Csv,
        () if has_extension(path, &["jsonl", "ndjson", "json"]) => RowForm::JsonLines,
        () if has_extension(path, &["parquet"]) => RowForm::Parquet,
        () => return Err(fail(&what, "the name ends in none of .csv, .jsonl, .ndjson, .parquet".to_owned())),
    };
    let (file, marks) = match request.input {
        Input::Path(path) => {
            let file = File::open(path).map_err(|error| fail(&what, error.to_string()))?;
            (file, Validator::default())
        }
        Input::Url(url) => match fetch_dump(request, url, connector)? {
            Some(dump) => (dump.file, dump.marks),
            None => return Ok(None),
        },
    };
    Ok(Some(OpenTable { what, form, file, marks }))
}

/// The records of a CSV with a header (RFC 4180).
pub(crate) struct CsvRows<R> {
    csv: csv::Reader<Metered<R>>,
    header: csv::StringRecord,
    record: csv::StringRecord,
    left: Rc<Cell<u64>>,
    is_over: bool,
}

impl<R: Read> CsvRows<R> {
    /// Reads the header.
    pub(crate) fn open(reader: R) -> Result<Self, String> {
        let left = Rc::new(Cell::new(MAX_RECORD));
        let metered = Metered { inner: reader, left: Rc::clone(&left) };
        let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(metered);
        let header = csv.headers().map_err(|error| error.to_string())?.clone();
        Ok(Self { csv, header, record: csv::StringRecord::new(), left, is_over: false })
    }

    /// The names of the columns.
    pub(crate) fn header(&self) -> &csv::StringRecord {
        &self.header
    }

    /// The next record with the number of its first line, or why it cannot be read.
    pub(crate) fn next(&mut self) -> Option<(u64, Result<&csv::StringRecord, String>)> {
        if self.is_over {
            return None;
        }
        self.left.set(MAX_RECORD);
        let start = self.csv.position().line();
        match self.csv.read_record(&mut self.record) {
            Ok(false) => None,
            Ok(true) => {
                let line = self.record.position().map_or(start, csv::Position::line);
                let (found, named) = (self.record.len(), self.header.len());
                if found == named {
                    return Some((line, Ok(&self.record)));
                }
                Some((line, Err(format!("{found} fields where the header has {named}"))))
            }
            Err(error) => {
                self.is_over = error.is_io_error();
                Some((start, Err(error.to_string())))
            }
        }
    }
}

/// What happens to an object: its line, and its entries, or why it cannot be read.
pub(crate) type TakeObject<'a> =
    dyn FnMut(u64, Result<Map<String, Value>, String>) -> Result<(), SourceError> + 'a;

/// Reads JSON lines of objects.
///
/// # Errors
/// Those of `take`.
pub(crate) fn read_objects(reader: impl Read, take: &mut TakeObject<'_>) -> Result<(), SourceError> {
    read_lines(reader, &mut |number, line| {
        let object = line.and_then(|bytes| serde_json::from_slice(bytes).map_err(|error| error.to_string()));
        take(number, object)
    })
}

/// A stream that fails when one record takes too much of it.
struct Metered<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other(format!("a record of more than {MAX_RECORD} bytes")));
        }
        let count = self.inner.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(count as u64));
        Ok(count)
    }
}
