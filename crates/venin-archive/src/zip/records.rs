//! The records of a zip (APPNOTE 6.3.10), read at an offset: no record is trusted to be where another says.

pub(super) const LOCAL: [u8; 4] = *b"PK\x03\x04";
pub(super) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
pub(super) const END: [u8; 4] = *b"PK\x05\x06";
pub(super) const END64: [u8; 4] = *b"PK\x06\x06";
pub(super) const LOCATOR64: [u8; 4] = *b"PK\x06\x07";
pub(super) const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
pub(super) const EXTRA_DATA: [u8; 4] = *b"PK\x06\x08";
pub(super) const SIGNATURE: [u8; 4] = *b"PK\x05\x05";

/// Bytes of an end record without its comment.
pub(super) const END_LEN: usize = 22;
/// Bytes of a zip64 locator.
const LOCATOR64_LEN: usize = 20;
/// Bytes of a zip64 end record as everybody writes it.
const END64_LEN: usize = 56;

const IN_EXTRA: u64 = u32::MAX as u64;

/// What local header and central record have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim<'a> {
    pub(super) name: &'a [u8],
    /// Another name, from a Unicode path extra field that fits the name.
    pub(super) other_name: Option<&'a [u8]>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) checksum: u32,
    pub(super) packed: u64,
    pub(super) unpacked: u64,
}

impl Claim<'_> {
    pub(super) const fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Whether sizes and checksum stand behind the data.
    pub(super) const fn has_descriptor(&self) -> bool {
        self.flags & 8 != 0
    }
}

/// A local header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Local<'a> {
    pub(super) at: usize,
    pub(super) claim: Claim<'a>,
    /// Where the packed data starts.
    pub(super) data: usize,
}

/// A record of the central directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Central<'a> {
    pub(super) claim: Claim<'a>,
    /// Where the local header is, as declared.
    pub(super) offset: u64,
    /// Unix mode, where the writer was a Unix.
    pub(super) mode: Option<u32>,
    /// Where the next record starts.
    pub(super) end: usize,
}

/// An end record with what its zip64 companion says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) at: usize,
    /// Where the directory must end: at this record or its zip64 companion.
    pub(super) tail: usize,
    pub(super) count: u64,
    pub(super) size: u64,
    pub(super) offset: u64,
    pub(super) comment: usize,
    /// The classic numbers, where they are meant seriously and differ from the zip64 ones.
    pub(super) classic: Option<(u64, u64)>,
    /// Whether the zip64 records contradict each other.
    pub(super) has_zip64_conflict: bool,
    pub(super) is_zip64: bool,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|c| u16::from_le_bytes(*c))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|c| u32::from_le_bytes(*c))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|c| u64::from_le_bytes(*c))
}

pub(super) fn has_signature(bytes: &[u8], at: usize, signature: [u8; 4]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(&signature))
}

pub(super) fn parse_local(bytes: &[u8], at: usize) -> Option<Local<'_>> {
    let fixed = bytes.get(at..at.checked_add(30)?)?;
    if !fixed.starts_with(&LOCAL) {
        return None;
    }
    let name_at = at + 30;
    let extra_at = name_at + usize::from(u16_at(fixed, 26)?);
    let data = extra_at + usize::from(u16_at(fixed, 28)?);
    let (packed, unpacked) = (u64::from(u32_at(fixed, 18)?), u64::from(u32_at(fixed, 22)?));
    let wide = Wide::read(bytes.get(extra_at..data)?, unpacked, packed, 0);
    let claim = Claim {
        name: bytes.get(name_at..extra_at)?,
        other_name: unicode_name(bytes.get(extra_at..data)?, bytes.get(name_at..extra_at)?),
        flags: u16_at(fixed, 6)?,
        method: u16_at(fixed, 8)?,
        checksum: u32_at(fixed, 14)?,
        packed: wide.packed,
        unpacked: wide.unpacked,
    };
    Some(Local { at, claim, data })
}

