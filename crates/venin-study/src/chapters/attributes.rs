//! Sources and code attributes (RQ1, paper sections 1.3 and 1.4): what the data set is, and what its code is like.

use std::collections::{BTreeMap, BTreeSet};

use super::scope::{scope_sentence, scope_table};
use super::statistics::Distribution;
use super::{StudyInput, behind};
use crate::chart::{Chart, ChartKind};
use crate::lookup::{Look, Tables};
use crate::report::Chapter;
use crate::sample::{Sample, SourceClass};
use crate::sentence::Sentence;
use crate::table::{Cell, Table, Unit};

/// Bins of the density's histogram.
const BINS: u32 = 10;
/// The row of malicious lines over all lines.
const NARROW: &str = "malicious lines (LOM/LOC)";

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let samples = input.data.samples();
    let mut chapter = Chapter::new("attributes", "Sources and code attributes", "RQ1");
    chapter.tables = vec![
        scope_table(input),
        sources_table(samples),
        sizes_table(samples),
        kinds_table(samples),
        attributes_table(samples),
        densities_table(samples),
        density_table(samples),
    ];
    let tables = Tables::of(&chapter.tables);
    let density = density_sentence(&tables);
    let alt = density.to_string();
    chapter.text = vec![scope_sentence(&tables), density];
    chapter.charts = vec![Chart {
        id: "density".to_owned(),
        title: "How dense malicious code is".to_owned(),
        alt,
        table: "density".to_owned(),
        kind: ChartKind::Histogram { from: "from".into(), to: "to".into(), count: "artifacts".into() },
    }];
    chapter
}

fn density_sentence(tables: &Tables<'_>) -> Sentence {
    let of = |column| Look::At("densities", NARROW, column);
    if !tables.has(of("count")) {
        return Sentence::of_words("In no artifact does a finding with a behavior rest on a line of Python.");
    }
    tables.tell(
        "In {} artifacts findings with a behavior rest on lines of Python; at the median these are {} of all lines, and more \
         than half of the lines in {} artifacts.",
        &[of("count"), of("median"), of("over_half")],
    )
}

fn density(sample: &Sample) -> Option<f64> {
    sample.artifact.density()
}

/// Sources by class, each artifact once in every class that has it (paper table I).
fn sources_table(samples: &[Sample]) -> Table {
    let mut table = Table::new(
        "sources",
        "Where the artifacts come from",
        "Files are what a source gave, copies counted. Artifacts are different by SHA-256; one that several sources have \
         counts for each of them. Only here: artifacts that no other source has. Code copies: artifacts whose Python \
         sources are the same as another artifact's of the source once comments, indentation and empty lines are left \
         out.",
        &[
            ("class", "Class", Unit::Text),
            ("source", "Source", Unit::Text),
            ("artifacts", "Artifacts", Unit::Count),
            ("only_here", "Only here", Unit::Count),
            ("code_copies", "Code copies", Unit::Count),
            ("projects", "Projects", Unit::Count),
            ("releases", "Releases", Unit::Count),
            ("first_day", "First day", Unit::Date),
            ("last_day", "Last day", Unit::Date),
        ],
    );
    let mut sources: BTreeSet<(usize, &str)> = BTreeSet::new();
    let rank = |class: &str| SourceClass::ALL.iter().position(|known| known.as_str() == class);
    for origin in samples.iter().flat_map(|sample| &sample.origins) {
        sources.insert((rank(&origin.class).unwrap_or(SourceClass::ALL.len() - 1), origin.source.as_str()));
    }
    for (class, source) in sources {
        let is_of = |sample: &Sample| sample.origins.iter().any(|origin| origin.source == source);
        let class = SourceClass::ALL.get(class).map_or("", |class| class.as_str());
        let of_source: Vec<&Sample> = samples.iter().filter(|sample| is_of(sample)).collect();
        table.push(source_cells(class, source, &of_source), behind(samples, is_of));
    }
    let all: Vec<&Sample> = samples.iter().collect();
    table.push(source_cells("all", "", &all), Vec::new());
    table
}

fn source_cells(class: &str, source: &str, samples: &[&Sample]) -> Vec<Cell> {
    let is_alone = |sample: &&&Sample| sample.origins.iter().all(|origin| origin.source == source);
    let forms: Vec<&str> =
        samples.iter().filter_map(|s| s.artifact.attributes.normal_sha256.as_deref()).collect();
    let different: BTreeSet<&str> = forms.iter().copied().collect();
    let projects: BTreeSet<String> = samples.iter().map(|s| s.project()).collect();
    let releases: BTreeSet<(String, &str)> = samples.iter().map(|s| (s.project(), s.version())).collect();
    let origins = samples.iter().flat_map(|sample| &sample.origins);
    let of_source = origins.filter(|origin| source.is_empty() || origin.source == source);
    let mut days: Vec<&str> = of_source.map(|o| o.day.as_str()).filter(|day| !day.is_empty()).collect();
    days.sort_unstable();
    let day = |day: Option<&&str>| day.map_or(Cell::Missing, |day| Cell::from(*day));
    vec![
        Cell::from(class),
        Cell::from(source),
        Cell::from(samples.len()),
        if source.is_empty() { Cell::Missing } else { Cell::from(samples.iter().filter(is_alone).count()) },
        Cell::from(forms.len() - different.len()),
        Cell::from(projects.len()),
        Cell::from(releases.len()),
        day(days.first()),
        day(days.last()),
    ]
}

