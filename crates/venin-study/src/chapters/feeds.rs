//! Feeds: how long after an upload each source speaks, who is first, and how much the sources know in common.

mod classes;
mod lag;
mod overlap;

use super::StudyInput;
use super::bounds::tell_median;
use super::released::Released;
use crate::chart::{Chart, ChartKind};
use crate::lookup::{Look, Tables};
use crate::report::Chapter;
use crate::sentence::Sentence;

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let mut chapter = Chapter::new("feeds", "Feeds: lag and overlap", "");
    let released = Released::of(input.data.samples());
    let history = input.history;
    chapter.tables = vec![
        lag::stages_table(history, &released),
        lag::sources_table(history, &released),
        overlap::counts_table(history, &released),
        overlap::pairs_table(history),
        overlap::combinations_table(history, &released),
        classes::classes_table(history, &released),
    ];
    let tables = Tables::of(&chapter.tables);
    let sources = sources_sentence(&tables);
    chapter.charts = vec![
        Chart {
            id: "feed-sources".to_owned(),
            title: "Releases that each source names, and those that it alone names".to_owned(),
            alt: sources.to_string(),
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
            alt: "A column for each combination of sources, with how many releases just these name."
                .to_owned(),
            table: "feed-combinations".to_owned(),
            kind: ChartKind::Combinations { sets: "sources".into(), count: "releases".into() },
        },
    ];
    chapter.text = vec![stages_sentence(&tables), sources];
    chapter
}

fn stages_sentence(tables: &Tables<'_>) -> Sentence {
    let both = Look::At("feed-stages", lag::TO_DISCOVERY, "both");
    if !tables.has(both) {
        return Sentence::of_words("Of no release are both upload and first report known.");
    }
    let mut sentence =
        tables.tell("Of {} releases both upload and first report are known; the median lag ", &[both]);
    tell_median(tables, ("feed-stages", lag::TO_DISCOVERY), &mut sentence);
    sentence.push_words(".");
    sentence
}

fn sources_sentence(tables: &Tables<'_>) -> Sentence {
    let releases = |row| Look::At("feed-counts", row, "releases");
    tables.tell(
        "{} sources accuse {} releases; {} of these are known by one source only.",
        &[Look::Rows("feed-sources"), releases(overlap::ALL), releases(overlap::ONE)],
    )
}

#[cfg(test)]
mod tests;
