//! Decompression, counted while it goes on: a bomb stops at the budget.

use std::io::Read;

use flate2::{Decompress, FlushDecompress, Status};

use super::args::{Args, bytes_like, given, int_or};
use super::{Flow, FoldContext, Row};
use crate::value::Value;

pub(super) const TABLE: &[Row] = &[
    ("zlib.decompress", Flow::Decode, zlib_decompress),
    ("zlib.decompressobj().decompress", Flow::Decode, zlib_any),
    ("gzip.decompress", Flow::Decode, gzip_decompress),
    ("bz2.decompress", Flow::Decode, bz2_decompress),
    ("bz2.BZ2Decompressor().decompress", Flow::Decode, bz2_decompress),
    ("lzma.decompress", Flow::Decode, lzma_decompress),
    ("lzma.LZMADecompressor().decompress", Flow::Decode, lzma_decompress),
    ("zlib.compress", Flow::Shallow, zlib_compress),
];

/// Bytes decompressed between two looks at the budget.
const STEP: usize = 64 << 10;

/// Counts a step of output; `None` when the result or the budget is too large.
fn count(cx: &mut FoldContext<'_>, made: usize, step: usize) -> Option<()> {
    (made <= FoldContext::MAX_BYTES && cx.heap.spend(step)).then_some(())
}

/// Decompresses one zlib, gzip or raw stream, chosen as `zlib.decompress` chooses by `wbits`.  What follows the
/// stream is ignored; a stream that does not end is not folded.
pub(super) fn inflate(cx: &mut FoldContext<'_>, data: &[u8], wbits: i64) -> Option<Vec<u8>> {
    match wbits {
        0 | 8..=15 => inflate_stream(cx, Decompress::new(true), data, End::Required),
        -15..=-8 => inflate_stream(cx, Decompress::new(false), data, End::Required),
        24..=31 => gunzip_member(cx, data).map(|(out, _)| out),
        40..=47 if data.starts_with(&[0x1F, 0x8B]) => gunzip_member(cx, data).map(|(out, _)| out),
        40..=47 => inflate_stream(cx, Decompress::new(true), data, End::Required),
        _ => None,
    }
}

/// Whether a stream must come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Required,
    Optional,
}

fn inflate_stream(cx: &mut FoldContext<'_>, mut state: Decompress, data: &[u8], end: End) -> Option<Vec<u8>> {
    inflate_counted(cx, &mut state, data, end)
}

fn inflate_counted(
    cx: &mut FoldContext<'_>,
    state: &mut Decompress,
    data: &[u8],
    end: End,
) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let read = usize::try_from(state.total_in()).ok()?;
        let before = out.len();
        out.reserve(STEP);
        let status = state.decompress_vec(data.get(read..)?, &mut out, FlushDecompress::None).ok()?;
        count(cx, out.len(), out.len() - before)?;
        let stuck = out.len() == before && usize::try_from(state.total_in()).ok()? == read;
        match status {
            Status::StreamEnd => return Some(out),
            _ if stuck => return (end == End::Optional).then_some(out),
            _ => {}
        }
    }
}

/// Decompresses one gzip member (RFC 1952); gives also how many bytes it takes.
fn gunzip_member(cx: &mut FoldContext<'_>, data: &[u8]) -> Option<(Vec<u8>, usize)> {
    let header = gzip_header_len(data)?;
    let mut state = Decompress::new(false);
    let out = inflate_counted(cx, &mut state, data.get(header..)?, End::Required)?;
    let end = header + usize::try_from(state.total_in()).ok()?;
    let trailer = data.get(end..end + 8)?;
    let size = u32::from_le_bytes(trailer.get(4..8)?.try_into().ok()?);
    // The length stands for the checksum: data that inflates to its end and has it is not damaged by accident.
    (size == out.len() as u32).then_some((out, end + 8))
}

fn gzip_header_len(data: &[u8]) -> Option<usize> {
    let [0x1F, 0x8B, 8, flags, ..] = data else { return None };
    let mut at = 10;
    if flags & 4 != 0 {
        let extra = data.get(at..at + 2)?;
        at += 2 + usize::from(u16::from_le_bytes(extra.try_into().ok()?));
    }
    for text in [8, 16] {
        if flags & text != 0 {
            at += data.get(at..)?.iter().position(|b| *b == 0)? + 1;
        }
    }
    Some(at + if flags & 2 != 0 { 2 } else { 0 })
}

