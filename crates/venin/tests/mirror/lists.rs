//! Audits from a block list alone: no store of one's own, and no claim but what the list says.

use serde_json::Value;
use venin_testkit::{Fault, Index, On, TreeServer};

use crate::world::World;
use crate::{rows, venin};

/// Writes the list of what the world's store knows, and audits the world's index in a folder without a store.
fn audit(world: &World, folder: &std::path::Path) -> Value {
    let list = folder.join("list.jsonl");
    let path = list.to_str().unwrap();
    let written = venin(world.folder(), &["store", "export", "block-list", "--output", path]);
    assert_eq!(written.code, 0, "{written:?}");
    let own_host = world.index.file_host().replace("http://", "");
    let (url, own) = (world.index.simple_url(), ["--own-host", own_host.as_str(), "--restart"]);
    let words = ["mirror", "audit", &url, "--block-list", path, "--control", "good", "--id", "m"];
    let words: Vec<&str> = words.into_iter().chain(own).chain(["--pace", "0", "--format", "json"]).collect();
    let run = venin(folder, &words);
    assert_eq!(run.code, 1, "{run:?}");
    run.json()
}

#[test]
fn a_list_alone_tells_what_no_page_lists_any_more() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| world.files.iter().find(|file| file.name == name).unwrap();
    let report = audit(&world, folder.path());
    assert_eq!(report["mirrors"][0]["verdicts"]["live"], 4, "{report:#}");

    world.index.remove_project("gone");
    world.index.quarantine_project("jailed");
    world.index.purge_file(file("jailed"));
    world.index.remove_release("mixed", "1");
    let elsewhere = Index::start();
    world.index.fault(On::Path(file("mixed").path.clone()), Fault::RedirectTo(elsewhere.base()));
    world.index.purge_file(file("emptied"));
    let report = audit(&world, folder.path());
    let verdicts = &report["mirrors"][0]["verdicts"];
    let count = |verdict: &str| verdicts[verdict].as_u64().unwrap_or_default();
    let counts = ["orphan-file", "redirecting", "ghost-index", "clean", "unknown"].map(count);
    assert_eq!(counts, [1, 1, 1, 1, 0], "{report:#}");
    let rows = rows(&report).join(" ");
    for row in ["gone orphan-file", "mixed redirecting", "emptied ghost-index"] {
        assert!(rows.contains(row), "{rows}");
    }
    assert!(elsewhere.requests().is_empty(), "where a mirror leads to is not asked");
}

#[test]
fn a_list_without_files_still_says_unknown_and_never_clean() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let list = venin(world.folder(), &["store", "export", "block-list"]).stdout;
    assert!(list.contains("\"blake2b-256\""), "{list}");
    world.index.remove_project("gone");
    // The first form, as an older program wrote it.
    let entry = "{\"name\":\"gone\",\"versions\":[\"1\"],\"reasons\":[]}\n";
    let sha256 = venin_intel::claim::Digest::of(entry.as_bytes());
    let head = format!("{{\"form\":\"venin-block-list/1\",\"projects\":1,\"sha256\":\"{sha256}\"}}\n");
    std::fs::write(folder.path().join("old.jsonl"), head + entry).unwrap();
    let url = world.index.simple_url();
    let words = ["mirror", "audit", &url, "--block-list", "old.jsonl", "--control", "good", "--pace", "0"];
    let run = venin(folder.path(), &words);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("unknown") && !run.stdout.contains(" clean"), "{}", run.stdout);
}

#[test]
fn a_mirror_is_told_the_contact_of_the_configuration() {
    let world = World::new();
    let site = TreeServer::start(world.plain_tree().join("web"));
    let config = "contact = \"ops@lab.example\"\nmirror-controls = [\"good\"]\n";
    std::fs::write(world.folder().join("venin.toml"), config).unwrap();
    let run = venin(world.folder(), &["mirror", "audit", &site.simple_url(), "--pace", "0"]);
    assert!(run.code != 2, "{run:?}");
    let agents: Vec<String> =
        site.requests().iter().filter_map(|r| r.header("user-agent").map(str::to_owned)).collect();
    assert!(
        !agents.is_empty() && agents.iter().all(|agent| agent.contains("(+ops@lab.example)")),
        "{agents:?}"
    );
}
