//! Mirrors that bandersnatch and devpi keep, after the index has removed and quarantined what they mirrored.

use venin_testkit::TreeServer;
use venin_testkit::tools::{Devpi, Proxpi, Tools};

use crate::world::World;
use crate::{rows, venin};

const STALE: [&str; 4] = ["emptied live", "gone live", "jailed live", "mixed orphan-file"];

fn tools() -> Option<Tools> {
    Tools::get(env!("CARGO_TARGET_TMPDIR"))
}

fn installs(tools: &Tools, simple_url: &str, name: &str) -> bool {
    tools.pip_from("install", simple_url).args(["--dry-run", name]).output().unwrap().status.success()
}

#[test]
fn a_stale_mirror_is_named_whole_cleaned_taken_by_the_tools_and_brought_back() {
    let Some(tools) = tools() else { return };
    let world = World::new();
    let mirror = tools.mirror_with_bandersnatch(&world.index, &world.mirror_folder());
    let site = TreeServer::start(mirror.web());
    let url = site.simple_url();
    world.strike();
    mirror.mirror();
    let at = |words: &[&str]| venin(world.folder(), words);

    let remote = ["mirror", "audit", &url, "--control", "good", "--id", "ours", "--format", "json"];
    let over_http = at(&remote);
    assert_eq!(over_http.code, 1, "{over_http:?}");
    assert_eq!(rows(&over_http.json()), STALE);
    let local = ["mirror", "audit", "--local", "mirror", "--format", "json"];
    let on_disk = at(&local);
    assert_eq!((on_disk.code, rows(&on_disk.json())), (1, STALE.map(str::to_owned).to_vec()), "{on_disk:?}");
    let text = at(&["mirror", "audit", "--local", "mirror"]).stdout;
    for file in world.files.iter().filter(|file| file.name != "good" && file.version == "1") {
        assert!(
            text.contains(&file.sha256) && text.contains(&format!("served at web{}", file.path)),
            "{text}"
        );
    }
    for page in ["web/simple/gone/index.html", "web/simple/gone/index.v1_json", "web/json/gone"] {
        assert!(text.contains(&format!("listed on {page}")), "{text}");
    }

    let planned = at(&["mirror", "clean", "--plan", "mirror", "--output", "plan.json"]);
    assert_eq!(planned.code, 1, "{planned:?}");
    assert!(planned.stdout.contains("bandersnatch delete gone"), "{}", planned.stdout);
    let applied = at(&["mirror", "clean", "--apply", "plan.json", "mirror"]);
    assert_eq!(applied.code, 0, "{applied:?}");
    assert_eq!(at(&local).code, 0);
    let clean = at(&remote);
    assert_eq!((clean.code, rows(&clean.json()).len()), (0, 0), "{clean:?}");
    assert!(installs(&tools, &url, "good") && installs(&tools, &url, "mixed"));
    assert!(!installs(&tools, &url, "gone") && !installs(&tools, &url, "jailed"));
    mirror.verify(&[]);
    mirror.verify(&["--json-update", "--delete"]);
    mirror.mirror();
    assert_eq!(at(&local).code, 0);

    let journal = applied.stdout.lines().find_map(|line| line.split_once("--undo ")).unwrap().1;
    let undone = at(&["mirror", "clean", "--undo", journal]);
    assert_eq!(undone.code, 0, "{undone:?}");
    assert_eq!(rows(&at(&local).json()), STALE);

    let residual = at(&["mirror", "residual", "--format", "json"]).json();
    assert_eq!(residual["mirrors"][0]["mirror"], "mirror");
    assert_eq!((&residual["mirrors"][0]["found"], &residual["mirrors"][1]["found"]), (&4.into(), &0.into()));
}

#[test]
fn devpi_is_named_with_everything_that_it_keeps() {
    let Some(tools) = tools() else { return };
    let world = World::new();
    let devpi = Devpi::start(&tools, &world.index, &world.mirror_folder());
    let url = devpi.simple_url();
    let at = |words: &[&str]| venin(world.folder(), words);
    let words = ["mirror", "audit", &url, "--control", "good", "--id", "devpi", "--format", "json"];
    let before = at(&words);
    let live = ["emptied live", "gone live", "jailed live", "mixed live"];
    assert_eq!((before.code, rows(&before.json())), (1, live.map(str::to_owned).to_vec()), "{before:?}");
    world.strike();
    devpi.wait_until_stale();
    let after = at(&words);
    let kept = ["emptied orphan-file", "gone live", "jailed orphan-file", "mixed orphan-file"];
    assert_eq!((after.code, rows(&after.json())), (1, kept.map(str::to_owned).to_vec()), "{after:?}");
    drop(devpi);
    let data = world.mirror_folder().join("devpi");
    let on_disk = at(&["mirror", "audit", "--local", data.to_str().unwrap(), "--format", "json"]);
    assert_eq!(rows(&on_disk.json()), kept, "{on_disk:?}");
    let planned = at(&["mirror", "clean", "--plan", data.to_str().unwrap()]);
    assert!(planned.stdout.contains("devpi remove -y 'gone==1'"), "{planned:?}");
}

#[test]
fn proxpi_follows_the_index_and_its_errors_are_not_taken_for_clean() {
    let Some(tools) = tools() else { return };
    let world = World::new();
    let proxpi = Proxpi::start(&tools, &world.index, &world.mirror_folder());
    let url = proxpi.simple_url();
    let audit = || {
        let words = ["mirror", "audit", &url, "--control", "good", "--id", "proxpi", "--format", "json"];
        venin(world.folder(), &words)
    };
    let before = audit();
    assert_eq!((before.code, rows(&before.json()).len()), (1, 4), "{before:?}");
    world.strike();
    proxpi.wait_until_stale();
    // It answers 500 for a project that it had and that is gone.
    let after = audit();
    assert_eq!((after.code, rows(&after.json())), (3, vec!["gone unknown".to_owned()]), "{after:?}");
}
