//! What malicious code does (RQ1 and RQ2, paper, RQ2): the five behaviors, how many of them come together, what
//! kinds of each there are, and for which systems.

use std::collections::BTreeMap;

use venin_model::{Behavior, Trigger, Vector};

use super::paper::find_published;
use super::platforms::platforms_table;
use super::prevalence::{Census, INTERVAL, SHARE_COLUMNS, omission_note, share_cells};
use super::sub_kinds::SubKinds;
use super::{StudyInput, behind};
use crate::chart::{Chart, ChartKind};
use crate::lookup::{Look, Tables};
use crate::report::Chapter;
use crate::sample::Sample;
use crate::sentence::Sentence;
use crate::table::{Cell, Table, Unit};

/// The row of artifacts with any behavior.
const ANY: &str = "any of the five";

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let census = Census::of(input.data.samples());
    let mut chapter = Chapter::new("behaviors", "What the code does", "RQ1, RQ2");
    chapter.tables = vec![
        behaviors_table(&census),
        count_table(&census),
        combinations_table(&census),
        sub_kinds_table(&census),
        platforms_table(&census),
        vectors_table(&census),
    ];
    let text = sentences(&Tables::of(&chapter.tables));
    chapter.charts = charts(&text);
    chapter.text = text.into();
    chapter
}

fn sentences(tables: &Tables<'_>) -> [Sentence; 2] {
    let most = tables.find_most_of_first(Behavior::ALL.len(), "behaviors", "artifacts");
    let first = most.map_or_else(
        || Sentence::of_words("No artifact shows one of the five behaviors."),
        |row| {
            let places = ["behavior", "artifacts", "share"].map(|column| Look::Nth("behaviors", row, column));
            tables.tell("The most common behavior is {}, in {} artifacts ({}).", &places)
        },
    );
    let [any, several] = [("behaviors", ANY), ("behavior-count", "two or more")]
        .map(|(table, row)| [Look::At(table, row, "artifacts"), Look::At(table, row, "share")]);
    let counts = tables.tell(
        "{} artifacts ({}) show at least one of the five behaviors, {} ({}) show two or more.",
        &[any, several].concat(),
    );
    [first, counts]
}

fn charts([most, counts]: &[Sentence; 2]) -> Vec<Chart> {
    vec![
        Chart {
            id: "behaviors".to_owned(),
            title: "How common each behavior is".to_owned(),
            alt: most.to_string(),
            table: "behaviors".to_owned(),
            kind: ChartKind::Bars {
                label: "behavior".into(),
                values: vec!["share".into(), "paper_share".into()],
                low: Some("low".into()),
                high: Some("high".into()),
            },
        },
        Chart {
            id: "combinations".to_owned(),
            title: "Which behaviors come together".to_owned(),
            alt: counts.to_string(),
            table: "combinations".to_owned(),
            kind: ChartKind::Combinations { sets: "behaviors".into(), count: "artifacts".into() },
        },
        Chart {
            id: "behavior-vectors".to_owned(),
            title: "Which behavior comes by which vector".to_owned(),
            alt: "The share of the artifacts with a behavior in which a finding of it runs by a vector."
                .to_owned(),
            table: "behavior-vectors".to_owned(),
            kind: ChartKind::HeatMap {
                row: "behavior".into(),
                column: "vector".into(),
                value: "share".into(),
            },
        },
    ]
}

fn has(sample: &Sample, behavior: Behavior) -> bool {
    sample.artifact.behaviors.iter().any(|known| known == behavior.as_str())
}

/// A number of the paper as a cell.
pub(super) fn paper_cell(table: &str, row: &str, column: &str) -> Cell {
    match find_published(table, row, column) {
        Some(number) if number.unit == Unit::Share => Cell::real(number.value),
        Some(number) => Cell::from(number.value as u64),
        None => Cell::Missing,
    }
}

