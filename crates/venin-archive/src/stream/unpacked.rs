//! The bytes behind a compressed stream, pulled in order under the budget.
//!
//! Streams that follow one another are read as one, as gzip and its relatives do; what is odd about them is
//! kept in [`Outcome`].  Nothing is inflated before somebody asks for it, but for a small window; bytes are
//! booked when they are handed out.

use crate::budget::{Ledger, Limit};
use crate::codec::{Codec, State};
use crate::format::Format;
use crate::stream::framing::{gzip_header_len, gzip_trailer, zero_padding};

/// Bytes decoded at once when only a few are asked for.
const WINDOW: usize = 64 << 10;
/// Bytes decoded at once into a buffer of the caller, between two looks at the budget.
const STRIDE: usize = 1 << 20;
/// What setting up a decoder costs, in decoded bytes: a flood of empty streams must end.
const STREAM_EFFORT: u64 = 16 << 10;
/// Streams one after the other that cost nothing extra.
const FREE_STREAMS: u32 = 64;

/// What was noticed while a stream was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) streams: u32,
    pub(crate) wrong_checksums: u32,
    pub(crate) wrong_sizes: u32,
    pub(crate) is_damaged: bool,
    pub(crate) is_truncated: bool,
    /// Where bytes that belong to no stream start.
    pub(crate) trailing: Option<usize>,
    pub(crate) limit: Option<Limit>,
}

impl Outcome {
    /// Whether everything up to the end was decoded.
    pub(crate) const fn is_whole(&self) -> bool {
        !self.is_damaged && !self.is_truncated && self.limit.is_none()
    }
}

/// A source of unpacked bytes.
pub(crate) struct Unpacked<'a> {
    input: &'a [u8],
    memory: u64,
    at: usize,
    format: Format,
    /// `None` between streams and after the last one.
    codec: Option<Codec>,
    is_done: bool,
    checksum: crc32fast::Hasher,
    produced_by_stream: u64,
    produced: u64,
    outcome: Outcome,
    window: Vec<u8>,
    window_start: usize,
    window_end: usize,
}

impl<'a> Unpacked<'a> {
    /// A source over bytes that are not compressed.
    pub(crate) fn plain(input: &'a [u8]) -> Self {
        Self::new(input, Format::Tar, 0)
    }

    /// A source over `input`, whose decoder may use `memory` bytes.
    pub(crate) fn new(input: &'a [u8], format: Format, memory: u64) -> Self {
        Self {
            input,
            memory,
            at: 0,
            format,
            codec: None,
            is_done: false,
            checksum: crc32fast::Hasher::new(),
            produced_by_stream: 0,
            produced: 0,
            outcome: Outcome::default(),
            window: Vec::new(),
            window_start: 0,
            window_end: 0,
        }
    }

    pub(crate) const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// How many bytes were handed out so far.
    pub(crate) fn position(&self) -> u64 {
        self.produced - (self.window_end - self.window_start) as u64
    }

    /// The next bytes without taking them, at most `count`, which must not exceed the window.
    pub(crate) fn peek(&mut self, count: usize, ledger: &mut Ledger) -> &[u8] {
        if self.window_end - self.window_start < count {
            self.refill(ledger);
        }
        let end = self.window_end.min(self.window_start.saturating_add(count));
        self.window.get(self.window_start..end).unwrap_or_default()
    }

    /// Fills `out` as far as there are bytes; fewer means the end, damage or a spent budget.
    pub(crate) fn fill(&mut self, out: &mut [u8], ledger: &mut Ledger) -> usize {
        let mut filled = self.take_window(out, ledger);
        while filled < out.len() {
            let Some(rest) = out.get_mut(filled..) else { break };
            let count = if rest.len() >= WINDOW {
                let end = rest.len().min(STRIDE);
                let count = rest.get_mut(..end).map_or(0, |rest| self.decode(rest, ledger));
                ledger.book_bytes(count as u64);
                count
            } else {
                self.refill(ledger);
                self.take_window(rest, ledger)
            };
            if count == 0 {
                break;
            }
            filled += count;
        }
        filled
    }

