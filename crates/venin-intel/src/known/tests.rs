//! What must stay true of what is known.

use super::*;
use crate::claim::{Claim, ClaimKind, Subject, Surface};

fn day(text: &str) -> Interval {
    Interval::parse(text).unwrap()
}

fn claim(kind: ClaimKind, version: Option<&str>, record: &str, happened: &str) -> Claim {
    let mut subject = Subject::project("a").unwrap();
    if let Some(version) = version {
        subject = subject.with_version(version).unwrap();
    }
    Claim {
        subject,
        surface: Surface::Advisory("feed".into()),
        kind,
        happened: day(happened),
        observed: Moment::from_seconds(1),
        source: "feed".into(),
        source_ref: record.into(),
        evidence: None,
        class: Class::Malware,
        confidence: None,
        detail: String::new(),
    }
}

fn known(claims: &[Claim]) -> Known {
    let mut store = Store::in_memory().unwrap();
    store.append(claims).unwrap();
    Known::derive(&store).unwrap()
}

fn release(version: &str) -> Candidate<'_> {
    Candidate { name: "a", version: Some(version), sha256: None, uploaded: None }
}

const REPORTED: ClaimKind = ClaimKind::AdvisoryPublished;

#[test]
fn only_the_accused_versions_are_known_whatever_their_spelling() {
    let known = known(&[claim(REPORTED, Some("1.0"), "R", "2026-01-01")]);
    assert_eq!(known.match_release(&release("1.0.0"))[0].strength, Strength::Release);
    assert!(known.match_release(&release("1.1")).is_empty());
}

#[test]
fn a_withdrawn_record_accuses_nobody_until_it_is_said_again() {
    let mut claims = vec![
        claim(REPORTED, Some("1"), "R", "2026-01-01"),
        claim(REPORTED, Some("1"), "S", "2026-01-01"),
        claim(ClaimKind::AdvisoryWithdrawn, None, "R", "2026-01-05"),
    ];
    let after = known(&claims);
    let matches = after.match_release(&release("1"));
    assert_eq!(matches.iter().map(|m| m.accusation.source_ref.as_str()).collect::<Vec<_>>(), ["S"]);
    assert_eq!(after.project("a").unwrap().withdrawn, [("feed".to_owned(), "R".to_owned())]);
    claims.push(claim(ClaimKind::AdvisoryModified, Some("1"), "R", "2026-02-01"));
    assert_eq!(known(&claims).match_release(&release("1")).len(), 2);
}

#[test]
fn a_record_that_was_narrowed_accuses_only_what_it_says_last() {
    let known = known(&[
        claim(REPORTED, Some("1"), "R", "2026-01-01"),
        claim(ClaimKind::AdvisoryModified, Some("1"), "R", "2026-01-02"),
        claim(ClaimKind::AdvisoryModified, Some("2"), "R", "2026-01-02"),
        claim(ClaimKind::AdvisoryModified, Some("2"), "R", "2026-01-03"),
    ]);
    assert!(known.match_release(&release("1")).is_empty());
    assert_eq!(known.match_release(&release("2")).len(), 1);
}

#[test]
fn a_range_accuses_the_versions_in_it_and_never_the_whole_project() {
    let detail = r#"{"ranges":[{"events":[{"introduced":"1.2"},{"fixed":"1.4"}],"type":"ECOSYSTEM"}],"scope":"ranges"}"#;
    let ranged = Claim { detail: detail.to_owned(), ..claim(REPORTED, None, "R", "2026-01-01") };
    let known = known(&[ranged]);
    assert_eq!(known.match_release(&release("1.3"))[0].strength, Strength::Release);
    assert!(
        known.match_release(&release("1.4")).is_empty() && known.match_release(&release("1.1")).is_empty()
    );
    let list = BlockList::of(&known, None);
    assert!(!list.entries["a"].all_versions);
    assert_eq!(list.entries["a"].ranges.iter().collect::<Vec<_>>(), [">=1.2,<1.4"]);
}

#[test]
fn the_order_in_which_claims_come_does_not_matter_for_what_stands() {
    let claims = [
        claim(ClaimKind::AdvisoryWithdrawn, None, "R", "2026-01-05"),
        claim(REPORTED, Some("1"), "R", "2026-01-01"),
    ];
    assert!(known(&claims).match_release(&release("1")).is_empty());
}

#[test]
fn a_name_that_somebody_else_registered_is_not_condemned_but_the_bytes_are() {
    let digest = Digest::of(b"bad");
    let mut file = claim(REPORTED, Some("1"), "R", "2026-01-01");
    file.subject = file.subject.with_sha256(digest);
    let whole = claim(REPORTED, None, "S", "2026-01-01");
    let reused = claim(ClaimKind::NameReused, None, "serial 9", "2026-03-01");
    let known = known(&[file, whole, reused]);
    let at = |text: &str| day(text).not_before;
    assert!(known.match_release(&Candidate { uploaded: at("2026-04-01"), ..release("1") }).is_empty());
    assert!(known.match_release(&release("1")).is_empty(), "the new owner has the benefit of the doubt");
    let before = known.match_release(&Candidate { uploaded: at("2026-01-01"), ..release("2") });
    assert_eq!(before[0].strength, Strength::Name);
    let bytes = Candidate { name: "other", version: None, sha256: Some(digest), uploaded: at("2026-04-01") };
    assert_eq!(known.match_release(&bytes)[0].strength, Strength::Digest);
}

