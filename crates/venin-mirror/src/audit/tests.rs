//! Audits of mirrors that behave in every way of the table, and in ways that must not be believed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use venin_intel::claim::{ClaimKind, Class, Digest, Interval, Moment, Subject, Surface};
use venin_intel::http::{Fetch, FetchError, FetchRequest, Fetched, Method};
use venin_intel::index::HttpUrl;

use super::*;
use crate::known::{KnownFile, KnownSet};
use crate::plan::SweepOptions;
use crate::probe::{Checking, Controls, MirrorTarget};
use crate::verdict::Verdict;

const BASE: &str = "https://mirror.example";

/// Status, headers and body.
type CannedAnswer = (u16, Vec<(String, String)>, Vec<u8>);

/// A mirror in memory: answers by path, everything else is 404.
#[derive(Default)]
pub(super) struct Memory {
    answers: BTreeMap<String, CannedAnswer>,
    /// Every path not listed.
    otherwise: Option<(u16, &'static str, &'static str)>,
    /// Requests after which the mirror is down.
    lasts: Option<usize>,
    asked: Mutex<Vec<(Method, String)>>,
}

impl Memory {
    pub(super) fn put(&mut self, path: &str, media_type: &str, body: impl AsRef<[u8]>) -> &mut Self {
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        self.answers.insert(path.to_owned(), (200, headers, body.as_ref().to_vec()));
        self
    }

    fn redirect(&mut self, path: &str, to: &str) -> &mut Self {
        self.answers.insert(path.to_owned(), (302, vec![("location".to_owned(), to.to_owned())], Vec::new()));
        self
    }

    /// With the control project, and pages for the files given.
    pub(super) fn with_controls() -> Self {
        let mut memory = Self::default();
        let file = format!("/packages/aa/bb/{}/control-1.zip", "c".repeat(60));
        memory.put("/simple/control/", "text/html", format!("<a href='../..{file}'>control-1.zip</a>"));
        memory.put(&file, "application/zip", "control");
        memory
    }

    pub(super) fn list(&mut self, project: &str, entries: &[&str]) -> &mut Self {
        let lines: String = entries.iter().map(|entry| format!("<a href='{entry}'>x</a>")).collect();
        self.put(&format!("/simple/{project}/"), "text/html", format!("<html>{lines}</html><!--SERIAL 42-->"))
    }

    pub(super) fn serve(&mut self, path: &str, bytes: &str) -> &mut Self {
        self.put(path, "application/octet-stream", bytes)
    }

    pub(super) fn was_asked(&self, path: &str) -> bool {
        self.asked.lock().unwrap().iter().any(|(_, asked)| asked == path)
    }
}

impl Fetch for Memory {
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let url = request.url.request_url();
        let path = url.strip_prefix(BASE).expect("no host but the mirror's is asked").to_owned();
        let mut asked = self.asked.lock().unwrap();
        asked.push((request.method, path.clone()));
        if self.lasts.is_some_and(|lasts| asked.len() > lasts) {
            return Err(FetchError::Unreachable { url, detail: "down".to_owned() });
        }
        let (status, headers, body) = match (self.answers.get(&path), self.otherwise) {
            (Some(answer), _) => answer.clone(),
            (None, Some((status, media_type, body))) => {
                (status, vec![("content-type".to_owned(), media_type.to_owned())], body.as_bytes().to_vec())
            }
            (None, None) => (404, Vec::new(), b"not here".to_vec()),
        };
        let body = if request.method == Method::Head { Vec::new() } else { body };
        let length = usize::try_from(request.most_bytes).unwrap().min(body.len());
        Ok(Fetched { status, headers, is_cut: length < body.len(), body: body[..length].to_vec() })
    }
}

fn mirror() -> MirrorTarget {
    MirrorTarget {
        id: "test".to_owned(),
        index: HttpUrl::parse(&format!("{BASE}/simple/")).unwrap(),
        own_hosts: Vec::new(),
    }
}

