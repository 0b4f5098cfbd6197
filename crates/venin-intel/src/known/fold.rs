//! From the claims about one project to what stands of them.

use std::collections::{BTreeMap, BTreeSet};

use super::range::parse_ranges;
use super::{Accusation, KnownProject};
use crate::claim::{Claim, ClaimKind, Interval, Moment};

/// What a record says, while its claims are read.
struct Record {
    accusation: Accusation,
    /// What it said when it was changed last: that replaces what it said before, so a record can be narrowed.
    latest: Option<(Moment, Accusation)>,
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
        if claim.kind == ClaimKind::NameReused {
            // The earliest moment at which the name may have changed hands would condemn the new owner; the latest
            // would clear the old one.  Between them nobody knows: the new owner has the benefit of the doubt.
            reused_since = reused_since.max(claim.happened.not_before.or(claim.happened.not_after));
        }
        if !claim.kind.accuses() && claim.kind != ClaimKind::AdvisoryWithdrawn {
            continue;
        }
        let key = (claim.source.clone(), claim.source_ref.clone());
        let record = records.entry(key.clone()).or_insert_with(|| {
            order.push(key);
            Record::of(claim)
        });
        record.take(claim);
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
            project.accusations.push(record.into_accusation());
        }
    }
    Some(project)
}

impl Record {
    fn of(claim: &Claim) -> Self {
        Self {
            accusation: empty_accusation(claim),
            latest: None,
            said: Moment::from_micros(i64::MIN),
            withdrawn: None,
        }
    }

    fn take(&mut self, claim: &Claim) {
        let moment = moment_of(claim);
        if claim.kind == ClaimKind::AdvisoryWithdrawn {
            self.withdrawn = self.withdrawn.max(Some(moment));
            return;
        }
        self.said = self.said.max(moment);
        self.accusation.happened = earlier(self.accusation.happened, claim.happened);
        if claim.kind != ClaimKind::AdvisoryModified {
            accuse(&mut self.accusation, claim);
            return;
        }
        match &mut self.latest {
            Some((at, latest)) if *at == moment => accuse(latest, claim),
            Some((at, _)) if *at > moment => {}
            _ => {
                let mut latest = empty_accusation(claim);
                accuse(&mut latest, claim);
                self.latest = Some((moment, latest));
            }
        }
    }

    fn into_accusation(self) -> Accusation {
        match self.latest {
            Some((_, latest)) => Accusation { happened: self.accusation.happened, ..latest },
            None => self.accusation,
        }
    }
}

fn empty_accusation(claim: &Claim) -> Accusation {
    Accusation {
        source: claim.source.clone(),
        source_ref: claim.source_ref.clone(),
        class: claim.class,
        happened: claim.happened,
        confidence: claim.confidence,
        versions: BTreeSet::new(),
        ranges: BTreeSet::new(),
        is_whole_project: false,
        digests: BTreeSet::new(),
    }
}

/// When a claim was made, for the order among the claims of one record.
fn moment_of(claim: &Claim) -> Moment {
    claim.happened.not_after.or(claim.happened.not_before).unwrap_or(claim.observed)
}

fn accuse(accusation: &mut Accusation, claim: &Claim) {
    accusation.class = claim.class;
    accusation.confidence = claim.confidence.or(accusation.confidence);
    accusation.digests.extend(claim.subject.sha256());
    if let Some(version) = claim.subject.version() {
        // A file that is named with its version accuses these bytes; the release is accused by a claim of its own.
        if claim.subject.sha256().is_none() || claim.kind == ClaimKind::Reported {
            accusation.versions.insert(version.to_owned());
        }
        return;
    }
    if claim.subject.sha256().is_some() {
        return;
    }
    let detail: serde_json::Value = serde_json::from_str(&claim.detail).unwrap_or_default();
    if detail.get("scope").and_then(serde_json::Value::as_str) == Some("ranges") {
        accusation.ranges.extend(detail.get("ranges").map(parse_ranges).unwrap_or_default());
    } else {
        accusation.is_whole_project = true;
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
