//! Observations as claims, each with the span in which it became true: from the last probe that said otherwise to this
//! one.

use std::collections::{BTreeMap, HashMap};

use venin_intel::claim::{Claim, ClaimKind, Class, Interval, Moment, Subject, Surface};

use super::finding::Finding;
use crate::probe::Proof;
use crate::verdict::{FileSeen, IndexSeen};

/// The source that the claims carry.
pub(super) const SOURCE: &str = "mirror-probe";

/// What earlier probes said.
pub trait Prior: Sync {
    /// When a claim of this kind about the subject was last observed on the surface.
    fn last(&self, surface: &Surface, subject: &Subject, kind: ClaimKind) -> Option<Moment>;
}

/// Earlier claims, by what they are about.
#[derive(Debug, Clone, Default)]
pub struct PriorClaims(HashMap<(Surface, Subject, ClaimKind), Moment>);

impl PriorClaims {
    /// Of claims in any order; those that are not about mirrors are left out.
    #[must_use]
    pub fn new<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> Self {
        let mut prior = Self::default();
        claims.into_iter().for_each(|claim| prior.take(claim));
        prior
    }

    /// One more claim; one that is not about a mirror is left out.
    pub fn take(&mut self, claim: &Claim) {
        if !matches!(claim.surface, Surface::Mirror(_)) {
            return;
        }
        let key = (claim.surface.clone(), claim.subject.clone(), claim.kind);
        let moment = self.0.entry(key).or_insert(claim.looked());
        *moment = claim.looked().max(*moment);
    }
}

impl Prior for PriorClaims {
    fn last(&self, surface: &Surface, subject: &Subject, kind: ClaimKind) -> Option<Moment> {
        self.0.get(&(surface.clone(), subject.clone(), kind)).copied()
    }
}

/// Nothing is known from before.
impl Prior for () {
    fn last(&self, _: &Surface, _: &Subject, _: ClaimKind) -> Option<Moment> {
        None
    }
}

/// The claims that a finding makes: one on the index, one on the file.
#[must_use]
pub fn claims_of(finding: &Finding, prior: &dyn Prior) -> Vec<Claim> {
    let of_index = match finding.index {
        IndexSeen::Listed => Some((ClaimKind::IndexSeen, ClaimKind::IndexAbsent)),
        IndexSeen::Absent => Some((ClaimKind::IndexAbsent, ClaimKind::IndexSeen)),
        IndexSeen::ListedOther | IndexSeen::Elsewhere | IndexSeen::Unknown => None,
    };
    let of_file = match finding.file {
        FileSeen::Same | FileSeen::Served => Some((ClaimKind::FileSeen, ClaimKind::FileAbsent)),
        FileSeen::Absent => Some((ClaimKind::FileAbsent, ClaimKind::FileSeen)),
        FileSeen::Other => Some((ClaimKind::FileChanged, ClaimKind::FileSeen)),
        FileSeen::Elsewhere => Some((ClaimKind::FileRedirected, ClaimKind::FileSeen)),
        FileSeen::Unknown | FileSeen::NoAddress => None,
    };
    // A page on another host leads the file there too, where nothing else is known of it.
    let is_led_away = finding.index == IndexSeen::Elsewhere && of_file.is_none();
    let of_file = of_file.or(is_led_away.then_some((ClaimKind::FileRedirected, ClaimKind::FileSeen)));
    let mut claims = Vec::new();
    if let Some((kind, contrary)) = of_index {
        claims.push(claim(finding, kind, contrary, &finding.page_url, None, prior));
    }
    if let Some((kind, contrary)) = of_file {
        let url = if finding.file_url.is_empty() { &finding.page_url } else { &finding.file_url };
        claims.push(claim(finding, kind, contrary, url, confidence(finding), prior));
    }
    claims
}

/// The claim of a finding that does not count: only that the mirror could not be judged.
#[must_use]
pub fn unknown_claim(finding: &Finding, reasons: &[String]) -> Claim {
    let detail = BTreeMap::from([("reason", reasons.join("; "))]);
    Claim {
        kind: ClaimKind::SurfaceUnknown,
        happened: Interval::at(finding.observed),
        detail: serde_json::to_string(&detail).unwrap_or_default(),
        ..claim(finding, ClaimKind::SurfaceUnknown, ClaimKind::SurfaceUnknown, &finding.page_url, None, &())
    }
}

/// How sure it is that a served file is the known one.
const fn confidence(finding: &Finding) -> Option<u8> {
    match (finding.file, finding.proof) {
        (FileSeen::Same, _) => Some(100),
        (FileSeen::Served, Some(Proof::Address)) => Some(95),
        (FileSeen::Served, Some(Proof::Announced)) => Some(90),
        (FileSeen::Served, _) => Some(60),
        _ => None,
    }
}

fn claim(
    finding: &Finding,
    kind: ClaimKind,
    contrary: ClaimKind,
    source_ref: &str,
    confidence: Option<u8>,
    prior: &dyn Prior,
) -> Claim {
    let surface = Surface::Mirror(finding.mirror.clone());
    let before = prior.last(&surface, &finding.subject, contrary);
    let happened = match before {
        Some(before) => Interval::between(before, finding.observed),
        None => Interval::by(finding.observed),
    };
    Claim {
        subject: finding.subject.clone(),
        surface,
        kind,
        happened,
        observed: finding.observed,
        source: SOURCE.to_owned(),
        source_ref: source_ref.to_owned(),
        evidence: finding.evidence,
        class: Class::Unknown,
        confidence,
        detail: detail(finding),
    }
}

/// What else was seen, keys sorted.
fn detail(finding: &Finding) -> String {
    let mut detail = BTreeMap::from([("verdict", finding.verdict.as_str().to_owned())]);
    let mut put = |key, value: Option<String>| value.map(|value| detail.insert(key, value));
    put("proof", finding.proof.map(|proof| proof.as_str().to_owned()));
    put("project-status", finding.project_status.clone());
    put("redirect", finding.redirect.clone());
    put("serial", finding.serial.map(|serial| serial.to_string()));
    put("served-sha256", finding.sha256.map(|digest| digest.to_string()));
    serde_json::to_string(&detail).unwrap_or_default()
}