/// One known file of one project, with its address.
fn known_file(name: &str) -> KnownFile {
    let subject = Subject::project(name).unwrap().with_version("1.0").unwrap();
    let subject = subject.with_file(&format!("{name}-1.0.tar.gz")).unwrap().with_sha256(Digest::of(b"bad"));
    let blake2 = crate::known::Blake2::parse(&Digest::of(name.as_bytes()).to_string());
    KnownFile { blake2, ..KnownFile::new(subject, Class::Malware) }
}

fn address(name: &str) -> String {
    let known = known_file(name);
    format!("/{}", known.blake2.unwrap().path(known.subject.file_name().unwrap()))
}

#[derive(Default)]
pub(super) struct Kept {
    batches: Mutex<Vec<Batch>>,
    done: Mutex<BTreeSet<(String, Subject)>>,
}

impl Kept {
    pub(super) fn into_batches(self) -> Vec<Batch> {
        self.batches.into_inner().unwrap()
    }
}

impl Progress for Kept {
    fn is_done(&self, mirror: &str, subject: &Subject) -> bool {
        self.done.lock().unwrap().contains(&(mirror.to_owned(), subject.clone()))
    }

    fn take(&self, batch: Batch) -> Result<(), String> {
        let done = batch.finished.iter().map(|subject| (batch.mirror.clone(), subject.clone()));
        self.done.lock().unwrap().extend(done);
        self.batches.lock().unwrap().push(batch);
        Ok(())
    }
}

pub(super) fn sweep(
    http: &Memory,
    known: &KnownSet,
    kept: &Kept,
    prior: &dyn Prior,
    options: SweepOptions,
) -> SweepEnd {
    let controls = Controls { present: vec!["control".to_owned()] };
    let sweep = Sweep {
        http,
        mirrors: &[mirror()],
        known,
        controls: &controls,
        options,
        clock: &|| Moment::from_seconds(1000),
        prior,
        stop: &|| false,
    };
    run_sweep(&sweep, kept)
}

fn findings_of(http: &Memory, names: &[&str], checking: Checking) -> Vec<Finding> {
    let known = KnownSet::new(names.iter().map(|name| known_file(name)));
    let kept = Kept::default();
    let options = SweepOptions { checking, ..SweepOptions::default() };
    assert_eq!(sweep(http, &known, &kept, &(), options), SweepEnd::Finished);
    kept.batches.into_inner().unwrap().into_iter().flat_map(|batch| batch.findings).collect()
}

fn verdicts(findings: &[Finding]) -> BTreeMap<&str, Verdict> {
    findings.iter().map(|finding| (finding.subject.name(), finding.verdict)).collect()
}

fn mirror_of_every_state() -> Memory {
    let mut http = Memory::with_controls();
    let at = |name: &str| format!("../..{}", address(name));
    http.list("live", &[&at("live")]).serve(&address("live"), "bad");
    http.serve(&address("orphan"), "bad");
    http.list("ghost", &[&at("ghost")]);
    http.list("leads", &[&at("leads")]).redirect(&address("leads"), "https://files.example/x");
    http.list("links", &["https://files.example/links-1.0.tar.gz"]);
    http.list("tampered", &[&at("tampered")]).serve(&address("tampered"), "other");
    http.list("announced", &[&format!("../../f/announced-1.0.tar.gz#sha256={}", Digest::of(b"x"))]);
    http.serve("/f/announced-1.0.tar.gz", "x");
    http.put(&address("softly"), "text/html; charset=utf-8", "<html>not found</html>");
    http.redirect("/simple/loops/", "/simple/loops/");
    http
}

#[test]
fn every_state_of_the_table_is_named() {
    use Verdict::*;
    let http = mirror_of_every_state();
    let names =
        ["announced", "clean", "ghost", "leads", "links", "live", "loops", "orphan", "softly", "tampered"];
    let findings = findings_of(&http, &names, Checking::Bytes(1 << 20));
    let expected = [
        ("announced", Tampered),
        ("clean", Clean),
        ("ghost", GhostIndex),
        ("leads", Redirecting),
        ("links", Redirecting),
        ("live", Live),
        ("loops", Unknown),
        ("orphan", OrphanFile),
        ("softly", Unknown),
        ("tampered", Tampered),
    ];
    assert_eq!(verdicts(&findings), BTreeMap::from(expected));
    let leads = findings.iter().find(|finding| finding.subject.name() == "leads").unwrap();
    assert_eq!(leads.redirect.as_deref(), Some("files.example"));
    let live = findings.iter().find(|finding| finding.subject.name() == "live").unwrap();
    assert_eq!((live.serial, live.sha256), (Some(42), Some(Digest::of(b"bad"))));
}

