//! The only serialized shapes: text for people, JSON, JSON lines, SARIF, OSV records and notices of malware.
//!
//! An [`ArtifactReport`] is made from a [`venin_scan::Scan`] and is complete in itself: the worker process sends
//! it to its parent in this very form, so it reads back what it wrote, to the bit.  A [`RunReport`] is what one
//! run of the program says about all its targets.
//!
//! Every string in a report may have been written by an attacker.  The renderers escape control characters,
//! bidirectional overrides and invisible characters in each format, so that no report can move a cursor, hide a
//! line or start a command of a CI log.
//!
//! This crate never reads or writes anything, knows no terminal and no clock, and never decides a verdict.

mod artifact;
mod attack;
mod convert;
mod decoding;
mod diff;
mod escape;
mod identity;
mod json;
mod notice;
mod osv;
mod release;
mod rescore;
mod run;
mod sarif;
mod sentence;
mod text;

pub use artifact::{
    ArtifactReport, AttributesReport, CallReport, CallTokensReport, ContentsReport, CoverageReport,
    EvidenceReport, Explanation, FindingReport, GapReport, IndicatorReport, Isolation, MaliciousFileReport,
    MemberReport, Place, SCHEMA, SequenceReport, ShareReport, StepReport, SuppressedFinding, Timings,
};
pub use diff::{
    Change, ChangedMember, DIFF_SCHEMA, DiffReport, DiffRun, GrownRule, MemberChange, SideReport,
    compare_artifacts, render_diff_text,
};
pub use escape::escape_text;
pub use json::{render_json, render_json_line, render_shape, render_shape_to_level};
pub use notice::render_notice;
pub use osv::{OsvOrigin, render_osv};
pub use release::{
    AccusationReport, ClaimReport, MeasureReport, RELEASE_SCHEMA, ReleaseReport, ScanOpinion, SurfaceReport,
    render_lifecycle_text, render_release_html, render_release_text,
};
pub use rescore::suppress_findings;
pub use run::{Problem, RunReport, Summary, SuppressionReport, SuppressionState, Tool};
pub use sarif::{RuleHelp, render_sarif};
pub use text::{Color, Detail, TextOptions, render_artifact_text, render_finding_text, render_summary_text};
