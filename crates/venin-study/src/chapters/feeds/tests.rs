//! What must stay true of the feeds' tables.

use venin_intel::claim::{Claim, ClaimKind, Surface};

use super::*;
use crate::history::testing::{claim, day, history, report};
use crate::sample::{DataSet, SourceClass, testing};
use crate::table::{Cell, Table};

fn chapter_of(claims: Vec<Claim>) -> Chapter {
    let history = history(claims);
    let data =
        DataSet::of([(testing::artifact("r2", "1"), testing::origin("t", SourceClass::Paper))], Vec::new());
    chapter(&StudyInput::new(&data, &history, "0"))
}

fn known() -> Vec<Claim> {
    let mut passed_on = report("r4==1", "y", "");
    passed_on.surface = Surface::Advisory("x".to_owned());
    vec![
        claim("r1==1", ClaimKind::Uploaded, &day("2026-01-01")),
        report("r1==1", "x", &day("2026-01-02")),
        report("r1==1", "y", &day("2026-01-04")),
        claim("r1==1", ClaimKind::ReleaseRemoved, &day("2026-01-01")),
        claim("r2==1", ClaimKind::Uploaded, &day("2026-01-01")),
        report("r2==1", "x", &day("2026-01-05")),
        claim("r2==1", ClaimKind::ReleaseRemoved, &day("2026-01-08")),
        report("r3==1", "x", "2026-01-02T12:00:00Z"),
        report("r3==1", "y", "2026-01-02"),
        passed_on,
    ]
}

fn table<'a>(chapter: &'a Chapter, id: &str) -> &'a Table {
    chapter.tables.iter().find(|table| table.id == id).unwrap()
}

fn numbers<const N: usize>(table: &Table, row: &str, columns: [&str; N]) -> [Option<f64>; N] {
    columns.map(|column| table.cell(row, column).and_then(Cell::number))
}

#[test]
fn stages_have_lags_with_bounds_and_tell_what_is_reversed() {
    let chapter = chapter_of(known());
    let stages = table(&chapter, "feed-stages");
    let columns = ["both", "median_least", "median_most", "surely_reversed", "no_begin", "no_end"];
    assert_eq!(
        numbers(stages, lag::TO_DISCOVERY, columns),
        [Some(2.0), Some(2.5), Some(2.5), Some(0.0), Some(2.0), Some(0.0)]
    );
    assert_eq!(
        numbers(stages, "discovery to removal", columns),
        [Some(2.0), Some(1.0), Some(1.0), Some(1.0), Some(1.0), Some(1.0)]
    );
    assert_eq!(numbers(stages, "discovery to block list", ["both"]), [Some(3.0)]);
    assert_eq!(stages.rows[0].behind, [0]);
}

#[test]
fn a_source_is_first_surely_or_perhaps() {
    let chapter = chapter_of(known());
    let sources = table(&chapter, "feed-sources");
    let columns = ["releases", "alone", "shared", "surely_first", "maybe_first", "undated", "median_least"];
    assert_eq!(
        numbers(sources, "x", columns),
        [3.0, 1.0, 2.0, 1.0, 2.0, 0.0, 2.5].map(Some),
        "upload to the first word: one day and four"
    );
    assert_eq!(numbers(sources, "y", columns), [3.0, 1.0, 2.0, 0.0, 1.0, 1.0, 3.0].map(Some));
    assert_eq!(sources.cell("y", "told_by"), Some(&Cell::from("x, y")));
}

#[test]
fn overlap_is_counted_by_pairs_and_by_combinations() {
    let chapter = chapter_of(known());
    let pairs = table(&chapter, "feed-pairs");
    assert_eq!(
        numbers(pairs, "x + y", ["shared", "only_first", "only_second", "jaccard"]),
        [2.0, 1.0, 1.0, 0.5].map(Some)
    );
    let combinations = table(&chapter, "feed-combinations");
    let counts = ["x + y", "x", "y"].map(|sets| numbers(combinations, sets, ["releases"])[0]);
    assert_eq!(counts, [2.0, 1.0, 1.0].map(Some));
    assert_eq!(combinations.rows[1].behind, [0]);
    assert!(
        chapter.text[1].to_string().contains("2 sources accuse 4 releases; 2 of these"),
        "{:?}",
        chapter.text
    );
}

#[test]
fn no_claims_give_empty_tables() {
    let chapter = chapter_of(Vec::new());
    assert!(chapter.text[0].to_string().starts_with("Of no release"), "{:?}", chapter.text);
    assert!(table(&chapter, "feed-sources").rows.is_empty());
}

#[test]
fn classes_that_sources_dispute_are_told() {
    let mut claims = known();
    claims[2].class = venin_intel::claim::Class::Pentest;
    let chapter = chapter_of(claims);
    let classes = table(&chapter, "feed-classes");
    assert_eq!(numbers(classes, "malware", ["releases", "agreed"]), [4.0, 3.0].map(Some));
    assert_eq!(numbers(classes, "pentest", ["releases", "agreed"]), [1.0, 0.0].map(Some));
    assert_eq!(classes.notes, ["Sources take 1 releases for different things."]);
}
