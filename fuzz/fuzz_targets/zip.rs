//! Bytes as a zip, whatever they start with: what any directory lists is handed over or reported.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_archive::{Budget, Format, detect_format, read_members};

const BUDGET: Budget =
    Budget { total_bytes: 1 << 20, member_bytes: 1 << 16, ratio: 200, members: 200, depth: 1, path_len: 200 };

fuzz_target!(|data: &[u8]| {
    let forced;
    let bytes = match detect_format(data) {
        Format::Zip => data,
        _ => {
            forced = [b"PK\x03\x04".as_slice(), data].concat();
            &forced
        }
    };
    let mut visited = 0_u64;
    let reading = read_members("input", bytes, &BUDGET, &mut |entry| {
        assert!(entry.bytes.len() as u64 <= BUDGET.member_bytes);
        visited += 1;
    });
    assert!(visited <= reading.members && reading.members <= BUDGET.members);
    assert!(reading.bytes <= BUDGET.total_bytes + BUDGET.member_bytes + 1);
    // A zip without members is empty and says so, or is damaged and says that.
    if visited == 0 && bytes.len() > 22 {
        assert!(!reading.anomalies.is_empty() || bytes.starts_with(b"PK\x05\x06"));
    }
});
