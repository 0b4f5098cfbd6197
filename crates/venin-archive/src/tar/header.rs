//! One 512-byte tar header, read as CPython reads it (POSIX ustar, GNU and the older layouts).

/// Bytes of a header, and the unit that contents are padded to.
pub(crate) const BLOCK: usize = 512;

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// Name with the ustar prefix before it.
    pub(super) name: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) mode: Option<u32>,
    pub(super) size: u64,
    pub(super) type_flag: u8,
    /// Whether GNU sparse map blocks follow.
    pub(super) has_more_map: bool,
}

/// Whether `bytes` start with a tar header whose checksum is right.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    bytes.first_chunk::<BLOCK>().is_some_and(|block| block[0] != 0 && parse_header(block).is_some())
}

/// Reads a header; `None` when its checksum or a number in it is wrong.
pub(super) fn parse_header(block: &[u8; BLOCK]) -> Option<Header> {
    const TYPES_WITHOUT_PREFIX: &[u8] = b"LKS";

    if !has_right_checksum(block) {
        return None;
    }
    let type_flag = block[156];
    let mut name = until_nul(&block[..100]).to_vec();
    let prefix = until_nul(&block[345..500]);
    if !prefix.is_empty() && !TYPES_WITHOUT_PREFIX.contains(&type_flag) {
        name = [prefix, b"/", name.as_slice()].concat();
    }
    Some(Header {
        name,
        link: until_nul(&block[157..257]).to_vec(),
        mode: parse_number(&block[100..108]).and_then(|mode| u32::try_from(mode).ok()),
        size: parse_number(&block[124..136])?,
        type_flag,
        has_more_map: type_flag == b'S' && block[482] != 0,
    })
}

/// The sum of all bytes with the checksum field as spaces; old writers summed signed bytes.
fn has_right_checksum(block: &[u8; BLOCK]) -> bool {
    let Some(declared) = parse_number(&block[148..156]).and_then(|sum| i64::try_from(sum).ok()) else {
        return false;
    };
    let others = || block[..148].iter().chain(&block[156..]);
    let unsigned: i64 = 256 + others().map(|b| i64::from(*b)).sum::<i64>();
    let signed: i64 = 256 + others().map(|b| i64::from(b.cast_signed())).sum::<i64>();
    declared == unsigned || declared == signed
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or_default()
}

/// A number in octal text or GNU base 256; an empty field is 0.
fn parse_number(field: &[u8]) -> Option<u64> {
    match field.split_first() {
        Some((0x80, digits)) => digits
            .iter()
            .try_fold(0_u64, |value, digit| value.checked_mul(256).map(|value| value | u64::from(*digit))),
        Some((0xff, _)) | None => None,
        Some(_) => parse_octal(until_nul(field)),
    }
}

fn parse_octal(text: &[u8]) -> Option<u64> {
    let digits = text.trim_ascii();
    digits.iter().try_fold(0_u64, |value, digit| match digit {
        b'0'..=b'7' => value.checked_mul(8).map(|value| value | u64::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_base_256() {
        assert_eq!(parse_number(b"0000644\0"), Some(0o644));
        assert_eq!(parse_number(b" 644 \0\0\0"), Some(0o644));
        assert_eq!(parse_number(&[0x80, 0, 0, 0, 0, 0, 1, 0]), Some(256));
        assert_eq!(parse_number(&[0xff; 12]), None);
        assert_eq!(parse_number(b"00009\0"), None);
        assert_eq!(parse_number(&[0; 8]), Some(0));
    }

    #[test]
    fn a_block_of_zeros_or_noise_is_no_header() {
        assert!(!is_header(&[0; BLOCK]));
        assert!(!is_header(&[b'x'; BLOCK]));
    }
}
