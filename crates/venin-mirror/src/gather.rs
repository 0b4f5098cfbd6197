//! What is looked for, gathered from what others say: the event store, and block lists.
//!
//! A file that the store knows by name is asked for by name, also when the accusation names only its release: that is
//! how a file that no page lists any more is found.  A digest that only a mirror has shown proves nothing and is left
//! out: what a mirror serves must not become the proof against it.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use pep440_rs::Version;
use serde::Deserialize;
use venin_intel::claim::{Claim, Class, Digest, Subject, Surface};
use venin_intel::known::{Accusation, BlockEntry, BlockList, Known, KnownProject};
use venin_intel::store::{Store, StoreError};

use crate::known::{Blake2, KnownFile, is_same_version};

/// A file by the names that it is known under: project, file name, digest.
type Key = (String, String, Option<Digest>);

/// What a claim about a file says beside its subject.
#[derive(Default, Deserialize)]
struct FileDetail {
    #[serde(default, rename = "blake2b-256")]
    blake2: Option<String>,
    #[serde(default)]
    size: Option<u64>,
}

/// Everything that the claims of a store accuse.
///
/// Of a name that somebody else registered since, only files with an accused digest are looked for.
///
/// # Errors
/// The store cannot be read.
pub fn known_of_store(store: &Store) -> Result<Vec<KnownFile>, StoreError> {
    let known = Known::derive(store)?;
    let mut named: BTreeMap<Key, KnownFile> = BTreeMap::new();
    store.visit_by_project(|_, claim| {
        let file = known.project(claim.subject.name()).and_then(|project| file_of_claim(project, &claim));
        let Some(file) = file else { return };
        let key = key_of(&file.subject);
        let entry = named.entry(key).or_insert_with(|| file.clone());
        entry.blake2 = entry.blake2.or(file.blake2);
        entry.size = entry.size.or(file.size);
        if entry.subject.version().is_none() {
            entry.subject = file.subject;
        }
    })?;
    drop_doubles(&mut named);
    let accused = known.projects().filter(|project| project.is_accused());
    let mut files: Vec<KnownFile> = accused.flat_map(|project| wholes_of(project, &named)).collect();
    files.extend(named.into_values());
    Ok(files)
}

/// Everything that a block list names.
#[must_use]
pub fn known_of_list(list: &BlockList) -> Vec<KnownFile> {
    list.entries.values().flat_map(known_of_entry).collect()
}

fn known_of_entry(entry: &BlockEntry) -> Vec<KnownFile> {
    let Ok(project) = Subject::project(&entry.name) else { return Vec::new() };
    let class = entry.reasons.iter().find_map(|reason| Class::parse(&reason.class)).unwrap_or(Class::Unknown);
    let is_reused = entry.reused_since.is_some();
    let digests = entry.sha256.iter().filter_map(|digest| digest.parse().ok());
    let mut subjects: Vec<Subject> = digests.map(|digest| project.clone().with_sha256(digest)).collect();
    if !is_reused {
        let releases = entry.versions.iter().filter_map(|version| project.clone().with_version(version).ok());
        subjects.extend(releases);
    }
    if entry.all_versions && !is_reused {
        subjects.push(project.clone());
    }
    let ranges: BTreeSet<_> = entry.ranges.iter().filter_map(|range| range.parse().ok()).collect();
    let in_ranges = (!is_reused && !ranges.is_empty()).then(|| KnownFile::in_ranges(project, ranges, class));
    subjects.into_iter().map(|subject| KnownFile::new(subject, class)).chain(in_ranges).collect()
}

/// The accused file that a claim names, if it does.
fn file_of_claim(project: &KnownProject, claim: &Claim) -> Option<KnownFile> {
    claim.subject.file_name()?;
    let by_digest = claim.subject.sha256().and_then(|digest| {
        project.accusations.iter().find(|accusation| accusation.digests.contains(&digest))
    });
    let is_reused = project.reused_since.is_some();
    let by_release =
        || project.accusations.iter().find(|accusation| !is_reused && is_meant(accusation, &claim.subject));
    let accusation = by_digest.or_else(by_release)?;
    let is_shown_by_mirror = matches!(claim.surface, Surface::Mirror(_)) && by_digest.is_none();
    let subject = if is_shown_by_mirror { without_digest(&claim.subject)? } else { claim.subject.clone() };
    let detail: FileDetail = serde_json::from_str(&claim.detail).unwrap_or_default();
    Some(KnownFile {
        subject,
        blake2: detail.blake2.filter(|_| !is_shown_by_mirror).and_then(|digits| Blake2::parse(&digits)),
        size: detail.size,
        class: accusation.class,
        ranges: BTreeSet::new(),
    })
}

