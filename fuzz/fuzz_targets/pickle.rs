//! Pickles: the machine over symbols must answer for any bytes, and what it writes must stay small.
//!
//! The same bytes are read as a member and as what somebody gives to an unpickler.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_package::{parse_pickle, payload_facts, read_pickle};

fuzz_target!(|data: &[u8]| {
    let reading = parse_pickle(data);
    assert!(reading.calls.len() <= reading.imports.len());
    assert!(reading.source.lines().all(|line| line.starts_with('_') || line.starts_with("import ")));
    if let Some(member) = read_pickle(data) {
        assert!(!member.imports.is_empty());
        let _ = (member.facts("a.pkl"), member.gaps("a.pkl"));
    }
    let _ = payload_facts("a.txt", data);
});