    /// Fills the start of `buffer` with up to `wanted` bytes, at most `room`, growing it as bytes really come.
    pub(crate) fn fill_growing(
        &mut self,
        buffer: &mut Vec<u8>,
        wanted: u64,
        room: usize,
        ledger: &mut Ledger,
    ) -> usize {
        let target = usize::try_from(wanted).unwrap_or(usize::MAX).min(room);
        let mut filled = 0;
        while filled < target {
            let end = target.min(filled + STRIDE);
            grow(buffer, end, room);
            let Some(out) = buffer.get_mut(filled..end) else { break };
            let count = self.fill(out, ledger);
            filled += count;
            if filled < end {
                break;
            }
        }
        filled
    }

    /// Passes over up to `count` bytes; gives how many there were.
    pub(crate) fn skip(&mut self, count: u64, ledger: &mut Ledger) -> u64 {
        let mut skipped = 0_u64;
        while skipped < count {
            if self.window_start == self.window_end {
                self.refill(ledger);
            }
            let there = self.window_room(ledger) as u64;
            let step = there.min(count - skipped);
            if step == 0 {
                break;
            }
            self.window_start += usize::try_from(step).unwrap_or(0);
            skipped += step;
            ledger.book_bytes(step);
        }
        skipped
    }

    /// Reads to the end, so that checksums and what follows the streams are seen.
    pub(crate) fn drain(&mut self, ledger: &mut Ledger) {
        self.skip(u64::MAX, ledger);
    }

    /// Bytes of the window that the budget lets out.
    fn window_room(&self, ledger: &Ledger) -> usize {
        let room = if ledger.spent().is_some() { 0 } else { ledger.room() };
        (self.window_end - self.window_start).min(usize::try_from(room).unwrap_or(usize::MAX))
    }

    fn take_window(&mut self, out: &mut [u8], ledger: &mut Ledger) -> usize {
        let count = out.len().min(self.window_room(ledger));
        if let (Some(to), Some(from)) =
            (out.get_mut(..count), self.window.get(self.window_start..self.window_start + count))
        {
            to.copy_from_slice(from);
            self.window_start += count;
            ledger.book_bytes(count as u64);
            return count;
        }
        0
    }

    /// Moves what is left in the window to its start and decodes behind it.
    fn refill(&mut self, ledger: &mut Ledger) {
        let mut window = std::mem::take(&mut self.window);
        window.resize(WINDOW, 0);
        window.copy_within(self.window_start..self.window_end, 0);
        self.window_end -= self.window_start;
        self.window_start = 0;
        while let Some(out) = window.get_mut(self.window_end..).filter(|out| !out.is_empty()) {
            let count = self.decode(out, ledger);
            if count == 0 {
                break;
            }
            self.window_end += count;
        }
        self.window = window;
    }

    /// Decodes until at least one byte came; 0 means there is nothing more.
    fn decode(&mut self, out: &mut [u8], ledger: &mut Ledger) -> usize {
        let room = usize::try_from(ledger.room()).unwrap_or(usize::MAX).min(out.len());
        let Some(out) = out.get_mut(..room) else { return 0 };
        while !self.is_done && ledger.spent().is_none() {
            if self.codec.is_none() {
                if !self.start_stream() {
                    self.is_done = true;
                    break;
                }
                if self.outcome.streams > FREE_STREAMS {
                    ledger.book_effort(STREAM_EFFORT);
                }
            }
            let wrote = self.decode_step(out);
            if wrote > 0 {
                self.produced += wrote as u64;
                self.check_ratio(ledger);
                return wrote;
            }
        }
        0
    }