fn is_meant(accusation: &Accusation, subject: &Subject) -> bool {
    accusation.is_whole_project
        || subject.version().is_some_and(|version| {
            accusation.versions.iter().any(|accused| is_same_version(accused, version))
                || is_in_ranges(accusation, version)
        })
}

fn is_in_ranges(accusation: &Accusation, version: &str) -> bool {
    let version = Version::from_str(version);
    version.is_ok_and(|version| accusation.ranges.iter().any(|range| range.contains(&version)))
}

/// The same subject without its digest.
#[must_use]
pub fn without_digest(subject: &Subject) -> Option<Subject> {
    let project = Subject::project(subject.name()).ok()?;
    let release = match subject.version() {
        Some(version) => project.with_version(version).ok()?,
        None => project,
    };
    match subject.file_name() {
        Some(file_name) => release.with_file(file_name).ok(),
        None => Some(release),
    }
}

fn key_of(subject: &Subject) -> Key {
    (subject.name().to_owned(), subject.file_name().unwrap_or_default().to_owned(), subject.sha256())
}

/// A file that is known with its digest need not be known without.
fn drop_doubles(named: &mut BTreeMap<Key, KnownFile>) {
    let doubles: Vec<Key> = named
        .keys()
        .zip(named.keys().skip(1))
        .filter(|(one, next)| one.2.is_none() && next.2.is_some() && (&one.0, &one.1) == (&next.0, &next.1))
        .map(|(one, _)| one.clone())
        .collect();
    for key in doubles {
        named.remove(&key);
    }
}

