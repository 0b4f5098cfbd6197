//! Text for people: what it does, when, where the evidence is, and what was not looked at.
//!
//! An artifact that needs no attention is one line.  Any other is a headline, a sentence, and its findings in the
//! manner of a compiler's diagnostics.  All of it can be read without color; width is counted in terminal cells.

mod explain;
mod finding;
mod paint;
mod snippet;
mod tail;
mod wrap;

use std::collections::BTreeMap;

use venin_model::{Severity, Verdict};

use crate::artifact::{ArtifactReport, Explanation, FindingReport, SequenceReport};
use crate::escape::{escape_text, shorten};
use crate::run::Summary;
pub(crate) use explain::render_log_odds;
pub(crate) use paint::{Ink, Painter};
pub(crate) use wrap::push_wrapped;

/// Whether terminal styling is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// Plain characters only.
    #[default]
    Plain,
    /// ANSI styling.
    Ansi,
}

/// How much to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// One line for what is clean; long lists are cut, and the cut is said.
    #[default]
    Normal,
    /// Everything: each step of each finding, also for what is clean.
    Full,
}

/// How to render text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Styling.
    pub color: Color,
    /// Width of the page in terminal cells.
    pub width: usize,
    /// How much to tell.
    pub detail: Detail,
    /// Whether to show how the score adds up.
    pub explain: bool,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { color: Color::Plain, width: 100, detail: Detail::Normal, explain: false }
    }
}

/// Most entries of a list under [`Detail::Normal`].
const MAX_FINDINGS: usize = 10;
const MAX_LISTED: usize = 10;
/// Longest name, version and path shown, in characters.
const MAX_NAME: usize = 100;
const MAX_PATH: usize = 200;
/// Column where values of the labelled lines start.
const LABEL_WIDTH: usize = 12;

impl TextOptions {
    /// The page's width within sane bounds: a terminal of one column is no reason to print one letter a line.
    pub(crate) fn page(&self) -> usize {
        self.width.clamp(40, 160)
    }

    pub(crate) const fn limit(&self, normal: usize) -> usize {
        match self.detail {
            Detail::Normal => normal,
            Detail::Full => usize::MAX,
        }
    }
}

/// One artifact.  Ends with a line feed, and with an empty line when it is more than a headline.
#[must_use]
pub fn render_artifact_text(artifact: &ArtifactReport, options: &TextOptions) -> String {
    let painter = Painter(options.color);
    let mut out = headline(artifact, painter);
    let headline_length = out.len();
    if artifact.verdict != Verdict::Clean || options.detail == Detail::Full {
        push_overview(&mut out, artifact, options);
        push_findings(&mut out, artifact, options);
        tail::push_indicators(&mut out, &artifact.indicators, options);
    }
    if options.explain {
        explain::push_attack(&mut out, &artifact.findings, options);
        explain::push_explanation(&mut out, artifact, painter);
    }
    tail::push_suppressed(&mut out, &artifact.suppressed, options);
    tail::push_gaps(&mut out, &artifact.coverage, options);
    if out.len() > headline_length {
        out.push('\n');
    }
    out
}

/// One finding with every step.  Ends with a line feed.
#[must_use]
pub fn render_finding_text(finding: &FindingReport, options: &TextOptions) -> String {
    let mut out = String::new();
    finding::push_finding(&mut out, finding, &[], &TextOptions { detail: Detail::Full, ..*options });
    out
}

/// Appends one finding as a report shows it.
pub(crate) fn push_finding_block(out: &mut String, finding: &FindingReport, options: &TextOptions) {
    finding::push_finding(out, finding, &[], options);
}

/// The closing line over all artifacts.
#[must_use]
pub fn render_summary_text(summary: &Summary, options: &TextOptions) -> String {
    let painter = Painter(options.color);
    let counts = [
        (summary.malicious, Verdict::Malicious),
        (summary.suspicious, Verdict::Suspicious),
        (summary.incomplete, Verdict::Incomplete),
        (summary.clean, Verdict::Clean),
    ];
    let counted: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| painter.paint(verdict_ink(*verdict), &format!("{count} {verdict}")))
        .collect();
    let mut line = format!("scanned {}", plural(summary.artifacts, "artifact"));
    if !counted.is_empty() {
        line.push_str(": ");
        line.push_str(&counted.join(", "));
    }
    if summary.problems > 0 {
        line.push_str(&format!("; {} could not be scanned", plural(summary.problems, "target")));
    }
    if summary.suppressed > 0 {
        line.push_str(&format!("; {} suppressed", plural(summary.suppressed, "finding")));
    }
    line.push('\n');
    line
}

