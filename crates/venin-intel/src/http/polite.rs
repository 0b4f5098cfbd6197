//! The client: a pace for each host, patience where it helps, redirects under control, everything counted.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::body::{BodySink, InMemory, Metered};
use super::clock::{Clock, SystemClock};
use super::error::may_pass;
use super::gate::{Gate, Held, Reach};
use super::patience::{backoff, parse_retry_after};
use super::settings::Politeness;
use super::tally::{Counts, Tally};
use super::transport::{Hop, Network, Transport};
use super::{Fetch, FetchError, FetchRequest, Fetched, Method, Redirects};
use crate::claim::Digest;
use crate::index::HttpUrl;

/// Headers that go along when a redirect leads to another host: none of them says who asks.
const IMPERSONAL: &[&str] = &[
    "accept",
    "accept-encoding",
    "accept-language",
    "content-type",
    "if-modified-since",
    "if-none-match",
    "range",
];

/// Takes every answer with the digest of its body, to be kept as evidence.
pub trait Recorder: Send + Sync {
    /// An answer to a request for this URL; a body that was cut is digested as far as it was read.
    fn record(&self, url: &HttpUrl, answer: &Fetched, sha256: Digest);
}

/// A client that servers have no reason to complain of.  Every request of the program goes through one.
pub struct PoliteClient {
    settings: Politeness,
    transport: Box<dyn Transport>,
    clock: Arc<dyn Clock>,
    gate: Gate,
    tally: Tally,
    recorder: Option<Box<dyn Recorder>>,
}

impl PoliteClient {
    /// Makes a client; connects to nothing yet.
    ///
    /// # Errors
    /// The proxy or the certificates of the settings cannot be used.
    pub fn new(settings: Politeness) -> Result<Self, FetchError> {
        let transport = Box::new(Network::new(&settings)?);
        Ok(Self::with_parts(settings, transport, Arc::new(SystemClock::start())))
    }

    pub(super) fn with_parts(
        settings: Politeness,
        transport: Box<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let gate = Gate::new(settings.most_per_host, settings.most_in_all, settings.longest_demand);
        Self { settings, transport, clock, gate, tally: Tally::default(), recorder: None }
    }

    /// The same, with every answer given to the recorder.
    #[must_use]
    pub fn with_recorder(mut self, recorder: Box<dyn Recorder>) -> Self {
        self.recorder = Some(recorder);
        self
    }

    /// What was asked for and got so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.tally.read()
    }

    /// Follows redirects as far as the request and good sense allow.
    fn follow(&self, request: &FetchRequest, body: &mut Metered<'_>) -> Result<Fetched, FetchError> {
        let mut hop = first_hop(request);
        let mut seen = HashSet::new();
        loop {
            seen.insert(hop.url.request_url());
            let answer = self.attempt(&hop, body)?;
            let target = (request.redirects != Redirects::Show).then(|| redirect_target(&answer)).flatten();
            let Some(target) = target else { return Ok(answer) };
            let mut next = next_hop(&hop, answer.status, target)?;
            if request.redirects == Redirects::FollowBare {
                next.url = next.url.without_credentials();
            }
            if seen.contains(&next.url.request_url()) {
                return Err(nonsense(&request.url, "it redirects in a circle"));
            }
            if seen.len() > self.settings.redirects {
                return Err(nonsense(&request.url, "it redirects more than a few times"));
            }
            self.tally.add(|counts| counts.redirects += 1);
            hop = next;
        }
    }

    /// Sends one request until there is an answer, or no more patience.
    fn attempt(&self, hop: &Hop, body: &mut Metered<'_>) -> Result<Fetched, FetchError> {
        let host = host_of(&hop.url);
        let attempts = if self.gate.is_down(&host) { 1 } else { self.settings.attempts.max(1) };
        let mut failed = 0;
        loop {
            let result = self.send(hop, &host, body);
            let (is_passing, demand) = match &result {
                Ok(answer) => (may_pass(answer.status), self.hear_demand(&host, answer)),
                Err(error) => (error.is_transient(), None),
            };
            failed += 1;
            let is_bearable = demand.is_none_or(|demand| demand <= self.settings.longest_demand);
            if !is_passing || !is_bearable || failed >= attempts {
                self.note_reach(&host, &result);
                return result;
            }
            self.tally.add(|counts| counts.retries += 1);
            // A demand of the server is kept at the gate, for everybody.
            self.wait(backoff(&self.settings, failed, &*self.clock));
        }
    }

    /// One request, when the gate lets it through.
    fn send(&self, hop: &Hop, host: &str, body: &mut Metered<'_>) -> Result<Fetched, FetchError> {
        let before = self.clock.elapsed();
        let pass = self.gate.enter(host, self.settings.pace_for(host), &*self.clock);
        let _pass = pass.map_err(|Held(span)| {
            let detail = format!("{} s", span.as_secs());
            FetchError::Postponed { url: hop.url.to_string(), detail }
        })?;
        let waited = self.clock.elapsed().saturating_sub(before);
        self.tally.add(|counts| {
            counts.requests += 1;
            counts.waited += waited;
        });
        let answer = self.transport.send_into(hop, body)?;
        self.tally.add(|counts| counts.bytes += body.count);
        Ok(answer)
    }

    /// How long a server that refuses asks to be left alone; from then on the gate knows too.
    fn hear_demand(&self, host: &str, answer: &Fetched) -> Option<Duration> {
        if !matches!(answer.status, 429 | 503) {
            return None;
        }
        let demand = parse_retry_after(answer, self.clock.wall())?;
        self.gate.hold(host, demand, &*self.clock);
        Some(demand)
    }

    fn note_reach(&self, host: &str, result: &Result<Fetched, FetchError>) {
        let is_down = matches!(result, Err(FetchError::Unreachable { .. }));
        self.gate.set_reached(host, if is_down { Reach::Down } else { Reach::Up });
    }

    /// Sends a request and counts what comes of it.
    fn ask(&self, request: &FetchRequest, body: &mut dyn BodySink) -> Result<(Fetched, Digest), FetchError> {
        let mut body = Metered::new(body);
        let answer = self.follow(request, &mut body).inspect_err(|error| self.tally.add_failure(error))?;
        self.tally.add(|counts| {
            counts.unchanged += u64::from(answer.status == 304);
            counts.cut += u64::from(answer.is_cut);
            if answer.status >= 400 {
                *counts.refusals.entry(answer.status).or_default() += 1;
            }
        });
        Ok((answer, body.digest()))
    }

    fn record(&self, request: &FetchRequest, answer: &Fetched, sha256: Digest) {
        if let Some(recorder) = &self.recorder {
            recorder.record(&request.url, answer, sha256);
        }
    }

    fn wait(&self, span: Duration) {
        self.clock.sleep(span);
        self.tally.add(|counts| counts.waited += span);
    }
}

