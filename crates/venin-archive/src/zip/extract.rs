//! From a view of a member to its content.

use venin_model::GapKind;

use crate::anomaly::AnomalyKind;
use crate::budget::Limit;
use crate::entry::EntryKind;
use crate::names::NameIndex;
use crate::path::{Relative, escape_bytes, resolve_target};
use crate::session::{Member, Place, Session};
use crate::zip::compare::Differences;
use crate::zip::decode::{Decoded, Ending, decode};
use crate::zip::records::{Central, Local};
use crate::zip::walk::Walked;

/// The compression method deflate.
pub(super) const DEFLATED: u16 = 8;

/// One way to read a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct View<'a> {
    pub(super) name: &'a [u8],
    pub(super) method: u16,
    pub(super) flags: u16,
    pub(super) checksum: u32,
    pub(super) unpacked: u64,
    pub(super) mode: Option<u32>,
    /// Where the packed data is; inside the file.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether the data is declared to go on behind the end of the file.
    pub(super) is_cut: bool,
    /// Whether the directory and the local header agree that it is encrypted.
    pub(super) is_encrypted: bool,
    /// Where the content ends inside the range, if the walk found that out.
    pub(super) slack: Option<usize>,
}

impl<'a> View<'a> {
    /// As a reader of the directory sees it.
    pub(super) fn of_central(central: &Central<'a>, local: &Local<'a>, file_len: usize) -> Self {
        let claim = central.claim;
        let wanted = usize::try_from(claim.packed).ok().and_then(|packed| local.data.checked_add(packed));
        let end = wanted.filter(|end| *end <= file_len);
        Self {
            name: claim.name,
            method: claim.method,
            flags: claim.flags,
            checksum: claim.checksum,
            unpacked: claim.unpacked,
            mode: central.mode,
            start: local.data,
            end: end.unwrap_or(file_len),
            is_cut: end.is_none(),
            is_encrypted: claim.is_encrypted() && local.claim.is_encrypted(),
            slack: None,
        }
    }

    /// As a streaming reader sees it.
    pub(super) fn of_local(walked: &Walked<'a>) -> Self {
        let claim = walked.local.claim;
        let (checksum, unpacked) = match walked.descriptor {
            Some(descriptor) => (descriptor.checksum, descriptor.unpacked),
            None => (claim.checksum, claim.unpacked),
        };
        Self {
            name: claim.name,
            method: claim.method,
            flags: claim.flags,
            checksum,
            unpacked,
            mode: None,
            start: walked.local.data,
            end: walked.data_end,
            is_cut: walked.is_cut,
            is_encrypted: claim.is_encrypted(),
            slack: walked.slack,
        }
    }

    pub(super) const fn range(&self) -> (usize, usize) {
        (self.start, self.end)
    }

    fn kind(&self, content: &[u8]) -> EntryKind {
        const TYPE_BITS: u32 = 0o170_000;
        const SYMLINK: u32 = 0o120_000;

        if self.name.ends_with(b"/") {
            EntryKind::Directory
        } else if self.mode.is_some_and(|mode| mode & TYPE_BITS == SYMLINK) {
            EntryKind::Symlink { target: escape_bytes(content) }
        } else {
            EntryKind::File
        }
    }
}

/// The members of one zip on their way out.
pub(super) struct Extraction<'p, 'a> {
    pub(super) place: &'p Place,
    pub(super) bytes: &'a [u8],
    pub(super) names: NameIndex,
    /// Bytes unpacked from this zip, without the members that were stopped as bombs.
    pub(super) produced: u64,
}

impl Extraction<'_, '_> {
    /// Whether the budget lets another member be read: many small members over the same bytes are a bomb too.
    pub(super) fn may_go_on(&mut self, session: &mut Session<'_>) -> bool {
        if session.is_open() && session.ledger.is_bomb(self.produced, self.bytes.len() as u64) {
            session.note_limit(self.place, None, Limit::Ratio);
            return false;
        }
        session.is_open()
    }