#[test]
fn the_bytes_come_before_the_name() {
    let digest = Digest::of(b"bad");
    let mut file = claim(REPORTED, Some("1"), "R", "2026-01-01");
    file.subject = file.subject.with_sha256(digest);
    let known = known(&[claim(REPORTED, None, "S", "2026-01-01"), file]);
    let matches = known.match_release(&Candidate { sha256: Some(digest), ..release("1") });
    assert_eq!(matches.iter().map(|m| m.strength).collect::<Vec<_>>(), [Strength::Digest, Strength::Name]);
}

#[test]
fn a_block_list_survives_being_written_and_read_and_names_its_own_digest() {
    let known =
        known(&[claim(REPORTED, Some("1"), "R", "2026-01-01"), claim(REPORTED, None, "S", "2026-01")]);
    let list = BlockList::of(&known, Some(Moment::from_seconds(0)));
    let text = list.render();
    assert_eq!(BlockList::parse(&text).unwrap(), list);
    assert!(text.lines().next().unwrap().contains(&list.digest().to_string()));
}

#[test]
fn a_block_list_that_was_cut_or_changed_is_refused() {
    let known = known(&[claim(REPORTED, Some("1"), "R", "2026-01-01")]);
    let text = BlockList::of(&known, None).render();
    let head = text.lines().next().unwrap();
    assert!(matches!(BlockList::parse(head), Err(BlockListError::Digest { .. })));
    assert!(matches!(BlockList::parse(&text.replace("\"1\"", "\"2\"")), Err(BlockListError::Digest { .. })));
    assert!(matches!(BlockList::parse(""), Err(BlockListError::Form(_))));
    assert!(matches!(BlockList::parse("{}"), Err(BlockListError::Form(_))));
}

#[test]
fn a_list_of_the_first_form_is_read_and_followed_by_one_with_files() {
    let entry = r#"{"name":"a","versions":["1"],"reasons":[]}"#.to_owned() + "\n";
    let head = |form: &str| {
        let sha256 = Digest::of(entry.as_bytes());
        format!("{{\"form\":\"{form}\",\"projects\":1,\"sha256\":\"{sha256}\"}}\n{entry}")
    };
    let first = BlockList::parse(&head("venin-block-list/1")).unwrap();
    assert!(matches!(BlockList::parse(&head("venin-block-list/9")), Err(BlockListError::Form(_))));
    let subject = Subject::project("a").unwrap().with_version("1").unwrap().with_file("a-1.zip").unwrap();
    let file = AccusedFile { subject, blake2: None, size: None, class: Class::Unknown };
    let second = first.clone().with_files(std::slice::from_ref(&file));
    assert!(second.render().starts_with("{\"form\":\"venin-block-list/2\""));
    assert_eq!(second.entries["a"].accused_files().collect::<Vec<_>>(), [file]);
    let delta = Delta::parse(&second.since(&first).render()).unwrap();
    assert_eq!(first.apply(&delta).unwrap(), second);
}

#[test]
fn a_file_of_a_list_that_cannot_be_is_passed_over() {
    let file = |name: &str, sha256: Option<&str>| BlockFile {
        name: name.to_owned(),
        version: None,
        sha256: sha256.map(str::to_owned),
        blake2: Some("no digest".to_owned()),
        size: None,
    };
    let mut list = BlockList::of(&known(&[claim(REPORTED, Some("1"), "R", "2026-01-01")]), None);
    let entry = list.entries.get_mut("a").unwrap();
    entry.files = [file("../a-1.zip", None), file("a-1.zip", Some("12")), file("a-1.tar.gz", None)].into();
    let read: Vec<AccusedFile> = entry.accused_files().collect();
    assert_eq!(read.len(), 1);
    assert_eq!((read[0].subject.file_name(), read[0].blake2), (Some("a-1.tar.gz"), None));
}

#[test]
fn a_difference_leads_from_one_list_to_the_next_and_from_no_other() {
    let list = |claims: &[Claim]| BlockList::of(&known(claims), None);
    let mut b = claim(REPORTED, Some("1"), "R", "2026-01-01");
    b.subject = Subject::project("b").unwrap();
    let first = list(&[claim(REPORTED, Some("1"), "R", "2026-01-01")]);
    let second = list(&[
        claim(REPORTED, Some("1"), "R", "2026-01-01"),
        claim(REPORTED, Some("2"), "R", "2026-01-01"),
        b.clone(),
    ]);
    let third = list(&[b]);
    let delta = second.since(&first);
    let delta = Delta::parse(&delta.render()).unwrap();
    assert_eq!(first.apply(&delta).unwrap(), second);
    assert!(matches!(third.apply(&delta), Err(BlockListError::OtherList { .. })));
    assert_eq!(second.apply(&third.since(&second)).unwrap(), third);
}
