//! Downloads (RQ4, paper section 1.7): by distribution type, operating system, installer and country, with and without
//! the package that has most of them.

mod gather;
mod tables;

use super::StudyInput;
use super::released::Released;
use crate::chart::{Chart, ChartKind};
use crate::history::Dimension;
use crate::lookup::{Look, Tables};
use crate::report::Chapter;
use crate::sentence::Sentence;

/// Dimensions: what they are, the table's id, its title, and their name in a sentence.
const DIMENSIONS: &[(Dimension, &str, &str, &str)] = &[
    (Dimension::FileType, "downloads-types", "Downloads by distribution type", "distribution type"),
    (Dimension::System, "downloads-systems", "Downloads by operating system", "operating system"),
    (Dimension::Installer, "downloads-installers", "Downloads by installer", "installer"),
    (Dimension::Country, "downloads-countries", "Downloads by country", "country"),
];

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let mut chapter = Chapter::new("downloads", "Downloads", "RQ4");
    let released = Released::of(input.data.samples());
    let packages = gather::gather(input.history);
    chapter.tables = vec![
        tables::totals_table(input.history, &packages, &released),
        tables::largest_table(&packages, &released),
        tables::phases_table(&packages, &released),
    ];
    for (dimension, id, title, _) in DIMENSIONS {
        let table = tables::words_table(input.history, &packages, (*dimension, id, title), &released);
        chapter.tables.push(table);
    }
    let tables = Tables::of(&chapter.tables);
    chapter.text = vec![totals_sentence(&tables), phases_sentence(&tables)];
    for (_, id, title, by) in DIMENSIONS {
        let most = most_sentence(&tables, id, by);
        chapter.charts.push(words_chart(id, title, most.as_ref()));
        chapter.text.extend(most);
    }
    chapter
}

fn words_chart(id: &str, title: &str, most: Option<&Sentence>) -> Chart {
    let most = most.map_or_else(|| "Nothing is known.".to_owned(), ToString::to_string);
    Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        alt: format!("Two bars for each value: with all packages, and without the one that has most. {most}"),
        table: id.to_owned(),
        kind: ChartKind::Bars {
            label: "value".into(),
            values: vec!["share".into(), "share_without".into(), "median_share".into()],
            low: None,
            high: None,
        },
    }
}

fn totals_sentence(tables: &Tables<'_>) -> Sentence {
    let of = |column| Look::At("downloads", tables::ALL, column);
    if !tables.has(of("downloads")) {
        return Sentence::of_words("No download statistics of accused packages were imported.");
    }
    let largest = |column| Look::Nth("downloads-largest", 0, column);
    tables.tell(
        "{} packages have {} downloads, {} at the median; {} alone has {} of them. Clients that mirror came for another {}.",
        &[
            of("packages"),
            of("downloads"),
            of("median"),
            largest("package"),
            largest("share"),
            of("mirrors"),
        ],
    )
}

fn phases_sentence(tables: &Tables<'_>) -> Sentence {
    let share = |row| Look::At("downloads-phases", row, "over_100_share");
    tables.tell(
        "More than a hundred downloads surely before the discovery: {} of the packages; surely after it: {}.",
        &[share(tables::BEFORE), share(tables::AFTER)],
    )
}

/// Which value of a dimension has most downloads.
fn most_sentence(tables: &Tables<'_>, id: &str, by: &str) -> Option<Sentence> {
    let most = tables.find_most(id, "downloads")?;
    let places = ["value", "share"].map(|column| Look::Nth(id, most, column));
    Some(tables.tell(&format!("By {by}, {{}} has most: {{}} of the downloads of which it is told."), &places))
}

#[cfg(test)]
mod tests;
