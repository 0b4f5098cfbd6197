//! `venin study tools`: other scanners over a labelled list, beside ours.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use venin_study::artifact::Artifact;
use venin_study::report::{STUDY_SCHEMA, Scope, StudyReport};
use venin_study::sample::Unreadable;
use venin_study::tools::{Labelled, Outcome, Run, Tool, Trial, make_tools_chapter, parse_list, parse_tools};

use super::command::run_tool;
use super::gather::{Gathered, item_of};
use super::scans::{Scans, scan_all};
use super::write::Folder;
use super::{tell, worker_options};
use crate::cli::ToolsArgs;
use crate::diagnostics::{Talk, hinted, plain_cause};
use crate::exit::Exit;
use crate::progress::Progress;

/// What our own scanner is called in the tables.
const OURSELVES: &str = "venin";

/// Runs the tools and writes their tables.
///
/// # Errors
/// The list or the tools cannot be read, or nothing can be written.
pub(super) fn run(args: &ToolsArgs, talk: Talk) -> anyhow::Result<Exit> {
    let options = worker_options(&args.scan)?;
    let tools = args.with.as_deref().map_or_else(|| Ok(Vec::new()), read_tools)?;
    let items = read_list(&args.list, talk)?;
    let folder = Folder::open(&args.to)?;
    let root = args.list.parent().unwrap_or(Path::new("")).to_owned();
    let (gathered, digests) = gather_items(&items, &root);
    let data = scan_all(Scans { options, cache: Some(folder.cache()), talk }, gathered)?;
    let scans: BTreeMap<&str, &Artifact> =
        data.samples().iter().map(|sample| (sample.artifact.sha256.as_str(), &sample.artifact)).collect();
    let progress = if talk.is_quiet() { Progress::none() } else { Progress::of_collection() };
    let mut trials = Vec::with_capacity(items.len());
    for (number, (item, digest)) in (1..).zip(items.into_iter().zip(&digests)) {
        progress.tell(|| format!("{number} of {}: {}", digests.len(), item.path));
        let scan = digest.as_deref().and_then(|digest| scans.get(digest).copied());
        trials.push(try_tools(item, scan, &tools, &root));
    }
    progress.finish();
    let study = report_of(&trials, data.unreadable().to_vec());
    let first = folder.write(&study)?;
    tell(&study, &first, args.format)?;
    Ok(Exit::Nothing)
}

fn read_text(path: &Path, hint: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| hinted(format!("cannot read `{}`: {}", path.display(), plain_cause(&error)), hint))
}

fn read_tools(path: &Path) -> anyhow::Result<Vec<Tool>> {
    let hint = "docs/study.md shows how tools are described";
    parse_tools(&read_text(path, hint)?)
        .map_err(|error| hinted(format!("`{}`: {error}", path.display()), hint))
}

/// The items of a list; wrong lines are told and left out.
fn read_list(path: &Path, talk: Talk) -> anyhow::Result<Vec<Labelled>> {
    let hint = "a line is a JSON object with `path` and `label`: malicious or benign";
    let (items, wrong) = parse_list(&read_text(path, hint)?);
    for line in &wrong {
        talk.error(&format!("{}: {line}", path.display()), Some(hint));
    }
    if items.is_empty() {
        return Err(hinted(format!("`{}` lists nothing", path.display()), hint));
    }
    Ok(items)
}

/// What our own scanner reads, and the digest of each item that can be read.
fn gather_items(items: &[Labelled], root: &Path) -> (Gathered, Vec<Option<String>>) {
    let mut gathered = Gathered::default();
    let mut digests = Vec::with_capacity(items.len());
    for item in items {
        match item_of(root.join(&item.path)) {
            Ok(found) => {
                digests.push(Some(found.sha256.clone()));
                gathered.items.push(found);
            }
            Err(error) => {
                digests.push(None);
                gathered
                    .unreadable
                    .push(Unreadable { target: item.path.clone(), error: plain_cause(&error) });
            }
        }
    }
    (gathered, digests)
}

fn try_tools(item: Labelled, scan: Option<&Artifact>, tools: &[Tool], root: &Path) -> Trial {
    let path: PathBuf = root.join(&item.path);
    let mut trial = Trial::of(item, scan);
    let ours = scan.map_or_else(
        || Outcome::Failed { reason: "the file could not be scanned".to_owned() },
        |scan| Outcome::of_verdict(scan.verdict),
    );
    trial.runs.push(Run { tool: OURSELVES.to_owned(), outcome: ours, millis: None });
    if scan.is_some() {
        trial.runs.extend(tools.iter().map(|tool| run_tool(tool, &path.to_string_lossy())));
    }
    trial
}

fn report_of(trials: &[Trial], unreadable: Vec<Unreadable>) -> StudyReport {
    StudyReport {
        schema: STUDY_SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scope: Scope {
            files: trials.len() as u64,
            artifacts: trials.len() as u64,
            unreadable: unreadable.len() as u64,
            ..Scope::default()
        },
        portrait: Vec::new(),
        chapters: vec![make_tools_chapter(trials)],
        mitigations: Vec::new(),
        artifacts: Vec::new(),
        unreadable,
        notes: Vec::new(),
    }
}