pub(super) fn parse_central(bytes: &[u8], at: usize) -> Option<Central<'_>> {
    const UNIX: u8 = 3;
    const MACOS: u8 = 19;

    let fixed = bytes.get(at..at.checked_add(46)?)?;
    if !fixed.starts_with(&CENTRAL) {
        return None;
    }
    let name_at = at + 46;
    let extra_at = name_at + usize::from(u16_at(fixed, 28)?);
    let comment_at = extra_at + usize::from(u16_at(fixed, 30)?);
    let end = comment_at + usize::from(u16_at(fixed, 32)?);
    let (packed, unpacked) = (u64::from(u32_at(fixed, 20)?), u64::from(u32_at(fixed, 24)?));
    let offset = u64::from(u32_at(fixed, 42)?);
    let wide = Wide::read(bytes.get(extra_at..comment_at)?, unpacked, packed, offset);
    let claim = Claim {
        name: bytes.get(name_at..extra_at)?,
        other_name: unicode_name(bytes.get(extra_at..comment_at)?, bytes.get(name_at..extra_at)?),
        flags: u16_at(fixed, 8)?,
        method: u16_at(fixed, 10)?,
        checksum: u32_at(fixed, 16)?,
        packed: wide.packed,
        unpacked: wide.unpacked,
    };
    let mode = matches!(fixed.get(5), Some(&(UNIX | MACOS))).then(|| u32_at(fixed, 38)).flatten();
    let mode = mode.map(|attributes| attributes >> 16).filter(|mode| *mode != 0);
    (end <= bytes.len()).then_some(Central { claim, offset: wide.offset, mode, end })
}

/// Numbers that a zip64 extra field may replace.
struct Wide {
    unpacked: u64,
    packed: u64,
    offset: u64,
}

impl Wide {
    /// The field holds, in this order, only those numbers whose 32-bit place is all ones.
    fn read(extra: &[u8], unpacked: u64, packed: u64, offset: u64) -> Self {
        const ZIP64: u16 = 1;

        let mut wide = Self { unpacked, packed, offset };
        let field = extra_field(extra, ZIP64).unwrap_or_default();
        let mut at = 0;
        for number in [&mut wide.unpacked, &mut wide.packed, &mut wide.offset] {
            if *number == IN_EXTRA
                && let Some(value) = u64_at(field, at)
            {
                *number = value;
                at += 8;
            }
        }
        wide
    }
}

/// The first extra field with this number.
fn extra_field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let end = 4 + usize::from(length);
        if id == wanted {
            return extra.get(4..end.min(extra.len()));
        }
        extra = extra.get(end..)?;
    }
    None
}

/// The name in a Unicode path field (APPNOTE 4.6.9), if it is meant for this name and differs from it.  CPython
/// and Info-ZIP unpack to it, others to the name in the header.
fn unicode_name<'a>(extra: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    const UNICODE_PATH: u16 = 0x7075;

    let field = extra_field(extra, UNICODE_PATH)?;
    let other = field.get(5..)?;
    let is_meant = field.first() == Some(&1) && u32_at(field, 1) == Some(crc32fast::hash(name));
    (is_meant && !other.is_empty() && other != name).then_some(other)
}

/// The length of a zip64 end record at `at`.
pub(super) fn end64_len(bytes: &[u8], at: usize) -> Option<usize> {
    let size = usize::try_from(u64_at(bytes, at.checked_add(4)?)?).ok()?;
    let length = size.checked_add(12)?;
    (length >= END64_LEN && at.checked_add(length)? <= bytes.len()).then_some(length)
}

pub(super) fn parse_end(bytes: &[u8], at: usize) -> Option<End> {
    let fixed = bytes.get(at..at.checked_add(END_LEN)?)?;
    if !fixed.starts_with(&END) {
        return None;
    }
    let classic = End {
        at,
        tail: at,
        count: u64::from(u16_at(fixed, 10)?),
        size: u64::from(u32_at(fixed, 12)?),
        offset: u64::from(u32_at(fixed, 16)?),
        comment: usize::from(u16_at(fixed, 20)?),
        classic: None,
        has_zip64_conflict: false,
        is_zip64: false,
    };
    Some(widen_end(bytes, classic))
}

