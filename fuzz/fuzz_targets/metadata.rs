//! Metadata, project files, path files, member lists, command lines and native headers, all from the same bytes.
//!
//! The input is split at NUL bytes: the first piece chooses the file name, the rest are the descriptive members in
//! turn.  Every reader must answer, whatever the bytes, and operations must depend on earlier ones only.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_package::{
    Dialect, MemberEntry, MemberText, member_triggers, parse_command_line, parse_file_name, parse_requirement, parse_script,
    read_native, read_operations, read_package,
};

const MEMBERS: &[&str] = &[
    "demo-1.0/PKG-INFO",
    "demo-1.0/pyproject.toml",
    "demo-1.0/setup.cfg",
    "demo-1.0/demo.egg-info/requires.txt",
    "demo-1.0/demo.egg-info/entry_points.txt",
    "demo-1.0/demo.egg-info/top_level.txt",
    "demo-1.0/requirements.txt",
    "demo-1.0/demo.pth",
    "demo-1.0.dist-info/METADATA",
    "demo-1.0.dist-info/RECORD",
];

fuzz_target!(|data: &[u8]| {
    let mut pieces = data.split(|byte| *byte == 0);
    let file_name = String::from_utf8_lossy(pieces.next().unwrap_or_default());
    let texts: Vec<MemberText<'_>> =
        MEMBERS.iter().zip(pieces).map(|(path, bytes)| MemberText { path, bytes }).collect();
    let mut members: Vec<MemberEntry> = texts
        .iter()
        .map(|text| MemberEntry { path: text.path.into(), size: text.bytes.len() as u64, sha256: Some([0; 32]) })
        .collect();
    // The last piece also names members of its own, one a line.
    let listed = texts.last().map(|text| String::from_utf8_lossy(text.bytes)).unwrap_or_default();
    members.extend(listed.lines().take(64).map(|path| MemberEntry { path: path.into(), size: 1, sha256: None }));
    let package = read_package(&file_name, &members, &texts);
    let triggers = member_triggers(&package, &|member| vec![member.replace('/', "."), "..demo".to_owned()]);
    assert!(members.iter().all(|member| triggers.contains_key(&member.path)));

    let text = String::from_utf8_lossy(data);
    let _ = (parse_file_name(&text), parse_requirement(&text), parse_script("run.sh", &text), read_native("x.so", data));
    for dialect in [Dialect::Sh, Dialect::Cmd, Dialect::PowerShell, Dialect::Guess] {
        let operations = read_operations(&parse_command_line(&text, dialect));
        assert!(operations.iter().enumerate().all(|(at, operation)| operation.inputs.iter().all(|input| *input < at)));
    }
});
