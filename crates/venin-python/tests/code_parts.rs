//! Code objects put together from parts run like those that were unmarshalled.

mod common;

use common::{calls, event, events_of};
use venin_model::{OriginKind, Role};

/// What `types.CodeType` takes to run `echo word`, by version.
const PARTS: &[(&str, &str)] = &[
    (
        "2.7",
        r#"0, 0, 2, 65600, b"\x64\x00\x00\x64\x01\x00\x6c\x00\x00\x5a\x00\x00\x65\x00\x00\x6a\x01\x00\x64\x02\x00\x83\x01\x00\x01\x64\x01\x00\x53", (-1, None, "echo word",), ("os", "system"), (), "m.py", "<module>", 1, b"""#,
    ),
    (
        "3.7",
        r#"0, 0, 0, 3, 64, b"\x64\x00\x64\x01\x6c\x00\x5a\x00\x65\x00\xa0\x01\x64\x02\xa1\x01\x01\x00\x64\x01\x53\x00", (0, None, "echo word",), ("os", "system"), (), "m.py", "<module>", 1, b"""#,
    ),
    (
        "3.10",
        r#"0, 0, 0, 0, 3, 64, b"\x64\x00\x64\x01\x6c\x00\x5a\x00\x65\x00\xa0\x01\x64\x02\xa1\x01\x01\x00\x64\x01\x53\x00", (0, None, "echo word",), ("os", "system"), (), "m.py", "<module>", 1, b"""#,
    ),
    (
        "3.11",
        r#"0, 0, 0, 0, 3, 0, b"\x97\x00\x64\x00\x64\x01\x6c\x00\x5a\x00\x02\x00\x65\x00\x6a\x01\x00\x00\x00\x00\x00\x00\x00\x00\x64\x02\xa6\x01\x00\x00\xab\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x64\x01\x53\x00", (0, None, "echo word",), ("os", "system"), (), "m.py", "<module>", "<module>", 1, b"", b"""#,
    ),
    (
        "3.12",
        r#"0, 0, 0, 0, 3, 0, b"\x97\x00\x64\x00\x64\x01\x6c\x00\x5a\x00\x02\x00\x65\x00\x6a\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x64\x02\xab\x01\x00\x00\x00\x00\x00\x00\x01\x00\x79\x01", (0, None, "echo word",), ("os", "system"), (), "m.py", "<module>", "<module>", 1, b"", b"""#,
    ),
    (
        "3.13",
        r#"0, 0, 0, 0, 3, 0, b"\x95\x00\x53\x00\x53\x01\x4b\x00\x72\x00\x5c\x00\x52\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x22\x00\x53\x02\x35\x01\x00\x00\x00\x00\x00\x00\x20\x00\x67\x01", (0, None, "echo word",), ("os", "system"), (), "m.py", "<module>", "<module>", 1, b"", b"""#,
    ),
];

/// A module whose function runs `echo word`, marshalled by 3.12.
const MODULE: &str = "4wAAAAAAAAAAAAAAAAIAAAAAAAAA8xgAAACXAGQAhABaAAIAZQCrAAAAAAAAAAEAeQEpAmMAAAAAAAAAAAAAAAADAAAAAwAAAPMu\
AAAAlwBkAWQAbAB9AHwAagMAAAAAAAAAAAAAAAAAAAAAAABkAqsBAAAAAAAAAQB5ACkDTukAAAAAegllY2hvIHdvcmQpAtoCb3PaBnN5c3RlbSkBcgQA\
AABzAQAAACD6BG0ucHnaAWZyBwAAAAEAAABzEQAAAIAA2wQN2AQGh0mBSYhr1QQa8wAAAABOKQFyBwAAAKkAcggAAAByBgAAAPoIPG1vZHVsZT5yCgAA\
AAEAAABzEQAAAPADAQEB8gICARvxBgABAoUDcggAAAA=";
/// `print("harmless")`, marshalled by 3.12.
const HARMLESS: &str = "4wAAAAAAAAAAAAAAAAMAAAADAAAA8xoAAACXAHQBAAAAAAAAAABkAasBAAAAAAAAAQB5ACkCTtoIaGFybWxlc3MpAdoFcHJpbnSpAPM\
AAAAA+gg8c3RyaW5nPtoBaHIHAAAABQAAAHMJAAAAgACMFYh61QkacgUAAAA=";

fn parts(version: &str) -> &'static str {
    PARTS.iter().find(|(v, _)| *v == version).map_or("", |(_, parts)| parts)
}

fn started(source: &str) -> Option<String> {
    let events = events_of(source);
    let started = events.iter().find(|e| &*e.name == "os.system")?;
    started.text(Role::Command).map(str::to_owned)
}

#[test]
fn a_code_object_from_parts_of_every_version_runs() {
    for (version, parts) in PARTS {
        let source = format!("import types\nexec(types.CodeType({parts}))\n");
        assert_eq!(started(&source).as_deref(), Some("echo word"), "{version}");
    }
}

