//! Workers: the scan itself runs in children of this program that can reach nothing but their two pipes.
//!
//! ```text
//! let pool = Pool::start(&WorkerOptions { .. })?;
//! pool.run(resolve_targets(args), &mut |order, outcome| match outcome {
//!     Outcome::Report(report) => ..,    // a boxed venin_report::ArtifactReport, target/isolated/timings filled
//!     Outcome::Problem(problem) => ..,  // venin_report::Problem
//!     Outcome::Note(note) => ..,        // a remark that stops nothing
//! });
//! ```
//!
//! The outcomes come as they are ready; `order` is the position of the target in the iterator, so that whoever
//! wants the order of the targets can sort.  The hidden command `venin worker` calls [`serve()`], and
//! `venin worker --self-test` calls [`self_test()`].
//!
//! The parent opens, reads and downloads; it hands bytes to a child and believes nothing that comes back but its
//! form.  A child that dies or hangs costs its artifact (`incomplete`, with the reason) and is replaced; the run
//! goes on.  With [`Confinement::None`] the same code runs on threads of this process and the report says so.
//!
//! This module never prints and never decides a verdict, except that a gap found while reading an input turns
//! `clean` into `incomplete`.

mod child;
mod collect;
mod confine;
mod frame;
mod inline;
mod pool;
mod protocol;
mod scanner;
mod self_test;
mod serve;
mod watchdog;

pub(crate) use pool::{Outcome, Pool};
pub(crate) use scanner::{RuleText, ScanSetup};
pub(crate) use self_test::self_test;
pub(crate) use serve::serve;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::time::Duration;

/// How the workers run.
#[derive(Debug, Clone)]
pub(crate) struct WorkerOptions {
    /// How many run at once.
    pub(crate) jobs: NonZeroUsize,
    /// Where they run.
    pub(crate) confinement: Confinement,
    /// What they scan with.
    pub(crate) setup: ScanSetup,
    /// Wall-clock time after which a worker that has not answered is ended; counted anew for every artifact.
    pub(crate) patience: Duration,
    /// The program and arguments to start instead of this one; for tests.
    pub(crate) command: Option<Vec<OsString>>,
}

/// Where workers run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Confinement {
    /// In confined child processes.
    #[default]
    Process,
    /// On threads of this process, unconfined.
    None,
}

impl WorkerOptions {
    /// Time that no real artifact needs; a worker that takes longer hangs.
    pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

    /// As many workers as the machine has processors, confined.
    pub(crate) fn new(setup: ScanSetup) -> Self {
        let jobs = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { jobs, confinement: Confinement::Process, setup, patience: Self::PATIENCE, command: None }
    }
}

/// Stack of the thread that scans, in bytes of address space.  A parse tree as deep as the scanner's budgets allow
/// must fit.
const SCAN_STACK: usize = 256 << 20;
