//! What a watch writes: a line for each scan, and one for each round.

use serde::Serialize;
use venin_intel::claim::{Moment, Subject};
use venin_report::{ArtifactReport, escape_text};

use crate::cli::WatchFormat;

/// The schema of the lines.
pub(super) const SCHEMA: &str = "venin.watch/1";

/// A file of an upload, scanned.  This is also what the webhook gets.
#[derive(Debug, Serialize)]
pub(super) struct ScanLine {
    schema: &'static str,
    kind: &'static str,
    name: String,
    version: Option<String>,
    file: String,
    sha256: Option<String>,
    verdict: &'static str,
    score: f64,
    complete: bool,
    behaviors: Vec<&'static str>,
    summary: String,
    /// When it was uploaded, as far as the index says.
    uploaded: Option<String>,
    scanned: String,
}

impl ScanLine {
    pub(super) fn new(
        subject: &Subject,
        uploaded: Option<Moment>,
        scanned: Moment,
        report: &ArtifactReport,
    ) -> Self {
        Self {
            schema: SCHEMA,
            kind: "scan",
            name: subject.name().to_owned(),
            version: subject.version().map(ToOwned::to_owned),
            file: report.file.clone(),
            sha256: report.sha256.clone(),
            verdict: report.verdict.as_str(),
            score: (report.score * 100.0).round() / 100.0,
            complete: report.complete,
            behaviors: report.behaviors.iter().map(|behavior| behavior.as_str()).collect(),
            summary: report.summary.clone(),
            uploaded: uploaded.map(|moment| moment.to_string()),
            scanned: scanned.to_string(),
        }
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn render(&self, format: WatchFormat) -> String {
        match format {
            WatchFormat::Jsonl => format!("{}\n", self.to_json()),
            WatchFormat::Text => {
                let version = self.version.as_deref().map_or(String::new(), |v| format!("=={v}"));
                let line =
                    format!("{:<10} {}{version} ({}) {}", self.verdict, self.name, self.file, self.summary);
                format!("{}\n", escape_text(line.trim_end()))
            }
        }
    }
}

/// The end of a round.
#[derive(Debug, Serialize)]
pub(super) struct RoundLine {
    pub(super) schema: &'static str,
    pub(super) kind: &'static str,
    pub(super) at: String,
    pub(super) seen: u64,
    pub(super) scanned: u64,
    pub(super) malicious: u64,
    pub(super) suspicious: u64,
    pub(super) failed: u64,
    pub(super) given_up: u64,
    pub(super) notified: u64,
    pub(super) problems: u64,
    pub(super) behind: BehindLine,
    pub(super) cursor: Option<String>,
    pub(super) error: Option<String>,
}

/// How far the watch is behind the index.
#[derive(Debug, Serialize)]
pub(super) struct BehindLine {
    /// Releases that were seen and not scanned.
    pub(super) releases: u64,
    /// The age of the oldest of them, in seconds; `null` when there is none, or its date is not known.
    pub(super) seconds: Option<i64>,
    /// Notices that were not delivered.
    pub(super) notices: u64,
}

impl RoundLine {
    pub(super) fn render(&self, format: WatchFormat) -> String {
        match format {
            WatchFormat::Jsonl => format!("{}\n", serde_json::to_string(self).unwrap_or_default()),
            WatchFormat::Text => {
                let age = self.behind.seconds.map_or(String::new(), |s| format!(", the oldest {s} s old"));
                let error = self.error.as_ref().map_or(String::new(), |error| format!("; {error}"));
                let line = format!(
                    "{}: {} new uploads, {} scanned ({} malicious, {} suspicious), {} failed; behind by {} releases{age}{error}",
                    self.at,
                    self.seen,
                    self.scanned,
                    self.malicious,
                    self.suspicious,
                    self.failed + self.given_up,
                    self.behind.releases
                );
                format!("{}\n", escape_text(&line))
            }
        }
    }
}
