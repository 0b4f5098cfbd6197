//! Central directories: where an end record's directory may start, and what it lists.

use std::collections::BTreeSet;

use memchr::memmem;

use crate::anomaly::AnomalyKind;
use crate::zip::records::{
    CENTRAL, Central, END, END_LEN, End, SIGNATURE, has_signature, parse_central, parse_end, parse_local,
};

/// Bytes from the end of the file in which CPython looks for the end record.
const SEARCHED: usize = END_LEN + (1 << 16);

/// Anomalies kept here; the log keeps fewer of each kind.
const KEPT_ANOMALIES: usize = 1024;

/// A central record and where its local header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed<'a> {
    pub(super) central: Central<'a>,
    /// Where the local header must be; `None` when that is outside the file.
    pub(super) local_at: Option<usize>,
}

/// Everything that directories list.
#[derive(Debug, Default)]
pub(super) struct Directories<'a> {
    pub(super) listed: Vec<Listed<'a>>,
    /// Where the records read so far start: two end records may share a directory.
    seen: BTreeSet<usize>,
    /// Records parsed, those read before included: many end records may share a directory.
    parsed: usize,
    /// Whether that became too much.
    pub(super) is_spent: bool,
    /// Byte ranges of the directories.
    pub(super) ranges: Vec<(usize, usize)>,
    pub(super) anomalies: Vec<(AnomalyKind, String)>,
}

/// The end record that CPython takes: the last one.
pub(super) fn find_last_end(bytes: &[u8]) -> Option<End> {
    let start = bytes.len().saturating_sub(SEARCHED);
    let tail = bytes.get(start..)?;
    memmem::rfind_iter(tail, &END).find_map(|at| parse_end(bytes, start + at))
}

/// Whether an end record at the end of the file leads to a directory, so that zip readers open the file
/// whatever it starts with.
pub(crate) fn has_directory_at_the_end(bytes: &[u8]) -> bool {
    let Some(end) = find_last_end(bytes) else { return false };
    let starts = [start_by_size(&end, end.size), usize::try_from(end.offset).ok()];
    starts.into_iter().flatten().any(|at| at < end.tail && parse_central(bytes, at).is_some())
}

fn start_by_size(end: &End, size: u64) -> Option<usize> {
    end.tail.checked_sub(usize::try_from(size).ok()?)
}

impl<'a> Directories<'a> {
    /// Reads the directory of an end record, from every place where a reader could look for it.
    pub(super) fn read_end(&mut self, bytes: &'a [u8], end: &End, room: usize) {
        if end.has_zip64_conflict {
            self.add(
                AnomalyKind::Zip64Conflict,
                "the zip64 end record contradicts the classic one or its locator",
            );
        }
        self.read_claimed(bytes, end, end.size, end.offset, room);
        if let Some((size, offset)) = end.classic {
            self.read_claimed(bytes, end, size, offset, room);
        }
    }

    fn read_claimed(&mut self, bytes: &'a [u8], end: &End, size: u64, offset: u64, room: usize) {
        let is_directory = |at: &usize| *at < end.tail && has_signature(bytes, *at, CENTRAL);
        let by_size = start_by_size(end, size).filter(is_directory);
        let by_offset = usize::try_from(offset).ok().filter(is_directory);
        match (by_size, by_offset) {
            (Some(one), Some(other)) if one == other => self.read_at(bytes, end, one, offset, room),
            (Some(one), Some(other)) => {
                let detail =
                    format!("the end record leads to a directory at {one} and to another at {other}");
                self.add(AnomalyKind::DirectoryOffset, &detail);
                self.read_at(bytes, end, one, offset, room);
                // In concatenated archives this is the directory of an earlier one.
                self.read_run(bytes, other, end.tail, 0, room);
            }
            (Some(one), None) => {
                if !is_shifted(bytes, one, offset) {
                    let detail = format!("the directory starts at {one}, the end record says {offset}");
                    self.add(AnomalyKind::DirectoryOffset, &detail);
                }
                self.read_at(bytes, end, one, offset, room);
            }
            (None, Some(other)) => {
                let detail =
                    format!("the directory starts at {other} and the end record gives it {size} bytes");
                self.add(AnomalyKind::DirectorySize, &detail);
                self.read_at(bytes, end, other, offset, room);
            }
            (None, None) if end.count > 0 || size > 0 => {
                self.add(AnomalyKind::DirectoryOffset, "no directory is where the end record says");
            }
            (None, None) => {}
        }
    }

    fn read_at(&mut self, bytes: &'a [u8], end: &End, start: usize, offset: u64, room: usize) {
        let base = (start as u64).checked_sub(offset).and_then(|b| usize::try_from(b).ok()).unwrap_or(0);
        let (count, stop) = self.read_run(bytes, start, end.tail, base, room);
        if stop != end.tail && !has_signature(bytes, stop, SIGNATURE) {
            let detail =
                format!("the directory ends at {stop}, {} bytes before its end record", end.tail - stop);
            self.add(AnomalyKind::DirectorySize, &detail);
        }
        let is_wrapped = !end.is_zip64 && count > u64::from(u16::MAX) && count & 0xffff == end.count;
        if count != end.count && !is_wrapped {
            let detail = format!("the directory holds {count} records, the end record says {}", end.count);
            self.add(AnomalyKind::DirectoryCount, &detail);
        }
    }

    /// Reads records from `start` to the first place that holds none; gives their number and that place.
    pub(super) fn read_run(
        &mut self,
        bytes: &'a [u8],
        start: usize,
        limit: usize,
        base: usize,
        room: usize,
    ) -> (u64, usize) {
        let (mut at, mut count) = (start, 0);
        let known = self.listed.len();
        while at < limit
            && self.may_parse(room)
            && let Some(central) = parse_central(bytes, at).filter(|c| c.end <= limit)
        {
            count += 1;
            if self.seen.insert(at) {
                self.listed.push(Listed { central, local_at: find_local(bytes, &central, base) });
            }
            at = central.end;
        }
        if self.listed.len() > known {
            self.ranges.push((start, at));
        }
        (count, at)
    }

    fn may_parse(&mut self, room: usize) -> bool {
        self.parsed = self.parsed.saturating_add(1);
        self.is_spent |= self.parsed > room.saturating_mul(2).saturating_add(1024);
        !self.is_spent && self.listed.len() <= room
    }

    /// Whether the record at `at` was read already.
    pub(super) fn has_seen(&self, at: usize) -> bool {
        self.seen.contains(&at)
    }

    pub(super) fn add(&mut self, kind: AnomalyKind, detail: &str) {
        if self.anomalies.len() < KEPT_ANOMALIES {
            self.anomalies.push((kind, detail.to_owned()));
        }
    }
}

/// Whether the whole archive is shifted by bytes before it: the first local header is shifted by as much.
fn is_shifted(bytes: &[u8], directory: usize, offset: u64) -> bool {
    let Some(shift) = (directory as u64).checked_sub(offset) else { return false };
    parse_central(bytes, directory)
        .and_then(|central| usize::try_from(central.offset.checked_add(shift)?).ok())
        .is_some_and(|at| parse_local(bytes, at).is_some())
}

/// The local header of a record: shifted like its directory, or where it says.
fn find_local(bytes: &[u8], central: &Central<'_>, base: usize) -> Option<usize> {
    let declared = usize::try_from(central.offset).ok()?;
    let shifted = declared.checked_add(base)?;
    [shifted, declared].into_iter().find(|at| parse_local(bytes, *at).is_some())
}
