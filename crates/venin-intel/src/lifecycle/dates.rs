//! The dates of a life with the bounds that all claims together leave, without the claims.
//!
//! The first of several happenings that are known as spans is a span too: it was by the earliest of their ends, and it
//! may have been before any of them that has no beginning.  A claim that says only "by May" makes the first report of
//! June no less certain to be late, but does not let it be the first.  Dates of a project and of its releases join, so
//! that what is said of a project is read once.

use super::Span;
use crate::claim::{Claim, ClaimKind, Interval, Moment};

/// What measures are made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dates {
    /// The first upload.
    pub uploaded: Option<Interval>,
    /// The first download that statistics know.
    pub first_download: Option<Interval>,
    /// The first report.
    pub reported: Option<Interval>,
    /// The first record that was published.
    pub published: Option<Interval>,
    /// By when a record was there that was changed then.
    pub changed: Option<Interval>,
    /// The first time that the index hid it.
    pub quarantined: Option<Interval>,
    /// The first removal from the index.
    pub removed: Option<Interval>,
    /// The last download that statistics know.
    pub last_download: Option<Interval>,
    /// When the collector first learned that anybody accuses it: no block list made of the store had it before.
    pub learned: Option<Moment>,
}

impl Dates {
    /// Takes in what a claim says.  A claim without a date says nothing but when it was learned.
    ///
    /// Whether an accusation still stands is for the caller to know: [`crate::known`] does.
    pub fn take(&mut self, claim: &Claim) {
        if claim.kind.accuses() {
            self.learned = Some(self.learned.map_or(claim.observed, |at| at.min(claim.observed)));
        }
        let happened = (claim.happened != Interval::UNKNOWN).then_some(claim.happened);
        let mut first = |field: fn(&mut Self) -> &mut Option<Interval>| {
            let date = field(self);
            *date = first_of(*date, happened);
        };
        match claim.kind {
            ClaimKind::Uploaded => first(|dates| &mut dates.uploaded),
            ClaimKind::FirstDownload => first(|dates| &mut dates.first_download),
            ClaimKind::Quarantined => first(|dates| &mut dates.quarantined),
            ClaimKind::ReleaseRemoved | ClaimKind::ProjectRemoved | ClaimKind::FileRemoved => {
                first(|dates| &mut dates.removed);
            }
            ClaimKind::Reported => first(|dates| &mut dates.reported),
            ClaimKind::AdvisoryPublished => first(|dates| &mut dates.published),
            ClaimKind::AdvisoryModified => {
                let by = happened.and_then(|date| date.not_after).map(Interval::by);
                self.changed = first_of(self.changed, by);
            }
            ClaimKind::LastDownload => self.last_download = last_of(self.last_download, happened),
            _ => {}
        }
    }

    /// The dates of both together.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self {
            uploaded: first_of(self.uploaded, other.uploaded),
            first_download: first_of(self.first_download, other.first_download),
            reported: first_of(self.reported, other.reported),
            published: first_of(self.published, other.published),
            changed: first_of(self.changed, other.changed),
            quarantined: first_of(self.quarantined, other.quarantined),
            removed: first_of(self.removed, other.removed),
            last_download: last_of(self.last_download, other.last_download),
            learned: self.learned.into_iter().chain(other.learned).min(),
        }
    }

    /// The first time that anybody said it is malicious: a report, or a record.
    ///
    /// A record of which only a change is dated was there by then; that counts where nothing else is dated.
    #[must_use]
    pub fn discovered(&self) -> Option<Interval> {
        first_of(self.reported, self.published).or(self.changed)
    }

    /// The discovery, which cannot have been before the release.
    ///
    /// Many reports are dated by an end only; the release is where their span begins.  Dates that contradict each other
    /// are left as they are.
    #[must_use]
    pub fn discovered_once_released(&self) -> Option<Interval> {
        let mut discovered = self.discovered()?;
        let released = self.released().and_then(|released| released.not_before);
        if released.is_some_and(|start| discovered.not_after.is_none_or(|end| start <= end)) {
            discovered.not_before = discovered.not_before.max(released);
        }
        Some(discovered)
    }

    /// When the first record was published, at the latest when one was changed.
    #[must_use]
    pub fn advised(&self) -> Option<Interval> {
        self.published.or(self.changed)
    }

    /// When it could first be got: its upload, which cannot be later than its first download.
    ///
    /// Where no upload is known, the first download is only where it ends.
    #[must_use]
    pub fn released(&self) -> Option<Interval> {
        let by = self.first_download.and_then(|first| first.not_after);
        match (self.uploaded, by) {
            (None, by) => by.map(Interval::by),
            (uploaded, None) => uploaded,
            (Some(uploaded), Some(by)) => {
                let end = uploaded.not_after.map_or(by, |end| end.min(by));
                let start = uploaded.not_before.map(|start| start.min(end));
                Some(Interval { not_before: start, not_after: Some(end) })
            }
        }
    }

    /// When the index no longer gave it out: hidden or removed, whichever was first.
    #[must_use]
    pub fn withheld(&self) -> Option<Interval> {
        first_of(self.quarantined, self.removed)
    }

    /// From release to discovery.
    #[must_use]
    pub fn incubation(&self) -> Option<Span> {
        Some(Span::between(self.released()?, self.discovered()?))
    }

    /// From discovery to the last download.
    #[must_use]
    pub fn residual_period(&self) -> Option<Span> {
        Some(Span::between(self.discovered_once_released()?, self.last_download?))
    }
}

