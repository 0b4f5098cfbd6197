//! `venin mirror list`: the public mirrors as data, and the user's own.

use serde::Serialize;
use venin_intel::index::mask_credentials;
use venin_mirror::list::{PublicMirror, public_mirrors};
use venin_report::{escape_text, render_shape};

use crate::cli::{ConfigArgs, RulesFormat};
use crate::commands::output::Output;
use crate::config::read_config;
use crate::diagnostics::Talk;
use crate::exit::Exit;

/// The schema of [`MirrorList`].
const LIST_SCHEMA: &str = "venin.mirror-list/1";

#[derive(Serialize)]
struct MirrorList {
    schema: &'static str,
    mirrors: Vec<ListedMirror>,
    configured: Vec<OwnMirror>,
}

#[derive(Serialize)]
struct ListedMirror {
    #[serde(flatten)]
    mirror: PublicMirror,
    /// The study's residual rate, 0 to 1.
    residual_rate: Option<f64>,
}

/// A mirror of the user's configuration; the address without its password.
#[derive(Serialize)]
struct OwnMirror {
    id: String,
    url: String,
}

/// Lists mirrors.
///
/// # Errors
/// The configuration cannot be read.
pub(super) fn run(config: &ConfigArgs, format: RulesFormat, talk: Talk) -> anyhow::Result<Exit> {
    let found = read_config(config, &[])?;
    if let Some(note) = &found.note {
        talk.note(note);
    }
    let listed = |mirror: PublicMirror| {
        let residual_rate = mirror.study.as_ref().map(|row| (row.rate() * 1e4).round() / 1e4);
        ListedMirror { mirror, residual_rate }
    };
    let own = |(id, url): (String, String)| OwnMirror { id, url: mask_credentials(&url) };
    let list = MirrorList {
        schema: LIST_SCHEMA,
        mirrors: public_mirrors()?.into_iter().map(listed).collect(),
        configured: found.config.mirrors.into_iter().map(own).collect(),
    };
    let mut output = Output::stdout();
    output.write(&match format {
        RulesFormat::Json => render_shape(&list),
        RulesFormat::Text => render_list(&list),
    })?;
    output.finish()?;
    Ok(Exit::Nothing)
}

fn render_list(list: &MirrorList) -> String {
    let mut text = "Public mirrors; the rate is what the study of 2023 still found on them\n".to_owned();
    for ListedMirror { mirror, residual_rate } in &list.mirrors {
        let rate = residual_rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.2} %", rate * 100.0));
        text.push_str(&format!("{:<12} {}  {rate:>8}  {}\n", mirror.id, mirror.country, mirror.operator));
        if let Some(seen) = mirror.seen.last() {
            text.push_str(&format!("{:26} last seen {}: {}, {}\n", "", seen.when, seen.how, seen.by));
        }
    }
    text.push_str("\nYour own, from the configuration\n");
    for own in &list.configured {
        text.push_str(&format!("{:<12} {}\n", escape_text(&own.id), escape_text(&own.url)));
    }
    if list.configured.is_empty() {
        text.push_str("none; a table [mirrors] in venin.toml names them\n");
    }
    text
}
