//! Frames on the pipes between parent and worker: a kind (one byte), a length (eight bytes, little-endian), a payload.

use std::io::{self, Read, Write};

/// Largest payload that a worker accepts, in bytes.  Files come in pieces; only rules come at once.
pub(super) const MAX_REQUEST: u64 = 64 << 20;
/// Largest payload that the parent accepts, in bytes.  A longer report is no report.
pub(super) const MAX_REPLY: u64 = 128 << 20;
/// Bytes reserved on the word of a header alone.
const MAX_RESERVED: u64 = 1 << 20;

/// What a payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// To the worker: what to scan with, a `ScanSetup` in JSON.
    Setup,
    /// To the worker: a target begins, a `Subject` in JSON.
    Begin,
    /// To the worker: a member begins; its size in eight bytes, then its path.
    Member,
    /// To the worker: bytes of the file or member.
    Bytes,
    /// To the worker: something that will not come, a gap in JSON.
    Gap,
    /// To the worker: the target is complete; scan it.
    Scan,
    /// To the worker: forget what was begun.
    Forget,
    /// From the worker: ready to scan; what confines it, in JSON.
    Ready,
    /// From the worker: a report in JSON.
    Report,
    /// From the worker: no report, and why.
    Failure,
}

/// Kinds by their byte on the wire, from 1.
const KINDS: &[FrameKind] = &[
    FrameKind::Setup,
    FrameKind::Begin,
    FrameKind::Member,
    FrameKind::Bytes,
    FrameKind::Gap,
    FrameKind::Scan,
    FrameKind::Forget,
    FrameKind::Ready,
    FrameKind::Report,
    FrameKind::Failure,
];

/// Writes a frame whose payload is the parts one after the other.
pub(super) fn write_frame(to: &mut dyn Write, kind: FrameKind, parts: &[&[u8]]) -> io::Result<()> {
    let length: u64 = parts.iter().map(|part| part.len() as u64).sum();
    to.write_all(&[kind as u8 + 1])?;
    to.write_all(&length.to_le_bytes())?;
    parts.iter().try_for_each(|part| to.write_all(part))
}

/// Reads a frame; `None` at a clean end.
///
/// # Errors
/// Also `InvalidData` for an unknown kind or a payload above `limit`, `UnexpectedEof` for half a frame.
pub(super) fn read_frame(from: &mut dyn Read, limit: u64) -> io::Result<Option<(FrameKind, Vec<u8>)>> {
    let mut kind = [0];
    if from.read(&mut kind)? == 0 {
        return Ok(None);
    }
    let kind = usize::from(kind[0]).checked_sub(1).and_then(|at| KINDS.get(at)).copied();
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let (Some(kind), true) = (kind, length <= limit) else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not a frame"));
    };
    let mut payload = Vec::with_capacity(usize::try_from(length.min(MAX_RESERVED)).unwrap_or(0));
    if from.take(length).read_to_end(&mut payload)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((kind, payload)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut pipe = Vec::new();
        for kind in KINDS {
            write_frame(&mut pipe, *kind, &[b"ab", b"", b"c"]).unwrap();
        }
        let mut from = pipe.as_slice();
        for kind in KINDS {
            assert_eq!(read_frame(&mut from, 3).unwrap(), Some((*kind, b"abc".to_vec())));
        }
        assert_eq!(read_frame(&mut from, 3).unwrap(), None);
    }

    #[test]
    fn half_a_frame_an_unknown_kind_and_a_huge_length_are_errors() {
        let mut pipe = Vec::new();
        write_frame(&mut pipe, FrameKind::Bytes, &[b"abc"]).unwrap();
        assert!(read_frame(&mut &pipe[..pipe.len() - 1], 9).is_err());
        assert!(read_frame(&mut &pipe[..5], 9).is_err());
        assert!(read_frame(&mut pipe.as_slice(), 2).is_err());
        pipe[0] = 99;
        assert!(read_frame(&mut pipe.as_slice(), 9).is_err());
        assert!(read_frame(&mut [1, 255, 255, 255, 255, 255, 255, 255, 255].as_slice(), u64::MAX).is_err());
    }
}
