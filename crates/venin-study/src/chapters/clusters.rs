//! Clusters and campaigns (RQ1, paper section 1.5): the paper's clusters of call sequences with the quality that the
//! paper does not give, and campaigns with their spread over time.

use std::collections::{BTreeMap, BTreeSet};

use venin_model::Behavior;

use super::StudyInput;
use crate::chart::{Chart, ChartKind};
use crate::cluster::campaigns::{Campaign, Campaigns, LEAST, MAX_COMPONENT, NEAR_TLSH, SEED, first_day};
use crate::cluster::place::define_campaigns;
use crate::cluster::quality::{adjusted_rand, purity, silhouette, stability};
use crate::cluster::spectral::{Clustering, Embedding, Groups, MAX_POINTS};
use crate::cluster::tokens::{Sequences, shorten_call};
use crate::cluster::words::{DIMENSIONS, MAX_WORDS, WINDOW};
use crate::report::Chapter;
use crate::sample::Sample;
use crate::table::{Cell, Table, Unit};

/// Groups of the paper's method.
const PAPER_GROUPS: usize = 5;
/// Seeds that spectral clusters are compared over.
const SPECTRAL_SEEDS: u64 = 5;
/// Seeds that campaigns are compared over.
const CAMPAIGN_SEEDS: u64 = 3;
/// Calls of a cluster that are told.
const TOP_CALLS: usize = 3;
/// Campaigns with a bar of their own.
const BARS: usize = 15;
/// Campaigns with a line of their own.
const LINES: usize = 6;
/// Lower bounds of the classes of campaign sizes.
const SIZES: [usize; 6] = [LEAST, 5, 10, 20, 50, 100];

pub(super) fn chapter(input: &StudyInput<'_>) -> Chapter {
    let found = Found::of(input.data.samples());
    let mut chapter = Chapter::new("clusters", "Clusters and campaigns", "RQ1");
    let tables = vec![
        clusters_table(&found),
        points_table(&found),
        quality_table(&found),
        duplicates_table(&found, input.data.files()),
        campaigns_table(&found),
        largest_table(&found),
        sizes_table(&found),
        months_table(&found),
        activity_table(&found),
    ];
    chapter.text = vec![clusters_sentence(&found), campaigns_sentence(&found), months_sentence(&found)];
    chapter.charts = charts(&chapter.text);
    chapter.tables = tables;
    chapter
}

/// What is found once and told in several tables.
struct Found<'a> {
    samples: &'a [Sample],
    sequences: Sequences,
    embedding: Embedding,
    paper: Clustering,
    by_gap: Clustering,
    campaigns: Campaigns,
}

