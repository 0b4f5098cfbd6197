//! What mirrors and proxies keep of what the index no longer has.
//!
//! Five projects are mirrored.  `good` stays; `gone` is removed; `jailed` is quarantined; of `mixed` the release 1 is
//! removed; of `emptied` the only release is quarantined.  Each test states what one tool then still has.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use tempfile::tempdir;
use venin_testkit::tools::{Bandersnatch, Devpi, Proxpi, Tools};
use venin_testkit::{Fetched, Index, TreeServer, Upload, Uploaded, fetch, get};

/// Everything that a tree has of a file.
const WHOLE: &str = "html json document file metadata";

fn tools() -> Option<Tools> {
    Tools::get(env!("CARGO_TARGET_TMPDIR"))
}

struct World {
    index: Index,
    good: Uploaded,
    gone: Uploaded,
    jailed: Uploaded,
    mixed: Uploaded,
    emptied: Uploaded,
}

impl World {
    fn new() -> Self {
        let index = Index::start_with_file_host();
        let upload = |name, version| index.upload(Upload::wheel(name, version));
        let (good, gone, jailed) = (upload("good", "1"), upload("gone", "1"), upload("jailed", "1"));
        let (mixed, emptied) = (upload("mixed", "1"), upload("emptied", "1"));
        upload("mixed", "2");
        Self { index, good, gone, jailed, mixed, emptied }
    }

    /// What befalls the projects.
    fn strike(&self) {
        self.index.remove_project("gone");
        self.index.quarantine_project("jailed");
        self.index.remove_release("mixed", "1");
        self.index.quarantine_release("emptied", "1");
    }

    /// `good`, `gone`, `jailed`, the removed release of `mixed`, `emptied`.
    fn files(&self) -> [&Uploaded; 5] {
        [&self.good, &self.gone, &self.jailed, &self.mixed, &self.emptied]
    }

    fn left_in(&self, mirror: &Bandersnatch) -> [String; 5] {
        self.files().map(|file| left_in(&mirror.web(), file))
    }
}

/// What a tree still has of a file: the HTML page that lists it, the JSON page, the project's JSON document, the
/// file, its core metadata.
fn left_in(web: &Path, file: &Uploaded) -> String {
    let lists =
        |path: String| fs::read_to_string(web.join(path)).is_ok_and(|text| text.contains(&file.sha256));
    let page = format!("simple/{}/index", file.name);
    assert_eq!(lists(format!("{page}.html")), lists(format!("{page}.v1_html")), "the HTML pages differ");
    let stored = web.join(file.path.trim_start_matches('/'));
    let seen = [
        (lists(format!("{page}.html")), "html"),
        (lists(format!("{page}.v1_json")), "json"),
        (lists(format!("json/{}", file.name)), "document"),
        (stored.exists(), "file"),
        (stored.with_added_extension("metadata").exists(), "metadata"),
    ];
    let words: Vec<&str> = seen.iter().filter(|(is_there, _)| *is_there).map(|(_, word)| *word).collect();
    words.join(" ")
}

/// The projects that the tree's list names.
fn listed(mirror: &Bandersnatch) -> Vec<String> {
    let page = fs::read_to_string(mirror.web().join("simple/index.html")).unwrap();
    page.split("<a href=\"").skip(1).filter_map(|rest| Some(rest.split_once("/\"")?.0.to_owned())).collect()
}

fn installs(tools: &Tools, simple_url: &str, name: &str) -> bool {
    tools.pip_from("install", simple_url).args(["--dry-run", name]).output().unwrap().status.success()
}

#[test]
fn bandersnatch_keeps_what_the_index_has_removed_and_quarantined() {
    let Some(tools) = tools() else { return };
    let (world, folder) = (World::new(), tempdir().unwrap());
    let mirror = tools.mirror_with_bandersnatch(&world.index, folder.path());
    assert_eq!(world.left_in(&mirror), [WHOLE; 5]);
    world.strike();
    let stale = [WHOLE, WHOLE, WHOLE, "file metadata", WHOLE];
    mirror.mirror();
    assert_eq!(world.left_in(&mirror), stale, "after `mirror`");
    mirror.run(&["mirror", "--force-check"]);
    assert_eq!(world.left_in(&mirror), stale, "after `mirror --force-check`");
    mirror.verify(&["--json-update"]);
    assert_eq!(world.left_in(&mirror), stale, "after `verify --json-update`");
    let site = TreeServer::start(mirror.web());
    for name in ["gone", "jailed", "emptied"] {
        assert!(installs(&tools, &site.simple_url(), name), "pip installs {name} from the mirror");
        assert!(!installs(&tools, &world.index.simple_url(), name), "pip installs {name} from the index");
    }
}

