//! OSV records (schema 1.7) of malicious releases, as the OpenSSF collection of malicious packages takes them in.
//!
//! That collection wants exactly one affected package, details that say why, a credit or a reference, indicators
//! under `database_specific.iocs`, and neither `id` nor `summary`: it gives both itself.  The origin entry holds the
//! digest of the record without origins, by which an importer knows a record again.

use serde::Serialize;
use sha2::{Digest, Sha256};
use venin_model::Verdict;
use venin_package::normalize_name;

use crate::artifact::{ArtifactReport, FindingReport};
use crate::escape::{escape_text, shorten};
use crate::json::render_line;
use crate::run::Tool;

/// Who says it, and when.
#[derive(Debug, Clone, Copy)]
pub struct OsvOrigin<'a> {
    /// The program.
    pub tool: &'a Tool,
    /// The time of the scan in UTC (RFC 3339, ending in `Z`).
    pub time: &'a str,
}

/// Most findings that the details name.
const MAX_NAMED: usize = 3;
/// Longest details, in characters.
const MAX_DETAILS: usize = 4_000;
/// The version of the schema.
const SCHEMA_VERSION: &str = "1.7.0";

/// The record of a malicious artifact as one line of JSON with a line feed; `None` when it is not malicious.
///
/// # Errors
/// A sentence part that says why there can be no record: the artifact names no project or no version, and an
/// invented one would accuse somebody else.
pub fn render_osv(artifact: &ArtifactReport, origin: OsvOrigin<'_>) -> Result<Option<String>, String> {
    if artifact.verdict != Verdict::Malicious {
        return Ok(None);
    }
    let missing = |what: &str| format!("it states no {what}, without which there can be no OSV record");
    let name = artifact.name.as_deref().filter(|name| !name.trim().is_empty());
    let name = normalize_name(name.ok_or_else(|| missing("project name"))?);
    let version = artifact.version.clone().filter(|version| !version.trim().is_empty());
    let version = version.ok_or_else(|| missing("version"))?;
    let mut record = build_record(artifact, &name, &version, origin);
    let sha256 = Sha256::digest(render_line(&record).trim_end().as_bytes());
    record.database_specific.origins.push(Origin {
        source: "venin",
        sha256: sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        import_time: origin.time,
        modified_time: origin.time,
        versions: vec![&version],
    });
    Ok(Some(render_line(&record)))
}

fn build_record<'a>(
    artifact: &'a ArtifactReport,
    name: &'a str,
    version: &'a str,
    origin: OsvOrigin<'a>,
) -> Record<'a> {
    let file = File { name: &artifact.file, sha256: artifact.sha256.as_deref() };
    let indicators = &artifact.indicators;
    Record {
        schema_version: SCHEMA_VERSION,
        modified: origin.time,
        published: origin.time,
        details: compose_details(artifact),
        affected: [Affected {
            package: Package { ecosystem: "PyPI", name },
            versions: [version],
            database_specific: AffectedSpecific { cwes: [CWE_506], files: [file] },
        }],
        credits: [Credit { name: format!("{} {}", origin.tool.name, origin.tool.version), kind: "TOOL" }],
        database_specific: DatabaseSpecific {
            iocs: Iocs { domains: &indicators.hosts, urls: &indicators.urls, ip_addresses: &indicators.ips },
            origins: Vec::new(),
        },
    }
}

/// A few sentences: what it does, when, on what evidence, and how that is known.
fn compose_details(artifact: &ArtifactReport) -> String {
    let join = |words: Vec<&str>| words.join(", ");
    let lists = [
        ("Behavior", join(artifact.behaviors.iter().map(|b| b.as_str()).collect())),
        ("Triggered by", join(artifact.triggers.iter().map(|t| t.as_str()).collect())),
        ("Techniques", join(artifact.techniques.iter().map(|t| t.as_str()).collect())),
    ];
    let mut parts: Vec<String> = Vec::new();
    if !artifact.summary.is_empty() {
        parts.push(artifact.summary.clone());
    }
    let said = lists.iter().filter(|(_, value)| !value.is_empty());
    parts.extend(said.map(|(label, value)| format!("{label}: {value}.")));
    let named: Vec<String> = artifact.findings.iter().take(MAX_NAMED).map(name_finding).collect();
    if !named.is_empty() {
        parts.push(format!("Evidence: {}.", named.join("; ")));
    }
    parts.push(format!("Found by static analysis of {}; nothing was run.", artifact.file));
    without_markup(&shorten(&parts.join(" "), MAX_DETAILS))
}

fn name_finding(finding: &FindingReport) -> String {
    let title = finding.title.trim_end_matches('.');
    match &finding.place {
        Some(place) if place.layer > 0 => {
            format!("{title} ({} line {}, after {} decodings)", place.member, place.line, place.layer)
        }
        Some(place) => format!("{title} ({} line {})", place.member, place.line),
        None => title.to_owned(),
    }
}

/// Details are Markdown; a package's own text must not become a link, an image or markup.
fn without_markup(text: &str) -> String {
    escape_text(text).replace("](", "] (").replace('<', "&lt;")
}

#[derive(Serialize)]
struct Record<'a> {
    schema_version: &'static str,
    modified: &'a str,
    published: &'a str,
    details: String,
    affected: [Affected<'a>; 1],
    credits: [Credit; 1],
    database_specific: DatabaseSpecific<'a>,
}

#[derive(Serialize)]
struct Affected<'a> {
    package: Package<'a>,
    versions: [&'a str; 1],
    database_specific: AffectedSpecific<'a>,
}

#[derive(Serialize)]
struct Package<'a> {
    ecosystem: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct AffectedSpecific<'a> {
    cwes: [Cwe; 1],
    files: [File<'a>; 1],
}

#[derive(Serialize)]
struct Cwe {
    #[serde(rename = "cweId")]
    id: &'static str,
    name: &'static str,
    description: &'static str,
}

/// The weakness that all such records name.
const CWE_506: Cwe = Cwe {
    id: "CWE-506",
    name: "Embedded Malicious Code",
    description: "The product contains code that appears to be malicious in nature.",
};

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    sha256: Option<&'a str>,
}

#[derive(Serialize)]
struct Credit {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct DatabaseSpecific<'a> {
    iocs: Iocs<'a>,
    #[serde(rename = "malicious-packages-origins", skip_serializing_if = "Vec::is_empty")]
    origins: Vec<Origin<'a>>,
}

#[derive(Serialize)]
struct Iocs<'a> {
    domains: &'a [String],
    urls: &'a [String],
    ip_addresses: &'a [String],
}

#[derive(Serialize)]
struct Origin<'a> {
    source: &'static str,
    sha256: String,
    import_time: &'a str,
    modified_time: &'a str,
    versions: Vec<&'a str>,
}
