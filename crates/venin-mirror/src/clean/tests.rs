//! Plans on trees, their application, and what an interruption at any point leaves.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use venin_intel::claim::Moment;

use super::apply::apply_gated;
use super::plan::{Action, Plan};
use super::purge;
use super::step::Interrupted;
use super::undo::undo_gated;
use super::{CleanError, PlanOptions, Trust, applied_plans, apply, make_plan, render_plan, undo};
use crate::local::{Depth, Tree, audit_tree};
use crate::testing::{bandersnatch_tree, known, snapshot, write};
use crate::verdict::Verdict;

const OPTIONS: PlanOptions = PlanOptions { trust: Trust::Digest, now: Moment::from_seconds(0) };

fn never() -> bool {
    false
}

fn plan_of(root: &Path) -> Plan {
    let audit = audit_tree(root, &known(), Depth::Names).unwrap();
    make_plan(&Tree::open(root).unwrap(), &audit, &OPTIONS)
}

fn verdicts(root: &Path) -> Vec<Verdict> {
    audit_tree(root, &known(), Depth::Names).unwrap().findings.iter().map(|f| f.verdict).collect()
}

#[test]
fn a_clean_tree_has_no_known_file_and_keeps_everything_else_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    bandersnatch_tree(folder.path());
    let before = snapshot(folder.path());
    assert_eq!(verdicts(folder.path()), [Verdict::Clean, Verdict::Live, Verdict::Live, Verdict::Live]);
    let plan = plan_of(folder.path());
    let outcome = apply(&plan, folder.path(), &never).unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(verdicts(folder.path()), [Verdict::Clean; 4]);
    let after = snapshot(folder.path());
    for (path, content) in &before {
        let is_of_bad = path.contains("/bad") || content.1.starts_with(b"bad") || content.1 == b"poisoned";
        if path.contains("good") {
            assert_eq!(after.get(path), Some(content), "{path}");
        }
        assert!(!is_of_bad || !after.contains_key(path), "{path} is still there");
    }
    let page = String::from_utf8(after["web/simple/mixed/index.html"].1.clone()).unwrap();
    assert!(page.contains("mixed-1.0.tar.gz") && !page.contains("1.1") && page.ends_with("<!--SERIAL 7-->"));
    let json: serde_json::Value = serde_json::from_slice(&after["web/simple/mixed/index.v1_json"].1).unwrap();
    assert_eq!(json["versions"], serde_json::json!(["1.0"]));
    let list = String::from_utf8(after["web/simple/index.html"].1.clone()).unwrap();
    assert!(!list.contains("bad") && list.contains("mixed") && list.contains("good"));
    assert!(!after.contains_key("web/simple/bad") && !after.contains_key("web/pypi/bad"));
    assert_eq!(after.keys().filter(|path| path.ends_with(".metadata")).count(), 2);
}

#[test]
fn undo_restores_every_byte_folder_and_permission() {
    let folder = tempfile::tempdir().unwrap();
    bandersnatch_tree(folder.path());
    let before = snapshot(folder.path());
    let plan = plan_of(folder.path());
    apply(&plan, folder.path(), &never).unwrap();
    assert_ne!(snapshot(folder.path()), before);
    assert_eq!(applied_plans(folder.path()), [plan.id()]);
    let outcome = undo(&plan.id(), folder.path(), &never).unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(snapshot(folder.path()), before);
    // And once more: a plan that was taken back can be applied again.
    assert!(apply(&plan, folder.path(), &never).unwrap().is_complete());
    assert_eq!(verdicts(folder.path()), [Verdict::Clean; 4]);
}

#[test]
fn a_plan_survives_being_stored_and_is_shown_whole() {
    let folder = tempfile::tempdir().unwrap();
    bandersnatch_tree(folder.path());
    let plan = plan_of(folder.path());
    assert_eq!(Plan::parse(&plan.to_json()).unwrap(), plan);
    let text = render_plan(&plan);
    assert!(plan.steps.iter().all(|step| text.contains(&step.path)), "{text}");
    assert!(
        text.contains("bandersnatch delete bad") && !text.contains("bandersnatch delete mixed"),
        "{text}"
    );
}

#[test]
fn a_plan_that_leads_out_of_the_tree_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    bandersnatch_tree(folder.path());
    let mut plan = plan_of(folder.path());
    plan.steps[0].path = "../outside".to_owned();
    assert!(Plan::parse(&plan.to_json()).is_err());
    assert!(matches!(apply(&plan, folder.path(), &never), Err(CleanError::Plan(_))));
    assert!(undo("../..", folder.path(), &never).is_err());
}

