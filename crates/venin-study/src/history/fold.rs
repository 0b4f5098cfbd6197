//! From all claims about one project to what a study keeps of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use venin_intel::claim::{Claim, ClaimKind, Interval, Moment, Subject, Surface};
use venin_intel::known::{Accusation, KnownProject, Releases, fold_project};
use venin_intel::lifecycle::Dates;
use venin_mirror::survival::{What, persistence_of};
use venin_mirror::verdict::Verdict;

use super::names::{NameId, Names};
use super::sums::keep_apart;
use super::{Kept, LeftOut, Look, Looked, Project, Release, Report, Sum};

/// Most comparisons of ranges with releases of one project.
const MAX_COMPARISONS: usize = 4_000_000;

/// The releases that an accusation names.
enum Reach {
    /// All of them.
    Whole,
    /// Those at these positions.
    Some(BTreeSet<usize>),
}

/// What is gathered of one release.
#[derive(Default)]
struct Gathered {
    dates: Dates,
    reports: BTreeMap<NameId, Report>,
    sums: Vec<Sum>,
    taken_from: BTreeSet<NameId>,
    last_export: Option<NameId>,
}

/// What is gathered of one project.
struct Gathering<'a> {
    names: &'a mut Names,
    left_out: &'a mut LeftOut,
    releases: Releases,
    /// By position among the releases.
    gathered: Vec<Gathered>,
    /// What is said of the project as a whole and holds for each accused release.
    whole: Gathered,
    /// Uploads and downloads that are not told by release.
    unversioned: Gathered,
}

/// Folds the claims of one project, in the order in which they were taken in.  `None` when nobody accuses it any more.
pub(super) fn fold_claims(claims: &[Claim], names: &mut Names, left_out: &mut LeftOut) -> Option<Project> {
    let name = claims.first()?.subject.name();
    let Some(known) = fold_project(claims) else {
        left_out.projects_not_accused += 1;
        return None;
    };
    if !known.is_accused() {
        left_out.projects_cleared += 1;
        return None;
    }
    left_out.records_withdrawn += known.withdrawn.len() as u64;
    let mut releases = Releases::default();
    for version in claims.iter().filter_map(|claim| claim.subject.version()) {
        releases.insert(version);
    }
    let mut reaches = reaches(&known, &releases, claims, left_out);
    let is_empty = |reach: &Reach| match reach {
        Reach::Whole => releases.texts().is_empty(),
        Reach::Some(accused) => accused.is_empty(),
    };
    if reaches.iter().all(is_empty) {
        // Somebody accuses it, and nobody says which versions there were.
        let at = releases.insert("");
        reaches.iter_mut().for_each(|reach| *reach = Reach::Some(BTreeSet::from([at])));
    }
    let gathered = releases.texts().iter().map(|_| Gathered::default()).collect();
    let (whole, unversioned) = (Gathered::default(), Gathered::default());
    let mut gathering = Gathering { names, left_out, releases, gathered, whole, unversioned };
    let records = records(&known);
    for claim in claims {
        gathering.take(claim, &records, &reaches);
    }
    let accused = accused(&reaches, gathering.gathered.len());
    gathering.finish(name, claims, &known, &accused)
}

/// The releases that each accusation names.
fn reaches(
    known: &KnownProject,
    releases: &Releases,
    claims: &[Claim],
    left_out: &mut LeftOut,
) -> Vec<Reach> {
    let mut comparisons = 0usize;
    let mut reach = |accusation: &Accusation| {
        if accusation.is_whole_project {
            return Reach::Whole;
        }
        comparisons += accusation.ranges.len().saturating_mul(releases.texts().len());
        if comparisons > MAX_COMPARISONS && !accusation.ranges.is_empty() {
            left_out.ranges_not_compared += 1;
            let named = accusation.versions.iter().filter_map(|version| releases.position(version));
            return Reach::Some(named.collect());
        }
        Reach::Some(accusation.accused_among(releases))
    };
    let mut reaches: Vec<Reach> = known.accusations.iter().map(&mut reach).collect();
    let records = records(known);
    // A file that is accused by its digest is of some release.
    for claim in claims.iter().filter(|claim| claim.kind.accuses()) {
        let Some(record) = records.get(&(claim.source.as_str(), claim.source_ref.as_str())) else { continue };
        let names = |accusation: &Accusation| {
            claim.subject.sha256().is_some_and(|digest| accusation.digests.contains(&digest))
        };
        let at = claim.subject.version().and_then(|version| releases.position(version));
        let is_named = known.accusations.get(*record).is_some_and(names);
        if let (Some(at), true, Some(Reach::Some(accused))) = (at, is_named, reaches.get_mut(*record)) {
            accused.insert(at);
        }
    }
    reaches
}

