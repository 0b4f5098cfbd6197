//! All files of a study, with their names below its folder.

use std::collections::BTreeSet;

use super::html::{render_study_html, safe_id};
use super::json::render_study_json;
use super::parquet::{render_artifacts_parquet, render_behind_parquet, render_table_parquet};
use super::tables::{render_artifacts_csv, render_behind_csv, render_table_csv};
use crate::report::StudyReport;

/// Every file: the page, JSON, and each table, the artifacts and what is behind rows as CSV and Parquet.
///
/// Paths are relative, with `/` between folder and file; no id of a table leads out of the folder.
#[must_use]
pub fn render_files(study: &StudyReport) -> Vec<(String, Vec<u8>)> {
    render_each_file(study).collect()
}

/// The same files one after the other, so that only one of a large study is in memory.
pub fn render_each_file(study: &StudyReport) -> impl Iterator<Item = (String, Vec<u8>)> {
    type Render = fn(&StudyReport) -> Vec<u8>;
    let whole: [(&str, Render); 6] = [
        ("study.html", |study| render_study_html(study).into_bytes()),
        ("study.json", |study| render_study_json(study).into_bytes()),
        ("artifacts.csv", render_artifacts_csv),
        ("behind.csv", render_behind_csv),
        // Writing to memory cannot fail; were it to, an empty file is no Parquet and every reader says so.
        ("artifacts.parquet", |study| render_artifacts_parquet(study).unwrap_or_default()),
        ("behind.parquet", |study| render_behind_parquet(study).unwrap_or_default()),
    ];
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let tables = study.tables().map(|(_, table)| (safe_id(&table.id), table));
    let tables = tables.filter(move |(id, _)| seen.insert(id.clone())).flat_map(|(id, table)| {
        let parquet = render_table_parquet(table, &study.version).unwrap_or_default();
        [(format!("tables/{id}.csv"), render_table_csv(table)), (format!("tables/{id}.parquet"), parquet)]
    });
    whole.into_iter().map(|(name, render)| (name.to_owned(), render(study))).chain(tables)
}
