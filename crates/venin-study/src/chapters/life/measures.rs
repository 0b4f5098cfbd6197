//! The three measures of every release, project and kept file, in days with bounds.

use std::collections::{BTreeSet, HashMap};

use venin_intel::claim::{Interval, Moment};
use venin_intel::lifecycle::{Dates, Span};
use venin_mirror::survival::What;

use super::super::bounds::{Length, Lengths};
use super::super::released::{Released, sorted};
use crate::history::{History, NameId, Project};

/// A download within so many microseconds of the last that statistics know of tells no end: they were still coming.
const STILL_MICROS: i64 = 86_400_000_000;

/// One measure of many things.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    /// Measure and unit: the row's name.
    pub(super) id: &'static str,
    /// Things there are.
    pub(super) all: u64,
    /// The lengths of those that can be measured.
    pub(super) lengths: Lengths,
    /// Things without a date at which it begins.
    pub(super) no_begin: u64,
    /// Things that begin, without a date at which it ends.
    pub(super) no_end: u64,
    /// Things of which the end is surely before the beginning, which cannot be.
    pub(super) conflicts: u64,
    /// The artifacts behind it.
    pub(super) behind: Vec<u32>,
}

/// The last day of each export of statistics, up to which downloads are known.
#[derive(Debug)]
pub(super) struct Horizon(HashMap<NameId, Moment>);

/// A release or a project.
pub(super) struct Thing<'a> {
    pub(super) dates: &'a Dates,
    pub(super) last_export: Option<NameId>,
    pub(super) behind: Vec<u32>,
}

/// The accused releases.
pub(super) fn releases<'a>(
    history: &'a History,
    released: &'a Released<'_>,
) -> impl Iterator<Item = Thing<'a>> {
    history.releases().map(|(project, release)| Thing {
        dates: &release.dates,
        last_export: release.last_export,
        behind: released.of_release(&project.name, &release.version),
    })
}

/// The accused projects.
pub(super) fn projects<'a>(
    history: &'a History,
    released: &'a Released<'_>,
) -> impl Iterator<Item = Thing<'a>> {
    history.projects().iter().map(|project| Thing {
        dates: &project.dates,
        last_export: project.last_export,
        behind: released.of_project(&project.name).collect(),
    })
}

impl Horizon {
    pub(super) fn of(history: &History) -> Self {
        let mut lasts: HashMap<NameId, Moment> = HashMap::new();
        let of_releases = history.releases().map(|(_, release)| (release.last_export, release.dates));
        let of_projects = history.projects().iter().map(|project| (project.last_export, project.dates));
        for (export, dates) in of_releases.chain(of_projects) {
            if let (Some(export), Some(last)) = (export, dates.last_download.and_then(|last| last.not_after))
            {
                let newest = lasts.entry(export).or_insert(last);
                *newest = last.max(*newest);
            }
        }
        Self(lasts)
    }

    /// The last download; without an end where downloads may have gone on.
    pub(super) fn last_download(&self, thing: &Thing<'_>) -> Option<Interval> {
        let last = thing.dates.last_download?;
        let horizon = thing.last_export.and_then(|export| self.0.get(&export));
        let is_still = horizon
            .zip(last.not_after)
            .is_some_and(|(horizon, last)| horizon.micros().saturating_sub(last.micros()) <= STILL_MICROS);
        Some(if is_still { Interval { not_after: None, ..last } } else { last })
    }

    pub(super) fn residual_period(&self, thing: &Thing<'_>) -> Option<Span> {
        Some(Span::between(thing.dates.discovered_once_released()?, self.last_download(thing)?))
    }
}

/// The release time of the paper: the earlier of upload and first recorded download, whatever bounds these have.
pub(super) fn paper_incubation(dates: &Dates) -> Option<Span> {
    let end = |date: &Interval| date.not_after.or(date.not_before);
    let from = dates.uploaded.into_iter().chain(dates.first_download).min_by_key(end)?;
    Some(Span::between(from, dates.discovered()?))
}

/// What is measured of dates.
struct Of {
    id: &'static str,
    begin: fn(&Dates) -> bool,
    span: fn(&Thing<'_>, &Horizon) -> Option<Span>,
    /// What a negative span means.
    negative: Negative,
}

/// What it means that the end is surely before the beginning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Negative {
    /// The dates contradict each other.
    Conflict,
    /// It did not last at all.
    Nothing,
}

