//! Campaigns: dense groups of artifacts that are near in code or calls, as many as there are.
//!
//! Artifacts with the same normal form of code are one point.  Pairs that share a bucket are compared; points joined by
//! pairs within [`REACH`] are a component; in each component average linkage over mutual reachability distances (Campello,
//! Moulavi and Sander 2013) is cut at [`REACH`].  What has fewer than [`LEAST`] artifacts within reach is noise.

use std::collections::BTreeMap;

use kodama::{Method, linkage};

use super::minhash::visit_candidates;
use super::naming::{Described, describe, name_all};
use super::nearness::Print;
use super::tokens::Sequences;
use crate::sample::Sample;

pub(crate) use super::naming::first_day;

/// The distance up to which artifacts belong together: a TLSH distance of 60, or calls of which at least so much is
/// shared.
pub const REACH: f64 = 0.3;
/// The fewest artifacts of a campaign.
pub const LEAST: usize = 3;
/// The TLSH distance up to which code counts as a near-duplicate.
pub const NEAR_TLSH: u32 = 30;
/// Most points of a component that are linked; further ones join the nearest.
pub const MAX_COMPONENT: usize = 1000;
/// The seed of the search for pairs.
pub const SEED: u64 = 20_230_911;

/// The campaigns of a data set.
#[derive(Debug, Clone, Default)]
pub struct Campaigns {
    /// The campaigns, those of most artifacts first.
    pub campaigns: Vec<Campaign>,
    /// The campaign of each sample; `None` for noise.
    pub of_sample: Vec<Option<u32>>,
    /// How many are left when duplicates are taken away.
    pub counts: Counts,
    /// Points of components too large to be linked whole.
    pub unlinked: usize,
}

/// How many artifacts are left when duplicates are taken away, step by step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Artifacts, different by SHA-256.
    pub artifacts: usize,
    /// Different by the normal form of their code; those without code count each.
    pub codes: usize,
    /// Groups that remain when near-duplicates are joined, a chain of them as one.
    pub near: usize,
    /// Campaigns, and artifacts of none.
    pub apart: usize,
    /// Artifacts of no campaign.
    pub noise: usize,
    /// Artifacts of no campaign that there is nothing to compare by.
    pub blank: usize,
}

/// A campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// What it is called: behavior, trigger, and the digest of its first member, cut.
    pub name: String,
    /// Its samples, ascending.
    pub samples: Vec<u32>,
    /// How many different normal forms of code it has.
    pub codes: usize,
    /// What it is.
    pub described: Described,
}

/// Artifacts that have the same code.
#[derive(Debug)]
struct Point {
    print: Print,
    samples: Vec<u32>,
}

impl Campaigns {
    /// Finds the campaigns.  The seed decides which pairs are compared, nothing else.
    #[must_use]
    pub fn find(samples: &[Sample], sequences: &Sequences, seed: u64) -> Self {
        Self::find_repeatedly(samples, sequences, seed, 0).0
    }

    /// The same, and what [`Campaigns::labels`] would be with so many further seeds, the next ones.
    #[must_use]
    pub fn find_repeatedly(
        samples: &[Sample],
        sequences: &Sequences,
        seed: u64,
        further: u64,
    ) -> (Self, Vec<Vec<u32>>) {
        let mut search = Search::of(samples, sequences);
        let groups = search.group(seed);
        let found = Self::of_groups(&groups, &search.points, samples, sequences);
        let labels = |seed| label(&search.group(seed), &search.points, samples.len());
        (found, (seed + 1..=seed + further).map(labels).collect())
    }

    fn of_groups(groups: &Groups, points: &[Point], samples: &[Sample], sequences: &Sequences) -> Self {
        let mut campaigns: Vec<Campaign> = groups
            .members
            .iter()
            .map(|members| {
                let of_points = members.iter().filter_map(|at| points.get(*at));
                let mut found: Vec<u32> = of_points.flat_map(|point| point.samples.iter().copied()).collect();
                found.sort_unstable();
                let described = describe(samples, sequences, &found);
                Campaign { name: String::new(), samples: found, codes: members.len(), described }
            })
            .collect();
        name_all(&mut campaigns);
        campaigns.sort_by(|a, b| b.samples.len().cmp(&a.samples.len()).then_with(|| a.name.cmp(&b.name)));
        let mut of_sample = vec![None; samples.len()];
        for (at, campaign) in (0u32..).zip(&campaigns) {
            for sample in &campaign.samples {
                if let Some(slot) = of_sample.get_mut(*sample as usize) {
                    *slot = Some(at);
                }
            }
        }
        let counts = groups.count(points, &of_sample, campaigns.len());
        Self { campaigns, of_sample, counts, unlinked: groups.unlinked }
    }

