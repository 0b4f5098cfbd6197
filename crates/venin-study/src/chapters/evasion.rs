//! How malicious code hides (RQ3, paper, RQ3): each technique with its prevalence, examples by line, and how it
//! went from month to month.

use std::collections::{BTreeMap, BTreeSet};

use venin_model::{Behavior, Technique};

use super::behaviors::paper_cell;
use super::prevalence::{Census, INTERVAL, SHARE_COLUMNS, omission_note, share_cells};
use super::{StudyInput, behind};
use crate::chart::{Chart, ChartKind};
use crate::lookup::{Look, Tables};
use crate::report::Chapter;
use crate::sample::Sample;
use crate::sentence::Sentence;
use crate::table::{Cell, Table, Unit};

/// Examples of each technique, each from another project.
const MAX_EXAMPLES: usize = 3;
/// The techniques that the paper names stand first among all.
const OF_THE_PAPER: usize = 7;

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let census = Census::of(input.data.samples());
    let mut chapter = Chapter::new("evasion", "How it hides", "RQ3");
    chapter.tables = vec![
        techniques_table(&census),
        count_table(&census),
        behaviors_table(&census),
        trend_table(census.samples()),
        examples_table(&census),
    ];
    let sentence = sentence(&Tables::of(&chapter.tables));
    chapter.charts = charts(&sentence);
    chapter.text = vec![sentence];
    chapter
}

fn charts(sentence: &Sentence) -> Vec<Chart> {
    let heat_map = |id: &str, title: &str, alt: &str, column: &str| Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        alt: alt.to_owned(),
        table: id.to_owned(),
        kind: ChartKind::HeatMap {
            row: "technique".into(),
            column: column.to_owned(),
            value: "share".into(),
        },
    };
    vec![
        Chart {
            id: "techniques".to_owned(),
            title: "How common each technique is".to_owned(),
            alt: sentence.to_string(),
            table: "techniques".to_owned(),
            kind: ChartKind::Bars {
                label: "technique".into(),
                values: vec!["share".into()],
                low: Some("low".into()),
                high: Some("high".into()),
            },
        },
        heat_map(
            "technique-behaviors",
            "Which technique hides which behavior",
            "The share of artifacts with a technique that show a behavior.",
            "behavior",
        ),
        heat_map(
            "technique-trend",
            "Techniques from month to month",
            "The share of a month's artifacts that use a technique.",
            "month",
        ),
    ]
}

fn uses(sample: &Sample, technique: Technique) -> bool {
    sample.artifact.techniques.iter().any(|known| known == technique.as_str())
}

fn sentence(tables: &Tables<'_>) -> Sentence {
    let Some(most) = tables.find_most("techniques", "artifacts") else {
        return Sentence::of_words("No artifact uses a technique against detection.");
    };
    let any = |column| Look::At("technique-count", "one or more", column);
    let most = |column| Look::Nth("techniques", most, column);
    tables.tell(
        "{} artifacts ({}) use at least one technique against detection; the most common is {}, in {}.",
        &[any("artifacts"), any("share"), most("technique"), most("artifacts")],
    )
}

/// Where a technique comes from: its number in the paper, or since.
fn known_since(technique: Technique) -> String {
    let at = Technique::ALL.iter().position(|known| *known == technique).unwrap_or(OF_THE_PAPER);
    if at < OF_THE_PAPER { format!("paper, {}", at + 1) } else { "since".to_owned() }
}

