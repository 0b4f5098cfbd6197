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
    let own = ToOwned::to_owned;
    let mut files = vec![
        (own("study.html"), render_study_html(study).into_bytes()),
        (own("study.json"), render_study_json(study).into_bytes()),
        (own("artifacts.csv"), render_artifacts_csv(study)),
        (own("behind.csv"), render_behind_csv(study)),
        // Writing to memory cannot fail; were it to, an empty file is no Parquet and every reader says so.
        (own("artifacts.parquet"), render_artifacts_parquet(study).unwrap_or_default()),
        (own("behind.parquet"), render_behind_parquet(study).unwrap_or_default()),
    ];
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (_, table) in study.tables() {
        let id = safe_id(&table.id);
        if !seen.insert(id.clone()) {
            continue;
        }
        files.push((format!("tables/{id}.csv"), render_table_csv(table)));
        let parquet = render_table_parquet(table, &study.version).unwrap_or_default();
        files.push((format!("tables/{id}.parquet"), parquet));
    }
    files
}
