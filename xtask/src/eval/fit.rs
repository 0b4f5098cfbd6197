//! `cargo xtask eval --fit`: weights and thresholds from labelled data.
//!
//! Logistic regression over the rules that fired, with two features a rule: in code that runs by itself, and in code
//! that somebody must call.  Each weight is held near what the rule's page says and inside bounds around it, so that
//! a rule seen in a few archives keeps the judgement of its writer; weights never go below zero, and running by
//! itself never weighs less.  Every campaign and every benign project is one voice.  Thresholds are set on scores of
//! archives that the weights were not fitted on: five folds, split by campaign and project.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::Scanned;
use super::measure::{Joined, is_judged};
use super::own::OwnCase;

const FOLDS: usize = 5;
const ROUNDS: usize = 1_500;
const RATE: f64 = 2.0;
/// How strongly weights are held at the pages' own.
const PULL: f64 = 0.1;
/// Bounds of a weight, as multiples of the page's own.
const BOUNDS: (f64, f64) = (0.2, 1.6);
/// Share of a page's weight when somebody must call the code, before anything is fitted.
const CALLED: f64 = 0.7;
/// Least threshold: what was never seen must not be enough.
const LEAST_THRESHOLD: f64 = -2.0;
/// Least prior: evidence has to be able to reach the thresholds.
const LEAST_PRIOR: f64 = -4.5;

/// How the groups of our own cases begin.
const OWN: &str = "own ";
/// How the groups of further honest projects begin.
const HONEST: &str = "honest ";
/// Share of the voices that our own cases have on each side.
const OWN_SHARE: f64 = 0.25;

/// One archive as the fit sees it.
struct Row {
    /// Index of a feature and its value.
    features: Vec<(usize, f64)>,
    is_malicious: bool,
    group: String,
    weight: f64,
}

/// Names and bounds of the features.
struct Features {
    names: Vec<(String, bool)>,
    start: Vec<f64>,
    bounds: Vec<(f64, f64)>,
}

struct Model {
    weights: Vec<f64>,
    prior: f64,
}

/// Fits, validates and writes `data/weights.toml`.
pub(crate) fn run(joined: &Joined, own: &[OwnCase], out: &Path) -> Result<()> {
    let features = list_features(joined, own);
    let rows = rows_of(joined, own, &features);
    let all: Vec<usize> = (0..rows.len()).collect();
    let folds = folds_of(&rows);
    let mut held_back = vec![0.0; rows.len()];
    for fold in 0..FOLDS {
        let train: Vec<usize> = all.iter().copied().filter(|i| folds.get(*i) != Some(&fold)).collect();
        let model = fit(&rows, &train, &features);
        for (at, row) in rows.iter().enumerate().filter(|(at, _)| folds.get(*at) == Some(&fold)) {
            if let Some(score) = held_back.get_mut(at) {
                *score = model.score(row);
            }
        }
    }
    let model = fit(&rows, &all, &features);
    let thresholds = Thresholds::of(&rows, &held_back);
    let text = render(&model, &features, &thresholds, &digest_of(joined));
    std::fs::write(out, text).with_context(|| format!("cannot write `{}`", out.display()))?;
    let n_own = rows.iter().filter(|row| row.is_own()).count();
    println!(
        "\nfitted on {} archives and {n_own} cases of our own; on held-back folds, by campaign:",
        rows.len() - n_own
    );
    for (title, score) in thresholds.rows() {
        let recall = held_back_recall(&rows, &held_back, score);
        let of = |is_wanted: fn(&Row) -> bool| {
            highest_of(&rows, &held_back, is_wanted).iter().filter(|highest| **highest >= score).count()
        };
        let flagged = of(|row| !row.is_own() && !row.is_honest());
        let honest = of(Row::is_honest);
        println!(
            "  {title:<22} {score:>6.2}  recall {:.1} %, {flagged} benign projects, {honest} further ones",
            100.0 * recall
        );
    }
    println!("wrote {}; build and evaluate again", out.display());
    Ok(())
}