/// All releases that any accusation names.
fn accused(reaches: &[Reach], releases: usize) -> BTreeSet<usize> {
    if reaches.iter().any(|reach| matches!(reach, Reach::Whole)) {
        return (0..releases).collect();
    }
    let some = reaches.iter().filter_map(|reach| match reach {
        Reach::Some(accused) => Some(accused),
        Reach::Whole => None,
    });
    some.flatten().copied().collect()
}

/// The accusations by source and record.
fn records(known: &KnownProject) -> HashMap<(&str, &str), usize> {
    let keys = known.accusations.iter().map(|a| (a.source.as_str(), a.source_ref.as_str()));
    keys.zip(0..).collect()
}

/// Whether a claim's date is measured by.
fn is_milestone(kind: ClaimKind) -> bool {
    use ClaimKind as K;
    matches!(
        kind,
        K::Uploaded
            | K::FirstDownload
            | K::LastDownload
            | K::Reported
            | K::AdvisoryPublished
            | K::Quarantined
            | K::ReleaseRemoved
            | K::ProjectRemoved
            | K::FileRemoved
    )
}

impl Gathered {
    fn take(&mut self, claim: &Claim, names: &mut Names) {
        let before = self.dates.last_download;
        self.dates.take(claim);
        if self.dates.last_download != before {
            self.last_export = Some(names.id(&claim.source_ref));
        }
    }

    fn accuse(&mut self, claim: &Claim, report: Report) {
        self.dates.take(claim);
        self.add_report(report);
    }

    fn add_report(&mut self, report: Report) {
        let kept = self.reports.entry(report.source).or_insert(report);
        kept.said = first_said(kept.said, report.said);
        // Who says it himself is not passed on.
        kept.via = if report.via == report.source { report.via } else { kept.via };
    }
}

