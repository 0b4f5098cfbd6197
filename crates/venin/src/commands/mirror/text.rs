//! Audits, plans and residual rates as text.  Whatever a mirror, a tree or a plan says is escaped.

use std::time::Duration;

use serde::Serialize;
use venin_mirror::plan::SweepPlan;
use venin_mirror::report::PackRow;
use venin_mirror::summary::{AuditReport, MirrorReport, ResidualReport, SurvivalReport};
use venin_mirror::verdict::{ControlSeen, Verdict};
use venin_report::{escape_text, render_shape};

/// The schema of a plan in JSON.
const PLAN_SCHEMA: &str = "venin.mirror-sweep/1";

/// Escapes text of several lines, line by line: the breaks are ours.
pub(super) fn escape_lines(text: &str) -> String {
    text.lines().flat_map(|line| [escape_text(line).into_owned(), "\n".to_owned()]).collect()
}

/// `1 file`, `2 files`.
pub(super) fn count_of(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The audit, mirror by mirror.
pub(super) fn render_audit(report: &AuditReport) -> String {
    let sought = &report.looked_for;
    let mut text = format!(
        "looked for {} of {}: {}, {}, {}{}\n",
        "what is known",
        count_of(sought.projects, "project", "projects"),
        count_of(sought.files, "file", "files"),
        count_of(sought.releases, "whole release", "whole releases"),
        count_of(sought.whole_projects, "whole project", "whole projects"),
        match sought.ranges {
            0 => String::new(),
            ranges => format!(", versions in ranges of {}", count_of(ranges, "project", "projects")),
        },
    );
    for mirror in &report.mirrors {
        render_mirror(mirror, &mut text);
    }
    text
}

fn render_mirror(mirror: &MirrorReport, text: &mut String) {
    let layout = mirror.layout.map(|layout| format!(", laid out as {layout}")).unwrap_or_default();
    text.push_str(&format!("\n{} ({}{layout})\n", escape_text(&mirror.id), escape_text(&mirror.place)));
    if let Some(since) = &mirror.continued_from {
        text.push_str(&format!("  a sweep that began at {since}, continued\n"));
    }
    if mirror.control == ControlSeen::Failed.as_str() {
        let reasons = mirror.reasons.join("; ");
        text.push_str(&format!("  unknown: {}\n", escape_text(&reasons)));
    }
    if mirror.not_asked > 0 {
        let projects = count_of(mirror.not_asked, "project was", "projects were");
        text.push_str(&format!("  {projects} not asked for; the next run goes on with them\n"));
    }
    let counts: Vec<String> = Verdict::ALL
        .iter()
        .filter(|verdict| mirror.count(**verdict) > 0)
        .map(|verdict| format!("{} {}", mirror.count(*verdict), verdict.as_str().replace('-', " ")))
        .collect();
    if !counts.is_empty() {
        text.push_str(&format!("  {}\n", counts.join(", ")));
    }
    for row in &mirror.rows {
        render_row(row, text);
    }
    for gap in &mirror.not_looked_at {
        text.push_str(&format!("  not looked at: {}\n", escape_text(gap)));
    }
}

fn render_row(row: &PackRow, text: &mut String) {
    let release = row.release.as_ref().map(|release| format!("=={release}")).unwrap_or_default();
    let file = row.file_name.as_ref().map(|file| format!("  {file}")).unwrap_or_default();
    let head = format!("{}{release}{file}", row.name);
    text.push_str(&format!("  {:<12} {}\n", row.verdict.replace('-', " "), escape_text(&head)));
    let mut line = |label: &str, value: &str| {
        text.push_str(&format!("               {label} {}\n", escape_text(value)));
    };
    let texts = [
        ("sha256", row.sha256.as_deref()),
        ("project status", row.project_status.as_deref()),
        ("leads to", row.redirect.as_deref()),
        ("because", row.reason.as_deref()),
    ];
    for (label, value) in texts {
        if let Some(value) = value {
            line(label, value);
        }
    }
    row.files.iter().for_each(|place| line("served at", place));
    row.listed_on.iter().for_each(|place| line("listed on", place));
}

#[derive(Serialize)]
struct PlanShape {
    schema: &'static str,
    projects: u64,
    subjects: u64,
    requests: u64,
    seconds: u64,
    mirrors: Vec<EstimateShape>,
}

#[derive(Serialize)]
struct EstimateShape {
    id: String,
    requests: u64,
    seconds: u64,
}

/// The plan of a sweep as JSON.
pub(super) fn render_plan_shape(plan: &SweepPlan) -> String {
    let of_mirror = |estimate: &venin_mirror::plan::MirrorEstimate| EstimateShape {
        id: estimate.mirror.clone(),
        requests: estimate.requests,
        seconds: estimate.time.as_secs(),
    };
    render_shape(&PlanShape {
        schema: PLAN_SCHEMA,
        projects: plan.projects,
        subjects: plan.subjects,
        requests: plan.requests,
        seconds: plan.time.as_secs(),
        mirrors: plan.mirrors.iter().map(of_mirror).collect(),
    })
}

/// The plan of a sweep.
pub(super) fn render_sweep_plan(plan: &SweepPlan) -> String {
    let mut text = format!(
        "{} with {} on {}\n",
        count_of(plan.projects, "project", "projects"),
        count_of(plan.subjects, "known file, release or project", "known files, releases and projects"),
        count_of(plan.mirrors.len() as u64, "mirror", "mirrors"),
    );
    for estimate in &plan.mirrors {
        let requests = count_of(estimate.requests, "request", "requests");
        let time = render_span(estimate.time);
        text.push_str(&format!("  {}: at most {requests}, {time}\n", escape_text(&estimate.mirror)));
    }
    let requests = count_of(plan.requests, "request", "requests");
    text.push_str(&format!("at most {requests} in {}; nothing was sent\n", render_span(plan.time)));
    text
}

fn render_span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// The residual rates as the study prints them, and how long mirrors keep what was removed.
pub(super) fn render_residual(report: &ResidualReport) -> String {
    let mut text = format!(
        "{} of {} {}s are still on at least one mirror\n\n{:<24} {:>8} {:>10} {:>8} {:>9} {:>17}\n",
        report.found_anywhere,
        report.looked_for,
        report.unit,
        "mirror",
        "found",
        "looked for",
        "unknown",
        "residual",
        "of those judged"
    );
    for line in &report.mirrors {
        let interval = line.interval.map_or_else(
            || "-".to_owned(),
            |(low, high)| format!("{:.2} to {:.2} %", low * 100.0, high * 100.0),
        );
        let row = &line.row;
        text.push_str(&format!(
            "{:<24} {:>8} {:>10} {:>8} {:>7.2} % {interval:>17}\n",
            escape_text(&row.mirror),
            row.found,
            row.looked_for,
            row.unknown,
            line.rate * 100.0
        ));
    }
    if !report.survival.is_empty() {
        text.push_str("\nAfter the index removed it, until it is gone:\n");
        report.survival.iter().for_each(|survival| text.push_str(&render_survival(survival)));
    }
    text
}

fn render_survival(survival: &SurvivalReport) -> String {
    let mirror = survival.mirror.as_deref().unwrap_or("all mirrors");
    let what = if survival.what == "index" { "entries" } else { "files" };
    let half = match (survival.median_days, survival.median_span) {
        (Some(days), Some((after, Some(by)))) => {
            format!("half within {days:.1} days (between {after:.1} and {by:.1})")
        }
        (Some(days), _) => format!("half within {days:.1} days"),
        (None, _) => "more than half were there at the last look".to_owned(),
    };
    format!("  {} {what}: {} of {} gone, {half}\n", escape_text(mirror), survival.gone, survival.subjects)
}
