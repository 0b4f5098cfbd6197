//! SARIF 2.1.0, the part that code scanning services read.
//!
//! Findings of artifacts that are clean at the persona in force are left out: a service would show each as an alert.
//! What was not looked at becomes a notification of the invocation.

mod shapes;
mod uri;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use venin_model::{Confidence, Severity, Verdict};

use crate::artifact::{ArtifactReport, EvidenceReport, FindingReport, GapReport, Place};
use crate::attack::{attack_name, list_attack};
use crate::decoding::render_decodings;
use crate::escape::{escape_text, shorten};
use crate::json::render_pretty;
use crate::run::{Problem, RunReport};
use crate::text::plural;
use shapes::{
    ArtifactLocation, CodeFlow, ComponentReference, Configuration, Descriptor, Driver, Help, Invocation,
    Location, Log, Message, Notification, PhysicalLocation, Reference, Region, ResultProperties, Rule,
    RuleProperties, Run, RunProperties, SarifResult, Taxon, TaxonReference, Taxonomy, ThreadFlow,
    ThreadFlowLocation, ToolShape,
};
use uri::relative_uri;

const SCHEMA_URI: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What a rule's page says, for the help that a viewer shows beside a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleHelp {
    /// The rule's id.
    pub id: String,
    /// The page's prose, as Markdown.
    pub markdown: String,
}

/// The run as one SARIF log, with a line feed at its end.  `help` may lack rules; their titles serve then.
#[must_use]
pub fn render_sarif(run: &RunReport, help: &[RuleHelp]) -> String {
    let mut rules = RuleTable::default();
    let mut results = Vec::new();
    for artifact in run.artifacts.iter().filter(|a| a.verdict != Verdict::Clean) {
        for finding in &artifact.findings {
            let index = rules.index_of(finding, help);
            results.push(build_result(artifact, finding, index));
        }
    }
    number_twins(&mut results);
    let driver = Driver {
        name: run.tool.name.clone(),
        version: run.tool.version.clone(),
        semantic_version: run.tool.version.clone(),
        rules: rules.rules,
        notifications: vec![
            Descriptor { id: GAP, short_description: message("something was not looked at") },
            Descriptor { id: PROBLEM, short_description: message("a target could not be scanned") },
            Descriptor { id: SUPPRESSED, short_description: message("findings are suppressed") },
        ],
    };
    let run_shape = Run {
        tool: ToolShape { driver },
        taxonomies: build_taxonomies(run),
        invocations: vec![build_invocation(run)],
        results,
        column_kind: "unicodeCodePoints",
        properties: RunProperties { persona: run.persona.as_str() },
    };
    render_pretty(&Log { schema: SCHEMA_URI, version: "2.1.0", runs: vec![run_shape] })
}

const ATTACK: &str = "MITRE ATT&CK";

/// The techniques that results cite.
fn build_taxonomies(run: &RunReport) -> Vec<Taxonomy> {
    let shown = run.artifacts.iter().filter(|a| a.verdict != Verdict::Clean);
    let ids: BTreeSet<&str> = shown.flat_map(|a| list_attack(&a.findings)).map(|(id, _)| id).collect();
    let taxon = |id: &str| Taxon {
        id: id.to_owned(),
        short_description: message(attack_name(id).unwrap_or("a technique of the user's own rules")),
    };
    let taxa: Vec<Taxon> = ids.into_iter().map(taxon).collect();
    if taxa.is_empty() {
        return Vec::new();
    }
    let short_description = message("Adversarial tactics, techniques and common knowledge");
    vec![Taxonomy { name: ATTACK, organization: "MITRE", short_description, taxa }]
}

const GAP: &str = "gap";
const PROBLEM: &str = "problem";
const SUPPRESSED: &str = "suppressed";

/// The rules that have results, in order of first use.
#[derive(Default)]
struct RuleTable {
    rules: Vec<Rule>,
    indices: BTreeMap<String, (usize, Severity)>,
}

