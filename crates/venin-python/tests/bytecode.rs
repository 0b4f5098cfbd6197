//! Bytecode gives the events of its source.
//!
//! `bytecode/snippets.txt` holds inert sources (name, and the first major version that takes it); the other files
//! hold them compiled by one version of CPython each: name, then `marshal.dumps`, zlib and base64.

mod common;

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::Arc;

use base64::Engine as _;
use common::with_stack;
use venin_model::{Event, Trigger};
use venin_python::source::bytecode::parse_pyc;
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

fn analyzed(bytes: Vec<u8>, kind: SourceKind) -> Analysis {
    with_stack(move || {
        let mut project = Project::default();
        project.modules.insert("pkg".to_owned(), 0);
        project.files.push(SourceFile { path: Arc::from("pkg/__init__.py"), bytes: &bytes, kind });
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
