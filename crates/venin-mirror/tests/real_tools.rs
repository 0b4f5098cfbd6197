//! Mirrors that real tools keep, after the index has removed and quarantined what they mirrored: the audit must name
//! every stale file and entry, and a cleaned tree must be one that the tools take.
//!
//! Five projects are mirrored.  `good` stays; `gone` is removed; `jailed` is quarantined; of `mixed` the release 1 is
//! removed; of `emptied` the only release is quarantined.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use tempfile::tempdir;
use venin_intel::claim::{Class, Moment, Subject};
use venin_intel::http::{Fetch, FetchError, FetchRequest, Fetched, Method};
use venin_intel::index::HttpUrl;
use venin_mirror::audit::{Batch, Finding, Progress, Sweep, SweepEnd, run_sweep};
use venin_mirror::clean::{PlanOptions, Trust, apply, make_plan, undo};
use venin_mirror::known::{Blake2, KnownFile, KnownSet};
use venin_mirror::local::{Depth, LocalAudit, Tree, audit_tree};
use venin_mirror::plan::SweepOptions;
use venin_mirror::probe::{Checking, Controls, MirrorTarget};
use venin_mirror::verdict::Verdict::{self, Clean, GhostIndex, Live, OrphanFile, Unknown};
use venin_testkit::tools::{Devpi, Proxpi, Tools};
use venin_testkit::{Fault, Index, On, TreeServer, Upload, Uploaded, fetch};

fn tools() -> Option<Tools> {
    Tools::get(env!("CARGO_TARGET_TMPDIR"))
}

/// One request to the loopback interface; redirects are shown.
struct Loopback;

impl Fetch for Loopback {
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let method = match request.method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
        };
        let url = request.url.request_url();
        let headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = fetch(method, &url, &headers, &request.body)
            .map_err(|error| FetchError::BrokenOff { url, detail: error.to_string() })?;
        let length = answer.body.len().min(usize::try_from(request.most_bytes).unwrap());
        let is_cut = length < answer.body.len();
        let body = answer.body[..length].to_vec();
        Ok(Fetched { status: answer.status, headers: answer.headers, body, is_cut })
    }
}

struct World {
    index: Index,
    files: [Uploaded; 4],
}

impl World {
    fn new() -> Self {
        let index = Index::start_with_file_host();
        let upload = |name, version| index.upload(Upload::wheel(name, version));
        upload("good", "1");
        let files =
            [upload("gone", "1"), upload("jailed", "1"), upload("mixed", "1"), upload("emptied", "1")];
        upload("mixed", "2");
        Self { index, files }
    }

    fn strike(&self) {
        self.index.remove_project("gone");
        self.index.quarantine_project("jailed");
        self.index.remove_release("mixed", "1");
        self.index.quarantine_release("emptied", "1");
    }

    /// What is known: all four files, with their digests.
    fn known(&self) -> KnownSet {
        KnownSet::new(self.files.iter().map(|file| {
            let subject = Subject::project(&file.name).unwrap().with_version(&file.version).unwrap();
            let subject = subject.with_file(&file.file_name).unwrap();
            KnownFile {
                blake2: Blake2::parse(&file.blake2b),
                size: Some(file.size as u64),
                ..KnownFile::new(subject.with_sha256(file.sha256.parse().unwrap()), Class::Malware)
            }
        }))
    }

    /// What an advisory knows: names and versions.
    fn known_releases(&self) -> KnownSet {
        KnownSet::new(self.files.iter().map(|file| {
            let subject = Subject::project(&file.name).unwrap().with_version(&file.version).unwrap();
            KnownFile::new(subject, Class::Malware)
        }))
    }
}

/// The verdicts in the order `gone`, `jailed`, `mixed`, `emptied`.
fn in_order(verdicts: &BTreeMap<String, Verdict>) -> [Verdict; 4] {
    ["gone", "jailed", "mixed", "emptied"].map(|name| verdicts[name])
}

fn local_verdicts(audit: &LocalAudit) -> [Verdict; 4] {
    in_order(&audit.findings.iter().map(|f| (f.subject.name().to_owned(), f.verdict)).collect())
}

fn audit(root: &Path, known: &KnownSet) -> LocalAudit {
    audit_tree(root, known, Depth::Names).unwrap()
}

#[derive(Default)]
struct Kept(Mutex<Vec<Batch>>);

impl Progress for Kept {
    fn is_done(&self, _: &str, _: &Subject) -> bool {
        false
    }

    fn take(&self, batch: Batch) -> Result<(), String> {
        self.0.lock().unwrap().push(batch);
        Ok(())
    }
}

