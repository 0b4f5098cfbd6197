//! What must stay true of lives.

use super::*;
use crate::claim::{Class, Moment};

fn claim(kind: ClaimKind, surface: Surface, happened: &str) -> Claim {
    Claim {
        subject: Subject::project("a").unwrap().with_version("1").unwrap(),
        surface,
        kind,
        happened: if happened.is_empty() { Interval::UNKNOWN } else { Interval::parse(happened).unwrap() },
        observed: Moment::from_seconds(1),
        source: "s".into(),
        source_ref: "r".into(),
        evidence: None,
        class: Class::Unknown,
        confidence: None,
        detail: String::new(),
    }
}

fn mirror() -> Surface {
    Surface::Mirror("m".into())
}

fn life(claims: Vec<Claim>) -> Life {
    Life::fold(Subject::project("a").unwrap(), claims)
}

#[test]
fn incubation_residual_period_and_persistence_are_three_measures() {
    let life = life(vec![
        claim(ClaimKind::FileSeen, mirror(), "2026-03-01T00:00:00Z"),
        claim(ClaimKind::ReleaseRemoved, Surface::Index, "2026-01-05T00:00:00Z"),
        claim(ClaimKind::Reported, Surface::Advisory("f".into()), "2026-01-03T00:00:00Z"),
        claim(ClaimKind::Uploaded, Surface::Index, "2026-01-01T00:00:00Z"),
        claim(ClaimKind::LastDownload, Surface::Downloads, "2026-01-13T00:00:00Z"),
    ]);
    assert_eq!(life.incubation().unwrap().to_string(), "2 d");
    assert_eq!(life.residual_period().unwrap().to_string(), "10 d");
    assert_eq!(life.persistence(&mirror()).unwrap().to_string(), "at least 55 d");
    assert_eq!(life.claims[0].kind, ClaimKind::Uploaded, "in the order in which they happened");
}

#[test]
fn a_surface_that_let_go_bounds_its_persistence() {
    let life = life(vec![
        claim(ClaimKind::ProjectRemoved, Surface::Index, "2026-01-01T00:00:00Z"),
        claim(ClaimKind::FileSeen, mirror(), "2026-01-11T00:00:00Z"),
        claim(ClaimKind::FileAbsent, mirror(), "2026-01-21T00:00:00Z"),
        claim(ClaimKind::FileAbsent, mirror(), "2026-01-31T00:00:00Z"),
    ]);
    assert_eq!(life.persistence(&mirror()).unwrap().to_string(), "10 d to 20 d");
}

#[test]
fn a_file_that_comes_back_is_not_gone() {
    let life = life(vec![
        claim(ClaimKind::FileAbsent, mirror(), "2026-01-11T00:00:00Z"),
        claim(ClaimKind::FileSeen, mirror(), "2026-01-21T00:00:00Z"),
    ]);
    let state = life.surfaces[&mirror()];
    assert!(state.gone.is_none() && state.last_seen.is_some());
    assert_eq!(life.persistence(&mirror()), None, "nobody removed it anywhere");
}

#[test]
fn claims_without_a_date_come_last_and_measure_nothing() {
    let life = life(vec![
        claim(ClaimKind::Uploaded, Surface::Index, ""),
        claim(ClaimKind::Reported, Surface::Index, "2026"),
    ]);
    assert_eq!(life.claims[1].kind, ClaimKind::Uploaded);
    assert_eq!(life.incubation(), None);
}

#[test]
fn a_record_that_was_taken_back_discovers_nothing() {
    let mut withdrawn = claim(ClaimKind::AdvisoryWithdrawn, Surface::Index, "2026-01-05T00:00:00Z");
    let reported = claim(ClaimKind::Reported, Surface::Index, "2026-01-02T00:00:00Z");
    let mut later = claim(ClaimKind::Reported, Surface::Index, "2026-01-09T00:00:00Z");
    later.source_ref = "other".into();
    assert_eq!(life(vec![reported.clone(), withdrawn.clone()]).dates.discovered(), None);
    let both = life(vec![reported.clone(), withdrawn.clone(), later.clone()]);
    assert_eq!(both.dates.discovered(), Some(later.happened));
    withdrawn.source_ref = "other".into();
    assert_eq!(life(vec![reported.clone(), withdrawn]).dates.discovered(), Some(reported.happened));
}

#[test]
fn a_report_by_a_day_leaves_the_same_bounds_as_in_the_dates_of_a_study() {
    let mut by = claim(ClaimKind::Reported, Surface::Advisory("f".into()), "2026-01-09T00:00:00Z");
    by.happened = Interval::by(Moment::parse("2026-01-05T00:00:00Z").unwrap());
    by.source_ref = "other".into();
    let claims = vec![
        claim(ClaimKind::Uploaded, Surface::Index, "2026-01-01T00:00:00Z"),
        claim(ClaimKind::FirstDownload, Surface::Downloads, "2026-01-02T00:00:00Z"),
        claim(ClaimKind::Reported, Surface::Advisory("f".into()), "2026-01-09T00:00:00Z"),
        by,
        claim(ClaimKind::AdvisoryModified, Surface::Advisory("f".into()), "2026-01-03T00:00:00Z"),
        claim(ClaimKind::LastDownload, Surface::Downloads, "2026-01-13T00:00:00Z"),
    ];
    let mut dates = Dates::default();
    claims.iter().for_each(|claim| dates.take(claim));
    let life = life(claims);
    assert_eq!(life.dates, dates);
    assert_eq!(life.dates.discovered().unwrap().to_string(), "by 2026-01-05T00:00:00Z");
    assert_eq!(life.incubation().unwrap().to_string(), "at most 4 d");
    assert_eq!(life.residual_period().unwrap().to_string(), "8 d to 12 d");
}
