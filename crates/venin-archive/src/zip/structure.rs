//! Anomalies of a zip as a whole: end records, directories, and bytes that belong to nothing.

use memchr::memmem;
use venin_model::GapKind;

use crate::anomaly::AnomalyKind;
use crate::session::{Place, Session};
use crate::tar;
use crate::zip::directory::Directories;
use crate::zip::records::{END, END_LEN, End, parse_local};
use crate::zip::walk::Layout;

/// Reads directories that no end record leads to.
pub(super) fn read_strays<'a>(
    directories: &mut Directories<'a>,
    bytes: &'a [u8],
    layout: &Layout<'_>,
    room: usize,
) {
    for &at in &layout.centrals {
        if directories.has_seen(at) {
            continue;
        }
        if !layout.ends.is_empty() {
            let detail = format!("no end record leads to the directory at {at}");
            directories.add(AnomalyKind::DirectoryOffset, &detail);
        }
        directories.read_run(bytes, at, bytes.len(), 0, room);
    }
}

/// Logs what is odd about the archive as a whole.
pub(super) fn note_structure(
    session: &mut Session<'_>,
    place: &Place,
    bytes: &[u8],
    layout: &Layout<'_>,
    last: Option<&End>,
    directories: &Directories<'_>,
) {
    note_ends(session, place, bytes, layout, last);
    for (kind, detail) in &directories.anomalies {
        session.note(place, *kind, None, || detail.clone());
    }
    note_overlaps(session, place, bytes, directories);
    if directories.is_spent {
        session.gap_of_place(place, GapKind::ArchiveBudget, "the directories have too many records");
    }
    if layout.members.is_empty() && layout.ends.is_empty() {
        session.note(place, AnomalyKind::DamagedData, None, || "no record of a zip could be read".to_owned());
        session.gap_of_place(place, GapKind::Unreadable, "no record of a zip could be read");
        return;
    }
    for &(from, to) in &layout.unclaimed {
        let kind = match (from, to) {
            (0, _) => AnomalyKind::PrefixBytes,
            (_, to) if to == bytes.len() => AnomalyKind::TrailingBytes,
            _ => AnomalyKind::HiddenBytes,
        };
        session.note(place, kind, None, || format!("{} bytes at {from} belong to no record", to - from));
    }
}

fn note_ends(
    session: &mut Session<'_>,
    place: &Place,
    bytes: &[u8],
    layout: &Layout<'_>,
    last: Option<&End>,
) {
    let is_inner = |at: usize| layout.ends.iter().all(|end| end.at != at);
    let hidden = last.filter(|last| is_inner(last.at));
    let count = layout.ends.len() + usize::from(hidden.is_some());
    if layout.ends.is_empty() {
        session
            .note(place, AnomalyKind::NoEndRecord, None, || "no end record follows the members".to_owned());
    }
    if count > 1 {
        session.note(place, AnomalyKind::SeveralEndRecords, None, || {
            format!("the file has {count} end records")
        });
    }
    for end in &layout.ends {
        let comment = bytes.get(end.at + END_LEN..).map(|rest| rest.get(..end.comment).unwrap_or(rest));
        if comment.is_some_and(|comment| memmem::find(comment, &END).is_some()) {
            session.note(place, AnomalyKind::EndRecordInComment, None, || {
                format!("the comment of the end record at {} holds an end record", end.at)
            });
        }
        if bytes.len() - end.at - END_LEN < end.comment {
            session.note(place, AnomalyKind::Truncated, None, || {
                "the file ends inside the comment of its end record".to_owned()
            });
        }
    }
}

/// Members whose bytes, by the directory, lie over one another or over a directory.
fn note_overlaps(session: &mut Session<'_>, place: &Place, bytes: &[u8], directories: &Directories<'_>) {
    let members = directories.listed.iter().filter_map(|listed| {
        let local = parse_local(bytes, listed.local_at?)?;
        let packed = usize::try_from(listed.central.claim.packed).unwrap_or(usize::MAX);
        Some((local.at, local.data.saturating_add(packed)))
    });
    let mut ranges: Vec<(usize, usize)> = members.chain(directories.ranges.iter().copied()).collect();
    ranges.sort_unstable();
    let mut reach = 0;
    for (from, to) in ranges {
        if from < reach {
            session.note(place, AnomalyKind::OverlappingEntries, None, || {
                format!("the member or directory at {from} lies over the one before it")
            });
        }
        reach = reach.max(to);
    }
}

/// Reads archives of other formats that share the file.
pub(super) fn read_neighbors(session: &mut Session<'_>, place: &Place, bytes: &[u8], layout: &Layout<'_>) {
    if tar::is_header(bytes) {
        session.note(place, AnomalyKind::Polyglot, None, || "the file is a tar as well".to_owned());
        tar::read_plain(session, place, bytes);
    }
    for &(from, to) in &layout.unclaimed {
        // A range that starts like a zip was searched already.
        if let Some(range) = bytes.get(from..to).filter(|range| !range.starts_with(b"PK")) {
            session.read_neighbor(place, range, "what lies beside the zip");
        }
    }
}
