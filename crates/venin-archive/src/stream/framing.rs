//! What stands around the compressed data: the gzip header and trailer (RFC 1952) and the padding between
//! streams.

/// The length of the gzip header at the start of `bytes`; `None` when it is cut short or is none.
pub(super) fn gzip_header_len(bytes: &[u8]) -> Option<usize> {
    const HEADER_CRC: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;

    let fixed = bytes.get(..10)?;
    let flags = match fixed {
        [0x1f, 0x8b, 8, flags, ..] => *flags,
        _ => return None,
    };
    let mut at = 10;
    if flags & EXTRA != 0 {
        let length = bytes.get(at..at + 2)?;
        at += 2 + usize::from(u16::from_le_bytes([*length.first()?, *length.get(1)?]));
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            at += 1 + memchr::memchr(0, bytes.get(at..)?)?;
        }
    }
    if flags & HEADER_CRC != 0 {
        at += 2;
    }
    (at <= bytes.len()).then_some(at)
}

/// Checksum and size from the eight bytes behind a gzip stream.
pub(super) fn gzip_trailer(bytes: &[u8]) -> Option<(u32, u32)> {
    let trailer: &[u8; 8] = bytes.first_chunk()?;
    let [a, b, c, d, e, f, g, h] = *trailer;
    Some((u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])))
}

/// How many zero bytes stand at the start.
pub(super) fn zero_padding(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_every_field_is_measured() {
        let mut header = vec![0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3];
        header.extend_from_slice(&[2, 0, 9, 9]);
        header.extend_from_slice(b"name\0comment\0\x01\x02");
        assert_eq!(gzip_header_len(&header), Some(header.len()));
        header.pop();
        assert_eq!(gzip_header_len(&header), None);
    }
}
