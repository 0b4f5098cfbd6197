//! Who may send now: a pace for each host, and a bound on requests under way.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::Clock;

/// Longest time for which a host is left alone, whatever it demands.
const LONGEST_HOLD: Duration = Duration::from_secs(24 * 3600);

/// Lets requests through, one after the other for each host.
#[derive(Debug)]
pub(super) struct Gate {
    most_per_host: usize,
    most_in_all: usize,
    longest_demand: Duration,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    in_flight: usize,
    hosts: HashMap<String, HostState>,
}

/// Times are those of [`Clock::elapsed`].
#[derive(Debug, Default)]
struct HostState {
    in_flight: usize,
    /// The pace allows no request before.
    next: Duration,
    /// The server asked for none before.
    held_until: Duration,
    is_down: bool,
}

/// Leave to send one request; ends when dropped.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    gate: &'a Gate,
    host: &'a str,
}

/// The host wants to be left alone for longer than anybody waits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Held(pub(super) Duration);

impl Gate {
    pub(super) fn new(most_per_host: usize, most_in_all: usize, longest_demand: Duration) -> Self {
        Self {
            most_per_host: most_per_host.max(1),
            most_in_all: most_in_all.max(1),
            longest_demand,
            state: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// Waits until a request to the host may be sent.
    pub(super) fn enter<'a>(
        &'a self,
        host: &'a str,
        pace: Duration,
        clock: &dyn Clock,
    ) -> Result<Pass<'a>, Held> {
        let pass = self.take_place(host);
        loop {
            let wait = {
                let mut state = self.lock();
                let entry = state.hosts.entry(host.to_owned()).or_default();
                let now = clock.elapsed();
                let hold = entry.held_until.saturating_sub(now);
                if hold > self.longest_demand {
                    return Err(Held(hold));
                }
                let wait = hold.max(entry.next.saturating_sub(now));
                if wait.is_zero() {
                    entry.next = now + pace;
                    return Ok(pass);
                }
                wait
            };
            clock.sleep(wait);
        }
    }

    /// Waits for a free place for the host and in all.
    fn take_place<'a>(&'a self, host: &'a str) -> Pass<'a> {
        let mut state = self.lock();
        loop {
            let at_host = state.hosts.get(host).map_or(0, |entry| entry.in_flight);
            if state.in_flight < self.most_in_all && at_host < self.most_per_host {
                break;
            }
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.in_flight += 1;
        state.hosts.entry(host.to_owned()).or_default().in_flight += 1;
        Pass { gate: self, host }
    }

    /// The host asked to be left alone for this long: nobody sends to it before.
    pub(super) fn hold(&self, host: &str, span: Duration, clock: &dyn Clock) {
        let until = clock.elapsed() + span.min(LONGEST_HOLD);
        let mut state = self.lock();
        let entry = state.hosts.entry(host.to_owned()).or_default();
        entry.held_until = entry.held_until.max(until);
    }

    /// Remembers whether the host could be reached: one that could not is tried only once from then on.
    pub(super) fn set_reached(&self, host: &str, reach: Reach) {
        self.lock().hosts.entry(host.to_owned()).or_default().is_down = reach == Reach::Down;
    }

    pub(super) fn is_down(&self, host: &str) -> bool {
        self.lock().hosts.get(host).is_some_and(|entry| entry.is_down)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a host could be reached at the last attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Up,
    Down,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        if let Some(entry) = state.hosts.get_mut(self.host) {
            entry.in_flight = entry.in_flight.saturating_sub(1);
        }
        drop(state);
        self.gate.freed.notify_all();
    }
}
