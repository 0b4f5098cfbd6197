//! What went in: the numbers that come before every question, as a table, and what a reader must know of the data.

use super::{StudyInput, behind};
use crate::lookup::{Look, Tables};
use crate::report::Scope;
use crate::sample::Sample;
use crate::sentence::Sentence;
use crate::table::{Cell, Table, Unit};

/// The table's id.
const ID: &str = "scope";
const UNREADABLE: &str = "not scanned";
const INCOMPLETE: &str = "not wholly looked at";
const IN_THE_FUTURE: &str = "claims of the future";

pub(super) fn scope_of(input: &StudyInput<'_>) -> Scope {
    let samples = input.data.samples();
    let distinct = |mut keys: Vec<String>| {
        keys.sort_unstable();
        keys.dedup();
        keys.len() as u64
    };
    Scope {
        files: input.data.files(),
        artifacts: samples.len() as u64,
        projects: distinct(samples.iter().map(Sample::project).collect()),
        releases: distinct(samples.iter().map(|s| format!("{}=={}", s.project(), s.version())).collect()),
        unreadable: input.data.unreadable().len() as u64,
        claims: input.history.claims(),
        newest: input
            .history
            .newest()
            .map(|at| at.to_string().chars().take(10).collect())
            .unwrap_or_default(),
    }
}

/// The table: the numbers of [`Scope`], and what of the input is not counted or not wholly known.
pub(super) fn scope_table(input: &StudyInput<'_>) -> Table {
    let mut table = Table::new(
        ID,
        "What went in",
        "Files came in, copies counted; artifacts are different by SHA-256, and the rest of the files are copies. Projects \
         by their names as indexes compare them; releases are projects with a version. Not scanned: files that nothing \
         could be said of; they are counted nowhere else. Not wholly looked at: artifacts with a gap in their scan; what \
         is counted of them is what was seen. Claims are those of the event store; claims of the future were left out.",
        &[("of", "Of", Unit::Text), ("count", "Count", Unit::Count)],
    );
    let scope = scope_of(input);
    let incomplete = behind(input.data.samples(), |sample| !sample.artifact.gaps.is_empty());
    let rows = [
        ("files", scope.files, Vec::new()),
        ("copies", scope.files.saturating_sub(scope.artifacts), Vec::new()),
        ("artifacts", scope.artifacts, Vec::new()),
        (INCOMPLETE, incomplete.len() as u64, incomplete),
        ("projects", scope.projects, Vec::new()),
        ("releases", scope.releases, Vec::new()),
        (UNREADABLE, scope.unreadable, Vec::new()),
        ("claims", scope.claims, Vec::new()),
        (IN_THE_FUTURE, input.history.in_the_future(), Vec::new()),
    ];
    for (of, count, behind) in rows {
        table.push([Cell::from(of), Cell::from(count)], behind);
    }
    table
}

/// What came in, and what is left of it.
pub(super) fn scope_sentence(tables: &Tables<'_>) -> Sentence {
    let places = ["files", "copies", "artifacts", "projects"].map(|row| Look::At(ID, row, "count"));
    tables.tell(
        "{} files came in, {} of them copies of others; {} different artifacts of {} projects are left.",
        &places,
    )
}

/// What a reader must know of the data as a whole.
pub(super) fn notes_of(tables: &Tables<'_>) -> Vec<Sentence> {
    let count = |row| Look::At(ID, row, "count");
    let told = [
        (UNREADABLE, "{} files could not be scanned; they are listed at the end and counted nowhere else."),
        (INCOMPLETE, "{} artifacts were not wholly looked at; what is counted of them is what was seen."),
        (IN_THE_FUTURE, "{} claims lie in the future and were left out."),
    ];
    let there = told.iter().filter(|(row, _)| tables.has(count(row)));
    let mut notes: Vec<Sentence> = there.map(|(row, text)| tables.tell(text, &[count(row)])).collect();
    let missing = [
        ("artifacts", "There is no artifact: every count is zero and every share is unknown."),
        ("claims", "There is no event store: nothing is said of reports, removals, downloads and mirrors."),
    ];
    let missing = missing.iter().filter(|(row, _)| !tables.has(count(row)));
    notes.extend(missing.map(|(_, text)| Sentence::of_words(text)));
    notes
}