fn techniques_table(census: &Census<'_>) -> Table {
    let mut columns = vec![
        ("technique", "Technique", Unit::Text),
        ("known", "Known from", Unit::Text),
        ("artifacts", "Artifacts", Unit::Count),
    ];
    columns.extend(SHARE_COLUMNS);
    columns.extend([
        ("projects", "Projects", Unit::Count),
        ("different_code", "Different code", Unit::Count),
        ("findings", "Findings", Unit::Count),
        ("paper_artifacts", "Paper", Unit::Count),
        ("paper_share", "Paper, share", Unit::Share),
    ]);
    let definition = format!(
        "An artifact counts for every technique that a finding in it speaks for, whether or not the finding also speaks for \
         a behavior. The first seven are the paper's, numbered as there; the paper prints a number for two of them. Share is \
         out of all artifacts. Different code: artifacts with the same Python sources count once. {INTERVAL}"
    );
    let mut table = Table::new("techniques", "Techniques against detection", &definition, &columns);
    let samples = census.samples();
    for technique in Technique::ALL.iter().copied() {
        let chosen = behind(samples, |sample| uses(sample, technique));
        let findings = samples.iter().flat_map(|sample| &sample.artifact.findings);
        let findings = findings.filter(|f| f.technique.as_deref() == Some(technique.as_str())).count();
        let mut cells = vec![
            Cell::from(technique.as_str()),
            Cell::from(known_since(technique)),
            Cell::from(chosen.len()),
        ];
        cells.extend(share_cells(chosen.len() as u64, samples.len() as u64));
        cells.extend([
            Cell::from(census.count_projects(&chosen)),
            Cell::from(census.count_different_code(&chosen)),
            Cell::from(findings),
            paper_cell("techniques", technique.as_str(), "artifacts"),
            paper_cell("techniques", technique.as_str(), "share"),
        ]);
        table.push(cells, chosen);
    }
    table.notes.extend(omission_note(samples));
    table
}

/// How many techniques an artifact uses.
fn count_table(census: &Census<'_>) -> Table {
    let mut columns = vec![("techniques", "Techniques", Unit::Text), ("artifacts", "Artifacts", Unit::Count)];
    columns.extend(SHARE_COLUMNS);
    columns.push(("projects", "Projects", Unit::Count));
    let definition =
        format!("Artifacts by how many techniques they use. Share is out of all artifacts. {INTERVAL}");
    let mut table = Table::new("technique-count", "How many techniques come together", &definition, &columns);
    let samples = census.samples();
    let rows = [
        ("none", 0, 0),
        ("one", 1, 1),
        ("two", 2, 2),
        ("three", 3, 3),
        ("four or more", 4, usize::MAX),
        ("one or more", 1, usize::MAX),
    ];
    for (name, least, most) in rows {
        let chosen = behind(samples, |s| (least..=most).contains(&s.artifact.techniques.len()));
        let mut cells = vec![Cell::from(name), Cell::from(chosen.len())];
        cells.extend(share_cells(chosen.len() as u64, samples.len() as u64));
        cells.push(Cell::from(census.count_projects(&chosen)));
        table.push(cells, chosen);
    }
    table
}

fn behaviors_table(census: &Census<'_>) -> Table {
    let mut columns = vec![
        ("technique", "Technique", Unit::Text),
        ("behavior", "Behavior", Unit::Text),
        ("artifacts", "Artifacts", Unit::Count),
    ];
    columns.extend(SHARE_COLUMNS);
    let definition = format!(
        "Artifacts that use a technique and show a behavior, in the same finding or not. Share is out of artifacts with the \
         technique; techniques that none uses are left out. {INTERVAL}"
    );
    let mut table = Table::new("technique-behaviors", "Techniques by behavior", &definition, &columns);
    let samples = census.samples();
    for technique in Technique::ALL.iter().copied() {
        let whole = samples.iter().filter(|sample| uses(sample, technique)).count() as u64;
        if whole == 0 {
            continue;
        }
        for behavior in Behavior::ALL.iter().map(|behavior| behavior.as_str()) {
            let shows = |sample: &Sample| sample.artifact.behaviors.iter().any(|known| known == behavior);
            let chosen = behind(samples, |sample| uses(sample, technique) && shows(sample));
            let mut cells =
                vec![Cell::from(technique.as_str()), Cell::from(behavior), Cell::from(chosen.len())];
            cells.extend(share_cells(chosen.len() as u64, whole));
            table.push(cells, chosen);
        }
    }
    table
}

/// The month of the earliest day on which a source had the artifact: `2026-01`; `None` without a day that is one.
pub(super) fn month_of(sample: &Sample) -> Option<&str> {
    day_of(sample).and_then(|day| day.get(..7))
}

/// The earliest day on which a source had the artifact.
pub(super) fn day_of(sample: &Sample) -> Option<&str> {
    sample.origins.iter().map(|origin| origin.day.as_str()).filter(|day| is_day(day)).min()
}

/// Whether a text is a day as ISO 8601 writes it, as far as a study that only sorts days must know.
fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |digits: usize, most: u16| {
        let part =
            parts.next().filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()));
        part.and_then(|part| part.parse::<u16>().ok()).is_some_and(|number| (1..=most).contains(&number))
    };
    part(4, 9999) && part(2, 12) && part(2, 31) && text.len() == 10
}

