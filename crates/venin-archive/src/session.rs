//! One reading: the budget, the log, the visitor, and the way down into nested archives.

use std::sync::Arc;

use venin_model::{Gap, GapKind, MemberPath};

use crate::anomaly::{Anomaly, AnomalyKind, Log};
use crate::budget::{Budget, Ledger, Limit};
use crate::codec::{DECODER_MEMORY, INNER_DECODER_MEMORY};
use crate::entry::{Entry, EntryKind};
use crate::format::{Format, detect_format};
use crate::names::NameIndex;
use crate::path::{cut_path, escape_bytes, normalize_name};
use crate::stream::read_stream;
use crate::{Reading, tar, zip};

/// How many times [`Budget::member_bytes`] all nested members in memory may take together.
const HELD_MEMBERS: u64 = 2;

/// Bytes of a name that cost nothing extra.
const FREE_NAME: usize = 512;
/// What a byte of a longer name costs, in decoded bytes: one header may name many members.
const NAME_EFFORT: u64 = 16;

/// The archive that is being read: where it lies in the outermost one.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// What goes before the names of its members: empty, or `outer.zip!`.
    prefix: String,
    /// Its own path, if it is a member.
    member: Option<MemberPath>,
    /// 0 for the outermost archive.
    depth: u8,
}

impl Place {
    pub(crate) const fn outermost() -> Self {
        Self { prefix: String::new(), member: None, depth: 0 }
    }

    /// The path of a member without the archives around it.
    pub(crate) fn local<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(self.prefix.as_str()).unwrap_or(path)
    }

    /// The path of a member with the archives around it.
    pub(crate) fn full(&self, local: &str) -> String {
        format!("{}{local}", self.prefix)
    }

    fn inside(path: &str, depth: u8) -> Self {
        Self { prefix: format!("{path}!"), member: Some(Arc::from(path)), depth }
    }
}

/// A member on its way to the visitor.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Full path, with the archives around it.
    pub(crate) path: String,
    pub(crate) kind: EntryKind,
    pub(crate) mode: Option<u32>,
    pub(crate) size: u64,
    pub(crate) is_whole: bool,
}

/// The state of one reading.
pub(crate) struct Session<'v> {
    pub(crate) ledger: Ledger,
    log: Log,
    visit: &'v mut dyn FnMut(&Entry<'_>),
    /// Bytes of nested archives that are in memory while their members are read.
    held: u64,
    /// Xz streams that are being read, one inside the other.
    open_xz: u32,
    /// Buffers for member contents, kept for reuse; their length is how far they were ever filled.
    spare: Vec<Vec<u8>>,
    pub(crate) inflater: libdeflater::Decompressor,
    /// Whether anomalies and gaps are logged: not while an archive is read a second time for its links.
    is_mute: bool,
}

