//! The identity of a claim: the digest of what it says.

use sha2::{Digest as _, Sha256};

use super::{Claim, Digest};

/// The identity of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimId(pub Digest);

/// Digests every field that says something, each with its length, so that no two claims share a text.
pub(super) fn digest_claim(claim: &Claim) -> ClaimId {
    let mut hash = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    field(b"venin claim 1");
    field(claim.subject.name().as_bytes());
    for text in [claim.subject.version(), claim.subject.file_name()] {
        field(&[u8::from(text.is_some())]);
        field(text.unwrap_or_default().as_bytes());
    }
    field(claim.subject.sha256().as_ref().map_or(&[][..], |digest| &digest.0));
    field(claim.surface.to_string().as_bytes());
    field(claim.kind.as_str().as_bytes());
    for end in [claim.happened.not_before, claim.happened.not_after] {
        field(end.map_or(String::new(), |moment| moment.micros().to_string()).as_bytes());
    }
    field(claim.source.as_bytes());
    field(claim.source_ref.as_bytes());
    field(claim.evidence.as_ref().map_or(&[][..], |digest| &digest.0));
    field(claim.class.as_str().as_bytes());
    field(claim.confidence.map_or(String::new(), |c| c.to_string()).as_bytes());
    field(claim.detail.as_bytes());
    ClaimId(Digest(hash.finalize().into()))
}

#[cfg(test)]
mod tests {
    use crate::claim::*;

    fn claim() -> Claim {
        Claim {
            subject: Subject::project("a").unwrap().with_version("1").unwrap(),
            surface: Surface::Advisory("osv".into()),
            kind: ClaimKind::Reported,
            happened: Interval::parse("2026-05-12").unwrap(),
            observed: Moment::from_seconds(1),
            source: "osv".into(),
            source_ref: "MAL-2026-1".into(),
            evidence: None,
            class: Class::Malware,
            confidence: None,
            detail: String::new(),
        }
    }

    #[test]
    fn when_it_was_learned_does_not_make_another_claim() {
        let later = Claim { observed: Moment::from_seconds(9), ..claim() };
        assert_eq!(later.id(), claim().id());
    }

    #[test]
    fn whatever_else_differs_makes_another_claim() {
        let others = [
            Claim { subject: Subject::project("a1").unwrap(), ..claim() },
            Claim { kind: ClaimKind::Yanked, ..claim() },
            Claim { happened: Interval::UNKNOWN, ..claim() },
            Claim { source_ref: "MAL-2026-2".into(), ..claim() },
            Claim { confidence: Some(0), ..claim() },
            Claim { evidence: Some(Digest::of(b"")), ..claim() },
            Claim { detail: "{}".into(), ..claim() },
        ];
        for other in others {
            assert_ne!(other.id(), claim().id(), "{other:?}");
        }
    }
}
