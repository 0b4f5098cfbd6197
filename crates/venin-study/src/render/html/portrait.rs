//! The portrait as a grid: a row for each party, a column for each stage, and what goes across all of them below.

use serde::Serialize;

use super::capital;
use super::links::{Links, SentenceView};
use crate::report::{PortraitBox, StudyReport};

/// The stages in the order of a life; others come after.
const STAGES: [&str; 6] = ["generation", "evolution", "distribution", "diffusion", "infection", "execution"];
/// The parties from the one who uploads to the one who is met; others come after.
const PARTIES: [&str; 3] = ["contributor", "platform", "end user"];

/// The portrait.
#[derive(Serialize)]
pub(super) struct Portrait {
    stages: usize,
    parties: Vec<Party>,
    boxes: Vec<BoxView>,
}

#[derive(Serialize)]
struct Party {
    name: String,
    row: usize,
}

#[derive(Serialize)]
struct BoxView {
    party: String,
    stage: String,
    /// From 2, as the parties' names stand in the first; 0 for what goes across.
    column: usize,
    row: usize,
    features: Vec<FeatureView>,
}

#[derive(Serialize)]
struct FeatureView {
    label: String,
    value: SentenceView,
}

impl Portrait {
    pub(super) fn of(study: &StudyReport, links: &Links) -> Self {
        let placed = || study.portrait.iter().filter(|of| !of.party.is_empty());
        let stages = ordered(placed().map(|of| of.stage.as_str()), &STAGES);
        let parties = ordered(placed().map(|of| of.party.as_str()), &PARTIES);
        let mut boxes: Vec<BoxView> = Vec::new();
        for of in &study.portrait {
            let mut view = BoxView::of(links, of, &stages, &parties);
            let same = |known: &&mut BoxView| (known.column, known.row) == (view.column, view.row);
            match boxes.iter_mut().find(same).filter(|_| view.column > 0) {
                Some(known) => known.features.append(&mut view.features),
                None => boxes.push(view),
            }
        }
        // Read in the order of a life: stage by stage, what goes across at the end.
        boxes.sort_by_key(|view| (view.column == 0, view.column, view.row));
        let parties = (1..).zip(&parties).map(|(row, name)| Party { name: capital(name), row });
        Self { stages: stages.len().max(1), parties: parties.collect(), boxes }
    }
}

impl BoxView {
    fn of(links: &Links, of: &PortraitBox, stages: &[&str], parties: &[&str]) -> Self {
        let is_placed = !of.party.is_empty();
        let place = |names: &[&str], name: &str| names.iter().position(|known| *known == name).unwrap_or(0);
        let features = of
            .features
            .iter()
            .map(|feature| FeatureView { label: feature.label.clone(), value: links.view(&feature.value) });
        Self {
            party: capital(&of.party),
            stage: capital(&of.stage),
            column: if is_placed { place(stages, &of.stage) + 2 } else { 0 },
            row: if is_placed { place(parties, &of.party) + 1 } else { 0 },
            features: features.collect(),
        }
    }
}

/// Names each once: those that are known in their order, then others as they come.
fn ordered<'a>(names: impl Iterator<Item = &'a str>, known: &[&str]) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    let rank = |name: &str| known.iter().position(|of| of.eq_ignore_ascii_case(name)).unwrap_or(known.len());
    all.sort_by_key(|name| rank(name));
    all
}
