//! Numbers by table, row and column, for all that is drawn from tables: sentences, the portrait, the mitigations.
//!
//! A table, a row or a number that is not there is not known; that is never an error.

use crate::number::{NOT_KNOWN, shown_cell, shown_count, unit_word_after};
use crate::report::StudyReport;
use crate::sentence::{Cited, Place, Sentence};
use crate::table::{Cell, Table, Unit};

/// Where something stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Look<'a> {
    /// In a cell: table, first cell of the row, column.
    At(&'a str, &'a str, &'a str),
    /// In a cell: table, row from 0, column.
    Nth(&'a str, usize, &'a str),
    /// The number of rows of a table.
    Rows(&'a str),
}

/// Where numbers can be looked up.
#[derive(Debug, Clone)]
pub(crate) struct Tables<'a> {
    all: Vec<&'a Table>,
}

/// A cell with its place.
struct Found<'a> {
    cell: &'a Cell,
    unit: Unit,
    /// From 0.
    row: usize,
}

impl<'a> Tables<'a> {
    /// Of a chapter.
    pub(crate) fn of(tables: &'a [Table]) -> Self {
        Self { all: tables.iter().collect() }
    }

    /// Of all chapters.
    pub(crate) fn of_study(study: &'a StudyReport) -> Self {
        Self { all: study.tables().map(|(_, table)| table).collect() }
    }

    pub(crate) fn table(&self, id: &str) -> Option<&'a Table> {
        self.all.iter().copied().find(|table| table.id == id)
    }

    /// The number, if it is known.
    pub(crate) fn number(&self, look: Look<'_>) -> Option<f64> {
        match look {
            Look::Rows(table) => Some(self.table(table)?.rows.len() as f64),
            Look::At(..) | Look::Nth(..) => look.find(self.table(look.table())?)?.cell.number(),
        }
    }

    /// Whether a number is known and not 0.
    pub(crate) fn has(&self, look: Look<'_>) -> bool {
        self.number(look).is_some_and(|number| number != 0.0)
    }

    /// The unit of the column that a place lies in.
    pub(crate) fn unit(&self, look: Look<'_>) -> Option<Unit> {
        let table = self.table(look.table())?;
        match look {
            Look::Rows(_) => Some(Unit::Count),
            Look::At(_, _, column) | Look::Nth(_, _, column) => {
                table.columns.get(table.column(column)?).map(|column| column.unit)
            }
        }
    }

    /// The row with the greatest number in a column, the first of equal ones, from 0; none when no number is above 0.
    pub(crate) fn find_most(&self, table: &str, column: &str) -> Option<usize> {
        self.find_most_of_first(usize::MAX, table, column)
    }

    /// The same of the first rows: sums may stand after them.
    pub(crate) fn find_most_of_first(&self, rows: usize, table: &str, column: &str) -> Option<usize> {
        let table = self.table(table)?;
        let at = table.column(column)?;
        let numbers =
            table.rows.iter().take(rows).map(|row| row.cells.get(at).and_then(Cell::number).unwrap_or(0.0));
        let most = numbers.enumerate().reduce(|most, next| if next.1 > most.1 { next } else { most });
        most.filter(|(_, number)| *number > 0.0).map(|(row, _)| row)
    }

    /// A sentence: each `{}` of the template is what stands at the next place, with the word of its unit.
    pub(crate) fn tell(&self, template: &str, looks: &[Look<'_>]) -> Sentence {
        debug_assert_eq!(template.matches("{}").count(), looks.len(), "{template}");
        let mut sentence = Sentence::default();
        let mut looks = looks.iter();
        for (at, words) in template.split("{}").enumerate() {
            if at > 0
                && let Some(look) = looks.next()
            {
                self.cite(*look, &mut sentence);
            }
            sentence.push_words(words);
        }
        sentence
    }

    /// Adds to a sentence what stands at a place.
    fn cite(&self, look: Look<'_>, sentence: &mut Sentence) {
        let Some(table) = self.table(look.table()) else { return sentence.push_words(NOT_KNOWN) };
        let (shown, unit, place) = match (look, look.find(table)) {
            (Look::Rows(_), _) => (shown_count(table.rows.len() as u64), Unit::Count, None),
            (Look::At(_, _, column) | Look::Nth(_, _, column), Some(found)) => {
                let place = Place { row: found.row as u64 + 1, column: column.to_owned() };
                (shown_cell(found.cell, found.unit), found.unit, Some(place))
            }
            _ => (NOT_KNOWN.to_owned(), Unit::Text, None),
        };
        let word = unit_word_after(&shown, unit);
        sentence.push_cited(Cited { shown, table: table.id.clone(), place });
        if !word.is_empty() {
            sentence.push_words(" ");
            sentence.push_words(word);
        }
    }
}

