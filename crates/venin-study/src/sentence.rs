//! Sentences whose numbers say where they stand: words, and between them cells of tables as readers see them.
//!
//! A sentence holds no number of its own.  The module `lookup` makes sentences; a reader who knows a number can look at its
//! definition and at the artifacts behind its row.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Words and citations in the order in which they are read; in JSON an array of strings and objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sentence {
    /// The parts.
    pub parts: Vec<Part>,
}

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Part {
    /// Words.
    Words(String),
    /// What stands in a table.
    Cited(Cited),
}

/// A cell of a table, or the number of its rows, as readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cited {
    /// As the table shows it: `1,234`, `12.5 %`, a name, `not known`.
    pub shown: String,
    /// The table's id.
    pub table: String,
    /// The cell; none for the number of rows, and for a row that the table does not have.
    #[serde(flatten)]
    pub place: Option<Place>,
}

/// A cell's place in its table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The row, from 1.
    pub row: u64,
    /// The column's id.
    pub column: String,
}

impl Sentence {
    /// A sentence without any number.
    #[must_use]
    pub fn of_words(words: &str) -> Self {
        let mut sentence = Self::default();
        sentence.push_words(words);
        sentence
    }

    /// Adds words; none are no part.
    pub fn push_words(&mut self, words: &str) {
        match self.parts.last_mut() {
            _ if words.is_empty() => {}
            Some(Part::Words(last)) => last.push_str(words),
            _ => self.parts.push(Part::Words(words.to_owned())),
        }
    }

    /// Adds what stands in a table.
    pub fn push_cited(&mut self, cited: Cited) {
        self.parts.push(Part::Cited(cited));
    }

    /// Adds another one.
    pub fn append(&mut self, other: Self) {
        for part in other.parts {
            match part {
                Part::Words(words) => self.push_words(&words),
                Part::Cited(cited) => self.push_cited(cited),
            }
        }
    }

    /// What it takes from tables.
    pub fn cited(&self) -> impl Iterator<Item = &Cited> {
        self.parts.iter().filter_map(|part| match part {
            Part::Cited(cited) => Some(cited),
            Part::Words(_) => None,
        })
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Words(words) => out.write_str(words),
            Part::Cited(cited) => out.write_str(&cited.shown),
        })
    }
}

#[cfg(test)]
mod tests;
