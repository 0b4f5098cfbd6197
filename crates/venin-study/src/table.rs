//! Tables: where every number of a study stands, with what it means and which artifacts are behind it.

use serde::{Deserialize, Serialize};

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Its name in files and links: lower case, words joined by `-`.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// What is counted, how, and out of what, so that two people count the same.
    pub definition: String,
    /// The columns; every row has as many cells.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What a reader must know to read it right: what is missing, what was left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name in files: lower case, words joined by `_`.
    pub id: String,
    /// Its name for readers.
    pub title: String,
    /// What its numbers are.
    pub unit: Unit,
}

venin_model::spelled_enum! {
    /// What the numbers of a column are.
    pub enum Unit {
        /// Words.
        Text = "text",
        /// How many.
        Count = "count",
        /// A part of one; shown as per cent.
        Share = "share",
        /// A number without a unit.
        Real = "real",
        /// Days.
        Days = "days",
        /// Lines of code.
        Lines = "lines",
        /// Bytes.
        Bytes = "bytes",
        /// A day, or a month, as ISO 8601 writes it.
        Date = "date",
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The cells, one for each column.
    pub cells: Vec<Cell>,
    /// The artifacts behind the row, as positions among the study's artifacts, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub behind: Vec<u32>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// Nobody knows, or there is nothing to divide by.
    Missing,
    /// A whole number.
    Count(u64),
    /// Any other number; always finite.
    Real(f64),
    /// Words.
    Text(String),
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(id: &str, title: &str, definition: &str, columns: &[(&str, &str, Unit)]) -> Self {
        let columns = columns.iter().map(|(id, title, unit)| Column {
            id: (*id).to_owned(),
            title: (*title).to_owned(),
            unit: *unit,
        });
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            definition: definition.to_owned(),
            columns: columns.collect(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a row with the artifacts behind it.
    pub fn push(&mut self, cells: impl IntoIterator<Item = Cell>, behind: Vec<u32>) {
        let cells: Vec<Cell> = cells.into_iter().collect();
        debug_assert_eq!(cells.len(), self.columns.len(), "table {}", self.id);
        self.rows.push(Row { cells, behind });
    }

    /// The position of a column.
    #[must_use]
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.id == id)
    }

    /// The cell of a column in the first row whose first cell is this text.
    #[must_use]
    pub fn cell(&self, row: &str, column: &str) -> Option<&Cell> {
        let at = self.column(column)?;
        let is_named = |r: &&Row| matches!(r.cells.first(), Some(Cell::Text(text)) if text == row);
        self.rows.iter().find(is_named)?.cells.get(at)
    }
}

impl Cell {
    /// A number, or [`Cell::Missing`] for what is none.
    #[must_use]
    pub fn real(value: f64) -> Self {
        if value.is_finite() { Self::Real(value) } else { Self::Missing }
    }

    /// A part of a whole; missing when the whole is nothing.
    #[must_use]
    pub fn share(part: u64, whole: u64) -> Self {
        if whole == 0 { Self::Missing } else { Self::Real(part as f64 / whole as f64) }
    }

    /// The number in the cell, if it holds one.
    #[must_use]
    pub const fn number(&self) -> Option<f64> {
        match self {
            Self::Count(count) => Some(*count as f64),
            Self::Real(value) => Some(*value),
            Self::Missing | Self::Text(_) => None,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<Option<f64>> for Cell {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Missing, Self::real)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_divided_by_nothing_is_missing_and_never_a_nan() {
        assert_eq!(Cell::share(0, 0), Cell::Missing);
        assert_eq!(Cell::real(f64::NAN), Cell::Missing);
        assert_eq!(Cell::real(f64::INFINITY), Cell::Missing);
    }

    #[test]
    fn a_table_reads_back_what_it_wrote() {
        let columns =
            [("name", "Name", Unit::Text), ("share", "Share", Unit::Share), ("n", "N", Unit::Count)];
        let mut table = Table::new("demo", "Demo", "Counts nothing.", &columns);
        table.push([Cell::from("a"), Cell::share(1, 2), Cell::from(3u64)], vec![0, 2]);
        table.push([Cell::from("b"), Cell::Missing, Cell::from(0u64)], Vec::new());
        let text = serde_json::to_string(&table).unwrap();
        assert_eq!(serde_json::from_str::<Table>(&text).unwrap(), table);
        assert_eq!(table.cell("a", "n"), Some(&Cell::Count(3)));
    }
}
