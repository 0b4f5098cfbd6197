//! Bytes as a tar whose header checksums are put right, so that the walk gets behind them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_archive::{Budget, Format, detect_format, read_members};

const BUDGET: Budget =
    Budget { total_bytes: 1 << 20, member_bytes: 1 << 16, ratio: 200, members: 200, depth: 1, path_len: 200 };
const BLOCK: usize = 512;

/// Writes the checksum that the other bytes of the header ask for.
fn put_checksum(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fuzz_target!(|data: &[u8]| {
    let mut bytes = data.to_vec();
    let is_header = |block: &[u8]| block.len() == BLOCK && block[257..].starts_with(b"ustar");
    bytes.chunks_mut(BLOCK).filter(|block| is_header(block)).for_each(put_checksum);
    if detect_format(&bytes) != Format::Tar {
        return;
    }
    let mut visited = 0_u64;
    let reading = read_members("input", &bytes, &BUDGET, &mut |entry| {
        assert!(entry.bytes.len() as u64 <= BUDGET.member_bytes);
        visited += 1;
    });
    assert!(reading.members <= BUDGET.members);
    assert!(reading.bytes <= 2 * BUDGET.total_bytes);
    assert!(visited >= 1 || !reading.anomalies.is_empty() || reading.members == 0);
});
