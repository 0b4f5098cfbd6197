//! Where numbers outside of tables lead: to the artifacts behind their row where the page lists these, else to their table.

use std::collections::BTreeSet;

use serde::Serialize;

use super::view::{TableView, safe_id};
use crate::sentence::{Cited, Part, Sentence};

/// The places of the page that numbers lead to.
pub(super) struct Links {
    targets: BTreeSet<String>,
}

/// A sentence in parts.
#[derive(Serialize)]
pub(super) struct SentenceView(Vec<PartView>);

#[derive(Serialize)]
struct PartView {
    text: String,
    /// The target's id; empty for words, and where the page has no target.
    link: String,
}

impl Links {
    pub(super) fn of<'a>(tables: impl Iterator<Item = &'a TableView>) -> Self {
        let mut targets = BTreeSet::new();
        for table in tables {
            targets.insert(name_table(&table.id));
            targets.extend(table.behind.iter().map(|behind| name_row(&table.id, behind.number as u64)));
        }
        Self { targets }
    }

    /// The target of a table; empty when the page does not have it.
    pub(super) fn of_table(&self, id: &str) -> String {
        Some(name_table(&safe_id(id))).filter(|target| self.targets.contains(target)).unwrap_or_default()
    }

    pub(super) fn view(&self, sentence: &Sentence) -> SentenceView {
        let view = |part: &Part| match part {
            Part::Words(words) => PartView { text: words.clone(), link: String::new() },
            Part::Cited(cited) => PartView { text: cited.shown.clone(), link: self.of_cited(cited) },
        };
        SentenceView(sentence.parts.iter().map(view).collect())
    }

    fn of_cited(&self, cited: &Cited) -> String {
        let row = cited.place.as_ref().map(|place| name_row(&safe_id(&cited.table), place.row));
        row.filter(|target| self.targets.contains(target)).unwrap_or_else(|| self.of_table(&cited.table))
    }
}

fn name_table(id: &str) -> String {
    format!("table-{id}")
}

/// As the page calls the list of artifacts behind a row.
fn name_row(id: &str, row: u64) -> String {
    format!("b-{id}-{row}")
}