/// The five categories, multi-label (paper table III).
fn behaviors_table(census: &Census<'_>) -> Table {
    let mut columns = vec![("behavior", "Behavior", Unit::Text), ("artifacts", "Artifacts", Unit::Count)];
    columns.extend(SHARE_COLUMNS);
    columns.extend([
        ("only", "Only this", Unit::Count),
        ("projects", "Projects", Unit::Count),
        ("different_code", "Different code", Unit::Count),
        ("paper_artifacts", "Paper", Unit::Count),
        ("paper_share", "Paper, share", Unit::Share),
    ]);
    let definition = format!(
        "An artifact counts for every behavior that a finding in it speaks for. Share is out of all artifacts, as in the \
         paper (which has 1,335). Only this: no other of the five. Different code: artifacts with the same Python sources, \
         without comments, indentation and empty lines, count once; one without Python counts for itself. {INTERVAL}"
    );
    let mut table = Table::new("behaviors", "Behaviors", &definition, &columns);
    let samples = census.samples();
    let all = samples.len() as u64;
    let mut push = |name: &str, chosen: Vec<u32>, only: Cell| {
        let count = chosen.len() as u64;
        let mut cells = vec![Cell::from(name), Cell::from(count)];
        cells.extend(share_cells(count, all));
        cells.extend([
            only,
            Cell::from(census.count_projects(&chosen)),
            Cell::from(census.count_different_code(&chosen)),
            paper_cell("behaviors", name, "artifacts"),
            paper_cell("behaviors", name, "share"),
        ]);
        table.push(cells, chosen);
    };
    for behavior in Behavior::ALL.iter().copied() {
        let alone = samples.iter().filter(|s| has(s, behavior) && s.artifact.behaviors.len() == 1).count();
        push(behavior.as_str(), behind(samples, |s| has(s, behavior)), Cell::from(alone));
    }
    push(ANY, behind(samples, |s| !s.artifact.behaviors.is_empty()), Cell::Missing);
    table
}

/// How many behaviors an artifact has.
fn count_table(census: &Census<'_>) -> Table {
    let mut columns = vec![("behaviors", "Behaviors", Unit::Text), ("artifacts", "Artifacts", Unit::Count)];
    columns.extend(SHARE_COLUMNS);
    columns.extend([
        ("projects", "Projects", Unit::Count),
        ("paper_artifacts", "Paper", Unit::Count),
        ("paper_share", "Paper, share", Unit::Share),
    ]);
    let definition = format!(
        "Artifacts by how many of the five behaviors findings in them speak for; the last two rows are sums. Share is out \
         of all artifacts. {INTERVAL}"
    );
    let mut table = Table::new("behavior-count", "How many behaviors come together", &definition, &columns);
    let (samples, most) = (census.samples(), Behavior::ALL.len());
    let rows = [
        ("none", 0, 0),
        ("one", 1, 1),
        ("two", 2, 2),
        ("three", 3, 3),
        ("four", 4, 4),
        ("five", 5, most),
        ("two or more", 2, most),
        ("three or more", 3, most),
    ];
    for (name, least, most) in rows {
        let chosen = behind(samples, |s| (least..=most).contains(&s.artifact.behaviors.len()));
        let count = chosen.len() as u64;
        let mut cells = vec![Cell::from(name), Cell::from(count)];
        cells.extend(share_cells(count, samples.len() as u64));
        cells.push(Cell::from(census.count_projects(&chosen)));
        cells.extend(["artifacts", "share"].map(|column| paper_cell("behavior-count", name, column)));
        table.push(cells, chosen);
    }
    table
}

