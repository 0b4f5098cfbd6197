//! A study beside the paper, or beside an earlier study: each number that both have, and those that only one has.
//!
//! Numbers are found by table, row and column.  Rows of two studies are the same when all of their words and dates are.

mod paper;
mod studies;

use self::studies::MAX_TABLE_ROWS;
use crate::lookup::{Look, Tables};
use crate::report::{Chapter, StudyReport};
use crate::sentence::Sentence;
use crate::table::{Cell, Table, Unit};

/// Most numbers that are listed in a table.
const MAX_ROWS: usize = 20_000;

/// What a study is compared with.
#[derive(Debug, Clone, Copy)]
pub enum Baseline<'a> {
    /// What the paper printed.
    Paper,
    /// An earlier study, read from its `study.json`.
    Study {
        /// How it is called: the file's name.
        name: &'a str,
        /// The study.
        study: &'a StudyReport,
    },
}

/// A number of two.
struct Pair {
    table: String,
    row: String,
    column: String,
    unit: Unit,
    this: f64,
    that: f64,
    source: String,
    note: String,
}

/// A number of one.
struct Single {
    whose: String,
    table: String,
    row: String,
    column: String,
    value: f64,
    note: String,
}

/// What a comparison found.
#[derive(Default)]
struct Comparison {
    pairs: Vec<Pair>,
    singles: Vec<Single>,
    /// What was compared: this study, and the other one.
    of: [Compared; 2],
    /// Tables that are lists.
    lists: usize,
}

/// One of the two.
#[derive(Default, PartialEq, Eq)]
struct Compared {
    schema: String,
    version: String,
}

/// The chapter `comparison`, to be put after the chapters of a study.
#[must_use]
pub fn compare(study: &StudyReport, baseline: Baseline<'_>) -> Chapter {
    let (comparison, name) = match baseline {
        Baseline::Paper => (paper::compare_with_paper(study), "the paper"),
        Baseline::Study { name, study: earlier } => (studies::compare_studies(study, earlier, name), name),
    };
    let mut chapter = Chapter::new("comparison", &format!("Compared with {name}"), "");
    chapter.tables = vec![
        counts_table(&comparison, name),
        pairs_table(&comparison.pairs, name),
        singles_table(&comparison.singles, name),
    ];
    if matches!(baseline, Baseline::Paper) {
        chapter.tables.push(paper::contradictions_table());
    }
    chapter.text = sentences(&comparison, &Tables::of(&chapter.tables));
    chapter
}

/// The row of what stands in both.
const BOTH: &str = "both";
const THIS: &str = "this study";

fn sentences(comparison: &Comparison, tables: &Tables<'_>) -> Vec<Sentence> {
    let both = |column| Look::At("comparison-counts", BOTH, column);
    let own = |row, column| Look::Nth("comparison-counts", row, column);
    let counts = tables.tell(
        "{} numbers stand in both, {} of them differ; {} stand in this study only, {} in the other only.",
        &[both("numbers"), both("different"), own(1, "numbers"), own(2, "numbers")],
    );
    let mut text =
        vec![counts, Sentence::of_words("Counts grow with the data set; shares are what compares.")];
    if tables.has(both("lists")) {
        let lists = "{} tables are lists of things, not of measures, and are not compared.";
        text.push(tables.tell(lists, &[both("lists")]));
    }
    if tables.has(Look::Rows("paper-contradictions")) {
        text.push(tables.tell(
            "Of rows of this study that the paper has no number for, the first count is listed, and only of tables for \
             which the paper has some number of the kind. In {} places the paper disagrees with itself.",
            &[Look::Rows("paper-contradictions")],
        ));
    }
    let [this, that] = &comparison.of;
    if !that.schema.is_empty() && this != that {
        let own = |row| ["schema", "version"].map(|column| Look::Nth("comparison-counts", row, column));
        text.push(tables.tell(
            "This study is {} of version {}, the other {} of version {}: rules may differ.",
            &[own(1), own(2)].concat(),
        ));
    }
    text
}

