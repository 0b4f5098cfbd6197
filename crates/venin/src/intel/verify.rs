//! Our own scan of samples, as claims: the third stage of the study's collection (paper, section III-A).

use venin_intel::claim::{Claim, ClaimKind, Class, Digest, Interval, Moment, Subject, Surface};
use venin_intel::store::{Selection, Store, StoreError};
use venin_intel::vault::{Origin, Vault};
use venin_report::ArtifactReport;

use crate::targets::{Resolved, SampleTarget, Target};

/// The source of what we say ourselves.
const OURSELVES: &str = "venin";

/// A sample as a target of the scanner; its label is the release that it first came from.
pub(crate) fn sample_target(vault: &Vault, digest: Digest) -> Resolved {
    let origin = vault.provenance(digest).ok().and_then(|provenance| provenance.origins.into_iter().next());
    let (label, file_name) = match &origin {
        Some(origin) => (
            origin.subject.to_string(),
            origin.subject.file_name().map_or_else(|| digest.to_string(), ToOwned::to_owned),
        ),
        None => (digest.to_string(), digest.to_string()),
    };
    Resolved::Target(Target::Sample(SampleTarget { label, file_name, digest, vault: vault.clone() }))
}

/// Notes that a sample was put into the vault.
pub(crate) fn archived_claim(origin: &Origin, digest: Digest) -> Claim {
    Claim {
        subject: origin.subject.clone().with_sha256(digest),
        surface: Surface::Vault,
        kind: ClaimKind::Archived,
        happened: Interval::at(origin.at),
        observed: origin.at,
        source: origin.source.clone(),
        source_ref: origin.place.clone(),
        evidence: Some(digest),
        class: Class::Unknown,
        confidence: None,
        detail: String::new(),
    }
}

/// Whether the store says already that the vault got this sample from there, whenever that was.
///
/// # Errors
/// The store cannot be read.
pub(crate) fn is_archived(store: &Store, claim: &Claim) -> Result<bool, StoreError> {
    let (sha256, kind) = (claim.evidence, Some(ClaimKind::Archived));
    let said = store.claims(&Selection { sha256, kind, ..Selection::default() })?;
    Ok(said.iter().any(|said| {
        (&said.subject, &said.source, &said.source_ref) == (&claim.subject, &claim.source, &claim.source_ref)
    }))
}

/// What a scan of a sample says of each release that the sample came from.  What was said before by the same rules is
/// not said again.
///
/// # Errors
/// The store cannot be read.
pub(crate) fn scanned_claims(
    store: &Store,
    subjects: &[Subject],
    digest: Digest,
    report: &ArtifactReport,
    now: Moment,
) -> Result<Vec<Claim>, StoreError> {
    let detail = serde_json::json!({
        "behaviors": report.behaviors.iter().map(|behavior| behavior.as_str()).collect::<Vec<_>>(),
        "complete": report.complete,
        "score": (report.score * 100.0).round() / 100.0,
        "verdict": report.verdict.as_str(),
    });
    let earlier = store.claims(&Selection {
        sha256: Some(digest),
        kind: Some(ClaimKind::Scanned),
        ..Selection::default()
    })?;
    let claim_of = |subject: &Subject| Claim {
        subject: subject.clone().with_sha256(digest),
        surface: Surface::Vault,
        kind: ClaimKind::Scanned,
        happened: Interval::at(now),
        observed: now,
        source: OURSELVES.to_owned(),
        source_ref: concat!("venin ", env!("CARGO_PKG_VERSION")).to_owned(),
        evidence: Some(digest),
        class: Class::Unknown,
        confidence: None,
        detail: detail.to_string(),
    };
    let is_said = |claim: &Claim| {
        let last = earlier.iter().rev().find(|said| said.subject == claim.subject);
        last.is_some_and(|said| (&said.source_ref, &said.detail) == (&claim.source_ref, &claim.detail))
    };
    Ok(subjects.iter().map(claim_of).filter(|claim| !is_said(claim)).collect())
}
