//! The files of accused releases, by all the names that claims give them: file name, SHA-256, BLAKE2b-256, size.
//!
//! An accusation names a release; which files it has, others say: the index at the upload, the vault, a data set.  A
//! file that is known by name can be asked for where no page lists it any more.  A digest that only a mirror has shown
//! proves nothing and is left out: what a mirror serves must not become the proof against it.

use std::collections::BTreeMap;
use std::str::FromStr;

use pep440_rs::Version;
use serde::Deserialize;
use venin_package::same_version;

use super::{Accusation, Known, KnownProject};
use crate::claim::{Blake2, Claim, Class, Digest, Subject, Surface};
use crate::store::{Store, StoreError};

/// A file of an accused release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccusedFile {
    /// Its project, version where it is known, file name, and SHA-256 where it is known.
    pub subject: Subject,
    /// Its BLAKE2b-256, where it is known.
    pub blake2: Option<Blake2>,
    /// Its size in bytes, where it is known.
    pub size: Option<u64>,
    /// What it is taken for.
    pub class: Class,
}

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

/// Gathers files claim by claim; the same file from several claims is one, with what each of them says.
#[derive(Debug, Default)]
pub struct AccusedFiles(BTreeMap<Key, AccusedFile>);

impl AccusedFiles {
    /// The files of every accused release of a store.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn derive(known: &Known, store: &Store) -> Result<Self, StoreError> {
        let mut files = Self::default();
        store.visit_by_project(|_, claim| {
            if let Some(project) = known.project(claim.subject.name()) {
                files.take(project, &claim);
            }
        })?;
        Ok(files)
    }

    /// Takes what one claim says of a file of the project, if it is an accused one.
    ///
    /// Of a name that somebody else registered since, only files with an accused digest are.
    pub fn take(&mut self, project: &KnownProject, claim: &Claim) {
        let Some(file) = file_of_claim(project, claim) else { return };
        let entry = self.0.entry(key_of(&file.subject)).or_insert_with(|| file.clone());
        entry.blake2 = entry.blake2.or(file.blake2);
        entry.size = entry.size.or(file.size);
        if entry.subject.version().is_none() {
            entry.subject = file.subject;
        }
    }

    /// Asks for the BLAKE2b-256 of each file whose SHA-256 alone is known: the notes of a vault may have it.
    pub fn complete(&mut self, blake2_of: impl Fn(Digest) -> Option<Blake2>) {
        for file in self.0.values_mut() {
            let digest = file.subject.sha256().filter(|_| file.blake2.is_none());
            file.blake2 = file.blake2.or_else(|| digest.and_then(&blake2_of));
        }
    }

    /// The files, by project and file name.  One that is known with its digest is not named without it too.
    #[must_use]
    pub fn into_files(self) -> Vec<AccusedFile> {
        let mut files: Vec<AccusedFile> = Vec::with_capacity(self.0.len());
        for file in self.0.into_values() {
            // Of the same name, the one without a digest comes first.
            let is_double = |last: &AccusedFile| {
                last.subject.sha256().is_none()
                    && last.subject.name() == file.subject.name()
                    && last.subject.file_name() == file.subject.file_name()
            };
            if files.last().is_some_and(is_double) {
                files.pop();
            }
            files.push(file);
        }
        files
    }
}

/// The accused file that a claim names, if it does.
fn file_of_claim(project: &KnownProject, claim: &Claim) -> Option<AccusedFile> {
    claim.subject.file_name()?;
    let by_digest = claim.subject.sha256().and_then(|digest| {
        project.accusations.iter().find(|accusation| accusation.digests.contains(&digest))
    });
    let is_reused = project.reused_since.is_some();
    let by_release =
        || project.accusations.iter().find(|accusation| !is_reused && is_meant(accusation, &claim.subject));
    let accusation = by_digest.or_else(by_release)?;
    let is_shown_by_mirror = matches!(claim.surface, Surface::Mirror(_)) && by_digest.is_none();
    let subject = if is_shown_by_mirror { claim.subject.without_sha256() } else { claim.subject.clone() };
    let detail: FileDetail = serde_json::from_str(&claim.detail).unwrap_or_default();
    Some(AccusedFile {
        subject,
        blake2: detail.blake2.filter(|_| !is_shown_by_mirror).and_then(|digits| Blake2::parse(&digits)),
        size: detail.size,
        class: accusation.class,
    })
}

