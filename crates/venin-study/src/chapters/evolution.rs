//! How projects changed from version to version (RQ2, paper, RQ2): what was gained and lost, and whether that
//! leads towards detection or away from it.

mod change;
mod tables;

use self::change::{Kind, list_changes};
use super::StudyInput;
use super::prevalence::Census;
use crate::chart::{Chart, ChartKind};
use crate::lookup::{Look, Tables};
use crate::report::Chapter;
use crate::sentence::Sentence;

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let census = Census::of(input.data.samples());
    let changes = list_changes(&census);
    let mut chapter = Chapter::new("evolution", "How projects changed", "RQ2");
    chapter.tables = vec![
        tables::kinds_table(&changes),
        tables::versions_table(&census),
        tables::gains_table(&changes),
        tables::changes_table(&changes),
    ];
    chapter.text = vec![sentence(&Tables::of(&chapter.tables))];
    chapter.charts = vec![Chart {
        id: "evolution".to_owned(),
        title: "What changed from version to version".to_owned(),
        alt: chapter.text.iter().map(ToString::to_string).collect(),
        table: "evolution".to_owned(),
        kind: ChartKind::Bars {
            label: "change".into(),
            values: vec!["changes".into()],
            low: None,
            high: None,
        },
    }];
    chapter
}

fn sentence(tables: &Tables<'_>) -> Sentence {
    if tables.find_most("evolution", "changes").is_none() {
        return Sentence::of_words(
            "No project has more than one version here, so nothing is known of changes.",
        );
    }
    let of = |row| ["changes", "share"].map(|column| Look::At("evolution", row, column));
    tables.tell(
        "Of the changes from one version to the next, {} ({}) change a behavior, {} ({}) are copies with the same code.",
        &[of(tables::ANY), of(Kind::UnchangedCopy.as_str())].concat(),
    )
}
