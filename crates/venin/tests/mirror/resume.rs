//! Plans before a sweep, sweeps in pieces, block lists, and the configuration.

use std::process::Stdio;
use std::time::Duration;

use venin_intel::known::BlockList;
use venin_testkit::{Fault, On, TreeServer};

use crate::world::World;
use crate::{rows, venin};

#[test]
fn a_plan_sends_nothing_and_a_sweep_in_pieces_finds_the_same() {
    let world = World::new();
    let root = world.plain_tree();
    let site = TreeServer::start(root.join("web"));
    let url = site.simple_url();
    let audit = |more: &[&str]| {
        let words = ["mirror", "audit", &url, "--control", "good", "--id", "m", "--format", "json"];
        venin(world.folder(), &[&words, more].concat())
    };
    let plan = audit(&["--plan-only"]);
    assert_eq!((plan.code, site.requests().len()), (0, 0), "{plan:?}");
    let plan = plan.json();
    assert_eq!((&plan["schema"], &plan["projects"]), (&"venin.mirror-sweep/1".into(), &4.into()));
    let all = plan["requests"].as_u64().unwrap();

    let first = audit(&["--most", "1"]);
    assert_eq!((first.code, rows(&first.json())), (1, vec!["emptied live".to_owned()]), "{first:?}");
    assert_eq!(first.json()["mirrors"][0]["not_asked"], 3);
    assert!(audit(&["--plan-only"]).json()["requests"].as_u64().unwrap() < all);
    site.forget_requests();
    let rest = audit(&[]);
    assert_eq!(rest.code, 1);
    let stale = ["emptied live", "gone live", "jailed live", "mixed live"];
    assert_eq!(rows(&rest.json()), stale, "what the first run found stands in the report of the second");
    assert!(rest.json()["mirrors"][0]["continued_from"].is_string());
    assert!(!site.requests().iter().any(|request| request.path.contains("/emptied/")));
    site.forget_requests();
    assert_eq!(rows(&audit(&[]).json()), stale);
    assert!(
        site.requests().iter().any(|request| request.path.contains("/emptied/")),
        "a finished sweep begins anew"
    );
    audit(&["--most", "1"]);
    let anew = audit(&["--restart"]).json();
    assert!(anew["mirrors"][0]["continued_from"].is_null() && rows(&anew) == stale, "{anew}");
    let sound = venin(world.folder(), &["store", "verify"]);
    assert_eq!(sound.stdout, "the store is sound\n");
}

#[test]
fn a_look_that_differs_from_the_last_gives_the_span_of_the_change() {
    let world = World::new();
    let root = world.plain_tree();
    let local = ["mirror", "audit", "--local", "mirror", "--id", "m"];
    assert_eq!(venin(world.folder(), &local).code, 1);
    venin(world.folder(), &["mirror", "clean", "--plan", "mirror", "--output", "plan.json"]);
    assert_eq!(venin(world.folder(), &["mirror", "clean", "--apply", "plan.json", "mirror"]).code, 0);
    assert_eq!(venin(world.folder(), &local).code, 0);
    let life = venin(world.folder(), &["lifecycle", "gone==1", "--format", "json"]).json();
    let gone =
        life["timeline"].as_array().unwrap().iter().find(|claim| claim["kind"] == "file-absent").unwrap();
    assert!(gone["not_before"].is_string() && gone["not_after"].is_string(), "{gone}");
    let residual = venin(world.folder(), &["mirror", "residual"]).stdout;
    assert!(residual.contains("0 of 4 releases are still on at least one mirror"), "{residual}");
    assert!(root.join(".venin-clean").is_dir());
}