fn counts_table(comparison: &Comparison, name: &str) -> Table {
    let definition = format!(
        "How many numbers both have, how many of these differ, and how many only one has. Tables with more than \
         {MAX_TABLE_ROWS} rows in one of the two are lists of things, not of measures; they are counted here and not \
         compared.",
    );
    let mut table = Table::new(
        "comparison-counts",
        "What was compared",
        &definition,
        &[
            ("of", "Of", Unit::Text),
            ("schema", "Schema", Unit::Text),
            ("version", "Version", Unit::Text),
            ("numbers", "Numbers", Unit::Count),
            ("different", "Different", Unit::Count),
            ("lists", "Lists", Unit::Count),
        ],
    );
    let differ = comparison.pairs.iter().filter(|pair| pair.this != pair.that).count();
    let counts = [comparison.pairs.len(), differ, comparison.lists].map(Cell::from);
    table.push([Cell::from(BOTH), Cell::Missing, Cell::Missing].into_iter().chain(counts), Vec::new());
    let ours = comparison.singles.iter().filter(|single| single.whose == THIS).count();
    let alone = [ours, comparison.singles.len() - ours];
    for ((of, compared), alone) in [THIS, name].into_iter().zip(&comparison.of).zip(alone) {
        let words = [&compared.schema, &compared.version];
        let words = words.map(|text| if text.is_empty() { Cell::Missing } else { Cell::from(text.as_str()) });
        let counts = [Cell::from(alone), Cell::Missing, Cell::Missing];
        table.push([Cell::from(of)].into_iter().chain(words).chain(counts), Vec::new());
    }
    table
}

fn pairs_table(pairs: &[Pair], name: &str) -> Table {
    let definition = format!(
        "Each number that this study and {name} both have, by table, row and column. Difference: this less that; shares are \
         subtracted as parts of one. Ratio: this over that; empty when that is 0. A note stands where the definitions \
         differ."
    );
    let mut table = Table::new(
        "comparison",
        "Numbers of both",
        &definition,
        &[
            ("table", "Table", Unit::Text),
            ("row", "Row", Unit::Text),
            ("column", "Column", Unit::Text),
            ("unit", "Unit", Unit::Text),
            ("this", "This study", Unit::Real),
            ("that", "That", Unit::Real),
            ("difference", "Difference", Unit::Real),
            ("ratio", "Ratio", Unit::Real),
            ("source", "Source", Unit::Text),
            ("note", "Note", Unit::Text),
        ],
    );
    for pair in pairs.iter().take(MAX_ROWS) {
        let cells = [
            Cell::from(pair.table.as_str()),
            Cell::from(pair.row.as_str()),
            Cell::from(pair.column.as_str()),
            Cell::from(pair.unit.as_str()),
            Cell::real(pair.this),
            Cell::real(pair.that),
            Cell::real(pair.this - pair.that),
            if pair.that == 0.0 { Cell::Missing } else { Cell::real(pair.this / pair.that) },
            Cell::from(pair.source.as_str()),
            Cell::from(pair.note.as_str()),
        ];
        table.push(cells, Vec::new());
    }
    tell_omission(&mut table, pairs.len());
    table
}

fn singles_table(singles: &[Single], name: &str) -> Table {
    let definition = format!(
        "Numbers that only this study or only {name} has: the table, the row or the column is missing in the other, or its \
         cell is empty."
    );
    let mut table = Table::new(
        "comparison-only",
        "Numbers of one only",
        &definition,
        &[
            ("whose", "Whose", Unit::Text),
            ("table", "Table", Unit::Text),
            ("row", "Row", Unit::Text),
            ("column", "Column", Unit::Text),
            ("value", "Value", Unit::Real),
            ("note", "Note", Unit::Text),
        ],
    );
    for single in singles.iter().take(MAX_ROWS) {
        let texts = [&single.whose, &single.table, &single.row, &single.column];
        let mut cells: Vec<Cell> = texts.into_iter().map(|text| Cell::from(text.as_str())).collect();
        cells.extend([Cell::real(single.value), Cell::from(single.note.as_str())]);
        table.push(cells, Vec::new());
    }
    tell_omission(&mut table, singles.len());
    table
}