/// The findings of an archive as features: the rule, and whether the code runs by itself.
fn fired(scanned: &Scanned, rules: &venin_rules::RuleSet) -> BTreeMap<(String, bool), f64> {
    let confidence =
        |rule: &str| rules.page(rule).map_or(venin_model::Confidence::Medium, |page| page.rule.confidence);
    let diluted = |rule: &str| venin_scan::dilution(scanned.source_files, confidence(rule));
    let mut out = BTreeMap::new();
    for (rule, is_automatic, _) in &scanned.fired {
        let value = if *is_automatic { 1.0 } else { diluted(rule) };
        out.insert((rule.clone(), *is_automatic), value);
    }
    // A rule counts once, where it weighs most.
    let automatic: Vec<String> = out.keys().filter(|(_, a)| *a).map(|(r, _)| r.clone()).collect();
    for rule in automatic {
        out.remove(&(rule, false));
    }
    out
}

fn list_features(joined: &Joined, own: &[OwnCase]) -> Features {
    let mut pages: BTreeMap<String, f64> = BTreeMap::new();
    let scanned = joined.malicious.iter().filter_map(|(_, s)| s.as_ref());
    let archives = scanned.chain(joined.benign.iter().filter_map(|(_, s)| s.as_ref()));
    let archives = archives.chain(joined.honest.iter().map(|(_, s)| s));
    for one in archives.chain(own.iter().map(|case| &case.scanned)) {
        for (rule, _, page) in &one.fired {
            pages.insert(rule.clone(), *page);
        }
    }
    let facts_only = facts_only_rules();
    let mut features = Features { names: Vec::new(), start: Vec::new(), bounds: Vec::new() };
    for (rule, page) in pages {
        for is_automatic in [true, false] {
            let start = if is_automatic { page } else { CALLED * page };
            // What metadata says of itself never weighs more than its page allows: careless projects look the same,
            // and the benign list has few of them.
            let most = if facts_only.contains(&rule) { 1.0 } else { BOUNDS.1 };
            features.names.push((rule.clone(), is_automatic));
            features.start.push(start);
            features.bounds.push((BOUNDS.0 * start, most * start));
        }
    }
    features
}

/// Rules whose patterns hold no call at all.
fn facts_only_rules() -> Vec<String> {
    let rules = venin_rules::RuleSet::builtin();
    let is_facts_only = |page: &venin_rules::Page| {
        page.patterns.iter().all(|p| {
            let text = p.to_string();
            text.contains("fact(") && !text.contains("C")
        })
    };
    rules.pages().filter(|p| is_facts_only(p)).map(|p| p.rule.id.to_string()).collect()
}

fn rows_of(joined: &Joined, own: &[OwnCase], features: &Features) -> Vec<Row> {
    let index: HashMap<&(String, bool), usize> =
        features.names.iter().enumerate().map(|(n, k)| (k, n)).collect();
    let rules = venin_rules::RuleSet::builtin();
    let mut rows: Vec<Row> = Vec::new();
    let mut push = |scanned: Option<&Scanned>, is_malicious: bool, group: String| {
        let Some(scanned) = scanned else { return };
        let features =
            fired(scanned, &rules).iter().filter_map(|(k, v)| Some((*index.get(k)?, *v))).collect();
        rows.push(Row { features, is_malicious, group, weight: 1.0 });
    };
    for (row, scanned) in joined.malicious.iter().filter(|(m, _)| is_judged(m)) {
        push(scanned.as_ref(), true, format!("campaign {}", row.campaign));
    }
    for (row, scanned) in &joined.benign {
        push(scanned.as_ref(), false, format!("project {}", row.package));
    }
    for (digest, scanned) in &joined.honest {
        push(Some(scanned), false, format!("{HONEST}{digest}"));
    }
    for case in own {
        push(Some(&case.scanned), case.is_malicious, format!("{OWN}{}", case.title));
    }
    weigh_voices(&mut rows);
    rows
}

