//! The chapters of a study, each question of the paper a file.
//!
//! A chapter reads the data set and the history and gives tables, charts and sentences.  It decides nothing that a scan
//! or a claim has not said.

mod attributes;
mod behaviors;
mod bounds;
mod clusters;
mod downloads;
mod evasion;
mod evolution;
mod feeds;
mod life;
mod mirrors;
pub mod paper;
mod platforms;
pub(crate) mod prevalence;
mod released;
mod scope;
mod statistics;
mod sub_kinds;
mod vectors;

use crate::cluster::place::CampaignFile;
use crate::history::History;
use crate::lookup::Tables;
use crate::mitigations::{make_mitigations, make_proposals};
use crate::portrait::make_portrait;
use crate::report::{ArtifactLine, Chapter, STUDY_SCHEMA, StudyReport};
use crate::sample::{DataSet, Sample};

use self::scope::{notes_of, scope_of};

pub use statistics::Distribution;

/// What a study is made of.
#[derive(Debug, Clone, Copy)]
pub struct StudyInput<'a> {
    /// The scanned artifacts.
    pub data: &'a DataSet,
    /// What others say; empty without an event store.
    pub history: &'a History,
    /// The program's version.
    pub version: &'a str,
    /// How many groups the paper's method makes; at least 1.
    pub groups: usize,
}

/// Groups of the paper's method (paper section 1.5).
const PAPER_GROUPS: usize = 5;

impl<'a> StudyInput<'a> {
    /// With as many groups as the paper has.
    #[must_use]
    pub const fn new(data: &'a DataSet, history: &'a History, version: &'a str) -> Self {
        Self { data, history, version, groups: PAPER_GROUPS }
    }
}

/// A study, and the campaigns that were found on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The study.
    pub study: StudyReport,
    /// Its campaigns, to place further artifacts in.
    pub campaigns: CampaignFile,
}

/// A chapter's maker.
type Make = fn(&StudyInput<'_>) -> Chapter;

/// The chapters before that on clusters, in the order in which they are read.
const BEFORE: &[Make] = &[attributes::chapter, behaviors::chapter];
/// The chapters after it.
const AFTER: &[Make] = &[
    evolution::chapter,
    vectors::chapter,
    evasion::chapter,
    mirrors::chapter,
    life::chapter,
    downloads::chapter,
    feeds::chapter,
];

/// Makes the study.
#[must_use]
pub fn make_study(input: &StudyInput<'_>) -> Made {
    let (clusters, campaigns) = clusters::chapter_and_campaigns(input);
    let mut chapters: Vec<Chapter> = BEFORE.iter().map(|make| make(input)).collect();
    chapters.push(clusters);
    chapters.extend(AFTER.iter().map(|make| make(input)));
    let samples = input.data.samples();
    let mut study = StudyReport {
        schema: STUDY_SCHEMA.to_owned(),
        version: input.version.to_owned(),
        scope: scope_of(input),
        portrait: Vec::new(),
        chapters,
        mitigations: Vec::new(),
        artifacts: samples.iter().map(line_of).collect(),
        unreadable: input.data.unreadable().to_vec(),
        notes: Vec::new(),
    };
    study.notes = notes_of(&Tables::of_study(&study));
    let proposals = make_proposals(&study);
    study.chapters.push(proposals);
    study.portrait = make_portrait(&study);
    study.mitigations = make_mitigations(&study);
    Made { study, campaigns }
}

fn line_of(sample: &Sample) -> ArtifactLine {
    ArtifactLine {
        project: sample.project(),
        version: sample.version().to_owned(),
        file: sample.artifact.file.clone(),
        sha256: sample.artifact.sha256.clone(),
        verdict: sample.artifact.verdict.to_string(),
    }
}

/// The positions of the samples for which something holds.
pub(crate) fn behind(samples: &[Sample], holds: impl Fn(&Sample) -> bool) -> Vec<u32> {
    (0u32..).zip(samples).filter(|(_, sample)| holds(sample)).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_every_chart_draws_columns_of_a_table_of_its_chapter() {
        let (data, history) = (DataSet::default(), History::default());
        let study = make_study(&StudyInput::new(&data, &history, "0")).study;
        let mut ids: BTreeSet<&str> = BTreeSet::new();
        for id in study.tables().map(|(_, table)| table.id.as_str()) {
            assert!(ids.insert(id), "two tables are called {id}");
        }
        let chapters: BTreeSet<&str> = study.chapters.iter().map(|chapter| chapter.id.as_str()).collect();
        assert_eq!(chapters.len(), study.chapters.len());
        for chapter in &study.chapters {
            for chart in &chapter.charts {
                let table = chapter.tables.iter().find(|table| table.id == chart.table);
                let table = table.unwrap_or_else(|| panic!("{} draws no table of its chapter", chart.id));
                for column in chart.kind.columns() {
                    assert!(
                        table.column(column).is_some(),
                        "{}: {} has no column {column}",
                        chart.id,
                        table.id
                    );
                }
            }
        }
    }
}
