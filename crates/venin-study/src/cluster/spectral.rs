//! The paper's method (section 1.5): tokens of calls, vectors of words, spectral clustering into k groups.
//!
//! The paper names neither vector size, window, pooling, kernel nor how k was chosen; what is chosen here is stated by
//! constants and options.  Spectral clustering is that of Ng, Jordan and Weiss (2002) with a Gaussian kernel.  It always
//! gives groups, whether there are any or not: see [`super::quality`].

use nalgebra::DMatrix;

use super::kmeans::{group_by_means, nearest, squared};
use super::tokens::Sequences;
use super::words::{WordVectors, leading, project};

/// Most different sequences that are clustered; further ones go to the group of the nearest.
pub const MAX_POINTS: usize = 800;
/// Most groups that the eigengap may choose.
const MAX_GROUPS: usize = 12;

/// How many groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Groups {
    /// So many; the paper has 5.
    Given(usize),
    /// As many as there are eigenvalues before the widest gap, from 2 to 12.
    Eigengap,
}

/// Sequences as points: what does not depend on the number of groups or the seed.
#[derive(Debug, Clone)]
pub struct Embedding {
    /// Vectors of the clustered sequences, by their position.
    pub points: Vec<Vec<f64>>,
    /// The same in the plane.
    pub places: Vec<[f64; 2]>,
    /// For each further sequence the clustered one that is nearest.
    further: Vec<usize>,
    /// Words that were too rare for a vector.
    pub rare_words: usize,
    /// Eigenvalues of the normalized affinity, the greatest first.
    values: Vec<f64>,
    /// Their vectors.
    vectors: Vec<Vec<f64>>,
}

/// Groups of sequences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clustering {
    /// The group of each sequence; those of most artifacts first.
    pub of_sequence: Vec<u32>,
    /// How many groups there are.
    pub groups: usize,
}

impl Embedding {
    /// Makes points of sequences.
    #[must_use]
    pub fn of(sequences: &Sequences) -> Self {
        let words = WordVectors::train(sequences);
        let mut points: Vec<Vec<f64>> =
            sequences.distinct.iter().map(|sequence| words.pool(sequence)).collect();
        let rest = points.split_off(points.len().min(MAX_POINTS));
        let further = rest.iter().map(|point| nearest(point, &points)).collect();
        let (values, vectors) = decompose(&points);
        let places = project(&points);
        Self { points, places, further, rare_words: words.left_out, values, vectors }
    }

    /// How many sequences were not clustered but went to the nearest.
    #[must_use]
    pub const fn further(&self) -> usize {
        self.further.len()
    }

    /// The number of groups that the widest gap between eigenvalues tells; at least 2, at most 12.
    #[must_use]
    pub fn eigengap(&self) -> usize {
        let gaps = self.values.windows(2).enumerate().skip(1).take(MAX_GROUPS - 1);
        let gap = |pair: &[f64]| pair.first().unwrap_or(&0.0) - pair.last().unwrap_or(&0.0);
        let widest = gaps.map(|(at, pair)| (at, gap(pair))).fold(None, |best: Option<(usize, f64)>, next| {
            if best.is_none_or(|best| next.1 > best.1 + 1e-12) { Some(next) } else { best }
        });
        widest.map_or(2, |(at, _)| at + 1)
    }

    /// Groups the sequences.
    #[must_use]
    pub fn group(&self, sequences: &Sequences, groups: Groups, seed: u64) -> Clustering {
        let k = match groups {
            Groups::Given(k) => k.max(1),
            Groups::Eigengap => self.eigengap(),
        };
        let rows: Vec<Vec<f64>> = (0..self.points.len()).map(|at| self.row(at, k)).collect();
        let mut found = group_by_means(&rows, k, seed);
        let further: Vec<usize> = self.further.iter().filter_map(|at| found.get(*at).copied()).collect();
        found.extend(further);
        number_by_size(sequences, &found)
    }

    /// The row of a point in the first `k` eigenvectors, made one long.
    fn row(&self, at: usize, k: usize) -> Vec<f64> {
        let mut row: Vec<f64> =
            self.vectors.iter().take(k).filter_map(|vector| vector.get(at).copied()).collect();
        let length = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        if length > 1e-12 {
            row.iter_mut().for_each(|value| *value /= length);
        }
        row
    }
}

