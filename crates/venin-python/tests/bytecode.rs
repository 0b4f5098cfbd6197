//! Bytecode gives the events of its source.
//!
//! `bytecode/snippets.txt` holds inert sources (name, and the first major version that takes it); the other files
//! hold them compiled by one version of CPython each: name, then `marshal.dumps`, zlib and base64.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a fixture that is damaged fails the test")]

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::Arc;

use base64::Engine as _;
use proptest::prelude::*;
use venin_model::{Event, Trigger};
use venin_python::source::bytecode::{Comparison, compare_with_source, parse_pyc};
use venin_python::value::Symbols;
use venin_python::{Analysis, Limits, Project, ProjectRoot, SourceFile, SourceKind, analyze};

const SNIPPETS: &str = include_str!("bytecode/snippets.txt");

/// Version, magic number, length of the header, compiled snippets.
const COMPILED: [(&str, u16, usize, &str); 9] = [
    ("2.7", 62_211, 8, include_str!("bytecode/2.7.txt")),
    ("3.6", 3_379, 12, include_str!("bytecode/3.6.txt")),
    ("3.7", 3_394, 16, include_str!("bytecode/3.7.txt")),
    ("3.8", 3_413, 16, include_str!("bytecode/3.8.txt")),
    ("3.9", 3_425, 16, include_str!("bytecode/3.9.txt")),
    ("3.10", 3_439, 16, include_str!("bytecode/3.10.txt")),
    ("3.11", 3_495, 16, include_str!("bytecode/3.11.txt")),
    ("3.12", 3_531, 16, include_str!("bytecode/3.12.txt")),
    ("3.13", 3_571, 16, include_str!("bytecode/3.13.txt")),
];

/// Name, text, and whether only the set of events is compared: the compiler copies the code of `finally`.
fn snippets() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    SNIPPETS.split("### ").skip(1).map(|part| {
        let (head, text) = part.split_once('\n').unwrap();
        (head.split(' ').next().unwrap(), text, head.ends_with("set"))
    })
}

/// The compiled files of one version: name and bytes.
fn compiled(magic: u16, header: usize, lines: &str) -> Vec<(String, Vec<u8>)> {
    let file = |line: &str| {
        let (name, packed) = line.split_once(' ').unwrap();
        let packed = base64::engine::general_purpose::STANDARD.decode(packed).unwrap();
        let mut bytes = magic.to_le_bytes().to_vec();
        bytes.extend(b"\r\n");
        bytes.resize(header, 0);
        flate2::read::ZlibDecoder::new(&*packed).read_to_end(&mut bytes).unwrap();
        (name.to_owned(), bytes)
    };
    lines.lines().map(file).collect()
}

/// Runs something on a thread with the stack that the analyser asks for.
fn with_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run).expect("a thread starts");
    thread.join().expect("nothing panics")
}

fn analyzed(bytes: Vec<u8>, kind: SourceKind) -> Analysis {
    with_stack(move || {
        let mut project = Project::default();
        project.modules.insert("pkg".to_owned(), 0);
        project.files.push(SourceFile {
            path: Arc::from("pkg/__init__.py"),
            bytes: &bytes,
            text: None,
            kind,
        });
        project.roots.push(ProjectRoot { trigger: Trigger::Import, file: 0, object: None });
        analyze(&project, Limits::default())
    })
}

/// What an event says, without where it stands.
fn told(event: &Event) -> String {
    let arguments: Vec<String> = event
        .arguments
        .iter()
        .map(|a| {
            let text = a.value.as_ref().map_or("-", |v| &*v.text);
            format!("{}={text}/{:?}", a.role, a.origins.kinds)
        })
        .collect();
    format!("{} {} {}", event.trigger, event.name, arguments.join(" "))
}

/// The text that bytecode is shown as.
fn shown(bytes: Vec<u8>) -> String {
    with_stack(move || {
        let mut symbols = Symbols::default();
        parse_pyc(&bytes, &mut symbols).code.text.to_string()
    })
}

