//! What is known of a release: its life as a time line, who accuses it, and where opinions differ.
//!
//! The shape is filled by the program, from the event store; nothing is derived or decided here.

mod html;
mod text;

use serde::{Deserialize, Serialize};

pub use html::render_release_html;
pub use text::{render_lifecycle_text, render_release_text};

/// The schema of [`ReleaseReport`].
pub const RELEASE_SCHEMA: &str = "venin.release/1";

/// What is known of a release or a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseReport {
    /// [`RELEASE_SCHEMA`].
    pub schema: String,
    /// The normalized name.
    pub name: String,
    /// The version; `None` for the project as a whole.
    pub version: Option<String>,
    /// The package URL.
    pub purl: String,
    /// What our own scan said last, if it was scanned.
    pub scan: Option<ScanOpinion>,
    /// Records that accuse it now.
    pub accusations: Vec<AccusationReport>,
    /// Records that accused it and were taken back: source and record.
    pub withdrawn: Vec<(String, String)>,
    /// From when on the name belongs to somebody else.
    pub reused_since: Option<String>,
    /// Where opinions differ, in words.
    pub conflicts: Vec<String>,
    /// The three measures and the moments that they are made of.
    pub measures: Vec<MeasureReport>,
    /// Each surface on which it was looked for.
    pub surfaces: Vec<SurfaceReport>,
    /// All claims in the order in which they happened; those without a date last.
    pub timeline: Vec<ClaimReport>,
}

/// What our own scan said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanOpinion {
    /// The verdict.
    pub verdict: String,
    /// When.
    pub at: String,
    /// The file's digest, if it was noted.
    pub sha256: Option<String>,
}

/// One record that accuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccusationReport {
    /// The source.
    pub source: String,
    /// Its record.
    pub record: String,
    /// What kind of unwanted release it is.
    pub class: String,
    /// When it was said first, as exactly as is known.
    pub since: String,
    /// How sure the source is, in hundredths.
    pub confidence: Option<u8>,
    /// How it meets this release: `digest`, `release`, `name`.
    pub by: String,
}

/// A measure of a life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureReport {
    /// `incubation`, `residual period`, or `persistence` with the surface.
    pub name: String,
    /// From what to what, in words.
    pub meaning: String,
    /// At least so many seconds.
    pub least_seconds: Option<i64>,
    /// At most so many seconds; `None` when it has not ended or nothing bounds it.
    pub most_seconds: Option<i64>,
    /// The same for people.
    pub text: String,
}

/// What a surface did when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurfaceReport {
    /// The surface.
    pub surface: String,
    /// `serves`, `gone`, `other bytes`.
    pub state: String,
    /// When it was last seen there.
    pub last_seen: Option<String>,
    /// When it was first not seen after that.
    pub gone: Option<String>,
}

/// One claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimReport {
    /// When it happened, as exactly as is known.
    pub happened: String,
    /// The first and the last moment at which it can have happened.
    pub not_before: Option<String>,
    /// See `not_before`.
    pub not_after: Option<String>,
    /// What is said.
    pub kind: String,
    /// What it is about: the project, the release, a file.
    pub subject: String,
    /// Where it holds.
    pub surface: String,
    /// Who says so.
    pub source: String,
    /// Where the source says so.
    pub source_ref: String,
    /// When it was learned.
    pub observed: String,
    /// The file's digest.
    pub sha256: Option<String>,
    /// The class that the source gives.
    pub class: String,
    /// What else the source says: a JSON object, or nothing.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub detail: serde_json::Value,
}

impl ReleaseReport {
    /// `name` or `name==version`.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.version {
            Some(version) => format!("{}=={version}", self.name),
            None => self.name.clone(),
        }
    }
}
