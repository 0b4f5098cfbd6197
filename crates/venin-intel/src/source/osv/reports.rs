//! The reports of others that were merged into a record, each in the name of its own source.

use super::claims::{Accused, MAX_CLAIMS, Maker, Scope, cut, is_ours};
use super::classify::classify_origin;
use super::record::Origin;
use crate::claim::{Claim, ClaimKind, Class, Interval, Moment, Surface};

impl Maker<'_> {
    /// The merged reports speak of the record's first package, each of its own versions.
    pub(super) fn report_origins(&mut self, accused: &[Accused], withdrawn: Option<Interval>) {
        let Some(first) = self.record.affected.iter().find(|affected| is_ours(affected)) else { return };
        let mut reports: Vec<Report> = Vec::new();
        for origin in self.record.origins() {
            match origin {
                Ok(origin) if is_source_key(&origin.source) => {
                    let dates = (
                        self.date("modified_time", &origin.modified_time).not_after,
                        self.date("import_time", &origin.import_time).not_after,
                    );
                    match reports.iter_mut().find(|report| report.is_of(&origin)) {
                        Some(report) => report.merge(origin, dates),
                        None => reports.push(Report::new(origin, dates)),
                    }
                }
                Ok(_) => self.problem("a merged report names no source".to_owned()),
                Err(at) => self.problem(format!("merged report {at} cannot be read")),
            }
        }
        for report in reports {
            if self.parsed.claims.len() > MAX_CLAIMS {
                return self.problem(format!("more than {MAX_CLAIMS} claims; the rest is left out"));
            }
            self.report(&report, &first.package.name, accused, withdrawn);
        }
    }

    fn report(&mut self, report: &Report, name: &str, accused: &[Accused], withdrawn: Option<Interval>) {
        let origin = &report.newest;
        let states_versions = !origin.versions.is_empty() || !origin.ranges.is_empty();
        let things: Vec<Accused> = if states_versions {
            self.releases(name, &origin.versions, &origin.ranges).into_iter().collect()
        } else {
            accused.iter().filter(|thing| thing.scope != Scope::File).cloned().collect()
        };
        let class = classify_origin(self.record, &origin.sha256).unwrap_or(Class::Malware);
        let evidence = origin.sha256.parse().ok();
        if evidence.is_none() {
            self.problem(format!("a report of `{}` has no SHA-256", origin.source));
        }
        let source_ref = if origin.id.is_empty() { &self.record.id } else { &origin.id };
        let reported = report.by.map_or(Interval::UNKNOWN, Interval::by);
        let kinds = withdrawn.map(|date| (ClaimKind::AdvisoryWithdrawn, date));
        for (kind, happened) in std::iter::once((ClaimKind::Reported, reported)).chain(kinds) {
            for thing in &things {
                let mut detail = thing.scope_detail().with("record", self.record.id.as_str());
                if kind == ClaimKind::Reported {
                    detail.put("import_time", origin.import_time.as_str());
                    detail.put("modified_time", origin.modified_time.as_str());
                    detail.put("versions", if states_versions { "" } else { "not stated" });
                }
                self.parsed.claims.push(Claim {
                    subject: thing.subject.clone(),
                    surface: Surface::Advisory(self.from.source.to_owned()),
                    kind,
                    happened,
                    observed: self.from.now,
                    source: origin.source.clone(),
                    source_ref: cut(source_ref),
                    evidence,
                    class,
                    confidence: None,
                    detail: detail.render(),
                });
            }
        }
    }
}

/// When a merged report was changed and merged.
type Dates = (Option<Moment>, Option<Moment>);

/// A merged report with all its imports: the newest replaces what the others said, the first dates it.
struct Report {
    newest: Origin,
    imported: Option<Moment>,
    by: Option<Moment>,
}

impl Report {
    fn new(origin: Origin, (changed, imported): Dates) -> Self {
        Self { newest: origin, imported, by: changed.into_iter().chain(imported).min() }
    }

    fn is_of(&self, origin: &Origin) -> bool {
        !origin.id.is_empty() && self.newest.id == origin.id && self.newest.source == origin.source
    }

    fn merge(&mut self, origin: Origin, (changed, imported): Dates) {
        self.by = self.by.into_iter().chain(changed).chain(imported).min();
        if imported >= self.imported {
            self.newest = origin;
            self.imported = imported;
        }
    }
}

/// The key of a source: lower-case letters, digits and dashes.
fn is_source_key(text: &str) -> bool {
    let is_key_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    !text.is_empty() && text.len() <= 64 && text.bytes().all(is_key_byte)
}