impl<'v> Session<'v> {
    pub(crate) fn new(budget: Budget, visit: &'v mut dyn FnMut(&Entry<'_>)) -> Self {
        Self {
            ledger: Ledger::new(budget),
            log: Log::default(),
            visit,
            held: 0,
            open_xz: 0,
            spare: Vec::new(),
            inflater: libdeflater::Decompressor::new(),
            is_mute: false,
        }
    }

    /// Reads an archive of a known format; gives the format inside a compressed stream.
    pub(crate) fn read_archive(
        &mut self,
        place: &Place,
        name: &str,
        bytes: &[u8],
        format: Format,
    ) -> Option<Format> {
        match format {
            Format::Zip => zip::read_zip(self, place, bytes),
            Format::Tar => tar::read_plain(self, place, bytes),
            Format::Gzip | Format::Bzip2 | Format::Xz => {
                let memory = self.decoder_memory();
                let is_xz = u32::from(format == Format::Xz);
                self.open_xz += is_xz;
                let inner = read_stream(self, place, name, bytes, format, memory);
                self.open_xz -= is_xz;
                return Some(inner);
            }
            Format::Zstd => {
                self.gap_of_place(place, GapKind::Unsupported, "zstd is not read");
            }
            Format::NotArchive => {}
        }
        None
    }

    /// Reads what lies before or behind an archive, if it is an archive of its own.
    pub(crate) fn read_neighbor(&mut self, place: &Place, bytes: &[u8], what: &str) {
        let format = detect_format(bytes);
        if format == Format::NotArchive || !self.is_open() {
            return;
        }
        if place.depth >= self.ledger.budget().depth {
            self.gap_of_place(place, GapKind::ArchiveBudget, "another archive beside this one was not read");
            return;
        }
        self.note(place, AnomalyKind::Polyglot, None, || format!("{what} is a {format} archive of its own"));
        let deeper = Place { depth: place.depth + 1, ..place.clone() };
        self.read_archive(&deeper, "content", bytes, format);
    }

    /// Whether no budget has ended the reading.
    pub(crate) const fn is_open(&self) -> bool {
        self.ledger.spent().is_none()
    }

    /// Logs an anomaly of a member, or of the archive at `place`.
    pub(crate) fn note(
        &mut self,
        place: &Place,
        kind: AnomalyKind,
        member: Option<&str>,
        detail: impl FnOnce() -> String,
    ) {
        if self.is_mute {
            return;
        }
        let make = || Anomaly {
            kind,
            member: member.map(Arc::from).or_else(|| place.member.clone()),
            detail: detail(),
            depth: place.depth,
        };
        self.log.add_anomaly(kind, place.depth, make);
    }

    /// Logs a gap of a member.
    pub(crate) fn gap(&mut self, path: &str, kind: GapKind, detail: impl Into<Arc<str>>) {
        if !self.is_mute {
            self.log.add_gap(Gap::of_member(Arc::from(path), kind, detail));
        }
    }

    /// Logs a gap of the archive at `place`.
    pub(crate) fn gap_of_place(&mut self, place: &Place, kind: GapKind, detail: impl Into<Arc<str>>) {
        if !self.is_mute {
            self.log.add_gap(Gap { member: place.member.clone(), kind, detail: detail.into() });
        }
    }

    /// Logs that a stream or member stopped at a limit.
    pub(crate) fn note_limit(&mut self, place: &Place, path: Option<&str>, limit: Limit) {
        match limit {
            // Logged once, at the end of the reading.
            Limit::TotalBytes | Limit::Members => return,
            Limit::Ratio => {
                let ratio = self.ledger.budget().ratio;
                self.note(place, AnomalyKind::CompressionBomb, path, || {
                    format!("it unpacks to more than {ratio} times its packed size")
                });
            }
            Limit::Memory => {}
        }
        let detail = match limit {
            Limit::Memory => "the decoder asks for more memory than it may have",
            _ => "unpacking stopped at the compression ratio that is allowed",
        };
        match path {
            Some(path) => self.gap(path, GapKind::ArchiveBudget, detail),
            None => self.gap_of_place(place, GapKind::ArchiveBudget, detail),
        }
    }

    /// Runs `read` without logging.
    pub(crate) fn muted(&mut self, read: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.is_mute, true);
        read(self);
        self.is_mute = before;
    }

    /// Counts a member and gives its path; `None` when the budget of members is spent.
    pub(crate) fn admit(&mut self, place: &Place, raw: &[u8]) -> Option<String> {
        if !self.is_mute && !self.ledger.book_member() {
            return None;
        }
        if raw.len() > FREE_NAME {
            self.ledger.book_effort((raw.len() as u64).saturating_mul(NAME_EFFORT));
        }
        let name = normalize_name(raw);
        let mut path = place.full(&name.path);
        let is_cut = cut_path(&mut path, self.ledger.budget().path_len);
        for (kind, what) in name.oddities {
            self.note(place, kind, Some(&path), || format!("{what}: `{}`", escape_bytes(raw)));
        }
        if is_cut {
            self.note(place, AnomalyKind::LongPath, Some(&path), || {
                format!("the name has {} bytes", raw.len())
            });
        }
        Some(path)
    }

    /// Bytes of one member that may be in memory now.
    pub(crate) fn member_room(&self) -> usize {
        let limit = self.ledger.budget().member_bytes;
        let room = limit.min(limit.saturating_mul(HELD_MEMBERS).saturating_sub(self.held));
        usize::try_from(room).unwrap_or(usize::MAX)
    }

    /// Memory that an LZMA or xz decoder may ask for now.
    pub(crate) const fn decoder_memory(&self) -> u64 {
        if self.open_xz == 0 { DECODER_MEMORY } else { INNER_DECODER_MEMORY }
    }

    pub(crate) fn take_buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    pub(crate) fn return_buffer(&mut self, buffer: Vec<u8>) {
        self.spare.push(buffer);
    }

    /// Hands a member over and, if it is an archive itself, goes down into it.
    pub(crate) fn deliver(&mut self, place: &Place, names: &mut NameIndex, member: &Member, bytes: &[u8]) {
        self.check_names(place, names, member, bytes);
        let entry = Entry {
            path: &member.path,
            bytes,
            size: member.size,
            is_whole: member.is_whole,
            kind: member.kind.clone(),
            mode: member.mode,
            depth: place.depth,
        };
        (self.visit)(&entry);
        if member.kind == EntryKind::File {
            self.descend(place, &member.path, bytes);
        }
    }

    /// Reports what a name has to do with the names before it.
    pub(crate) fn check_names(
        &mut self,
        place: &Place,
        names: &mut NameIndex,
        member: &Member,
        bytes: &[u8],
    ) {
        if member.kind == EntryKind::Directory || self.is_mute {
            return;
        }
        if let Some((kind, what)) = names.add_file(&member.path, bytes) {
            self.note(place, kind, Some(&member.path), || what.to_owned());
        }
        if names.goes_through_link(&member.path) {
            self.note(place, AnomalyKind::PathThroughLink, Some(&member.path), || {
                "a folder of its path is a link of the same archive".to_owned()
            });
        }
    }

    fn descend(&mut self, place: &Place, path: &str, bytes: &[u8]) {
        let format = detect_format(bytes);
        if format == Format::NotArchive || !self.is_open() {
            return;
        }
        if place.depth >= self.ledger.budget().depth {
            self.note(place, AnomalyKind::NestingDepth, Some(path), || {
                format!("a {format} archive lies {} archives deep", u16::from(place.depth) + 1)
            });
            self.gap(path, GapKind::ArchiveBudget, "archives nest deeper than they are followed");
            return;
        }
        let size = bytes.len() as u64;
        self.held = self.held.saturating_add(size);
        let name = path.rsplit(['/', '!']).next().unwrap_or(path);
        self.read_archive(&Place::inside(path, place.depth + 1), name, bytes, format);
        self.held = self.held.saturating_sub(size);
    }

    pub(crate) fn finish(mut self, format: Format, inner: Option<Format>) -> Reading {
        self.is_mute = false;
        if let Some(limit) = self.ledger.spent() {
            self.note_spent(limit);
        }
        let (anomalies, gaps) = self.log.finish();
        let (members, bytes) = (self.ledger.members(), self.ledger.bytes());
        Reading { format, inner, anomalies, gaps, members, bytes }
    }

    fn note_spent(&mut self, limit: Limit) {
        let budget = *self.ledger.budget();
        let (kind, detail) = match limit {
            Limit::Members => (AnomalyKind::MemberCount, format!("more than {} members", budget.members)),
            _ => (AnomalyKind::TotalBytes, format!("more than {} bytes unpacked", budget.total_bytes)),
        };
        self.log.add_gap(Gap::of_artifact(GapKind::ArchiveBudget, detail.clone()));
        self.note(&Place::outermost(), kind, None, || detail);
    }
}
