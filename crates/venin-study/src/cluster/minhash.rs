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

/// A bucket: which band, and what its members have in common.
type Bucket = (u8, u64);

/// Calls for each pair of positions that share a bucket, once.
///
/// Nothing is kept of the pairs: what it holds grows with the number of prints only.
pub fn visit_candidates(prints: &[&Print], seed: u64, mut visit: impl FnMut(usize, usize)) {
    let mut draws = Draws::new(seed);
    let seeds: Vec<u64> = (0..BANDS * ROWS).map(|_| draws.draw()).collect();
    // Beside each other stand those whose digests begin alike, so that the nearest are compared in large buckets.
    let mut ranked: Vec<(Option<[u8; 72]>, u32)> =
        prints.iter().map(|print| print.tlsh.as_ref().map(TlshDefault::hash)).zip(0u32..).collect();
    ranked.sort_unstable();
    let mut entries: Vec<(Bucket, u32)> = Vec::new();
    for (rank, (digest, at)) in (0u32..).zip(&ranked) {
        let pieces = prints.get(*at as usize).map_or(&[][..], |print| &print.pieces);
        let bands = bands_of(pieces, &seeds).into_iter().chain(digest.iter().flat_map(slices_of));
        entries.extend(bands.map(|bucket| (bucket, rank)));
    }
    entries.sort_unstable();
    let mut places: Vec<(u32, u32)> = entries.iter().map(|(_, rank)| *rank).zip(0u32..).collect();
    places.sort_unstable();
    let mut others: Vec<u32> = Vec::new();
    for of_rank in places.chunk_by(|a, b| a.0 == b.0) {
        others.clear();
        for (_, place) in of_rank {
            let mut rest = entries.iter().skip(*place as usize);
            let Some((bucket, _)) = rest.next() else { continue };
            let same = rest.take_while(|(other, _)| other == bucket).map(|(_, other)| *other);
            others.extend(same.take(NEIGHBORS));
        }
        others.sort_unstable();
        others.dedup();
        let position = |rank: u32| ranked.get(rank as usize).map(|(_, at)| *at as usize);
        let Some(one) = of_rank.first().and_then(|(rank, _)| position(*rank)) else { continue };
        for other in others.iter().filter_map(|rank| position(*rank)) {
            visit(one.min(other), one.max(other));
        }
    }
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

    fn candidates(prints: &[Print]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        visit_candidates(&prints.iter().collect::<Vec<_>>(), 1, |a, b| found.push((a, b)));
        found
    }

    #[test]
    fn like_sequences_are_candidates_and_unlike_ones_are_not() {
        let print = |calls: &[u32]| Print::new(None, None, calls);
        let first: Vec<u32> = (0..20).collect();
        let second: Vec<u32> = (0..19).collect();
        let other: Vec<u32> = (100..120).collect();
        let prints = [print(&first), print(&other), print(&second), print(&[])];
        assert_eq!(candidates(&prints), [(0, 2)]);
    }

    #[test]
    fn the_work_of_a_bucket_of_equals_grows_with_its_size_only() {
        let prints: Vec<Print> = (0..500).map(|_| Print::new(None, None, &[1, 2, 3])).collect();
        let found = candidates(&prints);
        assert!(found.len() <= 500 * NEIGHBORS && found.len() >= 499);
        let once: std::collections::BTreeSet<_> = found.iter().collect();
        assert_eq!(once.len(), found.len(), "a pair is told twice");
    }
}
