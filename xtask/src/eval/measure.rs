//! Recall and false positives from joined rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Scanned;
use super::lists::{Benign, Doubtful, Lists, Malicious};

/// The lists joined to what the scanner said; `None` where it said nothing.
pub(crate) struct Joined {
    pub(crate) malicious: Vec<(Malicious, Option<Scanned>)>,
    pub(crate) benign: Vec<(Benign, Option<Scanned>)>,
    /// Further honest projects, by digest in ascending order.
    pub(crate) honest: Vec<(String, Scanned)>,
    pub(crate) labels: HashMap<String, Vec<String>>,
}

/// Recall at a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Recall {
    /// Mean over campaigns of the share of members found.
    pub(crate) by_campaign: f64,
    /// The same over campaigns first seen late.
    pub(crate) by_late_campaign: f64,
    /// Share of archives found.
    pub(crate) by_archive: f64,
}

/// Joins the lists to the reports.
pub(crate) fn join(
    lists: &Lists,
    malicious: &HashMap<String, Scanned>,
    benign: &HashMap<String, Scanned>,
    honest: HashMap<String, Scanned>,
) -> Joined {
    let mut honest: Vec<(String, Scanned)> = honest.into_iter().collect();
    honest.sort_by(|a, b| a.0.cmp(&b.0));
    Joined {
        malicious: lists.malicious.iter().map(|m| (m.clone(), malicious.get(&m.sha256).cloned())).collect(),
        benign: lists.benign.iter().map(|b| (b.clone(), benign.get(&b.sha256).cloned())).collect(),
        honest,
        labels: lists.labels.clone(),
    }
}

/// Whether an archive holds code that detection can be asked to judge.
pub(crate) fn is_judged(row: &Malicious) -> bool {
    matches!(row.class.as_str(), "code_hit" | "code_no_hit")
}

/// Recall at a score, over every archive with code.
pub(crate) fn recall(joined: &Joined, threshold: f64) -> Recall {
    recall_of(joined, threshold, |_| true)
}

/// Recall at a score without the archives that a reviewer doubts; a campaign of nothing else is left out.
pub(crate) fn recall_without(joined: &Joined, threshold: f64, doubtful: &[Doubtful]) -> Recall {
    let left_out: HashSet<&str> = doubtful.iter().map(|d| d.sha256.as_str()).collect();
    recall_of(joined, threshold, |row| !left_out.contains(row.sha256.as_str()))
}

fn recall_of(joined: &Joined, threshold: f64, counts: impl Fn(&Malicious) -> bool) -> Recall {
    let mut campaigns: BTreeMap<&str, (usize, usize, bool)> = BTreeMap::new();
    let (mut found, mut all) = (0usize, 0usize);
    for (row, scanned) in joined.malicious.iter().filter(|(row, _)| is_judged(row) && counts(row)) {
        let is_found = scanned.as_ref().is_some_and(|s| s.score >= threshold);
        let entry = campaigns.entry(&row.campaign).or_insert((0, 0, row.late));
        entry.0 += usize::from(is_found);
        entry.1 += 1;
        entry.2 |= row.late;
        found += usize::from(is_found);
        all += 1;
    }
    let mean = |only_late: Option<bool>| {
        let shares: Vec<f64> = campaigns
            .values()
            .filter(|(_, _, late)| only_late.is_none_or(|l| l == *late))
            .map(|(found, all, _)| *found as f64 / (*all).max(1) as f64)
            .collect();
        shares.iter().sum::<f64>() / shares.len().max(1) as f64
    };
    Recall {
        by_campaign: mean(None),
        by_late_campaign: mean(Some(true)),
        by_archive: found as f64 / all.max(1) as f64,
    }
}

/// Benign projects with an archive at or above a score.
pub(crate) fn flagged_projects(joined: &Joined, threshold: f64) -> Vec<&str> {
    let mut names: Vec<&str> = joined
        .benign
        .iter()
        .filter(|(_, s)| s.as_ref().is_some_and(|s| s.score >= threshold))
        .map(|(b, _)| b.package.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Number of benign projects.
pub(crate) fn n_projects(joined: &Joined) -> usize {
    joined.benign.iter().map(|(b, _)| b.package.as_str()).collect::<HashSet<_>>().len()
}

/// Upper end of the one-sided 95 % confidence interval of a rate (Clopper-Pearson), by bisection.
pub(crate) fn upper_bound(hits: usize, n: usize) -> f64 {
    if n == 0 || hits >= n {
        return 1.0;
    }
    let (mut low, mut high) = (hits as f64 / n as f64, 1.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if binomial_tail(hits, n, middle) > 0.05 { low = middle } else { high = middle }
    }
    high
}

/// Probability of at most `hits` of `n` at rate `p`.
fn binomial_tail(hits: usize, n: usize, p: f64) -> f64 {
    let mut term = (1.0 - p).powi(n as i32);
    let mut sum = term;
    for k in 0..hits {
        term *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
        sum += term;
    }
    sum
}

/// The smallest score above every benign archive: the operating point without false positives.
pub(crate) fn threshold_without_false_positives(joined: &Joined) -> f64 {
    let highest = joined
        .benign
        .iter()
        .filter_map(|(_, s)| s.as_ref())
        .map(|s| s.score)
        .fold(f64::NEG_INFINITY, f64::max);
    highest + 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hits_are_bounded_by_the_rule_of_three() {
        let bound = upper_bound(0, 110);
        assert!((bound - (1.0 - 0.05_f64.powf(1.0 / 110.0))).abs() < 1e-9, "{bound}");
    }

    fn archive(sha256: &str, campaign: &str, score: f64) -> (Malicious, Option<Scanned>) {
        let row = Malicious {
            package: sha256.to_owned(),
            version: "1".to_owned(),
            file: sha256.to_owned(),
            sha256: sha256.to_owned(),
            class: "code_hit".to_owned(),
            campaign: campaign.to_owned(),
            late: false,
        };
        let scanned = Scanned {
            path: sha256.to_owned(),
            score,
            behaviors: Vec::new(),
            rules: Vec::new(),
            fired: Vec::new(),
            source_files: 1,
            is_complete: true,
        };
        (row, Some(scanned))
    }

    #[test]
    fn doubted_archives_are_left_out_of_the_second_number_alone() {
        let malicious = vec![archive("a", "one", 1.0), archive("b", "one", -1.0), archive("c", "two", -1.0)];
        let joined = Joined { malicious, benign: Vec::new(), honest: Vec::new(), labels: HashMap::new() };
        let doubt = |sha256: &str| Doubtful {
            sha256: sha256.to_owned(),
            judgement: "harmless".to_owned(),
            reason: "an empty function".to_owned(),
        };
        let of = |recall: Recall| (recall.by_campaign, recall.by_archive);
        assert_eq!(of(recall(&joined, 0.0)), (0.25, 1.0 / 3.0));
        assert_eq!(of(recall_without(&joined, 0.0, &[doubt("c")])), (0.5, 0.5));
        assert_eq!(of(recall_without(&joined, 0.0, &[doubt("b"), doubt("c")])), (1.0, 1.0));
    }

    #[test]
    fn more_hits_give_a_higher_bound() {
        assert!(upper_bound(2, 110) > upper_bound(1, 110));
        assert!(upper_bound(110, 110) >= 1.0);
    }
}
