//! The paper's clusters: a table of them, and their sequences in the plane.

use std::collections::{BTreeMap, BTreeSet};

use venin_model::Behavior;

use super::{Found, label_of, name_group};
use crate::cluster::spectral::MAX_POINTS;
use crate::cluster::words::{DIMENSIONS, MAX_WORDS, WINDOW};
use crate::sample::Sample;
use crate::table::{Cell, Table, Unit};

/// Calls of a cluster that are told.
const TOP_CALLS: usize = 3;

/// The row of all clusters.
pub(super) const ALL: &str = "all";

/// The clusters of the paper's method.
pub(super) fn clusters_table(found: &Found<'_>) -> Table {
    let groups = found.groups;
    let mut table = Table::new(
        "clusters",
        "Clusters of call sequences",
        &format!(
            "The paper's method with {groups} groups. A call is its class, the parts of its name, and its parameters \
             by role and origin. Words within {WINDOW} of each other in a different sequence are near; the matrix of \
             positive PMI, how much more often two words are near than by chance, has its {DIMENSIONS} greatest factors as \
             vectors (Levy and Goldberg 2014); a sequence is the mean of its words' vectors, made one long; spectral clustering (Ng, Jordan and Weiss \
             2002) with a Gaussian kernel as wide as the median distance. Equal sequences are one point; an artifact is in \
             the cluster of its sequence; those without calls are in none. A top call is one that the most artifacts of \
             the cluster have. The behavior is that of the most artifacts, each with one: the one of its most findings, \
             the first in the study's order of equally many; its share is of all artifacts of the cluster. The last row is all of \
             them.",
        ),
        &[
            ("cluster", "Cluster", Unit::Text),
            ("sequences", "Different sequences", Unit::Count),
            ("artifacts", "Artifacts", Unit::Count),
            ("share", "Share", Unit::Share),
            ("behavior", "Behavior", Unit::Text),
            ("behavior_share", "Share of it", Unit::Share),
            ("calls", "Top calls", Unit::Text),
        ],
    );
    let all = found.with_calls() as u64;
    for group in (0u32..).take(found.paper.groups) {
        let behind = found.samples_of(&found.paper, group);
        let (behavior, of_behavior) = top_behavior(found.samples, &behind);
        let count = behind.len() as u64;
        let cells = [
            Cell::from(name_group(group)),
            Cell::from(found.paper.of_sequence.iter().filter(|of| **of == group).count()),
            Cell::from(count),
            Cell::share(count, all),
            behavior.map_or(Cell::Missing, |behavior| Cell::from(behavior.as_str())),
            if behavior.is_some() { Cell::share(of_behavior, count) } else { Cell::Missing },
            Cell::from(top_calls(found, group)),
        ];
        table.push(cells, behind);
    }
    let (sequences, whole) = (found.sequences.distinct.len(), Cell::share(all, all));
    let mut cells = vec![Cell::from(ALL), Cell::from(sequences), Cell::from(all), whole];
    cells.extend([Cell::Missing, Cell::Missing, Cell::Missing]);
    table.push(cells, Vec::new());
    let mut tell = |count: usize, text: &str| {
        if count > 0 {
            table.notes.push(format!("{count} {text}"));
        }
    };
    tell(found.samples.len() - found.with_calls(), "artifacts have no calls and are in no cluster.");
    let text = format!(
        "sequences beyond the {MAX_POINTS} of the most artifacts went to the cluster of the nearest."
    );
    tell(found.embedding.further(), &text);
    let text = format!("words beyond the {MAX_WORDS} most frequent have no vector.");
    tell(found.embedding.rare_words, &text);
    table
}

fn top_behavior(samples: &[Sample], behind: &[u32]) -> (Option<Behavior>, u64) {
    let mut counts: BTreeMap<Behavior, u64> = BTreeMap::new();
    for behavior in behind.iter().filter_map(|at| samples.get(*at as usize)).filter_map(label_of) {
        *counts.entry(behavior).or_default() += 1;
    }
    let top = counts.into_iter().min_by_key(|(behavior, count)| (std::cmp::Reverse(*count), *behavior));
    top.map_or((None, 0), |(behavior, count)| (Some(behavior), count))
}

fn top_calls(found: &Found<'_>, group: u32) -> String {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    let of_group =
        found.paper.of_sequence.iter().zip(&found.sequences.distinct).filter(|(of, _)| **of == group);
    for (_, sequence) in of_group {
        for call in sequence.calls.iter().collect::<BTreeSet<_>>() {
            *counts.entry(*call).or_default() += sequence.samples.len();
        }
    }
    let mut sorted: Vec<(u32, usize)> = counts.into_iter().collect();
    sorted.sort_by_key(|(call, count)| (std::cmp::Reverse(*count), *call));
    let name = |(call, count): &(u32, usize)| {
        found.sequences.calls.get(*call as usize).map(|call| format!("{call} in {count}"))
    };
    sorted.iter().take(TOP_CALLS).filter_map(name).collect::<Vec<_>>().join("; ")
}

/// Sequences in the plane (paper figure 3).
pub(super) fn points_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "cluster-points",
        "Call sequences in the plane",
        "The vectors of different call sequences, projected on the two directions of their greatest spread (principal \
         components); the axes have no unit. One point for each sequence, with the number of artifacts that have it.",
        &[
            ("x", "First component", Unit::Real),
            ("y", "Second component", Unit::Real),
            ("cluster", "Cluster", Unit::Text),
            ("artifacts", "Artifacts", Unit::Count),
        ],
    );
    let rounded = |value: f64| Cell::real((value * 1e4).round() / 1e4 + 0.0);
    let labeled = found.embedding.places.iter().zip(&found.paper.of_sequence).zip(&found.sequences.distinct);
    for (([x, y], group), sequence) in labeled {
        let cells =
            [rounded(*x), rounded(*y), Cell::from(name_group(*group)), Cell::from(sequence.samples.len())];
        table.push(cells, sequence.samples.clone());
    }
    table
}
