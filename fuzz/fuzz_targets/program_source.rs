//! Sources in C, C++ and Rust, from the same text.
//!
//! The gate that looks for calls is passed by a line in front, so that inputs are not spent on it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_package::read_program_source;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for (path, gate) in [("a.c", "int x = system(0);\n"), ("build.rs", "use std::process::Command;\n")] {
        let Some(reading) = read_program_source(path, &format!("{gate}{text}")) else { continue };
        for part in &reading.parts {
            let mut operations = part.operations.iter().enumerate();
            assert!(operations.all(|(at, operation)| operation.inputs.iter().all(|input| *input < at)));
        }
    }
});
