//! Every number in the sentences of a study is that of the cell it points at.

use super::*;
use crate::chapters::prevalence::testing::{acting, data_of, finding};
use crate::chapters::{StudyInput, make_study};
use crate::chart::Chart;
use crate::compare::{Baseline, compare};
use crate::history::History;
use crate::history::testing::{claim, day, downloads, history, look, report};
use crate::lookup::Tables;
use crate::lookup::testing::assert_told;
use crate::report::StudyReport;
use crate::sample::{DataSet, Unreadable};
use crate::tools::trial::Label;
use crate::tools::{Labelled, Outcome, Run, Trial, make_tools_chapter};
use venin_intel::claim::{ClaimKind, Surface};
use venin_model::Trigger;
use venin_report::{CallTokensReport, MaliciousFileReport};

#[test]
fn a_sentence_is_an_array_of_words_and_places() {
    let mut sentence = Sentence::of_words("Of ");
    let place = Some(Place { row: 2, column: "found".to_owned() });
    sentence.push_cited(Cited { shown: "1,234".to_owned(), table: "mirrors".to_owned(), place });
    sentence.push_words(" on ");
    sentence.push_cited(Cited { shown: "3".to_owned(), table: "feeds".to_owned(), place: None });
    let text = serde_json::to_string(&sentence).unwrap();
    let expected = r#"["Of ",{"shown":"1,234","table":"mirrors","row":2,"column":"found"}," on ",{"shown":"3","table":"feeds"}]"#;
    assert_eq!(text, expected);
    assert_eq!(serde_json::from_str::<Sentence>(&text).unwrap(), sentence);
    assert_eq!(sentence.to_string(), "Of 1,234 on 3");
}

const COMMAND: &str = "command execution";
const STEAL: &str = "information stealing";

/// Artifacts of which every chapter on code has something to say.
fn artifacts() -> DataSet {
    let made = |name: &'static str, version: &str, behaviors: &[&str]| {
        let mut made = acting(name, version, behaviors, "install");
        made.techniques = vec!["code obfuscation".to_owned(), "impersonation".to_owned()];
        made.findings.push(finding("other-rule", Some(COMMAND), Some("code obfuscation"), "startup"));
        made.triggers.push("startup".to_owned());
        made.attributes.python_files = 2;
        made.attributes.python_lines = 10;
        let file = MaliciousFileReport {
            path: "setup.py".to_owned(),
            depth: 1,
            lines: 10,
            malicious_lines: 6,
            extent: 7,
        };
        made.attributes.malicious_files.push(file);
        made.gaps = vec!["budget: too large".to_owned()];
        let call = |at: u32| CallTokensReport {
            trigger: Trigger::Install,
            class: "Cs.shell".to_owned(),
            call: format!("os.call{at}"),
            parameters: vec!["args:literal".to_owned()],
            cited: true,
        };
        made.attributes.calls = (0..20).map(call).collect();
        (made, "2026-01-02")
    };
    let found = data_of([
        made("bad-1", "1.0", &[COMMAND, STEAL]),
        made("bad-1", "2.0", &[COMMAND]),
        made("bad-2", "1.0", &[COMMAND]),
        made("bad-3", "1.0", &[STEAL, COMMAND]),
    ]);
    let lost = Unreadable { target: "lost".to_owned(), error: "no archive".to_owned() };
    DataSet::of_samples(found.samples().to_vec(), vec![lost], 9)
}

