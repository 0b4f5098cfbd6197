//! How malicious code comes to run (RQ4, paper, RQ4): the paper's three vectors and the finer triggers, for each
//! artifact and for each finding.

use std::collections::BTreeMap;

use venin_model::{Trigger, Vector};

use super::behaviors::paper_cell;
use super::prevalence::{Census, INTERVAL, SHARE_COLUMNS, omission_note, share_cells};
use super::{StudyInput, behind};
use crate::chart::{Chart, ChartKind};
use crate::lookup::{Look, Tables};
use crate::report::Chapter;
use crate::sample::Sample;
use crate::sentence::Sentence;
use crate::table::{Cell, Table, Unit};

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let census = Census::of(input.data.samples());
    let mut chapter = Chapter::new("vectors", "How it comes to run", "RQ4");
    chapter.tables = vec![vectors_table(&census), triggers_table(&census), combinations_table(&census)];
    let sentence = sentence(&Tables::of(&chapter.tables));
    chapter.charts = vec![
        Chart {
            id: "vectors".to_owned(),
            title: "Artifacts by earliest vector, beside the paper".to_owned(),
            alt: sentence.to_string(),
            table: "vectors".to_owned(),
            kind: ChartKind::Bars {
                label: "vector".into(),
                values: vec!["share_first".into(), "paper_share".into()],
                low: Some("low_first".into()),
                high: Some("high_first".into()),
            },
        },
        Chart {
            id: "triggers".to_owned(),
            title: "Artifacts by trigger".to_owned(),
            alt: "The share of artifacts with a behavior in which each trigger runs a finding.".to_owned(),
            table: "triggers".to_owned(),
            kind: ChartKind::Bars {
                label: "trigger".into(),
                values: vec!["share".into()],
                low: Some("low".into()),
                high: Some("high".into()),
            },
        },
        Chart {
            id: "vector-combinations".to_owned(),
            title: "Which vectors come together".to_owned(),
            alt: "How many artifacts have each exact set of vectors.".to_owned(),
            table: "vector-combinations".to_owned(),
            kind: ChartKind::Combinations { sets: "vectors".into(), count: "artifacts".into() },
        },
    ];
    chapter.text = vec![sentence];
    chapter
}

/// The triggers of an artifact's findings with a behavior, the earliest first.
///
/// The list of a scan is taken, which knows of findings that were not kept.
fn triggers_of(sample: &Sample) -> impl Iterator<Item = Trigger> {
    Trigger::ALL
        .iter()
        .copied()
        .filter(|trigger| sample.artifact.triggers.iter().any(|known| known == trigger.as_str()))
}

/// The paper's vectors of an artifact in the order in which they come.
fn vectors_of(sample: &Sample) -> Vec<Vector> {
    let mut vectors: Vec<Vector> = triggers_of(sample).filter_map(Trigger::vector).collect();
    vectors.sort_unstable();
    vectors.dedup();
    vectors
}

fn has_behavior(sample: &Sample) -> bool {
    !sample.artifact.behaviors.is_empty()
}

fn sentence(tables: &Tables<'_>) -> Sentence {
    if tables.find_most("vectors", "first").is_none() {
        return Sentence::of_words("In no artifact does anything run that shows a behavior.");
    }
    let of =
        |vector: Vector| ["first", "share_first"].map(|column| Look::At("vectors", vector.as_str(), column));
    tables.tell(
        "Of the artifacts with a vector, {} ({}) act as soon as they are installed, {} ({}) when they are first imported, \
         the others when something of them is called.",
        &[of(Vector::Install), of(Vector::Import)].concat(),
    )
}

/// Findings with a behavior that a vector runs; `None` for those that nothing runs.
fn count_findings(sample: &Sample, holds: impl Fn(Trigger) -> bool) -> u64 {
    let findings = sample.artifact.findings.iter().filter(|finding| finding.behavior.is_some());
    findings.filter_map(|finding| Trigger::parse(&finding.trigger)).filter(|t| holds(*t)).count() as u64
}