/// Totals in the form of the paper's table II.
fn sizes_table(samples: &[Sample]) -> Table {
    let mut table = Table::new(
        "sizes",
        "How much code it is",
        "Python files are source files that were read. Lines are their physical lines (LOC). Lines a file is the sum of \
         lines over the sum of files, as in the paper's table. Malicious lines (LOM) are the different lines of Python \
         files that evidence of findings with a behavior covers; of decoded code, the lines of the call that runs it.",
        &[
            ("of", "Of", Unit::Text),
            ("artifacts", "Artifacts", Unit::Count),
            ("python_files", "Python files", Unit::Count),
            ("lines", "Lines", Unit::Lines),
            ("lines_a_file", "Lines a file", Unit::Real),
            ("depth", "Greatest depth", Unit::Count),
            ("malicious_lines", "Malicious lines", Unit::Lines),
        ],
    );
    let mut push = |of: &str, chosen: Vec<&Sample>, behind: Vec<u32>| {
        let files: u64 = chosen.iter().map(|s| s.artifact.attributes.python_files).sum();
        let lines: u64 = chosen.iter().map(|s| s.artifact.attributes.python_lines).sum();
        let depth = chosen.iter().map(|s| s.artifact.attributes.depth).max().unwrap_or(0);
        let malicious: u64 = chosen.iter().map(|s| s.artifact.malicious_lines()).sum();
        let cells = [
            Cell::from(of),
            Cell::from(chosen.len()),
            Cell::from(files),
            Cell::from(lines),
            Cell::share(lines, files),
            Cell::from(u64::from(depth)),
            Cell::from(malicious),
        ];
        table.push(cells, behind);
    };
    push("all artifacts", samples.iter().collect(), Vec::new());
    let is_found = |sample: &Sample| sample.artifact.malicious_lines() > 0;
    push("with malicious lines", samples.iter().filter(|s| is_found(s)).collect(), behind(samples, is_found));
    table
}

/// Kinds of artifacts.
fn kinds_table(samples: &[Sample]) -> Table {
    let mut table = Table::new(
        "kinds",
        "What kind of artifacts they are",
        "The kind is found by content, not by the file's name. Shares are of all artifacts.",
        &[
            ("kind", "Kind", Unit::Text),
            ("artifacts", "Artifacts", Unit::Count),
            ("share", "Share", Unit::Share),
        ],
    );
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for sample in samples {
        *kinds.entry(sample.artifact.kind.as_str()).or_default() += 1;
    }
    let mut sorted: Vec<(&str, u64)> = kinds.into_iter().collect();
    sorted.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind));
    for (kind, count) in sorted {
        let shown = if kind.is_empty() { "not known" } else { kind };
        let cells = [Cell::from(shown), Cell::from(count), Cell::share(count, samples.len() as u64)];
        table.push(cells, behind(samples, |sample| sample.artifact.kind == kind));
    }
    table
}

