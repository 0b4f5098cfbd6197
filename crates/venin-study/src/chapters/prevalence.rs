//! How common something is: a part of the artifacts with its interval, counted the same way in every chapter.

use std::collections::HashMap;

use venin_mirror::residual::wilson;

use crate::sample::Sample;
use crate::table::{Cell, Unit};

/// The columns of [`share_cells`].
pub(crate) const SHARE_COLUMNS: [(&str, &str, Unit); 3] = [
    ("share", "Share", Unit::Share),
    ("low", "Share, lower end", Unit::Share),
    ("high", "Share, upper end", Unit::Share),
];

/// What intervals are, for definitions.
pub(crate) const INTERVAL: &str = "Intervals are Wilson's at 95 %; they take artifacts as independent, which copies are \
                                   not, so they are too narrow where much is copied.";

/// A part of a whole as share, lower and upper end of its interval; all missing when the whole is nothing.
#[must_use]
pub(crate) fn share_cells(part: u64, whole: u64) -> [Cell; 3] {
    // At the ends the formula is exact but its arithmetic is not.
    let interval = wilson(part, whole)
        .map(|(low, high)| (if part == 0 { 0.0 } else { low }, if part == whole { 1.0 } else { high }));
    [
        Cell::share(part, whole),
        Cell::from(interval.map(|(low, _)| low)),
        Cell::from(interval.map(|(_, high)| high)),
    ]
}

/// The samples with what is counted of them again and again.
pub(super) struct Census<'a> {
    samples: &'a [Sample],
    /// The normalized names of projects.
    projects: Vec<String>,
    /// The same as numbers.
    project_ids: Vec<u32>,
    /// The same Python sources as numbers.
    code_ids: Vec<u32>,
}

/// Texts as numbers, equal ones as the same number.
fn number_texts<T: std::hash::Hash + Eq>(texts: impl Iterator<Item = T>) -> Vec<u32> {
    let mut known: HashMap<T, u32> = HashMap::new();
    texts
        .map(|text| {
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            *known.entry(text).or_insert(next)
        })
        .collect()
}

/// How many different numbers some positions have.
fn count_different(ids: &[u32], behind: &[u32]) -> u64 {
    let mut chosen: Vec<u32> = behind.iter().filter_map(|at| ids.get(*at as usize)).copied().collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen.len() as u64
}

impl<'a> Census<'a> {
    pub(super) fn of(samples: &'a [Sample]) -> Self {
        let projects: Vec<String> = samples.iter().map(Sample::project).collect();
        let form = |sample: &'a Sample| {
            let normal = sample.artifact.attributes.normal_sha256.as_deref();
            normal.unwrap_or(&sample.artifact.sha256)
        };
        let project_ids = number_texts(projects.iter());
        Self { samples, project_ids, code_ids: number_texts(samples.iter().map(form)), projects }
    }

    pub(super) const fn samples(&self) -> &'a [Sample] {
        self.samples
    }

    pub(super) fn project(&self, at: usize) -> &str {
        self.projects.get(at).map_or("", String::as_str)
    }

    /// Different projects among some of the samples.
    pub(super) fn count_projects(&self, behind: &[u32]) -> u64 {
        count_different(&self.project_ids, behind)
    }

    /// Some of the samples, those with the same Python sources counted once; one without Python counts for itself.
    pub(super) fn count_different_code(&self, behind: &[u32]) -> u64 {
        count_different(&self.code_ids, behind)
    }
}

/// A note on what a scan kept no more of, if it left anything out.
pub(super) fn omission_note(samples: &[Sample]) -> Option<String> {
    let cut = samples.iter().filter(|sample| sample.artifact.omitted_findings > 0).count();
    let findings: u64 = samples.iter().map(|sample| sample.artifact.omitted_findings).sum();
    (cut > 0).then(|| {
        format!(
            "Of {cut} artifacts with very many findings only the most important are kept; {findings} findings are not \
             counted here."
        )
    })
}

#[cfg(test)]
pub(crate) mod testing {
    use crate::artifact::{Artifact, KeptFinding};
    use crate::chapters::{StudyInput, make_study};
    use crate::history::History;
    use crate::report::{Chapter, StudyReport};
    use crate::sample::testing::{artifact, origin};
    use crate::sample::{DataSet, Origin, SourceClass};
    use crate::table::{Cell, Table};

    /// An artifact with behaviors, and a finding for each of them at a trigger.
    pub(crate) fn acting(name: &str, version: &str, behaviors: &[&str], trigger: &str) -> Artifact {
        let mut made = artifact(name, version);
        made.attributes.normal_sha256 = Some(format!("code of {name} {version}"));
        for behavior in behaviors {
            made.behaviors.push((*behavior).to_owned());
            made.findings.push(finding("demo-rule", Some(behavior), None, trigger));
        }
        made.triggers = vec![trigger.to_owned()];
        made
    }

    /// A finding on a line of its own.
    pub(crate) fn finding(
        rule: &str,
        behavior: Option<&str>,
        technique: Option<&str>,
        trigger: &str,
    ) -> KeptFinding {
        KeptFinding {
            rule: rule.to_owned(),
            behavior: behavior.map(ToOwned::to_owned),
            technique: technique.map(ToOwned::to_owned),
            trigger: trigger.to_owned(),
            member: "setup.py".to_owned(),
            line: 7,
        }
    }

