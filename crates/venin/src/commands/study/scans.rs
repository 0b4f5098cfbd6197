//! Scans of a study: what was scanned before is remembered, each digest is scanned once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use venin_intel::claim::Digest;
use venin_report::Summary;
use venin_study::artifact::Artifact;
use venin_study::cache::Cache;
use venin_study::sample::{DataSet, Origin, Sample, Unreadable};

use super::gather::{Gathered, Item, digest_file};
use crate::diagnostics::{Talk, hinted};
use crate::progress::Progress;
use crate::targets::Resolved;
use crate::worker::{Outcome, Pool, WorkerOptions};

/// Scans are remembered in groups of so many.
const GROUP: usize = 64;

/// How to scan.
pub(super) struct Scans {
    /// The workers.
    pub(super) options: WorkerOptions,
    /// The file of the cache; without one, scans are forgotten.
    pub(super) cache: Option<PathBuf>,
    /// Where to tell.
    pub(super) talk: Talk,
}

/// Scans what is not known yet, and gives the data set.
///
/// # Errors
/// The cache or the workers cannot be used.
pub(super) fn scan_all(scans: Scans, gathered: Gathered) -> anyhow::Result<DataSet> {
    let Scans { options, cache, talk } = scans;
    let engine = engine_digest(&options)?;
    let opened = cache.map_or_else(|| Cache::in_memory(&engine), |path| Cache::open(&path, &engine));
    let mut cache = opened.map_err(|error| {
        hinted(error.to_string(), "delete the file, or write to another folder with --to")
    })?;
    let Gathered { items, mut unreadable } = gathered;
    let mut origins: BTreeMap<String, Vec<Origin>> = BTreeMap::new();
    let mut artifacts: BTreeMap<String, Artifact> = BTreeMap::new();
    let (mut wanted, mut targets) = (BTreeSet::new(), Vec::new());
    for Item { sha256, target, origins: from } in items {
        origins.entry(sha256.clone()).or_default().extend(from);
        if artifacts.contains_key(&sha256) || wanted.contains(&sha256) {
            continue;
        }
        if let Some(known) = cache.find(&sha256)? {
            artifacts.insert(sha256, known);
        } else {
            wanted.insert(sha256.clone());
            targets.push((sha256, target));
        }
    }
    if !artifacts.is_empty() {
        talk.note(&format!("{} of {} artifacts were scanned before", artifacts.len(), origins.len()));
    }
    scan_new(&options, targets, &mut cache, talk, &mut |sha256, outcome| match outcome {
        Ok(artifact) => drop(artifacts.insert(sha256, artifact)),
        Err(problem) => unreadable.push(problem),
    })?;
    let files = |sha256: &String| origins.get(sha256).map_or(0, Vec::len) as u64;
    let files = artifacts.keys().map(files).sum();
    let samples = origins
        .into_iter()
        .filter_map(|(sha256, origins)| Some(Sample { artifact: artifacts.remove(&sha256)?, origins }));
    Ok(DataSet::of_samples(samples, unreadable, files))
}

/// Scans targets; each gives its artifact under the digest that it was wanted by, or why there is none.
fn scan_new(
    options: &WorkerOptions,
    targets: Vec<(String, crate::targets::Target)>,
    cache: &mut Cache,
    talk: Talk,
    take: &mut dyn FnMut(String, Result<Artifact, Unreadable>),
) -> anyhow::Result<()> {
    if targets.is_empty() {
        return Ok(());
    }
    let progress = if talk.is_quiet() { Progress::none() } else { Progress::on_terminal() };
    let (digests, targets): (Vec<String>, Vec<_>) = targets.into_iter().unzip();
    let pool = Pool::start(options)?;
    let mut group: Vec<Artifact> = Vec::new();
    let mut failure = None;
    let summary = Summary::default();
    pool.run(targets.into_iter().map(Resolved::Target), &mut |order, outcome| {
        let Some(sha256) = usize::try_from(order).ok().and_then(|order| digests.get(order)) else { return };
        let made = match outcome {
            Outcome::Report(report) => {
                progress.advance(&report, &summary);
                let why = || report.coverage.gaps.first().map_or_else(String::new, |gap| gap.detail.clone());
                Artifact::of(&report)
                    .ok_or_else(|| Unreadable { target: report.target.clone(), error: why() })
            }
            Outcome::Problem(problem) => Err(Unreadable { target: problem.target, error: problem.error }),
            Outcome::Note(_) => return,
        };
        if let Ok(artifact) = &made {
            group.push(artifact.clone());
        }
        take(sha256.clone(), made);
        if group.len() >= GROUP {
            failure = failure.take().or(cache.remember(&group).err());
            group.clear();
        }
    });
    progress.finish();
    failure.map_or_else(|| cache.remember(&group), Err)?;
    Ok(())
}

/// A digest of all that a scan depends on besides the bytes: this program, and what it scans with.
fn engine_digest(options: &WorkerOptions) -> anyhow::Result<String> {
    let program = digest_file(&std::env::current_exe()?)?;
    let setup = serde_json::to_string(&options.setup)?;
    Ok(Digest::of(format!("{program} {setup}").as_bytes()).to_string())
}