fn is_meant(accusation: &Accusation, subject: &Subject) -> bool {
    let Some(version) = subject.version() else { return accusation.is_whole_project };
    accusation.is_whole_project
        || accusation.versions.iter().any(|accused| same_version(accused, version))
        || Version::from_str(version)
            .is_ok_and(|version| accusation.ranges.iter().any(|range| range.contains(&version)))
}

fn key_of(subject: &Subject) -> Key {
    (subject.name().to_owned(), subject.file_name().unwrap_or_default().to_owned(), subject.sha256())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{ClaimKind, Interval, Moment};

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

    fn release() -> Subject {
        Subject::project("bad").unwrap().with_version("1.0").unwrap()
    }

    fn file() -> Subject {
        release().with_file("bad-1.0.zip").unwrap()
    }

    fn files(accusation: Claim, others: &[Claim]) -> Vec<AccusedFile> {
        let mut store = Store::in_memory().unwrap();
        store.append(&[accusation]).unwrap();
        store.append(others).unwrap();
        AccusedFiles::derive(&Known::derive(&store).unwrap(), &store).unwrap().into_files()
    }

    fn reported(subject: Subject, detail: &str) -> Claim {
        claim(subject, Surface::Advisory("feed".to_owned()), ClaimKind::Reported, detail)
    }

    #[test]
    fn a_file_has_all_the_names_that_any_claim_gives_it() {
        let digest = Digest::of(b"x");
        let said = format!(r#"{{"blake2b-256":"{}","size":1}}"#, Blake2::of(b"x"));
        let found = files(
            reported(release(), ""),
            &[
                claim(file(), Surface::Index, ClaimKind::Yanked, ""),
                claim(file().with_sha256(digest), Surface::Vault, ClaimKind::Archived, ""),
                claim(file().with_sha256(digest), Surface::Index, ClaimKind::Uploaded, &said),
            ],
        );
        let subject = file().with_sha256(digest);
        let blake2 = Some(Blake2::of(b"x"));
        assert_eq!(found, [AccusedFile { subject, blake2, size: Some(1), class: Class::Malware }]);
    }

    #[test]
    fn a_digest_that_only_a_mirror_showed_proves_nothing() {
        let shown = file().with_sha256(Digest::of(b"shown"));
        let said = format!(r#"{{"blake2b-256":"{}"}}"#, Blake2::of(b"shown"));
        let seen = claim(shown, Surface::Mirror("m".to_owned()), ClaimKind::FileSeen, &said);
        let found = files(reported(release(), ""), &[seen]);
        assert_eq!((&found[0].subject, found[0].blake2), (&file(), None));
    }

    #[test]
    fn a_file_of_a_version_in_an_accused_range_is_an_accused_one() {
        let detail = r#"{"ranges":[{"events":[{"introduced":"0.9"},{"fixed":"1.1"}],"type":"ECOSYSTEM"}],"scope":"ranges"}"#;
        let of = |version: &str| {
            let subject = Subject::project("bad").unwrap().with_version(version).unwrap();
            let subject = subject.with_file(&format!("bad-{version}.zip")).unwrap();
            claim(subject, Surface::Index, ClaimKind::Uploaded, "")
        };
        let ranged = reported(Subject::project("bad").unwrap(), detail);
        let found = files(ranged, &[of("1.0"), of("1.1")]);
        assert_eq!(found.iter().filter_map(|file| file.subject.version()).collect::<Vec<_>>(), ["1.0"]);
    }

    #[test]
    fn a_note_of_the_vault_completes_a_file_whose_digest_is_known() {
        let mut store = Store::in_memory().unwrap();
        let digest = Digest::of(b"x");
        store.append(&[reported(file().with_sha256(digest), "")]).unwrap();
        let mut files = AccusedFiles::derive(&Known::derive(&store).unwrap(), &store).unwrap();
        files.complete(|asked| (asked == digest).then(|| Blake2::of(b"x")));
        assert_eq!(files.into_files()[0].blake2, Some(Blake2::of(b"x")));
    }
}