impl<'a> Found<'a> {
    fn of(samples: &'a [Sample]) -> Self {
        let sequences = Sequences::of(samples);
        let embedding = Embedding::of(&sequences);
        let paper = embedding.group(&sequences, Groups::Given(PAPER_GROUPS), SEED);
        let by_gap = embedding.group(&sequences, Groups::Eigengap, SEED);
        let campaigns = Campaigns::find(samples, &sequences, SEED);
        Self { samples, sequences, embedding, paper, by_gap, campaigns }
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

/// The clusters of the paper's method.
fn clusters_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "clusters",
        "Clusters of call sequences",
        &format!(
            "The paper's method with {PAPER_GROUPS} groups. A call is its class, the parts of its name, and its parameters \
             by role and origin. Words within {WINDOW} of each other in a different sequence are near; the matrix of \
             positive PMI, how much more often two words are near than by chance, has its {DIMENSIONS} greatest factors as \
             vectors (Levy and Goldberg 2014); a sequence is the mean of its words' vectors, made one long; spectral clustering (Ng, Jordan and Weiss \
             2002) with a Gaussian kernel as wide as the median distance. Equal sequences are one point; an artifact is in \
             the cluster of its sequence; those without calls are in none. A top call is one that the most artifacts of \
             the cluster have. The behavior is that of the most artifacts, each with one: the one of its most findings, \
             the first in the study's order of equally many; the share is of all artifacts of the cluster.",
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
fn points_table(found: &Found<'_>) -> Table {
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

/// What the paper does not tell of its clusters.
fn quality_table(found: &Found<'_>) -> Table {
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
        (format!("spectral, k = {PAPER_GROUPS}"), &found.paper, Groups::Given(PAPER_GROUPS)),
        ("spectral, k by eigengap".to_owned(), &found.by_gap, Groups::Eigengap),
    ] {
        let of_sample = clustering.of_samples(&found.sequences);
        table.push(quality_cells(found, &name, &of_sample, stability(&runs(groups))), Vec::new());
    }
    let partition = |seed| Campaigns::partition(found.samples, &found.sequences, SEED + seed);
    let further = (1..CAMPAIGN_SEEDS).map(partition);
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

/// What is left when duplicates are taken away.
fn duplicates_table(found: &Found<'_>, files: u64) -> Table {
    let mut table = Table::new(
        "duplicates",
        "How many artifacts are different",
        &format!(
            "Each step takes away what the one before left twice. Bytes: SHA-256 of the file. Code: SHA-256 of all Python \
             sources without comment lines, indentation and empty lines; artifacts without code count each. \
             Near-duplicates: artifacts joined by a TLSH distance of the code of at most {NEAR_TLSH}, chains counted as \
             one. Campaigns: each campaign counts once, each artifact of none too.",
        ),
        &[
            ("by", "Different by", Unit::Text),
            ("left", "Left", Unit::Count),
            ("removed", "Removed", Unit::Count),
            ("share", "Share of files left", Unit::Share),
        ],
    );
    let counts = found.campaigns.counts;
    let steps = [
        ("nothing", files),
        ("bytes", counts.artifacts as u64),
        ("code", counts.codes as u64),
        ("near-duplicates", counts.near as u64),
        ("campaigns", counts.apart as u64),
    ];
    let mut before = files;
    for (name, left) in steps {
        // Campaigns need not be coarser than chains of near-duplicates: those may be cut.
        let removed = before.checked_sub(left).map_or(Cell::Missing, Cell::from);
        table.push([Cell::from(name), Cell::from(left), removed, Cell::share(left, files)], Vec::new());
        before = left;
    }
    table
}

/// All campaigns.
fn campaigns_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "campaigns",
        "Campaigns",
        &format!(
            "{} A name is the behavior of most members, the earliest trigger of most, and the start of the digest of the \
             code of the member with the first day. The rule is the one with a behavior that fires in most members. The \
             shared path is the longest run of at most 12 calls that at least half of the members with calls have. Hosts \
             are those of at least two members. Days are those on which a source first had a member, where known.",
            define_campaigns()
        ),
        &[
            ("campaign", "Campaign", Unit::Text),
            ("artifacts", "Artifacts", Unit::Count),
            ("codes", "Different codes", Unit::Count),
            ("projects", "Projects", Unit::Count),
            ("first_day", "First day", Unit::Date),
            ("last_day", "Last day", Unit::Date),
            ("sources", "Sources", Unit::Text),
            ("rule", "Rule", Unit::Text),
            ("path_members", "Share the path", Unit::Count),
            ("path", "Shared path", Unit::Text),
            ("hosts", "Shared hosts", Unit::Text),
        ],
    );
    for campaign in &found.campaigns.campaigns {
        table.push(campaign_cells(campaign), campaign.samples.clone());
    }
    let counts = found.campaigns.counts;
    let mut tell = |count: usize, text: &str| {
        if count > 0 {
            table.notes.push(format!("{count} {text}"));
        }
    };
    tell(counts.noise, "artifacts are in no campaign.");
    tell(counts.blank, "artifacts have neither code nor calls to be compared by.");
    let text = format!(
        "different codes were beyond the {MAX_COMPONENT} of a component that are linked, and joined the nearest that \
         they were compared with."
    );
    tell(found.campaigns.unlinked, &text);
    table
}

fn campaign_cells(campaign: &Campaign) -> Vec<Cell> {
    let described = &campaign.described;
    let day = |day: Option<&str>| day.map_or(Cell::Missing, Cell::from);
    let path: Vec<String> = described.path.iter().map(|call| shorten_call(call).to_owned()).collect();
    let words = |words: &[String], between: &str| {
        if words.is_empty() { Cell::Missing } else { Cell::from(words.join(between)) }
    };
    vec![
        Cell::from(campaign.name.as_str()),
        Cell::from(campaign.samples.len()),
        Cell::from(campaign.codes),
        Cell::from(described.projects),
        day(described.first_day()),
        day(described.last_day()),
        words(&described.sources, ", "),
        if described.rule.is_empty() { Cell::Missing } else { Cell::from(described.rule.as_str()) },
        Cell::from(described.path_members),
        words(&path, " -> "),
        words(&described.hosts, ", "),
    ]
}

fn largest_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "largest-campaigns",
        "The largest campaigns",
        &format!("The {BARS} campaigns of the most artifacts. Shares are of all artifacts."),
        &[
            ("campaign", "Campaign", Unit::Text),
            ("artifacts", "Artifacts", Unit::Count),
            ("share", "Share", Unit::Share),
        ],
    );
    for campaign in found.campaigns.campaigns.iter().take(BARS) {
        let count = campaign.samples.len() as u64;
        let share = Cell::share(count, found.samples.len() as u64);
        table.push([Cell::from(campaign.name.as_str()), Cell::from(count), share], campaign.samples.clone());
    }
    table
}

