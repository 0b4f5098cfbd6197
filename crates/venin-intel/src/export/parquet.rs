//! Claims as a Parquet file, for those who ask with SQL or data frames.
//!
//! One flat schema with the columns of the table (`docs/claims.md`): what is not known is null, times are microseconds
//! of UTC.  A row group is written as soon as it is full, so a store of any size needs little memory.  The same claims
//! in the same order give the same bytes.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::claim::{Claim, Interval, Moment};
use crate::source::table::{COLUMNS, render_fields};

/// The columns: those of the table in its order, and then the ends of the date as times.
const SCHEMA: &str = "message claims {
    REQUIRED BYTE_ARRAY name (STRING);
    OPTIONAL BYTE_ARRAY version (STRING);
    OPTIONAL BYTE_ARRAY file (STRING);
    OPTIONAL BYTE_ARRAY sha256 (STRING);
    REQUIRED BYTE_ARRAY surface (STRING);
    REQUIRED BYTE_ARRAY kind (STRING);
    OPTIONAL BYTE_ARRAY date (STRING);
    REQUIRED BYTE_ARRAY source (STRING);
    OPTIONAL BYTE_ARRAY source_ref (STRING);
    OPTIONAL BYTE_ARRAY evidence (STRING);
    REQUIRED BYTE_ARRAY class (STRING);
    OPTIONAL INT32 confidence (INTEGER(8,false));
    OPTIONAL BYTE_ARRAY detail (STRING);
    REQUIRED INT64 observed (TIMESTAMP(MICROS,true));
    OPTIONAL INT64 not_before (TIMESTAMP(MICROS,true));
    OPTIONAL INT64 not_after (TIMESTAMP(MICROS,true));
}";
/// Most rows of a group.
const MOST_ROWS: usize = 50_000;
/// Most text of a group, in bytes: a detail may be long.
const MOST_TEXT: usize = 16 << 20;

/// A Parquet file that is being written.
pub struct ClaimRows<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    /// The rows of the next group.
    rows: Vec<Row>,
    /// How much text they have, about.
    text: usize,
}

/// A row that waits.
struct Row {
    /// The texts of the table's columns; empty where nothing is known.
    fields: Vec<String>,
    confidence: Option<u8>,
    observed: Moment,
    happened: Interval,
}

impl<W: Write + Send> ClaimRows<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// The writer's own.
    pub fn begin(out: W) -> io::Result<Self> {
        let schema = parse_message_type(SCHEMA).map_err(plain)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("venin".to_owned());
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build()));
        Ok(Self { writer: writer.map_err(plain)?, rows: Vec::new(), text: 0 })
    }

    /// Adds a row; a group that is full is written.
    ///
    /// # Errors
    /// The writer's own.
    pub fn push(&mut self, claim: &Claim) -> io::Result<()> {
        let fields = render_fields(claim);
        self.text += fields.iter().map(String::len).sum::<usize>();
        let Claim { confidence, observed, happened, .. } = *claim;
        self.rows.push(Row { fields, confidence, observed, happened });
        if self.rows.len() >= MOST_ROWS || self.text >= MOST_TEXT { self.write_group() } else { Ok(()) }
    }

    /// Writes what waits, and the end of the file.
    ///
    /// # Errors
    /// The writer's own.
    pub fn finish(mut self) -> io::Result<()> {
        if !self.rows.is_empty() {
            self.write_group()?;
        }
        self.writer.close().map(drop).map_err(plain)
    }

    fn write_group(&mut self) -> io::Result<()> {
        let mut rows = std::mem::take(&mut self.rows);
        self.text = 0;
        let mut group = self.writer.next_row_group().map_err(plain)?;
        write_columns(&mut group, &mut rows).map_err(plain)?;
        group.close().map(drop).map_err(plain)
    }
}

/// Writes claims as a Parquet file.
///
/// # Errors
/// The writer's own.
pub fn render_parquet<'a>(
    out: impl Write + Send,
    claims: impl IntoIterator<Item = &'a Claim>,
) -> io::Result<()> {
    let mut rows = ClaimRows::begin(out)?;
    for claim in claims {
        rows.push(claim)?;
    }
    rows.finish()
}

fn write_columns<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    rows: &mut [Row],
) -> Result<(), ParquetError> {
    for (at, column) in COLUMNS.iter().enumerate() {
        match *column {
            "confidence" => {
                let confidence = rows.iter().map(|row| row.confidence.map(i32::from));
                write_column::<_, Int32Type>(group, confidence)?;
            }
            "observed" => {
                write_column::<_, Int64Type>(group, rows.iter().map(|row| Some(row.observed.micros())))?;
            }
            _ => {
                let is_required = matches!(*column, "name" | "surface" | "kind" | "source" | "class");
                let text = |row: &mut Row| {
                    let field = row.fields.get_mut(at).map(std::mem::take).unwrap_or_default();
                    (is_required || !field.is_empty()).then(|| ByteArray::from(field.into_bytes()))
                };
                write_column::<_, ByteArrayType>(group, rows.iter_mut().map(text))?;
            }
        }
    }
    let micros = |moment: Option<Moment>| moment.map(Moment::micros);
    write_column::<_, Int64Type>(group, rows.iter().map(|row| micros(row.happened.not_before)))?;
    write_column::<_, Int64Type>(group, rows.iter().map(|row| micros(row.happened.not_after)))
}