fn input(cx: &FoldContext<'_>, value: Option<&Value>) -> Option<Vec<u8>> {
    bytes_like(cx, value?).map(std::borrow::Cow::into_owned)
}

fn zlib_decompress(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, wbits, _] = args.bind(cx, ["", "wbits", "bufsize"])?;
    let data = input(cx, data)?;
    let out = inflate(cx, &data, int_or(wbits, 15)?)?;
    Some(Value::bytes(out))
}

/// What a decompression object is given first.  How it was made is not known here, so the data itself tells.
fn zlib_any(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.exactly()?;
    let data = input(cx, Some(data))?;
    let out = if data.starts_with(&[0x1F, 0x8B]) {
        gunzip_member(cx, &data)?.0
    } else {
        inflate_stream(cx, Decompress::new(true), &data, End::Optional)
            .or_else(|| inflate_stream(cx, Decompress::new(false), &data, End::Optional))?
    };
    Some(Value::bytes(out))
}

fn gzip_decompress(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.bind(cx, ["data"])?;
    let data = input(cx, data)?;
    let mut out = Vec::new();
    let mut rest = data.as_slice();
    while !rest.is_empty() {
        let (member, used) = gunzip_member(cx, rest)?;
        out.extend(member);
        (out.len() <= FoldContext::MAX_BYTES).then_some(())?;
        rest = rest.get(used..)?;
        // Members may be padded with zeros.
        let padding = rest.iter().take_while(|b| **b == 0).count();
        rest = rest.get(padding..)?;
    }
    Some(Value::bytes(out))
}

/// Reads a decompressor to its end.
fn read_counted(cx: &mut FoldContext<'_>, mut reader: impl Read) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut step = vec![0; STEP];
    loop {
        let n = reader.read(&mut step).ok()?;
        if n == 0 {
            return Some(out);
        }
        out.extend_from_slice(step.get(..n)?);
        count(cx, out.len(), n)?;
        // Bzip2 and LZMA take far longer for a byte than copying does.
        cx.work(n * 16)?;
    }
}

/// Decompresses bzip2 streams.
pub(super) fn bunzip(cx: &mut FoldContext<'_>, data: &[u8]) -> Option<Vec<u8>> {
    if !data.starts_with(b"BZh") {
        return data.is_empty().then(Vec::new);
    }
    read_counted(cx, bzip2::read::MultiBzDecoder::new(data))
}

fn bz2_decompress(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.bind(cx, ["data"])?;
    let data = input(cx, data)?;
    bunzip(cx, &data).map(Value::bytes)
}

/// Memory an LZMA stream may ask for: its dictionary is the stream's own claim.
const LZMA_MEMORY: u64 = 128 << 20;

fn lzma_decompress(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, format, memlimit, filters] = args.bind(cx, ["data", "format", "memlimit", "filters"])?;
    (given(memlimit).is_none() && given(filters).is_none()).then_some(())?;
    // FORMAT_AUTO, FORMAT_XZ and FORMAT_ALONE of the lzma module; raw streams need their filters.
    let format = int_or(format, 0)?;
    let data = input(cx, data)?;
    let is_xz = data.starts_with(b"\xFD7zXZ\0");
    let stream = match (format, is_xz) {
        (0 | 1, true) => {
            liblzma::stream::Stream::new_stream_decoder(LZMA_MEMORY, liblzma::stream::CONCATENATED)
        }
        (0 | 2, false) => liblzma::stream::Stream::new_lzma_decoder(LZMA_MEMORY),
        _ => return None,
    };
    let out = read_counted(cx, liblzma::read::XzDecoder::new_stream(data.as_slice(), stream.ok()?))?;
    Some(Value::bytes(out))
}

/// Compression is folded only so far that decompressing gives the data back: the bytes of two compressors differ.
fn zlib_compress(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, ..] = args.bind(cx, ["", "level", "wbits"])?;
    let data = input(cx, data)?;
    cx.work(data.len() * 32)?;
    let mut encoder = flate2::read::ZlibEncoder::new(data.as_slice(), flate2::Compression::default());
    let mut out = Vec::new();
    encoder.read_to_end(&mut out).ok()?;
    cx.make_bytes(out)
}
