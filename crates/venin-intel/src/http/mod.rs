//! Requests to servers, politely: identified, conditional, bounded, at a rate per host, patient where it helps.
//!
//! The trait keeps connectors and probes apart from the network: tests answer from recorded pages.

mod clock;
mod conditional;
mod gate;
mod patience;
mod polite;
mod settings;
mod tally;
mod transport;

use thiserror::Error;

use crate::index::HttpUrl;

pub use clock::{Clock, SystemClock};
pub use conditional::{Change, Validator, fetch_if_changed};
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
    /// Up to five, never to an address without encryption from one with it.
    Follow,
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

/// Why there is no answer at all.  URLs are shown without credentials.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FetchError {
    /// No connection.
    #[error("{url} cannot be reached: {detail}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why.
        detail: String,
    },
    /// The connection broke, or nothing came in time.
    #[error("{url} broke off: {detail}")]
    BrokenOff {
        /// What was asked for.
        url: String,
        /// How.
        detail: String,
    },
    /// The server's certificate is not trusted, or TLS failed otherwise.
    #[error("no trusted connection to {url}: {detail}")]
    Tls {
        /// What was asked for.
        url: String,
        /// Why.
        detail: String,
    },
    /// No HTTP, or redirects without end.
    #[error("{url} answers nonsense: {detail}")]
    Nonsense {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The server asked not to be asked for a while, and that is longer than anybody waits.
    #[error("{url} is not asked: its server wants to be left alone for {detail}")]
    Postponed {
        /// What was asked for.
        url: String,
        /// How long.
        detail: String,
    },
}

/// The way to servers.
pub trait Fetch: Send + Sync {
    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// [`FetchError`] when there is no answer after the attempts that the implementation makes.
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError>;
}