/// Writes the next column; a column that is required has a value in every row.
fn write_column<W: Write + Send, T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    fields: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("a column more than the schema has".to_owned()));
    };
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for field in fields {
        levels.push(i16::from(field.is_some()));
        values.extend(field);
    }
    let typed = column.typed::<T>();
    let is_optional = typed.get_descriptor().max_def_level() > 0;
    typed.write_batch(&values, is_optional.then_some(levels.as_slice()), None)?;
    column.close()
}

/// The error of the writer below, where that is what failed.
fn plain(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use parquet::basic::{LogicalType, Repetition, TimeUnit};
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::{Field, Row as Read};

    use super::*;
    use crate::claim::{ClaimKind, Class, Digest, Subject, Surface};

    fn claims() -> Vec<Claim> {
        let subject = Subject::project("Demo").unwrap().with_version("1.0").unwrap();
        let full = Claim {
            subject: subject.with_file("demo-1.0.zip").unwrap().with_sha256(Digest::of(b"x")),
            surface: Surface::Mirror("m".into()),
            kind: ClaimKind::FileSeen,
            happened: Interval::between(Moment::from_seconds(1), Moment::from_micros(2_000_003)),
            observed: Moment::from_micros(1_780_000_000_000_001),
            source: "probe".into(),
            source_ref: "https://m.example/\"x\",\u{e4}\u{202e}".into(),
            evidence: Some(Digest::of(b"page")),
            class: Class::Malware,
            confidence: Some(100),
            detail: r#"{"verdict":"live"}"#.into(),
        };
        let bare = Claim {
            subject: Subject::project("bare").unwrap(),
            happened: Interval::UNKNOWN,
            source_ref: String::new(),
            evidence: None,
            confidence: None,
            detail: String::new(),
            observed: Moment::from_seconds(-1),
            ..full.clone()
        };
        vec![full, bare]
    }

    fn written(claims: &[Claim]) -> Vec<u8> {
        let mut out = Vec::new();
        render_parquet(&mut out, claims).unwrap();
        out
    }

    fn read(bytes: &[u8]) -> (Vec<Read>, usize) {
        let reader = SerializedFileReader::new(parquet_file(bytes)).unwrap();
        let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        (rows, reader.num_row_groups())
    }

    fn parquet_file(bytes: &[u8]) -> std::fs::File {
        use std::io::{Seek as _, SeekFrom};
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    fn column(row: &Read, name: &str) -> Field {
        row.get_column_iter().find(|(key, _)| *key == name).unwrap().1.clone()
    }

    #[test]
    fn every_column_of_the_table_comes_back_and_what_is_not_known_is_null() {
        let claims = claims();
        let (rows, _) = read(&written(&claims));
        assert_eq!(rows.len(), 2);
        for (claim, row) in claims.iter().zip(&rows) {
            for (name, text) in COLUMNS.iter().zip(render_fields(claim)) {
                let expected = match *name {
                    "observed" => Field::TimestampMicros(claim.observed.micros()),
                    _ if text.is_empty() => Field::Null,
                    "confidence" => Field::UByte(text.parse().unwrap()),
                    _ => Field::Str(text),
                };
                assert_eq!(column(row, name), expected, "{name}");
            }
        }
        assert_eq!(column(&rows[0], "not_before"), Field::TimestampMicros(1_000_000));
        assert_eq!(column(&rows[0], "not_after"), Field::TimestampMicros(2_000_003));
        assert_eq!(column(&rows[1], "not_before"), Field::Null);
        assert_eq!(rows[0].len(), COLUMNS.len() + 2);
    }

    #[test]
    fn times_are_microseconds_of_utc_and_only_what_every_claim_has_is_required() {
        let reader = SerializedFileReader::new(parquet_file(&written(&claims()))).unwrap();
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let mut required = Vec::new();
        for column in schema.columns() {
            let info = column.self_type().get_basic_info();
            if info.repetition() == Repetition::REQUIRED {
                required.push(column.name().to_owned());
            }
            if matches!(column.name(), "observed" | "not_before" | "not_after") {
                assert_eq!(column.logical_type_ref(), Some(&LogicalType::timestamp(true, TimeUnit::MICROS)));
            }
        }
        assert_eq!(required, ["name", "surface", "kind", "source", "class", "observed"]);
    }

    #[test]
    fn the_same_claims_give_the_same_bytes_and_no_claims_a_file_without_rows() {
        let claims = claims();
        assert_eq!(written(&claims), written(&claims));
        assert!(read(&written(&[])).0.is_empty());
    }

    #[test]
    fn a_group_is_bounded_by_rows_and_by_text() {
        let claim = claims().remove(1);
        let many = vec![claim.clone(); MOST_ROWS + 1];
        let (rows, groups) = read(&written(&many));
        assert_eq!((rows.len(), groups), (MOST_ROWS + 1, 2));
        let long = Claim { detail: format!("{{\"a\":\"{}\"}}", "x".repeat(MOST_TEXT / 2)), ..claim };
        assert_eq!(read(&written(&[long.clone(), long.clone(), long])).1, 2);
    }

    #[test]
    fn the_writers_own_error_comes_through() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = render_parquet(Full, &claims()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
