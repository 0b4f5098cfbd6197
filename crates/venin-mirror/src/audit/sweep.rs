//! A sweep over many mirrors: one worker a host, mirrors in turn, results as they come.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use venin_intel::claim::{Claim, Moment, Subject};
use venin_intel::http::Fetch;

use super::claims::{Prior, claims_of, unknown_claim};
use super::finding::Finding;
use super::project::audit_project;
use crate::known::KnownSet;
use crate::plan::SweepOptions;
use crate::probe::{ControlReading, Controls, Habits, MirrorTarget, probe_controls};
use crate::verdict::ControlSeen;

/// What a sweep needs.
pub struct Sweep<'a> {
    /// The way to the mirrors; its politeness is the sweep's.
    pub http: &'a dyn Fetch,
    /// The mirrors.
    pub mirrors: &'a [MirrorTarget],
    /// What is looked for.
    pub known: &'a KnownSet,
    /// The control projects.
    pub controls: &'a Controls,
    /// How it is made.
    pub options: SweepOptions,
    /// The time; asked before every project.
    pub clock: &'a (dyn Fn() -> Moment + Sync),
    /// What earlier probes said.
    pub prior: &'a dyn Prior,
    /// Asked before every project; `true` ends the sweep.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// Some projects on one mirror, between two control probes.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The mirror.
    pub mirror: String,
    /// What the controls said; where they failed, the findings are all unknown and the mirror is given up for this run.
    pub control: ControlReading,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The same as claims.
    pub claims: Vec<Claim>,
    /// What is finished on this mirror and need not be looked for when the sweep goes on.
    pub finished: Vec<Subject>,
    /// Projects that were not looked for because the mirror was given up.
    pub not_asked: u64,
}

/// Keeps what a sweep finds, and knows what an earlier one had finished.
pub trait Progress: Sync {
    /// Whether the subject is finished on the mirror.
    fn is_done(&self, mirror: &str, subject: &Subject) -> bool;

    /// Takes a batch in; findings and what is finished belong into the same transaction.
    ///
    /// # Errors
    /// It cannot be kept: the sweep ends.
    fn take(&self, batch: Batch) -> Result<(), String>;
}

/// How a sweep ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SweepEnd {
    /// Every mirror was swept or given up.
    Finished,
    /// It was stopped.
    Stopped,
    /// A batch could not be kept.
    Failed(String),
}

/// The mirrors of one host, asked one after the other.
struct Lane<'a> {
    work: VecDeque<(&'a MirrorTarget, VecDeque<&'a str>)>,
}

/// Sweeps all mirrors.
#[must_use]
pub fn run_sweep(sweep: &Sweep<'_>, progress: &dyn Progress) -> SweepEnd {
    let lanes = lanes_of(sweep, progress);
    let workers = sweep.options.in_flight.clamp(1, lanes.len().max(1));
    let lanes = Mutex::new(lanes);
    let (is_over, failure) = (AtomicBool::new(false), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) && !(sweep.stop)() {
                    let lane = lock(&lanes).pop_front();
                    // A lane in another worker's hands comes back; who finds none has nothing left to do, because
                    // there are as many workers as lanes, or fewer.
                    let Some(mut lane) = lane else { return };
                    if let Err(error) = work_on(sweep, &mut lane, progress) {
                        *lock(&failure) = Some(error);
                        is_over.store(true, Ordering::Relaxed);
                    }
                    if !lane.work.is_empty() {
                        lock(&lanes).push_back(lane);
                    }
                }
            });
        }
    });
    match failure.into_inner() {
        Ok(Some(error)) => SweepEnd::Failed(error),
        _ if (sweep.stop)() => SweepEnd::Stopped,
        _ => SweepEnd::Finished,
    }
}

/// A panic in another worker leaves the queue as usable as it was.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn lanes_of<'a>(sweep: &Sweep<'a>, progress: &dyn Progress) -> VecDeque<Lane<'a>> {
    let mut lanes: BTreeMap<String, Lane<'a>> = BTreeMap::new();
    for mirror in sweep.mirrors {
        let is_open =
            |name: &&str| sweep.known.of_name(name).any(|k| !progress.is_done(&mirror.id, &k.subject));
        let names: VecDeque<&str> = sweep.known.names().filter(is_open).collect();
        if !names.is_empty() {
            let lane = lanes.entry(mirror.host()).or_insert_with(|| Lane { work: VecDeque::new() });
            lane.work.push_back((mirror, names));
        }
    }
    lanes.into_values().collect()
}

/// One batch of the lane's first mirror, which then goes to the end of the lane.
fn work_on(sweep: &Sweep<'_>, lane: &mut Lane<'_>, progress: &dyn Progress) -> Result<(), String> {
    let Some((mirror, mut names)) = lane.work.pop_front() else { return Ok(()) };
    let before = probe_controls(sweep.http, mirror, sweep.controls, (sweep.clock)());
    if before.seen == ControlSeen::Failed {
        return progress.take(given_up(mirror, before, Vec::new(), names.len()));
    }
    let (findings, finished) = audit_batch(sweep, mirror, &mut names, &before.habits);
    let after = probe_controls(sweep.http, mirror, sweep.controls, (sweep.clock)());
    if after.seen == ControlSeen::Failed {
        return progress.take(given_up(mirror, after, findings, names.len()));
    }
    let claims = findings.iter().flat_map(|finding| claims_of(finding, sweep.prior)).collect();
    let mirror_id = mirror.id.clone();
    progress.take(Batch { mirror: mirror_id, control: after, findings, claims, finished, not_asked: 0 })?;
    if !names.is_empty() {
        lane.work.push_back((mirror, names));
    }
    Ok(())
}

/// Findings of the next projects, and what is finished with them.
fn audit_batch(
    sweep: &Sweep<'_>,
    mirror: &MirrorTarget,
    names: &mut VecDeque<&str>,
    habits: &Habits,
) -> (Vec<Finding>, Vec<Subject>) {
    let (mut findings, mut finished) = (Vec::new(), Vec::new());
    for _ in 0..sweep.options.batch.max(1) {
        if (sweep.stop)() {
            break;
        }
        let Some(name) = names.pop_front() else { break };
        let now = (sweep.clock)();
        let checking = sweep.options.checking;
        findings.extend(audit_project(sweep.http, mirror, sweep.known, name, checking, habits, now));
        finished.extend(sweep.known.of_name(name).map(|known| known.subject.clone()));
    }
    (findings, finished)
}

/// A batch that does not count.
fn given_up(
    mirror: &MirrorTarget,
    control: ControlReading,
    findings: Vec<Finding>,
    not_asked: usize,
) -> Batch {
    let reasons = control.reasons.clone();
    let findings: Vec<Finding> = findings
        .into_iter()
        .map(|finding| Finding { reason: Some(reasons.join("; ")), ..finding.judged(ControlSeen::Failed) })
        .collect();
    let claims = findings.iter().map(|finding| unknown_claim(finding, &reasons)).collect();
    Batch {
        mirror: mirror.id.clone(),
        control,
        findings,
        claims,
        finished: Vec::new(),
        not_asked: not_asked as u64,
    }
}