impl Gathering<'_> {
    fn take(&mut self, claim: &Claim, records: &HashMap<(&str, &str), usize>, reaches: &[Reach]) {
        if is_milestone(claim.kind) && claim.happened == Interval::UNKNOWN {
            self.left_out.undated += 1;
        }
        let release = claim.subject.version().and_then(|version| self.releases.position(version));
        if claim.kind.accuses() {
            let key = (claim.source.as_str(), claim.source_ref.as_str());
            if let Some(reach) = records.get(&key).and_then(|record| reaches.get(*record)) {
                self.accuse(claim, release, reach);
            }
            return;
        }
        match (claim.kind, release) {
            (ClaimKind::Downloads, _) => self.take_sum(claim, release),
            (ClaimKind::Uploaded | ClaimKind::FirstDownload | ClaimKind::LastDownload, None) => {
                self.unversioned.take(claim, self.names);
            }
            (ClaimKind::Archived | ClaimKind::FileSeen, Some(at)) => self.take_origin(claim, at),
            (_, Some(at)) => {
                if let Some(gathered) = self.gathered.get_mut(at) {
                    gathered.take(claim, self.names);
                }
            }
            (_, None) => self.whole.dates.take(claim),
        }
    }

    /// An accusation that stands: of the release that it names, else of all that its record accuses.
    fn accuse(&mut self, claim: &Claim, release: Option<usize>, reach: &Reach) {
        let source = self.names.id(&claim.source);
        let via = match &claim.surface {
            Surface::Advisory(feed) => self.names.id(feed),
            _ => source,
        };
        let report = Report { source, via, said: said_of(claim), class: claim.class };
        match (release, reach) {
            (None, Reach::Whole) => self.whole.accuse(claim, report),
            (None, Reach::Some(accused)) => {
                for at in accused {
                    self.accuse_release(*at, claim, report);
                }
            }
            (Some(at), Reach::Some(accused)) if !accused.contains(&at) => {}
            (Some(at), _) => self.accuse_release(at, claim, report),
        }
    }

    fn accuse_release(&mut self, at: usize, claim: &Claim, report: Report) {
        if let Some(gathered) = self.gathered.get_mut(at) {
            gathered.accuse(claim, report);
        }
    }

    fn take_sum(&mut self, claim: &Claim, release: Option<usize>) {
        let Some(sum) = Sum::parse(claim, self.names) else {
            self.left_out.unreadable_sums += 1;
            return;
        };
        match release.and_then(|at| self.gathered.get_mut(at)) {
            Some(gathered) => gathered.sums.push(sum),
            None => self.unversioned.sums.push(sum),
        }
    }

    /// Where our own sample of a release was taken from, if that was a mirror.
    fn take_origin(&mut self, claim: &Claim, at: usize) {
        let mirror = match (&claim.surface, claim.kind) {
            (Surface::Mirror(mirror), ClaimKind::FileSeen) if claim.source == "collect" => {
                Some(mirror.as_str())
            }
            (_, ClaimKind::Archived) => claim.source.strip_prefix("mirror:"),
            _ => None,
        };
        if let (Some(mirror), Some(gathered)) = (mirror, self.gathered.get_mut(at)) {
            gathered.taken_from.insert(self.names.id(mirror));
        }
    }

    fn finish(
        mut self,
        name: &str,
        claims: &[Claim],
        known: &KnownProject,
        accused: &BTreeSet<usize>,
    ) -> Option<Project> {
        let mut places: HashMap<usize, u32> = HashMap::new();
        let mut releases: Vec<Release> = Vec::new();
        let texts = self.releases.texts().to_vec();
        for ((at, gathered), version) in
            std::mem::take(&mut self.gathered).into_iter().enumerate().zip(&texts)
        {
            if !accused.contains(&at) {
                self.left_out.releases_not_accused += 1;
                continue;
            }
            if is_of_a_later_owner(&gathered.dates, known.reused_since) {
                self.left_out.releases_of_later_owners += 1;
                continue;
            }
            places.insert(at, u32::try_from(releases.len()).ok()?);
            releases.push(self.finish_release(version, gathered));
        }
        if releases.is_empty() {
            return None;
        }
        let (mut dates, mut last_export) = (self.unversioned.dates, self.unversioned.last_export);
        if let (Some(since), Some(last)) = (known.reused_since, dates.last_download)
            && last.not_after.is_none_or(|last| last >= since)
        {
            self.left_out.downloads_of_later_owners += 1;
            dates.last_download = None;
        }
        for release in &releases {
            let end = |dates: &Dates| dates.last_download.and_then(|last| last.not_after);
            if end(&release.dates) > end(&dates) {
                last_export = release.last_export;
            }
            dates = dates.join(&release.dates);
        }
        let place = |subject: &Subject| -> Option<Option<u32>> {
            let Some(version) = subject.version() else { return Some(None) };
            let at = self.releases.position(version)?;
            places.get(&at).copied().map(Some)
        };
        let (subjects, looks) = fold_looks(claims, self.names, self.left_out, &place);
        let kept = fold_kept(claims, self.names, &place);
        let (downloads, left_out) = keep_apart(self.unversioned.sums);
        self.left_out.overlapping_sums += left_out;
        Some(Project {
            name: name.into(),
            dates,
            last_export,
            releases: releases.into_boxed_slice(),
            subjects,
            looks,
            kept,
            downloads: downloads.into_boxed_slice(),
        })
    }

    fn finish_release(&mut self, version: &str, mut gathered: Gathered) -> Release {
        self.whole.reports.values().for_each(|report| gathered.add_report(*report));
        let (downloads, left_out) = keep_apart(gathered.sums);
        self.left_out.overlapping_sums += left_out;
        Release {
            version: version.into(),
            dates: gathered.dates.join(&self.whole.dates),
            last_export: gathered.last_export,
            reports: gathered.reports.into_values().collect(),
            downloads: downloads.into_boxed_slice(),
            taken_from: gathered.taken_from.into_iter().collect(),
        }
    }
}

