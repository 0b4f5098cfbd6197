//! The printed report of an evaluation.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::Result;
use venin_model::Persona;

use super::Scanned;
use super::lists::Doubtful;
use super::measure::{
    Joined, flagged_projects, is_judged, n_projects, recall, recall_without,
    threshold_without_false_positives, upper_bound,
};

/// Tags of the public labels and the behavior each speaks for.
const TAGS: &[(&str, &str)] = &[
    ("basic_exfiltration", "information stealing"),
    ("exfiltration_generic", "information stealing"),
    ("infostealer", "information stealing"),
    ("exfiltration_credentials", "information stealing"),
    ("exfiltration_browser_data", "information stealing"),
    ("files_exfiltration", "information stealing"),
    ("remote_executable", "unauthorized file operation"),
    ("remote_script", "code execution"),
    ("remote_commands", "remote control"),
    ("revshell", "remote control"),
    ("RAT", "remote control"),
];

/// Prints the report to standard output.
pub(crate) fn print_report(joined: &Joined, doubtful: &[Doubtful], names: usize) -> Result<()> {
    let mut out = String::new();
    render_coverage(joined, &mut out)?;
    render_points(joined, &mut out)?;
    render_without(joined, doubtful, &mut out)?;
    render_behaviors(joined, &mut out)?;
    let team = venin_scan::thresholds(Persona::Team);
    render_misses(joined, team.malicious, names, &mut out)?;
    render_false_positives(joined, team.suspicious, &mut out)?;
    std::io::stdout().write_all(out.as_bytes())?;
    Ok(())
}

fn render_coverage(joined: &Joined, out: &mut String) -> Result<()> {
    let judged = joined.malicious.iter().filter(|(m, _)| is_judged(m)).count();
    let unscanned = joined.malicious.iter().filter(|(_, s)| s.is_none()).count();
    let unscanned_benign = joined.benign.iter().filter(|(_, s)| s.is_none()).count();
    let incomplete = |complete: Option<bool>| complete == Some(false);
    let n = joined.malicious.iter().filter(|(_, s)| incomplete(s.as_ref().map(|s| s.is_complete))).count();
    let nb = joined.benign.iter().filter(|(_, s)| incomplete(s.as_ref().map(|s| s.is_complete))).count();
    writeln!(
        out,
        "malicious: {} archives, {judged} with code to judge, {unscanned} not scanned, {n} incomplete",
        joined.malicious.len()
    )?;
    writeln!(
        out,
        "benign:    {} archives of {} projects, {unscanned_benign} not scanned, {nb} incomplete",
        joined.benign.len(),
        n_projects(joined)
    )?;
    if !joined.honest.is_empty() {
        let incomplete = joined.honest.iter().filter(|(_, s)| !s.is_complete).count();
        writeln!(out, "honest:    {} further archives, {incomplete} incomplete", joined.honest.len())?;
    }
    for class in ["placeholder", "no_python", "unreadable"] {
        let rows: Vec<_> = joined.malicious.iter().filter(|(m, _)| m.class == class).collect();
        if !rows.is_empty() {
            let limit = venin_scan::thresholds(Persona::Team).suspicious;
            let found = rows.iter().filter(|(_, s)| s.as_ref().is_some_and(|s| s.score >= limit)).count();
            writeln!(out, "apart:     {class}: {found} of {} suspicious or worse", rows.len())?;
        }
    }
    Ok(())
}

fn render_points(joined: &Joined, out: &mut String) -> Result<()> {
    let n = n_projects(joined);
    let further = if joined.honest.is_empty() { "" } else { "  further honest" };
    writeln!(
        out,
        "\noperating point          score  campaigns   late  archives  benign projects (95 % upper bound){further}"
    )?;
    let mut points = Vec::new();
    for persona in Persona::ALL {
        let limits = venin_scan::thresholds(*persona);
        points.push((format!("{persona} malicious"), limits.malicious));
        points.push((format!("{persona} suspicious"), limits.suspicious));
    }
    points.push(("no false positive".to_owned(), threshold_without_false_positives(joined)));
    for (title, threshold) in points {
        let found = recall(joined, threshold);
        let flagged = flagged_projects(joined, threshold).len();
        let honest = joined.honest.iter().filter(|(_, s)| s.score >= threshold).count();
        let honest = match joined.honest.len() {
            0 => String::new(),
            all => format!(", {honest} of {all} ({:.1} %)", 100.0 * upper_bound(honest, all)),
        };
        writeln!(
            out,
            "{title:<23}{threshold:>7.2}{:>10.1}%{:>6.1}%{:>9.1}%  {flagged} of {n} ({:.1} %){honest}",
            100.0 * found.by_campaign,
            100.0 * found.by_late_campaign,
            100.0 * found.by_archive,
            100.0 * upper_bound(flagged, n),
        )?;
    }
    Ok(())
}