/// The releases and digests that a project's accusations name, or the project itself.
fn wholes_of(project: &KnownProject, named: &BTreeMap<Key, KnownFile>) -> Vec<KnownFile> {
    let Ok(subject) = Subject::project(&project.name) else { return Vec::new() };
    let mut files = Vec::new();
    for accusation in &project.accusations {
        let mut push = |subject: Subject| files.push(KnownFile::new(subject, accusation.class));
        let first = (project.name.clone(), String::new(), None);
        for digest in &accusation.digests {
            let of_project = named.range(first.clone()..).take_while(|((name, ..), _)| *name == project.name);
            if !of_project.into_iter().any(|((.., known), _)| known == &Some(*digest)) {
                push(subject.clone().with_sha256(*digest));
            }
        }
        if project.reused_since.is_some() {
            continue;
        }
        for version in &accusation.versions {
            subject.clone().with_version(version).ok().into_iter().for_each(&mut push);
        }
        if accusation.is_whole_project {
            push(subject.clone());
        }
        if !accusation.ranges.is_empty() {
            let ranges = accusation.ranges.clone();
            files.push(KnownFile::in_ranges(subject.clone(), ranges, accusation.class));
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use venin_intel::claim::{ClaimKind, Interval, Moment};

    use super::*;
    use crate::known::{KnownSet, Reach};

    fn claim(subject: Subject, surface: Surface, kind: ClaimKind, detail: &str) -> Claim {
        Claim {
            subject,
            surface,
            kind,
            happened: Interval::at(Moment::from_seconds(1)),
            observed: Moment::from_seconds(2),
            source: "feed".to_owned(),
            source_ref: "R-1".to_owned(),
            evidence: None,
            class: Class::Malware,
            confidence: None,
            detail: detail.to_owned(),
        }
    }

    fn release(name: &str) -> Subject {
        Subject::project(name).unwrap().with_version("1.0").unwrap()
    }

    fn file(name: &str) -> Subject {
        release(name).with_file(&format!("{name}-1.0.zip")).unwrap()
    }

    #[test]
    fn a_release_is_known_by_its_files_with_their_addresses() {
        let mut store = Store::in_memory().unwrap();
        let digest = Digest::of(b"x");
        let blake2 = "ab".repeat(32);
        let detail = format!("{{\"blake2b-256\":\"{blake2}\",\"size\":7}}");
        let advisory = Surface::Advisory("feed".to_owned());
        store
            .append(&[
                claim(release("bad"), advisory, ClaimKind::Reported, ""),
                claim(file("bad").with_sha256(digest), Surface::Index, ClaimKind::Uploaded, &detail),
                claim(file("bad"), Surface::Index, ClaimKind::Yanked, ""),
                claim(file("good").with_sha256(digest), Surface::Index, ClaimKind::Uploaded, &detail),
            ])
            .unwrap();
        let set = KnownSet::new(known_of_store(&store).unwrap());
        let reaches: Vec<Reach> = set.files().iter().map(KnownFile::reach).collect();
        assert_eq!(reaches, [Reach::Release, Reach::File], "{:?}", set.files());
        let known = set.of_sha256(digest).unwrap();
        assert_eq!((known.subject.file_name(), known.size), (Some("bad-1.0.zip"), Some(7)));
        assert_eq!(known.blake2, Blake2::parse(&blake2));
    }

    #[test]
    fn a_digest_that_only_a_mirror_showed_proves_nothing() {
        let mut store = Store::in_memory().unwrap();
        let mirror = Surface::Mirror("m".to_owned());
        let shown = file("bad").with_sha256(Digest::of(b"shown"));
        let advisory = Surface::Advisory("feed".to_owned());
        store
            .append(&[
                claim(release("bad"), advisory, ClaimKind::Reported, ""),
                claim(shown, mirror, ClaimKind::FileSeen, ""),
            ])
            .unwrap();
        let set = KnownSet::new(known_of_store(&store).unwrap());
        assert_eq!(set.of_sha256(Digest::of(b"shown")), None);
        assert_eq!(set.of_file_name("bad-1.0.zip").count(), 1);
    }

    #[test]
    fn ranges_are_looked_for_and_the_files_that_lie_in_them_are_known_by_name() {
        let mut store = Store::in_memory().unwrap();
        let advisory = Surface::Advisory("feed".to_owned());
        let detail = r#"{"scope":"ranges","ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"1"},{"fixed":"2"}]}]}"#;
        let mirror = Surface::Mirror("m".to_owned());
        let other = Subject::project("bad").unwrap().with_version("2.0").unwrap();
        let other = other.with_file("bad-2.0.zip").unwrap();
        store
            .append(&[
                claim(Subject::project("bad").unwrap(), advisory, ClaimKind::Reported, detail),
                claim(file("bad"), mirror.clone(), ClaimKind::FileSeen, ""),
                claim(other, mirror, ClaimKind::FileSeen, ""),
            ])
            .unwrap();
        let set = KnownSet::new(known_of_store(&store).unwrap());
        let reaches: Vec<Reach> = set.files().iter().map(KnownFile::reach).collect();
        assert_eq!(reaches, [Reach::Range, Reach::File], "{:?}", set.files());
        assert!(set.of_range("bad", "1.7").is_some() && set.of_range("bad", "2").is_none());
        let list = BlockList::of(&Known::derive(&store).unwrap(), None);
        let listed = KnownSet::new(known_of_list(&list));
        assert!(listed.of_range("bad", "1.7").is_some() && listed.of_range("bad", "2").is_none());
    }

    #[test]
    fn a_name_that_changed_hands_is_looked_for_by_digest_only() {
        let entry = BlockEntry {
            name: "bad".to_owned(),
            all_versions: true,
            ranges: BTreeSet::new(),
            versions: ["1.0".to_owned()].into(),
            sha256: [Digest::of(b"x").to_string()].into(),
            reused_since: Some("2026".to_owned()),
            reasons: Vec::new(),
        };
        let list =
            |entry: BlockEntry| BlockList { made: None, entries: [(entry.name.clone(), entry)].into() };
        assert_eq!(known_of_list(&list(entry.clone())).len(), 1);
        assert_eq!(known_of_list(&list(BlockEntry { reused_since: None, ..entry })).len(), 3);
    }
}
