//! How projects changed from version to version (RQ2, paper, RQ2): what was gained and lost, and whether that
//! leads towards detection or away from it.

mod change;
mod tables;

use std::collections::BTreeMap;

use self::change::{Change, Kind, list_changes};
use super::StudyInput;
use super::prevalence::Census;
use crate::chart::{Chart, ChartKind};
use crate::report::Chapter;

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let census = Census::of(input.data.samples());
    let changes = list_changes(&census);
    let mut chapter = Chapter::new("evolution", "How projects changed", "RQ2");
    chapter.text = vec![sentence(&changes)];
    chapter.tables = vec![
        tables::kinds_table(&changes),
        tables::versions_table(&census),
        tables::gains_table(&changes),
        tables::changes_table(&changes),
    ];
    chapter.charts = vec![Chart {
        id: "evolution".to_owned(),
        title: "What changed from version to version".to_owned(),
        alt: chapter.text.first().cloned().unwrap_or_default(),
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

fn sentence(changes: &[Change<'_>]) -> String {
    if changes.is_empty() {
        return "No project has more than one version here, so nothing is known of changes.".to_owned();
    }
    let mut kinds: BTreeMap<Kind, u64> = BTreeMap::new();
    for change in changes {
        *kinds.entry(change.kind).or_default() += 1;
    }
    let count = |kind: Kind| kinds.get(&kind).copied().unwrap_or(0);
    let behavior = changes.iter().filter(|change| change.is_of_behavior()).count();
    format!(
        "From one version to the next, {} changes were looked at: behaviors changed in {behavior}, {} are copies with the \
         same code.",
        changes.len(),
        count(Kind::UnchangedCopy)
    )
}
