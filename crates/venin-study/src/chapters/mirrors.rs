//! Mirrors (RQ3, paper section 1.6): what they still serve, over time, and how long they keep what the index removed.

mod presence;
mod survival;
mod time;

use super::StudyInput;
use super::released::Released;
use crate::chart::{Chart, ChartKind};
use crate::report::Chapter;
use crate::table::{Cell, Table};
use venin_mirror::residual::Unit;
use venin_mirror::survival::What;

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let mut chapter = Chapter::new("mirrors", "Mirrors", "RQ3");
    let released = Released::of(input.data.samples());
    let history = input.history;
    let releases = presence::presence_table(history, &released, Unit::Release);
    let rates = time::rates_table(history);
    let medians = survival::medians_table(history);
    chapter.text = vec![found_sentence(&releases), selection_sentence(&releases), kept_sentence(&medians)];
    chapter.charts = charts(&releases, &rates);
    chapter.tables = vec![
        releases,
        presence::presence_table(history, &released, Unit::File),
        rates,
        time::states_table(history),
        medians,
        survival::curves_table(history, What::File),
        survival::curves_table(history, What::Index),
    ];
    chapter
}

fn charts(releases: &Table, rates: &Table) -> Vec<Chart> {
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
            format!("A bar for each mirror with a whisker for its interval. {}", found_sentence(releases)),
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
            format!("A line for each mirror over months; {} points.", rates.rows.len()),
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
            "A curve for each mirror and for all together falls from 1 with the days since the removal.";
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

fn count(table: &Table, row: &str, column: &str) -> u64 {
    match table.cell(row, column) {
        Some(Cell::Count(count)) => *count,
        _ => 0,
    }
}

fn found_sentence(releases: &Table) -> String {
    let looked_for = count(releases, presence::ANYWHERE, "looked_for");
    if looked_for == 0 {
        return "No mirror was audited: nothing is known of what they serve.".to_owned();
    }
    let share = releases.cell(presence::ANYWHERE, "rate").and_then(Cell::number).unwrap_or(0.0);
    format!(
        "Of {looked_for} malicious releases that were looked for, {} ({:.1} %) are still served by at least one of {} \
         mirrors.",
        count(releases, presence::ANYWHERE, "found"),
        share * 100.0,
        releases.rows.len().saturating_sub(1)
    )
}

/// The paper's packages were recovered from four of its mirrors.
fn selection_sentence(releases: &Table) -> String {
    let taken: u64 = releases
        .rows
        .iter()
        .filter(|row| !matches!(row.cells.first(), Some(Cell::Text(mirror)) if mirror == presence::ANYWHERE))
        .filter_map(|row| row.cells.get(releases.column("taken_from")?)?.number())
        .sum::<f64>() as u64;
    if taken == 0 {
        return "No sample of these releases is known to come from one of the mirrors, so that the rates are not raised \
                by where the data set came from."
            .to_owned();
    }
    format!(
        "Samples of {taken} releases were taken from the mirror that is counted: that raises its rate, as it does in the \
         paper, whose packages were recovered from four of its mirrors. The rate without them stands beside."
    )
}

fn kept_sentence(medians: &Table) -> String {
    let subjects = count(medians, survival::ALL_FILES, "subjects");
    if subjects == 0 {
        return "Nothing that the index removed was seen on a mirror, or no removal is dated: survival is not known."
            .to_owned();
    }
    let median = medians.cell(survival::ALL_FILES, "median").and_then(Cell::number);
    let half = median.map_or_else(
        || "more than half of them were there at the last look".to_owned(),
        |days| format!("half of them are gone after {days:.0} days"),
    );
    format!("Of {subjects} files that the index removed and a mirror had, {half}.")
}

#[cfg(test)]
mod tests;
