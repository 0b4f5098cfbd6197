//! A finding of an audit on disk as one of the kind that becomes claims.

use venin_intel::claim::Moment;

use super::finding::Finding;
use crate::known::MatchedBy;
use crate::local::LocalFinding;
use crate::probe::Proof;
use crate::verdict::FileSeen;

/// The finding with paths in the tree in place of addresses.
///
/// A digest that was read off the tree and was not known before does not become part of the subject: the next look must
/// find the same subject, whether the file is still there or not.
#[must_use]
pub fn finding_on_disk(mirror: &str, local: &LocalFinding, now: Moment) -> Finding {
    let by = local.files.iter().map(|file| file.by).min();
    let is_by_digest =
        matches!(by, None | Some(MatchedBy::Sha256 | MatchedBy::Blake2 | MatchedBy::OtherBytes));
    let subject = if is_by_digest { local.subject.clone() } else { local.subject.without_sha256() };
    let proof = match (local.file, by) {
        (FileSeen::Same, _) => Some(Proof::Bytes),
        (FileSeen::Served, Some(_)) => Some(Proof::Name),
        _ => None,
    };
    let path = |paths: Option<&String>| paths.cloned().unwrap_or_default();
    Finding {
        mirror: mirror.to_owned(),
        subject,
        class: local.class,
        verdict: local.verdict,
        index: local.index,
        file: local.file,
        proof,
        sha256: local.files.first().map(|file| file.sha256),
        page_url: path(local.entries.first().map(|entry| &entry.page)),
        file_url: path(local.files.first().map(|file| &file.path)),
        redirect: None,
        project_status: local.status.clone(),
        serial: None,
        reason: None,
        evidence: None,
        observed: now,
    }
}