    fn decode_step(&mut self, out: &mut [u8]) -> usize {
        let Some(codec) = &mut self.codec else { return 0 };
        let input = self.input.get(self.at..).unwrap_or_default();
        let step = codec.step(input, out);
        self.at += step.read;
        if self.format == Format::Gzip
            && let Some(fresh) = out.get(..step.wrote)
        {
            self.checksum.update(fresh);
        }
        self.produced_by_stream += step.wrote as u64;
        match step.state {
            State::Going if step.read == 0 && step.wrote == 0 => {
                self.outcome.is_truncated = true;
                self.is_done = true;
            }
            State::Going => {}
            State::Ended => self.end_stream(),
            State::Damaged => {
                self.outcome.is_damaged = true;
                self.is_done = true;
            }
            State::Costly => {
                self.outcome.limit = Some(Limit::Memory);
                self.is_done = true;
            }
        }
        step.wrote
    }

    fn check_ratio(&mut self, ledger: &Ledger) {
        if self.format.is_stream() && ledger.is_bomb(self.produced, self.at as u64) {
            self.outcome.limit = Some(Limit::Ratio);
            self.is_done = true;
        }
    }

    /// Sets up the decoder of the stream at the current place; `false` when there is none.
    fn start_stream(&mut self) -> bool {
        let rest = self.input.get(self.at..).unwrap_or_default();
        if rest.is_empty() && self.outcome.streams > 0 {
            return false;
        }
        let codec = match self.format {
            Format::Gzip => gzip_header_len(rest).map(|length| {
                self.at += length;
                Codec::deflate()
            }),
            Format::Bzip2 => rest.starts_with(b"BZh").then(Codec::bzip2),
            Format::Xz => rest.starts_with(b"\xfd7zXZ\0").then(|| Codec::xz(self.memory)).flatten(),
            _ => (self.outcome.streams == 0).then_some(Codec::Stored),
        };
        match codec {
            Some(codec) => {
                self.codec = Some(codec);
                self.outcome.streams += 1;
                self.produced_by_stream = 0;
                self.checksum = crc32fast::Hasher::new();
                true
            }
            None => {
                self.note_no_stream();
                false
            }
        }
    }

    /// The bytes at the current place start no stream: the rest of a header, or foreign bytes.
    fn note_no_stream(&mut self) {
        if self.outcome.streams == 0 {
            self.outcome.is_truncated = true;
        } else {
            self.outcome.trailing = Some(self.at);
        }
    }

    fn end_stream(&mut self) {
        self.codec = None;
        let rest = self.input.get(self.at..).unwrap_or_default();
        if self.format == Format::Gzip {
            match gzip_trailer(rest) {
                Some((checksum, size)) => {
                    let actual = std::mem::take(&mut self.checksum).finalize();
                    self.outcome.wrong_checksums += u32::from(checksum != actual);
                    let is_wrong = u64::from(size) != self.produced_by_stream & u64::from(u32::MAX);
                    self.outcome.wrong_sizes += u32::from(is_wrong);
                    self.at += 8;
                }
                None => {
                    self.outcome.is_truncated = true;
                    self.at = self.input.len();
                }
            }
        }
        // Tapes and signing tools pad with zeros; every reader passes over them.
        self.at += zero_padding(self.input.get(self.at..).unwrap_or_default());
    }
}

/// Makes `buffer` at least `end` long, `room` being the most it will ever need.
///
/// There are few sizes: most members fit the smallest, and of the larger ones fresh pages cost nothing until they are
/// written, while growing by doubling would leave every smaller copy behind.
pub(crate) fn grow(buffer: &mut Vec<u8>, end: usize, room: usize) {
    if buffer.len() >= end {
        return;
    }
    let size = [WINDOW, STRIDE / 4, STRIDE, 8 * STRIDE].into_iter().find(|size| end <= *size).unwrap_or(room);
    let mut larger = vec![0; size.min(room).max(end)];
    if let Some(start) = larger.get_mut(..buffer.len()) {
        start.copy_from_slice(buffer);
    }
    *buffer = larger;
}