fn headline(artifact: &ArtifactReport, painter: Painter) -> String {
    let verdict = painter.paint(verdict_ink(artifact.verdict), artifact.verdict.as_str());
    let padding = " ".repeat(LABEL_WIDTH.saturating_sub(artifact.verdict.as_str().len()));
    let mut line = format!("{verdict}{padding}");
    if let Some(name) = &artifact.name {
        let version =
            artifact.version.as_deref().map(|v| format!(" {}", shorten(v, MAX_NAME))).unwrap_or_default();
        let release = format!("{}{version}", shorten(name, MAX_NAME));
        line.push_str(&painter.paint(Ink::Strong, &escape_text(&release)));
        line.push_str("  ");
    }
    line.push_str(&escape_text(&shorten(artifact.shown_name(), MAX_PATH)));
    let was_scored = artifact.explanation != Explanation::default();
    if was_scored {
        line.push_str(&painter.paint(Ink::Faint, &format!("  score {}", render_log_odds(artifact.score))));
    }
    line.push('\n');
    line
}

fn push_overview(out: &mut String, artifact: &ArtifactReport, options: &TextOptions) {
    if !artifact.summary.is_empty() {
        out.push('\n');
        push_wrapped(out, "  ", "  ", &artifact.summary, options.page());
    }
    let join = |words: Vec<&str>| words.join(", ");
    let mut triggers = join(artifact.triggers.iter().map(|t| t.as_str()).collect());
    let vectors = join(artifact.vectors.iter().map(|v| v.as_str()).collect());
    if !vectors.is_empty() {
        triggers.push_str(&format!(" (vectors: {vectors})"));
    }
    let lines = [
        ("behaviors", join(artifact.behaviors.iter().map(|b| b.as_str()).collect())),
        ("triggers", triggers),
        ("techniques", join(artifact.techniques.iter().map(|t| t.as_str()).collect())),
    ];
    let said: Vec<_> = lines.iter().filter(|(_, value)| !value.is_empty()).collect();
    if !said.is_empty() {
        out.push('\n');
    }
    for (label, value) in said {
        push_labelled(out, label, value, options);
    }
    for (at, sequence) in artifact.sequence.iter().enumerate() {
        let label = if at == 0 { "sequence" } else { "" };
        push_labelled(out, label, &render_sequence(sequence), options);
    }
}

/// `install: S -> Cn.fetch -> Cf.write -> Cs.spawn -> E`.
fn render_sequence(sequence: &SequenceReport) -> String {
    let omitted = match sequence.omitted {
        0 => String::new(),
        count => format!(" (and {} left out)", plural(u64::from(count), "step")),
    };
    format!("{}: {}{omitted}", sequence.trigger, sequence.notation)
}

/// `  label       value`, wrapped under the value.
fn push_labelled(out: &mut String, label: &str, value: &str, options: &TextOptions) {
    let padding = " ".repeat(LABEL_WIDTH.saturating_sub(label.len()));
    let painted = Painter(options.color).paint(Ink::Label, label);
    let indent = " ".repeat(LABEL_WIDTH + 2);
    push_wrapped(out, &format!("  {painted}{padding}"), &indent, value, options.page());
}

/// Under [`Detail::Normal`] findings at one place share a block, whose head is the most important of them.
fn push_findings(out: &mut String, artifact: &ArtifactReport, options: &TextOptions) {
    let blocks = group_by_place(&artifact.findings, options.detail);
    let limit = options.limit(MAX_FINDINGS);
    for (head, others) in blocks.iter().take(limit) {
        out.push('\n');
        finding::push_finding(out, head, others, options);
    }
    let left: usize = blocks.iter().skip(limit).map(|(_, others)| 1 + others.len()).sum();
    if left > 0 {
        let left = plural(left as u64, "further finding");
        out.push_str(&format!("\n{left} not shown here; `--verbose` shows all\n"));
    }
}

fn group_by_place(findings: &[FindingReport], detail: Detail) -> Vec<(&FindingReport, Vec<&FindingReport>)> {
    let mut blocks: Vec<(&FindingReport, Vec<&FindingReport>)> = Vec::new();
    let mut seen: BTreeMap<(&str, u32, u16, u32), usize> = BTreeMap::new();
    for finding in findings {
        let key = finding.place.as_ref().map(|p| (p.member.as_str(), p.line, p.layer, p.layer_line));
        let block = key.filter(|_| detail == Detail::Normal).and_then(|key| seen.get(&key).copied());
        if let Some((_, others)) = block.and_then(|at| blocks.get_mut(at)) {
            others.push(finding);
            continue;
        }
        seen.extend(key.map(|key| (key, blocks.len())));
        blocks.push((finding, Vec::new()));
    }
    blocks
}

pub(crate) fn plural(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

pub(crate) const fn verdict_ink(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Malicious => Ink::Alarm,
        Verdict::Suspicious => Ink::Warning,
        Verdict::Incomplete => Ink::Doubt,
        Verdict::Clean => Ink::Good,
    }
}

const fn severity_ink(severity: Severity) -> Ink {
    match severity {
        Severity::Critical | Severity::High => Ink::Alarm,
        Severity::Medium => Ink::Warning,
        Severity::Low | Severity::Info => Ink::Doubt,
    }
}
