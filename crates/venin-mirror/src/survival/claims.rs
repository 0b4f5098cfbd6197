//! From claims to spans: when the index removed it, when a mirror was last seen with it and first without it.

use std::collections::{BTreeMap, HashMap};

use venin_intel::claim::{Claim, ClaimKind, Moment, Subject, Surface};

use super::Span;
use crate::known::VersionKey;

const MICROS_A_DAY: f64 = 86_400e6;

/// What disappears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The entry on the index page.
    Index,
    /// The file.
    File,
}

/// How long one mirror kept one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Persistence {
    /// The mirror.
    pub mirror: String,
    /// What it kept.
    pub subject: Subject,
    /// Days from the removal by the index to the disappearance from the mirror.
    pub span: Span,
}

/// What probes of one subject on one mirror said: the last sighting and the first absence after it.
#[derive(Default)]
struct Sightings {
    last_seen: Option<Moment>,
    absences: Vec<Moment>,
}

/// Measures the persistence of everything that was removed from the index and seen on a mirror at least once.
///
/// A subject that was never seen on a mirror says nothing about how long the mirror keeps files, and is left out.  Where
/// the removal itself is only known within a span, the span of the persistence is as much wider.
#[must_use]
pub fn persistence_of(claims: &[Claim], what: What) -> Vec<Persistence> {
    let (seen_kind, absent_kind) = match what {
        What::Index => (ClaimKind::IndexSeen, ClaimKind::IndexAbsent),
        What::File => (ClaimKind::FileSeen, ClaimKind::FileAbsent),
    };
    let mut sightings: BTreeMap<(&str, &Subject), Sightings> = BTreeMap::new();
    for claim in claims {
        let Surface::Mirror(mirror) = &claim.surface else { continue };
        if claim.kind == seen_kind {
            let entry = sightings.entry((mirror, &claim.subject)).or_default();
            entry.last_seen = entry.last_seen.max(Some(claim.looked()));
        } else if claim.kind == absent_kind {
            sightings.entry((mirror, &claim.subject)).or_default().absences.push(claim.looked());
        }
    }
    let removals = Removals::of(claims);
    let measured = sightings.into_iter().filter_map(|((mirror, subject), sightings)| {
        let last_seen = sightings.last_seen?;
        let gone = sightings.absences.into_iter().filter(|at| *at > last_seen).min();
        let (earliest, latest) = removals.first_of(subject)?;
        // Gone from the mirror before the index removed it: not kept at all.
        let by = gone.map(|gone| days(earliest, gone).max(0.0));
        let after = days(latest, last_seen).max(0.0);
        let span = Span { after: by.map_or(after, |by| after.min(by)), by };
        Some(Persistence { mirror: mirror.to_owned(), subject: subject.clone(), span })
    });
    measured.collect()
}

fn days(from: Moment, to: Moment) -> f64 {
    (to.micros() as f64 - from.micros() as f64) / MICROS_A_DAY
}

/// What the index removed or hid.
#[derive(Default)]
struct Removals<'a> {
    /// Of projects as a whole.
    of_projects: HashMap<&'a str, Vec<&'a Claim>>,
    /// Of releases and their files.
    of_releases: HashMap<(&'a str, VersionKey), Vec<&'a Claim>>,
}

impl<'a> Removals<'a> {
    fn of(claims: &'a [Claim]) -> Self {
        let mut removals = Self::default();
        for claim in claims {
            let is_removal = matches!(
                claim.kind,
                ClaimKind::Quarantined
                    | ClaimKind::ReleaseRemoved
                    | ClaimKind::ProjectRemoved
                    | ClaimKind::FileRemoved
            );
            if !is_removal || claim.surface != Surface::Index {
                continue;
            }
            let name = claim.subject.name();
            match claim.subject.version() {
                None => removals.of_projects.entry(name).or_default().push(claim),
                Some(version) => {
                    let key = (name, VersionKey::new(version));
                    removals.of_releases.entry(key).or_default().push(claim);
                }
            }
        }
        removals
    }

    /// The first removal that takes the subject in: no earlier than one moment and by another.
    fn first_of(&self, subject: &'a Subject) -> Option<(Moment, Moment)> {
        let of_project = self.of_projects.get(subject.name()).into_iter().flatten();
        let key = subject.version().map(|version| (subject.name(), VersionKey::new(version)));
        let of_release = key.and_then(|key| self.of_releases.get(&key)).into_iter().flatten();
        let holds = |removed: &&&Claim| {
            let file = removed.subject.file_name();
            file.is_none() || file == subject.file_name()
        };
        of_project
            .chain(of_release)
            .filter(holds)
            .map(|claim| {
                let latest = claim.happened.not_after.unwrap_or(claim.observed);
                (claim.happened.not_before.unwrap_or(latest), latest)
            })
            .min_by_key(|(_, latest)| *latest)
    }
}

#[cfg(test)]
mod tests {
    use venin_intel::claim::{Class, Interval};

    use super::*;

    const DAY: i64 = 86_400;

    fn claim(name: &str, surface: Surface, kind: ClaimKind, happened: Interval, observed: i64) -> Claim {
        Claim {
            subject: Subject::project(name).unwrap().with_version("1").unwrap(),
            surface,
            kind,
            happened,
            observed: Moment::from_seconds(observed * DAY),
            source: "test".to_owned(),
            source_ref: String::new(),
            evidence: None,
            class: Class::Unknown,
            confidence: None,
            detail: String::new(),
        }
    }

    fn probe(name: &str, kind: ClaimKind, day: i64) -> Claim {
        let surface = Surface::Mirror("m".to_owned());
        claim(name, surface, kind, Interval::by(Moment::from_seconds(day * DAY)), day)
    }

    fn removal(name: &str, from: i64, to: i64) -> Claim {
        let happened = Interval::between(Moment::from_seconds(from * DAY), Moment::from_seconds(to * DAY));
        let mut removal = claim(name, Surface::Index, ClaimKind::ProjectRemoved, happened, to);
        removal.subject = Subject::project(name).unwrap();
        removal
    }

    #[test]
    fn the_span_reaches_from_the_last_sighting_to_the_first_absence_after_it() {
        use ClaimKind::{FileAbsent, FileSeen, IndexAbsent};
        let claims = [
            removal("gone", 10, 12),
            probe("gone", FileSeen, 15),
            probe("gone", FileSeen, 20),
            probe("gone", FileAbsent, 17),
            probe("gone", FileAbsent, 30),
            probe("gone", FileAbsent, 40),
            removal("still", 10, 10),
            probe("still", FileSeen, 60),
            probe("still", IndexAbsent, 60),
            removal("never", 10, 10),
            probe("never", FileAbsent, 60),
            probe("not-removed", FileSeen, 60),
        ];
        let measured = persistence_of(&claims, What::File);
        let spans: Vec<_> = measured.iter().map(|p| (p.subject.name(), p.span)).collect();
        assert_eq!(
            spans,
            [("gone", Span { after: 8.0, by: Some(20.0) }), ("still", Span { after: 50.0, by: None })]
        );
        assert!(persistence_of(&claims, What::Index).is_empty());
    }
}