/// Every campaign and every project is one voice; the cases of our own have a share of each side's.
fn weigh_voices(rows: &mut [Row]) {
    let mut sizes: HashMap<String, f64> = HashMap::new();
    for row in rows.iter() {
        *sizes.entry(row.group.clone()).or_default() += 1.0;
    }
    let kind = |row: &Row| (row.is_malicious, row.is_own());
    let mut groups: HashMap<(bool, bool), HashSet<String>> = HashMap::new();
    for row in rows.iter() {
        groups.entry(kind(row)).or_default().insert(row.group.clone());
    }
    for row in rows.iter_mut() {
        let (is_malicious, is_own) = kind(row);
        let has_own = groups.contains_key(&(is_malicious, true));
        let share = match (is_own, has_own) {
            (true, _) => OWN_SHARE,
            (false, true) => 1.0 - OWN_SHARE,
            (false, false) => 1.0,
        };
        let voices = groups.get(&(is_malicious, is_own)).map_or(1, HashSet::len).max(1) as f64;
        row.weight = 0.5 * share / voices / sizes.get(&row.group).copied().unwrap_or(1.0);
    }
}

/// The fold of each row: a hash of its group, so that a campaign is never on both sides.
fn folds_of(rows: &[Row]) -> Vec<usize> {
    rows.iter()
        .map(|row| {
            let digest = Sha256::digest(row.group.as_bytes());
            usize::from(digest.first().copied().unwrap_or(0)) % FOLDS
        })
        .collect()
}

fn fit(rows: &[Row], train: &[usize], features: &Features) -> Model {
    let mut model = Model { weights: features.start.clone(), prior: -4.0 };
    let total: f64 = train.iter().filter_map(|i| rows.get(*i)).map(|r| r.weight).sum();
    let n = features.names.len().max(1) as f64;
    for _ in 0..ROUNDS {
        let mut gradient = vec![0.0; features.names.len()];
        let mut of_prior = 0.0;
        for row in train.iter().filter_map(|i| rows.get(*i)) {
            let p = 1.0 / (1.0 + (-model.score(row)).exp());
            let error = (p - f64::from(u8::from(row.is_malicious))) * row.weight / total;
            of_prior += error;
            for (at, value) in &row.features {
                if let Some(slot) = gradient.get_mut(*at) {
                    *slot += error * value;
                }
            }
        }
        for (at, weight) in model.weights.iter_mut().enumerate() {
            let (start, bounds) = (features.start[at], features.bounds[at]);
            let pull = PULL * (*weight - start) / n;
            *weight = (*weight - RATE * (gradient[at] + pull)).clamp(bounds.0, bounds.1);
        }
        model.prior = (model.prior - 0.5 * RATE * of_prior).max(LEAST_PRIOR);
    }
    model
}

impl Row {
    /// Whether it is a case of our own: it speaks in the fit, and is no measure of it.
    fn is_own(&self) -> bool {
        self.group.starts_with(OWN)
    }

    /// Whether it is a further honest project: it speaks in the fit, and sets no threshold, because nobody drew it at random.
    fn is_honest(&self) -> bool {
        self.group.starts_with(HONEST)
    }
}

impl Model {
    fn score(&self, row: &Row) -> f64 {
        row.features
            .iter()
            .fold(self.prior, |sum, (at, value)| sum + self.weights.get(*at).unwrap_or(&0.0) * value)
    }
}

/// Scores at which the personas speak.
struct Thresholds {
    registry: (f64, f64),
    team: (f64, f64),
    research: (f64, f64),
}

