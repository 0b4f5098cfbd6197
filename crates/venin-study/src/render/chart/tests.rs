//! Every kind of chart, with ordinary, empty, missing and hostile rows.

use super::*;
use crate::table::{Cell, Unit};

/// Every kind over the columns of [`table`].
pub(crate) fn kinds() -> Vec<ChartKind> {
    let own = ToOwned::to_owned;
    vec![
        ChartKind::Bars {
            label: own("name"),
            values: vec![own("share"), own("count")],
            low: Some(own("low")),
            high: Some(own("high")),
        },
        ChartKind::Histogram { from: own("low"), to: own("high"), count: own("count") },
        ChartKind::Lines { x: own("day"), y: own("count"), series: Some(own("series")) },
        ChartKind::Lines { x: own("name"), y: own("count"), series: None },
        ChartKind::Survival {
            time: own("count"),
            survival: own("share"),
            low: Some(own("low")),
            high: Some(own("high")),
            series: Some(own("series")),
        },
        ChartKind::HeatMap { row: own("name"), column: own("day"), value: own("share") },
        ChartKind::HeatMap { row: own("day"), column: own("name"), value: own("count") },
        ChartKind::Scatter {
            x: own("share"),
            y: own("count"),
            series: own("series"),
            weight: Some(own("count")),
        },
        ChartKind::Combinations { sets: own("sets"), count: own("count") },
    ]
}

fn table() -> Table {
    Table::new(
        "t",
        "T",
        "D",
        &[
            ("name", "Name", Unit::Text),
            ("day", "Day", Unit::Date),
            ("series", "Series", Unit::Text),
            ("sets", "Sets", Unit::Text),
            ("count", "Count", Unit::Count),
            ("share", "Share", Unit::Share),
            ("low", "Low", Unit::Share),
            ("high", "High", Unit::Share),
        ],
    )
}

fn push(table: &mut Table, name: &str, day: &str, count: Cell, share: Cell) {
    let at = table.rows.len();
    let cells = [
        Cell::from(name),
        Cell::from(day),
        Cell::from(["one", "two"][at % 2]),
        Cell::from(["a + b", "b", "", "a + b + c"][at % 4]),
        count,
        share,
        Cell::Real(at as f64 / 100.0),
        Cell::Real((at + 1) as f64 / 100.0),
    ];
    table.push(cells, Vec::new());
}

fn chart(kind: ChartKind) -> Chart {
    Chart {
        id: "c".to_owned(),
        title: "Title".to_owned(),
        alt: "Alt".to_owned(),
        table: "t".to_owned(),
        kind,
    }
}

fn assert_sound(picture: &Picture, kind: &ChartKind) {
    for svg in [&picture.wide, &picture.narrow] {
        assert!(
            svg.is_empty() || svg.starts_with("<svg viewBox=\"0 0 ") && svg.ends_with("</svg>\n"),
            "{svg}"
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("#F00E"), "{kind:?} {svg}");
        assert!(!svg.contains('\u{202e}') && !svg.contains("<b>"), "{svg}");
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }
}

#[test]
fn every_kind_draws_ordinary_rows_the_same_way_twice() {
    let mut table = table();
    for at in 1..9_u64 {
        push(
            &mut table,
            &format!("name {at}"),
            &format!("2025-{at:02}"),
            Cell::Count(at * 3),
            Cell::share(at, 9),
        );
    }
    for kind in kinds() {
        let picture = render_chart(&chart(kind.clone()), &table);
        assert!(!picture.wide.is_empty() && !picture.narrow.is_empty(), "{kind:?}: {}", picture.note);
        assert_sound(&picture, &kind);
        assert_eq!(picture, render_chart(&chart(kind), &table));
    }
}

#[test]
fn an_empty_table_gives_a_sentence_and_no_frame() {
    for kind in kinds() {
        let picture = render_chart(&chart(kind), &table());
        assert!(picture.wide.is_empty() && picture.note.contains("nothing to draw"), "{}", picture.note);
    }
}

#[test]
fn rows_without_numbers_give_a_sentence_and_no_frame() {
    let mut table = table();
    push(&mut table, "a", "", Cell::Missing, Cell::Missing);
    for kind in kinds() {
        let picture = render_chart(&chart(kind.clone()), &table);
        assert!(
            picture.wide.is_empty() && picture.note.contains("nothing to draw"),
            "{kind:?} {}",
            picture.note
        );
    }
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let kind = ChartKind::Combinations { sets: "none".to_owned(), count: "count".to_owned() };
    let mut table = table();
    push(&mut table, "a", "", Cell::Count(1), Cell::Missing);
    assert!(render_chart(&chart(kind), &table).note.contains("no column `none`"));
}

#[test]
fn hostile_names_and_numbers_break_nothing() {
    let mut table = table();
    let names =
        ["<b>&\"'", "\u{202e}evil", "\0\n", "\u{e000}0\u{e001}", &"long ".repeat(100), "", "שלום", "😀"];
    let numbers = [f64::NAN, f64::INFINITY, f64::MAX, f64::MIN, 5e-324, -1.0, 0.0, 1e18];
    for (name, number) in names.iter().zip(numbers) {
        push(&mut table, name, name, Cell::Real(number), Cell::Real(number));
        push(&mut table, name, "9999-12-31", Cell::Count(u64::MAX), Cell::Missing);
        push(&mut table, name, "-0001-01", Cell::Text("seven".to_owned()), Cell::real(number));
    }
    for kind in kinds() {
        assert_sound(&render_chart(&chart(kind.clone()), &table), &kind);
    }
}

#[test]
fn many_rows_are_bounded_and_the_note_says_so() {
    let mut table = table();
    for at in 0..20_000_u64 {
        push(&mut table, &format!("name {at}"), "2025-01-01", Cell::Count(at + 1), Cell::share(at, 20_000));
    }
    for kind in kinds() {
        let picture = render_chart(&chart(kind.clone()), &table);
        assert_sound(&picture, &kind);
        let longest = picture.wide.len().max(picture.narrow.len());
        assert!(longest < 600_000, "{kind:?} {longest}");
        let is_bounded = picture.note.contains("more") || picture.note.contains("Not every");
        assert!(is_bounded || matches!(kind, ChartKind::Combinations { .. }), "{kind:?} {}", picture.note);
    }
}
