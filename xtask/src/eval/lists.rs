//! The lists that say what each archive is.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// One malicious archive.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Malicious {
    pub(crate) package: String,
    pub(crate) version: String,
    pub(crate) file: String,
    pub(crate) sha256: String,
    pub(crate) class: String,
    pub(crate) campaign: String,
    pub(crate) late: bool,
}

/// One benign archive.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Benign {
    pub(crate) package: String,
    pub(crate) file: String,
    pub(crate) sha256: String,
}

/// An archive whose label a reviewer doubts, and why.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Doubtful {
    pub(crate) sha256: String,
    /// `carrier`: the harm would come from something that is not in it; `harmless`: none is seen; `unclear`.
    pub(crate) judgement: String,
    /// What is in it, in a sentence.
    pub(crate) reason: String,
}

/// All lists.
#[derive(Debug)]
pub(crate) struct Lists {
    pub(crate) malicious: Vec<Malicious>,
    pub(crate) benign: Vec<Benign>,
    /// Package to the behavior tags that public sources give it.
    pub(crate) labels: HashMap<String, Vec<String>>,
}

/// Reads `malicious.jsonl`, `benign.jsonl` and `labels.jsonl`.
pub(crate) fn read_lists(folder: &Path) -> Result<Lists> {
    let labels = read_rows::<serde_json::Value>(&folder.join("labels.jsonl"))?;
    Ok(Lists {
        malicious: read_rows(&folder.join("malicious.jsonl"))?,
        benign: read_rows(&folder.join("benign.jsonl"))?,
        labels: labels.iter().filter_map(tags_of).collect(),
    })
}

/// Reads a reviewer's list of doubtful archives.
///
/// # Errors
/// When the file cannot be read, a line is no such object, or says no reason.
pub(crate) fn read_doubtful(path: &Path) -> Result<Vec<Doubtful>> {
    let rows: Vec<Doubtful> = read_rows(path)?;
    if let Some(row) = rows.iter().find(|row| row.reason.trim().is_empty()) {
        bail!(
            "`{}` gives no reason for `{}`; a label is not doubted without one",
            path.display(),
            row.sha256
        );
    }
    Ok(rows)
}

fn read_rows<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Vec<T>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    text.lines()
        .filter(|l| !l.trim().is_empty())
        .enumerate()
        .map(|(n, line)| {
            serde_json::from_str(line).with_context(|| format!("`{}` line {}", path.display(), n + 1))
        })
        .collect()
}

fn tags_of(row: &serde_json::Value) -> Option<(String, Vec<String>)> {
    let package = row["package"].as_str()?.to_owned();
    let tags = row["kam193"]["behaviour"].as_array()?.iter().filter_map(|t| t.as_str().map(str::to_owned));
    Some((package, tags.collect()))
}
