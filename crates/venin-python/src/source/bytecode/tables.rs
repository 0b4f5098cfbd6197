//! Line tables and exception tables.
//!
//! Sources: `Objects/lnotab_notes.txt`, `Objects/locations.md` and `Objects/exception_handling_notes.txt` of
//! CPython.

use super::super::marshal::Version;

/// Lines of the instructions that start at given offsets; 0 where none is known.
///
/// `starts` must be sorted; it is as long as the result.
pub(super) fn lines_of(table: &[u8], first: i32, version: Version, starts: &[u32]) -> Vec<u32> {
    let spans = match version {
        version if version >= Version::new(3, 11) => locations(table, first),
        version if version >= Version::new(3, 10) => line_table(table, first),
        version => line_numbers(table, first, version),
    };
    let mut spans = spans.into_iter().peekable();
    let mut line = first;
    let lines = starts.iter().map(|start| {
        while let Some((_, next)) = spans.next_if(|(from, _)| from <= start) {
            line = next;
        }
        u32::try_from(line).unwrap_or(0)
    });
    lines.collect()
}

/// `co_lnotab`, to 3.9: increments of the offset and of the line.
fn line_numbers(table: &[u8], first: i32, version: Version) -> Vec<(u32, i32)> {
    let (mut offset, mut line) = (0u32, first);
    let mut out = Vec::with_capacity(table.len() / 2);
    for pair in table.chunks_exact(2) {
        let [bytes, lines] = pair else { continue };
        offset = offset.saturating_add(u32::from(*bytes));
        let step = if version.major > 2 { i32::from(lines.cast_signed()) } else { i32::from(*lines) };
        line = line.saturating_add(step);
        out.push((offset, line));
    }
    out
}

/// `co_linetable` of 3.10: lengths and increments of the line; -128 for no line.
fn line_table(table: &[u8], first: i32) -> Vec<(u32, i32)> {
    let (mut offset, mut line) = (0u32, first);
    let mut out = Vec::with_capacity(table.len() / 2);
    for pair in table.chunks_exact(2) {
        let [bytes, lines] = pair else { continue };
        let step = lines.cast_signed();
        if step != i8::MIN {
            line = line.saturating_add(i32::from(step));
            out.push((offset, line));
        }
        offset = offset.saturating_add(u32::from(*bytes));
    }
    out
}

/// `co_linetable` since 3.11: entries of a code and a length, each with its own fields.
fn locations(table: &[u8], first: i32) -> Vec<(u32, i32)> {
    let (mut offset, mut line) = (0u32, first);
    let mut out = Vec::new();
    let mut bytes = table.iter().copied();
    while let Some(head) = bytes.next() {
        let (code, units) = ((head >> 3) & 15, u32::from(head & 7) + 1);
        match code {
            15 => {}
            13 => line = line.saturating_add(signed(varint(&mut bytes))),
            14 => {
                line = line.saturating_add(signed(varint(&mut bytes)));
                for _ in 0..3 {
                    varint(&mut bytes);
                }
            }
            10..=12 => {
                line = line.saturating_add(i32::from(code) - 10);
                bytes.by_ref().take(2).for_each(drop);
            }
            _ => bytes.by_ref().take(1).for_each(drop),
        }
        if code != 15 {
            out.push((offset, line));
        }
        offset = offset.saturating_add(2 * units);
    }
    out
}

/// A number of six-bit groups, the lowest first; bit 6 says that another follows.
fn varint(bytes: &mut impl Iterator<Item = u8>) -> u32 {
    let (mut value, mut shift) = (0u32, 0);
    for byte in bytes.by_ref().take(6) {
        value |= u32::from(byte & 63).checked_shl(shift).unwrap_or(0);
        shift += 6;
        if byte & 64 == 0 {
            break;
        }
    }
    value
}

/// The sign is the lowest bit.
const fn signed(value: u32) -> i32 {
    let size = (value >> 1).cast_signed();
    if value & 1 == 0 { size } else { -size }
}

/// A stretch of code that an exception handler protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Protection {
    /// Offset of its first instruction.
    pub(super) start: u32,
    /// Offset after its last one.
    pub(super) end: u32,
    /// Offset of the handler.
    pub(super) target: u32,
    /// Values that stay on the stack.
    pub(super) depth: u32,
    /// Whether the handler finds the offset of the fault on the stack.
    pub(super) has_offset: bool,
}

/// `co_exceptiontable`, since 3.11.
pub(super) fn protections(table: &[u8], limit: usize) -> Vec<Protection> {
    let mut out = Vec::new();
    let mut bytes = table.iter().copied().peekable();
    while bytes.peek().is_some() && out.len() < limit {
        let [start, length, target, flags] = [(); 4].map(|()| big_varint(&mut bytes));
        let (start, length) = (start.saturating_mul(2), length.saturating_mul(2));
        out.push(Protection {
            start,
            end: start.saturating_add(length),
            target: target.saturating_mul(2),
            depth: flags >> 1,
            has_offset: flags & 1 != 0,
        });
    }
    out
}

/// A number of six-bit groups, the highest first.
fn big_varint(bytes: &mut impl Iterator<Item = u8>) -> u32 {
    let mut value = 0u32;
    for byte in bytes.by_ref().take(6) {
        value = value << 6 | u32::from(byte & 63);
        if byte & 64 == 0 {
            break;
        }
    }
    value
}