#[test]
fn without_fetching_files_nothing_of_them_is_read_but_a_byte() {
    let http = mirror_of_every_state();
    let findings = findings_of(&http, &["live", "tampered"], Checking::Presence);
    assert_eq!(verdicts(&findings), BTreeMap::from([("live", Verdict::Live), ("tampered", Verdict::Live)]));
    let asked = http.asked.into_inner().unwrap();
    assert_eq!(asked.iter().filter(|(_, path)| *path == address("live")).count(), 2);
    assert_eq!(asked.iter().filter(|(_, path)| path == "/simple/live/").count(), 1);
}

#[test]
fn a_mirror_that_answers_everything_alike_is_unknown() {
    let mut soft = Memory::with_controls();
    soft.otherwise = Some((200, "text/html", "<html>welcome</html>"));
    let known = KnownSet::new([known_file("a")]);
    let kept = Kept::default();
    assert_eq!(sweep(&soft, &known, &kept, &(), SweepOptions::default()), SweepEnd::Finished);
    let batch = kept.batches.lock().unwrap()[0].clone();
    assert!(batch.findings.is_empty() && batch.finished.is_empty() && batch.not_asked == 1);
    assert!(batch.control.reasons[0].contains("does not exist"), "{:?}", batch.control.reasons);
}

#[test]
fn a_mirror_that_goes_down_in_between_is_unknown_for_what_was_just_asked() {
    let mut http = mirror_of_every_state();
    http.lasts = Some(9);
    let known = KnownSet::new(["clean", "live"].map(known_file));
    let kept = Kept::default();
    assert_eq!(sweep(&http, &known, &kept, &(), SweepOptions::default()), SweepEnd::Finished);
    let batches = kept.batches.lock().unwrap();
    assert!(batches.iter().flat_map(|b| &b.findings).all(|f| f.verdict == Verdict::Unknown));
    assert!(batches.iter().flat_map(|b| &b.claims).all(|c| c.kind == ClaimKind::SurfaceUnknown));
    assert!(kept.done.lock().unwrap().is_empty());
}

#[test]
fn a_release_known_as_a_whole_is_looked_for_file_by_file() {
    let mut http = Memory::with_controls();
    http.list("a", &["../../f/a-1.0.tar.gz", "../../f/a-1-py3-none-any.whl", "../../f/a-2.0.tar.gz"]);
    http.serve("/f/a-1.0.tar.gz", "x");
    let subject = |name: &str| Subject::project(name).unwrap().with_version("1.0").unwrap();
    let known = KnownSet::new(["a", "b"].map(|name| KnownFile::new(subject(name), Class::Malware)));
    let kept = Kept::default();
    let _ = sweep(&http, &known, &kept, &(), SweepOptions::default());
    let batch = kept.batches.lock().unwrap()[0].clone();
    let found: Vec<_> = batch.findings.iter().map(|f| (f.subject.file_name(), f.verdict)).collect();
    assert_eq!(
        found,
        [
            (Some("a-1.0.tar.gz"), Verdict::Live),
            (Some("a-1-py3-none-any.whl"), Verdict::GhostIndex),
            (None, Verdict::Unknown)
        ]
    );
}

