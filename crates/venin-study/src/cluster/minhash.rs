//! The pairs worth comparing, without comparing all: MinHash over pieces of call sequences (Broder 1997) and equal
//! slices of TLSH digests, both banded.
//!
//! What is found here is only a candidate; how near two really are is measured.  Work grows with the number of items,
//! not with its square.

use tlsh2::TlshDefault;

use super::kmeans::{Draws, mix};
use super::nearness::Print;

/// Bands of a MinHash signature.
const BANDS: usize = 16;
/// Rows of a band: with 16 bands, half of the pairs with a Jaccard index of 0.46 are found, and nearly all from 0.7.
const ROWS: usize = 4;
/// Characters of a slice of a TLSH digest: two bytes of its body.
const SLICE: usize = 4;
/// Characters of a TLSH digest before its body: version, checksum, length, quartiles.
const TLSH_HEAD: usize = 8;
/// How many of the next in a bucket each member is compared with.
const NEIGHBORS: usize = 12;

/// Pairs that are kept before those found twice are taken out.
const MANY: usize = 1 << 20;

/// A bucket: which band, and what its members have in common.
type Bucket = (u8, u64);

/// Pairs of positions, the smaller first, that share a bucket; sorted, each once.
#[must_use]
pub fn find_candidates(prints: &[Print], seed: u64) -> Vec<(u32, u32)> {
    let mut draws = Draws::new(seed);
    let seeds: Vec<u64> = (0..BANDS * ROWS).map(|_| draws.draw()).collect();
    let digest = |print: &Print| print.tlsh.as_ref().map(TlshDefault::hash);
    let digests: Vec<Option<[u8; 72]>> = prints.iter().map(digest).collect();
    let mut entries: Vec<(Bucket, u32)> = Vec::new();
    for ((at, print), digest) in (0u32..).zip(prints).zip(&digests) {
        let bands = bands_of(&print.pieces, &seeds).into_iter().chain(digest.iter().flat_map(slices_of));
        entries.extend(bands.map(|bucket| (bucket, at)));
    }
    entries.sort_unstable();
    let (mut pairs, mut settled) = (Vec::new(), 0);
    for bucket in entries.chunk_by(|a, b| a.0 == b.0).filter(|bucket| bucket.len() > 1) {
        let mut members: Vec<u32> = bucket.iter().map(|(_, at)| *at).collect();
        // Beside each other stand those whose digests begin alike, so that the nearest are compared in large buckets.
        members.sort_by_key(|at| (digests.get(*at as usize), *at));
        for (at, a) in members.iter().enumerate() {
            let next = members.iter().skip(at + 1).take(NEIGHBORS);
            pairs.extend(next.map(|b| (*a.min(b), *a.max(b))));
        }
        if pairs.len() > settled * 2 + MANY {
            settle(&mut pairs);
            settled = pairs.len();
        }
    }
    settle(&mut pairs);
    pairs
}

/// Leaves each pair once.
fn settle(pairs: &mut Vec<(u32, u32)>) {
    pairs.sort_unstable();
    pairs.dedup();
}

fn bands_of(pieces: &[u64], seeds: &[u64]) -> Vec<Bucket> {
    if pieces.is_empty() {
        return Vec::new();
    }
    let least = |seed: &u64| pieces.iter().map(|piece| mix(piece ^ seed)).min().unwrap_or(0);
    let signature: Vec<u64> = seeds.iter().map(least).collect();
    let fold = |rows: &[u64]| rows.iter().fold(0u64, |sum, row| mix(sum ^ row));
    (0u8..).zip(signature.chunks(ROWS)).map(|(band, rows)| (band, fold(rows))).collect()
}

fn slices_of(digest: &[u8; 72]) -> Vec<Bucket> {
    let body = digest.get(TLSH_HEAD..).unwrap_or_default();
    let fold = |bytes: &[u8]| bytes.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    (BANDS as u8..).zip(body.chunks(SLICE)).map(|(band, bytes)| (band, fold(bytes))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_sequences_are_candidates_and_unlike_ones_are_not() {
        let print = |calls: &[u32]| Print::new(None, None, calls);
        let first: Vec<u32> = (0..20).collect();
        let second: Vec<u32> = (0..19).collect();
        let other: Vec<u32> = (100..120).collect();
        let found = find_candidates(&[print(&first), print(&other), print(&second), print(&[])], 1);
        assert_eq!(found, [(0, 2)]);
    }

    #[test]
    fn the_work_of_a_bucket_of_equals_grows_with_its_size_only() {
        let prints: Vec<Print> = (0..500).map(|_| Print::new(None, None, &[1, 2, 3])).collect();
        assert!(find_candidates(&prints, 1).len() <= 500 * NEIGHBORS);
    }
}
