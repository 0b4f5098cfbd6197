//! What a campaign is, and what it is called.
//!
//! A name is made of our own words and a digest: nothing in it was chosen by an attacker.

use std::collections::{BTreeMap, BTreeSet};

use venin_model::{Behavior, Trigger};

use super::campaigns::Campaign;
use super::tokens::{Sequences, cleaned};
use crate::sample::Sample;

/// Longest shared path.
const MAX_PATH: usize = 12;
/// Most different sequences of a campaign that a shared path is looked for in, those of most artifacts first.
const MAX_SEQUENCES: usize = 200;
/// Characters of a digest in a name, unless two campaigns would be called the same.
const DIGITS: usize = 4;
/// Most hosts that are told.
const MAX_HOSTS: usize = 3;

/// What a campaign is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Described {
    /// The behavior that most members have.
    pub behavior: Option<Behavior>,
    /// The trigger that is the earliest one in most members.
    pub trigger: Option<Trigger>,
    /// The rule that fires in most members.
    pub rule: String,
    /// The longest run of calls that at least half of the members with calls have.
    pub path: Vec<String>,
    /// How many members have it.
    pub path_members: usize,
    /// Hosts in at least two members, those of most members first.
    pub hosts: Vec<String>,
    /// Different projects.
    pub projects: usize,
    /// The sources, sorted.
    pub sources: Vec<String>,
    /// Members by their first day.
    pub days: BTreeMap<String, u64>,
    /// The digest of the member that was first.
    anchor: String,
}

impl Described {
    /// The first day, where any is known.
    #[must_use]
    pub fn first_day(&self) -> Option<&str> {
        self.days.keys().next().map(String::as_str)
    }

    /// The last of the members' first days.
    #[must_use]
    pub fn last_day(&self) -> Option<&str> {
        self.days.keys().next_back().map(String::as_str)
    }

    /// Members by month.
    #[must_use]
    pub fn months(&self) -> BTreeMap<String, u64> {
        let mut months = BTreeMap::new();
        for (day, count) in &self.days {
            *months.entry(day.chars().take(7).collect()).or_default() += count;
        }
        months
    }
}

/// The first day on which a source had a sample; what is no date is none.
pub(crate) fn first_day(sample: &Sample) -> Option<&str> {
    sample.origins.iter().map(|origin| origin.day.as_str()).filter(|day| is_day(day)).min()
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, digits: usize| {
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u32>().ok()).flatten()
    };
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

/// Says what the samples have in common.
pub(super) fn describe(samples: &[Sample], sequences: &Sequences, found: &[u32]) -> Described {
    let members: Vec<&Sample> = found.iter().filter_map(|at| samples.get(*at as usize)).collect();
    let mut days: BTreeMap<String, u64> = BTreeMap::new();
    for day in members.iter().filter_map(|sample| first_day(sample)) {
        *days.entry(day.to_owned()).or_default() += 1;
    }
    let behaviors =
        members.iter().flat_map(|s| s.artifact.behaviors.iter()).filter_map(|b| Behavior::parse(b));
    let triggers =
        members.iter().filter_map(|s| s.artifact.triggers.first()).filter_map(|text| Trigger::parse(text));
    let rules = members.iter().flat_map(|sample| {
        let of_behavior = sample.artifact.findings.iter().filter(|finding| finding.behavior.is_some());
        of_behavior.map(|finding| finding.rule.as_str()).collect::<BTreeSet<&str>>()
    });
    let (path, path_members) = shared_path(sequences, found);
    let sources: BTreeSet<&str> =
        members.iter().flat_map(|s| &s.origins).map(|o| o.source.as_str()).collect();
    Described {
        behavior: most_frequent(behaviors),
        trigger: most_frequent(triggers),
        rule: most_frequent(rules).unwrap_or_default().to_owned(),
        path,
        path_members,
        hosts: shared_hosts(&members),
        projects: members.iter().map(|s| s.project()).collect::<BTreeSet<String>>().len(),
        sources: sources.into_iter().map(ToOwned::to_owned).collect(),
        days,
        anchor: anchor(&members),
    }
}

/// The most frequent item, the first in order of equally frequent ones.
fn most_frequent<T: Ord + Copy>(items: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: BTreeMap<T, u64> = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    let ranked = counts.into_iter().min_by_key(|(item, count)| (std::cmp::Reverse(*count), *item));
    ranked.map(|(item, _)| item)
}

fn shared_hosts(members: &[&Sample]) -> Vec<String> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for host in members.iter().flat_map(|sample| sample.artifact.hosts.iter().collect::<BTreeSet<_>>()) {
        *counts.entry(host).or_default() += 1;
    }
    let mut shared: Vec<(&str, u64)> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
    shared.sort_by_key(|(host, count)| (std::cmp::Reverse(*count), *host));
    shared.iter().take(MAX_HOSTS).map(|(host, _)| cleaned(host)).collect()
}

/// What a campaign's name hangs on: the digest of the code of the member that was first, so that a name stays when later
/// artifacts are added.  Without dates it is the least digest.
fn anchor(members: &[&Sample]) -> String {
    let digest = |sample: &Sample| {
        let code = sample.artifact.attributes.normal_sha256.as_deref();
        let text = code.unwrap_or(&sample.artifact.sha256);
        text.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_ascii_lowercase()
    };
    let ranked = members.iter().map(|sample| (first_day(sample).unwrap_or("9999-12-31"), digest(sample)));
    ranked.min().map(|(_, digest)| digest).unwrap_or_default()
}

