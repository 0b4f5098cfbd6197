//! What must stay true of the mirrors' tables.

use venin_intel::claim::{Claim, ClaimKind};

use super::*;
use crate::history::testing::{claim, day, history, look, report};
use crate::sample::{DataSet, SourceClass, testing};
use crate::table::{Cell, Table};

fn chapter_of(claims: Vec<Claim>) -> Chapter {
    let history = history(claims);
    let data =
        DataSet::of([(testing::artifact("b", "1"), testing::origin("t", SourceClass::Paper))], Vec::new());
    chapter(&StudyInput::new(&data, &history, "0"))
}

/// Mirror `m` lets go, mirror `n` does not.
fn known() -> Vec<Claim> {
    let mut archived = claim("a==1", ClaimKind::Archived, &day("2026-01-12"));
    archived.source = "mirror:n".to_owned();
    vec![
        report("a==1", "x", &day("2026-01-03")),
        report("b==1", "x", &day("2026-01-03")),
        claim("a", ClaimKind::ProjectRemoved, &day("2026-01-10")),
        claim("b", ClaimKind::ProjectRemoved, &day("2026-01-10")),
        archived,
        look("a==1", "m", ClaimKind::FileSeen, "2026-01-12", "live"),
        look("a==1", "m", ClaimKind::FileAbsent, "2026-01-20", "ghost-index"),
        look("b==1", "m", ClaimKind::FileSeen, "2026-01-15", "live"),
        look("b==1", "m", ClaimKind::FileAbsent, "2026-02-10", "clean"),
        look("a==1", "n", ClaimKind::FileSeen, "2026-02-12", "orphan-file"),
        look("b==1", "n", ClaimKind::FileSeen, "2026-02-12", "live"),
        look("a==1", "late", ClaimKind::FileAbsent, "2026-02-12", "clean"),
        look("b==1", "down", ClaimKind::SurfaceUnknown, "2026-02-12", "unknown"),
    ]
}

fn count(table: &Table, row: &str, column: &str) -> u64 {
    match table.cell(row, column) {
        Some(Cell::Count(count)) => *count,
        _ => 0,
    }
}

fn table<'a>(chapter: &'a Chapter, id: &str) -> &'a Table {
    chapter.tables.iter().find(|table| table.id == id).unwrap()
}

fn number(table: &Table, row: &str, column: &str) -> Option<f64> {
    table.cell(row, column).and_then(Cell::number)
}

#[test]
fn table_six_counts_the_last_audit_of_each_mirror() {
    let chapter = chapter_of(known());
    let found = table(&chapter, "mirrors");
    let row = |mirror: &str| {
        ["looked_for", "found", "judged", "ghosts", "clean", "unknown", "taken_from"]
            .map(|column| count(found, mirror, column))
    };
    assert_eq!(row("n"), [2, 2, 2, 0, 0, 0, 1]);
    assert_eq!(row("m"), [2, 0, 2, 1, 1, 0, 0]);
    assert_eq!(row("down"), [1, 0, 0, 0, 0, 1, 0]);
    assert_eq!(row(presence::ANYWHERE), [2, 2, 2, 0, 0, 0, 1]);
    assert_eq!(number(found, "n", "rate_without"), Some(1.0));
    assert_eq!((number(found, "down", "judged_rate"), number(found, "down", "low")), (None, None));
    let (low, high) = (number(found, "n", "low").unwrap(), number(found, "n", "high").unwrap());
    assert!((low - 0.3424).abs() < 1e-3 && high > 0.999, "Wilson's interval of 2 of 2: {low} {high}");
    assert_eq!(found.rows[0].behind, [0]);
    assert!(found.notes.iter().any(|note| note.contains("down")), "{:?}", found.notes);
    assert!(chapter.text[1].to_string().contains("recovered from four"), "{:?}", chapter.text);
    assert_eq!(count(table(&chapter, "mirrors-files"), "n", "found"), 2);
}

#[test]
fn two_mirrors_have_two_curves() {
    let chapter = chapter_of(known());
    let medians = table(&chapter, "survival");
    let row = |surface: &str| (count(medians, surface, "subjects"), count(medians, surface, "gone"));
    assert_eq!((row("m, files"), row("n, files"), row("all mirrors, files")), ((2, 2), (2, 0), (4, 2)));
    assert_eq!(number(medians, "m, files", "median"), Some(10.0));
    assert_eq!(number(medians, "n, files", "median"), None);
    assert_eq!(number(medians, "n, files", "left_30_low"), Some(1.0));
    let curve = table(&chapter, "survival-files");
    let of_m: Vec<Vec<f64>> = curve
        .rows
        .iter()
        .filter(|row| row.cells[0] == Cell::from("m"))
        .map(|row| [1, 2, 3, 4].map(|at: usize| row.cells[at].number().unwrap()).into())
        .collect();
    assert_eq!(of_m, [[0.0, 2.0, 0.0, 1.0], [10.0, 2.0, 1.0, 0.5], [31.0, 1.0, 1.0, 0.0]]);
    assert!(curve.notes.iter().any(|note| note.starts_with("1 pairs of a mirror")), "{:?}", curve.notes);
    assert!(table(&chapter, "survival-entries").rows.is_empty());
}

#[test]
fn months_tell_states_and_rates() {
    let chapter = chapter_of(known());
    let rates = table(&chapter, "residual-rate");
    let shown: Vec<(String, String, Option<f64>)> = rates
        .rows
        .iter()
        .map(|row| {
            let text = |at: usize| match &row.cells[at] {
                Cell::Text(text) => text.clone(),
                _ => String::new(),
            };
            (text(0), text(1), row.cells[5].number())
        })
        .collect();
    let expected = [
        ("2026-01", "m", Some(0.5)),
        ("2026-02", "down", None),
        ("2026-02", "late", Some(0.0)),
        ("2026-02", "m", Some(0.0)),
        ("2026-02", "n", Some(1.0)),
    ];
    assert_eq!(shown, expected.map(|(month, mirror, rate)| (month.to_owned(), mirror.to_owned(), rate)));
    let states = table(&chapter, "mirror-states");
    let january = &states.rows[0].cells;
    assert_eq!(
        (&january[3], &january[5], &january[12]),
        (&Cell::Count(1), &Cell::Count(1), &Cell::Real(0.5))
    );
    assert_eq!(states.notes, ["3 fields are empty: that mirror was not audited in that month."]);
}

#[test]
fn without_an_audit_nothing_is_said() {
    let chapter = chapter_of(vec![report("a==1", "x", &day("2026-01-03"))]);
    assert!(chapter.text[0].to_string().contains("No mirror was audited"), "{:?}", chapter.text);
    assert!(chapter.tables.iter().all(|table| table.rows.is_empty()));
    assert!(table(&chapter, "mirrors").notes[0].contains("No audit"));
}