const INCUBATION: Of = Of {
    id: "incubation of releases",
    begin: |dates| dates.released().is_some(),
    span: |thing, _| thing.dates.incubation(),
    negative: Negative::Conflict,
};

const PAPER_INCUBATION: Of = Of {
    id: "incubation of releases, as the paper has it",
    begin: |dates| dates.uploaded.or(dates.first_download).is_some(),
    span: |thing, _| paper_incubation(thing.dates),
    negative: Negative::Conflict,
};

const RESIDUAL: Of = Of {
    id: "residual period of releases",
    begin: |dates| dates.discovered().is_some(),
    span: |thing, horizon| horizon.residual_period(thing),
    negative: Negative::Nothing,
};

const PAPER_RESIDUAL: Of = Of {
    id: "residual period of releases, as the paper has it",
    begin: |dates| dates.discovered().is_some(),
    span: |thing, _| thing.dates.residual_period(),
    negative: Negative::Nothing,
};

/// All measures of a history.
pub(super) fn measure(history: &History, released: &Released<'_>) -> Vec<Measured> {
    let horizon = Horizon::of(history);
    let of_releases = |of: &Of| measure_dates(of, of.id, &horizon, releases(history, released));
    let of_projects = |of: &Of, id| measure_dates(of, id, &horizon, projects(history, released));
    vec![
        of_releases(&INCUBATION),
        of_projects(&INCUBATION, "incubation of projects"),
        of_releases(&PAPER_INCUBATION),
        of_releases(&RESIDUAL),
        of_projects(&RESIDUAL, "residual period of projects"),
        of_releases(&PAPER_RESIDUAL),
        measure_kept(history, released, What::File, "persistence of files"),
        measure_kept(history, released, What::Index, "persistence of entries"),
    ]
}

fn measure_dates<'a>(
    of: &Of,
    id: &'static str,
    horizon: &Horizon,
    things: impl Iterator<Item = Thing<'a>>,
) -> Measured {
    let mut measured = Measured { id, ..Measured::default() };
    let mut lengths = Vec::new();
    for thing in things {
        measured.all += 1;
        let Some(span) = (of.span)(&thing, horizon) else {
            let missing = if (of.begin)(thing.dates) { &mut measured.no_end } else { &mut measured.no_begin };
            *missing += 1;
            continue;
        };
        let length = Length::of(span);
        if length.most < 0.0 && of.negative == Negative::Conflict {
            measured.conflicts += 1;
            continue;
        }
        lengths.push(length.cut_at_zero());
        measured.behind.extend(thing.behind);
    }
    measured.lengths = Lengths::of(lengths);
    measured.behind = sorted(measured.behind);
    measured
}

/// One for each subject and mirror that the index removed and the mirror had.
fn measure_kept(history: &History, released: &Released<'_>, what: What, id: &'static str) -> Measured {
    let mut measured = Measured { id, ..Measured::default() };
    let mut lengths = Vec::new();
    for project in history.projects() {
        let kept: Vec<_> = project.kept.iter().filter(|kept| kept.what == what).collect();
        let seen = served(project, what);
        measured.all += (seen.len() as u64).max(kept.len() as u64);
        measured.no_begin += (seen.len() as u64).saturating_sub(kept.len() as u64);
        if !kept.is_empty() {
            measured.behind.extend(released.of_project(&project.name));
        }
        lengths.extend(
            kept.iter()
                .map(|kept| Length { least: kept.span.after, most: kept.span.by.unwrap_or(f64::INFINITY) }),
        );
    }
    measured.lengths = Lengths::of(lengths);
    measured.behind = sorted(measured.behind);
    measured
}

/// What was seen at least once: mirror and subject.
fn served(project: &Project, what: What) -> BTreeSet<(NameId, u32)> {
    use venin_mirror::verdict::Verdict as V;
    let is_seen = |verdict: V| match what {
        What::File => matches!(verdict, V::Live | V::OrphanFile),
        What::Index => matches!(verdict, V::Live | V::GhostIndex),
    };
    project
        .looks
        .iter()
        .filter(|look| is_seen(look.verdict))
        .map(|look| (look.mirror, look.subject))
        .collect()
}
