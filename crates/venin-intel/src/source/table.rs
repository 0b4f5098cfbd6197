//! Claims as a table: CSV with a header, or JSON lines, in and out.  `docs/claims.md` describes the columns.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};
use std::str::FromStr;

use serde_json::{Map, Value};

use super::detail::render_value;
use super::dump::{Read, conclude};
use super::osv::is_ahead;
use super::rows::{CsvRows, RowForm, open_table, read_objects};
use super::{Connector, Description, Request, Sink, SourceError, SourceProblem};
use crate::claim::{Claim, ClaimKind, Class, Digest, Interval, Moment, Subject, Surface};

/// The connector for tables of claims.
pub struct Table;

const ID: &str = "table";

/// The columns, in the order in which they are written.
pub const COLUMNS: &[&str] = &[
    "name",
    "version",
    "file",
    "sha256",
    "surface",
    "kind",
    "date",
    "source",
    "source_ref",
    "evidence",
    "class",
    "confidence",
    "detail",
    "observed",
];

impl Connector for Table {
    fn describe(&self) -> Description {
        Description {
            id: ID,
            title: "A table of claims, for everything that has no connector of its own",
            input: "a CSV with a header or JSON lines (.csv, .jsonl), in the columns of docs/claims.md",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let Some(table) = open_table(request, ID)? else {
            return conclude(request, Read::Unchanged, None, sink);
        };
        let fail = |error: String| SourceError::Input { connector: ID, what: table.what.clone(), error };
        let mut give = |line: u64, row: Result<Row<'_>, String>| match row
            .and_then(|row| parse_row(&row, request.source, request.now))
        {
            Ok(claim) if request.since.is_some_and(|since| happened_before(&claim, since)) => Ok(()),
            Ok(claim) => sink.claim(claim),
            Err(error) => {
                sink.problem(SourceProblem { what: format!("{}:{line}", table.what), error });
                Ok(())
            }
        };
        let reader = table.file;
        match table.form {
            RowForm::Csv => {
                let mut rows = CsvRows::open(reader).map_err(fail)?;
                let columns = parse_header(rows.header()).map_err(fail)?;
                while let Some((line, record)) = rows.next() {
                    give(line, record.and_then(|record| Row::of_record(&columns, record)))?;
                }
            }
            RowForm::JsonLines => {
                read_objects(reader, &mut |line, object| give(line, object.and_then(Row::of_object)))?;
            }
            RowForm::Parquet => return Err(fail("claims are read from CSV and JSON lines".to_owned())),
        }
        conclude(request, Read::Whole(table.marks), None, sink)
    }
}

/// Whether it had happened before that moment.
fn happened_before(claim: &Claim, since: Moment) -> bool {
    claim.happened.not_after.is_some_and(|end| end < since)
}

/// The columns of a header, each known and there once.
fn parse_header(header: &csv::StringRecord) -> Result<Vec<&'static str>, String> {
    let mut columns = Vec::new();
    for name in header {
        let known = COLUMNS.iter().find(|known| **known == name.trim());
        let column = known.ok_or_else(|| format!("`{}` is no column", name.escape_debug()))?;
        if columns.contains(column) {
            return Err(format!("two columns `{column}`"));
        }
        columns.push(*column);
    }
    if columns.contains(&"name") { Ok(columns) } else { Err("no column `name`".to_owned()) }
}

/// The fields of a row by column; an empty field is none.
#[derive(Default)]
struct Row<'a>(BTreeMap<&'static str, Cow<'a, str>>);