/// Which sets of behaviors there are, the most common first.
fn combinations_table(census: &Census<'_>) -> Table {
    let mut table = Table::new(
        "combinations",
        "Which behaviors come together",
        "Artifacts by the exact set of their behaviors; those without any are left out. Share is out of artifacts with at \
         least one behavior.",
        &[
            ("behaviors", "Behaviors", Unit::Text),
            ("size", "How many", Unit::Count),
            ("artifacts", "Artifacts", Unit::Count),
            ("share", "Share", Unit::Share),
            ("projects", "Projects", Unit::Count),
        ],
    );
    let mut sets: BTreeMap<(usize, String), Vec<u32>> = BTreeMap::new();
    for (at, sample) in (0u32..).zip(census.samples()) {
        let present: Vec<&str> =
            Behavior::ALL.iter().filter(|b| has(sample, **b)).map(|b| b.as_str()).collect();
        if !present.is_empty() {
            sets.entry((present.len(), present.join(" + "))).or_default().push(at);
        }
    }
    let any: u64 = sets.values().map(|chosen| chosen.len() as u64).sum();
    let mut ranked: Vec<_> = sets.into_iter().collect();
    ranked.sort_by_key(|(_, chosen)| std::cmp::Reverse(chosen.len()));
    for ((size, name), chosen) in ranked {
        let count = chosen.len() as u64;
        let projects = census.count_projects(&chosen);
        table.push(
            [Cell::from(name), Cell::from(size), Cell::from(count), Cell::share(count, any), projects.into()],
            chosen,
        );
    }
    table
}

/// What is stolen, which commands, which operations.
fn sub_kinds_table(census: &Census<'_>) -> Table {
    let mut columns = vec![
        ("sub_kind", "Kind", Unit::Text),
        ("behavior", "Behavior", Unit::Text),
        ("artifacts", "Artifacts", Unit::Count),
    ];
    columns.extend(SHARE_COLUMNS);
    columns.extend([("projects", "Projects", Unit::Count), ("paper_artifacts", "Paper", Unit::Count)]);
    let definition = format!(
        "An artifact with the behavior is of a kind when a rule that data/study/sub-kinds.toml lists for it found \
         something, or when a finding rests on a call of a class that it lists, or on one with an argument from where it lists. \
         An artifact can be of several kinds. Share is out of artifacts with the behavior. {INTERVAL}"
    );
    let mut table = Table::new("sub-kinds", "Kinds of each behavior", &definition, &columns);
    let (samples, kinds) = (census.samples(), SubKinds::builtin());
    let mut chosen: Vec<Vec<u32>> = vec![Vec::new(); kinds.all().len()];
    let mut rest: BTreeMap<Behavior, Vec<u32>> = BTreeMap::new();
    for (at, sample) in (0u32..).zip(samples) {
        let found = kinds.find(&sample.artifact);
        for behavior in Behavior::ALL.iter().copied().filter(|behavior| has(sample, *behavior)) {
            let is_of =
                |kind: &usize| kinds.all().get(*kind).is_some_and(|k| k.behavior == behavior.as_str());
            if !found.iter().any(is_of) {
                rest.entry(behavior).or_default().push(at);
            }
        }
        for kind in found {
            chosen.get_mut(kind).into_iter().for_each(|chosen| chosen.push(at));
        }
    }
    for behavior in Behavior::ALL.iter().copied() {
        let whole = samples.iter().filter(|sample| has(sample, behavior)).count() as u64;
        let mut push = |name: &str, chosen: Vec<u32>| {
            let mut cells = vec![Cell::from(name), Cell::from(behavior.as_str()), Cell::from(chosen.len())];
            cells.extend(share_cells(chosen.len() as u64, whole));
            cells.push(Cell::from(census.count_projects(&chosen)));
            cells.push(paper_cell("sub-kinds", name, "artifacts"));
            table.push(cells, chosen);
        };
        let of_behavior = kinds.all().iter().zip(&mut chosen);
        for (kind, chosen) in of_behavior.filter(|(kind, _)| kind.behavior == behavior.as_str()) {
            push(&kind.name, std::mem::take(chosen));
        }
        push(&format!("{behavior}: not told apart"), rest.remove(&behavior).unwrap_or_default());
    }
    let cut = samples.iter().filter(|sample| sample.artifact.attributes.omitted_calls > 0).count();
    if cut > 0 {
        table
            .notes
            .push(format!("Of {cut} artifacts not all calls are kept; a kind of theirs may be missing."));
    }
    table.notes.extend(omission_note(samples));
    table
}