fn batches(simple_url: &str, known: &KnownSet) -> Vec<Batch> {
    let mirror = MirrorTarget {
        id: "loopback".to_owned(),
        index: HttpUrl::parse(simple_url).unwrap(),
        own_hosts: Vec::new(),
    };
    let kept = Kept::default();
    let sweep = Sweep {
        http: &Loopback,
        mirrors: &[mirror],
        known,
        controls: &Controls { present: vec!["good".to_owned()] },
        options: SweepOptions { checking: Checking::Bytes(1 << 20), ..SweepOptions::default() },
        clock: &|| Moment::from_seconds(1_800_000_000),
        prior: &(),
        stop: &|| false,
    };
    assert_eq!(run_sweep(&sweep, &kept), SweepEnd::Finished);
    kept.0.into_inner().unwrap()
}

fn remote(simple_url: &str, known: &KnownSet) -> Vec<Finding> {
    let batches = batches(simple_url, known);
    assert!(batches.iter().all(|batch| batch.control.reasons.is_empty()), "{batches:?}");
    batches.into_iter().flat_map(|batch| batch.findings).collect()
}

fn remote_verdicts(simple_url: &str, known: &KnownSet) -> [Verdict; 4] {
    in_order(&remote(simple_url, known).iter().map(|f| (f.subject.name().to_owned(), f.verdict)).collect())
}

fn installs(tools: &Tools, simple_url: &str, name: &str) -> bool {
    tools.pip_from("install", simple_url).args(["--dry-run", name]).output().unwrap().status.success()
}

#[test]
fn a_tree_of_bandersnatch_is_judged_alike_on_disk_and_over_http() {
    let Some(tools) = tools() else { return };
    let (world, folder) = (World::new(), tempdir().unwrap());
    let mirror = tools.mirror_with_bandersnatch(&world.index, folder.path());
    let site = TreeServer::start(mirror.web());
    world.strike();
    mirror.mirror();
    let known = world.known();
    let stale = [Live, Live, OrphanFile, Live];
    let on_disk = audit(folder.path(), &known);
    assert_eq!(local_verdicts(&on_disk), stale);
    assert!(on_disk.gaps.is_empty(), "{:?}", on_disk.gaps);
    assert_eq!(remote_verdicts(&site.simple_url(), &known), stale);
    assert_eq!(local_verdicts(&audit(folder.path(), &world.known_releases())), stale);
    for finding in on_disk.stale() {
        let pages: Vec<&str> = finding.entries.iter().map(|entry| entry.page.as_str()).collect();
        let name = finding.subject.name();
        let expected = ["simple/NAME/index.html", "simple/NAME/index.v1_html", "simple/NAME/index.v1_json"];
        let expected = expected.into_iter().chain(["json/NAME", "pypi/NAME/json"]);
        let expected: Vec<String> =
            expected.map(|page| format!("web/{}", page.replace("NAME", name))).collect();
        if finding.verdict == Live {
            assert_eq!(pages, expected, "{name}");
        }
        assert!(finding.files.len() == 1 && finding.files[0].companions.len() == 1, "{finding:?}");
    }
    mirror.verify(&["--json-update", "--delete"]);
    let ghosts = [GhostIndex, GhostIndex, Clean, GhostIndex];
    assert_eq!(local_verdicts(&audit(folder.path(), &known)), ghosts);
    assert_eq!(remote_verdicts(&site.simple_url(), &known), ghosts);
}

#[test]
fn a_cleaned_tree_is_taken_by_pip_and_bandersnatch_and_a_clean_is_taken_back_whole() {
    let Some(tools) = tools() else { return };
    let (world, folder) = (World::new(), tempdir().unwrap());
    let mirror = tools.mirror_with_bandersnatch(&world.index, folder.path());
    let site = TreeServer::start(mirror.web());
    world.strike();
    mirror.mirror();
    let known = world.known();
    let found = audit(folder.path(), &known);
    let options = PlanOptions { trust: Trust::Digest, now: Moment::from_seconds(0) };
    let plan = make_plan(&Tree::open(folder.path()).unwrap(), &found, &options);
    assert!(plan.left.is_empty(), "{:?}", plan.left);
    let outcome = apply(&plan, folder.path(), &|| false).unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(local_verdicts(&audit(folder.path(), &known)), [Clean; 4]);
    assert_eq!(remote_verdicts(&site.simple_url(), &known), [Clean; 4]);
    let is_installable = |name: &str| installs(&tools, &site.simple_url(), name);
    assert!(is_installable("good") && is_installable("mixed"));
    assert!(!is_installable("gone") && !is_installable("jailed") && !is_installable("emptied"));
    let list = std::fs::read_to_string(mirror.web().join("simple/index.html")).unwrap();
    assert!(!list.contains("gone") && list.contains("good") && list.contains("mixed"), "{list}");
    mirror.verify(&[]);
    mirror.verify(&["--json-update", "--delete"]);
    mirror.mirror();
    assert_eq!(local_verdicts(&audit(folder.path(), &known)), [Clean; 4]);
    assert!(is_installable("good") && is_installable("mixed") && !is_installable("gone"));

    let outcome = undo(&plan.id(), folder.path(), &|| false).unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(local_verdicts(&audit(folder.path(), &known)), [Live, Live, OrphanFile, Live]);
}

