//! Vectors of words, trained on the data set: the factors of the matrix of shifted positive pointwise mutual
//! information, which is what skip-gram with negative sampling approximates (Levy and Goldberg 2014, "Neural word
//! embedding as implicit matrix factorization").  Unlike skip-gram this has one answer.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::tokens::{Sequence, Sequences};

/// Words on either side that count as near.
pub const WINDOW: usize = 5;
/// Most numbers of a vector.
pub const DIMENSIONS: usize = 32;
/// Most words that get a vector, the most frequent first.
pub const MAX_WORDS: usize = 400;
/// Negative samples for each word that the matrix stands for; its entries are lowered by the logarithm of this.
pub const NEGATIVE_SAMPLES: f64 = 1.0;

/// Vectors of words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WordVectors {
    /// By the word's number; words without a vector are not in it.
    vectors: BTreeMap<u32, Vec<f64>>,
    /// Numbers of each vector.
    dimensions: usize,
    /// Words that were too rare to get one.
    pub left_out: usize,
}

impl WordVectors {
    /// Trains on sequences, each different one once.
    #[must_use]
    pub fn train(sequences: &Sequences) -> Self {
        let words = frequent_words(sequences);
        let left_out = sequences.tokens.len().saturating_sub(words.len());
        if words.is_empty() {
            return Self { left_out, ..Self::default() };
        }
        let matrix = mutual_information(&near_counts(sequences, &words), words.len());
        let (values, vectors) = leading(matrix, DIMENSIONS, f64::abs);
        let factors: Vec<f64> = values.iter().map(|value| value.abs().sqrt()).collect();
        let vector_of = |row: usize| -> Vec<f64> {
            factors.iter().zip(vectors.iter()).map(|(factor, vector)| factor * vector[row]).collect()
        };
        let vectors = words.iter().map(|(word, row)| (*word, vector_of(*row))).collect();
        Self { vectors, dimensions: factors.len(), left_out }
    }

    /// The vector of a sequence: the mean of its words' vectors, made one long; all zero when no word has one.
    #[must_use]
    pub fn pool(&self, sequence: &Sequence) -> Vec<f64> {
        let mut sum = vec![0.0; self.dimensions];
        for vector in sequence.tokens.iter().filter_map(|token| self.vectors.get(token)) {
            for (sum, value) in sum.iter_mut().zip(vector) {
                *sum += value;
            }
        }
        let length = sum.iter().map(|value| value * value).sum::<f64>().sqrt();
        if length > 1e-12 {
            sum.iter_mut().for_each(|value| *value /= length);
        }
        sum
    }
}

/// The most frequent words with their row in the matrix.
fn frequent_words(sequences: &Sequences) -> BTreeMap<u32, usize> {
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for token in sequences.distinct.iter().flat_map(|sequence| &sequence.tokens) {
        *counts.entry(*token).or_default() += 1;
    }
    let mut sorted: Vec<(u32, u64)> = counts.into_iter().collect();
    sorted.sort_by_key(|(token, count)| (std::cmp::Reverse(*count), *token));
    sorted.iter().take(MAX_WORDS).enumerate().map(|(row, (token, _))| (*token, row)).collect()
}

/// How often two words stand within a window of each other.
fn near_counts(sequences: &Sequences, rows: &BTreeMap<u32, usize>) -> BTreeMap<(usize, usize), f64> {
    let mut counts = BTreeMap::new();
    for sequence in &sequences.distinct {
        let tokens: Vec<usize> =
            sequence.tokens.iter().filter_map(|token| rows.get(token).copied()).collect();
        for (at, a) in tokens.iter().enumerate() {
            for b in tokens.iter().skip(at + 1).take(WINDOW) {
                *counts.entry((*a, *b)).or_insert(0.0) += 1.0;
                *counts.entry((*b, *a)).or_insert(0.0) += 1.0;
            }
        }
    }
    counts
}

