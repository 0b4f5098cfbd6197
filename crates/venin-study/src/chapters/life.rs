//! The life cycle (RQ4, paper section 1.7): incubation, residual period and persistence as three measures with bounds.

mod measures;
mod tables;

use super::StudyInput;
use super::bounds::tell_median;
use super::released::Released;
use crate::chart::{Chart, ChartKind};
use crate::lookup::{Look, Tables};
use crate::report::Chapter;
use crate::sentence::Sentence;

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let mut chapter = Chapter::new("life", "The life cycle", "RQ4");
    let released = Released::of(input.data.samples());
    let measured = measures::measure(input.history, &released);
    chapter.tables = vec![
        tables::known_table(input, &measured),
        tables::spans_table(&measured),
        tables::longer_table(input.history, &released),
        tables::curve_table(&measured),
    ];
    let tables = Tables::of(&chapter.tables);
    chapter.text = vec![known_sentence(&tables), spans_sentence(&tables), longer_sentence(&tables)];
    chapter.charts = vec![curve_chart()];
    for (id, title, measure) in HISTOGRAMS {
        if let Some(found) = measured.iter().find(|found| found.id == *measure) {
            chapter.tables.push(tables::histogram_table(id, title, found));
            chapter.charts.push(histogram_chart(id, title));
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
        alt: "Three falling curves from one, one for each measure, each with the band in which the true share lies \
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

fn histogram_chart(id: &str, title: &str) -> Chart {
    Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        alt: "A histogram of days; only lengths of which both bounds lie in one bin are drawn.".to_owned(),
        table: id.to_owned(),
        kind: ChartKind::Histogram { from: "from".into(), to: "to".into(), count: "surely".into() },
    }
}

fn known_sentence(tables: &Tables<'_>) -> Sentence {
    let of = |row| ["measured", "all", "exact"].map(|column| Look::At("life-known", row, column));
    let measures = ["incubation of releases", "residual period of releases", "persistence of files"];
    tables.tell(
        "Incubation can be measured of releases: {} of {}, {} of them exactly; the residual period: {} of {}, {} of them \
         exactly; persistence of files on mirrors: {} of {}, {} of them exactly.",
        &measures.map(of).concat(),
    )
}

fn spans_sentence(tables: &Tables<'_>) -> Sentence {
    let (incubation, residual) = ("incubation of projects", "residual period of projects");
    if !tables.has(Look::At("life-spans", incubation, "measured")) {
        return Sentence::of_words("No incubation is known.");
    }
    let mut sentence = Sentence::of_words("Of projects the median incubation ");
    tell_median(tables, ("life-spans", incubation), &mut sentence);
    sentence.push_words(", the median residual period ");
    tell_median(tables, ("life-spans", residual), &mut sentence);
    sentence.push_words(".");
    sentence
}

fn longer_sentence(tables: &Tables<'_>) -> Sentence {
    let of = |column| Look::At("residual-over-incubation", "projects", column);
    if !tables.has(of("both")) {
        return Sentence::of_words("Of no project are both incubation and residual period known.");
    }
    tables.tell(
        "Of {} projects both are known: in {} the residual period is surely longer than the incubation, in {} it may be. \
         The paper has {} by records of downloads, a measure that says nothing of mirrors.",
        &["both", "surely_longer", "maybe_longer", "paper_surely_share"].map(of),
    )
}

#[cfg(test)]
mod tests;
