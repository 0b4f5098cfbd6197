//! As much of HTTP/1.1 as installers, mirrors and proxies speak, on the loopback interface.
//!
//! The server keeps connections alive, and breaks the protocol where a test asks for it.  The client asks once and
//! follows nothing.

mod client;
mod server;

pub use client::{Fetched, fetch, get};
pub(crate) use server::Server;

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in lower case, in the order of the request.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// The value of a header; its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The path without the query.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// What is sent back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How the answer departs from what HTTP asks for.
    pub(crate) delivery: Delivery,
}

/// How an answer is put on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Delivery {
    /// As it should be.
    #[default]
    Whole,
    /// The true length is announced; only so many bytes come before the connection closes.
    Cut(usize),
    /// This length is announced.
    Announced(usize),
    /// Pieces of so many bytes with a pause after each.
    Dripping(usize, std::time::Duration),
    /// After the body, blanks up to so many bytes; no length is announced.
    Padded(u64),
    /// The connection is reset before anything is sent.
    Reset,
}

impl Reply {
    /// An answer with a body of this media type.
    pub(crate) fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        Self { status, headers, body: body.into(), delivery: Delivery::Whole }
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// 404 with a page that says so.
    pub(crate) fn not_found() -> Self {
        Self::new(404, "text/html; charset=UTF-8", "<!DOCTYPE html><title>404 Not Found</title>\n")
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::new(status, "text/plain", "").with("location", location)
    }
}