/// The same recall without doubted archives.  It flatters: nobody reviews the archives that were found.
fn render_without(joined: &Joined, doubtful: &[Doubtful], out: &mut String) -> Result<()> {
    if doubtful.is_empty() {
        return Ok(());
    }
    let mut judgements: BTreeMap<&str, usize> = BTreeMap::new();
    for row in doubtful {
        *judgements.entry(&row.judgement).or_default() += 1;
    }
    let judgements: Vec<String> =
        judgements.iter().map(|(judgement, n)| format!("{n} {judgement}")).collect();
    writeln!(
        out,
        "\nwithout {} archives whose label a reviewer doubts ({}); a judgement over missed archives alone",
        doubtful.len(),
        judgements.join(", ")
    )?;
    for persona in Persona::ALL {
        let threshold = venin_scan::thresholds(*persona).malicious;
        let found = recall_without(joined, threshold, doubtful);
        writeln!(
            out,
            "{:<23}{threshold:>7.2}{:>10.1}%{:>6.1}%{:>9.1}%",
            format!("{persona} malicious"),
            100.0 * found.by_campaign,
            100.0 * found.by_late_campaign,
            100.0 * found.by_archive,
        )?;
    }
    Ok(())
}

fn render_behaviors(joined: &Joined, out: &mut String) -> Result<()> {
    let mut agreement: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (row, scanned) in joined.malicious.iter().filter(|(m, _)| is_judged(m)) {
        let (Some(tags), Some(scanned)) = (joined.labels.get(&row.package), scanned) else { continue };
        for (tag, behavior) in TAGS {
            if tags.iter().any(|t| t == tag) {
                let entry = agreement.entry(behavior).or_default();
                entry.0 += usize::from(scanned.behaviors.iter().any(|b| b == behavior));
                entry.1 += 1;
            }
        }
    }
    writeln!(out, "\nagreement with public labels, where they speak (archives times tags)")?;
    for (behavior, (agree, all)) in agreement {
        writeln!(out, "  {behavior:<30} {agree} of {all}")?;
    }
    Ok(())
}

fn render_misses(joined: &Joined, threshold: f64, names: usize, out: &mut String) -> Result<()> {
    let mut missed: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for (row, scanned) in joined.malicious.iter().filter(|(m, _)| is_judged(m)) {
        *sizes.entry(&row.campaign).or_default() += 1;
        let score = scanned.as_ref().map(|s| s.score);
        if score.is_none_or(|s| s < threshold) {
            let score = score.map_or("not scanned".to_owned(), |s| format!("{s:.2}"));
            missed
                .entry(&row.campaign)
                .or_default()
                .push(format!("{} {} ({score})", row.package, row.version));
        }
    }
    writeln!(out, "\nmissed at {threshold:.2}: {} campaigns in part or whole", missed.len())?;
    let mut rows: Vec<_> = missed.into_iter().collect();
    rows.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.0.cmp(b.0)));
    for (campaign, packages) in rows.into_iter().take(names) {
        let of = sizes.get(campaign).copied().unwrap_or(0);
        let shown: Vec<&str> = packages.iter().take(4).map(String::as_str).collect();
        writeln!(out, "  {campaign}: {} of {of}: {}", packages.len(), shown.join(", "))?;
    }
    Ok(())
}

fn render_false_positives(joined: &Joined, threshold: f64, out: &mut String) -> Result<()> {
    let mut rows: Vec<_> = joined
        .benign
        .iter()
        .filter_map(|(b, s)| s.as_ref().map(|s| (b, s)))
        .filter(|(_, s)| s.score >= threshold)
        .collect();
    rows.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
    writeln!(out, "\nbenign at or above {threshold:.2}: {} archives", rows.len())?;
    for (benign, scanned) in rows {
        render_flagged(&benign.file, scanned, out)?;
    }
    let mut rows: Vec<_> = joined.honest.iter().filter(|(_, s)| s.score >= threshold).collect();
    rows.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
    if !joined.honest.is_empty() {
        writeln!(out, "\nfurther honest projects at or above {threshold:.2}: {}", rows.len())?;
    }
    for (_, scanned) in rows {
        render_flagged(&scanned.path, scanned, out)?;
    }
    Ok(())
}

fn render_flagged(file: &str, scanned: &Scanned, out: &mut String) -> Result<()> {
    let mut rules = scanned.rules.clone();
    rules.dedup();
    rules.truncate(8);
    writeln!(out, "  {:.2}  {file}: {}", scanned.score, rules.join(", "))?;
    Ok(())
}

/// Writes one JSON line an artifact.
pub(crate) fn write_rows(joined: &Joined, path: &Path) -> Result<()> {
    let mut out = String::new();
    for (row, scanned) in &joined.malicious {
        let scanned = scanned.as_ref();
        let value = serde_json::json!({
            "malicious": true, "package": row.package, "file": row.file, "sha256": row.sha256, "class": row.class,
            "campaign": row.campaign, "late": row.late,
            "score": scanned.map(|s| s.score), "rules": scanned.map(|s| &s.rules),
        });
        writeln!(out, "{value}")?;
    }
    for (row, scanned) in &joined.benign {
        let scanned = scanned.as_ref();
        let value = serde_json::json!({
            "malicious": false, "package": row.package, "file": row.file, "sha256": row.sha256,
            "score": scanned.map(|s| s.score), "rules": scanned.map(|s| &s.rules),
        });
        writeln!(out, "{value}")?;
    }
    std::fs::write(path, out)?;
    Ok(())
}