    /// The group of each sample by its first sample, where everything that belongs to no campaign is a group of its own.
    #[must_use]
    pub fn labels(&self) -> Vec<u32> {
        let first = |campaign: &u32| self.campaigns.get(*campaign as usize)?.samples.first().copied();
        (0u32..).zip(&self.of_sample).map(|(at, of)| of.as_ref().and_then(first).unwrap_or(at)).collect()
    }
}

/// The group of each sample by its first sample; what is in no group is a group of its own.
fn label(groups: &Groups, points: &[Point], samples: usize) -> Vec<u32> {
    let mut labels: Vec<u32> = (0u32..).take(samples).collect();
    for members in &groups.members {
        let points: Vec<&Point> = members.iter().filter_map(|at| points.get(*at)).collect();
        let Some(first) = points.iter().flat_map(|point| &point.samples).min() else { continue };
        for sample in points.iter().flat_map(|point| &point.samples) {
            if let Some(label) = labels.get_mut(*sample as usize) {
                *label = *first;
            }
        }
    }
    labels
}

/// Points, and the groups of the components that were linked: another seed finds most of the same components.
struct Search {
    points: Vec<Point>,
    linked: BTreeMap<Vec<usize>, Vec<Vec<usize>>>,
}

/// Points in groups, nothing said of them yet.
struct Groups {
    /// Positions of points, each list a campaign.
    members: Vec<Vec<usize>>,
    near: usize,
    unlinked: usize,
}

impl Search {
    fn of(samples: &[Sample], sequences: &Sequences) -> Self {
        Self { points: gather_points(samples, sequences), linked: BTreeMap::new() }
    }

    /// Groups the points.  The seed decides which pairs are compared.
    fn group(&mut self, seed: u64) -> Groups {
        let Self { points, linked } = self;
        let prints: Vec<&Print> = points.iter().map(|point| &point.print).collect();
        let mut near = Joined::new(points.len());
        let mut reached = Joined::new(points.len());
        let mut links: Vec<(u32, u32, f64)> = Vec::new();
        visit_candidates(&prints, seed, |a, b| {
            let Some((of_a, of_b)) = prints.get(a).zip(prints.get(b)) else { return };
            let nearness = of_a.compare(of_b);
            if nearness.tlsh.is_some_and(|tlsh| tlsh <= NEAR_TLSH) {
                near.join(a, b);
            }
            if nearness.distance <= REACH {
                reached.join(a, b);
                // As many points as samples at most, which are numbered by 32 bits.
                links.push((a as u32, b as u32, nearness.distance));
            }
        });
        let (mut members, mut further) = (Vec::new(), Vec::new());
        for component in reached.groups() {
            let (kept, rest) = split(points, component);
            further.extend(rest);
            let groups = linked.entry(kept).or_insert_with_key(|kept| link(points, kept));
            members.extend(groups.iter().cloned());
        }
        attach(&mut members, &further, &links, points.len());
        let weight = |at: &usize| points.get(*at).map_or(0, |point| point.samples.len());
        members.retain(|group| group.iter().map(weight).sum::<usize>() >= LEAST);
        Groups { near: near.groups().len(), members, unlinked: further.len() }
    }
}

impl Groups {
    fn count(&self, points: &[Point], of_sample: &[Option<u32>], campaigns: usize) -> Counts {
        let noise = of_sample.iter().filter(|campaign| campaign.is_none()).count();
        let blank = points.iter().filter(|point| point.print.is_blank()).count();
        Counts {
            artifacts: of_sample.len(),
            codes: points.len(),
            near: self.near,
            apart: campaigns + noise,
            noise,
            blank,
        }
    }
}

