//! Commands that are killed at any moment and started again: dumps of a server, imports into the vault.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use venin_testkit::{Answer, TestServer};

use crate::collect::{at, delays, kill_after, known, sdist};
use crate::{Run, run};

/// Moments at which each command is killed.
const KILLS: usize = 20;

fn go(folder: &Path, words: &[&str]) -> Run {
    run(&mut at(folder, words))
}

/// A dump of so many records, as the feeds write it.
fn dump(records: usize) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for n in 0..records {
        let (id, name) = (format!("MAL-2026-{n}"), format!("bad-{n}"));
        zip.start_file(format!("{id}.json"), zip::write::SimpleFileOptions::default()).unwrap();
        let record = json!({
            "schema_version": "1.7.4", "id": id, "published": "2026-01-02T03:04:05Z",
            "modified": "2026-01-03T00:00:00Z", "summary": format!("Malicious code in {name} (PyPI)"),
            "affected": [{"package": {"ecosystem": "PyPI", "name": name}, "versions": ["1", "2"]}],
        });
        zip.write_all(record.to_string().as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_dump_whose_import_was_killed_is_asked_for_again_and_one_that_was_imported_is_not_sent_again() {
    let (killed, undisturbed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let answer = Answer::ok("application/zip", dump(4_000)).with_etag("\"one\"");
    let server = TestServer::start([("/all.zip", answer)]);
    let url = format!("{}/all.zip", server.base);
    let words = ["collect", "osv", url.as_str()];
    let cursor = |folder: &Path| {
        let store = venin_intel::store::Store::open_to_read(&folder.join("claims.sqlite3")).ok()?;
        store.cursor("osv", &url).ok()?
    };
    for delay in delays(900).take(KILLS) {
        if cursor(killed.path()).is_some() {
            break;
        }
        kill_after(&at(killed.path(), &words), &words, killed.path(), delay);
    }
    for folder in [&killed, &undisturbed] {
        let whole = go(folder.path(), &words);
        assert_eq!(whole.code, 0, "{}{}", whole.stdout, whole.stderr);
    }
    assert_eq!(known(killed.path()), known(undisturbed.path()));
    let is_conditional = |head: &String| head.contains("if-none-match");
    let before = server.requests().len();
    for folder in [&killed, &undisturbed] {
        let again = go(folder.path(), &words);
        let said = format!("osv over {url}: nothing new since the last import\n1 request, 1 unchanged\n");
        assert_eq!((again.code, again.stdout), (0, said), "{}", again.stderr);
    }
    let requests = server.requests();
    assert!(requests[before..].iter().all(is_conditional), "{requests:?}");
    assert!(!requests[before - 1..before].iter().any(is_conditional), "{requests:?}");
    let report = go(killed.path(), &["collect", "osv", &url, "--again", "--format", "json"]).stdout;
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["runs"][0]["unchanged"], &report["runs"][0]["new"]), (&json!(false), &json!(0)));
    assert_eq!(report["runs"][0]["found"], 16_000);
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = open.pop() {
        match std::fs::read_dir(&path) {
            Ok(entries) => open.extend(entries.map(|entry| entry.unwrap().path())),
            Err(_) => found.push(path),
        }
    }
    found
}

/// Nothing in the vault has a run bit or holds a sample in its own form.
fn assert_nothing_is_runnable(vault: &Path) {
    for file in files(vault).iter().filter(|file| file.is_file()) {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0, "{}", file.display());
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(10).any(|window| window == b"setuptools"), "{}", file.display());
    }
}

#[test]
fn a_killed_import_into_the_vault_lists_nothing_half_and_ends_as_an_undisturbed_one() {
    let (killed, undisturbed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let words = ["vault", "import", "tree", "--source", "dataset"];
    for folder in [&killed, &undisturbed] {
        for n in 0..60 {
            let (name, version) = (format!("bad-{}", n / 2), format!("{n}"));
            let place = folder.path().join("tree").join(&name).join(&version);
            std::fs::create_dir_all(&place).unwrap();
            std::fs::write(place.join(format!("{name}-{version}.zip")), sdist(&name, &version, "x = 1\n"))
                .unwrap();
        }
    }
    let listed = |folder: &Path| {
        let listed = go(folder, &["vault", "list", "--format", "json"]);
        assert_eq!((listed.code, listed.stderr.as_str()), (0, ""));
        serde_json::from_str::<Value>(&listed.stdout).unwrap()["samples"].as_array().unwrap().clone()
    };
    let mut halves = std::collections::BTreeSet::new();
    // Shorter than the import takes, so that many of them hit it at work.
    for delay in (1..=KILLS as u64).map(|n| n * 12) {
        kill_after(&at(killed.path(), &words), &words, killed.path(), delay);
        if killed.path().join("claims.sqlite3").exists() {
            assert_eq!(go(killed.path(), &["store", "verify"]).code, 0);
        }
        let sound = go(killed.path(), &["vault", "verify"]);
        assert_eq!(sound.code, 0, "{}{}", sound.stdout, sound.stderr);
        halves.insert(listed(killed.path()).len());
        assert_nothing_is_runnable(&killed.path().join("vault"));
    }
    assert!(halves.iter().any(|count| (1..60).contains(count)), "no kill hit the work: {halves:?}");
    for folder in [&killed, &undisturbed] {
        let whole = go(folder.path(), &words);
        assert_eq!(whole.code, 0, "{}{}", whole.stdout, whole.stderr);
    }
    assert_eq!(known(killed.path()), known(undisturbed.path()));
    assert_eq!(listed(killed.path()), listed(undisturbed.path()));
    assert_eq!(go(killed.path(), &["vault", "verify"]).stdout, "60 samples, 0 wrong\n");
}