#[cfg(unix)]
#[test]
fn a_folder_that_became_a_link_out_of_the_tree_is_skipped() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    bandersnatch_tree(folder.path());
    let plan = plan_of(folder.path());
    let simple = folder.path().join("web/simple/bad");
    fs::rename(&simple, outside.path().join("bad")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("bad"), &simple).unwrap();
    let before = snapshot(outside.path());
    let outcome = apply(&plan, folder.path(), &never).unwrap();
    assert_eq!(outcome.skipped.len(), 3);
    assert_eq!(snapshot(outside.path()), before);
}

#[test]
fn what_changed_since_the_plan_is_skipped_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    bandersnatch_tree(folder.path());
    let plan = plan_of(folder.path());
    let is_file = |bytes: &[u8]| bytes == b"bad one";
    let (path, _) = snapshot(folder.path()).into_iter().find(|(_, (_, bytes))| is_file(bytes)).unwrap();
    write(folder.path(), &path, "another file");
    write(folder.path(), "web/simple/mixed/index.html", "<html>made again</html>");
    let outcome = apply(&plan, folder.path(), &never).unwrap();
    assert_eq!(outcome.skipped.len(), 2, "{outcome:?}");
    assert_eq!(fs::read(folder.path().join(path)).unwrap(), b"another file");
    assert_eq!(
        fs::read(folder.path().join("web/simple/mixed/index.html")).unwrap(),
        b"<html>made again</html>"
    );
}

#[test]
fn undo_does_not_overwrite_what_came_since() {
    let folder = tempfile::tempdir().unwrap();
    bandersnatch_tree(folder.path());
    let plan = plan_of(folder.path());
    apply(&plan, folder.path(), &never).unwrap();
    write(folder.path(), "web/simple/bad/index.html", "<html>somebody else's</html>");
    let outcome = undo(&plan.id(), folder.path(), &never).unwrap();
    assert_eq!(outcome.skipped.len(), 1);
    assert_eq!(
        fs::read(folder.path().join("web/simple/bad/index.html")).unwrap(),
        b"<html>somebody else's</html>"
    );
}

#[test]
fn other_bytes_under_a_known_name_are_reported_and_never_deleted() {
    let folder = tempfile::tempdir().unwrap();
    bandersnatch_tree(folder.path());
    let is_file = |bytes: &[u8]| bytes == b"bad one";
    let (path, _) = snapshot(folder.path()).into_iter().find(|(_, (_, bytes))| is_file(bytes)).unwrap();
    write(folder.path(), &path, "other bytes");
    let plan = plan_of(folder.path());
    assert!(plan.left.iter().any(|left| left.path == path));
    assert!(plan.steps.iter().all(|step| step.path != path));
    assert!(verdicts(folder.path()).contains(&Verdict::Tampered));
}

/// Lets this many changes happen, and then stops the work.
fn stop_after(changes: usize) -> impl Fn(&str) -> Result<(), Interrupted> {
    let left = Cell::new(changes);
    move |_| {
        left.set(left.get().checked_sub(1).ok_or(Interrupted)?);
        Ok(())
    }
}

/// A tree with one file of one project, and the list of projects.
fn small_tree(root: &Path) {
    crate::testing::add_bandersnatch_project(root, "bad", &[("bad-1.0.tar.gz", "bad one")]);
    write(root, "web/simple/index.html", "<html>\n<a href=\"bad/\">bad</a>\n<a href=\"x/\">x</a>\n</html>");
}

#[test]
fn an_interruption_at_any_point_can_be_gone_on_from_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    small_tree(&whole);
    let before = snapshot(&whole);
    let plan = plan_of(&whole);
    apply(&plan, &whole, &never).unwrap();
    let after = snapshot(&whole);
    let mut points = 0;
    for changes in 0.. {
        let root = folder.path().join(changes.to_string());
        small_tree(&root);
        let first = apply_gated(&plan, &root, &stop_after(changes));
        if changes % 2 == 0 {
            // Interrupted a second time on the way, then to the end.
            let _ = apply_gated(&plan, &root, &stop_after(3));
            let outcome = apply(&plan, &root, &never).unwrap();
            assert!(outcome.is_complete(), "going on after {changes} changes: {outcome:?}");
            assert_eq!(snapshot(&root), after, "going on after {changes} changes");
        }
        let _ = undo_gated(&plan.id(), &root, &stop_after(changes % 7));
        assert!(undo(&plan.id(), &root, &never).unwrap().is_complete());
        assert_eq!(snapshot(&root), before, "taking back after {changes} changes");
        fs::remove_dir_all(&root).unwrap();
        if first.is_ok() {
            break;
        }
        points += 1;
    }
    assert!(points > 30, "only {points} points");
}

