//! What must stay true of the store.

use super::*;
use crate::claim::*;
use crate::source::{Sink, SourceProblem};

fn claim(name: &str, version: &str, source_ref: &str) -> Claim {
    Claim {
        subject: Subject::project(name).unwrap().with_version(version).unwrap(),
        surface: Surface::Advisory("feed".into()),
        kind: ClaimKind::Reported,
        happened: Interval::parse("2026-05-12").unwrap(),
        observed: Moment::from_seconds(1_800_000_000),
        source: "feed".into(),
        source_ref: source_ref.into(),
        evidence: Some(Digest::of(b"record")),
        class: Class::Malware,
        confidence: Some(90),
        detail: r#"{"a":"\u0000"}"#.into(),
    }
}

#[test]
fn claims_come_back_as_they_went_in() {
    let mut store = Store::in_memory().unwrap();
    let mut whole = claim("Some.Name", "1.0", "R-1");
    whole.subject = whole.subject.with_file("some-name-1.0.tar.gz").unwrap().with_sha256(Digest::of(b"x"));
    let bare =
        Claim { subject: Subject::project("b").unwrap(), happened: Interval::UNKNOWN, ..claim("b", "1", "") };
    store.append(&[whole.clone(), bare.clone()]).unwrap();
    assert_eq!(store.claims(&Selection::default()).unwrap(), [whole, bare]);
}

#[test]
fn a_second_import_of_the_same_changes_nothing() {
    let mut store = Store::in_memory().unwrap();
    let claims: Vec<Claim> = (0..100).map(|n| claim("a", &n.to_string(), "R")).collect();
    assert_eq!(store.append(&claims).unwrap(), Appended { added: 100, known: 0 });
    let later: Vec<Claim> =
        claims.iter().map(|c| Claim { observed: Moment::from_seconds(1_900_000_000), ..c.clone() }).collect();
    assert_eq!(store.append(&later).unwrap(), Appended { added: 0, known: 100 });
    assert_eq!(store.claims(&Selection::default()).unwrap(), claims, "what was learned first stays");
}

#[test]
fn a_claim_can_be_neither_changed_nor_deleted() {
    let mut store = Store::in_memory().unwrap();
    store.append(&[claim("a", "1", "R")]).unwrap();
    for text in ["UPDATE claims SET name = 'b'", "DELETE FROM claims"] {
        let error = store.connection.execute(text, []).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{error}");
    }
}

#[test]
fn a_row_that_was_tampered_with_is_named() {
    let mut store = Store::in_memory().unwrap();
    store.append(&[claim("a", "1", "R"), claim("a", "2", "R")]).unwrap();
    store
        .connection
        .execute_batch("DROP TRIGGER claims_are_never_changed; UPDATE claims SET version = '3' WHERE seq = 2")
        .unwrap();
    let wrong = store.verify().unwrap();
    assert_eq!(wrong.len(), 1);
    assert!(wrong[0].starts_with("row 2 "), "{wrong:?}");
    assert!(store.claims(&Selection::default()).is_err());
}

#[test]
fn a_file_of_another_program_or_a_later_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.sqlite3");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    assert!(matches!(Store::open(&other), Err(StoreError::Foreign)));
    let ours = folder.path().join("ours.sqlite3");
    Store::open(&ours).unwrap().connection.pragma_update(None, "user_version", 99).unwrap();
    assert!(Store::open(&ours).unwrap_err().to_string().contains("use a newer one"));
    let text = folder.path().join("text");
    std::fs::write(&text, "no database at all, but long enough to be looked at").unwrap();
    assert!(Store::open(&text).is_err());
}

#[test]
fn reading_makes_no_file_and_changes_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("claims.sqlite3");
    assert!(Store::open_to_read(&path).is_err());
    assert!(!path.exists());
    Store::open(&path).unwrap().append(&[claim("a", "1", "R")]).unwrap();
    let mut reader = Store::open_to_read(&path).unwrap();
    assert_eq!(reader.last_row().unwrap(), 1);
    assert!(reader.append(&[claim("a", "2", "R")]).is_err());
}