/// The span of the first of two happenings.
fn first_of(a: Option<Interval>, b: Option<Interval>) -> Option<Interval> {
    let (Some(one), Some(other)) = (a, b) else { return a.or(b) };
    Some(Interval {
        not_before: one.not_before.zip(other.not_before).map(|(one, other)| one.min(other)),
        not_after: one.not_after.into_iter().chain(other.not_after).min(),
    })
}

/// The span of the last of two happenings.
fn last_of(a: Option<Interval>, b: Option<Interval>) -> Option<Interval> {
    let (Some(one), Some(other)) = (a, b) else { return a.or(b) };
    Some(Interval {
        not_before: one.not_before.into_iter().chain(other.not_before).max(),
        not_after: one.not_after.zip(other.not_after).map(|(one, other)| one.max(other)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{Class, Subject, Surface};

    fn interval(text: &str) -> Interval {
        match text.strip_prefix("by ") {
            Some(end) => Interval::by(Moment::parse(end).unwrap()),
            None => Interval::parse(text).unwrap(),
        }
    }

    fn dates(said: &[(ClaimKind, &str)]) -> Dates {
        let mut dates = Dates::default();
        for (at, (kind, happened)) in said.iter().enumerate() {
            dates.take(&Claim {
                subject: Subject::project("a").unwrap(),
                surface: Surface::Index,
                kind: *kind,
                happened: if happened.is_empty() { Interval::UNKNOWN } else { interval(happened) },
                observed: Moment::from_seconds(at as i64),
                source: "s".into(),
                source_ref: "r".into(),
                evidence: None,
                class: Class::Unknown,
                confidence: None,
                detail: String::new(),
            });
        }
        dates
    }

    #[test]
    fn the_first_of_spans_ends_with_the_earliest_and_begins_where_any_may_have() {
        let found = dates(&[
            (ClaimKind::Reported, "2026-01-05T00:00:00Z"),
            (ClaimKind::AdvisoryPublished, "2026-01-03"),
            (ClaimKind::Reported, ""),
        ]);
        let discovered = found.discovered().unwrap();
        assert_eq!(discovered.to_string(), "2026-01-03");
        assert_eq!(found.reported.unwrap().to_string(), "2026-01-05T00:00:00Z");
        let unbounded = dates(&[
            (ClaimKind::Reported, "2026-01-03T00:00:00Z"),
            (ClaimKind::Reported, "by 2026-01-09T00:00:00Z"),
        ]);
        assert_eq!(unbounded.discovered().unwrap().to_string(), "by 2026-01-03T00:00:00Z");
        assert_eq!(unbounded.learned, Some(Moment::from_seconds(0)));
    }

    #[test]
    fn a_change_of_a_record_bounds_its_publication_only_where_nothing_else_does() {
        let changed = dates(&[(ClaimKind::AdvisoryModified, "2026-01-09T00:00:00Z")]);
        assert_eq!(changed.discovered().unwrap().to_string(), "by 2026-01-09T00:00:00Z");
        let both = dates(&[
            (ClaimKind::AdvisoryPublished, "2026-01-03T00:00:00Z"),
            (ClaimKind::AdvisoryModified, "2026-01-09T00:00:00Z"),
        ]);
        assert_eq!(both.discovered().unwrap().to_string(), "2026-01-03T00:00:00Z");
    }

    #[test]
    fn a_download_before_the_upload_is_known_bounds_the_upload() {
        let day = "2026-01-02T00:00:00Z";
        let only = dates(&[(ClaimKind::FirstDownload, day), (ClaimKind::Reported, "2026-01-05T00:00:00Z")]);
        assert_eq!(only.incubation().unwrap().to_string(), "at least 3 d");
        let both = dates(&[
            (ClaimKind::Uploaded, "2026-01"),
            (ClaimKind::FirstDownload, day),
            (ClaimKind::Reported, "2026-01-05T00:00:00Z"),
        ]);
        assert_eq!(both.incubation().unwrap().to_string(), "3 d to 4 d");
        assert_eq!(dates(&[]).incubation(), None);
    }

    #[test]
    fn what_was_reported_by_a_day_was_reported_after_the_upload() {
        let said = [
            (ClaimKind::Uploaded, "2026-01-01T00:00:00Z"),
            (ClaimKind::Reported, "by 2026-01-09T00:00:00Z"),
            (ClaimKind::LastDownload, "2026-01-13T00:00:00Z"),
        ];
        assert_eq!(dates(&said).residual_period().unwrap().to_string(), "4 d to 12 d");
        let [_, reported, last] = said;
        assert_eq!(dates(&[reported, last]).residual_period().unwrap().to_string(), "at least 4 d");
        let conflict = dates(&[(ClaimKind::Uploaded, "2026-02-01T00:00:00Z"), reported, last]);
        assert_eq!(conflict.residual_period().unwrap().to_string(), "at least 4 d");
    }

    #[test]
    fn joined_dates_are_those_of_all_claims_and_the_last_download_is_the_latest() {
        let said = [
            (ClaimKind::LastDownload, "2026-02-01"),
            (ClaimKind::ProjectRemoved, "2026-01-09"),
            (ClaimKind::Quarantined, "2026-01-08"),
            (ClaimKind::LastDownload, "2026-03-01"),
        ];
        let (left, right) = said.split_at(2);
        let joined = dates(left).join(&dates(right));
        assert_eq!(joined, dates(&said));
        assert_eq!(joined.last_download.unwrap().to_string(), "2026-03-01");
        assert_eq!(joined.withheld().unwrap().to_string(), "2026-01-08");
    }
}
