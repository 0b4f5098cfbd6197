//! Mirrors (RQ3, paper section 1.6): what they still serve, over time, and how long they keep what the index removed.

mod presence;
mod survival;
mod time;

use super::StudyInput;
use super::released::Released;
use crate::chart::{Chart, ChartKind};
use crate::lookup::{Look, Tables};
use crate::report::Chapter;
use crate::sentence::Sentence;
use venin_mirror::residual::Unit;
use venin_mirror::survival::What;

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let mut chapter = Chapter::new("mirrors", "Mirrors", "RQ3");
    let released = Released::of(input.data.samples());
    let history = input.history;
    chapter.tables = vec![
        presence::presence_table(history, &released, Unit::Release),
        presence::presence_table(history, &released, Unit::File),
        time::rates_table(history),
        time::states_table(history),
        survival::medians_table(history),
        survival::curves_table(history, What::File),
        survival::curves_table(history, What::Index),
    ];
    let tables = Tables::of(&chapter.tables);
    let found = found_sentence(&tables);
    chapter.charts = charts(&found);
    chapter.text = vec![found, selection_sentence(&tables), kept_sentence(&tables)];
    chapter
}

fn charts(found: &Sentence) -> Vec<Chart> {
    let chart = |id: &str, title: &str, alt: String, table: &str, kind: ChartKind| Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        alt,
        table: table.to_owned(),
        kind,
    };
    let mut charts = vec![
        chart(
            "mirrors",
            "Malicious releases that mirrors still serve",
            format!("A bar for each mirror with a whisker for its interval. {found}"),
            "mirrors",
            ChartKind::Bars {
                label: "mirror".into(),
                values: vec!["judged_rate".into()],
                low: Some("low".into()),
                high: Some("high".into()),
            },
        ),
        chart(
            "residual-rate",
            "The residual rate over time",
            "A line for each mirror over months.".to_owned(),
            "residual-rate",
            ChartKind::Lines { x: "month".into(), y: "judged_rate".into(), series: Some("mirror".into()) },
        ),
    ];
    for (state, title) in [
        ("live", "Listed and served"),
        ("orphan", "Served and not listed"),
        ("ghost", "Listed and not served"),
    ] {
        charts.push(chart(
            &format!("mirror-{state}"),
            title,
            format!(
                "A row for each mirror, a column for each month, darker for a greater share that is {state}."
            ),
            "mirror-states",
            ChartKind::HeatMap {
                row: "mirror".into(),
                column: "month".into(),
                value: format!("{state}_share"),
            },
        ));
    }
    for (id, title) in [
        ("survival-files", "How long mirrors keep files that the index removed"),
        ("survival-entries", "How long mirrors list what the index removed"),
    ] {
        let alt =
            "A curve for each mirror and for all together falls from one with the days since the removal.";
        charts.push(chart(
            id,
            title,
            alt.to_owned(),
            id,
            ChartKind::Survival {
                time: "days".into(),
                survival: "left".into(),
                low: Some("low".into()),
                high: Some("high".into()),
                series: Some("mirror".into()),
            },
        ));
    }
    charts
}

fn found_sentence(tables: &Tables<'_>) -> Sentence {
    let of = |column| Look::At("mirrors", presence::ANYWHERE, column);
    if !tables.has(of("looked_for")) {
        return Sentence::of_words("No mirror was audited: nothing is known of what they serve.");
    }
    tables.tell(
        "Of {} malicious releases that were looked for, {} ({}) are still served by at least one of the mirrors that were \
         audited.",
        &["looked_for", "found", "rate"].map(of),
    )
}

/// The paper's packages were recovered from four of its mirrors.
fn selection_sentence(tables: &Tables<'_>) -> Sentence {
    let taken = Look::At("mirrors", presence::ANYWHERE, "taken_from");
    if !tables.has(taken) {
        return Sentence::of_words(
            "No sample of these releases is known to come from one of the mirrors, so that the rates are not raised by \
             where the data set came from.",
        );
    }
    tables.tell(
        "Samples of {} releases were taken from a mirror that is counted: that raises its rate, as it does in the paper, \
         whose packages were recovered from four of its mirrors. The rate without them stands beside.",
        &[taken],
    )
}

fn kept_sentence(tables: &Tables<'_>) -> Sentence {
    let of = |column| Look::At("survival", survival::ALL_FILES, column);
    if !tables.has(of("subjects")) {
        return Sentence::of_words(
            "Nothing that the index removed was seen on a mirror, or no removal is dated: survival is not known.",
        );
    }
    if tables.number(of("median")).is_none() {
        let text = "Of {} files that the index removed and a mirror had, more than half were there at the last look.";
        return tables.tell(text, &[of("subjects")]);
    }
    tables.tell(
        "Of {} files that the index removed and a mirror had, half are gone after {}.",
        &[of("subjects"), of("median")],
    )
}

#[cfg(test)]
mod tests;
