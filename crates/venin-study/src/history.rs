//! What others say and saw of releases, as far as a study counts it: the event store, read once, one project at a time.
//!
//! Of a project only what is counted is kept: dates with their bounds, who says it and when, what mirrors were seen to
//! serve, sums of downloads.  Projects and releases that nobody accuses any more are left out, and [`LeftOut`] says how
//! many; so does everything else that was in the store and is counted nowhere.

mod fold;
mod names;
mod sums;

use std::mem::size_of;

use venin_intel::claim::{Claim, Class, Interval, Moment, Subject};
use venin_intel::lifecycle::Dates;
use venin_intel::store::{Store, StoreError};
use venin_mirror::survival::{Span, What};
use venin_mirror::verdict::Verdict;

pub use names::{NameId, Names};
pub use sums::{Dimension, Sum};

/// Claims dated so much later than the reader's clock are wrong.
const TOLERANCE_MICROS: i64 = 86_400_000_000;
/// 2003-01-01T00:00:00Z in microseconds: there was no index before, and no claim about it.
const FIRST_INDEX_MICROS: i64 = 1_041_379_200_000_000;

/// What is known of the projects that somebody accuses.
#[derive(Debug, Clone, Default)]
pub struct History {
    projects: Vec<Project>,
    names: Names,
    claims: u64,
    newest: Option<Moment>,
    left_out: LeftOut,
}

/// A project of which at least one release is accused.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// The normalized name.
    pub name: Box<str>,
    /// The dates of all accused releases and of the project as a whole.
    pub dates: Dates,
    /// The export of statistics that the last download is from.
    pub last_export: Option<NameId>,
    /// The releases that somebody accuses; one with an empty version where nobody names any.
    pub releases: Box<[Release]>,
    /// What was looked for on mirrors.
    pub subjects: Box<[Looked]>,
    /// What came of it, by mirror, subject and time.
    pub looks: Box<[Look]>,
    /// How long mirrors kept what the index removed.
    pub kept: Box<[Kept]>,
    /// Downloads that are not told by release.
    pub downloads: Box<[Sum]>,
}

/// An accused release.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// The version as it was first spelled.
    pub version: Box<str>,
    /// Its dates, with those of the project that hold for each release.
    pub dates: Dates,
    /// The export of statistics that the last download is from.
    pub last_export: Option<NameId>,
    /// Who accuses it, one for each source, by source.
    pub reports: Box<[Report]>,
    /// Its downloads, in stretches of time that do not overlap.
    pub downloads: Box<[Sum]>,
    /// The mirrors that our samples of it were taken from, sorted.
    pub taken_from: Box<[NameId]>,
}

/// What one source says of a release.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// Who says so.
    pub source: NameId,
    /// The feed that told it: the source itself, or another that passes it on.
    pub via: NameId,
    /// When it was said first; unknown where the source gives no date.
    pub said: Interval,
    /// What the source first took it for.
    pub class: Class,
}

/// Something that was looked for on mirrors.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// What.
    pub subject: Subject,
    /// Its release, as a position among the project's; `None` for the project as a whole.
    pub release: Option<u32>,
}

/// What was seen of one subject on one mirror in one audit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// The mirror.
    pub mirror: NameId,
    /// What was looked for, as a position among the project's subjects.
    pub subject: u32,
    /// When.
    pub observed: Moment,
    /// What came of it.
    pub verdict: Verdict,
    /// Whether no later audit of this mirror looked at the project.
    pub is_last: bool,
}

/// How long a mirror kept something that the index removed, in days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kept {
    /// The mirror.
    pub mirror: NameId,
    /// Entry or file.
    pub what: What,
    /// The release, as a position among the project's; `None` for the project as a whole.
    pub release: Option<u32>,
    /// From the removal to the disappearance.
    pub span: Span,
}

/// What was in the store and is counted nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Claims that lie in the future.
    pub in_the_future: u64,
    /// Claims that lie before there was an index.
    pub before_the_index: u64,
    /// Claims without a date, of the kinds that dates are measured by; who says it still counts.
    pub undated: u64,
    /// Projects that nobody accuses.
    pub projects_not_accused: u64,
    /// Projects of which every accusation was taken back.
    pub projects_cleared: u64,
    /// Records that were taken back, of projects that others still accuse.
    pub records_withdrawn: u64,
    /// Releases of accused projects that nobody accuses.
    pub releases_not_accused: u64,
    /// Records whose ranges were not compared, because a project has too many releases and ranges.
    pub ranges_not_compared: u64,
    /// Releases uploaded by somebody who registered an accused name later.
    pub releases_of_later_owners: u64,
    /// Last downloads that may be of a later owner's releases.
    pub downloads_of_later_owners: u64,
    /// Sums of downloads whose detail cannot be read.
    pub unreadable_sums: u64,
    /// Sums of downloads whose time overlaps that of a larger sum.
    pub overlapping_sums: u64,
    /// Looks at mirrors for what nobody accuses any more.
    pub looks_not_accused: u64,
}

