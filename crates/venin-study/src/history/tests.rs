//! What must stay true of histories.

use venin_intel::claim::{ClaimKind, Surface};

use super::testing::{claim, day, downloads, history, look, now, report};
use super::*;

fn versions(history: &History) -> Vec<String> {
    history.releases().map(|(project, release)| format!("{}=={}", project.name, release.version)).collect()
}

#[test]
fn nothing_is_an_empty_history() {
    let none = history(Vec::new());
    assert_eq!((none.projects().len(), none.claims(), none.newest()), (0, 0, None));
    assert!(none.left_out().notes().is_empty());
}

#[test]
fn only_what_somebody_accuses_is_kept_and_the_rest_is_told() {
    let found = history(vec![
        claim("bad==1.0", ClaimKind::Uploaded, &day("2026-01-01")),
        claim("bad==2.0", ClaimKind::Uploaded, &day("2026-01-02")),
        report("bad==1", "x", &day("2026-01-03")),
        claim("good==1.0", ClaimKind::Uploaded, &day("2026-01-01")),
        report("nobody-knows-when", "x", ""),
    ]);
    assert_eq!(versions(&found), ["bad==1.0", "nobody-knows-when=="]);
    let release = &found.projects()[0].releases[0];
    assert_eq!(release.dates.incubation().unwrap().to_string(), "2 d");
    assert_eq!(found.name(release.reports[0].source), "x");
    let left_out = *found.left_out();
    assert_eq!((left_out.projects_not_accused, left_out.releases_not_accused, left_out.undated), (1, 1, 1));
    assert_eq!(left_out.notes().len(), 3);
}

#[test]
fn records_that_were_taken_back_count_for_nothing() {
    let withdrawn = |release: &str, source: &str| {
        let mut claim = report(release, source, &day("2026-02-01"));
        claim.kind = ClaimKind::AdvisoryWithdrawn;
        claim
    };
    let found = history(vec![
        report("cleared==1", "x", &day("2026-01-01")),
        withdrawn("cleared==1", "x"),
        report("bad==1", "x", &day("2026-01-01")),
        withdrawn("bad==1", "x"),
        report("bad==1", "y", &day("2026-01-09")),
    ]);
    assert_eq!(versions(&found), ["bad==1"]);
    let release = &found.projects()[0].releases[0];
    assert_eq!(release.reports.len(), 1);
    assert_eq!(release.dates.discovered().unwrap().to_string(), day("2026-01-09"));
    assert_eq!((found.left_out().projects_cleared, found.left_out().records_withdrawn), (1, 1));
}

#[test]
fn what_a_later_owner_of_a_name_uploads_is_not_counted() {
    let mut last = claim("name", ClaimKind::LastDownload, &day("2026-09-01"));
    last.surface = Surface::Downloads;
    let found = history(vec![
        report("name", "x", &day("2026-01-03")),
        claim("name==1.0", ClaimKind::Uploaded, &day("2026-01-01")),
        claim("name", ClaimKind::NameReused, &day("2026-06-01")),
        claim("name==2.0", ClaimKind::Uploaded, &day("2026-07-01")),
        last,
    ]);
    assert_eq!(versions(&found), ["name==1.0"]);
    assert_eq!(found.left_out().releases_of_later_owners, 1);
    assert_eq!(found.projects()[0].dates.last_download, None);
    assert_eq!(found.left_out().downloads_of_later_owners, 1);
}

#[test]
fn an_accusation_of_a_range_names_the_releases_in_it() {
    let mut ranged = report("p", "x", &day("2026-01-03"));
    ranged.detail =
        r#"{"ranges":[{"events":[{"introduced":"1.5"},{"fixed":"3"}],"type":"ECOSYSTEM"}],"scope":"ranges"}"#
            .to_owned();
    let mut claims: Vec<Claim> = ["1.0", "1.5", "2.0", "3.0"]
        .map(|version| claim(&format!("p=={version}"), ClaimKind::Uploaded, &day("2026-01-01")))
        .into();
    claims.push(ranged);
    claims.push(claim("p", ClaimKind::ProjectRemoved, "2026-01-05"));
    let found = history(claims);
    assert_eq!(versions(&found), ["p==1.5", "p==2.0"]);
    assert!(found.releases().all(|(_, release)| release.dates.removed.is_some()));
}

#[test]
fn claims_of_the_future_and_of_before_the_index_are_left_out() {
    let found = history(vec![
        report("bad==1", "x", &day("2026-01-03")),
        claim("bad==1", ClaimKind::Uploaded, &day("1999-01-01")),
        claim("bad==1", ClaimKind::ProjectRemoved, &day("2030-01-01")),
    ]);
    assert_eq!((found.in_the_future(), found.left_out().before_the_index, found.claims()), (1, 1, 3));
    assert_eq!(found.projects()[0].releases[0].dates.uploaded, None);
}

