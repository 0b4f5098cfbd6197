//! The account of a collection, as text and as JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use venin_intel::http::Counts;
use venin_intel::source::SourceError;
use venin_intel::store::{Outcome, RunCounts};
use venin_report::escape_text;

use super::job::Job;
use super::samples::SampleCounts;
use super::sink::{Tapped, one_line};
use crate::exit::Exit;

/// The schema of [`CollectReport`].
const SCHEMA: &str = "venin.collect/1";

/// What came of a collection.
#[derive(Debug, Serialize)]
pub(super) struct CollectReport {
    schema: &'static str,
    dry_run: bool,
    interrupted: bool,
    runs: Vec<RunReport>,
    /// What came of getting samples; `null` when none were asked for.
    samples: Option<SampleCounts>,
    traffic: TrafficReport,
}

/// What came of one input.
#[derive(Debug, Serialize)]
pub(super) struct RunReport {
    connector: String,
    pub(super) source: String,
    input: String,
    outcome: &'static str,
    /// Whether the server said that the input is the one that was wholly imported the last time.
    unchanged: bool,
    pub(super) error: Option<String>,
    found: u64,
    /// Claims that were not known; `null` in a trial.
    new: Option<u64>,
    pub(super) problems: u64,
    first_problems: Vec<ProblemReport>,
    kinds: BTreeMap<&'static str, u64>,
    skipped: BTreeMap<&'static str, u64>,
    examples: Vec<ExampleReport>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
struct ProblemReport {
    what: String,
    error: String,
}

#[derive(Debug, Serialize)]
struct ExampleReport {
    subject: String,
    kind: &'static str,
    date: String,
    surface: String,
    class: &'static str,
    source_ref: String,
}

#[derive(Debug, Serialize)]
struct TrafficReport {
    requests: u64,
    retries: u64,
    redirects: u64,
    unchanged: u64,
    bytes: u64,
    waited_seconds: f64,
    /// Requests without an answer, by why, and answers with a status of 400 and above, by status.
    failures: BTreeMap<String, u64>,
    #[serde(skip)]
    line: String,
}

impl TrafficReport {
    fn new(counts: &Counts) -> Self {
        let failures = counts.failures.iter().map(|(kind, n)| ((*kind).to_owned(), *n));
        let refusals = counts.refusals.iter().map(|(status, n)| (format!("status {status}"), *n));
        Self {
            requests: counts.requests,
            retries: counts.retries,
            redirects: counts.redirects,
            unchanged: counts.unchanged,
            bytes: counts.bytes,
            waited_seconds: (counts.waited.as_secs_f64() * 1000.0).round() / 1000.0,
            failures: failures.chain(refusals).collect(),
            line: counts.to_string(),
        }
    }
}

impl RunReport {
    pub(super) fn new(
        job: &Job,
        tapped: Tapped,
        counts: Option<RunCounts>,
        outcome: Outcome,
        error: Option<SourceError>,
    ) -> Self {
        let problems = tapped.first_problems.into_iter();
        let examples = tapped.examples.iter().map(|claim| ExampleReport {
            subject: claim.subject.to_string(),
            kind: claim.kind.as_str(),
            date: claim.happened.to_string(),
            surface: claim.surface.to_string(),
            class: claim.class.as_str(),
            source_ref: claim.source_ref.clone(),
        });
        Self {
            connector: job.id.clone(),
            source: job.source.clone(),
            input: job.place.clone(),
            outcome: outcome.as_str(),
            unchanged: tapped.is_unchanged,
            error: error.map(|error| one_line(&error.to_string())),
            found: tapped.found,
            new: counts.map(|counts| counts.added),
            problems: tapped.problems,
            first_problems: problems.map(|p| ProblemReport { what: p.what, error: p.error }).collect(),
            kinds: tapped.kinds,
            skipped: tapped.skipped,
            examples: examples.collect(),
            cursor: tapped.cursor,
        }
    }

    fn render(&self, text: &mut String) {
        if self.unchanged {
            let line = format!("{} over {}: nothing new since the last import", self.source, self.input);
            text.push_str(&format!("{}\n", escape_text(&line)));
            return;
        }
        let mut parts = vec![format!("{} claims", self.found)];
        parts.extend(self.new.map(|new| format!("{new} new")));
        parts.push(format!("{} problems", self.problems));
        if self.outcome != Outcome::Complete.as_str() {
            parts.push(self.outcome.to_owned());
        }
        let line = format!("{} over {}: {}", self.source, self.input, parts.join(", "));
        text.push_str(&format!("{}\n", escape_text(&line)));
        for (why, count) in &self.skipped {
            text.push_str(&format!("  {count:>9}  passed over: {why}\n"));
        }
        if self.new.is_none() {
            for (kind, count) in &self.kinds {
                text.push_str(&format!("  {count:>9}  {kind}\n"));
            }
            for example in &self.examples {
                let line = format!(
                    "  as: {} {}, {}, {}, {}",
                    example.subject, example.kind, example.date, example.class, example.source_ref
                );
                text.push_str(&format!("{}\n", escape_text(&line)));
            }
        }
    }
}

impl CollectReport {
    pub(super) fn new(
        dry_run: bool,
        runs: Vec<RunReport>,
        samples: Option<SampleCounts>,
        traffic: &Counts,
        interrupted: bool,
    ) -> Self {
        Self { schema: SCHEMA, dry_run, interrupted, runs, samples, traffic: TrafficReport::new(traffic) }
    }

    pub(super) fn render_text(&self) -> String {
        let mut text = String::new();
        self.runs.iter().for_each(|run| run.render(&mut text));
        if let Some(samples) = &self.samples {
            text.push_str(&samples.render());
        }
        if self.traffic.requests > 0 {
            text.push_str(&format!("{}\n", self.traffic.line));
        }
        if self.dry_run {
            text.push_str("nothing was written\n");
        }
        text
    }

    /// An input that could not be read outweighs records that could not.
    pub(super) fn exit(&self) -> Exit {
        if self.runs.iter().any(|run| run.error.is_some()) {
            Exit::Failed
        } else if self.runs.iter().any(|run| run.problems > 0)
            || self.samples.as_ref().is_some_and(SampleCounts::has_failures)
        {
            Exit::Incomplete
        } else {
            Exit::Nothing
        }
    }
}
