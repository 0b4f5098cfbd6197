//! The notice of malware that an index's form asks for: what, where, why, and what to look for.
//!
//! Plain text that a person reads, checks and pastes.  Places are `path:line` in the file as uploaded, so that a
//! reader finds them in any browser of its contents.

use venin_model::{Severity, Trigger, Verdict};

use crate::artifact::{ArtifactReport, FindingReport, Place};
use crate::attack::{attack_name, list_attack};
use crate::escape::{escape_text, shorten};
use crate::run::Tool;

/// Most findings told.
const MAX_FINDINGS: usize = 8;
/// Longest value shown, in characters.
const MAX_VALUE: usize = 400;
/// Most indicators of one kind.
const MAX_LISTED: usize = 50;

/// The notice on a malicious artifact, with an empty line at its end; `None` when it is not malicious.
#[must_use]
pub fn render_notice(artifact: &ArtifactReport, tool: &Tool) -> Option<String> {
    if artifact.verdict != Verdict::Malicious {
        return None;
    }
    let mut out = String::new();
    push_identity(&mut out, artifact);
    push_reasons(&mut out, &artifact.findings);
    push_indicators(&mut out, artifact);
    push_attack(&mut out, &artifact.findings);
    out.push_str(&format!(
        "\nFound by static analysis with {} {}; nothing was run.  Verdict malicious, score {:+.2} (log-odds).\n\n",
        escape_text(&tool.name),
        escape_text(&tool.version),
        artifact.score
    ));
    Some(out)
}

fn push_identity(out: &mut String, artifact: &ArtifactReport) {
    let lines = [
        ("Package", artifact.name.as_deref().unwrap_or("(not stated)")),
        ("Version", artifact.version.as_deref().unwrap_or("(not stated)")),
        ("File", &artifact.file),
        ("SHA-256", artifact.sha256.as_deref().unwrap_or("(not known)")),
    ];
    for (label, value) in lines {
        out.push_str(&format!("{:<10}{}\n", format!("{label}:"), plain(value)));
    }
    if let Some(place) = artifact.findings.iter().find_map(|finding| finding.place.as_ref()) {
        out.push_str(&format!("{:<10}{}\n", "Location:", render_place(place)));
    }
    if !artifact.summary.is_empty() {
        out.push_str(&format!("\n{}\n", plain(&artifact.summary)));
    }
    for sequence in &artifact.sequence {
        out.push_str(&format!("  {}: {}\n", sequence.trigger, plain(&sequence.notation)));
    }
}

fn push_reasons(out: &mut String, findings: &[FindingReport]) {
    let telling: Vec<&FindingReport> = findings.iter().filter(|f| f.severity > Severity::Low).collect();
    // A verdict can rest on many small things; then those are the reasons.
    let told = if telling.is_empty() { findings.iter().collect() } else { telling };
    if told.is_empty() {
        return;
    }
    out.push_str("\nWhy it is malicious:\n");
    for (number, finding) in (1..).zip(told.iter().take(MAX_FINDINGS)) {
        push_reason(out, number, finding);
    }
    if told.len() > MAX_FINDINGS {
        out.push_str(&format!("  and {} more findings\n", told.len() - MAX_FINDINGS));
    }
}

fn push_reason(out: &mut String, number: usize, finding: &FindingReport) {
    let trigger = match finding.trigger {
        Trigger::Data => String::new(),
        trigger => format!(", trigger {trigger}"),
    };
    let title = plain(&finding.title);
    out.push_str(&format!(
        "{number:>3}. {title} ({} severity{trigger}; rule {})\n",
        finding.severity,
        plain(&finding.rule)
    ));
    if let Some(place) = &finding.place {
        out.push_str(&format!("     {}\n", render_place(place)));
        if !place.snippet.trim().is_empty() {
            out.push_str(&format!("       {}\n", plain(&place.snippet)));
        }
    }
    if !finding.message.is_empty() && finding.message != finding.title {
        out.push_str(&format!("     {}\n", plain(&finding.message)));
    }
}

/// `pkg-1.0/setup.py:14`, and the layer where the code is not in the text itself.
fn render_place(place: &Place) -> String {
    let layer = match place.layer {
        0 => String::new(),
        layer => format!(" (in what {layer} decodings reveal, line {} there)", place.layer_line),
    };
    format!("{}:{}{layer}", plain(&place.member), place.line)
}

fn push_indicators(out: &mut String, artifact: &ArtifactReport) {
    let indicators = &artifact.indicators;
    let lists = [
        ("url", &indicators.urls),
        ("host", &indicators.hosts),
        ("ip", &indicators.ips),
        ("e-mail", &indicators.emails),
        ("wallet", &indicators.wallets),
        ("token", &indicators.tokens),
    ];
    if lists.iter().all(|(_, list)| list.is_empty()) {
        return;
    }
    out.push_str("\nIndicators of compromise:\n");
    for (label, list) in lists {
        for value in list.iter().take(MAX_LISTED) {
            out.push_str(&format!("  {label:<8}{}\n", plain(value)));
        }
        if list.len() > MAX_LISTED {
            out.push_str(&format!("  {label:<8}and {} more\n", list.len() - MAX_LISTED));
        }
    }
}

fn push_attack(out: &mut String, findings: &[FindingReport]) {
    let techniques = list_attack(findings);
    if techniques.is_empty() {
        return;
    }
    out.push_str("\nMITRE ATT&CK:\n");
    for (id, _) in techniques {
        out.push_str(&format!("  {:<11}{}\n", plain(id), attack_name(id).unwrap_or_default()));
    }
}

fn plain(text: &str) -> String {
    escape_text(&shorten(text, MAX_VALUE)).into_owned()
}
