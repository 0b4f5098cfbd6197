//! Downloads (RQ4, paper section 1.7): by distribution type, operating system, installer and country, with and without
//! the package that has most of them.

mod gather;
mod tables;

use super::StudyInput;
use super::released::Released;
use crate::chart::{Chart, ChartKind};
use crate::history::Dimension;
use crate::report::Chapter;
use crate::table::{Cell, Table};

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let mut chapter = Chapter::new("downloads", "Downloads", "RQ4");
    let released = Released::of(input.data.samples());
    let packages = gather::gather(input.history);
    let totals = tables::totals_table(input.history, &packages, &released);
    let phases = tables::phases_table(&packages, &released);
    chapter.text = vec![totals_sentence(&totals, &packages), phases_sentence(&phases)];
    chapter.tables = vec![totals, tables::largest_table(&packages, &released), phases];
    for (dimension, id, title) in [
        (Dimension::FileType, "downloads-types", "Downloads by distribution type"),
        (Dimension::System, "downloads-systems", "Downloads by operating system"),
        (Dimension::Installer, "downloads-installers", "Downloads by installer"),
        (Dimension::Country, "downloads-countries", "Downloads by country"),
    ] {
        let table = tables::words_table(input.history, &packages, (dimension, id, title), &released);
        chapter.charts.push(words_chart(&table));
        chapter.tables.push(table);
    }
    chapter
}

fn words_chart(table: &Table) -> Chart {
    let first = table.rows.first().and_then(|row| match (row.cells.first(), row.cells.get(2)) {
        (Some(Cell::Text(word)), Some(Cell::Real(share))) => Some((word.clone(), share * 100.0)),
        _ => None,
    });
    let most = first.map_or_else(
        || "Nothing is known.".to_owned(),
        |(word, share)| format!("{word} has most: {share:.1} % of the downloads of which it is told."),
    );
    Chart {
        id: table.id.clone(),
        title: table.title.clone(),
        alt: format!("Two bars for each value: with all packages, and without the one that has most. {most}"),
        table: table.id.clone(),
        kind: ChartKind::Bars {
            label: "value".into(),
            values: vec!["share".into(), "share_without".into(), "median_share".into()],
            low: None,
            high: None,
        },
    }
}

fn number(table: &Table, row: &str, column: &str) -> f64 {
    table.cell(row, column).and_then(Cell::number).unwrap_or(0.0)
}

fn totals_sentence(totals: &Table, packages: &[gather::Package<'_>]) -> String {
    let all = number(totals, tables::ALL, "downloads");
    let Some(largest) = gather::largest(packages).filter(|_| all > 0.0) else {
        return "No download statistics of accused packages were imported.".to_owned();
    };
    format!(
        "{:.0} packages have {all:.0} downloads, {:.1} at the median; {} alone has {:.1} % of them. Clients that mirror \
         came for another {:.0}.",
        number(totals, tables::ALL, "packages"),
        number(totals, tables::ALL, "median"),
        largest.name,
        largest.total.count as f64 / all * 100.0,
        number(totals, tables::ALL, "mirrors")
    )
}

fn phases_sentence(phases: &Table) -> String {
    let share = |row: &str| {
        let share = phases.cell(row, "over_100_share").and_then(Cell::number);
        share.map_or("an unknown share".to_owned(), |share| format!("{:.1} %", share * 100.0))
    };
    format!(
        "More than 100 downloads surely before the discovery: {} of the packages; surely after it: {}.",
        share(tables::BEFORE),
        share(tables::AFTER)
    )
}

#[cfg(test)]
mod tests;