#[test]
fn a_function_of_parts_runs_when_it_is_called() {
    let source = format!(
        "import types\ncode = types.CodeType({})\ntypes.FunctionType(code, globals())()\n",
        parts("3.12")
    );
    assert_eq!(started(&source).as_deref(), Some("echo word"));
    let made = event(&source, "types.FunctionType");
    let code = made.argument(Role::Code).expect("the code");
    assert!(code.origins.kinds.contains(OriginKind::Decoded));
}

#[test]
fn the_types_may_be_taken_from_a_function() {
    let source =
        format!("def f():\n    pass\ncode = type(f.__code__)({})\ntype(f)(code, {{}})()\n", parts("3.10"));
    assert_eq!(started(&source).as_deref(), Some("echo word"));
}

#[test]
fn the_code_of_a_function_may_be_replaced() {
    let (code, _) = parts("3.11").split_once(", (0, None").expect("the constants");
    let (_, code) = code.split_once("b\"").expect("the instructions");
    let source = format!(
        "def f():\n    pass\nf.__code__ = f.__code__.replace(co_code=b\"{code}, co_consts=(0, None, 'echo ' + 'word'), \
         co_names=('os', 'system'))\nf()\n"
    );
    assert_eq!(started(&source).as_deref(), Some("echo word"));
}

#[test]
fn constants_of_unmarshalled_code_may_be_replaced() {
    let source = format!(
        "import base64, marshal\ncode = marshal.loads(base64.b64decode('{MODULE}'))\n\
         inner = code.co_consts[0]\n\
         inner = inner.replace(co_consts=(None, 0, 'echo other'))\n\
         exec(code.replace(co_consts=(inner, None)))\n"
    );
    assert_eq!(started(&source).as_deref(), Some("echo other"));
}

#[test]
fn instructions_nobody_knows_are_an_event_with_their_origins() {
    let source = "import requests, types\nbody = requests.get('https://data.example/x').content\n\
                  code = types.CodeType(0, 0, 0, 0, 3, 64, body, (), (), (), 'm', 'm', 1, b'')\n\
                  types.FunctionType(code, globals())()\n";
    let made = event(source, "types.FunctionType");
    let code = made.argument(Role::Code).expect("the code");
    assert!(code.origins.kinds.contains(OriginKind::Network));
}

#[test]
fn another_name_for_compiled_code_leaves_it_as_it_is() {
    let source = "code = compile('import os; os.system(\"echo word\")', 'm', 'exec')\n\
                  exec(code.replace(co_name='other', co_filename='template.html'))\n";
    assert_eq!(started(source).as_deref(), Some("echo word"));
    let ran = event(source, "exec");
    assert!(!ran.argument(Role::Code).expect("the code").origins.kinds.contains(OriginKind::Decoded));
}

#[test]
fn the_probe_of_a_signature_is_not_decoded_code() {
    let source = "import types\ncode = types.CodeType(0, 0, 0, 0, 1, 64, b'd\\x00S\\x00', (None,), (), (), 'm', 'm', 1, b'')\n\
                  types.FunctionType(code, {})()\n";
    let made = event(source, "types.FunctionType");
    assert!(!made.argument(Role::Code).expect("the code").origins.kinds.contains(OriginKind::Decoded));
}

#[test]
fn the_copy_of_harmless_code_does_nothing_more() {
    let source = format!(
        "import base64, marshal, types\nc = marshal.loads(base64.b64decode('{HARMLESS}'))\n\
         d = types.CodeType(c.co_argcount, c.co_posonlyargcount, c.co_kwonlyargcount, c.co_nlocals, c.co_stacksize, \
         c.co_flags, c.co_code, c.co_consts, c.co_names, c.co_varnames, c.co_filename, c.co_name, 'q', 1, b'', b'')\n\
         types.FunctionType(d, globals())()\n"
    );
    assert!(!calls(&source).iter().any(|name| name == "os.system"));
}

#[test]
fn parts_that_hold_each_other_end() {
    let source = "import types\nc = (1,)\nfor _ in range(60):\n    c = (c, c)\n\
                  exec(types.CodeType(0, 0, 0, 0, 1, 64, b'd\\x00S\\x00' * 9, c, (), (), 'm', 'm', 1, b''))\n";
    let _ = events_of(source);
}

#[test]
fn the_file_that_a_code_object_names_is_no_part_of_what_it_runs() {
    let source = "\
import pickle, types
def mark(given):
    made = pickle.loads(given)
    code = compile('raise mark', made.file, 'exec')
    code = types.CodeType(
        0, 0, code.co_nlocals, code.co_stacksize, code.co_flags, code.co_code, code.co_consts, code.co_names,
        code.co_varnames, made.file, made.name, code.co_firstlineno, code.co_lnotab, (), ())
    exec(code)
";
    let ran = event(source, "exec");
    assert!(!ran.argument(Role::Code).expect("the code").origins.kinds.contains(OriginKind::Decoded));
}
