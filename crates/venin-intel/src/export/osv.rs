//! One OSV record for each accused project (OSV schema 1.7), with who said what when under `database_specific`.

use serde_json::{Value, json};

use crate::claim::{ClaimKind, Interval};
use crate::known::{Accusation, KnownProject};
use crate::lifecycle::Life;

/// The version of the schema that the records follow.
const SCHEMA_VERSION: &str = "1.7.4";
/// The ecosystem's name in OSV.
const ECOSYSTEM: &str = "PyPI";

/// The record of a project, or `None` when nobody accuses it.
///
/// The times of the record are those of the claims, not those of the export: the same knowledge gives the same bytes.
#[must_use]
pub fn render_osv_record(project: &KnownProject, life: &Life) -> Option<Value> {
    if !project.is_accused() {
        return None;
    }
    let said = project.accusations.iter().map(|accusation| accusation.happened);
    let first = said.clone().filter_map(start_of).min();
    let last = said.filter_map(end_of).chain(life.claims.iter().map(|claim| claim.observed)).max();
    let versions: std::collections::BTreeSet<&str> =
        project.accusations.iter().flat_map(|accusation| &accusation.versions).map(String::as_str).collect();
    let is_whole = project.accusations.iter().any(|accusation| accusation.is_whole_project);
    let mut affected = json!({
        "package": { "ecosystem": ECOSYSTEM, "name": project.name, "purl": format!("pkg:pypi/{}", project.name) },
    });
    if !versions.is_empty() {
        affected["versions"] = json!(versions);
    }
    if is_whole && versions.is_empty() {
        affected["ranges"] = json!([{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }] }]);
    }
    let mut record = json!({
        "schema_version": SCHEMA_VERSION,
        "id": format!("VENIN-{}", project.name),
        "modified": last.map(|moment| moment.to_string()),
        "summary": format!("Malicious code in {} ({ECOSYSTEM})", project.name),
        "affected": [affected],
        "database_specific": {
            "reported-by": project.accusations.iter().map(reason).collect::<Vec<_>>(),
            "lifecycle": lifecycle(life),
        },
    });
    if let Some(first) = first {
        record["published"] = json!(first.to_string());
    }
    let aliases: Vec<&str> =
        project.accusations.iter().map(|a| a.source_ref.as_str()).filter(|r| is_id(r)).collect();
    if !aliases.is_empty() {
        record["aliases"] = json!(aliases);
    }
    Some(record)
}

fn start_of(interval: Interval) -> Option<crate::claim::Moment> {
    interval.not_before.or(interval.not_after)
}

fn end_of(interval: Interval) -> Option<crate::claim::Moment> {
    interval.not_after.or(interval.not_before)
}

/// Whether a reference is an identifier that other databases know, and no place or serial.
fn is_id(reference: &str) -> bool {
    let is_family = ["MAL-", "GHSA-", "PYSEC-"].iter().any(|prefix| reference.starts_with(prefix));
    is_family && reference.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn reason(accusation: &Accusation) -> Value {
    json!({
        "source": accusation.source,
        "record": accusation.source_ref,
        "class": accusation.class.as_str(),
        "since": accusation.happened.to_string(),
        "sha256": accusation.digests.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// Uploads, removals and sightings, in the order in which they happened.
fn lifecycle(life: &Life) -> Vec<Value> {
    let is_told =
        |kind: ClaimKind| !kind.accuses() && !matches!(kind, ClaimKind::Downloads | ClaimKind::Archived);
    let told = life.claims.iter().filter(|claim| is_told(claim.kind));
    told.map(|claim| {
        json!({
            "kind": claim.kind.as_str(),
            "surface": claim.surface.to_string(),
            "subject": claim.subject.to_string(),
            "happened": claim.happened.to_string(),
            "source": claim.source,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{Claim, Class, Moment, Subject, Surface};
    use crate::known::fold_project;

    fn claim(kind: ClaimKind, version: Option<&str>) -> Claim {
        let mut subject = Subject::project("a").unwrap();
        if let Some(version) = version {
            subject = subject.with_version(version).unwrap();
        }
        Claim {
            subject,
            surface: Surface::Index,
            kind,
            happened: Interval::parse("2026-01-02").unwrap(),
            observed: Moment::parse("2026-02-01T00:00:00Z").unwrap(),
            source: "feed".into(),
            source_ref: "MAL-2026-1".into(),
            evidence: None,
            class: Class::Malware,
            confidence: None,
            detail: String::new(),
        }
    }

    fn record(claims: Vec<Claim>) -> Option<Value> {
        let project = fold_project(&claims)?;
        render_osv_record(&project, &Life::fold(Subject::project("a").unwrap(), claims))
    }

    #[test]
    fn a_record_names_versions_aliases_and_the_life_and_is_the_same_every_time() {
        let claims = vec![claim(ClaimKind::Reported, Some("1.0")), claim(ClaimKind::ProjectRemoved, None)];
        let value = record(claims.clone()).unwrap();
        assert_eq!(value["affected"][0]["versions"], json!(["1.0"]));
        assert_eq!(value["aliases"], json!(["MAL-2026-1"]));
        assert_eq!(value["published"], "2026-01-02T00:00:00Z");
        assert_eq!(value["database_specific"]["lifecycle"][0]["kind"], "project-removed");
        assert_eq!(record(claims).unwrap(), value);
    }

    #[test]
    fn a_project_that_is_accused_as_a_whole_has_a_range_and_one_that_nobody_accuses_no_record() {
        let value = record(vec![claim(ClaimKind::Reported, None)]).unwrap();
        assert_eq!(value["affected"][0]["ranges"][0]["events"][0]["introduced"], "0");
        assert_eq!(record(vec![claim(ClaimKind::Uploaded, Some("1"))]), None);
    }
}
