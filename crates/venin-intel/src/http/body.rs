//! Bodies that are taken in as they come, so that a large file is never held as a whole.

use sha2::{Digest as _, Sha256};

use super::Fetched;
use crate::claim::Digest;

/// What is wanted of an answer whose head has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Its body.
    Body,
    /// Nothing more: the body is not read.
    Nothing,
}

/// Takes the body of an answer in.
pub trait BodySink {
    /// The head of an answer has come; `answer` has no body.  Called again for every redirect and every further
    /// attempt: what was taken in before is worthless then.
    ///
    /// # Errors
    /// Nothing can be taken in any more; the request ends with [`FetchError::NotTaken`](super::FetchError::NotTaken).
    fn begin(&mut self, answer: &Fetched) -> Result<Wanted, String>;

    /// More bytes, decoded from their transfer and content encodings.
    ///
    /// # Errors
    /// The same.
    fn bytes(&mut self, chunk: &[u8]) -> Result<(), String>;
}

/// Keeps a body in memory; the limit of the request bounds it.
#[derive(Debug, Default)]
pub(super) struct InMemory(pub(super) Vec<u8>);

impl BodySink for InMemory {
    fn begin(&mut self, _: &Fetched) -> Result<Wanted, String> {
        self.0.clear();
        Ok(Wanted::Body)
    }

    fn bytes(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.0.extend_from_slice(chunk);
        Ok(())
    }
}

/// Counts and digests what passes.
pub(crate) struct Metered<'a> {
    inner: &'a mut dyn BodySink,
    /// Bytes of this answer.
    pub(super) count: u64,
    digest: Sha256,
}

impl<'a> Metered<'a> {
    pub(crate) fn new(inner: &'a mut dyn BodySink) -> Self {
        Self { inner, count: 0, digest: Sha256::new() }
    }

    /// The digest of the body of the last answer, as far as it was read.
    pub(crate) fn digest(self) -> Digest {
        Digest(self.digest.finalize().into())
    }
}

impl BodySink for Metered<'_> {
    fn begin(&mut self, answer: &Fetched) -> Result<Wanted, String> {
        self.count = 0;
        self.digest = Sha256::new();
        self.inner.begin(answer)
    }

    fn bytes(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.count += chunk.len() as u64;
        self.digest.update(chunk);
        self.inner.bytes(chunk)
    }
}

/// Hands the body of an answer over that is in memory already.
pub(super) fn hand_over(answer: &mut Fetched, sink: &mut dyn BodySink) -> Result<(), String> {
    let body = std::mem::take(&mut answer.body);
    match sink.begin(answer)? {
        Wanted::Body => sink.bytes(&body),
        Wanted::Nothing => Ok(()),
    }
}
