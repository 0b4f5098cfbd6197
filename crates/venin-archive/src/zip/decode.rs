//! The content of one zip member.
//!
//! Deflate goes through libdeflate where the declared size fits the budget and turns out to be true; in all
//! other cases a streaming decoder runs into the budget step by step.

use crate::budget::{Ledger, Limit};
use crate::codec::{Codec, State};
use crate::session::Session;
use crate::stream::grow;
use crate::zip::extract::{DEFLATED, View};

const STORED: u16 = 0;
const BZIP2: u16 = 12;
const LZMA: u16 = 14;
const XZ: u16 = 95;

/// Bytes decoded between two looks at the budget.
const STRIDE: usize = 1 << 20;

/// What decoding came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decoded {
    /// Bytes of content.
    pub(super) len: usize,
    /// Whether the content is the raw data itself and not in the buffer.
    pub(super) is_raw: bool,
    pub(super) ending: Ending,
}

/// How decoding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// All content is there; that many packed bytes, at least, were left over.
    Whole { slack: u64 },
    /// There is more content than may be in memory.
    Cut,
    /// The data is invalid or ends early.
    Damaged,
    /// The method is not read.
    Unknown,
    /// A budget ran out.
    Limit(Limit),
}

impl Decoded {
    /// No content.
    pub(super) const NONE: Self = Self { len: 0, is_raw: false, ending: Ending::Unknown };
}

/// Decodes `raw` into `buffer`, or says that `raw` is the content.
pub(super) fn decode(
    session: &mut Session<'_>,
    view: &View<'_>,
    raw: &[u8],
    buffer: &mut Vec<u8>,
) -> Decoded {
    match view.method {
        STORED => decode_stored(session, raw),
        DEFLATED => decode_deflated(session, view.unpacked, raw, buffer),
        BZIP2 => decode_by(session, Some(Codec::bzip2()), raw, buffer),
        XZ => decode_by(session, Codec::xz(session.decoder_memory()), raw, buffer),
        LZMA => decode_lzma(session, view, raw, buffer),
        _ => Decoded::NONE,
    }
}

fn decode_stored(session: &mut Session<'_>, raw: &[u8]) -> Decoded {
    let len = raw.len().min(session.member_room());
    session.ledger.book_bytes(len as u64);
    let ending = if len == raw.len() { Ending::Whole { slack: 0 } } else { Ending::Cut };
    Decoded { len, is_raw: true, ending }
}

fn decode_deflated(session: &mut Session<'_>, declared: u64, raw: &[u8], buffer: &mut Vec<u8>) -> Decoded {
    let room = session.member_room() as u64;
    let is_sound = declared <= room
        && declared < session.ledger.room()
        && !session.ledger.is_bomb(declared, raw.len() as u64);
    if is_sound && let Ok(size) = usize::try_from(declared) {
        grow(buffer, size, session.member_room());
        let out = buffer.get_mut(..size).unwrap_or_default();
        if let Ok(len) = session.inflater.deflate_decompress(raw, out) {
            session.ledger.book_bytes(len as u64);
            return Decoded {
                len,
                is_raw: false,
                ending: Ending::Whole { slack: sure_slack(raw.len(), len) },
            };
        }
        session.ledger.book_effort(declared);
    }
    decode_by(session, Some(Codec::deflate()), raw, buffer)
}

/// Packed bytes that no encoder needs for so little content.
fn sure_slack(packed: usize, unpacked: usize) -> u64 {
    packed.saturating_sub(unpacked.saturating_mul(2).saturating_add(1024)) as u64
}

/// Zip's LZMA (APPNOTE 5.8.8): version, length of the properties, properties, data.  The decoder wants the
/// header of the `.lzma` layout instead.
fn decode_lzma(session: &mut Session<'_>, view: &View<'_>, raw: &[u8], buffer: &mut Vec<u8>) -> Decoded {
    const HAS_END_MARK: u16 = 2;

    let damaged = Decoded { ending: Ending::Damaged, ..Decoded::NONE };
    let Some((head, data)) = raw.split_first_chunk::<9>() else { return damaged };
    let [_, _, 5, 0, properties @ ..] = head else { return damaged };
    let size = if view.flags & HAS_END_MARK != 0 { u64::MAX } else { view.unpacked };
    let header = [properties.as_slice(), &size.to_le_bytes()].concat();
    let Some(mut codec) = Codec::lzma(session.decoder_memory()) else { return damaged };
    // The decoder reads its header only where there is room for content; the header alone gives none.
    let step = codec.step(&header, &mut [0]);
    match step.state {
        State::Costly => Decoded { ending: Ending::Limit(Limit::Memory), ..Decoded::NONE },
        State::Going if step.read == header.len() => decode_by(session, Some(codec), data, buffer),
        _ => damaged,
    }
}

fn decode_by(session: &mut Session<'_>, codec: Option<Codec>, raw: &[u8], buffer: &mut Vec<u8>) -> Decoded {
    let room = session.member_room();
    match codec {
        Some(mut codec) => {
            let (len, ending) = pull(&mut session.ledger, &mut codec, raw, buffer, room);
            Decoded { len, is_raw: false, ending }
        }
        None => Decoded::NONE,
    }
}

/// Pulls content until its end, the end of the room, damage, or a spent budget.
fn pull(
    ledger: &mut Ledger,
    codec: &mut Codec,
    raw: &[u8],
    buffer: &mut Vec<u8>,
    room: usize,
) -> (usize, Ending) {
    let (mut at, mut len) = (0, 0);
    loop {
        let end = room.min(len + STRIDE);
        grow(buffer, end, room);
        // With no room left, one byte more shows whether the content ends here.
        let mut probe = [0];
        let is_full = len == room;
        let out = if is_full { Some(probe.as_mut_slice()) } else { buffer.get_mut(len..end) };
        let step = codec.step(raw.get(at..).unwrap_or_default(), out.unwrap_or_default());
        at += step.read;
        if is_full && step.wrote > 0 {
            return (len, Ending::Cut);
        }
        len += step.wrote;
        if !ledger.book_bytes(step.wrote as u64) {
            return (len, Ending::Limit(Limit::TotalBytes));
        }
        match step.state {
            State::Ended => return (len, Ending::Whole { slack: (raw.len() - at) as u64 }),
            State::Costly => return (len, Ending::Limit(Limit::Memory)),
            State::Damaged => return (len, Ending::Damaged),
            State::Going if step.read == 0 && step.wrote == 0 => return (len, Ending::Damaged),
            State::Going => {}
        }
        if ledger.is_bomb(len as u64, at as u64) {
            return (len, Ending::Limit(Limit::Ratio));
        }
    }
}
