//! An audit over HTTP: which mirrors, what it costs, and the sweep itself with its progress.

use std::collections::{BTreeMap, BTreeSet};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use venin_intel::claim::{Moment, Subject};
use venin_intel::http::{Fetch, FetchError, FetchRequest, Fetched, PoliteClient, Politeness};
use venin_intel::index::HttpUrl;
use venin_intel::store::{Selection, Store};
use venin_mirror::audit::{
    Finding, Keeper, PriorClaims, Stretch, Sweep, SweepEnd, claim_source, run_sweep, stretch_of, sweep_id,
    whole_stretch,
};
use venin_mirror::known::KnownSet;
use venin_mirror::plan::{SweepOptions, SweepPlan, plan_sweep};
use venin_mirror::probe::{Checking, Controls, MirrorTarget};
use venin_mirror::summary::{AuditReport, Looks, MirrorReport};

use super::super::servers::{connect, find_politeness, index_options};
use super::{check_id, observed_now};
use crate::cli::{AskArgs, ConfigArgs};
use crate::config::{FileConfig, read_config};
use crate::diagnostics::{Talk, hinted};

/// Longest file that is fetched to be hashed, in bytes.
const MOST_FILE: u64 = 256 << 20;
/// The rate of the estimate where nothing is waited between requests.
const UNPACED_RATE: f64 = 20.0;

/// How an audit is made.
pub(super) struct Remote {
    mirrors: Vec<MirrorTarget>,
    controls: Controls,
    options: SweepOptions,
    politeness: Politeness,
}

/// How much of it this run does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// At most so many projects on each mirror.
    pub(super) most: Option<usize>,
    /// Where it begins.
    pub(super) start: Start,
}

/// Where a run begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Where an earlier run of the same sweep ended.
    GoOn,
    /// At the first name.
    Anew,
}

/// What came of an audit.
pub(super) struct Audited {
    pub(super) report: AuditReport,
    pub(super) findings: Vec<Finding>,
}

impl Remote {
    /// Reads what the user wants: addresses or names from the configuration.
    ///
    /// # Errors
    /// An address is none, a name stands twice, or no control project is given.
    pub(super) fn new(
        mirrors: &[String],
        id: Option<&str>,
        ask: &AskArgs,
        config: &ConfigArgs,
        known: &KnownSet,
    ) -> anyhow::Result<Self> {
        let config = read_config(config, &[])?.config;
        if id.is_some() && mirrors.len() > 1 {
            return Err(hinted(
                "--id names one mirror, and several are given",
                "audit them one by one, or name them in [mirrors] of venin.toml",
            ));
        }
        let mirrors: anyhow::Result<Vec<MirrorTarget>> =
            mirrors.iter().map(|text| read_target(text, id, ask, &config)).collect();
        let mirrors = mirrors?;
        let mut ids = BTreeSet::new();
        if let Some(double) = mirrors.iter().find(|mirror| !ids.insert(&mirror.id)) {
            let hint = "two mirrors on one host need names: a table [mirrors] in venin.toml gives them";
            return Err(hinted(format!("two mirrors have the name `{}`", double.id), hint));
        }
        let rate = if ask.http.pace > 0.0 { 1.0 / ask.http.pace } else { UNPACED_RATE };
        let checking = if ask.full { Checking::Bytes(MOST_FILE) } else { Checking::Presence };
        Ok(Self {
            controls: read_controls(ask, &config, known)?,
            mirrors,
            options: SweepOptions { checking, rate, ..SweepOptions::default() },
            politeness: find_politeness(&ask.http, &config, &index_options(None, &config)),
        })
    }

    fn sweep_id(&self, known: &KnownSet) -> String {
        let how = match self.options.checking {
            Checking::Presence => "presence",
            Checking::Bytes(_) => "bytes",
        };
        sweep_id(known, how)
    }

    fn stretches(
        &self,
        store: Option<&Store>,
        known: &KnownSet,
        extent: Extent,
        now: Moment,
    ) -> anyhow::Result<BTreeMap<String, Stretch>> {
        let sweep = self.sweep_id(known);
        let mut stretches = BTreeMap::new();
        for mirror in &self.mirrors {
            let stretch = match store.filter(|_| extent.start == Start::GoOn) {
                Some(store) => stretch_of(store, &mirror.id, &sweep, known, extent.most, now)?,
                None => whole_stretch(known, extent.most, now),
            };
            stretches.insert(mirror.id.clone(), stretch);
        }
        Ok(stretches)
    }

    fn plan_stretches(&self, known: &KnownSet, stretches: &BTreeMap<String, Stretch>) -> SweepPlan {
        let is_done = |mirror: &str, subject: &Subject| {
            stretches.get(mirror).is_some_and(|stretch| !stretch.holds(subject.name()))
        };
        plan_sweep(&self.mirrors, known, &self.options, &is_done)
    }

