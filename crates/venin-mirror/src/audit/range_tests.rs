//! Ranges of versions: what a mirror's own page says of them.

use venin_intel::claim::{Class, Moment, Subject, Surface};
use venin_intel::store::Store;

use super::tests::{Kept, Memory, sweep};
use super::*;
use crate::gather::known_of_store;
use crate::known::{KnownFile, KnownSet};
use crate::plan::SweepOptions;
use crate::verdict::Verdict;

/// `bad` from 1.2 on and before 1.4, and up to 0.5.
fn known() -> KnownSet {
    let ranges = [">=1.2,<1.4", "<=0.5"].map(|range| range.parse().unwrap());
    KnownSet::new([KnownFile::in_ranges(Subject::project("bad").unwrap(), ranges.into(), Class::Malware)])
}

const LISTED: [&str; 6] = [
    "bad-0.5.zip",
    "bad-0.6.zip",
    "bad-1.2.tar.gz",
    "bad-1.3.9-py3-none-any.whl",
    "bad-1.4.zip",
    "bad-unversioned.txt",
];

fn mirror_with(entries: &[&str]) -> Memory {
    let mut http = Memory::with_controls();
    let entries: Vec<String> = entries.iter().map(|name| format!("/f/{name}")).collect();
    http.list("bad", &entries.iter().map(String::as_str).collect::<Vec<_>>());
    http.serve("/f/bad-1.2.tar.gz", "one");
    http.serve("/f/bad-1.4.zip", "good");
    http
}

fn audit(http: &Memory, known: &KnownSet, prior: &dyn Prior) -> Batch {
    let kept = Kept::default();
    assert_eq!(sweep(http, known, &kept, prior, SweepOptions::default()), SweepEnd::Finished);
    kept.into_batches().pop().unwrap()
}

#[test]
fn each_listed_file_whose_version_lies_in_a_range_is_a_finding_and_no_other_is() {
    let http = mirror_with(&LISTED);
    let batch = audit(&http, &known(), &());
    let found: Vec<(String, Verdict)> =
        batch.findings.iter().map(|finding| (finding.subject.to_string(), finding.verdict)).collect();
    let expected = [
        ("bad==0.5 (bad-0.5.zip)", Verdict::GhostIndex),
        ("bad==1.2 (bad-1.2.tar.gz)", Verdict::Live),
        ("bad==1.3.9 (bad-1.3.9-py3-none-any.whl)", Verdict::GhostIndex),
    ];
    assert_eq!(found, expected.map(|(subject, verdict)| (subject.to_owned(), verdict)));
    assert!(!http.was_asked("/f/bad-1.4.zip") && !http.was_asked("/f/bad-0.6.zip"));
}

#[test]
fn a_page_that_lists_nothing_of_a_range_says_nothing_of_the_project() {
    assert!(audit(&mirror_with(&["bad-1.4.zip"]), &known(), &()).findings.is_empty());
    assert!(audit(&Memory::with_controls(), &known(), &()).findings.is_empty(), "no page");
}

#[test]
fn a_page_that_cannot_be_read_leaves_the_range_open() {
    let mut http = Memory::with_controls();
    http.put("/simple/bad/", "text/plain", "maintenance");
    let batch = audit(&http, &known(), &());
    assert_eq!(batch.findings.len(), 1);
    assert_eq!(
        (batch.findings[0].subject.to_string().as_str(), batch.findings[0].verdict),
        ("bad", Verdict::Unknown)
    );
}

#[test]
fn a_file_that_a_range_once_found_is_looked_for_after_the_page_dropped_it() {
    let mut store = Store::in_memory().unwrap();
    let detail = r#"{"scope":"ranges","ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"1.2"},{"fixed":"1.4"}]}]}"#;
    let first = audit(&mirror_with(&LISTED), &known(), &());
    let accusation = venin_intel::claim::Claim {
        subject: Subject::project("bad").unwrap(),
        surface: Surface::Advisory("feed".to_owned()),
        kind: venin_intel::claim::ClaimKind::Reported,
        class: Class::Malware,
        source: "feed".to_owned(),
        detail: detail.to_owned(),
        observed: Moment::from_seconds(1),
        ..first.claims[0].clone()
    };
    store.append(&[accusation]).unwrap();
    store.append(&first.claims).unwrap();
    let known = KnownSet::new(known_of_store(&store).unwrap());
    let second = audit(&mirror_with(&["bad-1.4.zip"]), &known, &PriorClaims::new(&first.claims));
    let gone: Vec<String> = second
        .claims
        .iter()
        .filter(|claim| claim.kind == venin_intel::claim::ClaimKind::IndexAbsent)
        .map(|claim| format!("{} {}", claim.subject, claim.happened))
        .collect();
    assert_eq!(gone.len(), 2, "{gone:?}");
    assert!(gone[0].starts_with("bad==1.2 (bad-1.2.tar.gz)"), "{gone:?}");
}
