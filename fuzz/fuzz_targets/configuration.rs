//! One descriptive member of a release at a time: the first byte says which, the rest is its text.
//!
//! `metadata` gives all of them at once; here mutation stays with one format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_package::{MemberEntry, MemberText, member_triggers, read_package};

const MEMBERS: [&str; 8] = [
    "demo-1.0/setup.cfg",
    "demo-1.0/pyproject.toml",
    "demo-1.0/tox.ini",
    "demo-1.0/PKG-INFO",
    "demo-1.0/demo.egg-info/entry_points.txt",
    "demo-1.0/demo.egg-info/requires.txt",
    "demo-1.0/requirements.txt",
    "demo-1.0/demo.pth",
];

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let Some(path) = MEMBERS.get(usize::from(*first) % MEMBERS.len()) else { return };
    let entry = |path: &str| MemberEntry { path: path.into(), size: bytes.len() as u64, sha256: None };
    let members = [entry(path), entry("demo-1.0/setup.py"), entry("demo-1.0/demo/__init__.py")];
    let package = read_package("demo-1.0.tar.gz", &members, &[MemberText { path, bytes }]);
    let triggers = member_triggers(&package, &|_| vec!["demo".to_owned()]);
    assert!(members.iter().all(|member| triggers.contains_key(&member.path)));
});
