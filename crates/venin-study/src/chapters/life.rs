//! The life cycle (RQ4, paper section 1.7): incubation, residual period and persistence as three measures with bounds.

mod measures;
mod tables;

use super::StudyInput;
use super::released::Released;
use crate::chart::{Chart, ChartKind};
use crate::report::Chapter;
use crate::table::{Cell, Table};
use measures::Measured;

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let mut chapter = Chapter::new("life", "The life cycle", "RQ4");
    let released = Released::of(input.data.samples());
    let measured = measures::measure(input.history, &released);
    let known = tables::known_table(input, &measured);
    let spans = tables::spans_table(&measured);
    let longer = tables::longer_table(input.history, &released);
    let curve = tables::curve_table(&measured);
    chapter.text = vec![known_sentence(&known), spans_sentence(&spans), longer_sentence(&longer)];
    chapter.tables = vec![known, spans, longer, curve];
    chapter.charts = vec![curve_chart()];
    for (id, title, measure) in HISTOGRAMS {
        if let Some(found) = measured.iter().find(|found| found.id == *measure) {
            chapter.tables.push(tables::histogram_table(id, title, found));
            chapter.charts.push(histogram_chart(id, title, found));
        }
    }
    chapter
}

/// Histograms: id, title, measure.
const HISTOGRAMS: &[(&str, &str, &str)] = &[
    ("incubation-days", "How long incubation takes", "incubation of releases"),
    ("residual-days", "How long residual periods last", "residual period of releases"),
    ("persistence-days", "How long mirrors keep files", "persistence of files"),
];

fn curve_chart() -> Chart {
    Chart {
        id: "life-curve".to_owned(),
        title: "What is left of incubation, residual period and persistence after a time".to_owned(),
        alt: "Three falling curves from 1, one for each measure, each with the band in which the true share lies \
              whatever happened between the known bounds."
            .to_owned(),
        table: "life-curve".to_owned(),
        kind: ChartKind::Survival {
            time: "days".into(),
            survival: "share".into(),
            low: Some("low".into()),
            high: Some("high".into()),
            series: Some("measure".into()),
        },
    }
}

fn histogram_chart(id: &str, title: &str, measured: &Measured) -> Chart {
    Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        alt: format!(
            "A histogram of days over {} lengths; only those of which both bounds lie in one bin are drawn.",
            measured.lengths.count()
        ),
        table: id.to_owned(),
        kind: ChartKind::Histogram { from: "from".into(), to: "to".into(), count: "surely".into() },
    }
}

fn count(table: &Table, row: &str, column: &str) -> u64 {
    match table.cell(row, column) {
        Some(Cell::Count(count)) => *count,
        _ => 0,
    }
}

fn known_sentence(known: &Table) -> String {
    let of = |measure: &str| {
        let (all, measured) = (count(known, measure, "all"), count(known, measure, "measured"));
        format!("{measured} of {all}, {} of them exactly", count(known, measure, "exact"))
    };
    format!(
        "Incubation can be measured of releases: {}; the residual period: {}; persistence of files on mirrors: {}.",
        of("incubation of releases"),
        of("residual period of releases"),
        of("persistence of files")
    )
}

fn spans_sentence(spans: &Table) -> String {
    let of = |measure: &str| {
        let days = |column: &str| {
            let number = spans.cell(measure, column).and_then(Cell::number);
            number.map_or("an unknown number of".to_owned(), |days| format!("{days:.1}"))
        };
        format!("between {} and {} days", days("median_least"), days("median_most"))
    };
    if count(spans, "incubation of projects", "measured") == 0 {
        return "No incubation is known.".to_owned();
    }
    format!(
        "Of projects the median incubation lies {}, the median residual period {}.",
        of("incubation of projects"),
        of("residual period of projects")
    )
}

fn longer_sentence(longer: &Table) -> String {
    let both = count(longer, "projects", "both");
    if both == 0 {
        return "Of no project are both incubation and residual period known.".to_owned();
    }
    format!(
        "Of {both} projects both are known: in {} the residual period is surely longer than the incubation, in {} it may \
         be. The paper has 72 % by records of downloads, a measure that says nothing of mirrors.",
        count(longer, "projects", "surely_longer"),
        count(longer, "projects", "maybe_longer")
    )
}

#[cfg(test)]
mod tests;
