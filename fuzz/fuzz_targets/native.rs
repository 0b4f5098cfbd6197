//! Headers, sections and strings of ELF, PE and Mach-O members; and what lies behind the end of pictures.
//!
//! The last byte chooses the suffix: some readers ask for it before they look at the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_package::{payload_facts, read_native};

const PATHS: [&str; 6] = ["a.so", "a.pyd", "a.dylib", "a.exe", "a.png", "a.jpg"];

fuzz_target!(|data: &[u8]| {
    let Some((last, bytes)) = data.split_last() else { return };
    let Some(path) = PATHS.get(usize::from(*last) % PATHS.len()) else { return };
    let _ = (read_native(path, bytes), payload_facts(path, bytes));
});