    /// What a run would cost.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) fn plan(
        &self,
        store: Option<&Store>,
        known: &KnownSet,
        extent: Extent,
    ) -> anyhow::Result<SweepPlan> {
        Ok(self.plan_stretches(known, &self.stretches(store, known, extent, observed_now())?))
    }

    /// Asks the mirrors, and keeps what they say.
    ///
    /// # Errors
    /// The store cannot be used.
    pub(super) fn run(
        &self,
        store: &mut Store,
        known: &KnownSet,
        extent: Extent,
        bar: &ProgressBar,
        talk: Talk,
    ) -> anyhow::Result<Audited> {
        let now = observed_now();
        let stretches = self.stretches(Some(store), known, extent, now)?;
        let (prior, looks) = read_earlier(store)?;
        let client = connect(self.politeness.clone())?;
        let plan = self.plan_stretches(known, &stretches);
        bar.set_length(plan.requests);
        let http = Counted { client: &client, bar };
        let tell = |_: &_| {};
        let keeper = Keeper::new(store, known, self.sweep_id(known), stretches.clone(), &tell);
        let sweep = Sweep {
            http: &http,
            mirrors: &self.mirrors,
            known,
            controls: &self.controls,
            options: self.options,
            clock: &observed_now,
            prior: &prior,
            stop: &|| false,
        };
        let end = run_sweep(&sweep, &keeper);
        bar.finish_and_clear();
        if let SweepEnd::Failed(error) = end {
            let hint = "what was found before is kept; run it again to go on";
            return Err(hinted(format!("the findings cannot be kept: {error}"), hint));
        }
        talk.note(&client.counts().to_string());
        let batches = keeper.into_batches();
        let mut mirrors: Vec<MirrorReport> =
            self.mirrors.iter().map(|mirror| first_report(mirror, &stretches, &looks)).collect();
        for batch in &batches {
            if let Some(report) = mirrors.iter_mut().find(|report| report.id == batch.mirror) {
                report.take_batch(batch);
            }
        }
        let findings = batches.into_iter().flat_map(|batch| batch.findings).collect();
        Ok(Audited { report: AuditReport::new(known, mirrors, now), findings })
    }

    /// The name of the only mirror.
    pub(super) fn first_id(&self) -> &str {
        self.mirrors.first().map_or("", |mirror| &mirror.id)
    }
}

/// The report of a mirror before this run: what an earlier run of the same sweep found.
fn first_report(mirror: &MirrorTarget, stretches: &BTreeMap<String, Stretch>, looks: &Looks) -> MirrorReport {
    let mut report = MirrorReport::new(&mirror.id, &mirror.index.to_string());
    let Some(stretch) = stretches.get(&mirror.id) else { return report };
    report.not_asked = stretch.left;
    if let Some(after) = &stretch.after {
        report.continued_from = Some(stretch.began.to_string());
        looks
            .last()
            .into_iter()
            .filter(|look| look.mirror == mirror.id && look.observed >= stretch.began)
            .filter(|look| look.subject.name() <= after.as_str())
            .for_each(|look| report.take_look(look));
    }
    report
}

/// What earlier audits saw.
fn read_earlier(store: &Store) -> anyhow::Result<(PriorClaims, Looks)> {
    let selection = Selection { source: Some(claim_source().to_owned()), ..Selection::default() };
    let (mut prior, mut looks) = (PriorClaims::default(), Looks::default());
    store.visit_claims(&selection, |_, claim| {
        prior.take(&claim);
        looks.take(&claim);
    })?;
    Ok((prior, looks))
}

fn read_target(
    text: &str,
    id: Option<&str>,
    ask: &AskArgs,
    config: &FileConfig,
) -> anyhow::Result<MirrorTarget> {
    let configured = config.mirrors.get(text);
    let Some(index) = HttpUrl::parse(configured.map_or(text, String::as_str)) else {
        let hint = "name the address of its simple pages, or a mirror of [mirrors] in venin.toml";
        return Err(hinted(format!("`{text}` is no address of a mirror"), hint));
    };
    let own_hosts = ask.own_host.clone();
    let mut target = MirrorTarget { id: String::new(), index, own_hosts };
    let named = id.or(configured.map(|_| text)).map(str::to_owned);
    target.id = check_id(named.unwrap_or_else(|| target.host()))?;
    Ok(target)
}

fn read_controls(ask: &AskArgs, config: &FileConfig, known: &KnownSet) -> anyhow::Result<Controls> {
    let given = if ask.control.is_empty() { &config.mirror_controls } else { &ask.control };
    let mut present = Vec::new();
    for name in given {
        let project = Subject::project(name)
            .map_err(|error| hinted(error.to_string(), "--control takes the name of a project"))?;
        if known.has_name(project.name()) {
            let hint = "a control project is one that every mirror has, and that nobody accuses";
            return Err(hinted(format!("`{}` is known to be malicious", project.name()), hint));
        }
        present.push(project.name().to_owned());
    }
    if present.is_empty() {
        let hint = "--control NAME, or mirror-controls in venin.toml: without one, a mirror that is down would look clean";
        return Err(hinted("a control project is needed: one that every mirror has", hint));
    }
    Ok(Controls { present })
}

/// Requests that are seen on a terminal.
struct Counted<'a> {
    client: &'a PoliteClient,
    bar: &'a ProgressBar,
}

impl Fetch for Counted<'_> {
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let answer = self.client.fetch(request);
        self.bar.inc(1);
        answer
    }
}

/// A line on a terminal that shows how far an audit is; none where standard error is no terminal.
pub(super) fn progress(is_quiet: bool) -> ProgressBar {
    if is_quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(4));
    let template = "{spinner} {pos} of at most {len} requests in {elapsed}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
