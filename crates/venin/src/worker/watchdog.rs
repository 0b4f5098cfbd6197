//! Ends workers that stopped making progress.

use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the watchdog looks.
const PERIOD: Duration = Duration::from_millis(250);

/// A worker process under watch.
#[derive(Debug)]
pub(super) struct Watched {
    child: Mutex<Child>,
    deadline: Mutex<Option<Instant>>,
    is_late: AtomicBool,
}

/// A poisoned lock only means that somebody else failed; the data is one value and stays whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watched {
    pub(super) fn new(child: Child) -> Arc<Self> {
        Arc::new(Self {
            child: Mutex::new(child),
            deadline: Mutex::new(None),
            is_late: AtomicBool::new(false),
        })
    }

    /// Expects the next sign of life within `patience`; `None` expects nothing.
    pub(super) fn expect_within(&self, patience: Option<Duration>) {
        *lock(&self.deadline) = patience.and_then(|patience| Instant::now().checked_add(patience));
    }

    /// Whether the watchdog ended it.
    pub(super) fn is_late(&self) -> bool {
        self.is_late.load(Ordering::Relaxed)
    }

    /// Ends it, if it has not ended by itself, and tells how it ended.
    pub(super) fn end(&self) -> Option<std::process::ExitStatus> {
        let mut child = lock(&self.child);
        match child.try_wait() {
            Ok(Some(status)) => Some(status),
            _ => {
                let _ = child.kill();
                child.wait().ok()
            }
        }
    }

    /// How it ended by itself, waiting a moment for it; ends it after that.
    pub(super) fn wait_a_moment(&self) -> Option<std::process::ExitStatus> {
        for _ in 0..50 {
            if let Ok(Some(status)) = lock(&self.child).try_wait() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.end()
    }

    fn end_if_late(&self) {
        let is_late = lock(&self.deadline).is_some_and(|deadline| deadline <= Instant::now());
        if is_late && !self.is_late.swap(true, Ordering::Relaxed) {
            let _ = lock(&self.child).kill();
        }
    }
}

/// Watches workers until the run is over.
#[derive(Debug, Default)]
pub(super) struct Watchdog {
    watched: Mutex<Vec<Arc<Watched>>>,
    is_over: Mutex<bool>,
    over: Condvar,
}

impl Watchdog {
    /// Adds a worker; those that nobody else holds any more are dropped.
    pub(super) fn add(&self, worker: Arc<Watched>) {
        let mut watched = lock(&self.watched);
        watched.retain(|worker| Arc::strong_count(worker) > 1);
        watched.push(worker);
    }

    /// Watches until [`Watchdog::stop`].
    pub(super) fn run(&self) {
        let mut is_over = lock(&self.is_over);
        while !*is_over {
            let waited = self.over.wait_timeout(is_over, PERIOD).unwrap_or_else(PoisonError::into_inner);
            is_over = waited.0;
            lock(&self.watched).iter().for_each(|worker| worker.end_if_late());
        }
    }

    /// Ends the watch.
    pub(super) fn stop(&self) {
        *lock(&self.is_over) = true;
        self.over.notify_all();
    }
}
