//! The columns of a table that a chart names.

use super::canvas::plain;
use crate::table::{Cell, Row, Table, Unit};

/// A column that is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picked<'a> {
    table: &'a Table,
    at: usize,
}

/// What a chart needs and the table does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lacking(pub(super) String);

impl<'a> Picked<'a> {
    /// A column by its id.
    pub(super) fn of(table: &'a Table, id: &str) -> Result<Self, Lacking> {
        let at = table.column(id).ok_or_else(|| Lacking(id.to_owned()))?;
        Ok(Self { table, at })
    }

    /// The number of a row, if it has one.
    pub(super) fn number(self, row: &Row) -> Option<f64> {
        row.cells.get(self.at)?.number().filter(|number| number.is_finite())
    }

    /// The text of a row, in which every character is seen; a number as it is shown.
    pub(super) fn text(self, row: &Row) -> String {
        match row.cells.get(self.at) {
            Some(Cell::Text(text)) => plain(text),
            Some(cell) => crate::number::shown_cell(cell, self.unit()),
            None => String::new(),
        }
    }

    /// The column's unit.
    pub(super) fn unit(self) -> Unit {
        self.table.columns.get(self.at).map_or(Unit::Text, |column| column.unit)
    }

    /// The column's title, with the word of its unit.
    pub(super) fn title(self) -> String {
        let title = self.bare_title();
        match crate::number::unit_word(self.unit()) {
            "" => title.to_owned(),
            word if title.to_lowercase().contains(word) => title.to_owned(),
            word => format!("{title} ({word})"),
        }
    }

    /// The column's title.
    pub(super) fn bare_title(self) -> &'a str {
        self.table.columns.get(self.at).map_or("", |column| column.title.as_str())
    }
}

/// Texts in the order in which they are first seen, each once, and where a text stands among them.
#[derive(Debug, Default)]
pub(super) struct Order {
    names: Vec<String>,
    places: std::collections::BTreeMap<String, usize>,
}

impl Order {
    /// The place of a text, a new one if it was not seen before.
    pub(super) fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        self.places.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        self.names.len() - 1
    }

    /// The place of a text that was seen.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The texts.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }
}
