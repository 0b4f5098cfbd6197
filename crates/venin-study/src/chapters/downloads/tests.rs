//! What must stay true of the tables of downloads.

use venin_intel::claim::{Claim, ClaimKind};

use super::*;
use crate::history::testing::{claim, day, downloads, history, report};
use crate::sample::{DataSet, SourceClass, testing};
use crate::table::{Cell, Table};

fn chapter_of(claims: Vec<Claim>) -> Chapter {
    let history = history(claims);
    let data = DataSet::of(
        [(testing::artifact("small", "1"), testing::origin("t", SourceClass::Paper))],
        Vec::new(),
    );
    chapter(&StudyInput::new(&data, &history, "0"))
}

fn known() -> Vec<Claim> {
    vec![
        report("large==1", "x", &day("2026-02-01")),
        downloads(
            "large==1",
            "2026-01-01",
            "2026-01-20",
            r#"{"count":900,"file_types":{"sdist":900},"mirrors":7,"systems":{"Linux":500}}"#,
        ),
        downloads("large==1", "2026-02-02", "2026-02-20", r#"{"count":200,"file_types":{"sdist":200}}"#),
        report("small==1", "x", &day("2026-02-01")),
        downloads(
            "small==1",
            "2026-01-15",
            "2026-02-20",
            r#"{"count":50,"file_types":{"bdist_wheel":40,"sdist":10},"side_files":3}"#,
        ),
        report("tiny==1", "x", ""),
        downloads("tiny==1", "2026-01-15", "2026-01-20", r#"{"count":10,"file_types":{"bdist_wheel":10}}"#),
        report("unseen==1", "x", &day("2026-02-01")),
        claim("clean==1", ClaimKind::Uploaded, &day("2026-01-01")),
        downloads("clean==1", "2026-01-15", "2026-01-20", r#"{"count":1000000}"#),
    ]
}

fn number(table: &Table, row: &str, column: &str) -> f64 {
    table.cell(row, column).and_then(Cell::number).unwrap_or(0.0)
}

fn table<'a>(chapter: &'a Chapter, id: &str) -> &'a Table {
    chapter.tables.iter().find(|table| table.id == id).unwrap()
}

#[test]
fn totals_stand_with_and_without_the_largest_package_and_mirrors_apart() {
    let chapter = chapter_of(known());
    let totals = table(&chapter, "downloads");
    let row = |of: &str| {
        ["packages", "downloads", "mirrors", "side_files", "over_100", "over_1000", "median"]
            .map(|column| number(totals, of, column))
    };
    assert_eq!(row(tables::ALL), [3.0, 1160.0, 7.0, 3.0, 1.0, 1.0, 50.0]);
    assert_eq!(row("packages without large"), [2.0, 60.0, 0.0, 3.0, 0.0, 0.0, 30.0]);
    assert_eq!(row("releases")[..2], [3.0, 1160.0]);
    assert_eq!(totals.rows[0].behind, [0]);
    assert!(totals.notes[0].starts_with("1 accused packages have no statistics"), "{:?}", totals.notes);
    assert!(chapter.text[0].to_string().contains("large alone has 94.8 %"), "{:?}", chapter.text);
}

#[test]
fn shares_of_a_dimension_stand_with_and_without_the_largest_package() {
    let chapter = chapter_of(known());
    let types = table(&chapter, "downloads-types");
    let row = |of: &str| {
        ["downloads", "share", "share_without", "median_share", "packages"]
            .map(|column| number(types, of, column))
    };
    assert_eq!(row("sdist"), [1110.0, 1110.0 / 1160.0, 10.0 / 60.0, 0.2, 2.0]);
    assert_eq!(row("bdist_wheel"), [50.0, 50.0 / 1160.0, 50.0 / 60.0, 0.8, 2.0]);
    let systems = table(&chapter, "downloads-systems");
    assert_eq!(systems.cell("Linux", "share"), Some(&Cell::Real(1.0)));
    assert_eq!(systems.cell("Linux", "share_without"), Some(&Cell::Missing));
    assert_eq!(systems.notes, ["For 660 of 1160 downloads it is not told."]);
    assert!(table(&chapter, "downloads-countries").rows.is_empty());
}

#[test]
fn a_sum_lies_before_or_after_the_discovery_only_where_it_surely_does() {
    let chapter = chapter_of(known());
    let phases = table(&chapter, "downloads-phases");
    let row = |when: &str| ["packages", "downloads", "over_100"].map(|column| number(phases, when, column));
    assert_eq!(row(tables::BEFORE), [1.0, 900.0, 1.0]);
    assert_eq!(row(tables::AFTER), [1.0, 200.0, 1.0]);
    assert_eq!(row("not to be told"), [2.0, 60.0, 0.0]);
    let largest = table(&chapter, "downloads-largest");
    assert_eq!(number(largest, "small", "cumulated"), 1150.0 / 1160.0);
}

#[test]
fn statistics_of_a_project_as_a_whole_count_where_there_are_no_others() {
    let chapter = chapter_of(vec![
        report("one==1", "x", &day("2026-02-01")),
        downloads("one", "2026-01-15", "2026-01-20", r#"{"count":5}"#),
        report("two==1", "x", &day("2026-02-01")),
        downloads("two", "2026-01-15", "2026-01-20", r#"{"count":70}"#),
        downloads("two==1", "2026-01-15", "2026-01-20", r#"{"count":7}"#),
    ]);
    let totals = table(&chapter, "downloads");
    assert_eq!(number(totals, tables::ALL, "downloads"), 12.0);
    assert_eq!(number(totals, "releases", "downloads"), 7.0);
    assert_eq!(totals.notes.len(), 2, "{:?}", totals.notes);
}

#[test]
fn no_statistics_and_sums_of_the_greatest_number_do_no_harm() {
    let none = chapter_of(vec![report("one==1", "x", "")]);
    assert!(none.text[0].to_string().starts_with("No download statistics"), "{:?}", none.text);
    let detail = format!("{{\"count\":{0},\"file_types\":{{\"sdist\":{0}}}}}", u64::MAX);
    let claims = ["one==1", "two==1", "two==2"]
        .map(|release| [report(release, "x", ""), downloads(release, "2026-01-15", "2026-01-20", &detail)]);
    let chapter = chapter_of(claims.into_iter().flatten().collect());
    assert!(!serde_json::to_string(&chapter).unwrap().contains("NaN"));
}