#[test]
fn the_cursor_is_written_with_the_claims_before_it_and_never_without_them() {
    let mut store = Store::in_memory().unwrap();
    let mut problems = Vec::new();
    let mut tell = |problem: &SourceProblem| problems.push(problem.clone());
    let mut sink = StoreSink::new(&mut store, "feed", "file", Moment::from_seconds(1), &mut tell);
    sink.claim(claim("a", "1", "R")).unwrap();
    sink.advance("1").unwrap();
    sink.claim(claim("a", "2", "R")).unwrap();
    sink.problem(SourceProblem { what: "line 3".into(), error: "no name".into() });
    // The run is killed here: the second claim was not written, and the cursor does not say that it was.
    drop(sink);
    assert_eq!(store.claims(&Selection::default()).unwrap().len(), 1);
    assert_eq!(store.cursor("feed", "file").unwrap().unwrap().0, "1");
    assert_eq!(store.cursor("feed", "another").unwrap(), None);
    assert_eq!(problems.len(), 1);
}

#[test]
fn selections_narrow_by_release_digest_source_and_kind() {
    let mut store = Store::in_memory().unwrap();
    let mut file = claim("a", "2", "R");
    file.subject = file.subject.with_sha256(Digest::of(b"file"));
    store.append(&[claim("a", "1", "R"), file.clone(), claim("b", "1", "R")]).unwrap();
    let count = |selection: Selection| store.claims(&selection).unwrap().len();
    assert_eq!(count(Selection::of_project("A")), 2);
    assert_eq!(count(Selection { version: Some("1".into()), ..Selection::default() }), 2);
    assert_eq!(count(Selection { sha256: Some(Digest::of(b"file")), ..Selection::default() }), 1);
    assert_eq!(count(Selection { kind: Some(ClaimKind::Yanked), ..Selection::default() }), 0);
    assert_eq!(count(Selection { after: 2, ..Selection::default() }), 1);
    assert_eq!(store.counts().unwrap().projects, 2);
}

#[test]
fn a_release_goes_through_the_stages_once_however_often_it_is_planned() {
    let mut store = Store::in_memory().unwrap();
    store.append(&[claim("a", "1", "R"), claim("a", "1", "S"), claim("b", "1", "R")]).unwrap();
    assert_eq!(store.plan_tasks().unwrap(), 2);
    assert_eq!(store.plan_tasks().unwrap(), 0);
    let (early, late) = (Moment::from_seconds(10), Moment::from_seconds(20));
    let tasks = store.next_tasks(Stage::Download, early, 10).unwrap();
    assert_eq!(tasks.len(), 2);
    store.delay_task(&tasks[0].subject, "no answer", late).unwrap();
    store.move_task(&tasks[1].subject, Stage::Done, &[claim("b", "1", "T")]).unwrap();
    assert!(store.next_tasks(Stage::Download, early, 10).unwrap().is_empty());
    let again = store.next_tasks(Stage::Download, late, 10).unwrap();
    assert_eq!((again.len(), again[0].attempts, again[0].error.as_str()), (1, 1, "no answer"));
    assert_eq!(store.task_counts().unwrap(), TaskCounts { download: 1, done: 1, ..TaskCounts::default() });
}

proptest::proptest! {
    #[test]
    fn any_claim_that_can_be_made_comes_back(version in "[^\\s/\\\\\u{0}-\u{1f}\u{7f}-\u{9f}]{1,20}", reference in ".{0,40}", from in -62_000_000_000i64..250_000_000_000, span in 0i64..1_000_000) {
        let mut claim = claim("a", "1", &reference);
        if let Ok(subject) = Subject::project("a").unwrap().with_version(&version) {
            claim.subject = subject;
        }
        claim.happened = Interval::between(Moment::from_seconds(from), Moment::from_seconds(from + span));
        let mut store = Store::in_memory().unwrap();
        store.append(std::slice::from_ref(&claim)).unwrap();
        proptest::prop_assert_eq!(store.claims(&Selection::default()).unwrap(), [claim]);
    }
}