fn vectors_table(census: &Census<'_>) -> Table {
    let mut columns = vec![("vector", "Vector", Unit::Text), ("artifacts", "Artifacts", Unit::Count)];
    columns.extend(SHARE_COLUMNS);
    columns.extend([
        ("only", "Only this", Unit::Count),
        ("share_only", "Only this, share", Unit::Share),
        ("first", "Earliest", Unit::Count),
        ("share_first", "Earliest, share", Unit::Share),
        ("low_first", "Earliest, lower end", Unit::Share),
        ("high_first", "Earliest, upper end", Unit::Share),
        ("findings", "Findings", Unit::Count),
        ("share_findings", "Findings, share", Unit::Share),
        ("projects", "Projects", Unit::Count),
        ("paper_artifacts", "Paper", Unit::Count),
        ("paper_share", "Paper, share", Unit::Share),
    ]);
    let definition = format!(
        "Install: setup.py, its command classes and build backends of the tree. Import: the import of the package and \
         every start of the interpreter. Run: entry points and functions that nothing before calls. An artifact counts for \
         every vector that a finding with a behavior is triggered by; earliest: only for the first of install, import, run, \
         as the paper gives every package one vector (846 packages). Shares of artifacts are out of artifacts with at \
         least one vector, those of findings out of findings with a behavior and a vector. The row `none` is for \
         artifacts with a behavior and no vector: what shows it lies in files that nothing runs. {INTERVAL}"
    );
    let mut table = Table::new("vectors", "Vectors", &definition, &columns);
    let samples = census.samples();
    let any = samples.iter().filter(|sample| !vectors_of(sample).is_empty()).count() as u64;
    let all_findings: u64 = samples.iter().map(|s| count_findings(s, |t| t.vector().is_some())).sum();
    for vector in Vector::ALL.iter().copied() {
        let chosen = behind(samples, |sample| vectors_of(sample).contains(&vector));
        let only = samples.iter().filter(|sample| vectors_of(sample) == [vector]).count() as u64;
        let first =
            samples.iter().filter(|sample| vectors_of(sample).first() == Some(&vector)).count() as u64;
        let findings: u64 = samples.iter().map(|s| count_findings(s, |t| t.vector() == Some(vector))).sum();
        let mut cells = vec![Cell::from(vector.as_str()), Cell::from(chosen.len())];
        cells.extend(share_cells(chosen.len() as u64, any));
        cells.extend([Cell::from(only), Cell::share(only, any), Cell::from(first)]);
        cells.extend(share_cells(first, any));
        cells.extend([
            Cell::from(findings),
            Cell::share(findings, all_findings),
            Cell::from(census.count_projects(&chosen)),
            paper_cell("vectors", vector.as_str(), "first"),
            paper_cell("vectors", vector.as_str(), "share_first"),
        ]);
        table.push(cells, chosen);
    }
    let chosen = behind(samples, |sample| has_behavior(sample) && vectors_of(sample).is_empty());
    let findings: u64 = samples.iter().map(|s| count_findings(s, |t| t.vector().is_none())).sum();
    let mut cells = vec![Cell::from("none"), Cell::from(chosen.len())];
    cells.resize(11, Cell::Missing);
    cells.extend([Cell::from(findings), Cell::Missing, Cell::from(census.count_projects(&chosen))]);
    cells.extend([Cell::Missing, Cell::Missing]);
    table.push(cells, chosen);
    table.notes.extend(omission_note(samples));
    table
}

fn triggers_table(census: &Census<'_>) -> Table {
    let mut columns = vec![
        ("trigger", "Trigger", Unit::Text),
        ("vector", "Vector", Unit::Text),
        ("artifacts", "Artifacts", Unit::Count),
    ];
    columns.extend(SHARE_COLUMNS);
    columns.extend([
        ("only", "Only this", Unit::Count),
        ("findings", "Findings", Unit::Count),
        ("projects", "Projects", Unit::Count),
    ]);
    let definition = format!(
        "What makes the code of findings with a behavior run. Build: a build backend in the tree (PEP 517). Startup: every \
         start of the interpreter. Entry: console scripts, plugins and __main__. Data: nothing in the package runs it. \
         Share is out of artifacts with at least one behavior. {INTERVAL}"
    );
    let mut table = Table::new("triggers", "Triggers", &definition, &columns);
    let samples = census.samples();
    let whole = samples.iter().filter(|sample| has_behavior(sample)).count() as u64;
    for trigger in Trigger::ALL.iter().copied() {
        let chosen = behind(samples, |sample| triggers_of(sample).any(|found| found == trigger));
        let only = samples.iter().filter(|sample| triggers_of(sample).eq([trigger])).count();
        let findings: u64 = samples.iter().map(|sample| count_findings(sample, |t| t == trigger)).sum();
        let vector = trigger.vector().map_or("none", Vector::as_str);
        let mut cells = vec![Cell::from(trigger.as_str()), Cell::from(vector), Cell::from(chosen.len())];
        cells.extend(share_cells(chosen.len() as u64, whole));
        cells.extend([Cell::from(only), Cell::from(findings), Cell::from(census.count_projects(&chosen))]);
        table.push(cells, chosen);
    }
    table.notes.extend(omission_note(samples));
    table
}