/// When a claim accuses: a change of a record only tells by when.
fn said_of(claim: &Claim) -> Interval {
    match (claim.kind, claim.happened.not_after) {
        (ClaimKind::AdvisoryModified, Some(end)) => Interval::by(end),
        _ => claim.happened,
    }
}

/// The first of two sayings; one that has a beginning tells more than a later one that has none.
fn first_said(one: Interval, other: Interval) -> Interval {
    let key = |said: Interval| {
        (said.not_after.is_none(), said.not_after, said.not_before.is_none(), said.not_before)
    };
    if key(other) < key(one) { other } else { one }
}

/// Whether a release was uploaded when the name belonged to somebody else already.
fn is_of_a_later_owner(dates: &Dates, reused_since: Option<Moment>) -> bool {
    let uploaded = dates.uploaded.and_then(|uploaded| uploaded.not_before);
    reused_since.zip(uploaded).is_some_and(|(since, uploaded)| uploaded >= since)
}

/// The place of a subject's release: outer `None` for what nobody accuses, inner for the project as a whole.
type PlaceOf<'a> = dyn Fn(&Subject) -> Option<Option<u32>> + 'a;

/// What a claim of an audit came to.
fn verdict_of(claim: &Claim) -> Option<Verdict> {
    use ClaimKind as K;
    match claim.kind {
        K::SurfaceUnknown => Some(Verdict::Unknown),
        K::IndexSeen | K::IndexAbsent | K::FileSeen | K::FileAbsent | K::FileChanged | K::FileRedirected => {
            let detail: serde_json::Value = serde_json::from_str(&claim.detail).ok()?;
            detail.get("verdict").and_then(serde_json::Value::as_str).and_then(Verdict::parse)
        }
        _ => None,
    }
}

fn fold_looks(
    claims: &[Claim],
    names: &mut Names,
    left_out: &mut LeftOut,
    place: &PlaceOf<'_>,
) -> (Box<[Looked]>, Box<[Look]>) {
    let mut subjects: Vec<Looked> = Vec::new();
    let mut places: HashMap<&Subject, Option<u32>> = HashMap::new();
    let mut looks: BTreeMap<(NameId, u32, Moment), Verdict> = BTreeMap::new();
    let mut last: HashMap<NameId, Moment> = HashMap::new();
    for claim in claims {
        let Surface::Mirror(mirror) = &claim.surface else { continue };
        let Some(verdict) = verdict_of(claim) else { continue };
        let subject = *places.entry(&claim.subject).or_insert_with(|| {
            let release = place(&claim.subject)?;
            subjects.push(Looked { subject: claim.subject.clone(), release });
            u32::try_from(subjects.len() - 1).ok()
        });
        let Some(subject) = subject else {
            left_out.looks_not_accused += 1;
            continue;
        };
        let mirror = names.id(mirror);
        let looked = claim.looked();
        looks.entry((mirror, subject, looked)).or_insert(verdict);
        let newest = last.entry(mirror).or_insert(looked);
        *newest = looked.max(*newest);
    }
    let looks = looks.into_iter().map(|((mirror, subject, observed), verdict)| {
        let is_last = last.get(&mirror) == Some(&observed);
        Look { mirror, subject, observed, verdict, is_last }
    });
    (subjects.into_boxed_slice(), looks.collect())
}

fn fold_kept(claims: &[Claim], names: &mut Names, place: &PlaceOf<'_>) -> Box<[Kept]> {
    let mut kept = Vec::new();
    for what in [What::Index, What::File] {
        for one in persistence_of(claims, what) {
            if let Some(release) = place(&one.subject) {
                kept.push(Kept { mirror: names.id(&one.mirror), what, release, span: one.span });
            }
        }
    }
    kept.into_boxed_slice()
}
