//! From the claims about one project to what stands of them.

use std::collections::BTreeMap;

use super::{Accusation, KnownProject};
use crate::claim::{Claim, ClaimKind, Interval, Moment};

/// What a record says, while its claims are read.
struct Record {
    accusation: Accusation,
    /// When it was last said, and when it was last taken back: the later one counts.
    said: Moment,
    withdrawn: Option<Moment>,
}

/// Folds all claims about one project, in the order in which they were taken in.  `None` when none accuses it.
#[must_use]
pub fn fold_project(claims: &[Claim]) -> Option<KnownProject> {
    let name = claims.first()?.subject.name().to_owned();
    let mut records: BTreeMap<(String, String), Record> = BTreeMap::new();
    let mut order = Vec::new();
    let mut reused_since = None;
    for claim in claims {
        let key = (claim.source.clone(), claim.source_ref.clone());
        if claim.kind.accuses() {
            let record = records.entry(key.clone()).or_insert_with(|| {
                order.push(key);
                new_record(claim)
            });
            accuse(record, claim);
        } else if claim.kind == ClaimKind::AdvisoryWithdrawn {
            let record = records.entry(key.clone()).or_insert_with(|| {
                order.push(key);
                new_record(claim)
            });
            record.withdrawn = record.withdrawn.max(Some(moment_of(claim)));
        } else if claim.kind == ClaimKind::NameReused {
            // The earliest moment at which the name may have changed hands would condemn the new owner; the latest
            // would clear the old one.  Between them nobody knows: the new owner has the benefit of the doubt.
            reused_since = reused_since.max(claim.happened.not_before.or(claim.happened.not_after));
        }
    }
    if records.is_empty() {
        return None;
    }
    let mut project = KnownProject { name, accusations: Vec::new(), withdrawn: Vec::new(), reused_since };
    for key in order {
        let Some(record) = records.remove(&key) else { continue };
        if record.withdrawn.is_some_and(|withdrawn| withdrawn >= record.said) {
            project.withdrawn.push(key);
        } else {
            project.accusations.push(record.accusation);
        }
    }
    Some(project)
}

fn new_record(claim: &Claim) -> Record {
    let accusation = Accusation {
        source: claim.source.clone(),
        source_ref: claim.source_ref.clone(),
        class: claim.class,
        happened: claim.happened,
        confidence: claim.confidence,
        versions: std::collections::BTreeSet::new(),
        is_whole_project: false,
        digests: std::collections::BTreeSet::new(),
    };
    Record { accusation, said: Moment::from_micros(i64::MIN), withdrawn: None }
}

/// When a claim was made, for the order among the claims of one record.
fn moment_of(claim: &Claim) -> Moment {
    claim.happened.not_after.or(claim.happened.not_before).unwrap_or(claim.observed)
}

fn accuse(record: &mut Record, claim: &Claim) {
    let accusation = &mut record.accusation;
    record.said = record.said.max(moment_of(claim));
    accusation.happened = earlier(accusation.happened, claim.happened);
    accusation.class = claim.class;
    accusation.confidence = claim.confidence.or(accusation.confidence);
    accusation.digests.extend(claim.subject.sha256());
    match claim.subject.version() {
        Some(version) => {
            accusation.versions.insert(version.to_owned());
        }
        None if claim.subject.sha256().is_none() => accusation.is_whole_project = true,
        None => {}
    }
}

/// The interval that ends first.
fn earlier(a: Interval, b: Interval) -> Interval {
    match (a.not_after, b.not_after) {
        (Some(first), Some(second)) if second < first => b,
        (None, Some(_)) => b,
        _ => a,
    }
}
