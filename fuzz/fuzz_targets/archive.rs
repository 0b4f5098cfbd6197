//! Any bytes as an archive: no panic, budgets kept, two runs agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_archive::{Budget, Reading, read_members};

const BUDGET: Budget =
    Budget { total_bytes: 1 << 20, member_bytes: 1 << 16, ratio: 200, members: 200, depth: 3, path_len: 200 };

fn read(data: &[u8]) -> (Reading, Vec<(String, usize, bool)>) {
    let mut seen = Vec::new();
    let reading = read_members("input.gz", data, &BUDGET, &mut |entry| {
        assert!(entry.bytes.len() as u64 <= BUDGET.member_bytes);
        assert!(entry.path.len() <= BUDGET.path_len);
        assert!(entry.depth <= BUDGET.depth);
        assert!(!entry.path.contains(char::is_control));
        seen.push((entry.path.to_owned(), entry.bytes.len(), entry.is_whole));
    });
    (reading, seen)
}

fuzz_target!(|data: &[u8]| {
    let (reading, seen) = read(data);
    assert!(reading.members <= BUDGET.members);
    assert!(reading.bytes <= BUDGET.total_bytes + BUDGET.member_bytes + 1);
    assert!(seen.iter().all(|s| s.2) || !reading.gaps.is_empty());
    assert_eq!((reading, seen), read(data));
});