#[test]
fn bandersnatch_cleans_pages_by_name_only() {
    let Some(tools) = tools() else { return };
    let (world, folder) = (World::new(), tempdir().unwrap());
    let mirror = tools.mirror_with_bandersnatch(&world.index, folder.path());
    world.strike();
    mirror.mirror();
    mirror.verify(&["--json-update", "--delete"]);
    let ghosts = [WHOLE, "html json", "html json", "", "html json"];
    assert_eq!(world.left_in(&mirror), ghosts, "after `verify --json-update --delete`");
    mirror.mirror();
    assert_eq!(world.left_in(&mirror), ghosts, "after another `mirror`");
    for name in ["gone", "jailed", "emptied"] {
        mirror.delete(name);
    }
    assert_eq!(world.left_in(&mirror), [WHOLE, "", "", "", ""], "after `delete`");
    let names = ["emptied", "gone", "good", "jailed", "mixed"];
    assert_eq!(listed(&mirror), names, "the list after `delete`");
    mirror.mirror();
    assert_eq!(listed(&mirror), names, "the list after a `mirror` that had nothing to fetch");
    world.index.upload(Upload::wheel("new", "1"));
    mirror.mirror();
    assert_eq!(listed(&mirror), ["good", "mixed", "new"], "the list after a `mirror` that had");
}

#[test]
fn bandersnatch_deletes_before_it_has_been_verified() {
    let Some(tools) = tools() else { return };
    let (world, folder) = (World::new(), tempdir().unwrap());
    let mirror = tools.mirror_with_bandersnatch(&world.index, folder.path());
    world.strike();
    mirror.mirror();
    mirror.run(&["delete", "gone", "jailed"]);
    assert_eq!(world.left_in(&mirror), [WHOLE, "", "", "file metadata", WHOLE]);
}

#[test]
fn bandersnatch_deletes_missing_packages_only_if_the_list_still_names_them() {
    let Some(tools) = tools() else { return };
    let (world, folder) = (World::new(), tempdir().unwrap());
    let lines = ["delete_missing_packages = true", "cleanup_todo = true"];
    let mirror = Bandersnatch::configure(tools, &world.index, folder.path(), &lines);
    mirror.mirror();
    world.strike();
    mirror.mirror();
    assert_eq!(world.left_in(&mirror), [WHOLE, WHOLE, WHOLE, "file metadata", "document"]);
}

fn html(url: &str) -> Fetched {
    fetch("GET", url, &[("accept", "text/html")], b"").unwrap()
}

/// What a proxy still gives: whether the page lists the file, and the statuses of page and file.
fn given(pages: &str, file: &Uploaded, address: &str) -> (u16, bool, u16) {
    let page = html(&format!("{pages}{}/", file.name));
    (page.status, page.text().contains(&file.sha256), get(address).unwrap().status)
}

#[test]
fn devpi_keeps_removed_projects_and_every_file() {
    let Some(tools) = tools() else { return };
    let (world, folder) = (World::new(), tempdir().unwrap());
    let devpi = Devpi::start(&tools, &world.index, folder.path());
    let pages = devpi.simple_url();
    let address = |file: &Uploaded| {
        let (start, rest) = file.sha256.split_at(3);
        let rest = rest.get(..13).unwrap();
        format!("{}/root/mirror/+f/{start}/{rest}/{}", devpi.base(), file.file_name)
    };
    let seen = || world.files().map(|file| given(&pages, file, &address(file)));
    assert_eq!(seen(), [(200, true, 200); 5]);
    world.strike();
    devpi.wait_until_stale();
    let (whole, orphan) = ((200, true, 200), (200, false, 200));
    assert_eq!(seen(), [whole, whole, orphan, orphan, orphan], "{}", devpi.said());
    assert!(installs(&tools, &pages, "gone"), "pip installs a removed project");
    assert!(!installs(&tools, &pages, "jailed"));
    let page = html(&format!("{pages}jailed/")).text();
    assert!(!page.contains("quarantine"), "the status is forwarded: {page}");
}

#[test]
fn proxpi_follows_the_index() {
    let Some(tools) = tools() else { return };
    let (world, folder) = (World::new(), tempdir().unwrap());
    let proxpi = Proxpi::start(&tools, &world.index, folder.path());
    let pages = proxpi.simple_url();
    let address = |file: &Uploaded| format!("{pages}{}/{}", file.name, file.file_name);
    let seen = || world.files().map(|file| given(&pages, file, &address(file)));
    assert_eq!(seen(), [(200, true, 200); 5]);
    world.strike();
    proxpi.wait_until_stale();
    let missing = (404, false, 404);
    let (whole, without) = ((200, true, 200), (200, false, 404));
    assert_eq!(seen(), [whole, missing, missing, without, without], "{}", proxpi.said());
    assert!(!installs(&tools, &pages, "gone"));
}
