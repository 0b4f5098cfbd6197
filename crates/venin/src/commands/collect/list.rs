//! `venin collect --list`: what can be collected from.

use std::path::Path;

use serde::Serialize;
use venin_intel::source::{connectors, find_sample_source};
use venin_report::render_shape;

use super::Output;
use crate::cli::RulesFormat;
use crate::exit::Exit;

/// The schema of the list as JSON.
const SCHEMA: &str = "venin.sources/1";

#[derive(Serialize)]
struct SourceList {
    schema: &'static str,
    sources: Vec<SourceEntry>,
}

#[derive(Serialize)]
struct SourceEntry {
    id: &'static str,
    title: &'static str,
    input: &'static str,
    samples: bool,
}

/// Lists the sources.
///
/// # Errors
/// The output cannot be written.
pub(super) fn run(format: RulesFormat) -> anyhow::Result<Exit> {
    let entry = |description: venin_intel::source::Description| SourceEntry {
        id: description.id,
        title: description.title,
        input: description.input,
        samples: find_sample_source(description.id).is_some(),
    };
    let sources = connectors(Path::new("")).iter().map(|connector| entry(connector.describe())).collect();
    let list = SourceList { schema: SCHEMA, sources };
    let mut output = Output::stdout();
    match format {
        RulesFormat::Json => output.write(&render_shape(&list))?,
        RulesFormat::Text => {
            for source in &list.sources {
                let samples = if source.samples { "; it has samples" } else { "" };
                let text = format!(
                    "{:<16} {}\n{:16} reads {}{samples}\n",
                    source.id, source.title, "", source.input
                );
                output.write(&text)?;
            }
        }
    }
    output.finish()?;
    Ok(Exit::Nothing)
}
