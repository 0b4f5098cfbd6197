//! Clusters and campaigns (RQ1, paper section 1.5): the paper's clusters of call sequences with the quality that the
//! paper does not give, and campaigns with their spread over time.

mod measures;
mod sequences;
mod spread;

use venin_model::Behavior;

use self::measures::{CAMPAIGN_SEEDS, quality_table};
use self::sequences::{clusters_table, points_table};
use self::spread::{
    activity_table, campaigns_table, duplicates_table, largest_table, months_table, sizes_table,
};
use super::StudyInput;
use crate::chart::{Chart, ChartKind};
use crate::cluster::campaigns::{Campaigns, SEED, first_day};
use crate::cluster::place::CampaignFile;
use crate::cluster::spectral::{Clustering, Embedding, Groups};
use crate::cluster::tokens::Sequences;
use crate::lookup::{Look, Tables};
use crate::report::Chapter;
use crate::sample::Sample;
use crate::sentence::Sentence;

/// The chapter, and the campaigns as a file.
pub(super) fn chapter_and_campaigns(input: &StudyInput<'_>) -> (Chapter, CampaignFile) {
    let found = Found::of(input.data.samples(), input.groups);
    let campaigns =
        CampaignFile::of_campaigns(&found.campaigns, &found.sequences, found.samples, input.version);
    (tell(&found, input), campaigns)
}

fn tell(found: &Found<'_>, input: &StudyInput<'_>) -> Chapter {
    let mut chapter = Chapter::new("clusters", "Clusters and campaigns", "RQ1");
    chapter.tables = vec![
        clusters_table(found),
        points_table(found),
        quality_table(found),
        duplicates_table(found, input.data.files()),
        campaigns_table(found),
        largest_table(found),
        sizes_table(found),
        months_table(found),
        activity_table(found),
    ];
    let tables = Tables::of(&chapter.tables);
    let text = [clusters_sentence(&tables), campaigns_sentence(&tables), months_sentence(&tables)];
    chapter.charts = charts(&text);
    chapter.text = text.into();
    chapter
}

/// What is found once and told in several tables.
struct Found<'a> {
    samples: &'a [Sample],
    /// Groups of the paper's method.
    groups: usize,
    sequences: Sequences,
    embedding: Embedding,
    paper: Clustering,
    by_gap: Clustering,
    campaigns: Campaigns,
    /// The campaigns of each sample by further seeds.
    repeated: Vec<Vec<u32>>,
}

impl<'a> Found<'a> {
    fn of(samples: &'a [Sample], groups: usize) -> Self {
        let groups = groups.max(1);
        let sequences = Sequences::of(samples);
        let embedding = Embedding::of(&sequences);
        let paper = embedding.group(&sequences, Groups::Given(groups), SEED);
        let by_gap = embedding.group(&sequences, Groups::Eigengap, SEED);
        let (campaigns, repeated) = Campaigns::find_repeatedly(samples, &sequences, SEED, CAMPAIGN_SEEDS - 1);
        Self { samples, groups, sequences, embedding, paper, by_gap, campaigns, repeated }
    }

    /// Samples of a group of sequences, ascending.
    fn samples_of(&self, clustering: &Clustering, group: u32) -> Vec<u32> {
        let of_group =
            clustering.of_sequence.iter().zip(&self.sequences.distinct).filter(|(of, _)| **of == group);
        let mut samples: Vec<u32> =
            of_group.flat_map(|(_, sequence)| sequence.samples.iter().copied()).collect();
        samples.sort_unstable();
        samples
    }

    fn with_calls(&self) -> usize {
        self.sequences.of_sample.iter().flatten().count()
    }
}

/// The one label of an artifact with several behaviors: the behavior of the most findings, the first in the study's order
/// of equally many.
fn label_of(sample: &Sample) -> Option<Behavior> {
    let findings = |behavior: Behavior| {
        let of_it =
            sample.artifact.findings.iter().filter(|f| f.behavior.as_deref() == Some(behavior.as_str()));
        of_it.count()
    };
    let known: Vec<Behavior> = sample.artifact.behaviors.iter().filter_map(|b| Behavior::parse(b)).collect();
    known.into_iter().min_by_key(|behavior| (std::cmp::Reverse(findings(*behavior)), *behavior))
}