impl RuleTable {
    /// The rule's index; a rule is as severe as its most severe result.
    fn index_of(&mut self, finding: &FindingReport, help: &[RuleHelp]) -> usize {
        let next = self.rules.len();
        let entry = self.indices.entry(finding.rule.clone()).or_insert((next, finding.severity));
        let (index, severity) = *entry;
        match self.rules.get_mut(index) {
            None => self.rules.push(build_rule(finding, help)),
            Some(rule) if finding.severity > severity => {
                entry.1 = finding.severity;
                rule.default_configuration.level = level(finding.severity);
                rule.properties.security_severity = security_severity(finding.severity);
            }
            Some(_) => {}
        }
        index
    }
}

fn build_rule(finding: &FindingReport, help: &[RuleHelp]) -> Rule {
    let page = help.iter().find(|page| page.id == finding.rule).map(|page| page.markdown.clone());
    let text = page.unwrap_or_else(|| finding.title.clone());
    let mut tags = vec!["security".to_owned(), "supply-chain".to_owned()];
    tags.extend(finding.behavior.map(|b| b.as_str().to_owned()));
    tags.extend(finding.technique.map(|t| t.as_str().to_owned()));
    tags.extend(finding.attack.iter().take(10).map(|id| format!("external/attack/{}", id.to_lowercase())));
    Rule {
        id: finding.rule.clone(),
        name: finding.rule.clone(),
        short_description: message(&finding.title),
        full_description: message(&finding.title),
        help: Help { text: text.clone(), markdown: text },
        default_configuration: Configuration { level: level(finding.severity) },
        properties: RuleProperties {
            tags,
            precision: match finding.confidence {
                Confidence::High => "very-high",
                Confidence::Medium => "high",
                Confidence::Low => "medium",
            },
            security_severity: security_severity(finding.severity),
        },
    }
}

fn build_result(artifact: &ArtifactReport, finding: &FindingReport, rule_index: usize) -> SarifResult {
    let text = if finding.message.is_empty() { &finding.title } else { &finding.message };
    let steps: Vec<ThreadFlowLocation> =
        finding.evidence.iter().filter_map(|e| build_step(artifact, e)).collect();
    let has_flow = steps.len() > 1;
    SarifResult {
        rule_id: finding.rule.clone(),
        rule_index,
        level: level(finding.severity),
        message: message(&with_decodings(text, finding)),
        locations: vec![build_location(artifact, finding.place.as_ref(), None)],
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, fingerprint(artifact, finding))]),
        code_flows: if has_flow {
            vec![CodeFlow { thread_flows: vec![ThreadFlow { locations: steps }] }]
        } else {
            vec![]
        },
        taxa: finding.attack.iter().map(|id| refer_to_taxon(id)).collect(),
        properties: ResultProperties {
            finding: finding.id.clone(),
            artifact: artifact.shown_name().to_owned(),
            verdict: artifact.verdict.as_str(),
            score: artifact.score,
            confidence: finding.confidence.as_str(),
            trigger: finding.trigger.as_str(),
            layer: finding.place.as_ref().map_or(0, |place| place.layer),
            security_severity: security_severity(finding.severity),
        },
    }
}

/// Services show the message and little else: the decodings go there.
fn with_decodings<'a>(text: &'a str, finding: &FindingReport) -> Cow<'a, str> {
    if finding.decoding.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{text} (decoded by {})", render_decodings(&finding.decoding)))
}

fn refer_to_taxon(id: &str) -> TaxonReference {
    TaxonReference { id: id.to_owned(), tool_component: ComponentReference { name: ATTACK } }
}

fn build_step(artifact: &ArtifactReport, evidence: &EvidenceReport) -> Option<ThreadFlowLocation> {
    let place = evidence.place.as_ref()?;
    let text = format!("{} {}", evidence.step, evidence.detail);
    Some(ThreadFlowLocation { location: build_location(artifact, Some(place), Some(message(text.trim()))) })
}

/// A finding about the whole artifact points at its first line: services drop results without a region.
fn build_location(artifact: &ArtifactReport, place: Option<&Place>, text: Option<Message>) -> Location {
    let uri = relative_uri(artifact, place.map(|p| p.member.as_str()));
    let region = place.map_or(
        Region { start_line: 1, start_column: 1, end_line: 1, end_column: None, snippet: None },
        build_region,
    );
    let physical_location =
        PhysicalLocation { artifact_location: ArtifactLocation { uri }, region: Some(region) };
    Location { physical_location, message: text }
}

