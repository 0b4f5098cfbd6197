//! Requests to servers, politely: identified, conditional, bounded, at a rate per host, patient where it helps.
//!
//! The trait keeps connectors and probes apart from the network: tests answer from recorded pages.

mod body;
mod certificates;
mod clock;
mod conditional;
mod error;
mod gate;
mod patience;
mod polite;
mod settings;
mod tally;
mod transport;

use crate::index::HttpUrl;

pub(crate) use body::Metered;
pub use body::{BodySink, Wanted};
pub use clock::{Clock, SystemClock};
pub use conditional::{Change, Validator, fetch_if_changed, fetch_into_if_changed};
pub use error::FetchError;
pub use polite::{PoliteClient, Recorder};
pub use settings::{Politeness, Timeouts};
pub use tally::Counts;

/// How to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The whole resource.
    Get,
    /// Its headers only.
    Head,
    /// A body is sent along (XML-RPC).
    Post,
}

/// Whether redirects are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Up to five, never to an address without encryption from one with it; credentials stay with their host.
    Follow,
    /// The same, and credentials go nowhere but to the first address.
    FollowBare,
    /// None: the answer is the redirect.
    Show,
}

/// One request.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// How.
    pub method: Method,
    /// Where.
    pub url: HttpUrl,
    /// Further headers: `accept`, `range`, `if-none-match`.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent along; empty without one.
    pub body: Vec<u8>,
    /// Whether redirects are followed.
    pub redirects: Redirects,
    /// Most bytes of the answer's body that are read.
    pub most_bytes: u64,
}

impl FetchRequest {
    /// A plain GET of at most 64 MiB that follows redirects.
    #[must_use]
    pub fn get(url: HttpUrl) -> Self {
        let (headers, body) = (Vec::new(), Vec::new());
        Self { method: Method::Get, url, headers, body, redirects: Redirects::Follow, most_bytes: 64 << 20 }
    }

    /// The same with another header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// An answer: any status is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// Headers, names in lower case, in the order of the answer.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it was read; decoded from its transfer and content encodings.
    pub body: Vec<u8>,
    /// Whether the body is longer than what was read.
    pub is_cut: bool,
}

impl Fetched {
    /// The first header of this name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The way to servers.
pub trait Fetch: Send + Sync {
    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// [`FetchError`] when there is no answer after the attempts that the implementation makes.
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError>;

    /// The same, with the body given to `body` as it comes; the answer comes back without it.
    ///
    /// # Errors
    /// [`FetchError`]; what the sink has taken in by then is worthless.
    fn fetch_into(&self, request: &FetchRequest, body: &mut dyn BodySink) -> Result<Fetched, FetchError> {
        let mut answer = self.fetch(request)?;
        body::hand_over(&mut answer, body)
            .map_err(|detail| FetchError::NotTaken { url: request.url.to_string(), detail })?;
        Ok(answer)
    }
}