fn mutual_information(counts: &BTreeMap<(usize, usize), f64>, words: usize) -> DMatrix<f64> {
    let mut sums = vec![0.0; words];
    for ((a, _), count) in counts {
        sums[*a] += count;
    }
    let total: f64 = sums.iter().sum();
    let mut matrix = DMatrix::zeros(words, words);
    for ((a, b), count) in counts {
        let information = (count * total / (sums[*a] * sums[*b])).ln() - NEGATIVE_SAMPLES.ln();
        matrix[(*a, *b)] = information.max(0.0);
    }
    matrix
}

/// The eigenvalues of a symmetric matrix that are greatest by `rank`, and their vectors, each with its largest entry
/// positive: an eigenvector's sign is arbitrary.
pub(super) fn leading(
    matrix: DMatrix<f64>,
    most: usize,
    rank: fn(f64) -> f64,
) -> (Vec<f64>, Vec<DVector<f64>>) {
    let found = SymmetricEigen::new(matrix);
    let mut order: Vec<usize> = (0..found.eigenvalues.len()).collect();
    order.sort_by(|a, b| {
        rank(found.eigenvalues[*b]).total_cmp(&rank(found.eigenvalues[*a])).then_with(|| a.cmp(b))
    });
    order.truncate(most);
    let vector_of = |at: &usize| {
        let vector: DVector<f64> = found.eigenvectors.column(*at).into_owned();
        if vector[vector.icamax()] < 0.0 { -vector } else { vector }
    };
    (order.iter().map(|at| found.eigenvalues[*at]).collect(), order.iter().map(vector_of).collect())
}

/// Points in the plane of their two directions of greatest spread (principal components).
#[must_use]
pub fn project(points: &[Vec<f64>]) -> Vec<[f64; 2]> {
    let dimensions = points.first().map_or(0, Vec::len);
    if dimensions == 0 {
        return vec![[0.0; 2]; points.len()];
    }
    let matrix = DMatrix::from_fn(points.len(), dimensions, |row, column| points[row][column]);
    let mean = matrix.row_mean();
    let centered =
        DMatrix::from_fn(points.len(), dimensions, |row, column| matrix[(row, column)] - mean[column]);
    let (_, axes) = leading(centered.transpose() * &centered, 2, |value| value);
    let places: Vec<DVector<f64>> = axes.iter().map(|axis| &centered * axis).collect();
    let at = |axis: usize, row: usize| places.get(axis).map_or(0.0, |place| place[row]);
    (0..points.len()).map(|row| [at(0, row), at(1, row)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tokens::testing::{call, data_set};

    #[test]
    fn words_of_one_company_are_nearer_than_words_of_two() {
        let net = |n: &str| vec![call("Cn.fetch", &format!("net.{n}"), &[]), call("Cc.exec", "exec", &[])];
        let file = |n: &str| vec![call("Cf.read", &format!("disk.{n}"), &[]), call("Ch.env", "environ", &[])];
        let data =
            data_set(&[("a", 1, net("x")), ("b", 1, net("y")), ("c", 1, file("x")), ("d", 1, file("z"))]);
        let sequences = Sequences::of(data.samples());
        let vectors = WordVectors::train(&sequences);
        let pooled: Vec<Vec<f64>> = (0..4)
            .filter_map(|sample| sequences.of_sample(sample))
            .map(|sequence| vectors.pool(sequence))
            .collect();
        let cosine =
            |a: usize, b: usize| -> f64 { pooled[a].iter().zip(&pooled[b]).map(|(a, b)| a * b).sum() };
        assert!(cosine(0, 1) > cosine(0, 2) && cosine(2, 3) > cosine(1, 3));
        assert_eq!(WordVectors::train(&sequences), vectors);
    }

    #[test]
    fn the_widest_direction_becomes_the_first_axis() {
        let points = [vec![0.0, 0.0, 1.0], vec![4.0, 0.0, 1.0], vec![8.0, 0.0, 1.0]];
        let places = project(&points);
        assert!(
            (places[2][0] - places[0][0]).abs() > 7.99 && places.iter().all(|place| place[1].abs() < 1e-9)
        );
        assert_eq!(project(&[vec![]]), [[0.0, 0.0]]);
    }
}
