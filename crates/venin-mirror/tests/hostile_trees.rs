//! Trees that somebody made to mislead an audit, and plain trees of every kind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use tempfile::tempdir;
use venin_intel::claim::{Class, Digest, Moment, Subject};
use venin_mirror::clean::{PlanOptions, Trust, apply, make_plan};
use venin_mirror::known::{KnownFile, KnownSet};
use venin_mirror::local::{Depth, LocalAudit, Tree, audit_tree};
use venin_mirror::verdict::Verdict;

fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// `bad` 1.0 with its digest.
fn known() -> KnownSet {
    let subject = Subject::project("bad").unwrap().with_version("1.0").unwrap();
    let subject = subject.with_file("bad-1.0.tar.gz").unwrap().with_sha256(Digest::of(b"bad"));
    KnownSet::new([KnownFile { size: Some(3), ..KnownFile::new(subject, Class::Malware) }])
}

fn audit(root: &Path, depth: Depth) -> LocalAudit {
    audit_tree(root, &known(), depth).unwrap()
}

fn verdict(root: &Path) -> Verdict {
    audit(root, Depth::Names).findings[0].verdict
}

#[test]
fn plain_trees_of_every_kind_are_judged() {
    let cases: [(&[(&str, &str)], Verdict); 7] = [
        (
            &[
                ("simple/bad/index.html", "<a href='bad-1.0.tar.gz'>x</a>"),
                ("simple/bad/bad-1.0.tar.gz", "bad"),
            ],
            Verdict::Live,
        ),
        (&[("bad/bad-1.0.tar.gz", "bad")], Verdict::Live),
        (&[("bad-1.0.tar.gz", "bad")], Verdict::Live),
        (&[("bad/index.html", "<p>none</p>"), ("bad/bad-1.0.tar.gz", "bad")], Verdict::OrphanFile),
        (&[("Bad/index.html", "<a href='bad-1.0.tar.gz'>x</a>")], Verdict::GhostIndex),
        (&[("bad/bad-1.0.tar.gz", "other")], Verdict::Tampered),
        (&[("good/good-1.0.tar.gz", "good")], Verdict::Clean),
    ];
    for (files, expected) in cases {
        let folder = tempdir().unwrap();
        for (path, bytes) in files {
            write(folder.path(), path, bytes);
        }
        assert_eq!(verdict(folder.path()), expected, "{files:?}");
    }
}

#[test]
fn known_bytes_under_another_name_are_found_by_size_or_when_everything_is_hashed() {
    let folder = tempdir().unwrap();
    write(folder.path(), "packages/x/renamed.bin", "bad");
    write(folder.path(), "simple/index.html", "<html></html>");
    for depth in [Depth::Names, Depth::Everything] {
        assert_eq!(audit(folder.path(), depth).findings[0].files[0].path, "packages/x/renamed.bin");
    }
    assert_eq!(audit(folder.path(), Depth::Addresses).findings[0].verdict, Verdict::Unknown);
}

#[test]
fn a_folder_that_is_no_mirror_is_refused() {
    let folder = tempdir().unwrap();
    write(folder.path(), "notes/today.txt", "x");
    assert!(audit_tree(folder.path(), &known(), Depth::Names).is_err());
    assert!(audit_tree(&folder.path().join("gone"), &known(), Depth::Names).is_err());
}

#[cfg(unix)]
#[test]
fn nothing_outside_of_the_tree_is_read_listed_or_planned() {
    let outside = tempdir().unwrap();
    write(outside.path(), "bad-1.0.tar.gz", "bad");
    write(outside.path(), "index.html", "<a href='bad-1.0.tar.gz'>x</a>");
    let folder = tempdir().unwrap();
    write(folder.path(), "simple/good/index.html", "<html></html>");
    std::os::unix::fs::symlink(outside.path(), folder.path().join("simple/bad")).unwrap();
    let link = folder.path().join("packages");
    std::os::unix::fs::symlink(outside.path(), link).unwrap();
    write(folder.path(), "bad/index.html", "<a href='../../../../../../../etc/passwd#x'>bad-1.0.tar.gz</a>");
    let found = audit(folder.path(), Depth::Everything);
    assert!(found.findings.iter().all(|finding| finding.files.is_empty()), "{found:#?}");
    assert!(found.gaps.iter().any(|gap| gap.reason.contains("out of the tree")), "{:?}", found.gaps);
    assert!(found.findings.iter().all(|finding| finding.verdict == Verdict::Unknown), "{found:#?}");
    let options = PlanOptions { trust: Trust::Release, now: Moment::from_seconds(0) };
    let plan = make_plan(&Tree::open(folder.path()).unwrap(), &found, &options);
    assert!(plan.steps.is_empty(), "{plan:#?}");
}

#[test]
fn pages_that_cannot_be_read_make_a_finding_unknown_and_never_clean() {
    let hostile: [&[u8]; 4] = [b"\xff\xfe\x00", b"{\"files\": [", b"", b"plain text"];
    for bytes in hostile {
        let folder = tempdir().unwrap();
        write(folder.path(), "simple/bad/index.v1_json", bytes);
        let found = audit(folder.path(), Depth::Names);
        assert_eq!(found.findings[0].verdict, Verdict::Unknown, "{bytes:?}");
        assert_eq!(found.gaps.len(), 1);
    }
}