/// Campaigns by size.
fn sizes_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "campaign-sizes",
        "How large campaigns are",
        "Campaigns by how many artifacts they have, and how many artifacts these are together. Shares are of all artifacts.",
        &[
            ("size", "Artifacts of a campaign", Unit::Text),
            ("campaigns", "Campaigns", Unit::Count),
            ("artifacts", "Artifacts", Unit::Count),
            ("share", "Share", Unit::Share),
        ],
    );
    let all = found.samples.len() as u64;
    let mut push = |name: String, campaigns: usize, behind: Vec<u32>| {
        let count = behind.len() as u64;
        table.push(
            [Cell::from(name), Cell::from(campaigns), Cell::from(count), Cell::share(count, all)],
            behind,
        );
    };
    for (at, from) in SIZES.iter().enumerate() {
        let next = SIZES.get(at + 1).copied();
        let is_of = |campaign: &&Campaign| {
            let size = campaign.samples.len();
            size >= *from && next.is_none_or(|next| size < next)
        };
        let chosen: Vec<&Campaign> = found.campaigns.campaigns.iter().filter(is_of).collect();
        let mut behind: Vec<u32> =
            chosen.iter().flat_map(|campaign| campaign.samples.iter().copied()).collect();
        behind.sort_unstable();
        let name = next.map_or(format!("{from} and more"), |next| format!("{from} to {}", next - 1));
        push(name, chosen.len(), behind);
    }
    let labels = (0u32..).zip(&found.campaigns.of_sample);
    push("no campaign".to_owned(), 0, labels.filter(|(_, c)| c.is_none()).map(|(at, _)| at).collect());
    table
}

/// The month in which each sample was first had, where known.
fn months_of(samples: &[Sample]) -> Vec<Option<&str>> {
    samples.iter().map(|sample| first_day(sample).and_then(|day| day.get(..7))).collect()
}

/// Artifacts of the largest campaigns by month.
fn months_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "campaign-months",
        "Campaigns by month",
        &format!(
            "Artifacts by the month of the day on which a source first had them, those of the {LINES} largest campaigns \
             apart. Artifacts without a day are left out; months without any artifact have no row.",
        ),
        &[
            ("month", "Month", Unit::Date),
            ("campaign", "Campaign", Unit::Text),
            ("artifacts", "Artifacts", Unit::Count),
        ],
    );
    let mut series: Vec<&str> =
        found.campaigns.campaigns.iter().take(LINES).map(|campaign| campaign.name.as_str()).collect();
    series.extend(["other campaigns", "no campaign"]);
    let series_of = |campaign: Option<u32>| match campaign {
        Some(at) => (at as usize).min(series.len() - 2),
        None => series.len() - 1,
    };
    let mut behind: BTreeMap<&str, Vec<Vec<u32>>> = BTreeMap::new();
    for ((at, month), campaign) in (0u32..).zip(months_of(found.samples)).zip(&found.campaigns.of_sample) {
        let Some(month) = month else { continue };
        let lists = behind.entry(month).or_insert_with(|| vec![Vec::new(); series.len()]);
        if let Some(list) = lists.get_mut(series_of(*campaign)) {
            list.push(at);
        }
    }
    for (month, lists) in behind {
        for (name, list) in series.iter().zip(lists) {
            table.push([Cell::from(month), Cell::from(*name), Cell::from(list.len())], list);
        }
    }
    let undated = months_of(found.samples).iter().filter(|month| month.is_none()).count();
    if undated > 0 {
        table.notes.push(format!("{undated} artifacts have no day."));
    }
    table
}

