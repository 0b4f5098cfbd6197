//! Feeds: how long after an upload each source speaks, who is first, and how much the sources know in common.

mod classes;
mod lag;
mod overlap;

use super::StudyInput;
use super::released::Released;
use crate::chart::{Chart, ChartKind};
use crate::report::Chapter;
use crate::table::{Cell, Table};

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let mut chapter = Chapter::new("feeds", "Feeds: lag and overlap", "");
    let released = Released::of(input.data.samples());
    let stages = lag::stages_table(input.history, &released);
    let sources = lag::sources_table(input.history, &released);
    let combinations = overlap::combinations_table(input.history, &released);
    let pairs = overlap::pairs_table(input.history);
    chapter.text = vec![stages_sentence(&stages), sources_sentence(input, &sources)];
    chapter.charts = vec![
        Chart {
            id: "feed-sources".to_owned(),
            title: "Releases that each source names, and those that it alone names".to_owned(),
            alt: sources_sentence(input, &sources),
            table: "feed-sources".to_owned(),
            kind: ChartKind::Bars {
                label: "source".into(),
                values: vec!["releases".into(), "alone".into()],
                low: None,
                high: None,
            },
        },
        Chart {
            id: "feed-combinations".to_owned(),
            title: "Which sources name the same releases".to_owned(),
            alt: format!("A column for each of {} combinations of sources.", combinations.rows.len()),
            table: "feed-combinations".to_owned(),
            kind: ChartKind::Combinations { sets: "sources".into(), count: "releases".into() },
        },
    ];
    chapter.tables =
        vec![stages, sources, pairs, combinations, classes::classes_table(input.history, &released)];
    chapter
}

fn stages_sentence(stages: &Table) -> String {
    let number = |column: &str| stages.cell(lag::TO_DISCOVERY, column).and_then(Cell::number);
    let both = number("both").unwrap_or(0.0);
    let bound = |column: &str| number(column).map_or("no bound".to_owned(), |days| format!("{days:.1} days"));
    if both == 0.0 {
        return "Of no release are both upload and first report known.".to_owned();
    }
    format!(
        "Of {both:.0} releases both upload and first report are known; the median lag lies from {} to {}.",
        bound("median_least"),
        bound("median_most")
    )
}

fn sources_sentence(input: &StudyInput<'_>, sources: &Table) -> String {
    let releases = input.history.releases().count();
    let sum = |column: &str| {
        let at = sources.column(column);
        let cells = sources.rows.iter().filter_map(|row| row.cells.get(at?)?.number());
        // The usual sum of nothing is a negative zero.
        cells.fold(0.0, |sum, number| sum + number)
    };
    format!(
        "{} sources accuse {releases} releases; {:.0} of these are known by one source only.",
        sources.rows.len(),
        sum("alone")
    )
}

#[cfg(test)]
mod tests;
