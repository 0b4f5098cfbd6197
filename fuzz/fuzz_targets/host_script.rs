//! JavaScript, VBScript, markup around them, desktop entries and package files, all from the same text.
//!
//! Every reader must answer, and operations must depend on earlier ones only.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_package::parse_script;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    // The words that make a script one for the host.
    let script = format!("{text}\n// child_process");
    for (path, text) in [
        ("a.js", script.as_str()),
        ("a.vbs", &text),
        ("a.hta", &text),
        ("a.desktop", &text),
        ("package.json", &text),
    ] {
        let Some(reading) = parse_script(path, text) else { continue };
        let mut operations = reading.operations.iter().enumerate();
        assert!(operations.all(|(at, operation)| operation.inputs.iter().all(|input| *input < at)));
    }
});