    /// The samples of some artifacts, each from one source on one day.
    pub(crate) fn data_of(artifacts: impl IntoIterator<Item = (Artifact, &'static str)>) -> DataSet {
        let found = artifacts.into_iter().map(|(artifact, day)| {
            let origin = Origin { day: day.to_owned(), ..origin("tree", SourceClass::Paper) };
            (artifact, origin)
        });
        DataSet::of(found, Vec::new())
    }

    /// A chapter made of a data set without an event store.
    pub(crate) fn make(data: &DataSet, chapter: fn(&StudyInput<'_>) -> Chapter) -> Chapter {
        chapter(&StudyInput::new(data, &History::default(), "0"))
    }

    /// The whole study of a data set without an event store.
    pub(crate) fn study_of(data: &DataSet) -> StudyReport {
        make_study(&StudyInput::new(data, &History::default(), "0")).study
    }

    /// A table of a chapter.
    pub(crate) fn table<'a>(chapter: &'a Chapter, id: &str) -> &'a Table {
        chapter.tables.iter().find(|table| table.id == id).unwrap()
    }

    /// A cell of a chapter's table.
    pub(crate) fn cell(chapter: &Chapter, id: &str, row: &str, column: &str) -> Cell {
        table(chapter, id).cell(row, column).unwrap().clone()
    }

    /// Asserts what every chapter must keep: rows as wide as tables, ascending positions that exist, no NaN, charts of
    /// columns that exist.
    pub(crate) fn assert_sound(chapter: &Chapter, samples: usize) {
        for table in &chapter.tables {
            assert!(!table.definition.is_empty(), "{}", table.id);
            for row in &table.rows {
                assert_eq!(row.cells.len(), table.columns.len(), "{}", table.id);
                assert!(row.behind.is_sorted() && row.behind.iter().all(|at| (*at as usize) < samples));
                let is_finite = |cell: &Cell| cell.number().is_none_or(f64::is_finite);
                assert!(row.cells.iter().all(is_finite), "{}", table.id);
            }
        }
        for chart in &chapter.charts {
            let drawn = table(chapter, &chart.table);
            let kind = serde_json::to_value(&chart.kind).unwrap();
            for (field, value) in kind.as_object().unwrap() {
                let named: Vec<&str> = match value {
                    serde_json::Value::String(text) if field != "kind" => vec![text],
                    serde_json::Value::Array(texts) => texts.iter().filter_map(|t| t.as_str()).collect(),
                    _ => Vec::new(),
                };
                assert!(named.iter().all(|id| id.is_empty() || drawn.column(id).is_some()), "{named:?}");
            }
        }
    }

    #[test]
    fn copies_of_code_are_counted_once_and_what_has_no_python_for_itself() {
        let mut twin = acting("b", "1", &[], "install");
        twin.attributes.normal_sha256 = Some("code of a 1".to_owned());
        let bare = artifact("c", "1");
        let data = data_of([(acting("a", "1", &[], "install"), ""), (twin, ""), (bare, "")]);
        let census = super::Census::of(data.samples());
        assert_eq!((census.count_different_code(&[0, 1, 2]), census.count_projects(&[0, 1])), (2, 2));
    }

    #[test]
    fn the_order_of_arrival_changes_no_byte() {
        let made = |name: &str| (acting(name, "1.0", &["code execution"], "import"), "2026-03-04");
        let text = |data: &DataSet| serde_json::to_string(&study_of(data)).unwrap();
        let (one, other) =
            (data_of([made("a"), made("b"), made("c")]), data_of([made("c"), made("a"), made("b")]));
        assert_eq!(text(&one), text(&other));
    }

    #[test]
    fn words_that_nobody_knows_and_numbers_that_are_none_break_no_chapter() {
        let mut odd = acting("odd", "\u{202e}=1", &["telepathy", "code execution"], "moonrise");
        odd.techniques = vec!["invisibility".to_owned()];
        odd.score = f64::NAN;
        odd.attributes.conditions = vec!["=".to_owned(), String::new(), "sys.platform==".to_owned()];
        let mut later = acting("odd", "2", &["code execution"], "");
        later.score = f64::INFINITY;
        for (class, parameter) in [("", ""), ("Cn", "url"), (".", ":+"), ("Cs.shell", "command:")] {
            later.attributes.calls.push(venin_report::CallTokensReport {
                trigger: venin_model::Trigger::Data,
                class: class.to_owned(),
                call: String::new(),
                parameters: vec![parameter.to_owned()],
                cited: true,
            });
        }
        let study = study_of(&data_of([(odd, "9999-99-99"), (later, "0001-01-01")]));
        for chapter in &study.chapters {
            assert_sound(chapter, 2);
        }
        let text = serde_json::to_string(&study).unwrap();
        assert_eq!(serde_json::from_str::<StudyReport>(&text).unwrap(), study);
    }

    #[test]
    fn a_share_of_nothing_has_no_interval() {
        assert_eq!(super::share_cells(0, 0), [Cell::Missing, Cell::Missing, Cell::Missing]);
        assert_eq!(super::share_cells(0, 483)[1], Cell::Real(0.0));
        assert_eq!(super::share_cells(38, 38)[2], Cell::Real(1.0));
        let [share, low, high] = super::share_cells(1, 2).map(|cell| cell.number().unwrap());
        assert!(low < share && share < high && (low - 0.0945).abs() < 0.001, "{low} {high}");
    }
}
