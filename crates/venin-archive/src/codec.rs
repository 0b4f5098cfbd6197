//! One compressed stream, decoded step by step into buffers of the caller.
//!
//! A codec never allocates by what the data declares: deflate and bzip2 have fixed windows, LZMA gets a
//! memory limit.

use flate2::{Decompress, FlushDecompress, Status};
use liblzma::stream::{Action, Error as LzmaError, Status as LzmaStatus, Stream};

/// Memory that an LZMA or xz decoder may use: the largest preset needs 65 MiB.
pub(crate) const DECODER_MEMORY: u64 = 80 << 20;
/// The same while a stream around it is open as well: the default preset needs 9 MiB.
pub(crate) const INNER_DECODER_MEMORY: u64 = 10 << 20;

/// Input given to a decoder in one step, so that 32-bit counters inside cannot overflow.
const INPUT_STEP: usize = 1 << 28;

/// A decoder and its state.
pub(crate) enum Codec {
    /// Copies.
    Stored,
    /// Raw deflate (RFC 1951).
    Deflate(Box<Decompress>),
    /// Bzip2.
    Bzip2(bzip2::Decompress),
    /// Xz, or LZMA with its 13-byte header.
    Lzma(Stream),
}

/// Where a decoder stands after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It wants more input or more room.
    Going,
    /// The stream has ended.
    Ended,
    /// The stream is invalid.
    Damaged,
    /// The decoder asks for more memory than it may have.
    Costly,
}

/// What one step did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) read: usize,
    pub(crate) wrote: usize,
    pub(crate) state: State,
}

impl Codec {
    pub(crate) fn deflate() -> Self {
        Self::Deflate(Box::new(Decompress::new(false)))
    }

    pub(crate) fn bzip2() -> Self {
        Self::Bzip2(bzip2::Decompress::new(false))
    }

    /// `None` only when the library cannot be set up.
    pub(crate) fn xz(memory: u64) -> Option<Self> {
        Stream::new_stream_decoder(memory, 0).ok().map(Self::Lzma)
    }

    /// The legacy `.lzma` layout; `None` only when the library cannot be set up.
    pub(crate) fn lzma(memory: u64) -> Option<Self> {
        Stream::new_lzma_decoder(memory).ok().map(Self::Lzma)
    }

    /// Decodes from `input` into `out`.  Neither progress nor a state other than `Going` means that the input
    /// is used up or `out` is full.
    pub(crate) fn step(&mut self, input: &[u8], out: &mut [u8]) -> Step {
        let input = input.get(..INPUT_STEP).unwrap_or(input);
        match self {
            Self::Stored => step_stored(input, out),
            Self::Deflate(decoder) => step_deflate(decoder, input, out),
            Self::Bzip2(decoder) => step_bzip2(decoder, input, out),
            Self::Lzma(decoder) => step_lzma(decoder, input, out),
        }
    }
}

fn step_stored(input: &[u8], out: &mut [u8]) -> Step {
    let count = input.len().min(out.len());
    if let (Some(to), Some(from)) = (out.get_mut(..count), input.get(..count)) {
        to.copy_from_slice(from);
    }
    let state = if count == input.len() { State::Ended } else { State::Going };
    Step { read: count, wrote: count, state }
}

fn step_deflate(decoder: &mut Decompress, input: &[u8], out: &mut [u8]) -> Step {
    let (read, wrote) = (decoder.total_in(), decoder.total_out());
    let state = match decoder.decompress(input, out, FlushDecompress::None) {
        Ok(Status::StreamEnd) => State::Ended,
        Ok(_) => State::Going,
        Err(_) => State::Damaged,
    };
    step_of(read, wrote, decoder.total_in(), decoder.total_out(), state)
}

fn step_bzip2(decoder: &mut bzip2::Decompress, input: &[u8], out: &mut [u8]) -> Step {
    let (read, wrote) = (decoder.total_in(), decoder.total_out());
    let state = match decoder.decompress(input, out) {
        Ok(bzip2::Status::StreamEnd) => State::Ended,
        Ok(bzip2::Status::MemNeeded) => State::Costly,
        Ok(_) => State::Going,
        Err(_) => State::Damaged,
    };
    step_of(read, wrote, decoder.total_in(), decoder.total_out(), state)
}

fn step_lzma(decoder: &mut Stream, input: &[u8], out: &mut [u8]) -> Step {
    let (read, wrote) = (decoder.total_in(), decoder.total_out());
    let state = match decoder.process(input, out, Action::Run) {
        Ok(LzmaStatus::StreamEnd) => State::Ended,
        Ok(_) => State::Going,
        Err(LzmaError::MemLimit | LzmaError::Mem) => State::Costly,
        Err(_) => State::Damaged,
    };
    step_of(read, wrote, decoder.total_in(), decoder.total_out(), state)
}

/// A step from the counters before and after it; both differences fit because the slices did.
fn step_of(read: u64, wrote: u64, read_after: u64, wrote_after: u64, state: State) -> Step {
    let difference = |after: u64, before: u64| usize::try_from(after.saturating_sub(before)).unwrap_or(0);
    Step { read: difference(read_after, read), wrote: difference(wrote_after, wrote), state }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// `Cargo.toml` asks for zlib-rs; a dependency elsewhere in the graph could switch flate2 to another backend.
    #[test]
    fn deflate_runs_on_zlib_rs() {
        assert!(format!("{:?}", Decompress::new(false)).contains("zlib_rs"));
    }

    #[test]
    fn deflate_reports_how_much_input_the_stream_took() {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"hello hello hello").unwrap();
        let mut packed = encoder.finish().unwrap();
        let length = packed.len();
        packed.extend_from_slice(b"more");
        let mut out = [0; 64];
        let step = Codec::deflate().step(&packed, &mut out);
        assert_eq!((step.read, step.wrote, step.state), (length, 17, State::Ended));
    }
}