/// Behavior and vector together, by findings.
fn vectors_table(census: &Census<'_>) -> Table {
    let mut columns = vec![
        ("behavior", "Behavior", Unit::Text),
        ("vector", "Vector", Unit::Text),
        ("artifacts", "Artifacts", Unit::Count),
    ];
    columns.extend(SHARE_COLUMNS);
    columns.push(("findings", "Findings", Unit::Count));
    let definition = format!(
        "An artifact counts for a behavior and a vector when one finding in it speaks for the behavior and is triggered by \
         the vector; it can count for several vectors. The row `none` is for findings in files that nothing runs. Share is \
         out of artifacts with the behavior. {INTERVAL}"
    );
    let mut table = Table::new("behavior-vectors", "Behaviors by vector", &definition, &columns);
    let samples = census.samples();
    let vectors = Vector::ALL.iter().copied().map(Some).chain([None]);
    for (behavior, vector) in
        Behavior::ALL.iter().flat_map(|behavior| vectors.clone().map(move |vector| (*behavior, vector)))
    {
        let count = |sample: &Sample| {
            let findings = sample.artifact.findings.iter();
            let of = findings.filter(|f| f.behavior.as_deref() == Some(behavior.as_str()));
            of.filter(|f| Trigger::parse(&f.trigger).and_then(Trigger::vector) == vector).count() as u64
        };
        let chosen = behind(samples, |sample| count(sample) > 0);
        let whole = samples.iter().filter(|sample| has(sample, behavior)).count() as u64;
        let name = vector.map_or("none", Vector::as_str);
        let mut cells = vec![Cell::from(behavior.as_str()), Cell::from(name), Cell::from(chosen.len())];
        cells.extend(share_cells(chosen.len() as u64, whole));
        cells.push(Cell::from(samples.iter().map(count).sum::<u64>()));
        table.push(cells, chosen);
    }
    table.notes.extend(omission_note(samples));
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters::prevalence::testing::{acting, assert_sound, cell, data_of, finding, make, table};
    use venin_report::CallTokensReport;

    const STEAL: &str = "information stealing";
    const COMMAND: &str = "command execution";
    const FILE: &str = "unauthorized file operation";

    fn known() -> crate::sample::DataSet {
        let mut a = acting("a", "1", &[STEAL, COMMAND], "install");
        a.findings.push(finding("browser-secrets-sent", Some(STEAL), None, "import"));
        let mut b = acting("b", "1", &[COMMAND], "run");
        b.attributes.calls.push(CallTokensReport {
            trigger: Trigger::Run,
            class: "Cs.shell".to_owned(),
            call: "os.system".to_owned(),
            parameters: vec!["command:literal+decoded".to_owned()],
            cited: true,
        });
        let c = acting("c", "1", &[STEAL, COMMAND, FILE], "data");
        let mut d = acting("d", "1", &[], "install");
        d.attributes.normal_sha256.clone_from(&b.attributes.normal_sha256);
        let mut copy = acting("b", "2", &[COMMAND], "run");
        copy.attributes = b.attributes.clone();
        data_of([(a, ""), (b, ""), (c, ""), (d, ""), (copy, "")])
    }

    #[test]
    fn behaviors_are_counted_by_value_beside_the_paper() {
        let data = known();
        let made = make(&data, chapter);
        assert_sound(&made, 5);
        assert_eq!(cell(&made, "behaviors", COMMAND, "artifacts"), Cell::Count(4));
        assert_eq!(cell(&made, "behaviors", COMMAND, "share"), Cell::Real(0.8));
        assert_eq!(cell(&made, "behaviors", COMMAND, "only"), Cell::Count(2));
        assert_eq!(cell(&made, "behaviors", COMMAND, "projects"), Cell::Count(3));
        assert_eq!(cell(&made, "behaviors", COMMAND, "different_code"), Cell::Count(3));
        assert_eq!(cell(&made, "behaviors", COMMAND, "paper_artifacts"), Cell::Count(792));
        assert_eq!(cell(&made, "behaviors", "any of the five", "artifacts"), Cell::Count(4));
        assert_eq!(cell(&made, "behavior-count", "none", "artifacts"), Cell::Count(1));
        assert_eq!(cell(&made, "behavior-count", "one", "artifacts"), Cell::Count(2));
        assert_eq!(cell(&made, "behavior-count", "two or more", "artifacts"), Cell::Count(2));
        assert_eq!(cell(&made, "behavior-count", "three or more", "paper_artifacts"), Cell::Count(224));
        assert_eq!(
            made.text[0].to_string(),
            "The most common behavior is command execution, in 4 artifacts (80.0 %)."
        );
    }

    #[test]
    fn combinations_are_exact_sets_the_most_common_first() {
        let data = known();
        let made = make(&data, chapter);
        let sets = table(&made, "combinations");
        assert_eq!(sets.rows[0].cells[0], Cell::from(COMMAND));
        assert_eq!(sets.rows[0].behind.len(), 2);
        assert_eq!(sets.rows[1].cells[0], Cell::from("information stealing + command execution"));
        assert_eq!((sets.rows.len(), &sets.rows[2].cells[1]), (3, &Cell::Count(3)));
    }

    #[test]
    fn kinds_come_from_rules_and_cited_calls() {
        let data = known();
        let made = make(&data, chapter);
        assert_eq!(cell(&made, "sub-kinds", "browser data", "artifacts"), Cell::Count(1));
        assert_eq!(cell(&made, "sub-kinds", "browser data", "share"), Cell::Real(0.5));
        assert_eq!(cell(&made, "sub-kinds", "browser data", "paper_artifacts"), Cell::Count(4));
        assert_eq!(cell(&made, "sub-kinds", "command line given to a shell", "artifacts"), Cell::Count(2));
        assert_eq!(cell(&made, "sub-kinds", "decoded command", "artifacts"), Cell::Count(2));
        assert_eq!(cell(&made, "sub-kinds", "command from the network", "artifacts"), Cell::Count(0));
        assert_eq!(
            cell(&made, "sub-kinds", "command execution: not told apart", "artifacts"),
            Cell::Count(2)
        );
    }

    #[test]
    fn a_behavior_counts_for_the_vectors_of_its_own_findings() {
        let data = known();
        let made = make(&data, chapter);
        let row = |behavior: &str, vector: &str| {
            let rows = &table(&made, "behavior-vectors").rows;
            let is_row = |row: &&crate::table::Row| {
                row.cells[0] == Cell::from(behavior) && row.cells[1] == Cell::from(vector)
            };
            rows.iter().find(is_row).unwrap().cells[2].clone()
        };
        assert_eq!(row(STEAL, "install"), Cell::Count(1));
        assert_eq!(row(STEAL, "import"), Cell::Count(1));
        assert_eq!(row(COMMAND, "import"), Cell::Count(0));
        assert_eq!(row(COMMAND, "run"), Cell::Count(2));
        assert_eq!(row(FILE, "none"), Cell::Count(1));
    }

    #[test]
    fn nothing_at_all_gives_tables_without_numbers_to_divide() {
        let data = data_of([]);
        let made = make(&data, chapter);
        assert_sound(&made, 0);
        assert_eq!(cell(&made, "behaviors", STEAL, "share"), Cell::Missing);
        assert_eq!(made.text[0].to_string(), "No artifact shows one of the five behaviors.");
    }
}
