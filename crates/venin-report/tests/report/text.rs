//! Text for people.

use venin_model::{Gap, GapKind};
use venin_report::{ArtifactReport, Color, Detail, TextOptions, render_artifact_text, render_summary_text};

use crate::samples;

#[test]
fn a_clean_artifact_is_one_line() {
    let text = render_artifact_text(&samples::report(&samples::benign()), &TextOptions::default());
    assert_eq!(text.lines().count(), 1);
    insta::assert_snapshot!(text);
}

#[test]
fn a_malicious_artifact_tells_what_when_and_where() {
    let text = render_artifact_text(&samples::report(&samples::malicious()), &TextOptions::default());
    insta::assert_snapshot!(text);
}

#[test]
fn verbose_shows_every_step_and_explain_the_sum() {
    let options = TextOptions { detail: Detail::Full, explain: true, width: 80, ..TextOptions::default() };
    insta::assert_snapshot!(render_artifact_text(&samples::report(&samples::malicious()), &options));
}

#[test]
fn an_incomplete_artifact_says_what_was_not_looked_at() {
    insta::assert_snapshot!(render_artifact_text(
        &samples::report(&samples::incomplete()),
        &TextOptions::default()
    ));
}

#[test]
fn many_gaps_of_one_reason_are_one_line() {
    let mut scan = samples::benign();
    for at in 0..40 {
        let member = format!("pkg/m{at}.pyc");
        scan.coverage.gaps.push(Gap::of_member(
            member.into(),
            GapKind::Unsupported,
            "no reader for this format",
        ));
    }
    scan.coverage.gaps.push(Gap::of_artifact(GapKind::Unreadable, "the last 9 bytes belong to nothing"));
    insta::assert_snapshot!(render_artifact_text(&samples::report(&scan), &TextOptions::default()), @r"
    clean       greetings 1.0.2  greetings-1.0.2.tar.gz  score -4.60

    not looked at
      40 members, such as pkg/m0.pyc (unsupported format): no reader for this format
      the artifact (unreadable): the last 9 bytes belong to nothing
    ");
    let all = TextOptions { detail: Detail::Full, ..TextOptions::default() };
    assert_eq!(render_artifact_text(&samples::report(&scan), &all).matches("no reader").count(), 40);
}

#[test]
fn an_artifact_that_was_never_scanned_is_reported_all_the_same() {
    let report = ArtifactReport::unscanned("in/a.whl", 7, GapKind::Crash, "the worker ended by signal 9");
    insta::assert_snapshot!(render_artifact_text(&report, &TextOptions::default()));
}

#[test]
fn hostile_strings_are_shown_and_not_obeyed() {
    let text = render_artifact_text(&samples::report(&samples::hostile()), &TextOptions::default());
    let is_bad = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'));
    assert!(!text.contains(is_bad));
    assert!(!text.lines().any(|line| line.trim_start().starts_with("::")));
    assert!(!text.contains("##["));
    insta::assert_snapshot!(text);
}

#[test]
fn color_changes_nothing_but_color() {
    for scan in [samples::benign(), samples::malicious(), samples::hostile()] {
        let report = samples::report(&scan);
        let plain = TextOptions { explain: true, ..TextOptions::default() };
        let ansi = render_artifact_text(&report, &TextOptions { color: Color::Ansi, ..plain });
        assert_ne!(ansi, render_artifact_text(&report, &plain));
        assert_eq!(without_styles(&ansi), render_artifact_text(&report, &plain));
    }
}

/// Drops `ESC [ ... m`.
fn without_styles(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |done, part| done + part.split_once('m').unwrap().1)
}

#[test]
fn the_summary_counts_each_verdict() {
    insta::assert_snapshot!(render_summary_text(&samples::run().summary, &TextOptions::default()));
}