/// Replaces the numbers by those of the zip64 end record.  CPython looks for it right before its locator,
/// others go where the locator points.
fn widen_end(bytes: &[u8], classic: End) -> End {
    let Some(locator) =
        classic.at.checked_sub(LOCATOR64_LEN).filter(|at| has_signature(bytes, *at, LOCATOR64))
    else {
        return classic;
    };
    let pointed = u64_at(bytes, locator + 8).and_then(|at| usize::try_from(at).ok());
    let before = locator.checked_sub(END64_LEN).filter(|at| has_signature(bytes, *at, END64));
    let pointed = pointed.filter(|at| has_signature(bytes, *at, END64));
    let Some(at) = before.or(pointed) else {
        return End { has_zip64_conflict: true, ..classic };
    };
    let (Some(count), Some(size), Some(offset)) =
        (u64_at(bytes, at + 32), u64_at(bytes, at + 40), u64_at(bytes, at + 48))
    else {
        return End { has_zip64_conflict: true, ..classic };
    };
    let is_serious = |short: u64, full: u64, wide: u64| short != full && short != wide;
    let is_conflict = is_serious(classic.count, u64::from(u16::MAX), count)
        || is_serious(classic.size, IN_EXTRA, size)
        || is_serious(classic.offset, IN_EXTRA, offset);
    End {
        tail: at,
        count,
        size,
        offset,
        classic: is_conflict.then_some((classic.size, classic.offset)),
        has_zip64_conflict: is_conflict || pointed.is_some_and(|p| p != at),
        is_zip64: true,
        ..classic
    }
}

/// Sizes and checksum behind the data of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Descriptor {
    pub(super) checksum: u32,
    pub(super) unpacked: u64,
    /// Where it ends.
    pub(super) end: usize,
}

/// Reads the descriptor at `at` of a member with `packed` bytes: with or without signature, with 32-bit or
/// 64-bit sizes.  The form is the one that repeats the packed size and is followed by another record.
pub(super) fn parse_descriptor(bytes: &[u8], at: usize, packed: u64) -> Option<Descriptor> {
    let signed = usize::from(has_signature(bytes, at, DESCRIPTOR)) * 4;
    let forms = [(signed, 4), (signed, 8), (0, 4), (0, 8)];
    let mut fitting = forms.into_iter().filter_map(|(skip, width)| {
        let at = at.checked_add(skip)?;
        let size = |at: usize| if width == 4 { u32_at(bytes, at).map(u64::from) } else { u64_at(bytes, at) };
        let (found, unpacked) = (size(at + 4)?, size(at + 4 + width)?);
        let descriptor = Descriptor { checksum: u32_at(bytes, at)?, unpacked, end: at + 4 + 2 * width };
        (found == packed).then_some(descriptor)
    });
    let first = fitting.next()?;
    if is_record(bytes, first.end) {
        return Some(first);
    }
    Some(fitting.find(|d| is_record(bytes, d.end)).unwrap_or(first))
}

/// Whether a record starts at `at`, or the archive ends there.
pub(super) fn is_record(bytes: &[u8], at: usize) -> bool {
    at == bytes.len()
        || [LOCAL, CENTRAL, END, END64, LOCATOR64, DESCRIPTOR, EXTRA_DATA, SIGNATURE]
            .into_iter()
            .any(|signature| has_signature(bytes, at, signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_of_an_empty_member_is_read_in_its_narrow_form() {
        let mut bytes = DESCRIPTOR.to_vec();
        bytes.extend_from_slice(&[0; 12]);
        bytes.extend_from_slice(&CENTRAL);
        bytes.extend_from_slice(&[0; 42]);
        assert_eq!(parse_descriptor(&bytes, 0, 0).map(|d| (d.unpacked, d.end)), Some((0, 16)));
    }

    #[test]
    fn a_wide_descriptor_is_read_too() {
        let mut bytes = DESCRIPTOR.to_vec();
        bytes.extend_from_slice(&7_u32.to_le_bytes());
        bytes.extend_from_slice(&5_u64.to_le_bytes());
        bytes.extend_from_slice(&9_u64.to_le_bytes());
        assert_eq!(parse_descriptor(&bytes, 0, 5), Some(Descriptor { checksum: 7, unpacked: 9, end: 24 }));
    }

    #[test]
    fn offsets_near_the_end_of_the_address_space_are_no_record() {
        assert_eq!(parse_local(b"PK", usize::MAX), None);
        assert_eq!(parse_central(b"PK", usize::MAX - 3), None);
        assert_eq!(parse_end(b"PK", usize::MAX), None);
    }
}
