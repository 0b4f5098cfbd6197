//! What is looked for, gathered from what others say: the event store, and block lists.
//!
//! A file that the store knows by name is asked for by name, also when the accusation names only its release: that is
//! how a file that no page lists any more is found.  A digest that only a mirror has shown proves nothing and is left
//! out: what a mirror serves must not become the proof against it.

use std::collections::BTreeSet;

use venin_intel::claim::{Digest, Subject};
use venin_intel::known::{AccusedFile, AccusedFiles, BlockEntry, BlockList, Known, KnownProject};
use venin_intel::store::{Store, StoreError};

use crate::known::KnownFile;

/// Everything that the claims of a store accuse.
///
/// Of a name that somebody else registered since, only files with an accused digest are looked for.
///
/// # Errors
/// The store cannot be read.
pub fn known_of_store(store: &Store) -> Result<Vec<KnownFile>, StoreError> {
    let known = Known::derive(store)?;
    let files = AccusedFiles::derive(&known, store)?.into_files();
    let named = named_digests(&files);
    let accused = known.projects().filter(|project| project.is_accused());
    let mut found: Vec<KnownFile> = accused.flat_map(|project| wholes_of(project, &named)).collect();
    found.extend(files.into_iter().map(known_file));
    Ok(found)
}

/// Everything that a block list names.
#[must_use]
pub fn known_of_list(list: &BlockList) -> Vec<KnownFile> {
    list.entries.values().flat_map(known_of_entry).collect()
}

fn known_of_entry(entry: &BlockEntry) -> Vec<KnownFile> {
    let Ok(project) = Subject::project(&entry.name) else { return Vec::new() };
    let class = entry.class();
    let files: Vec<AccusedFile> = entry.accused_files().collect();
    let named = named_digests(&files);
    let mut subjects: Vec<Subject> = Vec::new();
    for digest in entry.sha256.iter().filter_map(|digest| digest.parse().ok()) {
        if !named.contains(&(project.name(), digest)) {
            subjects.push(project.clone().with_sha256(digest));
        }
    }
    if entry.reused_since.is_none() {
        let releases = entry.versions.iter().filter_map(|version| project.clone().with_version(version).ok());
        subjects.extend(releases);
        subjects.extend(entry.all_versions.then(|| project.clone()));
    }
    let ranges: BTreeSet<_> = entry.ranges.iter().filter_map(|range| range.parse().ok()).collect();
    let in_ranges = (entry.reused_since.is_none() && !ranges.is_empty())
        .then(|| KnownFile::in_ranges(project, ranges, class));
    let mut found: Vec<KnownFile> =
        subjects.into_iter().map(|subject| KnownFile::new(subject, class)).chain(in_ranges).collect();
    found.extend(files.into_iter().map(known_file));
    found
}

fn known_file(file: AccusedFile) -> KnownFile {
    let AccusedFile { subject, blake2, size, class } = file;
    KnownFile { subject, blake2, size, class, ranges: BTreeSet::new() }
}

/// The digests that a file name goes with, by project.
fn named_digests(files: &[AccusedFile]) -> BTreeSet<(&str, Digest)> {
    files
        .iter()
        .filter_map(|file| file.subject.sha256().map(|digest| (file.subject.name(), digest)))
        .collect()
}

/// The releases and digests that a project's accusations name, or the project itself.
fn wholes_of(project: &KnownProject, named: &BTreeSet<(&str, Digest)>) -> Vec<KnownFile> {
    let Ok(subject) = Subject::project(&project.name) else { return Vec::new() };
    let mut files = Vec::new();
    for accusation in &project.accusations {
        let mut push = |subject: Subject| files.push(KnownFile::new(subject, accusation.class));
        for digest in &accusation.digests {
            if !named.contains(&(project.name.as_str(), *digest)) {
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
    use venin_intel::claim::{Blake2, Claim, ClaimKind, Class, Interval, Moment, Surface};
    use venin_intel::known::BlockFile;

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
    fn a_list_knows_of_files_what_the_store_knew_that_wrote_it() {
        let mut store = Store::in_memory().unwrap();
        let detail = format!("{{\"blake2b-256\":\"{}\",\"size\":1}}", Blake2::of(b"x"));
        let advisory = Surface::Advisory("feed".to_owned());
        let uploaded = file("bad").with_sha256(Digest::of(b"x"));
        store
            .append(&[
                claim(release("bad"), advisory, ClaimKind::Reported, ""),
                claim(uploaded, Surface::Index, ClaimKind::Uploaded, &detail),
            ])
            .unwrap();
        let known = Known::derive(&store).unwrap();
        let files = AccusedFiles::derive(&known, &store).unwrap().into_files();
        let list = BlockList::of(&known, None).with_files(&files).render();
        let of_list = KnownSet::new(known_of_list(&BlockList::parse(&list).unwrap()));
        let of_store = KnownSet::new(known_of_store(&store).unwrap());
        assert_eq!(of_list.files(), of_store.files());
        assert_eq!(of_list.files().iter().filter(|known| known.blake2.is_some()).count(), 1);
    }

    fn listed(name: &str, sha256: Option<Digest>) -> BlockFile {
        let sha256 = sha256.map(|digest| digest.to_string());
        BlockFile { name: name.to_owned(), version: Some("1.0".to_owned()), sha256, blake2: None, size: None }
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
            files: [listed("bad-1.0.zip", Some(Digest::of(b"x"))), listed("bad-1.0.tar.gz", None)].into(),
            reused_since: Some("2026".to_owned()),
            reasons: Vec::new(),
        };
        let list =
            |entry: BlockEntry| BlockList { made: None, entries: [(entry.name.clone(), entry)].into() };
        assert_eq!(known_of_list(&list(entry.clone())).len(), 1);
        assert_eq!(known_of_list(&list(BlockEntry { reused_since: None, ..entry })).len(), 4);
    }
}