    /// Decodes a member, checks it against its claims and hands it over.
    pub(super) fn read_view(
        &mut self,
        session: &mut Session<'_>,
        view: &View<'_>,
        differences: &Differences,
    ) {
        let Some(path) = session.admit(self.place, view.name) else { return };
        for (kind, detail) in differences {
            session.note(self.place, *kind, Some(&path), || detail.clone());
        }
        let raw = self.bytes.get(view.start..view.end).unwrap_or_default();
        let mut buffer = session.take_buffer();
        let decoded = if view.is_encrypted { Decoded::NONE } else { decode(session, view, raw, &mut buffer) };
        // A member that is a bomb by itself was stopped already; what comes after it is still read.
        if decoded.ending != Ending::Limit(Limit::Ratio) {
            self.produced = self.produced.saturating_add(decoded.len as u64);
        }
        let content = if decoded.is_raw { raw } else { buffer.as_slice() };
        let content = content.get(..decoded.len).unwrap_or_default();
        self.report(session, view, &path, decoded, content);
        let kind = view.kind(content);
        self.report_kind(session, &path, &kind, content);
        let is_whole = matches!(decoded.ending, Ending::Whole { .. }) && !view.is_cut;
        let size = if is_whole { decoded.len as u64 } else { view.unpacked.max(decoded.len as u64) };
        let member = Member { path, kind, mode: view.mode, size, is_whole };
        session.deliver(self.place, &mut self.names, &member, content);
        session.return_buffer(buffer);
    }

    fn report(
        &self,
        session: &mut Session<'_>,
        view: &View<'_>,
        path: &str,
        decoded: Decoded,
        content: &[u8],
    ) {
        if view.is_encrypted {
            session
                .note(self.place, AnomalyKind::EncryptedMember, Some(path), || "it is encrypted".to_owned());
            session.gap(path, GapKind::Unreadable, "the member is encrypted");
            return;
        }
        if view.is_cut {
            session.note(self.place, AnomalyKind::Truncated, Some(path), || {
                "its data goes on behind the end of the file".to_owned()
            });
        }
        match decoded.ending {
            Ending::Whole { slack } => self.report_whole(session, view, path, slack, content),
            Ending::Cut => {
                let detail = format!("only the first {} bytes were handed over", decoded.len);
                session.gap(path, GapKind::ArchiveBudget, detail);
            }
            Ending::Damaged => {
                session.note(self.place, AnomalyKind::DamagedData, Some(path), || {
                    format!("its data is invalid after {} bytes of content", decoded.len)
                });
                session.gap(path, GapKind::Unreadable, "the packed data is invalid");
            }
            Ending::Unknown => {
                session.note(self.place, AnomalyKind::UnknownCompression, Some(path), || {
                    format!("compression method {}", view.method)
                });
                session.gap(
                    path,
                    GapKind::Unreadable,
                    format!("compression method {} is not read", view.method),
                );
            }
            Ending::Limit(limit) => session.note_limit(self.place, Some(path), limit),
        }
    }

    fn report_whole(
        &self,
        session: &mut Session<'_>,
        view: &View<'_>,
        path: &str,
        slack: u64,
        content: &[u8],
    ) {
        if view.is_cut {
            session.gap(path, GapKind::Unreadable, "the member's data is cut off");
            return;
        }
        if slack > 0 || view.slack.is_some() {
            session.note(self.place, AnomalyKind::SlackBytes, Some(path), || {
                "its packed range goes on behind the end of its content".to_owned()
            });
        }
        if content.len() as u64 != view.unpacked {
            session.note(self.place, AnomalyKind::SizeMismatch, Some(path), || {
                format!("it declares {} bytes and has {}", view.unpacked, content.len())
            });
        }
        if crc32fast::hash(content) != view.checksum {
            session.note(self.place, AnomalyKind::ChecksumMismatch, Some(path), || {
                "the content does not fit its checksum".to_owned()
            });
        }
    }

    fn report_kind(&self, session: &mut Session<'_>, path: &str, kind: &EntryKind, content: &[u8]) {
        match kind {
            EntryKind::Directory if !content.is_empty() => {
                session.note(self.place, AnomalyKind::DirectoryData, Some(path), || {
                    format!("a directory entry has {} bytes of content", content.len())
                });
            }
            EntryKind::Symlink { target } => {
                session.note(self.place, AnomalyKind::ZipSymlink, Some(path), || {
                    format!("it links to `{target}`")
                });
                if resolve_target(self.place.local(path), content, Relative::ToLink).is_none() {
                    session.note(self.place, AnomalyKind::EscapingLink, Some(path), || {
                        format!("it points to `{target}`")
                    });
                }
            }
            _ => {}
        }
    }
}