#[test]
fn bytecode_of_every_version_gives_the_events_of_its_source() {
    let expected: Vec<(&str, bool, Vec<String>)> = snippets()
        .map(|(name, text, is_set)| {
            let analysis = analyzed(text.as_bytes().to_vec(), SourceKind::Python);
            (name, is_set, analysis.events.iter().map(told).collect())
        })
        .collect();
    let mut failures = String::new();
    for (version, magic, header, lines) in COMPILED {
        for (name, bytes) in compiled(magic, header, lines) {
            let (_, is_set, wanted) = expected.iter().find(|(known, ..)| *known == name).unwrap();
            assert!(!wanted.is_empty(), "{name} has no events");
            let analysis = analyzed(bytes.clone(), SourceKind::Bytecode);
            let got: Vec<String> = analysis.events.iter().map(told).collect();
            let set = |events: &[String]| events.iter().cloned().collect::<BTreeSet<_>>();
            let is_same = if *is_set { set(&got) == set(wanted) } else { got == *wanted };
            if !is_same || !analysis.gaps.is_empty() {
                let gaps = &analysis.gaps;
                failures += &format!(
                    "== {name} by {version}\n{}-- want {wanted:#?}\n-- got {got:#?} {gaps:?}\n",
                    shown(bytes)
                );
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// One snippet as each version compiled it: version and bytes of the file, without its header.
fn marshalled(name: &str) -> Vec<(&'static str, Vec<u8>)> {
    let of = |(version, magic, header, lines): (&'static str, u16, usize, &str)| {
        let (_, bytes) = compiled(magic, header, lines).into_iter().find(|(known, _)| known == name).unwrap();
        (version, bytes[header..].to_vec())
    };
    COMPILED.map(of).to_vec()
}

#[test]
fn a_marshalled_code_object_of_any_version_is_a_layer() {
    let (_, text, _) = snippets().find(|(name, ..)| *name == "decode-loop").unwrap();
    let plain = analyzed(text.as_bytes().to_vec(), SourceKind::Python);
    let wanted = plain.events.iter().find(|e| &*e.name == "os.system").unwrap();
    for (version, bytes) in marshalled("decode-loop") {
        let packed = base64::engine::general_purpose::STANDARD.encode(bytes);
        for run in ["exec(code)", "import types\ntypes.FunctionType(code, globals())()"] {
            let source = format!(
                "import base64, marshal\ncode = marshal.loads(base64.b64decode('{packed}'))\n{run}\n"
            );
            let analysis = analyzed(source.into_bytes(), SourceKind::Python);
            let event = analysis.events.iter().find(|e| &*e.name == "os.system");
            let event = event.unwrap_or_else(|| {
                panic!(
                    "{version} {run}: {:?} {:?}",
                    analysis.events.iter().map(told).collect::<Vec<_>>(),
                    analysis.gaps
                )
            });
            assert_eq!(told(event), told(wanted), "{version}");
            assert_eq!(event.site.layer, 1, "{version}");
            assert_eq!(event.site.layer_line, 5, "{version}");
            assert!(
                event.decoding.iter().any(|d| d.contains("b64decode")),
                "{version}: {:?}",
                event.decoding
            );
        }
    }
}

#[test]
fn findings_in_bytecode_point_at_the_line_of_the_source_and_show_a_statement() {
    for (version, magic, header, lines) in COMPILED {
        let (_, bytes) = compiled(magic, header, lines).into_iter().find(|(n, _)| n == "classes").unwrap();
        let analysis = analyzed(bytes, SourceKind::Bytecode);
        let event = analysis.events.iter().find(|e| &*e.name == "os.system").unwrap();
        assert_eq!(event.site.line, 11, "{version}");
        assert_eq!(&*event.site.snippet, "os.system(text)", "{version}");
        assert_eq!(event.function.as_deref(), Some("Base.run"), "{version}");
    }
}

#[test]
fn bytecode_beside_its_own_source_is_the_same_and_beside_another_it_differs() {
    let results = with_stack(|| {
        let mut out = Vec::new();
        for (version, magic, header, lines) in COMPILED {
            for (name, bytes) in compiled(magic, header, lines) {
                let (_, text, _) = snippets().find(|(known, ..)| *known == name).unwrap();
                let own = compare_with_source(&bytes, text.as_bytes());
                let other = compare_with_source(&bytes, b"import sys\nprint(sys.version)\n");
                out.push((format!("{name} by {version}"), own, other));
            }
        }
        out
    });
    for (name, own, other) in results {
        assert_eq!(own, Comparison::Same, "{name}");
        let Comparison::Differs(what) = other else { panic!("{name}: {other:?}") };
        assert!(!what.is_empty());
    }
}

/// Whatever the code object, every index of the lowered form is in range and its text is whole.
fn check(bytes: &[u8]) {
    let mut symbols = Symbols::default();
    let parsed = parse_pyc(bytes, &mut symbols);
    let code = &parsed.code;
    assert!(code.lines.is_sorted() && code.lines.first() == Some(&0));
    assert!(code.lines.last().is_some_and(|at| *at as usize <= code.text.len()));
    for (_, span) in &code.exprs {
        assert!(code.text.get(span.start as usize..span.end as usize).is_some());
    }
    let blocks = code.functions.iter().map(|f| &f.body).chain(code.classes.iter().map(|c| &c.body));
    for id in blocks.chain([&code.body]).flat_map(|block| block.iter()) {
        assert!((id.0 as usize) < code.stmts.len());
    }
}

#[test]
fn a_damaged_code_object_never_panics() {
    with_stack(|| {
        for (_, magic, header, lines) in COMPILED {
            for (n, (_, bytes)) in compiled(magic, header, lines).into_iter().enumerate() {
                for at in (header..bytes.len()).step_by(7 + n % 5) {
                    let mut damaged = bytes.clone();
                    damaged[at] = damaged[at].wrapping_add(1 + (at % 200) as u8);
                    check(&damaged);
                }
            }
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_instructions_are_lowered_within_bounds(
        version in 0usize..COMPILED.len(),
        file in 0usize..30,
        code in proptest::collection::vec(any::<u8>(), 2..400),
        start in 0usize..200,
    ) {
        let (_, magic, header, lines) = COMPILED[version];
        let (_, mut bytes) = compiled(magic, header, lines).swap_remove(file);
        let end = (header + 30 + start + code.len()).min(bytes.len());
        let begin = (header + 30 + start).min(end);
        bytes[begin..end].copy_from_slice(&code[..end - begin]);
        with_stack(move || check(&bytes));
    }
}

/// A compiled file of 2.7 with these instructions, the constant `None` and the name `a`.
fn old(code: &[u8]) -> Vec<u8> {
    let mut bytes = 62_211u16.to_le_bytes().to_vec();
    bytes.extend(b"\r\n\0\0\0\0c");
    bytes.extend([0; 16]);
    bytes.push(b's');
    bytes.extend((code.len() as u32).to_le_bytes());
    bytes.extend(code);
    bytes.extend(b"(\x01\0\0\0N(\x01\0\0\0s\x01\0\0\0a(\0\0\0\0(\0\0\0\0(\0\0\0\0s\x01\0\0\0f");
    bytes.extend(b"s\x01\0\0\0m\x01\0\0\0s\0\0\0\0");
    bytes
}

#[test]
fn thousands_of_blocks_inside_each_other_end_soon() {
    // Tries, tests and loops that are never closed.
    for open in [[122, 4, 0, 101, 0, 0, 1], [101, 0, 0, 114, 0, 0, 9], [101, 0, 0, 114, 40, 0, 9]] {
        for count in [200, 2_000, 40_000] {
            let mut code: Vec<u8> = open.iter().copied().cycle().take(7 * count).collect();
            code.extend([100, 0, 0, 83]);
            let started = std::time::Instant::now();
            let bytes = old(&code);
            with_stack(move || check(&bytes));
            assert!(started.elapsed().as_secs() < 20, "{open:?} {count}: {:?}", started.elapsed());
        }
    }
}

#[test]
fn copies_of_copies_of_an_expression_do_not_grow() {
    // A loop of DUP_TOP and BINARY_ADD would be two to the number of rounds.
    let mut code = vec![101, 0, 0];
    for _ in 0..2_000 {
        code.extend([4, 23]);
    }
    code.extend([1, 100, 0, 0, 83]);
    let bytes = old(&code);
    let text = shown(bytes.clone());
    assert!(text.len() < 200_000, "{}", text.len());
    assert!(text.contains("a + a"), "{text}");
    assert!(analyzed(bytes, SourceKind::Bytecode).steps < 1_000_000);
}

/// A compiled file of 3.14 that is assembled here: instructions with their arguments and caches, constants, names.
fn assembled(instrs: &[(u8, u8, usize)], consts: &[&str], names: &[&str]) -> Vec<u8> {
    let mut code = Vec::new();
    for (op, arg, caches) in instrs {
        code.extend([*op, *arg]);
        code.extend(vec![0; 2 * caches]);
    }
    let text = |text: &str| [&[b'z', text.len() as u8], text.as_bytes()].concat();
    let blob = |bytes: &[u8]| [&[b's'][..], &(bytes.len() as u32).to_le_bytes(), bytes].concat();
    let tuple = |items: Vec<Vec<u8>>| [vec![b')', items.len() as u8], items.concat()].concat();
    let mut out = 3_627u16.to_le_bytes().to_vec();
    out.extend(b"\r\n");
    out.resize(16, 0);
    out.push(b'c');
    out.extend([0; 20]);
    out.extend(blob(&code));
    out.extend(tuple([b"N".to_vec()].into_iter().chain(consts.iter().map(|c| text(c))).collect()));
    out.extend(tuple(names.iter().map(|n| text(n)).collect()));
    out.extend(tuple(Vec::new()));
    out.extend([blob(b""), text("m.py"), text("<module>"), text("<module>")].concat());
    out.extend(1u32.to_le_bytes());
    out.extend([blob(b""), blob(b"")].concat());
    out
}

#[test]
fn instructions_of_3_14_are_understood() {
    let names = ["os", "system", "out", "c", "chr", "ord"];
    let instrs = [
        (128, 0, 0), // RESUME
        (94, 0, 0),  // LOAD_SMALL_INT
        (82, 0, 0),  // LOAD_CONST
        (73, 0, 0),  // IMPORT_NAME os
        (116, 0, 0), // STORE_NAME os
        (82, 1, 0),  // LOAD_CONST ''
        (116, 2, 0), // STORE_NAME out
        (82, 2, 0),  // LOAD_CONST
        (16, 0, 0),  // GET_ITER
        (70, 33, 1), // FOR_ITER to END_FOR
        (116, 3, 0), // STORE_NAME c
        (93, 2, 0),  // LOAD_NAME out
        (93, 4, 0),  // LOAD_NAME chr
        (33, 0, 0),  // PUSH_NULL
        (93, 5, 0),  // LOAD_NAME ord
        (33, 0, 0),  // PUSH_NULL
        (93, 3, 0),  // LOAD_NAME c
        (52, 1, 3),  // CALL
        (94, 7, 0),  // LOAD_SMALL_INT
        (44, 12, 5), // BINARY_OP ^
        (52, 1, 3),  // CALL
        (44, 13, 5), // BINARY_OP +=
        (116, 2, 0), // STORE_NAME out
        (75, 36, 1), // JUMP_BACKWARD to FOR_ITER
        (9, 0, 0),   // END_FOR
        (30, 0, 0),  // POP_ITER
        (93, 0, 0),  // LOAD_NAME os
        (80, 3, 9),  // LOAD_ATTR system, as a method
        (93, 2, 0),  // LOAD_NAME out
        (52, 1, 3),  // CALL
        (31, 0, 0),  // POP_TOP
        (82, 0, 0),  // LOAD_CONST
        (35, 0, 0),  // RETURN_VALUE
    ];
    // "echo a", each character combined with 7.
    let bytes = assembled(&instrs, &["", "bdoh'f"], &names);
    let text = shown(bytes.clone());
    assert!(text.contains("out += chr(ord(c) ^ 7)"), "{text}");
    let analysis = analyzed(bytes, SourceKind::Bytecode);
    assert!(analysis.gaps.is_empty(), "{:?}", analysis.gaps);
    let event = analysis.events.iter().find(|e| &*e.name == "os.system");
    let event = event.unwrap_or_else(|| panic!("{text}"));
    assert_eq!(event.text(venin_model::Role::Command), Some("echo a"), "{text}");
}