impl Thresholds {
    /// From held-back scores of the listed projects: the registry's `malicious` lies above every benign project, the team's above all but
    /// one in a hundred and all but five in a hundred of our own look-alikes, which are the hard cases; its
    /// `suspicious` above all but one project in twenty.
    fn of(rows: &[Row], scores: &[f64]) -> Self {
        let projects = highest_of(rows, scores, |row| !row.is_own() && !row.is_honest());
        let look_alikes = highest_of(rows, scores, Row::is_own);
        let above =
            |highest: &[f64], allowed: usize| highest.get(allowed).map_or(f64::NEG_INFINITY, |s| s + 0.01);
        let round = |x: f64| (x * 100.0).ceil() / 100.0;
        let n = projects.len();
        let hard = above(&look_alikes, look_alikes.len() * 5 / 100);
        let few = round(above(&projects, n / 100).max(hard).max(LEAST_THRESHOLD));
        let none = round(above(&projects, 0)).max(few);
        let some = round(above(&projects, n / 20).max(LEAST_THRESHOLD));
        Self { registry: (none, few), team: (few, some.min(few)), research: (few, round(some - 1.0)) }
    }

    fn rows(&self) -> [(&'static str, f64); 3] {
        [
            ("registry malicious", self.registry.0),
            ("team malicious", self.team.0),
            ("team suspicious", self.team.1),
        ]
    }
}

/// The highest score of each benign project that is wanted, the highest first.
fn highest_of(rows: &[Row], scores: &[f64], is_wanted: impl Fn(&Row) -> bool) -> Vec<f64> {
    let mut projects: HashMap<&str, f64> = HashMap::new();
    for (row, score) in rows.iter().zip(scores).filter(|(row, _)| !row.is_malicious && is_wanted(row)) {
        let highest = projects.entry(&row.group).or_insert(f64::NEG_INFINITY);
        *highest = highest.max(*score);
    }
    let mut highest: Vec<f64> = projects.into_values().collect();
    highest.sort_by(|a, b| b.total_cmp(a));
    highest
}

/// Mean over campaigns of the share of archives at or above a threshold.
fn held_back_recall(rows: &[Row], scores: &[f64], threshold: f64) -> f64 {
    let mut campaigns: HashMap<&str, (f64, f64)> = HashMap::new();
    for (row, score) in rows.iter().zip(scores).filter(|(row, _)| row.is_malicious && !row.is_own()) {
        let entry = campaigns.entry(&row.group).or_default();
        entry.0 += f64::from(u8::from(*score >= threshold));
        entry.1 += 1.0;
    }
    campaigns.values().map(|(found, all)| found / all).sum::<f64>() / campaigns.len().max(1) as f64
}

/// The digest of the data: of all archives' digests, sorted.
fn digest_of(joined: &Joined) -> String {
    let mut digests: Vec<&str> = joined.malicious.iter().map(|(m, _)| m.sha256.as_str()).collect();
    digests.extend(joined.benign.iter().map(|(b, _)| b.sha256.as_str()));
    digests.extend(joined.honest.iter().map(|(digest, _)| digest.as_str()));
    digests.sort_unstable();
    let mut digest = Sha256::new();
    for one in digests {
        digest.update(one.as_bytes());
    }
    digest.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

fn render(model: &Model, features: &Features, thresholds: &Thresholds, digest: &str) -> String {
    let mut out = String::from(
        "# Weights of the rules in log-odds, written by `cargo xtask eval --fit`; do not edit by hand.\n\
         # `automatic`: in code that runs by itself (install, build, startup, import).  `called`: in code that\n\
         # somebody must call.  A rule that is not listed weighs what its page says.\n",
    );
    let _ = writeln!(out, "data-sha256 = \"{digest}\"\nprior = {:.2}\n\n[thresholds]", model.prior);
    for (name, pair) in
        [("registry", thresholds.registry), ("team", thresholds.team), ("research", thresholds.research)]
    {
        let _ = writeln!(out, "{name} = {{ malicious = {:.2}, suspicious = {:.2} }}", pair.0, pair.1);
    }
    out.push_str("\n[rules]\n");
    let pairs = features.names.chunks(2).zip(model.weights.chunks(2));
    for (names, weights) in pairs {
        if let ([(rule, _), _], [automatic, called]) = (names, weights) {
            let called = called.min(*automatic);
            let _ = writeln!(out, "{rule} = {{ automatic = {automatic:.2}, called = {called:.2} }}");
        }
    }
    out
}
