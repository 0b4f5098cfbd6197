//! Compressed streams: a tar inside one, an archive inside one, or one compressed file.

mod framing;
mod unpacked;

use venin_model::GapKind;

pub(crate) use unpacked::{Outcome, Unpacked, grow};

use crate::anomaly::AnomalyKind;
use crate::entry::EntryKind;
use crate::format::{Format, detect_format};
use crate::names::NameIndex;
use crate::session::{Member, Place, Session};
use crate::tar;

/// Reads a compressed stream, its decoder limited to `memory` bytes, and says what is inside.
pub(crate) fn read_stream(
    session: &mut Session<'_>,
    place: &Place,
    name: &str,
    bytes: &[u8],
    format: Format,
    memory: u64,
) -> Format {
    let mut source = Unpacked::new(bytes, format, memory);
    let inner = if tar::is_header(source.peek(tar::BLOCK, &mut session.ledger)) {
        let fresh = || Unpacked::new(bytes, format, memory);
        tar::read_tar(session, place, &mut source, &fresh);
        Format::Tar
    } else {
        read_single(session, place, name, &mut source)
    };
    source.drain(&mut session.ledger);
    let outcome = source.outcome();
    report_outcome(session, place, &outcome);
    if let Some(tail) = outcome.trailing.and_then(|at| bytes.get(at..)) {
        session.note(place, AnomalyKind::TrailingBytes, None, || {
            format!("{} bytes follow the compressed stream", tail.len())
        });
        session.read_neighbor(place, tail, "what follows the compressed stream");
    }
    inner
}

/// Hands over the content of a stream that holds no tar.
fn read_single(session: &mut Session<'_>, place: &Place, name: &str, source: &mut Unpacked<'_>) -> Format {
    let Some(path) = session.admit(place, content_name(name).as_bytes()) else { return Format::NotArchive };
    let mut buffer = session.take_buffer();
    let room = session.member_room();
    let filled = source.fill_growing(&mut buffer, room as u64, room, &mut session.ledger);
    let skipped = if filled == room { source.skip(u64::MAX, &mut session.ledger) } else { 0 };
    let is_cut = skipped > 0;
    if is_cut {
        session.gap(&path, GapKind::ArchiveBudget, format!("only the first {filled} bytes were handed over"));
    }
    let outcome = source.outcome();
    let is_whole = !is_cut && outcome.is_whole() && session.is_open();
    let content = buffer.get(..filled).unwrap_or_default();
    let inner = detect_format(content);
    let size = filled as u64 + skipped;
    let member = Member { path, kind: EntryKind::File, mode: None, size, is_whole };
    session.deliver(place, &mut NameIndex::default(), &member, content);
    session.return_buffer(buffer);
    inner
}

/// `notes.txt.gz` holds `notes.txt`; a name without a known suffix holds `content`.
fn content_name(name: &str) -> &str {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = base.rsplit_once('.').and_then(|(stem, suffix)| {
        let is_known =
            ["gz", "bz2", "xz", "tgz", "tbz2", "txz"].iter().any(|s| suffix.eq_ignore_ascii_case(s));
        is_known.then_some(stem)
    });
    stem.filter(|s| !s.is_empty()).unwrap_or("content")
}

/// Turns what the decoder noticed into anomalies and gaps.
fn report_outcome(session: &mut Session<'_>, place: &Place, outcome: &Outcome) {
    if outcome.streams > 1 {
        session.note(place, AnomalyKind::SeveralStreams, None, || {
            format!("{} compressed streams follow one another", outcome.streams)
        });
    }
    if outcome.wrong_checksums > 0 {
        session.note(place, AnomalyKind::ChecksumMismatch, None, || {
            "the checksum behind the compressed stream does not fit its content".to_owned()
        });
    }
    if outcome.wrong_sizes > 0 {
        session.note(place, AnomalyKind::SizeMismatch, None, || {
            "the size behind the compressed stream does not fit its content".to_owned()
        });
    }
    if outcome.is_damaged {
        session.note(place, AnomalyKind::DamagedData, None, || "the compressed stream is invalid".to_owned());
        session.gap_of_place(
            place,
            GapKind::Unreadable,
            "the compressed stream is invalid from some point on",
        );
    }
    if outcome.is_truncated {
        session.note(place, AnomalyKind::Truncated, None, || "the compressed stream ends early".to_owned());
        session.gap_of_place(place, GapKind::Unreadable, "the compressed stream ends early");
    }
    if let Some(limit) = outcome.limit {
        session.note_limit(place, None, limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_is_named_after_the_file_without_its_suffix() {
        assert_eq!(content_name("a/notes.txt.gz"), "notes.txt");
        assert_eq!(content_name("notes.XZ"), "notes");
        assert_eq!(content_name("payload"), "content");
        assert_eq!(content_name(".gz"), "content");
    }
}