#[test]
fn of_sums_that_overlap_the_largest_counts_and_others_are_added() {
    let found = history(vec![
        report("bad==1", "x", &day("2026-01-03")),
        downloads("bad==1", "2026-01-01", "2026-01-20", r#"{"count":5}"#),
        downloads("bad==1", "2026-01-05", "2026-02-20", r#"{"count":9,"systems":{"Linux":9}}"#),
        downloads("bad==1", "2026-03-01", "2026-03-20", r#"{"count":2,"installers":{"(unknown)":2}}"#),
        downloads("bad==1", "2026-04-01", "2026-04-02", "no detail"),
    ]);
    let sums = &found.projects()[0].releases[0].downloads;
    assert_eq!(sums.iter().map(|sum| sum.count).collect::<Vec<_>>(), [9, 2]);
    assert!(sums[1].words.is_empty(), "an unknown installer is none");
    assert_eq!((found.left_out().overlapping_sums, found.left_out().unreadable_sums), (1, 1));
}

#[test]
fn looks_for_what_nobody_accuses_are_left_out_and_the_last_audit_is_known() {
    let found = history(vec![
        report("bad==1", "x", &day("2026-01-03")),
        look("bad==1", "m", ClaimKind::FileSeen, "2026-02-01", "live"),
        look("bad==1", "m", ClaimKind::IndexSeen, "2026-02-01", "live"),
        look("bad==1", "m", ClaimKind::FileAbsent, "2026-03-01", "clean"),
        look("bad==2", "m", ClaimKind::FileSeen, "2026-03-01", "live"),
    ]);
    let looks = &found.projects()[0].looks;
    assert_eq!(
        looks.iter().map(|l| (l.verdict, l.is_last)).collect::<Vec<_>>(),
        [(Verdict::Live, false), (Verdict::Clean, true)]
    );
    assert_eq!(found.left_out().looks_not_accused, 1);
}

/// Claims on projects as a large store has them: upload, two sources, removal, a look at each of twenty mirrors.
pub(crate) fn many(projects: usize) -> Vec<Claim> {
    let mut claims = Vec::new();
    for project in 0..projects {
        let release = format!("project-{project}==1.0");
        claims.push(claim(&release, ClaimKind::Uploaded, &day("2026-01-01")));
        claims.push(report(&release, "x", &day("2026-01-03")));
        claims.push(report(&release, "y", "2026-01-04"));
        claims.push(claim(&release, ClaimKind::ReleaseRemoved, &day("2026-01-05")));
        claims.push(downloads(&release, "2026-01-01", "2026-02-01", r#"{"count":9,"systems":{"Linux":9}}"#));
        for mirror in 0..20 {
            let mirror = format!("mirror-{mirror}");
            let on = format!("2026-0{}-1{}", 2 + project % 7, project % 10);
            claims.push(look(&release, &mirror, ClaimKind::FileSeen, &on, "live"));
            claims.push(look(&release, &mirror, ClaimKind::IndexSeen, &on, "live"));
        }
    }
    claims
}

#[test]
fn a_hundred_thousand_claims_take_linear_space_and_little() {
    let (half, whole) = (many(1_112), many(2_224));
    assert!(whole.len() > 100_000);
    let given = whole.len() as u64;
    let (half, whole) = (History::of(half, now()), History::of(whole, now()));
    assert_eq!((whole.claims(), whole.projects().len()), (given, 2_224));
    let ratio = whole.size() as f64 / half.size() as f64;
    assert!((1.9..2.1).contains(&ratio), "{ratio}");
    let of_12000_projects = whole.size() / 2_224 * 12_000;
    assert!(of_12000_projects < 60 << 20, "{of_12000_projects} bytes for a look at 20 mirrors each");
}

#[test]
fn twice_the_claims_give_tables_of_the_same_size() {
    let rows = |projects: usize| -> Vec<(String, usize)> {
        let (history, data) = (History::of(many(projects), now()), crate::sample::DataSet::default());
        let input = crate::chapters::StudyInput::new(&data, &history, "0");
        let study = crate::chapters::make_study(&input).study;
        study.tables().map(|(_, table)| (table.id.clone(), table.rows.len())).collect()
    };
    assert_eq!(rows(140), rows(280));
}

#[test]
fn a_project_of_many_releases_that_many_records_condemn_as_a_whole_stays_small() {
    let mut claims = Vec::new();
    for release in 0..2_000 {
        claims.push(claim(&format!("p==1.{release}"), ClaimKind::Uploaded, &day("2026-01-01")));
    }
    for record in 0..2_000 {
        let mut whole = report("p", &format!("source-{}", record % 3), &day("2026-01-03"));
        whole.source_ref = record.to_string();
        claims.push(whole);
    }
    let found = history(claims);
    assert_eq!(found.releases().count(), 2_000);
    assert!(found.releases().all(|(_, release)| release.reports.len() == 3));
    assert!(found.size() < 2_000 * 1_000, "{}", found.size());
}

#[test]
fn the_same_claims_in_another_order_give_the_same_study() {
    let study = |claims: Vec<Claim>| {
        let (history, data) = (history(claims), crate::sample::DataSet::default());
        let input = crate::chapters::StudyInput::new(&data, &history, "0");
        serde_json::to_string(&crate::chapters::make_study(&input).study).unwrap()
    };
    let mut claims = many(7);
    let forward = study(claims.clone());
    claims.reverse();
    assert_eq!(study(claims), forward);
}