/// Distributions of what the paper gives as means.
fn attributes_table(samples: &[Sample]) -> Table {
    let mut columns = vec![("attribute", "Attribute", Unit::Text)];
    columns.extend(Distribution::columns(Unit::Real));
    let mut table = Table::new(
        "attributes",
        "What the code is like",
        "One number for each artifact, and how these are spread. Quantiles by linear interpolation. The rows on malicious \
         lines are over artifacts that have some; extent is from the first malicious line to the \
         last of each file; the depth of a file counts its folders and itself, without the folder that a source \
         distribution is packed in.",
        &columns,
    );
    type Measure = (&'static str, fn(&Sample) -> Option<f64>);
    let measures: [Measure; 7] = [
        ("Python files", |s| Some(s.artifact.attributes.python_files as f64)),
        ("lines of Python", |s| Some(s.artifact.attributes.python_lines as f64)),
        ("depth of Python files", |s| Some(f64::from(s.artifact.attributes.depth))),
        ("malicious files", |s| marked(s, s.artifact.attributes.malicious_files.len() as f64)),
        ("malicious lines (LOM)", |s| marked(s, s.artifact.malicious_lines() as f64)),
        ("malicious extent", |s| marked(s, s.artifact.malicious_extent() as f64)),
        ("depth of malicious files", |s| {
            let deepest = s.artifact.attributes.malicious_files.iter().map(|file| file.depth).max();
            deepest.map(f64::from)
        }),
    ];
    for (name, measure) in measures {
        let mut cells = vec![Cell::from(name)];
        cells.extend(Distribution::of(samples.iter().filter_map(measure)).cells());
        table.push(cells, behind(samples, |sample| measure(sample).is_some()));
    }
    table
}

/// How large a part of the code is malicious, narrowly and widely counted.
fn densities_table(samples: &[Sample]) -> Table {
    let mut columns = vec![("density", "Density", Unit::Text)];
    columns.extend(Distribution::columns(Unit::Share));
    columns.push(("over_half", "More than half", Unit::Count));
    let mut table = Table::new(
        "densities",
        "How much of the code is malicious",
        "Artifacts with malicious lines. Malicious lines over all lines (LOM/LOC) counts only lines that evidence covers; \
         the paper, whose densities are higher, does not say which lines it counts. Extent over all lines counts every \
         line from the first malicious one to the last of each file.",
        &columns,
    );
    type Measure = (&'static str, fn(&Sample) -> u64);
    let measures: [Measure; 2] = [
        (NARROW, |s| s.artifact.malicious_lines()),
        ("extent (extent/LOC)", |s| s.artifact.malicious_extent()),
    ];
    for (name, lines) in measures {
        let share = |sample: &Sample| {
            let all = sample.artifact.attributes.python_lines;
            (lines(sample) > 0 && all > 0).then(|| lines(sample) as f64 / all as f64)
        };
        let spread = Distribution::of(samples.iter().filter_map(share));
        let mut cells = vec![Cell::from(name)];
        cells.extend(spread.cells());
        cells.push(Cell::from(spread.above(0.5)));
        table.push(cells, behind(samples, |sample| share(sample).is_some()));
    }
    table
}

/// A measure of artifacts that have malicious lines.
fn marked(sample: &Sample, value: f64) -> Option<f64> {
    (sample.artifact.malicious_lines() > 0).then_some(value)
}

/// The histogram of density.
fn density_table(samples: &[Sample]) -> Table {
    let mut table = Table::new(
        "density",
        "Density of malicious code",
        "Artifacts with malicious lines by LOM over LOC; a bin holds its lower edge, the last one both.",
        &[
            ("from", "From", Unit::Share),
            ("to", "To", Unit::Share),
            ("artifacts", "Artifacts", Unit::Count),
            ("share", "Share", Unit::Share),
        ],
    );
    let bin_of = |sample: &Sample| {
        let density = density(sample).filter(|_| sample.artifact.malicious_lines() > 0)?;
        Some(((density * f64::from(BINS)) as u32).min(BINS - 1))
    };
    let all = samples.iter().filter(|sample| bin_of(sample).is_some()).count() as u64;
    for bin in 0..BINS {
        let chosen = behind(samples, |sample| bin_of(sample) == Some(bin));
        let edge = |bin: u32| Cell::real(f64::from(bin) / f64::from(BINS));
        let count = chosen.len() as u64;
        table.push([edge(bin), edge(bin + 1), Cell::from(count), Cell::share(count, all)], chosen);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters::make_study;
    use crate::history::History;
    use crate::sample::testing::{artifact, origin};
    use crate::sample::{DataSet, Origin};
    use venin_report::MaliciousFileReport;

    fn sample(name: &str, lines: u64, malicious: u64) -> (crate::artifact::Artifact, Origin) {
        let mut made = artifact(name, "1.0");
        made.attributes.python_files = 2;
        made.attributes.python_lines = lines;
        made.attributes.depth = 1;
        if malicious > 0 {
            made.attributes.malicious_files.push(MaliciousFileReport {
                path: "setup.py".to_owned(),
                depth: 1,
                lines,
                malicious_lines: malicious,
                extent: malicious,
            });
        }
        (made, origin("tree", SourceClass::Paper))
    }

    #[test]
    fn the_tables_hold_the_known_values_of_a_known_data_set() {
        let found = vec![sample("a", 10, 6), sample("b", 10, 1), sample("c", 20, 0), sample("a", 10, 6)];
        let data = DataSet::of(found, Vec::new());
        let study = make_study(&StudyInput::new(&data, &History::default(), "0")).study;
        let cell = |table: &str, row: &str, column: &str| {
            study.table(table).unwrap().cell(row, column).unwrap().clone()
        };
        assert_eq!(cell("sources", "paper", "artifacts"), Cell::Count(3));
        assert_eq!(cell("sizes", "all artifacts", "lines"), Cell::Count(40));
        assert_eq!(cell("sizes", "with malicious lines", "malicious_lines"), Cell::Count(7));
        assert_eq!(cell("densities", "malicious lines (LOM/LOC)", "most"), Cell::Real(0.6));
        assert_eq!(cell("kinds", "sdist", "share"), Cell::Real(1.0));
        let density = study.table("density").unwrap();
        assert_eq!(density.rows[6].cells[2], Cell::Count(1));
        assert_eq!(density.rows[6].behind, [0]);
        assert_eq!((study.scope.files, study.scope.artifacts), (4, 3));
    }

    #[test]
    fn a_study_of_nothing_has_no_nan_and_says_so() {
        let (data, history) = (DataSet::default(), History::default());
        let study = make_study(&StudyInput::new(&data, &history, "0")).study;
        let text = serde_json::to_string(&study).unwrap();
        assert!(!text.contains("NaN") && !text.contains(",inf"), "{text}");
        assert!(study.notes.iter().any(|note| note.to_string().contains("no artifact")), "{:?}", study.notes);
    }
}