impl Fetch for PoliteClient {
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let mut body = InMemory::default();
        let (mut answer, digest) = self.ask(request, &mut body)?;
        answer.body = body.0;
        self.record(request, &answer, digest);
        Ok(answer)
    }

    fn fetch_into(&self, request: &FetchRequest, body: &mut dyn BodySink) -> Result<Fetched, FetchError> {
        let (answer, digest) = self.ask(request, body)?;
        self.record(request, &answer, digest);
        Ok(answer)
    }
}

fn first_hop(request: &FetchRequest) -> Hop {
    Hop {
        method: request.method,
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: request.body.as_slice().into(),
        most_bytes: if request.method == Method::Head { 0 } else { request.most_bytes },
    }
}

/// Where the answer leads, if it is a redirect.
fn redirect_target(answer: &Fetched) -> Option<&str> {
    matches!(answer.status, 301 | 302 | 303 | 307 | 308).then(|| answer.header("location")).flatten()
}

/// The request that a redirect asks for, without anything that another host must not get.
fn next_hop(hop: &Hop, status: u16, target: &str) -> Result<Hop, FetchError> {
    let elsewhere = || nonsense(&hop.url, "it redirects to something that is no HTTP address");
    let plain =
        hop.url.join(target).and_then(|url| HttpUrl::parse(&url.request_url())).ok_or_else(elsewhere)?;
    // Joining once more gives the credentials back where they belong; those in the redirect itself are not used.
    let url = hop.url.join(&plain.request_url()).ok_or_else(elsewhere)?;
    if hop.url.is_secure() && !url.is_secure() {
        let detail = "it leads to an address without encryption".to_owned();
        return Err(FetchError::Tls { url: hop.url.to_string(), detail });
    }
    let mut next = Hop { url, ..hop.clone() };
    if hop.method == Method::Post && matches!(status, 301..=303) {
        next.method = Method::Get;
        next.body = Arc::default();
    }
    let is_same_host = host_of(&next.url) == host_of(&hop.url);
    if !is_same_host {
        if next.method == Method::Post {
            return Err(nonsense(&hop.url, "it redirects what was sent to another host"));
        }
        next.headers.retain(|(name, _)| IMPERSONAL.contains(name));
    }
    Ok(next)
}

/// `host` or `host:port` in lower case.
fn host_of(url: &HttpUrl) -> String {
    let text = url.request_url();
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().to_owned()
}

fn nonsense(url: &HttpUrl, detail: &str) -> FetchError {
    FetchError::Nonsense { url: url.to_string(), detail: detail.to_owned() }
}

#[cfg(test)]
#[path = "polite_tests.rs"]
mod tests;
