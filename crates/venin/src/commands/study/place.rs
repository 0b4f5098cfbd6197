//! `venin study place`: the campaign of an artifact.

use serde::Serialize;
use venin_report::{escape_text, render_shape};
use venin_study::cluster::place::{CampaignFile, Placement};
use venin_study::sample::{Sample, Unreadable};

use super::gather::gather_paths;
use super::scans::{Scans, scan_all};
use super::worker_options;
use super::write::Folder;
use crate::cli::{PlaceArgs, RulesFormat};
use crate::commands::output::Output;
use crate::diagnostics::{Talk, hinted, plain_cause};
use crate::exit::Exit;

/// The schema of the answer.
const PLACE_SCHEMA: &str = "venin.study-place/1";

#[derive(Serialize)]
struct Placed {
    schema: &'static str,
    artifacts: Vec<PlacedArtifact>,
    unreadable: Vec<Unreadable>,
}

#[derive(Serialize)]
struct PlacedArtifact {
    file: String,
    sha256: String,
    verdict: String,
    #[serde(flatten)]
    placement: Placement,
}

/// Places artifacts.
///
/// # Errors
/// There is no study, or nothing to place.
pub(super) fn run(args: &PlaceArgs, talk: Talk) -> anyhow::Result<Exit> {
    let path = Folder::campaigns_of(&args.study);
    let hint = "`venin study --to DIR` makes a study; --study DIR names it";
    let text = std::fs::read_to_string(&path).map_err(|error| {
        hinted(format!("cannot read `{}`: {}", path.display(), plain_cause(&error)), hint)
    })?;
    let campaigns =
        CampaignFile::parse(&text).map_err(|error| hinted(format!("`{}`: {error}", path.display()), hint))?;
    let options = worker_options(&args.scan)?;
    let gathered = gather_paths(&args.paths, talk)?;
    let data = scan_all(Scans { options, cache: None, talk }, gathered)?;
    let artifacts = data.samples().iter().map(|sample| placed(sample, &campaigns)).collect();
    let answer = Placed { schema: PLACE_SCHEMA, artifacts, unreadable: data.unreadable().to_vec() };
    for problem in &answer.unreadable {
        talk.error(&format!("{}: {}", problem.target, problem.error), None);
    }
    let mut output = Output::stdout();
    match args.format {
        RulesFormat::Json => output.write(&render_shape(&answer))?,
        RulesFormat::Text => output.write(&render_text(&answer))?,
    }
    output.finish()?;
    Ok(if answer.unreadable.is_empty() { Exit::Nothing } else { Exit::Failed })
}

fn placed(sample: &Sample, campaigns: &CampaignFile) -> PlacedArtifact {
    let artifact = &sample.artifact;
    PlacedArtifact {
        file: artifact.file.clone(),
        sha256: artifact.sha256.clone(),
        verdict: artifact.verdict.to_string(),
        placement: campaigns.place(artifact),
    }
}

fn render_text(answer: &Placed) -> String {
    let mut text = String::new();
    for artifact in &answer.artifacts {
        let campaign = artifact.placement.campaign.as_deref().unwrap_or("no campaign");
        text.push_str(&format!("{}  {}\n", escape_text(&artifact.file), escape_text(campaign)));
        text.push_str(&format!("  {}\n", escape_text(&artifact.placement.reason)));
    }
    text
}
