//! One thing that one observer says of a release: the vocabulary of everything that is known and not scanned.
//!
//! A claim is never changed and never deleted.  A source that takes something back makes a further claim; a probe that
//! looks again makes another.  What is true now is derived from all of them, and can be derived again.
//!
//! This module holds values only; it reads no file, no network and no clock.

mod blake2;
mod digest;
mod id;
mod interval;
mod kind;
mod moment;
mod subject;
mod surface;

pub use blake2::Blake2;
pub use digest::{Digest, WrongDigest};
pub use id::ClaimId;
pub use interval::Interval;
pub use kind::{ClaimKind, Class};
pub use moment::{Moment, WrongMoment};
pub use subject::{MAX_FIELD, Subject, WrongSubject};
pub use surface::{Surface, WrongSurface};

/// One claim: a row of the event store.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// What it is about, from a project down to a file.
    pub subject: Subject,
    /// Where it holds.
    pub surface: Surface,
    /// What is said.
    pub kind: ClaimKind,
    /// When it happened, as exactly as is known.
    pub happened: Interval,
    /// When the collector learned it.
    pub observed: Moment,
    /// Who says so: `osv`, `index`, `probe`, a feed's name.
    pub source: String,
    /// Where the source says so: a record's identifier, a serial, a URL without credentials.
    pub source_ref: String,
    /// The SHA-256 of the stored answer or record that says so.
    pub evidence: Option<Digest>,
    /// What kind of unwanted release the source takes it for.
    pub class: Class,
    /// How sure the source is, in hundredths; `None` when it does not say.
    pub confidence: Option<u8>,
    /// What else the source says, as a JSON object in canonical form (keys sorted); empty when nothing.
    ///
    /// Versions as ranges, indicators, a quotation, the identifier that is withdrawn.
    pub detail: String,
}

impl Claim {
    /// The digest of what is said: equal for the same claim however often, and whenever, it is collected.
    ///
    /// When it was learned is not part of it; otherwise a second import would double every row.
    #[must_use]
    pub fn id(&self) -> ClaimId {
        id::digest_claim(self)
    }

    /// When a probe looked: by then it had happened, and it was learned no earlier.
    ///
    /// Of our own probes both are the same moment; what others saw is often taken in much later.
    #[must_use]
    pub fn looked(&self) -> Moment {
        self.happened.not_after.map_or(self.observed, |at| at.min(self.observed))
    }
}
