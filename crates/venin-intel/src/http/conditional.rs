//! Asking only for what has changed (RFC 9110, 13): the server's marks of the last answer go along.
//!
//! The marks are kept by whoever keeps what the answer said, and only after that was kept: a run that is killed in
//! between must see the answer again.

use serde::{Deserialize, Serialize};

use super::{BodySink, Fetch, FetchError, FetchRequest, Fetched};

/// Longest mark that is kept, in bytes.
const MAX_MARK: usize = 512;

/// The server's marks of one answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    /// The entity tag, with its quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The date of the last change, as the server writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Validator {
    /// The marks of an answer.
    #[must_use]
    pub fn of(answer: &Fetched) -> Self {
        let mark = |name| {
            let is_mark =
                |value: &&str| value.len() <= MAX_MARK && value.bytes().all(|b| (b' '..0x7f).contains(&b));
            answer.header(name).filter(is_mark).map(ToOwned::to_owned)
        };
        Self { etag: mark("etag"), last_modified: mark("last-modified") }
    }
}

/// An answer to a conditional request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The same as the last time.
    Unchanged,
    /// Another answer than the last time, of any status, with its marks to keep.
    Answer(Fetched, Validator),
}

/// Sends a request that is answered in full only if the resource has changed since `known`.
///
/// # Errors
/// [`FetchError`].
pub fn fetch_if_changed(
    http: &dyn Fetch,
    request: FetchRequest,
    known: Option<&Validator>,
) -> Result<Change, FetchError> {
    Ok(judge(http.fetch(&with_marks(request, known))?, known))
}

/// The same, with the body given to a sink as it comes; the answer comes back without it.
///
/// # Errors
/// [`FetchError`].
pub fn fetch_into_if_changed(
    http: &dyn Fetch,
    request: FetchRequest,
    known: Option<&Validator>,
    body: &mut dyn BodySink,
) -> Result<Change, FetchError> {
    Ok(judge(http.fetch_into(&with_marks(request, known), body)?, known))
}

fn with_marks(mut request: FetchRequest, known: Option<&Validator>) -> FetchRequest {
    if let Some(etag) = known.and_then(|known| known.etag.as_deref()) {
        request = request.with_header("if-none-match", etag);
    }
    if let Some(date) = known.and_then(|known| known.last_modified.as_deref()) {
        request = request.with_header("if-modified-since", date);
    }
    request
}

fn judge(answer: Fetched, known: Option<&Validator>) -> Change {
    if answer.status == 304 && known.is_some() {
        return Change::Unchanged;
    }
    let validator = Validator::of(&answer);
    Change::Answer(answer, validator)
}
