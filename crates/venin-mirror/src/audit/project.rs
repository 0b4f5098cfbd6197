//! One project on one mirror: its page once, and then each known file of it.

use std::collections::HashSet;

use venin_intel::claim::{Moment, Subject};
use venin_intel::http::Fetch;
use venin_intel::index::IndexFile;

use super::finding::Finding;
use crate::known::{Blake2, Candidate, KnownFile, KnownSet, MatchedBy, Reach, is_same_version};
use crate::probe::{
    Address, AddressOrigin, Checking, FileProbe, Habits, MirrorTarget, PageProbe, PageSeen, Proof,
    probe_file, probe_page,
};
use crate::verdict::{FileSeen, IndexSeen, Verdict};

/// Most listed files of one project that are asked for: whoever lists more wants to be asked without end.
const MAX_FILES: usize = 500;

/// A known file and how the page lists it.
struct Target<'a> {
    known: &'a KnownFile,
    subject: Subject,
    listed: Option<(&'a IndexFile, MatchedBy)>,
}

/// Looks for everything that is known of a project.  The verdicts are those of a mirror whose controls are well.
#[must_use]
pub fn audit_project(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    known: &KnownSet,
    name: &str,
    checking: Checking,
    habits: &Habits,
    now: Moment,
) -> Vec<Finding> {
    let page = probe_page(http, mirror, name, habits);
    let targets = targets_of(known, name, &page);
    let mut asked = 0;
    let probed = targets.into_iter().map(|target| {
        asked += usize::from(target.listed.is_some());
        let file = if asked <= MAX_FILES {
            probe_target(http, mirror, &target, checking, habits)
        } else {
            FileProbe {
                reason: Some(format!("not asked for: more than {MAX_FILES} known files are listed")),
                ..FileProbe::without_address()
            }
        };
        finding_of(mirror, &page, &target, file, now)
    });
    probed.collect()
}

/// The listed files that are known, and what is known but not listed.
fn targets_of<'a>(known: &'a KnownSet, name: &str, page: &'a PageProbe) -> Vec<Target<'a>> {
    let files: &[IndexFile] = match &page.seen {
        PageSeen::Files(files) => files,
        _ => &[],
    };
    let mut targets: Vec<Target<'a>> = Vec::new();
    let mut subjects = HashSet::new();
    for file in files {
        let candidate = Candidate {
            project: Some(name),
            file_name: &file.name,
            sha256: file.sha256.as_deref().and_then(|digest| digest.parse().ok()),
            blake2: Blake2::of_path(&file.url.request_url()),
        };
        let Some(found) = known.match_file(&candidate) else { continue };
        let subject = found.known.subject_of_file(&file.name);
        if subjects.insert(subject.clone()) {
            targets.push(Target { known: found.known, subject, listed: Some((file, found.by)) });
        }
    }
    // Files first: a release that is known by its files is not asked for as a whole.
    let mut unlisted: Vec<&KnownFile> = known.of_name(name).collect();
    unlisted.sort_by_key(|file| file.reach());
    for file in unlisted {
        let is_listed = subjects.contains(&file.subject) || is_told(file, &targets, page);
        if !is_listed {
            targets.push(Target { known: file, subject: file.subject.clone(), listed: None });
        }
    }
    targets
}

/// Whether the targets or the page tell of something known all that there is to tell.
fn is_told(known: &KnownFile, targets: &[Target<'_>], page: &PageProbe) -> bool {
    let is_version = |target: &Target<'_>| {
        let versions = known.subject.version().zip(target.subject.version());
        versions.is_some_and(|(a, b)| is_same_version(a, b))
    };
    match known.reach() {
        Reach::File => false,
        Reach::Release => targets.iter().any(is_version),
        // Which versions lie in a range only the page tells: one that could not be read leaves it open.
        Reach::Range => matches!(page.seen, PageSeen::Files(_) | PageSeen::Absent),
        Reach::Project => !targets.is_empty(),
    }
}

/// Asks at the listed address first, then at the one made of the digest: a page may be cleaned and the file not.
fn probe_target(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    target: &Target<'_>,
    checking: Checking,
    habits: &Habits,
) -> FileProbe {
    let wanted = target.known.subject.sha256();
    let listed = target.listed.map(|(file, by)| {
        let address = Address { url: file.url.clone(), origin: AddressOrigin::Page };
        let weakest = match by {
            MatchedBy::Blake2 => Proof::Address,
            MatchedBy::Sha256 => Proof::Announced,
            _ => Proof::Name,
        };
        let probe = probe_file(http, mirror, &address, wanted, weakest, checking, habits);
        (address, probe)
    });
    if let Some((_, probe)) = &listed
        && !matches!(probe.seen, FileSeen::Absent | FileSeen::Elsewhere)
    {
        return probe.clone();
    }
    let first = listed.as_ref().map(|(_, probe)| probe.clone());
    let second = mirror
        .unlisted(target.known, &habits.scheme)
        .filter(|second| listed.as_ref().is_none_or(|(address, _)| address.url != second.url));
    let Some(second) = second else { return first.unwrap_or_else(FileProbe::without_address) };
    let is_by_digest = Blake2::of_path(&second.url.request_url()).is_some();
    let weakest = if is_by_digest { Proof::Address } else { Proof::Name };
    let probe = probe_file(http, mirror, &second, wanted, weakest, checking, habits);
    let is_served = matches!(probe.seen, FileSeen::Same | FileSeen::Served | FileSeen::Other);
    match first {
        // What the listed address said stands, unless the file is found at the other.
        Some(first) if !is_served => first,
        None if second.origin == AddressOrigin::Guessed && !is_served => FileProbe::without_address(),
        _ => probe,
    }
}

fn finding_of(
    mirror: &MirrorTarget,
    page: &PageProbe,
    target: &Target<'_>,
    file: FileProbe,
    now: Moment,
) -> Finding {
    let (index, redirect, reason) = match (&page.seen, target.listed) {
        (PageSeen::Files(_), Some((_, MatchedBy::OtherBytes))) => (IndexSeen::ListedOther, None, None),
        (PageSeen::Files(_), Some(_)) => (IndexSeen::Listed, None, None),
        (PageSeen::Files(_) | PageSeen::Absent, None) => (IndexSeen::Absent, None, None),
        (PageSeen::Elsewhere(host), _) => (IndexSeen::Elsewhere, Some(host.clone()), None),
        (PageSeen::Unknown(reason), _) => (IndexSeen::Unknown, None, Some(reason.clone())),
        (PageSeen::Absent, Some(_)) => (IndexSeen::Unknown, None, None),
    };
    let no_address = (file.seen == FileSeen::NoAddress)
        .then(|| "not listed, and no address of the file is known".to_owned());
    let finding = Finding {
        mirror: mirror.id.clone(),
        subject: target.subject.clone(),
        class: target.known.class,
        verdict: Verdict::Unknown,
        index,
        file: file.seen,
        proof: file.proof,
        sha256: file.sha256,
        page_url: page.url.clone(),
        file_url: file.url,
        redirect: file.redirect.or(redirect),
        project_status: page.project_status.clone(),
        serial: page.serial,
        reason: file.reason.or(reason).or(no_address),
        evidence: page.evidence,
        observed: now,
    };
    finding.judged(crate::verdict::ControlSeen::Well)
}
