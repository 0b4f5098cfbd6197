//! A release: its life and who accuses it, with hostile texts in every field.

use venin_report::*;

fn report(text: &str) -> ReleaseReport {
    let owned = || text.to_owned();
    ReleaseReport {
        schema: RELEASE_SCHEMA.to_owned(),
        name: "some-name".to_owned(),
        version: Some("1.0".to_owned()),
        purl: "pkg:pypi/some-name@1.0".to_owned(),
        scan: Some(ScanOpinion {
            verdict: "malicious".to_owned(),
            at: "2026-01-04".to_owned(),
            sha256: None,
        }),
        accusations: vec![AccusationReport {
            source: "feed".to_owned(),
            record: owned(),
            class: "malware".to_owned(),
            since: "2026-01-03".to_owned(),
            confidence: Some(90),
            by: "release".to_owned(),
        }],
        withdrawn: vec![(owned(), owned())],
        reused_since: None,
        conflicts: vec![owned()],
        measures: vec![MeasureReport {
            name: "incubation".to_owned(),
            meaning: "from release to discovery".to_owned(),
            least_seconds: Some(172_800),
            most_seconds: Some(172_800),
            text: "2 d".to_owned(),
        }],
        surfaces: vec![SurfaceReport {
            surface: "mirror:m".to_owned(),
            state: "serves".to_owned(),
            last_seen: Some("2026-03-01".to_owned()),
            gone: None,
        }],
        timeline: vec![ClaimReport {
            happened: "2026-01-01".to_owned(),
            not_before: None,
            not_after: None,
            kind: "reported".to_owned(),
            subject: "some-name==1.0".to_owned(),
            surface: "advisory:feed".to_owned(),
            source: "feed".to_owned(),
            source_ref: owned(),
            observed: "2026-01-04T00:00:00Z".to_owned(),
            sha256: None,
            class: "malware".to_owned(),
            detail: serde_json::Value::Null,
        }],
    }
}

#[test]
fn the_life_of_a_release_is_a_time_line_with_its_measures() {
    insta::assert_snapshot!(render_lifecycle_text(&report("R-1"), &TextOptions::default()));
}

#[test]
fn a_release_is_explained_by_who_accuses_it_and_where_opinions_differ() {
    insta::assert_snapshot!(render_release_text(&report("R-1"), &TextOptions::default()));
}

#[test]
fn the_page_of_a_release_holds_no_markup_and_no_hidden_sign_of_a_stranger() {
    let page = render_release_html(&report("<script>alert(1)</script>\u{202e}'\""));
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
    assert!(!page.contains('\u{202e}'));
    assert!(page.contains("some-name==1.0: life cycle"));
}

#[test]
fn no_text_of_a_stranger_moves_a_cursor() {
    let hostile = report("a\u{1b}[2J\nb");
    for text in [
        render_lifecycle_text(&hostile, &TextOptions::default()),
        render_release_text(&hostile, &TextOptions::default()),
    ] {
        assert!(!text.contains('\u{1b}'));
    }
}