/// The longest run of calls that at least half of the members with calls have, and how many have it.
fn shared_path(sequences: &Sequences, found: &[u32]) -> (Vec<String>, usize) {
    let mut weights: BTreeMap<&[u32], usize> = BTreeMap::new();
    for sequence in found.iter().filter_map(|at| sequences.of_sample(*at as usize)) {
        *weights.entry(sequence.calls.as_slice()).or_default() += 1;
    }
    let with_calls: usize = weights.values().sum();
    let mut heaviest: Vec<(&[u32], usize)> = weights.into_iter().collect();
    heaviest.sort_by_key(|(calls, weight)| (std::cmp::Reverse(*weight), *calls));
    heaviest.truncate(MAX_SEQUENCES);
    let sharers = |length: usize| {
        let mut counts: BTreeMap<&[u32], usize> = BTreeMap::new();
        for (calls, weight) in &heaviest {
            for run in calls.windows(length).collect::<BTreeSet<_>>() {
                *counts.entry(run).or_default() += weight;
            }
        }
        let enough = counts.into_iter().filter(|(_, count)| count * 2 >= with_calls);
        enough.min_by_key(|(run, count)| (std::cmp::Reverse(*count), *run))
    };
    // A run that half of the members have holds shorter ones that as many have: the first length with none is the end.
    let longest = (1..=MAX_PATH).map_while(sharers).last();
    let Some((run, count)) = longest else { return (Vec::new(), 0) };
    let shown = run.iter().filter_map(|call| sequences.calls.get(*call as usize));
    (shown.cloned().collect(), count)
}

/// Names the campaigns; a digest is cut later where two would be called the same.
pub(super) fn name_all(campaigns: &mut [Campaign]) {
    let mut digits: Vec<usize> = vec![DIGITS; campaigns.len()];
    loop {
        for (campaign, digits) in campaigns.iter_mut().zip(&digits) {
            campaign.name = name(&campaign.described, *digits);
        }
        let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
        for campaign in campaigns.iter() {
            *seen.entry(&campaign.name).or_default() += 1;
        }
        let mut is_done = true;
        for (campaign, digits) in campaigns.iter().zip(&mut digits) {
            let is_taken = seen.get(campaign.name.as_str()).is_some_and(|count| *count > 1);
            if is_taken && *digits < campaign.described.anchor.len() {
                *digits += 2;
                is_done = false;
            }
        }
        if is_done {
            return;
        }
    }
}

fn name(described: &Described, digits: usize) -> String {
    let behavior = described.behavior.map_or("unexplained", Behavior::as_str).replace(' ', "-");
    let trigger = described.trigger.map_or(String::new(), |trigger| format!("-{trigger}"));
    let digest: String = described.anchor.chars().take(digits).collect();
    format!("{behavior}{trigger}-{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tokens::testing::{call, data_set};

    #[test]
    fn the_shared_path_is_the_longest_run_that_half_of_the_members_have() {
        let named = |names: &[&str]| names.iter().map(|name| call("Cs.shell", name, &[])).collect::<Vec<_>>();
        let data = data_set(&[
            ("a", 2, named(&["x", "read", "encode", "send"])),
            ("b", 1, named(&["read", "encode", "send", "y"])),
            ("c", 1, named(&["z"])),
        ]);
        let sequences = Sequences::of(data.samples());
        let (path, members) = shared_path(&sequences, &[0, 1, 2, 3]);
        assert_eq!(path, ["Cs.shell x()", "Cs.shell read()", "Cs.shell encode()", "Cs.shell send()"]);
        assert_eq!(members, 2);
        let (path, members) = shared_path(&sequences, &[1, 2, 3]);
        assert_eq!((path.len(), members), (3, 2));
        assert_eq!(shared_path(&sequences, &[]), (Vec::new(), 0));
    }

    #[test]
    fn a_name_is_ours_whatever_the_artifacts_are_called_and_stays_when_later_ones_come() {
        let data = data_set(&[("<b>evil", 3, vec![])]);
        let mut samples = data.samples().to_vec();
        for (at, sample) in samples.iter_mut().enumerate() {
            sample.artifact.behaviors = vec!["information stealing".to_owned(), "<script>".to_owned()];
            sample.artifact.triggers = vec!["install".to_owned()];
            sample.artifact.sha256 = format!("{}f2a{}", 9 - at, "0".repeat(60));
            sample.artifact.hosts = vec!["<img src=x>.invalid".to_owned()];
            sample.origins[0].day = format!("2026-01-0{}", at + 1);
        }
        let sequences = Sequences::of(&samples);
        let made = |found: &[u32]| name(&describe(&samples, &sequences, found), DIGITS);
        assert_eq!(made(&[0, 1]), "information-stealing-install-9f2a");
        assert_eq!(made(&[0, 1, 2]), made(&[0, 1]));
        let hosts = describe(&samples, &sequences, &[0, 1]).hosts;
        assert_eq!(hosts, ["?img?src?x?.invalid"]);
    }

    #[test]
    fn what_is_no_day_is_none() {
        let mut sample = data_set(&[("a", 1, vec![])]).samples()[0].clone();
        for (text, known) in [("2026-02-03", true), ("2026-13-01", false), ("soon", false), ("", false)] {
            sample.origins[0].day = text.to_owned();
            assert_eq!(first_day(&sample).is_some(), known, "{text}");
        }
    }
}
