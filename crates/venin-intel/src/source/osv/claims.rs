//! From a record to claims.
//!
//! For each thing that a record accuses (a file with its digest, a version, or the whole project) there is
//! - `advisory-published`, at the record's publication: the same text however often the record is changed later.  A
//!   version that was added later carries this date too; the claim below bounds it;
//! - `advisory-modified`, at the record's modification: what the record says now.  The things with the newest such
//!   claim of one record are those that it accuses now.  The first of them carries the record's whole detail;
//! - `reported`, by each report that was merged into the record, in the name of its source;
//! - `advisory-withdrawn` in place of `advisory-modified` when the record is taken back, and another for each of the
//!   reports that were merged into it: who merged them no longer stands by them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use venin_package::{parse_file_name, same_version};

use super::classify::{classify_record, source_sections};
use super::record::{Affected, NamedFile, Range, Record};
use crate::claim::{Claim, ClaimKind, Class, Digest, Interval, Moment, Subject, Surface};
use crate::source::SourceProblem;
use crate::source::detail::Detail;

/// Most versions of one record that are taken in.
const MAX_VERSIONS: usize = 20_000;
/// Most files of one package that are taken in.
const MAX_FILES: usize = 512;
/// Most claims of one record; a record that would make more is cut.
pub(super) const MAX_CLAIMS: usize = 200_000;

/// In whose name and when claims are made.
#[derive(Debug, Clone)]
pub struct Provenance<'a> {
    /// The name that claims carry as their source, and the feed of their surface.
    pub source: &'a str,
    /// The moment of collection; dates more than a day after it are no dates.
    pub now: Moment,
    /// Whether the place of the record says that it was taken back.
    pub place: Place,
}

/// What the place of a record says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Nothing.
    Plain,
    /// It lies among those that were taken back.
    Withdrawn,
}

/// What became of a record.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The claims, in a fixed order.
    pub claims: Vec<Claim>,
    /// What did not fit.
    pub problems: Vec<SourceProblem>,
    /// When the record was last changed, if it says so.
    pub modified: Option<Moment>,
    /// Why there are no claims, when there is nothing wrong either.
    pub skipped: Option<&'static str>,
}

/// Makes claims of a record that is about malice; `evidence` is the digest of the record's bytes.
#[must_use]
pub fn make_claims(record: &Record, evidence: Option<Digest>, from: &Provenance<'_>) -> Parsed {
    let mut maker = Maker { record, from, parsed: Parsed::default() };
    let modified = maker.date("modified", &record.modified);
    maker.parsed.modified = modified.not_after;
    let published = maker.date("published", &record.published);
    let mut withdrawn = maker.date("withdrawn", &record.withdrawn);
    let is_withdrawn = !record.withdrawn.is_empty() || from.place == Place::Withdrawn;
    if record.withdrawn.is_empty() {
        withdrawn = modified.not_after.map_or(Interval::UNKNOWN, Interval::by);
    }
    let class = classify_record(record);
    let mut accused = Vec::new();
    for affected in record.affected.iter().filter(|affected| is_ours(affected)) {
        accused.extend(maker.accused(affected));
    }
    for thing in &accused {
        maker.claim(thing, ClaimKind::AdvisoryPublished, published, class, None, &thing.scope_detail());
    }
    let (kind, date) = if is_withdrawn {
        (ClaimKind::AdvisoryWithdrawn, withdrawn)
    } else {
        (ClaimKind::AdvisoryModified, modified)
    };
    let mut detail = Some(record_detail(record));
    for thing in &accused {
        let mut said = detail.take().unwrap_or_default();
        thing.put_scope(&mut said);
        if is_withdrawn {
            said.put("withdrawn", record.id.as_str());
        }
        maker.claim(thing, kind, date, class, evidence, &said);
    }
    maker.report_origins(&accused, is_withdrawn.then_some(withdrawn));
    maker.parsed
}

/// Whether a package is one of the official index.
pub(super) fn is_ours(affected: &Affected) -> bool {
    affected.package.ecosystem.eq_ignore_ascii_case("pypi")
}

/// One thing that a record accuses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Accused {
    pub(super) subject: Subject,
    pub(super) scope: Scope,
    ranges: String,
}

/// How much of a project is accused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    File,
    Version,
    Ranges,
    Project,
}

impl Accused {
    fn put_scope(&self, detail: &mut Detail) {
        match self.scope {
            Scope::File | Scope::Version => {}
            Scope::Project => detail.put("scope", "project"),
            Scope::Ranges => {
                detail.put("scope", "ranges");
                detail.put("ranges", serde_json::from_str(&self.ranges).unwrap_or(Value::Null));
            }
        }
    }

    pub(super) fn scope_detail(&self) -> Detail {
        let mut detail = Detail::default();
        self.put_scope(&mut detail);
        detail
    }
}

pub(super) struct Maker<'a> {
    pub(super) record: &'a Record,
    pub(super) from: &'a Provenance<'a>,
    pub(super) parsed: Parsed,
}