fn name_group(group: u32) -> String {
    format!("cluster {}", u64::from(group) + 1)
}

/// The month in which each sample was first had, where known.
fn months_of(samples: &[Sample]) -> Vec<Option<&str>> {
    samples.iter().map(|sample| first_day(sample).and_then(|day| day.get(..7))).collect()
}

fn clusters_sentence(tables: &Tables<'_>) -> Sentence {
    if tables.find_most("clusters", "artifacts").is_none() {
        return Sentence::of_words("No artifact has calls that could be compared.");
    }
    // By the paper's number of groups first, then by the widest gap.
    let quality = |row, column| Look::Nth("cluster-quality", row, column);
    let all = |column| Look::At("clusters", sequences::ALL, column);
    let places = [
        all("artifacts"),
        all("sequences"),
        quality(0, "groups"),
        Look::Nth("clusters", 0, "artifacts"),
        quality(1, "groups"),
    ];
    tables.tell(
        "{} artifacts have calls, in {} different sequences; the largest of {} clusters holds {} of them, and the widest \
         gap between eigenvalues tells {} clusters.",
        &places,
    )
}

fn campaigns_sentence(tables: &Tables<'_>) -> Sentence {
    if !tables.has(Look::Rows("campaigns")) {
        let text = "There is no campaign: too few artifacts are near each other in code or calls.";
        return Sentence::of_words(text);
    }
    let largest = |column| Look::Nth("campaigns", 0, column);
    let places = [
        Look::At("cluster-quality", "campaigns", "artifacts"),
        Look::At("cluster-quality", "campaigns", "share"),
        Look::Rows("campaigns"),
        Look::At("campaign-sizes", spread::NO_CAMPAIGN, "artifacts"),
        largest("campaign"),
        largest("artifacts"),
        largest("projects"),
    ];
    tables.tell(
        "{} artifacts ({}) are in {} campaigns, {} are in none; the largest, {}, has {} artifacts of {} projects.",
        &places,
    )
}

fn months_sentence(tables: &Tables<'_>) -> Sentence {
    let Some(most) = tables.find_most("campaign-activity", "artifacts") else {
        return Sentence::of_words("No artifact of a campaign has a known day.");
    };
    let places = ["month", "artifacts"].map(|column| Look::Nth("campaign-activity", most, column));
    tables.tell("The most artifacts of campaigns were first had in {}: {}.", &places)
}