#[test]
fn devpi_is_named_with_everything_that_it_keeps() {
    let Some(tools) = tools() else { return };
    let (world, folder) = (World::new(), tempdir().unwrap());
    let devpi = Devpi::start(&tools, &world.index, folder.path());
    let known = world.known();
    assert_eq!(remote_verdicts(&devpi.simple_url(), &known), [Live; 4]);
    world.strike();
    devpi.wait_until_stale();
    let findings = remote(&devpi.simple_url(), &known);
    let verdicts = in_order(&findings.iter().map(|f| (f.subject.name().to_owned(), f.verdict)).collect());
    assert_eq!(verdicts, [Live, OrphanFile, OrphanFile, OrphanFile], "{findings:#?}");
    assert!(findings.iter().all(|finding| finding.project_status.is_none()), "the status is forwarded");
    // By name and version alone, what is not listed cannot be asked for: that is not known, and not clean.
    let releases = remote_verdicts(&devpi.simple_url(), &world.known_releases());
    assert_eq!(releases, [Live, Unknown, Unknown, Unknown]);
    drop(devpi);
    let on_disk = audit(&folder.path().join("devpi"), &known);
    assert_eq!(local_verdicts(&on_disk), [Live, OrphanFile, OrphanFile, OrphanFile], "{on_disk:#?}");
}

#[test]
fn proxpi_follows_the_index_and_its_errors_are_not_taken_for_clean() {
    let Some(tools) = tools() else { return };
    let (world, folder) = (World::new(), tempdir().unwrap());
    let proxpi = Proxpi::start(&tools, &world.index, folder.path());
    let known = world.known();
    assert_eq!(remote_verdicts(&proxpi.simple_url(), &known), [Live; 4]);
    world.strike();
    proxpi.wait_until_stale();
    // While its list of projects is fresh, and the control probes have just made it so, it answers 500 for a project
    // that it had and that is gone.
    assert_eq!(remote_verdicts(&proxpi.simple_url(), &known), [Unknown, Clean, Clean, Clean]);
}

#[test]
fn the_index_itself_keeps_removed_files_on_its_host() {
    let world = World::new();
    world.strike();
    let findings = remote(&world.index.simple_url(), &world.known());
    let jailed = findings.iter().find(|finding| finding.subject.name() == "jailed").unwrap();
    assert!(jailed.forwards_quarantine());
    // Its pages lead to another host, which is not asked.
    assert!(findings.iter().all(|finding| finding.verdict != Clean), "{findings:#?}");
}

#[test]
fn a_mirror_that_fails_in_any_way_is_unknown_and_never_clean() {
    let (world, folder) = (World::new(), tempdir().unwrap());
    let known = world.known();
    std::fs::create_dir_all(folder.path().join("simple/good")).unwrap();
    std::fs::write(folder.path().join("simple/good/index.html"), "<a href=\"good-1.zip\">good-1.zip</a>")
        .unwrap();
    std::fs::write(folder.path().join("simple/good/good-1.zip"), "PK").unwrap();
    let site = TreeServer::start(folder.path());
    assert_eq!(remote_verdicts(&site.simple_url(), &known), [Clean; 4]);
    let faults = [
        Fault::SoftNotFound,
        Fault::Status(500),
        Fault::Status(403),
        Fault::RetryAfter(429, 1),
        Fault::RedirectLoop,
        Fault::Garbage,
        Fault::Reset,
        Fault::Truncated(1),
    ];
    for fault in faults {
        site.fault(On::All, fault.clone());
        let batches = batches(&site.simple_url(), &known);
        assert!(batches.iter().all(|batch| !batch.control.reasons.is_empty()), "{fault:?}: {batches:?}");
        assert!(batches.iter().flat_map(|b| &b.findings).all(|f| f.verdict == Unknown), "{fault:?}");
        site.clear_faults();
    }
}
