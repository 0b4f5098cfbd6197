//! Mirrors that are down or misbehave, and users who ask for what cannot be.

use venin_testkit::{Fault, On, TreeServer};

use crate::venin;
use crate::world::World;

#[test]
fn a_mirror_that_fails_is_unknown_in_one_line_and_never_clean() {
    let world = World::new();
    let root = world.plain_tree();
    let site = TreeServer::start(root.join("web"));
    let url = site.simple_url();
    let audit = || venin(world.folder(), &["mirror", "audit", &url, "--control", "good", "--id", "m"]);
    for (fault, why) in [
        (Fault::SoftNotFound, "its page lists no file"),
        (Fault::RedirectLoop, "redirects without end"),
        (Fault::Garbage, "good: "),
        (Fault::Status(403), "HTTP 403"),
    ] {
        site.fault(On::All, fault.clone());
        let run = audit();
        assert_eq!(run.code, 3, "{fault:?}: {run:?}");
        let unknown: Vec<&str> = run.stdout.lines().filter(|line| line.contains("unknown: ")).collect();
        assert_eq!(unknown.len(), 1, "{fault:?}: {}", run.stdout);
        assert!(unknown[0].contains(why), "{fault:?}: {}", unknown[0]);
        assert!(run.stdout.contains("4 projects were not asked for"), "{}", run.stdout);
        assert!(!run.stdout.contains(" clean") && !run.stdout.contains(" live"), "{}", run.stdout);
        site.clear_faults();
    }
    assert_eq!(audit().code, 1, "the mirror is as it was");
}

#[test]
fn a_mirror_that_is_down_does_not_hinder_the_others() {
    let world = World::new();
    let root = world.plain_tree();
    let site = TreeServer::start(root.join("web"));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let down = format!("http://{closed}/simple/");
    let run = venin(world.folder(), &["mirror", "audit", &down, "--control", "good"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("cannot be reached"), "{}", run.stdout);
    let both = ["mirror", "audit", &down, &site.simple_url(), "--control", "good", "--format", "json"];
    let run = venin(world.folder(), &both);
    assert_eq!(run.code, 1, "{run:?}");
    let report = run.json();
    assert_eq!(report["schema"], "venin.mirror-audit/1");
    assert_eq!(
        (&report["mirrors"][0]["control"], &report["mirrors"][1]["control"]),
        (&"failed".into(), &"well".into())
    );
    assert_eq!(report["mirrors"][1]["verdicts"]["live"], 4);
}

#[test]
fn other_bytes_under_a_known_name_are_tampered_with() {
    let world = World::new();
    let root = world.plain_tree();
    let file = world.files.iter().find(|file| file.name == "gone").unwrap();
    std::fs::write(root.join("web").join(file.path.trim_start_matches('/')), "other").unwrap();
    let site = TreeServer::start(root.join("web"));
    let words = ["mirror", "audit", &site.simple_url(), "--control", "good", "--full"];
    let run = venin(world.folder(), &words);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("tampered     gone==1  "), "{}", run.stdout);
}

#[test]
fn what_cannot_be_asked_for_is_one_line_with_the_next_step() {
    let world = World::new();
    let fails = |words: &[&str], message: &str| {
        let run = venin(world.folder(), words);
        assert_eq!(run.code, 2, "{words:?}: {run:?}");
        assert!(run.stderr.contains(message) && run.stderr.contains("hint: "), "{words:?}: {}", run.stderr);
    };
    let url = "https://m.example/simple";
    fails(&["mirror", "audit", url], "a control project is needed");
    fails(&["mirror", "audit", url, "--control", "gone"], "`gone` is known to be malicious");
    fails(&["mirror", "audit", "nonsense", "--control", "good"], "`nonsense` is no address of a mirror");
    fails(&["mirror", "audit", url, url, "--control", "good"], "two mirrors have the name `m.example`");
    fails(&["mirror", "audit", url, "--id", "a b", "--control", "good"], "cannot be the name of a mirror");
    fails(&["mirror", "audit", "--local", "absent"], "cannot audit `absent`");
    fails(&["mirror", "audit", url, "--block-list", "absent"], "cannot read the block list `absent`");
    fails(&["mirror", "clean", "--apply", "absent", "."], "cannot use the plan `absent`");
    fails(&["mirror", "clean", "--undo", "."], "is no journal");
    fails(&["mirror", "residual"], "knows of no audit");
    fails(&["mirror", "audit", url, "--store", "absent", "--control", "good"], "no event store");
    std::fs::write(world.folder().join("venin.toml"), "[mirrors]\nours = \"nowhere\"\n").unwrap();
    fails(&["mirror", "list"], "venin.toml:2: ours: it is no address of a mirror");
}

#[test]
fn hostile_text_of_a_mirror_is_shown_and_not_obeyed() {
    let world = World::new();
    let root = world.plain_tree();
    let page = "<!DOCTYPE html>\n<html><head><meta name=\"pypi:project-status\" content=\"\u{202e}\u{1b}[2J\">\
                </head><body><a href=\"gone-1-py3-none-any.whl\">gone-1-py3-none-any.whl</a></body></html>";
    std::fs::write(root.join("web/simple/gone/index.html"), page).unwrap();
    let site = TreeServer::start(root.join("web"));
    let run = venin(world.folder(), &["mirror", "audit", &site.simple_url(), "--control", "good"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{202e}'), "{}", run.stdout);
}