fn combinations_table(census: &Census<'_>) -> Table {
    let mut table = Table::new(
        "vector-combinations",
        "Which vectors come together",
        "Artifacts by the exact set of their vectors; those without any are left out. Share is out of artifacts with at \
         least one vector.",
        &[
            ("vectors", "Vectors", Unit::Text),
            ("artifacts", "Artifacts", Unit::Count),
            ("share", "Share", Unit::Share),
        ],
    );
    let mut sets: BTreeMap<Vec<Vector>, Vec<u32>> = BTreeMap::new();
    for (at, sample) in (0u32..).zip(census.samples()) {
        let vectors = vectors_of(sample);
        if !vectors.is_empty() {
            sets.entry(vectors).or_default().push(at);
        }
    }
    let any: u64 = sets.values().map(|chosen| chosen.len() as u64).sum();
    let mut ranked: Vec<_> = sets.into_iter().collect();
    ranked.sort_by_key(|(_, chosen)| std::cmp::Reverse(chosen.len()));
    for (vectors, chosen) in ranked {
        let name = vectors.iter().map(|vector| vector.as_str()).collect::<Vec<_>>().join(" + ");
        let count = chosen.len() as u64;
        table.push([Cell::from(name), Cell::from(count), Cell::share(count, any)], chosen);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters::prevalence::testing::{acting, assert_sound, cell, data_of, finding, make, table};

    const COMMAND: &str = "command execution";

    #[test]
    fn vectors_and_triggers_are_counted_by_value_beside_the_paper() {
        let mut both = acting("a", "1", &[COMMAND], "install");
        both.findings.push(finding("x", Some(COMMAND), None, "startup"));
        both.triggers.push("startup".to_owned());
        let data = data_of([
            (both, ""),
            (acting("b", "1", &[COMMAND], "build"), ""),
            (acting("c", "1", &[COMMAND], "entry"), ""),
            (acting("d", "1", &[COMMAND], "data"), ""),
        ]);
        let made = make(&data, chapter);
        assert_sound(&made, 4);
        let count = |row, column| cell(&made, "vectors", row, column);
        assert_eq!(count("install", "artifacts"), Cell::Count(2));
        assert_eq!(count("install", "share"), Cell::Real(2.0 / 3.0));
        assert_eq!((count("install", "only"), count("import", "only")), (Cell::Count(1), Cell::Count(0)));
        assert_eq!((count("install", "first"), count("import", "first")), (Cell::Count(2), Cell::Count(0)));
        assert_eq!(count("import", "share_findings"), Cell::Real(0.25));
        assert_eq!((count("none", "artifacts"), count("none", "findings")), (Cell::Count(1), Cell::Count(1)));
        assert_eq!(count("install", "paper_artifacts"), Cell::Count(580));
        assert_eq!(count("run", "paper_share"), Cell::Real(0.124));
        assert_eq!(cell(&made, "triggers", "startup", "artifacts"), Cell::Count(1));
        assert_eq!(cell(&made, "triggers", "build", "only"), Cell::Count(1));
        assert_eq!(cell(&made, "triggers", "data", "share"), Cell::Real(0.25));
        let sets: Vec<&Cell> = table(&made, "vector-combinations").rows.iter().map(|r| &r.cells[0]).collect();
        assert_eq!(sets, [&Cell::from("install"), &Cell::from("install + import"), &Cell::from("run")]);
        let text = made.text[0].to_string();
        assert!(text.starts_with("Of the artifacts with a vector, 2 (66.7 %)"), "{text}");
    }

    #[test]
    fn nothing_at_all_has_no_vector() {
        let data = data_of([]);
        let made = make(&data, chapter);
        assert_sound(&made, 0);
        assert_eq!(cell(&made, "vectors", "install", "share_first"), Cell::Missing);
        assert!(made.text[0].to_string().starts_with("In no artifact"));
    }
}
