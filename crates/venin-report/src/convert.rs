//! From a scan to its report.

use venin_model::{Evidence, Finding, Gap, Site};
use venin_scan::{
    Attributes, CallSeen, CallTokens, Contents, Coverage, Indicators, MaliciousFile, Scan, Sequence, Share,
};

use crate::artifact::{
    ArtifactReport, AttributesReport, CallReport, CallTokensReport, ContentsReport, CoverageReport,
    EvidenceReport, Explanation, FindingReport, GapReport, IndicatorReport, Isolation, MaliciousFileReport,
    MemberReport, Place, SCHEMA, SequenceReport, ShareReport, StepReport, Timings,
};
use crate::identity::finding_id;
use crate::sentence::compose_summary;

impl From<&Scan> for ArtifactReport {
    /// `target` is the file's name, `isolated` and `timings` are empty: the program that ran the scan knows better.
    fn from(scan: &Scan) -> Self {
        let findings: Vec<FindingReport> = scan.findings.iter().map(FindingReport::from).collect();
        Self {
            schema: SCHEMA.to_owned(),
            target: scan.file.clone(),
            name: scan.name.clone(),
            version: scan.version.clone(),
            file: scan.file.clone(),
            sha256: Some(scan.sha256.clone()),
            size: scan.size,
            kind: Some(scan.kind),
            verdict: scan.verdict,
            score: finite(scan.score),
            complete: scan.coverage.is_complete(),
            summary: compose_summary(&findings),
            behaviors: scan.behaviors.clone(),
            vectors: scan.vectors.clone(),
            triggers: scan.triggers.iter().collect(),
            techniques: scan.techniques.clone(),
            sequence: scan.sequences.iter().map(SequenceReport::from).collect(),
            findings,
            suppressed: Vec::new(),
            indicators: IndicatorReport::from(&scan.indicators),
            coverage: CoverageReport::from(&scan.coverage),
            explanation: Explanation {
                prior: finite(scan.prior),
                shares: scan.shares.iter().map(ShareReport::from).collect(),
            },
            isolated: Isolation::default(),
            timings: Timings::default(),
            contents: scan.contents.as_ref().map(ContentsReport::from),
            attributes: scan.attributes.as_ref().map(AttributesReport::from),
        }
    }
}

impl From<&Sequence> for SequenceReport {
    fn from(sequence: &Sequence) -> Self {
        let steps: Vec<StepReport> = sequence
            .steps
            .iter()
            .map(|step| StepReport {
                class: step.class.to_string(),
                call: step.name.to_string(),
                member: step.site.member.to_string(),
                line: step.site.line,
                cited: step.is_cited,
            })
            .collect();
        let classes: String = steps.iter().map(|step| format!("{} -> ", step.class)).collect();
        Self {
            trigger: sequence.trigger,
            notation: format!("S -> {classes}E"),
            steps,
            omitted: sequence.omitted,
        }
    }
}

impl From<&Contents> for ContentsReport {
    fn from(contents: &Contents) -> Self {
        let member = |m: &venin_scan::MemberDigest| MemberReport {
            path: m.path.clone(),
            size: m.size,
            sha256: m.sha256.clone(),
        };
        Self {
            members: contents.members.iter().map(member).collect(),
            dependencies: contents.dependencies.clone(),
            entry_points: contents.entry_points.clone(),
            calls: contents.calls.iter().map(CallReport::from).collect(),
            cut: contents.is_cut,
        }
    }
}

impl From<&Attributes> for AttributesReport {
    fn from(attributes: &Attributes) -> Self {
        let file = |file: &MaliciousFile| MaliciousFileReport {
            path: file.path.clone(),
            depth: file.depth,
            lines: file.lines,
            malicious_lines: file.malicious_lines,
            extent: file.extent,
        };
        let call = |call: &CallTokens| CallTokensReport {
            trigger: call.trigger,
            class: call.class.to_string(),
            call: call.name.to_string(),
            parameters: call.parameters.clone(),
            cited: call.is_cited,
        };
        Self {
            python_files: attributes.python_files,
            python_lines: attributes.python_lines,
            depth: attributes.depth,
            malicious_files: attributes.malicious_files.iter().map(file).collect(),
            conditions: attributes.conditions.clone(),
            calls: attributes.calls.iter().map(call).collect(),
            omitted_calls: attributes.omitted_calls,
            normal_sha256: attributes.normal_sha256.clone(),
            tlsh: attributes.tlsh.clone(),
        }
    }
}

impl From<&CallSeen> for CallReport {
    fn from(call: &CallSeen) -> Self {
        Self {
            trigger: call.trigger,
            class: call.class.to_string(),
            call: call.name.to_string(),
            member: call.site.member.to_string(),
            line: call.site.line,
            snippet: call.site.snippet.to_string(),
            count: call.count,
        }
    }
}

/// JSON has no infinity and no NaN, and a user's rule page may state either as a weight.  Beyond a million nothing
/// changes any more.
fn finite(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.clamp(-1e6, 1e6) }
}

impl From<&Site> for Place {
    fn from(site: &Site) -> Self {
        Self {
            member: site.member.to_string(),
            line: site.line,
            column: site.column,
            end_line: site.end_line,
            end_column: site.end_column,
            layer: site.layer,
            layer_line: site.layer_line,
            snippet: site.snippet.to_string(),
            mark_start: site.mark_start,
            mark_length: site.mark_length,
        }
    }
}

impl From<&Finding> for FindingReport {
    fn from(finding: &Finding) -> Self {
        let place = finding.site.as_ref().map(Place::from);
        Self {
            id: finding_id(&finding.rule, place.as_ref()),
            rule: finding.rule.to_string(),
            title: finding.title.to_string(),
            behavior: finding.behavior,
            technique: finding.technique,
            severity: finding.severity,
            confidence: finding.confidence,
            weight: finite(finding.weight),
            message: finding.message.to_string(),
            place,
            decoding: finding.decoding.iter().map(ToString::to_string).collect(),
            trigger: finding.trigger,
            origins: finding.origins.iter().map(ToString::to_string).collect(),
            attack: finding.attack.iter().map(ToString::to_string).collect(),
            evidence: finding.evidence.iter().map(EvidenceReport::from).collect(),
            further: finding.further,
        }
    }
}

impl From<&Evidence> for EvidenceReport {
    fn from(evidence: &Evidence) -> Self {
        Self {
            step: evidence.step.to_string(),
            detail: evidence.detail.to_string(),
            place: evidence.site.as_ref().map(Place::from),
        }
    }
}

impl From<&Indicators> for IndicatorReport {
    fn from(indicators: &Indicators) -> Self {
        let Indicators { urls, hosts, ips, emails, wallets, tokens } = indicators.clone();
        Self { urls, hosts, ips, emails, wallets, tokens }
    }
}

impl From<&Coverage> for CoverageReport {
    fn from(coverage: &Coverage) -> Self {
        Self {
            members: coverage.members,
            bytes: coverage.bytes,
            python: coverage.python,
            layers: coverage.layers,
            complete: coverage.is_complete(),
            gaps: coverage.gaps.iter().map(GapReport::from).collect(),
        }
    }
}

impl From<&Gap> for GapReport {
    fn from(gap: &Gap) -> Self {
        Self {
            member: gap.member.as_ref().map(ToString::to_string),
            kind: gap.kind,
            detail: gap.detail.to_string(),
        }
    }
}

impl From<&Share> for ShareReport {
    fn from(share: &Share) -> Self {
        Self {
            rule: share.rule.to_string(),
            log_odds: finite(share.log_odds),
            reason: share.reason.as_ref().map(ToString::to_string),
        }
    }
}