fn build_region(place: &Place) -> Region {
    let (start_line, start_column) = (place.line.max(1), place.column.max(1));
    let end_line = place.end_line.max(start_line);
    let is_forward = end_line > start_line || place.end_column > start_column;
    Region {
        start_line,
        start_column,
        end_line,
        end_column: Some(place.end_column).filter(|column| *column > 0 && is_forward),
        // The snippet of a decoded layer is not what stands at this region of the file.
        snippet: Some(&place.snippet)
            .filter(|s| place.layer == 0 && !s.is_empty())
            .map(|s| Message { text: s.clone() }),
    }
}

/// The fingerprint by which GitHub knows an alert again.
const FINGERPRINT: &str = "primaryLocationLineHash";

/// Stable against moved lines and new versions: the project, the member, the rule and the line's text.  A
/// cryptographic digest, since an attacker who could hit the fingerprint of a dismissed alert would hide behind it.
fn fingerprint(artifact: &ArtifactReport, finding: &FindingReport) -> String {
    let project = artifact.name.as_deref().unwrap_or(&artifact.file);
    let place = finding.place.as_ref();
    let member = place.map_or("", |p| p.member.as_str());
    let snippet = place.map_or("", |p| p.snippet.as_str());
    let mut digest = Sha256::new();
    for part in [project, &finding.rule, member, snippet] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Appends `:1`, `:2`, ... so that equal lines stay apart.
fn number_twins(results: &mut [SarifResult]) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for hash in results.iter_mut().flat_map(|result| result.partial_fingerprints.values_mut()) {
        let count = seen.entry(hash.clone()).or_default();
        *count += 1;
        hash.push_str(&format!(":{count}"));
    }
}

fn build_invocation(run: &RunReport) -> Invocation {
    let gaps =
        run.artifacts.iter().flat_map(|a| a.coverage.gaps.iter().map(move |gap| gap_notification(a, gap)));
    Invocation {
        execution_successful: run.problems.is_empty(),
        tool_execution_notifications: gaps
            .chain(run.problems.iter().map(problem_notification))
            .chain(run.artifacts.iter().filter_map(suppression_notification))
            .collect(),
    }
}

fn gap_notification(artifact: &ArtifactReport, gap: &GapReport) -> Notification {
    let uri = relative_uri(artifact, gap.member.as_deref());
    let physical_location = PhysicalLocation { artifact_location: ArtifactLocation { uri }, region: None };
    Notification {
        descriptor: Reference { id: GAP },
        level: if gap.kind.is_incomplete() { "warning" } else { "note" },
        message: message(&format!("not looked at ({}): {}", gap.kind, gap.detail)),
        locations: vec![Location { physical_location, message: None }],
    }
}

/// Suppressed findings would be alerts again if they were results; that there are some is said.
fn suppression_notification(artifact: &ArtifactReport) -> Option<Notification> {
    let count = artifact.suppressed.len();
    let artifact_location = ArtifactLocation { uri: relative_uri(artifact, None) };
    let physical_location = PhysicalLocation { artifact_location, region: None };
    (count > 0).then(|| Notification {
        descriptor: Reference { id: SUPPRESSED },
        level: "note",
        message: message(&format!("the user's configuration suppresses {}", plural(count as u64, "finding"))),
        locations: vec![Location { physical_location, message: None }],
    })
}

fn problem_notification(problem: &Problem) -> Notification {
    Notification {
        descriptor: Reference { id: PROBLEM },
        level: "error",
        message: message(&format!("{}: {}", problem.target, problem.error)),
        locations: Vec::new(),
    }
}

/// A plain text message.  `[text](target)` would become a link (section 3.11.6), so hostile text loses the form.
fn message(text: &str) -> Message {
    Message { text: shorten(&escape_text(text).replace("](", "] ("), MAX_MESSAGE).into_owned() }
}

/// Longest message, in characters: services cut or refuse longer descriptions.
const MAX_MESSAGE: usize = 1000;

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.5",
    }
}
