//! How good clusters and campaigns are: what the paper does not tell of its own.

use std::collections::BTreeMap;

use super::{Found, label_of};
use crate::cluster::campaigns::SEED;
use crate::cluster::quality::{adjusted_rand, purity, silhouette, stability};
use crate::cluster::spectral::{Groups, MAX_POINTS};
use crate::table::{Cell, Table, Unit};

/// Seeds that spectral clusters are compared over.
const SPECTRAL_SEEDS: u64 = 5;
/// Seeds that campaigns are compared over.
pub(super) const CAMPAIGN_SEEDS: u64 = 3;

/// What the paper does not tell of its clusters.
pub(super) fn quality_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "cluster-quality",
        "How good clusters and campaigns are",
        &format!(
            "Grouped are artifacts that are in a cluster or campaign. Silhouette (Rousseeuw 1987): the mean over \
             different call sequences (the {MAX_POINTS} of the most artifacts), each with the group of most of its \
             artifacts, by Euclidean distance of their vectors. Adjusted Rand index (Hubert and Arabie 1985) and purity: \
             over grouped artifacts with a behavior (labeled), each with one behavior: the one of its most findings, the \
             first in the study's order of equally many. Purity grows with the number of groups; the adjusted Rand index falls when one behavior is in many \
             groups, as it is with campaigns. Stability: the mean adjusted Rand index between runs with {SPECTRAL_SEEDS} \
             seeds for clusters (starts of k-means), {CAMPAIGN_SEEDS} for campaigns (which pairs are compared; each \
             artifact of no campaign a group of its own); over all artifacts with calls, or all. 1 is the best of each.",
        ),
        &[
            ("method", "Method", Unit::Text),
            ("groups", "Groups", Unit::Count),
            ("artifacts", "Grouped", Unit::Count),
            ("share", "Share grouped", Unit::Share),
            ("largest", "Share of the largest", Unit::Share),
            ("silhouette", "Silhouette", Unit::Real),
            ("labeled", "Labeled", Unit::Count),
            ("rand", "Adjusted Rand index", Unit::Real),
            ("purity", "Purity", Unit::Share),
            ("stability", "Stability", Unit::Real),
        ],
    );
    let run = |groups: Groups, seed: u64| -> Vec<u32> {
        let clustering = found.embedding.group(&found.sequences, groups, SEED + seed);
        clustering.of_samples(&found.sequences).into_iter().flatten().collect()
    };
    let runs = |groups: Groups| (0..SPECTRAL_SEEDS).map(|seed| run(groups, seed)).collect::<Vec<_>>();
    for (name, clustering, groups) in [
        (format!("spectral, k = {}", found.groups), &found.paper, Groups::Given(found.groups)),
        ("spectral, k by eigengap".to_owned(), &found.by_gap, Groups::Eigengap),
    ] {
        let of_sample = clustering.of_samples(&found.sequences);
        table.push(quality_cells(found, &name, &of_sample, stability(&runs(groups))), Vec::new());
    }
    let further = found.repeated.iter().cloned();
    let partitions: Vec<Vec<u32>> = std::iter::once(found.campaigns.labels()).chain(further).collect();
    let of_sample = &found.campaigns.of_sample;
    table.push(quality_cells(found, "campaigns", of_sample, stability(&partitions)), Vec::new());
    table
}

fn quality_cells(
    found: &Found<'_>,
    name: &str,
    of_sample: &[Option<u32>],
    stability: Option<f64>,
) -> Vec<Cell> {
    let grouped: Vec<u32> = of_sample.iter().flatten().copied().collect();
    let mut sizes: BTreeMap<u32, u64> = BTreeMap::new();
    for group in &grouped {
        *sizes.entry(*group).or_default() += 1;
    }
    let labeled: Vec<(u32, u32)> = found
        .samples
        .iter()
        .zip(of_sample)
        .filter_map(|(sample, group)| Some(((*group)?, label_of(sample)? as u32)))
        .collect();
    let (groups, labels): (Vec<u32>, Vec<u32>) = labeled.iter().copied().unzip();
    let count = grouped.len() as u64;
    vec![
        Cell::from(name),
        Cell::from(sizes.len()),
        Cell::from(count),
        Cell::share(count, found.samples.len() as u64),
        Cell::share(sizes.values().copied().max().unwrap_or(0), count),
        Cell::from(silhouette_of(found, of_sample)),
        Cell::from(labeled.len()),
        Cell::from(adjusted_rand(&groups, &labels)),
        Cell::from(purity(&groups, &labels)),
        Cell::from(stability),
    ]
}

/// The silhouette of groups of samples over the vectors of their sequences.
fn silhouette_of(found: &Found<'_>, of_sample: &[Option<u32>]) -> Option<f64> {
    let group_of = |samples: &[u32]| {
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        for group in samples.iter().filter_map(|at| of_sample.get(*at as usize).copied().flatten()) {
            *counts.entry(group).or_default() += 1;
        }
        counts
            .into_iter()
            .min_by_key(|(group, count)| (std::cmp::Reverse(*count), *group))
            .map(|(group, _)| group)
    };
    let points = found.embedding.points.iter().zip(&found.sequences.distinct);
    let kept: Vec<(&Vec<f64>, u32)> =
        points.filter_map(|(point, sequence)| Some((point, group_of(&sequence.samples)?))).collect();
    let labels: Vec<u32> = kept.iter().map(|(_, group)| *group).collect();
    let distance = |a: usize, b: usize| {
        let pair = kept.get(a).zip(kept.get(b));
        pair.map_or(0.0, |((a, _), (b, _))| {
            a.iter().zip(*b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
        })
    };
    silhouette(&labels, distance)
}
