//! One row of download statistics, whatever the export calls its columns.

use serde_json::{Map, Value};

use crate::claim::Interval;

/// Longest field that is taken in, in bytes.
const MAX_FIELD: usize = 512;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// When, to the second or to the day.
    Time,
    /// The project.
    Project,
    /// The version.
    Version,
    /// The file.
    FileName,
    /// `sdist`, `bdist_wheel`.
    FileType,
    /// The client: `pip`, `bandersnatch`.
    Installer,
    /// The operating system.
    System,
    /// The country as two letters.
    Country,
    /// How many; one when there is no such column.
    Count,
}

/// One row: one download, or a count of them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct DownloadRow {
    /// When.
    pub time: Option<Interval>,
    /// The project.
    pub project: String,
    /// The version.
    pub version: Option<String>,
    /// The file.
    pub file_name: Option<String>,
    /// `sdist`, `bdist_wheel`.
    pub file_type: Option<String>,
    /// The client.
    pub installer: Option<String>,
    /// The operating system.
    pub system: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// How many.
    pub count: u64,
}

/// The column of this name: those of the public table with dots or underscores between their parts, and the short
/// ones that queries give.  `None` for columns that are not read.
#[must_use]
pub fn name_column(name: &str) -> Option<Column> {
    let name = name.trim().to_ascii_lowercase().replace('.', "_");
    Some(match name.as_str() {
        "timestamp" | "day" | "date" | "download_date" | "download_day" => Column::Time,
        "project" | "file_project" | "name" | "package" => Column::Project,
        "version" | "file_version" => Column::Version,
        "filename" | "file_filename" | "file_name" | "file" => Column::FileName,
        "file_type" | "type" | "packagetype" => Column::FileType,
        "installer" | "installer_name" | "details_installer_name" | "details_installer" => Column::Installer,
        "system" | "system_name" | "details_system_name" | "details_system" => Column::System,
        "country" | "country_code" => Column::Country,
        "count" | "downloads" | "download_count" | "num_downloads" | "f0_" => Column::Count,
        _ => return None,
    })
}

/// The columns of a header; project and time must be among them.
pub(super) fn parse_header(header: &csv::StringRecord) -> Result<Vec<Option<Column>>, String> {
    let columns: Vec<Option<Column>> = header.iter().map(name_column).collect();
    for (column, name) in [(Column::Project, "project"), (Column::Time, "timestamp or day")] {
        match columns.iter().filter(|found| **found == Some(column)).count() {
            1 => {}
            0 => return Err(format!("no column for {name}")),
            _ => return Err(format!("several columns for {name}")),
        }
    }
    Ok(columns)
}

pub(super) fn parse_record(
    columns: &[Option<Column>],
    record: &csv::StringRecord,
) -> Result<DownloadRow, String> {
    let mut row = DownloadRow { count: 1, ..DownloadRow::default() };
    for (column, field) in columns.iter().zip(record) {
        if let Some(column) = column {
            row.put(*column, field)?;
        }
    }
    Ok(row)
}

/// Reads a row of JSON; objects nest as in the public table (`file.project`, `details.installer.name`).
///
/// # Errors
/// A field has another type, or is no date or number.
pub fn parse_object(object: &Map<String, Value>) -> Result<DownloadRow, String> {
    let mut row = DownloadRow { count: 1, ..DownloadRow::default() };
    let mut open: Vec<(String, &Map<String, Value>)> = vec![(String::new(), object)];
    while let Some((prefix, object)) = open.pop() {
        for (key, value) in object {
            let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            match value {
                Value::Object(inner) if name.len() < MAX_FIELD => open.push((name, inner)),
                Value::Null | Value::Object(_) => {}
                _ => {
                    let Some(column) = name_column(&name) else { continue };
                    match value {
                        Value::String(text) => row.put(column, text)?,
                        Value::Number(number) if column == Column::Count => {
                            row.put(column, &number.to_string())?;
                        }
                        _ => return Err(format!("`{:.40}` has another type", name.escape_debug())),
                    }
                }
            }
        }
    }
    Ok(row)
}

impl DownloadRow {
    /// Sets a field; an empty one is none.
    pub(super) fn put(&mut self, column: Column, field: &str) -> Result<(), String> {
        let field = field.trim();
        if field.is_empty() || field.eq_ignore_ascii_case("null") {
            return Ok(());
        }
        if field.len() > MAX_FIELD {
            return Err(format!("a field of {} bytes", field.len()));
        }
        match column {
            Column::Time => self.time = Some(parse_time(field)?),
            Column::Project => field.clone_into(&mut self.project),
            Column::Version => self.version = Some(field.to_owned()),
            Column::FileName => self.file_name = Some(field.to_owned()),
            Column::FileType => self.file_type = Some(field.to_owned()),
            Column::Installer => self.installer = Some(field.to_owned()),
            Column::System => self.system = Some(field.to_owned()),
            Column::Country => self.country = Some(field.to_owned()),
            Column::Count => {
                self.count =
                    field.parse().map_err(|_| format!("`{:.40}` is no count", field.escape_debug()))?;
            }
        }
        Ok(())
    }
}

/// Reads a day, an RFC 3339 time, or the form of the public table's exports: `2026-01-02 03:04:05.6 UTC`.
///
/// # Errors
/// The text is none of these, in words.
pub fn parse_time(text: &str) -> Result<Interval, String> {
    if let Ok(time) = Interval::parse(text) {
        return Ok(time);
    }
    let plain = text.strip_suffix(" UTC").unwrap_or(text);
    let zoned = plain.replacen(' ', "T", 1);
    let zoned = if zoned.ends_with('Z') || zoned.contains('+') { zoned } else { zoned + "Z" };
    Interval::parse(&zoned).map_err(|error| error.to_string())
}
