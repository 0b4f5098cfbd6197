//! Command lines and shell scripts in every dialect, from the same text.
//!
//! The first byte chooses the dialect, so that an input found for one is not spent on the other three.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_package::{Dialect, parse_command_line, parse_script, read_operations, read_script};

const DIALECTS: [(Dialect, &str); 4] = [
    (Dialect::Sh, "run.sh"),
    (Dialect::Cmd, "run.bat"),
    (Dialect::PowerShell, "run.ps1"),
    (Dialect::Guess, "run"),
];

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let Some((dialect, path)) = DIALECTS.get(usize::from(*first) % DIALECTS.len()) else { return };
    let commands = parse_command_line(&text, *dialect);
    for command in &commands {
        let _ = (command.arguments(), command.file_operand(), command.operands().count());
    }
    let operations = read_operations(&commands);
    assert!(operations.iter().enumerate().all(|(at, operation)| operation.inputs.iter().all(|input| *input < at)));
    let _ = (parse_script(path, &text), read_script(path, &text));
});