impl Maker<'_> {
    pub(super) fn problem(&mut self, error: String) {
        let what = if self.record.id.is_empty() { "(no id)" } else { self.record.id.as_str() };
        let what = what.chars().take(80).flat_map(char::escape_debug).collect();
        self.parsed.problems.push(SourceProblem { what, error });
    }

    /// A date of the record; what is no date, or lies ahead, is a problem and unknown.
    pub(super) fn date(&mut self, field: &str, text: &str) -> Interval {
        if text.is_empty() {
            return Interval::UNKNOWN;
        }
        match Interval::parse(text) {
            Ok(date) if date.not_before.is_some_and(|start| is_ahead(start, self.from.now)) => {
                self.problem(format!("`{field}` lies in the future"));
                Interval::UNKNOWN
            }
            Ok(date) => date,
            Err(error) => {
                self.problem(format!("`{field}`: {error}"));
                Interval::UNKNOWN
            }
        }
    }

    /// The things that one affected package names, without doubles and sorted.
    fn accused(&mut self, affected: &Affected) -> BTreeSet<Accused> {
        let mut found = self.releases(&affected.package.name, &affected.versions, &affected.ranges);
        for file in affected.files().iter().take(MAX_FILES) {
            match name_file(affected, file) {
                Ok(subject) => {
                    found.insert(Accused { subject, scope: Scope::File, ranges: String::new() });
                }
                Err(error) => self.problem(error),
            }
        }
        found
    }

    pub(super) fn releases(
        &mut self,
        name: &str,
        versions: &[String],
        ranges: &[Range],
    ) -> BTreeSet<Accused> {
        let mut found = BTreeSet::new();
        let project = match Subject::project(name) {
            Ok(project) => project,
            Err(error) => {
                self.problem(error.to_string());
                return found;
            }
        };
        for version in versions.iter().take(MAX_VERSIONS) {
            match project.clone().with_version(version) {
                Ok(subject) => {
                    found.insert(Accused { subject, scope: Scope::Version, ranges: String::new() });
                }
                Err(error) => self.problem(error.to_string()),
            }
        }
        if versions.len() > MAX_VERSIONS {
            self.problem(format!("{} versions, of which {MAX_VERSIONS} are taken", versions.len()));
        }
        if versions.is_empty() {
            let scope = if is_everything(ranges) { Scope::Project } else { Scope::Ranges };
            if scope == Scope::Project || !ranges.is_empty() {
                let ranges = ranges_value(ranges).to_string();
                found.insert(Accused { subject: project, scope, ranges });
            } else {
                self.problem(format!("no version of {} is named", project.name()));
            }
        }
        found
    }

    fn claim(
        &mut self,
        thing: &Accused,
        kind: ClaimKind,
        happened: Interval,
        class: Class,
        evidence: Option<Digest>,
        detail: &Detail,
    ) {
        self.parsed.claims.push(Claim {
            subject: thing.subject.clone(),
            surface: Surface::Advisory(self.from.source.to_owned()),
            kind,
            happened,
            observed: self.from.now,
            source: self.from.source.to_owned(),
            source_ref: cut(&self.record.id),
            evidence,
            class,
            confidence: None,
            detail: detail.render(),
        });
    }
}

/// Whether a moment lies more than a day ahead.
pub(crate) fn is_ahead(moment: Moment, now: Moment) -> bool {
    moment.seconds() > now.seconds().saturating_add(86_400)
}

/// Whether the ranges are everything from the first version on.
fn is_everything(ranges: &[Range]) -> bool {
    ranges.iter().any(|range| {
        let starts = range.events.iter().any(|e| e.get("introduced").is_some_and(|v| v == "0"));
        let ends = range
            .events
            .iter()
            .any(|e| ["fixed", "last_affected", "limit"].iter().any(|k| e.get(*k).is_some()));
        range.kind != "GIT" && starts && !ends
    })
}

fn ranges_value(ranges: &[Range]) -> Value {
    let ranges = ranges.iter().take(64).map(|range| json!({"type": range.kind, "events": range.events}));
    Value::Array(ranges.collect())
}

/// The subject of a file; its version is the one of the record's that its name fits.
fn name_file(affected: &Affected, file: &NamedFile) -> Result<Subject, String> {
    let mut subject = Subject::project(&affected.package.name).map_err(|error| error.to_string())?;
    let written = parse_file_name(&file.file_name).map(|parsed| parsed.version);
    let named = match affected.versions.as_slice() {
        [only] => Some(only.clone()),
        several => {
            written.clone().and_then(|written| several.iter().find(|v| same_version(v, &written)).cloned())
        }
    };
    if let Some(version) = named.or(written) {
        subject = subject.with_version(&version).map_err(|error| error.to_string())?;
    }
    let subject = subject.with_file(&file.file_name).map_err(|error| error.to_string())?;
    let digest = file.sha256.parse::<Digest>().map_err(|error| error.to_string())?;
    Ok(subject.with_sha256(digest))
}

/// All that the record says beside versions and dates.
fn record_detail(record: &Record) -> Detail {
    let roles = |role: &str| -> Vec<Value> {
        let credits = record.credits.iter().filter(|credit| credit.role.eq_ignore_ascii_case(role));
        credits.map(|credit| Value::from(credit.name.as_str())).collect()
    };
    let others: Vec<Value> = record
        .credits
        .iter()
        .filter(|credit| !credit.role.eq_ignore_ascii_case("finder"))
        .map(|credit| json!({"name": credit.name, "role": credit.role}))
        .collect();
    let ranges: Vec<Value> = record
        .affected
        .iter()
        .filter(|affected| is_ours(affected) && !affected.ranges.is_empty())
        .map(|affected| json!({"name": affected.package.name, "ranges": ranges_value(&affected.ranges)}))
        .collect();
    let sections = source_sections(&record.details)
        .map(|section| json!({"source": section.source, "sha256": section.sha256}));
    let iocs = record.database_specific.get("iocs").cloned().unwrap_or(Value::Null);
    Detail::default()
        .with("aliases", record.aliases.clone())
        .with("cwe", record.weaknesses())
        .with("credits", others)
        .with("finders", roles("finder"))
        .with("iocs", iocs)
        .with("listed_ranges", ranges)
        .with("merged_from", sections.collect::<Vec<_>>())
        .with("references", record.references.iter().map(|r| r.url.clone()).collect::<Vec<_>>())
        .with("summary", record.summary.as_str())
}

/// An identifier, bounded.
pub(super) fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(256).collect()
}