/// The leading eigenvalues and vectors of the normalized affinity D^-1/2 A D^-1/2, where A is exp(-d²/2s²) and s the
/// median distance of different points.
fn decompose(points: &[Vec<f64>]) -> (Vec<f64>, Vec<Vec<f64>>) {
    if points.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let size = points.len();
    let gaps = DMatrix::from_fn(size, size, |a, b| squared(&points[a], &points[b]));
    let mut positive: Vec<f64> = gaps.iter().copied().filter(|gap| *gap > 1e-12).collect();
    let middle = positive.len() / 2;
    let scale = if positive.is_empty() {
        1.0
    } else {
        2.0 * *positive.select_nth_unstable_by(middle, f64::total_cmp).1
    };
    let mut affinity = gaps.map(|gap| (-gap / scale).exp());
    affinity.fill_diagonal(0.0);
    let degrees: Vec<f64> = affinity.row_iter().map(|row| row.sum().max(1e-12).sqrt()).collect();
    let normal = DMatrix::from_fn(size, size, |a, b| affinity[(a, b)] / (degrees[a] * degrees[b]));
    let (values, vectors) = leading(normal, MAX_GROUPS + 1, |value| value);
    (values, vectors.iter().map(|vector| vector.iter().copied().collect()).collect())
}

/// Numbers groups by how many artifacts they hold, then by their first sequence.
fn number_by_size(sequences: &Sequences, found: &[usize]) -> Clustering {
    let mut sizes: Vec<(usize, usize, usize)> = Vec::new();
    for (at, (group, sequence)) in found.iter().zip(&sequences.distinct).enumerate() {
        match sizes.iter_mut().find(|(of, _, _)| of == group) {
            Some((_, size, _)) => *size += sequence.samples.len(),
            None => sizes.push((*group, sequence.samples.len(), at)),
        }
    }
    sizes.sort_by_key(|(_, size, first)| (std::cmp::Reverse(*size), *first));
    let number = |group: &usize| sizes.iter().position(|(of, _, _)| of == group).unwrap_or(0);
    let of_sequence = found.iter().map(|group| u32::try_from(number(group)).unwrap_or(u32::MAX)).collect();
    Clustering { of_sequence, groups: sizes.len() }
}

impl Clustering {
    /// The group of each sample; `None` without calls.
    #[must_use]
    pub fn of_samples(&self, sequences: &Sequences) -> Vec<Option<u32>> {
        let group = |at: &Option<u32>| self.of_sequence.get((*at)? as usize).copied();
        sequences.of_sample.iter().map(group).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tokens::testing::{call, data_set};
    use venin_report::CallTokensReport;

    fn theme(words: [&str; 3], variant: usize) -> Vec<CallTokensReport> {
        let name = |at: usize| format!("{}.{}", words[at % 3], words[(at + 1) % 3]);
        let mut calls = vec![call(words[0], &name(0), &[]), call(words[0], &name(1), &["path:literal"])];
        calls.extend((0..=variant).map(|at| call(words[0], &name(at), &[])));
        calls
    }

    fn known() -> crate::sample::DataSet {
        let themes = [["Cn.send", "post", "net"], ["Cs.shell", "system", "os"], ["Cf.read", "open", "file"]];
        let mut groups = Vec::new();
        for (at, words) in themes.into_iter().enumerate() {
            for variant in 0..4 {
                groups.push((["a", "b", "c"][at], 3 - at, theme(words, variant)));
            }
        }
        let named: Vec<(String, usize, Vec<CallTokensReport>)> = groups
            .iter()
            .enumerate()
            .map(|(n, (name, count, c))| (format!("{name}{n}"), *count, c.clone()))
            .collect();
        let slices: Vec<(&str, usize, Vec<CallTokensReport>)> =
            named.iter().map(|(name, count, calls)| (name.as_str(), *count, calls.clone())).collect();
        data_set(&slices)
    }

    #[test]
    fn known_groups_are_found_again_and_k_is_seen_in_the_gap() {
        let data = known();
        let sequences = Sequences::of(data.samples());
        let embedding = Embedding::of(&sequences);
        assert_eq!(embedding.eigengap(), 3);
        let found = embedding.group(&sequences, Groups::Eigengap, 1);
        let groups = found.of_samples(&sequences);
        for (sample, group) in data.samples().iter().zip(&groups) {
            let theme = u32::from(sample.project().as_bytes()[0] - b'a');
            assert_eq!(*group, Some(theme), "{}", sample.project());
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_groups() {
        let data = known();
        let sequences = Sequences::of(data.samples());
        let run = || Embedding::of(&sequences).group(&sequences, Groups::Given(5), 7);
        assert_eq!(run(), run());
    }

    #[test]
    fn one_sequence_and_none_are_no_failure() {
        let one = data_set(&[("a", 2, vec![call("Cs.shell", "os.system", &[])])]);
        let sequences = Sequences::of(one.samples());
        let found = Embedding::of(&sequences).group(&sequences, Groups::Given(5), 1);
        assert_eq!(found, Clustering { of_sequence: vec![0], groups: 1 });
        let none = Sequences::of(&[]);
        assert_eq!(Embedding::of(&none).group(&none, Groups::Eigengap, 1), Clustering::default());
    }
}