impl<'a> Look<'a> {
    const fn table(self) -> &'a str {
        match self {
            Self::At(table, _, _) | Self::Nth(table, _, _) | Self::Rows(table) => table,
        }
    }

    /// Table, row and column as readers know them; empty for what a number of rows has not.
    pub(crate) const fn names(self) -> [&'a str; 3] {
        match self {
            Self::At(table, row, column) => [table, row, column],
            Self::Nth(table, _, column) => [table, "", column],
            Self::Rows(table) => [table, "", ""],
        }
    }

    /// The cell; a row's name is compared without capitals.
    fn find(self, table: &Table) -> Option<Found<'_>> {
        let (row, column) = match self {
            Self::Rows(_) => return None,
            Self::Nth(_, row, column) => (row, column),
            Self::At(_, name, column) => {
                let is_named = |cell: Option<&Cell>| matches!(cell, Some(Cell::Text(text)) if text.eq_ignore_ascii_case(name));
                (table.rows.iter().position(|row| is_named(row.cells.first()))?, column)
            }
        };
        let at = table.column(column)?;
        let cell = table.rows.get(row)?.cells.get(at)?;
        Some(Found { cell, unit: table.columns.get(at)?.unit, row })
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::chapters::prevalence::testing::{data_of, study_of};
    use crate::sentence::Part;

    /// Asserts that a place names a table that studies have, and a column of it.
    pub(crate) fn assert_place(look: Look<'_>) {
        let study = study_of(&data_of([]));
        assert!(Tables::of_study(&study).unit(look).is_some(), "{look:?}");
    }

    /// Words with a digit that are no number: what a measure is called.
    const NAMES: [&str; 1] = ["F1"];

    /// Asserts that everything that a sentence cites is written as it stands in its table, and that its words hold no
    /// number.
    pub(crate) fn assert_told(tables: &Tables<'_>, sentence: &Sentence) {
        for part in &sentence.parts {
            let cited = match part {
                Part::Cited(cited) => cited,
                Part::Words(words) => {
                    let words = NAMES.iter().fold(words.clone(), |words, name| words.replace(name, ""));
                    assert!(!words.contains(|c: char| c.is_ascii_digit()), "{words:?} in {sentence}");
                    continue;
                }
            };
            let table = tables.table(&cited.table).unwrap_or_else(|| panic!("no table for {cited:?}"));
            let Some(Place { row, column }) = &cited.place else {
                let is_count = cited.shown == shown_count(table.rows.len() as u64);
                assert!(is_count || cited.shown == NOT_KNOWN, "{cited:?}");
                continue;
            };
            let column = table.column(column).unwrap_or_else(|| panic!("no column for {cited:?}"));
            let cell = &table.rows[*row as usize - 1].cells[column];
            assert_eq!(cited.shown, shown_cell(cell, table.columns[column].unit), "{cited:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let columns = [("of", "Of", Unit::Text), ("n", "N", Unit::Count), ("took", "Took", Unit::Days)];
        let mut table = Table::new("t", "T", "", &columns);
        table.push([Cell::from("Few 2"), Cell::from(2u64), Cell::Real(1.0)], Vec::new());
        table.push([Cell::from("many"), Cell::from(1_234u64), Cell::Real(2.25)], vec![0]);
        table.push([Cell::from("none"), Cell::Missing, Cell::Missing], Vec::new());
        table
    }

    #[test]
    fn a_sentence_cites_cells_and_says_what_is_not_known() {
        let all = [table()];
        let tables = Tables::of(&all);
        let places = [Look::Rows("t"), Look::At("t", "MANY", "n"), Look::Nth("t", 0, "of")];
        let sentence = tables.tell("{} rows, {} of many; {} first.", &places);
        assert_eq!(sentence.to_string(), "3 rows, 1,234 of many; Few 2 first.");
        testing::assert_told(&tables, &sentence);
        let places = [Look::Nth("t", 0, "took"), Look::Nth("t", 1, "took"), Look::Nth("t", 2, "took")];
        assert_eq!(tables.tell("{}, {}, {}", &places).to_string(), "1 day, 2.25 days, not known");
        let nowhere = [Look::At("t", "nobody", "n"), Look::At("t", "none", "no"), Look::Rows("other")];
        let sentence = tables.tell("{} {} {}", &nowhere);
        assert_eq!(sentence.to_string(), "not known not known not known");
        assert_eq!(sentence.cited().count(), 2, "what no table has cites none");
    }

    #[test]
    fn the_most_is_the_first_of_equal_ones_and_none_of_nothing() {
        let mut other = table();
        other.push([Cell::from("twin"), Cell::from(1_234u64), Cell::Missing], Vec::new());
        let all = [other];
        assert_eq!(Tables::of(&all).find_most("t", "n"), Some(1));
        assert_eq!(
            Tables::of(&[Table::new("t", "T", "", &[("n", "N", Unit::Count)])]).find_most("t", "n"),
            None
        );
    }
}
