//! Ctrl-C and the request of a service manager to end: noted, so that a long run can end between two steps.
//!
//! Nothing is lost by a kill either; ending in order only spares the next run a part of the work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};

/// How often a pause looks whether the run is to end.
const LOOK: Duration = Duration::from_millis(100);

/// Whether the run is to end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Hears the signals from now on.  A second one ends the program at once.
    pub(crate) fn listen() -> Self {
        let interrupt = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // Where no signal can be heard the program is ended by it, as ever; the order matters: the first signal
            // must find the flag unset.
            let _ = signal_hook::flag::register_conditional_shutdown(
                signal,
                128 + signal,
                Arc::clone(&interrupt.0),
            );
            let _ = signal_hook::flag::register(signal, Arc::clone(&interrupt.0));
        }
        interrupt
    }

    /// Whether the run is to end.
    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits so long, or until the run is to end.
    pub(crate) fn sleep_until(&self, end: Instant) {
        while !self.is_raised() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(LOOK));
        }
    }
}