fn trend_table(samples: &[Sample]) -> Table {
    let mut columns = vec![
        ("technique", "Technique", Unit::Text),
        ("month", "Month", Unit::Date),
        ("artifacts", "Artifacts", Unit::Count),
        ("of", "Of", Unit::Count),
    ];
    columns.extend(SHARE_COLUMNS);
    let definition = format!(
        "Artifacts by the month of the earliest day on which one of their sources had them, as far as the source tells it. \
         Share is out of the artifacts of the month (column Of). Months without artifacts and techniques that none with a \
         day uses are left out. {INTERVAL}"
    );
    let mut table = Table::new("technique-trend", "Techniques from month to month", &definition, &columns);
    let mut months: BTreeMap<&str, Vec<(u32, &Sample)>> = BTreeMap::new();
    for (at, sample) in (0u32..).zip(samples) {
        if let Some(month) = month_of(sample) {
            months.entry(month).or_default().push((at, sample));
        }
    }
    let dated: usize = months.values().map(Vec::len).sum();
    for technique in Technique::ALL.iter().copied() {
        if !months.values().flatten().any(|(_, sample)| uses(sample, technique)) {
            continue;
        }
        for (month, of_month) in &months {
            let chosen = of_month.iter().filter(|(_, sample)| uses(sample, technique));
            let chosen: Vec<u32> = chosen.map(|(at, _)| *at).collect();
            let (count, whole) = (chosen.len() as u64, of_month.len() as u64);
            let mut cells = vec![Cell::from(technique.as_str()), Cell::from(*month)];
            cells.extend([Cell::from(count), Cell::from(whole)]);
            cells.extend(share_cells(count, whole));
            table.push(cells, chosen);
        }
    }
    if dated < samples.len() {
        let undated = samples.len() - dated;
        table
            .notes
            .push(format!("{undated} of {} artifacts have no day and are not counted.", samples.len()));
    }
    table
}

