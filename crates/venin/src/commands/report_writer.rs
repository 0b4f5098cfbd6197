//! Reports on their way out, in the format that was asked for.

use std::collections::BTreeMap;

use venin_model::{Persona, Verdict};
use venin_report::{
    ArtifactReport, OsvOrigin, Problem, RunReport, Summary, SuppressionReport, TextOptions, Tool,
    render_artifact_text, render_json, render_json_line, render_notice, render_osv, render_sarif,
    render_summary_text,
};

use super::output::Output;
use super::rule_files::{count_rules, read_help};
use crate::cli::Format;
use crate::clock::{render_time, seconds_now};
use crate::worker::RuleText;

/// What a report is made of beside the artifacts.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The format.
    pub(crate) format: Format,
    /// How text is rendered.
    pub(crate) text: TextOptions,
    /// Whether text leaves out what is clean.
    pub(crate) is_quiet: bool,
    /// The operating point.
    pub(crate) persona: Persona,
    /// The user's own rule pages.
    pub(crate) pages: Vec<RuleText>,
}

/// Takes in outcomes as they come and writes them: text in the order of the targets, JSON lines at once, and the
/// formats that are one document at the end.
#[derive(Debug)]
pub(crate) struct ReportWriter {
    frame: Frame,
    output: Output,
    summary: Summary,
    kept: BTreeMap<u64, ArtifactReport>,
    problems: BTreeMap<u64, Problem>,
    /// What the configuration suppresses.
    suppressions: Vec<SuppressionReport>,
    /// What the user should hear of beside the report.
    notes: Vec<String>,
    /// Text that waits for an earlier target.
    waiting: BTreeMap<u64, String>,
    next: u64,
}

impl ReportWriter {
    /// Writes to `output`.
    pub(crate) fn new(frame: Frame, output: Output) -> Self {
        Self {
            frame,
            output,
            summary: Summary::default(),
            kept: BTreeMap::new(),
            problems: BTreeMap::new(),
            suppressions: Vec::new(),
            notes: Vec::new(),
            waiting: BTreeMap::new(),
            next: 0,
        }
    }

    /// The counts so far.
    pub(crate) const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Whether nobody reads any more.
    pub(crate) const fn is_closed(&self) -> bool {
        self.output.is_closed()
    }

    /// Takes the report on the target at this position.
    ///
    /// # Errors
    /// The output cannot be written.
    pub(crate) fn accept(&mut self, order: u64, artifact: ArtifactReport) -> anyhow::Result<()> {
        self.summary.count(&artifact);
        match self.frame.format {
            Format::Jsonl => self.output.write(&render_json_line(&artifact)),
            Format::Text => {
                let is_left_out = self.frame.is_quiet && artifact.verdict == Verdict::Clean;
                let text = if is_left_out {
                    String::new()
                } else {
                    render_artifact_text(&artifact, &self.frame.text)
                };
                self.write_in_order(order, text)
            }
            Format::Osv => {
                let line = self.render_record(&artifact);
                self.write_in_order(order, line)
            }
            Format::Report => {
                let notice = render_notice(&artifact, &self.describe_tool()).unwrap_or_default();
                self.write_in_order(order, notice)
            }
            Format::Json | Format::Sarif => {
                self.kept.insert(order, artifact);
                Ok(())
            }
        }
    }

    /// The OSV record of an artifact; where there can be none, a note says why.
    fn render_record(&mut self, artifact: &ArtifactReport) -> String {
        let (tool, time) = (self.describe_tool(), render_time(seconds_now()));
        render_osv(artifact, OsvOrigin { tool: &tool, time: &time }).map_or_else(
            |reason| {
                self.notes.push(format!("{}: {reason}", artifact.shown_name()));
                String::new()
            },
            Option::unwrap_or_default,
        )
    }

    /// Takes the account of the suppressions.
    pub(crate) fn accept_suppressions(&mut self, suppressions: Vec<SuppressionReport>) {
        self.suppressions = suppressions;
    }

    /// What the user should hear of since the last call.
    pub(crate) fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Takes the problem of the target at this position.
    ///
    /// # Errors
    /// The output cannot be written.
    pub(crate) fn accept_problem(&mut self, order: u64, problem: Problem) -> anyhow::Result<()> {
        self.summary.problems += 1;
        self.problems.insert(order, problem);
        self.pass(order)
    }

    /// There is nothing to write for this position.
    ///
    /// # Errors
    /// The output cannot be written.
    pub(crate) fn pass(&mut self, order: u64) -> anyhow::Result<()> {
        self.write_in_order(order, String::new())
    }

    fn write_in_order(&mut self, order: u64, text: String) -> anyhow::Result<()> {
        self.waiting.insert(order, text);
        while let Some(ready) = self.waiting.remove(&self.next) {
            self.next += 1;
            if !ready.is_empty() {
                self.output.write(&ready)?;
            }
        }
        Ok(())
    }

    /// Writes what is left, and the summary.
    ///
    /// # Errors
    /// The output cannot be written.
    pub(crate) fn finish(mut self) -> anyhow::Result<Summary> {
        for text in std::mem::take(&mut self.waiting).into_values().filter(|text| !text.is_empty()) {
            self.output.write(&text)?;
        }
        let document = match self.frame.format {
            Format::Jsonl | Format::Osv | Format::Report => String::new(),
            Format::Text => render_summary_text(&self.summary, &self.frame.text),
            Format::Json => render_json(&self.build_run()),
            Format::Sarif => {
                let run = self.build_run();
                let used =
                    run.artifacts.iter().flat_map(|a| &a.findings).map(|finding| finding.rule.as_str());
                render_sarif(&run, &read_help(used, &self.frame.pages))
            }
        };
        self.output.write(&document)?;
        self.output.finish()?;
        Ok(self.summary)
    }

    fn describe_tool(&self) -> Tool {
        Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules: count_rules(&self.frame.pages),
        }
    }

    fn build_run(&mut self) -> RunReport {
        let tool = self.describe_tool();
        let artifacts = std::mem::take(&mut self.kept).into_values().collect();
        let problems = std::mem::take(&mut self.problems).into_values().collect();
        let suppressions = std::mem::take(&mut self.suppressions);
        RunReport { suppressions, ..RunReport::new(tool, self.frame.persona, artifacts, problems) }
    }
}
