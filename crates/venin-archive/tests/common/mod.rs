//! Archives built by hand, so that they can lie, and a reader that keeps what the visitor saw.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a fixture that cannot be built fails its test")]
#![allow(unreachable_pub, reason = "shared between test binaries")]

pub mod forge;
pub mod tarball;

use std::io::Write as _;

use venin_archive::{AnomalyKind, Budget, EntryKind, Reading, read_members};
use venin_model::GapKind;

/// A member as the visitor saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub path: String,
    pub bytes: Vec<u8>,
    pub is_whole: bool,
    pub kind: EntryKind,
    pub depth: u8,
}

/// A reading and its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub reading: Reading,
    pub seen: Vec<Seen>,
}

impl Outcome {
    pub fn kinds(&self) -> Vec<AnomalyKind> {
        self.reading.anomalies.iter().map(|a| a.kind).collect()
    }

    pub fn has(&self, kind: AnomalyKind) -> bool {
        self.kinds().contains(&kind)
    }

    pub fn has_gap(&self, kind: GapKind) -> bool {
        self.reading.gaps.iter().any(|g| g.kind == kind)
    }

    pub fn paths(&self) -> Vec<&str> {
        self.seen.iter().map(|s| s.path.as_str()).collect()
    }

    /// The contents handed over under a path.
    pub fn contents(&self, path: &str) -> Vec<&[u8]> {
        self.seen.iter().filter(|s| s.path == path).map(|s| s.bytes.as_slice()).collect()
    }

    /// Asserts that nothing was odd and nothing left out.
    pub fn assert_clean(&self) {
        assert_eq!((&self.reading.anomalies, &self.reading.gaps), (&vec![], &vec![]));
    }
}

pub fn read(bytes: &[u8]) -> Outcome {
    read_within("test.bin", bytes, &Budget::default())
}

pub fn read_within(name: &str, bytes: &[u8], budget: &Budget) -> Outcome {
    let mut seen = Vec::new();
    let reading = read_members(name, bytes, budget, &mut |entry| {
        assert_eq!(entry.sha256().is_some(), entry.is_whole);
        seen.push(Seen {
            path: entry.path.to_owned(),
            bytes: entry.bytes.to_vec(),
            is_whole: entry.is_whole,
            kind: entry.kind.clone(),
            depth: entry.depth,
        });
    });
    Outcome { reading, seen }
}

/// Two runs over the same bytes agree to the byte.
pub fn read_twice(bytes: &[u8], budget: &Budget) -> Outcome {
    let first = read_within("test.bin", bytes, budget);
    assert_eq!(first, read_within("test.bin", bytes, budget));
    first
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Text that compresses as source does, different for each seed.
pub fn prose(seed: u32, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"etaoin shrdlu\n()=."[(state >> 24) as usize % 18]
    })
    .take(len)
    .collect()
}
