//! What the store knows of a release, as a report.

use std::collections::BTreeSet;

use venin_intel::claim::{Claim, ClaimKind, Digest, Subject};
use venin_intel::known::{Candidate, Known, KnownProject, Strength, fold_project};
use venin_intel::lifecycle::{Life, Span};
use venin_intel::store::{Selection, Store, StoreError};
use venin_report::{
    AccusationReport, ClaimReport, MeasureReport, RELEASE_SCHEMA, ReleaseReport, ScanOpinion, SurfaceReport,
};

/// Everything that is known of a project or a release.
///
/// # Errors
/// The store cannot be read.
pub(crate) fn report_release(store: &Store, subject: &Subject) -> Result<ReleaseReport, StoreError> {
    let all = store.claims(&Selection::of_project(subject.name()))?;
    let project = fold_project(&all);
    let digests: BTreeSet<Digest> =
        all.iter().filter(|claim| is_of(subject, claim)).filter_map(|claim| claim.subject.sha256()).collect();
    let known = project.iter().cloned().collect::<Known>();
    let claims: Vec<Claim> = all.into_iter().filter(|claim| is_about(subject, claim)).collect();
    let life = Life::fold(subject.clone(), claims);
    let scan = last_scan(&life.claims);
    let accusations = accusations(&known, project.as_ref(), subject, &digests, &life);
    let withdrawn = project.as_ref().map(|p| p.withdrawn.clone()).unwrap_or_default();
    let conflicts = conflicts(scan.as_ref(), &accusations, &withdrawn);
    Ok(ReleaseReport {
        schema: RELEASE_SCHEMA.to_owned(),
        name: subject.name().to_owned(),
        version: subject.version().map(ToOwned::to_owned),
        purl: subject.to_purl(),
        scan,
        accusations,
        withdrawn,
        reused_since: project.and_then(|p| p.reused_since).map(|moment| moment.to_string()),
        conflicts,
        measures: measures(&life),
        surfaces: surfaces(&life),
        timeline: life.claims.iter().map(claim_report).collect(),
    })
}

/// Whether a claim is about this release itself, or about any release when no version is asked for.
fn is_of(subject: &Subject, claim: &Claim) -> bool {
    subject.version().is_none() || claim.subject.version() == subject.version()
}

/// The same, and what is said of the project as a whole.
fn is_about(subject: &Subject, claim: &Claim) -> bool {
    is_of(subject, claim) || claim.subject.version().is_none()
}

fn last_scan(claims: &[Claim]) -> Option<ScanOpinion> {
    let claim = claims.iter().rev().find(|claim| claim.kind == ClaimKind::Scanned)?;
    let detail: serde_json::Value = serde_json::from_str(&claim.detail).unwrap_or_default();
    Some(ScanOpinion {
        verdict: detail.get("verdict").and_then(|v| v.as_str()).unwrap_or("unknown").to_owned(),
        at: claim.observed.to_string(),
        sha256: claim.subject.sha256().map(|digest| digest.to_string()),
    })
}

fn accusations(
    known: &Known,
    project: Option<&KnownProject>,
    subject: &Subject,
    digests: &BTreeSet<Digest>,
    life: &Life,
) -> Vec<AccusationReport> {
    if subject.version().is_none() {
        // Of a project as a whole, everything that anybody says is of interest.
        let all = project.into_iter().flat_map(|project| &project.accusations);
        return all.map(|accusation| accusation_report(accusation, Strength::Name)).collect();
    }
    let uploaded = life.dates.uploaded.and_then(|interval| interval.not_before);
    let candidate = Candidate { name: subject.name(), version: subject.version(), sha256: None, uploaded };
    let by_bytes = digests
        .iter()
        .flat_map(|digest| known.match_release(&Candidate { sha256: Some(*digest), ..candidate }));
    let mut reports: Vec<AccusationReport> = Vec::new();
    for found in by_bytes.chain(known.match_release(&candidate)) {
        let report = accusation_report(found.accusation, found.strength);
        if !reports.iter().any(|r| (&r.source, &r.record) == (&report.source, &report.record)) {
            reports.push(report);
        }
    }
    reports
}

