//! Claims about code that a package carries as data: pickles and bytecode that it reads itself, whatever the members are
//! called and whatever stands before the code.
#![expect(clippy::unwrap_used, reason = "a fixture that is damaged fails the test")]

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::analysis_of_bytes;
use venin_model::{Event, Role, Trigger};

/// `import os` and `os.system('echo')`, marshalled by version 3.11.
const MARSHALLED: &str = "e30000000000000000000000000300000000000000f32e0000009700640064016c005a00020065006a0100000000000000006402a6010000ab0100000000000000000100640153002903e9000000004eda046563686f2902da026f73da0673797374656da900f300000000fa046d2e7079fa083c6d6f64756c653e7209000000010000007326000000f003010101d80009800980098009d80009800284098826d10011d40011d00011d00011d000117207000000";
/// The header of a compiled file of that version.
const HEADER: &str = "a70d0d0a000000000000000000000000";
/// A pickle that calls `os.system('echo')`, and one with a frame and bytes that are no text.
const PICKLE: &[u8] = b"cos\nsystem\n(S'echo'\ntR.";
const FRAMED: &[u8] =
    b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94\x93\x94\x8c\x04echo\x94\x85\x94R\x94.";

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The call in what a package reads of a member, when it is imported.
fn call_in(member: &str, bytes: &[u8], source: &str) -> Option<Event> {
    let start = "import os\nHERE = os.path.dirname(__file__)\n";
    let source = format!("{start}P = os.path.join(HERE, '{member}')\n{source}\n");
    let member = format!("pkg/{member}");
    let files: [(&str, &[u8], Trigger); 2] =
        [("pkg/__init__.py", source.as_bytes(), Trigger::Import), (&member, bytes, Trigger::Run)];
    analysis_of_bytes(&files).events.into_iter().find(|e| &*e.name == "os.system")
}

#[track_caller]
fn assert_runs_at_import(member: &str, bytes: &[u8], sources: &[&str]) {
    for source in sources {
        let trigger = call_in(member, bytes, source).map(|e| e.trigger);
        assert_eq!(trigger, Some(Trigger::Import), "{source}");
    }
}

#[test]
fn a_pickle_is_read_from_where_its_file_was_read_to() {
    for pickle in [PICKLE, FRAMED] {
        let bytes = [b"TSM1", pickle].concat();
        assert_runs_at_import(
            "weights.bin",
            &bytes,
            &[
                "import pickle\nwith open(P, 'rb') as f:\n    if f.read(4) != b'TSM1':\n        raise ValueError\n    pickle.load(f)",
                "import pickle\nf = open(P, 'rb')\nf.seek(4)\npickle.load(f)",
                "import pickle\nf = open(P, 'rb')\nf.read(2)\nf.read(2)\npickle.loads(f.read())",
                "import pickle\npickle.loads(open(P, 'rb').read()[4:])",
                "import pathlib, pickle\nf = pathlib.Path(P).open('rb')\nf.read(4)\npickle.load(f)",
            ],
        );
    }
    assert!(call_in("weights.bin", PICKLE, "open(P, 'rb').read(4)").is_none());
}

#[test]
fn bytecode_runs_whatever_its_member_is_called() {
    let compiled = from_hex(&format!("{HEADER}{MARSHALLED}"));
    let loader =
        "import importlib.machinery as m\nimport importlib.util as u\nl = m.SourcelessFileLoader('c', P)\n";
    for member in ["_core.bin", "_core.pyc"] {
        assert_runs_at_import(
            member,
            &compiled,
            &[
                &format!("{loader}l.exec_module(u.module_from_spec(u.spec_from_loader('c', l)))"),
                &format!("{loader}l.load_module()"),
                "import importlib.util as u\ns = u.spec_from_file_location('c', P)\n\
                 s.loader.exec_module(u.module_from_spec(s))",
                "import imp\nimp.load_compiled('c', P)",
                "import marshal\nexec(marshal.loads(open(P, 'rb').read()[16:]))",
                "import marshal\nf = open(P, 'rb')\nf.read(16)\nexec(marshal.load(f))",
            ],
        );
    }
    assert_runs_at_import(
        "table.dat",
        &from_hex(MARSHALLED),
        &["import marshal\nexec(marshal.loads(open(P, 'rb').read()))"],
    );
}

#[test]
fn a_file_that_is_read_in_parts_gives_one_after_the_other() {
    for (source, command) in [
        ("f = open(P)\nf.read(2)\nos.system(f.read(4))", "echo"),
        ("f = open(P)\nf.read(2)\nos.system(f.read())", "echo a"),
        ("f = open(P)\nos.system(f.read()[2:])", "echo a"),
        ("f = open(P, 'rb')\nf.seek(2)\nos.system(f.read(6).decode())", "echo a"),
    ] {
        let event = call_in("c.txt", b"#!echo a", source);
        assert_eq!(event.as_ref().and_then(|e| e.text(Role::Command)), Some(command), "{source}");
    }
}

#[test]
fn what_a_packed_file_holds_is_known() {
    // gzip of "echo a", stored without compression.
    let packed: Vec<u8> = [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1, 6, 0, 0xf9, 0xff][..],
        b"echo a",
        &[0x4a, 0x14, 0x41, 0x25, 0x06, 0x00, 0x00, 0x00],
    ]
    .concat();
    for source in [
        "import gzip\nwith gzip.open(P, 'rt') as f:\n    os.system(f.read())",
        "import gzip\nos.system(gzip.open(P).read().decode())",
    ] {
        let called = call_in("c.gz", &packed, source).expect("a call");
        assert_eq!(called.text(Role::Command), Some("echo a"), "{source}");
    }
}