/// Campaigns that begin and that are seen, by month.
fn activity_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "campaign-activity",
        "Campaigns that begin and that are seen",
        "By month: campaigns whose first day lies in it, and campaigns of which a source first had a member in it. \
         Members without a day are left out.",
        &[("month", "Month", Unit::Date), ("begin", "Begin", Unit::Count), ("seen", "Seen", Unit::Count)],
    );
    let mut months: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for campaign in &found.campaigns.campaigns {
        for (at, month) in campaign.described.months().into_keys().enumerate() {
            let entry = months.entry(month).or_default();
            entry.0 += u64::from(at == 0);
            entry.1 += 1;
        }
    }
    for (month, (begin, seen)) in months {
        table.push([Cell::from(month), Cell::from(begin), Cell::from(seen)], Vec::new());
    }
    table
}

fn clusters_sentence(found: &Found<'_>) -> String {
    let artifacts = found.with_calls();
    if artifacts == 0 {
        return "No artifact has calls that could be compared.".to_owned();
    }
    let largest = found.samples_of(&found.paper, 0).len();
    format!(
        "{artifacts} artifacts have calls, in {} different sequences; the largest of {} clusters holds {largest} of them, \
         and the widest gap between eigenvalues tells {} clusters.",
        found.sequences.distinct.len(),
        found.paper.groups,
        found.by_gap.groups,
    )
}

fn campaigns_sentence(found: &Found<'_>) -> String {
    let counts = found.campaigns.counts;
    let Some(largest) = found.campaigns.campaigns.first() else {
        return format!("There is no campaign: no {LEAST} artifacts are near each other in code or calls.");
    };
    format!(
        "{} of {} artifacts are in {} campaigns, {} are in none; the largest, {}, has {} artifacts of {} projects.",
        counts.artifacts - counts.noise,
        counts.artifacts,
        found.campaigns.campaigns.len(),
        counts.noise,
        largest.name,
        largest.samples.len(),
        largest.described.projects,
    )
}

fn months_sentence(found: &Found<'_>) -> String {
    let mut months: BTreeMap<&str, u64> = BTreeMap::new();
    for (month, campaign) in months_of(found.samples).into_iter().zip(&found.campaigns.of_sample) {
        if let (Some(month), Some(_)) = (month, campaign) {
            *months.entry(month).or_default() += 1;
        }
    }
    match months.iter().min_by_key(|(month, count)| (std::cmp::Reverse(**count), **month)) {
        Some((month, count)) => {
            format!("The most artifacts of campaigns were first had in {month}: {count}.")
        }
        None => "No artifact of a campaign has a known day.".to_owned(),
    }
}

fn charts(text: &[String]) -> Vec<Chart> {
    let chart = |id: &str, title: &str, sentence: usize, table: &str, kind: ChartKind| Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        alt: text.get(sentence).cloned().unwrap_or_default(),
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
        chart("cluster-points", "Call sequences in the plane", 0, "cluster-points", scatter),
        chart("largest-campaigns", "The largest campaigns", 1, "largest-campaigns", bars),
        chart("campaign-months", "Campaigns by month", 2, "campaign-months", lines),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tokens::testing::{call, data_set};
    use crate::history::History;
    use crate::sample::{DataSet, Origin};
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
        chapter(&StudyInput { data, history: &History::default(), version: "0" })
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
