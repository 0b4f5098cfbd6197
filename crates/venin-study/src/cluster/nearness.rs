//! How far two artifacts are apart, by code and by calls, and why.

use tlsh2::TlshDefault;

/// The TLSH distance at which code counts as wholly different.
pub const TLSH_SCALE: f64 = 200.0;
/// What shared pieces are measured against besides their number: the fewer, the less equal calls mean.
const DOUBT: f64 = 2.0;

/// What is compared of an artifact.
#[derive(Clone, Default)]
pub struct Print {
    /// SHA-256 of the normal form of its code.
    pub code: Option<String>,
    /// TLSH of it.
    pub tlsh: Option<TlshDefault>,
    /// Its calls, and each two that follow each other, as numbers; sorted, each once.
    pub pieces: Vec<u64>,
    /// What the code's digest begins with, at hand where most comparisons end.
    mark: [u8; 16],
}

impl std::fmt::Debug for Print {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Print")
            .field("code", &self.code)
            .field("pieces", &self.pieces.len())
            .finish_non_exhaustive()
    }
}

/// How far two artifacts are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearness {
    /// From 0 (the same) to 1 (nothing in common): the smaller of the two below.
    pub distance: f64,
    /// Whether the normal forms of their code are equal.
    pub same_code: bool,
    /// The TLSH distance, where both have a digest.
    pub tlsh: Option<u32>,
    /// Pieces of call sequences that both have.
    pub shared: usize,
    /// Pieces that either has.
    pub either: usize,
}

impl Print {
    /// A print from what a scan kept; a digest that is none counts as missing.  The digest of no code at all is none.
    #[must_use]
    pub fn new(code: Option<&str>, tlsh: Option<&str>, calls: &[u32]) -> Self {
        const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let begin = code.and_then(|digest| digest.as_bytes().first_chunk()).copied();
        Self {
            mark: begin.unwrap_or_default(),
            code: code.filter(|digest| *digest != OF_NOTHING).map(ToOwned::to_owned),
            tlsh: tlsh.filter(|text| text.is_ascii()).and_then(|text| text.parse().ok()),
            pieces: pieces_of(calls),
        }
    }

    /// Whether there is nothing to compare it by.
    #[must_use]
    pub const fn is_blank(&self) -> bool {
        self.code.is_none() && self.tlsh.is_none() && self.pieces.is_empty()
    }

    /// How far another is.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Nearness {
        let same_code = self.mark == other.mark && self.code.is_some() && self.code == other.code;
        let tlsh = self.tlsh.as_ref().zip(other.tlsh.as_ref()).map(|(a, b)| a.diff(b, true).unsigned_abs());
        let shared = count_shared(&self.pieces, &other.pieces);
        let either = self.pieces.len() + other.pieces.len() - shared;
        let by_code = tlsh.map_or(1.0, |tlsh| (f64::from(tlsh) / TLSH_SCALE).min(1.0));
        let by_calls = if either == 0 {
            1.0
        } else {
            1.0 - (shared as f64 / either as f64) * (shared as f64 / (shared as f64 + DOUBT))
        };
        let distance = if same_code { 0.0 } else { by_code.min(by_calls) };
        Nearness { distance, same_code, tlsh, shared, either }
    }
}

/// Calls, and each two that follow each other, as numbers.
fn pieces_of(calls: &[u32]) -> Vec<u64> {
    let single = calls.iter().map(|call| u64::from(*call) << 32 | u64::from(u32::MAX));
    let pairs = calls.iter().zip(calls.iter().skip(1)).map(|(a, b)| u64::from(*a) << 32 | u64::from(*b));
    let mut pieces: Vec<u64> = single.chain(pairs).collect();
    pieces.sort_unstable();
    pieces.dedup();
    pieces
}

/// How many both have of two sorted lists without copies.
fn count_shared(a: &[u64], b: &[u64]) -> usize {
    let (mut rest, mut shared) = (b.iter().peekable(), 0);
    for piece in a {
        while rest.next_if(|other| *other < piece).is_some() {}
        shared += usize::from(rest.next_if(|other| *other == piece).is_some());
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_calls_mean_more_the_more_there_are() {
        let print = |calls: &[u32]| Print::new(None, None, calls);
        let one = print(&[1]).compare(&print(&[1]));
        assert!((one.distance - (1.0 - 1.0 / 3.0)).abs() < 1e-9);
        let many: Vec<u32> = (0..10).collect();
        let ten = print(&many).compare(&print(&many));
        assert_eq!((ten.shared, ten.either), (19, 19));
        assert!((ten.distance - (1.0 - 19.0 / 21.0)).abs() < 1e-9);
    }

    #[test]
    fn nothing_known_is_as_far_as_can_be() {
        let blank = Print::new(None, Some("no digest"), &[]);
        assert!(blank.is_blank());
        assert!((blank.compare(&blank).distance - 1.0).abs() < 1e-9);
        let code = Print::new(Some("ab"), None, &[]);
        assert!(code.compare(&code).same_code && code.compare(&code).distance == 0.0);
    }
}