fn gather_points(samples: &[Sample], sequences: &Sequences) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut of_code: BTreeMap<String, usize> = BTreeMap::new();
    for (number, (at, sample)) in (0u32..).zip(samples.iter().enumerate()) {
        let attributes = &sample.artifact.attributes;
        let calls = sequences.of_sample(at).map_or(&[][..], |sequence| sequence.calls.as_slice());
        let print = Print::new(attributes.normal_sha256.as_deref(), attributes.tlsh.as_deref(), calls);
        let known = print.code.as_ref().and_then(|code| of_code.get(code)).copied();
        if let Some(point) = known.and_then(|known| points.get_mut(known)) {
            point.samples.push(number);
            continue;
        }
        if let Some(code) = &print.code {
            of_code.insert(code.clone(), points.len());
        }
        points.push(Point { print, samples: vec![number] });
    }
    points
}

/// The heaviest points of a component, and what is too many.
fn split(points: &[Point], mut component: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
    let weight = |at: &usize| points.get(*at).map_or(0, |point| point.samples.len());
    component.sort_by_key(|at| (std::cmp::Reverse(weight(at)), *at));
    let further = component.split_off(component.len().min(MAX_COMPONENT));
    (component, further)
}

/// The dense groups of a component.  A point without [`LEAST`] artifacts in reach is in none.
fn link(points: &[Point], component: &[usize]) -> Vec<Vec<usize>> {
    let members: Vec<&Point> = component.iter().filter_map(|at| points.get(*at)).collect();
    if members.len() == 1 {
        return vec![component.to_vec()];
    }
    let size = members.len();
    let mut distances = vec![vec![0.0; size]; size];
    for (a, of_a) in members.iter().enumerate() {
        for (b, of_b) in members.iter().enumerate().skip(a + 1) {
            let distance = of_a.print.compare(&of_b.print).distance;
            distances[a][b] = distance;
            distances[b][a] = distance;
        }
    }
    let cores: Vec<f64> = distances.iter().map(|row| core_distance(row, &members)).collect();
    let mut condensed = Vec::with_capacity(size * (size - 1) / 2);
    for (a, row) in distances.iter().enumerate() {
        condensed.extend((a + 1..size).map(|b| row[b].max(cores[a]).max(cores[b])));
    }
    let mut joined = Joined::new(size);
    let mut first: Vec<usize> = (0..size).collect();
    for step in linkage(&mut condensed, size, Method::Average).steps() {
        let (a, b) = (first[step.cluster1], first[step.cluster2]);
        first.push(a.min(b));
        if step.dissimilarity <= REACH {
            joined.join(a, b);
        }
    }
    let dense = |group: &Vec<usize>| group.iter().all(|at| cores[*at] <= REACH);
    let groups = joined.groups().into_iter().filter(dense);
    groups.map(|group| group.into_iter().map(|at| component[at]).collect()).collect()
}

