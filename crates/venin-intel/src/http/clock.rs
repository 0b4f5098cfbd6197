//! Time and chance, as the client needs them: tests put in their own and wait for nothing.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::claim::Moment;

/// Time and chance.
pub trait Clock: Send + Sync {
    /// Time since some fixed start; never goes back.
    fn elapsed(&self) -> Duration;

    /// The time of day, to compare with a date that a server gives.
    fn wall(&self) -> Moment;

    /// Waits.
    fn sleep(&self, span: Duration);

    /// A number that differs from call to call, for jitter.
    fn random(&self) -> u64;
}

/// The clock of the machine.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
    chance: RandomState,
}

impl SystemClock {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now(), chance: RandomState::new() }
    }
}

impl Clock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall(&self) -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment::from_seconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }

    fn sleep(&self, span: Duration) {
        std::thread::sleep(span);
    }

    fn random(&self) -> u64 {
        self.chance.hash_one(self.start.elapsed().as_nanos())
    }
}