fn tell_omission(table: &mut Table, all: usize) {
    if all > MAX_ROWS {
        table.notes.push(format!("{} further numbers are not listed.", all - MAX_ROWS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters::prevalence::testing::{acting, assert_sound, data_of, study_of, table};
    use crate::table::Row;

    const STEAL: &str = "information stealing";

    fn study(names: &[&str]) -> StudyReport {
        study_of(&data_of(names.iter().map(|name| {
            let mut made = acting(name, "1", &[STEAL], "install");
            made.attributes.python_files = 1;
            made.attributes.python_lines = 10;
            (made, "2026-01-01")
        })))
    }

    fn row<'a>(chapter: &'a Chapter, id: &str, key: [&str; 3]) -> Option<&'a Row> {
        let at = usize::from(id == "comparison-only");
        let is_row = |row: &&Row| (0..3).all(|n| row.cells[at + n] == Cell::from(key[n]));
        table(chapter, id).rows.iter().find(is_row)
    }

    #[test]
    fn numbers_of_the_paper_stand_beside_ours_with_section_and_note() {
        let made = compare(&study(&["a", "b"]), Baseline::Paper);
        assert_sound(&made, 2);
        let stealing = row(&made, "comparison", ["behaviors", STEAL, "artifacts"]).unwrap();
        assert_eq!(stealing.cells[4..7], [Cell::Real(2.0), Cell::Real(664.0), Cell::Real(-662.0)]);
        assert_eq!(stealing.cells[8], Cell::from("Table III"));
        assert!(matches!(&stealing.cells[9], Cell::Text(note) if note.contains("49.74")));
        let install = row(&made, "comparison", ["vectors", "install", "share_first"]).unwrap();
        assert_eq!(install.cells[4], Cell::Real(1.0));
        assert!(table(&made, "paper-contradictions").rows.len() > 5);
        let only = row(&made, "comparison-only", ["paper-data-set", "all", "items"]).unwrap();
        assert_eq!((&only.cells[0], &only.cells[4]), (&Cell::from("the paper"), &Cell::Real(4669.0)));
        let ours = row(&made, "comparison-only", ["triggers", "startup", "artifacts"]);
        assert!(ours.is_some_and(|row| row.cells[0] == Cell::from("this study")));
    }

    #[test]
    fn the_papers_shares_of_density_are_read_off_the_histogram() {
        let mut made = acting("a", "1", &[STEAL], "install");
        made.attributes.python_lines = 10;
        made.attributes.malicious_files.push(venin_report::MaliciousFileReport {
            path: "setup.py".to_owned(),
            depth: 1,
            lines: 10,
            malicious_lines: 6,
            extent: 6,
        });
        let compared = compare(&study_of(&data_of([(made, "")])), Baseline::Paper);
        let half = row(&compared, "comparison", ["density", "more than 50 %", "share"]).unwrap();
        assert_eq!(half.cells[4..6], [Cell::Real(1.0), Cell::Real(0.52)]);
        let most = row(&compared, "comparison", ["density", "more than 90 %", "share"]).unwrap();
        assert_eq!(most.cells[4], Cell::Real(0.0));
    }

    #[test]
    fn two_studies_are_compared_number_by_number() {
        let (new, old) = (study(&["a", "b", "c"]), study(&["a", "b"]));
        let made = compare(&new, Baseline::Study { name: "old.json", study: &old });
        assert_sound(&made, 3);
        let stealing = row(&made, "comparison", ["behaviors", STEAL, "artifacts"]).unwrap();
        assert_eq!(stealing.cells[4..8], [3.0, 2.0, 1.0, 1.5].map(Cell::Real));
        assert_eq!(stealing.cells[9], Cell::from(""));
        assert_eq!(made.title, "Compared with old.json");
        assert!(row(&made, "comparison", ["behaviors", STEAL, "paper_artifacts"]).is_none());
    }

    #[test]
    fn other_definitions_and_missing_tables_are_told() {
        let new = study(&["a"]);
        let mut old = new.clone();
        for chapter in &mut old.chapters {
            chapter.tables.retain(|table| table.id != "triggers");
            for table in &mut chapter.tables {
                if table.id == "vectors" {
                    table.definition.push_str(" Or so.");
                }
            }
        }
        let made = compare(&new, Baseline::Study { name: "old.json", study: &old });
        let vector = row(&made, "comparison", ["vectors", "install", "artifacts"]).unwrap();
        assert_eq!(vector.cells[9], Cell::from("the definitions differ"));
        let only = row(&made, "comparison-only", ["triggers", "install / install", "artifacts"]).unwrap();
        assert_eq!(only.cells[0], Cell::from("this study"));
    }

    #[test]
    fn a_study_of_nothing_can_be_compared() {
        let nothing = study(&[]);
        for baseline in [Baseline::Paper, Baseline::Study { name: "same", study: &nothing }] {
            assert_sound(&compare(&nothing, baseline), 0);
        }
    }
}
