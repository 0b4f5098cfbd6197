//! Compiled Python files: the header, and the code object after it.
//!
//! Header: the magic number of the version, then for 2.x the time; since 3.3 the time and size of the source;
//! since 3.7 flags before them (PEP 552).

use venin_model::GapKind;

use super::Problem;
use super::marshal::{Marshal, Version, read_marshal};

/// A compiled file.
#[derive(Debug)]
pub struct Pyc {
    /// The version by the magic number; `None` if it is not a known one.
    pub version: Option<Version>,
    /// The PEP 552 flags: bit 0 for a file that is checked by a hash, bit 1 for one that is checked at all.
    pub flags: u32,
    /// The modification time of the source, in seconds since 1970, where the file has one.
    pub source_time: Option<u32>,
    /// The size of the source in bytes, modulo 2^32, where the file has it.
    pub source_size: Option<u32>,
    /// The code.
    pub marshal: Marshal,
}

/// Magic numbers: first and last of each version.
const MAGICS: &[(u16, u16, Version)] = &[
    (62_061, 62_131, Version::new(2, 5)),
    (62_151, 62_161, Version::new(2, 6)),
    (62_171, 62_215, Version::new(2, 7)),
    (3_000, 3_131, Version::new(3, 0)),
    (3_140, 3_151, Version::new(3, 1)),
    (3_160, 3_180, Version::new(3, 2)),
    (3_190, 3_230, Version::new(3, 3)),
    (3_250, 3_310, Version::new(3, 4)),
    (3_320, 3_351, Version::new(3, 5)),
    (3_360, 3_379, Version::new(3, 6)),
    (3_390, 3_399, Version::new(3, 7)),
    (3_400, 3_419, Version::new(3, 8)),
    (3_420, 3_429, Version::new(3, 9)),
    (3_430, 3_449, Version::new(3, 10)),
    (3_450, 3_499, Version::new(3, 11)),
    (3_500, 3_549, Version::new(3, 12)),
    (3_550, 3_599, Version::new(3, 13)),
    (3_600, 3_649, Version::new(3, 14)),
    (3_650, 3_699, Version::new(3, 15)),
];

/// Whether bytes begin as a compiled Python file does.
#[must_use]
pub fn is_pyc(bytes: &[u8]) -> bool {
    matches!(bytes, [_, _, b'\r', b'\n', ..]) && version_of(bytes).is_some()
}

/// The version a magic number stands for.
fn version_of(bytes: &[u8]) -> Option<Version> {
    let magic = u16::from_le_bytes([*bytes.first()?, *bytes.get(1)?]);
    MAGICS.iter().find(|(first, last, _)| (*first..=*last).contains(&magic)).map(|(_, _, version)| *version)
}

/// The length of the header of a version.
fn header_of(version: Version) -> usize {
    match version {
        version if version < Version::new(3, 3) => 8,
        version if version < Version::new(3, 7) => 12,
        _ => 16,
    }
}

/// The marshalled code of a compiled file; `None` if bytes begin as none does.
#[must_use]
pub fn code_behind_header(bytes: &[u8]) -> Option<&[u8]> {
    is_pyc(bytes).then(|| bytes.get(header_of(version_of(bytes)?)..)).flatten()
}

/// Reads a compiled file.
///
/// An unknown magic number is a problem; the code is looked for after each length a header ever had.
#[must_use]
pub fn read_pyc(bytes: &[u8]) -> Pyc {
    let field = |at: usize| {
        let four = bytes.get(at..at + 4)?;
        four.try_into().ok().map(u32::from_le_bytes)
    };
    let Some(version) = version_of(bytes) else {
        let mut marshal = read_unknown(bytes);
        let detail = "a compiled file of an unknown version of Python";
        marshal.problem = marshal.problem.or_else(|| Some(Problem::new(GapKind::Unsupported, 1, detail)));
        return Pyc { version: None, flags: 0, source_time: None, source_size: None, marshal };
    };
    let header = header_of(version);
    let stamp = if header == 16 { 8 } else { 4 };
    let flags = if header == 16 { field(4).unwrap_or(0) } else { 0 };
    let is_hashed = flags & 1 != 0;
    let marshal = read_marshal(bytes.get(header..).unwrap_or_default(), Some(version));
    let source_time = field(stamp).filter(|_| !is_hashed);
    let source_size = field(stamp + 4).filter(|_| !is_hashed && header > 8);
    Pyc { version: Some(version), flags, source_time, source_size, marshal }
}