impl<'a> Row<'a> {
    fn of_record(columns: &[&'static str], record: &'a csv::StringRecord) -> Result<Self, String> {
        let fields = columns.iter().copied().zip(record.iter().map(Cow::Borrowed));
        Ok(Self(fields.filter(|(_, field)| !field.is_empty()).collect()))
    }

    /// Strict about types: every field a text but `confidence`, a number, and `detail`, an object.
    fn of_object(object: Map<String, Value>) -> Result<Self, String> {
        let mut row = Self::default();
        for (key, value) in object {
            let known = COLUMNS.iter().find(|known| **known == key);
            let column = *known.ok_or_else(|| format!("`{:.40}` is no column", key.escape_debug()))?;
            let field = match (column, value) {
                (_, Value::Null) => continue,
                ("confidence", Value::Number(number)) => number.to_string(),
                ("detail", Value::Object(detail)) => Value::Object(detail).to_string(),
                ("confidence" | "detail", _) => return Err(format!("`{column}` has another type")),
                (_, Value::String(text)) => text,
                _ => return Err(format!("`{column}` is no text")),
            };
            if !field.is_empty() {
                row.0.insert(column, Cow::Owned(field));
            }
        }
        Ok(row)
    }

    fn get(&self, column: &str) -> Option<&str> {
        self.0.get(column).map(AsRef::as_ref)
    }

    /// A field that is one of the words that `read` knows.
    fn word<T>(&self, column: &str, read: fn(&str) -> Option<T>) -> Result<Option<T>, String> {
        let read = |text: &str| read(text).ok_or_else(|| format!("`{column}`: no such word"));
        self.get(column).map(read).transpose()
    }

    /// A field that is parsed by its type's own rules.
    fn parse<T: FromStr<Err: Display>>(&self, column: &str) -> Result<Option<T>, String> {
        let parse = |text: &str| text.parse().map_err(|error| format!("`{column}`: {error}"));
        self.get(column).map(parse).transpose()
    }
}

fn parse_row(row: &Row<'_>, source: &str, now: Moment) -> Result<Claim, String> {
    let source = row.get("source").unwrap_or(source);
    let surface = row.parse("surface")?.unwrap_or_else(|| Surface::Advisory(source.to_owned()));
    let kind = row.word("kind", ClaimKind::parse)?.unwrap_or(ClaimKind::Reported);
    let class = row.word("class", Class::parse)?.unwrap_or(Class::Unknown);
    let happened = row.get("date").map_or(Ok(Interval::UNKNOWN), parse_happened)?;
    let observed = row.get("observed").map_or(Ok(now), Moment::parse).map_err(|error| error.to_string())?;
    if happened.not_before.is_some_and(|start| is_ahead(start, now)) || is_ahead(observed, now) {
        return Err("a date lies in the future".to_owned());
    }
    let confidence = row.parse::<u8>("confidence")?;
    if confidence.is_some_and(|hundredths| hundredths > 100) {
        return Err("`confidence`: more than 100 hundredths".to_owned());
    }
    Ok(Claim {
        subject: parse_subject(row)?,
        surface,
        kind,
        happened,
        observed,
        source: bounded(source, "source")?,
        source_ref: bounded(row.get("source_ref").unwrap_or_default(), "source_ref")?,
        evidence: row.parse::<Digest>("evidence")?,
        class,
        confidence,
        detail: row.get("detail").map_or(Ok(String::new()), parse_detail)?,
    })
}

fn parse_subject(row: &Row<'_>) -> Result<Subject, String> {
    let mut subject = Subject::project(row.get("name").unwrap_or_default()).map_err(|e| e.to_string())?;
    if let Some(version) = row.get("version") {
        subject = subject.with_version(version).map_err(|error| error.to_string())?;
    }
    if let Some(file) = row.get("file") {
        subject = subject.with_file(file).map_err(|error| error.to_string())?;
    }
    Ok(match row.parse::<Digest>("sha256")? {
        Some(digest) => subject.with_sha256(digest),
        None => subject,
    })
}

/// A text of at most 512 characters without control characters.
fn bounded(text: &str, column: &str) -> Result<String, String> {
    let is_wrong = text.chars().nth(512).is_some() || text.chars().any(char::is_control);
    if is_wrong {
        Err(format!("`{column}` is too long, or has control characters"))
    } else {
        Ok(text.to_owned())
    }
}

fn parse_detail(text: &str) -> Result<String, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(detail)) if detail.is_empty() => Ok(String::new()),
        Ok(Value::Object(detail)) => Ok(render_value(&Value::Object(detail))),
        Ok(_) => Err("`detail` is no JSON object".to_owned()),
        Err(error) => Err(format!("`detail`: {error}")),
    }
}

/// Reads what [`Interval`] writes: a date of any precision, `by X`, `after X`, `X to Y`, `unknown`.
///
/// # Errors
/// The text is none of these, in words.
pub fn parse_happened(text: &str) -> Result<Interval, String> {
    let parse = |text: &str| Interval::parse(text).map_err(|error| format!("`date`: {error}"));
    let text = text.trim();
    if text.is_empty() || text == "unknown" {
        return Ok(Interval::UNKNOWN);
    }
    if let Some(end) = text.strip_prefix("by ") {
        return Ok(Interval { not_before: None, not_after: parse(end)?.not_after });
    }
    if let Some(start) = text.strip_prefix("after ") {
        return Ok(Interval { not_before: parse(start)?.not_before, not_after: None });
    }
    if let Some((start, end)) = text.split_once(" to ") {
        let (start, end) = (parse(start)?.not_before, parse(end)?.not_after);
        if start > end {
            return Err("`date`: the end comes before the start".to_owned());
        }
        return Ok(Interval { not_before: start, not_after: end });
    }
    parse(text)
}

/// The fields of a claim in the order of [`COLUMNS`]; what is not known is empty.
#[must_use]
pub fn render_fields(claim: &Claim) -> Vec<String> {
    let subject = &claim.subject;
    let digest = |digest: Option<Digest>| digest.map(|digest| digest.to_string()).unwrap_or_default();
    let happened =
        if claim.happened == Interval::UNKNOWN { String::new() } else { claim.happened.to_string() };
    vec![
        subject.name().to_owned(),
        subject.version().unwrap_or_default().to_owned(),
        subject.file_name().unwrap_or_default().to_owned(),
        digest(subject.sha256()),
        claim.surface.to_string(),
        claim.kind.as_str().to_owned(),
        happened,
        claim.source.clone(),
        claim.source_ref.clone(),
        digest(claim.evidence),
        claim.class.as_str().to_owned(),
        claim.confidence.map(|hundredths| hundredths.to_string()).unwrap_or_default(),
        claim.detail.clone(),
        claim.observed.to_string(),
    ]
}

/// Writes claims as CSV with a header (RFC 4180, line ends of one byte).
///
/// # Errors
/// The writer's own.
pub fn render_csv<'a>(out: impl Write, claims: impl IntoIterator<Item = &'a Claim>) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS)?;
    for claim in claims {
        writer.write_record(render_fields(claim))?;
    }
    writer.flush()
}

/// Writes claims as JSON lines; what is not known is left out.
///
/// # Errors
/// The writer's own.
pub fn render_json_lines<'a>(
    mut out: impl Write,
    claims: impl IntoIterator<Item = &'a Claim>,
) -> io::Result<()> {
    for claim in claims {
        let mut separator = '{';
        for (column, field) in COLUMNS.iter().zip(render_fields(claim)) {
            if field.is_empty() {
                continue;
            }
            let is_plain = matches!(*column, "confidence" | "detail");
            let field = if is_plain { field } else { Value::from(field).to_string() };
            write!(out, "{separator}\"{column}\":{field}")?;
            separator = ',';
        }
        out.write_all(b"}\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
