//! `venin diff`: what a new version does that the old one did not, with a verdict on that alone.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use venin_model::{Persona, Verdict};
use venin_report::{
    ArtifactReport, DIFF_SCHEMA, Detail, DiffReport, DiffRun, Problem, Summary, TextOptions, Tool,
    compare_artifacts, render_diff_text, render_shape,
};

use super::output::Output;
use super::rule_files::{compile_rules, count_rules, read_rule_dirs};
use super::scan::choose_index;
use crate::cli::{DiffArgs, RulesFormat};
use crate::clock::{render_date, seconds_now};
use crate::config::{FileConfig, Judge, read_config};
use crate::diagnostics::{Talk, hinted};
use crate::exit::Exit;
use crate::targets::{FileChoice, TargetArgs, resolve_targets};
use crate::worker::{Confinement, Outcome, Pool, ScanSetup, WorkerOptions};

/// Compares two artifacts, or two releases of a project.
///
/// # Errors
/// A side names nothing or too much, rules that are wrong, an output that cannot be written, no worker.
pub(crate) fn run(args: &DiffArgs, text: TextOptions, talk: Talk) -> anyhow::Result<Exit> {
    let (old, new) = name_sides(&args.old, &args.new)?;
    let found = read_config(&args.config, &[old.clone(), new.clone()])?;
    if let Some(note) = &found.note {
        talk.note(note);
    }
    let (persona, fail_on) = (args.judge.persona(&found.config), args.judge.fail_on(&found.config));
    let mut setup = ScanSetup::new(persona).with_contents().with_internal_names(&found.config.internal_names);
    setup.pages = read_rule_dirs(args.rules.dirs.iter().map(AsRef::<Path>::as_ref))?;
    if !setup.pages.is_empty() {
        compile_rules(&setup.pages)?;
    }
    let n_rules = count_rules(&setup.pages);
    let mut output = args.output.as_deref().map_or_else(|| Ok(Output::stdout()), Output::file)?;
    let sides = scan_sides(args, &found.config, setup, [old, new], talk)?;
    let diffs = compare_sides(sides.reports, &sides.problems, &found.config, persona)?;
    let summary = summarize(&diffs, &sides.problems);
    let detail = if args.verbose { Detail::Full } else { Detail::Normal };
    let options = TextOptions { detail, explain: args.explain, ..text };
    let written = match args.format {
        RulesFormat::Text => diffs.iter().map(|diff| render_diff_text(diff, &options)).collect(),
        RulesFormat::Json => {
            let tool = Tool {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                rules: n_rules,
            };
            let schema = DIFF_SCHEMA.to_owned();
            render_shape(&DiffRun { schema, tool, persona, diffs, problems: sides.problems })
        }
    };
    output.write(&written)?;
    output.finish()?;
    Ok(Exit::of_scan(&summary, fail_on))
}

/// `NAME OLD..NEW` as two requirements; anything else as it is.
fn name_sides(old: &OsStr, new: &OsStr) -> anyhow::Result<(OsString, OsString)> {
    let is_path = |text: &OsStr| Path::new(text).symlink_metadata().is_ok();
    let range =
        new.to_str().filter(|text| !text.contains(['/', '\\'])).and_then(|text| text.split_once(".."));
    let (Some(name), Some((from, to)), false, false) = (old.to_str(), range, is_path(old), is_path(new))
    else {
        return Ok((old.to_owned(), new.to_owned()));
    };
    let is_version = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || c == 'v');
    if !is_version(from) || !is_version(to) {
        let hint = "two releases of a project are compared with `venin diff NAME OLD..NEW`, such as `six 1.16.0..1.17.0`";
        return Err(hinted(format!("`{}` is neither a path nor a range of versions", new.display()), hint));
    }
    Ok((format!("{name}=={from}").into(), format!("{name}=={to}").into()))
}

/// The reports of both sides, the old one first, and what went wrong.
struct Sides {
    reports: [Vec<ArtifactReport>; 2],
    problems: Vec<Problem>,
}

