//! Several workers, one queue of targets, one stream of outcomes.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use venin_model::GapKind;
use venin_report::{ArtifactReport, Isolation, Problem};
use venin_scan::Scanner;

use super::child::{Worker, WorkerError};
use super::collect::Collected;
use super::confine::thread_cpu_ms;
use super::inline::scan_collected;
use super::watchdog::Watchdog;
use super::{Confinement, SCAN_STACK, WorkerOptions};
use crate::targets::{Note, Resolved, SendError, Target};

/// What becomes of one item of the targets.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A scan's report, with target, isolation and timings filled in.
    Report(Box<ArtifactReport>),
    /// Something that cannot be scanned.
    Problem(Problem),
    /// Something to tell.
    Note(Note),
}

/// Workers, ready to run.
pub(crate) struct Pool {
    options: WorkerOptions,
    watchdog: Watchdog,
    kind: Kind,
}

enum Kind {
    /// The first process is on its way while targets are still being resolved.
    Processes(Mutex<Option<Worker>>),
    Threads(Box<Scanner>),
}

impl Pool {
    /// Starts the first worker; the others start when there is something for them to do.
    ///
    /// # Errors
    /// No process can be started, or (without confinement) the rules are wrong.
    pub(crate) fn start(options: &WorkerOptions) -> anyhow::Result<Self> {
        let watchdog = Watchdog::default();
        let kind = match options.confinement {
            Confinement::Process => {
                let first = Worker::start(options, &watchdog)
                    .context("the scanner's worker process cannot be started")?;
                Kind::Processes(Mutex::new(Some(first)))
            }
            Confinement::None => Kind::Threads(Box::new(options.setup.build().map_err(anyhow::Error::msg)?)),
        };
        Ok(Self { options: options.clone(), watchdog, kind })
    }

    /// Scans all targets.  Outcomes come as they are ready, each with the position of its target among the items.
    ///
    /// Never fails as a whole: what happens to one target is that target's outcome.
    pub(crate) fn run(
        self,
        targets: impl Iterator<Item = Resolved> + Send,
        on_outcome: &mut dyn FnMut(u64, Outcome),
    ) {
        let queue = Mutex::new((0..).zip(targets));
        let jobs = self.options.jobs.get();
        let (sender, outcomes) = sync_channel(jobs * 2);
        std::thread::scope(|scope| {
            let watch = std::thread::Builder::new().name("watchdog".to_owned());
            let is_watched = watch.spawn_scoped(scope, || self.watchdog.run()).is_ok();
            debug_assert!(is_watched, "without a watchdog a hanging worker hangs the run");
            let start = |job: usize| {
                let (pool, queue, sender) = (&self, &queue, sender.clone());
                let body = move || pool.work(queue, &sender);
                let thread =
                    std::thread::Builder::new().name(format!("job {job}")).stack_size(pool.stack_size());
                thread.spawn_scoped(scope, body).is_ok()
            };
            let started = (0..jobs).filter(|job| start(*job)).count();
            drop(sender);
            for (order, outcome) in outcomes {
                on_outcome(order, outcome);
            }
            if started == 0 {
                let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
                queue.by_ref().for_each(|(order, resolved)| on_outcome(order, unstarted(resolved)));
            }
            self.watchdog.stop();
        });
    }

    fn stack_size(&self) -> usize {
        match self.kind {
            Kind::Processes(_) => 2 << 20,
            Kind::Threads(_) => SCAN_STACK,
        }
    }

    /// One job: takes items off the queue until there are none.
    fn work(
        &self,
        queue: &Mutex<impl Iterator<Item = (u64, Resolved)>>,
        sender: &SyncSender<(u64, Outcome)>,
    ) {
        let mut worker: Option<Worker> = None;
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((order, resolved)) = next else { return };
            let outcome = match resolved {
                Resolved::Problem(problem) => Outcome::Problem(problem),
                Resolved::Note(note) => Outcome::Note(note),
                Resolved::Target(target) => match &self.kind {
                    Kind::Processes(first) => self.scan_in_process(&target, first, &mut worker),
                    Kind::Threads(scanner) => scan_here(&target, scanner),
                },
            };
            if sender.send((order, outcome)).is_err() {
                return;
            }
        }
    }

    fn scan_in_process(
        &self,
        target: &Target,
        first: &Mutex<Option<Worker>>,
        slot: &mut Option<Worker>,
    ) -> Outcome {
        if slot.is_none() {
            *slot = first.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        let mut worker = match slot.take().map_or_else(|| Worker::start(&self.options, &self.watchdog), Ok) {
            Ok(worker) => worker,
            Err(error) => {
                let detail = format!("the worker process cannot be started: {error}");
                return Outcome::Report(Box::new(lost(target, &detail, Isolation::default())));
            }
        };
        let result = worker.scan(target);
        let isolation = worker.barriers().map(super::protocol::Barriers::to_isolation).unwrap_or_default();
        let outcome = match result {
            Ok(mut report) => {
                target.label().clone_into(&mut report.target);
                report.isolated = isolation;
                Outcome::Report(Box::new(report))
            }
            Err(WorkerError::Input(problem)) => Outcome::Problem(problem),
            Err(WorkerError::Failed(detail)) => Outcome::Report(Box::new(lost(target, &detail, isolation))),
            Err(WorkerError::Died(detail)) => {
                // The next target gets a new process.
                return Outcome::Report(Box::new(lost(target, &detail, isolation)));
            }
        };
        *slot = Some(worker);
        outcome
    }
}

/// The report on a target whose scan came to nothing.
fn lost(target: &Target, detail: &str, isolation: Isolation) -> ArtifactReport {
    let mut report = ArtifactReport::unscanned(target.label(), 0, GapKind::Crash, detail);
    if let Some(name) = target.file_name() {
        report.file = name;
    }
    report.isolated = isolation;
    report
}

/// Scans on this thread, without any confinement.
fn scan_here(target: &Target, scanner: &Scanner) -> Outcome {
    let reason = Some("the user asked for no isolation".to_owned());
    let isolation = Isolation { isolated: false, how: None, reason };
    let mut collected = Collected::default();
    match target.send_to(&mut collected) {
        Ok(()) => {}
        Err(SendError::Input(problem)) => return Outcome::Problem(problem),
        Err(SendError::Intake(error)) => {
            return Outcome::Report(Box::new(lost(target, &error.to_string(), isolation)));
        }
    }
    let report = match scan_collected(&mut collected, scanner, thread_cpu_ms) {
        Ok(mut report) => {
            target.label().clone_into(&mut report.target);
            report.isolated = isolation;
            report
        }
        Err(detail) => lost(target, &detail, isolation),
    };
    Outcome::Report(Box::new(report))
}

/// The machine has no room for a single thread: every target is told to be unscanned.
fn unstarted(resolved: Resolved) -> Outcome {
    match resolved {
        Resolved::Problem(problem) => Outcome::Problem(problem),
        Resolved::Note(note) => Outcome::Note(note),
        Resolved::Target(target) => {
            Outcome::Report(Box::new(lost(&target, "no thread can be started", Isolation::default())))
        }
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