/// Claims of which every chapter on life has something to say.
fn claims() -> History {
    let mut claims = Vec::new();
    for release in ["bad-1==1.0", "bad-2==1.0", "bad-3==1.0"] {
        claims.push(claim(release, ClaimKind::Uploaded, &day("2026-01-01")));
        claims.push(report(release, "feed2", &day("2026-01-04")));
        claims.push(claim(release, ClaimKind::ReleaseRemoved, &day("2026-01-05")));
        let mut last = claim(release, ClaimKind::LastDownload, &day("2026-03-01"));
        last.surface = Surface::Downloads;
        claims.push(last);
        let words = r#"{"count":1234,"mirrors":3,"file_types":{"sdist":1234},"systems":{"Linux":900},"installers":{"pip":900},"countries":{"C3":5}}"#;
        claims.push(downloads(release, "2026-01-01", "2026-01-03", words));
        for (on, kind, verdict) in
            [("2026-02-01", ClaimKind::FileSeen, "live"), ("2026-04-01", ClaimKind::FileAbsent, "clean")]
        {
            claims.push(look(release, "mirror7", kind, on, verdict));
        }
        claims.push(look(release, "mirror8", ClaimKind::FileSeen, "2026-02-01", "live"));
    }
    claims.push(report("bad-1==1.0", "feed1", "by 2026-01-09T00:00:00Z"));
    claims.push(claim("bad-1==1.0", ClaimKind::Uploaded, &day("2040-01-01")));
    history(claims)
}

fn trials() -> Vec<Trial> {
    let trial = |label: Label, outcome: Outcome| {
        let item = Labelled { path: "a.zip".to_owned(), label, campaign: None };
        let run = Run { tool: "tool-1".to_owned(), outcome, millis: Some(12) };
        Trial { runs: vec![run], ..Trial::of(item, None) }
    };
    vec![trial(Label::Malicious, Outcome::Detected), trial(Label::Benign, Outcome::Silent)]
}

fn full_study() -> StudyReport {
    let (data, history) = (artifacts(), claims());
    let study = make_study(&StudyInput::new(&data, &history, "0.1")).study;
    let mut earlier = study.clone();
    earlier.version = "0.0".to_owned();
    earlier.chapters.retain(|chapter| chapter.id != "mirrors");
    // Each of them is the last chapter of a study; here they stand side by side, as a test needs.
    let mut whole = study.clone();
    let with_paper = compare(&study, Baseline::Paper);
    whole.chapters.push(with_paper);
    whole.chapters.push(make_tools_chapter(&trials()));
    let mut beside = compare(&study, Baseline::Study { name: "study-1.json", study: &earlier });
    let tables = Tables::of(&beside.tables);
    beside.text.iter().for_each(|sentence| assert_told(&tables, sentence));
    assert!(
        beside.text.last().unwrap().to_string().contains("of version 0.1, the other"),
        "{:?}",
        beside.text
    );
    beside.text.clear();
    whole
}

fn sentences(study: &StudyReport) -> impl Iterator<Item = &Sentence> {
    let features = study.portrait.iter().flat_map(|drawn| &drawn.features).map(|feature| &feature.value);
    let reasons = study.mitigations.iter().map(|mitigation| &mitigation.reason);
    let text = study.chapters.iter().flat_map(|chapter| &chapter.text);
    study.notes.iter().chain(text).chain(features).chain(reasons)
}

#[test]
fn every_number_in_a_sentence_is_written_as_the_cell_that_it_points_at() {
    let study = full_study();
    let tables = Tables::of_study(&study);
    sentences(&study).for_each(|sentence| assert_told(&tables, sentence));
    for chapter in study.chapters.iter().filter(|chapter| chapter.id != "proposals") {
        let is_numbered = |sentence: &Sentence| sentence.cited().any(|cited| cited.place.is_some());
        assert!(chapter.text.iter().any(is_numbered), "{}: {:?}", chapter.id, chapter.text);
    }
    assert!(study.notes.len() >= 3 && study.mitigations.len() > 8, "{:?}", study.mitigations);
    let known = study.portrait.iter().flat_map(|drawn| &drawn.features);
    let known = known.filter(|feature| feature.value.to_string() != crate::number::NOT_KNOWN).count();
    assert!(known > 30, "{known} features are known");
}

#[test]
fn what_a_picture_shows_is_told_in_sentences_of_its_chapter() {
    let study = full_study();
    for chapter in &study.chapters {
        let told: Vec<String> = chapter.text.iter().map(ToString::to_string).collect();
        for Chart { id, alt, .. } in &chapter.charts {
            let rest = told.iter().fold(alt.clone(), |rest, sentence| rest.replace(sentence, ""));
            assert!(!rest.contains(|c: char| c.is_ascii_digit()), "{id}: {rest}");
        }
    }
}