fn scan_sides(
    args: &DiffArgs,
    config: &FileConfig,
    setup: ScanSetup,
    targets: [OsString; 2],
    talk: Talk,
) -> anyhow::Result<Sides> {
    let mut options = WorkerOptions::new(setup);
    options.confinement = if args.no_isolation { Confinement::None } else { Confinement::Process };
    let pool = Pool::start(&options)?;
    let resolve = |target: OsString| {
        resolve_targets(TargetArgs {
            targets: vec![target],
            requirement_files: Vec::new(),
            choice: FileChoice::Usual,
            index: choose_index(args.index_url.as_deref(), config),
            internal_names: config.internal_names.clone(),
            is_configured_here: false,
        })
    };
    let [old, new] = targets;
    // The old side is resolved to its end before the new one begins, so its items are the first ones.
    let n_old = AtomicU64::new(0);
    let counted = resolve(old).inspect(|_| {
        n_old.fetch_add(1, Ordering::Relaxed);
    });
    let mut reports: Vec<(u64, ArtifactReport)> = Vec::new();
    let mut problems = Vec::new();
    pool.run(counted.chain(resolve(new)), &mut |order, outcome| match outcome {
        Outcome::Report(report) => reports.push((order, *report)),
        Outcome::Problem(problem) => {
            talk.error(&format!("{}: {}", problem.target, problem.error), problem.hint.as_deref());
            problems.push(problem);
        }
        Outcome::Note(note) => talk.note(&format!("{}: {}", note.target, note.text)),
    });
    reports.sort_by_key(|(order, _)| *order);
    let n_old = n_old.load(Ordering::Relaxed);
    let (old, new): (Vec<_>, Vec<_>) = reports.into_iter().partition(|(order, _)| *order < n_old);
    let strip = |side: Vec<(u64, ArtifactReport)>| side.into_iter().map(|(_, report)| report).collect();
    Ok(Sides { reports: [strip(old), strip(new)], problems })
}

/// Compares each new artifact with the old one of its kind, or with the only old one.
fn compare_sides(
    [mut old, mut new]: [Vec<ArtifactReport>; 2],
    problems: &[Problem],
    config: &FileConfig,
    persona: Persona,
) -> anyhow::Result<Vec<DiffReport>> {
    for side in [&old, &new] {
        let mut kinds: Vec<_> = side.iter().map(|report| report.kind).collect();
        kinds.sort_unstable();
        if kinds.windows(2).any(|pair| pair.first() == pair.last()) {
            let hint = "name one artifact, one folder of a project, or one release on each side";
            return Err(hinted(
                format!("one side holds {} artifacts, and one is compared", side.len()),
                hint,
            ));
        }
    }
    if old.is_empty() || new.is_empty() {
        let error = || hinted("there is nothing to compare", "name two artifacts, or `NAME OLD..NEW`");
        return if problems.is_empty() { Err(error()) } else { Ok(Vec::new()) };
    }
    let mut judge = Judge::new(config.clone(), render_date(seconds_now()));
    old.iter_mut().chain(&mut new).for_each(|report| judge.apply(report, persona));
    let diff_of = |new: &ArtifactReport| {
        let same_kind = old.iter().find(|old| old.kind == new.kind).or_else(|| old.first());
        same_kind.map(|old| compare_artifacts(old, new, persona))
    };
    Ok(new.iter().filter_map(diff_of).collect())
}

/// The differences counted as a scan counts artifacts, so that the exit codes are the same.
fn summarize(diffs: &[DiffReport], problems: &[Problem]) -> Summary {
    let count = |verdict: Verdict| diffs.iter().filter(|diff| diff.verdict == verdict).count() as u64;
    Summary {
        artifacts: diffs.len() as u64,
        malicious: count(Verdict::Malicious),
        suspicious: count(Verdict::Suspicious),
        incomplete: count(Verdict::Incomplete),
        clean: count(Verdict::Clean),
        not_wholly_scanned: diffs.iter().filter(|diff| !diff.complete).count() as u64,
        problems: problems.len() as u64,
        suppressed: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(old: &str, new: &str) -> anyhow::Result<(OsString, OsString)> {
        name_sides(OsStr::new(old), OsStr::new(new))
    }

    #[test]
    fn a_range_of_versions_is_two_requirements() {
        assert_eq!(sides("six", "1.16.0..1.17.0").unwrap(), ("six==1.16.0".into(), "six==1.17.0".into()));
        assert_eq!(sides("a-1.whl", "b-2.whl").unwrap(), ("a-1.whl".into(), "b-2.whl".into()));
        assert!(sides("six", "1.16.0..").is_err());
    }

    #[test]
    fn a_path_upwards_is_no_range() {
        assert_eq!(sides("name", "../other").unwrap(), ("name".into(), "../other".into()));
    }
}
