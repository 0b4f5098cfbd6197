//! What must stay true of the life cycle's tables.

use venin_intel::claim::{Claim, ClaimKind};

use super::*;
use crate::history::History;
use crate::history::testing::{claim, day, history, look, report};
use crate::sample::{DataSet, SourceClass, testing};
use crate::table::{Cell, Table};

fn chapter_of(claims: Vec<Claim>) -> Chapter {
    let history = history(claims);
    let data =
        DataSet::of([(testing::artifact("a", "1.0"), testing::origin("t", SourceClass::Paper))], Vec::new());
    chapter(&StudyInput::new(&data, &history, "0"))
}

fn known() -> Vec<Claim> {
    vec![
        claim("a==1.0", ClaimKind::Uploaded, &day("2026-01-01")),
        report("a==1.0", "x", &day("2026-01-03")),
        claim("a==1.0", ClaimKind::ReleaseRemoved, &day("2026-01-05")),
        claim("a==1.0", ClaimKind::LastDownload, &day("2026-01-13")),
        look("a==1.0", "m", ClaimKind::FileSeen, "2026-01-15", "orphan-file"),
        look("a==1.0", "m", ClaimKind::FileAbsent, "2026-01-25", "clean"),
        claim("b==1.0", ClaimKind::Uploaded, &day("2026-01-01")),
        report("b==1.0", "x", "2026-01-02"),
        claim("b==1.0", ClaimKind::LastDownload, &day("2026-06-01")),
        report("c==1.0", "x", &day("2026-01-03")),
        claim("d==1.0", ClaimKind::Uploaded, &day("2026-02-01")),
        report("d==1.0", "x", &day("2026-01-03")),
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

fn counts(table: &Table, row: &str, columns: &[&str]) -> Vec<u64> {
    columns.iter().map(|column| count(table, row, column)).collect()
}

fn number(table: &Table, row: &str, column: &str) -> Option<f64> {
    table.cell(row, column).and_then(Cell::number)
}

#[test]
fn what_is_known_exactly_within_bounds_and_not_at_all_is_counted_apart() {
    let chapter = chapter_of(known());
    let table = table(&chapter, "life-known");
    let columns = ["all", "measured", "exact", "bounded", "no_end_yet", "no_begin", "no_end", "conflicts"];
    assert_eq!(counts(table, "incubation of releases", &columns), [4, 2, 1, 1, 0, 1, 0, 1]);
    assert_eq!(counts(table, "residual period of releases", &columns), [4, 2, 1, 0, 1, 0, 2, 0]);
    assert_eq!(
        counts(table, "residual period of releases, as the paper has it", &columns)[..4],
        [4, 2, 1, 1]
    );
    assert_eq!(counts(table, "persistence of files", &columns), [1, 1, 0, 1, 0, 0, 0, 0]);
    assert_eq!(table.rows[0].behind, [0]);
}

#[test]
fn medians_have_bounds_and_the_two_months_too() {
    let chapter = chapter_of(known());
    let table = table(&chapter, "life-spans");
    let of = |row: &str, column: &str| number(table, row, column);
    assert_eq!(of("incubation of projects", "median_least"), Some(1.5));
    let most = of("incubation of projects", "median_most").unwrap();
    assert!((most - 2.0).abs() < 1e-4, "{most}");
    assert_eq!(of("residual period of releases", "median_most"), None, "b is still downloaded");
    assert_eq!(of("residual period of releases", "over_60_surely"), Some(0.5));
    assert_eq!(of("persistence of files", "median_least"), Some(10.0));
    assert_eq!(of("persistence of files", "median_most"), Some(20.0));
}

#[test]
fn residual_over_incubation_has_its_denominator() {
    let chapter = chapter_of(known());
    let table = table(&chapter, "residual-over-incubation");
    let columns = ["both", "surely_longer", "maybe_longer", "not_known"];
    assert_eq!(counts(table, "releases", &columns), [2, 2, 2, 2]);
    assert_eq!(number(table, "projects", "surely_share"), Some(1.0));
    assert_eq!(table.rows[0].behind, [0]);
}

#[test]
fn a_discovery_within_a_span_may_turn_the_comparison_round() {
    let chapter = chapter_of(vec![
        claim("a==1.0", ClaimKind::Uploaded, &day("2026-01-01")),
        report("a==1.0", "x", "by 2026-01-09T00:00:00Z"),
        claim("a==1.0", ClaimKind::LastDownload, &day("2026-01-13")),
        claim("z==1.0", ClaimKind::LastDownload, &day("2026-06-01")),
        report("z==1.0", "x", ""),
    ]);
    let columns = ["both", "surely_longer", "maybe_longer", "not_known"];
    assert_eq!(counts(table(&chapter, "residual-over-incubation"), "releases", &columns), [1, 0, 1, 1]);
    let known = table(&chapter, "life-known");
    assert_eq!(counts(known, "incubation of releases", &["measured", "exact", "bounded"]), [1, 0, 1]);
}

#[test]
fn curves_stay_within_their_bounds_and_histograms_say_what_they_leave_out() {
    let chapter = chapter_of(known());
    let curve = table(&chapter, "life-curve");
    assert!(!curve.rows.is_empty());
    for row in &curve.rows {
        let [share, low, high] = [2, 3, 4].map(|at: usize| row.cells[at].number().unwrap());
        assert!(0.0 <= low && low <= share + 1e-9 && share <= high + 1e-9 && high <= 1.0, "{row:?}");
    }
    let histogram = table(&chapter, "incubation-days");
    assert_eq!(histogram.rows[1].cells[2], Cell::Count(2), "one day up to three: both");
    assert_eq!(histogram.notes, ["The bounds of 0 lengths reach over several bins."]);
}

#[test]
fn an_empty_history_gives_tables_that_say_so() {
    let (data, history) = (DataSet::default(), History::default());
    let chapter = chapter(&StudyInput::new(&data, &history, "0"));
    let text = serde_json::to_string(&chapter).unwrap();
    assert!(!text.contains("NaN") && !text.contains("inf\"") && !text.contains(":inf"), "{text}");
    assert!(
        chapter.text.iter().any(|text| text.to_string().contains("No incubation is known")),
        "{:?}",
        chapter.text
    );
}

#[test]
fn each_export_of_statistics_has_an_end_of_its_own() {
    let last = |release: &str, on: &str, export: &str| {
        let mut last = claim(release, ClaimKind::LastDownload, &day(on));
        last.source_ref = export.to_owned();
        last
    };
    let chapter = chapter_of(vec![
        report("a==1", "x", &day("2026-01-03")),
        report("b==1", "x", &day("2026-01-03")),
        report("c==1", "x", &day("2026-01-03")),
        last("a==1", "2026-02-01", "old.csv"),
        last("b==1", "2026-06-01", "new.csv"),
        last("c==1", "2026-02-01", "old.csv"),
        last("c==1", "2026-05-01", "new.csv"),
    ]);
    let known = table(&chapter, "life-known");
    assert_eq!(counts(known, "residual period of releases", &["measured", "exact", "no_end_yet"]), [3, 1, 2]);
}

#[test]
fn a_project_is_measured_over_all_of_its_accused_releases() {
    let chapter = chapter_of(vec![
        claim("a==1.0", ClaimKind::Uploaded, &day("2026-01-01")),
        claim("a==2.0", ClaimKind::Uploaded, &day("2026-01-05")),
        claim("a==0.1", ClaimKind::Uploaded, &day("2020-01-05")),
        report("a==1.0", "x", &day("2026-01-11")),
        report("a==2.0", "x", &day("2026-01-11")),
        claim("a==1.0", ClaimKind::Archived, &day("2026-01-12")),
    ]);
    let spans = table(&chapter, "life-spans");
    assert_eq!(number(spans, "incubation of projects", "median_most"), Some(10.0), "0.1 is not accused");
    assert_eq!(number(spans, "incubation of releases", "median_least"), Some(8.0));
    assert_eq!(number(spans, "incubation of releases", "quarter_least"), Some(7.0));
}
