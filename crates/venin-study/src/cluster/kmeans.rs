//! K-means with k-means++ starts (Lloyd 1982; Arthur and Vassilvitskii 2007), a fixed seed and several starts.
//!
//! Equal points and fewer points than centers are no error: there are fewer groups then.

/// Starts, of which the one with the least sum of squared distances is kept.
const STARTS: u64 = 8;
/// Most rounds of one start.
const MAX_ROUNDS: usize = 100;

/// Pseudo-random numbers that are the same everywhere (SplitMix64: Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub struct Draws(u64);

impl Draws {
    /// Numbers from a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// The next number from 0 (included) to 1 (not included).
    pub fn draw_share(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The finalizer of SplitMix64: a permutation of 64 bits in which every bit matters to every other.
pub(super) const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// The group of each point, from 0; at most `k` groups.
#[must_use]
pub fn group_by_means(points: &[Vec<f64>], k: usize, seed: u64) -> Vec<usize> {
    let mut best: Option<(f64, Vec<usize>)> = None;
    for start in 0..STARTS {
        let mut draws = Draws::new(mix(seed).wrapping_add(start));
        let found = settle(points, choose_centers(points, k, &mut draws));
        if best.as_ref().is_none_or(|best| found.0 < best.0 - 1e-12) {
            best = Some(found);
        }
    }
    best.map(|(_, groups)| groups).unwrap_or_default()
}

/// The squared Euclidean distance.
pub(super) fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn choose_centers(points: &[Vec<f64>], k: usize, draws: &mut Draws) -> Vec<Vec<f64>> {
    let first = (draws.draw_share() * points.len() as f64) as usize;
    let mut centers: Vec<Vec<f64>> = points.get(first).cloned().into_iter().collect();
    let mut gaps: Vec<f64> = vec![f64::INFINITY; points.len()];
    while centers.len() < k {
        let Some(last) = centers.last() else { break };
        for (gap, point) in gaps.iter_mut().zip(points) {
            *gap = gap.min(squared(point, last));
        }
        let sum: f64 = gaps.iter().sum();
        if sum <= 1e-18 {
            break;
        }
        let mut left = draws.draw_share() * sum;
        let drawn = gaps.iter().position(|gap| {
            left -= gap;
            left < 0.0 && *gap > 0.0
        });
        let drawn = drawn.or_else(|| gaps.iter().rposition(|gap| *gap > 0.0));
        centers.extend(drawn.and_then(|at| points.get(at).cloned()));
    }
    centers
}

/// Moves centers until nothing changes: the sum of squared distances and the groups.
fn settle(points: &[Vec<f64>], mut centers: Vec<Vec<f64>>) -> (f64, Vec<usize>) {
    let mut groups = assign(points, &centers);
    for _ in 0..MAX_ROUNDS {
        for (at, center) in centers.iter_mut().enumerate() {
            move_center(center, points.iter().zip(&groups).filter(|(_, g)| **g == at).map(|(p, _)| p));
        }
        let next = assign(points, &centers);
        if next == groups {
            break;
        }
        groups = next;
    }
    let gap = |(point, group): (&Vec<f64>, &usize)| centers.get(*group).map_or(0.0, |c| squared(point, c));
    (points.iter().zip(&groups).map(gap).sum(), groups)
}

fn assign(points: &[Vec<f64>], centers: &[Vec<f64>]) -> Vec<usize> {
    points.iter().map(|point| nearest(point, centers)).collect()
}

/// The position of the nearest of several points, the first of equally near ones.
pub(super) fn nearest(point: &[f64], others: &[Vec<f64>]) -> usize {
    let gaps = others.iter().map(|other| squared(point, other)).enumerate();
    gaps.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(at, _)| at)
}

/// A center that has lost its points stays where it is.
fn move_center<'a>(center: &mut [f64], points: impl Iterator<Item = &'a Vec<f64>>) {
    let mut sum = vec![0.0; center.len()];
    let mut count = 0.0;
    for point in points {
        count += 1.0;
        for (sum, value) in sum.iter_mut().zip(point) {
            *sum += value;
        }
    }
    if count > 0.0 {
        for (center, sum) in center.iter_mut().zip(sum) {
            *center = sum / count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_heaps_are_three_groups_with_every_seed() {
        let at = |n: usize| vec![(n % 3) as f64 * 10.0 + n as f64 * 0.01, (n % 3) as f64];
        let points: Vec<Vec<f64>> = (0..30).map(at).collect();
        for seed in 0..5 {
            let groups = group_by_means(&points, 3, seed);
            assert!((0..30).all(|n| groups[n] == groups[n % 3]), "{groups:?}");
            assert!(groups[0] != groups[1] && groups[1] != groups[2] && groups[0] != groups[2]);
        }
    }

    #[test]
    fn fewer_places_than_groups_are_fewer_groups() {
        assert_eq!(group_by_means(&[vec![1.0], vec![1.0]], 5, 1), [0, 0]);
        assert_eq!(group_by_means(&[], 5, 1), [0usize; 0]);
    }
}
