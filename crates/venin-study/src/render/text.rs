//! A study in short, for a terminal: what went in, what it says, and what to do.

use venin_report::escape_text;

use crate::number::shown_count;
use crate::report::StudyReport;

/// The sentences of a study, chapter by chapter.
#[must_use]
pub fn render_study_text(study: &StudyReport) -> String {
    let scope = &study.scope;
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(&escape_text(text));
        out.push('\n');
    };
    line(&format!(
        "{} artifacts of {} projects ({} releases) from {} files; {} could not be scanned; {} claims.",
        shown_count(scope.artifacts),
        shown_count(scope.projects),
        shown_count(scope.releases),
        shown_count(scope.files),
        shown_count(scope.unreadable),
        shown_count(scope.claims)
    ));
    for note in &study.notes {
        line(&format!("note: {note}"));
    }
    for chapter in study.chapters.iter().filter(|chapter| !chapter.text.is_empty()) {
        line("");
        line(&chapter.title);
        for sentence in &chapter.text {
            line(&format!("  {sentence}"));
        }
    }
    if !study.mitigations.is_empty() {
        line("");
        line("What to do");
    }
    for mitigation in &study.mitigations {
        line(&format!("  {}: {} {}", mitigation.party, mitigation.action, mitigation.reason));
        if !mitigation.command.is_empty() {
            line(&format!("    {}", mitigation.command));
        }
    }
    out
}