#[test]
fn a_killed_sweep_goes_on_and_asks_for_nothing_twice() {
    let http = mirror_of_every_state();
    let known = KnownSet::new(["clean", "ghost", "live", "orphan"].map(known_file));
    let kept = Kept::default();
    let first = KnownSet::new(["clean", "ghost"].map(known_file));
    let _ = sweep(&http, &first, &kept, &(), SweepOptions { batch: 1, ..SweepOptions::default() });
    let _ = sweep(&http, &known, &kept, &(), SweepOptions { batch: 1, ..SweepOptions::default() });
    let batches = kept.batches.lock().unwrap();
    let found: Vec<&str> =
        batches.iter().flat_map(|b| &b.findings).map(|finding| finding.subject.name()).collect();
    assert_eq!(found, ["clean", "ghost", "live", "orphan"]);
}

/// An earlier probe, of one kind.
struct Before(ClaimKind);

impl Prior for Before {
    fn last(&self, surface: &Surface, _: &Subject, kind: ClaimKind) -> Option<Moment> {
        assert_eq!(*surface, Surface::Mirror("test".to_owned()));
        (kind == self.0).then_some(Moment::from_seconds(400))
    }
}

#[test]
fn a_claim_spans_from_the_last_probe_that_said_otherwise_to_this_one() {
    let http = mirror_of_every_state();
    let (before, now) = (Moment::from_seconds(400), Moment::from_seconds(1000));
    let clean = &findings_of(&http, &["clean"], Checking::Presence)[0];
    let claims = claims_of(clean, &Before(ClaimKind::FileSeen));
    let kinds: Vec<_> = claims.iter().map(|claim| (claim.kind, claim.happened)).collect();
    assert_eq!(
        kinds,
        [
            (ClaimKind::IndexAbsent, Interval::by(now)),
            (ClaimKind::FileAbsent, Interval::between(before, now))
        ]
    );
    let live = &findings_of(&http, &["live"], Checking::Presence)[0];
    let claims = claims_of(live, &());
    assert_eq!(claims[1].kind, ClaimKind::FileSeen);
    assert_eq!(claims[1].confidence, Some(95));
    assert!(claims[1].detail.contains("\"proof\":\"address\"") && claims[1].source_ref.starts_with(BASE));
}

#[test]
fn a_second_sweep_dates_what_changed_by_the_first() {
    let (mut http, known) = (mirror_of_every_state(), KnownSet::new([known_file("live")]));
    let first = Kept::default();
    let _ = sweep(&http, &known, &first, &(), SweepOptions::default());
    let claims = first.batches.lock().unwrap()[0].claims.clone();
    let prior = PriorClaims::new(&claims);
    http.answers.remove("/simple/live/");
    http.answers.remove(&address("live"));
    let second = Kept::default();
    let _ = sweep(&http, &known, &second, &prior, SweepOptions::default());
    let claims = second.batches.lock().unwrap()[0].claims.clone();
    assert_eq!(claims.len(), 2);
    assert!(claims.iter().all(|claim| claim.happened.not_before == Some(Moment::from_seconds(1000))));
}

#[test]
fn a_forwarded_status_is_kept() {
    let mut http = Memory::with_controls();
    let page = r#"{"files": [], "name": "q", "meta": {"api-version": "1.4"}, "project-status": {"status": "quarantined"}}"#;
    http.put("/simple/q/", "application/vnd.pypi.simple.v1+json", page);
    let findings = findings_of(&http, &["q"], Checking::Presence);
    assert!(findings[0].forwards_quarantine() && findings[0].verdict == Verdict::Clean);
}

#[test]
fn a_page_that_lists_without_end_is_asked_for_a_bounded_number_of_files() {
    let mut http = Memory::with_controls();
    let entries: Vec<String> = (0..3000).map(|n| format!("../../f/a-{n}.0.tar.gz")).collect();
    http.list("a", &entries.iter().map(String::as_str).collect::<Vec<_>>());
    let known = KnownSet::new([KnownFile::new(Subject::project("a").unwrap(), Class::Malware)]);
    let kept = Kept::default();
    let _ = sweep(&http, &known, &kept, &(), SweepOptions::default());
    let findings = kept.batches.lock().unwrap()[0].findings.clone();
    assert_eq!(findings.len(), 3000);
    assert_eq!(findings.iter().filter(|f| f.verdict == Verdict::GhostIndex).count(), 500);
    assert!(http.asked.lock().unwrap().len() < 600);
}
