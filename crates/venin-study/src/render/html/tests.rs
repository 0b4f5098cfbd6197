//! The page by its text: what must be in it, and what must never be.

use super::*;
use crate::report::{ArtifactLine, Chapter, Scope};
use crate::sentence::{Cited, Place, Sentence};
use crate::table::{Cell, Table, Unit};

fn study(artifacts: usize, rows: usize) -> StudyReport {
    let line = |at: usize| ArtifactLine {
        project: format!("p{at}"),
        version: "1.0".to_owned(),
        file: format!("<img src=x onerror=alert({at})>\u{202e}.tar.gz"),
        sha256: format!("{at:064x}"),
        verdict: "malicious".to_owned(),
    };
    let mut table =
        Table::new("t", "Title", "What is counted.", &[("a", "A", Unit::Text), ("n", "N", Unit::Count)]);
    for at in 0..rows {
        table.push([Cell::from(format!("row {at}")), Cell::from(artifacts)], (0..artifacts as u32).collect());
    }
    let mut chapter = Chapter::new("c", "Chapter", "RQ1");
    chapter.tables.push(table);
    StudyReport {
        schema: "venin.study/1".to_owned(),
        version: "0".to_owned(),
        scope: Scope { artifacts: artifacts as u64, ..Scope::default() },
        portrait: Vec::new(),
        chapters: vec![chapter],
        mitigations: Vec::new(),
        artifacts: (0..artifacts).map(line).collect(),
        unreadable: Vec::new(),
        notes: vec![Sentence::of_words("a <b>note</b>")],
    }
}

#[test]
fn what_attackers_wrote_is_text_and_every_link_has_a_target() {
    let page = render_study_html(&study(30, 2));
    assert!(!page.contains("<img") && !page.contains('\u{202e}') && !page.contains("<b>note"), "{page}");
    assert!(page.contains("&lt;img src=x") && page.contains("\\u{202e}"));
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{link}\"")), "#{link} leads nowhere");
    }
    assert_eq!(page.matches("<h1").count(), 1);
    assert!(page.contains("All 30 are in behind.csv: table t, row 1."), "{page}");
}

#[test]
fn numbers_in_sentences_lead_to_what_is_behind_their_row_else_to_their_table() {
    let mut study = study(3, 2);
    let mut sentence = Sentence::of_words("<i>Of</i> ");
    let mut cite = |shown: &str, table: &str, row: Option<u64>| {
        let place = row.map(|row| Place { row, column: "n".to_owned() });
        sentence.push_cited(Cited { shown: shown.to_owned(), table: table.to_owned(), place });
        sentence.push_words(", ");
    };
    cite("3", "t", Some(2));
    cite("7 <b>", "t", Some(900));
    cite("2", "t", None);
    cite("9", "no-table", Some(1));
    study.chapters[0].text.push(sentence);
    let page = render_study_html(&study);
    let number = |link: &str, shown: &str| format!("<a class=\"num\" href=\"#{link}\">{shown}</a>");
    let expected = format!(
        "<p>&lt;i&gt;Of&lt;&#x2f;i&gt; {}, {}, {}, 9, </p>",
        number("b-t-2", "3"),
        number("table-t", "7 &lt;b&gt;"),
        number("table-t", "2")
    );
    assert!(page.contains(&expected), "{page}");
}

#[test]
fn the_page_of_many_artifacts_stays_small_and_says_what_it_left_out() {
    let page = render_study_html(&study(2_400, 1_000));
    assert!(page.len() < 5_000_000, "{}", page.len());
    assert!(page.contains("800 more rows stand in tables/t.csv"));
}

/// WCAG 2.2: relative luminance.
fn luminance(color: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[test]
fn words_have_contrast_in_every_scheme_and_series_are_seen() {
    let schemes: Vec<&str> = STYLE.split("--paper: ").skip(1).collect();
    assert_eq!(schemes.len(), 3);
    for scheme in schemes {
        let color = |name: &str| match name {
            "paper" => &scheme[..7],
            name => scheme.split(&format!("--{name}: ")).nth(1).map(|rest| &rest[..7]).unwrap(),
        };
        let contrast = |a: &str, b: &str| {
            let (a, b) = (luminance(color(a)), luminance(color(b)));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for ground in ["paper", "panel"] {
            for words in ["text", "muted", "link"] {
                assert!(contrast(words, ground) >= 4.5, "{words} on {ground}: {}", contrast(words, ground));
            }
        }
        // Numbers on the darkest field of a heat map.
        let channel =
            |name: &str, at: usize| f64::from(u8::from_str_radix(&color(name)[at..at + 2], 16).unwrap());
        let mixed = |at| (channel("heat", at) * 0.55 + channel("paper", at) * 0.45).round() as u8;
        let (field, words) =
            (format!("#{:02x}{:02x}{:02x}", mixed(1), mixed(3), mixed(5)), luminance(color("text")));
        let field = luminance(&field);
        assert!((words.max(field) + 0.05) / (words.min(field) + 0.05) >= 4.5, "numbers on {field}");
        for series in ["s0", "s1", "s2", "s3", "s4", "s5", "heat"] {
            assert!(contrast(series, "paper") >= 3.0, "{series}: {}", contrast(series, "paper"));
        }
    }
}
