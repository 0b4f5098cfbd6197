//! How good a clustering is: silhouette, agreement with known labels, agreement between runs.
//!
//! All are over whatever the caller counts as an item; nothing is weighted in here.

use std::collections::BTreeMap;

/// The mean silhouette (Rousseeuw 1987): for each item (b - a) / max(a, b), where a is its mean distance to the others
/// of its group and b the least mean distance to another group; 0 for an item that is alone in its group.  `None` for
/// fewer than two groups.
#[must_use]
pub fn silhouette(labels: &[u32], distance: impl Fn(usize, usize) -> f64) -> Option<f64> {
    let mut sizes: BTreeMap<u32, u64> = BTreeMap::new();
    for label in labels {
        *sizes.entry(*label).or_default() += 1;
    }
    if sizes.len() < 2 {
        return None;
    }
    let width = |(at, label): (usize, &u32)| {
        let mut sums: BTreeMap<u32, f64> = BTreeMap::new();
        for (other, of) in labels.iter().enumerate().filter(|(other, _)| *other != at) {
            *sums.entry(*of).or_default() += distance(at, other);
        }
        let own = sizes.get(label).copied().unwrap_or(1);
        if own < 2 {
            return 0.0;
        }
        let a = sums.get(label).copied().unwrap_or(0.0) / (own - 1) as f64;
        let others = sums.iter().filter(|(of, _)| *of != label);
        let means = others.map(|(of, sum)| sum / sizes.get(of).copied().unwrap_or(1) as f64);
        let b = means.fold(f64::INFINITY, f64::min);
        if a.max(b) > 0.0 { (b - a) / a.max(b) } else { 0.0 }
    };
    Some(labels.iter().enumerate().map(width).sum::<f64>() / labels.len() as f64)
}

/// The adjusted Rand index (Hubert and Arabie 1985) of two labelings of the same items: 1 for the same groups, 0 for
/// what chance gives.  `None` for fewer than two items.
#[must_use]
pub fn adjusted_rand(a: &[u32], b: &[u32]) -> Option<f64> {
    if a.len() < 2 || a.len() != b.len() {
        return None;
    }
    let pairs =
        |counts: &mut dyn Iterator<Item = u64>| counts.map(|n| (n * (n - 1)) as f64 / 2.0).sum::<f64>();
    let both = pairs(&mut count(a.iter().zip(b)).into_values());
    let (of_a, of_b) = (pairs(&mut count(a.iter()).into_values()), pairs(&mut count(b.iter()).into_values()));
    let all = (a.len() as f64) * (a.len() as f64 - 1.0) / 2.0;
    let expected = of_a * of_b / all;
    let most = f64::midpoint(of_a, of_b);
    // Both are one group, or both are all alone: there is nothing to disagree about.
    Some(if (most - expected).abs() < 1e-12 { 1.0 } else { (both - expected) / (most - expected) })
}

/// Purity: the share of items that carry the most frequent label of their group.  `None` for nothing.
#[must_use]
pub fn purity(groups: &[u32], labels: &[u32]) -> Option<f64> {
    let mut most: BTreeMap<u32, u64> = BTreeMap::new();
    for ((group, _), count) in count(groups.iter().zip(labels)) {
        let most = most.entry(*group).or_default();
        *most = count.max(*most);
    }
    (!groups.is_empty()).then(|| most.into_values().sum::<u64>() as f64 / groups.len() as f64)
}

/// The mean adjusted Rand index of all pairs of runs.  `None` for fewer than two runs.
#[must_use]
pub fn stability(runs: &[Vec<u32>]) -> Option<f64> {
    let mut found = Vec::new();
    for (at, a) in runs.iter().enumerate() {
        found.extend(runs.iter().skip(at + 1).filter_map(|b| adjusted_rand(a, b)));
    }
    (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
}

fn count<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, u64> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, known: f64) {
        assert!((found.unwrap() - known).abs() < 1e-9, "{found:?} is not {known}");
    }

    #[test]
    fn agreement_has_the_values_that_other_programs_give() {
        near(adjusted_rand(&[0, 0, 1, 1], &[5, 5, 3, 3]), 1.0);
        near(adjusted_rand(&[0, 0, 1, 2], &[0, 0, 1, 1]), 4.0 / 7.0);
        near(adjusted_rand(&[0, 0, 0, 0], &[0, 1, 2, 3]), 0.0);
        near(adjusted_rand(&[0, 1, 2], &[2, 1, 0]), 1.0);
        assert_eq!(adjusted_rand(&[0], &[0]), None);
        near(purity(&[0, 0, 0, 1], &[7, 7, 8, 8]), 0.75);
        near(stability(&[vec![0, 0, 1], vec![1, 1, 0], vec![0, 0, 1]]), 1.0);
        assert_eq!((purity(&[], &[]), stability(&[vec![0, 1]])), (None, None));
    }

    #[test]
    fn the_silhouette_has_the_value_of_its_definition() {
        let at = [0.0f64, 1.0, 10.0, 11.0];
        let distance = |a: usize, b: usize| (at[a] - at[b]).abs();
        let known = (9.5 / 10.5 + 8.5 / 9.5) / 2.0;
        near(silhouette(&[0, 0, 1, 1], distance), known);
        assert_eq!(silhouette(&[0, 0, 0, 0], distance), None);
        near(silhouette(&[0, 1, 2, 3], distance), 0.0);
    }
}