fn charts([clusters, campaigns, months]: &[Sentence; 3]) -> Vec<Chart> {
    let chart = |id: &str, title: &str, sentence: &Sentence, table: &str, kind: ChartKind| Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        alt: sentence.to_string(),
        table: table.to_owned(),
        kind,
    };
    let scatter = ChartKind::Scatter {
        x: "x".into(),
        y: "y".into(),
        series: "cluster".into(),
        weight: Some("artifacts".into()),
    };
    let bars =
        ChartKind::Bars { label: "campaign".into(), values: vec!["artifacts".into()], low: None, high: None };
    let lines =
        ChartKind::Lines { x: "month".into(), y: "artifacts".into(), series: Some("campaign".into()) };
    vec![
        chart("cluster-points", "Call sequences in the plane", clusters, "cluster-points", scatter),
        chart("largest-campaigns", "The largest campaigns", campaigns, "largest-campaigns", bars),
        chart("campaign-months", "Campaigns by month", months, "campaign-months", lines),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tokens::testing::{call, data_set};
    use crate::history::History;
    use crate::sample::{DataSet, Origin};
    use crate::table::Cell;
    use venin_report::CallTokensReport;

    fn calls(theme: &str, class: &str, count: usize) -> Vec<CallTokensReport> {
        (0..count).map(|at| call(class, &format!("{theme}.call{at}"), &["args:literal"])).collect()
    }

    fn known() -> DataSet {
        let made = data_set(&[
            ("alpha", 4, calls("alpha", "Cs.shell", 12)),
            ("beta", 3, calls("beta", "Cn.send", 12)),
            ("lone", 1, calls("lone", "Cf.read", 8)),
            ("empty", 1, vec![]),
        ]);
        let dated = made.samples().iter().enumerate().flat_map(|(at, sample)| {
            let mut artifact = sample.artifact.clone();
            if sample.project().starts_with("alpha") {
                artifact.behaviors = vec!["command execution".to_owned()];
            }
            let day = if at < 2 { "2026-01-05" } else { "2026-02-07" };
            let origin = Origin { day: day.to_owned(), ..sample.origins[0].clone() };
            [(artifact, origin)]
        });
        DataSet::of(dated.collect::<Vec<_>>(), Vec::new())
    }

    fn chapter_of(data: &DataSet) -> Chapter {
        chapter_and_campaigns(&StudyInput::new(data, &History::default(), "0")).0
    }

    fn cell(chapter: &Chapter, table: &str, row: &str, column: &str) -> Cell {
        let table = chapter.tables.iter().find(|found| found.id == table).unwrap();
        table.cell(row, column).unwrap_or_else(|| panic!("{row} in {table:?}")).clone()
    }

    #[test]
    fn the_tables_hold_the_known_values_of_a_known_data_set() {
        let data = known();
        let chapter = chapter_of(&data);
        assert_eq!(cell(&chapter, "clusters", "cluster 1", "artifacts"), Cell::Count(4));
        assert_eq!(cell(&chapter, "clusters", "cluster 1", "behavior"), Cell::from("command execution"));
        assert_eq!(cell(&chapter, "clusters", "cluster 1", "share"), Cell::Real(0.5));
        assert_eq!(cell(&chapter, "cluster-quality", "campaigns", "groups"), Cell::Count(2));
        assert_eq!(cell(&chapter, "cluster-quality", "campaigns", "labeled"), Cell::Count(4));
        assert_eq!(cell(&chapter, "cluster-quality", "campaigns", "stability"), Cell::Real(1.0));
        assert_eq!(cell(&chapter, "cluster-quality", "spectral, k = 5", "purity"), Cell::Real(1.0));
        assert_eq!(cell(&chapter, "duplicates", "campaigns", "left"), Cell::Count(4));
        assert_eq!(cell(&chapter, "campaign-sizes", "3 to 4", "campaigns"), Cell::Count(2));
        assert_eq!(cell(&chapter, "campaign-sizes", "no campaign", "artifacts"), Cell::Count(2));
        assert_eq!(cell(&chapter, "campaign-activity", "2026-01", "begin"), Cell::Count(1));
        assert_eq!(cell(&chapter, "campaign-activity", "2026-02", "seen"), Cell::Count(2));
        let name = "command-execution-0000";
        assert_eq!(cell(&chapter, "campaigns", name, "projects"), Cell::Count(4), "{:?}", chapter.tables[4]);
        assert_eq!(cell(&chapter, "campaigns", name, "path_members"), Cell::Count(4));
        let months = chapter.tables.iter().find(|table| table.id == "campaign-months").unwrap();
        let first =
            |row: &crate::table::Row| (row.cells[0].clone(), row.cells[1].clone(), row.cells[2].clone());
        let known = (Cell::from("2026-01"), Cell::from(name), Cell::Count(2));
        assert_eq!(first(&months.rows[0]), known);
    }

    #[test]
    fn one_artifact_and_none_give_tables_that_say_so() {
        for data in [data_set(&[("a", 1, calls("a", "Cs.shell", 2))]), DataSet::default()] {
            let chapter = chapter_of(&data);
            let text = serde_json::to_string(&chapter).unwrap();
            assert!(!text.contains("NaN") && !text.contains("inf\""), "{text}");
            assert!(text.contains("There is no campaign"), "{text}");
        }
    }

    #[test]
    fn the_same_data_give_the_same_bytes() {
        let bytes = || serde_json::to_string(&chapter_of(&known())).unwrap();
        assert_eq!(bytes(), bytes());
    }

    #[test]
    fn every_chart_names_columns_that_its_table_has() {
        let chapter = chapter_of(&known());
        for chart in &chapter.charts {
            let table = chapter.tables.iter().find(|table| table.id == chart.table).unwrap();
            let kind = serde_json::to_value(&chart.kind).unwrap();
            let named = kind.as_object().unwrap().iter().filter(|(key, _)| *key != "kind");
            for column in named.flat_map(|(_, v)| v.as_array().cloned().unwrap_or_else(|| vec![v.clone()])) {
                let Some(column) = column.as_str() else { continue };
                assert!(table.column(column).is_some(), "{column} of {}", chart.id);
            }
        }
    }
}