const CHILD_ROOT: &str = "VENIN_TEST_CLEAN_ROOT";
const CHILD_STOP: &str = "VENIN_TEST_CLEAN_STOP";

/// Not a test of its own: the process that the next test kills.
#[test]
#[ignore = "run by the test that kills it"]
fn child_that_is_killed() {
    let Ok(root) = std::env::var(CHILD_ROOT) else { return };
    let root = Path::new(&root);
    let stop: usize = std::env::var(CHILD_STOP).unwrap().parse().unwrap();
    let plan = Plan::parse(&fs::read_to_string(root.join("../plan.json")).unwrap()).unwrap();
    let changes = Cell::new(0);
    let gate = |_: &str| {
        if changes.get() == stop {
            fs::write(root.join("../reached"), "").unwrap();
            std::thread::sleep(Duration::from_secs(60));
        }
        changes.set(changes.get() + 1);
        Ok(())
    };
    apply_gated(&plan, root, &gate).unwrap();
}

#[test]
fn a_process_killed_at_twenty_points_loses_nothing_and_leaves_nothing_half_done() {
    for point in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tree");
        bandersnatch_tree(&root);
        let before = snapshot(&root);
        let plan = plan_of(&root);
        fs::write(folder.path().join("plan.json"), plan.to_json()).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "clean::tests::child_that_is_killed", "--ignored"])
            .env(CHILD_ROOT, &root)
            .env(CHILD_STOP, (point * 3 + 1).to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while !folder.path().join("reached").exists() {
            assert!(Instant::now() < deadline, "the child did not come to point {point}");
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(pages_are_whole(&root), "a page is half written at point {point}");
        if point % 2 == 0 {
            assert!(apply(&plan, &root, &never).unwrap().is_complete());
            assert_eq!(verdicts(&root), [Verdict::Clean; 4]);
        }
        assert!(undo(&plan.id(), &root, &never).unwrap().is_complete());
        assert_eq!(snapshot(&root), before, "point {point}");
    }
}

/// Whether every page is the old one or the new one.
fn pages_are_whole(root: &Path) -> bool {
    snapshot(root).iter().all(|(path, (_, bytes))| match path.rsplit('.').next() {
        Some("v1_json") => serde_json::from_slice::<serde_json::Value>(bytes).is_ok(),
        Some("html" | "v1_html") => bytes.ends_with(b"</html>") || bytes.ends_with(b"-->"),
        _ => true,
    })
}

#[test]
fn links_to_pages_go_with_the_pages() {
    let folder = tempfile::tempdir().unwrap();
    bandersnatch_tree(folder.path());
    let simple = folder.path().join("web/simple/bad");
    for page in ["index.html", "index.v1_html", "index.v1_json"] {
        fs::create_dir_all(simple.join("versions")).unwrap();
        let version = simple.join("versions").join(page.replace("index", "index_7_2026"));
        fs::rename(simple.join(page), &version).unwrap();
        std::os::unix::fs::symlink(&version, simple.join(page)).unwrap();
    }
    let before = snapshot(folder.path());
    let plan = plan_of(folder.path());
    assert_eq!(plan.steps.iter().filter(|s| matches!(s.action, Action::DeleteLink { .. })).count(), 3);
    assert!(apply(&plan, folder.path(), &never).unwrap().is_complete());
    assert!(!simple.exists());
    undo(&plan.id(), folder.path(), &never).unwrap();
    assert_eq!(snapshot(folder.path()), before);
}

#[test]
fn a_purged_plan_leaves_nothing_behind_and_cannot_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    small_tree(folder.path());
    let plan = plan_of(folder.path());
    assert!(purge(&plan.id(), folder.path()).is_err());
    apply(&plan, folder.path(), &never).unwrap();
    assert!(purge("../web", folder.path()).is_err());
    purge(&plan.id(), folder.path()).unwrap();
    assert!(!folder.path().join(crate::local::KEPT_FOLDER).exists());
    assert!(undo(&plan.id(), folder.path(), &never).is_err());
}