/// How far the nearest [`LEAST`] artifacts are, a point's own counted.
fn core_distance(row: &[f64], members: &[&Point]) -> f64 {
    let mut near: Vec<(f64, usize)> =
        row.iter().zip(members).map(|(distance, point)| (*distance, point.samples.len())).collect();
    // A point is one artifact at the least: further ones are not asked for.
    if near.len() > LEAST {
        near.select_nth_unstable_by(LEAST, |a, b| a.0.total_cmp(&b.0));
        near.truncate(LEAST);
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut weight = 0;
    let reached = near.iter().find(|(_, artifacts)| {
        weight += artifacts;
        weight >= LEAST
    });
    reached.map_or(1.0, |(distance, _)| *distance)
}

/// Gives points that were too many to the group of the nearest point that they were compared with.
fn attach(groups: &mut [Vec<usize>], further: &[usize], links: &[(u32, u32, f64)], points: usize) {
    if further.is_empty() {
        return;
    }
    let mut of_point: Vec<Option<usize>> = vec![None; points];
    for (at, group) in groups.iter().enumerate() {
        for point in group {
            of_point[*point] = Some(at);
        }
    }
    let mut nearest: Vec<Option<(f64, usize)>> = vec![None; points];
    for (a, b, distance) in links {
        for (point, other) in [(*a as usize, *b as usize), (*b as usize, *a as usize)] {
            let Some(group) = of_point[other] else { continue };
            // Of groups that are equally near the first, in whatever order they are met.
            let is_nearer = nearest[point].is_none_or(|(least, of)| (*distance, group) < (least, of));
            if is_nearer {
                nearest[point] = Some((*distance, group));
            }
        }
    }
    for point in further {
        if let Some(group) = nearest[*point].and_then(|(_, group)| groups.get_mut(group)) {
            group.push(*point);
        }
    }
}

/// Positions that were joined.
struct Joined(Vec<usize>);

impl Joined {
    fn new(size: usize) -> Self {
        Self((0..size).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (least, most) = (a.min(b), a.max(b));
        self.0[most] = least;
    }

    /// The groups, each ascending, by their first.
    fn groups(&mut self) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.0.len() {
            groups.entry(self.root(at)).or_default().push(at);
        }
        groups.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tokens::testing::{call, data_set};
    use crate::sample::DataSet;
    use venin_report::CallTokensReport;

    fn calls(theme: &str, count: usize) -> Vec<CallTokensReport> {
        (0..count).map(|at| call("Cs.shell", &format!("{theme}.call{at}"), &["args:literal"])).collect()
    }

    fn find(data: &DataSet) -> Campaigns {
        Campaigns::find(data.samples(), &Sequences::of(data.samples()), SEED)
    }

    #[test]
    fn known_groups_are_found_again_and_the_rest_is_noise() {
        let data = data_set(&[
            ("alpha", 4, calls("alpha", 12)),
            ("alphalike", 2, calls("alpha", 11)),
            ("beta", 3, calls("beta", 10)),
            ("pair", 2, calls("pair", 10)),
            ("short", 5, calls("short", 1)),
            ("empty", 1, vec![]),
        ]);
        let found = find(&data);
        let sizes: Vec<usize> = found.campaigns.iter().map(|campaign| campaign.samples.len()).collect();
        assert_eq!(sizes, [6, 3], "{found:?}");
        for (sample, campaign) in data.samples().iter().zip(&found.of_sample) {
            let known = match sample.project() {
                name if name.starts_with("alpha") => Some(0),
                name if name.starts_with("beta") => Some(1),
                _ => None,
            };
            assert_eq!(*campaign, known, "{}", sample.project());
        }
        assert_eq!((found.counts.noise, found.counts.blank, found.counts.apart), (8, 1, 10));
    }

    #[test]
    fn copies_of_code_are_one_point_and_a_campaign_from_three_on() {
        let mut data: Vec<_> = data_set(&[("copy", 3, vec![]), ("two", 2, vec![])]).samples().to_vec();
        for sample in &mut data {
            let digest = if sample.project().starts_with("copy") { "aa11" } else { "bb22" };
            sample.artifact.attributes.normal_sha256 = Some(digest.to_owned());
        }
        let found = Campaigns::find(&data, &Sequences::of(&data), SEED);
        assert_eq!((found.counts.artifacts, found.counts.codes, found.counts.noise), (5, 2, 2));
        let [campaign] = found.campaigns.as_slice() else { panic!("{found:?}") };
        assert_eq!((campaign.samples.len(), campaign.codes), (3, 1));
        assert!(campaign.name.ends_with("-aa11"), "{}", campaign.name);
    }

    #[test]
    fn two_campaigns_are_not_joined_by_one_artifact_between_them() {
        let between: Vec<CallTokensReport> = [calls("alpha", 10), calls("beta", 10)].concat();
        let data = data_set(&[
            ("alpha", 5, calls("alpha", 10)),
            ("beta", 5, calls("beta", 10)),
            ("mixed", 1, between),
        ]);
        assert_eq!(find(&data).campaigns.len(), 2);
    }

    #[test]
    fn points_beyond_a_large_component_join_the_nearest_that_they_were_compared_with() {
        let mut groups = vec![vec![0, 1], vec![2]];
        attach(&mut groups, &[3, 4], &[(0, 3, 0.2), (2, 3, 0.1), (4, 5, 0.1)], 6);
        assert_eq!(groups, [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn thousands_of_artifacts_are_grouped_and_the_seed_decides_nothing() {
        let themes: Vec<String> = (0..250).map(|n| format!("theme{n:03}x")).collect();
        let groups: Vec<(&str, usize, Vec<CallTokensReport>)> =
            themes.iter().map(|theme| (theme.as_str(), 20, calls(theme, 10))).collect();
        let data = data_set(&groups);
        let found = find(&data);
        assert_eq!((found.campaigns.len(), found.counts.noise), (250, 0));
        assert!(found.campaigns.iter().all(|campaign| campaign.samples.len() == 20));
        let sequences = Sequences::of(data.samples());
        let runs: Vec<Vec<u32>> = Campaigns::find_repeatedly(data.samples(), &sequences, 0, 2).1;
        assert_eq!(runs[0], runs[1]);
        assert_eq!(runs[0], found.labels());
    }
}