#[test]
fn a_block_list_alone_is_enough() {
    let world = World::new();
    world.plain_tree();
    let at = |words: &[&str]| venin(world.folder(), words);
    assert_eq!(at(&["store", "export", "block-list", "--output", "list.jsonl"]).code, 0);
    let words = ["--store", "empty.sqlite3", "--block-list", "list.jsonl"];
    let audit = at(&[&["mirror", "audit", "--local", "mirror", "--format", "json"], &words[..]].concat());
    assert_eq!(rows(&audit.json()), ["emptied live", "gone live", "jailed live", "mixed live"]);
    // The digests of the list are proof of bytes, as those of a store are.
    let proven = at(&[&["mirror", "clean", "--plan", "mirror"], &words[..]].concat());
    assert!(proven.code == 1 && proven.stdout.contains("its SHA-256 is the known one"), "{proven:?}");
    // A release that is known as a whole, without its files, is not.
    let path = world.folder().join("list.jsonl");
    let mut list = BlockList::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
    list.entries.values_mut().for_each(|entry| entry.files.clear());
    std::fs::write(&path, list.render()).unwrap();
    let plan = at(&[&["mirror", "clean", "--plan", "mirror"], &words[..]].concat());
    assert_eq!(plan.code, 3, "{plan:?}");
    let trusted = at(&[&["mirror", "clean", "--plan", "mirror", "--trust", "release"], &words[..]].concat());
    assert_eq!(trusted.code, 1, "{trusted:?}");
}

#[test]
fn mirrors_of_the_configuration_are_listed_and_asked_by_name() {
    let world = World::new();
    let root = world.plain_tree();
    let site = TreeServer::start(root.join("web"));
    let config = format!("mirror-controls = [\"good\"]\n[mirrors]\nours = \"{}\"\n", site.simple_url());
    std::fs::write(world.folder().join("venin.toml"), config).unwrap();
    let list = venin(world.folder(), &["mirror", "list"]);
    assert!(list.stdout.contains("ours         http://127.0.0.1"), "{}", list.stdout);
    assert!(list.stdout.contains("Tsinghua") && list.stdout.contains("81.62 %"), "{}", list.stdout);
    let list = venin(world.folder(), &["mirror", "list", "--format", "json"]).json();
    assert_eq!(
        (&list["schema"], &list["configured"][0]["id"]),
        (&"venin.mirror-list/1".into(), &"ours".into())
    );
    let rated = list["mirrors"].as_array().unwrap().iter().filter(|m| m["residual_rate"].is_number()).count();
    assert_eq!(rated, 14);
    let audit = venin(world.folder(), &["mirror", "audit", "ours"]);
    assert_eq!(audit.code, 1, "{audit:?}");
    assert!(audit.stdout.contains("\nours (http://127.0.0.1"), "{}", audit.stdout);
    let pack = venin(world.folder(), &["mirror", "report", "ours", "--output", "pack"]);
    assert_eq!(pack.code, 1, "{pack:?}");
    let report = std::fs::read_to_string(world.folder().join("pack/report.txt")).unwrap();
    assert!(report.contains("gone==1") && report.contains("not for publication"), "{report}");
    let pack = venin(world.folder(), &["mirror", "report", "mirror", "--output", "pack2"]);
    assert_eq!(pack.code, 1, "{pack:?}");
    assert!(world.folder().join("pack2/plan.json").exists());
}

#[test]
fn an_audit_and_a_clean_that_are_killed_lose_nothing_and_double_nothing() {
    let world = World::new();
    let root = world.plain_tree();
    let site = TreeServer::start(root.join("web"));
    let url = site.simple_url();
    let store = world.folder().join("claims.sqlite3");
    let kill_after = |words: &[&str], millis: u64| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_venin"));
        command.args(words).current_dir(world.folder()).env("VENIN_STORE", &store);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().unwrap();
        child.wait().unwrap();
    };
    let audit = ["mirror", "audit", &url, "--control", "good", "--id", "m", "--most", "2"];
    site.fault(On::All, Fault::Delay(Duration::from_millis(3)));
    for millis in (0..20).map(|n| 5 + n * 17) {
        kill_after(&audit, millis);
    }
    site.clear_faults();
    let sound = venin(world.folder(), &["store", "verify"]);
    assert_eq!(sound.stdout, "the store is sound\n");
    let whole = venin(world.folder(), &[&audit[..7], &["--restart", "--format", "json"]].concat());
    assert_eq!(rows(&whole.json()), ["emptied live", "gone live", "jailed live", "mixed live"], "{whole:?}");

    venin(world.folder(), &["mirror", "clean", "--plan", "mirror", "--output", "plan.json"]);
    let apply = ["mirror", "clean", "--apply", "plan.json", "mirror"];
    for millis in (0..20).map(|n| 2 + n * 2) {
        kill_after(&apply, millis);
    }
    assert_eq!(venin(world.folder(), &apply).code, 0);
    assert_eq!(venin(world.folder(), &["mirror", "audit", "--local", "mirror"]).code, 0);
}
