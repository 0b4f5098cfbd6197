//! What a run asked for and got, for its closing line.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::FetchError;

/// What a run asked for and got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests sent, with every attempt and every redirect.
    pub requests: u64,
    /// Attempts after the first.
    pub retries: u64,
    /// Redirects followed.
    pub redirects: u64,
    /// Answers that said: unchanged since the last time.
    pub unchanged: u64,
    /// Answers longer than what was read of them.
    pub cut: u64,
    /// Bytes of bodies, decoded.
    pub bytes: u64,
    /// Time waited for the pace, for servers' demands and before attempts, of all threads together.
    pub waited: Duration,
    /// Final answers with a status of 400 and above, by status.
    pub refusals: BTreeMap<u16, u64>,
    /// Requests without an answer, by [`FetchError::kind`].
    pub failures: BTreeMap<&'static str, u64>,
}

/// The counts of a client that is at work.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counts>);

impl Tally {
    pub(super) fn add(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn add_failure(&self, error: &FetchError) {
        self.add(|counts| *counts.failures.entry(error.kind()).or_default() += 1);
    }

    pub(super) fn read(&self) -> Counts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Display for Counts {
    /// `12 requests, 3 retries, 4 unchanged, 51234 bytes; failed: 1 unreachable, 2 with status 404`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let mut parts = vec![plural(self.requests, "request", "requests")];
        let optional = [
            (self.retries, "retry", "retries"),
            (self.redirects, "redirect", "redirects"),
            (self.unchanged, "unchanged", "unchanged"),
            (self.cut, "cut", "cut"),
            (self.bytes, "byte", "bytes"),
        ];
        parts.extend(optional.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| plural(*n, one, many)));
        f.write_str(&parts.join(", "))?;
        let failures = self.failures.iter().map(|(kind, n)| format!("{n} {kind}"));
        let refusals = self.refusals.iter().map(|(status, n)| format!("{n} with status {status}"));
        let failed: Vec<String> = failures.chain(refusals).collect();
        if failed.is_empty() { Ok(()) } else { write!(f, "; failed: {}", failed.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_names_only_what_there_was() {
        let mut counts = Counts { requests: 1, ..Counts::default() };
        assert_eq!(counts.to_string(), "1 request");
        counts.retries = 1;
        counts.bytes = 10;
        counts.failures.insert("unreachable", 2);
        counts.refusals.insert(404, 1);
        let line = "1 request, 1 retry, 10 bytes; failed: 2 unreachable, 1 with status 404";
        assert_eq!(counts.to_string(), line);
    }
}
