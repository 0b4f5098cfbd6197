//! What a sweep over mirrors will cost, before it begins.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use venin_intel::claim::Subject;

use crate::known::{KnownSet, Reach};
use crate::probe::{Checking, MirrorTarget};

/// Requests that the controls of a batch make, twice: pages of an absent and a present project, a file of each.
const CONTROL_REQUESTS: u64 = 6;
/// Requests for a file: its headers and one byte.
const FILE_REQUESTS: u64 = 2;

/// How a sweep is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SweepOptions {
    /// How much of a file is fetched.
    pub checking: Checking,
    /// Most mirrors asked at the same time.
    pub in_flight: usize,
    /// Projects between two control probes.
    pub batch: usize,
    /// Requests a second and host that the [`Fetch`](venin_intel::http::Fetch) allows; for the estimate only.
    pub rate: f64,
}

impl Default for SweepOptions {
    fn default() -> Self {
        Self { checking: Checking::Presence, in_flight: 8, batch: 100, rate: 1.0 }
    }
}

/// What a sweep over one mirror will cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MirrorEstimate {
    /// The mirror.
    pub mirror: String,
    /// Requests, at most: a file that is not there costs one and not two.
    pub requests: u64,
    /// Time at the rate, at most; mirrors on the same host share it.
    pub time: Duration,
}

/// What a sweep will cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepPlan {
    /// Projects looked for.
    pub projects: u64,
    /// Known files, releases and projects looked for.
    pub subjects: u64,
    /// One for each mirror, in the order given.
    pub mirrors: Vec<MirrorEstimate>,
    /// All requests.
    pub requests: u64,
    /// Until the last mirror is done, at most `in_flight` at the same time.
    pub time: Duration,
}

/// Estimates a sweep.  `is_done` says what an earlier run has finished.
#[must_use]
pub fn plan_sweep(
    mirrors: &[MirrorTarget],
    known: &KnownSet,
    options: &SweepOptions,
    is_done: &dyn Fn(&str, &Subject) -> bool,
) -> SweepPlan {
    let of_file = match options.checking {
        Checking::Presence => FILE_REQUESTS,
        Checking::Bytes(_) => FILE_REQUESTS + 1,
    };
    let mut lanes: BTreeMap<String, u64> = BTreeMap::new();
    let mut estimates = Vec::with_capacity(mirrors.len());
    for mirror in mirrors {
        let names: Vec<&str> = known
            .names()
            .filter(|name| !known.of_name(name).all(|known| is_done(&mirror.id, &known.subject)))
            .collect();
        let files: u64 = names.iter().map(|name| known.of_name(name).map(expected_files).sum::<u64>()).sum();
        let batches = names.len().div_ceil(options.batch.max(1)) as u64;
        let requests = names.len() as u64 + files * of_file + batches * 2 * CONTROL_REQUESTS;
        *lanes.entry(mirror.host()).or_default() += requests;
        estimates.push(MirrorEstimate {
            mirror: mirror.id.clone(),
            requests,
            time: duration(requests, options.rate),
        });
    }
    let requests: u64 = estimates.iter().map(|estimate| estimate.requests).sum();
    let longest = lanes.values().copied().max().unwrap_or(0);
    // No schedule is faster than its longest lane, nor than all work shared out evenly.
    let shared = requests.div_ceil(options.in_flight.max(1) as u64);
    SweepPlan {
        projects: known.names().count() as u64,
        subjects: known.files().len() as u64,
        mirrors: estimates,
        requests,
        time: duration(longest.max(shared), options.rate),
    }
}

/// How many files a subject is expected to be asked for: for a release both a source and a built distribution.
fn expected_files(known: &crate::known::KnownFile) -> u64 {
    match known.reach() {
        Reach::File => 1,
        Reach::Release | Reach::Range | Reach::Project => 2,
    }
}

fn duration(requests: u64, rate: f64) -> Duration {
    let seconds = requests as f64 / rate.max(f64::MIN_POSITIVE);
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use venin_intel::claim::{Class, Subject};
    use venin_intel::index::HttpUrl;

    use super::*;
    use crate::known::KnownFile;

    fn mirror(id: &str, url: &str) -> MirrorTarget {
        MirrorTarget { id: id.to_owned(), index: HttpUrl::parse(url).unwrap(), own_hosts: Vec::new() }
    }

    #[test]
    fn twelve_thousand_files_on_twenty_mirrors_take_hours_and_not_days() {
        let known = KnownSet::new((0..12_000).map(|n| {
            let subject = Subject::project(&format!("p{n}")).unwrap();
            let subject = subject.with_file(&format!("p{n}-1.tar.gz")).unwrap();
            KnownFile::new(subject, Class::Malware)
        }));
        let mirrors: Vec<_> =
            (0..20).map(|n| mirror(&format!("m{n}"), &format!("https://m{n}.example/simple"))).collect();
        let options = SweepOptions { in_flight: 20, ..SweepOptions::default() };
        let plan = plan_sweep(&mirrors, &known, &options, &|_, _| false);
        assert_eq!(plan.mirrors[0].requests, 12_000 + 24_000 + 120 * 12);
        assert_eq!(plan.requests, 20 * plan.mirrors[0].requests);
        assert_eq!(plan.time.as_secs(), plan.mirrors[0].requests);
        let half = plan_sweep(&mirrors, &known, &options, &|_, subject| subject.name() < "p6");
        assert!(half.requests < plan.requests / 2 + 20_000);
    }

    #[test]
    fn mirrors_on_one_host_share_its_rate() {
        let known = KnownSet::new([KnownFile::new(Subject::project("a").unwrap(), Class::Malware)]);
        let mirrors = [mirror("a", "https://m.example/a/simple"), mirror("b", "https://m.example/b/simple")];
        let plan = plan_sweep(&mirrors, &known, &SweepOptions::default(), &|_, _| false);
        assert_eq!(plan.time, plan.mirrors[0].time * 2);
    }
}