fn accusation_report(accusation: &venin_intel::known::Accusation, strength: Strength) -> AccusationReport {
    AccusationReport {
        source: accusation.source.clone(),
        record: accusation.source_ref.clone(),
        class: accusation.class.as_str().to_owned(),
        since: accusation.happened.to_string(),
        confidence: accusation.confidence,
        by: match strength {
            Strength::Digest => "digest",
            Strength::Release => "release",
            Strength::Name => "name",
        }
        .to_owned(),
    }
}

/// Where opinions differ, in words.
fn conflicts(
    scan: Option<&ScanOpinion>,
    accusations: &[AccusationReport],
    withdrawn: &[(String, String)],
) -> Vec<String> {
    let mut conflicts = Vec::new();
    let is_accused = !accusations.is_empty();
    match scan.map(|scan| scan.verdict.as_str()) {
        Some("clean") if is_accused => {
            conflicts.push("it is accused, and our scan finds nothing".to_owned());
        }
        Some("malicious" | "suspicious") if !is_accused => {
            conflicts.push("our scan finds something, and nobody accuses it".to_owned());
        }
        _ => {}
    }
    if is_accused && !withdrawn.is_empty() {
        conflicts.push("some records stand and others were taken back".to_owned());
    }
    let classes: BTreeSet<&str> =
        accusations.iter().map(|a| a.class.as_str()).filter(|c| *c != "unknown").collect();
    if classes.len() > 1 {
        let classes: Vec<&str> = classes.into_iter().collect();
        conflicts.push(format!("it is taken for {}", classes.join(" and for ")));
    }
    conflicts
}

fn measures(life: &Life) -> Vec<MeasureReport> {
    let mut measures = Vec::new();
    let mut push = |name: String, meaning: &str, span: Option<Span>| {
        measures.extend(span.map(|span| MeasureReport {
            name,
            meaning: meaning.to_owned(),
            least_seconds: span.least,
            most_seconds: span.most,
            text: span.to_string(),
        }));
    };
    push("incubation".to_owned(), "from release to discovery", life.incubation());
    push("residual period".to_owned(), "from discovery to the last download", life.residual_period());
    for surface in life.surfaces.keys() {
        let name = format!("persistence on {surface}");
        push(name, "from removal to the last sighting", life.persistence(surface));
    }
    measures
}

fn surfaces(life: &Life) -> Vec<SurfaceReport> {
    let of = |(surface, state): (&venin_intel::claim::Surface, &venin_intel::lifecycle::SurfaceState)| {
        SurfaceReport {
            surface: surface.to_string(),
            state: match (state.is_changed, state.gone, state.last_seen) {
                (true, _, _) => "other bytes",
                (_, Some(_), _) => "gone",
                (_, None, Some(_)) => "serves",
                (_, None, None) => "unknown",
            }
            .to_owned(),
            last_seen: state.last_seen.map(|interval| interval.to_string()),
            gone: state.gone.map(|interval| interval.to_string()),
        }
    };
    life.surfaces.iter().map(of).collect()
}

fn claim_report(claim: &Claim) -> ClaimReport {
    ClaimReport {
        happened: claim.happened.to_string(),
        not_before: claim.happened.not_before.map(|moment| moment.to_string()),
        not_after: claim.happened.not_after.map(|moment| moment.to_string()),
        kind: claim.kind.as_str().to_owned(),
        subject: claim.subject.to_string(),
        surface: claim.surface.to_string(),
        source: claim.source.clone(),
        source_ref: claim.source_ref.clone(),
        observed: claim.observed.to_string(),
        sha256: claim.subject.sha256().map(|digest| digest.to_string()),
        class: claim.class.as_str().to_owned(),
        detail: serde_json::from_str(&claim.detail).unwrap_or_default(),
    }
}