fn read_unknown(bytes: &[u8]) -> Marshal {
    let bodies = [16, 12, 8].map(|header| bytes.get(header..).unwrap_or_default());
    let read = bodies.map(|body| match body.first() {
        Some(b'c' | 0xe3) => read_marshal(body, None),
        _ => Marshal::default(),
    });
    read.into_iter()
        .max_by_key(|marshal| (marshal.problem.is_none(), marshal.objects.len()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::marshal::Object;
    use super::*;

    /// Version and compiled file, a line each.
    const FIXTURES: &str = include_str!("../../tests/source/compiled.txt");

    /// The fixtures: label, version and bytes.
    fn fixtures() -> impl Iterator<Item = (&'static str, Version, Vec<u8>)> {
        FIXTURES.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let (label, hex) = line.split_once(' ').unwrap();
            let (major, minor) = label.split_once('.').unwrap();
            let digits: Vec<u8> = hex.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
            let bytes = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
            (label, Version::new(major.parse().unwrap(), minor.parse().unwrap()), bytes)
        })
    }

    #[test]
    fn files_of_every_layout_give_their_code_objects() {
        for (label, version, bytes) in fixtures() {
            assert!(is_pyc(&bytes));
            let pyc = read_pyc(&bytes);
            assert_eq!(pyc.version, Some(version), "{label}");
            assert_eq!(pyc.marshal.problem, None, "{label}");
            assert!(matches!(pyc.marshal.root(), Object::Code(_)), "{label}");
            let codes: Vec<_> = pyc.marshal.codes().collect();
            let names: Vec<_> = codes.iter().filter_map(|code| pyc.marshal.text(code.name)).collect();
            assert_eq!(names, ["<module>", "greet"], "{label}");
            assert_eq!(codes.iter().map(|code| code.first_line).collect::<Vec<_>>(), [1, 1], "{label}");
            assert!(pyc.marshal.texts(codes[0].names).any(|name| name == "greet"), "{label}");
            assert!(pyc.marshal.texts(codes[1].varnames).any(|name| name == "name"), "{label}");
            assert!(pyc.marshal.texts(codes[1].consts).any(|text| text == "hello "), "{label}");
            assert_eq!(pyc.marshal.text(codes[0].filename), Some("greet.py"), "{label}");
            assert!(
                matches!(pyc.marshal.get(codes[0].code), Object::Bytes(code) if !code.is_empty()),
                "{label}"
            );
        }
    }

    #[test]
    fn a_truncated_file_keeps_what_was_read() {
        for (_, _, bytes) in fixtures() {
            for end in 0..bytes.len() - 1 {
                let pyc = read_pyc(&bytes[..end]);
                assert!(pyc.marshal.problem.is_some(), "{end}");
            }
        }
    }

    #[test]
    fn an_unknown_magic_number_is_a_problem_and_the_code_is_found() {
        for (_, _, mut bytes) in fixtures() {
            bytes[0] = 0xff;
            bytes[1] = 0xff;
            let pyc = read_pyc(&bytes);
            assert_eq!(pyc.version, None);
            assert_eq!(pyc.marshal.problem.as_ref().map(|p| p.kind), Some(GapKind::Unsupported));
            assert_eq!(pyc.marshal.codes().count(), 2);
        }
    }
}