/// A few findings of each technique by line: from different projects and different code, in the order of the data set,
/// those that have a line first.
fn examples_table(census: &Census<'_>) -> Table {
    let definition = format!(
        "For each technique up to {MAX_EXAMPLES} findings, each from another project and another code: in the order of \
         project, version and file, findings with a line before those about a whole artifact, in each artifact the most \
         important finding. Paths are the artifacts' own words."
    );
    let mut table = Table::new(
        "technique-examples",
        "Techniques by example",
        &definition,
        &[
            ("technique", "Technique", Unit::Text),
            ("project", "Project", Unit::Text),
            ("version", "Version", Unit::Text),
            ("member", "Member", Unit::Text),
            ("line", "Line", Unit::Count),
            ("rule", "Rule", Unit::Text),
            ("trigger", "Trigger", Unit::Text),
            ("sha256", "SHA-256", Unit::Text),
        ],
    );
    for technique in Technique::ALL.iter().copied() {
        let (mut projects, mut codes) = (BTreeSet::new(), BTreeSet::new());
        for has_line in [true, false] {
            for (at, sample) in (0u32..).zip(census.samples()) {
                if projects.len() == MAX_EXAMPLES {
                    break;
                }
                let is_one = |finding: &&crate::artifact::KeptFinding| {
                    finding.technique.as_deref() == Some(technique.as_str()) && (finding.line > 0) == has_line
                };
                let Some(finding) = sample.artifact.findings.iter().find(is_one) else { continue };
                let normal = sample.artifact.attributes.normal_sha256.as_deref();
                let code = normal.unwrap_or(&sample.artifact.sha256);
                let project = census.project(at as usize);
                if projects.contains(project) || codes.contains(code) {
                    continue;
                }
                projects.insert(project);
                codes.insert(code);
                let line = if finding.line > 0 { Cell::from(u64::from(finding.line)) } else { Cell::Missing };
                let cells = [
                    Cell::from(technique.as_str()),
                    Cell::from(project),
                    Cell::from(sample.version()),
                    Cell::from(finding.member.as_str()),
                    line,
                    Cell::from(finding.rule.as_str()),
                    Cell::from(finding.trigger.as_str()),
                    Cell::from(sample.artifact.sha256.as_str()),
                ];
                table.push(cells, vec![at]);
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Artifact;
    use crate::chapters::prevalence::testing::{acting, assert_sound, cell, data_of, finding, make, table};

    const HIDDEN: &str = "code obfuscation";
    const LURE: &str = "impersonation";

    fn hiding(name: &str, techniques: &[&str]) -> Artifact {
        let mut made = acting(name, "1", &["code execution"], "install");
        for technique in techniques {
            made.techniques.push((*technique).to_owned());
            let mut found = finding("demo", None, Some(technique), "install");
            if *technique == LURE {
                found.line = 0;
            }
            made.findings.push(found);
        }
        made
    }

    fn known() -> crate::sample::DataSet {
        data_of([
            (hiding("a", &[HIDDEN]), "2026-01-31"),
            (hiding("b", &[HIDDEN, LURE]), "2026-02-01"),
            (hiding("c", &[]), "2026-02-28"),
            (hiding("d", &[HIDDEN]), "soon"),
            (hiding("e", &[HIDDEN]), ""),
        ])
    }

    #[test]
    fn techniques_are_counted_by_value_with_the_papers_first() {
        let data = known();
        let made = make(&data, chapter);
        assert_sound(&made, 5);
        assert_eq!(cell(&made, "techniques", HIDDEN, "artifacts"), Cell::Count(4));
        assert_eq!(cell(&made, "techniques", HIDDEN, "share"), Cell::Real(0.8));
        assert_eq!(cell(&made, "techniques", HIDDEN, "known"), Cell::from("paper, 1"));
        assert_eq!(cell(&made, "techniques", HIDDEN, "paper_artifacts"), Cell::Count(105));
        assert_eq!(cell(&made, "techniques", LURE, "known"), Cell::from("since"));
        assert_eq!(cell(&made, "techniques", "python sandbox escape", "paper_artifacts"), Cell::Count(63));
        assert_eq!(cell(&made, "technique-count", "none", "artifacts"), Cell::Count(1));
        assert_eq!(cell(&made, "technique-count", "two", "share"), Cell::Real(0.2));
        let rows = &table(&made, "technique-behaviors").rows;
        assert_eq!(rows.len(), 2 * Behavior::ALL.len());
        assert_eq!((&rows[2].cells[1], &rows[2].cells[2]), (&Cell::from("code execution"), &Cell::Count(4)));
    }

    #[test]
    fn a_month_counts_what_has_a_day_and_tells_what_has_none() {
        let data = known();
        let made = make(&data, chapter);
        let trend = table(&made, "technique-trend");
        let rows: Vec<_> = trend.rows.iter().map(|row| row.cells[..4].to_vec()).collect();
        let row = |technique: &str, month: &str, count: u64, of: u64| {
            vec![Cell::from(technique), Cell::from(month), Cell::from(count), Cell::from(of)]
        };
        let expected = [
            row(HIDDEN, "2026-01", 1, 1),
            row(HIDDEN, "2026-02", 1, 2),
            row(LURE, "2026-01", 0, 1),
            row(LURE, "2026-02", 1, 2),
        ];
        assert_eq!(rows, expected);
        assert!(trend.notes[0].starts_with("2 of 5 artifacts have no day"), "{:?}", trend.notes);
    }

    #[test]
    fn examples_are_few_from_different_projects_and_name_a_line() {
        let data = known();
        let made = make(&data, chapter);
        let rows = &table(&made, "technique-examples").rows;
        let of =
            |technique: &str| rows.iter().filter(|r| r.cells[0] == Cell::from(technique)).collect::<Vec<_>>();
        assert_eq!(of(HIDDEN).len(), MAX_EXAMPLES);
        assert_eq!(of(HIDDEN)[0].cells[1], Cell::from("a"));
        assert_eq!(of(HIDDEN)[0].cells[4], Cell::Count(7));
        assert_eq!(of(LURE)[0].cells[4], Cell::Missing);
    }

    #[test]
    fn a_day_is_told_from_other_texts() {
        assert!(is_day("2026-01-31"));
        for text in ["", "2026-13-01", "2026-01-00", "2026-1-1", "2026-01-01T00", "20é6-01-01", "2026-01-01-"]
        {
            assert!(!is_day(text), "{text}");
        }
    }
}