impl History {
    /// Reads a store.  Claims that happened, or were learned, more than a day after `now` are counted and left out, and
    /// so are those from before there was an index.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn read(store: &Store, now: Moment) -> Result<Self, StoreError> {
        let mut reader = Reader::new(now);
        store.visit_by_project(|_, claim| reader.take(claim))?;
        Ok(reader.finish())
    }

    /// Of claims in any order.
    #[must_use]
    pub fn of(claims: impl IntoIterator<Item = Claim>, now: Moment) -> Self {
        let mut claims: Vec<Claim> = claims.into_iter().collect();
        claims.sort_by(|a, b| a.subject.name().cmp(b.subject.name()));
        let mut reader = Reader::new(now);
        claims.into_iter().for_each(|claim| reader.take(claim));
        reader.finish()
    }

    /// The projects that somebody accuses, in order of name.
    #[must_use]
    pub fn projects(&self) -> &[Project] {
        &self.projects
    }

    /// The accused releases with their projects.
    pub fn releases(&self) -> impl Iterator<Item = (&Project, &Release)> {
        self.projects
            .iter()
            .flat_map(|project| project.releases.iter().map(move |release| (project, release)))
    }

    /// The text of a name.
    #[must_use]
    pub fn name(&self, id: NameId) -> &str {
        self.names.text(id)
    }

    /// How many claims were read.
    #[must_use]
    pub const fn claims(&self) -> u64 {
        self.claims
    }

    /// When the newest claim was learned.
    #[must_use]
    pub const fn newest(&self) -> Option<Moment> {
        self.newest
    }

    /// How many claims were left out because they lie in the future.
    #[must_use]
    pub const fn in_the_future(&self) -> u64 {
        self.left_out.in_the_future
    }

    /// What was in the store and is counted nowhere.
    #[must_use]
    pub const fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// About how many bytes it holds.
    #[must_use]
    pub fn size(&self) -> usize {
        self.names.size() + self.projects.iter().map(Project::size).sum::<usize>()
    }
}

impl Project {
    fn size(&self) -> usize {
        let texts: usize = self.subjects.iter().map(|looked| looked.subject.to_string().len()).sum();
        size_of::<Self>()
            + self.name.len()
            + self.releases.iter().map(Release::size).sum::<usize>()
            + self.subjects.len() * size_of::<Looked>()
            + texts
            + self.looks.len() * size_of::<Look>()
            + self.kept.len() * size_of::<Kept>()
            + self.downloads.iter().map(Sum::size).sum::<usize>()
    }
}

impl Release {
    fn size(&self) -> usize {
        size_of::<Self>()
            + self.version.len()
            + self.reports.len() * size_of::<Report>()
            + self.downloads.iter().map(Sum::size).sum::<usize>()
            + self.taken_from.len() * size_of::<NameId>()
    }
}

impl LeftOut {
    /// What was left out, in sentences.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let all = [
            (self.before_the_index, "claims lie before there was an index and were left out."),
            (self.undated, "claims on uploads, reports, removals or downloads have no date."),
            (self.projects_not_accused, "projects that nobody accuses were left out."),
            (self.projects_cleared, "projects were left out because every accusation was taken back."),
            (self.records_withdrawn, "records that were taken back count for nothing."),
            (self.releases_not_accused, "releases of accused projects that nobody accuses were left out."),
            (self.ranges_not_compared, "records name ranges of versions in too many ways to be compared."),
            (
                self.releases_of_later_owners,
                "releases were left out because somebody else registered the name before their upload.",
            ),
            (
                self.downloads_of_later_owners,
                "last downloads were left out because they may be of a later owner's releases.",
            ),
            (self.unreadable_sums, "sums of downloads cannot be read and were left out."),
            (
                self.overlapping_sums,
                "sums of downloads were left out: their time overlaps that of a larger sum.",
            ),
            (self.looks_not_accused, "looks at mirrors were left out: nobody accuses what was looked for."),
        ];
        let told = all.into_iter().filter(|(count, _)| *count > 0);
        told.map(|(count, text)| format!("{count} {text}")).collect()
    }
}

/// Folds claims that come project by project.
struct Reader {
    history: History,
    of_project: Vec<Claim>,
    limit: i64,
}

impl Reader {
    fn new(now: Moment) -> Self {
        let limit = now.micros().saturating_add(TOLERANCE_MICROS);
        Self { history: History::default(), of_project: Vec::new(), limit }
    }

    fn take(&mut self, claim: Claim) {
        let history = &mut self.history;
        history.claims += 1;
        let (start, end) = (claim.happened.not_before, claim.happened.not_after);
        if start.or(end).is_some_and(|at| at.micros() > self.limit) || claim.observed.micros() > self.limit {
            history.left_out.in_the_future += 1;
            return;
        }
        if end.or(start).is_some_and(|at| at.micros() < FIRST_INDEX_MICROS) {
            history.left_out.before_the_index += 1;
            return;
        }
        history.newest = history.newest.max(Some(claim.observed));
        if self.of_project.last().is_some_and(|last| last.subject.name() != claim.subject.name()) {
            self.close_project();
        }
        self.of_project.push(claim);
    }

    fn close_project(&mut self) {
        let History { projects, names, left_out, .. } = &mut self.history;
        projects.extend(fold::fold_claims(&self.of_project, names, left_out));
        self.of_project.clear();
    }

    fn finish(mut self) -> History {
        self.close_project();
        self.history.projects.shrink_to_fit();
        self.history
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