#[test]
fn names_with_control_characters_are_shown_without_them() {
    let folder = tempdir().unwrap();
    write(folder.path(), "simple/bad/index.html", "<a href='bad-1.0.tar.gz'>x</a>");
    write(folder.path(), "simple/bad/\u{1b}[31m/bad-1.0.tar.gz", "bad");
    let found = audit(folder.path(), Depth::Names);
    let options = PlanOptions { trust: Trust::Release, now: Moment::from_seconds(0) };
    let plan = make_plan(&Tree::open(folder.path()).unwrap(), &found, &options);
    assert!(!venin_mirror::clean::render_plan(&plan).contains('\u{1b}'));
    assert!(apply(&plan, folder.path(), &|| false).unwrap().is_complete());
    assert_eq!(verdict(folder.path()), Verdict::Clean);
}

#[test]
fn a_release_known_by_name_alone_is_planned_only_when_that_is_trusted() {
    let folder = tempdir().unwrap();
    write(folder.path(), "bad/bad-1.0.tar.gz", "whatever");
    write(folder.path(), "bad/bad-2.0.tar.gz", "good");
    let subject = Subject::project("bad").unwrap().with_version("1").unwrap();
    let known = KnownSet::new([KnownFile::new(subject, Class::Malware)]);
    let found = audit_tree(folder.path(), &known, Depth::Names).unwrap();
    assert_eq!(found.findings.len(), 1);
    let plan = |trust| {
        let options = PlanOptions { trust, now: Moment::from_seconds(0) };
        make_plan(&Tree::open(folder.path()).unwrap(), &found, &options)
    };
    assert!(plan(Trust::Digest).steps.is_empty() && plan(Trust::Digest).left.len() == 1);
    let plan = plan(Trust::Release);
    assert_eq!(plan.steps.len(), 1);
    assert!(apply(&plan, folder.path(), &|| false).unwrap().is_complete());
    assert!(folder.path().join("bad/bad-2.0.tar.gz").exists());
    assert!(!folder.path().join("bad/bad-1.0.tar.gz").exists());
}

#[test]
fn an_entry_without_a_digest_is_proven_by_the_file_that_it_leads_to() {
    let folder = tempdir().unwrap();
    write(folder.path(), "simple/bad/index.html", "<a href='bad-1.0.tar.gz'>x</a><a href='bad-2.zip'>y</a>");
    write(folder.path(), "simple/bad/bad-1.0.tar.gz", "bad");
    let options = PlanOptions { trust: Trust::Digest, now: Moment::from_seconds(0) };
    let plan = |root: &Path| make_plan(&Tree::open(root).unwrap(), &audit(root, Depth::Names), &options);
    assert_eq!(plan(folder.path()).steps.len(), 2);
    fs::remove_file(folder.path().join("simple/bad/bad-1.0.tar.gz")).unwrap();
    assert!(plan(folder.path()).steps.is_empty() && plan(folder.path()).left.len() == 1);
}

#[test]
fn each_listed_file_whose_version_lies_in_a_range_is_found_on_disk_and_no_other_is() {
    let folder = tempdir().unwrap();
    let page = ["bad-0.9.zip", "bad-1.0.zip", "bad-1.5-py3-none-any.whl", "bad-2.0.zip"]
        .map(|name| format!("<a href='{name}'>{name}</a>"))
        .concat();
    write(folder.path(), "simple/bad/index.html", page);
    for name in ["bad-0.9.zip", "bad-1.0.zip", "bad-2.0.zip", "bad-1.1.zip"] {
        write(folder.path(), &format!("simple/bad/{name}"), name);
    }
    let project = Subject::project("bad").unwrap();
    let ranges = [">=1,<2".parse().unwrap()].into();
    let known = KnownSet::new([KnownFile::in_ranges(project, ranges, Class::Malware)]);
    let audit = audit_tree(folder.path(), &known, Depth::Names).unwrap();
    let found: Vec<(&str, Verdict)> = audit
        .findings
        .iter()
        .map(|finding| (finding.subject.file_name().unwrap(), finding.verdict))
        .collect();
    let expected = [
        ("bad-1.0.zip", Verdict::Live),
        ("bad-1.1.zip", Verdict::OrphanFile),
        ("bad-1.5-py3-none-any.whl", Verdict::GhostIndex),
    ];
    assert_eq!(found, expected);
    let tree = Tree::open(folder.path()).unwrap();
    for (trust, steps) in [(Trust::Digest, 0), (Trust::Release, 3)] {
        let plan = make_plan(&tree, &audit, &PlanOptions { trust, now: Moment::from_seconds(1) });
        assert_eq!(plan.steps.len(), steps, "{:?}", plan.steps);
    }
    write(folder.path(), "simple/bad/index.v1_json", "{");
    let audit = audit_tree(folder.path(), &known, Depth::Names).unwrap();
    let open = audit.findings.iter().filter(|finding| finding.verdict == Verdict::Unknown);
    assert_eq!(open.map(|finding| finding.subject.to_string()).collect::<Vec<_>>(), ["bad"]);
}
